"""A whole plan as one least-cost flow: loads level and fit best, with caps, quotas and pairs left aside for the moment.

    source -> seats of one role of one matter -> [expert within the matter] -> expert -> load step -> sink

A load step costs `weight * (2*load + 1)`, the growth of the sum of squares; an arc into an expert costs what his fit is
short of 100. The weight is above anything fit can add up to, so loads come first. A bundle of experts who suit best is
looked at for each role, and for each expert the matters he suits best, so that nobody is left without work. Nothing
here is final: what the flow proposes for a matter counts only where it keeps all rules, and bounds are proven
elsewhere.

The flow knows no caps. Where a panel has too many of one value, all but the best there are taken off that matter and
the flow is run again, a few times: fewer panels are then left to be mended one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from selection.plan.single import Panel
from selection.plan.year import OUT, Year
from selection.request import LARGEST_FIT

# Experts looked at for each role, and matters for each expert. More change little and cost time.
_EXPERTS: Final = 30
_MATTERS: Final = 8
_ROUNDS: Final = 3
# Steps above the water level that are priced; a further one costs as much as the last.
_STEPS_ABOVE: Final = 3
# Rounds of the search for prices; any prices give a valid bound, settled ones the best.
_PRICE_ROUNDS: Final = 300
_LARGEST_COST: Final = 2**40
_FAR: Final = 2**60


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the flow makes of a plan.

    Attributes:
        panels: for each matter asked about the panel proposed; it may break a rule.
        prices: of a place on a panel, by candidate.
        weight: of one unit of the sum of squares, in units of fit.
    """

    panels: dict[int, Panel]
    prices: NDArray[np.int64]
    weight: int


@dataclass(frozen=True, slots=True)
class Arcs:
    """Who may take which seats: one arc for each role of a matter and each candidate looked at."""

    role: NDArray[np.int64]
    matter: NDArray[np.int64]
    expert: NDArray[np.int64]

    def only(self, kept: NDArray[np.bool_]) -> "Arcs":
        """Return those that are kept."""
        return Arcs(self.role[kept], self.matter[kept], self.expert[kept])


def propose(year: Year, staffed: Sequence[int], level: int) -> Proposal | None:
    """Propose panels for all these matters at once.

    Args:
        year: the plan.
        staffed: the matters, each of which has a panel.
        level: the highest load at the water level.

    Returns:
        None where the flow finds nothing: not enough candidates were looked at, or numbers too large.
    """
    weight = LARGEST_FIT * sum(year.works[matter].size for matter in staffed) + 1
    if not staffed or weight * (2 * (level + _STEPS_ABOVE) + 1) > _LARGEST_COST:
        return None
    arcs, seats = arcs_of(year, staffed)
    prices: NDArray[np.int64] | None = None
    panels: dict[int, Panel] = {}
    for _ in range(_ROUNDS):
        flow = _Flow(year, arcs, seats, level + _STEPS_ABOVE, weight)
        taken = flow.solve()
        if taken is None:
            break
        if prices is None:
            prices = flow.prices()
        panels = _panels(arcs, taken)
        crowded = {matter: out for matter, panel in panels.items() if (out := _above_cap(year, matter, panel))}
        if not crowded:
            break
        arcs = arcs.only(~_is_out(arcs, crowded, year, panels))
    return None if prices is None else Proposal(panels, prices, weight)


def arcs_of(year: Year, staffed: Sequence[int]) -> tuple[Arcs, NDArray[np.int64]]:
    """Return who is looked at for which seats, and how many seats each role has; roles in the order of the matters."""
    fit = year.fit[list(staffed)]
    many = min(_MATTERS, len(staffed))
    best = np.argpartition(-fit.astype(np.int16), many - 1, axis=0)[:many]
    favourites = best.ravel()
    order = np.argsort(favourites, kind="stable")
    fans = np.tile(year.pool.everyone, many)[order]
    cuts = np.searchsorted(favourites[order], np.arange(len(staffed) + 1))
    roles: list[NDArray[np.int64]] = []
    matters: list[NDArray[np.int64]] = []
    experts: list[NDArray[np.int64]] = []
    seats: list[int] = []
    for place, matter in enumerate(staffed):
        own = year.fit[matter]
        fan = np.zeros(len(own), np.bool_)
        fan[fans[cuts[place] : cuts[place + 1]]] = True
        for role in year.works[matter].roles:
            able = role.able[own[role.able] != OUT]
            looked_at = fan[able]
            wanted = max(_EXPERTS, 2 * year.works[matter].size)
            if len(able) > wanted:
                # Of equal fit those of smaller tie rank, so that the order of the file decides nothing.
                rank = own[able].astype(np.int64) * -len(own) + year.ties[able]
                looked_at[np.argpartition(rank, wanted - 1)[:wanted]] = True
            else:
                looked_at[:] = True
            able = able[looked_at]
            roles.append(np.full(len(able), len(seats)))
            matters.append(np.full(len(able), matter))
            experts.append(able)
            seats.append(role.count)
    return Arcs(np.concatenate(roles), np.concatenate(matters), np.concatenate(experts)), np.array(seats, np.int64)


