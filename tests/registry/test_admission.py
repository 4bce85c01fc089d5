"""From application to letter: who approves what, in which order, and the term that a letter begins."""

from dataclasses import replace
from datetime import date

import pytest

from registry import (
    Appointment,
    Approval,
    Approver,
    BatchKind,
    Listed,
    Terms,
    approver_of,
    term_by_letter,
    why_no_letter,
    why_not_approved,
    why_not_proposed,
    why_not_received,
    why_overlapping,
)

CHECKED_ON = date(2026, 9, 1)
DAY = date(2026, 9, 14)
GOVERNMENT = Approval(Approver.COUNTY_GOVERNMENT, "示政字〔2026〕12号", DAY)
DIRECTOR = Approval(Approver.DIRECTOR, "示决咨〔2026〕3号", DAY)
LISTED = (Listed("c1", CHECKED_ON),)
FIVE_YEARS = Terms(years=5)


def codes(broken) -> list[str]:
    return [one.code for one in broken]


@pytest.mark.rule("R24a")
@pytest.mark.parametrize(
    ("source", "evidence", "expected"),
    [
        ("self", "", []),
        ("organisation", "县水利局", []),
        ("other", "县委组织部转来", []),
        ("organisation", " ", ["SOURCE_REQUIRED"]),
        ("open-call", "", ["SOURCE_REQUIRED"]),
        ("", "", ["SOURCE_REQUIRED"]),
        ("lottery", "x", ["SOURCE_REQUIRED"]),
    ],
)
def test_channel_is_named_and_says_from_whom(source: str, evidence: str, expected: list[str]) -> None:
    assert codes(why_not_received(source, evidence)) == expected


@pytest.mark.rule("R24b", "R26a")
@pytest.mark.parametrize(
    ("kind", "approver"),
    [
        (BatchKind.INTAKE, Approver.COUNTY_GOVERNMENT),
        (BatchKind.REAPPOINTMENT, Approver.COUNTY_GOVERNMENT),
        (BatchKind.ADDITION, Approver.DIRECTOR),
    ],
)
def test_each_kind_of_list_has_its_one_approver(kind: BatchKind, approver: Approver) -> None:
    wrong = DIRECTOR if approver is Approver.COUNTY_GOVERNMENT else GOVERNMENT
    right = GOVERNMENT if approver is Approver.COUNTY_GOVERNMENT else DIRECTOR

    assert approver_of(kind) is approver
    assert codes(why_not_approved(kind, right, LISTED)) == []
    expected = "DIRECTOR_APPROVAL_MISSING" if kind is BatchKind.ADDITION else "NOT_APPROVED_BY_GOVERNMENT"
    assert codes(why_not_approved(kind, wrong, LISTED)) == [expected]


@pytest.mark.rule("R24b")
@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 8, 31), ["APPROVED_BEFORE_CHECK"]), (CHECKED_ON, []), (DAY, [])],
    ids=["before", "same day", "after"],
)
def test_approval_is_not_dated_before_the_last_first_check(on: date, expected: list[str]) -> None:
    listed = (Listed("c1", date(2026, 8, 1)), *LISTED)

    assert codes(why_not_approved(BatchKind.INTAKE, replace(GOVERNMENT, on=on), listed)) == expected


@pytest.mark.rule("R24b")
def test_nobody_is_proposed_or_approved_without_the_first_check() -> None:
    assert codes(why_not_proposed(None)) == ["NOT_FIRST_CHECKED"]
    assert codes(why_not_proposed(CHECKED_ON)) == []
    assert codes(why_not_approved(BatchKind.INTAKE, GOVERNMENT, (Listed("c1", None),))) == ["NOT_FIRST_CHECKED"]


@pytest.mark.rule("R25e")
def test_known_discipline_is_answered_by_who_approves() -> None:
    open_ = Listed("c1", CHECKED_ON, needs_answer=True)

    assert codes(why_not_approved(BatchKind.INTAKE, GOVERNMENT, (open_,))) == ["DISCIPLINE_NOT_ANSWERED"]
    assert codes(why_not_approved(BatchKind.INTAKE, GOVERNMENT, (replace(open_, answered=True),))) == []


@pytest.mark.rule("R24b")
@pytest.mark.parametrize(
    ("letter_on", "expected"),
    [(date(2026, 9, 13), ["LETTER_BEFORE_APPROVAL"]), (DAY, []), (date(2026, 9, 15), [])],
    ids=["before", "same day", "after"],
)
def test_letter_does_not_come_before_the_approval(letter_on: date, expected: list[str]) -> None:
    assert codes(why_no_letter(GOVERNMENT, letter_on=letter_on)) == expected
    assert codes(why_no_letter(None, letter_on=letter_on)) == ["LETTER_BEFORE_APPROVAL"]


@pytest.mark.rule("R24c")
@pytest.mark.parametrize(
    ("letter_on", "align_on", "expected"),
    [
        (date(2026, 9, 14), None, (date(2026, 9, 14), date(2031, 9, 13))),
        (date(2024, 2, 29), None, (date(2024, 2, 29), date(2029, 2, 28))),
        (date(2026, 9, 14), date(2026, 10, 1), (date(2026, 10, 1), date(2031, 9, 30))),
    ],
    ids=["from the letter", "leap day", "aligned to the batch"],
)
def test_letter_begins_a_term_of_five_years(letter_on: date, align_on: date | None, expected: tuple) -> None:
    term = term_by_letter(letter_on, terms=FIVE_YEARS, align_on=align_on)

    assert (term.starts_on, term.ends_on) == expected


@pytest.mark.rule("R24c")
@pytest.mark.parametrize(
    ("letter_on", "starts_on"),
    [
        (date(2027, 2, 27), date(2027, 3, 1)),
        (date(2027, 2, 28), date(2027, 3, 1)),
        (date(2027, 3, 1), date(2027, 3, 1)),
        (date(2027, 5, 1), date(2027, 5, 1)),
    ],
    ids=["before the end", "on the last day", "day after", "after a gap"],
)
def test_letter_for_another_term_follows_the_one_that_lasts(letter_on: date, starts_on: date) -> None:
    standing = (Appointment(date(2022, 3, 1), date(2027, 2, 28)),)

    term = term_by_letter(letter_on, terms=FIVE_YEARS, standing=standing)

    assert (term.starts_on, why_overlapping(term, standing)) == (starts_on, ())


@pytest.mark.rule("R24c")
def test_terms_that_share_one_day_overlap() -> None:
    standing = Appointment(date(2022, 3, 1), date(2027, 2, 28))

    shares = why_overlapping(Appointment(date(2027, 2, 28), date(2032, 2, 27)), [standing])

    assert (codes(shares), shares[0].facts) == (["TERMS_OVERLAP"], {"starts_on": "2022-03-01", "ends_on": "2027-02-28"})
    assert why_overlapping(Appointment(date(2027, 3, 1), date(2032, 2, 29)), [standing]) == ()
