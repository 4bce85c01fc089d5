"""Merging two records that are one person, as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.record_mergers import Merging, merge_records, take_merger_back
from service.storage.mergers import mergers_of
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, examples=["证件号码录错一位，经本人核对确认"])]


@dataclass(frozen=True, slots=True)
class MergingJson:
    """The record that goes into this one, with the version of it that was seen."""

    other_id: UUID
    other_version: int
    reason: Reason
    number_of: Annotated[str, Meta(description="kept or gone: whose identity number is right", examples=["kept"])] = (
        "kept"
    )


@dataclass(frozen=True, slots=True)
class PartingJson:
    """Why they are two persons after all."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class MergerJson:
    """A merger of two records; `undone_at` when it was taken back."""

    id: UUID
    kept_id: UUID
    gone_id: UUID
    gone_number: str
    at: datetime
    undone_at: datetime | None


@post(
    "/api/experts/{expert_id:uuid}/merge",
    opt={"operation": "expert:merge"},
    tags=["experts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_merge(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[MergingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[list[MergerJson]]:
    """Merge another record into this one, because both are one person; the answer lists the mergers of this record."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        entry = Merging(data.other_id, data.other_version, data.number_of, data.reason)
        await merge_records(act, expert_id, entry, seen=seen)
        return Response(await _mergers(act, expert_id), status_code=200)

    return await perform(request, "expert:merge", do, subject=str(expert_id))


@post(
    "/api/experts/{expert_id:uuid}/mergers/{merger_id:uuid}/undo",
    opt={"operation": "expert:merge"},
    tags=["experts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_undo(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    merger_id: FromPath[UUID],
    data: JSONBody[PartingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[list[MergerJson]]:
    """Take a merger back: what had moved goes back, both records stand as they stood."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await take_merger_back(act, merger_id, reason=data.reason, seen=seen)
        return Response(await _mergers(act, expert_id), status_code=200)

    return await perform(request, "expert:merge", do, subject=str(expert_id))


async def _mergers(act: Act, expert_id: UUID) -> list[MergerJson]:
    act.session.expire_all()
    return [
        MergerJson(one.id, expert_id, one.other_id, one.number, one.at, one.undone_at)
        for one in await mergers_of(act.session, expert_id)
    ]


ROUTES = [api_merge, api_undo]
