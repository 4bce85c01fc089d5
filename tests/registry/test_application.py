"""Applications before the first check: the period of a call, who must confirm, which fields are wanted."""

from datetime import date

import pytest

from registry import ApplicationStage, CallPeriod, Source, first_stage, is_wanted, why_not_called

PERIOD = CallPeriod(date(2026, 9, 1), date(2026, 9, 30))


@pytest.mark.rule("R24a")
@pytest.mark.parametrize(
    ("on", "found"),
    [
        (date(2026, 8, 31), ["early"]),
        pytest.param(date(2026, 9, 1), [], id="the first day counts"),
        pytest.param(date(2026, 9, 30), [], id="the last day counts"),
        (date(2026, 10, 1), ["late"]),
    ],
)
def test_applications_to_a_call_are_taken_inside_its_period(on: date, found: list[str]) -> None:
    broken = why_not_called(PERIOD, on=on)

    assert [one.facts["found"] for one in broken] == found
    assert {one.code for one in broken} <= {"CALL_NOT_OPEN"}


def test_a_call_may_last_one_day_but_never_end_before_it_begins() -> None:
    assert CallPeriod(date(2028, 2, 29), date(2028, 2, 29)).covers(date(2028, 2, 29))
    with pytest.raises(ValueError, match="closes"):
        CallPeriod(date(2026, 9, 2), date(2026, 9, 1))


@pytest.mark.rule("R24a", "R25f")
@pytest.mark.parametrize(
    ("source", "by_the_person", "stage"),
    [
        (Source.SELF, True, ApplicationStage.SUBMITTED),
        (Source.OPEN_CALL, True, ApplicationStage.SUBMITTED),
        (Source.ORGANISATION, True, ApplicationStage.UNCONFIRMED),
        (Source.INVITED, False, ApplicationStage.UNCONFIRMED),
        (Source.SELF, False, ApplicationStage.UNCONFIRMED),
    ],
)
def test_what_somebody_else_fills_in_waits_for_the_person(
    source: Source, by_the_person: bool, stage: ApplicationStage
) -> None:
    assert first_stage(source, by_the_person=by_the_person) is stage


@pytest.mark.parametrize(
    ("wanted", "codes", "is_one"),
    [
        ((), ("820",), True),
        (("570",), ("57025",), True),
        (("57025",), ("570",), False),
        (("570", "820"), ("790", "820"), True),
        (("570",), ("820",), False),
        (("L04",), ("790",), True),
    ],
)
def test_a_call_wants_its_fields_and_what_lies_below_them(
    wanted: tuple[str, ...], codes: tuple[str, ...], is_one: bool
) -> None:
    assert is_wanted(wanted, codes) is is_one
