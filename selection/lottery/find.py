"""Finding the fairest lottery: types, levels, support, and the values of a cap that must be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from selection.canonical import problem_sha256
from selection.columns import PoolColumns, columns_of
from selection.compose import compose_panel
from selection.lottery.counting import count_panels
from selection.lottery.spread import values_exceeding
from selection.lottery.types import Types, space_of, types_of
from selection.lottery.value import Composition, Level, Lottery
from selection.request import PanelRequest
from selection.result import PanelResult

if TYPE_CHECKING:
    from selection.lottery.oracle import Oracle
    from selection.lottery.space import Space
    from selection.lottery.support import Exceeding
    from selection.solving import Budget


@dataclass(frozen=True, slots=True)
class Fairest:
    """The fairest lottery in terms of types.

    Attributes:
        types: who is alike.
        space: the compositions.
        levels: the proof, one for each value, lowest first.
        expected: expected members of each type.
        support: compositions with weights.
    """

    types: Types
    space: "Space"
    levels: tuple[Level, ...]
    expected: tuple[Fraction, ...]
    support: tuple[Composition, ...]


def find_lottery(
    request: PanelRequest, *, equal: bool = False, time_limit: float | None = None
) -> Lottery | PanelResult:
    """Find the fairest lottery over all panels that keep the rules, in exact fractions.

    Of all lotteries it is the one whose list of values chance / entitlement, sorted from the least, over the candidates
    who are in at least one panel, is lexicographically largest. The entitlement of a candidate is its own, else
    1 / (1 + min(service, 3)).

    Args:
        request: the problem.
        equal: True to take every entitlement as 1.
        time_limit: seconds after which to stop, None for no limit but the solver's work.

    Returns:
        the lottery; where no panel exists the answer of `compose_panel`, `infeasible` with the rules that block; a
        result `stopped` when the time or the work was spent before every number was proved.

    Example:
        >>> from selection import Candidate
        >>> lottery = find_lottery(PanelRequest(1, (Candidate("e1"), Candidate("e2", service=1))))
        >>> {one: str(chance) for one, chance in lottery.chances.items()}
        {'e1': '2/3', 'e2': '1/3'}
    """
    from selection.lottery.oracle import LotteryStopped
    from selection.solving import SOLVER, Budget

    pool = columns_of(request.candidates)
    budget = Budget.of(time_limit)
    try:
        found = fairest(request, pool, budget, equal=equal)
        if found is None:
            return _without_panel(request, budget)
        panels, at_least = count_panels(request, pool, found.types, found.space, found.support)
    except LotteryStopped:
        return PanelResult(request, "stopped", solver=SOLVER)
    members = found.types.members(pool)
    chances = dict.fromkeys((one.id for one in pool.candidates), Fraction(0))
    for kind, ids in enumerate(members):
        chances.update(dict.fromkeys(ids, found.expected[kind] / len(ids)))
    return Lottery(
        "exact",
        {one: chances[one] for one in sorted(chances)},
        found.support,
        members,
        found.types.spread,
        panels,
        at_least,
        problem_sha256(request),
        equal,
        found.levels,
    )


def fairest(request: PanelRequest, pool: PoolColumns, budget: "Budget", *, equal: bool) -> Fairest | None:
    """Return the fairest lottery in terms of types; None where there is no panel.

    Raises:
        LotteryStopped: when the budget is spent, or a number is beyond what can be proved.
    """
    if request.floor is not None and request.floor.waiver is None and request.floor.min > request.size:
        return None
    explicit: frozenset[int] = frozenset()
    while True:
        types = types_of(request, pool, equal=equal, explicit=explicit)
        found = _fairest_of(types, space_of(request, pool, types), partial(values_exceeding, pool, types), budget)
        if not isinstance(found, frozenset):
            return found
        # They follow from compositions that follow from exact numbers, so the types do as well.
        explicit |= found


def _fairest_of(
    types: Types, space: "Space", exceeding: "Exceeding", budget: "Budget"
) -> Fairest | frozenset[int] | None:
    """Return the fairest lottery for these types, or the values that must become explicit, or None without a panel."""
    from selection.lottery.hull import hull_levels
    from selection.lottery.levels import expected_members, merged
    from selection.lottery.oracle import LotteryStopped, Oracle
    from selection.lottery.relaxed import relaxed_levels
    from selection.lottery.support import support_of

    kinds = range(len(space.counts))
    if sum(space.most(kind) for kind in kinds) < space.size:
        return None
    oracle = Oracle(space)
    columns: list[tuple[int, ...]] = []
    relaxed = relaxed_levels(space, budget)
    if relaxed is None and oracle.most([0 for _ in kinds], budget).outcome == "infeasible":
        return None
    for given in (relaxed, None) if relaxed is not None else (None,):
        levels = merged(hull_levels(space, oracle, columns, budget) if given is None else given)
        if not _proved(oracle, levels, len(space.counts), budget):
            continue
        settled = expected_members(space, levels)
        expected = tuple(settled[kind] for kind in kinds)
        support = support_of(space, oracle, expected, columns, exceeding, budget)
        if isinstance(support, frozenset):
            return support
        if support is not None:
            return Fairest(types, space, levels, expected, support)
    raise LotteryStopped


def _proved(oracle: "Oracle", levels: Sequence[Level], types: int, budget: "Budget") -> bool:
    """Return whether levels rise and no composition is above a bound: exact, by whole numbers.

    Where it fails prices were lost in rounding, or the bounds without whole numbers promised too much.
    """
    from selection.lottery.oracle import weighted_sum

    if any(level.value >= later.value for level, later in pairwise(levels)):
        return False
    for level in levels:
        weights = [level.weights.get(kind, 0) for kind in range(types)]
        if weighted_sum(weights, oracle.most(weights, budget).chosen) != level.bound:
            return False
    return True


def _without_panel(request: PanelRequest, budget: "Budget") -> PanelResult:
    """Return why there is no panel."""
    result = compose_panel(request, time_limit=budget.seconds)
    if result.status in ("optimal", "feasible"):
        raise RuntimeError("the lottery found no panel where there is one")
    return result
