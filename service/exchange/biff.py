"""Formulas and error values of an old workbook (.xls): the reader shows neither, so its records are scanned."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from service.exchange.grid import address
from service.exchange.refused import FileRefused

_BOF, _EOF, _BOUNDSHEET, _FILEPASS = 0x0809, 0x000A, 0x0085, 0x002F
_FORMULA, _BOOLERR = 0x0006, 0x0205
_MACRO_SHEET, _VISUAL_BASIC = 1, 6


@dataclass(slots=True)
class SheetMarks:
    """Cells of one sheet that need a word: results of formulas, and errors."""

    formulas: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)


def scan_biff(stream: bytes) -> list[SheetMarks]:
    """Return the marks of every sheet of a workbook stream, in the order of its sheets.

    Raises:
        FileRefused: FILE_ENCRYPTED, FILE_HAS_MACROS (a macro sheet of the oldest kind), FILE_DAMAGED.
    """
    starts: list[int] = []
    for _, kind, body in _records(stream, 0):
        if kind == _FILEPASS:
            raise FileRefused("FILE_ENCRYPTED")
        if kind == _BOUNDSHEET and len(body) >= 6:
            position, options = struct.unpack_from("<IH", body)
            if options >> 8 in (_MACRO_SHEET, _VISUAL_BASIC):
                raise FileRefused("FILE_HAS_MACROS")
            starts.append(position)
        if kind == _EOF:
            break
    return [_marks_of(stream, start) for start in starts]


def _marks_of(stream: bytes, start: int) -> SheetMarks:
    marks = SheetMarks()
    depth = 0
    for _, kind, body in _records(stream, start):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            break
        if depth > 1:  # a chart inside the sheet
            continue
        if kind == _FORMULA and len(body) >= 14:
            row, column = struct.unpack_from("<HH", body)
            marks.formulas.add(address(row + 1, column + 1))
            if body[12:14] == b"\xff\xff" and body[6] == 2:
                marks.errors.add(address(row + 1, column + 1))
        elif kind == _BOOLERR and len(body) >= 8 and body[7]:
            row, column = struct.unpack_from("<HH", body)
            marks.errors.add(address(row + 1, column + 1))
    return marks


def _records(stream: bytes, position: int) -> Iterator[tuple[int, int, bytes]]:
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield position, kind, stream[position + 4 : position + 4 + length]
        position += 4 + length
