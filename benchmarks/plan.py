"""A year at once: all panels of so many matters, against the plain model solved for one matter after the other.

A seeded county as in `benchmarks.compose`; three matters in ten ask for nine experts of four to six fields, the others
for five of two to four, up to two fields twice; one of an employer, one in twenty kept out of each matter, and a fit of
its own for every expert and matter. The plain model is CP-SAT as it comes with one boolean for every expert, told the
loads so far and the fit; it is timed on a few matters and scaled up. openreview-matcher is the peer of `matching`.
"""

import time
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.compose import a_problem, plain, timed
from benchmarks.figure import Figure
from selection import Candidate, CapRow, ExcludedRow, PanelRequest, PoolColumns, SeatRow
from selection.plan import Matter, PlanRequest, plan_panels

SIZES = ((50, 200), (200, 500), (1_000, 2_000))
PLAIN_MATTERS = 10
ROUNDS = 3


def a_year(matters: int, experts: int, *, seed: int = 20261126) -> PlanRequest:
    """Return the plan of a county with so many experts and matters."""
    dice = np.random.default_rng(seed)
    pool = PoolColumns.of(replace(one, service=0, fit=0) for one in a_problem(experts).candidates)
    weights = 1 / (np.arange(40) + 3.0)
    ids = [one.id for one in pool]
    found = []
    for number in range(matters):
        size, low, high = (9, 4, 6) if dice.random() < 0.3 else (5, 2, 4)
        fields = dice.choice(40, int(dice.integers(low, high + 1)), replace=False, p=weights / weights.sum())
        twice = set(fields[: min(2, size - len(fields))].tolist()) if dice.random() < 0.7 else set()
        out = np.flatnonzero(dice.random(experts) < 0.05)
        fit = dice.integers(0, 101, size=experts)
        found.append(
            Matter(
                f"m{number:05}",
                size,
                tuple(SeatRow(str(110 + 10 * int(code)), 2 if code in twice else 1) for code in fields),
                caps=(CapRow("employer", 1),),
                excluded=tuple(ExcludedRow(ids[one], "CONFLICT_FOUND", "A28.4", never_relax=True) for one in out),
                fit=dict(zip(ids, fit.tolist(), strict=True)),
            )
        )
    return PlanRequest(pool, tuple(found))


def run(short: bool = False) -> list[Figure]:
    """Print the figures at every size; with `short` at the smallest only."""
    print(
        f"all panels, from a request in memory to the proven bounds, no file and no hash: least of {ROUNDS}, and the "
        "mean processor time"
    )
    print(
        f"{'matters':>8} {'experts':>8} {'plain':>10} {'ours':>8} {'CPU':>8} {'ratio':>8} {'squares':>8} {'bound':>8} "
        f"{'most':>5} {'Gini':>6} {'fit of its bound':>17} {'unstaffed':>10}"
    )
    figures = []
    for matters, experts in SIZES[:1] if short else SIZES:
        request = a_year(matters, experts)
        cpu = time.process_time()
        runs = [timed(partial(plan_panels, request)) for _ in range(ROUNDS)]
        cpu = (time.process_time() - cpu) / ROUNDS
        assert len({result.fit for result, _ in runs}) == 1
        result, ours = runs[0][0], min(seconds for _, seconds in runs)
        theirs = _plain_seconds(request) * matters
        assert result.fit_bound
        share = result.fit / result.fit_bound
        print(
            f"{matters:>8,} {experts:>8,} {theirs:>8,.1f} s {ours:>6.2f} s {cpu:>6.2f} s {theirs / ours:>7,.0f}x "
            f"{result.load.squares:>8,} {result.load.bound:>8,} {max(result.load.spread):>5} "
            f"{float(result.load.gini):>6.3f} {share:>16.2%} {len(result.unstaffed):>10}"
        )
        case = f"{matters} matters, {experts} experts"
        peer = f"CP-SAT, one boolean an expert, one matter after the other ({PLAIN_MATTERS} timed, scaled)"
        figures += [
            Figure(case, ours, peer, theirs, "3 s at 1000 x 2000"),
            Figure(f"{case}: processor time", cpu),
            Figure(f"{case}: squares of load", result.load.squares, "proven bound", result.load.bound, "equal", ""),
            Figure(f"{case}: fit", result.fit, "proven bound", result.fit_bound, "98 % at 1000 x 2000", ""),
        ]
    return figures


def _plain_seconds(request: PlanRequest) -> float:
    """Return the mean seconds of the plain model for one matter."""
    total = 0.0
    chosen = request.matters[:PLAIN_MATTERS]
    for matter in chosen:
        candidates = tuple(Candidate(one.id, one.fields, one.attributes, 0, matter.fit[one.id]) for one in request.pool)
        problem = PanelRequest(matter.size, candidates, matter.seats, caps=matter.caps, excluded=matter.excluded)
        (is_proven, _), seconds = timed(partial(plain, problem))
        assert is_proven
        total += seconds
    return total / len(chosen)
