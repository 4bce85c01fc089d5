"""Where the table of a sheet begins, and what each of its columns holds."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final, Generic, Protocol, TypeVar

from registry import ValueRefused, comparable
from service.exchange.grid import Grid, Value, column_letters

C = TypeVar("C", bound=StrEnum)
V = TypeVar("V")
_LOOK_AT_ROWS = 40
_FEWEST_HEADINGS = 2
_SAMPLES = 5
_REPEATED_SHARE = 0.6
_BRACKETS: Final = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_LONGEST_HEADING = 40
_ENOUGH = 0.6


class Guess(Protocol[C]):
    """Tells what a column without a known heading seems to hold."""

    def __call__(self, samples: Iterable[Value], *, besides: Collection[C] = ()) -> C | None:
        """Return what some of its values look like, besides what other columns hold already."""


@dataclass(frozen=True, slots=True)
class Vocabulary(Generic[C]):
    """The headings of one kind of table.

    Attributes:
        recognise: heading as written -> what the column holds, None when the wording is not known.
        guess: what a column without a known heading seems to hold.
        key: the column without which no row can be read.
        not_kept: stands for columns that are left out.
    """

    recognise: Callable[[str], C | None]
    guess: Guess[C]
    key: C
    not_kept: C


def heading_forms(text: str) -> tuple[str, ...]:
    """Return a heading as written and without its brackets (必填); nothing for what is too long to be a heading."""
    return (text, _BRACKETS.sub("", text)) if text and len(text) <= _LONGEST_HEADING else ()


def fitting(
    tests: Iterable[tuple[C, Callable[[V], bool]]], values: Sequence[V], *, besides: Collection[C] = ()
) -> C | None:
    """Return the first column whose test most values pass, besides some; None when there is none, or no value."""
    return next(
        (
            column
            for column, fits in tests
            if values and column not in besides and sum(map(fits, values)) >= _ENOUGH * len(values)
        ),
        None,
    )


def readable(read: Callable[[V], object], value: V) -> bool:
    """Return whether a reader of values takes one."""
    try:
        read(value)
    except ValueRefused:
        return False
    return True


@dataclass(frozen=True, slots=True)
class OpenColumn(Generic[C]):
    """A column whose heading was not recognised.

    Attributes:
        key: by what a person's answer is kept: the heading in comparable form, or `#C` for a column without one.
        sheet: name of the sheet.
        letters: letters of the column.
        heading: the heading as written.
        samples: some of its values, as text.
        guess: what the values look like.
    """

    key: str
    sheet: str
    letters: str
    heading: str
    samples: tuple[str, ...]
    guess: C | None


@dataclass(frozen=True, slots=True)
class Layout(Generic[C]):
    """The table of one sheet.

    Attributes:
        heading_row: row of the headings, counted from 1.
        first_row: first row of data.
        columns: column number, counted from 1, to what it holds.
        open_columns: columns that a person must decide about.
        headings: column number to its heading as written, for finding repeated headings.
        key: the column without which no row can be read.
    """

    heading_row: int
    first_row: int
    columns: Mapping[int, C]
    open_columns: tuple[OpenColumn[C], ...]
    headings: Mapping[int, str] = field(default_factory=dict)
    key: C | None = None

    @property
    def has_key(self) -> bool:
        """Return whether the column is there without which no row can be read."""
        return self.key in self.columns.values()

    def repeats_headings(self, row: tuple[Value, ...]) -> bool:
        """Return whether a row of data is the headings once more, as on every page of a printed list."""
        filled = [(column, value) for column, value in enumerate(row, start=1) if isinstance(value, str)]
        same = sum(self.headings.get(column) == value.strip() for column, value in filled)
        return same >= _FEWEST_HEADINGS and same >= _REPEATED_SHARE * len(filled)


def find_layout(
    grid: Grid, vocabulary: Vocabulary[C], *, decided: Mapping[str, C | None] | None = None
) -> Layout[C] | None:
    """Return the layout of a sheet, None when no row looks like the headings asked for.

    The headings are the row, among the first ones, with most recognised wordings, one with the key column before one
    without. A second row of headings under it (聘期 over 起 and 止) is read together with the first.

    Args:
        grid: the sheet.
        vocabulary: the headings to look for.
        decided: what people said about columns that were not recognised, by `OpenColumn.key`; None leaves one out.
    """
    decided = decided or {}
    best_row, best_score = 0, (False, _FEWEST_HEADINGS - 1)
    for number, row in enumerate(grid.rows[:_LOOK_AT_ROWS], start=1):
        found = [_column(value, vocabulary, decided) for value in row]
        count = len({column for column in found if column and column is not vocabulary.not_kept})
        score = (vocabulary.key in found, count)
        if count >= _FEWEST_HEADINGS and score > best_score:
            best_row, best_score = number, score
    if not best_row:
        return None
    texts = [_text(value) for value in grid.rows[best_row - 1]]
    first_row = best_row + 1
    if second := _second_row(grid, best_row, texts, vocabulary, decided):
        texts, first_row = second, best_row + 2
    return _layout(grid, best_row, first_row, texts, vocabulary, decided)


def _layout(
    grid: Grid,
    heading_row: int,
    first_row: int,
    texts: list[str],
    vocabulary: Vocabulary[C],
    decided: Mapping[str, C | None],
) -> Layout[C]:
    columns: dict[int, C] = {}
    open_columns = []
    width = max((len(row) for row in grid.rows[first_row - 1 :]), default=0)
    for number in range(1, max(width, len(texts)) + 1):
        text = texts[number - 1] if number <= len(texts) else ""
        column = vocabulary.recognise(text)
        if column and column not in columns.values():
            columns[number] = column
            continue
        key = comparable(text) or f"#{column_letters(number)}"
        if key in decided:
            if (chosen := decided[key]) and chosen not in columns.values():
                columns[number] = chosen
            continue
        if column:  # a second column of the same meaning
            columns[number] = vocabulary.not_kept
        elif samples := _samples(grid, first_row, number):
            open_columns.append((number, key, text, samples))
    held = set(columns.values())
    asked = []
    for number, key, text, samples in open_columns:
        guess = vocabulary.guess(samples, besides=held)
        held |= {guess} if guess else set()
        shown = tuple(dict.fromkeys(map(str, samples)))[:_SAMPLES]
        asked.append(OpenColumn(key, grid.name, column_letters(number), text, shown, guess))
    headings = {number: text for number, text in enumerate(texts, start=1) if text}
    return Layout(heading_row, first_row, columns, tuple(asked), headings, vocabulary.key)


def _second_row(
    grid: Grid, best_row: int, texts: list[str], vocabulary: Vocabulary[C], decided: Mapping[str, C | None]
) -> list[str] | None:
    below = [_text(value) for value in grid.rows[best_row]] if best_row < len(grid.rows) else []
    filled = [number for number, text in enumerate(below) if text]
    key_at = next(
        (number for number, text in enumerate(texts) if _column(text, vocabulary, decided) is vocabulary.key), None
    )
    if not filled or key_at is None or key_at in filled:
        return None
    joined = list(texts) + [""] * (len(below) - len(texts))
    for number in filled:
        above = next((texts[back] for back in range(min(number, len(texts) - 1), -1, -1) if texts[back]), "")
        options = (above + below[number], below[number])
        known = next((option for option in options if vocabulary.recognise(option)), None)
        if known is None:
            return None
        joined[number] = known
    return joined


def _samples(grid: Grid, first_row: int, number: int) -> tuple[Value, ...]:
    values = (row[number - 1] for row in grid.rows[first_row - 1 :] if len(row) >= number)
    return tuple(islice((value for value in values if value is not None), 20))


def _column(value: Value, vocabulary: Vocabulary[C], decided: Mapping[str, C | None]) -> C | None:
    text = _text(value)
    return vocabulary.recognise(text) or (decided.get(comparable(text)) if text else None)


def _text(value: Value) -> str:
    return value.strip() if isinstance(value, str) else ""
