"""Checking a lottery against its problem: rules, chances, and the proof that no lottery is fairer.

Nothing here looks for a lottery. Types, compositions, weights and levels are taken as given and held against the
problem by counting and exact fractions; the whole-number model is asked once for each level whether any composition
exceeds the bound that the certificate names.

Why the levels are a proof. Let another lottery be at least as fair. By induction its types of all lower levels have the
same expected members, so it has no type of this level below the value. Every composition has sum of y_t c_t <= bound,
so on average sum of y_t s_t <= bound; the lottery given reaches the bound, with every type of this level just at its
value. So none of them has more in the other lottery. At the last level all chances are the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from selection.canonical import problem_sha256
from selection.columns import PoolColumns, columns_of
from selection.lottery.spread import values_exceeding
from selection.lottery.types import (
    Types,
    binding_caps,
    binding_pairs,
    entitlement_of,
    pure_values,
    quota_values,
    space_of,
)
from selection.lottery.value import Level, Lottery
from selection.request import PanelRequest


@dataclass(frozen=True, slots=True)
class LotteryFault:
    """Something wrong with a lottery.

    Attributes:
        code: permanent name: PROBLEM_OTHER, CANDIDATES_OTHER, TYPE_MIXED, CAP_IN_EXPECTATION, COMPOSITION_INVALID,
            CHANCE_WRONG, LEVEL_WRONG, BOUND_TOO_LOW.
        facts: where: positions of types, compositions and levels, ids of candidates.
    """

    code: str
    facts: Mapping[str, Any]


def check_lottery(
    request: PanelRequest, lottery: Lottery, *, time_limit: float | None = None
) -> tuple[LotteryFault, ...]:
    """Return everything that is wrong with a lottery for a problem; empty when it is proved the fairest.

    Args:
        request: the problem.
        lottery: as `parse_lottery` reads it, so that its own sums are right.
        time_limit: seconds for the whole-number bounds.

    Raises:
        LotteryStopped: when the time was over before every bound was checked.
    """
    pool = columns_of(request.candidates)
    if lottery.problem_sha256 != problem_sha256(request):
        return (LotteryFault("PROBLEM_OTHER", {}),)
    eligible = {one.id for one in pool.candidates} - request.excluded_ids
    named = [one for members in lottery.types for one in members]
    is_partition = set(named) == eligible and len(named) == len(eligible) and all(lottery.types)
    if not is_partition or set(lottery.chances) != set(pool.positions):
        return (LotteryFault("CANDIDATES_OTHER", {}),)
    types = _types(request, pool, lottery)
    mixed = tuple(_mixed(request, pool, types))
    if mixed:
        return mixed
    return (
        *_composition_faults(request, pool, lottery, types),
        *_level_faults(request, pool, lottery, types, time_limit),
    )


def _types(request: PanelRequest, pool: PoolColumns, lottery: Lottery) -> Types:
    labels = np.full(len(pool), -1, np.int64)
    for kind, members in enumerate(lottery.types):
        labels[[pool.positions[one] for one in members]] = kind
    counts = np.array([len(members) for members in lottery.types], np.int64)
    first = np.array([pool.positions[members[0]] for members in lottery.types], np.int64)
    caps = [row.max for row in request.caps if row.attribute == lottery.spread]
    return Types(labels, counts, first, lottery.spread, min(caps, default=0), frozenset(), lottery.equal)


def _mixed(request: PanelRequest, pool: PoolColumns, types: Types) -> Iterator[LotteryFault]:
    """Yield the types whose members differ in something a rule looks at."""
    eligible = types.labels >= 0
    labels = types.labels[eligible]
    paired = {one for pair in binding_pairs(request) for one in pair}
    looked_at = [("seat", row.field, _has(pool, pool.able_to_fill(row.field))) for row in request.seats if row.count]
    for attribute, value in quota_values(request):
        column = pool.attributes.get(attribute)
        if column is not None:
            looked_at.append(("quota", attribute, column.is_value(value)))
    for what, name, has in looked_at:
        same = np.bincount(labels[has[eligible] == has[types.first][labels]], minlength=len(types.counts))
        for kind in np.flatnonzero(same != types.counts).tolist():
            yield LotteryFault("TYPE_MIXED", {"type": kind, what: name})
    for attribute, (_, binding) in binding_caps(request, pool, eligible).items():
        if attribute == types.spread:
            continue
        pure = {kind for kinds in pure_values(pool, types, attribute).values() for kind in kinds}
        codes = pool.attributes[attribute].codes[eligible]
        for kind in sorted(set(labels[np.isin(codes, binding)].tolist()) - pure):
            yield LotteryFault("TYPE_MIXED", {"type": kind, "cap": attribute})
    entitled: dict[int, Fraction] = {}
    for position in np.flatnonzero(eligible).tolist():
        candidate, kind = pool.candidates[position], int(types.labels[position])
        own = entitlement_of(candidate, equal=types.equal)
        if entitled.setdefault(kind, own) != own:
            yield LotteryFault("TYPE_MIXED", {"type": kind, "entitlement": str(own)})
        if candidate.id in paired and types.counts[kind] > 1:
            yield LotteryFault("TYPE_MIXED", {"type": kind, "apart": candidate.id})


def _has(pool: PoolColumns, positions: Any) -> Any:
    has = np.zeros(len(pool), np.bool_)
    has[positions] = True
    return has


def _composition_faults(
    request: PanelRequest, pool: PoolColumns, lottery: Lottery, types: Types
) -> Iterator[LotteryFault]:
    from selection.lottery.support import keeps

    space = space_of(request, pool, types)
    for place, composition in enumerate(lottery.support):
        if not keeps(space, composition):
            yield LotteryFault("COMPOSITION_INVALID", {"composition": place})
        if values_exceeding(pool, types, [composition.counts()]):
            yield LotteryFault("CAP_IN_EXPECTATION", {"composition": place})
    average = [Fraction(0)] * len(lottery.types)
    for composition in lottery.support:
        for kind, count in composition.counts().items():
            average[kind] += composition.weight * count
    for kind, members in enumerate(lottery.types):
        for one in members:
            if lottery.chances[one] != average[kind] / len(members):
                yield LotteryFault("CHANCE_WRONG", {"id": one})
    for one in sorted(request.excluded_ids & set(lottery.chances)):
        if lottery.chances[one]:
            yield LotteryFault("CHANCE_WRONG", {"id": one})


def _level_faults(
    request: PanelRequest, pool: PoolColumns, lottery: Lottery, types: Types, time_limit: float | None
) -> Iterator[LotteryFault]:
    from selection.lottery.oracle import Oracle, weighted_sum
    from selection.solving import Budget

    space = space_of(request, pool, types)
    chance = [lottery.chances[members[0]] for members in lottery.types]
    expected = [one * count for one, count in zip(chance, space.counts, strict=True)]
    value = [one / entitled for one, entitled in zip(expected, space.entitled, strict=True)]
    oracle, budget = Oracle(space), Budget.of(time_limit)
    settled: set[int] = set()
    before = Fraction(0)
    for place, level in enumerate(lottery.certificate):
        new = set(level.types)
        if not _is_level(level, new, settled, before, value) or level.bound != sum(
            (weight * expected[kind] for kind, weight in level.weights.items()), Fraction(0)
        ):
            yield LotteryFault("LEVEL_WRONG", {"level": place})
        weights = [level.weights.get(kind, 0) for kind in range(len(space.counts))]
        if weighted_sum(weights, oracle.most(weights, budget).chosen) > level.bound:
            yield LotteryFault("BOUND_TOO_LOW", {"level": place})
        settled |= new
        before = level.value
    if len(settled) < len(lottery.types):
        yield LotteryFault("LEVEL_WRONG", {"level": len(lottery.certificate)})


def _is_level(level: Level, new: set[int], settled: set[int], before: Fraction, value: list[Fraction]) -> bool:
    """Whether a level settles new types at its value, with weights on them all and on no type above it."""
    return (
        bool(new)
        and not new & settled
        and len(new) == len(level.types)
        and before <= level.value
        and all(value[kind] == level.value for kind in new)
        and new <= set(level.weights) <= new | settled
        and all(weight > 0 for weight in level.weights.values())
    )
