"""Inviting experts to sit in on meetings (A27.2), their answers, and who came."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import one_line, why_not_attended, why_not_invited
from service.actions.act import Act, same_version
from service.actions.candidates import refusals_of
from service.jobs import notify
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.sittings import (
    Invitee,
    NewSitting,
    hold_sitting,
    invitees_by_number,
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
        Refused: GUEST_NOT_IN_OFFICE with the numbers of all who do not stand in the library on that day.

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
    experts, unknown = await _invitees(act, entry.numbers, on=entry.held_on)
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
    experts, unknown = await _invitees(act, numbers, on=held.held_on)
    if unknown:
        raise Invalid(unknown)
    known = {one.expert_id for one in held.guests}
    new = NewSitting(held.title, held.held_on, held.place)
    further = {number: one for number, one in experts.items() if one.expert_id not in known}
    await _invite(act, sitting_id, new, further)


async def answer_sitting(act: Act, sitting_id: UUID, *, answer: str, seen: int) -> None:
    """Say whether one comes; sitting in is a right, so that neither answer counts for or against anybody.

    Args:
        act: who, when.
        sitting_id: the meeting.
        answer: one of `ANSWERS`.
        seen: version of the own line that was seen; other guests answer theirs.

    Raises:
        NotFound: when the viewer is not invited.
        Stale: as everywhere.
        Invalid: when the answer is none of the two.
        Refused: SITTING_ATTENDED once attendance was entered.

    Source: A27.2.
    """
    held = await hold_sitting(act.session, act.viewer, sitting_id)
    if held.own is None:
        raise NotFound(subject="sitting")
    act.require("sitting:answer", ("own",))
    if held.own.came is not None:
        raise Refused([Refusal("SITTING_ATTENDED")])
    same_version(seen, held.own.version, subject=f"sitting:{sitting_id}")
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


async def _invitees(act: Act, numbers: Sequence[str], *, on: date) -> tuple[dict[str, Invitee], list[Fault]]:
    """Return number -> who is to be invited, in the order typed, and every fault of the list."""
    wanted = list(dict.fromkeys(number.strip().upper() for number in numbers if number.strip()))
    if not wanted:
        return {}, [Fault("numbers", "FIELD_REQUIRED")]
    if len(wanted) > _GUESTS_MOST:
        return {}, [Fault("numbers", "CHOICES_OVER_LIMIT", {"most": _GUESTS_MOST, "count": len(wanted)})]
    known = await invitees_by_number(act.session, wanted, on=on)
    faults = [Fault("numbers", "EXPERT_NUMBER_UNKNOWN", {"number": one[:20]}) for one in wanted if one not in known]
    return {one: known[one] for one in wanted if one in known}, faults


async def _invite(act: Act, sitting_id: UUID, new: NewSitting, experts: Mapping[str, Invitee]) -> None:
    if broken := why_not_invited({number: one.in_office for number, one in experts.items()}, on=new.held_on):
        raise Refused(refusals_of(act, broken))
    await put_guests(act.session, sitting_id, [one.expert_id for one in experts.values()], on=act.on)
    for one in experts.values():
        await notify(
            act.session,
            "SITTING",
            key=f"sitting:{sitting_id}:{one.expert_id}",
            at=act.at,
            person_id=one.person_id,
            params={"day": new.held_on.isoformat(), "path": "/my"},
        )
        act.record(
            "sitting.invited",
            stream=f"sitting:{sitting_id}",
            body={"expert": str(one.expert_id)},
            cites=("A27.2",),
            edition=act.edition.id,
        )
