"""A year at once: panels for many matters over one pool, loads level and fit high, both held against proven bounds."""

from selection.plan.parse import parse_plan
from selection.plan.planning import plan_panels
from selection.plan.request import Matter, PlanRequest, plan_json
from selection.plan.result import FairFit, MatterPanel, PlanLoad, PlanResult, PlanState, Unstaffed
from selection.plan.simulation import POLICIES, Policy, PolicyOutcome, Simulation, simulate_policies
from selection.plan.state import read_state

__all__ = [
    "POLICIES",
    "FairFit",
    "Matter",
    "MatterPanel",
    "PlanLoad",
    "PlanRequest",
    "PlanResult",
    "PlanState",
    "Policy",
    "PolicyOutcome",
    "Simulation",
    "Unstaffed",
    "parse_plan",
    "plan_json",
    "plan_panels",
    "read_state",
    "simulate_policies",
]
