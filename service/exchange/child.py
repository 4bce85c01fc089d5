"""The process in which foreign files are opened: bounded in memory, time and what it may write.

Reads a file from standard input and writes one JSON object to standard output: `{"grids": [...]}` or
`{"refused": code, "facts": {...}}`. Run by `service.exchange.reading`; it knows nothing of the service.
"""

import io
import json
import sys
import zipfile
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from service.exchange.biff import SheetMarks, scan_biff
from service.exchange.bounded import set_limits
from service.exchange.compound import CompoundFile
from service.exchange.container import MOST_BYTES, FileKind, kind_of, open_zip, read_part
from service.exchange.csv_text import read_csv
from service.exchange.grid import Area, Grid, Value, to_json, trimmed
from service.exchange.refused import FileRefused
from service.exchange.sheet_xml import MOST_COLUMNS, MOST_ROWS, SheetScan, scan_sheet, sheet_parts

_READ_ERRORS = (CalamineError, ValueError, zipfile.BadZipFile)
_MOST_MERGED = 5_000
_SHARED = "xl/sharedStrings.xml"


def main() -> int:
    """Read standard input, write the outcome; return the exit code, always 0 once the limits stand."""
    set_limits()
    try:
        outcome: dict[str, object] = {
            "grids": [to_json(grid) for grid in read_grids(sys.stdin.buffer.read(MOST_BYTES + 1))]
        }
    except FileRefused as refused:
        outcome = {"refused": refused.code, "facts": dict(refused.facts)}
    except MemoryError:
        outcome = {"refused": "FILE_TOO_HEAVY", "facts": {}}
    sys.stdout.write(json.dumps(outcome, ensure_ascii=True, separators=(",", ":")))
    return 0


def read_grids(content: bytes) -> list[Grid]:
    """Return the grids of a file.

    Raises:
        FileRefused: with the reason.
    """
    kind = kind_of(content)
    if kind is FileKind.CSV:
        return [read_csv(content)]
    return _read_xls(content) if kind is FileKind.XLS else _read_xlsx(content)


def _read_xlsx(content: bytes) -> list[Grid]:
    scans: dict[str, SheetScan] = {}
    with open_zip(content) as container:
        parts = sheet_parts(container)
        if _SHARED in container.namelist():
            read_part(container, _SHARED)  # judged for entities; the reader reads it again
        for name, part in parts.items():
            scans[name] = scan_sheet(read_part(container, part))
        if any(scan.far for scan in scans.values()):
            content = _repacked(container, {part: scans[name].body for name, part in parts.items()})
    workbook = _opened(content)
    grids = []
    for metadata in workbook.sheets_metadata:
        if metadata.typ is not SheetTypeEnum.WorkSheet or metadata.name not in scans:
            continue
        sheet = _sheet(workbook, metadata.name)
        scan = scans[metadata.name]
        grids.append(
            _grid(sheet, metadata.visible is not SheetVisibleEnum.Visible, scan.formulas, scan.errors, tuple(scan.far))
        )
    return grids


def _read_xls(content: bytes) -> list[Grid]:
    compound = CompoundFile(content)
    marks = scan_biff(compound.read("Workbook" if "Workbook" in compound.names else "Book"))
    workbook = _opened(content)
    grids = []
    for position, metadata in enumerate(workbook.sheets_metadata):
        if metadata.typ is not SheetTypeEnum.WorkSheet:
            continue
        mark = marks[position] if position < len(marks) else SheetMarks()
        sheet = _sheet(workbook, metadata.name)
        grids.append(_grid(sheet, metadata.visible is not SheetVisibleEnum.Visible, mark.formulas, mark.errors, ()))
    return grids


def _opened(content: bytes) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except PasswordError:
        raise FileRefused("FILE_ENCRYPTED") from None
    except _READ_ERRORS:
        raise FileRefused("FILE_DAMAGED") from None


def _sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except _READ_ERRORS:
        raise FileRefused("FILE_DAMAGED") from None


def _repacked(container: zipfile.ZipFile, bodies: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as new:
        for name in container.namelist():
            if name.endswith((".xml", ".rels")):
                new.writestr(name, bodies.get(name) or read_part(container, name))
    return packed.getvalue()


def _grid(
    sheet: CalamineSheet,
    hidden: bool,
    formulas: set[str],
    errors: set[str],
    far: tuple[str, ...],
) -> Grid:
    if sheet.total_height > MOST_ROWS:
        raise FileRefused("FILE_TOO_MANY_ROWS", rows=MOST_ROWS, columns=MOST_COLUMNS)
    rows = sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS)
    merged = sheet.merged_cell_ranges or []
    return Grid(
        name=sheet.name,
        rows=trimmed([[_value(cell) for cell in row[:MOST_COLUMNS]] for row in rows]),
        hidden=hidden,
        merged=tuple(
            Area(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in merged[:_MOST_MERGED]
        ),
        formulas=frozenset(formulas),
        errors=frozenset(errors),
        cut_off=far[:20],
    )


def _value(cell: str | float | bool | date | datetime | time | timedelta) -> Value:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, (time, timedelta)):
        return str(cell)
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date()
    return cell


if __name__ == "__main__":
    sys.exit(main())
