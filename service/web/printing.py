"""What an expert signs, as a PDF to print and sign by hand: the way for who has no browser that keeps a key."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from service.access import Viewer
from service.actions.opinions import opinion_text
from service.actions.signatures import Text, set_text
from service.actions.undertakings import undertaking_text
from service.problems import NotFound
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.openapi import problems
from service.web.review import as_pdf

AnyRequest = Request[Any, Any, Any]
_TEXTS: Final = {"undertaking": undertaking_text, "opinion": opinion_text}


@get("/reviews/{matter_id:uuid}/print/{kind:str}", opt={"operation": "review:work"}, include_in_schema=False)
async def print_page(request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str]) -> Response[bytes]:
    """Hand out the text for printing."""
    return await _printed(request, viewer_of(request), matter_id, kind)


@get(
    "/api/reviews/{matter_id:uuid}/print/{kind:str}",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(400, 401, 403, 404),
)
async def api_print(request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str]) -> Response[bytes]:
    """Return one's undertaking or saved opinion as a PDF to print and sign by hand (`undertaking`, `opinion`)."""
    return await _printed(request, viewer_of(request), matter_id, kind)


async def _printed(request: AnyRequest, viewer: Viewer, matter_id: UUID, kind: str) -> Response[bytes]:
    if kind not in _TEXTS:
        raise NotFound(subject="document")
    app = request.app.state
    async with reading(app.database) as session:
        text: Text = await _TEXTS[kind](session, viewer, matter_id, settings=app.settings, on=app.clock.today())
    return as_pdf(await asyncio.to_thread(set_text, text), f"{kind}.pdf")


ROUTES = [print_page, api_print]
