"""A draw as JSON for everybody: numbers in the place of people, everything needed to do it again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath
from msgspec import Meta

from service.problems import NotFound
from service.storage.draws import draw_of
from service.storage.session import reading
from service.web.openapi import problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class PublicDraw:
    """A draw as anybody may see it."""

    id: UUID
    matter: Annotated[str, Meta(description="number of the matter", examples=["2026-014"])]
    round: int
    number: int
    state: str
    commitment_sha256: str
    record_sha256: str
    reveal_on: date
    committed_at: datetime | None
    made_at: datetime | None
    voided_at: datetime | None
    cause: str
    commitment: Annotated[dict[str, Any], Meta(description="commitment/1")]
    record: Annotated[dict[str, Any] | None, Meta(description="draw-record/1, null before the draw is made")]


@get("/api/draws/{draw_id:uuid}", opt={"operation": "draw:see-public"}, tags=["draws"], responses=problems(404))
async def api_public_draw(request: AnyRequest, draw_id: FromPath[UUID]) -> PublicDraw:
    """Return a draw as anybody may see it: numbers in the place of people, everything needed to do it again."""
    async with reading(request.app.state.database) as session:
        draw = await draw_of(session, draw_id)
    if draw is None or not draw.commitment:
        raise NotFound(subject="draw")
    return PublicDraw(
        id=draw.id,
        matter=draw.commitment["matter"],
        round=draw.round,
        number=draw.number,
        state=draw.state,
        commitment_sha256=draw.commitment_sha256,
        record_sha256=draw.record_sha256,
        reveal_on=draw.reveal_on,
        committed_at=draw.committed_at,
        made_at=draw.made_at,
        voided_at=draw.voided_at,
        cause=draw.cause,
        commitment=dict(draw.commitment),
        record=None if draw.record is None else dict(draw.record),
    )


ROUTES = [api_public_draw]
