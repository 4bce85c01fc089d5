"""Replacing a member who leaves: the others stay, the same rules hold, and the panel stays the best it can be.

Who may come in is decided by counts alone. The others fill all seats, or all but one: then whoever comes must be able
to fill a seat that can be the empty one, the others moving over if need be. Every quota says whether somebody with its
value, or without it, may come; every cap which values are full; every pair who is kept out. These are a few arrays over
resident columns, and the pool is in the order of cost, so the first who may come is the best: less than a millisecond
among a hundred thousand.

Where nobody can come in alone, the fewest further members leave with him: the solver finds them, as in a check.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from selection.canonical import problem_sha256
from selection.check import members_of, paired_exchanges
from selection.columns import PoolColumns, Positions, columns_of
from selection.compose import best_members
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.kernel import cheapest_first
from selection.request import ApartRow, Candidate, ExcludedRow, PanelRequest, SeatRow
from selection.result import BlockingRule, Exchange, Member, RuleVerdict, Status, WayOut
from selection.rules import SeatsFilled, binds, rules_of, verdict_of
from selection.seating import seat_members, seats_filled

_LEFT: Final = "MEMBER_LEFT"
# Candidates looked at in one go; the first part nearly always has somebody.
_PART: Final = 4_096


@dataclass(frozen=True, slots=True)
class Replacement:
    """Who comes in for a member who leaves.

    Attributes:
        status: `optimal` when proven that no fewer exchanges do and nobody better can come; `feasible` and `stopped`
            when time ran out; `infeasible` when there is no panel without the member who leaves.
        leaves: id of the member.
        before: the panel with the member.
        after: the panel that follows; empty without one.
        blocking, ways_out: as in a `PanelResult`, when there is no panel.
    """

    request: PanelRequest = field(repr=False)
    status: Status
    leaves: str
    before: tuple[Candidate, ...]
    after: tuple[Candidate, ...] = ()
    blocking: tuple[BlockingRule, ...] = ()
    ways_out: tuple[WayOut, ...] = ()
    seed: str = ""
    solver: str = ""

    @property
    def members(self) -> tuple[Member, ...]:
        """The panel that follows with its seats, as in a `PanelResult`."""
        return seat_members(self.after, self.request.seats)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Who leaves and who joins, those of one seat together; one exchange wherever one is enough."""
        return paired_exchanges(seat_members(self.before, self.request.seats), self.members) if self.after else ()

    @property
    def rules(self) -> tuple[RuleVerdict, ...]:
        """What the panel that follows makes of every row but the exclusions, in file order."""
        return tuple(verdict_of(rule, self.after) for rule in rules_of(self.request)) if self.after else ()

    def to_json(self) -> dict[str, Any]:
        """Return the replacement as `panel-replacement/1`."""
        found: dict[str, Any] = {
            "format": "panel-replacement/1",
            "status": self.status,
            "seed": self.seed,
            "leaves": self.leaves,
        }
        if self.after:
            found["exchanges"] = [exchange.to_json() for exchange in self.exchanges]
            found["panel"] = [member.to_json() for member in self.members]
            found["rules"] = [verdict.to_json() for verdict in self.rules]
        if self.status == "infeasible":
            found["blocking"] = [rule.to_json() for rule in self.blocking]
            found["ways_out"] = [way.to_json() for way in self.ways_out]
        found["problem_sha256"] = problem_sha256(self.request)
        found["solver"] = self.solver
        return found


def replace_member(
    request: PanelRequest,
    ids: Iterable[str],
    leaves: str,
    *,
    seed: str = "",
    time_limit: float | None = None,
) -> Replacement:
    """Replace one member: the others stay, the same rules hold.

    Of those who can come in alone it is the one who makes the best panel by the objective of `compose_panel`. Where
    nobody can, the fewest further exchanges are made; of several such panels it is again the best.

    Args:
        request: the problem; with a `PoolColumns` as candidates where many are asked about one pool.
        ids: the panel with the member who leaves; its order does not matter.
        leaves: id of the member who leaves, and does not come back.
        seed: of the tie keys.
        time_limit: seconds for the search of further exchanges, None for no limit but the solver's work.

    Raises:
        PanelProblemFaults: when an id is no candidate or is on the panel twice (`/panel/n`), or when who leaves is not
            on it (`/leaves`).

    Example:
        >>> request = PanelRequest(1, (Candidate("e1"), Candidate("e2", service=2), Candidate("e3", service=1)))
        >>> [exchange.joins for exchange in replace_member(request, ["e1"], "e1").exchanges]
        ['e3']
    """
    pool = columns_of(request.candidates)
    before = members_of(ids, pool)
    staying = tuple(member for member in before if member.id != leaves)
    if len(staying) == len(before):
        raise PanelProblemFaults([PanelProblemFault("/leaves", "NOT_ON_PANEL", {"id": leaves})])
    joining = _best_alone(request, pool, staying, leaves, seed) if len(before) == request.size else None
    if joining is not None:
        after = (*staying, joining)
        if not _keeps_rules(request, after):
            raise RuntimeError(f"the panel with {joining.id} does not keep the rules")
        return Replacement(request, "optimal", leaves, before, after, seed=seed)
    return _with_more(request, pool, before, leaves, seed=seed, time_limit=time_limit)


