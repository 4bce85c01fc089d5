"""Rosters as county offices keep them."""

from datetime import date

import pytest
import xlwt

from registry import Appointment, ExpertField, TitleLevel
from service.exchange import Answers, Column, Finding, read_file
from tests.service.exchange.builders import (
    HEADINGS,
    a_row,
    codes,
    credit_code,
    id_number,
    one_row,
    roster_of,
    xls,
    xlsx,
)


def test_clean_row_is_read_whole() -> None:
    row = one_row(xlsx([HEADINGS, a_row()]))

    assert row.name == "张三"
    assert row.identity is not None
    assert row.identity.number == id_number()
    assert (row.sex, row.born_on) == ("1", date(1975, 3, 1))
    assert (row.unit, row.title, row.title_level) == ("示范县水利局", "高级工程师", TitleLevel.DEPUTY_SENIOR)
    assert row.fields == (ExpertField("570", main=True),)
    assert row.phone is not None
    assert row.phone.number == "13800138000"
    assert row.term == Appointment(date(2022, 3, 1), date(2027, 2, 28))
    assert row.findings == (Finding("TERM_END_COMPUTED", "名单", "G2", {"day": "2027-02-28"}),)


def test_merged_title_blank_rows_repeated_headings_and_notes_are_no_data() -> None:
    def merge(sheet):
        sheet.merge_cells("A1:G1")

    content = xlsx(
        [
            ("示范县专家库名单",),
            ("填报单位：（盖章）", None, None, None, None, "2026年9月"),
            HEADINGS,
            a_row(),
            (),
            HEADINGS,
            a_row(姓名="李四", 身份证号=id_number(2)),
            (),
            ("注：1.身份证号请核对；2.本表由人事部门审核。",),
            ("审核人：", None, "填表人：王五"),
        ],
        change=merge,
    )

    sheet = roster_of(content).sheets[0]

    assert [row.number for row in sheet.rows] == [4, 7]
    assert [(f.code, f.cell) for f in sheet.findings] == [
        ("HEADING_REPEATED", "A6"),
        ("TEXT_OUTSIDE_TABLE", "A9"),
        ("TEXT_OUTSIDE_TABLE", "A10"),
    ]


@pytest.mark.parametrize(
    ("heading", "column"),
    [("专家姓名", Column.NAME), ("姓　名", Column.NAME), ("*姓名（必填）", Column.NAME), ("姓名：", Column.NAME),
     ("单位", Column.UNIT), ("工作单位", Column.UNIT), ("专业技术职务", Column.TITLE), ("研究方向", Column.FIELDS),
     ("研究方向/擅长专业", Column.FIELDS), ("擅长专业", Column.FIELDS), ("主要专业领域", Column.MAIN_FIELD),
     ("其他专业领域", Column.FURTHER_FIELDS), ("身份证号码\n（18位）", Column.IDENTITY), ("联系电话", Column.PHONE),
     ("政治面貌", Column.NOT_KEPT), ("聘期", Column.TERM), ("ID number", Column.IDENTITY)],
)  # fmt: skip
def test_wordings_of_headings(heading: str, column: Column) -> None:
    from service.exchange.headings import recognise_heading

    assert recognise_heading(heading) is column


def test_columns_come_in_any_order() -> None:
    back = list(reversed(HEADINGS))

    assert one_row(xlsx([back, list(reversed(a_row()))])).name == "张三"


def test_heading_in_two_rows_is_read_together() -> None:
    content = xlsx(
        [
            ("姓名", "身份证号", "工作单位", "聘期", None),
            (None, None, None, "起", "止"),
            ("张三", id_number(), "县水利局", "2022.03.01", "2027.02.28"),
        ]
    )

    assert one_row(content).term == Appointment(date(2022, 3, 1), date(2027, 2, 28))


def test_unknown_heading_asks_with_samples_and_a_guess() -> None:
    content = xlsx([(*HEADINGS, "归口", None), [*a_row(), "农办", "a@b.cn"]])
    roster = roster_of(content)

    assert [(c.key, c.letters, c.samples, c.guess) for c in roster.open_columns] == [
        ("归口", "H", ("农办",), None),
        ("#I", "I", ("a@b.cn",), Column.EMAIL),
    ]

    answered = roster_of(content, Answers(columns={"归口": None, "#I": Column.EMAIL}))
    assert (answered.open_columns, answered.rows[0].email) == ((), "a@b.cn")


