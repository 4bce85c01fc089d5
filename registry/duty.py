"""Past service: what an expert was asked to do, what of it counts, and the strip of counts by month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from registry.months import add_months, within_months

SERVICE_MONTHS = 24


class DutyOutcome(StrEnum):
    """What became of a place on a panel."""

    DETERMINED = "determined"
    PENDING = "pending"
    DECLINED = "declined"
    DECLINED_OBJECTIVELY = "declined-objectively"
    RECUSED = "recused"
    RELEASED = "released"


# A refusal without an objective reason counts as the service it avoided; illness, recusal and release cost nothing.
_COUNTING = frozenset({DutyOutcome.DETERMINED, DutyOutcome.DECLINED})


@dataclass(frozen=True, slots=True)
class Duty:
    """One place on one panel.

    Attributes:
        on: the day the panel was determined, or the invitation was sent while pending.
        outcome: what became of it.
    """

    on: date
    outcome: DutyOutcome = DutyOutcome.DETERMINED


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Counting duties of one calendar month."""

    year: int
    month: int
    count: int


def service_of(duties: Iterable[Duty], *, as_of: date, months: int = SERVICE_MONTHS) -> int:
    """Return the service of an expert: counting panels of the last months plus pending invitations.

    A panel determined on D counts from D up to and including the anniversary after `months`; pending invitations
    count whenever they were sent, up to `as_of`.

    Source: house decision 9.
    """
    return sum(
        duty.on <= as_of
        if duty.outcome is DutyOutcome.PENDING
        else duty.outcome in _COUNTING and within_months(duty.on, months=months, as_of=as_of)
        for duty in duties
    )


def reached_cap(duties: Iterable[Duty], cap: int | None, *, as_of: date) -> bool:
    """Return whether an expert sits on as many panels of the calendar year as the own yearly cap allows.

    Panels determined and pending ones count; what was declined or released does not, so a cap never punishes a no.

    Args:
        duties: places on other panels than the one in question.
        cap: at most so many a year, None without a cap.
        as_of: a day of the year.
    """
    if cap is None:
        return False
    taken = (DutyOutcome.DETERMINED, DutyOutcome.PENDING)
    return sum(duty.outcome in taken and duty.on.year == as_of.year for duty in duties) >= cap


def monthly_strip(duties: Iterable[Duty], *, as_of: date, months: int = SERVICE_MONTHS) -> tuple[MonthCount, ...]:
    """Return the counts of the last calendar months, oldest first, the month of `as_of` last.

    Counts duties up to `as_of` that count as service; days later in its month are left out.
    """
    counts = Counter(
        (duty.on.year, duty.on.month)
        for duty in duties
        if duty.on <= as_of and (duty.outcome in _COUNTING or duty.outcome is DutyOutcome.PENDING)
    )
    empty = _empty_strip(as_of.replace(day=1), months)
    if not counts:
        return empty
    return tuple(MonthCount(month.year, month.month, counts[month.year, month.month]) for month in empty)


@lru_cache(maxsize=64)
def _empty_strip(first: date, months: int) -> tuple[MonthCount, ...]:
    """Return the months up to the one that begins on `first`; a whole library is drawn for the same day."""
    starts = [add_months(first, -back) for back in range(months - 1, -1, -1)]
    return tuple(MonthCount(start.year, start.month, 0) for start in starts)
