"""Organisations with names that are alike, as JSON."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.alike import Settling, settle_alike
from service.storage.alike import PAIRS_AT_MOST, alike_pairs
from service.storage.session import Session, reading
from service.web.entry import perform
from service.web.openapi import IdempotencyKey, problems

AnyRequest = Request[Any, Any, Any]
Names = Annotated[str, Meta(max_length=64, description="digest of both present names, as the list gives it")]


@dataclass(frozen=True, slots=True)
class AlikePairJson:
    """Two organisations with names that are alike; `shared` is what the names have in common."""

    first_id: UUID
    first_name: str
    second_id: UUID
    second_name: str
    names: Names
    shared: str


@dataclass(frozen=True, slots=True)
class AlikePairsJson:
    """The first open pairs, and how many there are."""

    pairs: list[AlikePairJson]
    total: int


@dataclass(frozen=True, slots=True)
class SettlingJson:
    """How a pair is settled."""

    first_id: UUID
    second_id: UUID
    names: Names
    verdict: Annotated[str, Meta(max_length=20, description="same or different", examples=["different"])]
    reason: Annotated[str, Meta(max_length=500, examples=["登记机关不同，经电话核实是两家单位"])]


@get(
    "/api/organisations/alike",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    responses=problems(401, 403),
)
async def api_alike(request: AnyRequest) -> AlikePairsJson:
    """List the pairs with names that are alike which nobody has settled; a hint only, nothing is matched by it."""
    async with reading(request.app.state.database) as session:
        return await _pairs(session)


@post(
    "/api/organisations/alike",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_settle(
    request: AnyRequest, data: JSONBody[SettlingJson], key: IdempotencyKey = ""
) -> Response[AlikePairsJson]:
    """Settle a pair, once; 404 when it is not open under these names. The answer lists what is left."""

    async def do(act: Act) -> Response[Any]:
        said = Settling(data.first_id, data.second_id, data.names, data.verdict, data.reason)
        await settle_alike(act, said)
        return Response(await _pairs(act.session), status_code=200)

    return await perform(request, "organisation:change", do)


async def _pairs(session: Session) -> AlikePairsJson:
    pairs = await alike_pairs(session)
    return AlikePairsJson(
        [
            AlikePairJson(one.first_id, one.first_name, one.second_id, one.second_name, one.names, one.shared)
            for one in pairs[:PAIRS_AT_MOST]
        ],
        len(pairs),
    )


ROUTES = [api_alike, api_settle]
