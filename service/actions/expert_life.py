"""What happens to an expert over time: further terms, changes of work, absences."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry import State, one_line
from service.access import may
from service.actions.act import Act, same_version
from service.actions.experts import TermEntry, WorkEntry, checked_term, new_term, work_faults
from service.actions.occurrences import note_post_change
from service.actions.organisations import add_organisation
from service.actions.own_affair import not_own_work
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.expert_writing import (
    HeldExpert,
    drop_away,
    end_employments,
    hold_expert,
    put_away,
    put_cap,
    put_employment,
    put_term,
)

CAP_MOST: Final = 50
_LONGEST_AWAY = timedelta(days=730)
_LEFT = frozenset({State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF, State.MERGED})


@dataclass(frozen=True, slots=True)
class AwayEntry:
    """Days on which an expert cannot serve, both inclusive."""

    from_on: date
    to_on: date


async def add_term(act: Act, expert_id: UUID, entry: TermEntry, *, seen: int) -> None:
    """Enter a further term of an expert from paper, with the approval that it rests on.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: TERM_ENDS_BEFORE_START, FIELD_TOO_LONG.
        Refused: LETTER_BEFORE_APPROVAL; TERMS_OVERLAP; EXPERT_LEFT for who withdrew, was dismissed or struck off.

    Source: A24.
    """
    held = await _held(act, "expert:change", expert_id, seen)
    term = checked_term(act, entry)
    refusals = _left(held)
    other = next((one for one in held.terms if one.overlaps(term)), None)
    if other is not None:
        facts = {"starts_on": other.starts_on.isoformat(), "ends_on": other.ends_on.isoformat()}
        refusals.append(act.edition.refusal("TERMS_OVERLAP", facts))
    if refusals:
        raise Refused(refusals)
    await put_term(act.session, expert_id, new_term(entry, term))
    act.record(
        "term.added",
        stream=f"expert:{expert_id}",
        body={"starts_on": term.starts_on.isoformat(), "ends_on": term.ends_on.isoformat()},
        cites=("A24",),
        edition=act.edition.id,
    )


async def add_employment(act: Act, expert_id: UUID, work: WorkEntry, *, seen: int) -> None:
    """Enter further work. A new main employer ends the former one on the day before.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault; a change of the main employer needs its first day.
        Refused: when the expert works there already, or the former employer began later; OWN_AFFAIR as for
            `end_employment`.
    """
    held = await _held(act, "expert:change", expert_id, seen)
    faults = await work_faults(act, work)
    now = [job for job in held.employments if job.to_on is None or job.to_on >= act.on]
    former = [job for job in now if job.main] if work.main else []
    if former and work.from_on is None:
        faults.append(Fault("from_on", "FIELD_REQUIRED"))
    if faults:
        raise Invalid(faults)
    if any(job.organisation_id == work.organisation_id and job.main == work.main for job in now):
        raise Refused([Refusal("WORKS_THERE_ALREADY")])
    if former and work.from_on is not None:
        last = work.from_on - timedelta(days=1)
        for job in former:
            not_own_work(act, held.person_id, job.id)
        if any(job.from_on is not None and job.from_on > last for job in former):
            raise Refused([Refusal("FORMER_EMPLOYER_BEGAN_LATER")])
        await end_employments(act.session, expert_id, [job.id for job in former], to_on=last, at=act.at)
    organisation_id = work.organisation_id
    if organisation_id is None and work.new is not None:
        organisation_id = await add_organisation(act, work.new, at="new_unit_")
    if organisation_id is None:
        raise Invalid([Fault("unit", "FIELD_REQUIRED")])
    await put_employment(
        act.session,
        held,
        organisation_id=organisation_id,
        main=work.main,
        post=one_line(work.post),
        from_on=work.from_on,
        at=act.at,
    )
    act.record(
        "employment.added",
        stream=f"expert:{expert_id}",
        body={
            "organisation": str(organisation_id),
            "main": work.main,
            "from_on": work.from_on.isoformat() if work.from_on else None,
        },
    )
    if former and work.from_on is not None:
        await note_post_change(act, expert_id, organisation_id, on=work.from_on, began=True)


async def end_employment(act: Act, expert_id: UUID, employment_id: UUID, *, to_on: date, seen: int) -> None:
    """Enter the last day of work at an organisation, inclusive.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the day is in the future or before the first, or there is no such work.
        Refused: OWN_AFFAIR when it keeps whoever acts out of a matter, or is their own.
    """
    held = await _held(act, "expert:change", expert_id, seen)
    not_own_work(act, held.person_id, employment_id)
    job = next((one for one in held.employments if one.id == employment_id), None)
    if job is None:
        raise Invalid([Fault("employment", "FIELD_NOT_A_CHOICE")])
    if to_on > act.on:
        raise Invalid([Fault("to_on", "DAY_IN_FUTURE")])
    if job.from_on is not None and to_on < job.from_on:
        raise Invalid([Fault("to_on", "END_BEFORE_START")])
    await end_employments(act.session, expert_id, [employment_id], to_on=to_on, at=act.at)
    act.record(
        "employment.ended",
        stream=f"expert:{expert_id}",
        body={"organisation": str(job.organisation_id), "main": job.main, "to_on": to_on.isoformat()},
    )
    if job.main:
        await note_post_change(act, expert_id, job.organisation_id, on=to_on, began=False)


async def add_away(act: Act, expert_id: UUID, entry: AwayEntry, *, seen: int) -> None:
    """Enter days on which an expert cannot serve, both inclusive.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: END_BEFORE_START, AWAY_TOO_LONG (more than two years).
    """
    await _held_for_away(act, expert_id, seen)
    if entry.to_on < entry.from_on:
        raise Invalid([Fault("to_on", "END_BEFORE_START")])
    if entry.to_on - entry.from_on > _LONGEST_AWAY:
        raise Invalid([Fault("to_on", "AWAY_TOO_LONG", {"days": _LONGEST_AWAY.days})])
    await put_away(act.session, expert_id, from_on=entry.from_on, to_on=entry.to_on)
    act.record(
        "absence.added",
        stream=f"expert:{expert_id}",
        body={"from_on": entry.from_on.isoformat(), "to_on": entry.to_on.isoformat()},
    )


async def set_cap(act: Act, expert_id: UUID, cap: int | None, *, seen: int) -> None:
    """Say on how many panels of a calendar year an expert sits at most; from then on nobody composes beyond it.

    Panels that are determined or proposed already stand, even above a new cap.

    Args:
        act: who, when.
        expert_id: the expert, or the center's entry of what an expert said.
        cap: from 1 to 50, None for no cap; who takes part in none at all stays away or resigns.
        seen: the version that was seen.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: FIELD_NOT_A_NUMBER.

    Source: A27.3 (reasonable time for the work).
    """
    await _held_for_away(act, expert_id, seen)
    if cap is not None and not 1 <= cap <= CAP_MOST:
        raise Invalid([Fault("cap", "FIELD_NOT_A_NUMBER", {"least": 1, "most": CAP_MOST})])
    await put_cap(act.session, expert_id, cap)
    act.record("cap.set", stream=f"expert:{expert_id}", body={"cap": cap}, cites=("A27.3",), edition=act.edition.id)


async def remove_away(act: Act, expert_id: UUID, away_id: UUID, *, seen: int) -> None:
    """Remove an absence.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when there is no such absence.
    """
    await _held_for_away(act, expert_id, seen)
    if not await drop_away(act.session, expert_id, away_id):
        raise Invalid([Fault("away", "FIELD_NOT_A_CHOICE")])
    act.record("absence.removed", stream=f"expert:{expert_id}", body={"absence": str(away_id)})


async def _held(act: Act, operation: str, expert_id: UUID, seen: int) -> HeldExpert:
    act.require(operation)
    held = await hold_expert(act.session, expert_id)
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    return held


async def _held_for_away(act: Act, expert_id: UUID, seen: int) -> HeldExpert:
    """Hold an expert whose days away are the center's or the expert's own to say."""
    held = await hold_expert(act.session, expert_id)
    own = held.person_id == act.viewer.person_id
    if not own and not may(act.viewer, "expert:set-away"):
        raise NotFound(subject="expert")
    act.require("expert:set-away", ("own",) if own else ())
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    return held


def _left(held: HeldExpert) -> list[Refusal]:
    return [Refusal("EXPERT_LEFT", facts={"state": held.state.value})] if held.state in _LEFT else []
