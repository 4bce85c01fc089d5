"""Fair fit: of plans as level, one whose worst served matter is served as well as can be, then most fit.

Maximise first the least mean fit of a panel over the matters, then the sum of fit, subject to the rules of every matter
and to loads that are no less level than those reached: everybody's load stays in a window, at the water level or where
it is. Steps:

1. A linear program over who sits where maximises the least mean fit. It begins with few pairs of matter and candidate,
   and takes in others as long as their prices say that they could raise it: so its optimum is that over all pairs.
2. The same with this least mean fit as a bound maximises the sum of fit; its prices say which pairs matter.
3. CP-SAT chooses panels from these pairs, all rules kept, with the least mean fit as a bound; where it finds none with
   the work it may do, with a lower bound.

Whole-number prices near those of step 1 prove what least mean fit no plan as level exceeds (`least_fit_bound`).
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from selection.model import Model
from selection.plan.bounds import water_window
from selection.plan.flow import arcs_of
from selection.plan.single import Panel, least_cost
from selection.plan.year import OUT, Year
from selection.rules import Seated, add_seating, binds, rules_of

# Pairs taken in for each role in one round of pricing, and rounds.
_PRICED: Final = 6
_ROUNDS: Final = 100
# Pairs for each role that CP-SAT looks at beside those the linear program uses.
_NEAR: Final = 8
_CLOSE: Final = 1e-7
# Parts of the best least mean fit that are tried one after the other.
_PARTS: Final = (Fraction(1), Fraction(99, 100), Fraction(97, 100), Fraction(94, 100), Fraction(9, 10), Fraction(4, 5))
# Work of the solver for each of them, in its deterministic unit, and the gap of the sum of fit at which it ends.
_WORK: Final = 20.0
_GAP: Final = 0.002
_PRICE: Final = 2**20

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Windows:
    """The least and most panels of the plan that each candidate may have: all such loads are as level."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    @classmethod
    def around(cls, year: Year, load: NDArray[np.int64], available: NDArray[np.int64], seats: int) -> "Windows":
        """Return the windows of the water level, widened to hold the loads reached.

        With whatever loads in them the sum of squares is at most that of the loads reached: where those are outside,
        theirs are the extremes, and all others are within one of the level.
        """
        low, high = water_window(year.service, available, seats)
        given = load - year.service
        return cls(np.minimum(low, given), np.maximum(high, given))


@dataclass(frozen=True, slots=True)
class FairPanels:
    """Panels with a fair fit, and the bound.

    Attributes:
        panels: by matter; empty where nothing better was found.
        bound: the least mean fit that no plan exceeds whose loads lie in the windows.
    """

    panels: dict[int, Panel]
    bound: Fraction


def least_fit(year: Year, panels: Mapping[int, Panel]) -> Fraction:
    """Return the least mean fit of a member over the panels; 0 without any."""
    return min(
        (Fraction(year.fit_of(matter, panel), len(panel)) for matter, panel in panels.items()), default=Fraction(0)
    )


def fair_panels(
    year: Year,
    panels: Mapping[int, Panel],
    load: NDArray[np.int64],
    available: NDArray[np.int64],
    *,
    deadline: float | None = None,
) -> FairPanels:
    """Return panels for the same matters whose least mean fit is higher, or as high with more fit.

    Args:
        year: the plan.
        panels: those there are, all valid.
        load: what everybody has served with them.
        available: the most panels each can be given.
        deadline: `time.monotonic()` at which to stop.

    Raises:
        TimeoutError: when it is over before the search is.
    """
    staffed = sorted(panels)
    windows = Windows.around(year, load, available, sum(len(panel) for panel in panels.values()))
    relaxed = _Relaxed(year, staffed, panels, windows)
    highest = relaxed.least()
    bound = min(least_fit_bound(year, staffed, windows, *relaxed.prices()), Fraction(100))
    now = least_fit(year, panels), sum(year.fit_of(matter, panel) for matter, panel in panels.items())
    sizes = {year.works[matter].size for matter in staffed}
    for part in _PARTS:
        # Mean fits are parts by some size: the largest of them that is not above.
        wanted = max(Fraction(int(size * highest * float(part) + _CLOSE), size) for size in sizes)
        if wanted < now[0]:
            break
        if not relaxed.total(wanted):
            continue
        found = _chosen(year, staffed, relaxed.near(), windows, wanted, panels, deadline)
        if found and (least_fit(year, found), sum(year.fit_of(*one) for one in found.items())) > now:
            return FairPanels(found, bound)
    return FairPanels({}, bound)


