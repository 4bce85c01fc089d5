"""Signing a document with one's own key: prepared by the server, signed by the key's holder, finished by the server.

An act in three parts: what is read, the pure work outside of any unit of work, and what is settled in one, if what was
read still holds.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.access import Viewer
from service.actions.act import Act
from service.actions.outside_certificates import must_count
from service.clock import CHINA
from service.documents.typesetting import NotSettable, typeset
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, TextMovedOn, Unavailable
from service.signing import FORMS, Authority, ListUnreadable, Outside, der_of, key_in, signed_with
from service.storage.session import Database, Session, reading
from service.storage.signatures import Pending, add_document, drop_pending, keep_pending, pending_of
from service.storage.signing import Certificate, certificates_of, revocations

_WAITS: Final = timedelta(minutes=30)
# From the left, bottom, right, top of the last page: every template of a document to sign keeps this place free.
_PLACE: Final = (335, 84, 521, 142)


@dataclass(frozen=True, slots=True)
class Text:
    """What a document says, and what it was made from.

    Attributes:
        kind: `undertaking` or `opinion`; also the name of its template.
        matter_id: the matter.
        basis: changes whenever the document would be another one.
        values: for the template.
        reason: what the stamp says that it is.
    """

    kind: str
    matter_id: UUID
    basis: str
    values: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Made:
    """A document with its signature in place, not yet settled."""

    pending: Pending
    pdf: bytes
    sha256: str


async def make_ready(
    database: Database, authority: Authority, outside: Outside, viewer: Viewer, text: Text, *, serial: str, at: datetime
) -> Pending:
    """Set a document and prepare it for one of the viewer's certificates; writes nothing.

    Args:
        database: to read the certificate from.
        authority: the center.
        outside: further authorities, one of which may have issued the certificate.
        viewer: who signs.
        text: the document.
        serial: of the certificate whose key will sign.
        at: now.

    Raises:
        Refused: CERTIFICATE_UNUSABLE; OUTSIDE_REVOKED and its like, where its own authority says no.
        Invalid: TEXT_NOT_SETTABLE, naming the characters that no font has.
    """
    async with reading(database) as session:
        certificate = await _usable(session, viewer, serial, at=at)
    if certificate.issuer:
        await asyncio.to_thread(must_count, certificate.value, outside, at=at)
    return await asyncio.to_thread(_prepare, authority, outside, viewer, text, certificate, at)


async def wait_for_signature(act: Act, pending: Pending) -> None:
    """Keep a prepared document until its signature comes; the act that calls it has asked whether it may be signed."""
    await keep_pending(act.session, pending, at=act.at)


async def put_in(
    database: Database,
    authority: Authority,
    outside: Outside,
    viewer: Viewer,
    pending_id: UUID,
    signature: bytes,
    *,
    form: str,
    at: datetime,
) -> Made | None:
    """Check a signature and put it into its document; writes nothing.

    Returns:
        The signed document; None when nothing waits any more, which a repeat of the same request may find.

    Raises:
        Invalid: SIGNATURE_WRONG; SIGNATURE_NO_ROOM, where the document must be prepared anew.
        Refused: CERTIFICATE_UNUSABLE, when it was withdrawn in the meantime; OUTSIDE_REVOKED and its like.
        Unavailable: TIME_STAMP_FAILED and its like, LIST_UNREADABLE; the document goes on waiting.
    """
    async with reading(database) as session:
        try:
            pending = await pending_of(session, pending_id, viewer.person_id, at=at)
        except NotFound:
            return None
        certificate = await _usable(session, viewer, pending.serial, at=at)
        revoked = await revocations(session)
    if form not in FORMS:
        raise Invalid([Fault("/form", "FIELD_NOT_A_CHOICE")])
    der = der_of(signature, form=form)
    if der is None:
        raise Invalid([Fault("/signature", "SIGNATURE_WRONG")])
    listed = authority.revocation_list(revoked, at=at, number=int(at.timestamp()))
    return await asyncio.to_thread(_finish, authority, outside, pending, der, certificate, listed, at)


async def settle(
    act: Act, made: Made | None, *, kind: str, matter_id: UUID, basis: str, round_: int, version: int
) -> tuple[Made, UUID]:
    """Keep a signed document, if it still waits and what it was made from still holds; return it and its id.

    Raises:
        NotFound: when nothing waits.
        TextMovedOn: when the document would be another one by now.
        Refused: CERTIFICATE_UNUSABLE.
    """
    if made is None or (made.pending.kind, made.pending.matter_id) != (kind, matter_id):
        raise NotFound(subject="signature")
    if made.pending.basis != basis:
        raise TextMovedOn(subject=kind)
    await _usable(act.session, act.viewer, made.pending.serial, at=act.at)
    if not await drop_pending(act.session, made.pending.id):
        raise NotFound(subject="signature")
    document_id = await add_document(
        act.session,
        kind=kind,
        matter_id=matter_id,
        person_id=act.viewer.person_id,
        round_=round_,
        version=version,
        how="key",
        pdf=made.pdf,
        sha256=made.sha256,
        serial=made.pending.serial,
        at=act.at,
    )
    return made, document_id


def set_text(text: Text) -> bytes:
    """Return a document without a signature; call it in a thread.

    Raises:
        Invalid: TEXT_NOT_SETTABLE, naming the characters that no font has.
    """
    try:
        return typeset(text.kind, text.values)
    except NotSettable as fault:
        raise Invalid([Fault("", "TEXT_NOT_SETTABLE", {"text": fault.text})]) from None


def _finish(
    authority: Authority,
    outside: Outside,
    pending: Pending,
    signature: bytes,
    certificate: Certificate,
    listed: bytes,
    at: datetime,
) -> Made:
    from service.signing.chains import ChainUnfit
    from service.signing.documents import NoRoom, Prepared, digest_of, finish
    from service.signing.stamping import StampFailed

    prepared = Prepared.from_json(pending.pdf, pending.waiting)
    value = certificate.value
    if not signed_with(key_in(value), signature, prepared.attributes):
        raise Invalid([Fault("/signature", "SIGNATURE_WRONG")])
    if certificate.issuer:
        must_count(value, outside, at=at)
    work = finish(prepared, signature, value, authority, revocations=listed, at=at, outside=outside)
    try:
        pdf = asyncio.run(work)
    except StampFailed as fault:
        raise Unavailable(fault.code) from fault
    except ChainUnfit as fault:
        # The signer's own certificate was asked above: what does not count is that of the time-stamp server.
        raise Unavailable("TIME_STAMP_UNTRUSTED") from fault
    except ListUnreadable as fault:
        raise Unavailable("LIST_UNREADABLE") from fault
    except NoRoom:
        raise Invalid([Fault("", "SIGNATURE_NO_ROOM")]) from None
    return Made(pending, pdf, digest_of(pdf))


def _prepare(
    authority: Authority, outside: Outside, viewer: Viewer, text: Text, certificate: Certificate, at: datetime
) -> Pending:
    from service.signing.documents import Place, digest_of, prepare

    base = set_text(text)
    when = at.astimezone(CHINA)
    lines = [f"{when:%Y-%m-%d %H:%M}", text.reason, certificate.serial[:16]]
    stamp = typeset("stamp", {"name": viewer.name, "lines": lines}, archival=False)
    prepared = asyncio.run(
        prepare(
            base,
            certificate.value,
            authority,
            field="Signature",
            reason=text.reason,
            at=at,
            stamp=stamp,
            place=Place(-1, _PLACE),
            outside=outside,
        )
    )
    return Pending(
        id=new_id(),
        kind=text.kind,
        matter_id=text.matter_id,
        person_id=viewer.person_id,
        serial=certificate.serial,
        base_sha256=digest_of(base),
        basis=text.basis,
        pdf=prepared.pdf,
        waiting=prepared.to_json(),
        expires_at=at + _WAITS,
    )


async def _usable(session: Session, viewer: Viewer, serial: str, *, at: datetime) -> Certificate:
    held = await certificates_of(session, viewer.person_id)
    for certificate in held:
        if certificate.serial == serial and certificate.counts_at(at):
            return certificate
    raise Refused([Refusal("CERTIFICATE_UNUSABLE", cite="A32.3")])
