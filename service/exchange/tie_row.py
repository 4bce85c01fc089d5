"""One tie of a file: its cells read as values, with a finding for whatever cannot be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from conflicts import ENDS, Confidence, Kind, NodeType, Relation, Stance
from registry import ValueRefused, has_odd_characters, one_line
from service.exchange.days import read_day
from service.exchange.finding import Finding, Severity
from service.exchange.grid import Grid, Value, address, column_letters
from service.exchange.layout import Layout
from service.exchange.share import share_in
from service.exchange.tie_headings import (
    TieColumn,
    recognise_confidence,
    recognise_kind,
    recognise_relation,
    recognise_stance,
)

LONGEST_NAME: Final = 120
LONGEST_TEXT: Final = 200
_EXACT_BELOW: Final = 10**15  # a number cell shows fifteen digits; more were lost
_FORMULA_REFUSED_IN: Final = frozenset(
    {TieColumn.SUBJECT_KEY, TieColumn.OBJECT_KEY, TieColumn.FROM_ON, TieColumn.TO_ON}
)
_Word = TypeVar("_Word")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a tie as the file has it.

    Attributes:
        name: as written, on one line; it only gives hints.
        key: number or code by which it is known, as written; may be an identity number and stays out of `repr`.
        cell: where a finding about it points.
        types: what it may be by the kind of the tie and, in a JSON file, by the list in which it stands.
        loose: whether the key is only an id of the file, which says something where this house knows it too.
    """

    name: str = ""
    key: str = field(default="", repr=False)
    cell: str = ""
    types: frozenset[NodeType] = frozenset()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class TieRow:
    """One tie as a file states it.

    Attributes:
        sheet: name of the sheet; empty for a text table and for JSON.
        number: row in the sheet, counted from 1; place in `facts`, counted from 1, for JSON.
        place: a JSON Pointer to it; empty for tables.
        subject, object: the ends.
        kind: what it is; None when that cannot be read.
        from_on, to_on: first and last day, inclusive.
        share, relation, stance: where the kind has one.
        confidence: None where the file does not say.
        source, evidence: who says so and by which document; empty where the file does not say.
        cells: place of the cell of every column.
        findings: what there is to say about it.
    """

    sheet: str
    number: int
    place: str = ""
    subject: End = End()
    object: End = End()
    kind: Kind | None = None
    from_on: date | None = None
    to_on: date | None = None
    share: tuple[int, int] | None = None
    relation: Relation | None = None
    stance: Stance | None = None
    confidence: Confidence | None = None
    source: str = ""
    evidence: str = ""
    cells: Mapping[TieColumn, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def faulty(self) -> bool:
        """Return whether a finding keeps the tie from being taken."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def key(self) -> str:
        """Return what names the row among all rows of the file."""
        return f"{self.sheet}!{self.number}"

    def cell(self, column: TieColumn) -> str:
        """Return the place of the row's cell in a column; of the whole row where the table has no such column."""
        return self.cells.get(column) or self.place or address(self.number, 1)

    def noting(self, *findings: Finding) -> "TieRow":
        """Return the row with further findings."""
        return replace(self, findings=(*self.findings, *findings))


class TieReader:
    """Reads the rows of one sheet."""

    def __init__(self, grid: Grid, layout: Layout[TieColumn]) -> None:
        """Prepare for one sheet."""
        self._grid = grid
        self._columns = {column: number for number, column in layout.columns.items()}
        self._letters = {column: column_letters(number) for number, column in layout.columns.items()}

    def read(self, number: int, values: tuple[Value, ...]) -> TieRow:
        """Return one row; `number` counts from 1, `values` are its cells from column 1 on."""
        return _Row(self._grid, number, values, self._columns, self._letters).read()


class _Row:
    """The reading of one row: collects findings on the way."""

    __slots__ = ("_cells", "_columns", "_findings", "_grid", "_number", "_values")

    def __init__(
        self,
        grid: Grid,
        number: int,
        values: tuple[Value, ...],
        columns: Mapping[TieColumn, int],
        letters: Mapping[TieColumn, str],
    ) -> None:
        self._grid = grid
        self._number = number
        self._values = values
        self._columns = columns
        self._cells = {column: f"{letter}{number}" for column, letter in letters.items()}
        self._findings: list[Finding] = []

    def read(self) -> TieRow:
        written = self._text(TieColumn.KIND)
        kind = recognise_kind(written) if written else None
        if not written:
            self._note("TIE_KIND_MISSING", TieColumn.KIND)
        elif kind is None:
            self._note("TIE_KIND_UNKNOWN", TieColumn.KIND, word=written)
        relation = self._word(TieColumn.RELATION, recognise_relation, "RELATION_UNKNOWN")
        if kind is Kind.KINSHIP and relation is None:
            relation = recognise_relation(written)
        row = TieRow(
            sheet=self._grid.name,
            number=self._number,
            subject=self._end(TieColumn.SUBJECT, TieColumn.SUBJECT_KEY, kind, 0),
            object=self._end(TieColumn.OBJECT, TieColumn.OBJECT_KEY, kind, 1),
            kind=kind,
            from_on=self._day(TieColumn.FROM_ON),
            to_on=self._day(TieColumn.TO_ON, last=True),
            share=self._share(),
            relation=relation,
            stance=self._word(TieColumn.STANCE, recognise_stance, "STANCE_UNKNOWN"),
            confidence=self._word(TieColumn.CONFIDENCE, recognise_confidence, "CONFIDENCE_UNKNOWN"),
            source=self._text(TieColumn.SOURCE),
            evidence=self._text(TieColumn.EVIDENCE),
            cells=self._cells,
        )
        return judged(row.noting(*self._findings))

    def _note(self, code: str, column: TieColumn, /, **facts: object) -> None:
        cell = self._cells.get(column) or self._cells[TieColumn.KIND]
        self._findings.append(Finding(code, self._grid.name, cell, facts))

    def _value(self, column: TieColumn) -> Value:
        number = self._columns.get(column)
        if number is None or number > len(self._values):
            return None
        cell = self._cells[column]
        if cell in self._grid.errors:
            self._note("CELL_SHOWS_ERROR", column)
            return None
        if cell in self._grid.formulas:
            self._note("FORMULA_REFUSED" if column in _FORMULA_REFUSED_IN else "FORMULA_VALUE_TAKEN", column)
            if column in _FORMULA_REFUSED_IN:
                return None
        return self._values[number - 1]

    def _text(self, column: TieColumn, most: int = LONGEST_TEXT) -> str:
        value = self._value(column)
        text = "" if value is None else one_line(str(value))
        if has_odd_characters(text):
            self._note("CHARACTERS_ODD", column)
            return ""
        if len(text) > most:
            self._note("VALUE_TOO_LONG", column, length=len(text), most=most)
            return ""
        return text

    def _end(self, name_in: TieColumn, key_in: TieColumn, kind: Kind | None, place: int) -> End:
        before = len(self._findings)
        name = self._text(name_in, LONGEST_NAME)
        value = self._value(key_in)
        key = ""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= _EXACT_BELOW:
            self._note("ID_NUMBER_DIGITS_LOST", key_in)
        elif value is not None:
            key = one_line(str(value))
            if has_odd_characters(key):
                self._note("CHARACTERS_ODD", key_in)
                key = ""
        cell = self._cells.get(key_in) if key or name_in not in self._cells else self._cells[name_in]
        if not name and not key and len(self._findings) == before:
            self._note("TIE_END_MISSING", key_in if key_in in self._cells else name_in)
        types = ENDS[kind][place] if kind else frozenset(NodeType)
        return End(name, key, cell or self._cells[TieColumn.KIND], types)

    def _day(self, column: TieColumn, *, last: bool = False) -> date | None:
        value = self._value(column)
        if value is None or (isinstance(value, str) and value.strip() in _STILL):
            return None
        try:
            reading = read_day(value)
        except ValueRefused as refused:
            self._note(refused.code, column, **refused.facts)
            return None
        if reading.serial:
            self._note("DATE_SERIAL", column, day=reading.day.isoformat())
        if reading.whole_month:
            day = reading.last if last else reading.day
            self._note("MONTH_TAKEN_AS_DAY", column, day=day.isoformat())
        return reading.last if last else reading.day

    def _share(self) -> tuple[int, int] | None:
        try:
            return share_in(self._value(TieColumn.SHARE))
        except ValueError:
            self._note("SHARE_UNREADABLE", TieColumn.SHARE)
            return None

    def _word(self, column: TieColumn, recognise: Callable[[str], _Word | None], code: str) -> _Word | None:
        text = self._text(column)
        found = recognise(text) if text else None
        if text and found is None:
            self._note(code, column, word=text)
        return found


_STILL: Final = frozenset({"至今", "今", "长期", "现在", "—", "-", "至今有效"})


def judged(row: TieRow) -> TieRow:
    """Return the row with a finding for whatever cannot be, each at its cell."""
    kind, begins, ends = row.kind, row.from_on, row.to_on
    if kind is None:
        return row
    seen = {finding.code for finding in row.findings}
    impossible = (
        ("END_BEFORE_START", TieColumn.TO_ON, begins is not None and ends is not None and ends < begins),
        ("SHARE_MISPLACED", TieColumn.SHARE, row.share is not None and kind is not Kind.SHAREHOLDING),
        (
            "RELATION_MISSING",
            TieColumn.RELATION,
            kind is Kind.KINSHIP and row.relation is None and "RELATION_UNKNOWN" not in seen,
        ),
        ("RELATION_MISPLACED", TieColumn.RELATION, kind is not Kind.KINSHIP and row.relation is not None),
        (
            "STANCE_MISSING",
            TieColumn.STANCE,
            kind is Kind.STATEMENT and row.stance is None and "STANCE_UNKNOWN" not in seen,
        ),
        ("STANCE_MISPLACED", TieColumn.STANCE, kind is not Kind.STATEMENT and row.stance is not None),
    )
    broken = [(code, column) for code, column, is_so in impossible if is_so and code not in seen]
    return row.noting(*(Finding(code, row.sheet, row.cell(column)) for code, column in broken))
