"""When a field runs dry if nobody is renewed."""

from datetime import date

import pytest

from registry import dry_on, half_years, standing_on

ENDS = [date(2027, 2, 28), date(2027, 2, 28), date(2028, 12, 31), date(2031, 6, 30)]
TODAY = date(2026, 9, 14)


@pytest.mark.parametrize(
    ("day", "standing"),
    [(TODAY, 4), (date(2027, 2, 28), 4), (date(2027, 3, 1), 2), (date(2031, 6, 30), 1), (date(2031, 7, 1), 0)],
)
def test_term_counts_on_its_last_day_and_not_after(day: date, standing: int) -> None:
    assert standing_on(ENDS, day) == standing


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        (1, date(2031, 7, 1)),
        (2, date(2029, 1, 1)),
        (3, date(2027, 3, 1)),
        (4, date(2027, 3, 1)),
        (5, TODAY),
    ],
)
def test_field_runs_dry_the_day_after_the_term_that_was_needed(least: int, expected: date) -> None:
    assert dry_on(ENDS, on=TODAY, least=least) == expected
    assert standing_on(ENDS, expected) < least


def test_term_that_is_over_covers_nothing() -> None:
    assert dry_on([date(2026, 9, 13), TODAY], on=TODAY, least=2) == TODAY
    assert dry_on([TODAY, TODAY], on=TODAY, least=2) == date(2026, 9, 15)


def test_half_years_follow_one_another_without_gap() -> None:
    spans = half_years(TODAY, 3)

    assert spans == (
        (date(2026, 9, 14), date(2027, 3, 13)),
        (date(2027, 3, 14), date(2027, 9, 13)),
        (date(2027, 9, 14), date(2028, 3, 13)),
    )
