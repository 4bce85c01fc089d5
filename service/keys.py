"""The installation's secrets: generated on first start into a file that only its owner can read."""

import base64
import hashlib
import hmac
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NAMES = ("identity", "encryption", "ledger", "signing")
# What came in after the first release: an older file gets it added.
_LATER = frozenset({"signing"})
_BYTES = 32


class SecretsUnsafe(Exception):
    """The file of secrets is unreadable, incomplete, or open to others."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Four keys of 32 bytes each; never printed, logged or sent.

    Attributes:
        identity: HMAC key that turns an identity number into the hash a person is known by.
        encryption: AES-GCM key for identity numbers and phone numbers at rest.
        ledger: Ed25519 seed that signs the ledger's checkpoints.
        signing: seed of the keys that sign certificates and time stamps.
    """

    identity: bytes
    encryption: bytes
    ledger: bytes
    signing: bytes

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read the file of secrets, making it first where there is none.

        Raises:
            SecretsUnsafe: when others may read the file, or a key is missing or short.
        """
        if not path.exists():
            _write(path, {name: os.urandom(_BYTES) for name in _NAMES})
        if path.stat().st_mode & 0o077:
            raise SecretsUnsafe(f"{path.name} can be read by others; run: chmod 600 {path.name}")
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
        if missing := _LATER - stored.keys():
            _add(path, {name: os.urandom(_BYTES) for name in sorted(missing)})
            stored = tomllib.loads(path.read_text(encoding="utf-8"))
        keys = {}
        for name in _NAMES:
            keys[name] = base64.b64decode(stored.get(name, ""))
            if len(keys[name]) != _BYTES:
                raise SecretsUnsafe(f"{path.name} holds no usable key {name!r}; restore the file from a backup.")
        return cls(**keys)

    def identity_hash(self, kind: str, number: str) -> str:
        """Return the hash by which a person is known: HMAC-SHA-256 over kind, a colon and the normalised number."""
        return hmac.new(self.identity, f"{kind}:{number}".encode(), hashlib.sha256).hexdigest()

    def encrypt(self, text: str, *, about: str) -> bytes:
        """Encrypt a short text; `about` names its place and must be the same when it is read back."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.encryption).encrypt(nonce, text.encode(), about.encode())

    def decrypt(self, sealed: bytes, *, about: str) -> str:
        """Return what `encrypt` took.

        Raises:
            cryptography.exceptions.InvalidTag: when the bytes, the key or `about` differ.
        """
        return AESGCM(self.encryption).decrypt(sealed[:12], sealed[12:], about.encode()).decode()

    def ledger_key(self) -> Ed25519PrivateKey:
        """Return the key that signs the ledger's checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self.ledger)


def _write(path: Path, keys: dict[str, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# The secrets of this installation. Whoever has them can read identity numbers: keep a copy apart.\n"]
    lines += _lines(keys)
    # O_EXCL: two first starts at once must not each believe in their own keys.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)


def _add(path: Path, keys: dict[str, bytes]) -> None:
    """Add keys to a file of an earlier release; the file is replaced as a whole."""
    fresh = path.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines([path.read_text(encoding="utf-8"), *_lines(keys)])
    fresh.replace(path)


def _lines(keys: dict[str, bytes]) -> list[str]:
    return [f'{name} = "{base64.b64encode(key).decode()}"\n' for name, key in keys.items()]
