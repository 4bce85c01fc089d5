"""Cases about experts as JSON: the same acts as on the pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.cases import (
    CaseEntry,
    RulingEntry,
    add_statement,
    confirm_rectified,
    decide_case,
    open_case,
    resign,
)
from service.storage.cases import CaseView, cases_of, load_case
from service.storage.session import reading
from service.web.answers import CHANGES
from service.web.cases import look
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]


@dataclass(frozen=True, slots=True)
class OpeningJson:
    """A case to open."""

    ground: Annotated[
        str,
        Meta(
            max_length=20,
            description="post-changed, health, refused, disciplined, withdrew, unfit (A26), or breach (A70)",
            examples=["post-changed"],
        ),
    ]
    evidence: Reason
    refusal: Annotated[str, Meta(max_length=20, description="why the expert would not take part")] = ""


@dataclass(frozen=True, slots=True)
class StatementJson:
    """The expert's statement."""

    statement: Annotated[str, Meta(max_length=4000)]


@dataclass(frozen=True, slots=True)
class RulingJson:
    """What the director decides."""

    measure: Annotated[
        str,
        Meta(
            max_length=20,
            description="keep, adjust, dismiss; let-go; criticise, rectify, strike-off",
            examples=["keep"],
        ),
    ]
    reason: Reason
    document: Annotated[str, Meta(max_length=60)] = ""
    grave: bool = False
    rectify_by: date | None = None


@dataclass(frozen=True, slots=True)
class CaseReasonJson:
    """Why, in words."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class CaseEvidenceJson:
    """Confidential evidence in words."""

    evidence: str


@dataclass(frozen=True, slots=True)
class CaseJson:
    """A case; evidence about health and discipline is read apart, with a reason."""

    id: UUID
    number: str
    expert_id: UUID
    ground: str
    refusal: str
    evidence: str
    state: str
    opened_on: date
    state_until_on: date
    statement: str
    stated_on: date | None
    measure: str
    grave: bool
    rectify_by: date | None
    reason: str
    document: str
    decided_on: date | None
    closed_on: date | None
    version: int


@get(
    "/api/experts/{expert_id:uuid}/cases",
    opt={"operation": "case:see"},
    tags=["cases"],
    responses=problems(401, 403, 404),
)
async def api_cases(request: AnyRequest, expert_id: FromPath[UUID]) -> list[CaseJson]:
    """Return the cases about an expert, newest first."""
    async with reading(request.app.state.database) as session:
        return [_json(view) for view in await cases_of(session, viewer_of(request), expert_id)]


@post(
    "/api/experts/{expert_id:uuid}/cases",
    opt={"operation": "case:open"},
    tags=["cases"],
    responses=CHANGES,
)
async def api_open(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[OpeningJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CaseJson]:
    """Open a case (A26, A70); the expert is under review from now on."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        entry = CaseEntry(data.ground, data.evidence, data.refusal)
        return await _answer(act, await open_case(act, expert_id, entry, seen=seen), status=201)

    return await perform(request, "case:open", do, subject=str(expert_id))


@post(
    "/api/experts/{expert_id:uuid}/resign",
    opt={"operation": "expert:resign"},
    tags=["cases"],
    responses=CHANGES,
)
async def api_resign(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[CaseReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CaseJson]:
    """Ask to leave the library by own wish (A26.5)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        return await _answer(act, await resign(act, expert_id, reason=data.reason, seen=seen), status=201)

    return await perform(request, "expert:resign", do, subject=str(expert_id))


@get("/api/cases/{case_id:uuid}", opt={"operation": "case:see"}, tags=["cases"], responses=problems(401, 403, 404))
async def api_case(request: AnyRequest, case_id: FromPath[UUID]) -> Response[CaseJson]:
    """Return a case; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        return _response(await load_case(session, viewer_of(request), case_id))


@post(
    "/api/cases/{case_id:uuid}/statement",
    opt={"operation": "case:state"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_statement(
    request: AnyRequest,
    case_id: FromPath[UUID],
    data: JSONBody[StatementJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CaseJson]:
    """Add the expert's statement: by the expert, or by the center from paper."""

    async def act(act: Act, seen: int) -> None:
        await add_statement(act, case_id, text=data.statement, seen=seen)

    return await _acted(request, case_id, "case:state", act)


@post(
    "/api/cases/{case_id:uuid}/decide",
    opt={"operation": "case:decide"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_decide_case(
    request: AnyRequest,
    case_id: FromPath[UUID],
    data: JSONBody[RulingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CaseJson]:
    """Decide a case as the committee's director (A26, A70)."""

    async def act(act: Act, seen: int) -> None:
        entry = RulingEntry(data.measure, data.reason, data.document, data.grave, data.rectify_by)
        await decide_case(act, case_id, entry, seen=seen)

    return await _acted(request, case_id, "case:decide", act)


@post(
    "/api/cases/{case_id:uuid}/rectified",
    opt={"operation": "case:open"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_rectified(
    request: AnyRequest,
    case_id: FromPath[UUID],
    data: JSONBody[CaseReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CaseJson]:
    """Enter that a breach was put right (A70)."""

    async def act(act: Act, seen: int) -> None:
        await confirm_rectified(act, case_id, reason=data.reason, seen=seen)

    return await _acted(request, case_id, "case:open", act)


@post(
    "/api/cases/{case_id:uuid}/evidence",
    opt={"operation": "case:read-evidence"},
    tags=["cases"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_case_evidence(
    request: AnyRequest, case_id: FromPath[UUID], data: JSONBody[CaseReasonJson]
) -> CaseEvidenceJson:
    """Return confidential evidence in words; every look is noted with its reason."""
    return CaseEvidenceJson(await look(request, case_id, reason=data.reason))


async def _acted(request: AnyRequest, case_id: UUID, operation: str, act: _Acting) -> Response[CaseJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, case_id, status=200)

    return await perform(request, operation, do, subject=str(case_id))


async def _answer(act: Act, case_id: UUID, *, status: int) -> Response[CaseJson]:
    await act.session.flush()
    act.session.expire_all()
    return _response(await load_case(act.session, act.viewer, case_id), status=status)


def _response(view: CaseView, *, status: int = 200) -> Response[CaseJson]:
    headers = {"ETag": f'"{view.version}"'}
    if status == 201:
        headers["Location"] = f"/api/cases/{view.id}"
    return Response(_json(view), status_code=status, headers=headers)


def _json(view: CaseView) -> CaseJson:
    return CaseJson(
        id=view.id,
        number=view.number,
        expert_id=view.expert_id,
        ground=view.ground.value,
        refusal=view.refusal.value if view.refusal else "",
        evidence=view.evidence,
        state=view.state,
        opened_on=view.opened_on,
        state_until_on=view.state_until_on,
        statement=view.statement,
        stated_on=view.stated_on,
        measure=view.measure.value if view.measure else "",
        grave=view.grave,
        rectify_by=view.rectify_by,
        reason=view.reason,
        document=view.document,
        decided_on=view.decided_on,
        closed_on=view.closed_on,
        version=view.version,
    )


ROUTES = [
    api_cases,
    api_open,
    api_resign,
    api_case,
    api_statement,
    api_decide_case,
    api_rectified,
    api_case_evidence,
]
