"""The list of a panel as a Word and an Excel document: values in, bytes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from service.documents import word
from service.documents.word import SONG


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
    document = word.new_document()
    word.centered(document, listed.issuer, 14)
    word.centered(document, listed.title, 20, bold=True)
    if listed.remark:
        word.centered(document, listed.remark, 12)
    word.pairs(document, listed.facts)
    for caption, rows in (listed.members, listed.reserves):
        if rows:
            word.heading(document, caption)
            word.table(document, listed.headings, rows)
    heading, changes = listed.changes
    if changes:
        word.heading(document, heading)
        for change in changes:
            document.add_paragraph(change, style="List Bullet")
    if listed.basis:
        document.add_paragraph(listed.basis)
    word.pairs(document, listed.closing)
    word.small(document, listed.verify)
    return word.to_bytes(document)


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