def test_unknown_name_column_can_be_answered() -> None:
    content = xlsx([("谁", "身份证号", "单位"), ("张三", id_number(), "县水利局")])
    open_roster = roster_of(content)
    assert (open_roster.rows, open_roster.open_columns[0].guess) == ((), Column.NAME)
    assert codes(open_roster.sheets[0].findings) == ["NAME_COLUMN_MISSING"]

    assert roster_of(content, Answers(columns={"谁": Column.NAME})).rows[0].name == "张三"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("1.39900E+17", "ID_NUMBER_SCIENTIFIC"),
        (139900197503010017, "ID_NUMBER_DIGITS_LOST"),
        (id_number()[:15] + "000", "ID_NUMBER_DIGITS_LOST"),
        (id_number()[:17], "ID_NUMBER_LENGTH"),
        (id_number()[:17] + ("0" if id_number()[17] != "0" else "1"), "ID_NUMBER_CHECK_DIGIT"),
    ],
)
def test_spoilt_identity_number_is_an_error_and_not_repaired(value: object, code: str) -> None:
    row = one_row(xlsx([HEADINGS, a_row(身份证号=value)]))

    assert row.identity is None
    assert row.faulty
    assert (row.findings[0].code, row.findings[0].cell) == (code, "B2")


def test_finding_never_holds_the_number() -> None:
    row = one_row(xlsx([HEADINGS, a_row(身份证号="139900197503010999", 手机="13800138")]))

    said = " ".join(f"{finding.facts}" for finding in row.findings)
    assert "1399001975" not in said
    assert "138001" not in said


def test_fifteen_digits_in_a_number_cell_are_exact() -> None:
    row = one_row(xlsx([HEADINGS, a_row(身份证号=139900750301001)]))

    assert row.identity is not None
    assert row.identity.number.startswith("13990019750301001")
    assert "ID_NUMBER_CONVERTED" in codes(row.findings)


def test_row_without_a_number_is_taken_with_a_warning() -> None:
    row = one_row(xlsx([HEADINGS, a_row(身份证号=None)]))

    assert (row.faulty, codes(row.findings)[0]) == (False, "ID_NUMBER_MISSING")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("1975年3月1日", date(1975, 3, 1)),
        ("1975-3-1", date(1975, 3, 1)),
        ("1975.03.01", date(1975, 3, 1)),
        ("1975/3/1", date(1975, 3, 1)),
        ("１９７５．３．１", date(1975, 3, 1)),
        ("19750301", date(1975, 3, 1)),
        (19750301, date(1975, 3, 1)),
        (date(1975, 3, 1), date(1975, 3, 1)),
        ("1975-03-01 00:00:00", date(1975, 3, 1)),
        (27454, date(1975, 3, 1)),
        ("1975.03", date(1975, 3, 1)),
        ("1975年3月", date(1975, 3, 1)),
        (1975.03, date(1975, 3, 1)),
        ("197503", date(1975, 3, 1)),
    ],
)
def test_spellings_of_a_day(value: object, day: date) -> None:
    row = one_row(xlsx([HEADINGS, a_row(聘任日期=value)]))

    assert row.term is not None
    assert row.term.starts_on == day


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1975.1, "DATE_AMBIGUOUS"),
        ("75年3月", "DATE_TWO_DIGIT_YEAR"),
        ("1975年", "DATE_YEAR_ONLY"),
        (1975, "DATE_YEAR_ONLY"),
        ("1975-02-30", "DATE_NOT_IN_CALENDAR"),
        ("1875-02-03", "DATE_OUT_OF_RANGE"),
        ("长期", "DATE_FORM"),
        (True, "DATE_FORM"),
    ],
)
def test_day_that_cannot_be_read_is_an_error(value: object, code: str) -> None:
    row = one_row(xlsx([HEADINGS, a_row(聘任日期=value)]))

    assert row.faulty
    assert (row.findings[0].code, row.findings[0].cell) == (code, "G2")


@pytest.mark.parametrize(
    "span",
    [
        "2022.03-2027.02",
        "2022年3月1日至2027年2月28日",
        "2022-03-01—2027-02-28",
        "2022/3/1～2027/2/28",
        "20220301-20270228",
    ],
)
def test_term_in_one_cell(span: str) -> None:
    row = one_row(xlsx([("姓名", "身份证号", "聘期"), ("张三", id_number(), span)]))

    assert row.term == Appointment(date(2022, 3, 1), date(2027, 2, 28))


@pytest.mark.rule("R24c")
def test_term_of_another_length_gets_a_warning() -> None:
    rows = [("姓名", "身份证号", "聘期起", "聘期止"), ("张三", id_number(), "2022-03-01", "2025-02-28")]
    row = one_row(xlsx(rows))

    assert (row.faulty, "TERM_LENGTH_DIFFERS" in codes(row.findings)) == (False, True)


