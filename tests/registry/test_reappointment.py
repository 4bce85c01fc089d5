"""Another term: three tests, an assessment that rests on something, and the right time."""

from dataclasses import replace
from datetime import date

import pytest

from registry import Appointment, Review, gap_of, why_not_reappointed, why_not_yet

PASSED = Review(qualified=True, needed=True, eligible=True, events=3)


def codes(broken) -> list[str]:
    return [one.code for one in broken]


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"qualified": False}, ["ASSESSMENT_MISSING"]),
        ({"needed": False}, ["NO_WORK_NEED"]),
        ({"eligible": False}, ["NOT_ELIGIBLE"]),
        (
            {"qualified": False, "needed": False, "eligible": False},
            ["ASSESSMENT_MISSING", "NO_WORK_NEED", "NOT_ELIGIBLE"],
        ),
    ],
)
def test_another_term_needs_each_of_the_three_tests(changes: dict[str, bool], expected: list[str]) -> None:
    assert codes(why_not_reappointed(replace(PASSED, **changes), events_least=3)) == expected


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(
    ("events", "reasoned", "expected"),
    [(3, False, []), (2, False, ["ASSESSMENT_TOO_FEW"]), (2, True, []), (0, True, [])],
    ids=["three", "two", "two with a reason", "none with a reason"],
)
def test_assessment_rests_on_three_events_or_a_reason(events: int, reasoned: bool, expected: list[str]) -> None:
    assert codes(why_not_reappointed(replace(PASSED, events=events, reasoned=reasoned), events_least=3)) == expected


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 8, 31), ["RENEWAL_TOO_EARLY"]), (date(2026, 9, 1), []), (date(2027, 6, 1), [])],
    ids=["181 days", "180 days", "lapsed"],
)
def test_another_term_is_prepared_from_half_a_year_before_the_end(on: date, expected: list[str]) -> None:
    terms = [Appointment(date(2022, 3, 1), date(2027, 2, 28)), Appointment(date(2017, 3, 1), date(2022, 2, 28))]

    assert codes(why_not_yet(terms, on=on, days=180)) == expected


@pytest.mark.parametrize(
    ("on", "days"), [(date(2027, 2, 1), 0), (date(2027, 3, 1), 0), (date(2027, 3, 2), 1), (date(2027, 3, 31), 30)]
)
def test_gap_between_terms_is_counted_in_days(on: date, days: int) -> None:
    assert gap_of(date(2027, 2, 28), on=on) == days
