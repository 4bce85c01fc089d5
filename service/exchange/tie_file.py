"""A file of ties, a table or `conflict-facts/1`: its rows with everything there is to say about their cells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conflicts import ENDS, Fact, Fault, InputRefused, StatedFacts, StatedNode, parse_stated
from registry import has_odd_characters, one_line
from service.exchange.container import MOST_BYTES
from service.exchange.finding import Finding
from service.exchange.grid import Grid, Value, address
from service.exchange.layout import Layout, OpenColumn, find_layout
from service.exchange.refused import FileRefused
from service.exchange.sheet_xml import MOST_ROWS
from service.exchange.tie_headings import TIES, TieColumn
from service.exchange.tie_row import LONGEST_NAME, LONGEST_TEXT, End, TieReader, TieRow

_FEW_CELLS = 2
# What a parsed file takes in memory follows from its commas and brackets, not from its bytes.
MOST_VALUES = 3_000_000


@dataclass(frozen=True, slots=True)
class TieSheet:
    """One sheet of a list of ties: its name, its table (None when none was found), what concerns it as a whole."""

    name: str
    layout: Layout[TieColumn] | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class TieFile:
    """A whole file.

    Attributes:
        sheets: the sheets, in order; one without a name for JSON.
        rows: the ties of all sheets, in order.
        open_columns: columns that people should decide about, each key once.
    """

    sheets: tuple[TieSheet, ...]
    rows: tuple[TieRow, ...]
    open_columns: tuple[OpenColumn[TieColumn], ...] = ()

    @property
    def has_table(self) -> bool:
        """Return whether a sheet holds a table that looks like a list of ties, or the file is one by its format."""
        return any(sheet.layout for sheet in self.sheets) or any(row.place for row in self.rows)


def looks_like_json(content: bytes) -> bool:
    """Return whether a file is JSON by its first sign; its name plays no part."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_tie_table(
    grids: Sequence[Grid],
    *,
    columns: Mapping[str, TieColumn | None],
    progress: Callable[[int, int], None] | None = None,
) -> TieFile:
    """Return the ties of every visible sheet.

    Args:
        grids: the sheets as read from the file.
        columns: what people said about columns that were not recognised; None leaves one out.
        progress: called after each sheet with rows done and rows in all.
    """
    done, total = 0, sum(len(grid.rows) for grid in grids if not grid.hidden)
    sheets: list[TieSheet] = []
    rows: list[TieRow] = []
    asked: dict[str, OpenColumn[TieColumn]] = {}
    for grid in grids:
        if grid.hidden:
            sheets.append(TieSheet(grid.name, None, (Finding("SHEET_HIDDEN", grid.name),)))
            continue
        layout = find_layout(grid, TIES, decided=columns)
        findings = [Finding("CELL_CUT_OFF", grid.name, cell) for cell in grid.cut_off]
        if layout is None:
            findings += [Finding("SHEET_WITHOUT_TABLE", grid.name)] if grid.rows else []
            sheets.append(TieSheet(grid.name, None, tuple(findings)))
            continue
        asked |= {column.key: column for column in layout.open_columns}
        lacking = _lacking(layout)
        if lacking:
            findings.append(Finding(lacking, grid.name, address(layout.heading_row, 1)))
        else:
            read, noted = _rows_of(grid, layout)
            rows += read
            findings += noted
        sheets.append(TieSheet(grid.name, layout, tuple(findings)))
        done += len(grid.rows)
        if progress:
            progress(done, total)
    return TieFile(tuple(sheets), tuple(rows), tuple(asked.values()))


def _lacking(layout: Layout[TieColumn]) -> str | None:
    held = set(layout.columns.values())
    if not layout.has_key:
        return "TIE_KIND_COLUMN_MISSING"
    ends = ({TieColumn.SUBJECT, TieColumn.SUBJECT_KEY}, {TieColumn.OBJECT, TieColumn.OBJECT_KEY})
    return None if all(held & end for end in ends) else "TIE_END_COLUMN_MISSING"


def _rows_of(grid: Grid, layout: Layout[TieColumn]) -> tuple[list[TieRow], list[Finding]]:
    reader = TieReader(grid, layout)
    kept = [number for number, column in layout.columns.items() if column is not TieColumn.NOT_KEPT]
    rows: list[TieRow] = []
    findings: list[Finding] = []
    for number, values in enumerate(grid.rows[layout.first_row - 1 :], start=layout.first_row):
        filled = [at for at, value in enumerate(values, start=1) if value is not None]
        if layout.repeats_headings(values):
            findings.append(Finding("HEADING_REPEATED", grid.name, address(number, filled[0])))
        elif not any(at in kept for at in filled) or _is_note(filled, values):
            findings += [Finding("TEXT_OUTSIDE_TABLE", grid.name, address(number, filled[0]))] if filled else []
        else:
            rows.append(reader.read(number, values))
    return rows, findings