def _best_alone(
    request: PanelRequest, pool: PoolColumns, staying: Sequence[Candidate], leaves: str, seed: str
) -> Candidate | None:
    """Return the best of those who, put to the members who stay, give a valid panel."""
    stay = frozenset(member.id for member in staying)
    if stay & request.excluded_ids or not _may_stay(request, staying, stay):
        return None
    kept_out = {pair.second if pair.first in stay else pair.first for pair in request.apart if _meets(pair, stay)}
    out = stay | kept_out | {leaves}
    for able in _in_parts(_able(request, pool, staying), pool):
        may_come = able[_is_welcome(request, pool, staying, able)]
        for _, _, position in cheapest_first(pool, may_come, request.excluded_ids, seed):
            if pool.candidates[position].id not in out:
                return pool.candidates[position]
    return None


def _in_parts(able: Positions, pool: PoolColumns) -> Iterator[Positions]:
    """Yield positions in the order of cost, those of equal cost together, a few thousand at a time."""
    start = 0
    while start < len(able):
        last = able[min(start + _PART, len(able)) - 1]
        end = int(np.searchsorted(able, pool.class_end[last]))
        yield able[start:end]
        start = end


def _meets(pair: ApartRow, stay: frozenset[str]) -> bool:
    return pair.first in stay or pair.second in stay


def _may_stay(request: PanelRequest, staying: Sequence[Candidate], stay: frozenset[str]) -> bool:
    """Return whether those who stay break no rule that somebody who comes could not mend."""
    floor = request.floor
    return (
        not any({pair.first, pair.second} <= stay for pair in request.apart)
        and not any(_full(cap.attribute, cap.max + 1, staying) for cap in request.caps)
        and (floor is None or floor.waiver is not None or floor.min <= request.size)
    )


def _full(attribute: str, many: int, staying: Sequence[Candidate]) -> list[str]:
    """Return the values that at least so many have."""
    counts = Counter(one.attributes[attribute] for one in staying if attribute in one.attributes)
    return [value for value, count in counts.items() if count >= many]


def _able(request: PanelRequest, pool: PoolColumns, staying: Sequence[Candidate]) -> Positions:
    """Return the positions, ascending, of those with whom all seats are filled."""
    seats = sum(row.count for row in request.seats)
    filled = seats_filled(staying, request.seats)
    if filled == seats:
        return pool.everyone
    if filled < seats - 1:
        return pool.everyone[:0]
    # A seat can be the empty one when the others can be filled without it.
    fields = [
        field
        for field in dict.fromkeys(row.field for row in request.seats if row.count)
        if seats_filled(staying, _without_one(request.seats, field)) == filled
    ]
    parts = [pool.able_to_fill(field) for field in fields]
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _without_one(seats: Sequence[SeatRow], field: str) -> list[SeatRow]:
    index = next(index for index, row in enumerate(seats) if row.field == field and row.count)
    return [*seats[:index], replace(seats[index], count=seats[index].count - 1), *seats[index + 1 :]]


def _is_welcome(
    request: PanelRequest, pool: PoolColumns, staying: Sequence[Candidate], able: Positions
) -> NDArray[np.bool_]:
    """Return for each position whether quotas and caps let him come."""
    welcome = np.ones(len(able), np.bool_)
    for quota in request.quotas:
        count = sum(one.attributes.get(quota.attribute) == quota.value for one in staying)
        high = request.size if quota.max is None else quota.max
        with_it, without = quota.min <= count + 1 <= high, quota.min <= count <= high
        if not (with_it or without):
            welcome[:] = False
        elif with_it != without:
            column = pool.attributes.get(quota.attribute)
            has = column.is_value(quota.value)[able] if column is not None else np.zeros(len(able), np.bool_)
            welcome &= has if with_it else ~has
    for cap in request.caps:
        if full := _full(cap.attribute, cap.max, staying):
            column = pool.attributes[cap.attribute]
            # One place more than there are values: -1, for those without the attribute, is the last.
            closed = np.zeros(len(column.numbers) + 1, np.bool_)
            closed[[column.numbers[value] for value in full]] = True
            welcome &= ~closed[column.codes[able]]
    return welcome


def _keeps_rules(request: PanelRequest, members: Sequence[Candidate]) -> bool:
    ids = {member.id for member in members}
    return (
        len(ids) == request.size
        and not ids & request.excluded_ids
        and seats_filled(members, request.seats) == sum(row.count for row in request.seats)
        and all(
            rule.kept_by(members) for rule in rules_of(request) if binds(rule) and not isinstance(rule, SeatsFilled)
        )
    )


def _with_more(
    request: PanelRequest,
    pool: PoolColumns,
    before: tuple[Candidate, ...],
    leaves: str,
    *,
    seed: str,
    time_limit: float | None,
) -> Replacement:
    """Exchange as few further members as possible."""
    from selection.blocking import blocking_rules
    from selection.solving import SOLVER, Budget

    # Who left is as good as excluded, and never offered to be let in again.
    left = ExcludedRow(leaves, _LEFT, never_relax=True)
    without = replace(request, candidates=pool, excluded=(*(row for row in request.excluded if row.id != leaves), left))
    budget = Budget.of(time_limit)
    keep = frozenset(member.id for member in before) - {leaves}
    choice, after = best_members(without, pool, budget, seed=seed, locked_in=frozenset(), keep=keep)
    if after and not _keeps_rules(without, after):
        raise RuntimeError("the solver's panel does not keep the rules")
    found = blocking_rules(without, pool, budget, locked_in=frozenset()) if choice.outcome == "infeasible" else None
    return Replacement(
        request,
        choice.outcome,
        leaves,
        before,
        after,
        blocking=found.rules if found else (),
        ways_out=found.ways_out if found else (),
        seed=seed,
        solver=SOLVER,
    )
