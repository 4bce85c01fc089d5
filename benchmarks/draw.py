"""A draw verified: the stand-alone verifier, and verifying with the package, on the record of one and the same draw.

The county of the benchmark of composing; its matter, with two reserves and one decline; the lottery is found first. The
stand-alone verifier runs as people run it: a process of its own, from the file, start of Python included. The package
reads the same text and also proves that no other panel of the lottery could break a rule.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.compose import a_problem, timed
from selection import Lottery, canonical_json, find_lottery
from selection.draw import SourceValue, commit, draw_panel, verifier, verify_record

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 5
LIMIT = 1.0
"""Seconds of processor time that the stand-alone verifier may take at the largest size."""


def run(short: bool = False) -> None:
    """Print the figures at every size; with `short` at the smallest only."""
    print(f"median of {ROUNDS} rounds; CPU is processor time, which a busy machine does not lengthen")
    print(
        f"{'experts':>8} {'record':>9} {'lottery':>9} {'commit':>9} {'draw':>8} {'package':>9} "
        f"{'alone':>8} {'alone CPU':>9} {'ratio':>6} {'growth':>7}"
    )
    before = 0.0
    for experts in SIZES[:1] if short else SIZES:
        before = _measure(experts, before)
    if not short:
        print(
            f"target: {LIMIT:.1f} s at {SIZES[-1]:,}: {'met' if before <= LIMIT else 'missed'} at {before:.2f} s of CPU"
        )


def _measure(experts: int, before: float) -> float:
    request = replace(a_problem(experts), reserves=2)
    lottery, lottery_s = timed(lambda: find_lottery(request))
    assert isinstance(lottery, Lottery)
    commitment, commit_s = timed(lambda: commit(request, lottery))
    values = [SourceValue("seed", "2026")]
    first = draw_panel(commitment, values)
    record, draw_s = timed(lambda: draw_panel(commitment, values, declined=[first.panel[0].id]))
    text = canonical_json(record.to_json())
    package = [timed(lambda: verify_record(text)) for _ in range(ROUNDS if experts < SIZES[-1] else 1)]
    assert all(found.code is None for found, _ in package)
    package_s = statistics.median(seconds for _, seconds in package)
    alone_s, alone_cpu = _alone(text)
    growth = f"{alone_cpu / before:.1f}x" if before else ""
    print(
        f"{experts:>8,} {len(text) / 1e6:>6.1f} MB {lottery_s * 1e3:>6,.0f} ms {commit_s * 1e3:>6,.0f} ms "
        f"{draw_s * 1e3:>5,.0f} ms {package_s * 1e3:>6,.0f} ms {alone_s * 1e3:>5,.0f} ms {alone_cpu * 1e3:>6,.0f} ms "
        f"{package_s / alone_s:>5.1f}x {growth:>7}"
    )
    return alone_cpu


def _alone(text: str) -> tuple[float, float]:
    """Return the median seconds, and the median processor seconds, of verifying in a process of its own."""
    seconds, cpu = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record.json"
        file.write_text(text, encoding="utf-8")
        for _ in range(ROUNDS):
            spent = os.times()
            started = time.perf_counter()
            subprocess.run([sys.executable, "-I", "-S", verifier.__file__, str(file)], check=True, capture_output=True)
            seconds.append(time.perf_counter() - started)
            after = os.times()
            cpu.append(after.children_user + after.children_system - spent.children_user - spent.children_system)
    return statistics.median(seconds), statistics.median(cpu)
