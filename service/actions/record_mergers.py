"""Merging two records that are one person, and taking that back.

A person is known by the identity number (house rule on identity); a name never decides. Two records of one person
come from a wrong number, or from one that was entered without. The record that goes stays readable, is no candidate
any more, and whoever comes with its number is led to the one that stays.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from registry import State
from service.actions.act import Act, commit_to, same_version
from service.actions.reason import reason_faults
from service.actions.since_merger import SinceMerger, since_merger
from service.ids import new_id
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.expert_writing import HeldExpert, hold_experts, keep_text
from service.storage.merged_sittings import move_invitations, move_invitations_back
from service.storage.record_mergers import (
    IDENTITY,
    Ends,
    HeldMerger,
    Hindrance,
    Moved,
    add_fields,
    add_merger,
    drop_fields,
    hindrance_of,
    hold_merger,
    later_merger,
    move_rows,
    move_rows_back,
    person_columns,
    restate_facts,
    restate_facts_back,
    set_columns,
    set_merger_undone,
)

# Of two records the sterner standing holds: who was struck off under one number does not come back under another.
_STERNER: Final = (State.ACTIVE, State.SUSPENDED, State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF)
_TITLE: Final = ("title", "title_level")
# What the ledger calls what was entered -> the columns that stand with it; a title and its level are one.
_ENTERED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": _TITLE,
    "title_level": _TITLE,
    "source": ("source",),
    "email": ("email",),
    "phone": ("phone_sealed", "phone_masked"),
}
_EMPTY: Final = {"identity_hash": None, "identity_sealed": None, "phone_sealed": None, "born_on": None}


@dataclass(frozen=True, slots=True)
class Merging:
    """Which record goes into which.

    Attributes:
        gone_id: the record that goes.
        gone_seen: its version that was seen.
        number_of: whose identity number is right, `kept` or `gone`, where both have one.
        reason: how one knows that they are one person.
    """

    gone_id: UUID
    gone_seen: int
    number_of: str = "kept"
    reason: str = ""


async def merge_records(act: Act, expert_id: UUID, entry: Merging, *, seen: int) -> UUID:
    """Merge a record into another one that is the same person.

    Terms, work, absences, cases, declarations, applications, notes, ties, the account and open invitations to sit in
    go to the record that stays;
    what was done on matters stays under the id that the ledger names and is read for both. A term that shares a day
    with one of the other record stays with the record that goes.

    Returns:
        The id of the merger, by which it can be taken back.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the two are one record, or the reason is missing or too short.
        Refused: ALREADY_MERGED; OWN_RECORD; MERGE_WHILE_SERVING; MERGE_BOTH_RUNNING.

    Source: A24 (one person, one place in the library), A70.
    """
    act.require("expert:merge")
    if entry.gone_id == expert_id:
        raise Invalid([Fault("other", "SAME_RECORD")])
    kept, gone = (await hold_experts(act.session, (expert_id, entry.gone_id))).values()
    same_version(seen, kept.version, subject=f"expert:{expert_id}")
    same_version(entry.gone_seen, gone.version, subject=f"expert:{entry.gone_id}")
    faults = reason_faults(act.policy, "reason", entry.reason)
    if entry.number_of not in ("kept", "gone"):
        faults.append(Fault("number_of", "FIELD_NOT_A_CHOICE"))
    if faults:
        raise Invalid(faults)
    ends = Ends(kept.id, kept.person_id, gone.id, gone.person_id)
    hindrance = await hindrance_of(act.session, ends)
    if refusals := _refusals(act, kept, gone, hindrance):
        raise Refused(refusals)
    rows = await move_rows(act.session, ends, at=act.at, without=hindrance.overlapping)
    invitations = await move_invitations(act.session, gone.id, kept.id)
    facts = await restate_facts(act.session, ends, at=act.at)
    fields = await add_fields(act.session, ends)
    swapped = bool(gone.identity_hash) and (entry.number_of == "gone" or not kept.identity_hash)
    if swapped:
        await _swap_numbers(act, ends)
    filled = await _fill(act, kept, gone)
    sterner = _STERNER.index(gone.state) > _STERNER.index(kept.state)
    moved = Moved(
        rows=rows,
        facts=facts,
        fields=fields,
        filled=filled,
        numbers_swapped=swapped,
        state=gone.state.value,
        since_on=_day(gone.state_since_on),
        kept_state=kept.state.value,
        kept_since_on=_day(kept.state_since_on),
        invitations=invitations,
    )
    standing = {"state": gone.state.value, "state_since_on": gone.state_since_on} if sterner else {}
    await set_columns(act.session, kept.id, expert=standing, person={})
    gone_columns = {"state": State.MERGED.value, "state_since_on": None, "merged_into": kept.id}
    await set_columns(act.session, gone.id, expert=gone_columns, person={})
    merger = HeldMerger(new_id(), ends, moved, act.at, None)
    await add_merger(act.session, merger, changes=asdict(moved), by=act.viewer.account_id)
    _record(act, merger, "record.merged", "record.merged-away", entry.reason)
    _record_invitations(act, merger, [UUID(one.sitting_id) for one in invitations], gone.id, kept.id)
    return merger.id


async def take_merger_back(act: Act, merger_id: UUID, *, reason: str, seen: int) -> None:
    """Take a merger of two records back: what had moved goes back, both stand as they stood.

    What came to the record since then stays with it: nobody can say any more whose it would have been. What was
    corrected since stands, and a case that came with the other record takes what was decided in it back there.

    Args:
        act: who, when.
        merger_id: which.
        reason: how one knows that they are two persons.
        seen: version of the record that stayed.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: OWN_RECORD; MERGER_UNDONE; MERGER_BUILT_UPON when one of the two was merged again;
            MERGER_NUMBER_CORRECTED when the number that came from the other record was corrected since;
            MERGER_LETTER_ISSUED when a candidate that came from it got a letter since.
    """
    act.require("expert:merge")
    held = await hold_merger(act.session, merger_id)
    kept, gone = (await hold_experts(act.session, (held.ends.kept_id, held.ends.gone_id))).values()
    same_version(seen, kept.version, subject=f"expert:{kept.id}")
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    if _own(act, kept, gone):
        raise Refused([Refusal("OWN_RECORD")])
    if held.undone_at is not None:
        raise Refused([Refusal("MERGER_UNDONE")])
    if await later_merger(act.session, held) is not None:
        raise Refused([Refusal("MERGER_BUILT_UPON")])
    moved, since = held.moved, await since_merger(act.session, held)
    if refusals := _later(held, since):
        raise Refused(refusals)
    await _clear(act, kept, gone, moved.filled, since.corrected)
    if moved.numbers_swapped:
        await _swap_numbers(act, held.ends)
    if "fields" not in since.corrected:
        await drop_fields(act.session, kept.id, moved.fields)
    await restate_facts_back(act.session, held.ends, moved.facts, at=act.at)
    await move_rows_back(act.session, held.ends, moved, at=act.at)
    sittings = await move_invitations_back(act.session, gone.id, kept.id, moved.invitations)
    cases = moved.rows.get("case", ())
    mine = since.standing((State(moved.kept_state), _as_day(moved.kept_since_on)), but=cases)
    theirs = since.standing((State(moved.state), _as_day(moved.since_on)), by=cases)
    await set_columns(act.session, kept.id, expert=_standing(mine), person={})
    await set_columns(act.session, gone.id, expert=_standing(theirs) | {"merged_into": None}, person={})
    await set_merger_undone(act.session, merger_id, at=act.at)
    _record(act, held, "record.parted", "record.restored", reason)
    _record_invitations(act, held, sittings, kept.id, gone.id)


def _refusals(act: Act, kept: HeldExpert, gone: HeldExpert, hindrance: Hindrance) -> list[Refusal]:
    refusals = []
    if State.MERGED in (kept.state, gone.state):
        refusals.append(Refusal("ALREADY_MERGED"))
    if _own(act, kept, gone):
        refusals.append(Refusal("OWN_RECORD"))
    if hindrance.serving:
        remedies = tuple(Remedy("SEE_MATTER", f"/matters/{matter}") for matter in hindrance.serving[:3])
        refusals.append(Refusal("MERGE_WHILE_SERVING", facts={"count": len(hindrance.serving)}, remedies=remedies))
    if hindrance.both_in:
        refusals.append(Refusal("MERGE_BOTH_RUNNING", facts={"what": ", ".join(hindrance.both_in)}))
    return refusals


def _own(act: Act, kept: HeldExpert, gone: HeldExpert) -> bool:
    return act.viewer.person_id in (kept.person_id, gone.person_id)


async def _swap_numbers(act: Act, ends: Ends) -> None:
    """Exchange the identity numbers of two persons, each sealed anew for whom it is now."""
    kept = await person_columns(act.session, ends.kept_person)
    gone = await person_columns(act.session, ends.gone_person)
    # Both are unique: one must let go first.
    await set_columns(act.session, ends.gone_id, expert={}, person={"identity_hash": None})
    for id_, person, former, values in (
        (ends.kept_id, ends.kept_person, ends.gone_person, gone),
        (ends.gone_id, ends.gone_person, ends.kept_person, kept),
    ):
        columns = {name: values[name] for name in IDENTITY}
        columns["identity_sealed"] = _resealed(act, values["identity_sealed"], "identity", former, person)
        await set_columns(act.session, id_, expert={}, person=columns)


async def _fill(act: Act, kept: HeldExpert, gone: HeldExpert) -> list[str]:
    """Give the kept record what it lacks and the other one has; return the columns."""
    mine = await person_columns(act.session, kept.person_id)
    other = await person_columns(act.session, gone.person_id)
    person: dict[str, Any] = {}
    if not mine["email"] and other["email"]:
        person["email"] = other["email"]
    if mine["phone_sealed"] is None and other["phone_sealed"] is not None:
        sealed = _resealed(act, other["phone_sealed"], "phone", gone.person_id, kept.person_id)
        person |= {"phone_sealed": sealed, "phone_masked": other["phone_masked"]}
    expert: dict[str, Any] = {}
    if not kept.title and gone.title:
        expert |= {"title": gone.title, "title_level": gone.title_level}
    if not kept.source and gone.source:
        expert["source"] = gone.source
    await set_columns(act.session, kept.id, expert=expert, person=person)
    return sorted((*person, *expert))


async def _clear(
    act: Act, kept: HeldExpert, gone: HeldExpert, filled: Collection[str], corrected: Collection[str]
) -> None:
    """Empty again what came from the other record, but nothing that was corrected since."""
    stands = {name for called in corrected for name in _ENTERED_AS.get(called, ())}
    if kept.email != gone.email:
        # The address is changed with an account too, which is no correction of the record.
        stands.add("email")
    emptied = [name for name in filled if name not in stands]
    of_expert = ("title", "title_level", "source")
    expert = {name: "none" if name == "title_level" else "" for name in emptied if name in of_expert}
    person = {name: _EMPTY.get(name, "") for name in emptied if name not in of_expert}
    await set_columns(act.session, kept.id, expert=expert, person=person)


def _later(held: HeldMerger, since: SinceMerger) -> list[Refusal]:
    """Return what was done since that nobody could part again."""
    refusals = []
    if held.moved.numbers_swapped and "identity" in since.corrected:
        refusals.append(Refusal("MERGER_NUMBER_CORRECTED"))
    if since.appointed.intersection(held.moved.rows.get("candidate", ())):
        refusals.append(Refusal("MERGER_LETTER_ISSUED"))
    return refusals


def _standing(held: tuple[State, date | None]) -> dict[str, Any]:
    state, since_on = held
    return {"state": state.value, "state_since_on": since_on}


def _resealed(act: Act, sealed: bytes | None, what: str, former: UUID, person: UUID) -> bytes | None:
    if sealed is None:
        return None
    return act.keys.encrypt(act.keys.decrypt(sealed, about=f"person:{former}:{what}"), about=f"person:{person}:{what}")


def _record(act: Act, held: HeldMerger, kept_type: str, gone_type: str, reason: str) -> None:
    """Note a merger on both records, and on both persons, whose ties changed with it."""
    ends = held.ends
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, f"expert:{ends.kept_id}", sha256=digest, salt=salt, text=reason.strip())
    body: Mapping[str, Any] = {
        "merger": str(held.id),
        "kept": str(ends.kept_id),
        "gone": str(ends.gone_id),
        "moved": sum(len(ids) for ids in held.moved.rows.values()) + len(held.moved.invitations),
        "facts": len(held.moved.facts),
    }
    act.record(kept_type, stream=f"expert:{ends.kept_id}", body={**body, "reason_sha256": digest}, cites=("A24",))
    act.record(gone_type, stream=f"expert:{ends.gone_id}", body=body, cites=("A24",))
    for person in (ends.kept_person, ends.gone_person):
        act.record("person.merger-noted", stream=f"person:{person}", body={"merger": str(held.id)})
    for fact_id, _ in held.moved.facts:
        act.record("fact.restated", stream=f"fact:{fact_id}", body={"merger": str(held.id)})


def _record_invitations(act: Act, held: HeldMerger, sittings: Collection[UUID], before: UUID, now: UUID) -> None:
    """Note on meetings under which record of the person the invitation stands now."""
    for sitting_id in sittings:
        body = {"expert": str(now), "before": str(before), "merger": str(held.id)}
        act.record("sitting.passed-on", stream=f"sitting:{sitting_id}", body=body)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _as_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
