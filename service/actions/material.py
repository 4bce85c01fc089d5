"""Putting the material together, delivering it, and the time that each expert has for study (A27.1, A32.2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.actions.act import Act, same_version
from service.actions.conflict_checks import MATERIAL, note_check
from service.actions.invitations import send_link
from service.actions.matter_stream import Texts, carry_out, stamped_edition
from service.actions.reason import reason_faults
from service.actions.reviewing import as_expert, as_staff
from service.problems import Fault, Invalid, Refusal, Refused
from service.regulation import Edition
from service.storage.material import MaterialFile, add_file, content_of, files_of, note_read, take_out
from service.storage.residents import Residents
from service.work_days import work_calendar
from workflow import (
    ITEMS,
    Command,
    DeliverMaterial,
    Due,
    MatterState,
    Part,
    SendMaterial,
    ShortenStudy,
)

FILE_MOST: Final = 30 * 1024 * 1024
NAME_MOST: Final = 200
FILES_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that was examined and is to be added.

    Attributes:
        item: which of the four things of A32.2.
        name: as it is called.
        content: a PDF that `service.documents.material.examine` took.
    """

    item: str
    name: str
    content: bytes


async def put_file(act: Act, matter_id: UUID, new: NewFile) -> UUID:
    """Add a file to the version of the material that is being put together.

    Raises:
        Invalid: when the item is unknown, or there are too many files.
        Refused: when the panel is not determined, or the matter rests or has ended.
    """
    state = await as_staff(act, matter_id, "review:put-material")
    _open(state)
    held = await files_of(act.session, matter_id, version=state.review.material + 1)
    faults = [] if new.item in ITEMS else [Fault("item", "FIELD_NOT_A_CHOICE")]
    if len(held) >= FILES_MOST:
        faults.append(Fault("file", "FILES_TOO_MANY", {"most": FILES_MOST}))
    if faults:
        raise Invalid(faults)
    digest = hashlib.sha256(new.content).hexdigest()
    file_id = await add_file(
        act.session,
        matter_id,
        item=new.item,
        name=new.name[-NAME_MOST:],
        content=new.content,
        sha256=digest,
        version=state.review.material + 1,
        by_account_id=act.viewer.account_id,
        at=act.at,
    )
    act.record(
        "material-file.added",
        stream=f"material:{matter_id}",
        body={"file": str(file_id), "item": new.item, "sha256": digest, "size": len(new.content)},
        cites=("A32.2",),
        edition=state.edition,
    )
    return file_id


async def leave_out_file(act: Act, matter_id: UUID, file_id: UUID) -> None:
    """Leave a file out of the version that is being put together; versions that were sent keep it."""
    state = await as_staff(act, matter_id, "review:put-material")
    _open(state)
    await take_out(act.session, matter_id, file_id, version=state.review.material + 1)
    act.record(
        "material-file.left-out",
        stream=f"material:{matter_id}",
        body={"file": str(file_id)},
        edition=state.edition,
    )


async def send_material(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    *,
    due_on: date | None,
    change: str = "",
    restart: bool = True,
    seen: int,
) -> MatterState:
    """Send the material as a new version to everyone who has undertaken; who undertakes later gets it then.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        due_on: last day for the opinions; None for the first day that is long enough.
        change: what changed since the version before; empty for the first.
        restart: whether a further version gives the time for study anew.
        seen: version of the material that was sent before, 0 for none.

    Raises:
        Invalid: when the change is said too shortly.
        Refused: when one of the four items is missing, or the time is too short without the center's reason.

    Source: A27.1, A32.2.
    """
    state = await as_staff(act, matter_id, "review:put-material")
    same_version(seen, state.review.material, subject=f"material:{matter_id}")
    if change.strip() and (faults := reason_faults(act.policy, "change", change)):
        raise Invalid(faults)
    files = await files_of(act.session, matter_id, version=state.review.material + 1)
    texts = Texts()
    command = SendMaterial(_by_item(files), texts.commit(change.strip()))
    earliest = study_until(act, state, act.on)
    ready = [part for part in state.review.active if part.undertaking_sha256]
    then: list[Command] = [
        DeliverMaterial(part.person_id, due_on or earliest.on, earliest.on, earliest.provisional, restart)
        for part in ready
    ]
    after = await carry_out(act, matter_id, command, seen=None, texts=texts, then=then)
    # What is found now waits in the center's inbox; the material is not held back from the others by it.
    await note_check(act, residents, matter_id, MATERIAL, [part.person_id for part in state.review.active])
    for part in ready:
        now = after.review.part(part.person_id)
        await send_link(
            act,
            matter_id,
            UUID(part.person_id),
            template="MATERIAL_SENT",
            respond_by=earliest.on if now is None or now.due_on is None else now.due_on,
        )
    return after


async def shorten_study(act: Act, matter_id: UUID, *, working_days: int, reason: str) -> MatterState:
    """Accept fewer working days for study than generally, for this panel, with the center's reason (A32.2)."""
    await as_staff(act, matter_id, "review:shorten-study")
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = ShortenStudy(working_days, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=None, texts=texts)


async def open_file(act: Act, matter_id: UUID, file_id: UUID) -> tuple[MaterialFile, bytes, Part]:
    """Return a file for the expert, and keep the receipt; only who takes part and has undertaken may open it (A28.2).

    Raises:
        Refused: NO_UNDERTAKING, PART_ENDED.
        NotFound: when the material delivered to the expert has no such file.
    """
    state, part = await as_expert(act, matter_id, "review:work")
    refusals = []
    edition = stamped_edition(state, act.edition, act.settings)
    if not part.active or state.cancelled:
        refusals.append(Refusal("PART_ENDED", edition=edition.id, facts={"standing": part.standing(act.on)}))
    elif not part.undertaking_sha256:
        refusals.append(edition.refusal("NO_UNDERTAKING"))
    if refusals:
        raise Refused(refusals)
    held, content = await content_of(act.session, matter_id, file_id, version=part.material)
    if await note_read(act.session, file_id, act.viewer.person_id, at=act.at):
        act.record(
            "material-file.read",
            stream=f"material:{matter_id}",
            body={"file": str(file_id), "person": part.person_id, "version": part.material},
            cites=("A27.1",),
            edition=state.edition,
        )
    return held, content, part


def without_receipt() -> Refusal:
    """Return what refuses a copy of a file that was not opened by an act: looking alone leaves no receipt."""
    return Refusal("RECEIPT_MISSING")


def study_until(act: Act, state: MatterState, delivered_on: date) -> Due:
    """Return the first day on which the time for study has passed, by the working days as published today."""
    return study_days_until(stamped_edition(state, act.edition, act.settings), state, delivered_on)


def study_days_until(edition: Edition, state: MatterState, delivered_on: date) -> Due:
    """Return the same for a page, which has no act."""
    days = state.review.study_days
    if days is None:
        days = edition.number("STUDY_TIME_TOO_SHORT", "working_days") if edition.has("STUDY_TIME_TOO_SHORT") else 1
    return work_calendar().earliest(delivered_on, days)


def _by_item(files: Sequence[MaterialFile]) -> dict[str, tuple[str, ...]]:
    return {item: tuple(file.sha256 for file in files if file.item == item) for item in ITEMS}


def _open(state: MatterState) -> None:
    if state.status != "determined":
        raise Refused([Refusal("PANEL_NOT_DETERMINED", cite="A32.1", edition=state.edition)])
