"""Taking in the key of an expert, and withdrawing what was issued for it; `outside_certificates` takes in others'."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from service.actions.act import Act
from service.clock import CHINA
from service.keys import Keys
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.signing import FORMS, Authority, KeyUnfit, der_of, public_key_of, signed_with
from service.storage.signing import (
    Certificate,
    add_certificate,
    appointed_until,
    certificate_of_key,
    certificates_of,
    revoke,
)

_CHALLENGE_FOR: Final = timedelta(minutes=15)
_ABOUT: Final = "signing-challenge"
_DEVICE_MOST: Final = 120


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A public key and the proof that its holder sent it.

    Attributes:
        spki: the key, as SubjectPublicKeyInfo (DER).
        challenge: what `challenge_for` gave.
        proof: signature over the challenge's ASCII bytes.
        form: how the proof is written, `raw` or `der`.
        device: where the key was made.
    """

    spki: bytes
    challenge: str
    proof: bytes
    form: str
    device: str = ""


def challenge_for(keys: Keys, account_id: UUID, *, at: datetime) -> str:
    """Return what a new key must sign; good for this account and a quarter of an hour, and kept nowhere."""
    sealed = keys.encrypt(f"{account_id} {(at + _CHALLENGE_FOR).timestamp():.0f}", about=_ABOUT)
    return base64.urlsafe_b64encode(sealed).decode()


async def enrol_key(act: Act, authority: Authority, enrolment: Enrolment) -> Certificate:
    """Issue a certificate for a key; the same key once more gives the same certificate.

    The certificate ends with the holder's term (A24). Former ones stay: another device may hold their keys.

    Raises:
        Invalid: KEY_UNFIT, CHALLENGE_OVER, PROOF_WRONG, KEY_TAKEN.
        Refused: CERTIFICATE_NEEDS_OFFICE for who is no expert in office on this day.

    Source: A24, A32.3.
    """
    act.require("certificate:enrol")
    key = _proved_key(act, enrolment)
    until = await appointed_until(act.session, act.viewer.person_id, on=act.on)
    if until is None:
        raise Refused([Refusal("CERTIFICATE_NEEDS_OFFICE", cite="A24", edition=act.edition.id)])
    digest = hashlib.sha256(enrolment.spki).hexdigest()
    held = await certificate_of_key(act.session, digest)
    if held is not None:
        if held.person_id != act.viewer.person_id or not held.counts_at(act.at):
            raise Invalid([Fault("/key", "KEY_TAKEN")])
        return held
    until_at = last_instant(until)
    issued = authority.issue(key, act.viewer.name, at=act.at, until=until_at)
    certificate = Certificate(
        serial=f"{issued.serial_number:x}",
        person_id=act.viewer.person_id,
        der=issued.public_bytes(Encoding.DER),
        device=enrolment.device[:_DEVICE_MOST],
        issued_at=act.at,
        until_at=until_at,
        revoked_at=None,
        revoked_why="",
    )
    await add_certificate(act.session, certificate, spki_sha256=digest)
    act.record(
        "certificate.issued",
        stream=f"certificates:{act.viewer.person_id}",
        body={"serial": certificate.serial, "spki_sha256": digest, "until": until.isoformat()},
        cites=("A32.3",),
        edition=act.edition.id,
    )
    return certificate


def last_instant(day: date) -> datetime:
    """Return the last instant of a term that ends on this day."""
    return datetime.combine(day, time(23, 59, 59), CHINA)


async def give_up_key(act: Act, serial: str) -> None:
    """Withdraw one's own certificate because its key is lost; what was signed before stays valid.

    Raises:
        NotFound: when it is not one's own, or does not count any more.
    """
    act.require("certificate:give-up")
    await _withdraw(act, act.viewer.person_id, why="key-lost", serial=serial)


async def withdraw_certificates(act: Act, person_id: UUID, *, why: str) -> None:
    """Withdraw every certificate of a person, in the unit of work that ends the appointment (A26, A70)."""
    if any(certificate.revoked_at is None for certificate in await certificates_of(act.session, person_id)):
        await _withdraw(act, person_id, why=why)


async def _withdraw(act: Act, person_id: UUID, *, why: str, serial: str = "") -> None:
    gone = await revoke(act.session, person_id, at=act.at, why=why, serial=serial)
    if not gone:
        raise NotFound(subject="certificate")
    act.record("certificate.revoked", stream=f"certificates:{person_id}", body={"serials": list(gone), "why": why})


def _proved_key(act: Act, enrolment: Enrolment) -> ec.EllipticCurvePublicKey:
    """Return the key when its holder proved to have the private half within the time."""
    if enrolment.form not in FORMS:
        raise Invalid([Fault("/form", "FIELD_NOT_A_CHOICE")])
    try:
        key = public_key_of(enrolment.spki)
    except KeyUnfit:
        raise Invalid([Fault("/key", "KEY_UNFIT")]) from None
    if not challenge_stands(act.keys, act.viewer.account_id, enrolment.challenge, at=act.at):
        raise Invalid([Fault("/challenge", "CHALLENGE_OVER")])
    proof = der_of(enrolment.proof, form=enrolment.form)
    if proof is None or not signed_with(key, proof, enrolment.challenge.encode()):
        raise Invalid([Fault("/proof", "PROOF_WRONG")])
    return key


def challenge_stands(keys: Keys, account_id: UUID, challenge: str, *, at: datetime) -> bool:
    """Return whether a challenge was given to this account, and its time is not over."""
    try:
        sealed = base64.urlsafe_b64decode(challenge.encode("ascii"))
        given_to, over = keys.decrypt(sealed, about=_ABOUT).split()
    except (ValueError, InvalidTag):
        return False
    return given_to == str(account_id) and at.timestamp() <= int(over)
