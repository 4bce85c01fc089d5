"""Letters of appointment (聘书) as PDF/A: values in, bytes out."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import segno

from service.documents.typesetting import NotSettable, typeset

TITLE: Final = "聘书"


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """One letter, as it is printed.

    Attributes:
        number: of the letter.
        name: of the expert.
        starts_on, ends_on: the term, both inclusive.
        years: its length.
        letter_on: date of the letter.
        code: by which anyone can check it.
        prints: how often it was printed before; a letter printed again says so.
    """

    number: str
    name: str
    starts_on: date
    ends_on: date
    years: int
    letter_on: date
    code: str
    prints: int = 0


def letters_pdf(letters: Sequence[LetterSheet], *, county: str, base_url: str, on: date) -> bytes:
    """Return letters as one PDF/A, one a page; some 10 ms of CPU a letter, so call it in a thread.

    The wording is Chinese in every language: a letter is an official document of the county.

    Args:
        letters: at least one.
        county: whose library it is.
        base_url: under which anyone can check a letter.
        on: the day of printing, which the file bears.

    Raises:
        NotSettable: when a name has a character that no font has.

    Source: A24.
    """
    values = {
        "title": TITLE,
        "issuer": f"{county}重大行政决策咨询论证专家库",
        "approver": f"{county}决策咨询服务中心",
        "seal": "（盖章）",
        "salute": " 同志：",
        "check-label": "扫码或者凭验证码核对：",
        "check-href": f"{base_url}/letters",
        "date": [on.year, on.month, on.day],
        "letters": [_values(one, county=county, base_url=base_url) for one in letters],
    }
    return typeset("letter", values)


@lru_cache(maxsize=256)
def unsettable(name: str) -> str:
    """Return what of a name no font of the installation has; empty when a letter can bear it.

    Example:
        >>> unsettable("张三")
        ''
    """
    try:
        typeset("glyphs", {"text": name})
    except NotSettable as fault:
        return fault.text
    return ""


def _values(letter: LetterSheet, *, county: str, base_url: str) -> dict[str, str]:
    svg = io.BytesIO()
    segno.make(f"{base_url}/letters/{letter.code}", error="m").save(svg, kind="svg", border=0, xmldecl=False)
    return {
        "number": letter.number,
        "remark": f"补印（第 {letter.prints + 1} 次）" if letter.prints else "",
        "name": letter.name,
        "text": (
            f"兹聘请您为{county}重大行政决策咨询论证专家，聘期{_YEARS.get(letter.years, str(letter.years))}年，"
            f"自{_day(letter.starts_on)}起至{_day(letter.ends_on)}止。"
        ),
        "qr": svg.getvalue().decode(),
        "code": "-".join(letter.code[place : place + 4] for place in range(0, len(letter.code), 4)),
        "day": _day(letter.letter_on),
    }


_YEARS: Final = {1: "一", 2: "二", 3: "三", 4: "四", 5: "五", 6: "六", 10: "十"}


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
