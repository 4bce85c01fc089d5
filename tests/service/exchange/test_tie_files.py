"""Files of ties, read: headings, words, cells that cannot be, and the format for programs."""

import json
from datetime import date

import pytest

from conflicts import Confidence, Kind, KnownNode, KnownTie, NodeType, Origin, Record, Relation, ends_key
from service.exchange import (
    FileRefused,
    Outcome,
    TieColumn,
    TieFile,
    TieRow,
    compare_ties,
    read_file,
    read_tie_json,
    read_tie_table,
)
from service.exchange.tie_headings import recognise_kind, recognise_relation, recognise_tie_heading
from service.exchange.tie_template import KIND_CHOICES, TIE_TEMPLATE
from service.locales import gettext, use_language
from tests.service.exchange.builders import codes, credit_code, id_number, xlsx

HEADINGS = (
    "姓名",
    "身份证号",
    "关系类型",
    "对方名称",
    "统一社会信用代码",
    "开始日期",
    "结束日期",
    "持股比例",
    "亲属关系",
)
PERSON, FIRM = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def a_row(**values: object) -> list[object]:
    given: dict[str, object] = {
        "姓名": "张三",
        "身份证号": id_number(1),
        "关系类型": "董事",
        "对方名称": "清源水务有限公司",
        "统一社会信用代码": credit_code(1),
        "开始日期": "2020-01-01",
    } | values
    return [given.get(heading) for heading in HEADINGS]


def table(*rows: list[object]) -> TieFile:
    return read_tie_table(read_file(xlsx([HEADINGS, *rows], title="关系")), columns={})


def one(**values: object) -> TieRow:
    (row,) = table(a_row(**values)).rows
    return row


def a_record(*ties: KnownTie) -> Record:
    nodes = {
        PERSON: KnownNode(PERSON, NodeType.PERSON, "张三", detail="ZJ0001"),
        FIRM: KnownNode(FIRM, NodeType.ORGANISATION, "清源水务有限公司", ("清源自来水公司",), credit_code(1)),
    }
    keys = {
        (NodeType.PERSON, id_number(1)): PERSON,
        (NodeType.PERSON, "ZJ0001"): PERSON,
        (NodeType.ORGANISATION, credit_code(1)): FIRM,
    }
    return Record(nodes, keys, {ends_key(Kind.DIRECTORSHIP, PERSON, FIRM): ties} if ties else {})


def compared(file: TieFile, record: Record, *, source: str = "公示", **answers: str):
    return compare_ties(
        file.rows,
        record,
        key_of=lambda identity: identity.number,
        source=source,
        confidence=Confidence.SURE,
        answers=answers.get("answers") or {},  # type: ignore[arg-type]
    )


def a_tie(**changes: object) -> KnownTie:
    given: dict[str, object] = {
        "id": "f1",
        "version": 1,
        "from_on": date(2020, 1, 1),
        "to_on": None,
        "origin": Origin.IMPORTED,
        "source": "公示",
        "confidence": Confidence.SURE,
    }
    return KnownTie(**given | changes)  # type: ignore[arg-type]


def test_row_is_read_with_its_ends_days_and_share() -> None:
    row = one(关系类型="股东", 结束日期="2024.2", 持股比例="12.5%")

    assert (row.kind, row.from_on, row.to_on, row.share) == (
        Kind.SHAREHOLDING,
        date(2020, 1, 1),
        date(2024, 2, 29),
        (125, 1000),
    )
    assert (row.subject.name, row.subject.key, row.object.key) == ("张三", id_number(1), credit_code(1))
    assert codes(row.findings) == ["MONTH_TAKEN_AS_DAY"]
    assert id_number(1) not in repr(row)


def test_leap_day_is_a_day_and_the_one_of_another_year_is_not() -> None:
    assert one(开始日期="2024-02-29").from_on == date(2024, 2, 29)
    assert codes(one(开始日期="2023-02-29").findings) == ["DATE_NOT_IN_CALENDAR"]


