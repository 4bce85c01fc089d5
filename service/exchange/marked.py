"""The workbook of faults: the same cells at the same places, only the rows that need work, each fault marked."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from service.exchange.finding import Finding, Severity
from service.exchange.grid import Grid, place
from service.exchange.sheets import Book, book, sheet_name, width_of

_MOST_COMMENT = 600
_WIDEST = 40


class FoundRow(Protocol):
    """A row of a sheet with what there is to say about it."""

    @property
    def sheet(self) -> str:
        """Name of the sheet."""

    @property
    def number(self) -> int:
        """Row in the sheet, counted from 1."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to say."""


def marked_workbook(
    grids: Sequence[Grid],
    rows: Iterable[FoundRow],
    heading_rows: Mapping[str, range],
    *,
    say: Callable[[Finding], str],
    column_title: str,
) -> bytes:
    """Return the rows as an .xlsx file that can be corrected and imported again.

    Every cell keeps its address, so that it can be found in the original; rows without fault are left blank and
    hidden. A faulty cell is coloured and has a comment, and the last column says it once more for paper.

    Args:
        grids: the file as read.
        rows: the rows to show, with their findings.
        heading_rows: rows of the headings by name of sheet, counted from 1.
        say: the sentence of a finding in the reader's language.
        column_title: heading of the column that repeats the sentences.
    """
    by_sheet: dict[str, dict[int, FoundRow]] = defaultdict(dict)
    for row in rows:
        by_sheet[row.sheet][row.number] = row
    with book() as (opened, file):
        for grid in grids:
            faulty = by_sheet.get(grid.name)
            if not faulty:
                continue
            sheet = opened.workbook.add_worksheet(sheet_name(grid.name or column_title))
            headings = heading_rows[grid.name]
            width = max(len(grid.rows[number - 1]) for number in (*headings, *faulty))
            for number in range(1, max(faulty) + 1):
                if number in headings:
                    for column, value in enumerate(grid.rows[number - 1]):
                        opened.write(sheet, number - 1, column, value, opened.heading)
                elif number in faulty:
                    for column, value in enumerate(grid.rows[number - 1]):
                        opened.write(sheet, number - 1, column, value)
                    said = _mark(opened, sheet, grid, faulty[number], say)
                    opened.write(sheet, number - 1, width, said, opened.wrapped)
                else:
                    sheet.set_row(number - 1, None, None, {"hidden": True})
            opened.write(sheet, headings[-1] - 1, width, column_title, opened.heading)
            for column in range(width):
                shown = [grid.rows[n - 1][column] for n in (*headings, *faulty) if len(grid.rows[n - 1]) > column]
                sheet.set_column(
                    column, column, min(_WIDEST, 2 + max((width_of(str(v)) for v in shown if v), default=6))
                )
            sheet.set_column(width, width, 60)
            sheet.freeze_panes(headings[-1], 0)
    return file.getvalue()


def _mark(opened: Book, sheet: Any, grid: Grid, row: FoundRow, say: Callable[[Finding], str]) -> str:
    sentences: dict[str, list[str]] = defaultdict(list)
    worst: dict[str, Severity] = {}
    for finding in row.findings:
        if finding.severity is Severity.NOTE:
            continue
        sentences[finding.cell].append(say(finding))
        if worst.get(finding.cell) is not Severity.ERROR:
            worst[finding.cell] = finding.severity
    values = grid.rows[row.number - 1]
    for cell, severity in worst.items():
        number, column = place(cell)
        value = values[column - 1] if column <= len(values) else None
        style = opened.faulty if severity is Severity.ERROR else opened.doubtful
        opened.write(sheet, number - 1, column - 1, value, style)
        sheet.write_comment(number - 1, column - 1, "\n".join(sentences[cell])[:_MOST_COMMENT], {"x_scale": 2.5})
    return "\n".join(f"{cell}：{sentence}" for cell, said in sentences.items() for sentence in said)
