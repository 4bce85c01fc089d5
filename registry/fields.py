"""Codes of fields: what they are called, how deep they go, and what they stand for."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from registry.disciplines import DISCIPLINES, DOMAINS
from registry.refused import ValueRefused
from registry.writing import without_blanks

_FORM: Final = re.compile(r"[0-9]{3}(?:[0-9]{2}){0,2}|L[0-9]{2}")


def is_field_code(text: str) -> bool:
    """Return whether the text is a code of this library: a known domain, or 3, 5 or 7 digits of a known discipline."""
    return bool(_FORM.fullmatch(text)) and (text in DOMAINS or text[:3] in DISCIPLINES)


def read_field_code(text: str) -> str:
    """Return the code that was typed, half-width and in capitals; dots inside (`570.25`) are taken as typing.

    Raises:
        ValueRefused: FIELD_CODE_UNKNOWN.
    """
    code = without_blanks(text).upper().replace(".", "")
    if not is_field_code(code):
        raise ValueRefused("FIELD_CODE_UNKNOWN", code=code[:16])
    return code


def field_name(code: str, *, language: str = "zh") -> str:
    """Return what people call a code; a deeper code is its discipline's name with the code behind it.

    Args:
        code: a code of this library.
        language: `zh` or `en`.

    Raises:
        KeyError: for a code that `is_field_code` refuses.

    Example:
        >>> field_name("57025")
        '水利工程 57025'
    """
    known = DOMAINS[code] if code.startswith("L") else DISCIPLINES[code[:3]]
    name = known.en if language == "en" else known.zh
    return name if code == known.code else f"{name} {code}"


def depth(code: str) -> int:
    """Return how deep a code goes: 1 for a first-level discipline or a domain, 2 for five digits, 3 for seven."""
    return 1 if code.startswith("L") else (len(code) - 1) // 2


def expand(code: str) -> tuple[str, ...]:
    """Return the codes of GB/T 13745 that a code stands for: a domain's own list, or the code itself."""
    return DOMAINS[code].codes if code in DOMAINS else (code,)


def seating_codes(codes: Iterable[str]) -> tuple[str, ...]:
    """Return every code under which an expert can be seated, sorted.

    A domain stands for its disciplines, and a discipline is part of every domain that covers it: an expert for 57025
    can be seated for `L12`, an expert for `L12` for 570.

    Source: house decision 9.
    """
    return tuple(sorted({seated for code in codes for seated in _seating(code)}))


@lru_cache(maxsize=4096)
def _seating(code: str) -> tuple[str, ...]:
    return (code, *expand(code), *(domain.code for domain in DOMAINS.values() if code.startswith(domain.codes)))


def covers(need: str, code: str) -> bool:
    """Return whether an expert's code fills a seat for `need`: one of its seating codes begins with it."""
    return any(seat.startswith(need) for seat in seating_codes((code,)))
