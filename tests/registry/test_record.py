"""The record of an expert is counted from what happened."""

from datetime import date, timedelta

import pytest

from registry import Assignment, Record, record_of

DUE = date(2026, 9, 21)


@pytest.mark.rule("R28a")
@pytest.mark.parametrize(
    ("on", "missing"),
    [(DUE, 0), (DUE + timedelta(days=1), 1)],
    ids=["on the day nothing is missing", "the day after it is"],
)
def test_opinion_is_missing_from_the_day_after_it_was_due(on: date, missing: int) -> None:
    record = record_of([Assignment("accepted", due_on=DUE)], on=on)

    assert (record.missing, record.timeliness) == (missing, (0, missing))


@pytest.mark.rule("R28a")
def test_timeliness_counts_opinions_in_time_of_all_that_were_due() -> None:
    done = [
        Assignment("accepted", due_on=DUE, signed_on=DUE),
        Assignment("accepted", due_on=DUE, signed_on=DUE + timedelta(days=2), late=True),
        Assignment("accepted", due_on=DUE),
    ]

    assert record_of(done, on=DUE + timedelta(days=9)).timeliness == (1, 3)


def test_adoption_leaves_out_what_could_not_be_adopted() -> None:
    fates = {"adopted": 3, "partly": 1, "not": 2, "already": 5, "out-of-scope": 4}

    record = record_of([Assignment("accepted", due_on=DUE, signed_on=DUE, points=fates)], on=DUE)

    assert (record.adoption, record.points) == ((4, 6), fates)


@pytest.mark.rule("R26d")
def test_only_refusals_without_an_objective_reason_count_as_such() -> None:
    asked = [Assignment("declined"), Assignment("declined", objective=False), Assignment("recused"), Assignment()]

    record = record_of(asked, on=DUE)

    assert (record.asked, record.declined, record.refused, record.recused) == (4, 1, 1, 1)


def test_who_was_let_go_before_the_opinion_owes_none_but_a_signed_one_stays() -> None:
    gone = Assignment("accepted", left=True, due_on=DUE)
    signed = Assignment("accepted", left=True, due_on=DUE, signed_on=DUE, points={"adopted": 1})

    record = record_of([gone, signed], on=DUE + timedelta(days=30))

    assert (record.missing, record.on_time, record.adoption) == (0, 1, (1, 1))


def test_opinion_set_aside_counts_nowhere() -> None:
    aside = Assignment("accepted", due_on=DUE, signed_on=DUE, set_aside=True, points={"adopted": 2})

    record = record_of([aside], on=DUE + timedelta(days=1))

    assert (record.timeliness, record.adoption) == ((0, 0), (0, 0))


def test_without_assignments_there_is_nothing_to_say() -> None:
    assert record_of([], on=DUE) == Record()