def test_term_that_ends_before_it_starts_is_an_error() -> None:
    rows = [("姓名", "身份证号", "聘期起", "聘期止"), ("张三", id_number(), "2022-03-01", "2022-02-28")]

    assert "TERM_ENDS_BEFORE_START" in codes(one_row(xlsx(rows)).findings)


def test_day_stated_for_the_whole_file_fills_missing_terms() -> None:
    content = xlsx([HEADINGS, a_row(聘任日期=None)])

    assert one_row(content).term is None
    assert one_row(content, Answers(starts_on=date(2026, 1, 1))).term == Appointment(
        date(2026, 1, 1), date(2030, 12, 31)
    )


def test_several_fields_in_a_cell() -> None:
    row = one_row(xlsx([HEADINGS, a_row(专业领域="水利、法律；57025\n环境保护")]))

    assert [(f.code, f.main) for f in row.fields] == [("570", True), ("820", False), ("57025", False), ("610", False)]


def test_field_that_is_not_sure_is_left_to_people() -> None:
    content = xlsx(
        [HEADINGS, a_row(专业领域="水利水电规划设计、钓鱼"), a_row(姓名="李四", 身份证号=id_number(2), 专业领域="钓鱼")]
    )
    roster = roster_of(content)

    assert [(w.text, w.count, w.suggestions[:1]) for w in roster.open_words] == [
        ("钓鱼", 2, ()),
        ("水利水电规划设计", 1, ("570",)),
    ]
    assert roster.rows[0].fields == ()

    answered = roster_of(content, Answers(words={"钓鱼": "240", "水利水电规划设计": "570"}))
    assert (answered.open_words, [f.code for f in answered.rows[0].fields]) == ((), ["570", "240"])


@pytest.mark.parametrize(
    "value", ["138 0013 8000", "138-0013-8000", "１３８００１３８０００", 13800138000, "0335-2012345/13800138000"]
)
def test_phone_as_typed(value: object) -> None:
    row = one_row(xlsx([HEADINGS, a_row(手机=value)]))

    assert row.phone is not None
    assert row.phone.number == "13800138000"


def test_bad_phone_is_left_out_with_a_warning() -> None:
    row = one_row(xlsx([HEADINGS, a_row(手机="2012345")]))

    assert (row.phone, row.faulty, codes(row.findings)[0]) == (None, False, "PHONE_WITHOUT_AREA")


def test_unit_in_cells_merged_downwards_counts_for_every_row() -> None:
    def merge(sheet):
        sheet.merge_cells("C2:C3")

    rows = roster_of(
        xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号=id_number(2), 工作单位=None)], change=merge)
    ).rows

    assert [row.unit for row in rows] == ["示范县水利局", "示范县水利局"]
    assert ("MERGED_VALUE_TAKEN", "C3") in [(f.code, f.cell) for f in rows[1].findings]


@pytest.mark.parametrize(
    ("cell", "code", "faulty"),
    [("A2", "FORMULA_REFUSED", True), ("B2", "FORMULA_REFUSED", True), ("G2", "FORMULA_REFUSED", True),
     ("C2", "FORMULA_VALUE_TAKEN", False), ("D2", "FORMULA_VALUE_TAKEN", False)],
)  # fmt: skip
def test_formula_is_refused_in_name_number_and_date_only(cell: str, code: str, faulty: bool) -> None:
    from tests.service.exchange.builders import part_of, repacked

    content = xlsx([HEADINGS, a_row()])
    sheet = part_of(content, "xl/worksheets/sheet1.xml").decode()
    start = sheet.index(f'<c r="{cell}"')
    end = sheet.index("</c>", start)
    body = sheet[start:end]
    changed = body.replace("<is><t>", "<f>A1</f><v>").replace("</t></is>", "</v>").replace('t="inlineStr"', 't="str"')
    changed = changed if "<f>" in changed else body.replace("<v>", "<f>A1</f><v>")
    content = repacked(content, {"xl/worksheets/sheet1.xml": (sheet[:start] + changed + sheet[end:]).encode()})

    row = one_row(content)

    assert (row.faulty, (code, cell) in [(f.code, f.cell) for f in row.findings]) == (faulty, True)


def test_formulas_of_validation_lists_are_none_of_the_cells() -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    def validate(sheet):
        sheet.add_data_validation(DataValidation(type="list", formula1='"a,b"', sqref="D2:D9"))

    assert read_file(xlsx([HEADINGS, a_row()], change=validate))[0].formulas == frozenset()


def test_cell_that_shows_an_error_is_an_error() -> None:
    def spoil(sheet):
        sheet["C2"].value = "#N/A"
        sheet["C2"].data_type = "e"

    row = one_row(xlsx([HEADINGS, a_row()], change=spoil))

    assert ("CELL_SHOWS_ERROR", "C2") in [(f.code, f.cell) for f in row.findings]