@pytest.mark.parametrize(
    ("values", "code", "cell"),
    [
        ({"关系类型": None}, "TIE_KIND_MISSING", "C2"),
        ({"关系类型": "老乡"}, "TIE_KIND_UNKNOWN", "C2"),
        ({"姓名": None, "身份证号": None}, "TIE_END_MISSING", "B2"),
        ({"结束日期": "2019-12-31"}, "END_BEFORE_START", "G2"),
        ({"关系类型": "持股", "持股比例": "一半"}, "SHARE_UNREADABLE", "H2"),
        ({"持股比例": "30%"}, "SHARE_MISPLACED", "H2"),
        ({"关系类型": "亲属"}, "RELATION_MISSING", "I2"),
        ({"关系类型": "亲属", "亲属关系": "同乡"}, "RELATION_UNKNOWN", "I2"),
        ({"亲属关系": "配偶"}, "RELATION_MISPLACED", "I2"),
        ({"开始日期": "去年"}, "DATE_FORM", "F2"),
        ({"身份证号": 139900197503010000}, "ID_NUMBER_DIGITS_LOST", "B2"),
        ({"身份证号": "=A1"}, "FORMULA_REFUSED", "B2"),
        ({"对方名称": "某\u202e公司"}, "CHARACTERS_ODD", "D2"),
        ({"对方名称": "长" * 121}, "VALUE_TOO_LONG", "D2"),
    ],
)
def test_what_cannot_be_is_told_at_its_cell(values: dict[str, object], code: str, cell: str) -> None:
    assert (code, cell) in [(finding.code, finding.cell) for finding in one(**values).findings]
    assert not one().faulty


def test_relation_may_stand_where_the_kind_is_asked_for() -> None:
    assert (recognise_kind("配偶"), recognise_relation("岳父")) == (Kind.KINSHIP, Relation.IN_LAW)
    assert recognise_kind("朋友") is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_template_is_understood_in_both_languages(language: str) -> None:
    use_language(language)

    assert [recognise_tie_heading(gettext(heading)) for _, heading, *_ in TIE_TEMPLATE] == [
        column for column, *_ in TIE_TEMPLATE
    ]
    assert [word for word in KIND_CHOICES if recognise_kind(word) is None] == []


def test_unknown_heading_is_asked_about_and_the_answer_is_used() -> None:
    grids = read_file(
        xlsx(
            [
                ("姓名", "身份证号", "怎么个关系", "公司名称", "信用代码"),
                ["张三", id_number(1), "董事", "某公司", credit_code(2)],
            ]
        )
    )

    (asked,) = read_tie_table(grids, columns={}).open_columns
    assert (asked.key, asked.guess) == ("怎么个关系", TieColumn.KIND)
    (row,) = read_tie_table(grids, columns={"怎么个关系": TieColumn.KIND}).rows
    assert row.kind is Kind.DIRECTORSHIP


def test_number_code_and_library_number_lead_to_who_is_known_and_a_name_to_a_question() -> None:
    file = table(
        a_row(),
        a_row(身份证号="ZJ0001", 开始日期="2010-01-01", 结束日期="2011-01-01"),
        a_row(身份证号=None, 开始日期="2012-01-01", 结束日期="2012-12-31"),
        a_row(身份证号=id_number(9), 姓名="李四"),
    )

    by_number, by_library, by_name, stranger = compared(file, a_record())

    assert [one.outcome for one in (by_number, by_library, by_name, stranger)] == ["new", "new", "hint", "new"]
    assert by_number.subject is not None
    assert by_library.subject is not None
    assert (by_number.subject.id, by_library.subject.id) == (PERSON, PERSON)
    (question,) = by_name.questions
    assert (question.key, [node.id for node in question.meant], question.said) == ("关系!4:subject", [PERSON], "skip")
    assert "TIE_PERSON_NEW" in codes(stranger.row.findings)


