"""Signed checkpoints: the ledger's size and root, in a form that anyone can keep and check (C2SP signed note).

Whoever keeps a checkpoint outside of this installation can show later whether the record up to it was rewritten.

    expertpool/0192...
    1042
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — expertpool/0192... <base64 of a key id of 4 bytes and an Ed25519 signature of 64>

Source: C2SP signed-note and tlog-checkpoint.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.ledger.merkle import HASH_BYTES

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_MOST_CHARACTERS: Final = 8192
_SIGNATURE_MARK: Final = "— "


class CheckpointUnreadable(ValueError):
    """A text is no signed checkpoint, or a text is no verifier key; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states.

    Attributes:
        origin: the ledger's name.
        size: number of entries it covers.
        root: Merkle root over them.
    """

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the signed note of a checkpoint; the signer's name is the ledger's."""
    public = key.public_key()
    signature = _key_id(checkpoint.origin, public) + key.sign(checkpoint.body().encode())
    line = f"{_SIGNATURE_MARK}{checkpoint.origin} {base64.b64encode(signature).decode()}"
    return f"{checkpoint.body()}\n{line}\n"


def read(note: str) -> Checkpoint:
    """Return what a signed note states, without checking its signature.

    Raises:
        CheckpointUnreadable: when it is not one.
    """
    body, _ = _halves(note)
    lines = body.split("\n")
    if len(lines) < 4 or not lines[0]:
        raise CheckpointUnreadable("a checkpoint begins with three lines: name, size, root")
    origin, size, root = lines[:3]
    if not size.isascii() or not size.isdigit() or str(int(size[:20])) != size:
        raise CheckpointUnreadable("the second line of a checkpoint is its size")
    try:
        decoded = base64.b64decode(root, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) != HASH_BYTES:
        raise CheckpointUnreadable("the third line of a checkpoint is a SHA-256 in Base64")
    return Checkpoint(origin, int(size), decoded)


def verify(note: str, verifier: str) -> Checkpoint | None:
    """Return what a signed note states when the key signed it; None when it did not.

    Args:
        note: the signed note; signatures of other keys beside the key's own are passed over.
        verifier: the verifier key, as `verifier_key` writes it.

    Raises:
        CheckpointUnreadable: when the note is no checkpoint, or the key is none.
    """
    name, key_id, public = _read_verifier(verifier)
    checkpoint = read(note)
    body, signatures = _halves(note)
    for line in signatures:
        signer, _, encoded = line.removeprefix(_SIGNATURE_MARK).rpartition(" ")
        try:
            signature = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            continue
        if signer != name or signature[:_KEY_ID_BYTES] != key_id:
            continue
        try:
            public.verify(signature[_KEY_ID_BYTES:], body.encode())
        except InvalidSignature:
            return None
        return checkpoint if checkpoint.origin == name else None
    return None


def verifier_key(origin: str, key: Ed25519PrivateKey) -> str:
    """Return the public half in the form to hand out: name, key id in hex and key in Base64, joined by plus signs."""
    public = key.public_key()
    encoded = base64.b64encode(_ED25519 + public.public_bytes_raw()).decode()
    return f"{origin}+{_key_id(origin, public).hex()}+{encoded}"


def _key_id(name: str, public: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public.public_bytes_raw()).digest()[:_KEY_ID_BYTES]


def _read_verifier(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        kind_and_key = base64.b64decode(encoded, validate=True)
        public = Ed25519PublicKey.from_public_bytes(kind_and_key[1:])
    except (binascii.Error, ValueError):
        raise CheckpointUnreadable("a verifier key is a name, a key id and an Ed25519 key joined by '+'") from None
    if kind_and_key[:1] != _ED25519 or not name or _key_id(name, public).hex() != key_id:
        raise CheckpointUnreadable("the parts of this verifier key do not belong together")
    return name, bytes.fromhex(key_id), public


def _halves(note: str) -> tuple[str, list[str]]:
    body, blank, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if len(note) > _MOST_CHARACTERS or not blank or not all(line.startswith(_SIGNATURE_MARK) for line in lines):
        raise CheckpointUnreadable("a checkpoint is a text, an empty line, and signatures that begin with '— '")
    return f"{body}\n", lines
