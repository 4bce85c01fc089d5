"""Reading an opinion that was written in Word or a PDF: its text, for its author to check; nothing else is kept.

See docs/adr/0012-text-of-uploaded-opinions.md.
"""

import re
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import Final
from zipfile import BadZipFile, ZipFile

import pypdfium2
from docx import Document
from docx.document import Document as Word
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table

from service.documents.material import MaterialUnfit, examine

PAGES_MOST: Final = 60
_UNPACKED_MOST: Final = 100 * 1024 * 1024
_PARTS_MOST: Final = 2000
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP: Final = b"PK\x03\x04"
_PROGRAMS: Final = (".bin", ".exe", ".dll")
_REVISIONS: Final = ("}ins", "}del", "}moveFrom", "}moveTo")
# The engine keeps state of its own and takes one document at a time.
_ONE_AT_A_TIME: Final = Lock()

_SECTIONS: Final = {
    "necessity": "必要性",
    "feasibility": "可行性",
    "soundness": "科学性",
    "risk": "风险",
    "dissent": "不同意见",
}
_CONCLUSIONS: Final = {"可行": "agree", "修改后可行": "agree-with-changes", "不可行": "disagree"}
_NUMBERED: Final = re.compile(r"^\s*[（(]?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*(?:[、.．)）]|\s(?=\S))\s*(.+)$")
_HEADING: Final = re.compile(
    r"^(?:[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.．)）])?\s*(?:关于)?"
    r"(必要性|可行性|科学性|风险|不同意见|意见要点|具体意见|结论)(?:分析|意见|评价)?\s*(?:[:：]\s*(.*))?$"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        sections: name -> text, for the sections that were found by their headings.
        points: what was numbered, without the numbers.
        conclusion: as `workflow.CONCLUSIONS`, where it stands alone behind its heading; else empty.
        rest: lines that belong to none of these, for the author to place.
    """

    sections: dict[str, str] = field(default_factory=dict)
    points: tuple[str, ...] = ()
    conclusion: str = ""
    rest: str = ""


def text_of(content: bytes) -> str:
    """Return the text of a Word document (.docx) or a PDF, known by content; call it in a thread.

    Raises:
        MaterialUnfit: FILE_NOT_TEXT, DOC_OLD, DOCX_MACROS, DOCX_TRACKED, DOCUMENT_WITHOUT_TEXT, PDF_TOO_LONG, or what
            `examine` has against a PDF.
    """
    if content.lstrip()[:5] == b"%PDF-":
        text = _text_of_pdf(content)
    elif content[:4] == _ZIP:
        text = _text_of_docx(content)
    else:
        raise MaterialUnfit("DOC_OLD" if content[:8] == _OLE else "FILE_NOT_TEXT")
    if not text.strip():
        raise MaterialUnfit("DOCUMENT_WITHOUT_TEXT")
    return text


def sorted_out(text: str) -> Reading:
    """Return a text by the headings and numbers that its author wrote; nothing is guessed and nothing left out."""
    lines: dict[str, list[str]] = {}
    points: list[str] = []
    conclusion, place = "", "rest"
    for line in (line.strip() for line in text.splitlines()):
        if not line:
            continue
        heading = _HEADING.match(line)
        if heading:
            place, line = _place(heading[1]), (heading[2] or "").strip()
            if not line:
                continue
        if place == "conclusion" and not conclusion and line.rstrip("。.；;") in _CONCLUSIONS:
            conclusion = _CONCLUSIONS[line.rstrip("。.；;")]
        elif place in _SECTIONS:
            lines.setdefault(place, []).append(line)
        elif numbered := _NUMBERED.match(line):
            points.append(numbered[1].strip())
        elif place == "points":
            points.append(line)
        else:
            lines.setdefault("rest", []).append(line)
    rest = "\n".join(lines.pop("rest", []))
    return Reading({name: "\n".join(held) for name, held in lines.items()}, tuple(points), conclusion, rest)


def _place(heading: str) -> str:
    named = {title: name for name, title in _SECTIONS.items()}
    return named.get(heading, "conclusion" if heading == "结论" else "points")


def _text_of_pdf(content: bytes) -> str:
    if examine(content) > PAGES_MOST:
        raise MaterialUnfit("PDF_TOO_LONG")
    with _ONE_AT_A_TIME:
        try:
            pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError:
            raise MaterialUnfit("FILE_NOT_TEXT") from None
        try:
            return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
        finally:
            pdf.close()


def _text_of_docx(content: bytes) -> str:
    document = _opened(content)
    tags = (element.tag for element in document.element.body.iter())
    if any(isinstance(tag, str) and tag.endswith(_REVISIONS) for tag in tags):
        # Which of two texts the author means nobody here can know.
        raise MaterialUnfit("DOCX_TRACKED")
    lines: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            lines += [" ".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def _opened(content: bytes) -> Word:
    """Return a document after a look at what its package holds, before anything of it is unpacked."""
    try:
        package = ZipFile(BytesIO(content))
        kinds = package.read("[Content_Types].xml")
    except (BadZipFile, KeyError, ValueError, NotImplementedError):
        raise MaterialUnfit("FILE_NOT_TEXT") from None
    parts = package.infolist()
    if len(parts) > _PARTS_MOST or sum(part.file_size for part in parts) > _UNPACKED_MOST:
        raise MaterialUnfit("FILE_NOT_TEXT")
    if b"macroEnabled" in kinds or any(part.filename.lower().endswith(_PROGRAMS) for part in parts):
        raise MaterialUnfit("DOCX_MACROS")
    try:
        return Document(BytesIO(content))
    except (BadZipFile, KeyError, ValueError, SyntaxError, OSError, PackageNotFoundError):
        raise MaterialUnfit("FILE_NOT_TEXT") from None
