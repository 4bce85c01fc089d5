"""How long the library covers a field when nobody is renewed: how many stand on a day, and when it runs dry."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from registry.months import add_months


def standing_on(ends: Iterable[date], day: date) -> int:
    """Return how many of the terms still last on a day; the last day counts.

    Args:
        ends: last days of the terms of everybody in office today.
        day: today or later.
    """
    return sum(ends_on >= day for ends_on in ends)


def dry_on(ends: Iterable[date], *, on: date, least: int) -> date:
    """Return the first day on which fewer than `least` are left when nobody is renewed; `on` when that is so already.

    Example:
        >>> dry_on([date(2027, 2, 28), date(2028, 12, 31)], on=date(2026, 9, 14), least=2)
        datetime.date(2027, 3, 1)
    """
    latest = sorted((ends_on for ends_on in ends if ends_on >= on), reverse=True)
    if len(latest) < least:
        return on
    return latest[least - 1] + timedelta(days=1)


def half_years(on: date, count: int) -> tuple[tuple[date, date], ...]:
    """Return the half-years from today on as pairs of first and last day, the first one beginning today."""
    starts = [add_months(on, 6 * place) for place in range(count + 1)]
    return tuple((first, after - timedelta(days=1)) for first, after in pairwise(starts))
