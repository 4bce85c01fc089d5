"""The numbered panels of a draw, for ten balls before witnesses: printed, or as the file whose hash is published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from selection.draw import NoFairList, numbered_panels, parse_commitment
from service.problems import NotFound, Refusal, Refused, Remedy
from service.web.draw_desk import Frozen, read_frozen
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
ROWS_SHOWN = 1_000
KEPT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of numbered panels as it is shown and handed out.

    Attributes:
        content: the very bytes that are hashed.
        sha256: of the content.
        balls, digits: how many panels there are, and digits of a number.
        difference: by how much a chance by the list differs from the lottery's at most.
        rows: number and members of the panels that the page shows.
    """

    content: bytes
    sha256: str
    balls: int
    digits: int
    difference: float
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@get("/matters/{matter_id:uuid}/draw/numbered", opt={"operation": "draw:see"}, include_in_schema=False)
async def numbered_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the list, ready to be printed; where it would be unfair, say so and why."""
    frozen = await read_frozen(request, matter_id)
    found: Listed | None = None
    refusals: Sequence[Refusal] = ()
    try:
        found = await _list(request, frozen)
    except Refused as refused:
        refusals = refused.refusals
    return page(request, "draw/numbered.html", matter=frozen.matter, live=frozen.live, found=found, refusals=refusals)


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
    found = await _list(request, await read_frozen(request, matter_id))
    return Response(
        found.content,
        media_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="panel-list.json"'},
    )


async def _list(request: AnyRequest, frozen: Frozen) -> Listed:
    """Make the list of the draw that stands, or return the one that was made before.

    Raises:
        NotFound: when no draw is committed.
        Refused: when the list would be unfair.
    """
    if frozen.live is None:
        raise NotFound(subject="draw")
    key = ("numbered-panels", frozen.live.commitment_sha256)
    made: Listed | Refusal = await request.app.state.kept.of(key, partial(_make, frozen.live.commitment), worth=_light)
    if isinstance(made, Refusal):
        raise Refused([made])
    return made


def _make(commitment: Mapping[str, Any]) -> Listed | Refusal:
    try:
        found = numbered_panels(parse_commitment(commitment))
    except NoFairList as refused:
        return Refusal(refused.code, facts=dict(refused.facts), remedies=(Remedy("DRAW_FROM_SEED"),))
    return Listed(
        found.text.encode(),
        found.sha256,
        len(found.panels),
        found.digits,
        float(found.difference),
        tuple((found.numbered(place), panel) for place, panel in enumerate(found.panels[:ROWS_SHOWN])),
    )


def _light(made: Listed | Refusal) -> bool:
    """Return whether a list is small enough to be kept in memory; the largest is made again each time."""
    return isinstance(made, Refusal) or len(made.content) <= KEPT_BYTES


ROUTES = [numbered_page, numbered_file, api_numbered]