def test_name_that_differs_from_the_record_is_told_and_the_number_counts() -> None:
    (found,) = compared(table(a_row(姓名="张山")), a_record())

    assert (found.outcome, codes(found.row.findings)) == ("new", ["TIE_NAME_DIFFERS"])
    (found,) = compared(table(a_row(对方名称="清源自来水公司")), a_record())
    assert codes(found.row.findings) == []  # a former name is no difference


def test_code_with_a_wrong_check_character_keeps_the_row_out() -> None:
    (found,) = compared(table(a_row(统一社会信用代码=credit_code(1)[:-1] + "X")), a_record())

    assert (found.outcome, [(f.code, f.cell) for f in found.row.findings]) == ("error", [("TIE_KEY_UNREADABLE", "E2")])


@pytest.mark.parametrize(
    ("standing", "values", "outcome"),
    [
        ({}, {}, "identical"),
        ({"source": "另一来源", "origin": Origin.DECLARED}, {}, "identical"),
        ({}, {"结束日期": "2026-08-31"}, "changed"),
        ({"to_on": date(2019, 12, 31), "from_on": date(2015, 1, 1)}, {}, "new"),
        ({"to_on": date(2020, 1, 1), "from_on": date(2015, 1, 1)}, {}, "changed"),
        ({"source": "另一来源"}, {"结束日期": "2026-08-31"}, "new"),
        ({"origin": Origin.DECLARED}, {"结束日期": "2026-08-31"}, "new"),
    ],
    ids=[
        "the same",
        "the same by somebody else",
        "another end",
        "another time, ended the day before",
        "common last day",
        "another source says otherwise",
        "declared otherwise",
    ],
)
def test_same_source_changes_what_it_said_and_another_is_kept_beside(
    standing: dict[str, object], values: dict[str, object], outcome: str
) -> None:
    (found,) = compared(table(a_row(**values)), a_record(a_tie(**standing)))

    assert found.outcome == outcome
    differs = outcome == "new" and standing.get("to_on") is None
    assert ("SOURCES_DIFFER" in codes(found.row.findings)) == differs
    if outcome == "changed" and values:
        assert [(c.column, c.before, c.after) for c in found.changes] == [(TieColumn.TO_ON, "", "2026-08-31")]


def test_row_twice_is_left_out_and_one_that_says_otherwise_is_an_error() -> None:
    first, second, third = compared(table(a_row(), a_row(), a_row(结束日期="2025-01-01")), a_record())

    assert [first.outcome, second.outcome, third.outcome] == ["new", "identical", "error"]
    assert [finding.facts["cell"] for finding in third.row.findings] == ["C2"]


def test_kinship_is_the_same_from_either_end() -> None:
    kin = {"关系类型": "亲属", "亲属关系": "配偶", "对方名称": "李四", "统一社会信用代码": id_number(9)}
    back = {"姓名": "李四", "身份证号": id_number(9), "对方名称": "张三", "统一社会信用代码": id_number(1)}

    first, second = compared(table(a_row(**kin), a_row(**kin | back)), a_record())

    assert (first.outcome, second.outcome) == ("new", "identical")


def test_one_answer_settles_every_mention_of_an_organisation() -> None:
    file = table(a_row(统一社会信用代码=None), a_row(统一社会信用代码=None, 身份证号=id_number(2), 姓名="李四"))

    key = compared(file, a_record())[0].questions[0].key
    assert [one.outcome for one in compared(file, a_record())] == ["hint", "hint"]
    settled = compared(file, a_record(), answers={key: FIRM})  # type: ignore[arg-type]
    assert [(one.outcome, one.object.id) for one in settled if one.object] == [("new", FIRM), ("new", FIRM)]


def a_file(**changes: object) -> bytes:
    body = {
        "format": "conflict-facts/1",
        "people": [{"id": "p1", "name": "张三", "x-id-number": id_number(1)}, {"id": "p2", "name": "某人"}],
        "organisations": [{"id": "o1", "name": "清源水务有限公司", "credit_code": credit_code(1)}],
        "facts": [{"id": "f1", "subject": "p1", "kind": "directorship", "object": "o1", "from_on": "2020-01-01"}],
    } | changes
    return json.dumps(body, ensure_ascii=False).encode()


