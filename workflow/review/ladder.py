"""The ladder of reminders: which step has been reached on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a ladder.

    Attributes:
        step: working days from the day that something is due, before it negative.
        last: whether nobody is reminded any more, and the center takes over.
    """

    step: int
    last: bool


def rung_reached(due_on: date, steps: Sequence[int], *, on: date, calendar: WorkCalendar) -> Rung | None:
    """Return the highest step that is reached on a day, or None before the first.

    Steps that were missed, because the service rested, are not made up for: one reminder says enough. A day that is no
    working day reaches nothing; the next one does.

    Args:
        due_on: last day, inclusive.
        steps: working days from that day, ascending; the last one is the center's.
        on: the day.
        calendar: the working days.
    """
    if not calendar.is_working_day(on):
        return None
    reached = [step for step in steps if _reached(due_on, step, on, calendar)]
    return Rung(reached[-1], reached[-1] == steps[-1]) if reached else None


def _reached(due_on: date, step: int, on: date, calendar: WorkCalendar) -> bool:
    if step < 0:
        return on >= due_on or calendar.working_days_between(on, due_on) <= -step
    return on >= due_on and calendar.working_days_between(due_on, on) >= step
