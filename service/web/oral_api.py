"""Opinions given by word of mouth in urgency as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.oral import Spoken, record_oral, record_urgency
from service.problems import Fault, Invalid
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.review_api import ReviewVersion, Why, version_json

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Saying:
    """What an expert said, and who else heard it."""

    conclusion: Annotated[str, Meta(description="agree, agree-with-changes or disagree", examples=["agree"])]
    given_at: Annotated[
        datetime, Meta(description="when it was said, with its zone", examples=["2026-09-18T09:30:00+08:00"])
    ]
    said: Annotated[str, Meta(max_length=2000, examples=["堤防加固可行，汛期前完成导流，书面意见明日补交。"])]
    witness: Annotated[str, Meta(max_length=60, description="name and post", examples=["王芳（县水利局办公室）"])]


@post(
    "/api/matters/{matter_id:uuid}/review/urgency",
    opt={"operation": "review:record-oral"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_urgency(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Why], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """Record that a review is urgent: its opinions may first be given by word of mouth (A32.3)."""

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await record_urgency(act, matter_id, reason=data.reason))

    return await perform(request, "review:record-oral", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/oral",
    opt={"operation": "review:record-oral"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_oral(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Saying],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Take down an oral opinion; its author has 24 hours from when it was said for the written one (A32.3)."""
    seen = await version_of(request)
    if data.given_at.tzinfo is None:
        raise Invalid([Fault("given_at", "INSTANT_NAIVE")])
    spoken = Spoken(data.conclusion, data.given_at, data.said, data.witness)

    async def do(act: Act) -> Response[ReviewVersion]:
        residents = request.app.state.residents
        state = await record_oral(act, residents, matter_id, expert_id, spoken, seen=seen)
        return version_json(matter_id, state)

    return await perform(request, "review:record-oral", do, subject=str(matter_id))


ROUTES = [api_urgency, api_oral]
