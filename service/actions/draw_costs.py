"""What each rule of a draw costs: the chances without it, computed anew for one rule after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from selection import Lottery, PanelRequest, find_lottery, parse_lottery, parse_problem
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
    for at, code, facts, changed in _without_each(request):
        found = find_lottery(changed, equal=equal, time_limit=TIME_LIMIT)
        costs.append(RuleCost(at, code, facts, _outlook(found, shares) if isinstance(found, Lottery) else None))
    return _outlook(parse_lottery(lottery), shares), tuple(costs)


def _outlook(lottery: Lottery, shares: Mapping[str, Fraction]) -> Outlook:
    chances = {one: chance for one, chance in lottery.chances.items() if chance}
    least = min(chance / shares[one] for one, chance in chances.items())
    return Outlook(least, max(chances.values()), len(chances), lottery.panels)


def rows_of(request: PanelRequest) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return place of each rule in a problem -> code and parameters of the sentence that says it."""
    return {at: (code, facts) for at, code, facts, _ in _without_each(request)}


def _without_each(request: PanelRequest) -> Iterator[tuple[str, str, Mapping[str, Any], PanelRequest]]:
    for place, seat in enumerate(request.seats):
        left = request.seats[:place] + request.seats[place + 1 :]
        yield (
            f"/seats/{place}",
            "COST_SEAT",
            {"field": seat.field, "count": seat.count},
            replace(request, seats=left),
        )
    for place, quota in enumerate(request.quotas):
        rows = request.quotas[:place] + request.quotas[place + 1 :]
        facts = {"attribute": quota.attribute, "value": quota.value, "min": quota.min, "max": quota.max or request.size}
        yield f"/quotas/{place}", "COST_QUOTA", facts, replace(request, quotas=rows)
    for place, cap in enumerate(request.caps):
        caps = request.caps[:place] + request.caps[place + 1 :]
        facts = {"attribute": cap.attribute, "max": cap.max}
        yield f"/caps/{place}", "COST_CAP", facts, replace(request, caps=caps)
