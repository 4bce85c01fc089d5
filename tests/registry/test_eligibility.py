"""The conditions of A25, one by one: kept, broken, on the boundary."""

from dataclasses import replace
from datetime import date

import pytest

from registry import (
    RULE_OF,
    Attester,
    Finding,
    Item,
    Outcome,
    TitleLevel,
    is_exception,
    needs_answer,
    why_not_eligible,
)

DAY = date(2026, 9, 14)
CARD = {
    item: Finding(item, Outcome.MET, Attester.SELF if item in (Item.CONSENT, Item.HEALTH) else Attester.CENTER, DAY)
    for item in Item
}


def broken(
    card: dict[Item, Finding],
    *,
    level: TitleLevel = TitleLevel.NONE,
    recommended: bool = False,
    on: date = DAY,
) -> list[tuple[str, str]]:
    found = why_not_eligible(card.values(), title_level=level, recommended=recommended, on=on)
    return [(one.code, one.facts["found"]) for one in found]


@pytest.mark.rule("R25a", "R25b", "R25c", "R25d", "R25e", "R25f")
def test_card_with_every_condition_met_has_nothing_against_it() -> None:
    assert broken(CARD) == []


@pytest.mark.rule("R25a", "R25b", "R25c", "R25d", "R25e", "R25f")
@pytest.mark.parametrize("item", list(Item))
def test_condition_that_nobody_answered_for_stands_against_the_candidate(item: Item) -> None:
    card = {one: finding for one, finding in CARD.items() if one is not item}

    assert broken(card) == [(RULE_OF[item], "missing")]


@pytest.mark.rule("R25a", "R25b", "R25c", "R25d", "R25e", "R25f")
@pytest.mark.parametrize("item", list(Item))
def test_condition_that_is_not_met_stands_against_the_candidate(item: Item) -> None:
    card = CARD | {item: replace(CARD[item], outcome=Outcome.NOT_MET)}

    assert broken(card) == [(RULE_OF[item], "not-met")]


def test_nothing_at_all_is_every_condition_at_once() -> None:
    assert [code for code, _ in broken({})] == [RULE_OF[item] for item in Item]


@pytest.mark.rule("R25a")
def test_political_soundness_is_attested_by_the_organisation_that_recommends() -> None:
    assert broken(CARD, recommended=True) == [("ELIGIBILITY_POLITICS", "by-other")]

    by_it = CARD | {Item.POLITICS: replace(CARD[Item.POLITICS], attester=Attester.ORGANISATION)}
    assert broken(by_it, recommended=True) == []


@pytest.mark.rule("R25d")
@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (TitleLevel.SENIOR, []),
        (TitleLevel.DEPUTY_SENIOR, []),
        (TitleLevel.INTERMEDIATE, [("TITLE_OR_REPUTATION", "missing")]),
        (TitleLevel.NONE, [("TITLE_OR_REPUTATION", "missing")]),
    ],
)
def test_senior_title_answers_by_itself(level: TitleLevel, expected: list[tuple[str, str]]) -> None:
    card = {item: finding for item, finding in CARD.items() if item is not Item.STANDING}

    assert broken(card, level=level) == expected


@pytest.mark.rule("R25d")
def test_neither_title_nor_reputation_yields_to_a_recorded_reason_and_says_so() -> None:
    excepted = replace(CARD[Item.STANDING], outcome=Outcome.EXCEPTION)
    card = CARD | {Item.STANDING: excepted}

    assert broken(card) == []
    assert is_exception(card.values(), title_level=TitleLevel.NONE)
    assert not is_exception(CARD.values(), title_level=TitleLevel.NONE)
    # A title got in the meantime makes the exception moot.
    assert not is_exception(card.values(), title_level=TitleLevel.SENIOR)


@pytest.mark.rule("R25a", "R25e")
@pytest.mark.parametrize("item", [item for item in Item if item is not Item.STANDING])
def test_no_other_condition_has_an_exception(item: Item) -> None:
    card = CARD | {item: replace(CARD[item], outcome=Outcome.EXCEPTION)}

    assert broken(card) == [(RULE_OF[item], "no-exception")]


@pytest.mark.rule("R25d")
@pytest.mark.parametrize(
    ("on", "expected"), [(DAY, []), (date(2026, 9, 15), [("ELIGIBILITY_KNOWLEDGE", "expired")])], ids=["last", "after"]
)
def test_licence_holds_on_its_last_day(on: date, expected: list[tuple[str, str]]) -> None:
    card = CARD | {Item.KNOWLEDGE: replace(CARD[Item.KNOWLEDGE], until_on=DAY)}

    assert broken(card, on=on) == expected


@pytest.mark.rule("R25e")
def test_known_discipline_is_no_bar_but_needs_an_answer() -> None:
    card = CARD | {Item.CONDUCT: replace(CARD[Item.CONDUCT], flagged=True)}

    assert (broken(card), needs_answer(card.values()), needs_answer(CARD.values())) == ([], True, False)