def a_fact(**changes: object) -> dict[str, object]:
    return {"id": "f2", "subject": "p1", "kind": "directorship", "object": "o1"} | changes


def test_format_for_programs_needs_neither_policy_nor_day() -> None:
    (found,) = compared(read_tie_json(a_file()), a_record())

    assert (found.outcome, found.subject and found.subject.id, found.object and found.object.id) == (
        Outcome.NEW,
        PERSON,
        FIRM,
    )


@pytest.mark.parametrize(
    ("fact", "code", "at"),
    [
        (a_fact(to_on="2020-02-30"), "NOT_A_DAY", "/facts/0/to_on"),
        (a_fact(kind="friendship"), "WORD_UNKNOWN", "/facts/0/kind"),
        (a_fact(object="o9"), "ID_UNKNOWN", "/facts/0/object"),
        (a_fact(object="p2"), "ENDS_MISMATCHED", "/facts/0/object"),
        (a_fact(from_on="2020-01-02", to_on="2020-01-01"), "END_BEFORE_START", "/facts/0"),
        (a_fact(colour="red"), "KEY_UNKNOWN", "/facts/0/colour"),
        (a_fact(share=[3, 2]), "SHARE_IMPOSSIBLE", "/facts/0"),
    ],
)
def test_fault_of_the_format_costs_its_tie_and_is_told_by_its_pointer(
    fact: dict[str, object], code: str, at: str
) -> None:
    file = read_tie_json(a_file(facts=[fact, a_fact(id="f3")]))

    assert [(row.number, row.faulty) for row in file.rows] == [(1, True), (2, False)]
    assert [(finding.code, finding.cell) for finding in file.rows[0].findings] == [(code, at)]


def test_id_of_the_file_alone_is_only_a_name() -> None:
    (found,) = compared(read_tie_json(a_file(facts=[a_fact(subject="p2")])), a_record())

    assert (found.outcome, [question.name for question in found.questions]) == ("hint", ["某人"])


def test_retired_versions_and_ties_of_organisations_are_left_out_with_a_word() -> None:
    organisations = [
        {"id": "o1", "name": "甲", "credit_code": credit_code(1), "parents": [{"id": "o2"}]},
        {"id": "o2", "name": "乙"},
    ]
    gone = a_fact(known_at="2020-01-01T00:00:00Z", retired_at="2021-01-01T00:00:00Z")
    file = read_tie_json(a_file(organisations=organisations, facts=[gone, a_fact(id="f3")]))

    assert codes(file.sheets[0].findings) == ["ORGANISATION_TIES_LEFT_OUT", "TIE_RETIRED_LEFT_OUT"]
    assert [row.number for row in file.rows] == [2]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"format": "panel-problem/1"}',
        b"{\xff}",
        b"[" * 100_000,
        b'{"format": "conflict-facts/1", "facts": ' + b"9" * 5_000 + b"e",
        b'{"x": ' + b"1" * 5_000 + b"}",
    ],
    ids=["cut off", "a list", "another format", "no text", "nested", "garbage", "endless number"],
)
def test_what_is_no_conflict_facts_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read_tie_json(content)
    assert refused.value.code == "FILE_NOT_CONFLICT_FACTS"


def test_file_that_would_fill_the_memory_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(FileRefused) as refused:
        read_tie_json(b'{"format": "conflict-facts/1", "facts": [' + b"[]," * 3_000_001 + b"[]]}")
    assert refused.value.code == "FILE_TOO_HEAVY"


def test_key_a_hundred_thousand_times_over_is_told_once() -> None:
    body = b'{"format": "conflict-facts/1", ' + b'"people": [], ' * 100_000 + b'"facts": []}'

    assert [finding.code for finding in read_tie_json(body).sheets[0].findings] == ["KEY_REPEATED"]
