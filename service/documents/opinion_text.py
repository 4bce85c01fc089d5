"""Reading an opinion that was written in Word or a PDF: its text, for its author to check; nothing else is kept.

See docs/adr/0012-text-of-uploaded-opinions.md. The file is opened in a child process with bounds:
`python -m service.documents.opinion_text` reads it from standard input and writes `{"text": text}` or
`{"refused": code, "facts": {...}}`.
"""

import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import pypdfium2
from docx import Document
from docx.opc.exceptions import PackageNotFoundError

from service.documents.material import MaterialUnfit, examine
from service.exchange.bounded import run_bounded, set_limits
from service.exchange.container import check_sizes, open_zip, read_part
from service.exchange.refused import FileRefused

MOST_BYTES: Final = 10 * 1024 * 1024
PAGES_MOST: Final = 60
SECONDS: Final = 30
_UNPACKED_MOST: Final = 100 * 1024 * 1024
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP: Final = b"PK\x03\x04"
_TYPES: Final = "[Content_Types].xml"
_PROGRAMS: Final = (".bin", ".exe", ".dll")
_REVISIONS: Final = ("}ins", "}del", "}moveFrom", "}moveTo")
_BROKEN: Final = (KeyError, ValueError, SyntaxError, OSError, RecursionError, zipfile.BadZipFile, zlib.error)

_WORD: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE, _TEXT, _TAB = (f"{_WORD}{name}" for name in ("p", "tbl", "t", "tab"))
_BREAKS: Final = (f"{_WORD}br", f"{_WORD}cr")
# How something looks, and the second writing of a text box for programs that know no first.
_PASSED_OVER: Final = (
    f"{_WORD}pPr",
    f"{_WORD}rPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)

_SECTIONS: Final = {
    "necessity": "必要性",
    "feasibility": "可行性",
    "soundness": "科学性",
    "risk": "风险",
    "dissent": "不同意见",
}
_CONCLUSIONS: Final = {"可行": "agree", "修改后可行": "agree-with-changes", "不可行": "disagree"}
_NUMBERED: Final = re.compile(r"^\s*[（(]?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[、.．)）](?!\d)\s*(.+)$")
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


def text_of(content: bytes, *, seconds: float = SECONDS) -> str:
    """Return the text of a Word document (.docx) or a PDF, known by content.

    Blocks for as long as the child needs, so it belongs in a thread.

    Raises:
        FileRefused: FILE_EMPTY, DOCUMENT_TOO_LARGE, FILE_NOT_TEXT, DOC_OLD, DOCX_MACROS, DOCX_TRACKED,
            DOCUMENT_WITHOUT_TEXT, PDF_TOO_LONG, what `examine` has against a PDF and `check_sizes` against a package;
            FILE_DAMAGED, FILE_TOO_SLOW, FILE_TOO_HEAVY.
    """
    if not content:
        raise FileRefused("FILE_EMPTY")
    if len(content) > MOST_BYTES:
        raise FileRefused("DOCUMENT_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    outcome = json.loads(run_bounded("service.documents.opinion_text", content, seconds=seconds))
    if "refused" in outcome:
        raise FileRefused(str(outcome["refused"]), **outcome["facts"])
    return str(outcome["text"])


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


def main() -> int:
    """Read standard input, write what it says; return the exit code, always 0 once the limits stand."""
    set_limits()
    outcome: dict[str, object]
    try:
        outcome = {"text": _text_in(sys.stdin.buffer.read(MOST_BYTES + 1))}
    except MaterialUnfit as unfit:
        outcome = {"refused": unfit.code, "facts": {}}
    except FileRefused as refused:
        outcome = {"refused": refused.code, "facts": dict(refused.facts)}
    except MemoryError:
        outcome = {"refused": "FILE_TOO_HEAVY", "facts": {}}
    sys.stdout.write(json.dumps(outcome))
    return 0


def _text_in(content: bytes) -> str:
    if content.lstrip()[:5] == b"%PDF-":
        text = _text_of_pdf(content)
    elif content[:4] == _ZIP:
        text = _text_of_docx(content)
    else:
        raise FileRefused("DOC_OLD" if content[:8] == _OLE else "FILE_NOT_TEXT")
    if not text.strip():
        raise FileRefused("DOCUMENT_WITHOUT_TEXT")
    return text


def _text_of_pdf(content: bytes) -> str:
    if examine(content) > PAGES_MOST:
        raise FileRefused("PDF_TOO_LONG")
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        raise FileRefused("FILE_NOT_TEXT") from None
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def _text_of_docx(content: bytes) -> str:
    _check_package(content)
    try:
        body: Any = Document(BytesIO(content)).element.body
        if any(isinstance(node.tag, str) and node.tag.endswith(_REVISIONS) for node in body.iter()):
            # Which of two texts the author means nobody here can know.
            raise FileRefused("DOCX_TRACKED")
        return "\n".join(_lines(body))
    except (*_BROKEN, PackageNotFoundError):
        raise FileRefused("FILE_DAMAGED") from None


def _check_package(content: bytes) -> None:
    """Look at what a package says of its parts, before any of them is unpacked."""
    with open_zip(content) as package:
        check_sizes(package, most=_UNPACKED_MOST)
        names = package.namelist()
        if _TYPES not in names:
            raise FileRefused("FILE_NOT_TEXT")
        types = read_part(package, _TYPES)
    if b"macroEnabled" in types or any(name.lower().endswith(_PROGRAMS) for name in names):
        raise FileRefused("DOCX_MACROS")
    if b"wordprocessingml" not in types:
        raise FileRefused("FILE_NOT_TEXT")


def _lines(place: Any) -> Iterator[str]:
    """Yield paragraphs and rows of tables in their order, those inside of content controls too.

    A cell is read once however many columns or rows it spans, and equal cells beside each other stay two.
    """
    for block in place:
        if block.tag == _PARAGRAPH:
            yield _said(block)
        elif block.tag == _TABLE:
            for row in block.iter(f"{_WORD}tr"):
                if next(row.iterancestors(_TABLE)) is block:
                    cells = (cell for cell in row.iter(f"{_WORD}tc") if next(cell.iterancestors(_TABLE)) is block)
                    yield " ".join(filter(None, ("\n".join(_lines(cell)).strip() for cell in cells)))
        elif block.tag not in _PASSED_OVER:
            yield from _lines(block)


def _said(paragraph: Any) -> str:
    parts: list[str] = []
    waiting = [paragraph]
    while waiting:
        node = waiting.pop()
        if node.tag == _TEXT:
            parts.append(node.text or "")
        elif node.tag in _BREAKS:
            parts.append("\n")
        elif node.tag == _TAB:
            parts.append("\t")
        elif node.tag not in _PASSED_OVER:
            if node.tag == _PARAGRAPH and node is not paragraph:
                parts.append("\n")  # a text box has paragraphs of its own
            waiting += reversed(node)
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
