"""A roster: the rows of a file as values of the library, with everything there is to say about their cells."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from registry import Terms, comparable
from service.exchange.finding import Finding, Severity
from service.exchange.grid import Area, Grid, Value, address
from service.exchange.headings import ROSTER, Column
from service.exchange.layout import Layout, OpenColumn, find_layout
from service.exchange.row import RosterRow, RowReader

_FEW_CELLS = 3
# 注：… 合计 12 人 审核人：
_NOTE: Final = re.compile(r"^(?:注|备注|说明|合计|总计|共计|小计|附件)|[:：]")
_LONG_TEXT = 8
_FILL_FROM_MERGED = frozenset(
    {Column.UNIT, Column.CREDIT_CODE, Column.FIELDS, Column.MAIN_FIELD, Column.FURTHER_FIELDS, Column.TERM}
    | {Column.STARTS_ON, Column.ENDS_ON, Column.SOURCE, Column.LETTER_NUMBER}
)
_PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said about a file.

    Attributes:
        columns: what an unrecognised column holds, by `OpenColumn.key`; None leaves the column out.
        words: code of a field word that was not recognised, by its comparable form.
        starts_on: first day of the term of rows that state none; None leaves them without a term.
    """

    columns: Mapping[str, Column | None] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpenWord:
    """A field word that was not recognised for sure: how often it stands in the file, and what it may mean."""

    text: str
    count: int
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RosterSheet:
    """One sheet of a roster.

    Attributes:
        name: name of the sheet.
        layout: its table; None when none was found.
        rows: its rows of data, in order.
        findings: what concerns the sheet as a whole or cells outside rows of data.
    """

    name: str
    layout: Layout[Column] | None
    rows: tuple[RosterRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A whole file.

    Attributes:
        sheets: the sheets, in order.
        open_columns: columns that people should decide about, each key once.
        open_words: field words that people should decide about, most frequent first.
    """

    sheets: tuple[RosterSheet, ...]
    open_columns: tuple[OpenColumn[Column], ...]
    open_words: tuple[OpenWord, ...]

    @property
    def rows(self) -> tuple[RosterRow, ...]:
        """Return the rows of all sheets, in order."""
        return tuple(row for sheet in self.sheets for row in sheet.rows)

    @property
    def has_table(self) -> bool:
        """Return whether any sheet holds a table that looks like a roster."""
        return any(sheet.layout for sheet in self.sheets)


def read_roster(
    grids: Sequence[Grid],
    *,
    terms: Terms,
    answers: Answers | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Roster:
    """Return the rows of every visible sheet.

    Args:
        grids: the sheets as read from the file.
        terms: the edition's numbers; a term with only a first day gets its full length.
        answers: what people said about columns and words.
        progress: called now and then with rows done and rows in all.
    """
    answers = answers or Answers()
    total = sum(len(grid.rows) for grid in grids if not grid.hidden)
    done = 0
    sheets = []
    for grid in grids:
        if grid.hidden:
            sheets.append(RosterSheet(grid.name, None, (), (Finding("SHEET_HIDDEN", grid.name),)))
            continue

        def tell(rows: int, before: int = done) -> None:
            if progress:
                progress(before + rows, total)

        sheets.append(_read_sheet(grid, terms, answers, tell))
        done += len(grid.rows)
    open_columns = {column.key: column for sheet in sheets if sheet.layout for column in sheet.layout.open_columns}
    rows = [row for sheet in sheets for row in sheet.rows]
    return Roster(_without_repeats(sheets), tuple(open_columns.values()), _open_words(rows))


def _read_sheet(grid: Grid, terms: Terms, answers: Answers, tell: Callable[[int], None]) -> RosterSheet:
    layout = find_layout(grid, ROSTER, decided=answers.columns)
    findings = [Finding("CELL_CUT_OFF", grid.name, cell) for cell in grid.cut_off]
    if layout is None:
        if grid.rows:
            findings.append(Finding("SHEET_WITHOUT_TABLE", grid.name))
        return RosterSheet(grid.name, None, (), tuple(findings))
    for number, column in layout.columns.items():
        if column is Column.NOT_KEPT:
            findings.append(Finding("COLUMN_NOT_KEPT", grid.name, address(layout.heading_row, number)))
    if not layout.has_key:
        findings.append(Finding("NAME_COLUMN_MISSING", grid.name, address(layout.heading_row, 1)))
        return RosterSheet(grid.name, layout, (), tuple(findings))
    reader = RowReader(grid, layout, terms=terms, words=answers.words, starts_on=answers.starts_on)
    filled = _filled_from_merged(grid, layout)
    rows = []
    for number, values in enumerate(grid.rows[layout.first_row - 1 :], start=layout.first_row):
        if number % _PROGRESS_EVERY == 0:
            tell(number)
        kind, at = _kind_of_row(values, layout)
        if kind is not None:
            findings.append(Finding(kind, grid.name, address(number, at)))
        if at:
            continue
        rows.append(reader.read(number, values, filled.get(number, {})))
    return RosterSheet(grid.name, layout, tuple(rows), tuple(findings))


def _kind_of_row(values: tuple[Value, ...], layout: Layout[Column]) -> tuple[str | None, int]:
    """Return what to note about a row that is no row of data, and the column to point at; column 0 for data."""
    name_at = next(number for number, column in layout.columns.items() if column is Column.NAME)
    name = values[name_at - 1] if len(values) >= name_at else None
    if name is not None and name != layout.headings.get(name_at) and len(values) - values.count(None) > _FEW_CELLS + 1:
        return None, 0  # what nearly every row is
    filled = [
        (number, value)
        for number, value in enumerate(values, start=1)
        if value is not None and layout.columns.get(number) is not Column.NUMBER
    ]
    if not filled:
        # A running number prepared for people who are not there yet is no row; other text in its column is a note.
        first = next((value for value in values if value is not None), None)
        if isinstance(first, str) and len(first) > _LONG_TEXT // 2:
            return "TEXT_OUTSIDE_TABLE", 1
        return None, 1
    if layout.repeats_headings(values):
        return "HEADING_REPEATED", filled[0][0]
    kept = [number for number, _ in filled if number in layout.columns]
    at, first = filled[0]
    few = len(filled) <= _FEW_CELLS
    if not kept or (few and (name is None or len(str(first)) > _LONG_TEXT or _NOTE.search(str(first)))):
        return "TEXT_OUTSIDE_TABLE", at
    return None, 0


def _filled_from_merged(grid: Grid, layout: Layout[Column]) -> dict[int, dict[int, tuple[Value, str]]]:
    # One unit written once beside several people, in cells merged downwards.
    filled: dict[int, dict[int, tuple[Value, str]]] = {}
    for area in grid.merged:
        column = layout.columns.get(area.first_column)
        if column not in _FILL_FROM_MERGED or area.first_row < layout.first_row or area.last_row == area.first_row:
            continue
        value = _value_at(grid, area)
        for row in range(area.first_row + 1, min(area.last_row, len(grid.rows)) + 1):
            filled.setdefault(row, {})[area.first_column] = (value, address(area.first_row, area.first_column))
    return filled


def _value_at(grid: Grid, area: Area) -> Value:
    if area.first_row > len(grid.rows):
        return None
    row = grid.rows[area.first_row - 1]
    return row[area.first_column - 1] if area.first_column <= len(row) else None


def _without_repeats(sheets: Iterable[RosterSheet]) -> tuple[RosterSheet, ...]:
    """Return the sheets with a word on every row that names a person for the second time.

    A row that says the same as the first is left out with a note; one that says something else is an error, since
    nobody knows which is right.
    """
    first: dict[str, RosterRow] = {}
    judged = []
    for sheet in sheets:
        rows, findings = [], list(sheet.findings)
        for row in sheet.rows:
            earlier = first.setdefault(row.identity.key_text, row) if row.identity else row
            if earlier is row:
                rows.append(row)
                continue
            facts = {"sheet": earlier.sheet, "cell": earlier.cell(Column.IDENTITY)}
            if earlier.says_the_same(row):
                findings.append(Finding("ROW_REPEATED", sheet.name, row.cell(Column.IDENTITY), facts))
            else:
                rows.append(row.with_finding(Finding("PERSON_TWICE", sheet.name, row.cell(Column.IDENTITY), facts)))
        judged.append(RosterSheet(sheet.name, sheet.layout, tuple(rows), tuple(findings)))
    return tuple(judged)


def _open_words(rows: Iterable[RosterRow]) -> tuple[OpenWord, ...]:
    words: dict[str, OpenWord] = {}
    for row in rows:
        for finding in row.findings:
            if finding.code in ("FIELD_UNKNOWN", "FIELD_SUGGESTED"):
                key = comparable(str(finding.facts["word"]))
                suggestions = finding.facts.get("suggestions", ())
                known = words.get(key) or OpenWord(str(finding.facts["word"]), 0, tuple(suggestions))  # type: ignore[arg-type]
                words[key] = OpenWord(known.text, known.count + 1, known.suggestions)
    return tuple(sorted(words.values(), key=lambda word: (-word.count, word.text)))


def worst_of(findings: Iterable[Finding]) -> Severity | None:
    """Return the gravest severity among findings, None for none."""
    present = {finding.severity for finding in findings}
    return next((severity for severity in Severity if severity in present), None)
