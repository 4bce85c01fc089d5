"""What each rule of a draw costs: the chances without it, computed anew for one rule after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from selection import Lottery, PanelRequest, find_lottery, parse_lottery, parse_problem, without_each
from selection.lottery import entitlement_of

# Seconds for one rule; a rule that takes longer is said to be not computed.
TIME_LIMIT = 10.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a lottery gives.

    Attributes:
        least: the smallest chance for what one is entitled to, of anybody who has one; no rule makes it larger.
        most: the largest chance.
        with_chance: how many people have one.
        panels: how many valid panels there are; None where only a lower bound is known.
    """

    least: Fraction
    most: Fraction
    with_chance: int
    panels: int | None


@dataclass(frozen=True, slots=True)
class RuleCost:
    """One rule, and what a lottery gives without it.

    Attributes:
        at: place of the rule in the problem, such as `/caps/0`.
        code: of the rule.
        facts: parameters of its sentence.
        without: what the lottery gives without the rule; None when it took too long.
    """

    at: str
    code: str
    facts: Mapping[str, Any]
    without: Outlook | None


def rule_costs(problem: Mapping[str, Any], lottery: Mapping[str, Any]) -> tuple[Outlook, tuple[RuleCost, ...]]:
    """Return what the lottery gives, and what it gives without each rule; pure work, to be run off the event loop.

    Args:
        problem: `panel-problem/1` of the draw.
        lottery: its `lottery/1`.
    """
    request = parse_problem(problem)
    equal = bool(lottery.get("x-equal", False))
    shares = {one.id: entitlement_of(one, equal=equal) for one in request.candidates}
    costs = []
    rows = rows_of(request)
    for at, changed in without_each(request):
        if at not in rows:
            continue
        code, facts = rows[at]
        found = find_lottery(changed, equal=equal, time_limit=TIME_LIMIT)
        costs.append(RuleCost(at, code, facts, _outlook(found, shares) if isinstance(found, Lottery) else None))
    return _outlook(parse_lottery(lottery), shares), tuple(costs)


def _outlook(lottery: Lottery, shares: Mapping[str, Fraction]) -> Outlook:
    chances = {one: chance for one, chance in lottery.chances.items() if chance}
    least = min(chance / shares[one] for one, chance in chances.items())
    return Outlook(least, max(chances.values()), len(chances), lottery.panels)


def rows_of(request: PanelRequest) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return place of each rule in a problem -> code and parameters of the sentence that says it."""
    rows: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for place, seat in enumerate(request.seats):
        rows[f"/seats/{place}"] = "COST_SEAT", {"field": seat.field, "count": seat.count}
    for place, quota in enumerate(request.quotas):
        most = request.size if quota.max is None else quota.max
        facts = {"attribute": quota.attribute, "value": quota.value, "min": quota.min, "max": most}
        rows[f"/quotas/{place}"] = "COST_QUOTA", facts
    for place, cap in enumerate(request.caps):
        rows[f"/caps/{place}"] = "COST_CAP", {"attribute": cap.attribute, "max": cap.max}
    return rows
