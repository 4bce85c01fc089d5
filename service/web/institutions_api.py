"""Institutions that give their opinion by a named member of the panel, as JSON."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.institutions import name_signer
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.review_api import ReviewVersion, version_json

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Naming:
    """An institution, and who signs for it."""

    institution: Annotated[str, Meta(max_length=200, description="name or credit code", examples=["省水利规划设计院"])]
    expert_id: Annotated[UUID | None, Meta(description="a member who takes part; none is refused")] = None
    contract: Annotated[str, Meta(max_length=60, description="number of the contract (A29)")] = ""


@post(
    "/api/matters/{matter_id:uuid}/review/institutions",
    opt={"operation": "review:name-signer"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_name_signer(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Naming],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Say for which institution a member of the panel writes; an opinion without a named person is refused (A32.3)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        residents = request.app.state.residents
        after = await name_signer(
            act, residents, matter_id, data.expert_id, data.institution, contract=data.contract, seen=seen
        )
        return version_json(matter_id, after)

    return await perform(request, "review:name-signer", do, subject=str(matter_id))


ROUTES = [api_name_signer]
