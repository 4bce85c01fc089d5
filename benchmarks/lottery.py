"""The fairest lottery, against the leximin of sortition-algorithms where `make bench-peers` has installed it.

Instances: example_small_20 and the 150-person fixture of sortition-algorithms, from `shared/data/sortition` beside
the project where it is there, and generated pools: 40 fields of falling popularity, one to three a person, N / 25
employers with one member each at most, nine members, five required fields with seven places. *Seats*: each place is
filled by its own member. *Counting*: a member counts for every field he has, written with attributes and quotas; that
is the peer's problem. Ours is exact throughout: chances, support, and the check of every level by whole numbers. What
stands around it (hash, counting panels, the object) is timed apart. Peers slower than a minute run with `--peers` only.
A line begins seeds until its seconds are spent, and says how many there were.
"""

import csv
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np

from benchmarks.figure import Figure
from benchmarks.published import published
from selection import Candidate, CapRow, Lottery, PanelRequest, PoolColumns, QuotaRow, SeatRow, find_lottery
from selection.lottery.find import Fairest, fairest
from selection.lottery.oracle import LotteryStopped
from selection.solving import Budget

T = TypeVar("T")

DATA = published("sortition")
SIZES = (500, 10_000, 100_000, 1_000_000)
SEEDS = 20
LIMIT = 30.0
"""Seconds after which one of ours is stopped."""
LINE = 10.0
"""Seconds of a line after which no further seed is begun; the first always is."""
ROUNDS = 3
PEER = "sortition-algorithms leximin"
PEER_NOISE = 5e-4
"""The peer stops at this tolerance, so its chances are not told apart below it."""


