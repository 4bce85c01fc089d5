"""Reserves and declines: the others stay, who joins makes the panel valid, in proportion to the chances."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from selection import Candidate, CapRow, PanelProblemFaults, PanelRequest, SeatRow, problem_sha256
from selection.draw import Commitment, SourceValue, commit, draw_panel
from selection.lottery import Composition, Lottery, Part
from tests.selection.draw.lotteries import a_lottery, a_request


def drawn(commitment: Commitment, seed: str, *declined: str):
    return draw_panel(commitment, [SourceValue("seed", seed)], declined=declined)


def a_commitment(reserves: int = 0) -> Commitment:
    """Four of one type at 1/4 each, two of another at 1/2 each, e8 and e9 never: a panel of two, one of them water."""
    candidates = (
        *(Candidate(f"e{number}", ("570",)) for number in range(4)),
        *(Candidate(f"e{number}", ("820",)) for number in range(4, 6)),
        Candidate("e8"),
        Candidate("e9"),
    )
    request = PanelRequest(2, candidates, (SeatRow("570"),), reserves=reserves)
    chances = {one.id: Fraction(1, 4) if one.fields == ("570",) else Fraction(1, 2) for one in candidates}
    chances |= {"e8": Fraction(0), "e9": Fraction(0)}
    support = (Composition(Fraction(1), (Part(0, "570", 1), Part(1, None, 1))),)
    types = (("e0", "e1", "e2", "e3"), ("e4", "e5"))
    return commit(request, Lottery("exact", chances, support, types, None, None, 1, problem_sha256(request)))


def test_the_others_stay_when_somebody_declines() -> None:
    commitment = a_commitment()
    for seed in range(20):
        before = drawn(commitment, str(seed))
        gone = before.panel[1].id
        after = drawn(commitment, str(seed), gone)

        assert after.drawn == before.drawn
        assert {member.id for member in after.panel} == ({member.id for member in before.panel} - {gone}) | {
            after.declines[0].joins
        }
        assert gone not in {member.id for member in after.panel}


@pytest.mark.parametrize("reserves", [0, 1, 3], ids=["no reserves", "one reserve", "three reserves"])
@pytest.mark.slow
def test_who_joins_is_drawn_in_proportion_to_the_chances(reserves: int) -> None:
    """With e0 seated for water, everybody else may take the open seat: the other three of 1/4, and one of 1/2."""
    commitment = a_commitment(reserves)
    joined: Counter[str] = Counter()
    for seed in range(4_000):
        record = drawn(commitment, str(seed))
        ids = [member.id for member in record.panel]
        if ids == ["e0", "e4"]:
            joined[str(drawn(commitment, str(seed), "e4").declines[0].joins)] += 1

    total = joined.total()
    assert total > 300
    assert set(joined) == {"e1", "e2", "e3", "e5"}
    expected = {"e1": total / 5, "e2": total / 5, "e3": total / 5, "e5": total * 2 / 5}
    # Three degrees of freedom: 16.3 is passed once in a thousand; the seeds are fixed.
    assert sum((joined[one] - share) ** 2 / share for one, share in expected.items()) < 16.3


def test_those_without_a_chance_join_only_when_nobody_else_is_left() -> None:
    commitment = a_commitment()
    seed = next(str(seed) for seed in range(100) if drawn(commitment, str(seed)).panel[0].id == "e0")
    gone: list[str] = []
    for _ in range(5):
        panel = drawn(commitment, seed, *gone).panel
        gone.append(panel[1].id)
    record = drawn(commitment, seed, *gone)
    joined = [decline.joins for decline in record.declines]

    assert set(joined[:4]) == {"e1", "e2", "e3", "e4", "e5"} - {record.drawn[1].id}
    assert joined[4] in {"e8", "e9"}


def test_when_nobody_can_join_the_record_says_so() -> None:
    commitment = a_commitment()
    record = drawn(commitment, "x")
    gone: list[str] = []
    while record.is_whole:
        gone.append(record.panel[0].id)
        record = drawn(commitment, "x", *gone)

    # Every water expert declined: e0 to e3, and nobody else fills the seat.
    assert sorted(gone) == ["e0", "e1", "e2", "e3"]
    assert (record.declines[-1].joins, [member.seat for member in record.panel]) == (None, [None])


def test_reserves_are_outside_the_panel_each_once_and_replace_somebody() -> None:
    commitment = a_commitment(6)
    for seed in range(30):
        record = drawn(commitment, str(seed))
        ids = [reserve.id for reserve in record.reserves]

        assert len(set(ids)) == len(ids) == 6
        assert not set(ids) & {member.id for member in record.drawn}
        # Nobody of chance 0 comes before somebody with a chance.
        assert set(ids[-2:]) == {"e8", "e9"}
        assert all(reserve.replaces for reserve in record.reserves)


def test_fewer_reserves_than_asked_is_no_fault() -> None:
    record = drawn(a_commitment(50), "x")

    assert (len(record.reserves), record.to_json()["reserves_missing"]) == (6, 44)


def test_the_first_reserve_who_fits_joins() -> None:
    commitment = a_commitment(6)
    record = drawn(commitment, "x")
    water = record.panel[0].id
    fits = next(reserve.id for reserve in record.reserves if water in reserve.replaces)

    assert drawn(commitment, "x", water).declines[0].joins == fits


def test_a_reserve_who_declines_is_passed_over() -> None:
    commitment = a_commitment(6)
    record = drawn(commitment, "x")
    water = record.panel[0].id
    fitting = [reserve.id for reserve in record.reserves if water in reserve.replaces]
    after = drawn(commitment, "x", fitting[0], water)

    assert [(one.was, one.joins) for one in after.declines] == [("reserve", None), ("member", fitting[1])]


@pytest.mark.parametrize("who", ["e99", "e8"])
def test_somebody_outside_the_draw_cannot_decline(who: str) -> None:
    commitment = a_commitment()

    with pytest.raises(PanelProblemFaults) as refused:
        drawn(commitment, "x", drawn(commitment, "x").panel[0].id, who)

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [("/declines/1", "NOT_IN_DRAW")]


def test_nobody_declines_twice() -> None:
    commitment = a_commitment()
    gone = drawn(commitment, "x").panel[0].id

    with pytest.raises(PanelProblemFaults):
        drawn(commitment, "x", gone, gone)


def test_a_cap_is_kept_after_declines() -> None:
    request = replace(a_request(), caps=(CapRow("employer", 1),), reserves=0)
    lottery = a_lottery(request, Random(5), spread="employer")
    commitment = commit(request, lottery)
    employers = {one.id: one.attributes.get("employer") for one in request.candidates}
    for seed in range(60):
        panel = drawn(commitment, str(seed), drawn(commitment, str(seed)).panel[0].id).panel
        named = [employers[member.id] for member in panel if employers[member.id] is not None]
        assert len(named) == len(set(named))
