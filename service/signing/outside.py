"""What an installation trusts beside its own authority: licensed ones, their revocation lists, a time-stamp server."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from service.signing.authority import issued_by

CHAIN_MOST: Final = 64 * 1024
"""Bytes of the certificates above a signer: each goes into every signature below it."""

LIST_MOST: Final = 20 * 1024 * 1024
"""Bytes of one revocation list: those of the largest licensed authorities have some megabytes."""

_LISTS_KEPT: Final = 128
_UNFINISHED: Final = ("~", ".tmp", ".part")
_log = structlog.get_logger("service.signing")


class ListUnreadable(Exception):
    """A revocation list that is needed may be in a file that cannot be read; the message names such files."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Authorities that other people run.

    Attributes:
        roots: certificates of further authorities that are trusted without any other's word.
        issuers: certificates between those roots and the signers.
        lists: file or folder of their revocation lists (DER or PEM), looked at for each signature; None has none.
        fetch: whether revocation lists and OCSP answers are asked for where a certificate says that they are.
        networks: networks beside the public ones that may be asked.
        stamp_url: time-stamp server (RFC 3161); empty: the center's own clock stamps.
        stamp_roots: certificates that this server's certificate must lead to.
    """

    roots: tuple[x509.Certificate, ...] = ()
    issuers: tuple[x509.Certificate, ...] = ()
    lists: Path | None = None
    fetch: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    stamp_url: str = ""
    stamp_roots: tuple[x509.Certificate, ...] = ()

    @property
    def trusted(self) -> tuple[x509.Certificate, ...]:
        """Every root, of signers and of the time-stamp server."""
        return (*self.roots, *self.stamp_roots)

    def chain(
        self, certificate: x509.Certificate, others: Iterable[x509.Certificate] = ()
    ) -> tuple[x509.Certificate, ...]:
        """Return a certificate and what leads from it to a trusted root; empty where nothing does.

        Args:
            certificate: of who signed or stamped.
            others: further certificates that may stand between.
        """
        above = chain_of(certificate, (*self.trusted, *self.issuers, *others))
        return () if set(self.trusted).isdisjoint(above) else (certificate, *above)

    def lists_for(self, certificates: Iterable[x509.Certificate]) -> tuple[bytes, ...]:
        """Return the lists (DER) of who issued these certificates, by name of their files; reads files.

        A list of somebody else has no place in a document that shows why its signature counts. An indirect one, which
        speaks for other authorities than its own, is taken along.

        Raises:
            ListUnreadable: when one of the issuers has no list, nothing may be fetched, and a file cannot be read that
                may be it: nobody is to believe that it was asked.
        """
        held, spoiled = _sorted(self.lists)
        needed = {one.issuer for one in certificates if one.issuer != one.subject}
        found = [one for one in held if one.issuer in needed or _indirect(one)]
        if spoiled and not self.fetch and needed - {one.issuer for one in found}:
            raise ListUnreadable(", ".join(str(path) for path in spoiled))
        return tuple(one.public_bytes(Encoding.DER) for one in found)

    def unreadable_lists(self) -> tuple[Path, ...]:
        """Return the files among the lists that are none; reads files."""
        return _sorted(self.lists)[1]


ALONE: Final = Outside()
"""An installation that trusts its own authority only."""


def chain_of(certificate: x509.Certificate, known: Iterable[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Return those of the known certificates that lead from a certificate to its root, the nearest first.

    Where an authority has several certificates for one key, all of them.
    """
    every, chain, below = tuple(known), list[x509.Certificate](), [certificate]
    while below:
        one = below.pop()
        above = [issuer for issuer in every if issuer not in (one, *chain) and issued_by(one, issuer)]
        chain += above
        below += above
    return tuple(chain)


def list_files(path: Path | None) -> list[Path]:
    """Return the files of revocation lists, in the order of their names; in a folder not those still being written.

    Raises:
        OSError: when the folder cannot be read.
    """
    if path is None:
        return []
    return sorted(one for one in path.iterdir() if one.is_file() and _whole(one)) if path.is_dir() else [path]


def read_list(path: Path) -> x509.CertificateRevocationList:
    """Return a revocation list.

    Raises:
        ListUnreadable: when the file is none, or cannot be read.
    """
    try:
        state = path.stat()
        held = _read(path, state.st_ctime_ns, state.st_size)
    except OSError:
        _log.warning("signing.list_unreadable", path=str(path))
        held = None
    if held is None:
        raise ListUnreadable(str(path))
    return held


def _sorted(path: Path | None) -> tuple[list[x509.CertificateRevocationList], tuple[Path, ...]]:
    """Return the revocation lists of a file or folder, and the files that are none."""
    held, spoiled = [], []
    try:
        files = list_files(path)
    except OSError:
        _log.warning("signing.list_unreadable", path=str(path))
        return [], () if path is None else (path,)
    for file in files:
        try:
            held.append(read_list(file))
        except ListUnreadable:
            spoiled.append(file)
    return held, tuple(spoiled)


def _whole(path: Path) -> bool:
    """Whether a file bears no name under which tools write one before they rename it."""
    return not path.name.startswith(".") and not path.name.endswith(_UNFINISHED)


@lru_cache(maxsize=_LISTS_KEPT)
def _read(path: Path, _ctime_ns: int, size: int) -> x509.CertificateRevocationList | None:
    """Return a list, None when a file is none: read, and said in the log, once for as long as the file is the same."""
    content = path.read_bytes() if size <= LIST_MOST else b""
    try:
        pem = content.lstrip().startswith(b"-----BEGIN")
        return x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
    except ValueError:
        _log.warning("signing.list_unreadable", path=str(path))
        return None


def _indirect(listed: x509.CertificateRevocationList) -> bool:
    try:
        point = listed.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    except (x509.ExtensionNotFound, ValueError):
        return False
    return point.value.indirect_crl
