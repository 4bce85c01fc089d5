"""The center's authority and the certificates of experts, as stored: its own and those of outside authorities."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from service.keys import Keys
from service.signing import Authority, Revoked, found_authority, restore_authority
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.rows.signing import AuthorityRow, CertificateRow
from service.storage.session import Database, Session, reading, unit_of_work

_ONLY: Final = 1
_WAITING: Final = (
    CertificateRow.issuer != "",
    CertificateRow.confirmed_at.is_(None),
    CertificateRow.revoked_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as its holder sees it.

    Attributes:
        serial: in hexadecimal, as it stands in every signature.
        person_id: the holder.
        der: the certificate itself.
        device: where the key was made, as the browser named itself; empty where none made it.
        issued_at: first instant.
        until_at: last instant.
        revoked_at: since when it no longer counts, None while it does.
        revoked_why: `key-lost`, `dismissed`, `replaced`, `not-confirmed`, or empty.
        issuer: the outside authority that issued it; empty for the center.
        subject: whom an outside certificate names; empty for the center's, which bear the holder's name.
        confirmed_at: when somebody else confirmed whose it is; None for the center's own, and while it waits.
    """

    serial: str
    person_id: UUID
    der: bytes
    device: str
    issued_at: datetime
    until_at: datetime
    revoked_at: datetime | None
    revoked_why: str
    issuer: str = ""
    subject: str = ""
    confirmed_at: datetime | None = None

    def counts_at(self, at: datetime) -> bool:
        """Return whether a signature made at an instant counts."""
        if self.issuer and (self.confirmed_at is None or at < self.confirmed_at):
            return False
        return self.issued_at <= at <= self.until_at and (self.revoked_at is None or at < self.revoked_at)

    def withdrawn_by(self, at: datetime | None) -> bool:
        """Return whether it no longer counted here at an instant; None: at one that nobody knows."""
        if at is None:
            return self.revoked_at is not None
        return at > self.until_at or (self.revoked_at is not None and at >= self.revoked_at)

    @property
    def signs_files(self) -> bool:
        """Whether its key can sign a file: that of a browser, which named itself, never leaves it."""
        return bool(self.issuer) or not self.device

    @property
    def waits(self) -> bool:
        """Whether an outside certificate waits for somebody to confirm whose it is."""
        return bool(self.issuer) and self.confirmed_at is None and self.revoked_at is None

    @property
    def value(self) -> x509.Certificate:
        """The certificate as the signing package takes it."""
        return x509.load_der_x509_certificate(self.der)


async def authority_of(database: Database, keys: Keys, *, county: str, at: datetime) -> Authority:
    """Return the center's authority; founded on the first start of an installation.

    Raises:
        ValueError: when it was founded with other secrets.
    """
    held = await _held(database)
    if held is None:
        made = found_authority(keys.signing, f"{county}决策咨询服务中心", at=at)
        try:
            async with unit_of_work(database, at=at) as session:
                session.add(
                    AuthorityRow(
                        id=_ONLY,
                        certificate=made.certificate.public_bytes(Encoding.DER),
                        stamp_certificate=made.stamp_certificate.public_bytes(Encoding.DER),
                        founded_at=at,
                    )
                )
        except IntegrityError:
            # Another process of the same installation was first; its certificates are the ones.
            held = await _held(database)
        else:
            return made
    if held is None:
        raise RuntimeError("the center's authority was founded and is not there")
    return restore_authority(keys.signing, *held)


async def certificates_of(session: Session, person_id: UUID) -> tuple[Certificate, ...]:
    """Return the certificates of a person, newest first."""
    rows = await session.scalars(
        select(CertificateRow)
        .where(CertificateRow.person_id == person_id)
        .order_by(CertificateRow.issued_at.desc(), CertificateRow.serial)
    )
    return tuple(_view(row) for row in rows)


async def certificate_of_key(session: Session, spki_sha256: str) -> Certificate | None:
    """Return the certificate that was issued for a public key, or None."""
    row = await session.scalar(select(CertificateRow).where(CertificateRow.spki_sha256 == spki_sha256))
    return None if row is None else _view(row)


async def add_certificate(session: Session, certificate: Certificate, *, spki_sha256: str) -> None:
    """Keep a certificate that was just issued."""
    session.add(
        CertificateRow(
            serial=certificate.serial,
            person_id=certificate.person_id,
            spki_sha256=spki_sha256,
            der=certificate.der,
            device=certificate.device,
            issued_at=certificate.issued_at,
            until_at=certificate.until_at,
            revoked_at=None,
            issuer=certificate.issuer,
            subject=certificate.subject,
        )
    )
    await session.flush()


