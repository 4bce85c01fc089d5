"""The minutes of a draw (抽取记录) as a Word document: values in, bytes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.documents import word


@dataclass(frozen=True, slots=True)
class DrawMinutes:
    """What the minutes say, in the reader's language, ready to be set.

    Attributes:
        issuer: whose document it is.
        title: of the document.
        remark: under the title, such as that the draw was voided; empty for none.
        facts: name and value of what it is about.
        headings: of the columns of members and reserves.
        members: heading, and rows of number, name, employer, seat, chance.
        reserves: the same; no rows, no table.
        course: what happened after the draw, one sentence each, under a heading.
        sources: heading, and where the seed came from with what it showed.
        signatures: who signs: a name and a line.
        checks: hashes and how to check them, small, at the end.
    """

    issuer: str
    title: str
    remark: str
    facts: Sequence[tuple[str, str]]
    headings: Sequence[str]
    members: tuple[str, Sequence[Sequence[str]]]
    reserves: tuple[str, Sequence[Sequence[str]]]
    course: tuple[str, Sequence[str]]
    sources: tuple[str, Sequence[tuple[str, str]]]
    signatures: Sequence[tuple[str, str]]
    checks: Sequence[str]


def to_docx(minutes: DrawMinutes) -> bytes:
    """Return the minutes as a Word document."""
    document = word.new_document()
    word.centered(document, minutes.issuer, 14)
    word.centered(document, minutes.title, 20, bold=True)
    if minutes.remark:
        word.centered(document, minutes.remark, 12)
    word.pairs(document, minutes.facts)
    for caption, rows in (minutes.members, minutes.reserves):
        if rows:
            word.heading(document, caption)
            word.table(document, minutes.headings, rows)
    caption, course = minutes.course
    if course:
        word.heading(document, caption)
        for sentence in course:
            document.add_paragraph(sentence, style="List Bullet")
    word.heading(document, minutes.sources[0])
    word.pairs(document, minutes.sources[1])
    word.pairs(document, minutes.signatures)
    for check in minutes.checks:
        word.small(document, check)
    return word.to_bytes(document)
