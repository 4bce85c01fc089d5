from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflicts import CURRENT, FOREVER, Window

DAYS = st.dates(date(1950, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize(
    ("ended_on", "months", "last_day"),
    [
        pytest.param(date(2023, 11, 23), 36, date(2026, 11, 23), id="up to and including the anniversary"),
        pytest.param(date(2024, 2, 29), 36, date(2027, 2, 28), id="29 February becomes 28 February"),
        pytest.param(date(2024, 2, 29), 48, date(2028, 2, 29), id="29 February stays in a leap year"),
        pytest.param(date(2026, 8, 31), 6, date(2027, 2, 28), id="a shorter month ends sooner"),
        pytest.param(date(2026, 12, 31), 0, date(2026, 12, 31), id="current: the day of the end itself"),
        pytest.param(date(9998, 1, 1), 36, date.max, id="past the calendar is its last day"),
    ],
)
def test_a_window_ends_on_the_same_day_months_later(ended_on: date, months: int, last_day: date) -> None:
    assert Window(months).last_day(ended_on) == last_day


def test_for_ever_has_no_last_day_and_every_end_counts() -> None:
    assert (FOREVER.last_day(date(1980, 1, 1)), FOREVER.earliest_end(date(2026, 1, 1))) == (None, date.min)


def test_before_the_calendar_every_end_counts() -> None:
    assert Window(1200).earliest_end(date(50, 1, 1)) == date.min


@given(as_of=DAYS, months=st.integers(0, 120))
def test_the_earliest_end_is_the_first_day_whose_window_reaches_the_day(as_of: date, months: int) -> None:
    window = Window(months)
    earliest = window.earliest_end(as_of)

    assert window.last_day(earliest) >= as_of
    assert window.last_day(earliest - timedelta(days=1)) < as_of


@given(day=DAYS, months=st.integers(0, 120))
def test_a_later_end_never_clears_sooner(day: date, months: int) -> None:
    window = Window(months)

    assert window.last_day(day) <= window.last_day(day + timedelta(days=1))
    assert CURRENT.last_day(day) == day
