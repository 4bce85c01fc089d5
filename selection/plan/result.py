"""What comes out of a plan: all panels, how level and fitting they are against proven bounds, where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal

from selection.plan.request import PlanRequest
from selection.result import BlockingRule, Member, WayOut

FORMAT: Final = "plan-result/1"

Stage = Literal["first", "mend", "improve", "fair", "explain"]


@dataclass(frozen=True, slots=True)
class MatterPanel:
    """The panel of one matter: members as in a `PanelResult`, and the sum of their fit for it."""

    matter: str
    members: tuple[Member, ...]
    fit: int

    def to_json(self) -> dict[str, Any]:
        """Return the panel as plain values."""
        return {"matter": self.matter, "panel": [member.to_json() for member in self.members], "fit": self.fit}


@dataclass(frozen=True, slots=True)
class Unstaffed:
    """A matter that has no panel; `blocking` None where the plan was stopped before it was explained."""

    matter: str
    blocking: tuple[BlockingRule, ...] | None = None
    ways_out: tuple[WayOut, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the matter as plain values."""
        return {
            "matter": self.matter,
            "blocking": None if self.blocking is None else [rule.to_json() for rule in self.blocking],
            "ways_out": [way.to_json() for way in self.ways_out],
        }


@dataclass(frozen=True, slots=True)
class PlanLoad:
    """How panels are spread over the pool, what was served before the plan included.

    Attributes:
        squares: sum over all candidates of the square of the panels they serve on.
        bound: proven: no plan that staffs these matters has less.
        spread: load -> how many candidates have it.
        gini: Gini coefficient of the loads, exact.
    """

    squares: int
    bound: int
    spread: Mapping[int, int]
    gini: Fraction

    @property
    def is_proven(self) -> bool:
        """Whether no plan is more level."""
        return self.squares == self.bound

    def to_json(self) -> dict[str, Any]:
        """Return the loads as plain values."""
        return {
            "squares": self.squares,
            "bound": self.bound,
            "most": max(self.spread, default=0),
            "gini": f"{self.gini.numerator}/{self.gini.denominator}",
            "spread": [[load, self.spread[load]] for load in sorted(self.spread)],
        }


@dataclass(frozen=True, slots=True)
class FairFit:
    """How well the worst served matter is served.

    Attributes:
        least: the least mean fit of a member over the panels, 0 to 100.
        bound: proven: in no plan that is as level is it higher. None when the plan is not proven level, or was stopped.
    """

    least: Fraction
    bound: Fraction | None

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain values."""
        return {"least": str(self.least), "bound": None if self.bound is None else str(self.bound)}


@dataclass(frozen=True, slots=True)
class PlanState:
    """Where a plan stands: enough to take it up again.

    Attributes:
        stage, round: what is being done.
        todo: ids of the matters still to be looked at in this round, in order.
        changed: whether this round changed anything so far.
        panels: matter -> ids of its panel.
        unstaffed: ids of the matters without a panel.
    """

    stage: Stage
    round: int
    todo: tuple[str, ...]
    changed: bool
    panels: Mapping[str, tuple[str, ...]]
    unstaffed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The answer to a plan.

    Attributes:
        status: `complete` when every matter has a panel; `partial` when some cannot have one; `stopped` when the plan
            was stopped: what is there is valid, and `state` takes it up again.
        panels: by id of the matter.
        unstaffed: matters without a panel, by id.
        load: how level the loads are.
        fit: sum over all panels.
        fit_bound: proven: no plan for these matters that is as level has more. None when stopped.
        fair_fit: of the worst served matter, where a fair fit was asked for.
        state: None when nothing is left to do.
    """

    request: PlanRequest = field(repr=False)
    status: Literal["complete", "partial", "stopped"]
    seed: str
    panels: tuple[MatterPanel, ...]
    unstaffed: tuple[Unstaffed, ...]
    load: PlanLoad
    fit: int
    fit_bound: int | None
    fair_fit: FairFit | None
    solver: str
    state: PlanState | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the result as `plan-result/1`."""
        found: dict[str, Any] = {
            "format": FORMAT,
            "status": self.status,
            "seed": self.seed,
            "panels": [panel.to_json() for panel in self.panels],
            "unstaffed": [matter.to_json() for matter in self.unstaffed],
            "load": self.load.to_json(),
            "fit": {"total": self.fit, "bound": self.fit_bound},
        }
        if self.fair_fit is not None:
            found["fair_fit"] = self.fair_fit.to_json()
        if self.state is not None:
            found["resume"] = {
                "stage": self.state.stage,
                "round": self.state.round,
                "todo": list(self.state.todo),
                "changed": self.state.changed,
            }
        found["plan_sha256"] = self.request.plan_sha256
        found["solver"] = self.solver
        return found
