"""Sheets as grids of plain values: what the reading child hands to its parent, and addresses of cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

Value = str | float | int | bool | date | datetime | None

_ADDRESS: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Area(NamedTuple):
    """A block of cells, all ends inclusive, counted from 1."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one sheet.

    Attributes:
        name: name of the sheet; empty for a CSV file.
        rows: values from row 1 and column 1 on; rows may differ in length, blank cells are None.
        hidden: whether the sheet is hidden in its workbook.
        merged: merged areas.
        formulas: addresses of cells whose value is the cached result of a formula.
        errors: addresses of cells that show an error such as #N/A.
        cut_off: addresses of cells far outside any table that were left out.
    """

    name: str
    rows: tuple[tuple[Value, ...], ...]
    hidden: bool = False
    merged: tuple[Area, ...] = ()
    formulas: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    cut_off: tuple[str, ...] = ()


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the number of a column, counted from 1, from its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def address(row: int, column: int) -> str:
    """Return the address of a cell, such as `C7`, from its row and column counted from 1."""
    return f"{column_letters(column)}{row}"


def place(cell: str) -> tuple[int, int]:
    """Return row and column, counted from 1, of an address.

    Raises:
        ValueError: when the text is no address.
    """
    if not (match := _ADDRESS.fullmatch(cell)):
        raise ValueError("not an address of a cell")
    return int(match[2]), column_number(match[1])


def trimmed(rows: Sequence[Sequence[Value]]) -> tuple[tuple[Value, ...], ...]:
    """Return the rows without blank cells at their ends and without blank rows at the end; blank texts are None."""
    kept = []
    for row in rows:
        values = [None if value is None or (isinstance(value, str) and not value.strip()) else value for value in row]
        while values and values[-1] is None:
            values.pop()
        kept.append(tuple(values))
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def to_json(grid: Grid) -> dict[str, Any]:
    """Return a grid as JSON values; days and instants become tagged lists."""
    return {
        "name": grid.name,
        "rows": [[_packed(value) for value in row] for row in grid.rows],
        "hidden": grid.hidden,
        "merged": [list(area) for area in grid.merged],
        "formulas": sorted(grid.formulas),
        "errors": sorted(grid.errors),
        "cut_off": list(grid.cut_off),
    }


def from_json(body: dict[str, Any]) -> Grid:
    """Return the grid that `to_json` was given."""
    return Grid(
        name=str(body["name"]),
        rows=tuple(
            tuple([_unpacked(value) if type(value) is list else value for value in row]) for row in body["rows"]
        ),
        hidden=bool(body["hidden"]),
        merged=tuple(Area(*area) for area in body["merged"]),
        formulas=frozenset(body["formulas"]),
        errors=frozenset(body["errors"]),
        cut_off=tuple(body["cut_off"]),
    )


def _packed(value: Value) -> str | float | int | bool | list[str] | None:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    return ["d", value.isoformat()] if isinstance(value, date) else value


def _unpacked(value: list[str]) -> date | datetime:
    kind, text = value
    return datetime.fromisoformat(text) if kind == "t" else date.fromisoformat(text)
