"""Declarations of interest: how long a yearly one is valid, and what changed since the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from conflicts.fact import Fact
from conflicts.window import Window


@dataclass(frozen=True, slots=True)
class Difference:
    """What a declaration says otherwise than the one before; ids of facts, sorted.

    Attributes:
        added: declared now and not before.
        changed: declared before with other days, share or relation.
        gone: declared before and no longer held: withdrawn as wrong.
        same: unchanged.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it says what the one before said."""
        return not (self.added or self.changed or self.gone)


def valid_through(made_on: date, months: int) -> date:
    """Return the last day, inclusive, on which a declaration of a day is valid.

    Twelve months from 2026-03-01 end on 2027-02-28, as terms do (house convention for time).
    """
    anniversary = Window(months).last_day(made_on)
    return date.max if anniversary is None else anniversary - timedelta(days=1)


def difference(before: Iterable[Fact], now: Iterable[Fact]) -> Difference:
    """Return what changed between two declarations, fact by fact.

    Args:
        before: the facts as the earlier declaration had them.
        now: the facts as they stand.
    """
    earlier = {fact.id: _said(fact) for fact in before}
    later = {fact.id: _said(fact) for fact in now}
    both = earlier.keys() & later.keys()
    return Difference(
        added=tuple(sorted(later.keys() - earlier.keys())),
        changed=tuple(sorted(id_ for id_ in both if earlier[id_] != later[id_])),
        gone=tuple(sorted(earlier.keys() - later.keys())),
        same=tuple(sorted(id_ for id_ in both if earlier[id_] == later[id_])),
    )


def _said(fact: Fact) -> tuple[object, ...]:
    return fact.subject, fact.kind, fact.object, fact.from_on, fact.to_on, fact.share, fact.relation
