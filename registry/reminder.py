"""Reminders that a term ends: a ladder of days before its last one, each step taken once."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta


def steps_due(ends_on: date, taken: Collection[int], *, ladder: Sequence[int], on: date) -> tuple[int, ...]:
    """Return the steps whose day has come and that were not taken, most days first; none once the term is over.

    Who was reminded late, after a standstill of the service say, is reminded once: the last of the steps is the one
    that is said, the others are passed over.

    Args:
        ends_on: last day of the term, inclusive.
        taken: steps taken before, as days before the end.
        ladder: days before the end.
        on: today.

    Example:
        >>> steps_due(date(2027, 2, 28), {180}, ladder=(180, 90, 30), on=date(2026, 11, 30))
        (90,)

    Source: A24. That experts are reminded is our choice.
    """
    if on > ends_on:
        return ()
    return tuple(
        days for days in sorted(set(ladder), reverse=True) if days not in taken and on >= ends_on - timedelta(days=days)
    )
