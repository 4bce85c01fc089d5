"""One row of a roster: its cells read as values of the library, with a finding for whatever cannot be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Final

from registry import (
    Appointment,
    Certainty,
    ExpertField,
    FieldReading,
    Identity,
    IdentityKind,
    Phone,
    TermRefused,
    Terms,
    TitleLevel,
    ValueRefused,
    appoint,
    comparable,
    ends_in_zeros,
    half_width,
    has_full_length,
    has_odd_characters,
    one_line,
    read_credit_code,
    read_identity,
    read_name,
    read_phone,
    recognise_fields,
    recognise_title,
    without_blanks,
)
from service.exchange.days import DayReading, read_day, read_span
from service.exchange.finding import Finding, Severity
from service.exchange.grid import Grid, Value, address, column_letters
from service.exchange.headings import Column
from service.exchange.layout import Layout

LONGEST_TEXT = 200
MOST_FIELDS = 20
_EXACT_BELOW = 10**15  # a number cell shows fifteen digits; more were lost
_FORMULA_REFUSED_IN: Final = frozenset(
    {Column.NAME, Column.IDENTITY, Column.BORN_ON, Column.TERM, Column.STARTS_ON, Column.ENDS_ON}
)
_IDENTITY_KINDS: Final = {
    "身份证": IdentityKind.RESIDENT,
    "居民身份证": IdentityKind.RESIDENT,
    "二代身份证": IdentityKind.RESIDENT,
    "护照": IdentityKind.PASSPORT,
    "passport": IdentityKind.PASSPORT,
    "居住证": IdentityKind.PERMIT,
    "港澳台居民居住证": IdentityKind.PERMIT,
    "港澳居民居住证": IdentityKind.PERMIT,
    "台湾居民居住证": IdentityKind.PERMIT,
    "外国人永久居留身份证": IdentityKind.PERMIT,
    "外国人永久居留证": IdentityKind.PERMIT,
    "港澳居民来往内地通行证": IdentityKind.PERMIT,
    "回乡证": IdentityKind.PERMIT,
    "台湾居民来往大陆通行证": IdentityKind.PERMIT,
    "台胞证": IdentityKind.PERMIT,
}
_SEXES: Final = {"男": "1", "女": "2", "1": "1", "2": "2", "男性": "1", "女性": "2", "m": "1", "f": "2"}
_SOURCES: Final = {
    "个人申请": "self",
    "自荐": "self",
    "申请": "self",
    "组织推荐": "organisation",
    "单位推荐": "organisation",
    "推荐": "organisation",
    "定向邀请": "invited",
    "邀请": "invited",
    "特邀": "invited",
    "公开征集": "open-call",
    "公开招募": "open-call",
    "征集": "open-call",
}
_EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE_PARTS: Final = re.compile(r"[、，,;；/|\n]+|\s{2,}|(?<=[0-9])\s+(?=(?:1[3-9][0-9]{9}|0[0-9]{2,3}-))")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row of data.

    A value that is blank, or was refused with a warning, is empty; `findings` says why.

    Attributes:
        sheet: name of the sheet.
        number: row in the sheet, counted from 1.
        name: name in its normal form, empty when refused.
        identity: the checked identity; None without a number.
        sex: GB/T 2261.1 code, empty when not known.
        born_on: day of birth.
        unit: name of the employer as written, on one line.
        credit_code: the employer's credit code.
        post: post at the employer.
        title: professional title as written.
        title_level: its level.
        fields: fields, the main one first.
        phone: telephone.
        email: mail address.
        term: the term that the row states.
        source: how the person came to the library (A24).
        cells: address of the cell of every column that the table has.
        findings: what there is to say about the row.
    """

    sheet: str
    number: int
    name: str = ""
    identity: Identity | None = None
    sex: str = ""
    born_on: date | None = None
    unit: str = ""
    credit_code: str = ""
    post: str = ""
    title: str = ""
    title_level: TitleLevel = TitleLevel.NONE
    fields: tuple[ExpertField, ...] = ()
    phone: Phone | None = None
    email: str = ""
    term: Appointment | None = None
    source: str = ""
    cells: Mapping[Column, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def faulty(self) -> bool:
        """Return whether a finding keeps the row from being taken."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def cell(self, column: Column) -> str:
        """Return the address of the row's cell in a column, of its first cell when the table has no such column."""
        return self.cells.get(column, address(self.number, 1))

    def with_finding(self, finding: Finding) -> "RosterRow":
        """Return the row with one more finding."""
        return replace(self, findings=(*self.findings, finding))

    def says_the_same(self, other: "RosterRow") -> bool:
        """Return whether another row holds the same values, wherever it stands."""
        return replace(self, sheet="", number=0, cells={}, findings=()) == replace(
            other, sheet="", number=0, cells={}, findings=()
        )


class RowReader:
    """Reads the rows of one sheet."""

    def __init__(
        self, grid: Grid, layout: Layout[Column], *, terms: Terms, words: Mapping[str, str], starts_on: date | None
    ) -> None:
        """Prepare for one sheet; `words` and `starts_on` are what people said about the file."""
        self._grid = grid
        self._layout = layout
        self._terms = terms
        self._words = words
        self._starts_on = starts_on
        self._columns = {column: number for number, column in layout.columns.items()}
        self._letters = {column: column_letters(number) for number, column in layout.columns.items()}
        self._known_fields: dict[str, tuple[FieldReading, ...]] = {}

    def read(
        self, number: int, values: tuple[Value, ...], filled: Mapping[int, tuple[Value, str]] | None = None
    ) -> RosterRow:
        """Return one row.

        Args:
            number: row in the sheet, counted from 1.
            values: its cells from column 1 on.
            filled: values taken from merged cells above, by column, with the address of the merged cell.
        """
        return _Row(self._grid, number, values, filled or {}, self._columns, self._letters).read(
            terms=self._terms, fields_in=self._fields_in, starts_on=self._starts_on
        )

    def _fields_in(self, cell: str) -> tuple[FieldReading, ...]:
        # The same words stand in thousands of cells.
        if (known := self._known_fields.get(cell)) is None:
            known = self._known_fields[cell] = recognise_fields(cell, agreed=self._words)
        return known


class _Row:
    """The reading of one row: collects findings on the way."""

    __slots__ = ("_cells", "_columns", "_filled", "_findings", "_grid", "_letters", "_number", "_values")

    def __init__(
        self,
        grid: Grid,
        number: int,
        values: tuple[Value, ...],
        filled: Mapping[int, tuple[Value, str]],
        columns: Mapping[Column, int],
        letters: Mapping[Column, str],
    ) -> None:
        self._grid = grid
        self._number = number
        self._values = values
        self._filled = filled
        self._columns = columns
        self._letters = letters
        self._findings: list[Finding] = []

    def read(
        self, *, terms: Terms, fields_in: Callable[[str], tuple[FieldReading, ...]], starts_on: date | None
    ) -> RosterRow:
        name = self._name()
        identity = self._identity()
        sex, born_on = self._sex_and_birth(identity)
        title, level = self._title()
        unit = self._text(Column.UNIT)
        if not unit:
            self._note("UNIT_MISSING", Column.UNIT)
        return RosterRow(
            sheet=self._grid.name,
            number=self._number,
            name=name,
            identity=identity,
            sex=sex,
            born_on=born_on,
            unit=unit,
            credit_code=self._credit_code(),
            post=self._text(Column.POST),
            title=title,
            title_level=level,
            fields=self._fields(fields_in),
            phone=self._phone(),
            email=self._email(),
            term=self._term(terms, starts_on),
            source=self._source(),
            cells={column: f"{letters}{self._number}" for column, letters in self._letters.items()},
            findings=tuple(self._findings),
        )

    def _note(self, code: str, column: Column, /, **facts: object) -> None:
        letters = self._letters.get(column) or self._letters[Column.NAME]
        self._findings.append(Finding(code, self._grid.name, f"{letters}{self._number}", facts))

    def _value(self, column: Column) -> Value:
        number = self._columns.get(column)
        if number is None:
            return None
        value = self._values[number - 1] if number <= len(self._values) else None
        if value is None and number in self._filled:
            value, source = self._filled[number]
            if value is not None:
                self._note("MERGED_VALUE_TAKEN", column, source=source)
        if self._grid.errors or self._grid.formulas:
            cell = f"{self._letters[column]}{self._number}"
            if cell in self._grid.errors:
                self._note("CELL_SHOWS_ERROR", column)
                return None
            if cell in self._grid.formulas:
                if column in _FORMULA_REFUSED_IN:
                    self._note("FORMULA_REFUSED", column)
                    return None
                self._note("FORMULA_VALUE_TAKEN", column)
        return value

    def _text(self, column: Column) -> str:
        value = self._value(column)
        if value is None:
            return ""
        text = one_line(str(value))
        if has_odd_characters(text):
            self._note("CHARACTERS_ODD", column)
            return ""
        if len(text) > LONGEST_TEXT:
            self._note("VALUE_TOO_LONG", column, length=len(text), most=LONGEST_TEXT)
            return ""
        return text

    def _name(self) -> str:
        value = self._value(Column.NAME)
        if value is None:
            if not any(finding.code in ("FORMULA_REFUSED", "CELL_SHOWS_ERROR") for finding in self._findings):
                self._note("NAME_MISSING", Column.NAME)
            return ""
        try:
            return read_name(str(value))
        except ValueRefused as refused:
            self._note(refused.code, Column.NAME, **refused.facts)
            return ""

    def _identity(self) -> Identity | None:
        before = len(self._findings)
        value = self._value(Column.IDENTITY)
        kind = self._identity_kind()
        if value is None:
            if len(self._findings) == before:
                self._note("ID_NUMBER_MISSING", Column.IDENTITY)
            return None
        if isinstance(value, (int, float)) and abs(value) >= _EXACT_BELOW:
            self._note("ID_NUMBER_DIGITS_LOST", Column.IDENTITY)
            return None
        try:
            identity = read_identity(str(value), kind=kind)
        except ValueRefused as refused:
            self._note(refused.code, Column.IDENTITY, **refused.facts)
            return None
        if ends_in_zeros(identity):
            self._note("ID_NUMBER_ENDS_IN_ZEROS", Column.IDENTITY)
        if identity.kind is IdentityKind.RESIDENT and len(without_blanks(str(value))) == 15:
            self._note("ID_NUMBER_CONVERTED", Column.IDENTITY)
        return identity

    def _identity_kind(self) -> IdentityKind | None:
        stated = self._text(Column.IDENTITY_KIND)
        if not stated:
            return None
        if kind := _IDENTITY_KINDS.get(comparable(stated)):
            return kind
        self._note("IDENTITY_KIND_UNKNOWN", Column.IDENTITY_KIND, word=stated)
        return None

    def _sex_and_birth(self, identity: Identity | None) -> tuple[str, date | None]:
        stated = self._text(Column.SEX)
        sex = _SEXES.get(comparable(stated), "") if stated else ""
        if stated and not sex:
            self._note("SEX_UNKNOWN", Column.SEX)
        if identity and identity.sex:
            if sex and sex != identity.sex:
                self._note("SEX_DIFFERS", Column.SEX)
            sex = identity.sex.value
        born = self._birth()
        if identity and identity.born_on:
            if born and not _same_birth(born, identity.born_on):
                self._note("BIRTH_DATE_DIFFERS", Column.BORN_ON)
            return sex, identity.born_on
        return sex, born.day if born and not born.whole_month else None

    def _birth(self) -> DayReading | None:
        value = self._value(Column.BORN_ON)
        if value is None:
            return None
        try:
            return read_day(value)
        except ValueRefused as refused:
            # An October that lost its zero is harmless beside a card number that tells the day.
            if refused.code != "DATE_AMBIGUOUS":
                self._note("BIRTH_DATE_NOT_READ", Column.BORN_ON)
            return None

    def _credit_code(self) -> str:
        value = self._value(Column.CREDIT_CODE)
        if value is None:
            return ""
        if isinstance(value, (int, float)) and abs(value) >= _EXACT_BELOW:
            self._note("CREDIT_CODE_DIGITS_LOST", Column.CREDIT_CODE)
            return ""
        try:
            return read_credit_code(str(value))
        except ValueRefused as refused:
            self._note(refused.code, Column.CREDIT_CODE, **refused.facts)
            return ""

    def _title(self) -> tuple[str, TitleLevel]:
        title = self._text(Column.TITLE)
        stated = self._text(Column.TITLE_LEVEL)
        reading = recognise_title(title)
        if stated and (level := recognise_title(stated)).certainty is Certainty.EXACT:
            return title, level.level
        if reading.certainty is Certainty.UNKNOWN:
            self._note("TITLE_UNKNOWN", Column.TITLE, word=title)
        elif reading.certainty is Certainty.SUGGESTION:
            self._note("TITLE_SUGGESTED", Column.TITLE, word=title, level=reading.level.value)
        return title, reading.level

    def _fields(self, fields_in: Callable[[str], tuple[FieldReading, ...]]) -> tuple[ExpertField, ...]:
        codes: dict[str, None] = {}
        written = False
        for column in (Column.MAIN_FIELD, Column.FIELDS, Column.FURTHER_FIELDS):
            value = self._value(column)
            if value is None:
                continue
            written = True
            for reading in fields_in(str(value)):
                if reading.certainty is Certainty.EXACT:
                    codes.setdefault(reading.code)
                elif reading.certainty is Certainty.SUGGESTION:
                    suggestions = (reading.code, *reading.others)
                    self._note("FIELD_SUGGESTED", column, word=reading.text[:50], suggestions=suggestions)
                else:
                    self._note("FIELD_UNKNOWN", column, word=reading.text[:50])
        if not written:
            self._note("FIELDS_MISSING", Column.FIELDS)
        if len(codes) > MOST_FIELDS:
            self._note("FIELDS_TOO_MANY", Column.FIELDS, most=MOST_FIELDS)
        return tuple(ExpertField(code, main=position == 0) for position, code in enumerate(list(codes)[:MOST_FIELDS]))

    def _phone(self) -> Phone | None:
        value = self._value(Column.PHONE)
        if value is None:
            return None
        read: list[Phone] = []
        refusal: ValueRefused | None = None
        for part in [part for part in _PHONE_PARTS.split(half_width(str(value))) if part.strip()]:
            try:
                read.append(read_phone(part))
            except ValueRefused as refused:
                refusal = refusal or refused
        if not read:
            self._note(refusal.code if refusal else "PHONE_FORM", Column.PHONE, **(refusal.facts if refusal else {}))
            return None
        if len(read) > 1 or refusal:
            self._note("PHONE_FURTHER_LEFT_OUT", Column.PHONE)
        return next((phone for phone in read if phone.mobile), read[0])

    def _email(self) -> str:
        text = without_blanks(self._text(Column.EMAIL))
        if text and not _EMAIL.fullmatch(text):
            self._note("EMAIL_FORM", Column.EMAIL)
            return ""
        return text

    def _source(self) -> str:
        text = self._text(Column.SOURCE)
        if not text:
            return ""
        if source := _SOURCES.get(comparable(text)):
            return source
        self._note("SOURCE_UNKNOWN", Column.SOURCE, word=text)
        return ""

    def _term(self, terms: Terms, default: date | None) -> Appointment | None:
        before = len(self._findings)
        starts, ends, column = self._written_term()
        if any(finding.severity is Severity.ERROR for finding in self._findings[before:]):
            return None
        if starts is None:
            if ends is not None:
                self._note("TERM_START_MISSING", Column.ENDS_ON)
                return None
            if default is not None:
                return _full_term(default, terms)
            self._note("TERM_MISSING", Column.STARTS_ON)
            return None
        letter = self._text(Column.LETTER_NUMBER)
        for reading in (starts, ends):
            if reading and reading.serial:
                self._note("DATE_SERIAL", column, day=reading.day.isoformat())
        if starts.whole_month:
            self._note("MONTH_TAKEN_AS_DAY", column, day=starts.day.isoformat())
        if ends is None:
            term = replace(_full_term(starts.day, terms), letter_number=letter)
            self._note("TERM_END_COMPUTED", column, day=term.ends_on.isoformat())
            return term
        try:
            term = Appointment(starts.day, ends.last, letter)
        except TermRefused as refused:
            self._note(refused.code, Column.ENDS_ON if Column.ENDS_ON in self._columns else column)
            return None
        if not has_full_length(term, terms=terms):
            self._note(
                "TERM_LENGTH_DIFFERS",
                column,
                years=terms.years,
                day=appoint(term.starts_on, terms=terms).ends_on.isoformat(),
            )
        return term

    def _written_term(self) -> tuple[DayReading | None, DayReading | None, Column]:
        span = self._value(Column.TERM)
        if span is not None and not re.fullmatch(r"[0-9一二三四五]+\s*年", str(span).strip()):
            try:
                return *read_span(span), Column.TERM
            except ValueRefused as refused:
                self._note(refused.code, Column.TERM, **refused.facts)
                return None, None, Column.TERM
        return self._day(Column.STARTS_ON), self._day(Column.ENDS_ON), Column.STARTS_ON

    def _day(self, column: Column) -> DayReading | None:
        value = self._value(column)
        if value is None:
            return None
        try:
            return read_day(value)
        except ValueRefused as refused:
            self._note(refused.code, column, **refused.facts)
            return None


@lru_cache(maxsize=1024)
def _full_term(starts_on: date, terms: Terms) -> Appointment:
    return appoint(starts_on, terms=terms)


def _same_birth(written: DayReading, known: date) -> bool:
    if written.whole_month:
        return (written.day.year, written.day.month) == (known.year, known.month)
    return written.day == known
