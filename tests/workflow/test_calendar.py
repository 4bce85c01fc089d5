from datetime import UTC, date, datetime

import pytest

from workflow import (
    ClockState,
    Due,
    Pause,
    WorkCalendar,
    add_months,
    calendar_day_deadline,
    calendar_day_minimum,
    hours_deadline,
    last_day_of_months,
    latest_delivery,
    working_day_clock,
)

# September and October 2026 as published: Mid-Autumn 25-27 September, National Day 1-7 October; Sundays 20 September
# and Saturday 10 October are worked.
CALENDAR = WorkCalendar(
    changed={
        date(2026, 9, 20): True,
        date(2026, 9, 25): False,
        **{date(2026, 10, day): False for day in range(1, 8)},
        date(2026, 10, 10): True,
    },
    first_year=2026,
    last_year=2026,
)


def september(day: int) -> date:
    return date(2026, 9, day)


def october(day: int) -> date:
    return date(2026, 10, day)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (september(20), True),
        (september(19), False),
        (september(25), False),
        (september(28), True),
        (october(7), False),
        (october(10), True),
    ],
    ids=["make-up Sunday", "Saturday", "holiday Friday", "Monday", "holiday Wednesday", "make-up Saturday"],
)
def test_working_day_is_what_the_table_says(day: date, working: bool) -> None:
    assert CALENDAR.is_working_day(day) is working


@pytest.mark.rule("R32b")
@pytest.mark.parametrize(
    ("delivered_on", "first_day"),
    [
        (september(14), september(20)),  # 15, 16, 17, 18, and the worked Sunday
        (september(18), september(24)),  # 20, 21, 22, 23, 24
        (september(24), october(9)),  # 28, 29, 30, 8, 9
    ],
    ids=["over a worked Sunday", "from a Friday", "over two holidays"],
)
def test_five_working_days_do_not_count_the_day_of_delivery(delivered_on: date, first_day: date) -> None:
    assert CALENDAR.earliest(delivered_on, 5) == Due(first_day, provisional=False)
    assert CALENDAR.working_days_between(delivered_on, first_day) == 5


def test_deadline_past_the_table_is_provisional() -> None:
    assert CALENDAR.deadline(date(2026, 12, 30), 1) == Due(date(2026, 12, 31), provisional=False)
    assert CALENDAR.deadline(date(2026, 12, 30), 2) == Due(date(2027, 1, 4), provisional=True)


def test_minimum_past_the_table_counts_only_days_that_cannot_become_holidays() -> None:
    # Monday 4 January 2027 may yet become a holiday; Tuesday the 5th cannot.
    assert CALENDAR.earliest(date(2026, 12, 31), 1) == Due(date(2027, 1, 5), provisional=True)
    assert CALENDAR.deadline(date(2026, 12, 31), 1) == Due(date(2027, 1, 4), provisional=True)


def test_minimum_past_the_table_is_never_before_the_deadline() -> None:
    for start in (date(2026, 12, 20), date(2027, 1, 15), date(2027, 4, 1), date(2027, 9, 1)):
        for days in (1, 5, 10):
            assert CALENDAR.earliest(start, days).on >= CALENDAR.deadline(start, days).on


def test_no_working_days_are_counted_backwards() -> None:
    with pytest.raises(ValueError, match="forward"):
        CALENDAR.deadline(september(14), -1)


@pytest.mark.rule("R43b")
def test_seven_calendar_days_roll_out_of_the_holiday() -> None:
    due, raw = calendar_day_deadline(september(28), 7, calendar=CALENDAR)

    assert (due, raw) == (Due(october(8)), october(5))


@pytest.mark.rule("R15c")
def test_thirty_days_never_shrink_nor_roll() -> None:
    assert calendar_day_minimum(september(1), 30) == october(1)


@pytest.mark.rule("R16e", "R46a")
def test_delivery_before_a_meeting_counts_back() -> None:
    assert latest_delivery(september(20), 7) == september(13)
    assert latest_delivery(september(20), 1) == september(19)


