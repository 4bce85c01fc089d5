"""The fairest point of the compositions themselves, where bounds without whole numbers promise too much.

Column generation: a small linear program over the compositions known so far; its prices ask the whole-number model for
a better composition, until there is none. `reaches` asks whether a point is an average of compositions, `hull_levels`
climbs level by level. Both work in floating point; what they find is made exact and proved by `levels` and `support`.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from ortools.linear_solver import pywraplp

from selection.lottery.levels import expected_members, in_lowest_terms, level_of, whole_weights
from selection.lottery.linear import solved
from selection.lottery.oracle import LotteryStopped, Oracle, weighted_sum
from selection.lottery.relaxed import shares_of
from selection.lottery.space import Space
from selection.lottery.value import Level
from selection.solving import Budget

_CLOSE: Final = 1e-7
# Prices are asked of the whole-number model as multiples of this share of the largest.
_STEPS: Final = 2**32

Columns = list[tuple[int, ...]]


def reaches(space: Space, oracle: Oracle, expected: Sequence[Fraction], columns: Columns, budget: Budget) -> bool:
    """Return whether expected members are an average of compositions, to within rounding; adds columns on the way."""
    master = _Master(len(space.counts))
    short = []
    for kind, wanted in enumerate(expected):
        master.rows.append(master.solver.Constraint(float(wanted), float(wanted)))
        for sign in (1, -1):
            missing = master.solver.NumVar(0, master.solver.infinity(), "")
            master.rows[kind].SetCoefficient(missing, sign)
            short.append(missing)
    master.solver.Minimize(master.solver.Sum(short))
    if not columns:
        columns.append(oracle.most([0] * len(space.counts), budget).chosen)
    for column in columns:
        master.add(column)
    while True:
        if not master.solve(budget):
            return False
        if master.solver.Objective().Value() < _CLOSE:
            return True
        prices = [row.dual_value() for row in master.rows]
        column = oracle.most(_steps(prices), budget).chosen
        if sum(price * count for price, count in zip(prices, column, strict=True)) + master.total.dual_value() < _CLOSE:
            return False
        master.add(column)
        columns.append(column)


def hull_levels(space: Space, oracle: Oracle, columns: Columns, budget: Budget) -> tuple[Level, ...]:
    """Return the levels of the compositions.

    Args:
        space: the compositions; there is one.
        oracle: of the space.
        columns: compositions that are known; more are added.
        budget: what may be spent.

    Raises:
        LotteryStopped: when the budget is spent, or prices are beyond what can be proved in whole numbers.
    """
    levels: list[Level] = []
    expected: dict[int, Fraction] = {}
    if not columns:
        columns.append(oracle.most([0] * len(space.counts), budget).chosen)
    while len(expected) < len(space.counts):
        level = _next_level(space, oracle, columns, expected, budget)
        levels.append(level)
        expected |= expected_members(space, [level])
    return tuple(levels)


def _next_level(
    space: Space, oracle: Oracle, columns: Columns, expected: Mapping[int, Fraction], budget: Budget
) -> Level:
    shares, unit = shares_of(space, expected)
    slack = 1e-10
    master = None
    while True:
        if master is None:
            master = _fair_master(space, columns, shares, expected, slack)
        if not master.solve(budget):
            # What is settled is exact, and the solver's tolerance may not leave room for it.
            slack *= 10
            if slack > _CLOSE:
                raise LotteryStopped
            master = None
            continue
        prices = [-row.dual_value() for row in master.rows]
        column = oracle.most(_steps(prices), budget).chosen
        gain = sum(price * count for price, count in zip(prices, column, strict=True)) - master.total.dual_value()
        if gain > _CLOSE * max(prices) and column not in columns:
            master.add(column)
            columns.append(column)
            continue
        weights = whole_weights(prices) or _basic_weights(master, columns, len(space.counts))
        if weights is None or not any(kind in shares for kind in weights):
            raise LotteryStopped
        dense = [weights.get(kind, 0) for kind in range(len(space.counts))]
        column = oracle.most(dense, budget).chosen
        level = level_of(space, weights, weighted_sum(dense, column), expected)
        value = master.z.solution_value()
        if abs(float(level.value) / unit - value) <= 100 * _CLOSE * max(1.0, value):
            return level
        if column in columns:
            raise LotteryStopped
        master.add(column)
        columns.append(column)


class _Master:
    """The linear program over the compositions known: weights that sum to 1, and a row for each type."""

    def __init__(self, types: int) -> None:
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.total = self.solver.Constraint(1, 1)
        self.rows: list[pywraplp.Constraint] = []
        self.weights: list[pywraplp.Variable] = []
        self.types = types

    def add(self, column: Sequence[int]) -> None:
        weight = self.solver.NumVar(0, self.solver.infinity(), "")
        self.total.SetCoefficient(weight, 1)
        for kind, count in enumerate(column):
            if count:
                self.rows[kind].SetCoefficient(weight, count)
        self.weights.append(weight)

    def solve(self, budget: Budget) -> bool:
        if budget.is_spent:
            raise LotteryStopped
        return bool(self.solver.Solve() == pywraplp.Solver.OPTIMAL)


class _FairMaster(_Master):
    z: pywraplp.Variable


def _fair_master(
    space: Space, columns: Columns, shares: Mapping[int, float], expected: Mapping[int, Fraction], slack: float
) -> _FairMaster:
    master = _FairMaster(len(space.counts))
    infinity = master.solver.infinity()
    master.z = master.solver.NumVar(0, infinity, "")
    for kind in range(len(space.counts)):
        row = master.solver.Constraint(float(expected.get(kind, 0)) - slack, infinity)
        if kind in shares:
            row.SetBounds(0, infinity)
            row.SetCoefficient(master.z, -shares[kind])
        master.rows.append(row)
    for column in columns:
        master.add(column)
    master.solver.Maximize(master.z)
    return master


def _basic_weights(master: _Master, columns: Columns, types: int) -> dict[int, int] | None:
    """Return the prices of the basis by exact arithmetic: equal for its compositions, 0 where a row has room."""
    basic = pywraplp.Solver.BASIC
    priced = [kind for kind in range(types) if master.rows[kind].basis_status() != basic]
    used = [column for column, weight in zip(columns, master.weights, strict=True) if weight.basis_status() == basic]
    # Unknown: the price of each row without room, and the common sum. The first price is 1.
    matrix = [[*(Fraction(column[kind]) for kind in priced), Fraction(-1), Fraction(0)] for column in used]
    largest = max(priced, key=lambda kind: -master.rows[kind].dual_value())
    matrix.append([Fraction(int(kind == largest)) for kind in priced] + [Fraction(0), Fraction(1)])
    prices = solved(matrix)
    if prices is None or min(prices[:-1]) < 0:
        return None
    return in_lowest_terms({kind: price for kind, price in zip(priced, prices, strict=False) if price})


def _steps(prices: Sequence[float]) -> list[int]:
    largest = max(map(abs, prices), default=0.0)
    return [round(price / largest * _STEPS) if largest else 0 for price in prices]
