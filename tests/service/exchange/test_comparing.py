"""A roster against the library."""

from dataclasses import replace
from datetime import date

import pytest

from registry import Appointment, ExpertField, Identity, State, TitleLevel, read_identity, read_phone
from service.exchange import (
    Change,
    Column,
    Decision,
    Finding,
    Hint,
    KnownExpert,
    KnownOrganisation,
    Library,
    Outcome,
    RosterRow,
    compare,
    row_key,
)
from tests.service.exchange.builders import credit_code, id_number

BUREAU = KnownOrganisation("o1", "示范县水利局", ("县水利局",), credit_code(1))
TERM = Appointment(date(2022, 3, 1), date(2027, 2, 28))
KNOWN = KnownExpert(
    "e1",
    "resident:" + id_number(),
    "1",
    "张三",
    sex="1",
    born_on=date(1975, 3, 1),
    unit_id="o1",
    title="高级工程师",
    title_level="deputy_senior",
    fields=(ExpertField("57025", main=True), ExpertField("820")),
    phone="13800138000",
    terms=(TERM,),
)
ROW = RosterRow(
    "名单",
    2,
    name="张三",
    identity=read_identity(id_number()),
    sex="1",
    born_on=date(1975, 3, 1),
    unit="示范县水利局",
    title="高级工程师",
    title_level=TitleLevel.DEPUTY_SENIOR,
    fields=KNOWN.fields,
    phone=read_phone("13800138000"),
    term=TERM,
)
LIBRARY = Library((KNOWN,), (BUREAU,))


def key_of(identity: Identity) -> str:
    return identity.key_text


def compared(row: RosterRow, library: Library = LIBRARY, **decisions: Decision):
    return compare([row], library, key_of=key_of, decisions={row_key(row): d for d in decisions.values()})[0]


def test_row_that_says_the_same_is_identical() -> None:
    result = compared(ROW)

    assert (result.outcome, result.expert_id, result.version, result.changes) == (Outcome.IDENTICAL, "e1", "1", ())


def test_unknown_number_is_new() -> None:
    result = compared(replace(ROW, name="李四", identity=read_identity(id_number(2))))

    assert (result.outcome, result.expert_id, result.unit_id) == (Outcome.NEW, "", "o1")


@pytest.mark.parametrize(
    ("changed", "change"),
    [
        ({"title": "正高级工程师"}, Change(Column.TITLE, "高级工程师", "正高级工程师")),
        ({"post": "总工程师"}, Change(Column.POST, "", "总工程师")),
        ({"email": "a@b.cn"}, Change(Column.EMAIL, "", "a@b.cn")),
        ({"phone": read_phone("13900139000")}, Change(Column.PHONE, "13800138000", "13900139000")),
        ({"unit": "示范县农业农村局"}, Change(Column.UNIT, "示范县水利局", "示范县农业农村局")),
        ({"fields": (ExpertField("610", main=True),)}, Change(Column.FIELDS, "57025 820", "610")),
        (
            {"term": Appointment(date(2027, 3, 1), date(2032, 2, 29))},
            Change(Column.TERM, "2022-03-01/2027-02-28", "2027-03-01/2032-02-29"),
        ),
        (
            {"term": replace(TERM, ends_on=date(2026, 2, 28))},
            Change(Column.TERM, "2022-03-01/2027-02-28", "2022-03-01/2026-02-28"),
        ),
        (
            {"term": replace(TERM, letter_number="聘1")},
            Change(Column.TERM, "2022-03-01/2027-02-28", "2022-03-01/2027-02-28 聘1"),
        ),
    ],
)
def test_what_differs_is_told_field_by_field(changed: dict[str, object], change: Change) -> None:
    result = compared(replace(ROW, **changed))

    assert (result.outcome, result.changes) == (Outcome.CHANGED, (change,))


def test_blank_never_empties_what_is_known() -> None:
    bare = RosterRow("名单", 2, name="张三", identity=ROW.identity)

    assert compared(bare).outcome is Outcome.IDENTICAL


def test_coarser_field_is_no_change_and_another_main_field_is() -> None:
    assert (
        compared(replace(ROW, fields=(ExpertField("570", main=True), ExpertField("820")))).outcome is Outcome.IDENTICAL
    )
    assert compared(replace(ROW, fields=(ExpertField("820", main=True), ExpertField("570")))).outcome is Outcome.CHANGED


