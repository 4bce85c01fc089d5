from datetime import date

import pytest

from tests.workflow.builders import CENTER, CLERK, an_opening, events, members, opened, refused, run, terms
from workflow import MatterState, Need, Party, RecordMatter, SetNeed

NEW = MatterState()


@pytest.mark.rule("R72a")
@pytest.mark.parametrize(
    ("on", "codes"),
    [
        (date(2024, 12, 31), ["EDITION_NOT_IN_FORCE"]),
        (date(2025, 1, 1), []),
        (date(2026, 12, 31), []),
        (date(2027, 1, 1), ["EDITION_NOT_IN_FORCE"]),
    ],
    ids=["the day before issue", "the day of issue", "the last day", "the day after the last"],
)
def test_matter_is_launched_only_under_an_edition_in_force(on: date, codes: list[str]) -> None:
    assert refused(NEW, an_opening(), on=on) == codes


@pytest.mark.rule("R72a")
def test_matter_goes_on_under_its_edition_after_that_has_expired() -> None:
    assert refused(opened(), SetNeed(Need(5)), on=date(2027, 6, 1)) == []


@pytest.mark.rule("R72a")
def test_opening_stamps_edition_policy_and_graph() -> None:
    state = opened()

    assert (state.edition, state.policy, state.graph, state.version) == ("trial-1", "local-1", "graph-0", 1)


@pytest.mark.rule("R3b")
@pytest.mark.parametrize("scope", ["emergency", "internal", "secret"])
def test_excluded_matter_is_not_opened(scope: str) -> None:
    assert refused(NEW, an_opening(scope=scope)) == ["OUT_OF_SCOPE"]
    assert refused(NEW, an_opening()) == []


@pytest.mark.rule("R3d")
def test_what_a_department_can_decide_goes_back_to_it() -> None:
    assert refused(NEW, an_opening(scope="department")) == ["DEPARTMENT_LEVEL"]


@pytest.mark.rule("R3a")
@pytest.mark.parametrize(
    ("kind", "reason", "codes"),
    [
        ("A3.1", "", []),
        ("A3.4", "", []),
        ("A3.6", "", ["MATTER_TYPE_REQUIRED"]),
        ("", "", ["MATTER_TYPE_REQUIRED"]),
        ("A3.5", "", ["TYPE_REASON_REQUIRED"]),
        ("A3.5", "r" * 64, []),
    ],
)
def test_matter_is_of_one_of_five_kinds_and_the_fifth_is_reasoned(kind: str, reason: str, codes: list[str]) -> None:
    assert refused(NEW, an_opening(kind=kind, kind_reason_sha256=reason)) == codes


@pytest.mark.rule("R2a")
def test_adjustment_names_the_decision_it_adjusts() -> None:
    assert refused(NEW, an_opening(adjusts=True)) == ["ADJUSTMENT_WITHOUT_PARENT"]
    assert refused(NEW, an_opening(adjusts=True, parent_id="matter-1")) == []
    assert opened(adjusts=True, parent_id="matter-1").parent_id == "matter-1"


@pytest.mark.rule("R10c")
def test_matter_without_undertaking_unit_is_refused() -> None:
    assert refused(NEW, an_opening(unit_id="")) == ["UNIT_NOT_NAMED"]


def test_every_broken_rule_is_named_at_once() -> None:
    codes = refused(NEW, an_opening(unit_id="", kind="", scope="secret"), on=date(2027, 1, 1))

    assert codes == ["EDITION_NOT_IN_FORCE", "OUT_OF_SCOPE", "MATTER_TYPE_REQUIRED", "UNIT_NOT_NAMED"]


def test_matter_is_opened_once() -> None:
    assert refused(opened(), an_opening()) == ["MATTER_ALREADY_OPEN"]


def test_nothing_happens_in_a_matter_that_is_not_open() -> None:
    assert refused(NEW, SetNeed(Need(5))) == ["MATTER_NOT_OPEN"]


def test_rule_without_a_row_is_switched_off() -> None:
    without = {code: row for code, row in terms().rules.items() if code != "OUT_OF_SCOPE"}

    assert refused(NEW, an_opening(scope="secret"), terms=terms(rules=without)) == []


def test_event_of_the_opening_holds_ids_codes_and_hashes() -> None:
    (event,) = events(NEW, an_opening(parties=(Party("company-1"), Party(None, "person-9", "beneficiary"))))

    assert (event.type, event.step, event.cites, event.by) == (
        "matter.opened",
        "case_opened",
        ("A2", "A3", "A72"),
        CLERK,
    )
    assert event.body == {
        "kind": "A3.4",
        "unit": "unit-water",
        "title_sha256": "t" * 64,
        "parties": [
            {"organisation": "company-1", "person": None, "role": "party"},
            {"organisation": None, "person": "person-9", "role": "beneficiary"},
        ],
        "edition": "trial-1",
        "policy": "local-1",
        "graph": "graph-0",
        "parent": None,
        "copied_from": None,
        "kind_reason_sha256": "",
    }


def a_record(opened_on: date, determined_on: date) -> RecordMatter:
    return RecordMatter("unit-water", "t" * 64, opened_on, determined_on, members(5))


@pytest.mark.parametrize(
    ("opened_on", "determined_on", "codes"),
    [
        (date(2024, 3, 1), date(2024, 12, 31), []),
        (date(2024, 3, 1), date(2025, 1, 1), ["RECORD_NOT_FROM_BEFORE"]),
        (date(2024, 3, 2), date(2024, 3, 1), ["RECORD_NOT_FROM_BEFORE"]),
        (date(2024, 3, 1), date(2024, 3, 1), []),
    ],
    ids=["the day before issue", "the day of issue", "fixed before it began", "in one day"],
)
def test_only_what_happened_before_the_edition_is_recorded(
    opened_on: date, determined_on: date, codes: list[str]
) -> None:
    assert refused(NEW, a_record(opened_on, determined_on), by=CENTER) == codes


def test_recorded_matter_has_a_panel_and_takes_no_further_steps() -> None:
    state = run(NEW, a_record(date(2024, 3, 1), date(2024, 4, 1)), by=CENTER)

    assert (state.status, state.step, state.edition, state.opened_on) == (
        "determined",
        "panel_determined",
        "",
        date(2024, 3, 1),
    )
    assert [member.person_id for member in state.panel.members] == ["p1", "p2", "p3", "p4", "p5"]
    assert refused(state, SetNeed(Need(5))) == ["MATTER_RECORDED_ONLY"]


def test_unit_cannot_record_the_past() -> None:
    assert refused(NEW, a_record(date(2024, 3, 1), date(2024, 4, 1)), by=CLERK) == ["NOT_OF_CENTER"]
