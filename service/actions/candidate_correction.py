"""Correcting what an application says, before it stands on a list, with a reason (A24)."""

from typing import Any, Final
from uuid import UUID

from registry import Stage, one_line, why_not_received
from service.actions.act import Act, commit_to
from service.actions.candidates import (
    NOTE_MOST,
    CandidateEntry,
    held_candidate,
    refusals_of,
    still_at,
    unit_of,
)
from service.actions.experts import CheckedAbout, already_there, check_about, person_changes, said_columns, work_faults
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.candidate_writing import (
    HeldCandidate,
    HeldPerson,
    change_candidates,
    change_person,
    hold_person,
)
from service.storage.expert_writing import expert_with_identity, keep_text

# What the first check rests on: when it changes, the check is to be made again.
_CHECKED: Final = frozenset({"identity", "title_level", "fields", "source"})


async def correct_candidate(
    act: Act, candidate_id: UUID, entry: CandidateEntry, *, reason: str, seen: int
) -> frozenset[str]:
    """Correct what an application says; an empty identity or telephone number leaves what is kept.

    A candidate who passed the first check goes back to it when what it rests on is corrected; what was found about
    each condition stays on the card.

    Returns:
        Names of what changed; empty when nothing did, and then nothing is written.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input, the reason among them.
        Refused: CHECK_CLOSED, ON_A_LIST once the candidate is past the first check; SOURCE_REQUIRED; where the
            number is somebody else's EXPERT_ALREADY_THERE, STRUCK_OFF or PERSON_ALREADY_KNOWN; IDENTITY_DIFFERS and
            CORRECT_ON_EXPERT for a person whom the library knows already.

    Source: A24, A25.
    """
    held = await held_candidate(act, "candidate:check", candidate_id, seen)
    checked, faults = check_about(act.keys, entry.about)
    note = one_line(entry.source_note)
    if len(note) > NOTE_MOST:
        faults.append(Fault("source_note", "FIELD_TOO_LONG", {"most": NOTE_MOST, "length": len(note)}))
    faults += await work_faults(act, entry.work) + reason_faults(act.policy, "reason", reason)
    if faults:
        raise Invalid(faults)
    still_at(held, Stage.RECEIVED, Stage.CHECKED)
    if refusals := refusals_of(act, why_not_received(checked.source, note)):
        raise Refused(refusals)
    person = await hold_person(act.session, held.person_id, candidate_id=candidate_id)
    new_values = person_changes(act, person, checked)
    await _may_change_person(act, held, person, checked, new_values)
    columns = {
        "title": checked.title,
        "title_level": checked.title_level,
        "fields": checked.fields,
        "organisation_id": await unit_of(act, entry.work),
        "post": one_line(entry.work.post) if entry.work else "",
        "source": checked.source,
        "source_note": note,
    }
    changes = {name: value for name, value in columns.items() if value != getattr(held, name)}
    changed = frozenset({"unit" if name == "organisation_id" else name for name in changes} | said_columns(new_values))
    if not changed:
        return changed
    unchecked = held.stage is Stage.CHECKED and bool(changed & _CHECKED)
    if new_values:
        await change_person(act.session, held.person_id, new_values)
    await change_candidates(act.session, [candidate_id], **_stored(changes), **(_UNCHECKED if unchecked else {}))
    stream = f"candidate:{candidate_id}"
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, stream, sha256=digest, salt=salt, text=reason.strip())
    act.record(
        "candidate.corrected",
        stream=stream,
        body={"columns": sorted(changed), "correction_sha256": digest, "unchecked": unchecked},
        cites=("A24",),
        edition=act.edition.id,
    )
    return changed


_UNCHECKED: Final = {"stage": Stage.RECEIVED.value, "checked_on": None, "checked_by": None}


async def _may_change_person(
    act: Act, held: HeldCandidate, person: HeldPerson, checked: CheckedAbout, values: dict[str, Any]
) -> None:
    if "identity_hash" in values:
        known = await expert_with_identity(act.session, checked.digest)
        if known is not None:
            raise await already_there(act, known[0]) if known[0] else Refused([Refusal("PERSON_ALREADY_KNOWN")])
        if person.known:
            # Another number is another person: who is known by the one does not become the other by typing.
            raise Refused([Refusal("IDENTITY_DIFFERS", remedies=(Remedy("ADD_AS_NEW_EXPERT", "/candidates/new"),))])
    if values and held.expert_id is not None:
        raise Refused([Refusal("CORRECT_ON_EXPERT", remedies=(Remedy("SEE_EXPERT", f"/experts/{held.expert_id}"),))])


def _stored(changes: dict[str, Any]) -> dict[str, Any]:
    stored = dict(changes)
    if "fields" in stored:
        stored["fields"] = [{"code": one.code, "main": one.main} for one in stored["fields"]]
    if "title_level" in stored:
        stored["title_level"] = stored["title_level"].value
    return stored
