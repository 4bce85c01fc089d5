"""The center's own certificate authority and time stamping authority: keys from one seed, certificates issued by hand.

A certificate of the center says who signed inside this system and that nothing was changed since. It does not carry the
presumption of a licensed authority under the Electronic Signature Law: further roots are a setting.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CURVE: Final = ec.SECP256R1()
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DAY: Final = timedelta(days=1)
_AUTHORITY_DAYS: Final = timedelta(days=20 * 365)
_CRL_HOURS: Final = timedelta(hours=24)
# A clock that is a little behind must not find a fresh certificate not yet valid.
_EARLIER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that no longer counts.

    Attributes:
        serial: its serial number.
        at: from when on; what was signed before, and time-stamped, stays valid.
        reason: `key-lost`, `dismissed` or `replaced`.
    """

    serial: int
    at: datetime
    reason: str


_REASONS: Final[Mapping[str, x509.ReasonFlags]] = {
    "key-lost": x509.ReasonFlags.key_compromise,
    "dismissed": x509.ReasonFlags.affiliation_changed,
    "replaced": x509.ReasonFlags.superseded,
}
REVOCATIONS: Final = tuple(_REASONS)


@dataclass(frozen=True, slots=True)
class Authority:
    """The center as issuer of certificates and of time stamps.

    Attributes:
        key: signs certificates and revocation lists.
        certificate: self-signed; the root that others trust.
        stamp_key: signs time stamps.
        stamp_certificate: issued by the root, for time stamps alone.
    """

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    stamp_key: ec.EllipticCurvePrivateKey
    stamp_certificate: x509.Certificate

    def issue(
        self, public_key: ec.EllipticCurvePublicKey, name: str, *, at: datetime, until: datetime
    ) -> x509.Certificate:
        """Issue a certificate for signing documents.

        Args:
            public_key: the holder's, whose possession has been proved.
            name: the holder's name, as it stands in every signature.
            at: first instant, aware.
            until: last instant, aware: the end of the holder's term (A24).
        """
        return (
            _builder(_name(name), self.certificate.subject, public_key, at=at, until=until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
            .add_extension(_issued_by(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def revocation_list(self, revoked: Iterable[Revoked], *, at: datetime, number: int) -> bytes:
        """Return the list of what no longer counts (DER), good for 24 hours.

        Args:
            revoked: every certificate revoked so far.
            at: when the list is made.
            number: larger than that of every earlier list.
        """
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(at)
            .next_update(at + _CRL_HOURS)
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(_issued_by(self.key), critical=False)
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(one.serial)
                .revocation_date(one.at)
                .add_extension(x509.CRLReason(_REASONS[one.reason]), critical=False)
                .build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def found_authority(seed: bytes, name: str, *, at: datetime) -> Authority:
    """Make the two certificates of a new installation.

    Args:
        seed: the installation's secret, 32 bytes; the same seed always gives the same keys.
        name: name of the center, as it stands in every certificate.
        at: first instant, aware.
    """
    key, stamp_key = _key(seed, "authority"), _key(seed, "time-stamp")
    subject = _name(name)
    certificate = (
        _builder(subject, subject, key.public_key(), at=at, until=at + _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    stamp_certificate = (
        _builder(_name(f"{name} TSA"), subject, stamp_key.public_key(), at=at, until=at + _AUTHORITY_DAYS - _DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(_issued_by(key), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate, stamp_key, stamp_certificate)


def restore_authority(seed: bytes, certificate: bytes, stamp_certificate: bytes) -> Authority:
    """Return the authority of a running installation from its seed and its two certificates (DER).

    Raises:
        ValueError: when the certificates were made from another seed.
    """
    key, stamp_key = _key(seed, "authority"), _key(seed, "time-stamp")
    found = x509.load_der_x509_certificate(certificate)
    stamp = x509.load_der_x509_certificate(stamp_certificate)
    if found.public_key() != key.public_key() or stamp.public_key() != stamp_key.public_key():
        raise ValueError("the certificates of the center were made with other secrets; restore secrets.toml")
    return Authority(key, found, stamp_key, stamp)


def issued_by(certificate: x509.Certificate, center: x509.Certificate) -> bool:
    """Return whether the center issued a certificate; a name that only looks like the center's is none."""
    try:
        certificate.verify_directly_issued_by(center)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def _key(seed: bytes, purpose: str) -> ec.EllipticCurvePrivateKey:
    # 48 bytes over a 32-byte order: the remainder is uniform to 2^-128 (FIPS 186-5, A.2.1).
    wide = HKDF(hashes.SHA256(), 48, None, f"expertpool-signing/1 {purpose}".encode()).derive(seed)
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_ORDER - 1) + 1, CURVE)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, *, at: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(secrets.randbits(127) | 1)
        .not_valid_before(at - _EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, text[:64])]
    )


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
