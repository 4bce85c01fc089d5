"""Working days of the People's Republic, as a table, and what can be said where the table ends.

The State Council fixes holidays and make-up working days year by year, usually in November. The table holds what has
been published; beyond it nothing is certain, and whatever is computed says so.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)
# Holidays by law on fixed dates (month, day); the others follow the moon.
_FIXED: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
# Where a holiday with its bridging days can fall, both ends inclusive: New Year, Spring Festival (its first day lies
# between 21 January and 20 February), Qingming, Labour Day, Dragon Boat, Mid-Autumn with National Day.
_POSSIBLE: Final = (
    ((12, 29), (12, 31)),
    ((1, 1), (1, 4)),
    ((1, 18), (3, 1)),
    ((4, 2), (4, 8)),
    ((4, 28), (5, 6)),
    ((5, 26), (6, 28)),
    ((9, 5), (10, 10)),
)


@dataclass(frozen=True, slots=True)
class Due:
    """A day that was counted to.

    Attributes:
        on: the day.
        provisional: whether the count ran past the published table.
    """

    on: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The published working days.

    Attributes:
        changed: days that are not what their weekday says: a holiday from Monday to Friday, a make-up working day at
            the weekend; True is a working day.
        first_year: first year of the table.
        last_year: last year of the table, inclusive.
    """

    changed: Mapping[date, bool]
    first_year: int
    last_year: int

    def published(self, day: date) -> bool:
        """Return whether the table covers a day."""
        return self.first_year <= day.year <= self.last_year

    def is_working_day(self, day: date) -> bool:
        """Return whether a day is a working day: by the table, past it by the weekday and the fixed holidays."""
        if self.published(day):
            return self.changed.get(day, day.weekday() < 5)
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED

    def is_safe_working_day(self, day: date) -> bool:
        """Return whether a day is a working day for certain: published, or one that cannot become a holiday.

        Holidays that the State Council may yet set once, for an occasion, are not foreseen.
        """
        if self.published(day):
            return self.is_working_day(day)
        spot = (day.month, day.day)
        return day.weekday() < 5 and not any(first <= spot <= last for first, last in _POSSIBLE)

    def deadline(self, start: date, working_days: int) -> Due:
        """Return the last day for doing something within `working_days` after the day of the event.

        The day of the event is not counted. Past the table the day is provisional.
        """
        return self._count(start, working_days, safe=False)

    def earliest(self, start: date, working_days: int) -> Due:
        """Return the first day on which a minimum of `working_days` since the day of the event has passed.

        The day of the event is not counted: with five working days, delivery on a Monday allows the next Monday.
        Past the table only days that cannot become holidays count, so the minimum is never cut short.
        """
        return self._count(start, working_days, safe=True)

    def roll_forward(self, day: date) -> Due:
        """Return the day itself, or the next working day when it is none: for what must be done by a day (U2)."""
        provisional = not self.published(day)
        while not self.is_working_day(day):
            day += _DAY
            provisional = provisional or not self.published(day)
        return Due(day, provisional)

    def working_days_between(self, after: date, until: date) -> int:
        """Return how many working days follow `after`, up to and including `until`; 0 when there is none."""
        days = (until - after).days
        return sum(self.is_working_day(after + timedelta(days=step)) for step in range(1, days + 1))

    def _count(self, start: date, working_days: int, *, safe: bool) -> Due:
        if working_days < 0:
            raise ValueError("working days are counted forward")
        counts = self.is_safe_working_day if safe else self.is_working_day
        day, left, provisional = start, working_days, False
        while left:
            day += _DAY
            provisional = provisional or not self.published(day)
            left -= counts(day)
        return Due(day, provisional)


def add_months(day: date, months: int) -> date:
    """Return the day of the same number `months` later, or the last day of that month when it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def last_day_of_months(starts_on: date, months: int) -> date:
    """Return the last day, inclusive, of a span of whole months that begins on `starts_on`.

    Two years from 2025-01-01 end on 2026-12-31. From 29 February a year ends on the next 28 February.
    """
    anniversary = add_months(starts_on, months)
    return anniversary if anniversary.day < starts_on.day else anniversary - _DAY
