"""Numbers by which a person is known: resident identity cards, residence permits, passports."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import mul
from typing import Final

from registry.refused import ValueRefused
from registry.writing import without_blanks


class IdentityKind(StrEnum):
    """Kind of document; the same number of another kind is another person."""

    RESIDENT = "resident"
    PERMIT = "permit"
    PASSPORT = "passport"


class Sex(StrEnum):
    """Sex as coded in GB/T 2261.1."""

    MALE = "1"
    FEMALE = "2"


@dataclass(frozen=True, slots=True)
class Identity:
    """A number that was checked and is in its normal form.

    Attributes:
        kind: kind of document.
        number: half-width, capitals; resident numbers always with 18 characters. Kept out of `repr`.
        born_on: day of birth where the number tells it.
        sex: sex where the number tells it.
        region: GB/T 2260 code of first registration for resident numbers, else empty.
    """

    kind: IdentityKind
    number: str = field(repr=False)
    born_on: date | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    region: str = ""

    @property
    def key_text(self) -> str:
        """Return what the keyed hash of a person is taken over: kind, a colon and the number."""
        return f"{self.kind}:{self.number}"

    @property
    def masked(self) -> str:
        """Return the form that may be shown."""
        return mask_identity(self.number)


_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
# First two digits of GB/T 2260. Permits of Hong Kong, Macao and Taiwan residents begin with 81 to 83, of foreigners
# with 9.
_PROVINCES: Final = frozenset(
    map(
        str,
        (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82),
    )
)
_PERMIT_AREAS: Final = frozenset({"810000", "820000", "830000"})
_EIGHTEEN: Final = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN: Final = re.compile(r"[0-9]{15}")
_OLD_FOREIGN_PERMIT: Final = re.compile(r"[A-Z]{3}[0-9]{12}")
_TRAVEL_PERMIT: Final = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|[0-9]{8}")
_PASSPORT: Final = re.compile(r"(?=[A-Z0-9]*[0-9])[A-Z0-9]{5,15}")
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_DASHES: Final = str.maketrans("", "", "-‐‑‒–—―")
_FIRST_YEAR = 1880


def check_character(body: str) -> str:
    """Return the last character of a resident number from its first 17 digits.

    Source: GB 11643-1999 (ISO 7064, MOD 11-2).
    """
    return _CHECKS[sum(map(mul, map(int, body), _WEIGHTS)) % 11]


def read_identity(text: str, *, kind: IdentityKind | None = None) -> Identity:
    """Return the identity that a typed number stands for.

    Full-width characters, blanks and hyphens are taken as typing; nothing else is repaired. Without `kind`, 18 or 15
    digits are a resident number (or a residence permit by their first digits), a number with letters is one of the
    two other kinds where only one fits.

    Args:
        text: the number as typed; a number cell of a spreadsheet must be judged before, it may have lost digits.
        kind: the kind of document where it is stated.

    Raises:
        ValueRefused: ID_NUMBER_MISSING, ID_NUMBER_SCIENTIFIC (a spreadsheet's 1.3E+17), ID_NUMBER_DIGITS_LOST (a
            spreadsheet made the last digits zero), ID_NUMBER_LENGTH, ID_NUMBER_CHARACTERS, ID_NUMBER_REGION,
            ID_NUMBER_BIRTH_DATE, ID_NUMBER_CHECK_DIGIT, PERMIT_NUMBER_FORM, PASSPORT_NUMBER_FORM.

    Example:
        >>> read_identity("１１０１０５１９４９１２３１００２ｘ").born_on
        datetime.date(1949, 12, 31)

    Source: GB 11643-1999; house decision 8 (a person is kind and normalised number).
    """
    number = without_blanks(text).translate(_DASHES).upper()
    if not number:
        raise ValueRefused("ID_NUMBER_MISSING")
    if _SCIENTIFIC.fullmatch(number) and kind is not IdentityKind.PASSPORT:
        raise ValueRefused("ID_NUMBER_SCIENTIFIC")
    if kind is IdentityKind.PASSPORT:
        return _passport(number)
    if kind is IdentityKind.PERMIT:
        return _permit(number)
    if _OLD_FOREIGN_PERMIT.fullmatch(number) and kind is None:
        return Identity(IdentityKind.PERMIT, number)
    if kind is None and number[0].isalpha() and _PASSPORT.fullmatch(number):
        return _permit(number) if re.fullmatch(r"[HM](?:[0-9]{8}|[0-9]{10})", number) else _passport(number)
    identity = _of_card(number)
    if kind is IdentityKind.RESIDENT and identity.kind is not kind:
        raise ValueRefused("ID_NUMBER_REGION", region=number[:2])
    return identity


def mask_identity(number: str) -> str:
    """Return the number with only its first three and last two characters readable, fewer for short ones.

    Example:
        >>> mask_identity("11010519491231002X")
        '110*************2X'
    """
    head, tail = (3, 2) if len(number) >= 10 else (1, 1)
    if len(number) <= head + tail:
        return "*" * len(number)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


def ends_in_zeros(identity: Identity) -> bool:
    """Return whether a resident number that passes its check ends in 000.

    One number in eleven whose last three digits a spreadsheet made zero still passes the check: worth a look at the
    card, no more.
    """
    return identity.kind is IdentityKind.RESIDENT and identity.number.endswith("000")


def _of_card(number: str) -> Identity:
    if _FIFTEEN.fullmatch(number):
        body = number[:6] + "19" + number[6:]
        number = body + check_character(body)
    elif not _EIGHTEEN.fullmatch(number):
        if len(number) not in (15, 18):
            raise ValueRefused("ID_NUMBER_LENGTH", length=len(number))
        raise ValueRefused("ID_NUMBER_CHARACTERS", position=_first_odd(number))
    elif check_character(number[:17]) != number[17]:
        raise ValueRefused("ID_NUMBER_DIGITS_LOST" if number.endswith("000") else "ID_NUMBER_CHECK_DIGIT")
    permit = number[:6] in _PERMIT_AREAS or number[0] == "9"
    if not permit and number[:2] not in _PROVINCES:
        raise ValueRefused("ID_NUMBER_REGION", region=number[:2])
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueRefused("ID_NUMBER_BIRTH_DATE") from None
    if born_on.year < _FIRST_YEAR:
        raise ValueRefused("ID_NUMBER_BIRTH_DATE")
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    kind = IdentityKind.PERMIT if permit else IdentityKind.RESIDENT
    return Identity(kind, number, born_on, sex, "" if permit else number[:6])


def _first_odd(number: str) -> int:
    for position, character in enumerate(number, start=1):
        last = position == len(number) == 18
        if not (character.isascii() and character.isdigit()) and not (last and character == "X"):
            return position
    return len(number)


def _permit(number: str) -> Identity:
    if _EIGHTEEN.fullmatch(number):
        identity = _of_card(number)
        if identity.kind is IdentityKind.PERMIT:
            return identity
    if _OLD_FOREIGN_PERMIT.fullmatch(number) or _TRAVEL_PERMIT.fullmatch(number):
        return Identity(IdentityKind.PERMIT, number)
    raise ValueRefused("PERMIT_NUMBER_FORM", length=len(number))


def _passport(number: str) -> Identity:
    if not _PASSPORT.fullmatch(number):
        raise ValueRefused("PASSPORT_NUMBER_FORM", length=len(number))
    return Identity(IdentityKind.PASSPORT, number)
