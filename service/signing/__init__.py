"""Signatures: the center's authority, enrolment of keys, prepared signatures on PDF documents, and their verification.

pyHanko is imported by `documents`, `stamping` and `verification` only, which are imported where they are used: it takes
about a second to load.
"""

from service.signing.authority import REVOCATIONS, Authority, Revoked, found_authority, restore_authority
from service.signing.enrolment import FORMS, KeyUnfit, der_of, public_key_of, signed_with

__all__ = [
    "FORMS",
    "REVOCATIONS",
    "Authority",
    "KeyUnfit",
    "Revoked",
    "der_of",
    "found_authority",
    "public_key_of",
    "restore_authority",
    "signed_with",
]
