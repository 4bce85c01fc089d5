"""How long a declaration is valid, and what one says otherwise than the one before."""

from dataclasses import replace
from datetime import date

import pytest

from conflicts import Difference, difference, valid_through
from tests.conflicts.builders import a_fact


@pytest.mark.parametrize(
    ("made_on", "last"),
    [
        pytest.param(date(2026, 3, 1), date(2027, 2, 28), id="twelve months end the day before the anniversary"),
        pytest.param(date(2024, 2, 29), date(2025, 2, 27), id="leap day"),
        pytest.param(date(2026, 12, 31), date(2027, 12, 30), id="end of the year"),
    ],
)
def test_yearly_declaration_is_valid_for_twelve_months(made_on: date, last: date) -> None:
    assert valid_through(made_on, 12) == last


def test_difference_names_each_tie_once() -> None:
    post, paid = a_fact("ann", "side_post", "firm"), a_fact("ann", "contract", "unit")
    kin = a_fact("ann", "kinship", "bob")
    ended = replace(post, to_on=date(2026, 1, 1))

    assert difference([post, paid], [ended, kin]) == Difference(
        added=(kin.id,), changed=(post.id,), gone=(paid.id,), same=()
    )
    assert difference([post, paid], [paid, post]).nothing
    assert not difference([], [post]).nothing


def test_source_and_sureness_are_no_change_of_what_was_declared() -> None:
    post = a_fact("ann", "side_post", "firm")

    assert difference([post], [replace(post, source="elsewhere", evidence="e1")]).same == (post.id,)
