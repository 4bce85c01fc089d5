"""Signatures: the center's authority, enrolment of keys, prepared signatures on PDF documents, and their verification.

pyHanko is imported by `chains`, `documents`, `fetching`, `stamping` and `verification` only, which are imported where
they are used: it takes about a second to load.
"""

from service.signing.authority import REVOCATIONS, Authority, Revoked, found_authority, issued_by, restore_authority
from service.signing.enrolment import FORMS, KeyUnfit, certificate_in, der_of, key_in, public_key_of, signed_with
from service.signing.outside import ALONE, CHAIN_MOST, ListUnreadable, Outside, chain_of, list_files, read_list

__all__ = [
    "ALONE",
    "CHAIN_MOST",
    "FORMS",
    "REVOCATIONS",
    "Authority",
    "KeyUnfit",
    "ListUnreadable",
    "Outside",
    "Revoked",
    "certificate_in",
    "chain_of",
    "der_of",
    "found_authority",
    "issued_by",
    "key_in",
    "list_files",
    "public_key_of",
    "read_list",
    "restore_authority",
    "signed_with",
]
