"""Workbooks that are written: read back by another program."""

import io
from datetime import date

import openpyxl
import pytest

from registry import Terms
from service.exchange import marked_workbook, read_file, read_roster, template_workbook, write_list
from service.exchange.headings import recognise_heading
from service.exchange.template import TEMPLATE
from tests.service.exchange.builders import HEADINGS, TERMS, a_row, codes, id_number, roster_of, xlsx


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://a")', "\t=1", "http://a.cn", "007"]
)
def test_text_stays_text(text: str) -> None:
    cell = opened(write_list("名单", ["姓名", "备注"], [["张三", text]]))["名单"]["B2"]

    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_list_has_days_as_days_and_a_frozen_head() -> None:
    sheet = opened(write_list("专家/名册", ["姓名", "聘期至"], [["张三", date(2027, 2, 28)]])).active

    assert sheet is not None
    assert sheet.title == "专家名册"
    assert sheet["B2"].value.date() == date(2027, 2, 28)
    assert sheet["B2"].is_date
    assert sheet.freeze_panes == "B2"


def test_template_is_read_without_questions() -> None:
    content = template_workbook(lambda text: text)
    workbook = opened(content)
    sheet = workbook["专家名册"]
    assert [cell.value for cell in sheet[1]] == [heading for _, heading, *_ in TEMPLATE]
    assert len(sheet.data_validations.dataValidation) == 2

    sheet.append([sample for *_, sample in TEMPLATE])
    file = io.BytesIO()
    workbook.save(file)
    roster = read_roster(read_file(file.getvalue()), terms=Terms(5))

    assert (roster.open_columns, roster.open_words) == ((), ())
    assert [(row.name, row.faulty) for row in roster.rows] == [("赵明远", False)]
    assert codes(roster.rows[0].findings) == []


def test_every_heading_of_the_template_is_recognised_as_its_column() -> None:
    assert [recognise_heading(heading) for _, heading, *_ in TEMPLATE] == [column for column, *_ in TEMPLATE]


def test_marked_workbook_keeps_addresses_and_only_shows_faulty_rows() -> None:
    content = xlsx(
        [
            ("名单",),
            HEADINGS,
            a_row(),
            a_row(姓名="李四", 身份证号="1.39900E+17", 聘任日期=date(2022, 3, 1)),
            a_row(姓名="王五", 身份证号=id_number(3)),
            a_row(姓名="+张3", 身份证号=id_number(4), 手机="123"),
        ]
    )
    grids = read_file(content)
    roster = read_roster(grids, terms=TERMS)
    faulty = [row for row in roster.rows if row.faulty]

    marked = marked_workbook(
        grids, faulty, {"名单": range(2, 3)}, say=lambda finding: f"<{finding.code}>", column_title="问题说明"
    )
    sheet = opened(marked)["名单"]

    assert [sheet.row_dimensions[number].hidden for number in range(1, 7)] == [True, False, True, False, True, False]
    assert sheet["B4"].value == "1.39900E+17"
    assert sheet["B4"].comment is not None
    assert sheet["B4"].comment.text == "<ID_NUMBER_SCIENTIFIC>"
    assert sheet["B4"].fill.fgColor.rgb == "FFF8D4D0"
    assert (sheet["A6"].value, sheet["A6"].data_type) == ("+张3", "s")
    assert sheet["F6"].fill.fgColor.rgb == "FFFFF0C2"
    assert sheet["G4"].value.date() == date(2022, 3, 1)
    assert sheet["H4"].value == "B4：<ID_NUMBER_SCIENTIFIC>"
    assert [cell.value for cell in sheet[2]] == [*HEADINGS, "问题说明"]


def test_corrected_marked_workbook_can_be_imported_again() -> None:
    grids = read_file(xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号="1.39900E+17")]))
    roster = read_roster(grids, terms=TERMS)
    marked = opened(
        marked_workbook(
            grids,
            [row for row in roster.rows if row.faulty],
            {"名单": range(1, 2)},
            say=lambda finding: finding.code,
            column_title="问题说明",
        )
    )
    marked["名单"]["B3"].value = id_number(2)
    file = io.BytesIO()
    marked.save(file)

    again = roster_of(file.getvalue())

    assert [(row.number, row.name, row.faulty) for row in again.rows] == [(3, "李四", False)]
    assert again.open_columns == ()
