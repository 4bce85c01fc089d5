"""A draw: everybody has exactly the chance promised, every panel is valid, the same seed gives the same record."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    PanelProblemFaults,
    PanelRequest,
    QuotaRow,
    canonical_json,
    find_lottery,
)
from selection.draw import Commitment, Source, SourceValue, commit, draw_panel, parse_commitment, verify_record
from selection.draw.consistency import lottery_faults
from selection.draw.drawing import draw_composition
from selection.draw.stream import Stream
from selection.lottery import Composition, Lottery, Part
from tests.selection.builders import can_be_seated, keeps, requests, rows_of
from tests.selection.draw.lotteries import a_lottery, a_request


def drawn(commitment: Commitment, seed: str, *declined: str):
    return draw_panel(commitment, [SourceValue("seed", seed)], declined=declined)


def a_commitment(*, spread: str | None = "employer", seed: int = 3) -> Commitment:
    request = a_request()
    lottery = a_lottery(request, Random(seed), spread=spread)
    assert lottery is not None
    return commit(request, lottery)


def chi_square(commitment: Commitment, draws: int) -> tuple[float, int]:
    """Chi-square of how often each candidate was drawn, by type; and its degrees of freedom."""
    tally: Counter[str] = Counter()
    for number in range(draws):
        tally.update(member.id for member in drawn(commitment, f"seed {number}").drawn)
    lottery = commitment.lottery
    statistic, freedom = 0.0, 0
    for members in filter(lambda ids: lottery.chances[ids[0]], lottery.types):
        expected = float(lottery.chances[members[0]] * draws)
        statistic += sum((tally[one] - expected) ** 2 / expected for one in members)
        freedom += len(members)
    assert set(tally) == {one for one, chance in lottery.chances.items() if chance}
    return statistic, freedom


def held(statistic: float, freedom: int) -> bool:
    """Whether chi-square lies within four standard deviations; the seeds are fixed, so it does for ever or never."""
    return statistic < freedom + 4 * (2 * freedom) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("spread", [None, "employer"])
def test_everybody_is_drawn_as_often_as_the_lottery_says(spread: str | None) -> None:
    assert held(*chi_square(a_commitment(spread=spread), 2_000))


@pytest.mark.long
@pytest.mark.parametrize("spread", [None, "employer"])
def test_everybody_is_drawn_as_often_as_the_lottery_says_in_a_hundred_thousand_draws(spread: str | None) -> None:
    assert held(*chi_square(a_commitment(spread=spread), 100_000))


def test_compositions_are_drawn_by_their_exact_weights() -> None:
    weights = [Fraction(1, 6), Fraction(1, 2), Fraction(1, 3)]

    class Ticket(Stream):
        def __init__(self, number: int) -> None:
            self.number = number

        def below(self, bound: int) -> int:
            assert bound == 6
            return self.number

    assert [draw_composition(weights, Ticket(number)) for number in range(6)] == [0, 1, 1, 1, 2, 2]


@settings(max_examples=60, deadline=None)
@given(requests(), st.integers(0, 10**6), st.sampled_from((None, "employer", "school")))
def test_every_panel_drawn_keeps_every_rule(request: PanelRequest, seed: int, spread: str | None) -> None:
    if spread is not None and all(row.attribute != spread for row in request.caps):
        spread = None
    lottery = a_lottery(request, Random(seed), spread=spread)
    if lottery is None or lottery_faults(request, lottery):
        return
    commitment = commit(request, lottery)
    by_id = {one.id: one for one in request.candidates}
    for number in range(3):
        record = drawn(commitment, str(number))
        members = [by_id[member.id] for member in record.drawn]
        assert keeps(members, [row for _, row in rows_of(request)], request.size)
        assert not request.excluded_ids & {member.id for member in record.drawn}
        assert can_be_seated(members, request.seats)
        assert len(record.drawn) == request.size
        # What a reserve is said to replace, it replaces.
        for reserve in record.reserves:
            for leaver in reserve.replaces:
                swapped = [one for one in members if one.id != leaver] + [by_id[reserve.id]]
                assert keeps(swapped, [row for _, row in rows_of(request)], request.size)


@settings(max_examples=40, deadline=None)
@given(requests(), st.booleans())
def test_panels_drawn_from_the_fairest_lottery_keep_every_rule_and_are_verified(
    request: PanelRequest, equal: bool
) -> None:
    lottery = find_lottery(request, equal=equal)
    if not isinstance(lottery, Lottery):
        return
    # No lottery that is found is turned away by the bounds a commitment asks for.
    commitment = commit(request, lottery)
    by_id = {one.id: one for one in request.candidates}
    for number in range(2):
        record = drawn(commitment, str(number))
        members = [by_id[member.id] for member in record.drawn]
        assert keeps(members, [row for _, row in rows_of(request)], request.size)
        assert verify_record(record.to_json()).code is None


@pytest.mark.slow
def test_everybody_is_drawn_as_often_as_the_fairest_lottery_says() -> None:
    request = a_request()
    lottery = find_lottery(request)
    assert isinstance(lottery, Lottery)

    assert held(*chi_square(commit(request, lottery), 2_000))


@pytest.mark.slow
def test_a_thousand_repetitions_give_the_same_bytes() -> None:
    commitment = a_commitment()
    text = canonical_json(commitment.value)
    gone = drawn(commitment, "2026").panel[0].id

    found = {canonical_json(drawn(commitment, "2026", gone).to_json()) for _ in range(500)}
    found |= {canonical_json(drawn(parse_commitment(text), "2026", gone).to_json()) for _ in range(500)}

    assert len(found) == 1


def test_the_record_is_the_same_whatever_the_hash_seed_of_the_process(tmp_path) -> None:
    commitment = a_commitment()
    (tmp_path / "commitment.json").write_text(canonical_json(commitment.value), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from selection import canonical_json;"
        "from selection.draw import SourceValue, draw_panel, parse_commitment;"
        "fixed = parse_commitment(Path(sys.argv[1]).read_bytes());"
        "print(canonical_json(draw_panel(fixed, [SourceValue('seed', 'x')]).to_json()))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "commitment.json")],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        )
        .stdout.decode()
        .strip()
        for seed in ("0", "1", "4242")
    }

    assert found == {canonical_json(drawn(commitment, "x").to_json())}


def test_another_seed_another_draw_number_or_another_matter_is_another_draw() -> None:
    request = a_request()
    lottery = a_lottery(request, Random(3), spread="employer")
    fixed = [commit(request, lottery), commit(request, lottery, draw=2), commit(request, lottery, matter="m2")]

    assert len({one.sha256 for one in fixed}) == 3
    panels = {tuple(member.id for member in drawn(one, str(seed)).drawn) for one in fixed for seed in range(12)}
    assert len(panels) > 6


def test_a_lottery_of_another_problem_is_not_committed_to() -> None:
    request = a_request()
    lottery = a_lottery(request, Random(3))

    with pytest.raises(PanelProblemFaults) as refused:
        commit(replace(request, reserves=3), lottery)

    assert [fault.at for fault in refused.value.faults] == ["/lottery/problem_sha256"]


def a_plain_lottery(request: PanelRequest, *parts: Part) -> Lottery:
    """One composition over one type of everybody."""
    from selection import problem_sha256

    ids = tuple(sorted(one.id for one in request.candidates))
    chances = dict.fromkeys(ids, Fraction(request.size, len(ids)))
    support = (Composition(Fraction(1), parts or (Part(0, None, request.size),)),)
    return Lottery("exact", chances, support, (ids,), None, None, 1, problem_sha256(request))


BASE = PanelRequest(
    2,
    tuple(
        Candidate(f"e{number}", ("570",) if number else ("820",), {"employer": "o1" if number < 2 else "o2"})
        for number in range(4)
    ),
)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quotas": (QuotaRow("employer", "o1", 1),)}, "/quotas/0"),
        ({"quotas": (QuotaRow("employer", "o1", 0, 1),)}, "/quotas/0"),
        ({"caps": (CapRow("employer", 1),)}, "/caps/0"),
        ({"apart": (ApartRow("e1", "e3"),)}, "/apart"),
    ],
    ids=["a quota not reached", "a quota passed", "a cap passed", "a pair together"],
)
def test_a_lottery_that_could_draw_a_broken_panel_is_not_committed_to(changes: dict, rule: str) -> None:
    request = replace(BASE, **changes)
    commit(BASE, a_plain_lottery(BASE))

    with pytest.raises(PanelProblemFaults) as refused:
        commit(request, a_plain_lottery(request))

    (fault,) = refused.value.faults
    assert (fault.code, fault.facts["rule"]) == ("RULE_NOT_KEPT", rule)


def test_a_lottery_whose_type_cannot_fill_a_seat_is_not_committed_to() -> None:
    from selection import SeatRow

    request = replace(BASE, seats=(SeatRow("57", 2),))

    with pytest.raises(PanelProblemFaults) as refused:
        commit(request, a_plain_lottery(request))

    assert refused.value.faults[0].facts["rule"] == "/seats"


@pytest.mark.parametrize(
    ("sources", "at"),
    [
        ((), "/sources"),
        ((Source(""),), "/sources/0/name"),
        ((Source("a=b"),), "/sources/0/name"),
        ((Source("a\nb"),), "/sources/0/name"),
        ((Source("a"), Source("a")), "/sources/1/name"),
        ((Source("a", "drand", "0" * 63, 1),), "/sources/0/chain"),
        ((Source("a", "drand", "0" * 64, 0),), "/sources/0/round"),
        ((Source("a", "stars"),), "/sources/0/kind"),  # type: ignore[arg-type]
    ],
)
def test_sources_with_faults_are_refused(sources: tuple[Source, ...], at: str) -> None:
    request = a_request()

    with pytest.raises(PanelProblemFaults) as refused:
        commit(request, a_lottery(request, Random(3)), sources=sources)

    assert [fault.at for fault in refused.value.faults] == [at]


def test_a_commitment_read_again_is_the_same() -> None:
    commitment = a_commitment()

    assert parse_commitment(json.dumps(commitment.value)) == commitment
