"""The form of a review, and the review meeting: set, moved with a word to everybody, cancelled, held (A7p7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.actions.act import Act
from service.actions.invitations import note_account
from service.actions.links import write_link
from service.actions.material import study_days_until
from service.actions.matter_stream import Texts, carry_out, stamped_edition
from service.actions.reason import reason_faults
from service.actions.reviewing import as_staff
from service.clock import CHINA, day_of
from service.problems import Invalid
from service.storage.review import person_of_expert
from service.work_days import work_calendar
from workflow import CancelMeeting, ChooseForm, HoldMeeting, MatterState, Meeting, SetMeeting


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """When and where the panel meets.

    Attributes:
        starts_at, ends_at: aware instants.
        place, agenda: as typed.
        leader: the expert who leads the panel.
        reason: why it is moved; empty for the first setting.
    """

    starts_at: datetime
    ends_at: datetime
    place: str
    agenda: str
    leader: UUID
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """What came of a meeting: who signed in, minutes, the joint conclusion and who does not share it, who led it.

    No leader means that the one named before led it.
    """

    present: Sequence[UUID]
    conclusion: str
    minutes: str
    joint: str
    dissent: Sequence[UUID] = ()
    leader: UUID | None = None


async def choose_form(act: Act, matter_id: UUID, form: str, *, other: str = "", seen: int) -> MatterState:
    """Name the form of the review.

    Raises:
        Refused: MODE_REQUIRED, when it is none of the three and no other is described.

    Source: A7p7.
    """
    await as_staff(act, matter_id, "review:choose-form", seen=seen)
    texts = Texts()
    return await carry_out(act, matter_id, ChooseForm(form, texts.commit(other.strip())), seen=seen, texts=texts)


async def set_meeting(act: Act, matter_id: UUID, plan: MeetingPlan, *, seen: int) -> MatterState:
    """Set the meeting, or move the one that is set; everybody who takes part or was asked is told.

    Raises:
        Invalid: when a reason is too short.
        Refused: with every rule that stands against it, the time for study (A32.2) among them.
    """
    state = await as_staff(act, matter_id, "review:set-meeting", seen=seen)
    moved = state.review.meeting is not None and state.review.meeting.status == "set"
    if moved and (faults := reason_faults(act.policy, "reason", plan.reason)):
        raise Invalid(faults)
    texts = Texts()
    command = SetMeeting(
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        starts_on=day_of(plan.starts_at),
        place_sha256=texts.commit(plan.place.strip()),
        agenda_sha256=texts.commit(plan.agenda.strip()),
        leader_id=str(await person_of_expert(act.session, plan.leader)),
        earliest_on=study_over_on(act, state),
        reason_sha256=texts.commit(plan.reason.strip()) if moved else "",
    )
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts)
    await _tell(act, matter_id, after, "MEETING_MOVED" if moved else "MEETING_SET")
    return after


async def cancel_meeting(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Cancel the meeting that is set; everybody is told."""
    await as_staff(act, matter_id, "review:set-meeting", seen=seen)
    if faults := reason_faults(act.policy, "cancel_reason", reason):
        raise Invalid(faults)
    texts = Texts()
    after = await carry_out(act, matter_id, CancelMeeting(texts.commit(reason.strip())), seen=seen, texts=texts)
    await _tell(act, matter_id, after, "MEETING_CANCELLED")
    return after


async def hold_meeting(act: Act, matter_id: UUID, record: MeetingRecord, *, seen: int) -> MatterState:
    """Enter what came of the meeting. It takes no signed opinion's place (A32.3)."""
    await as_staff(act, matter_id, "review:set-meeting", seen=seen)
    texts = Texts()
    leader = [] if record.leader is None else [record.leader]
    named = {*record.present, *record.dissent, *leader}
    people = {expert: str(await person_of_expert(act.session, expert)) for expert in named}
    command = HoldMeeting(
        present=tuple(sorted(people[expert] for expert in set(record.present))),
        conclusion=record.conclusion,
        minutes_sha256=texts.commit(record.minutes.strip()),
        joint_sha256=texts.commit(record.joint.strip()),
        dissent=tuple(sorted(people[expert] for expert in set(record.dissent))),
        leader_id="" if record.leader is None else people[record.leader],
    )
    return await carry_out(act, matter_id, command, seen=seen, texts=texts)


def study_over_on(act: Act, state: MatterState) -> date:
    """Return the first day on which the time for study of everybody who takes part has passed (A32.2)."""
    edition = stamped_edition(state, act.edition, act.settings)
    days = state.review.study_days or edition.number("STUDY_TIME_TOO_SHORT", "working_days")
    calendar = work_calendar()
    delivered = [part.delivered_on for part in state.review.active]
    known = [calendar.earliest(day, days).on for day in delivered if day is not None]
    if None in delivered or not known:
        known.append(study_days_until(edition, state, act.on).on)
    return max(known)


def say_time(meeting: Meeting) -> str:
    """Return from when to when a meeting lasts, in China Standard Time: "09:00-11:30"."""
    return f"{meeting.starts_at.astimezone(CHINA):%H:%M}-{meeting.ends_at.astimezone(CHINA):%H:%M}"


def meeting_params(meeting: Meeting) -> dict[str, str]:
    """Return what a notice of a meeting says of it besides the day."""
    return {"time": say_time(meeting), "place_sha256": meeting.place_sha256}


async def _tell(act: Act, matter_id: UUID, state: MatterState, template: str) -> None:
    meeting = state.review.meeting
    if meeting is None:
        return
    for part in state.review.parts:
        if part.open or part.active:
            sent = await write_link(
                act.session,
                act.keys,
                matter_id,
                UUID(part.person_id),
                template=template,
                at=act.at,
                day=meeting.starts_on,
                params=meeting_params(meeting),
            )
            note_account(act, sent)
