"""Chances held against listing every panel of small random problems, exactly."""

from dataclasses import replace
from fractions import Fraction
from math import factorial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selection import (
    Candidate,
    CapRow,
    Lottery,
    PanelRequest,
    PoolColumns,
    QuotaRow,
    SeatRow,
    check_lottery,
    find_lottery,
    parse_lottery,
)
from tests.selection.builders import panels, requests
from tests.selection.lottery.brute import chances_by_listing


@given(requests(largest=7), st.booleans(), st.lists(st.sampled_from((None, "1/2", "5/3", "7")), min_size=9, max_size=9))
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_chances_and_the_count_are_those_of_listing_every_panel(
    request: PanelRequest, equal: bool, own: list[str | None]
) -> None:
    candidates = tuple(
        replace(one, entitlement=entitlement) for one, entitlement in zip(request.candidates, own, strict=False)
    )
    request = replace(request, candidates=candidates)

    lottery = find_lottery(request, equal=equal)

    expected = chances_by_listing(request, equal=equal)
    if expected is None:
        assert (lottery.status, isinstance(lottery, Lottery)) == ("infeasible", False)
        return
    assert isinstance(lottery, Lottery)
    assert lottery.chances == expected
    assert (lottery.panels, lottery.panels_at_least) == (len(panels(request)), None)
    assert check_lottery(request, lottery) == ()
    assert parse_lottery(lottery.to_json()) == lottery


# Employers that fill up, in expectation or not, are what makes values explicit: many candidates of few.
@given(st.integers(0, 10**6), st.integers(1, 2))
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_cap_that_the_drawing_keeps_costs_nobody_a_chance(seed: int, cap: int) -> None:
    letters = [(seed >> (2 * place)) % 4 for place in range(8)]
    candidates = tuple(
        Candidate(
            f"e{place}",
            ("11",) if letter < 2 else ("11", "22") if letter == 2 else ("22",),
            {"employer": "aabbcd"[(seed >> place) % 6], "region": "in" if (seed >> (place + 3)) % 2 else "out"},
            service=letter % 2,
        )
        for place, letter in enumerate(letters)
    )
    request = PanelRequest(
        4,
        candidates,
        (SeatRow("11", 2), SeatRow("22")),
        (QuotaRow("region", "out", 1, 3),),
        (CapRow("employer", cap),),
    )

    lottery = find_lottery(request)

    expected = chances_by_listing(request)
    if expected is None:
        assert lottery.status == "infeasible"
        return
    assert isinstance(lottery, Lottery)
    assert lottery.chances == expected
    assert check_lottery(request, lottery) == ()
    _expect_within_the_cap(request, lottery, cap)


def _expect_within_the_cap(request: PanelRequest, lottery: Lottery, cap: int) -> None:
    employer = {one.id: one.attributes["employer"] for one in request.candidates}
    for composition in lottery.support:
        assert sum(composition.counts().values()) == request.size
        if lottery.spread is None:
            continue
        for value in set(employer.values()):
            expected = sum(
                Fraction(sum(employer[one] == value for one in lottery.types[kind]) * count, len(lottery.types[kind]))
                for kind, count in composition.counts().items()
            )
            assert expected <= cap


@given(requests(largest=8), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_order_of_candidates_and_resident_columns_change_no_byte(request: PanelRequest, random) -> None:
    shuffled = list(request.candidates)
    random.shuffle(shuffled)

    other = find_lottery(replace(request, candidates=PoolColumns.of(shuffled)))

    assert other.to_json() == find_lottery(request).to_json()


def test_without_rules_everybody_has_the_same_chance() -> None:
    request = PanelRequest(3, tuple(Candidate(f"e{number}") for number in range(7)))

    lottery = find_lottery(request)

    assert isinstance(lottery, Lottery)
    assert set(lottery.chances.values()) == {Fraction(3, 7)}
    assert lottery.panels == factorial(7) // factorial(3) // factorial(4)


def test_past_service_lowers_a_chance_to_a_half_a_third_a_quarter_and_no_further() -> None:
    candidates = tuple(Candidate(f"e{service}", service=service) for service in range(5))

    lottery = find_lottery(PanelRequest(1, candidates))

    assert isinstance(lottery, Lottery)
    first = lottery.chances["e0"]
    assert [lottery.chances[f"e{service}"] / first for service in range(5)] == [
        1,
        Fraction(1, 2),
        Fraction(1, 3),
        Fraction(1, 4),
        Fraction(1, 4),
    ]


def test_somebody_in_no_panel_has_no_chance_and_takes_none_away() -> None:
    candidates = (Candidate("e1", ("11",)), Candidate("e2", ("11",)), Candidate("e3", ("22",)))

    lottery = find_lottery(PanelRequest(1, candidates, (SeatRow("11"),)))

    assert isinstance(lottery, Lottery)
    assert lottery.chances == {"e1": Fraction(1, 2), "e2": Fraction(1, 2), "e3": 0}
