"""The panel as a document: on screen, as Word and as Excel; what it says is what was determined."""

from io import BytesIO

import openpyxl
import pytest
from docx import Document

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import a_library
from tests.service.test_panels import HYDRAULIC, LAWYERS, County


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC, *LAWYERS])
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open()
    await county.act(unit, "propose")
    await county.act(center, "determine", {"flags": []})
    return county


async def test_word_and_excel_name_every_member(county: County) -> None:
    names = {member["name"] for member in (await county.panel())["members"]}

    word = await county.center.get(f"/matters/{county.matter}/panel.docx")
    excel = await county.center.get(f"/api/matters/{county.matter}/panel/files/xlsx")

    assert (word.status_code, excel.status_code) == (200, 200), word.text[:300]
    tables = Document(BytesIO(word.content)).tables
    in_word = {cell.text for table in tables for row in table.rows for cell in row.cells}
    sheet = openpyxl.load_workbook(BytesIO(excel.content)).active
    in_excel = {cell.value for row in sheet.iter_rows() for cell in row}
    assert len(names) == 5
    assert names - in_word == set()
    assert names - in_excel == set()
    assert "attachment" in word.headers["content-disposition"]


async def test_the_page_says_who_proposed_who_determined_and_how_to_check(county: County) -> None:
    problem = (await county.panel())["problem_sha256"]

    shown = await county.center.get(f"/matters/{county.matter}/panel/document")

    assert shown.status_code == 200
    assert "重大行政决策论证专家组名单" in shown.text
    assert "尚未确定" not in shown.text
    assert len(problem) == 64


async def test_an_unknown_kind_of_file_is_not_found(county: County) -> None:
    answer = await county.center.get(f"/api/matters/{county.matter}/panel/files/pdf")

    assert answer.status_code == 404


async def test_another_unit_gets_no_file(signed_in: SignedIn, county: County, database: Database) -> None:
    stranger = await signed_in("unit", unit_id=await a_unit(database, "县教育局"))

    answer = await stranger.get(f"/matters/{county.matter}/panel.docx")

    assert answer.status_code == 404