def _is_note(filled: Sequence[int], values: tuple[Value, ...]) -> bool:
    """Return whether a row is a remark below the table: one text and nothing else."""
    return len(filled) < _FEW_CELLS and isinstance(values[filled[0] - 1], str)


def read_tie_json(content: bytes) -> TieFile:
    """Return the ties of a `conflict-facts/1` file; a fault keeps the tie out in which it stands.

    Raises:
        FileRefused: FILE_TOO_LARGE, FILE_TOO_HEAVY, FILE_TOO_MANY_ROWS; FILE_NOT_CONFLICT_FACTS when it is no JSON or
            says to be something else.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused("FILE_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    if sum(content.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise FileRefused("FILE_TOO_HEAVY")
    try:
        stated = parse_stated(content)
    except InputRefused as refused:
        fault = refused.faults[0]
        raise FileRefused(
            "FILE_NOT_CONFLICT_FACTS", line=fault.facts.get("line", 1), column=fault.facts.get("column", 1)
        ) from None
    if stated.total > MOST_ROWS:
        raise FileRefused("FILE_TOO_MANY_ROWS", rows=MOST_ROWS, columns=len(TieColumn))
    faults: dict[int, list[Finding]] = {}
    whole: list[Finding] = []
    for fault in stated.faults:
        place = _place_of(fault)
        (whole if place is None else faults.setdefault(place, [])).append(_finding(fault))
    if stated.organisations_tied:
        whole.append(Finding("ORGANISATION_TIES_LEFT_OUT", "", "/organisations"))
    rows = [TieRow("", place + 1, f"/facts/{place}", findings=tuple(found)) for place, found in faults.items()]
    for place, fact in stated.facts:
        if place in faults:
            continue
        if fact.retired_at is not None:
            whole.append(Finding("TIE_RETIRED_LEFT_OUT", "", f"/facts/{place}"))
        else:
            rows.append(_row_of(place, fact, stated))
    rows.sort(key=lambda row: row.number)
    return TieFile((TieSheet("", None, tuple(whole)),), tuple(rows))


def _place_of(fault: Fault) -> int | None:
    parts = fault.at.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[1] == "facts" and parts[2].isdecimal() else None


def _finding(fault: Fault) -> Finding:
    return Finding(fault.code, "", fault.at or "/", fault.facts)


def _row_of(place: int, fact: Fact, stated: StatedFacts) -> TieRow:
    at = f"/facts/{place}"
    findings: list[Finding] = []

    def text(value: str, key: str) -> str:
        line = one_line(value)
        if has_odd_characters(line):
            findings.append(Finding("CHARACTERS_ODD", "", f"{at}/{key}"))
        elif len(line) > LONGEST_TEXT:
            findings.append(Finding("VALUE_TOO_LONG", "", f"{at}/{key}", {"length": len(line), "most": LONGEST_TEXT}))
        return line

    def end(id_: str, key: str, which: int) -> End:
        node: StatedNode = stated.nodes[id_]
        name = one_line(node.name)
        if has_odd_characters(name) or has_odd_characters(node.key):
            findings.append(Finding("CHARACTERS_ODD", "", node.at))
        if len(name) > LONGEST_NAME:
            findings.append(Finding("VALUE_TOO_LONG", "", node.at, {"length": len(name), "most": LONGEST_NAME}))
        types = frozenset({node.type}) & ENDS[fact.kind][which]
        return End(name, one_line(node.key), f"{at}/{key}", types, node.loose)

    return TieRow(
        sheet="",
        number=place + 1,
        place=at,
        subject=end(fact.subject, "subject", 0),
        object=end(fact.object, "object", 1),
        kind=fact.kind,
        from_on=fact.from_on,
        to_on=fact.to_on,
        share=fact.share,
        relation=fact.relation,
        stance=fact.stance,
        confidence=fact.confidence,
        source=text(fact.source, "source"),
        evidence=text(fact.evidence, "evidence"),
        cells={column: f"{at}/{column.value}" for column in TieColumn},
        findings=tuple(findings),
    )
