"""Asking authorities over the network: which addresses, how large an answer, how many redirects, how long."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

import aiohttp
import pytest

from service.signing import Outside, chains
from service.signing.chains import ChainUnfit, check_chain
from service.signing.fetching import BoundedSession
from service.signing.outside import LIST_MOST
from tests.service.signing.outsiders import LOOPBACK, P256, Key, Licensed

AT = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def site(answer: Callable[[str], Answer], host: str = "127.0.0.1") -> Iterator[tuple[str, list[str]]]:
    """An HTTP server; gives its address and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((host, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{host}:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture
def licensed(tmp_path: Path) -> Licensed:
    return Licensed(tmp_path / "lists", AT)


async def outcome(licensed: Licensed, tmp_path: Path, crl_at: str, **changes: object) -> str:
    """Check a certificate whose list is to be fetched; the root's lies in the folder."""
    key = Key.make(tmp_path / "key.pem", *P256)
    lists = tmp_path / "kept"
    lists.mkdir()
    (lists / "root.crl").write_bytes((licensed.folder / "root.crl").read_bytes())
    outside: Outside = licensed.outside(**({"lists": lists, "fetch": True} | changes))
    try:
        await check_chain(licensed.issue(key, "张三丰", crl_at=crl_at), outside, at=AT)
    except ChainUnfit as unfit:
        return unfit.code
    return "good"


def redirecting(licensed: Licensed, hops: int) -> Callable[[str], Answer]:
    """A site that redirects so often before it gives the list."""

    def answer(path: str) -> Answer:
        done = int(path.removeprefix("/"))
        if done < hops:
            return 302, {"Location": f"/{done + 1}"}, b""
        return 200, {"Content-Type": "application/pkix-crl"}, (licensed.folder / "issuer.crl").read_bytes()

    return answer


@pytest.mark.parametrize(
    ("networks", "said"),
    [((), "OUTSIDE_UNCHECKED"), ((ip_network("10.0.0.0/8"),), "OUTSIDE_UNCHECKED"), (LOOPBACK, "good")],
    ids=["none configured", "another one configured", "configured"],
)
async def test_address_inside_is_asked_only_where_that_is_configured(
    networks: tuple[object, ...], said: str, licensed: Licensed, tmp_path: Path
) -> None:
    with site(redirecting(licensed, 0)) as (address, asked):
        found = await outcome(licensed, tmp_path, f"{address}/0", networks=networks)

    assert (found, len(asked)) == (said, 1 if said == "good" else 0)


@pytest.mark.parametrize(
    "host",
    ["localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "192.168.1.1", "10.0.0.1"],
)
async def test_no_spelling_of_an_address_inside_is_asked(host: str) -> None:
    session = BoundedSession(networks=())
    try:
        with pytest.raises(aiohttp.ClientConnectorError, match="an address inside"):
            await session.get_session().get(f"http://{host}:9/", timeout=aiohttp.ClientTimeout(5))
    finally:
        await session.close()


async def test_redirect_does_not_lead_to_an_address_inside(licensed: Licensed, tmp_path: Path) -> None:
    with site(redirecting(licensed, 0), host="127.0.0.2") as (inside, asked):

        def elsewhere(_: str) -> Answer:
            return 302, {"Location": f"{inside}/0"}, b""

        with site(elsewhere) as (address, _):
            found = await outcome(licensed, tmp_path, f"{address}/0", networks=LOOPBACK)

    assert (found, asked) == ("OUTSIDE_UNCHECKED", [])


@pytest.mark.parametrize(("hops", "said"), [(3, "good"), (4, "OUTSIDE_UNCHECKED")])
async def test_three_redirects_are_followed_and_no_more(
    hops: int, said: str, licensed: Licensed, tmp_path: Path
) -> None:
    with site(redirecting(licensed, hops)) as (address, asked):
        found = await outcome(licensed, tmp_path, f"{address}/0", networks=LOOPBACK)

    assert (found, len(asked)) == (said, 4)


@pytest.mark.parametrize("more", [0, 1], ids=["as large as may be", "one byte more"])
async def test_answer_is_not_read_past_what_a_list_may_have(more: int) -> None:
    session = BoundedSession(LOOPBACK)
    with site(lambda _: (200, {}, bytes(LIST_MOST + more))) as (address, _):
        try:
            async with session.get_session().get(address) as response:
                if more:
                    with pytest.raises(aiohttp.ClientPayloadError, match="larger"):
                        await response.read()
                else:
                    assert len(await response.read()) == LIST_MOST
        finally:
            await session.close()


@pytest.mark.parametrize(
    "answer",
    [
        (500, {}, b""),
        (200, {}, b""),
        (200, {}, b"\x30\x82"),
        (200, {}, b"<html>"),
        (200, {"Content-Length": "9"}, b"1"),
    ],
    ids=["a fault", "nothing", "half a list", "a page", "broken off"],
)
async def test_answer_that_is_no_list_says_that_there_is_none(
    answer: Answer, licensed: Licensed, tmp_path: Path
) -> None:
    with site(lambda _: answer) as (address, asked):
        found = await outcome(licensed, tmp_path, f"{address}/0", networks=LOOPBACK)

    assert (found, len(asked) > 0) == ("OUTSIDE_UNCHECKED", True)


async def test_server_that_does_not_answer_is_not_waited_for_for_ever(
    licensed: Licensed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chains, "ALL_SECONDS", 0.2)
    # Connections are taken by the system, and nobody answers them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        found = await outcome(licensed, tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/list", networks=LOOPBACK)

    assert found == "OUTSIDE_UNCHECKED"
