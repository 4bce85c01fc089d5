"""Signing with the certificate of a licensed authority: its holder brings it, somebody else confirms whose it is.

The authority vouches that a name belongs to a key; that this name is the expert of the library, people compare.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from service.actions.act import Act
from service.actions.certificates import challenge_stands, last_instant
from service.keys import Keys
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Unavailable
from service.signing import KeyUnfit, ListUnreadable, Outside, certificate_in, key_in, signed_with
from service.storage.signing import (
    Certificate,
    add_certificate,
    appointed_until,
    bring_again,
    certificate_of_key,
    certificate_with,
    confirm_certificate,
    revoke,
)

CERTIFICATE_MOST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Offer:
    """A certificate of an outside authority and the proof that its holder sent it.

    Attributes:
        certificate: PEM or DER; of several the first.
        challenge: what `challenge_for` gave.
        proof: signature with SHA-256 over the challenge's ASCII bytes, as openssl or a USB key's software writes it.
    """

    certificate: bytes
    challenge: str
    proof: bytes


async def examine(keys: Keys, outside: Outside, offer: Offer, *, account_id: UUID, at: datetime) -> x509.Certificate:
    """Return the offered certificate when its key's holder sent it and a trusted authority has not withdrawn it.

    Writes nothing. The proof comes first: only then is an authority asked about the certificate.

    Raises:
        Invalid: CERTIFICATE_UNREADABLE, OUTSIDE_KEY_UNFIT, CHALLENGE_OVER, OUTSIDE_PROOF_WRONG.
        Refused: OUTSIDE_NONE without such an authority; OUTSIDE_UNKNOWN, OUTSIDE_REVOKED, OUTSIDE_ENDED,
            OUTSIDE_UNCHECKED, OUTSIDE_NOT_FOR_SIGNING.
        Unavailable: LIST_UNREADABLE.
    """
    if not outside.roots:
        raise Refused([Refusal("OUTSIDE_NONE")])
    try:
        certificate = certificate_in(offer.certificate[:CERTIFICATE_MOST])
    except ValueError:
        raise Invalid([Fault("/certificate", "CERTIFICATE_UNREADABLE")]) from None
    try:
        key = key_in(certificate)
    except KeyUnfit:
        raise Invalid([Fault("/certificate", "OUTSIDE_KEY_UNFIT")]) from None
    if not challenge_stands(keys, account_id, offer.challenge, at=at):
        raise Invalid([Fault("/challenge", "CHALLENGE_OVER")])
    if not signed_with(key, offer.proof, offer.challenge.encode()):
        raise Invalid([Fault("/proof", "OUTSIDE_PROOF_WRONG")])
    await asyncio.to_thread(must_count, certificate, outside, at=at)
    return certificate


def must_count(certificate: x509.Certificate, outside: Outside, *, at: datetime) -> None:
    """Refuse a certificate of an outside authority that does not count now; call it in a thread.

    Raises:
        Refused: OUTSIDE_UNKNOWN, OUTSIDE_REVOKED, OUTSIDE_ENDED, OUTSIDE_UNCHECKED, OUTSIDE_NOT_FOR_SIGNING.
        Unavailable: LIST_UNREADABLE.
    """
    from service.signing.chains import ChainUnfit, check_chain

    try:
        asyncio.run(check_chain(certificate, outside, at=at))
    except ChainUnfit as fault:
        raise Refused([Refusal(fault.code, facts={"issuer": name_in(certificate.issuer)})]) from None
    except ListUnreadable:
        raise Unavailable("LIST_UNREADABLE") from None


async def bring_certificate(act: Act, certificate: x509.Certificate) -> Certificate:
    """Keep a certificate that `examine` found good, until somebody confirms whose it is.

    It counts until the holder's term ends (A24), and not longer than its authority says. The same one once more, after
    a further term or where it was not confirmed, is taken in again; where it was not confirmed, from whichever account.

    Raises:
        Invalid: KEY_TAKEN.
        Refused: CERTIFICATE_NEEDS_OFFICE for who is no expert in office on this day.

    Source: A24, A32.3.
    """
    act.require("certificate:enrol")
    until = await appointed_until(act.session, act.viewer.person_id, on=act.on)
    if until is None:
        raise Refused([Refusal("CERTIFICATE_NEEDS_OFFICE", cite="A24", edition=act.edition.id)])
    brought = Certificate(
        serial=f"{certificate.serial_number:x}",
        person_id=act.viewer.person_id,
        der=certificate.public_bytes(Encoding.DER),
        device="",
        issued_at=act.at,
        until_at=min(last_instant(until), certificate.not_valid_after_utc),
        revoked_at=None,
        revoked_why="",
        issuer=name_in(certificate.issuer),
        subject=certificate.subject.rfc4514_string(),
    )
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(spki).hexdigest()
    held = await certificate_with(act.session, brought.serial) or await certificate_of_key(act.session, digest)
    if held is None:
        await add_certificate(act.session, brought, spki_sha256=digest)
    elif not _may_come_again(held, brought):
        raise Invalid([Fault("/certificate", "KEY_TAKEN")])
    elif held.waits or held.counts_at(act.at):
        return held
    else:
        await bring_again(act.session, brought, first_at=act.at if held.confirmed_at is None else held.issued_at)
    act.record(
        "certificate.brought",
        stream=f"certificates:{act.viewer.person_id}",
        body={
            "serial": brought.serial,
            "sha256": hashlib.sha256(brought.der).hexdigest(),
            "until": brought.until_at.isoformat(),
        },
        cites=("A32.3",),
        edition=act.edition.id,
    )
    return brought


def _may_come_again(held: Certificate, brought: Certificate) -> bool:
    """Whether it is the bringer's own once more, or nobody's yet; not one that was lost or of who was dismissed."""
    if held.der != brought.der:
        return False
    return held.revoked_why == "not-confirmed" or (held.revoked_why == "" and held.person_id == brought.person_id)


async def confirm_holder(act: Act, serial: str) -> None:
    """Confirm that an outside certificate names the expert who brought it; from now on it can sign.

    Raises:
        NotFound: when none with this serial waits, or it is one's own.
        Refused: CERTIFICATE_NEEDS_OFFICE when its holder's term has ended by now.
    """
    act.require("certificate:confirm")
    held = await _waiting(act, serial)
    if await appointed_until(act.session, held.person_id, on=act.on) is None:
        raise Refused([Refusal("CERTIFICATE_NEEDS_OFFICE", cite="A24", edition=act.edition.id)])
    await confirm_certificate(act.session, serial, by=act.viewer.person_id, at=act.at)
    act.record("certificate.confirmed", stream=f"certificates:{held.person_id}", body={"serial": serial})


async def refuse_holder(act: Act, serial: str) -> None:
    """Say that an outside certificate does not name the expert who brought it; it never counts like this.

    Raises:
        NotFound: when none with this serial waits, or it is one's own.
    """
    act.require("certificate:confirm")
    held = await _waiting(act, serial)
    await revoke(act.session, held.person_id, at=act.at, why="not-confirmed", serial=serial)
    act.record(
        "certificate.revoked",
        stream=f"certificates:{held.person_id}",
        body={"serials": [serial], "why": "not-confirmed"},
    )


async def _waiting(act: Act, serial: str) -> Certificate:
    held = await certificate_with(act.session, serial)
    if held is None or not held.waits or held.person_id == act.viewer.person_id:
        raise NotFound(subject="certificate")
    return held


def name_in(name: x509.Name) -> str:
    """Return the common name, or the whole name where it has none."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
