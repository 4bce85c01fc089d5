"""Numbers for people and organisations that do not exist.

They pass every check that real numbers pass, and cannot belong to anybody: no place has ever had the administrative
codes 1398xx and 1399xx, and telephone numbers that begin with 1990000 stand for nobody in particular.
"""

from datetime import date
from random import Random

COUNTY_CODE = "139900"
CITY_CODE = "139800"

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FIRST_SEQUENCE, _LAST_SEQUENCE = 900, 999


class NumbersUsedUp(Exception):
    """All sequence numbers of one place, day of birth and sex are taken."""


class Numbers:
    """Gives out identity and telephone numbers, each only once."""

    def __init__(self, random: Random) -> None:
        """Draw from `random`; the same state gives the same numbers."""
        self._random = random
        self._bodies: set[str] = set()
        self._phones: set[int] = set()

    def id_number(self, born_on: date, *, female: bool, area: str = COUNTY_CODE) -> str:
        """Return a new identity number of 18 characters for a day of birth and a sex.

        Raises:
            NumbersUsedUp: when all fifty sequence numbers of that day and sex are given out.

        Source: GB 11643-1999 (layout, check character).
        """
        parity = 0 if female else 1
        free = [
            body
            for sequence in range(_FIRST_SEQUENCE, _LAST_SEQUENCE + 1)
            if sequence % 2 == parity and (body := f"{area}{born_on:%Y%m%d}{sequence}") not in self._bodies
        ]
        if not free:
            raise NumbersUsedUp(area)
        body = self._random.choice(free)
        self._bodies.add(body)
        return body + id_check_character(body)

    def phone(self) -> str:
        """Return a new mobile number of 11 digits."""
        while (tail := self._random.randrange(10_000)) in self._phones:
            pass
        self._phones.add(tail)
        return f"1990000{tail:04d}"


def id_check_character(body: str) -> str:
    """Return the last character of an identity number from its first 17 digits (GB 11643-1999)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def credit_code(kind: str, area: str, serial: int) -> str:
    """Return a unified social credit code of 18 characters.

    Args:
        kind: registering authority and kind of body: `11` authority, `12` public institution, `31` law firm,
            `51` association, `91` company.
        area: administrative code of six digits.
        serial: 0 to 9999; one number, one organisation.

    Source: GB 32100-2015 (layout, last character), GB 11714-1997 (ninth character of the organisation code).
    """
    organisation = f"DEM0{serial:04d}"
    total = sum(
        _ORGANISATION_ALPHABET.index(character) * weight
        for character, weight in zip(organisation, _ORGANISATION_WEIGHTS, strict=True)
    )
    organisation += "0123456789X0"[11 - total % 11]
    body = f"{kind}{area}{organisation}"
    total = sum(
        _CREDIT_ALPHABET.index(character) * weight for character, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return body + _CREDIT_ALPHABET[-total % 31]
