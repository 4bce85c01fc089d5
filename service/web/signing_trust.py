"""The system administrator's page about outside authorities: roots, revocation lists, who stamps the time."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Request, Response, get

from service.actions.outside_certificates import name_in
from service.signing import ListUnreadable, Outside, list_files, read_list
from service.web.entry import guard
from service.web.pages import instant_of, page


@dataclass(frozen=True, slots=True)
class ListLine:
    """One file among the revocation lists.

    Attributes:
        file: its name.
        issuer: whose list it is; empty when the file is none, or cannot be read.
        until: last instant for which it speaks, None without an end.
        fresh: whether that lies ahead.
    """

    file: str
    issuer: str = ""
    until: datetime | None = None
    fresh: bool = False


@get("/signing/trust", opt={"operation": "signature:trust"}, include_in_schema=False)
async def trust_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what is trusted, how fresh each revocation list is, and which file is none."""
    guard(request, "signature:trust")
    outside, at = request.app.state.settings.outside, instant_of(request)
    lines = await asyncio.to_thread(_lines, outside, at)
    roots = [
        *((name_in(root.subject), "signatures", root.not_valid_after_utc) for root in outside.roots),
        *((name_in(root.subject), "stamps", root.not_valid_after_utc) for root in outside.stamp_roots),
    ]
    return page(request, "signing/trust.html", outside=outside, roots=roots, lines=lines, at=at)


def _lines(outside: Outside, at: datetime) -> list[ListLine]:
    try:
        return [_line(path, at) for path in list_files(outside.lists)]
    except OSError:
        return [ListLine(str(outside.lists))]


def _line(path: Path, at: datetime) -> ListLine:
    try:
        held = read_list(path)
    except ListUnreadable:
        return ListLine(path.name)
    until = held.next_update_utc
    return ListLine(path.name, name_in(held.issuer), until, until is None or until > at)


ROUTES = [trust_page]
