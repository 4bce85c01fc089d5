"""Versions of the local policy as JSON: list them, draw one up, change or withdraw the draft, publish it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.policies import (
    PolicyDraft,
    change_policy_draft,
    draft_policy,
    publish_policy,
    withdraw_policy_draft,
)
from service.regulation import RowChange
from service.storage.policies import PolicyVersion, load_version, policy_versions
from service.storage.session import reading
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class RowChangeJson:
    """A change of one row of local policy; rows of the regulation are refused with their article."""

    row: Annotated[str, Meta(max_length=60, examples=["paid-work"])]
    severity: Annotated[str, Meta(max_length=20, description="block, waiver, disclose, or off")]
    window: Annotated[str, Meta(max_length=10, description="months, current or forever; empty leaves it")] = ""


@dataclass(frozen=True, slots=True)
class PolicyDraftJson:
    """A version as drawn up."""

    changes: Annotated[list[RowChangeJson], Meta(min_length=1, max_length=200)]
    from_on: Annotated[date, Meta(description="its first day, today or later")]
    reason: Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class RowDifferenceJson:
    """What a version changed of one key of a row."""

    row: str
    key: Annotated[str, Meta(description="severity or window")]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PolicyVersionJson:
    """One version."""

    id: UUID
    number: Annotated[int | None, Meta(description="1 and up without gaps; null for what was never published")]
    name: Annotated[str, Meta(description="as findings name it", examples=["changli-local-1.1"])]
    state: Annotated[str, Meta(description="drafted, published or withdrawn")]
    from_on: date
    differences: list[RowDifferenceJson]
    reason: str
    drafted_by: str
    drafted_at: datetime
    settled_by: str
    settled_at: datetime | None
    settled_reason: str
    sha256: str
    version: Annotated[int, Meta(description="for If-Match")]


@dataclass(frozen=True, slots=True)
class PolicyVersionId:
    """The version."""

    id: UUID


@dataclass(frozen=True, slots=True)
class WithdrawalJson:
    """Why a draft is withdrawn."""

    reason: Annotated[str, Meta(max_length=500)]


@get("/api/policy/versions", opt={"operation": "policy:see"}, tags=["policy"], responses=problems(401, 403))
async def api_versions(request: AnyRequest) -> list[PolicyVersionJson]:
    """Return every version of the local policy: the draft first, then the published ones, the newest first."""
    app = request.app.state
    async with reading(app.database) as session:
        return [_json(one) for one in await policy_versions(session, app.settings.policy)]


@get(
    "/api/policy/versions/{version_id:uuid}",
    opt={"operation": "policy:see"},
    tags=["policy"],
    responses=problems(401, 403, 404),
)
async def api_version(request: AnyRequest, version_id: FromPath[UUID]) -> Response[PolicyVersionJson]:
    """Return one version."""
    async with reading(request.app.state.database) as session:
        version = await load_version(session, version_id)
    return Response(_json(version), headers={"ETag": f'"{version.version}"'})


@post(
    "/api/policy/versions",
    opt={"operation": "policy:draft"},
    tags=["policy"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_draft(
    request: AnyRequest, data: JSONBody[PolicyDraftJson], key: IdempotencyKey = ""
) -> Response[PolicyVersionId]:
    """Draw up the next version; nothing is judged by it before another person publishes it."""

    async def do(act: Act) -> Response[PolicyVersionId]:
        return Response(PolicyVersionId(await draft_policy(act, _draft(data))), status_code=201)

    return await perform(request, "policy:draft", do)


@post(
    "/api/policy/versions/{version_id:uuid}",
    opt={"operation": "policy:draft"},
    tags=["policy"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_redraft(
    request: AnyRequest,
    version_id: FromPath[UUID],
    data: JSONBody[PolicyDraftJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[PolicyVersionId]:
    """Draw up a draft anew, with all its changes; whoever does it stands for the whole."""

    async def change(act: Act, seen: int) -> None:
        await change_policy_draft(act, version_id, _draft(data), seen=seen)

    return await _changed(request, version_id, "policy:draft", change)


@post(
    "/api/policy/versions/{version_id:uuid}/publish",
    opt={"operation": "policy:publish"},
    tags=["policy"],
    status_code=200,
    responses=problems(401, 403, 404, 409, 412, 422, 428),
)
async def api_publish(
    request: AnyRequest, version_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[PolicyVersionId]:
    """Publish a draft that another person drew up; from its first day on everything is judged by it."""

    async def change(act: Act, seen: int) -> None:
        await publish_policy(act, version_id, seen=seen)

    return await _changed(request, version_id, "policy:publish", change)


@post(
    "/api/policy/versions/{version_id:uuid}/withdraw",
    opt={"operation": "policy:draft"},
    tags=["policy"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_withdraw(
    request: AnyRequest,
    version_id: FromPath[UUID],
    data: JSONBody[WithdrawalJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[PolicyVersionId]:
    """Withdraw a draft; it stays in the list and takes no number."""

    async def change(act: Act, seen: int) -> None:
        await withdraw_policy_draft(act, version_id, reason=data.reason, seen=seen)

    return await _changed(request, version_id, "policy:draft", change)


async def _changed(
    request: AnyRequest, version_id: UUID, operation: str, change: Callable[[Act, int], Awaitable[None]]
) -> Response[PolicyVersionId]:
    seen = await version_of(request)

    async def do(act: Act) -> Response[PolicyVersionId]:
        await change(act, seen)
        return Response(PolicyVersionId(version_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, operation, do, subject=str(version_id))


def _draft(data: PolicyDraftJson) -> PolicyDraft:
    changes = [RowChange(one.row, one.severity, one.window.strip()) for one in data.changes]
    return PolicyDraft(changes, data.from_on, data.reason)


def _json(one: PolicyVersion) -> PolicyVersionJson:
    return PolicyVersionJson(
        id=one.id,
        number=one.number,
        name=one.name,
        state=one.state,
        from_on=one.from_on,
        differences=[RowDifferenceJson(each.row, each.key, each.before, each.after) for each in one.differences],
        reason=one.reason,
        drafted_by=one.drafted_by,
        drafted_at=one.drafted_at,
        settled_by=one.settled_by,
        settled_at=one.settled_at,
        settled_reason=one.settled_reason,
        sha256=one.sha256,
        version=one.version,
    )


ROUTES: list[Any] = [api_versions, api_version, api_draft, api_redraft, api_publish, api_withdraw]
