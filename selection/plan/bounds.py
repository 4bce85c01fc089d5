"""What no plan can be better than: the water level of loads, and a price bound of fit; and how equal loads are.

Water level. Give out all seats one by one, each to whoever has served least so far: loads end level, and no other way
of giving out so many seats has a smaller sum of squares, because the next seat costs `2*load + 1` and that only grows.
Who can serve on few matters is passed over once he serves on all of them. No rule but that is looked at, so every plan
has at least this sum.

Price bound. Let everybody who serves on a panel pay a price. For any prices whatever and any weight of load,

    fit of a plan  =  sum over matters of (fit - price) of their panels  +  sum over experts of price * panels
                   <= sum over matters of the most that any panel of it makes of (fit - price)
                    + sum over experts of the most that any number n of panels makes of
                      price * n - weight * (squares added)
                    + weight * (squares that the plan adds),

and each part is found exactly. Good prices are those of the flow (`flow`), where the bound is nearly met. The same
without fit bounds the squares from below where rules keep loads from the water level.
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from selection.plan.single import least_cost
from selection.plan.year import OUT, Year
from selection.request import LARGEST_FIT


def availability(year: Year, staffed: Sequence[int]) -> NDArray[np.int64]:
    """Return for each candidate the number of these matters on which he can have a seat."""
    found = np.zeros(len(year.pool), np.int64)
    for matter in staffed:
        can = np.zeros(len(year.pool), np.bool_)
        for role in year.works[matter].roles:
            can[role.able] = True
        found += can & (year.fit[matter] != OUT)
    return found


def water_level(service: NDArray[np.int64], available: NDArray[np.int64], seats: int) -> NDArray[np.int64]:
    """Return how many seats each gets when they are given out one by one to whoever has served least.

    Args:
        service: panels served before.
        available: the most panels each can be given.
        seats: how many seats; no more than are available.
    """
    given, high = water_window(service, available, seats)
    next_ones = np.flatnonzero(given < high)
    given[next_ones[: seats - int(given.sum())]] += 1
    return given


def water_window(
    service: NDArray[np.int64], available: NDArray[np.int64], seats: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the least and the most seats of each at the water level: loads have the least squares exactly within."""
    low, high = 0, int((service + available).max(initial=0))
    while low < high:
        middle = (low + high) // 2
        if int(np.clip(middle - service, 0, available).sum()) >= seats:
            high = middle
        else:
            low = middle + 1
    return np.clip(low - 1 - service, 0, available), np.clip(low - service, 0, available)


def squares(loads: NDArray[np.int64]) -> int:
    """Return the sum of squares, exact however large."""
    return sum(one * one for one in loads.tolist())


def level_bound(year: Year, staffed: Sequence[int], prices: NDArray[np.int64], available: NDArray[np.int64]) -> int:
    """Return what the sum of squares of no plan is below, seats and caps looked at: the price bound without fit.

    Args:
        year: the plan.
        staffed: the matters that have a panel.
        prices: of a place on a panel, by candidate, in units of the sum of squares.
        available: the most panels each can be given.
    """
    total = sum(_least(year, matter, prices) for matter in staffed)
    return squares(year.service) + total - _gains(year, prices, 1, available)


def fit_bound(
    year: Year,
    staffed: Sequence[int],
    loads: NDArray[np.int64],
    prices: NDArray[np.int64],
    weight: int,
    available: NDArray[np.int64],
) -> int:
    """Return what the sum of fit of no plan exceeds that is as fair: whose loads have the same sum of squares, or less.

    Args:
        year: the plan.
        staffed: the matters that have a panel.
        loads: what everybody has served with this plan.
        prices: of a place on a panel, by candidate.
        weight: of one unit of the sum of squares, in units of fit.
        available: the most panels each can be given.
    """
    total = 0
    for matter in staffed:
        cost = prices + (LARGEST_FIT - year.fit[matter].astype(np.int64))
        total += LARGEST_FIT * year.works[matter].size - _least(year, matter, cost)
    added = squares(loads) - squares(year.service)
    return total + _gains(year, prices, weight, available) + weight * added


def _least(year: Year, matter: int, cost: NDArray[np.int64]) -> int:
    least = least_cost(year, matter, cost)
    if least is None:
        raise RuntimeError("a matter that has a panel has none without some of its rules")
    return least


def _gains(year: Year, prices: NDArray[np.int64], weight: int, available: NDArray[np.int64]) -> int:
    """Return the sum over candidates of the most that any number of panels makes of price and squares added."""
    # The worth of one more panel falls with every panel, so each is given panels while the next is worth something.
    worth = prices - weight * (2 * year.service + 1)
    many = np.clip(-(-worth // max(2 * weight, 1)), 0, available) if weight else np.where(worth > 0, available, 0)
    gains: int = sum((many * prices - weight * (many * many + 2 * year.service * many)).tolist())
    return gains


def gini(loads: NDArray[np.int64]) -> Fraction:
    """Return the Gini coefficient of loads: 0 when all are equal, towards 1 when one has everything."""
    ordered = np.sort(loads)
    total, count = int(ordered.sum()), len(ordered)
    if not total:
        return Fraction(0)
    ranks = 2 * np.arange(1, count + 1) - count - 1
    return Fraction(sum(int(rank) * int(load) for rank, load in zip(ranks, ordered, strict=True)), count * total)
