"""Word documents as the county writes them: Song type on A4, a title block, tables with names and values."""

from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle

SONG = "宋体"


def new_document() -> Word:
    """Return an empty document in Song type on A4."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    normal = document.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = "Times New Roman", Pt(12)
        normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
    return document


def centered(document: Word, text: str, size: int, *, bold: bool = False) -> None:
    """Add a centered line; `size` in points."""
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold


def pairs(document: Word, rows: Sequence[tuple[str, str]]) -> None:
    """Add a table of names and values."""
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
        cells[0].width, cells[1].width = Cm(3.5), Cm(12.3)
    document.add_paragraph()


def table(document: Word, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add a table with headings."""
    found = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    for cell, heading in zip(found.rows[0].cells, headings, strict=True):
        cell.text = heading
        cell.paragraphs[0].runs[0].bold = True
    for values in rows:
        for cell, value in zip(found.add_row().cells, values, strict=True):
            cell.text = value
    document.add_paragraph()


def measured_table(
    document: Word,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    row_height: float | None = None,
) -> None:
    """Add a table whose columns have widths, and its rows a least height, in cm; its headings stand on every page."""
    found = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    found.autofit = False
    for cell, text, width in zip(found.rows[0].cells, headings, widths, strict=True):
        cell.text, cell.width = text, Cm(width)
        cell.paragraphs[0].runs[0].bold = True
    found.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 -- the library has no name for it
    for values in rows:
        row = found.add_row()
        if row_height is not None:
            row.height = Cm(row_height)
        for cell, text, width in zip(row.cells, values, widths, strict=True):
            cell.text, cell.width = text, Cm(width)
    document.add_paragraph()


def indented(document: Word, text: str) -> None:
    """Add a paragraph whose first line stands two characters in."""
    document.add_paragraph(text).paragraph_format.first_line_indent = Pt(24)


def heading(document: Word, text: str) -> None:
    """Add a line in bold."""
    document.add_paragraph(text).runs[0].bold = True


def small(document: Word, text: str) -> None:
    """Add a line in small type, for what is checked and not read."""
    document.add_paragraph().add_run(text).font.size = Pt(8)


def to_bytes(document: Word) -> bytes:
    """Return the file."""
    written = BytesIO()
    document.save(written)
    return written.getvalue()
