"""Taking in a public key: only ECDSA on P-256, and only from who holds its private half."""

from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

RAW: Final = "raw"
DER: Final = "der"
FORMS: Final = (RAW, DER)
"""How a signature is written: 64 bytes r and s as browsers give it, or DER as openssl does."""

_RAW_BYTES: Final = 64
_KEY_MOST: Final = 512


class KeyUnfit(ValueError):
    """The bytes are no public key on P-256."""


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


def signed_with(key: ec.EllipticCurvePublicKey, signature: bytes, content: bytes) -> bool:
    """Return whether a DER signature over the content was made with the private half of a key."""
    try:
        key.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
