"""The ladder of reminders follows working days."""

from datetime import date

import pytest

from service.work_days import work_calendar
from workflow import Rung, rung_reached

STEPS = (-2, -1, 0, 1)
MONDAY = date(2026, 9, 21)


@pytest.mark.rule("R28a")
@pytest.mark.parametrize(
    ("on", "reached"),
    [
        (date(2026, 9, 17), None),
        (date(2026, 9, 18), Rung(-2, last=False)),
        (date(2026, 9, 19), None),
        (date(2026, 9, 20), Rung(-1, last=False)),
        (date(2026, 9, 21), Rung(0, last=False)),
        (date(2026, 9, 22), Rung(1, last=True)),
        (date(2026, 10, 30), Rung(1, last=True)),
    ],
    ids=["too early", "Friday", "Saturday", "make-up Sunday", "the day", "the day after", "long after"],
)
def test_the_highest_step_that_is_reached_counts(on: date, reached: Rung | None) -> None:
    # 20 September 2026 is a Sunday on which people work: one working day before Monday.
    assert rung_reached(MONDAY, STEPS, on=on, calendar=work_calendar()) == reached


def test_the_days_of_a_holiday_are_no_step() -> None:
    due_on = date(2026, 9, 30)  # the National Day week follows, to 7 October

    reached = [rung_reached(due_on, STEPS, on=date(2026, 10, day), calendar=work_calendar()) for day in (1, 7, 8)]

    assert reached == [None, None, Rung(1, last=True)]
