"""Rules of the form of a review and of the review meeting. Source: A7p7, A31, A32.2."""

from typing import Any, ClassVar

from workflow.review.command import CONCLUSIONS
from workflow.review.meeting import FORMS, MEETING, OTHER, ChooseForm, HoldMeeting, SetMeeting
from workflow.rules.rule import Attempt, Facts


class FormIsNamed:
    """The unit names the form of the review: one of the three, or another that it describes (A7p7)."""

    code: ClassVar[str] = "MODE_REQUIRED"
    remedies: ClassVar[tuple[str, ...]] = ("NAME_FORM",)

    def broken_by(self, attempt: Attempt[ChooseForm]) -> Facts | None:
        """Return the form."""
        command = attempt.command
        described = command.form != OTHER or bool(command.other_sha256)
        return None if command.form in FORMS and described else {"form": command.form or "-"}


class NoMeetingIsSet:
    """Where a meeting is set, another form is named after it was cancelled: everybody was told to come."""

    code: ClassVar[str] = "MEETING_IS_SET"
    remedies: ClassVar[tuple[str, ...]] = ("CANCEL_MEETING",)

    def broken_by(self, attempt: Attempt[ChooseForm]) -> Facts | None:
        """Return its day."""
        meeting = attempt.state.review.meeting
        if meeting is None or meeting.status != "set" or attempt.command.form == MEETING:
            return None
        return {"starts_on": str(meeting.starts_on)}


class FormIsMeeting:
    """A meeting is set where the form of the review is one."""

    code: ClassVar[str] = "FORM_IS_NO_MEETING"
    remedies: ClassVar[tuple[str, ...]] = ("NAME_FORM",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the form."""
        form = attempt.state.review.form
        return None if form == MEETING else {"form": form}


class MeetingIsNotHeld:
    """What was held is neither moved, nor cancelled, nor held again."""

    code: ClassVar[str] = "MEETING_IS_HELD"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when it was held."""
        meeting = attempt.state.review.meeting
        return {} if meeting is not None and meeting.status == "held" else None


class MeetingIsSet:
    """Only a meeting that is set is cancelled or held."""

    code: ClassVar[str] = "MEETING_NOT_SET"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when none is set."""
        meeting = attempt.state.review.meeting
        return None if meeting is not None and meeting.status == "set" else {}


class MeetingIsWhole:
    """A meeting lies ahead, ends after it begins, and has a place and an agenda."""

    code: ClassVar[str] = "MEETING_INCOMPLETE"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[SetMeeting]) -> Facts | None:
        """Return what is wrong."""
        command = attempt.command
        wrong = [
            what
            for what, broken in (
                ("day", command.starts_on < attempt.on),
                ("end", command.ends_at <= command.starts_at),
                ("place", not command.place_sha256),
                ("agenda", not command.agenda_sha256),
            )
            if broken
        ]
        return {"wrong": wrong} if wrong else None


class LeaderTakesPart:
    """Somebody who takes part leads the panel; whoever led the meeting signed in."""

    code: ClassVar[str] = "LEADER_UNFIT"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_LEADER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the leader does not."""
        review, command = attempt.state.review, attempt.command
        if isinstance(command, HoldMeeting):
            led = command.leader_id or (review.meeting.leader_id if review.meeting is not None else "")
            return None if led in command.present else {}
        part = review.part(command.leader_id)
        return None if part is not None and part.active else {}


class MoveIsReasoned:
    """Who moves a meeting says why: everybody is told."""

    code: ClassVar[str] = "MOVE_UNREASONED"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[SetMeeting]) -> Facts | None:
        """Return the breach when there is no reason."""
        meeting = attempt.state.review.meeting
        moved = meeting is not None and meeting.status == "set"
        return {} if moved and not attempt.command.reason_sha256 else None


class StudyIsOverByMeeting:
    """The meeting does not cut the time for study short (A32.2); fewer days only as the center accepted before."""

    code: ClassVar[str] = "STUDY_TIME_TOO_SHORT"
    remedies: ClassVar[tuple[str, ...]] = ("CHANGE_DAY", "ACCEPT_SHORTER_STUDY")

    def broken_by(self, attempt: Attempt[SetMeeting]) -> Facts | None:
        """Return the day asked for, and the first that is long enough."""
        command = attempt.command
        if command.starts_on >= command.earliest_on:
            return None
        return {"due_on": str(command.starts_on), "earliest_on": str(command.earliest_on)}


class MeetingWasHeld:
    """What is entered about a meeting happened: on its day or later, by people who took part then, with minutes.

    Who left the panel on the day of the meeting or since may have been there: the minutes say who was, and mark it.
    """

    code: ClassVar[str] = "MEETING_RECORD_UNFIT"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[HoldMeeting]) -> Facts | None:
        """Return what is wrong."""
        command, review = attempt.command, attempt.state.review
        meeting = review.meeting
        there = {part.person_id for part in review.parts if meeting and part.took_part_on(meeting.starts_on)}
        wrong = [
            what
            for what, broken in (
                ("day", meeting is not None and attempt.on < meeting.starts_on),
                ("present", not command.present or not set(command.present) <= there),
                ("dissent", not set(command.dissent) <= set(command.present)),
                ("conclusion", command.conclusion not in CONCLUSIONS),
                ("minutes", not command.minutes_sha256),
                ("joint", not command.joint_sha256),
            )
            if broken
        ]
        return {"wrong": wrong} if wrong else None
