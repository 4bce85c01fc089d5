"""Asking authorities and time-stamp servers over the network: few requests, bounded answers, no address inside."""

import errno
import socket
import ssl
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import SimpleNamespace
from typing import Final

import aiohttp
import certifi
from aiohttp import AddrInfoType
from pyhanko_certvalidator.fetchers import OwnedFetcherBackend
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.fetchers.aiohttp_fetchers.util import LazySession
from pyhanko_certvalidator.fetchers.api import FetchLimits

from service.signing.outside import LIST_MOST

SECONDS: Final = 10
"""For one request."""

ALL_SECONDS: Final = 30
"""For everything that is asked about one chain."""

_REQUESTS_MOST: Final = 20
_REDIRECTS_MOST: Final = 3
_PIECE: Final = 64 * 1024

Networks = Sequence[IPv4Network | IPv6Network]


class BoundedSession(LazySession):
    """A session whose answers and redirects are bounded; made at its first use, for one event loop."""

    def __init__(self, networks: Networks | None = None) -> None:
        """Reach public addresses and these networks; None: any address, for a server that the operator named."""
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko leaves it bare
        self._session: aiohttp.ClientSession | None = None
        self._networks = networks

    def get_session(self) -> aiohttp.ClientSession:
        """Return the session."""
        if self._session is None:
            trace = aiohttp.TraceConfig(SimpleNamespace)
            trace.on_request_redirect.append(_count)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=ssl.create_default_context(cafile=certifi.where()),
                    socket_factory=None if self._networks is None else self._socket,
                ),
                response_class=_Bounded,
                trace_configs=[trace],
            )
        return self._session

    async def close(self) -> None:
        """Close the session, if one was made."""
        await super().close()  # type: ignore[no-untyped-call]  # pyHanko leaves it bare

    def _socket(self, info: AddrInfoType) -> socket.socket:
        """Make the socket for one address: asked where it leads, whatever name or redirect led to it."""
        family, kind, protocol, _, (host, *_) = info
        address = ip_address(host)
        address = getattr(address, "ipv4_mapped", None) or address
        if not address.is_global and not any(address in network for network in self._networks or ()):
            raise OSError(errno.EACCES, "an address inside, which is not configured")
        return socket.socket(family, kind, protocol)


class _Bounded(aiohttp.ClientResponse):
    """An answer that is not read past what a revocation list may have."""

    async def read(self) -> bytes:
        """Return the body; once.

        Raises:
            aiohttp.ClientPayloadError: when it is too large.
        """
        held = bytearray()
        async for piece in self.content.iter_chunked(_PIECE):
            held += piece
            if len(held) > LIST_MOST:
                self.close()
                raise aiohttp.ClientPayloadError("an answer larger than a revocation list may be")
        return bytes(held)


async def _count(_: aiohttp.ClientSession, held: SimpleNamespace, __: aiohttp.TraceRequestRedirectParams) -> None:
    held.redirects = getattr(held, "redirects", 0) + 1
    if held.redirects > _REDIRECTS_MOST:
        raise aiohttp.ClientError("more redirects than are followed")


def fetching(networks: Networks) -> OwnedFetcherBackend:
    """Return what asks for revocation data of one chain; the context that gets it closes it."""
    return OwnedFetcherBackend(
        AIOHttpFetcherBackend(
            BoundedSession(networks),  # type: ignore[arg-type]  # taken and closed like its own, its type says less
            per_request_timeout=SECONDS,
            limits=FetchLimits(max_requests=_REQUESTS_MOST, max_cert_requests=_REQUESTS_MOST),
        )
    )
