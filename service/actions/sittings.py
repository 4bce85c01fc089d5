"""Inviting experts to sit in on meetings (A27.2), their answers, and who came."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import State, one_line, why_not_attended
from service.actions.act import Act, same_version
from service.actions.candidates import refusals_of
from service.jobs import notify
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.expert_writing import hold_expert
from service.storage.sittings import (
    NewSitting,
    experts_by_number,
    hold_sitting,
    load_sitting,
    put_answer,
    put_attendance,
    put_guests,
    put_sitting,
)

ANSWERS: Final = ("accepted", "declined")
_TITLE_MOST: Final = 120
_GUESTS_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class SittingEntry:
    """A meeting, as typed.

    Attributes:
        title, held_on, place: of the meeting; the place may be empty.
        numbers: whom to invite, by the number in the library.
    """

    title: str
    held_on: date
    place: str
    numbers: Sequence[str]


async def call_sitting(act: Act, entry: SittingEntry) -> UUID:
    """Enter a meeting and invite experts to sit in; each gets a notice.

    Raises:
        Invalid: with every fault: nobody named, a number that nobody has.
        Refused: EXPERT_LEFT, EXPERT_SUSPENDED, NOT_APPOINTED for who cannot be invited.

    Source: A27.2.
    """
    act.require("sitting:call")
    faults = []
    for at, text in (("title", one_line(entry.title)), ("place", one_line(entry.place))):
        if not text and at == "title":
            faults.append(Fault(at, "FIELD_REQUIRED"))
        if len(text) > _TITLE_MOST:
            faults.append(Fault(at, "FIELD_TOO_LONG", {"most": _TITLE_MOST, "length": len(text)}))
    if entry.held_on < act.on:
        faults.append(Fault("held_on", "DAY_IN_PAST"))
    experts, unknown = await _experts(act, entry.numbers)
    if faults or unknown:
        raise Invalid(faults + unknown)
    new = NewSitting(one_line(entry.title), entry.held_on, one_line(entry.place))
    sitting_id = await put_sitting(act.session, new, by=act.viewer.person_id, at=act.at)
    act.record(
        "sitting.called",
        stream=f"sitting:{sitting_id}",
        body={"held_on": entry.held_on.isoformat()},
        cites=("A27.2",),
        edition=act.edition.id,
    )
    await _invite(act, sitting_id, new, experts)
    return sitting_id


async def invite_further(act: Act, sitting_id: UUID, numbers: Sequence[str], *, seen: int) -> None:
    """Invite further experts; who is invited already stays so.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid, Refused: as `call_sitting`.

    Source: A27.2.
    """
    act.require("sitting:call")
    held = await hold_sitting(act.session, act.viewer, sitting_id)
    same_version(seen, held.version, subject=f"sitting:{sitting_id}")
    experts, unknown = await _experts(act, numbers)
    if unknown:
        raise Invalid(unknown)
    known = {one.expert_id for one in held.guests}
    new = NewSitting(held.title, held.held_on, held.place)
    await _invite(act, sitting_id, new, [one for one in experts if one not in known])


async def answer_sitting(act: Act, sitting_id: UUID, *, answer: str, seen: int) -> None:
    """Say whether one comes; sitting in is a right, so that neither answer counts for or against anybody.

    Raises:
        NotFound: when the viewer is not invited.
        Stale: as everywhere.
        Invalid: when the answer is none of the two.

    Source: A27.2.
    """
    held = await load_sitting(act.session, act.viewer, sitting_id)
    if held.own is None:
        raise NotFound(subject="sitting")
    act.require("sitting:answer", ("own",))
    same_version(seen, held.version, subject=f"sitting:{sitting_id}")
    if answer not in ANSWERS:
        raise Invalid([Fault("answer", "FIELD_NOT_A_CHOICE")])
    await put_answer(act.session, sitting_id, held.own.expert_id, answer=answer, on=act.on)
    act.record(
        f"sitting.{answer}",
        stream=f"sitting:{sitting_id}",
        body={"expert": str(held.own.expert_id)},
        cites=("A27.2",),
        edition=act.edition.id,
    )


async def enter_attendance(act: Act, sitting_id: UUID, came: Collection[UUID], *, seen: int) -> None:
    """Enter who sat in, from the day of the meeting on; there is no vote to enter.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: before the day of the meeting.
        Refused: SITTING_NOT_INVITED.

    Source: A27.2.
    """
    act.require("sitting:call")
    held = await hold_sitting(act.session, act.viewer, sitting_id)
    same_version(seen, held.version, subject=f"sitting:{sitting_id}")
    if act.on < held.held_on:
        raise Invalid([Fault("came", "MEETING_NOT_HELD")])
    broken = why_not_attended([str(one) for one in came], {str(one.expert_id) for one in held.guests})
    if broken:
        raise Refused(refusals_of(act, broken))
    await put_attendance(act.session, sitting_id, came)
    act.record(
        "sitting.attended",
        stream=f"sitting:{sitting_id}",
        body={"experts": sorted(str(one) for one in came)},
        cites=("A27.2",),
        edition=act.edition.id,
    )


async def _experts(act: Act, numbers: Sequence[str]) -> tuple[list[UUID], list[Fault]]:
    wanted = list(dict.fromkeys(number.strip().upper() for number in numbers if number.strip()))
    if not wanted:
        return [], [Fault("numbers", "FIELD_REQUIRED")]
    if len(wanted) > _GUESTS_MOST:
        return [], [Fault("numbers", "CHOICES_OVER_LIMIT", {"most": _GUESTS_MOST, "count": len(wanted)})]
    known = await experts_by_number(act.session, wanted)
    faults = [Fault("numbers", "EXPERT_NUMBER_UNKNOWN", {"number": one[:20]}) for one in wanted if one not in known]
    return [known[one] for one in wanted if one in known], faults


async def _invite(act: Act, sitting_id: UUID, new: NewSitting, experts: Sequence[UUID]) -> None:
    refusals: list[Refusal] = []
    people = []
    for expert_id in experts:
        held = await hold_expert(act.session, expert_id)
        if held.state is State.SUSPENDED:
            refusals.append(act.edition.refusal("EXPERT_SUSPENDED"))
        elif held.state is not State.ACTIVE:
            refusals.append(Refusal("EXPERT_LEFT", facts={"state": held.state.value}))
        elif not any(term.covers(new.held_on) for term in held.terms):
            refusals.append(act.edition.refusal("NOT_APPOINTED"))
        people.append(held.person_id)
    if refusals:
        raise Refused(refusals)
    await put_guests(act.session, sitting_id, experts, on=act.on)
    for expert_id, person_id in zip(experts, people, strict=True):
        await notify(
            act.session,
            "SITTING",
            key=f"sitting:{sitting_id}:{expert_id}",
            at=act.at,
            person_id=person_id,
            params={"day": new.held_on.isoformat(), "path": "/my"},
        )
        act.record(
            "sitting.invited",
            stream=f"sitting:{sitting_id}",
            body={"expert": str(expert_id)},
            cites=("A27.2",),
            edition=act.edition.id,
        )
