"""Official papers and exports of the library: what they say, who may open numbers, and that it is noted."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pikepdf
import pytest
from docx import Document
from sqlalchemy import select

from service import ledger
from service.access import Viewer
from service.actions.library_export import Opening, read_export
from service.actions.library_papers import (
    UnitLetterEntry,
    read_contacts,
    read_report,
    read_roster,
    read_unit_letter,
    set_paper,
)
from service.documents.official import OfficialPaper
from service.keys import Keys
from service.problems import Forbidden, Invalid, Refused
from service.settings import Settings
from service.storage.rows.acts import ReadRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, acting, an_account
from tests.service.library import Entry, Inserted, a_library
from tests.service.test_letters import text_of

TODAY = date(2026, 9, 14)
PHONE = "13800000001"
WHY = "召开年度专家座谈会，逐人电话通知"


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


@pytest.fixture
async def library(database: Database, settings: Settings) -> Inserted:
    entries = [
        Entry("沈嘉禾", "570", employer="海河设计院"),
        Entry("何问", "820"),
        Entry("前人", starts_on=date(2021, 3, 1), ends_on=date(2026, 2, 28)),
    ]
    library = await a_library(database, entries)
    keys = Keys.at(settings.var / "secrets.toml")
    async with unit_of_work(database, at=MONDAY) as session:
        person = await session.get_one(PersonRow, library.people["沈嘉禾"])
        person.phone_sealed = keys.encrypt(PHONE, about=f"person:{person.id}:phone")
        person.phone_masked = "138****0001"
    return library


def words_of(paper: OfficialPaper) -> str:
    cells = [cell for one in paper.listings for row in (one.headings, *one.rows) for cell in row]
    return "\n".join([paper.title, paper.lead, paper.addressee, *paper.paragraphs, *cells, *paper.closing])


async def looks(database: Database) -> list[tuple[str, str, str]]:
    async with reading(database) as session:
        rows = await session.execute(select(ReadRow.what, ReadRow.subject, ReadRow.reason))
        return [tuple(row) for row in rows]


async def test_the_roster_holds_who_is_in_office_and_both_forms_say_the_same(
    database: Database, settings: Settings, center: Viewer, library: Inserted, tmp_path: Path
) -> None:
    async with acting(database, settings, center) as act:
        paper = await read_roster(act)

    pdf = set_paper(paper, "pdf")
    word = Document(io.BytesIO(set_paper(paper, "docx")))
    text = text_of(pdf, tmp_path)
    (table,) = word.tables
    assert [row[2] for row in paper.listings[0].rows] == ["沈嘉禾", "何问"]
    assert [cell.text for cell in table.column_cells(2)] == ["姓名", "沈嘉禾", "何问"]
    assert "沈嘉禾" in text
    assert "海河设计院" in text
    assert "前人" not in text
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.open_metadata().pdfa_status == "2B"


async def test_a_contact_list_shows_numbers_in_full_only_with_a_reason_noted_with_each_expert(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    async with acting(database, settings, center) as act:
        masked = await read_contacts(act, phones=False, reason="")
        with pytest.raises(Invalid) as refused:
            await read_contacts(act, phones=True, reason="短")
        opened = await read_contacts(act, phones=True, reason=WHY)

    assert "138****0001" in words_of(masked)
    assert PHONE not in words_of(masked)
    assert [fault.code for fault in refused.value.faults] == ["REASON_TOO_SHORT"]
    assert PHONE in words_of(opened)
    # Who has no number was not looked at.
    assert await looks(database) == [("phone", f"expert:{library.experts['沈嘉禾']}", WHY)]


async def test_an_export_opens_numbers_only_for_who_may_and_says_so_in_the_ledger(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    async with acting(database, settings, center) as act:
        masked = await read_export(act)
        opened = await read_export(act, opening=Opening(("phone", "identity"), WHY))
        with pytest.raises(Invalid):
            await read_export(act, opening=Opening(("bank",), WHY))
    async with acting(database, settings, await an_account(database, "audit")) as act:
        with pytest.raises(Forbidden):
            await read_export(act, opening=Opening(("phone",), WHY))

    assert {line.phone for line in masked} == {"138****0001", ""}
    assert {line.phone for line in opened} == {PHONE, ""}
    async with reading(database) as session:
        entries = await ledger.stream(session, f"account:{center.account_id}")
    bodies = [entry.body for entry in entries if entry.type == "library.exported"]
    assert [(body["masked"], body["opened"]) for body in bodies] == [(True, []), (False, ["identity", "phone"])]
    assert not any(PHONE.encode() in entry.data for entry in entries)


async def test_the_letter_asks_the_present_unit_for_the_days(
    database: Database, settings: Settings, center: Viewer, library: Inserted, tmp_path: Path
) -> None:
    entry = UnitLetterEntry(
        "供热管网改造工程专家论证", date(2026, 9, 21), date(2026, 9, 22), "示决咨函〔2026〕8号", "王试"
    )
    async with acting(database, settings, center) as act:
        paper = await read_unit_letter(act, library.experts["沈嘉禾"], entry)

    assert (paper.addressee, paper.number) == ("海河设计院", "示决咨函〔2026〕8号")
    assert "沈嘉禾同志" in words_of(paper)
    assert "2026年9月21日至2026年9月22日" in words_of(paper)
    assert "海河设计院" in text_of(set_paper(paper, "pdf"), tmp_path)


async def test_every_fault_of_a_letter_is_named(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    async with acting(database, settings, center) as act:
        entry = UnitLetterEntry(" ", date(2026, 9, 22), date(2026, 9, 21), "号" * 201)
        with pytest.raises(Invalid) as refused:
            await read_unit_letter(act, library.experts["何问"], entry)
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("number", "FIELD_TOO_LONG"),
        ("purpose", "FIELD_REQUIRED"),
        ("to_on", "END_BEFORE_START"),
    ]


async def test_the_report_counts_who_came_and_who_lapsed_in_its_year(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    async with acting(database, settings, center) as act:
        now, before = await read_report(act, year=2026), await read_report(act, year=2024)
        with pytest.raises(Invalid):
            await read_report(act, year=2027)

    assert now.lead == "2026年1月1日至2026年9月14日"
    assert "在聘专家2人" in now.paragraphs[0]
    assert "新聘0人，续聘0人，聘期届满未续1人" in now.paragraphs[0]
    assert before.lead == "2024年"
    assert "新聘2人" in before.paragraphs[0]
    assert "在聘专家3人" in before.paragraphs[0]
    assert "水利工程" in words_of(now)


def test_a_character_without_a_glyph_is_refused_in_a_pdf_and_kept_in_word() -> None:
    paper = OfficialPaper("专家名册", "示范县", TODAY, paragraphs=["\U0002b740"])

    with pytest.raises(Refused) as refused:
        set_paper(paper, "pdf")
    assert refused.value.refusals[0].code == "PAPER_NOT_IN_FONT"
    assert "\U0002b740" in "".join(one.text for one in Document(io.BytesIO(set_paper(paper, "docx"))).paragraphs)


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": "key-00000001"} | fields


async def test_papers_come_from_their_page_and_what_is_missing_is_said_there(
    as_center: httpx.AsyncClient, library: Inserted
) -> None:
    page = await as_center.get("/experts/papers")
    pdf = await as_center.post("/experts/papers/roster", data=form(format="pdf"))
    word = await as_center.post("/experts/papers/report", data=form(format="docx", year="2026"))
    short = await as_center.post("/experts/papers/contacts", data=form(format="pdf", phones="yes", reason="短"))
    letter = f"/experts/{library.experts['沈嘉禾']}/unit-letter"
    unsaid = await as_center.post(letter, data=form(format="pdf", purpose="供热论证"))
    said = await as_center.post(letter, data=form(format="pdf", purpose="供热论证", from_on="2026-9-21"))

    assert page.status_code == 200
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert word.headers["content-disposition"] == 'attachment; filename="report-2026-09-14.docx"'
    assert (short.status_code, unsaid.status_code) == (400, 400)
    assert 'value="供热论证"' in unsaid.text
    assert said.content[:5] == b"%PDF-"


async def test_the_list_is_exported_masked_or_opened_and_the_figures_have_a_sheet_each(
    as_center: httpx.AsyncClient, library: Inserted
) -> None:
    def cells(answer: httpx.Response) -> dict[str, list[list[Any]]]:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return {sheet.title: [[cell.value for cell in row] for row in sheet.rows] for sheet in book}

    masked = await as_center.post("/experts/export", data=form())
    short = await as_center.post("/experts/export", data=form(open="phone", open_reason="短"))
    opened = await as_center.post("/experts/export", data=form(open="phone", open_reason=WHY))
    through = await as_center.post("/api/experts/export", json={"open": ["phone"], "reason": WHY})
    figures = cells(await as_center.get("/experts/figures.xlsx"))

    assert "138****0001" in str(cells(masked))
    assert PHONE not in str(cells(masked))
    assert short.status_code == 400
    assert "为什么要完整号码" in short.text
    assert PHONE in str(cells(opened))
    assert PHONE in str(cells(through))
    assert list(figures) == ["专业领域", "聘期届满", "职称级别", "单位类别", "所在地", "年龄", "来源"]
    assert ["570", "水利工程"] in [row[:2] for row in figures["专业领域"]]


@pytest.mark.parametrize("path", ["roster", "contacts", "report"])
async def test_papers_come_through_the_api_for_the_center_alone(
    signed_in: SignedIn, as_center: httpx.AsyncClient, library: Inserted, path: str
) -> None:
    audit = await signed_in("audit")
    body = {"format": "docx", "year": 2026} if path == "report" else {"format": "docx"}

    made = await as_center.post(f"/api/papers/{path}", json=body)
    unfit = await as_center.post(f"/api/papers/{path}", json=body | {"format": "odt"})

    assert (made.status_code, made.content[:2]) == (200, b"PK")
    assert unfit.status_code == 400
    assert (await audit.post(f"/api/papers/{path}", json=body)).status_code == 403
