"""Opinions signed on paper: entered by one person, compared by another, counted and marked (A32.3)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.workflow.builders import CENTER, DAY, HEAD
from tests.workflow.reviews import DUE, NOON, a_review, an_opinion, do, expert, refusals
from workflow import CloseOpinions, ConfirmPaper, EnterPaper, RecordOral, RecordUrgency, RejectPaper


def on_paper(number: int = 1, received_on: date = DAY) -> EnterPaper:
    received_at = NOON + (received_on - DAY)
    return EnterPaper(f"p{number}", "c" * 64, 3, "agree", received_at, received_on)


@pytest.mark.rule("R32d", "R31a")
def test_opinion_on_paper_counts_when_a_second_person_confirmed_it() -> None:
    entered = do(a_review(), on_paper())

    confirmed = do(entered, ConfirmPaper("p1"), by=HEAD)

    assert (len(entered.review.counting), len(confirmed.review.counting)) == (0, 1)
    (part,) = confirmed.review.counting
    assert part.opinion is not None
    assert (part.opinion.how, part.opinion.points, part.opinion.signed_on) == ("paper", 3, DAY)
    assert refusals(entered, ConfirmPaper("p1"), by=CENTER) == ["PAPER_NEEDS_SECOND_PERSON"]
    assert refusals(confirmed, ConfirmPaper("p1"), by=HEAD) == ["NO_PAPER_WAITS"]


@pytest.mark.rule("R32d")
def test_opinion_on_paper_needs_points_and_a_known_conclusion_and_the_center() -> None:
    state = a_review()

    assert refusals(state, replace(on_paper(), points=0)) == ["UNSIGNED_OPINION"]
    assert refusals(state, replace(on_paper(), conclusion="maybe")) == ["UNSIGNED_OPINION"]
    assert refusals(state, on_paper(), by=expert()) == ["NOT_OF_CENTER"]
    assert refusals(do(state, on_paper()), on_paper()) == ["PAPER_WAITS"]


@pytest.mark.rule("R28a")
@pytest.mark.parametrize(("day", "late"), [(DUE, False), (DUE + timedelta(days=1), True)], ids=["on its day", "after"])
def test_what_counts_for_the_day_is_when_the_paper_arrived(day: date, late: bool) -> None:
    month_later = NOON + timedelta(days=30)
    state = do(a_review(), on_paper(received_on=day), at=month_later)

    (part,) = do(state, ConfirmPaper("p1"), by=HEAD, at=month_later).review.counting

    assert part.opinion is not None
    assert (part.opinion.late, part.opinion.signed_on) == (late, day)


@pytest.mark.rule("R32e")
def test_paper_ends_the_hours_of_an_oral_opinion_by_when_it_arrived() -> None:
    spoken = do(do(a_review(), RecordUrgency("r" * 64)), RecordOral("p1", "disagree", NOON, "s" * 64, "w" * 64))
    in_time = NOON + timedelta(days=1)
    state = do(spoken, replace(on_paper(), received_at=in_time, received_on=in_time.date()), at=in_time)

    (part,) = do(state, ConfirmPaper("p1"), by=HEAD, at=in_time + timedelta(hours=5)).review.counting

    assert part.opinion is not None
    assert (part.opinion.overdue, part.opinion.differs) == (False, True)


def test_what_was_found_wrong_is_entered_anew_and_a_key_signature_takes_its_place() -> None:
    state = do(a_review(), on_paper())

    rejected = do(state, RejectPaper("p1", "r" * 64))
    signed = do(state, an_opinion(), by=expert())

    assert refusals(rejected, on_paper()) == []
    assert refusals(signed, ConfirmPaper("p1"), by=HEAD) == ["NO_PAPER_WAITS"]


@pytest.mark.rule("R31a")
def test_opinions_are_not_in_while_one_on_paper_waits() -> None:
    state = a_review()
    for number in range(1, 6):
        state = do(state, an_opinion(number), by=expert(number))
    waiting = do(state, on_paper())

    assert refusals(state, CloseOpinions()) == []
    assert refusals(waiting, CloseOpinions()) == ["PAPER_UNCONFIRMED"]
