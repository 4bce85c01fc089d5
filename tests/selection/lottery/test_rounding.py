"""Rounding numbers whose sums round as well, held against all ways and against the whole-number model."""

import random
from itertools import product

import pytest

from selection import Lottery, find_lottery
from selection.lottery import rounding
from selection.lottery.rounding import Rounding, TooManySteps
from tests.selection.lottery.test_hull import crossing


@pytest.mark.parametrize("seed", range(60))
def test_the_way_found_is_the_first_of_all(seed: int) -> None:
    dice = random.Random(seed)
    types, size = dice.randrange(1, 9), dice.randrange(1, 6)
    sets = [
        range(types),
        *(sorted(dice.sample(range(types), dice.randint(1, types))) for _ in range(dice.randrange(4))),
    ]
    order = dice.sample(range(types), dice.randint(1, types))
    low = [size, *(dice.randrange(-1, 3) for _ in sets[1:])]
    high = [size, *(max(least, 0) + dice.randrange(2) for least in low[1:])]

    found = Rounding(types, size, sets).first(order, low, high)

    ways = (
        [kind for kind, taken in zip(order, chosen, strict=True) if taken]
        for chosen in product((True, False), repeat=len(order))
    )
    expected = next(
        (
            way
            for way in ways
            if all(
                least <= sum(kind in kinds for kind in way) <= most
                for kinds, least, most in zip(sets, low, high, strict=True)
            )
        ),
        None,
    )
    assert found == expected


def test_a_bound_that_nothing_can_keep_has_no_way() -> None:
    pairs = Rounding(3, 2, [(0, 1, 2), (0, 1)])

    assert pairs.first([0, 1, 2], [2, 0], [2, 1]) == [0, 2]
    assert pairs.first([0, 1, 2], [2, 2], [2, 2]) == [0, 1]
    assert pairs.first([0, 1, 2], [2, 0], [2, 0]) is None
    assert pairs.first([0, 1, 2], [2, 2], [2, 1]) is None
    assert pairs.first([0, 1, 2], [-1, 0], [-1, 1]) is None
    assert pairs.first([], [0, 0], [0, 1]) == []


def test_a_long_search_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Rounding(2, 1, [(0, 1)])
    assert pair.first([0, 1], [1], [1]) == [0]

    monkeypatch.setattr(rounding, "MOST_STEPS", 0)

    with pytest.raises(TooManySteps):
        pair.first([0, 1], [1], [1])


def test_the_model_asked_instead_gives_the_same_lottery(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = [crossing(seed) for seed in range(12)]
    searched = [find_lottery(request) for request in requests]
    assert any(isinstance(found, Lottery) and len(found.support) > 3 for found in searched)

    monkeypatch.setattr(rounding, "MOST_STEPS", 0)

    assert [find_lottery(request) for request in requests] == searched
