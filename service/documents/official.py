"""Official papers of the library and of meetings (名册, 通讯录, 商请函, 签到表, 会议纪要 ...) as PDF/A and as Word.

One paper is said once and set twice, so that both forms say the same. The wording is Chinese in every language: these
are documents of the county.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from service.documents import word
from service.documents.typesetting import typeset

FORMATS: Final = ("pdf", "docx")


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of a paper.

    Attributes:
        caption: heading above it; empty for none.
        headings: one a column.
        rows: texts, one a heading.
        widths: shares of the width, one a column.
        numeric: columns set to the right.
        tall: whether its rows leave room to be signed by hand.
    """

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numeric: frozenset[int] = frozenset()
    tall: bool = False


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """An official paper.

    Attributes:
        title: of the paper.
        issuer: whose paper it is, above the title.
        number: of the document; empty for none.
        lead: a line under the title, such as the day it stands for.
        addressee: whom a letter addresses; empty for none.
        facts: names and values, in a table of their own before the text.
        paragraphs: text before the tables.
        listings: tables, each with its heading.
        sections: text after the tables, each with its heading.
        closing: paragraphs after the tables.
        signed_by: who seals it; empty for none.
        day: of the paper.
        verify: small, at the foot of each page.
        wide: landscape.
    """

    title: str
    issuer: str
    day: date
    number: str = ""
    lead: str = ""
    addressee: str = ""
    facts: Sequence[tuple[str, str]] = ()
    paragraphs: Sequence[str] = ()
    listings: Sequence[Listing] = ()
    sections: Sequence[tuple[str, Sequence[str]]] = ()
    closing: Sequence[str] = ()
    signed_by: str = ""
    verify: str = ""
    wide: bool = False


def official_pdf(paper: OfficialPaper) -> bytes:
    """Return the paper as PDF/A-2b; some 10 ms of CPU a page, so call it in a thread.

    Raises:
        NotSettable: when a text has a character that no font has.
    """
    return typeset(
        "library",
        {
            "title": paper.title,
            "issuer": paper.issuer,
            "number": paper.number,
            "verify": paper.verify,
            "lead": paper.lead,
            "addressee": paper.addressee,
            "facts": [list(fact) for fact in paper.facts],
            "paragraphs": list(paper.paragraphs),
            "listings": [
                {
                    "caption": one.caption,
                    "headings": list(one.headings),
                    "rows": [list(row) for row in one.rows],
                    "widths": list(one.widths),
                    "numeric": sorted(one.numeric),
                    "tall": one.tall,
                }
                for one in paper.listings
            ],
            "sections": [[caption, list(texts)] for caption, texts in paper.sections],
            "closing": list(paper.closing),
            "signed_by": paper.signed_by,
            "seal": "（盖章）",
            "day": say_day(paper.day),
            "date": [paper.day.year, paper.day.month, paper.day.day],
            "wide": paper.wide,
        },
    )


def official_docx(paper: OfficialPaper) -> bytes:
    """Return the paper as a Word document, to be worked on further; belongs in a thread."""
    document = word.new_document()
    room = 15.8
    if paper.wide:
        section = document.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21)
        section.left_margin = section.right_margin = Cm(2)
        room = 25.7
    word.centered(document, paper.issuer, 14)
    word.centered(document, paper.title, 20, bold=True)
    for line in (paper.number, paper.lead):
        if line:
            word.centered(document, line, 11)
    if paper.addressee:
        document.add_paragraph(f"{paper.addressee}：")
    if paper.facts:
        word.pairs(document, paper.facts)
    for text in paper.paragraphs:
        word.indented(document, text)
    for one in paper.listings:
        if one.caption:
            word.heading(document, one.caption)
        parts = sum(one.widths)
        widths = [room * share / parts for share in one.widths]
        word.measured_table(document, one.headings, one.rows, widths, row_height=1.0 if one.tall else None)
    for caption, texts in paper.sections:
        word.heading(document, caption)
        for text in texts:
            word.indented(document, text)
    for text in paper.closing:
        word.indented(document, text)
    if paper.signed_by:
        for line in (paper.signed_by, say_day(paper.day)):
            signed = document.add_paragraph(line)
            signed.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            signed.paragraph_format.space_before = Pt(6)
    if paper.verify:
        word.small(document, paper.verify)
    return word.to_bytes(document)


def say_day(day: date) -> str:
    """Return a day as official papers write it: 2026年9月14日."""
    return f"{day.year}年{day.month}月{day.day}日"