@dataclass(frozen=True, slots=True)
class Brought:
    """An outside certificate that waits, with the expert who brought it."""

    certificate: Certificate
    name: str
    number: str
    expert_id: UUID


async def waiting_certificates(session: Session) -> tuple[Brought, ...]:
    """Return the outside certificates whose holder nobody has confirmed, oldest first."""
    rows = await session.execute(
        select(CertificateRow, PersonRow.name, ExpertRow.number, ExpertRow.id)
        .join(PersonRow, PersonRow.id == CertificateRow.person_id)
        .join(ExpertRow, ExpertRow.person_id == CertificateRow.person_id)
        .where(*_WAITING)
        .order_by(CertificateRow.issued_at, CertificateRow.serial)
    )
    return tuple(Brought(_view(row), name, number, expert_id) for row, name, number, expert_id in rows)


async def count_waiting(session: Session) -> int:
    """Return how many outside certificates wait for somebody to confirm whose they are."""
    return await session.scalar(select(func.count()).select_from(CertificateRow).where(*_WAITING)) or 0


async def brought_certificates(session: Session, serials: Iterable[str]) -> Mapping[bytes, Certificate]:
    """Return the outside certificates with these serials that were brought here, by their bytes (DER)."""
    rows = await session.scalars(
        select(CertificateRow).where(CertificateRow.serial.in_(tuple(serials)), CertificateRow.issuer != "")
    )
    return {row.der: _view(row) for row in rows}


async def certificate_with(session: Session, serial: str) -> Certificate | None:
    """Return the certificate with a serial, held for the rest of the unit of work; None when there is none."""
    row = await session.get(CertificateRow, serial, with_for_update=True)
    return None if row is None else _view(row)


async def confirm_certificate(session: Session, serial: str, *, by: UUID, at: datetime) -> None:
    """Keep who confirmed whose an outside certificate is."""
    await session.execute(
        update(CertificateRow).where(CertificateRow.serial == serial).values(confirmed_at=at, confirmed_by=by)
    )


async def bring_again(session: Session, brought: Certificate, *, first_at: datetime) -> None:
    """Let an outside certificate count until another day; one that was not confirmed waits again, for its bringer."""
    again = update(CertificateRow).where(CertificateRow.serial == brought.serial)
    values = {"person_id": brought.person_id, "issued_at": first_at, "until_at": brought.until_at}
    await session.execute(again.values(**values, revoked_at=None, revoked_why=""))


async def revoke(session: Session, person_id: UUID, *, at: datetime, why: str, serial: str = "") -> tuple[str, ...]:
    """Withdraw one certificate of a person, or all of them, and return the serials that counted until now."""
    counting = [CertificateRow.person_id == person_id, CertificateRow.revoked_at.is_(None)]
    if serial:
        counting.append(CertificateRow.serial == serial)
    gone = tuple(await session.scalars(select(CertificateRow.serial).where(*counting).order_by(CertificateRow.serial)))
    await session.execute(update(CertificateRow).where(*counting).values(revoked_at=at, revoked_why=why))
    return gone


async def revocations(session: Session) -> tuple[Revoked, ...]:
    """Return every certificate of the center withdrawn so far, in the order of the withdrawal."""
    rows = await session.scalars(
        select(CertificateRow)
        .where(CertificateRow.revoked_at.is_not(None), CertificateRow.issuer == "")
        .order_by(CertificateRow.revoked_at, CertificateRow.serial)
    )
    return tuple(Revoked(int(row.serial, 16), row.revoked_at, row.revoked_why) for row in rows if row.revoked_at)


async def appointed_until(session: Session, person_id: UUID, *, on: date) -> date | None:
    """Return the last day of the term that a person serves on a day as an active expert; None when there is none."""
    last: date | None = await session.scalar(
        select(func.max(AppointmentRow.ends_on))
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(
            ExpertRow.person_id == person_id,
            ExpertRow.state == "active",
            AppointmentRow.starts_on <= on,
            AppointmentRow.ends_on >= on,
        )
    )
    return last


async def _held(database: Database) -> tuple[bytes, bytes] | None:
    async with reading(database) as session:
        row = await session.get(AuthorityRow, _ONLY)
        return None if row is None else (row.certificate, row.stamp_certificate)


def _view(row: CertificateRow) -> Certificate:
    return Certificate(
        row.serial,
        row.person_id,
        row.der,
        row.device,
        row.issued_at,
        row.until_at,
        row.revoked_at,
        row.revoked_why,
        row.issuer,
        row.subject,
        row.confirmed_at,
    )
