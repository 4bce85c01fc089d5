"""The form in which experts are heard (A7p7), and the review meeting (论证会): what is asked for, and how it stands."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MEETING: Final = "meeting"
WRITTEN: Final = "written"
OTHER: Final = "other"
FORMS: Final = (MEETING, WRITTEN, "commissioned", OTHER)
"""A review meeting, written consultation, commissioned consultation, or another form that is named (A7p7)."""

FORM_CHOSEN: Final = "review-form.chosen"
MEETING_SET: Final = "meeting.set"
MEETING_MOVED: Final = "meeting.moved"
MEETING_CANCELLED: Final = "meeting.cancelled"
MEETING_HELD: Final = "meeting.held"


@dataclass(frozen=True, slots=True)
class ChooseForm:
    """Name the form of the review; another form than the three named ones is described."""

    form: str
    other_sha256: str = ""


@dataclass(frozen=True, slots=True)
class SetMeeting:
    """Set the review meeting, or move the one that is set.

    Attributes:
        starts_at, ends_at: aware instants.
        starts_on: the day it begins, China Standard Time.
        place_sha256, agenda_sha256: the texts; an empty hash means none was given.
        leader_id: who leads the panel.
        earliest_on: first day on which everybody's time for study has passed.
        reason_sha256: why it is moved; empty for the first setting.
    """

    starts_at: datetime
    ends_at: datetime
    starts_on: date
    place_sha256: str
    agenda_sha256: str
    leader_id: str
    earliest_on: date
    reason_sha256: str = ""


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """Cancel the meeting that is set."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """Enter that the meeting was held: who signed in, the minutes, and what it came to together.

    Attributes:
        present: who signed in.
        conclusion: what the panel came to together, as of an opinion.
        minutes_sha256, joint_sha256: minutes, and the joint conclusion in words.
        dissent: who of those present does not share it.
        leader_id: who led it; empty when the one named before did.
    """

    present: tuple[str, ...]
    conclusion: str
    minutes_sha256: str
    joint_sha256: str
    dissent: tuple[str, ...] = ()
    leader_id: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The review meeting as it stands.

    Attributes:
        starts_at, ends_at: aware instants.
        starts_on: the day it begins, China Standard Time.
        place_sha256, agenda_sha256: the texts.
        leader_id: who leads the panel; once held, who led it on the day.
        moves: how often it was moved.
        status: `set`, `cancelled` or `held`.
        present: who signed in, once held.
        conclusion: what it came to, once held.
        minutes_sha256, joint_sha256: the texts, once held.
        dissent: who does not share the joint conclusion.
        small: whether fewer signed in than the panel generally has (A31).
    """

    starts_at: datetime
    ends_at: datetime
    starts_on: date
    place_sha256: str
    agenda_sha256: str
    leader_id: str
    moves: int = 0
    status: str = "set"
    present: tuple[str, ...] = ()
    conclusion: str = ""
    minutes_sha256: str = ""
    joint_sha256: str = ""
    dissent: tuple[str, ...] = ()
    small: bool = False
