"""The staff's own conflicts of interest as JSON: who keeps out of a matter, who looks after it, lifting by two."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from conflicts import finding_json
from service.access import may
from service.actions.act import Act
from service.actions.staff import ask_to_lift, ask_to_lift_found, declare_own, name_another, settle_lift, state_for
from service.storage.matters import load_matter
from service.storage.session import reading
from service.storage.staff import Recusal
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.staff import staff_of

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, examples=["配偶在当事企业任职"])]


@dataclass(frozen=True, slots=True)
class RecusalJson:
    """Somebody of the staff who keeps out of a matter, by a declaration or a colleague's statement."""

    id: UUID
    person: UUID
    ground: Annotated[str, Meta(description="declared, stated, or found (what two persons lifted)")]
    at: datetime
    state: Annotated[str, Meta(description="standing, asked or lifted")]
    reason: Annotated[str, Meta(description="empty for viewers outside the center and the audit")]
    asked_at: datetime | None
    lifted_at: datetime | None
    version: Annotated[int, Meta(description="for If-Match")]


@dataclass(frozen=True, slots=True)
class FoundJson:
    """Somebody of the staff whom the ties keep out; the finding as in conflict-findings/1, for center and audit."""

    account: UUID
    person: UUID
    basis: str
    can_be_lifted: bool
    finding: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class StaffJson:
    """Who may work on a matter, who looks after it, who keeps out of it."""

    free: Annotated[list[UUID], Meta(description="accounts that may work on it")]
    tending: Annotated[list[UUID], Meta(description="accounts that look after it, at the unit and at the center")]
    found: list[FoundJson]
    recusals: list[RecusalJson]


@dataclass(frozen=True, slots=True)
class DeclaringOwn:
    """An interest of one's own. `instead` looks after the matter from now on; left out, colleagues choose."""

    reason: Reason = ""
    instead: UUID | None = None


@dataclass(frozen=True, slots=True)
class StatingFor:
    """A colleague who keeps out, and why."""

    account: UUID
    reason: Reason
    instead: UUID | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """Who looks after the matter."""

    account: UUID


@dataclass(frozen=True, slots=True)
class LiftingFound:
    """What the check finds against a clerk and shall not count, as `basis` names it."""

    account: UUID
    basis: Annotated[str, Meta(max_length=64)]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Asking:
    """Why a recusal should be lifted."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Settling:
    """Whether the recusal is lifted."""

    approved: bool


@dataclass(frozen=True, slots=True)
class RecusalId:
    """The recusal."""

    id: UUID


@get(
    "/api/matters/{matter_id:uuid}/staff",
    opt={"operation": "recusal:see"},
    tags=["conflicts"],
    responses=problems(401, 403, 404),
)
async def api_staff(request: AnyRequest, matter_id: FromPath[UUID]) -> StaffJson:
    """Return who of the staff may work on a matter, who looks after it and who keeps out of it."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        staff = await staff_of(request, session, await load_matter(session, viewer, matter_id))
    why = may(viewer, "conflict:see")
    return StaffJson(
        [one.account_id for one in staff.free],
        sorted(staff.tending),
        [
            FoundJson(
                one.clerk.account_id,
                one.clerk.person_id,
                one.basis if why else "",
                one.relaxed,
                finding_json(one.finding) if why else None,
            )
            for one in staff.found
        ],
        [_json(one, why=why) for one in staff.recusals],
    )


@post(
    "/api/matters/{matter_id:uuid}/staff/own",
    opt={"operation": "recusal:declare"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_own(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[DeclaringOwn], key: IdempotencyKey = ""
) -> Response[RecusalId]:
    """Declare an interest of one's own: from now on there is no such matter for this person."""

    async def do(act: Act) -> Response[RecusalId]:
        recusal = await declare_own(
            act, request.app.state.residents, matter_id, reason=data.reason, instead=data.instead
        )
        return Response(RecusalId(recusal), status_code=201)

    return await perform(request, "recusal:declare", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/staff/recusals",
    opt={"operation": "recusal:state"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_state_for(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[StatingFor], key: IdempotencyKey = ""
) -> Response[RecusalId]:
    """State that a colleague has an interest and keeps out of the matter."""

    async def do(act: Act) -> Response[RecusalId]:
        recusal = await state_for(
            act, request.app.state.residents, matter_id, data.account, reason=data.reason, instead=data.instead
        )
        return Response(RecusalId(recusal), status_code=201)

    return await perform(request, "recusal:state", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/staff/clerk",
    opt={"operation": "matter:name-clerk"},
    tags=["conflicts"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_clerk(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Naming], key: IdempotencyKey = ""
) -> Response[None]:
    """Name who looks after the matter, at the center or at its unit; that person is told."""

    async def do(act: Act) -> Response[None]:
        await name_another(act, request.app.state.residents, matter_id, data.account)
        return Response(None, status_code=204)

    return await perform(request, "matter:name-clerk", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/staff/found",
    opt={"operation": "recusal:lift"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_lift_found(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[LiftingFound], key: IdempotencyKey = ""
) -> Response[RecusalId]:
    """Ask that a clerk may work on the matter in spite of what the check finds; another person settles it."""

    async def do(act: Act) -> Response[RecusalId]:
        recusal = await ask_to_lift_found(
            act, request.app.state.residents, matter_id, data.account, basis=data.basis, reason=data.reason
        )
        return Response(RecusalId(recusal), status_code=201)

    return await perform(request, "recusal:lift", do, subject=str(matter_id))


@post(
    "/api/recusals/{recusal_id:uuid}/ask",
    opt={"operation": "recusal:lift"},
    tags=["conflicts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_ask(
    request: AnyRequest,
    recusal_id: FromPath[UUID],
    data: JSONBody[Asking],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[RecusalId]:
    """Ask to lift a recusal; another person settles it."""

    async def asking(act: Act, seen: int) -> Recusal:
        return await ask_to_lift(act, recusal_id, reason=data.reason, seen=seen)

    return await _changed(request, recusal_id, asking)


@post(
    "/api/recusals/{recusal_id:uuid}/settle",
    opt={"operation": "recusal:lift"},
    tags=["conflicts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_settle(
    request: AnyRequest,
    recusal_id: FromPath[UUID],
    data: JSONBody[Settling],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[RecusalId]:
    """Lift a recusal that another person asked to lift, or let it stand."""

    async def settling(act: Act, seen: int) -> Recusal:
        return await settle_lift(act, recusal_id, approved=data.approved, seen=seen)

    return await _changed(request, recusal_id, settling)


async def _changed(
    request: AnyRequest, recusal_id: UUID, change: Callable[[Act, int], Awaitable[Recusal]]
) -> Response[RecusalId]:
    seen = await version_of(request)

    async def do(act: Act) -> Response[RecusalId]:
        await change(act, seen)
        return Response(RecusalId(recusal_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, "recusal:lift", do, subject=str(recusal_id))


def _json(one: Recusal, *, why: bool) -> RecusalJson:
    return RecusalJson(
        one.id,
        one.person_id,
        one.ground,
        one.at,
        one.state,
        one.reason if why else "",
        one.asked_at,
        one.lifted_at,
        one.version,
    )


ROUTES: list[Any] = [
    api_staff,
    api_own,
    api_state_for,
    api_clerk,
    api_lift_found,
    api_ask,
    api_settle,
]
