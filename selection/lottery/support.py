"""The support of a lottery: compositions with weights, made from the exact expected members alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from selection.lottery.flow import flow_support
from selection.lottery.hull import Columns, reaches
from selection.lottery.oracle import Oracle
from selection.lottery.peel import peeled
from selection.lottery.simplex import simplex_weights
from selection.lottery.space import Space
from selection.lottery.value import Composition, Part
from selection.solving import Budget

Exceeding = Callable[[Sequence[Mapping[int, int]]], frozenset[int]]


def support_of(
    space: Space,
    oracle: Oracle,
    expected: Sequence[Fraction],
    columns: Columns,
    exceeding: Exceeding,
    budget: Budget,
) -> tuple[Composition, ...] | frozenset[int] | None:
    """Return compositions with weights whose average is the expected members, verified by exact arithmetic.

    Args:
        space: the compositions.
        oracle: of the space.
        expected: members by type.
        columns: compositions met on the way are added, to be used if there is no such average.
        exceeding: tells which values of a cap must become explicit because of some compositions, type -> members.
        budget: what may be spent.

    Returns:
        values that must become explicit, where there are any: the support is of no use then; None where the expected
        members are no average of compositions.

    Raises:
        LotteryStopped: when the budget is spent.
    """
    if space.is_laminar():
        found = flow_support(space, expected)
    else:
        weights, is_whole = peeled(space, expected, budget)
        peels = [counts for _, counts in weights]
        if more := exceeding([_members(counts) for counts in peels]):
            return more
        if not is_whole:
            columns += (counts for counts in peels if counts not in columns)
            if not reaches(space, oracle, expected, columns, budget):
                return None
            weights = simplex_weights(space, expected, peels, budget)
        found = tuple(replace(seated(space, counts), weight=weight) for weight, counts in weights)
    _verify(space, expected, found)
    return exceeding([composition.counts() for composition in found]) or found


def _members(counts: Sequence[int]) -> dict[int, int]:
    return {kind: count for kind, count in enumerate(counts) if count}


def seated(space: Space, counts: Sequence[int]) -> Composition:
    """Return a composition, members by type, with seats: those of the shortest augmenting paths, type by type."""
    if not space.seats:
        return Composition(Fraction(1), tuple(Part(kind, None, count) for kind, count in enumerate(counts) if count))
    (found,) = flow_support(replace(space, rows=()), [Fraction(count) for count in counts])
    return found


def keeps(space: Space, composition: Composition) -> bool:
    """Return whether a composition with its seats is possible: every bound held against it by counting."""
    counts = composition.counts()
    filled: dict[str | None, int] = {}
    for part in composition.parts:
        filled[part.seat] = filled.get(part.seat, 0) + part.seats
        if part.seat is not None and part.seat not in space.able[part.type]:
            return False
    wanted: dict[str | None, int] = {code: count for code, count in space.seats.items()}  # noqa: C416 -- wider keys
    if space.open_seats:
        wanted[None] = space.open_seats
    return (
        filled == wanted
        and all(count <= space.counts[kind] for kind, count in counts.items())
        and all(row.low <= sum(counts.get(kind, 0) for kind in row.types) <= row.high for row in space.rows)
    )


def _verify(space: Space, expected: Sequence[Fraction], support: Sequence[Composition]) -> None:
    average = [Fraction(0)] * len(expected)
    for composition in support:
        for kind, count in composition.counts().items():
            average[kind] += composition.weight * count
    weights = [composition.weight for composition in support]
    if average != list(expected) or sum(weights) != 1 or min(weights) <= 0:
        raise RuntimeError("the support of the lottery does not give its chances")
    if not all(keeps(space, composition) for composition in support):
        raise RuntimeError("a composition of the lottery breaks a rule")
