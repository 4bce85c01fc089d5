"""Why there is no panel: the fewest rows that cannot hold together, first in file order, each proven to be needed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from selection.columns import PoolColumns
from selection.hitting import Demand, smallest
from selection.relaxed import Relaxed
from selection.request import Candidate, PanelRequest
from selection.result import BlockingRule, WayOut
from selection.rules import Apart, Cap, Excluded, LockedIn, PanelFloor, Quota, Rule, SeatsFilled
from selection.seating import can_fill
from selection.solving import Budget
from selection.ways_out import ways_out_of
from selection.witness import Panel, Witnesses, swapped

# Panels asked of the solver after which a set that is minimal, but perhaps not the smallest, is taken.
_PANELS: Final = 600
# The same as work of the solver, in its own unit.
_WORK: Final = 1.0


@dataclass(frozen=True, slots=True)
class Blocking:
    """Rows that cannot hold together, in file order, and the ways out.

    Attributes:
        rules: none where the candidates are fewer than the size whatever is relaxed.
        fewest_proven: whether no smaller set exists; each row is needed in any case.
        ways_out: best first.
    """

    rules: tuple[BlockingRule, ...]
    fewest_proven: bool
    ways_out: tuple[WayOut, ...]


def blocking_rules(
    request: PanelRequest, pool: PoolColumns, budget: Budget, *, locked_in: AbstractSet[str]
) -> Blocking:
    """Explain a request that has no panel.

    Every row that some panel would be possible without is a demand: one of the rows left out for that panel must be
    blamed. The smallest set that meets all demands found so far either blocks, and is the answer, or allows a panel
    and so gives the next demand.

    Args:
        request: a problem without a panel.
        pool: its candidates.
        budget: what may be spent.
        locked_in: ids that must be members.
    """
    relaxed = Relaxed.of(request, pool, locked_in=locked_in)
    groups = _groups(relaxed)
    rows = _fewest(relaxed, groups, Budget(budget.deadline, min(budget.work, _WORK)))
    fewest_proven = rows is not None
    if rows is None:
        rows = _minimal(relaxed, groups, Budget())
    _prove(relaxed, rows, groups)
    rules = [relaxed.rules[row] for row in rows]
    return Blocking(
        tuple(_blocking_rule(rule, request, pool, rules) for rule in rules),
        fewest_proven,
        ways_out_of(request, pool, relaxed, rows, groups, locked_in=locked_in),
    )


def _groups(relaxed: Relaxed) -> list[list[int]]:
    """Group the rows that can stand in for one another: exclusions of candidates who are alike in every rule."""
    seats = relaxed.request.seats
    named = {one for pair in relaxed.request.apart for one in (pair.first, pair.second)}
    named |= {rule.id for rule in relaxed.rules if isinstance(rule, LockedIn)}
    attributes = sorted(
        {row.attribute for row in relaxed.request.quotas} | {row.attribute for row in relaxed.request.caps}
    )
    found: dict[object, list[int]] = {}
    for row, rule in enumerate(relaxed.rules):
        key: object = row
        if isinstance(rule, Excluded) and rule.row.id not in named:
            candidate = relaxed.seated.candidates[relaxed.seated.positions[rule.row.id]]
            able = tuple(can_fill(candidate, seat.field) for seat in seats)
            key = (able, *(candidate.attributes.get(name) for name in attributes))
        found.setdefault(key, []).append(row)
    return list(found.values())


def _fewest(relaxed: Relaxed, groups: Sequence[Sequence[int]], budget: Budget) -> list[int] | None:
    """Return the fewest rows that block, first in file order; None when that could not be proven."""
    group_of = {row: group for group, rows in enumerate(groups) for row in rows}
    demands: list[Demand] = []
    first = False
    asked = 0
    while asked < _PANELS:
        rows = smallest(groups, demands, budget, first=first) if demands else []
        if rows is None:
            return None
        # Demands that share no row are found one after the other before the next choice is made.
        held = set(rows)
        known = len(demands)
        while True:
            asked += 1
            outcome, left_out, panel = relaxed.left_out(held, budget)
            if outcome == "stopped":
                return None
            if outcome == "infeasible" or not left_out:
                break
            # Any panel that keeps what is held is a demand: so are those with another excluded member let in.
            for broken in (frozenset(left_out), *_alike(relaxed, panel, groups, held)):
                if broken & held:
                    continue
                # Who is left out of a group may be any of it: more than the others must be blamed.
                missing = Counter(group_of[row] for row in broken)
                demands.append({group: len(groups[group]) - many + 1 for group, many in missing.items()})
                held.update(row for group in missing for row in groups[group])
        blocks = len(demands) == known
        if blocks and (first or not rows):
            return rows
        # No set that blocks is smaller than one that does; only then is the first of that size worth looking for.
        first = blocks
    return None


def _alike(
    relaxed: Relaxed, panel: Panel, groups: Sequence[Sequence[int]], held: AbstractSet[int]
) -> Iterator[frozenset[int]]:
    """Yield what a panel breaks when the one excluded member it has gives the place to another excluded candidate."""
    lifted = [one.id for one in panel if one.id in relaxed.exclusion_of]
    if len(lifted) != 1:
        return
    for group in groups:
        rule = relaxed.rules[group[0]]
        if isinstance(rule, Excluded) and group[0] not in held:
            joining = relaxed.seated.candidates[relaxed.seated.positions[rule.row.id]]
            for other in swapped(panel, lifted[0], joining):
                yield relaxed.broken_by(other)


def _minimal(relaxed: Relaxed, groups: Sequence[Sequence[int]], budget: Budget) -> list[int]:
    """Return rows that block, each needed: what the solver blames, without all that can be spared."""
    outcome, core = relaxed.core(range(len(relaxed.rules)), budget)
    if outcome != "infeasible":
        raise RuntimeError(f"a problem without a panel turned out {outcome}")
    rows = set(core)
    for group in reversed(groups):
        # Later rows are spared first. Where one of a group is needed, so are the others that are left of it.
        for row in reversed(group):
            if row not in rows:
                continue
            if relaxed.can_hold(rows - {row}, budget) != "infeasible":
                break
            rows.remove(row)
    return sorted(rows)


def _prove(relaxed: Relaxed, rows: Sequence[int], groups: Sequence[Sequence[int]]) -> None:
    """Ask the solver once more: these rows alone have no panel; without any one of them there is one."""
    budget = Budget()
    if relaxed.can_hold(frozenset(rows), budget) == "optimal":
        raise RuntimeError("the blocking rows can hold together")
    # Rows of one group stand in for one another, so one of each group is asked about.
    first_of_group = {min(set(group).intersection(rows)) for group in groups if set(group).intersection(rows)}
    witnesses = Witnesses(relaxed)
    for row in sorted(first_of_group):
        if witnesses.can_spare(row, frozenset(rows) - {row}) == "infeasible":
            raise RuntimeError(f"the blocking row {relaxed.rules[row].at} is not needed")


def _blocking_rule(rule: Rule, request: PanelRequest, pool: PoolColumns, together: Sequence[Rule]) -> BlockingRule:
    """Say a blocking row with the counts that show why."""
    code = rule.code
    facts: dict[str, Any] = {}
    match rule:
        case SeatsFilled(row=seat):
            able = [pool.candidates[position] for position in pool.able_to_fill(seat.field).tolist()]
            facts = {"field": seat.field, "count": seat.count} | _counts(able, request, together)
        case Quota(row=quota):
            having = [one for one in pool if one.attributes.get(quota.attribute) == quota.value]
            bounds = {"attribute": quota.attribute, "value": quota.value, "min": quota.min, "max": rule.high}
            facts = bounds | _counts(having, request, together)
        case Cap(row=cap):
            facts = {"attribute": cap.attribute, "max": cap.max}
        case PanelFloor(row=floor):
            facts = {"min": floor.min, "count": request.size}
        case Excluded() | LockedIn() | Apart():
            facts = dict(rule.facts(()))
    return BlockingRule(code, rule.cite, rule.at, facts)


def _counts(able: Sequence[Candidate], request: PanelRequest, together: Sequence[Rule]) -> dict[str, Any]:
    eligible = [one for one in able if one.id not in request.excluded_ids]
    different = {
        rule.row.attribute: len({one.attributes.get(rule.row.attribute, f"\0{one.id}") for one in eligible})
        for rule in together
        if isinstance(rule, Cap)
    }
    counts: dict[str, Any] = {"eligible": len(eligible), "excluded": len(able) - len(eligible)}
    return counts | {"different": different} if different else counts
