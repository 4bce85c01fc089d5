"""The XML of a sheet, scanned for what the reader does not show: formulas, errors, cells far outside any table."""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from service.exchange.container import read_part
from service.exchange.grid import address, column_number
from service.exchange.refused import FileRefused

MOST_ROWS = 60_000
MOST_COLUMNS = 120
_MOST_FAR = 2_000
_MOST_SHEETS = 50

_TAG: Final = re.compile(rb"<(?:[A-Za-z0-9]+:)?(row|c|f)(?=[\s/>])([^>]*)>")
_PLACE: Final = re.compile(rb'\br\s*=\s*["\']([A-Z]*)([0-9]+)["\']')
_IS_ERROR: Final = re.compile(rb'\bt\s*=\s*["\']e["\']')
_CELL_ENDS: Final = re.compile(rb"</(?:[A-Za-z0-9]+:)?c\s*>")
# A formula, an error, a cell beyond column DP or row 59,999, a cell that does not say where it is.
_NOTEWORTHY: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rb"<(?:[A-Za-z0-9]+:)?f[\s/>]",
        rb't\s*=\s*["\']e["\']',
        rb'["\'](?:[A-Z]{3}|[E-Z][A-Z]|D[Q-Z])[0-9]+["\']',
        rb'["\'][A-Z]{0,3}(?:[6-9][0-9]{4}|[1-9][0-9]{5,6})["\']',
        rb'<(?:[A-Za-z0-9]+:)?c(?! r=["\'])[\s/>]',
    )
)
_DATA_ENDS: Final = re.compile(rb"</(?:[A-Za-z0-9]+:)?sheetData\s*>")
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class SheetScan:
    """What the scan of one sheet found.

    Attributes:
        formulas: addresses of cells with a formula.
        errors: addresses of cells that show an error.
        far: addresses of filled cells beyond the bounds of a table.
        body: the XML without the far cells; the same object as given when there are none.
    """

    formulas: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)
    far: list[str] = field(default_factory=list)
    body: bytes = b""


def sheet_parts(container: zipfile.ZipFile) -> dict[str, str]:
    """Return the part that holds each worksheet, by name of the sheet, in the order of the workbook.

    Raises:
        FileRefused: FILE_DAMAGED, FILE_HAS_ENTITIES, FILE_HAS_MACROS, FILE_TOO_MANY_SHEETS.
    """
    workbook = _workbook_part(container)
    folder, file = posixpath.split(workbook)
    relations = _parsed(read_part(container, f"{folder}/_rels/{file}.rels".lstrip("/")))
    targets: dict[str, str] = {}
    for relation in relations:
        kind = relation.get("Type", "").rsplit("/", 1)[-1].lower()
        if "macro" in kind or "dialogsheet" in kind:
            raise FileRefused("FILE_HAS_MACROS")
        if kind == "worksheet":
            target = relation.get("Target", "")
            targets[relation.get("Id", "")] = (
                target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )
    sheets = [element for element in _parsed(read_part(container, workbook)).iter() if element.tag.endswith("}sheet")]
    if len(sheets) > _MOST_SHEETS:
        raise FileRefused("FILE_TOO_MANY_SHEETS", sheets=len(sheets), most=_MOST_SHEETS)
    return {
        sheet.get("name", ""): targets[sheet.get(_RELATION, "")]
        for sheet in sheets
        if sheet.get(_RELATION, "") in targets
    }


def scan_sheet(body: bytes) -> SheetScan:
    """Return what the XML of a sheet says beside its values.

    Cells that only carry a format are ignored, so a colour dragged to the last column costs nothing. Filled cells
    beyond the bounds of a table are cut out, since the reader would lay out every cell in between.

    Raises:
        FileRefused: FILE_TOO_MANY_ROWS when there are more than a few such cells.
    """
    scan = SheetScan(body=body)
    # What follows the cells (validation lists, conditional formats) has formulas of its own.
    data_ends = _DATA_ENDS.search(body)
    end_of_data = data_ends.start() if data_ends else len(body)
    if not any(pattern.search(body, 0, end_of_data) for pattern in _NOTEWORTHY):
        return scan  # the usual sheet: nothing to remark upon, found ten times as fast as by looking at every cell
    row = column = 0
    cuts: list[tuple[int, int]] = []
    for tag in _TAG.finditer(body, 0, end_of_data):
        name, attributes = tag[1], tag[2]
        if name == b"row":
            stated = _PLACE.search(attributes)
            row, column = int(stated[2]) if stated else row + 1, 0
        elif name == b"c":
            stated = _PLACE.search(attributes)
            if stated and stated[1]:
                column, row = column_number(stated[1].decode()), int(stated[2])
            else:
                column += 1
            if attributes.endswith(b"/") or _CELL_ENDS.match(body, tag.end()):
                continue
            if column > MOST_COLUMNS or row > MOST_ROWS:
                end = _CELL_ENDS.search(body, tag.end())
                cuts.append((tag.start(), end.end() if end else tag.end()))
                scan.far.append(address(row, column))
                if len(cuts) > _MOST_FAR:
                    raise FileRefused("FILE_TOO_MANY_ROWS", rows=MOST_ROWS, columns=MOST_COLUMNS)
            elif _IS_ERROR.search(attributes):
                scan.errors.add(address(row, column))
        elif column <= MOST_COLUMNS and row <= MOST_ROWS:
            scan.formulas.add(address(row, column))
    if cuts:
        pieces, last = [], 0
        for start, end_at in cuts:
            pieces.append(body[last:start])
            last = end_at
        scan.body = b"".join((*pieces, body[last:]))
    return scan


def _workbook_part(container: zipfile.ZipFile) -> str:
    for relation in _parsed(read_part(container, "_rels/.rels")):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    raise FileRefused("FILE_DAMAGED")


def _parsed(part: bytes) -> Element:
    try:
        root: Element = fromstring(part, forbid_dtd=True)
    except DefusedXmlException:
        raise FileRefused("FILE_HAS_ENTITIES") from None
    except (ParseError, ValueError):
        raise FileRefused("FILE_DAMAGED") from None
    return root
