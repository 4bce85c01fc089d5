"""Citations of the regulation as people say them: A24 is 第二十四条, A26.1 its item 1, A15p3 its third paragraph."""

import re
from typing import Final

from service.locales import language

_CITE: Final = re.compile(r"A(\d{1,3})(?:p(\d{1,2}))?(?:\.(\d{1,2}))?(?:\.(\d{1,2}))?")
_DIGITS: Final = "零一二三四五六七八九"


def say_article(cite: str) -> str:
    """Return a citation, or several parted by commas, in the reader's language; what is not one stays as it is."""
    said = [_one(part.strip()) for part in cite.split(",")]
    return ("、" if language() == "zh" else ", ").join(said)


def _one(cite: str) -> str:
    found = _CITE.fullmatch(cite)
    if found is None:
        return cite
    article, paragraph, item, subitem = (int(part) if part else None for part in found.groups())
    if language() != "zh":
        numbers = f"Art. {article}" + (f" ({item})" if item else "") + (f" ({subitem})" if subitem else "")
        return numbers + (f", para. {paragraph}" if paragraph else "")
    return (
        f"第{_chinese(article or 0)}条"
        + (f"第{_chinese(paragraph)}款" if paragraph else "")
        + (f"第（{_chinese(item)}）项" if item else "")
        + (f"第{subitem}目" if subitem else "")
    )


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