def test_same_person_twice() -> None:
    same = roster_of(xlsx([HEADINGS, a_row(), a_row()]))
    assert [row.number for row in same.rows] == [2]
    assert [(f.code, f.cell) for f in same.sheets[0].findings] == [("ROW_REPEATED", "B3")]

    other = roster_of(xlsx([HEADINGS, a_row(), a_row(工作单位="示范县农业农村局")]))
    assert [row.faulty for row in other.rows] == [False, True]
    assert other.rows[1].findings[-1] == Finding("PERSON_TWICE", "名单", "B3", {"sheet": "名单", "cell": "B2"})


def test_number_tells_sex_and_birth_against_the_columns() -> None:
    headings = ("姓名", "身份证号", "性别", "出生年月")
    row = one_row(xlsx([headings, ("张三", id_number(1), "女", "1976.03")]))

    assert (row.sex, row.born_on) == ("1", date(1975, 3, 1))
    assert [(f.code, f.cell) for f in row.findings if "DIFFERS" in f.code] == [
        ("SEX_DIFFERS", "C2"),
        ("BIRTH_DATE_DIFFERS", "D2"),
    ]


def test_hidden_sheet_is_not_read() -> None:
    import openpyxl

    from tests.service.exchange.builders import saved

    workbook = openpyxl.Workbook()
    workbook.active.append(HEADINGS)
    workbook.active.append(a_row())
    hidden = workbook.create_sheet("旧")
    hidden.append(HEADINGS)
    hidden.append(a_row(姓名="李四", 身份证号=id_number(2)))
    hidden.sheet_state = "hidden"

    roster = roster_of(saved(workbook))

    assert [row.name for row in roster.rows] == ["张三"]
    assert codes(roster.sheets[1].findings) == ["SHEET_HIDDEN"]


def test_two_sheets_are_read_one_after_the_other() -> None:
    import openpyxl

    from tests.service.exchange.builders import saved

    workbook = openpyxl.Workbook()
    for number, name in enumerate(("甲", "乙"), start=1):
        sheet = workbook.create_sheet(name)
        sheet.append(HEADINGS)
        sheet.append(a_row(身份证号=id_number(number)))

    assert [(row.sheet, row.number) for row in roster_of(saved(workbook)).rows] == [("甲", 2), ("乙", 2)]


CSV = f"专家姓名,身份证号,单位\n张三,{id_number()},示范县水利局\n"


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("gb18030"),
        CSV.encode("utf-16"),
        CSV.replace(",", ";").encode(),
        CSV.replace(",", "\t").encode(),
        CSV.replace("\n", "\r\n").encode("gbk"),
        CSV.replace(id_number(), f'"=""{id_number()}"""').encode(),
    ],
    ids=["utf-8", "utf-8 with mark", "gb18030", "utf-16", "semicolons", "tabs", "gbk on Windows", "kept as text"],
)
def test_text_tables(content: bytes) -> None:
    row = one_row(content)

    assert (row.name, row.unit) == ("张三", "示范县水利局")
    assert row.identity is not None


def test_old_workbook_with_dates_and_formulas() -> None:
    def write(sheet: xlwt.Worksheet) -> None:
        for column, heading in enumerate(("姓名", "身份证号", "单位", "聘任日期")):
            sheet.write(0, column, heading)
        sheet.write(1, 0, "张三")
        sheet.write(1, 1, id_number())
        sheet.write(1, 2, xlwt.Formula('"县"&"水利局"'))
        sheet.write(1, 3, date(2022, 3, 1), xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    row = one_row(xls(write))

    assert row.term is not None
    assert row.term.starts_on == date(2022, 3, 1)
    assert ("FORMULA_VALUE_TAKEN", "C2") in [(f.code, f.cell) for f in row.findings]


def test_credit_code_of_the_unit() -> None:
    headings = ("姓名", "身份证号", "单位", "统一社会信用代码")
    assert one_row(xlsx([headings, ("张三", id_number(), "县水利局", credit_code())])).credit_code == credit_code()

    row = one_row(xlsx([headings, ("张三", id_number(), "县水利局", credit_code()[:-1])]))
    assert (row.credit_code, "CREDIT_CODE_LENGTH" in codes(row.findings)) == ("", True)


def test_progress_is_told() -> None:
    from service.exchange import read_roster
    from tests.service.exchange.builders import TERMS

    told: list[tuple[int, int]] = []
    grids = read_file(xlsx([HEADINGS, *(a_row(身份证号=None) for _ in range(1200))]))
    read_roster(grids, terms=TERMS, progress=lambda done, total: told.append((done, total)))

    assert told == [(500, 1201), (1000, 1201)]
