"""All panels of a plan: loads as level as can be, then fit; can be watched, stopped and taken up again.

Stages. Each takes one matter after the other, so that it can be stopped between two, and leaves every matter that has a
panel with a valid one:

1. `first`: the matters in the order of their ids, each with its best panel as loads then stand.
2. `mend`: one flow proposes panels for all; those that keep all rules are taken, and the other matters are staffed
   again, one by one.
3. `improve`: each matter gives up its panel and gets the best as loads stand without it, round by round, until a round
   changes nothing or enough rounds are over. No step makes the plan worse: squares of load first, then fit.
4. `fair`, where it is asked for: the least mean fit of a panel is raised as far as such loads allow, then fit.
5. `explain`: the rules that cannot hold together, of each matter without a panel.

What is done depends on the request, the seed and the state only, so that a plan stopped and taken up again ends as one
that ran through.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.blocking import blocking_rules
from selection.plan.bounds import availability, fit_bound, gini, level_bound, squares, water_level
from selection.plan.fairness import fair_panels, least_fit
from selection.plan.flow import Proposal, propose
from selection.plan.request import PlanRequest
from selection.plan.result import FairFit, MatterPanel, PlanLoad, PlanResult, PlanState, Stage, Unstaffed
from selection.plan.single import Panel, best_panel
from selection.plan.year import Year
from selection.request import LARGEST_FIT
from selection.seating import seat_members
from selection.solving import SOLVER, Budget

# Rounds of improvement; more while the loads are not proven level.
_ROUNDS: Final = 2
_MOST_ROUNDS: Final = 8

Watcher = Callable[[Stage, int, int], None]


def plan_panels(
    request: PlanRequest,
    *,
    seed: str = "",
    fair_fit: bool = False,
    time_limit: float | None = None,
    watch: Watcher | None = None,
    is_stopped: Callable[[], bool] | None = None,
    resume: PlanState | None = None,
) -> PlanResult:
    """Give every matter a panel: least sum of squares of load over the pool, then most fit.

    Subject to, for each matter: `size` members, none excluded, all seats filled, every quota, cap and pair kept. Both
    aims are held against proven bounds (`bounds`). A matter that has no panel by itself is left out and explained.

    Args:
        request: the matters and the pool.
        seed: of the tie keys.
        fair_fit: True to raise the least mean fit of a panel before the sum of fit, at loads as level.
        time_limit: seconds after which to stop between two matters.
        watch: told stage, matters done and matters in all, after each matter.
        is_stopped: asked between two matters whether to stop.
        resume: where an earlier run of the same request and seed was stopped; see `read_state`.
    """
    year = Year.of(request, seed=seed)
    plan = _Plan.begin(year, fair_fit) if resume is None else _Plan.taken_up(year, resume, fair_fit)
    deadline = None if time_limit is None else time.monotonic() + time_limit

    def must_stop() -> bool:
        return (deadline is not None and time.monotonic() >= deadline) or (is_stopped is not None and is_stopped())

    try:
        is_done = plan.run(deadline, must_stop, watch or (lambda _stage, _done, _all: None))
    except TimeoutError:
        is_done = False
    return plan.result(request, is_done=is_done)


@dataclass(slots=True)
class _Plan:
    """A plan in the making; `stage`, `round` and `todo` say where it stands."""

    year: Year
    fair_fit: bool
    panels: dict[int, Panel]
    unstaffed: dict[int, Unstaffed]
    stage: Stage
    todo: list[int]
    round: int = 0
    changed: bool = False
    _least_bound: Fraction | None = None
    _known: "_Known | None" = None
    _level_bound: int | None = None
    load: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.load = self.year.service.copy()
        for panel in self.panels.values():
            self.load[list(panel)] += 1

    @classmethod
    def begin(cls, year: Year, fair_fit: bool) -> "_Plan":
        return cls(year, fair_fit, {}, {}, "first", list(range(len(year.works))))

    @classmethod
    def taken_up(cls, year: Year, state: PlanState, fair_fit: bool) -> "_Plan":
        place = {one: matter for matter, one in enumerate(year.ids)}
        positions = year.pool.positions
        return cls(
            year,
            fair_fit,
            {place[one]: tuple(sorted(positions[member] for member in panel)) for one, panel in state.panels.items()},
            {place[one]: Unstaffed(one) for one in state.unstaffed},
            state.stage,
            [place[one] for one in (state.unstaffed if state.stage == "explain" else state.todo)],
            state.round,
            state.changed,
        )

    def run(self, deadline: float | None, must_stop: Callable[[], bool], watch: Watcher) -> bool:
        """Go through the stages; False when stopped on the way."""
        while True:
            total = len(self.todo)
            while self.todo:
                if must_stop():
                    return False
                matter = self.todo[0]
                if self.stage == "explain":
                    self.unstaffed[matter] = _explained(self.year, matter)
                elif self.stage == "fair":
                    # All panels at once: nothing in between can be kept.
                    self.make_fair(deadline)
                    del self.todo[1:]
                else:
                    self.staff(matter, deadline)
                del self.todo[0]
                watch(self.stage, total - len(self.todo), total)
            if not self.next_stage():
                return True

    def next_stage(self) -> bool:
        """Enter the next stage or round; False when the plan is done."""
        if self.stage == "first":
            self.stage = "mend"
            self.todo = self.take_proposal()
        elif self.stage == "mend" or (self.stage == "improve" and self.is_worth_a_round()):
            self.stage, self.round, self.todo, self.changed = "improve", self.round + 1, sorted(self.panels), False
        elif self.stage == "improve" and self.fair_fit:
            self.stage, self.todo = "fair", sorted(self.panels)
        elif self.stage in ("improve", "fair"):
            self.stage, self.todo = "explain", sorted(self.unstaffed)
        else:
            return False
        return True

    def is_worth_a_round(self) -> bool:
        if not self.changed or self.round >= _MOST_ROUNDS:
            return False
        return self.round < _ROUNDS or squares(self.load) > self.load_bound()

    def staff(self, matter: int, deadline: float | None) -> None:
        """Give a matter its best panel as loads stand without it."""
        before = self.panels.get(matter, ())
        load = self.load.copy()
        load[list(before)] -= 1
        panel = best_panel(self.year, matter, load, Budget(deadline))
        if panel is None:
            self.unstaffed[matter] = Unstaffed(self.year.ids[matter])
            return
        load[list(panel)] += 1
        self.panels[matter], self.load = panel, load
        self.changed |= panel != before

    def make_fair(self, deadline: float | None) -> None:
        """Take panels whose least mean fit is higher, or as high with more fit."""
        found = fair_panels(self.year, self.panels, self.load, self.known().available, deadline=deadline)
        # No plan is more level than the water level, so only there the loads looked at are all that are as level.
        if squares(self.load) == self.known().water:
            self._least_bound = found.bound
        if found.panels:
            self.panels = found.panels
            self.load = self.year.service.copy()
            for panel in self.panels.values():
                self.load[list(panel)] += 1

    def take_proposal(self) -> list[int]:
        """Take the panels of the flow that keep all rules; return the matters that are to be staffed again."""
        proposal = self.proposed()
        again: list[int] = []
        for matter in sorted(self.panels) if proposal else ():
            panel = proposal.panels.get(matter, ()) if proposal else ()
            if self.year.keeps_rules(matter, panel):
                self.load[list(self.panels[matter])] -= 1
                self.load[list(panel)] += 1
                self.panels[matter] = panel
            else:
                again.append(matter)
        return again

    def proposed(self) -> Proposal | None:
        """Return the flow's proposal for the matters that have a panel."""
        return self.known().proposal

    def known(self) -> "_Known":
        """Return what follows from which matters have a panel; that is settled after the first stage."""
        staffed = tuple(sorted(self.panels))
        if self._known is None or self._known.staffed != staffed:
            self._known = _Known.of(self.year, staffed, is_settled=self.stage != "first")
        return self._known

    def load_bound(self) -> int:
        """Return what no plan's sum of squares is below: the water level where it is met, else the better bound."""
        known = self.known()
        if squares(self.load) == known.water or known.proposal is None:
            return known.water
        if self._level_bound is None:
            prices = (known.proposal.prices + known.proposal.weight // 2) // known.proposal.weight
            self._level_bound = level_bound(self.year, known.staffed, prices, known.available)
        return max(known.water, self._level_bound)

    def fit_bound(self) -> int:
        """Return what no plan's sum of fit exceeds at this sum of squares; where that is not level, also at any."""
        known, year = self.known(), self.year
        found: list[int] = []
        if known.proposal is not None:
            priced = known.proposal.prices, known.proposal.weight
            found.append(fit_bound(year, known.staffed, self.load, *priced, known.available))
        most = LARGEST_FIT * sum(year.works[matter].size for matter in known.staffed)
        if squares(self.load) > known.water or min(found, default=most) >= most:
            found.append(fit_bound(year, known.staffed, self.load, np.zeros_like(self.load), 0, known.available))
        return min(found)

    def result(self, request: PlanRequest, *, is_done: bool) -> PlanResult:
        """Return what there is."""
        year = self.year
        if broken := [year.ids[matter] for matter, panel in self.panels.items() if not year.keeps_rules(matter, panel)]:
            raise RuntimeError(f"panels that do not keep the rules: {broken}")
        panels = tuple(
            MatterPanel(
                year.ids[matter],
                seat_members([year.pool.candidates[one] for one in panel], year.works[matter].problem.seats),
                year.fit_of(matter, panel),
            )
            for matter, panel in sorted(self.panels.items())
        )
        spread = Counter(self.load.tolist())
        return PlanResult(
            request,
            "stopped" if not is_done else "partial" if self.unstaffed else "complete",
            year.seed,
            panels,
            tuple(self.unstaffed[matter] for matter in sorted(self.unstaffed)),
            PlanLoad(squares(self.load), self.load_bound(), spread, gini(self.load)),
            sum(panel.fit for panel in panels),
            self.fit_bound() if is_done else None,
            FairFit(least_fit(year, self.panels), self._least_bound if is_done else None) if self.fair_fit else None,
            SOLVER,
            None if is_done else self.state(),
        )

    def state(self) -> PlanState:
        ids = self.year.ids
        return PlanState(
            self.stage,
            self.round,
            tuple(ids[matter] for matter in self.todo),
            self.changed,
            {
                ids[matter]: tuple(self.year.pool.candidates[one].id for one in panel)
                for matter, panel in sorted(self.panels.items())
            },
            tuple(ids[matter] for matter in sorted(self.unstaffed)),
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What follows from which matters have a panel.

    Attributes:
        staffed: the matters.
        available: the most panels each candidate can be given.
        water: the sum of squares at the water level.
        proposal: of the flow; None where it finds nothing, or before the first stage is over.
    """

    staffed: tuple[int, ...]
    available: NDArray[np.int64]
    water: int
    proposal: Proposal | None

    @classmethod
    def of(cls, year: Year, staffed: tuple[int, ...], *, is_settled: bool) -> "_Known":
        available = availability(year, staffed)
        level = year.service + water_level(year.service, available, sum(year.works[one].size for one in staffed))
        proposal = propose(year, staffed, int(level.max(initial=0))) if is_settled else None
        return cls(staffed, available, squares(level), proposal)


def _explained(year: Year, matter: int) -> Unstaffed:
    found = blocking_rules(year.works[matter].problem, year.pool, Budget(), locked_in=frozenset())
    return Unstaffed(year.ids[matter], found.rules, found.ways_out)
