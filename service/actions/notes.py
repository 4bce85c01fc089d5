"""Writing and withdrawing notes. A note is read by its author and by the readers it names."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from service.access.viewer import AUDIT, CENTER, CENTER_HEAD, UNIT
from service.actions.act import Act
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound
from service.storage import notes
from service.storage.matters import load_matter

READERS: Final = (CENTER, CENTER_HEAD, UNIT, AUDIT)
TEXT_MOST: Final = 2000


async def write_note(
    act: Act, kind: str, subject_id: UUID, text: str, readers: Sequence[str], people: Sequence[str] = ()
) -> UUID:
    """Write a note on an expert, an organisation or a matter.

    Args:
        act: who, when.
        kind: `expert`, `organisation` or `matter`.
        subject_id: which.
        text: 1 to 2,000 characters.
        readers: role codes that may read it beside the author.
        people: logins or full names of colleagues who may; without readers and people it is the author's alone.

    Raises:
        Invalid: when the text or a reader cannot be.
        NotFound: when there is no such thing, or it is not for the author to know.
    """
    act.require("note:write")
    text = text.strip()
    faults = []
    if kind not in notes.SUBJECTS:
        faults.append(Fault("kind", "FIELD_NOT_A_CHOICE"))
    if not text:
        faults.append(Fault("text", "FIELD_REQUIRED"))
    if len(text) > TEXT_MOST:
        faults.append(Fault("text", "FIELD_TOO_LONG", {"most": TEXT_MOST, "length": len(text)}))
    if set(readers) - set(READERS):
        faults.append(Fault("readers", "FIELD_NOT_A_CHOICE"))
    found = await notes.called(act.session, people)
    faults += [Fault("people", "READER_UNKNOWN", {"text": word}) for word in people if word not in found]
    faults += [Fault("people", "READER_AMBIGUOUS", {"text": word}) for word, accounts in found.items() if accounts[1:]]
    if faults:
        raise Invalid(faults)
    if kind == "matter":
        await load_matter(act.session, act.viewer, subject_id)
    elif kind == "expert":
        act.require("expert:see")
    if not await notes.subject_exists(act.session, kind, subject_id):
        raise NotFound(subject=kind)
    note_id = new_id()
    accounts = sorted({f"account:{account_id}" for (account_id,) in found.values()})
    roles = sorted(set(readers))
    await notes.add_note(
        act.session,
        note_id=note_id,
        kind=kind,
        subject_id=subject_id,
        text=text,
        author_id=act.viewer.account_id,
        readers=[f"role:{role}" for role in roles] + accounts,
        at=act.at,
    )
    act.record(
        "note.written",
        stream=f"note:{note_id}",
        body={"subject_kind": kind, "subject": str(subject_id), "readers": roles + accounts},
    )
    return note_id


async def withdraw_note(act: Act, note_id: UUID) -> tuple[str, UUID]:
    """Withdraw a note of one's own; return what it was about.

    Raises:
        NotFound: when the viewer has written no such note.
    """
    act.require("note:write")
    about = await notes.withdraw(act.session, note_id, author_id=act.viewer.account_id, at=act.at)
    if about is None:
        raise NotFound(subject="note")
    act.record("note.withdrawn", stream=f"note:{note_id}", body={})
    return about
