"""The list of a panel as a Word and an Excel document: values in, bytes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter
from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle

SONG = "宋体"


@dataclass(frozen=True, slots=True)
class PanelList:
    """What the document says, in the reader's language, ready to be set.

    Attributes:
        issuer: whose document it is.
        title: of the document.
        remark: under the title, such as that the panel is not determined yet; empty for none.
        facts: name and value of what it is about.
        members: heading, and rows of number, name, title, employer, seat.
        reserves: the same for the reserves; no rows, no table.
        headings: of the columns.
        changes: what the center changed, one sentence each, under a heading.
        closing: who proposed and determined, and when: name and value.
        basis: sentence on the articles it rests on.
        verify: how it can be checked, small, at the end.
    """

    issuer: str
    title: str
    remark: str
    facts: Sequence[tuple[str, str]]
    members: tuple[str, Sequence[Sequence[str]]]
    reserves: tuple[str, Sequence[Sequence[str]]]
    headings: Sequence[str]
    changes: tuple[str, Sequence[str]]
    closing: Sequence[tuple[str, str]]
    basis: str
    verify: str


def to_docx(listed: PanelList) -> bytes:
    """Return the list as a Word document in Song type on A4."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    normal = document.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = "Times New Roman", Pt(12)
        normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
    _centered(document, listed.issuer, 14)
    _centered(document, listed.title, 20, bold=True)
    if listed.remark:
        _centered(document, listed.remark, 12)
    _pairs(document, listed.facts)
    for caption, rows in (listed.members, listed.reserves):
        if rows:
            document.add_paragraph(caption).runs[0].bold = True
            _table(document, listed.headings, rows)
    heading, changes = listed.changes
    if changes:
        document.add_paragraph(heading).runs[0].bold = True
        for change in changes:
            document.add_paragraph(change, style="List Bullet")
    if listed.basis:
        document.add_paragraph(listed.basis)
    _pairs(document, listed.closing)
    small = document.add_paragraph().add_run(listed.verify)
    small.font.size = Pt(8)
    bytes_ = BytesIO()
    document.save(bytes_)
    return bytes_.getvalue()


def to_xlsx(listed: PanelList) -> bytes:
    """Return the list as a workbook; every cell is text, so nothing in it can run as a formula."""
    bytes_ = BytesIO()
    book = xlsxwriter.Workbook(bytes_, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(listed.title[:31])
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "font_name": SONG})
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#EEEEEE", "font_name": SONG})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top", "font_name": SONG})
    plain = book.add_format({"font_name": SONG})
    columns = len(listed.headings)
    sheet.merge_range(0, 0, 0, columns - 1, f"{listed.issuer} {listed.title}{listed.remark}", title)
    row = 1
    for name, value in listed.facts:
        sheet.write_string(row, 0, name, head)
        sheet.merge_range(row, 1, row, columns - 1, value, cell)
        row += 1
    for caption, rows in (listed.members, listed.reserves):
        if not rows:
            continue
        sheet.write_string(row + 1, 0, caption, plain)
        for column, heading in enumerate(listed.headings):
            sheet.write_string(row + 2, column, heading, head)
        for place, values in enumerate(rows):
            for column, value in enumerate(values):
                sheet.write_string(row + 3 + place, column, value, cell)
        row += 3 + len(rows)
    for change in listed.changes[1]:
        row += 1
        sheet.write_string(row, 0, change, plain)
    for name, value in (*listed.closing, ("", listed.basis), ("", listed.verify)):
        row += 1
        sheet.write_string(row, 0, f"{name} {value}".strip(), plain)
    sheet.set_column(0, 0, 10)
    sheet.set_column(1, 2, 16)
    sheet.set_column(3, columns - 1, 28)
    sheet.fit_to_pages(1, 0)
    sheet.set_paper(9)
    book.close()
    return bytes_.getvalue()


def media_types() -> Mapping[str, str]:
    """Return suffix -> media type."""
    office = "application/vnd.openxmlformats-officedocument"
    return {"docx": f"{office}.wordprocessingml.document", "xlsx": f"{office}.spreadsheetml.sheet"}


def _centered(document: Word, text: str, size: int, *, bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold


def _pairs(document: Word, pairs: Sequence[tuple[str, str]]) -> None:
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in pairs:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.3)
    document.add_paragraph()


def _table(document: Word, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        cell.text = heading
        cell.paragraphs[0].runs[0].bold = True
    for values in rows:
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    document.add_paragraph()
