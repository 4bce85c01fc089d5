"""Matters as JSON: list, open, read, need, flags, parties, stopping and going on, history."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from service.actions.act import Act
from service.actions.matters import (
    cancel_matter,
    change_parties,
    confirm_flags,
    open_matter,
    reopen_panel,
    resume_matter,
    set_need,
    suspend_matter,
)
from service.problems import Fault, Invalid
from service.storage.matter_rows import state_of
from service.storage.matters import (
    PER_PAGE,
    STATES,
    history_of,
    list_matters,
    load_matter,
)
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.matter_json import (
    FlagsJson,
    HistoryJson,
    MatterJson,
    MatterPage,
    NeedChange,
    Opened,
    OpeningJson,
    PartiesJson,
    ReasonJson,
    history_json,
    matter_json,
    need_of,
    opening_of,
    parties_of,
    summary_of,
)
from service.web.openapi import IdempotencyKey, IfMatch, problems
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
_ACT = (400, 401, 403, 404, 409, 412, 422, 428)


@get(
    "/api/matters",
    opt={"operation": "matter:list"},
    tags=["matters"],
    responses=problems(400, 401, 403),
)
async def api_list(
    request: AnyRequest,
    words: Annotated[str, QueryParameter(name="q", max_length=100, description="title, pinyin or number")] = "",
    states: Annotated[str, QueryParameter(name="state", max_length=100, description="states, parted by commas")] = "",
    unit_id: Annotated[UUID | None, QueryParameter(name="unit")] = None,
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> MatterPage:
    """List the matters that the viewer may see, 50 on a page."""
    wanted = tuple(state for state in states.split(",") if state)
    if set(wanted) - set(STATES):
        raise Invalid([Fault("state", "FIELD_NOT_A_CHOICE")])
    async with reading(request.app.state.database) as session:
        listed = await list_matters(
            session,
            viewer_of(request),
            words=words,
            states=wanted,
            unit_id=unit_id,
            page=number,
            per_page=PER_PAGE,
        )
    return MatterPage([summary_of(line) for line in listed.lines], listed.total, dict(listed.counts))


@post(
    "/api/matters",
    opt={"operation": "matter:open"},
    tags=["matters"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_open(request: AnyRequest, data: JSONBody[OpeningJson], key: IdempotencyKey = "") -> Response[Opened]:
    """Open a matter (A2, A3, A72), with its need when one is sent or copied."""

    async def do(act: Act) -> Response[Opened]:
        matter_id = await open_matter(act, opening_of(data))
        href = f"/api/matters/{matter_id}"
        return Response(Opened(matter_id, href), status_code=201, headers={"Location": href})

    return await perform(request, "matter:open", do)


@get(
    "/api/matters/{matter_id:uuid}",
    opt={"operation": "matter:see"},
    tags=["matters"],
    responses=problems(401, 403, 404),
)
async def api_matter(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[MatterJson]:
    """Return a matter; its ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer_of(request), matter_id)
        state = await state_of(session, matter_id)
    return Response(matter_json(matter, state), headers={"ETag": f'"{matter.version}"'})


@get(
    "/api/matters/{matter_id:uuid}/history",
    opt={"operation": "matter:see"},
    tags=["matters"],
    responses=problems(401, 403, 404),
)
async def api_history(request: AnyRequest, matter_id: FromPath[UUID]) -> list[HistoryJson]:
    """Return the life of a matter, newest first."""
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer_of(request), matter_id)
        history = await history_of(session, matter_id)
    return [history_json(line) for line in history]


@put(
    "/api/matters/{matter_id:uuid}/need",
    opt={"operation": "matter:set-need"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_need(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[NeedChange],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Say what the panel must be and which flags the unit sees (A31); an open proposal falls."""
    need, flags = need_of(data.need), frozenset(data.flags)
    return await _act(
        request, matter_id, "matter:set-need", lambda act, seen: set_need(act, matter_id, need, flags, seen=seen)
    )


@put(
    "/api/matters/{matter_id:uuid}/flags",
    opt={"operation": "matter:confirm-flags"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_flags(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[FlagsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Confirm the flags for the center (A31)."""
    flags = frozenset(data.flags)
    return await _act(
        request,
        matter_id,
        "matter:confirm-flags",
        lambda act, seen: confirm_flags(act, matter_id, flags, reason=data.reason, seen=seen),
    )


@put(
    "/api/matters/{matter_id:uuid}/parties",
    opt={"operation": "matter:set-need"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_parties(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[PartiesJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Say anew whose interests are at stake (A28.4, A30)."""
    parties = parties_of(data.parties)
    return await _act(
        request, matter_id, "matter:set-need", lambda act, seen: change_parties(act, matter_id, parties, seen=seen)
    )


@post(
    "/api/matters/{matter_id:uuid}/cancel",
    opt={"operation": "matter:cancel"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_cancel(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """End a matter without a decision; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:cancel", cancel_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/suspend",
    opt={"operation": "matter:suspend"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_suspend(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Let a matter rest; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:suspend", suspend_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/resume",
    opt={"operation": "matter:suspend"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_resume(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Go on with a resting matter; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:suspend", resume_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/reopen",
    opt={"operation": "panel:determine"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_reopen(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Set a determined panel aside, so that the unit proposes anew (A32.1); everyone concerned is told."""
    return await _stop(request, matter_id, "panel:determine", reopen_panel, data)


async def _stop(
    request: AnyRequest,
    matter_id: UUID,
    operation: str,
    action: Callable[..., Awaitable[MatterState]],
    data: ReasonJson,
) -> Response[MatterJson]:
    return await _act(
        request, matter_id, operation, lambda act, seen: action(act, matter_id, reason=data.reason, seen=seen)
    )


async def _act(
    request: AnyRequest, matter_id: UUID, operation: str, action: Callable[[Act, int], Awaitable[MatterState]]
) -> Response[MatterJson]:
    """Do one act on a matter that was seen, and answer with the matter as it is then."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterJson]:
        state = await action(act, seen)
        matter = await load_matter(act.session, act.viewer, matter_id)
        return Response(matter_json(matter, state), headers={"ETag": f'"{matter.version}"'})

    return await perform(request, operation, do, subject=str(matter_id))


ROUTES = [
    api_list,
    api_open,
    api_matter,
    api_history,
    api_need,
    api_flags,
    api_parties,
    api_cancel,
    api_suspend,
    api_resume,
    api_reopen,
]
