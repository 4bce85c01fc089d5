"""Tables that people may fill in: an empty sheet with the right headings, and a sheet that says how to fill it."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from service.exchange.sheets import Book, sheet_name

_GUIDE_WIDTHS: Final = {0: 20, 2: 60, 3: 24}
_TEXTS: Final = ("填写说明", "列", "必填", "怎么填", "示例")


class FillIn(NamedTuple):
    """One column of such a table: heading and hint are message ids, the example is written as it stands."""

    column: str
    heading: str
    needed: bool
    hint: str
    example: str


def empty_table(
    opened: Book, name: str, columns: Sequence[FillIn], say: Callable[[str], str], *, widths: Callable[[FillIn], int]
) -> Any:
    """Add the sheet to fill in, hints as comments of the headings; return it for lists to choose from.

    Args:
        opened: the workbook.
        name: of the sheet, in the reader's language.
        columns: in order.
        say: turns a message id into the reader's language.
        widths: width of a column.
    """
    sheet = opened.workbook.add_worksheet(sheet_name(name))
    for number, column in enumerate(columns):
        style = opened.needed if column.needed else opened.heading
        opened.write(sheet, 0, number, say(column.heading), style)
        sheet.set_column(number, number, widths(column), opened.text)
        if column.hint:
            sheet.write_comment(0, number, say(column.hint), {"visible": False, "x_scale": 2})
    return sheet


def choose_in(
    sheet: Any,
    columns: Sequence[FillIn],
    column: str,
    source: Sequence[str] | str,
    *,
    rows: int,
    error: str = "warning",
) -> None:
    """Let the cells of a column offer a list; another value is kept after a word (`warning`, `information`).

    Args:
        sheet: of `empty_table`.
        columns: as there.
        column: which.
        source: the choices, or where they stand.
        rows: how many rows offer them.
        error: how strong that word is.
    """
    at = next(place for place, one in enumerate(columns) if one.column == column)
    listed = source if isinstance(source, str) else list(source)
    sheet.data_validation(1, at, rows, at, {"validate": "list", "source": listed, "error_type": error})


def guide_sheet(opened: Book, columns: Sequence[FillIn], say: Callable[[str], str]) -> None:
    """Add the sheet that says of each column whether it is needed, how to fill it, and an example."""
    name, *headings = map(say, _TEXTS)
    guide = opened.workbook.add_worksheet(sheet_name(name))
    for place, text in enumerate(headings):
        opened.write(guide, 0, place, text, opened.heading)
    for number, (_, heading, needed, hint, example) in enumerate(columns, start=1):
        for place, text in enumerate((say(heading), "✓" if needed else "", say(hint) if hint else "", example)):
            opened.write(guide, number, place, text, opened.wrapped)
    for place, width in _GUIDE_WIDTHS.items():
        guide.set_column(place, place, width)
