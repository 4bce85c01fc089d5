"""The ceremony of a draw on the wall: the frozen list, its hash, the seed typed twice, members called one by one."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from service.web.draw_desk import read_draw_desk
from service.web.draw_show import show_draw
from service.web.pages import fragment

AnyRequest = Request[Any, Any, Any]


@get("/matters/{matter_id:uuid}/draw/ceremony", opt={"operation": "draw:see"}, include_in_schema=False)
async def ceremony_page(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    called: Annotated[int, QueryParameter(name="called", ge=0, le=1000)] = 0,
) -> Response[Any]:
    """Show the ceremony; `called` members are on the wall already."""
    return await show_draw(request, matter_id, template="draw/ceremony.html", revealed=called)


@get("/matters/{matter_id:uuid}/draw/ceremony/waiting", opt={"operation": "draw:see"}, include_in_schema=False)
async def waiting(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Answer htmx while the second person types; once the draw is made, with the whole page."""
    desk = await read_draw_desk(request, matter_id)
    if desk.live is None or desk.live.state != "committed" or desk.live.typed_by is None:
        return Response(b"", headers={"HX-Refresh": "true"})
    return fragment(request, "draw/waiting.html", matter=desk.matter)


ROUTES = [ceremony_page, waiting]
