"""Months and years on the calendar (house decision 10)."""

from calendar import monthrange
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month where it has no such day.

    Args:
        day: any day.
        months: how many; negative goes back.

    Example:
        >>> add_months(date(2024, 2, 29), 36)
        datetime.date(2027, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def within_months(event_on: date, *, months: int, as_of: date) -> bool:
    """Return whether `as_of` lies on the event's day or in the months after it, the anniversary included."""
    return event_on <= as_of <= add_months(event_on, months)


def last_day(starts_on: date, *, years: int) -> date:
    """Return the last day of a span of whole years that begins with `starts_on`, both days inclusive.

    The span ends on the day before the anniversary. A span from 29 February whose last year has no such day ends on
    28 February, the last day of that month.

    Example:
        >>> last_day(date(2022, 3, 1), years=5)
        datetime.date(2027, 2, 28)
    """
    anniversary = add_months(starts_on, 12 * years)
    if anniversary.day != starts_on.day:
        return anniversary
    return anniversary - timedelta(days=1)
