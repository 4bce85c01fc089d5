"""Days, instants and numbers, said as people say them.

A day near today is said both ways, "9 天后 · 11月28日 周六" and "in 9 days · Sat 28 Nov": the count tells how much time
is left, the date is what one writes down.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.locales.catalogue import Language, enumerated, language

_CHINA: Final = ZoneInfo("Asia/Shanghai")
_WEEKDAYS: Final = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NEAR: Final = {
    "zh": {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
# Beyond this many days the count says less than the date.
_COUNTED: Final = 60


def say_date(day: date | None, today: date | None = None, *, lang: Language | None = None) -> str:
    """Return a day as people say it; an absent day is a dash.

    Args:
        day: a China Standard Time day.
        today: with it, a day within 60 days is said both ways and the present year is left out.
        lang: another language than the present one.
    """
    if day is None:
        return "—"
    lang = lang or language()
    said = _dated(day, lang, with_year=today is None or day.year != today.year)
    if today is None or abs((day - today).days) > _COUNTED:
        return said
    return f"{say_distance(day, today, lang=lang)} · {said}"


def say_distance(day: date, today: date, *, lang: Language | None = None) -> str:
    """Return how far away a day is: "9 天后", "in 9 days", "昨天"."""
    lang = lang or language()
    days = (day - today).days
    if days in _NEAR[lang]:
        return _NEAR[lang][days]
    if lang == "zh":
        return f"{days} 天后" if days > 0 else f"{-days} 天前"
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def say_day(day: date | None, *, lang: Language | None = None) -> str:
    """Return a day as documents write it: "2026年11月28日", "28 Nov 2026"."""
    if day is None:
        return "—"
    if (lang or language()) == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_when(at: datetime | None, today: date | None = None, *, lang: Language | None = None) -> str:
    """Return an aware instant in China Standard Time, to the minute: "11月28日 周六 14:05".

    Raises:
        ValueError: when the instant is naive.
    """
    if at is None:
        return "—"
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    local = at.astimezone(_CHINA)
    lang = lang or language()
    return f"{_dated(local.date(), lang, with_year=today is None or local.year != today.year)} {local:%H:%M}"


def say_number(number: float | None, *, lang: Language | None = None) -> str:  # noqa: ARG001 -- alike in both so far
    """Return a number with its thousands apart: 12,345; an absent one is a dash."""
    return "—" if number is None else f"{number:,}"


def say_list(items: Sequence[str], *, lang: Language | None = None) -> str:
    """Return items as an enumeration: "甲、乙", "a, b"."""
    return enumerated(items, lang or language())


def _dated(day: date, lang: Language, *, with_year: bool) -> str:
    weekday = _WEEKDAYS[lang][day.weekday()]
    if lang == "zh":
        return f"{f'{day.year}年' if with_year else ''}{day.month}月{day.day}日 周{weekday}"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{f' {day.year}' if with_year else ''}"
