"""Draws for everybody: one page a draw, everything to do it again, and a list of them all. Nobody signs in."""

from importlib.resources import files
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from selection import canonical_json
from service.problems import NotFound
from service.storage.draws import StoredDraw, committed_at_seq, draw_of, draws_of, newest_draws, title_for_public
from service.storage.session import Session, reading
from service.web.draw_desk import chances_of, reasons_of
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
VERDICTS = (
    "NO_RECORD",
    "COMMITMENT_OTHER",
    "PROBLEM_HASH_DIFFERS",
    "COMMITMENT_HASH_DIFFERS",
    "PROBLEM_NOT_NORMAL",
    "LOTTERY_WRONG",
    "SEED_DIFFERS",
    "DRAW_DIFFERS",
    "PANEL_INVALID",
)


@get("/draws", opt={"operation": "draw:see-public"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """List the newest draws, the voided ones too."""
    async with reading(request.app.state.database) as session:
        lines = await newest_draws(session, most=200)
    return page(request, "draw/list.html", lines=lines)


@get("/draws/how", opt={"operation": "draw:see-public"}, include_in_schema=False, sync_to_thread=False)
def how_page(request: AnyRequest) -> Response[Any]:
    """Say how anybody checks a draw with Python and nothing installed."""
    return page(request, "draw/how.html")


@get("/draws/{draw_id:uuid}", opt={"operation": "draw:see-public"}, include_in_schema=False)
async def public_page(request: AnyRequest, draw_id: FromPath[UUID]) -> Response[Any]:
    """Show one draw: what was fixed, what came out, and how to check it."""
    async with reading(request.app.state.database) as session:
        draw = await _found(session, draw_id)
        others = [one for one in await draws_of(session, draw.matter_id) if one.round == draw.round]
        title = await title_for_public(session, draw.matter_id) if draw.title_public else ""
        seq, sealed = await committed_at_seq(session, draw.matter_id, draw.commitment_sha256)
    problem, lottery = draw.commitment["problem"], draw.commitment["lottery"]
    return page(
        request,
        "draw/public.html",
        draw=draw,
        others=others,
        title=title,
        seq=seq,
        sealed=sealed,
        problem=problem,
        lottery=lottery,
        chances=chances_of(problem, lottery),
        kept_out=reasons_of(problem),
        verdicts=VERDICTS,
    )


@get("/draws/{draw_id:uuid}/commitment.json", opt={"operation": "draw:see-public"}, include_in_schema=False)
async def commitment_file(request: AnyRequest, draw_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the commitment, in the very bytes that are hashed."""
    async with reading(request.app.state.database) as session:
        draw = await _found(session, draw_id)
    return _json(draw.commitment, f"commitment-{draw.round}-{draw.number}.json")


@get("/draws/{draw_id:uuid}/record.json", opt={"operation": "draw:see-public"}, include_in_schema=False)
async def record_file(request: AnyRequest, draw_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the record, in the very bytes that are hashed."""
    async with reading(request.app.state.database) as session:
        draw = await _found(session, draw_id)
    if draw.record is None:
        raise NotFound(subject="record")
    return _json(draw.record, f"record-{draw.round}-{draw.number}.json")


@get("/draws/verifier.py", opt={"operation": "draw:see-public"}, include_in_schema=False, sync_to_thread=False)
def verifier_file() -> Response[bytes]:
    """Hand out the verifier: one file for Python and nothing else."""
    return Response(
        (files("selection") / "draw" / "verifier.py").read_bytes(),
        media_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verifier.py"'},
    )


async def _found(session: Session, draw_id: UUID) -> StoredDraw:
    draw = await draw_of(session, draw_id)
    if draw is None or not draw.commitment:
        raise NotFound(subject="draw")
    return draw


def _json(value: Any, name: str) -> Response[bytes]:
    return Response(
        canonical_json(value).encode(),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES = [list_page, how_page, verifier_file, public_page, commitment_file, record_file]
