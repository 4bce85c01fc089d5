"""Why there is no panel, against the plain model: every expert a boolean, every row an assumption.

The problem of `benchmarks.compose`, made impossible: of the field that is asked for twice all are kept out by direct
interest but two, who have one employer. The plain model asks CP-SAT (presolve off, as assumptions need) for a core and
leaves out row after row while the rest still blocks; ours finds the fewest rows, proves both sides, and names the ways
out as well.
"""

import statistics
import time
from collections import defaultdict
from dataclasses import replace
from functools import partial

from ortools.sat.python import cp_model

from benchmarks.compose import a_problem, timed
from benchmarks.figure import Figure
from selection import ExcludedRow, PanelRequest, PoolColumns, SeatRow, compose_panel
from selection.rules import Seated, add_seating, rules_of

SIZES = (500, 10_000, 100_000)
ROUNDS = 7


def a_blocked_problem(experts: int) -> PanelRequest:
    """Return a problem without a panel, from resident columns."""
    given = a_problem(experts)
    scarce = given.seats[0].field
    employers = defaultdict(list)
    for one in given.candidates:
        if any(code.startswith(scarce) for code in one.fields):
            employers[one.attributes["employer"]].append(one.id)
    left = set(max(employers.values(), key=len)[:2])
    able = {one for ids in employers.values() for one in ids}
    out = {row.id: row for row in given.excluded if row.id not in able}
    out |= {one: ExcludedRow(one, "CONFLICT_FOUND", "A28.4", never_relax=True) for one in sorted(able - left)}
    seats = (SeatRow(scarce, 2), *given.seats[1:-1])
    return replace(given, candidates=PoolColumns.of(given.candidates), seats=seats, excluded=tuple(out.values()))


def plain_core(request: PanelRequest) -> list[str]:
    """Return the places of rows that block, each needed, from one boolean for every expert."""
    everyone = [one for one in request.candidates if one.id not in request.excluded_ids]
    rules = rules_of(request)
    model = cp_model.CpModel()
    member = [model.new_bool_var("") for _ in everyone]
    model.add(sum(member) == request.size)
    places = {one.id: place for place, one in enumerate(everyone)}
    seated = Seated(everyone, member, places, add_seating(model, everyone, member, request.seats))
    switches = [model.new_bool_var("") for _ in rules]
    for rule, switch in zip(rules, switches, strict=True):
        rule.add_to(model, seated, when=switch)

    def core_of(held: list[int]) -> list[int] | None:
        model.clear_assumptions()
        model.add_assumptions([switches[one] for one in held])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.cp_model_presolve = False
        if solver.solve(model) != cp_model.INFEASIBLE:
            return None
        blamed = set(solver.sufficient_assumptions_for_infeasibility())
        return [one for one in held if switches[one].index in blamed]

    core = core_of(list(range(len(rules))))
    assert core is not None
    for one in tuple(core):
        smaller = core_of([other for other in core if other != one])
        core = core if smaller is None else smaller
    return [rules[one].at for one in core]


def run(short: bool = False) -> list[Figure]:
    """Print the figures at every size; with `short` at the smallest only."""
    print(
        f"the blocking rows, proven both ways, with ways out: median and most of {ROUNDS}, mean processor time; "
        "the plain model once"
    )
    print(f"{'experts':>8} {'plain':>12} {'median':>10} {'most':>10} {'CPU':>10} {'ratio':>8}  rows")
    figures = []
    for experts in SIZES[:1] if short else SIZES:
        request = a_blocked_problem(experts)
        compose_panel(request)
        cpu = time.process_time()
        runs = [timed(partial(compose_panel, request)) for _ in range(ROUNDS)]
        cpu = (time.process_time() - cpu) / ROUNDS
        rows = [rule.at for rule in runs[0][0].blocking]
        plain_rows, theirs = timed(partial(plain_core, request))
        assert len(plain_rows) >= len(rows)
        seconds = [one for _, one in runs]
        median = statistics.median(seconds)
        print(
            f"{experts:>8,} {theirs * 1e3:>9,.0f} ms {median * 1e3:>7.1f} ms {max(seconds) * 1e3:>7.1f} ms "
            f"{cpu * 1e3:>7.1f} ms {theirs / median:>7,.0f}x  {', '.join(rows)}"
        )
        peer = "CP-SAT core, one boolean an expert, then deletion"
        figures.append(Figure(f"{experts} experts", median, peer, theirs, "50 ms at 100000"))
        figures.append(Figure(f"{experts} experts: processor time", cpu))
    return figures
