from dataclasses import replace
from datetime import date, timedelta

import pytest

from registry import (
    Appointment,
    Duty,
    DutyOutcome,
    Employment,
    Expert,
    IdentityKind,
    State,
    Status,
    TermRefused,
    Terms,
    add_months,
    appoint,
    has_full_length,
    is_candidate,
    last_day,
    monthly_strip,
    service_of,
    why_not_candidate,
    within_months,
)

TERM = Appointment(date(2022, 3, 1), date(2027, 2, 28))
EXPERT = Expert("e1", IdentityKind.RESIDENT, (TERM,))
DAY = timedelta(days=1)


@pytest.mark.rule("R24c")
@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (date(2022, 3, 1), date(2027, 2, 28)),
        (date(2023, 3, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), date(2029, 2, 28)),
        (date(2024, 3, 1), date(2029, 2, 28)),
        (date(2022, 1, 1), date(2026, 12, 31)),
    ],
)
def test_term_of_five_years_ends_the_day_before_its_anniversary(starts_on: date, ends_on: date) -> None:
    term = appoint(starts_on, terms=Terms(years=5))

    assert term.ends_on == ends_on
    assert has_full_length(term, terms=Terms(years=5))


def test_term_that_ends_before_it_starts_is_refused() -> None:
    assert Appointment(TERM.starts_on, TERM.starts_on).covers(TERM.starts_on)
    with pytest.raises(TermRefused) as refused:
        Appointment(TERM.starts_on, TERM.starts_on - DAY)
    assert refused.value.code == "TERM_ENDS_BEFORE_START"


def test_terms_overlap_when_they_share_a_day() -> None:
    assert TERM.overlaps(Appointment(TERM.ends_on, TERM.ends_on))
    assert not TERM.overlaps(Appointment(TERM.ends_on + DAY, date(2032, 2, 28)))


@pytest.mark.rule("R24c")
def test_expert_is_a_candidate_on_the_last_day_and_not_the_day_after() -> None:
    assert is_candidate(EXPERT, on=TERM.ends_on)
    assert why_not_candidate(EXPERT, on=TERM.ends_on + DAY) == ("TERM_EXPIRED",)


def test_expert_is_no_candidate_before_the_first_day() -> None:
    assert is_candidate(EXPERT, on=TERM.starts_on)
    assert why_not_candidate(EXPERT, on=TERM.starts_on - DAY) == ("TERM_NOT_BEGUN",)


@pytest.mark.rule("R24d")
def test_gap_between_two_terms_is_not_covered() -> None:
    second = Appointment(date(2027, 6, 1), date(2032, 5, 31))
    expert = replace(EXPERT, appointments=(second, TERM))

    assert expert.status(date(2027, 4, 1)) is Status.LAPSED
    assert expert.status(date(2027, 6, 1)) is Status.APPOINTED


def test_expert_without_a_letter_is_no_candidate() -> None:
    assert why_not_candidate(replace(EXPERT, appointments=()), on=TERM.starts_on) == ("NOT_APPOINTED",)


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (State.SUSPENDED, Status.SUSPENDED, "EXPERT_SUSPENDED"),
        (State.WITHDRAWN, Status.WITHDRAWN, "EXPERT_WITHDRAWN"),
        (State.DISMISSED, Status.DISMISSED, "EXPERT_DISMISSED"),
        (State.STRUCK_OFF, Status.STRUCK_OFF, "STRUCK_OFF"),
    ],
)
def test_four_decisions_are_four_different_things(state: State, status: Status, code: str) -> None:
    since = date(2025, 5, 1)
    expert = replace(EXPERT, state=state, state_since_on=since)

    assert is_candidate(expert, on=since - DAY)
    assert expert.status(since) is status
    assert why_not_candidate(expert, on=since) == (code,)


def test_decision_outweighs_the_end_of_the_term() -> None:
    expert = replace(EXPERT, state=State.STRUCK_OFF, state_since_on=None)

    assert expert.status(TERM.ends_on + DAY) is Status.STRUCK_OFF


def test_unidentified_person_is_never_a_candidate() -> None:
    assert why_not_candidate(replace(EXPERT, identity=None), on=TERM.starts_on) == ("PERSON_UNIDENTIFIED",)


@pytest.mark.rule("R30a")
def test_institution_is_no_candidate() -> None:
    expert = replace(EXPERT, identity=None, natural_person=False)

    assert why_not_candidate(expert, on=TERM.starts_on) == ("NOT_A_NATURAL_PERSON",)


def test_every_reason_is_named_at_once() -> None:
    assert why_not_candidate(Expert("e2"), on=TERM.starts_on) == ("NOT_APPOINTED", "PERSON_UNIDENTIFIED")


def test_main_employer_is_the_current_main_one() -> None:
    jobs = (
        Employment("old", from_on=date(2010, 1, 1), to_on=date(2020, 12, 31)),
        Employment("new", from_on=date(2021, 1, 1)),
        Employment("side", main=False),
    )
    expert = replace(EXPERT, employments=jobs)

    assert expert.main_employer(date(2020, 12, 31)) == "old"
    assert expert.main_employer(date(2021, 1, 1)) == "new"
    assert replace(EXPERT, employments=jobs[2:]).main_employer(date(2021, 1, 1)) is None


def test_months_end_on_the_last_day_where_the_day_is_missing() -> None:
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2024, 2, 29), 36) == date(2027, 2, 28)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert last_day(date(2024, 2, 29), years=4) == date(2028, 2, 28)


def test_window_includes_the_anniversary() -> None:
    assert within_months(date(2024, 5, 10), months=24, as_of=date(2026, 5, 10))
    assert not within_months(date(2024, 5, 10), months=24, as_of=date(2026, 5, 11))
    assert not within_months(date(2024, 5, 10), months=24, as_of=date(2024, 5, 9))


def test_service_counts_panels_of_24_months_and_pending_invitations() -> None:
    as_of = date(2026, 5, 10)
    duties = [
        Duty(date(2024, 5, 10)),
        Duty(date(2024, 5, 9)),
        Duty(date(2026, 5, 10)),
        Duty(date(2026, 5, 11)),
        Duty(date(2023, 1, 1), DutyOutcome.PENDING),
        Duty(date(2026, 5, 11), DutyOutcome.PENDING),
    ]

    assert service_of(duties, as_of=as_of) == 3


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (DutyOutcome.DETERMINED, 1),
        (DutyOutcome.DECLINED, 1),
        (DutyOutcome.DECLINED_OBJECTIVELY, 0),
        (DutyOutcome.RECUSED, 0),
        (DutyOutcome.RELEASED, 0),
    ],
)
def test_illness_and_recusal_cost_nothing(outcome: DutyOutcome, counts: int) -> None:
    assert service_of([Duty(date(2026, 1, 1), outcome)], as_of=date(2026, 5, 10)) == counts


def test_strip_has_24_months_the_present_one_last() -> None:
    strip = monthly_strip(
        [Duty(date(2026, 5, 1)), Duty(date(2026, 5, 2)), Duty(date(2024, 6, 30)), Duty(date(2024, 5, 31))],
        as_of=date(2026, 5, 10),
    )

    assert len(strip) == 24
    assert (strip[0].year, strip[0].month, strip[0].count) == (2024, 6, 1)
    assert (strip[-1].year, strip[-1].month, strip[-1].count) == (2026, 5, 2)
    assert sum(month.count for month in strip) == 3