def least_fit_bound(
    year: Year, staffed: Sequence[int], windows: Windows, shares: Mapping[int, int], prices: NDArray[np.int64]
) -> Fraction:
    """Return what the least mean fit of no plan exceeds whose loads lie in the windows, seats and one cap looked at.

    With shares y of the matters and prices of a place on a panel, the least mean fit times the sum of y * size is at
    most the sum over matters of y * fit, which is at most the sum of what the best panel makes of y * fit - price, and
    of what everybody's best load within the window makes of the price.

    Args:
        year: the plan.
        staffed: the matters.
        windows: of the loads.
        shares: y, whole numbers from 0, some above; by matter.
        prices: of a place on a panel, by candidate.
    """
    total = int(np.where(prices > 0, prices * windows.high, prices * windows.low).sum())
    for matter in staffed:
        cost = prices - shares[matter] * np.maximum(year.fit[matter], 0).astype(np.int64)
        least = least_cost(year, matter, cost)
        if least is None:
            raise RuntimeError("a matter that has a panel has none without some of its rules")
        total -= least
    return Fraction(total, sum(shares[matter] * year.works[matter].size for matter in staffed))


class _Relaxed:
    """The linear program; pairs of role and candidate are its columns, taken in as prices ask for them."""

    def __init__(self, year: Year, staffed: Sequence[int], panels: Mapping[int, Panel], windows: Windows) -> None:
        self._year = year
        self._roles = [(matter, role) for matter in staffed for role in year.works[matter].roles]
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        infinity = self._solver.infinity()
        self._least = self._solver.NumVar(0, infinity, "")
        self._filled = [self._solver.Constraint(role.count, role.count) for _, role in self._roles]
        self._served = [
            self._solver.Constraint(low, high)
            for low, high in zip(windows.low.tolist(), windows.high.tolist(), strict=True)
        ]
        self._score = {matter: self._solver.Constraint(0, infinity) for matter in staffed}
        for matter, row in self._score.items():
            row.SetCoefficient(self._least, -year.works[matter].size)
        self._once: dict[tuple[int, int], pywraplp.Constraint] = {}
        self._capped: dict[tuple[int, int], pywraplp.Constraint] = {}
        self._columns: dict[Key, pywraplp.Variable] = {}
        self._of_pair: dict[tuple[int, int], list[pywraplp.Variable]] = defaultdict(list)
        self._weight = 0.0
        arcs, _ = arcs_of(year, staffed)
        for place, expert in zip(arcs.role.tolist(), arcs.expert.tolist(), strict=True):
            self._take_in(place, expert)
        for place, (matter, role) in enumerate(self._roles):
            for expert in sorted(set(panels[matter]) & set(role.able.tolist())):
                self._take_in(place, expert)

    def least(self) -> float:
        """Maximise the least mean fit; return it."""
        objective = self._solver.Objective()
        objective.SetCoefficient(self._least, 1)
        objective.SetMaximization()
        self._settle()
        return float(self._least.solution_value())

    def total(self, least: Fraction) -> bool:
        """Maximise the sum of fit with so much least mean fit; return whether that is possible."""
        self._weight = 1.0
        objective = self._solver.Objective()
        objective.SetCoefficient(self._least, 0)
        self._least.SetBounds(float(least), float(least))
        for (place, expert, _), column in self._columns.items():
            objective.SetCoefficient(column, self._fit(place, expert))
        return self._settle()

    def prices(self) -> tuple[dict[int, int], NDArray[np.int64]]:
        """Return whole-number shares of the matters and prices of the candidates near those of the optimum."""
        shares = {matter: max(round(-row.dual_value() * _PRICE), 0) for matter, row in self._score.items()}
        if not any(shares.values()):
            shares = dict.fromkeys(shares, 1)
        return shares, np.array([round(row.dual_value() * _PRICE) for row in self._served], np.int64)

    def near(self) -> list[tuple[int, int]]:
        """Return the pairs of matter and candidate that the optimum uses or nearly uses, in order."""
        found = {
            (self._roles[place][0], expert)
            for (place, expert, _), column in self._columns.items()
            if column.solution_value() > _CLOSE
        }
        nearest: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
        for place, able, gain in self._gains():
            matter = self._roles[place][0]
            best = np.argsort(-gain, kind="stable")[:_NEAR]
            found |= {(matter, expert) for expert in able[best].tolist()}
        for (place, expert, _), column in self._columns.items():
            nearest[expert].append((abs(column.reduced_cost()), self._roles[place][0], expert))
        for ranked in nearest.values():
            found |= {(matter, expert) for _, matter, expert in sorted(ranked)[:_NEAR]}
        return sorted(found)

    def _fit(self, place: int, expert: int) -> int:
        return int(self._year.fit[self._roles[place][0], expert])

    def _take_in(self, place: int, expert: int) -> None:
        matter, _ = self._roles[place]
        key = (place, expert, matter)
        if key in self._columns or self._year.fit[matter, expert] == OUT:
            return
        column = self._solver.NumVar(0, 1, "")
        self._columns[key] = column
        fit = self._fit(place, expert)
        self._filled[place].SetCoefficient(column, 1)
        self._served[expert].SetCoefficient(column, 1)
        self._score[matter].SetCoefficient(column, fit)
        if self._weight:
            self._solver.Objective().SetCoefficient(column, fit)
        others = self._of_pair[matter, expert]
        if len(others) == 1:
            self._once[matter, expert] = self._solver.Constraint(0, 1)
            self._once[matter, expert].SetCoefficient(others[0], 1)
        if others:
            self._once[matter, expert].SetCoefficient(column, 1)
        others.append(column)
        work = self._year.works[matter]
        if work.capped is not None and (value := int(work.capped[expert])) >= 0:
            if (matter, value) not in self._capped:
                self._capped[matter, value] = self._solver.Constraint(0, work.cap)
            self._capped[matter, value].SetCoefficient(column, 1)

    def _settle(self) -> bool:
        """Solve, and take in pairs until none would help; False where there is no solution."""
        for _ in range(_ROUNDS):
            if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
                return False
            wanted = []
            for place, able, gain in self._gains():
                best = np.argsort(-gain, kind="stable")[:_PRICED]
                wanted += [(place, expert) for expert in able[best[gain[best] > _CLOSE]].tolist()]
            before = len(self._columns)
            for place, expert in wanted:
                self._take_in(place, expert)
            if len(self._columns) == before:
                return True
        return True

    def _gains(self) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float64]]]:
        """Yield for each role the candidates who can fill it, and what one of each would add at the prices."""
        served = np.array([row.dual_value() for row in self._served])
        once: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for (matter, expert), row in self._once.items():
            once[matter].append((expert, row.dual_value()))
        capped: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for (matter, value), row in self._capped.items():
            capped[matter].append((value, row.dual_value()))
        for place, (matter, role) in enumerate(self._roles):
            able = role.able[self._year.fit[matter][role.able] != OUT]
            gain = (self._weight - self._score[matter].dual_value()) * self._year.fit[matter, able]
            gain -= self._filled[place].dual_value() + served[able]
            price = np.zeros(len(served))
            for expert, dual in once[matter]:
                price[expert] += dual
            work = self._year.works[matter]
            if work.capped is not None and capped[matter]:
                of_value = np.zeros(int(work.capped.max()) + 2)
                for value, dual in capped[matter]:
                    of_value[value] = dual
                price += of_value[work.capped]
            yield place, able, gain - price[able]


