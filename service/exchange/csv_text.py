"""Tables in plain text: which encoding, which separator, and the rows."""

import csv
import io
import re
from collections import Counter
from typing import Final

from service.exchange.grid import Grid, Value, trimmed
from service.exchange.refused import FileRefused
from service.exchange.sheet_xml import MOST_COLUMNS, MOST_ROWS

_SEPARATORS: Final = ",\t;|"
_LONGEST_CELL = 32_767  # what a spreadsheet cell can hold
# ="130322..." is how some programs keep a spreadsheet from turning a number into a float.
_KEPT_AS_TEXT: Final = re.compile(r'^="(.*)"$', re.DOTALL)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f]")


def read_csv(content: bytes) -> Grid:
    """Return the one grid of a text table; every value is text.

    UTF-8 with or without its mark, GB18030 (which contains GBK and GB2312), and UTF-16 with its mark are read.

    Raises:
        FileRefused: FILE_ENCODING_UNKNOWN, FILE_NOT_A_TABLE (control characters), FILE_TOO_MANY_ROWS, FILE_DAMAGED
            (a quotation mark without its partner).
    """
    text = _decoded(content)
    if _CONTROL.search(text):
        raise FileRefused("FILE_NOT_A_TABLE")
    csv.field_size_limit(_LONGEST_CELL)
    rows: list[list[Value]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True):
            if len(rows) == MOST_ROWS:
                raise FileRefused("FILE_TOO_MANY_ROWS", rows=MOST_ROWS, columns=MOST_COLUMNS)
            rows.append([_plain(cell) for cell in row[:MOST_COLUMNS]])
    except csv.Error:
        raise FileRefused("FILE_QUOTES_OPEN", row=len(rows) + 1) from None
    return Grid("", trimmed(rows))


def _plain(cell: str) -> str:
    kept = _KEPT_AS_TEXT.match(cell.strip())
    return (kept[1] if kept else cell).lstrip("'")


def _decoded(content: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            encodings: tuple[str, ...] = (encoding,)
            break
    else:
        encodings = ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused("FILE_ENCODING_UNKNOWN")


def _separator(text: str) -> str:
    # The one that parts most of the first lines in the same number of cells.
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:50] if line.strip()]
    best, best_score = ",", 0
    for separator in _SEPARATORS:
        widths = Counter(count for line in lines if (count := line.count(separator)))
        score = max((lines_alike * width for width, lines_alike in widths.items()), default=0)
        if score > best_score:
            best, best_score = separator, score
    return best
