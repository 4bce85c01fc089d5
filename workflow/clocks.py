"""Clocks of the regulation: computed when asked, never stored as timers. Reading: U1, U2, U15, U16, U21, U37."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from workflow.calendar import Due, WorkCalendar

ClockStatus = Literal["running", "paused", "met", "late"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock rests: it stops after the day of the request and goes on after the day of resumption.

    Attributes:
        requested_on: the last day that still counts.
        resumed_on: the first day that is known again and does not count itself; None while the clock rests.
    """

    requested_on: date
    resumed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ClockState:
    """How a clock of working days stands on a day.

    Attributes:
        due_on: last day for doing it; None while the clock rests.
        raw_due_on: the same without pauses.
        counted: working days used up.
        limit: working days allowed.
        paused_since: day of the open pause's request.
        provisional: whether a day past the published calendar was counted.
        status: running, paused, met or late. Late is a flag: the late step can still be done.
    """

    due_on: date | None
    raw_due_on: date
    counted: int
    limit: int
    paused_since: date | None
    provisional: bool
    status: ClockStatus


def working_day_clock(
    started_on: date,
    limit: int,
    *,
    on: date,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    stopped_on: date | None = None,
) -> ClockState:
    """Return how a deadline of `limit` working days stands.

    The day of the start and the day of a resumption are not counted, the day of a pause's request is.

    Args:
        started_on: day of the event.
        limit: working days, 1 or more.
        on: the day of the question.
        calendar: the published working days.
        pauses: in order, not overlapping; only the last may be open.
        stopped_on: the day on which the thing was done, if it was.

    Source: A41, A42. Reading: U16.
    """
    raw = calendar.deadline(started_on, limit)
    spans, open_pause = _counting_spans(started_on, pauses)
    until = on if stopped_on is None else min(on, stopped_on)
    counted = sum(
        calendar.working_days_between(after, until if last is None else min(last, until)) for after, last in spans
    )
    due = None if open_pause is not None else _due(spans, limit, calendar)
    status: ClockStatus
    if stopped_on is not None and stopped_on <= on:
        status = "met" if due is None or stopped_on <= due.on else "late"
    elif open_pause is not None:
        status = "paused" if counted <= limit else "late"
    else:
        status = "running" if due is not None and on <= due.on else "late"
    return ClockState(
        due_on=None if due is None else due.on,
        raw_due_on=raw.on,
        counted=counted,
        limit=limit,
        paused_since=open_pause,
        provisional=raw.provisional if due is None else due.provisional,
        status=status,
    )


def calendar_day_deadline(started_on: date, days: int, *, calendar: WorkCalendar) -> tuple[Due, date]:
    """Return the last day for doing something within calendar days, rolled to a working day, and the raw day.

    Source: A43p2. Reading: U1, U2.
    """
    raw = started_on + timedelta(days=days)
    return calendar.roll_forward(raw), raw


def calendar_day_minimum(started_on: date, days: int) -> date:
    """Return the first day on which a minimum of calendar days has passed; it never shrinks nor rolls (A15p3)."""
    return started_on + timedelta(days=days)


def latest_delivery(event_on: date, days: int) -> date:
    """Return the last day of delivery for something needed `days` calendar days before an event (A16p5, A46p1; U21)."""
    return event_on - timedelta(days=days)


def hours_deadline(started_at: datetime, hours: int) -> datetime:
    """Return the instant `hours` later; hours run through nights and holidays (A32.3).

    Raises:
        ValueError: when the instant is naive.
    """
    if started_at.tzinfo is None:
        raise ValueError("an instant must be aware")
    return started_at + timedelta(hours=hours)


_Span = tuple[date, date | None]


def _counting_spans(started_on: date, pauses: Sequence[Pause]) -> tuple[list[_Span], date | None]:
    """Return the spans that count, each from the day after its first to its last inclusive, and an open pause."""
    spans: list[_Span] = []
    after = started_on
    for place, pause in enumerate(pauses):
        if pause.requested_on < after or (pause.resumed_on is None and place + 1 < len(pauses)):
            raise ValueError("pauses stand in order, do not overlap, and only the last may be open")
        if pause.resumed_on is not None and pause.resumed_on < pause.requested_on:
            raise ValueError("a pause ends after it began")
        spans.append((after, pause.requested_on))
        if pause.resumed_on is None:
            return spans, pause.requested_on
        after = pause.resumed_on
    spans.append((after, None))
    return spans, None


def _due(spans: Sequence[_Span], limit: int, calendar: WorkCalendar) -> Due:
    left, provisional = limit, False
    for after, last in spans:
        due = calendar.deadline(after, left)
        provisional = provisional or due.provisional
        if last is None or due.on <= last:
            return Due(due.on, provisional)
        left -= calendar.working_days_between(after, last)
    raise RuntimeError("the last span is open at its end")
