"""The best panel of one matter at given costs: a flow where seats and one cap are all its rules, else the solver.

With seats by field and a cap on one attribute a panel is a flow: from the source through the value of the attribute
(at most the cap), through the expert (one), through a seat of his field or an open seat, to the sink. Flows have whole
numbers, so a tiny least-cost flow over the kernel of each role is exact; it takes a third of a millisecond.

Kernel of a role (the proof is that of `kernel`): in the order of cost, whoever has `cap` cheaper ones of his value is
left out, until as many as the panel has members are found. The other members keep at most one of them each from being
taken, so one can always take the place of a member who was left out.
"""

from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from selection.compose import best_members
from selection.plan.year import OUT, Work, Year
from selection.request import LARGEST_FIT
from selection.solving import Budget

_NEVER: Final = 2**62
# The flow scales costs by the number of its nodes, in a machine word.
_LARGEST_COST: Final = 2**60

Panel = tuple[int, ...]


def best_panel(year: Year, matter: int, load: NDArray[np.int64], budget: Budget) -> Panel | None:
    """Return the best panel of a matter when everybody has served so often, None where there is none.

    Minimise the sum of `2*load + 1` over the members, then minus the sum of `fit`, then of tie ranks.

    Args:
        year: the plan.
        matter: its place.
        load: panels by position, those of the plan among them, this matter's own panel not.
        budget: of a solver's work, where one is needed.

    Raises:
        TimeoutError: when the budget ended before a panel was found or none was proven to exist.
    """
    work = year.works[matter]
    if not work.is_flow:
        return _by_solver(year, matter, load, budget)
    weight = LARGEST_FIT * work.size + 1
    return _by_flow(year, matter, (2 * weight) * load + (LARGEST_FIT - year.fit[matter].astype(np.int64)))


def least_cost(year: Year, matter: int, cost: NDArray[np.int64]) -> int | None:
    """Return the least sum of costs of members who keep seats and one cap; other rules are left aside.

    So no panel of the matter costs less. None where there is no such panel.
    """
    panel = _by_flow(year, matter, cost)
    return None if panel is None else int(cost[list(panel)].sum())


def _by_flow(year: Year, matter: int, cost: NDArray[np.int64]) -> Panel | None:
    work = year.works[matter]
    # Ties are ranks below the number of candidates, so one number orders by cost, then by tie.
    key = cost - int(cost.min(initial=_NEVER))
    if int(key.max(initial=0)) < _NEVER // (len(key) + 1):
        key = key * len(key) + year.ties
    key[year.fit[matter] == OUT] = _NEVER
    kernel = np.array(sorted({one for role in work.roles for one in _listed(role.able, key, work)}), np.int64)
    if len(kernel) < work.size:
        return None
    kernel = kernel[np.argsort(key[kernel])]
    return _flow(work, kernel, cost[kernel] - int(cost[kernel].min()))


def _listed(able: NDArray[np.int64], key: NDArray[np.int64], work: Work) -> list[int]:
    """Return the kernel of one role."""
    keys = key[able]
    looked_at = 4 * work.size
    while True:
        if looked_at < len(able):
            part = np.argpartition(keys, looked_at)[:looked_at]
            part = part[np.argsort(keys[part])]
        else:
            part = np.argsort(keys)
        part = part[keys[part] != _NEVER]
        found = _not_above_cap(able[part], work)
        if len(found) == work.size or looked_at >= len(able):
            return found
        looked_at *= 4


def _not_above_cap(walk: NDArray[np.int64], work: Work) -> list[int]:
    if work.capped is None:
        return walk[: work.size].tolist()  # type: ignore[no-any-return]
    found: list[int] = []
    used: Counter[int] = Counter()
    for one, value in zip(walk.tolist(), work.capped[walk].tolist(), strict=True):
        if value >= 0:
            if used[value] == work.cap:
                continue
            used[value] += 1
        found.append(one)
        if len(found) == work.size:
            break
    return found


def _flow(work: Work, kernel: NDArray[np.int64], cost: NDArray[np.int64]) -> Panel | None:
    """Return the members of least cost; of several panels the one whose sum of places in the kernel is least."""
    count = len(kernel)
    place = np.arange(count)
    weight = work.size * count + 1
    if int(cost.max()) < _LARGEST_COST // (weight * (2 * count + 50)):
        cost = cost * weight + place
    # Nodes: source, sink, roles, experts, values of the capped attribute.
    expert = 2 + len(work.roles) + place
    source_of, tails, heads, capacities = _sources(work, kernel, int(expert[-1]) + 1)
    arcs = [(tails, heads, capacities, np.zeros_like(tails)), (source_of, expert, np.ones_like(place), cost)]
    for number, role in enumerate(work.roles):
        able = place if role.field is None else np.flatnonzero(_is_among(kernel, role.able))
        free = np.zeros_like(able)
        arcs.append((expert[able], free + 2 + number, free + 1, free))
    roles = np.arange(len(work.roles))
    seats = np.array([role.count for role in work.roles], np.int64)
    arcs.append((roles + 2, np.ones_like(roles), seats, np.zeros_like(roles)))
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(*(np.concatenate(part) for part in zip(*arcs, strict=True)))
    flow.set_node_supply(0, work.size)
    flow.set_node_supply(1, -work.size)
    status = flow.solve()
    if status == flow.INFEASIBLE:
        return None
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the flow of a matter ended with {status}")
    taken = flow.flows(np.arange(len(tails), len(tails) + count)) > 0
    return tuple(sorted(kernel[taken].tolist()))


def _is_among(some: NDArray[np.int64], able: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each position whether it stands in an ascending list."""
    places = np.searchsorted(able, some)
    return np.asarray(able[np.minimum(places, len(able) - 1)] == some) if len(able) else np.zeros(len(some), np.bool_)


def _sources(
    work: Work, kernel: NDArray[np.int64], free: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return for each expert the node his unit comes from, and the arcs from the source to these nodes."""
    none = np.zeros(0, np.int64)
    if work.capped is None:
        return np.zeros(len(kernel), np.int64), none, none, none
    values, inverse = np.unique(work.capped[kernel], return_inverse=True)
    nodes = np.where(values < 0, 0, free + np.arange(len(values)))
    held = nodes[values >= 0]
    return nodes[inverse], np.zeros_like(held), held, np.full_like(held, work.cap)


def _by_solver(year: Year, matter: int, load: NDArray[np.int64], budget: Budget) -> Panel | None:
    work = year.works[matter]
    fit = np.maximum(year.fit[matter], 0).astype(np.int64)
    pool = year.pool.at_cost(load, fit)
    choice, members = best_members(work.problem, pool, budget, seed=year.seed, locked_in=frozenset(), keep=frozenset())
    if choice.outcome == "infeasible":
        return None
    if not members:
        raise TimeoutError
    return tuple(sorted(year.pool.positions[one.id] for one in members))
