import pytest

from registry import evenness_of


@pytest.mark.parametrize(
    ("counts", "gini"),
    [
        ([3, 3, 3], 0.0),
        ([0, 0, 0, 4], 0.75),
        ([0, 1, 1, 2], 0.375),
        ([5], 0.0),
    ],
    ids=["all the same", "one has everything", "by hand", "one person"],
)
def test_gini_is_known_for_small_counts(counts: list[int], gini: float) -> None:
    assert evenness_of(counts).gini == gini


def test_the_curve_runs_from_nobody_to_everybody_and_bends_where_counts_change() -> None:
    found = evenness_of([2, 0, 1, 1])

    assert found.curve == ((0.0, 0.0), (0.25, 0.0), (0.75, 0.5), (1.0, 1.0))
    assert (found.people, found.total, found.never, found.most) == (4, 4, 1, 2)


@pytest.mark.parametrize("counts", [[], [0, 0]], ids=["nobody", "nothing to share"])
def test_nothing_to_share_is_even(counts: list[int]) -> None:
    found = evenness_of(counts)

    assert (found.gini, found.never, found.total) == (0.0, len(counts), 0)


def test_the_curve_of_many_is_as_short_as_that_of_few() -> None:
    found = evenness_of([place % 4 for place in range(100_000)])

    assert len(found.curve) == 5
    assert round(found.gini, 6) == round(evenness_of([0, 1, 2, 3]).gini, 6)