def a_pool(experts: int, seed: int, *, seats: bool) -> PanelRequest:
    """Return a generated problem: with seats by field, or with fields that count at once."""
    dice = np.random.default_rng(seed)
    popularity = 1 / (np.arange(40) + 3.0)
    many = dice.choice(3, size=experts, p=(0.5, 0.35, 0.15)) + 1
    order = np.argsort(-(dice.gumbel(size=(experts, 40)) + np.log(popularity)), axis=1)[:, :3]
    shares = 1 / (np.arange(max(20, experts // 25)) + 10.0)
    employer = dice.choice(len(shares), size=experts, p=shares / shares.sum()).tolist()
    service = (dice.geometric(0.45, size=experts) - 1).tolist()
    needed = dice.choice(40, 5, replace=False).tolist()
    places = dice.permutation((2, 2, 1, 1, 1)).tolist()
    candidates = []
    for one in range(experts):
        fields = order[one, : many[one]].tolist()
        attributes = {"employer": f"o{employer[one]}"}
        if not seats:
            attributes |= {f"f{field}": "yes" for field in fields if field in needed}
        codes = tuple(str(110 + 10 * field) for field in fields) if seats else ()
        candidates.append(Candidate(f"e{one:07}", codes, attributes, service[one]))
    required = list(zip(needed, places, strict=True))
    return PanelRequest(
        9,
        PoolColumns.of(candidates, checked=True),
        seats=tuple(SeatRow(str(110 + 10 * field), count) for field, count in required) if seats else (),
        quotas=() if seats else tuple(QuotaRow(f"f{field}", "yes", count) for field, count in required),
        caps=(CapRow("employer", 1),),
    )


def a_fixture(folder: str, people: str, quotas: str, size: int) -> PanelRequest:
    """Return a problem of the data folder: every category with the quotas of its values."""
    with (DATA / folder / quotas).open(encoding="utf-8") as file:
        listed = list(csv.DictReader(file))
    rows = [
        (row["category"], row["feature"]) if "category" in row else (row["feature"], row["value"]) for row in listed
    ]
    with (DATA / folder / people).open(encoding="utf-8") as file:
        persons = list(csv.DictReader(file))
    names = {name for name, _ in rows}
    return PanelRequest(
        size,
        PoolColumns.of(
            Candidate(f"p{one:04}", (), {name: person[name] for name in names}) for one, person in enumerate(persons)
        ),
        quotas=tuple(
            QuotaRow(name, value, int(row["min"]), int(row["max"]))
            for (name, value), row in zip(rows, listed, strict=True)
        ),
    )


def peer_chances(request: PanelRequest) -> dict[str, float]:
    """Return the chances that sortition-algorithms finds for quotas; a cap of one is a category of its own."""
    from sortition_algorithms.committee_generation.leximin import find_distribution_leximin
    from sortition_algorithms.features import read_in_features
    from sortition_algorithms.people import read_in_people
    from sortition_algorithms.settings import Settings

    rows = [(row.attribute, row.value, row.min, request.size if row.max is None else row.max) for row in request.quotas]
    # A yes / no attribute needs a row for those who have it not.
    names = {name for name, *_ in rows}
    lone = {name for name in names if sum(one == name for one, *_ in rows) == 1}
    rows += [(name, "no", 0, request.size) for name in sorted(lone)]
    for cap in request.caps:
        values = sorted({one.attributes[cap.attribute] for one in request.candidates})
        rows += [(cap.attribute, value, 0, cap.max) for value in values]
        names.add(cap.attribute)
    body = [{"feature": name, "value": value, "min": str(low), "max": str(high)} for name, value, low, high in rows]
    features, _, _ = read_in_features(["feature", "value", "min", "max"], body, request.size)
    people_rows = [{"id": one.id, **{n: one.attributes.get(n, "no") for n in names}} for one in request.candidates]
    people, _ = read_in_people(["id", *sorted(names)], people_rows, features, Settings("id", []))
    committees, weights, _ = find_distribution_leximin(features, people, request.size, [])
    chances = dict.fromkeys((one.id for one in request.candidates), 0.0)
    for committee, weight in zip(committees, weights, strict=True):
        for one in committee:
            chances[one] += weight
    return chances


def run(short: bool = False) -> list[Figure]:
    """Print and return the figures; with `short` the smallest pool only."""
    print("ratios hold, times do not: two cores are shared with whatever else runs; median of", ROUNDS)
    figures = [] if short else _against_the_peer(slow="--peers" in sys.argv)
    for seats in (True, False):
        for experts in SIZES[:1] if short else SIZES:
            figures += _pools(experts, seats=seats, short=short)
    if not short:
        _around()
    return figures


def _against_the_peer(*, slow: bool) -> list[Figure]:
    is_there = find_spec("sortition_algorithms") is not None
    if not is_there:
        print("sortition-algorithms is not installed (make bench-peers): ours stands alone")
    cases: list[tuple[str, Callable[[], PanelRequest], bool, str]] = []
    if DATA.is_dir():
        small = partial(a_fixture, "example_small_20", "respondents.csv", "categories.csv", 20)
        fixture = partial(a_fixture, "sf_fixture_150", "candidates.csv", "features.csv", 22)
        cases += [("example_small_20", small, False, ">= 5,000x"), ("fixture of 150", fixture, False, ">= 20x")]
    else:
        print(f"{DATA} is not there: the published instances are left out")
    cases.append(("500, one of an employer", partial(a_pool, 500, 1, seats=False), True, ">= 1,000x"))
    figures = []
    for name, make, is_slow, target in cases:
        request = make()
        found = [_twice_timed(partial(_ours, request, equal=True)) for _ in range(ROUNDS)]
        ours_s = statistics.median(seconds for _, seconds, _ in found)
        ours_cpu = statistics.median(cpu for _, _, cpu in found)
        ours = found[0][0]
        theirs_s = theirs_cpu = None
        said = "peer not run" + (" (--peers)" if is_there and is_slow and not slow else "")
        if is_there and ours is not None and (slow or not is_slow):
            theirs, theirs_s, theirs_cpu = _twice_timed(partial(peer_chances, request))
            said = _compared(request, ours, theirs)
        ratio = f"{theirs_s / ours_s:>9,.0f}x" if theirs_s else f"{'':>10}"
        by_cpu = f"{theirs_cpu / ours_cpu:>9,.0f}x" if theirs_cpu else f"{'':>10}"
        peer_text = f"{theirs_s:>8.1f} s" if theirs_s else f"{'':>10}"
        print(
            f"{name:<26} ours {ours_s * 1e3:>9,.1f} ms  CPU {ours_cpu * 1e3:>9,.1f} ms  peer {peer_text} {ratio}  "
            f"by CPU {by_cpu}  target {target}; {said}"
        )
        figures.append(Figure(name, ours_s, PEER if theirs_s else "", theirs_s, target))
        figures.append(Figure(f"{name}: processor time", ours_cpu, PEER if theirs_cpu else "", theirs_cpu, target))
    return figures


def _compared(request: PanelRequest, ours: Fairest, theirs: dict[str, float]) -> str:
    chance = {}
    for kind, members in enumerate(ours.types.members(request.candidates)):  # type: ignore[arg-type]
        chance.update(dict.fromkeys(members, float(ours.expected[kind]) / len(members)))
    apart = max(abs(chance.get(one, 0.0) - other) for one, other in theirs.items())
    mine, its = sorted(chance.values()), sorted(theirs[one] for one in chance)
    first = next(((a, b) for a, b in zip(mine, its, strict=True) if abs(a - b) > PEER_NOISE), None)
    assert first is None or first[0] > first[1], "the peer's lottery is fairer than ours"
    verdict = (
        "equal within the peer's tolerance"
        if first is None
        else f"ours fairer: first difference {first[0]:.6f} > {first[1]:.6f}"
    )
    return f"{verdict}; largest difference of a chance {apart:.1e}"


def _ours(request: PanelRequest, *, equal: bool) -> Fairest | None:
    try:
        return fairest(request, request.candidates, Budget.of(LIMIT), equal=equal)  # type: ignore[arg-type]
    except LotteryStopped:
        return None


def _pools(experts: int, *, seats: bool, short: bool) -> list[Figure]:
    """Print and return a line with equal entitlements and one weighted by service, on the same pools."""
    large = experts > 100_000
    lines = [
        _Line(experts, seats, True, ROUNDS if short or large else SEEDS if seats else 5),
        # Crossing rows with weights take longest, so fewer seeds are shown.
        _Line(experts, seats, False, ROUNDS if short or large or not seats else SEEDS),
    ]
    for seed in range(1, SEEDS + 1):
        # A pool takes longer to make than its lottery to be found: one for both.
        going = [line for line in lines if line.is_open()]
        if not going:
            break
        request = a_pool(experts, seed, seats=seats)
        request.candidates.ranks()  # type: ignore[attr-defined]  # resident, like the columns
        for line in going:
            # What the other line has looked up does not count for this one.
            request.candidates._prefixes.clear()  # type: ignore[attr-defined]  # noqa: SLF001 -- as if newly read
            line.measure(request)
    return [line.figure() for line in lines]


@dataclass(slots=True)
class _Line:
    experts: int
    seats: bool
    equal: bool
    count: int
    times: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    stopped: int = 0

    def is_open(self) -> bool:
        """Whether a further seed is begun: the first always, others until the seconds are spent."""
        return not self.times or (len(self.times) < self.count and sum(self.times) < LINE)

    def measure(self, request: PanelRequest) -> None:
        found, seconds, cpu = _twice_timed(partial(_ours, request, equal=self.equal))
        self.times.append(seconds)
        self.cpu.append(cpu)
        self.stopped += found is None

    def figure(self) -> Figure:
        name = f"{self.experts:,} {'seats' if self.seats else 'counting'}, {'equal' if self.equal else 'weighted'}"
        target = {100_000: "median <= 0.3 s, worst <= 1 s", 1_000_000: "<= 3 s"}.get(self.experts, "")
        target = target if self.equal else "within 5x"
        print(
            f"{name:<30} median {statistics.median(self.times):>7.3f} s  worst {max(self.times):>7.3f} s  "
            f"CPU median {statistics.median(self.cpu):>7.3f} s  {_seeds(len(self.times), self.count)}"
            + (f", {self.stopped} without a panel or stopped at {LIMIT:.0f} s" if self.stopped else "")
            + (f"  target {target}" if target else "")
        )
        return Figure(name, statistics.median(self.times), target=target)


def _seeds(done: int, count: int) -> str:
    """Return how many seeds a line is made of, and why not all where some are left out."""
    if done == count:
        return f"{count} seeds"
    return f"{done} of {count} seeds, as the {LINE:.0f} s of a line were spent"


def _around() -> None:
    """Print what the whole command takes beside the lottery: hash, counting, the object."""
    request = replace(a_pool(100_000, 1, seats=True))
    lottery, seconds = timed(partial(find_lottery, request, equal=True))
    assert isinstance(lottery, Lottery)
    _, json_s = timed(lottery.to_json)
    print(f"find_lottery at 100,000 with hash and counting {seconds:.2f} s, the object {json_s:.2f} s")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the seconds it took."""
    started = time.perf_counter()
    found: Any = work()
    return found, time.perf_counter() - started


def _twice_timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """Return what the work returns, its seconds, and its processor time, which a busy machine lengthens less."""
    cpu = time.process_time()
    found, seconds = timed(work)
    return found, seconds, time.process_time() - cpu
