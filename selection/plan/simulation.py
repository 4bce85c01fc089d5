"""The years ahead under one policy or another: the same matters staffed again and again, who is asked how often.

Matters come one after the other, spread evenly over the months, in the order of their ids. Each is staffed knowing
only what came before it: the panels of everybody within the window up to its month. What was served before the start
falls out of the window as the months pass. The policies:

- `fit`: who suits best, service not looked at: how it goes when nobody watches;
- `composed`: least service first, then fit: the composition of `compose_panel`;
- `drawn`: drawn from the fairest lottery, weighted by service;
- `equal`: drawn from the fairest lottery in which all are equally entitled.

Chance follows from the seed alone, so one request with one seed has one answer.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns
from selection.draw.drawing import draw_members, spread_of
from selection.draw.stream import Stream
from selection.faults import PanelProblemFault, PanelProblemFaults, pointer
from selection.lottery.find import fairest
from selection.lottery.oracle import LotteryStopped
from selection.plan.bounds import availability, gini
from selection.plan.request import PlanRequest
from selection.plan.single import Panel, best_panel
from selection.plan.year import Year
from selection.request import range_faults
from selection.solving import SOLVER, Budget

FORMAT: Final = "simulation-result/1"
MOST_MONTHS: Final = 120

Policy = Literal["fit", "composed", "drawn", "equal"]
POLICIES: Final[tuple[Policy, ...]] = ("fit", "composed", "drawn", "equal")

Watcher = Callable[[Policy, int, int], None]


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """How the months went under one policy.

    Attributes:
        policy: the policy.
        asked: id -> panels in these months, for every candidate of the pool.
        fit: sum of fit over all panels.
        seats: members of all panels.
        unstaffed: ids of the matters without a panel: by their rules, or because no lottery was proven in time.
    """

    policy: Policy
    asked: Mapping[str, int] = field(repr=False)
    fit: int
    seats: int
    unstaffed: tuple[str, ...]

    @property
    def spread(self) -> dict[int, int]:
        """Panels -> how many candidates sat on so many, ascending."""
        return dict(sorted(Counter(self.asked.values()).items()))

    @property
    def gini(self) -> Fraction:
        """Gini coefficient of the panels: 0 when all sat on as many."""
        return gini(np.fromiter(self.asked.values(), np.int64, len(self.asked)))

    @property
    def never(self) -> int:
        """How many candidates were never asked."""
        return self.spread.get(0, 0)

    @property
    def most(self) -> int:
        """The most panels anybody sat on."""
        return max(self.spread, default=0)

    @property
    def mean_fit(self) -> Fraction:
        """Mean fit of a seat, 0 to 100; 0 where there is none."""
        return Fraction(self.fit, self.seats) if self.seats else Fraction(0)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        share = self.gini
        return {
            "policy": self.policy,
            "gini": f"{share.numerator}/{share.denominator}",
            "never": self.never,
            "most": self.most,
            "spread": [list(pair) for pair in self.spread.items()],
            "fit": self.fit,
            "seats": self.seats,
            "unstaffed": list(self.unstaffed),
            "asked": {one: many for one, many in sorted(self.asked.items()) if many},
        }


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the policies would make of the months ahead.

    Attributes:
        status: `complete`, or `stopped` with the policies that were simulated to the end.
        months: how many months.
        window: months for which a panel counts as service.
        unreachable: candidates who can have a seat on none of the matters, whatever the policy.
        outcomes: one for each policy, in the order asked for.
    """

    request: PlanRequest = field(repr=False)
    status: Literal["complete", "stopped"]
    seed: str
    months: int
    window: int
    unreachable: int
    outcomes: tuple[PolicyOutcome, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the simulation as `simulation-result/1`."""
        return {
            "format": FORMAT,
            "status": self.status,
            "seed": self.seed,
            "months": self.months,
            "window": self.window,
            "matters": len(self.request.matters),
            "candidates": len(self.request.pool),
            "unreachable": self.unreachable,
            "policies": [one.to_json() for one in self.outcomes],
            "plan_sha256": self.request.plan_sha256,
            "solver": SOLVER,
        }


def simulate_policies(
    request: PlanRequest,
    *,
    policies: Sequence[Policy] = POLICIES,
    months: int = 24,
    window: int = 24,
    past: Mapping[str, Sequence[int]] | None = None,
    seed: str = "",
    time_limit: float | None = None,
    watch: Watcher | None = None,
    is_stopped: Callable[[], bool] | None = None,
) -> Simulation:
    """Staff the matters of the months ahead under each policy, and count who is asked how often.

    Args:
        request: the matters that are expected, such as those of the last years, and the pool.
        policies: those to compare.
        months: over which the matters are spread, 1 to 120.
        window: months for which a panel counts as service, 1 to 120.
        past: id -> for each panel served within the window how many months before the start it was, 0 for just
            before; who is not in it has served none. None: each candidate's `service` is spread evenly over the window.
        seed: of ties and of chance.
        time_limit: seconds after which to stop between two matters.
        watch: told policy, matters done and matters in all, after each matter.
        is_stopped: asked between two matters whether to stop.

    Raises:
        PanelProblemFaults: when months or window are out of their bounds, or somebody in `past` is no candidate.
    """
    _hold(request, months, window, past)
    year = Year.of(request, seed=seed)
    deadline = None if time_limit is None else time.monotonic() + time_limit
    stream_of = partial(Stream, seed, request.plan_sha256)
    served = _served(year, months, window, past)
    found: list[PolicyOutcome] = []
    for policy in policies:
        run = _Run(year, policy, served.copy(), months, window, stream_of, Budget(deadline))
        for done in range(len(year.works)):
            if (deadline is not None and time.monotonic() >= deadline) or (is_stopped is not None and is_stopped()):
                break
            run.staff(done)
            if watch is not None:
                watch(policy, done + 1, len(year.works))
        else:
            found.append(run.outcome())
            continue
        break
    reachable = int(np.count_nonzero(availability(year, range(len(year.works)))))
    status: Literal["complete", "stopped"] = "complete" if len(found) == len(policies) else "stopped"
    return Simulation(request, status, seed, months, window, len(year.pool) - reachable, tuple(found))


def _hold(request: PlanRequest, months: int, window: int, past: Mapping[str, Sequence[int]] | None) -> None:
    def faults() -> Iterator[PanelProblemFault]:
        yield from range_faults(("months",), months, 1, MOST_MONTHS)
        yield from range_faults(("window",), window, 1, MOST_MONTHS)
        for one, ago in (past or {}).items():
            if one not in request.pool.positions:
                yield PanelProblemFault(pointer("past", one), "ID_UNKNOWN", {"id": one})
            for place, month in enumerate(ago):
                yield from range_faults(("past", one, place), month, 0, MOST_MONTHS)

    if found := list(faults()):
        raise PanelProblemFaults(found)


def _served(year: Year, months: int, window: int, past: Mapping[str, Sequence[int]] | None) -> NDArray[np.int64]:
    """Return panels by month and candidate: `window` rows before the start, then one for each month ahead."""
    served = np.zeros((window + months, len(year.pool)), np.int64)
    for one in range(len(year.pool)):
        if past is None:
            many = int(year.service[one])
            full, rest = divmod(many, window)
            served[:window, one] = full
            # Of three the first leaves a window of 24 months after 6, the next after 12, the last after 18.
            for place in range(1, rest + 1):
                served[window * place // (rest + 1), one] += 1
        else:
            for ago in past.get(year.pool.candidates[one].id, ()):
                if ago < window:
                    served[window - 1 - ago, one] += 1
    return served


@dataclass(slots=True)
class _Run:
    """The months under one policy; `served` grows by the panels made."""

    year: Year
    policy: Policy
    served: NDArray[np.int64]
    months: int
    window: int
    stream_of: Callable[[str], Stream]
    budget: Budget
    fit: int = 0
    seats: int = 0
    unstaffed: list[str] = field(default_factory=list)

    def staff(self, matter: int) -> None:
        """Staff one matter as the policy does, at its month."""
        month = matter * self.months // len(self.year.works)
        service = self.served[month : month + self.window + 1].sum(axis=0)
        panel = self._panel(matter, service)
        if panel is None:
            self.unstaffed.append(self.year.ids[matter])
            return
        if not self.year.keeps_rules(matter, panel):
            raise RuntimeError(f"a panel that does not keep the rules: {self.year.ids[matter]}")
        self.served[self.window + month, list(panel)] += 1
        self.fit += self.year.fit_of(matter, panel)
        self.seats += len(panel)

    def _panel(self, matter: int, service: NDArray[np.int64]) -> Panel | None:
        budget = replace(self.budget)
        if self.policy in ("fit", "composed"):
            load = service if self.policy == "composed" else np.zeros_like(service)
            try:
                return best_panel(self.year, matter, load, budget)
            except TimeoutError:
                return None
        return self._drawn(matter, service, budget)

    def _drawn(self, matter: int, service: NDArray[np.int64], budget: Budget) -> Panel | None:
        year = self.year
        changed = (
            one if one.service == many else replace(one, service=many)
            for one, many in zip(year.pool.candidates, service.tolist(), strict=True)
        )
        pool = PoolColumns.of(changed, checked=True)
        problem = replace(year.works[matter].problem, candidates=pool)
        try:
            found = fairest(problem, pool, budget, equal=self.policy == "equal")
        except LotteryStopped:
            return None
        if found is None:
            return None
        domain = f"{self.policy}-{matter + 1}"
        spread = spread_of(problem, found.types.spread)
        _, members = draw_members(
            found.support, found.types.members(pool), spread, lambda act: self.stream_of(f"{domain}-{act}")
        )
        return tuple(sorted(year.pool.positions[one] for one in members))

    def outcome(self) -> PolicyOutcome:
        """Return how it went."""
        asked = self.served[self.window :].sum(axis=0).tolist()
        ids = (one.id for one in self.year.pool.candidates)
        return PolicyOutcome(
            self.policy, dict(zip(ids, asked, strict=True)), self.fit, self.seats, tuple(self.unstaffed)
        )
