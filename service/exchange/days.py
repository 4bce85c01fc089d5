"""Days as people write them in rosters: 1975.03, 1975年3月, 1975-3-1, 19750301, Excel dates."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import isfinite
from typing import Final

from registry import ValueRefused, half_width
from service.exchange.grid import Value

_DAY: Final = re.compile(
    r"(?P<year>[0-9]{4})\s*[年./\\_-]\s*(?P<month>[0-9]{1,2})(?![0-9])"
    r"(?:\s*[月./\\_-]\s*(?P<day>[0-9]{1,2})(?![0-9])\s*[日号]?|\s*月(?:份)?)?"
)
_DIGITS: Final = re.compile(r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})?")
_TWO_DIGITS: Final = re.compile(r"[0-9]{2}\s*[年./-]\s*[0-9]{1,2}(?:\s*[月./-]\s*[0-9]{1,2}\s*日?)?月?")
_YEAR: Final = re.compile(r"[12][0-9]{3}\s*年?")
_CLOCK: Final = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?$")
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SERIAL_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(10_000, 80_000)


@dataclass(frozen=True, slots=True)
class DayReading:
    """A day that was read.

    Attributes:
        day: the day; the first of the month when only a month was written.
        whole_month: whether only a month was written.
        serial: whether a bare number was taken as the spreadsheet's count of days.
    """

    day: date
    whole_month: bool = False
    serial: bool = False

    @property
    def last(self) -> date:
        """Return the day itself, or the last day of a written month."""
        if not self.whole_month:
            return self.day
        return self.day.replace(day=monthrange(self.day.year, self.day.month)[1])


def read_day(value: Value) -> DayReading:
    """Return the day that a cell holds.

    A number cell 1975.1 can be January or an October that lost its zero; it is refused rather than guessed.

    Raises:
        ValueRefused: DATE_FORM, DATE_YEAR_ONLY, DATE_TWO_DIGIT_YEAR, DATE_AMBIGUOUS, DATE_OUT_OF_RANGE,
            DATE_NOT_IN_CALENDAR.

    Example:
        >>> read_day("1975年3月").whole_month, read_day("１９７５．３．１").day
        (True, datetime.date(1975, 3, 1))
    """
    if isinstance(value, datetime):
        return _in_range(DayReading(value.date()))
    if isinstance(value, date):
        return _in_range(DayReading(value))
    if isinstance(value, bool) or value is None:
        raise ValueRefused("DATE_FORM")
    if isinstance(value, (int, float)):
        return _of_number(value)
    return _of_text(value)


def read_span(value: Value) -> tuple[DayReading, DayReading | None]:
    """Return the two days of a term written in one cell, such as 2022.03-2027.02; the second may be missing.

    Raises:
        ValueRefused: as `read_day`.
    """
    if not isinstance(value, str):
        return read_day(value), None
    text = half_width(value)
    days = [_of_match(match) for match in _DAY.finditer(text)] or [_of_match(match) for match in _DIGITS.finditer(text)]
    if len(days) == 1:
        return days[0], None
    if len(days) == 2:
        return days[0], days[1]
    raise ValueRefused("DATE_YEAR_ONLY" if re.search(r"[12][0-9]{3}", text) and not days else "DATE_FORM")


@lru_cache(maxsize=4096)
def _of_text(written: str) -> DayReading:
    # The same day stands in thousands of rows.
    text = _CLOCK.sub("", half_width(written).strip())
    if match := _DAY.fullmatch(text) or _DIGITS.fullmatch(text):
        return _of_match(match)
    if _YEAR.fullmatch(text):
        raise ValueRefused("DATE_YEAR_ONLY")
    raise ValueRefused("DATE_TWO_DIGIT_YEAR" if _TWO_DIGITS.fullmatch(text) else "DATE_FORM")


def _of_number(value: float) -> DayReading:
    if not isfinite(value):
        raise ValueRefused("DATE_FORM")
    if int(value) in _SERIALS:
        return _in_range(DayReading(_SERIAL_EPOCH + timedelta(days=int(value)), serial=True))
    if isinstance(value, int):
        if match := _DIGITS.fullmatch(str(value)):
            return _of_match(match)
        raise ValueRefused("DATE_YEAR_ONLY" if _FIRST_YEAR <= value <= _LAST_YEAR else "DATE_FORM")
    text = repr(value)
    if not re.fullmatch(r"[12][0-9]{3}\.[0-9]{1,2}", text):
        raise ValueRefused("DATE_FORM")
    if text.endswith(".1"):
        raise ValueRefused("DATE_AMBIGUOUS", year=text[:4])
    return read_day(text)


def _of_match(match: re.Match[str]) -> DayReading:
    year, month, day = int(match["year"]), int(match["month"]), match["day"]
    try:
        return _in_range(DayReading(date(year, month, int(day) if day else 1), whole_month=day is None))
    except ValueError:
        raise ValueRefused("DATE_NOT_IN_CALENDAR") from None


def _in_range(reading: DayReading) -> DayReading:
    if not _FIRST_YEAR <= reading.day.year <= _LAST_YEAR:
        raise ValueRefused("DATE_OUT_OF_RANGE", first=_FIRST_YEAR, last=_LAST_YEAR)
    return reading
