"""The best panel from resident columns, against the plain model with one boolean for every expert.

A seeded county of experts with one to three of 40 fields, a few employers much larger than the rest, some past service,
any fit; a matter that asks for nine members with seven seats in five fields, one of an employer, and keeps one in
twenty out. The plain model is CP-SAT as it comes, on the same problem, told only the first two aims in one weighted
sum; ours also settles ties by the seed, proves that no other panel is as good, and verifies it without the solver.
"""

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
from ortools.sat.python import cp_model

from selection import (
    Candidate,
    CapRow,
    ExcludedRow,
    Objective,
    PanelRequest,
    PoolColumns,
    SeatRow,
    compose_panel,
    parse_problem,
    problem_json,
    problem_sha256,
)

T = TypeVar("T")

SIZES = (500, 5_000, 50_000, 100_000)
LIMIT = 120.0
"""Seconds after which the plain model is stopped."""
ROUNDS = 21


def a_problem(experts: int, *, seed: int = 20261123) -> PanelRequest:
    """Return the problem of a county with so many experts, the candidates not yet in columns."""
    dice = np.random.default_rng(seed)
    weights = 1 / (np.arange(40) + 3.0)
    fields = np.argsort(-(dice.gumbel(size=(experts, 40)) + np.log(weights)), axis=1)[:, :3]
    many = dice.choice(3, size=experts, p=(0.5, 0.35, 0.15)) + 1
    shares = 1 / (np.arange(max(20, experts // 25)) + 10.0)
    employers = dice.choice(len(shares), size=experts, p=shares / shares.sum())
    service = dice.geometric(0.45, size=experts) - 1
    fit = dice.integers(0, 101, size=experts)
    needed = dice.choice(40, 5, replace=False)
    counts = dice.permutation((2, 2, 1, 1, 1))
    conflicted = np.flatnonzero(dice.random(experts) < 0.05)
    candidates = tuple(
        Candidate(
            f"e{one:06}",
            tuple(str(110 + 10 * int(code)) for code in fields[one, : many[one]]),
            {"employer": f"o{employers[one]}"},
            int(service[one]),
            int(fit[one]),
        )
        for one in range(experts)
    )
    return PanelRequest(
        size=9,
        candidates=candidates,
        seats=tuple(SeatRow(str(110 + 10 * int(code)), int(n)) for code, n in zip(needed, counts, strict=True)),
        caps=(CapRow("employer", 1),),
        excluded=tuple(ExcludedRow(f"e{one:06}", "CONFLICT_FOUND", "A28.4") for one in conflicted.tolist()),
    )


def plain(request: PanelRequest, *, limit: float = LIMIT) -> tuple[bool, Objective | None]:
    """Compose with one boolean for every expert; return whether it is proven, and the objective."""
    model = cp_model.CpModel()
    everyone = [one for one in request.candidates if one.id not in request.excluded_ids]
    member = [model.new_bool_var("") for _ in everyone]
    model.add(sum(member) == request.size)
    places: dict[int, list[cp_model.IntVar]] = {}
    for seat in request.seats:
        sitting = []
        for place, one in enumerate(everyone):
            if any(code.startswith(seat.field) for code in one.fields):
                sits = model.new_bool_var("")
                sitting.append(sits)
                places.setdefault(place, []).append(sits)
        model.add(sum(sitting) == seat.count)
    for place, sits in places.items():
        model.add(sum(sits) <= member[place])
    for cap in request.caps:
        values: dict[str, list[cp_model.IntVar]] = {}
        for one, variable in zip(everyone, member, strict=True):
            values.setdefault(one.attributes[cap.attribute], []).append(variable)
        for variables in values.values():
            model.add(sum(variables) <= cap.max)
    weight = 100 * request.size + 1
    costs = [(2 * one.service + 1) * weight - one.fit for one in everyone]
    model.minimize(cp_model.LinearExpr.weighted_sum(member, costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return False, None
    chosen = [one for one, variable in zip(everyone, member, strict=True) if solver.value(variable)]
    objective = Objective(sum(2 * one.service + 1 for one in chosen), sum(one.fit for one in chosen))
    return status == cp_model.OPTIMAL, objective


def run(short: bool = False) -> None:
    """Print the figures at every size; with `short` at the smallest only."""
    print(
        f"one call on resident columns: median, least and most of {ROUNDS} seeds, and the mean of its processor time, "
        "which a busy machine does not lengthen; the plain model once"
    )
    print(f"{'experts':>8} {'plain':>12} {'median':>10} {'least':>10} {'most':>10} {'CPU':>10} {'ratio':>8}  objective")
    for experts in SIZES[:1] if short else SIZES:
        given = a_problem(experts)
        pool, columns_s = timed(partial(PoolColumns.of, given.candidates))
        request = replace(given, candidates=pool)
        compose_panel(request)
        cpu = time.process_time()
        calls = [timed(partial(compose_panel, request, seed=str(seed))) for seed in range(ROUNDS)]
        cpu = (time.process_time() - cpu) / ROUNDS
        ours = {result.objective for result, _ in calls}
        assert len(ours) == 1
        assert all(result.status == "optimal" for result, _ in calls)
        (is_proven, objective), plain_s = timed(partial(plain, given))
        seconds = sorted(s for _, s in calls)
        median = statistics.median(seconds)
        found = calls[0][0].objective
        assert found is not None
        said = f"service {found.service}, fit {found.fit}: "
        if is_proven:
            assert objective == found, "the plain model and ours must agree"
            said += "equal"
        else:
            said += f"the plain model was stopped at {LIMIT:.0f} s with {objective}"
        print(
            f"{experts:>8,} {plain_s * 1e3:>9,.0f} ms {median * 1e3:>7.2f} ms {seconds[0] * 1e3:>7.2f} ms "
            f"{seconds[-1] * 1e3:>7.2f} ms {cpu * 1e3:>7.2f} ms "
            f"{plain_s / median:>7,.0f}x   {said}"
        )
        _around(request, given, columns_s)


def _around(request: PanelRequest, given: PanelRequest, columns_s: float) -> None:
    """Print what stands around the call: the file, the columns, the hash, reserves, and a problem without a panel."""
    text = json.dumps(problem_json(given))
    _, reading_s = timed(lambda: parse_problem(text))
    _, hash_s = timed(lambda: problem_sha256(request))
    _, reserves_s = timed(lambda: compose_panel(replace(request, reserves=5), seed="r"))
    scarce = request.seats[0].field
    able = [one.id for one in request.candidates if any(code.startswith(scarce) for code in one.fields)]
    out = {row.id: row for row in request.excluded} | {
        one: ExcludedRow(one, "CONFLICT_FOUND", "A28.4", never_relax=True) for one in able[1:]
    }
    blocked = replace(request, seats=(SeatRow(scarce, 2), *request.seats[1:-1]), excluded=tuple(out.values()))
    result, blocked_s = timed(lambda: compose_panel(blocked))
    assert result.status == "infeasible"
    print(
        f"{'':>8} reading the file {reading_s * 1e3:,.0f} ms, columns {columns_s * 1e3:,.0f} ms, "
        f"hash {hash_s * 1e3:,.0f} ms; with 5 reserves {reserves_s * 1e3:.1f} ms; "
        f"no panel explained in {blocked_s * 1e3:.1f} ms"
    )


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the seconds it took."""
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started
