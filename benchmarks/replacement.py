"""Replacing a member from resident columns, against the kernel and solver with the other members locked in.

The problem of `benchmarks.compose` and its best panel, each of whose members leaves in turn.
"""

import statistics
from dataclasses import replace
from functools import partial

from benchmarks.compose import a_problem, timed
from benchmarks.figure import Figure
from selection import ExcludedRow, PoolColumns, compose_panel, replace_member

SIZES = (500, 10_000, 100_000)
ROUNDS = 5


def run(short: bool = False) -> list[Figure]:
    """Print the figures at every size; with `short` at the smallest only."""
    print(
        f"one member leaves a panel of nine: median and most over all members and {ROUNDS} seeds; the solver likewise"
    )
    print(f"{'experts':>8} {'solver':>10} {'median':>10} {'most':>10} {'ratio':>8}  answers")
    figures = []
    for experts in SIZES[:1] if short else SIZES:
        given = a_problem(experts)
        request = replace(given, candidates=PoolColumns.of(given.candidates))
        panel = [member.id for member in compose_panel(request).members]
        ours, theirs = [], []
        replace_member(request, panel, panel[0])
        for leaves in panel:
            others = frozenset(panel) - {leaves}
            # Composing checks and hashes nothing here that replacing does not; both start from a request.
            without = replace(request, excluded=(*request.excluded, ExcludedRow(leaves)))
            for seed in map(str, range(ROUNDS)):
                found, seconds = timed(partial(replace_member, request, panel, leaves, seed=seed))
                ours.append(seconds)
                solved, seconds = timed(partial(compose_panel, without, seed=seed, locked_in=others))
                theirs.append(seconds)
                assert {one.id for one in found.after} == {one.id for one in solved.members}
        median, peer = statistics.median(ours), statistics.median(theirs)
        print(
            f"{experts:>8,} {peer * 1e3:>7.2f} ms {median * 1e3:>7.2f} ms {max(ours) * 1e3:>7.2f} ms "
            f"{peer / median:>7,.0f}x  equal"
        )
        figures.append(Figure(f"{experts} experts", median, "kernel and CP-SAT, others locked in", peer, "1 ms"))
    return figures
