"""A plan as arrays, made once: who can serve on which matter, how well it suits, and what a panel is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns, Positions
from selection.plan.request import PlanRequest
from selection.request import PanelRequest
from selection.rules import Rule, SeatsFilled, binds, rules_of
from selection.seating import seats_filled

OUT: Final = -1


@dataclass(frozen=True, slots=True)
class Role:
    """Seats of one field, or the open seats, of one matter.

    Attributes:
        field: code of the seats, None for the open seats.
        count: how many seats.
        able: positions of those who can fill them, ascending; the excluded are still among them.
    """

    field: str | None
    count: int
    able: Positions


@dataclass(frozen=True, slots=True)
class Work:
    """One matter to be staffed.

    Attributes:
        problem: its panel problem.
        rules: all that a panel must keep, seats and exclusions apart.
        roles: its seats; together `size` members.
        capped: values of the one capped attribute by position, -1 for none; None without a cap that can bind.
        cap: the most members of one value.
        is_flow: whether seats and one cap are all its rules, so that a flow finds its best panel.
    """

    problem: PanelRequest
    rules: tuple[Rule, ...]
    roles: tuple[Role, ...]
    capped: NDArray[np.int32] | None
    cap: int
    is_flow: bool

    @property
    def size(self) -> int:
        """How many members."""
        return self.problem.size


@dataclass(frozen=True, slots=True)
class Year:
    """All matters and the pool.

    Attributes:
        pool: the candidates.
        works: the matters in the order of their ids.
        ids: their ids.
        fit: matter by candidate, 0 to 100, `OUT` for the excluded.
        service: panels served before, by position.
        ties: for each candidate its place in the order of tie keys, then of ids.
        seed: of the tie keys.
    """

    pool: PoolColumns
    works: tuple[Work, ...]
    ids: tuple[str, ...]
    fit: NDArray[np.int8]
    service: NDArray[np.int64]
    ties: NDArray[np.int64]
    seed: str

    @classmethod
    def of(cls, request: PlanRequest, *, seed: str) -> "Year":
        """Lay a request out; matters are taken in the order of their ids."""
        pool = request.pool
        order = sorted(range(len(request.matters)), key=lambda index: request.matters[index].id)
        own = np.fromiter((one.fit for one in pool), np.int8, len(pool))
        fit = np.tile(own, (len(order), 1))
        for place, index in enumerate(order):
            matter = request.matters[index]
            _overlay(fit[place], matter.fit, pool)
            out = [pool.positions[row.id] for row in matter.excluded if row.id in pool.positions]
            fit[place, out] = OUT
        keys = np.array(pool.ties(seed, range(len(pool))), np.int64)
        ties = np.empty(len(pool), np.int64)
        ties[np.lexsort((pool.ranks(), keys))] = np.arange(len(pool))
        return cls(
            pool,
            tuple(_work(request.problems[index], pool) for index in order),
            tuple(request.matters[index].id for index in order),
            fit,
            np.fromiter((one.service for one in pool), np.int64, len(pool)),
            ties,
            seed,
        )

    def fit_of(self, matter: int, panel: Sequence[int]) -> int:
        """Return the sum of fit of a panel, given by positions."""
        return int(self.fit[matter, list(panel)].sum(dtype=np.int64))

    def keeps_rules(self, matter: int, panel: Sequence[int]) -> bool:
        """Return whether a set of positions is a valid panel of a matter, asking no solver."""
        work = self.works[matter]
        members = [self.pool.candidates[one] for one in panel]
        seats = work.problem.seats
        return (
            len(set(panel)) == work.size
            and bool((self.fit[matter, list(panel)] != OUT).all())
            and all(rule.kept_by(members) for rule in work.rules)
            and seats_filled(members, seats) == sum(row.count for row in seats)
        )


def _overlay(row: NDArray[np.int8], fit: Mapping[str, int], pool: PoolColumns) -> None:
    positions = pool.positions
    row[[positions[one] for one in fit]] = list(fit.values())


def _work(problem: PanelRequest, pool: PoolColumns) -> Work:
    counts: dict[str, int] = {}
    for row in problem.seats:
        counts[row.field] = counts.get(row.field, 0) + row.count
    roles = [Role(field, count, pool.able_to_fill(field)) for field, count in counts.items() if count]
    if left := problem.size - sum(counts.values()):
        roles.append(Role(None, left, pool.everyone))
    caps: dict[str, int] = {}
    for cap in problem.caps:
        if cap.max < problem.size and cap.attribute in pool.attributes:
            caps[cap.attribute] = min(cap.max, caps.get(cap.attribute, cap.max))
    name = min(caps, key=lambda one: (-len(pool.attributes[one].numbers), one), default=None)
    rules = tuple(rule for rule in rules_of(problem) if binds(rule) and not isinstance(rule, SeatsFilled))
    too_small = problem.floor is not None and problem.floor.waiver is None and problem.floor.min > problem.size
    quotas = any(row.min > 0 or (row.max is not None and row.max < problem.size) for row in problem.quotas)
    return Work(
        problem,
        rules,
        tuple(roles),
        None if name is None else pool.attributes[name].codes,
        problem.size if name is None else caps[name],
        len(caps) <= 1 and not (quotas or problem.apart or too_small),
    )
