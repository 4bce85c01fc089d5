"""Telephone numbers of mainland China in one form."""

import re
from dataclasses import dataclass, field
from typing import Final

from registry.refused import ValueRefused
from registry.writing import half_width

_COUNTRY: Final = re.compile(r"^(?:\+|00)86|^86(?=1[3-9][0-9]{9}$)")
_TYPING: Final = re.compile(r"[\s\-‐‑–—()（）.]")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
# Area codes: 010 and 02x have eight digits behind them, the others seven or eight.
_LANDLINE: Final = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-8][0-9]{6,7})")
_EXTENSION: Final = re.compile(r"(?:转|ext\.?|分机|[*#]|(?<=[0-9]{7})-(?=[0-9]{1,6}$))\s*([0-9]{1,6})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number.

    Attributes:
        number: 11 digits of a mobile, or area code, hyphen, number and perhaps hyphen and extension.
        mobile: whether messages can be sent to it.
    """

    number: str = field(repr=False)
    mobile: bool

    @property
    def masked(self) -> str:
        """Return the form that may be shown."""
        return mask_phone(self.number)


def read_phone(text: str) -> Phone:
    """Return the number that was typed, with blanks, hyphens, brackets and the country code taken as typing.

    Raises:
        ValueRefused: PHONE_MISSING, PHONE_SCIENTIFIC, PHONE_WITHOUT_AREA (seven or eight digits), PHONE_FORM.

    Example:
        >>> read_phone("+86 138-0013-8000").number
        '13800138000'
    """
    typed = half_width(text).strip()
    if not typed:
        raise ValueRefused("PHONE_MISSING")
    if re.fullmatch(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+", typed):
        raise ValueRefused("PHONE_SCIENTIFIC")
    digits = _COUNTRY.sub("", _TYPING.sub("", typed))
    if _MOBILE.fullmatch(digits):
        return Phone(digits, mobile=True)
    extension = ""
    if match := _EXTENSION.search(typed):
        extension = "-" + match[1]
        typed = typed[: match.start()]
        digits = _COUNTRY.sub("", _TYPING.sub("", typed))
    if landline := _LANDLINE.fullmatch(digits if digits.startswith("0") else "0" + digits):
        return Phone(f"{landline[1]}-{landline[2]}{extension}", mobile=False)
    if re.fullmatch(r"[2-8][0-9]{6,7}", digits):
        raise ValueRefused("PHONE_WITHOUT_AREA", length=len(digits))
    raise ValueRefused("PHONE_FORM", length=len(digits))


def mask_phone(number: str) -> str:
    """Return the number with its middle hidden.

    Example:
        >>> mask_phone("13800138000")
        '138****8000'
        >>> mask_phone("0335-2012345")
        '0335-***2345'
    """
    if _MOBILE.fullmatch(number):
        return number[:3] + "****" + number[-4:]
    area, hyphen, local = number.partition("-")
    return f"{area}{hyphen}***{local[-4:]}" if hyphen else "*" * len(number)
