"""Composing a panel of experts (专家组): exact, explained, checkable.

Plain values in, plain values out; needs OR-Tools and NumPy only, and imports OR-Tools when it first solves.

    request = parse_problem(text)                              panel-problem/1; PanelProblemFaults names every fault
    pool = PoolColumns.of(candidates)                          made once, kept resident: 100,000 experts as columns
    request = PanelRequest(size=9, candidates=pool, seats=(SeatRow("570", 2),), caps=(CapRow("employer", 1),))
    result = compose_panel(request, seed="", locked_in=frozenset(), time_limit=None)      -> PanelResult
    check = check_panel(request, ["e1", "e7"], seed="", locked_in=frozenset(), time_limit=None)   -> PanelCheck
    found = replace_member(request, ["e1", "e7"], "e7", seed="")      -> Replacement: the others stay, rules hold
    lottery = find_lottery(request, equal=False, time_limit=None)      -> Lottery, or a PanelResult without a panel
    rule_costs(request, result); explain_chances(request, lottery)     what each rule costs, what made each chance
    check_lottery(request, parse_lottery(lottery.to_json()))   every fault of a lottery, the proof of fairness too
    result.to_json(), check.to_json(), lottery.to_json()       panel-result/1, panel-check/1, lottery/1
    problem_sha256(request)

Panels for many matters at once are in `selection.plan`.
A panel that does not exist is an answer, not an error: `status` is "infeasible" and `blocking` names the rules.
Somebody locked out by hand is an `ExcludedRow(id, "LOCKED_OUT")`; somebody locked in stands in `locked_in`.
"""

from selection.canonical import canonical_json, problem_json, problem_sha256
from selection.check import check_panel
from selection.columns import PoolColumns
from selection.compose import compose_panel
from selection.explain import ExpertChance, RuleCost, explain_chances, rule_costs, without_each
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.lottery import (
    Composition,
    Level,
    Lottery,
    LotteryFault,
    Part,
    check_lottery,
    find_lottery,
    parse_lottery,
)
from selection.parse import parse_problem
from selection.replacement import Replacement, replace_member
from selection.request import (
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelRequest,
    QuotaRow,
    SeatRow,
    Waiver,
)
from selection.result import (
    BlockingRule,
    Exchange,
    Member,
    Objective,
    PanelCheck,
    PanelResult,
    Reserve,
    RuleVerdict,
    Status,
    WayOut,
)

__all__ = [
    "ApartRow",
    "BlockingRule",
    "Candidate",
    "CapRow",
    "Composition",
    "Exchange",
    "ExcludedRow",
    "ExpertChance",
    "FloorRow",
    "Level",
    "Lottery",
    "LotteryFault",
    "Member",
    "Objective",
    "PanelCheck",
    "PanelProblemFault",
    "PanelProblemFaults",
    "PanelRequest",
    "PanelResult",
    "Part",
    "PoolColumns",
    "QuotaRow",
    "Replacement",
    "Reserve",
    "RuleCost",
    "RuleVerdict",
    "SeatRow",
    "Status",
    "Waiver",
    "WayOut",
    "canonical_json",
    "check_lottery",
    "check_panel",
    "compose_panel",
    "explain_chances",
    "find_lottery",
    "parse_lottery",
    "parse_problem",
    "problem_json",
    "problem_sha256",
    "replace_member",
    "rule_costs",
    "without_each",
]
