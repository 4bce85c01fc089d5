"""Taking in a key, only from who holds its private half.

The center issues certificates for ECDSA on P-256 alone; those of licensed authorities may hold RSA too.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

RAW: Final = "raw"
DER: Final = "der"
FORMS: Final = (RAW, DER)
"""How a signature is written: 64 bytes r and s as browsers give it, or DER as openssl does."""

_RAW_BYTES: Final = 64
_KEY_MOST: Final = 512
_RSA_BITS: Final = (2048, 4096)

SigningKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class KeyUnfit(ValueError):
    """The bytes hold no public key that can be used here."""


def public_key_of(spki: bytes) -> ec.EllipticCurvePublicKey:
    """Return the P-256 public key in a SubjectPublicKeyInfo (DER).

    Raises:
        KeyUnfit: when it is anything else; other kinds are not understood by every reader of the PDF.
    """
    try:
        key = load_der_public_key(spki) if len(spki) <= _KEY_MOST else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnfit
    return key


def der_of(signature: bytes, *, form: str) -> bytes | None:
    """Return a signature as DER; None when a raw one has not its 64 bytes."""
    if form != RAW:
        return signature
    if len(signature) != _RAW_BYTES:
        return None
    half = _RAW_BYTES // 2
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def certificate_in(content: bytes) -> x509.Certificate:
    """Return the first certificate of a file (PEM or DER).

    Raises:
        ValueError: when there is none.
    """
    if b"-----BEGIN" in content:
        return x509.load_pem_x509_certificates(content)[0]
    return x509.load_der_x509_certificate(content)


def key_in(certificate: x509.Certificate) -> SigningKey:
    """Return the public key of a certificate of an outside authority.

    Raises:
        KeyUnfit: when it is neither RSA of 2048 to 4096 bits nor ECDSA on P-256 or P-384: no reader of the PDF would
            understand its signatures.
    """
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnfit from None
    if isinstance(key, rsa.RSAPublicKey) and _RSA_BITS[0] <= key.key_size <= _RSA_BITS[1]:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        return key
    raise KeyUnfit


def signed_with(key: SigningKey, signature: bytes, content: bytes) -> bool:
    """Return whether a signature with SHA-256 over the content was made with the private half of a key.

    Args:
        key: the public half.
        signature: DER for ECDSA, PKCS #1 v1.5 for RSA: as openssl and the software of USB keys write it.
        content: what was signed.
    """
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
