"""What happened in a matter, and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, for whom, and in which role.

    Attributes:
        person_id: two-person rules compare persons, not accounts.
        role: role code, such as `center` or `unit`.
        unit_id: the unit the person works for, if any.
    """

    person_id: str
    role: str
    unit_id: str | None = None

    @property
    def center(self) -> bool:
        """Whether the person acts for the consulting center."""
        return self.role in {"center", "center-head"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a matter's stream. Its body holds ids, codes, counts and hashes: no names, no free text.

    Attributes:
        type: `subject.past_participle`.
        step: id of the step it belongs to.
        cites: the articles of that step.
        body: see `workflow.fold` for the keys of each type.
        by: who did it.
        at: the instant, aware, in UTC.
        on: the day in China Standard Time.
    """

    type: str
    step: str
    cites: tuple[str, ...]
    body: Mapping[str, Any]
    by: Actor
    at: datetime
    on: date


MATTER_OPENED: Final = "matter.opened"
MATTER_RECORDED: Final = "matter.recorded"
MATTER_CANCELLED: Final = "matter.cancelled"
MATTER_SUSPENDED: Final = "matter.suspended"
MATTER_RESUMED: Final = "matter.resumed"
MATTER_PASSED_ON: Final = "matter.passed-on"
MATTER_PASSED_BACK: Final = "matter.passed-back"
PARTIES_CHANGED: Final = "parties.changed"
NEED_SET: Final = "need.set"
FLAGS_CONFIRMED: Final = "flags.confirmed"
FLOOR_WAIVED: Final = "floor.waived"
MODE_CHOSEN: Final = "panel-mode.chosen"
PANEL_PROPOSED: Final = "panel.proposed"
PANEL_CHANGED: Final = "panel.changed"
PANEL_WITHDRAWN: Final = "panel.withdrawn"
DESIGNATION_APPROVED: Final = "designation.approved"
PANEL_DETERMINED: Final = "panel.determined"
PANEL_REOPENED: Final = "panel.reopened"
MEMBER_REPLACED: Final = "member.replaced"
DRAW_COMMITTED: Final = "draw.committed"
DRAW_MADE: Final = "draw.made"
DRAW_CONTINUED: Final = "draw.continued"
DRAW_CHALLENGED: Final = "draw.challenged"
DRAW_UPHELD: Final = "draw.upheld"
DRAW_VOIDED: Final = "draw.voided"
