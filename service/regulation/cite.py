"""How an article is named: `A15p3` is 第十五条第三款, `A26.1` 第二十六条第（一）项, `A58.1.3` its sub-item 3."""

import re
from typing import Final

_CITE: Final = re.compile(
    r"A(?P<article>[1-9]\d{0,2})(?:p(?P<paragraph>\d{1,2}))?(?:\.(?P<item>\d{1,2}))?(?:\.(?P<part>\d{1,2}))?"
)
_DIGITS: Final = "零一二三四五六七八九"


def is_cite(text: str) -> bool:
    """Return whether a text names one place of the regulation."""
    return _CITE.fullmatch(text) is not None


def say_cite(cite: str, lang: str) -> str:
    """Return a place as people cite it, in Chinese (`zh`) or English; ranges and lists are said part by part.

    Example:
        >>> say_cite("A32.1", "zh"), say_cite("A15p3", "en")
        ('第三十二条第（一）项', 'Art. 15, para. 3')
    """
    parts = [part.strip() for part in cite.split(",")]
    return ("、" if lang == "zh" else ", ").join(_say_range(part, lang) for part in parts if part)


def _say_range(part: str, lang: str) -> str:
    first, dash, last = part.partition("–")
    if not dash:
        return _say_place(part, lang)
    between = "至" if lang == "zh" else " to "
    return f"{_say_place(first, lang)}{between}{_say_place(last, lang)}"


def _say_place(place: str, lang: str) -> str:
    found = _CITE.fullmatch(place)
    if found is None:
        return place
    article, paragraph, item, part = (found[name] for name in ("article", "paragraph", "item", "part"))
    if lang == "zh":
        said = f"第{_chinese(int(article))}条"
        said += f"第{_chinese(int(paragraph))}款" if paragraph else ""
        said += f"第（{_chinese(int(item))}）项" if item else ""
        return said + (f"第{part}目" if part else "")
    said = f"Art. {article}"
    said += f" ({item})" if item else ""
    said += f" ({part})" if part else ""
    return said + (f", para. {paragraph}" if paragraph else "")


def _chinese(number: int) -> str:
    """Return a number below 1,000 in Chinese numerals."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += "十" if tens == 1 and not hundreds else f"{_DIGITS[tens]}十"
    elif hundreds and ones:
        said += "零"
    return said + (_DIGITS[ones] if ones or not number else "")
