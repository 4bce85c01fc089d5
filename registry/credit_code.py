"""The unified social credit code (统一社会信用代码), by which an organisation is known."""

import re
from typing import Final

from registry.refused import ValueRefused
from registry.writing import without_blanks

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_OLD_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OLD_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_OLD_ORGANISATION: Final = re.compile(r"[0-9A-Z]{8}[0-9X]")
_OLD_REGISTRATION: Final = re.compile(r"[0-9]{15}|[0-9]{13}")
_LENGTH = 18


def credit_check_character(body: str) -> str:
    """Return the last character of a credit code from its first 17.

    Source: GB 32100-2015 (ISO 7064-like, modulus 31).
    """
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def read_credit_code(text: str) -> str:
    """Return a credit code in its normal form: 18 half-width capitals and digits whose check character is right.

    Raises:
        ValueRefused: CREDIT_CODE_MISSING, CREDIT_CODE_OLD_ORGANISATION_CODE (the nine characters used before 2015),
            CREDIT_CODE_OLD_REGISTRATION_NUMBER (a business registration number), CREDIT_CODE_SCIENTIFIC,
            CREDIT_CODE_LENGTH, CREDIT_CODE_CHARACTERS (I, O, S, V and Z never occur), CREDIT_CODE_CHECK.
    """
    code = re.sub(r"[-‐‑–—]", "", without_blanks(text)).upper()
    if not code:
        raise ValueRefused("CREDIT_CODE_MISSING")
    if re.fullmatch(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", code):
        raise ValueRefused("CREDIT_CODE_SCIENTIFIC")
    if _is_old_organisation_code(code):
        raise ValueRefused("CREDIT_CODE_OLD_ORGANISATION_CODE")
    if _OLD_REGISTRATION.fullmatch(code):
        raise ValueRefused("CREDIT_CODE_OLD_REGISTRATION_NUMBER", length=len(code))
    if len(code) != _LENGTH:
        raise ValueRefused("CREDIT_CODE_LENGTH", length=len(code))
    for position, character in enumerate(code, start=1):
        if character not in _ALPHABET:
            raise ValueRefused("CREDIT_CODE_CHARACTERS", position=position)
    if credit_check_character(code[:-1]) != code[-1]:
        raise ValueRefused("CREDIT_CODE_CHECK")
    return code


def _is_old_organisation_code(code: str) -> bool:
    if not _OLD_ORGANISATION.fullmatch(code):
        return False
    total = sum(
        _OLD_ALPHABET.index(character) * weight for character, weight in zip(code[:8], _OLD_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11] == code[8]