def _chosen(
    year: Year,
    staffed: Sequence[int],
    pairs: Sequence[tuple[int, int]],
    windows: Windows,
    least: Fraction,
    panels: Mapping[int, Panel],
    deadline: float | None,
) -> dict[int, Panel]:
    """Return panels from these pairs that keep every rule, the windows and the least mean fit, with most fit found."""
    model = Model()
    by_matter: dict[int, list[int]] = defaultdict(list)
    for matter, expert in pairs:
        by_matter[matter].append(expert)
    served: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    member: dict[tuple[int, int], cp_model.IntVar] = {}
    for matter in staffed:
        experts = by_matter[matter]
        problem = year.works[matter].problem
        candidates = [year.pool.candidates[one] for one in experts]
        variables = [model.new_bool_var("") for _ in experts]
        model.add(sum(variables) == problem.size)
        places = {one.id: place for place, one in enumerate(candidates)}
        seated = Seated(candidates, variables, places, add_seating(model, candidates, variables, problem.seats))
        for rule in rules_of(problem):
            if binds(rule):
                rule.add_to(model, seated, when=None)
        fits = [int(year.fit[matter, one]) for one in experts]
        model.add(
            cp_model.LinearExpr.weighted_sum(variables, fits) >= -(-least.numerator * problem.size // least.denominator)
        )
        for expert, variable in zip(experts, variables, strict=True):
            served[expert].append(variable)
            member[matter, expert] = variable
            model.add_hint(variable, int(expert in panels[matter]))
    for expert in range(len(year.pool)):
        low, high = int(windows.low[expert]), int(windows.high[expert])
        model.add_linear_constraint(sum(served[expert]), low, high)
    model.maximize(cp_model.LinearExpr.weighted_sum(list(member.values()), [int(year.fit[pair]) for pair in member]))
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.random_seed = 0
    parameters.catch_sigint_signal = False
    parameters.linearization_level = 2
    parameters.relative_gap_limit = _GAP
    parameters.max_deterministic_time = _WORK
    if deadline is not None:
        parameters.max_time_in_seconds = max(deadline - time.monotonic(), 0.001)
    status = solver.solve(model)
    if deadline is not None and time.monotonic() >= deadline:
        raise TimeoutError
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {}
    found: dict[int, list[int]] = defaultdict(list)
    for (matter, expert), variable in member.items():
        if solver.value(variable):
            found[matter].append(expert)
    return {matter: tuple(sorted(found[matter])) for matter in staffed}
