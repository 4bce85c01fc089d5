"""The library's own rules as JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.library_rules import TITLE_MOST, file_rules
from service.actions.material import FILE_MOST
from service.storage.library_rules import in_force, library_rules
from service.storage.session import reading
from service.web.entry import perform
from service.web.library_rules import rules_of
from service.web.material_intake import scanned
from service.web.openapi import IdempotencyKey, problems
from service.web.signing_api import unpack

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class LibraryRulesJson:
    """A version of the library's own rules (A27.5, A28.6)."""

    id: UUID
    title: str
    from_on: date
    sha256: str
    size: Annotated[int, Meta(description="bytes")]
    in_force: bool


@dataclass(frozen=True, slots=True)
class FilingRules:
    """A version to be filed."""

    title: Annotated[str, Meta(max_length=TITLE_MOST, examples=["示范县决策咨询专家库管理规则"])]
    from_on: Annotated[date, Meta(description="its first day")]
    content: Annotated[str, Meta(max_length=42_000_000, description="a PDF or a photograph in Base64")]


@dataclass(frozen=True, slots=True)
class RulesId:
    """The version that was filed."""

    id: UUID


@get("/api/library-rules", opt={"operation": "library-rules:see"}, tags=["experts"], responses=problems(401, 403))
async def api_rules(request: AnyRequest) -> list[LibraryRulesJson]:
    """Return every version, the latest first day first."""
    async with reading(request.app.state.database) as session:
        versions = await library_rules(session)
    held = in_force(versions, request.app.state.clock.today())
    return [LibraryRulesJson(one.id, one.title, one.from_on, one.sha256, one.size, one is held) for one in versions]


@post(
    "/api/library-rules",
    opt={"operation": "library-rules:file"},
    tags=["experts"],
    status_code=201,
    responses=problems(400, 401, 403, 422),
)
async def api_file(request: AnyRequest, data: JSONBody[FilingRules], key: IdempotencyKey = "") -> Response[RulesId]:
    """File a version; earlier ones stay to be read."""
    content = await scanned(unpack(data.content, "/content"), at="/content", most=FILE_MOST)

    async def do(act: Act) -> Response[RulesId]:
        filed = await file_rules(act, content, title=data.title, from_on=data.from_on)
        return Response(RulesId(filed), status_code=201, headers={"Location": f"/api/library-rules/{filed}"})

    return await perform(request, "library-rules:file", do)


@get(
    "/api/library-rules/{rules_id:uuid}",
    opt={"operation": "library-rules:see"},
    tags=["experts"],
    media_type="application/pdf",
    responses=problems(401, 403, 404),
)
async def api_document(request: AnyRequest, rules_id: FromPath[UUID]) -> Response[bytes]:
    """Return the document of a version."""
    return await rules_of(request, rules_id)


ROUTES = [api_rules, api_file, api_document]
