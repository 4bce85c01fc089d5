"""Lawful ways out of a request without a panel: what would have to change, by how much, best first."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, Final

from selection.columns import PoolColumns
from selection.relaxed import Relaxed
from selection.request import LARGEST_SIZE, Candidate, PanelRequest
from selection.result import WayOut
from selection.rules import Apart, Cap, Excluded, LockedIn, PanelFloor, Quota, Rule, SeatsFilled
from selection.solving import Budget
from selection.witness import Witnesses

# Best first: what relaxes nothing, then what a person wished, then local policy, then what the regulation says.
_ORDER: Final = (
    "ADD_CANDIDATES",
    "RAISE_SIZE",
    "UNLOCK",
    "FEWER_SEATS",
    "LOWER_QUOTA",
    "RAISE_QUOTA",
    "RAISE_CAP",
    "LET_TOGETHER",
    "LIFT_EXCLUSION",
    "WAIVE_FLOOR",
    "RELAX_TOGETHER",
)


def ways_out_of(
    request: PanelRequest,
    pool: PoolColumns,
    relaxed: Relaxed,
    blocking: Sequence[int],
    groups: Sequence[Sequence[int]],
    *,
    locked_in: AbstractSet[str],
) -> tuple[WayOut, ...]:
    """Return the changes of one thing each that make a panel possible; one of several things where none alone does.

    Every way was tried by the solver on the whole request. What is never relaxed is never offered. Among ways of one
    kind those that cite no article come first.

    Args:
        request: a problem without a panel.
        pool: its candidates.
        relaxed: its rows behind switches.
        blocking: places in `relaxed.rules` of the rows that cannot hold together.
        groups: places of rows that can stand in for one another.
        locked_in: ids locked in.
    """
    found = list(_more_candidates(request, relaxed, [relaxed.rules[place] for place in blocking], locked_in))
    group_of = {place: group for group, places in enumerate(groups) for place in places}
    # What lifting one exclusion of a group does, lifting any other of it does as well.
    does: dict[int, bool] = {}
    witnesses = Witnesses(relaxed)
    lifted: dict[tuple[str, str], list[str]] = {}
    for place in blocking:
        rule = relaxed.rules[place]
        if not isinstance(rule, Excluded):
            found += _change(place, request, pool, relaxed, locked_in)
            continue
        group = group_of[place]
        if group not in does:
            does[group] = witnesses.can_spare(place, relaxed.all_but(place)) == "optimal"
        if does[group]:
            lifted.setdefault((rule.code, rule.cite), []).append(rule.row.id)
    found += [
        WayOut("LIFT_EXCLUSION", {"exclusion": code, "cite": cite, "count": 1, "of": len(ids), "ids": ids})
        for (code, cite), ids in lifted.items()
    ]
    if all(way.code in ("ADD_CANDIDATES", "RAISE_SIZE") for way in found):
        found += _together(relaxed)
    return tuple(sorted(found, key=lambda way: (_ORDER.index(way.code), bool(way.facts.get("cite")))))


def _more_candidates(
    request: PanelRequest, relaxed: Relaxed, blocking: Sequence[Rule], locked_in: AbstractSet[str]
) -> Iterator[WayOut]:
    """Yield how many more candidates of a field, each of an employer of his own, would be enough."""
    seats: list[tuple[str, str | None]] = [
        (rule.at, rule.row.field) for rule in blocking if isinstance(rule, SeatsFilled)
    ]
    wanted = {rule.row.attribute: rule.row.value for rule in blocking if isinstance(rule, Quota) and rule.row.min > 0}
    known = relaxed.seated.positions
    names = [f"+{number}" for number in range(len(known) + request.size) if f"+{number}" not in known][: request.size]
    for at, field in seats or [("", None)]:
        more = [Candidate(name, () if field is None else (field,), wanted) for name in names]
        wider = replace(
            request,
            candidates=(*relaxed.seated.candidates, *more),
            apart=tuple(row for row in request.apart if row.first in known and row.second in known),
        )
        columns = PoolColumns.of(wider.candidates, checked=True)
        trial = Relaxed.of(wider, columns, locked_in=locked_in & known.keys(), staying=frozenset(names))
        least = trial.least(trial.all_but(), trial.seated.of(names), Budget())
        if least and locked_in <= known.keys():
            yield WayOut("ADD_CANDIDATES", {"at": at, "field": field, "attributes": wanted, "count": least})


def _change(
    place: int, request: PanelRequest, pool: PoolColumns, relaxed: Relaxed, locked_in: AbstractSet[str]
) -> Iterator[WayOut]:
    """Yield the smallest change of one row that makes a panel possible, if there is one."""
    rule, others = relaxed.rules[place], relaxed.all_but(place)
    if isinstance(rule, PanelFloor):
        yield from _larger_panel(request, rule.row.min, pool, locked_in)
    if relaxed.can_hold(others, Budget()) != "optimal":
        return
    facts: dict[str, Any] = {"at": rule.at, "cite": rule.cite}
    match rule:
        case SeatsFilled(row=seat):
            most = relaxed.most(others, relaxed.seated.fills[rule.index], Budget())
            facts |= {"field": seat.field, "count": seat.count, "possible": most}
            yield WayOut("FEWER_SEATS", facts)
        case Quota(row=quota):
            having = relaxed.seated.with_value(quota.attribute, quota.value)
            facts |= {"attribute": quota.attribute, "value": quota.value, "min": quota.min, "max": rule.high}
            most, least = relaxed.most(others, having, Budget()), relaxed.least(others, having, Budget())
            if most is not None and most < quota.min:
                yield WayOut("LOWER_QUOTA", facts | {"possible": most})
            elif least is not None and least > rule.high:
                yield WayOut("RAISE_QUOTA", facts | {"possible": least})
            else:
                yield WayOut("RELAX_TOGETHER", {"count": 1, "rows": [_named(rule, request)]})
        case Cap(row=cap):
            facts |= {"attribute": cap.attribute, "max": cap.max}
            least = relaxed.least_peak(others, list(relaxed.seated.by_value(cap.attribute).values()), Budget())
            yield WayOut("RAISE_CAP", facts | {"possible": least})
        case PanelFloor(row=floor):
            yield WayOut("WAIVE_FLOOR", facts | {"min": floor.min, "count": request.size})
        case Apart():
            yield WayOut("LET_TOGETHER", facts | dict(rule.facts(())))
        case LockedIn():
            yield WayOut("UNLOCK", facts | dict(rule.facts(())))


def _larger_panel(request: PanelRequest, size: int, pool: PoolColumns, locked_in: AbstractSet[str]) -> Iterator[WayOut]:
    if size > LARGEST_SIZE:
        return
    larger = Relaxed.of(replace(request, size=size), pool, locked_in=locked_in)
    if larger.can_hold(larger.all_but(), Budget()) == "optimal":
        yield WayOut("RAISE_SIZE", {"size": request.size, "possible": size})


def _together(relaxed: Relaxed) -> Iterator[WayOut]:
    """Yield the fewest rows that, all relaxed, make a panel possible."""
    _, left_out, _ = relaxed.left_out(frozenset(), Budget())
    rows = [relaxed.rules[place] for place in left_out]
    if rows:
        yield WayOut("RELAX_TOGETHER", {"count": len(rows), "rows": [_named(rule, relaxed.request) for rule in rows]})


def _named(rule: Rule, request: PanelRequest) -> dict[str, Any]:
    """Name a row with what it asks for; no panel is there yet whose members could be counted."""
    facts = dict(rule.facts(()))
    if isinstance(rule, PanelFloor):
        facts["count"] = request.size
    return {"code": rule.code, "cite": rule.cite, "at": rule.at, "facts": facts}