@pytest.mark.rule("R32e")
def test_hours_run_through_the_night_and_the_holiday() -> None:
    assert hours_deadline(datetime(2026, 9, 30, 9, tzinfo=UTC), 24) == datetime(2026, 10, 1, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        hours_deadline(datetime(2026, 9, 30, 9), 24)  # noqa: DTZ001 -- naive on purpose


@pytest.mark.rule("R42d", "R42e")
def test_joint_review_over_pause_and_holiday_ends_on_the_day_counted_by_hand() -> None:
    state = working_day_clock(
        september(20),
        10,
        on=october(13),
        calendar=CALENDAR,
        pauses=[Pause(september(23), september(28))],
    )

    # 21, 22, 23 September; 29, 30; 8, 9, 10 (a worked Saturday), 12, 13 October
    assert state == ClockState(october(13), october(10), 10, 10, None, False, "running")


@pytest.mark.parametrize(
    ("on", "status"), [(october(13), "running"), (october(14), "late")], ids=["on the last day", "the day after"]
)
def test_clock_is_late_from_the_day_after(on: date, status: str) -> None:
    state = working_day_clock(september(20), 10, on=on, calendar=CALENDAR, pauses=[Pause(september(23), september(28))])

    assert state.status == status


@pytest.mark.parametrize(("stopped_on", "status", "counted"), [(september(17), "met", 3), (september(18), "late", 4)])
@pytest.mark.rule("R41d")
def test_supplement_in_three_working_days_is_met_and_later_is_a_flag(
    stopped_on: date, status: str, counted: int
) -> None:
    state = working_day_clock(september(14), 3, on=october(20), calendar=CALENDAR, stopped_on=stopped_on)

    assert (state.status, state.counted, state.due_on) == (status, counted, september(17))


@pytest.mark.rule("R42e")
def test_resting_clock_has_no_due_day_and_counts_no_further() -> None:
    state = working_day_clock(september(14), 7, on=october(20), calendar=CALENDAR, pauses=[Pause(september(16))])

    assert (state.status, state.due_on, state.counted, state.paused_since) == ("paused", None, 2, september(16))


@pytest.mark.parametrize("requested", range(15, 24))
@pytest.mark.parametrize("rested", range(8))
def test_pause_never_brings_the_due_day_nearer(requested: int, rested: int) -> None:
    plain = working_day_clock(september(14), 7, on=september(14), calendar=CALENDAR)
    pause = Pause(september(requested), date.fromordinal(september(requested).toordinal() + rested))

    paused = working_day_clock(september(14), 7, on=september(14), calendar=CALENDAR, pauses=[pause])

    assert paused.due_on >= plain.due_on == plain.raw_due_on


@pytest.mark.parametrize(
    "pauses",
    [
        [Pause(september(16)), Pause(september(18))],
        [Pause(september(16), september(15))],
        [Pause(september(16), september(20)), Pause(september(18), september(21))],
        [Pause(september(13), september(16))],
    ],
    ids=["the first is open", "ends before it began", "overlapping", "before the start"],
)
def test_pauses_that_make_no_sense_are_not_counted(pauses: list[Pause]) -> None:
    with pytest.raises(ValueError, match="pause"):
        working_day_clock(september(14), 7, on=september(30), calendar=CALENDAR, pauses=pauses)


@pytest.mark.parametrize(
    ("starts_on", "months", "ends_on"),
    [
        (date(2022, 3, 1), 60, date(2027, 2, 28)),
        (date(2025, 1, 1), 24, date(2026, 12, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
    ],
)
def test_span_of_months_ends_the_day_before_its_anniversary(starts_on: date, months: int, ends_on: date) -> None:
    assert last_day_of_months(starts_on, months) == ends_on


def test_month_that_is_shorter_ends_earlier() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -24) == date(2024, 1, 15)
