"""The fairest point of the bounds without whole numbers, level by level: small linear programs, read exactly.

At each level: maximise z subject to s_t >= share_t z for the types not settled, s_t at least its value for the others,
and the bounds of `space` on s. Types whose inequality has a price are settled at z. All rows are in seats, and shares
are scaled anew at each level so that z is about 1: chances go from 1e-5 to 1, and a linear program that mixes such
numbers with counts of seats loses its way.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from ortools.linear_solver import pywraplp

from selection.lottery.levels import expected_members, level_of, whole_weights
from selection.lottery.oracle import LotteryStopped, by_choice
from selection.lottery.space import Space
from selection.lottery.value import Level
from selection.solving import Budget

_CLOSE: Final = 1e-6


def relaxed_levels(space: Space, budget: Budget) -> tuple[Level, ...] | None:
    """Return the levels of the relaxed bounds; None where they are not those of compositions, or not readable.

    The space has a composition. That the levels are those of compositions is proved elsewhere; where the sets of the
    rows are laminar it is always so.

    Raises:
        LotteryStopped: when the budget is spent.
    """
    levels: list[Level] = []
    expected: dict[int, Fraction] = {}
    while len(expected) < len(space.counts):
        if budget.is_spent:
            raise LotteryStopped
        level = _next_level(space, expected)
        if level is None:
            return None
        levels.append(level)
        expected |= expected_members(space, [level])
    return tuple(levels)


def shares_of(space: Space, expected: Mapping[int, Fraction]) -> tuple[dict[int, float], float]:
    """Return for the types not settled their share of the seats left, and the value of z = 1."""
    open_types = [kind for kind in range(len(space.counts)) if kind not in expected]
    left = float(space.size - sum(expected.values(), Fraction(0)))
    total = sum((space.entitled[kind] for kind in open_types), Fraction(0))
    unit = max(left, 1e-6) / float(total)
    return {kind: float(space.entitled[kind]) * unit for kind in open_types}, unit


def _next_level(space: Space, expected: Mapping[int, Fraction]) -> Level | None:
    solver = pywraplp.Solver.CreateSolver("GLOP")
    infinity = solver.infinity()
    members = [solver.NumVar(0, space.most(kind), "") for kind in range(len(space.counts))]
    z = solver.NumVar(0, infinity, "")
    solver.Add(solver.Sum(members) == space.size)
    for row in space.rows:
        within = solver.Constraint(row.low, row.high)
        for kind in row.types:
            within.SetCoefficient(members[kind], 1)
    filled = {code: solver.Constraint(count, count) for code, count in space.seats.items()}
    for able, kinds in by_choice(space).items():
        seated = solver.Constraint(0, infinity)
        for kind in kinds:
            seated.SetCoefficient(members[kind], 1)
        for code in able:
            sits = solver.NumVar(0, space.seats[code], "")
            seated.SetCoefficient(sits, -1)
            filled[code].SetCoefficient(sits, 1)
    shares, unit = shares_of(space, expected)
    priced = []
    for kind, variable in enumerate(members):
        fair = solver.Constraint(float(expected.get(kind, 0)), infinity)
        fair.SetCoefficient(variable, 1)
        if kind in shares:
            fair.SetCoefficient(z, -shares[kind])
        priced.append(fair)
    solver.Maximize(z)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    value = z.solution_value()
    prices = [-fair.dual_value() for fair in priced]
    weights = whole_weights(prices)
    if weights is None or not any(kind in shares for kind in weights):
        return None
    scale = max(weights.values()) / max(prices)
    below = sum(weight * float(expected[kind]) for kind, weight in weights.items() if kind in expected)
    bound = value * sum(weights[kind] * shares[kind] for kind in weights if kind in shares) + below
    # A bound of compositions is whole; one that is not says that no lottery reaches this level.
    if abs(bound - round(bound)) > _CLOSE * max(1.0, scale):
        return None
    level = level_of(space, weights, round(bound), expected)
    return level if abs(float(level.value) / unit - value) <= _CLOSE * max(1.0, value) else None
