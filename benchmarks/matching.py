"""Fair fit over many matters at once, against openreview-matcher's FairFlow and min-cost flow where it is installed.

Instance: MIDL 2018, 118 papers and 177 reviewers, three reviewers a paper and two to four papers a reviewer, from
`shared/data/matching/midl` beside the project where it is there. A score of -1 is a conflict; negative scores count
as 0 for ours, and all are rounded to hundredths, because fit is a whole number. What is found is measured on the scores
as they are: the least sum over a paper, which FairFlow maximises, and the total. Ours also levels the loads and proves
its bounds. The peer is on no package index; docs/benchmarks.md says how it is installed. It runs with `--peers` only.
"""

import statistics
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure
from benchmarks.published import published
from selection import Candidate, ExcludedRow
from selection.plan import Matter, PlanRequest, PlanResult, plan_panels

DATA = published("matching/midl")
ROUNDS = 3

Scores = NDArray[np.float64]


def a_conference(scores: Scores, size: int) -> PlanRequest:
    """Return the plan of a conference: papers by reviewers, -1 for a conflict."""
    papers, reviewers = scores.shape
    ids = [f"r{one:04}" for one in range(reviewers)]
    fits = np.clip(np.rint(100 * scores), 0, 100).astype(int)
    matters = tuple(
        Matter(
            f"p{paper:04}",
            size,
            excluded=tuple(ExcludedRow(ids[one], "CONFLICT_FOUND") for one in np.flatnonzero(scores[paper] == -1)),
            fit=dict(zip(ids, fits[paper].tolist(), strict=True)),
        )
        for paper in range(papers)
    )
    return PlanRequest(tuple(Candidate(one) for one in ids), matters)


def run(short: bool = False) -> list[Figure]:
    """Print and return the figures; with `short` the plan without fair fit only."""
    if not DATA.is_dir():
        print(f"{DATA} is not there: left out")
        return []
    scores = np.load(DATA / "scores.npy").T
    sizes = set(np.load(DATA / "covs.npy").tolist())
    assert sizes == {3}
    print(f"{'':<26} {'seconds':>8} {'CPU':>8} {'least sum':>10} {'total':>9} {'loads':>7}")
    request = a_conference(scores, 3)
    plain = _measured("plan", lambda: _ours(plan_panels(request), scores), scores)
    figures = [Figure("MIDL: plan", plain[0], target="")]
    if short:
        return figures
    fair = _measured("plan with fair fit", lambda: _ours(plan_panels(request, fair_fit=True), scores), scores)
    result = plan_panels(request, fair_fit=True)
    assert result.fair_fit is not None
    assert result.fair_fit.bound is not None
    print(
        f"fair fit: least sum in hundredths {float(result.fair_fit.least * 3):.0f}, proven bound "
        f"{float(result.fair_fit.bound * 3):.2f}; squares of load {result.load.squares}, bound {result.load.bound}"
    )
    peers = _peers(scores) if find_spec("matcher") is not None and "--peers" in sys.argv else {}
    if find_spec("matcher") is None:
        print("openreview-matcher is not installed (docs/benchmarks.md says how): ours stands alone")
    elif not peers:
        print("openreview-matcher is not run (--peers)")
    for name, work in peers.items():
        theirs = _measured(name, work, scores)
        ours = fair if name == "FairFlow" else plain
        figures.append(Figure(f"MIDL: seconds against {name}", ours[0], name, theirs[0], "not longer"))
        figures.append(Figure(f"MIDL: processor seconds against {name}", ours[1], name, theirs[1], "not longer"))
        figures.append(Figure(f"MIDL: total against {name}", ours[3], name, theirs[3], "not lower", ""))
        if name == "FairFlow":
            figures.append(Figure("MIDL: least sum against FairFlow", ours[2], name, theirs[2], ">= 1.3x", ""))
            print(
                f"against {name}: least sum {ours[2] / theirs[2]:.2f}x (target 1.3x), "
                f"total {ours[3] / theirs[3]:.2f}x, processor time {theirs[1] / ours[1]:.1f}x"
            )
        else:
            print(f"against {name}: total {ours[3] / theirs[3]:.2f}x, processor time {theirs[1] / ours[1]:.1f}x")
    return figures


def _measured(name: str, work: Callable[[], Scores], scores: Scores) -> tuple[float, float, float, float]:
    """Print and return the median seconds and processor seconds, the least sum over a paper, and the total."""
    seconds, cpu = [], []
    for _ in range(ROUNDS):
        before, started = time.process_time(), time.perf_counter()
        found = work()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - before)
    assert not found[scores == -1].any()
    sums = (found * scores).sum(axis=1)
    loads = found.sum(axis=0)
    took, spent = statistics.median(seconds), statistics.median(cpu)
    print(
        f"{name:<26} {took:>6.2f} s {spent:>6.2f} s {sums.min():>10.4f} {sums.sum():>9.2f} "
        f"{int(loads.min()):>3}..{int(loads.max())}"
    )
    return took, spent, float(sums.min()), float(sums.sum())


def _ours(result: PlanResult, scores: Scores) -> Scores:
    found = np.zeros_like(scores)
    for panel in result.panels:
        found[int(panel.matter[1:]), [int(member.id[1:]) for member in panel.members]] = 1
    return found


def _peers(scores: Scores) -> dict[str, Callable[[], Scores]]:
    from matcher.solvers.fairflow import FairFlow
    from matcher.solvers.minmax_solver import MinMaxSolver

    encoder = namedtuple("Encoder", "aggregate_score_matrix constraint_matrix cost_matrix")
    low, high = np.load(DATA / "loads-lb.npy").tolist(), np.load(DATA / "loads.npy").tolist()
    wanted = np.load(DATA / "covs.npy").tolist()
    conflicts = np.where(scores == -1, -1, 0)
    known = np.where(scores == -1, 0, scores)

    def solved(solver: Any) -> Scores:
        given = encoder(known.copy(), conflicts, -100 * known)  # as its own encoder makes them
        rows: Iterable[Any] = solver(list(low), list(high), wanted, given, allow_zero_score_assignments=True).solve()
        return np.asarray(rows, dtype=float)

    return {"FairFlow": lambda: solved(FairFlow), "min-cost flow (MinMax)": lambda: solved(MinMaxSolver)}
