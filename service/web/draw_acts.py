"""The reading halves of acts on draws, shared by pages and API: nothing here writes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from litestar import Request

from service.access import require
from service.actions.assembly import Problem
from service.actions.draw_commit import Built, Committing, build_commitment
from service.actions.draw_people import live_draw
from service.actions.draw_seed import Typed, read_typed
from service.actions.draw_succession import Succession, choose_drawn, find_succession
from service.actions.panels import Chosen, prepare
from service.storage.matter_rows import state_of
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.session import Session, reading
from service.web.entry import policy_of, viewer_of
from workflow import stands_as_drawn

AnyRequest = Request[Any, Any, Any]


async def commitment_from(request: AnyRequest, matter_id: UUID, entered: Committing) -> Built:
    """Make the commitment of the matter's draft for somebody who may commit it."""
    async with _for(request, matter_id, "draw:run") as (session, matter):
        return await build_commitment(session, matter_id, matter.number, entered)


async def typed_from(request: AnyRequest, matter_id: UUID, texts: Sequence[str], signatures: Sequence[str]) -> Typed:
    """Read what the viewer typed for the sources, and draw when it is the second time."""
    async with _for(request, matter_id, "draw:type-seed") as (session, _):
        return await read_typed(session, matter_id, viewer_of(request).person_id, texts, signatures)


async def succession_from(request: AnyRequest, matter_id: UUID, out: UUID) -> Succession:
    """Find who joins by the draw when somebody does not sit."""
    async with _for(request, matter_id, "draw:run") as (session, _):
        return await find_succession(session, matter_id, out, await _problem(request, session, matter_id))


async def succession_in_panel(request: AnyRequest, matter_id: UUID, out: UUID) -> Succession | None:
    """Find who joins a determined panel by its draw; None where the panel is not a drawn one and reserves are named."""
    async with _for(request, matter_id, "review:release") as (session, _):
        if not stands_as_drawn(await state_of(session, matter_id)):
            return None
        return await find_succession(session, matter_id, out, await _problem(request, session, matter_id))


async def drawn_from(request: AnyRequest, matter_id: UUID) -> Chosen:
    """Check the drawn panel as of today, to be proposed."""
    async with _for(request, matter_id, "panel:propose") as (session, _):
        draw = await live_draw(session, matter_id, "made")
        problem = await _problem(request, session, matter_id)
    return await asyncio.to_thread(choose_drawn, problem, draw, seed=str(matter_id))


@asynccontextmanager
async def _for(request: AnyRequest, matter_id: UUID, operation: str) -> AsyncIterator[tuple[Session, MatterView]]:
    """Open a reading session for a viewer who may know the matter and do the operation."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        require(viewer, operation, await relations_to(session, viewer, matter_id))
        yield session, matter


async def _problem(request: AnyRequest, session: Session, matter_id: UUID) -> Problem:
    app = request.app.state
    _, problem = await prepare(
        session,
        app.residents,
        matter_id,
        settings=app.settings,
        edition=app.edition,
        policy=policy_of(request),
        on=app.clock.today(),
    )
    return problem
