"""What an installation trusts beside its own authority: licensed ones, their revocation lists, a time-stamp server."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_LIST_MOST: Final = 20 * 1024 * 1024
"""Bytes of one revocation list: those of the largest licensed authorities have some megabytes."""

_LISTS_KEPT: Final = 16
_UNFINISHED: Final = ("~", ".tmp", ".part")


class ListUnreadable(Exception):
    """A file that should be a revocation list is none; the message is its path."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Authorities that other people run.

    Attributes:
        roots: certificates of further authorities that are trusted without any other's word.
        issuers: certificates between those roots and the signers.
        lists: file or folder of their revocation lists (DER or PEM), looked at for each signature; None has none.
        fetch: whether revocation lists and OCSP answers are asked for where a certificate says that they are.
        stamp_url: time-stamp server (RFC 3161); empty: the center's own clock stamps.
        stamp_roots: certificates that this server's certificate must lead to.
    """

    roots: tuple[x509.Certificate, ...] = ()
    issuers: tuple[x509.Certificate, ...] = ()
    lists: Path | None = None
    fetch: bool = False
    stamp_url: str = ""
    stamp_roots: tuple[x509.Certificate, ...] = ()

    @property
    def trusted(self) -> tuple[x509.Certificate, ...]:
        """Every root, of signers and of the time-stamp server."""
        return (*self.roots, *self.stamp_roots)

    def revocation_lists(self) -> tuple[bytes, ...]:
        """Return the revocation lists kept beside the service (DER), by name of their files; reads files.

        Raises:
            ListUnreadable: when a file is no revocation list; nobody is to believe that it was asked.
        """
        return tuple(read_list(path) for path in list_files(self.lists))


ALONE: Final = Outside()
"""An installation that trusts its own authority only."""


def list_files(path: Path | None) -> list[Path]:
    """Return the files of revocation lists, in the order of their names; in a folder not those still being written."""
    if path is None:
        return []
    return sorted(one for one in path.iterdir() if one.is_file() and _whole(one)) if path.is_dir() else [path]


def read_list(path: Path) -> bytes:
    """Return a revocation list (DER).

    Raises:
        ListUnreadable: when the file is none, or cannot be read.
    """
    try:
        state = path.stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        raise ListUnreadable(str(path)) from None


def _whole(path: Path) -> bool:
    """Whether a file bears no name under which tools write one before they rename it."""
    return not path.name.startswith(".") and not path.name.endswith(_UNFINISHED)


@lru_cache(maxsize=_LISTS_KEPT)
def _read(path: Path, _mtime_ns: int, size: int) -> bytes:
    """Return a list in DER; read once for as long as its file is the same."""
    content = path.read_bytes() if size <= _LIST_MOST else b""
    pem = content.lstrip().startswith(b"-----BEGIN")
    held = x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
    return held.public_bytes(Encoding.DER)
