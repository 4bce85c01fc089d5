"""Problems whose bounds without whole numbers promise too much, or whose rows cross: column generation and simplex."""

import random
from fractions import Fraction

import pytest

from selection import ApartRow, Candidate, Lottery, PanelRequest, QuotaRow, SeatRow, check_lottery, find_lottery
from selection.columns import columns_of
from selection.lottery.linear import solved
from selection.lottery.relaxed import relaxed_levels
from selection.lottery.types import space_of, types_of
from selection.solving import Budget
from tests.selection.lottery.brute import chances_by_listing

TRIANGLE = PanelRequest(
    2,
    tuple(Candidate(one) for one in "abcd"),
    apart=(ApartRow("a", "b"), ApartRow("b", "c"), ApartRow("a", "c")),
)


def crossing(seed: int) -> PanelRequest:
    """Quotas on two attributes that cross, pairs in odd cycles, seats: no flow."""
    dice = random.Random(seed)
    ids = [f"e{number}" for number in range(8)]
    candidates = tuple(
        Candidate(
            one,
            tuple(dice.sample(("11", "22"), dice.randrange(3))),
            {"region": dice.choice(("in", "out")), "sex": dice.choice("fm"), "age": dice.choice("oy")},
            dice.randrange(3),
        )
        for one in ids
    )
    pairs = tuple(ApartRow(*dice.sample(ids, 2)) for _ in range(dice.randrange(4)))
    quotas = (QuotaRow("region", "in", 1, 2), QuotaRow("sex", "f", 1, 2), QuotaRow("age", "o", 1, 3))
    return PanelRequest(4, candidates, (SeatRow("11"),), quotas, apart=pairs)


def test_three_of_whom_no_two_sit_together_share_one_place() -> None:
    pool = columns_of(TRIANGLE.candidates)
    types = types_of(TRIANGLE, pool, equal=True)
    assert not space_of(TRIANGLE, pool, types).is_laminar()
    # Without whole numbers each of the three would have a half.
    assert relaxed_levels(space_of(TRIANGLE, pool, types), Budget()) is not None

    lottery = find_lottery(TRIANGLE)

    assert isinstance(lottery, Lottery)
    third = Fraction(1, 3)
    assert lottery.chances == {"a": third, "b": third, "c": third, "d": Fraction(1)}
    assert check_lottery(TRIANGLE, lottery) == ()


@pytest.mark.parametrize("seed", range(40))
def test_rows_that_cross_have_the_chances_of_listing_every_panel(seed: int) -> None:
    request = crossing(seed)

    lottery = find_lottery(request)

    expected = chances_by_listing(request)
    if expected is None:
        assert lottery.status == "infeasible"
        return
    assert isinstance(lottery, Lottery)
    assert lottery.chances == expected
    assert check_lottery(request, lottery) == ()
    assert find_lottery(request) == lottery


def test_equations_have_one_solution_or_none() -> None:
    one, two, three = (Fraction(number) for number in (1, 2, 3))

    assert solved([[one, one, three], [one, -one, one]]) == [two, one]
    assert solved([[one, one, three], [two, two, three]]) is None
    assert solved([[one, one, three], [two, two, 2 * three]]) is None
