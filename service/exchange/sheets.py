"""Writing workbooks whose cells can do nothing: every text is stored as text, whatever sign it begins with."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final

from service.exchange.grid import Value

_WIDEST = 48
_NARROWEST = 8
# Not constant-memory mode: comments and merged cells need the sheet until it is closed.
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


class Book:
    """A workbook being written, with the few formats of the house."""

    def __init__(self, file: io.BytesIO) -> None:
        """Open on a buffer."""
        from xlsxwriter import Workbook

        self.workbook = Workbook(file, dict(_OPTIONS))
        base = {"font_name": "Microsoft YaHei", "font_size": 11, "valign": "vcenter"}
        heading = base | {"bold": True, "bg_color": "#E8EEF4", "border": 1, "border_color": "#B8C4D0"}
        self.text = self.workbook.add_format(base | {"num_format": "@"})
        self.wrapped = self.workbook.add_format(base | {"num_format": "@", "text_wrap": True, "valign": "top"})
        self.day = self.workbook.add_format(base | {"num_format": "yyyy-mm-dd", "align": "left"})
        self.number = self.workbook.add_format(base | {"num_format": "0", "align": "left"})
        self.heading = self.workbook.add_format(heading | {"text_wrap": True})
        self.needed = self.workbook.add_format(heading | {"text_wrap": True, "font_color": "#9A1C1C"})
        self.title = self.workbook.add_format(base | {"bold": True, "font_size": 16})
        self.faulty = self.workbook.add_format(base | {"num_format": "@", "bg_color": "#F8D4D0", "border": 1})
        self.doubtful = self.workbook.add_format(base | {"num_format": "@", "bg_color": "#FFF0C2", "border": 1})
        self.faulty_day = self.workbook.add_format(
            base | {"num_format": "yyyy-mm-dd", "bg_color": "#F8D4D0", "border": 1}
        )

    def write(self, sheet: Any, row: int, column: int, value: Value, style: Any = None) -> None:
        """Write one value at a place counted from 0; texts never become formulas, links or numbers."""
        if value is None:
            if style is not None:
                sheet.write_blank(row, column, None, style)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, style or self.text)
        elif isinstance(value, (date, datetime)):
            sheet.write_datetime(row, column, value, self.faulty_day if style is self.faulty else style or self.day)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, value, style or self.number)
        else:
            sheet.write_string(row, column, value, style or self.text)


@contextmanager
def book() -> Iterator[tuple[Book, io.BytesIO]]:
    """Open a new workbook; the buffer holds the file once the block has ended."""
    file = io.BytesIO()
    opened = Book(file)
    try:
        yield opened, file
    finally:
        opened.workbook.close()


def write_list(title: str, headings: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """Return a list as an .xlsx file: headings frozen and with filters, days as days, everything else as text.

    Args:
        title: name of the sheet; what sheets may not be called is left out.
        headings: one a column.
        rows: values, one a heading.
    """
    return write_lists([(title, headings, rows)])


def write_lists(lists: Sequence[tuple[str, Sequence[str], Sequence[Sequence[Value]]]]) -> bytes:
    """Return several lists as the sheets of one .xlsx file: title, headings and rows of each (see `write_list`)."""
    with book() as (opened, file):
        for title, headings, rows in lists:
            _write_sheet(opened, title, headings, rows)
    return file.getvalue()


def _write_sheet(opened: Book, title: str, headings: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    sheet = opened.workbook.add_worksheet(sheet_name(title))
    for column, heading in enumerate(headings):
        opened.write(sheet, 0, column, heading, opened.heading)
        texts = [heading, *(str(row[column]) for row in rows[:200] if row[column] is not None)]
        sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, *map(width_of, texts)) + 2))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            opened.write(sheet, number, column, value)
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(headings) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def sheet_name(text: str) -> str:
    """Return a name that a sheet may have: at most 31 characters, none of []:*?/\\."""
    return "".join(character for character in text if character not in "[]:*?/\\'")[:31] or "1"


def width_of(text: str) -> int:
    """Return the width of a text in columns; Chinese characters are two wide."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