@pytest.mark.parametrize("unit", ["县水利局", "示范县 水利局", "示范县水利局"])
def test_unit_is_known_by_any_of_its_names(unit: str) -> None:
    assert compared(replace(ROW, unit=unit)).outcome is Outcome.IDENTICAL


def test_credit_code_outweighs_the_name_when_they_agree_and_refuses_when_not() -> None:
    assert compared(replace(ROW, credit_code=credit_code(1))).outcome is Outcome.IDENTICAL

    result = compared(replace(ROW, unit="示范县农业农村局", credit_code=credit_code(1)))
    assert result.outcome is Outcome.ERROR
    assert result.row.findings[-1].code == "CREDIT_CODE_OF_ANOTHER_UNIT"


def test_name_of_two_units_is_ambiguous() -> None:
    library = Library((KNOWN,), (BUREAU, KnownOrganisation("o2", "市水利局", ("县水利局",))))

    assert compared(replace(ROW, unit="县水利局"), library).row.findings[-1].code == "UNIT_AMBIGUOUS"


def test_new_unit_is_told() -> None:
    result = compared(replace(ROW, name="李四", identity=read_identity(id_number(2)), unit="新单位"))

    assert result.row.findings == (Finding("UNIT_NEW", "名单", "A2", {"name": "新单位"}),)


def test_same_name_and_unit_with_another_number_is_a_hint() -> None:
    row = replace(ROW, identity=read_identity(id_number(2)))

    assert compared(row).hints == (Hint("e1", "", same_unit=True, identified=True),)
    assert compared(row).outcome is Outcome.HINT
    assert compared(replace(row, unit="别处")).outcome is Outcome.NEW


def test_known_name_without_a_number_is_a_hint_until_a_person_decides() -> None:
    row = replace(ROW, identity=None, unit="别处")
    assert compared(row).hints == (Hint("e1", "", same_unit=False, identified=True),)

    assert compared(row, d=Decision.SKIP).outcome is Outcome.HINT
    assert compared(row, d=Decision.NEW).outcome is Outcome.NEW
    # The one in the library has a number of its own: nothing in this row says that it is his.
    assert compared(row, d=Decision.SAME).outcome is Outcome.HINT


def test_number_can_be_given_to_the_unidentified_one_by_a_person() -> None:
    library = Library((replace(KNOWN, person_key=""),), (BUREAU,))
    assert compared(ROW, library).outcome is Outcome.HINT

    result = compared(ROW, library, d=Decision.SAME)

    assert (result.outcome, result.expert_id) == (Outcome.CHANGED, "e1")
    assert result.changes == (Change(Column.IDENTITY, "", "139*************15"),)


def test_two_rows_of_one_name_and_unit_with_different_numbers_hint_at_each_other() -> None:
    first = replace(ROW, name="李四", identity=read_identity(id_number(2)))
    second = replace(first, number=3, identity=read_identity(id_number(3)))

    results = compare([first, second], LIBRARY, key_of=key_of)

    assert [result.outcome for result in results] == [Outcome.NEW, Outcome.HINT]
    assert results[1].hints == (Hint("", "A2", same_unit=True, identified=True),)


def test_other_name_for_the_same_number_is_a_change_with_a_warning() -> None:
    result = compared(replace(ROW, name="张珊"))

    assert result.changes == (Change(Column.NAME, "张三", "张珊"),)
    assert result.row.findings[-1].code == "NAME_DIFFERS"


def test_term_that_overlaps_another_is_an_error() -> None:
    result = compared(replace(ROW, term=Appointment(date(2026, 3, 1), date(2031, 2, 28))))

    assert (result.outcome, result.row.findings[-1].code) == (Outcome.ERROR, "TERM_OVERLAPS")


@pytest.mark.rule("R70b")
@pytest.mark.parametrize(
    ("state", "new_term", "outcome"),
    [
        (State.STRUCK_OFF, False, Outcome.ERROR),
        (State.DISMISSED, True, Outcome.ERROR),
        (State.WITHDRAWN, True, Outcome.ERROR),
        (State.WITHDRAWN, False, Outcome.IDENTICAL),
        (State.SUSPENDED, True, Outcome.CHANGED),
    ],
)
def test_who_has_left_does_not_come_back_by_import(state: State, new_term: bool, outcome: Outcome) -> None:
    library = Library((replace(KNOWN, state=state),), (BUREAU,))
    term = Appointment(date(2027, 3, 1), date(2032, 2, 29)) if new_term else TERM

    assert compared(replace(ROW, term=term), library).outcome is outcome
