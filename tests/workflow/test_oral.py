"""Opinions by word of mouth: in urgency only, written within 24 hours, not counted before (A32.3)."""

from datetime import timedelta

import pytest

from tests.workflow.reviews import NOON, a_review, an_opinion, do, expert, refusals
from workflow import CloseOpinions, MatterState, Part, RecordOral, RecordUrgency, ReleaseMember, SignedOpinion

URGENT = RecordUrgency("r" * 64)


def spoken(number: int = 1, conclusion: str = "agree") -> RecordOral:
    return RecordOral(f"p{number}", conclusion, NOON, "s" * 64, "w" * 64)


def the_opinion(state: MatterState) -> SignedOpinion:
    part = state.review.part("p1")
    assert isinstance(part, Part)
    assert isinstance(part.opinion, SignedOpinion)
    return part.opinion


def five_but_one_signed() -> MatterState:
    state = do(a_review(), URGENT)
    for number in range(2, 6):
        state = do(state, an_opinion(number), by=expert(number))
    return state


@pytest.mark.rule("R32e")
def test_opinion_is_spoken_only_where_urgency_is_recorded() -> None:
    state = a_review()

    assert refusals(state, spoken()) == ["ORAL_WITHOUT_URGENCY"]
    assert refusals(do(state, URGENT), spoken()) == []


@pytest.mark.rule("R32e")
def test_urgency_and_oral_opinion_are_the_centers_to_record() -> None:
    state = a_review()

    assert refusals(state, URGENT, by=expert()) == ["NOT_OF_CENTER"]
    assert refusals(do(state, URGENT), spoken(), by=expert()) == ["NOT_OF_CENTER"]


def test_second_word_does_not_move_the_hours_and_urgency_is_recorded_once() -> None:
    state = do(do(a_review(), URGENT), spoken())
    written = do(do(a_review(), URGENT), an_opinion(), by=expert())

    assert refusals(state, spoken(conclusion="disagree")) == ["OPINION_IS_GIVEN"]
    assert refusals(written, spoken()) == ["OPINION_IS_GIVEN"]
    assert refusals(state, URGENT) == ["URGENCY_IS_RECORDED"]


@pytest.mark.rule("R32e")
@pytest.mark.parametrize(
    ("minutes", "overdue"),
    [(24 * 60 - 1, False), (24 * 60, False), (24 * 60 + 1, True)],
    ids=["23h59 is in time", "24h00 is the last instant", "24h01 is late"],
)
def test_written_opinion_follows_within_24_hours_of_the_clock_on_the_wall(minutes: int, overdue: bool) -> None:
    state = do(do(a_review(), URGENT), spoken())

    after = do(state, an_opinion(), by=expert(), at=NOON + timedelta(minutes=minutes))

    assert (the_opinion(after).overdue, the_opinion(after).late) == (overdue, False)
    assert len(after.review.counting) == 1


@pytest.mark.rule("R32e")
def test_amending_later_does_not_make_an_opinion_late_and_says_anew_whether_it_differs() -> None:
    state = do(do(a_review(), URGENT), spoken(conclusion="agree"))
    state = do(state, an_opinion(conclusion="disagree"), by=expert())

    after = the_opinion(do(state, an_opinion(conclusion="agree"), by=expert(), at=NOON + timedelta(hours=30)))

    assert (the_opinion(state).version, the_opinion(state).differs) == (1, True)
    assert (after.version, after.overdue, after.differs) == (2, False, False)


@pytest.mark.rule("R32e", "R31a")
def test_oral_opinion_does_not_count_and_keeps_the_opinions_open_until_it_is_written_or_its_author_leaves() -> None:
    state = do(five_but_one_signed(), spoken())
    waiver = CloseOpinions("w" * 64)

    assert len(state.review.counting) == 4
    assert refusals(state, CloseOpinions()) == ["ORAL_NOT_WRITTEN", "PANEL_TOO_SMALL"]
    assert refusals(state, waiver) == ["ORAL_NOT_WRITTEN"]
    assert refusals(do(state, an_opinion(), by=expert()), CloseOpinions()) == []
    assert refusals(do(state, ReleaseMember("p1", "r" * 64)), waiver) == []