class _Flow:
    """One flow; after `solve`, the prices of its solution."""

    def __init__(self, year: Year, arcs: Arcs, seats: NDArray[np.int64], top: int, weight: int) -> None:
        people = len(year.pool)
        pairs, inverse, often = np.unique(arcs.matter * people + arcs.expert, return_inverse=True, return_counts=True)
        # Who could take several roles of one matter passes through a node of his own there, so as to take only one.
        several = np.flatnonzero(often > 1)
        between = np.full(len(pairs), -1)
        between[several] = np.arange(len(several))
        between = between[inverse]
        self._first_expert = len(seats)
        first_between = self._first_expert + people
        self._sink = first_between + len(several)
        self._people = people
        heads = np.where(between >= 0, first_between + between, self._first_expert + arcs.expert)
        shortfall = LARGEST_FIT - year.fit[arcs.matter, arcs.expert].astype(np.int64)
        counts = np.maximum(top - year.service, 0)
        who = np.repeat(year.pool.everyone, counts)
        step = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
        last = np.maximum(year.service, top)
        self._tails = np.concatenate(
            [
                arcs.role,
                first_between + np.arange(len(several)),
                self._first_expert + who,
                self._first_expert + year.pool.everyone,
            ]
        )
        self._heads = np.concatenate(
            [heads, self._first_expert + pairs[several] % people, np.full(len(who) + people, self._sink)]
        )
        self._costs = np.concatenate(
            [
                shortfall,
                np.zeros(len(several), np.int64),
                weight * (2 * (year.service[who] + step) + 1),
                weight * (2 * last + 1),
            ]
        )
        self._capacities = np.ones(len(self._tails), np.int64)
        # One more than can be used: there is a way to the sink from everybody, so everybody has a price.
        self._capacities[-people:] = len(seats) + 1
        self._supplies = np.zeros(self._sink + 1, np.int64)
        self._supplies[: len(seats)] = seats
        self._supplies[self._sink] = -int(seats.sum())
        self._asked = len(arcs.role)
        self._used = np.zeros(len(self._tails), np.int64)

    def solve(self) -> NDArray[np.bool_] | None:
        """Return which arcs into experts are taken."""
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(self._tails, self._heads, self._capacities, self._costs)
        flow.set_nodes_supplies(np.arange(self._sink + 1), self._supplies)
        if flow.solve() != flow.OPTIMAL:
            return None
        self._used = flow.flows(arcs)
        return np.asarray(self._used[: self._asked] > 0)

    def prices(self) -> NDArray[np.int64]:
        """Return what a place costs by candidate: the least that one more panel adds, others making room in turn."""
        # Shortest ways to the sink in the residual graph, all nodes at once until nothing changes.
        ahead, back = self._used < self._capacities, self._used > 0
        tails = np.concatenate([self._tails[ahead], self._heads[back]])
        heads = np.concatenate([self._heads[ahead], self._tails[back]])
        costs = np.concatenate([self._costs[ahead], -self._costs[back]])
        order = np.argsort(tails, kind="stable")
        tails, heads, costs = tails[order], heads[order], costs[order]
        starts = np.flatnonzero(np.r_[True, tails[1:] != tails[:-1]])
        nodes = tails[starts]
        far = np.full(self._sink + 1, _FAR)
        far[self._sink] = 0
        for _ in range(_PRICE_ROUNDS):
            nearer = np.minimum(far[nodes], np.minimum.reduceat(far[heads] + costs, starts))
            if np.array_equal(nearer, far[nodes]):
                break
            far[nodes] = nearer
        return far[self._first_expert : self._first_expert + self._people].copy()


def _panels(arcs: Arcs, taken: NDArray[np.bool_]) -> dict[int, Panel]:
    found: dict[int, list[int]] = {}
    for matter, expert in zip(arcs.matter[taken].tolist(), arcs.expert[taken].tolist(), strict=True):
        found.setdefault(matter, []).append(expert)
    return {matter: tuple(sorted(panel)) for matter, panel in found.items()}


def _above_cap(year: Year, matter: int, panel: Panel) -> set[int]:
    """Return the values of the capped attribute of which a panel has too many."""
    work = year.works[matter]
    if work.capped is None:
        return set()
    values, often = np.unique(work.capped[list(panel)], return_counts=True)
    return {int(value) for value, many in zip(values, often, strict=True) if value >= 0 and many > work.cap}


def _is_out(arcs: Arcs, crowded: dict[int, set[int]], year: Year, panels: dict[int, Panel]) -> NDArray[np.bool_]:
    """Return the arcs of those who are taken off a matter: of a crowded value all but the best the panel has."""
    out = np.zeros(len(arcs.role), np.bool_)
    starts = np.searchsorted(arcs.matter, np.arange(len(year.works) + 1))
    for matter, values in crowded.items():
        work, own = year.works[matter], year.fit[matter]
        if work.capped is None:
            continue
        rows = slice(starts[matter], starts[matter + 1])
        experts = arcs.expert[rows]
        for value in values:
            those = [one for one in panels[matter] if work.capped[one] == value]
            stay = sorted(those, key=lambda one: (-int(own[one]), int(year.ties[one])))[: work.cap]
            out[rows] |= (work.capped[experts] == value) & ~np.isin(experts, stay)
    return out
