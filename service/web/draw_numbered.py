"""The numbered panels of a draw, for ten balls before witnesses: printed, or as the file whose hash is published."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from selection.draw import NoFairList, NumberedPanels, numbered_panels, parse_commitment
from service.problems import NotFound, Refusal, Refused, Remedy
from service.web.draw_desk import DrawDesk, read_draw_desk
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
ROWS_SHOWN = 1_000


@get("/matters/{matter_id:uuid}/draw/numbered", opt={"operation": "draw:see"}, include_in_schema=False)
async def numbered_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the list, ready to be printed; where it would be unfair, say so and why."""
    desk = await read_draw_desk(request, matter_id)
    found: NumberedPanels | None = None
    refusals: Sequence[Refusal] = ()
    try:
        found = await _list(desk)
    except Refused as refused:
        refusals = refused.refusals
    return page(
        request,
        "draw/numbered.html",
        matter=desk.matter,
        live=desk.live,
        found=found,
        refusals=refusals,
        rows=[(found.numbered(place), panel) for place, panel in enumerate(found.panels[:ROWS_SHOWN])] if found else (),
        more=max(0, len(found.panels) - ROWS_SHOWN) if found else 0,
    )


@get("/matters/{matter_id:uuid}/draw/numbered.json", opt={"operation": "draw:see"}, include_in_schema=False)
async def numbered_file(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the list, in the very bytes that are hashed."""
    return await _file(request, matter_id)


@get(
    "/api/matters/{matter_id:uuid}/draw/numbered",
    opt={"operation": "draw:see"},
    tags=["draws"],
    media_type="application/json",
    responses=problems(401, 404, 409),
)
async def api_numbered(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Return the numbered panels of the draw that stands as `panel-list/1`; refused where the list would be unfair."""
    return await _file(request, matter_id)


async def _file(request: AnyRequest, matter_id: UUID) -> Response[bytes]:
    found = await _list(await read_draw_desk(request, matter_id))
    return Response(
        found.text.encode(),
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="panel-list.json"'},
    )


async def _list(desk: DrawDesk) -> NumberedPanels:
    """Make the list of the draw that stands.

    Raises:
        NotFound: when no draw is committed.
        Refused: when the list would be unfair.
    """
    if desk.live is None:
        raise NotFound(subject="draw")
    value = desk.live.commitment
    try:
        return await asyncio.to_thread(lambda: numbered_panels(parse_commitment(value)))
    except NoFairList as refused:
        raise Refused(
            [Refusal(refused.code, facts=dict(refused.facts), remedies=(Remedy("DRAW_FROM_SEED"),))]
        ) from None


ROUTES = [numbered_page, numbered_file, api_numbered]
