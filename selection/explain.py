"""Explanations: what each rule costs the best panel, and what determined everybody's chance in a lottery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from selection.compose import compose_panel
from selection.lottery.types import entitlement_of, quota_values
from selection.lottery.value import Lottery
from selection.request import Candidate, PanelRequest
from selection.result import Objective, PanelResult
from selection.seating import can_fill


@dataclass(frozen=True, slots=True)
class RuleCost:
    """One rule of a composed panel, and what the best panel would be without it.

    Attributes:
        code, cite: of the rule's row.
        at: JSON Pointer of the row.
        without: objective of the best panel without the row, never worse than with it; None when it was not proven
            in time.
    """

    code: str
    cite: str
    at: str
    without: Objective | None

    def to_json(self) -> dict[str, Any]:
        """Return the cost as plain values."""
        without = None if self.without is None else self.without.to_json()
        return {"code": self.code, "cite": self.cite, "at": self.at, "without": without}


@dataclass(frozen=True, slots=True)
class ExpertChance:
    """What determined the chance of one candidate before the draw, or why there is none.

    Attributes:
        id: the candidate.
        chance: to be a member; 0 for who is excluded or in no panel.
        entitlement: what the chance is divided by when chances are levelled.
        seats: codes of the seats the candidate can fill, in file order; open seats are everybody's.
        values: attributes that a rule looks at: those of quotas that can bind and of caps.
        alike: how many candidates the lottery treats alike, this one included; 0 for who is in no type.
        level: place, from 1, of chance / entitlement among all values from the least; 0 without a chance.
        code: why there is no chance: that of the exclusion, or `IN_NO_PANEL` where the rules leave no panel with the
            candidate; empty with a chance.
        cite: article of the exclusion.
    """

    id: str
    chance: Fraction
    entitlement: Fraction
    seats: tuple[str, ...]
    values: Mapping[str, str]
    alike: int
    level: int
    code: str = ""
    cite: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as plain values."""
        return {
            "id": self.id,
            "chance": str(self.chance),
            "entitlement": str(self.entitlement),
            "seats": list(self.seats),
            "values": dict(self.values),
            "alike": self.alike,
            "level": self.level,
            "code": self.code,
            "cite": self.cite,
        }


def rule_costs(request: PanelRequest, result: PanelResult, *, time_limit: float | None = None) -> tuple[RuleCost, ...]:
    """Return for each rule of a composed panel what the best panel would be without it, in file order.

    A row that costs nothing has the objective of the panel itself. Exclusions are no rows here: interests are not
    for sale. Rows are taken out one at a time; together they may cost more than their sum.

    Args:
        request: the problem.
        result: its optimal panel.
        time_limit: seconds for each row, None for no limit but the solver's work.
    """
    if result.status != "optimal" or result.objective is None:
        return ()
    named = {rule.at: rule for rule in result.rules}
    found = []
    for at, changed in without_each(request):
        if at not in named:
            continue
        other = compose_panel(replace(changed, reserves=0), seed=result.seed, time_limit=time_limit)
        without = other.objective if other.status == "optimal" else None
        found.append(RuleCost(named[at].code, named[at].cite, at, without))
    return tuple(found)


def explain_chances(request: PanelRequest, lottery: Lottery) -> tuple[ExpertChance, ...]:
    """Return one row for each candidate, in the order of ids: the chance and what determined it, or why there is none.

    Args:
        request: the problem.
        lottery: of this problem.
    """
    excluded = {row.id: row for row in request.excluded}
    alike = {one: len(members) for members in lottery.types for one in members}
    wanted = tuple(dict.fromkeys(row.field for row in request.seats if row.count))
    looked_at = {name for name, _ in quota_values(request)} | {row.attribute for row in request.caps}
    by_id = {one.id: one for one in request.candidates}
    entitled = {one: entitlement_of(by_id[one], equal=lottery.equal) for one in by_id}
    values = sorted({chance / entitled[one] for one, chance in lottery.chances.items() if chance})
    level = {value: place for place, value in enumerate(values, 1)}

    def row(candidate: Candidate) -> ExpertChance:
        one, chance = candidate.id, lottery.chances[candidate.id]
        out = excluded.get(one)
        return ExpertChance(
            one,
            chance,
            entitled[one],
            tuple(code for code in wanted if can_fill(candidate, code)),
            {name: candidate.attributes[name] for name in sorted(looked_at & candidate.attributes.keys())},
            alike.get(one, 0),
            level.get(chance / entitled[one], 0),
            out.code if out else "" if chance else "IN_NO_PANEL",
            out.cite if out else "",
        )

    return tuple(row(by_id[one]) for one in sorted(by_id))


def without_each(request: PanelRequest) -> Iterator[tuple[str, PanelRequest]]:
    """Yield the place of each rule, as a JSON Pointer into the problem, and the problem without it, in file order."""
    for place in range(len(request.seats)):
        yield f"/seats/{place}", replace(request, seats=request.seats[:place] + request.seats[place + 1 :])
    for place in range(len(request.quotas)):
        yield f"/quotas/{place}", replace(request, quotas=request.quotas[:place] + request.quotas[place + 1 :])
    for place in range(len(request.caps)):
        yield f"/caps/{place}", replace(request, caps=request.caps[:place] + request.caps[place + 1 :])
    for place, pair in enumerate(request.apart):
        # A pair may stand there more than once and is one rule.
        ids = {pair.first, pair.second}
        others = tuple(row for row in request.apart if {row.first, row.second} != ids)
        yield f"/apart/{place}", replace(request, apart=others)
