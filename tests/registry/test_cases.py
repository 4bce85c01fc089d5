"""The six grounds of A26 and breach of duty (A70): what opens a case, what may be decided, what follows."""

from datetime import date

import pytest

from registry import (
    CITES,
    MEASURES,
    Ground,
    Measure,
    RefusalReason,
    Ruling,
    State,
    state_after,
    why_not_opened,
    why_not_ruled,
)

DAY = date(2026, 9, 14)
UNTIL = date(2026, 9, 24)
A26 = [ground for ground in Ground if ground is not Ground.BREACH]


def codes(broken) -> list[str]:
    return [one.code for one in broken]


def ruled(ground: Ground, measure: Measure, **changes) -> list[str]:
    facts = {"on": DAY, "stated": True, "state_until_on": UNTIL} | {
        name: changes.pop(name) for name in ("on", "stated", "state_until_on") if name in changes
    }
    return codes(why_not_ruled(ground, Ruling(measure, **changes), **facts))


def test_each_ground_of_the_article_has_its_item() -> None:
    assert [CITES[ground] for ground in A26] == ["A26.1", "A26.2", "A26.3", "A26.4", "A26.5", "A26.6"]


@pytest.mark.rule("R26b", "R26c", "R26e", "R26f", "R26g", "R70a")
@pytest.mark.parametrize("ground", [ground for ground in Ground if ground is not Ground.REFUSED])
def test_case_needs_its_event(ground: Ground) -> None:
    assert codes(why_not_opened(ground, refusal=None, evidence=" ")) == ["CASE_WITHOUT_EVENT"]
    assert codes(why_not_opened(ground, refusal=None, evidence="调任外县")) == []


@pytest.mark.rule("R26d")
@pytest.mark.parametrize("reason", list(RefusalReason))
def test_only_refusing_without_an_objective_reason_opens_a_case(reason: RefusalReason) -> None:
    objective = {"illness", "family", "duty-elsewhere", "force-majeure", "other-field"}

    expected = ["REFUSAL_OBJECTIVE"] if reason.value in objective else []
    assert codes(why_not_opened(Ground.REFUSED, refusal=reason, evidence="两次通知均称不来")) == expected
    assert codes(why_not_opened(Ground.REFUSED, refusal=None, evidence="没有来")) == ["CASE_WITHOUT_EVENT"]


@pytest.mark.rule("R26a", "R70a", "R70b")
@pytest.mark.parametrize("ground", list(Ground))
@pytest.mark.parametrize("measure", list(Measure))
def test_measure_fits_its_ground(ground: Ground, measure: Measure) -> None:
    found = ruled(ground, measure, grave=True, rectify_by=UNTIL)

    assert found == ([] if measure in MEASURES[ground] else ["MEASURE_UNFIT"])


@pytest.mark.rule("R70b")
def test_dismissal_and_striking_off_are_different_ends() -> None:
    assert all(Measure.STRIKE_OFF not in MEASURES[ground] for ground in A26)
    assert Measure.DISMISS not in MEASURES[Ground.BREACH]
    assert [state_after(measure) for measure in (Measure.DISMISS, Measure.LET_GO, Measure.STRIKE_OFF)] == [
        State.DISMISSED,
        State.WITHDRAWN,
        State.STRUCK_OFF,
    ]
    assert [state_after(measure) for measure in (Measure.KEEP, Measure.ADJUST, Measure.CRITICISE)] == [State.ACTIVE] * 3


@pytest.mark.rule("R70b")
def test_only_serious_consequences_lead_to_striking_off() -> None:
    assert ruled(Ground.BREACH, Measure.STRIKE_OFF) == ["STRIKING_OFF_NOT_GRAVE"]
    assert ruled(Ground.BREACH, Measure.STRIKE_OFF, grave=True) == []


@pytest.mark.rule("R70a")
@pytest.mark.parametrize(
    ("rectify_by", "expected"),
    [(None, ["RECTIFICATION_WITHOUT_DATE"]), (DAY, ["RECTIFICATION_WITHOUT_DATE"]), (date(2026, 9, 15), [])],
    ids=["none", "today", "tomorrow"],
)
def test_rectification_has_a_day_to_come(rectify_by: date | None, expected: list[str]) -> None:
    assert ruled(Ground.BREACH, Measure.RECTIFY, rectify_by=rectify_by) == expected
    assert state_after(Measure.RECTIFY) is State.SUSPENDED


@pytest.mark.parametrize(
    ("on", "stated", "expected"),
    [
        (UNTIL, False, ["STATEMENT_OPEN"]),
        (date(2026, 9, 25), False, []),
        (DAY, True, []),
    ],
    ids=["last day", "day after", "stated"],
)
def test_expert_is_heard_or_lets_the_day_pass(on: date, stated: bool, expected: list[str]) -> None:
    assert ruled(Ground.UNFIT, Measure.DISMISS, on=on, stated=stated) == expected
    # Who asked to leave has said what there is to say.
    assert ruled(Ground.WITHDREW, Measure.LET_GO, on=on, stated=stated) == []
