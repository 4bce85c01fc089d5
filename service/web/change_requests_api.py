"""What experts ask to have changed in their data, as JSON: the same acts as on the pages."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from registry import ExpertField
from service.actions.act import Act
from service.actions.change_request_data import compared
from service.actions.change_requests import (
    EVIDENCE_KINDS,
    ChangeEntry,
    accept_change,
    ask_change,
    refuse_change,
    withdraw_change,
)
from service.actions.erasure import evidence_kept_until
from service.actions.experts import WorkEntry
from service.problems import Invalid
from service.storage.change_requests import OPEN, PER_PAGE, ChangeView, changes_of, list_changes, load_change
from service.storage.expert_page import own_expert
from service.storage.session import Session, reading
from service.web.about_json import Day, FieldJson, Line, NewUnitJson, Reason, WorkingJson, work_of
from service.web.answers import CHANGES, with_version
from service.web.applications_api import FileJson
from service.web.apply_api import AttachedJson
from service.web.change_requests import file_response, rows_of
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.visitors import BODY_MOST, examined

AnyRequest = Request[Any, Any, Any]
_BODY = BODY_MOST * 4 // 3


@dataclass(frozen=True, slots=True)
class AskingJson:
    """What shall be said about oneself; null, or an empty number, leaves what is kept.

    Name and identity number need a copy of the identity document (`files` of the kind `identity`).
    """

    name: Annotated[str, Meta(max_length=200, examples=["沈嘉禾"])] | None = None
    identity_number: Annotated[str, Meta(max_length=60)] = ""
    identity_kind: Annotated[str, Meta(max_length=20, description="resident, permit, passport, or recognised")] = ""
    phone: Annotated[str, Meta(max_length=60)] = ""
    email: Line | None = None
    title: Annotated[str, Meta(max_length=200, examples=["正高级工程师"])] | None = None
    title_level: Annotated[str, Meta(max_length=20)] | None = None
    fields: Annotated[list[FieldJson], Meta(max_length=50)] | None = None
    unit: Annotated[str, Meta(max_length=200, description="main employer now", examples=["示范县水利局"])] = ""
    post: Annotated[str, Meta(max_length=200)] = ""
    from_on: Annotated[date, Meta(description="first day there")] | None = None
    left_on: Annotated[date, Meta(description="last day of the main work, where no other follows")] | None = None
    words: Annotated[str, Meta(max_length=500, description="what else, such as a degree")] = ""
    files: Annotated[list[AttachedJson], Meta(max_length=3, description="evidence; kinds identity, title, work")] = (
        field(default_factory=list)
    )

    def entry(self) -> ChangeEntry:
        """Return what is asked as the act takes it."""
        return ChangeEntry(
            name=self.name,
            identity_number=self.identity_number,
            identity_kind=self.identity_kind,
            phone=self.phone,
            email=self.email,
            title=self.title,
            title_level=self.title_level,
            fields=None if self.fields is None else tuple(ExpertField(one.code, one.main) for one in self.fields),
            unit=self.unit,
            post=self.post,
            from_on=self.from_on,
            left_on=self.left_on,
            words=self.words,
        )


@dataclass(frozen=True, slots=True)
class AcceptingJson:
    """How the evidence was compared, and the organisation for the typed unit."""

    reason: Reason = ""
    organisation_id: UUID | None = None
    new_unit: NewUnitJson | None = None
    anyway: Annotated[bool, Meta(description="enter it although the library changed since it was asked")] = False


@dataclass(frozen=True, slots=True)
class RefusingJson:
    """Why not, as the expert reads it."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class AskedItemJson:
    """One respect in words; numbers masked."""

    item: Annotated[str, Meta(examples=["title"])]
    then: str
    now: str
    asked: str
    overtaken: Annotated[bool, Meta(description="the library changed after it was asked")]


@dataclass(frozen=True, slots=True)
class ChangeRequestJson:
    """A request."""

    id: UUID
    number: Annotated[str, Meta(examples=["BG2026-0003"])]
    expert_id: UUID
    expert_number: str
    state: Annotated[str, Meta(description="open, accepted, refused, withdrawn", examples=["open"])]
    asked_on: Day
    items: list[AskedItemJson]
    files: list[FileJson]
    reason: str
    decided_by: str
    decided_on: date | None
    kept_until: Annotated[date | None, Meta(description="last day on which files and full numbers are kept")]
    erased_on: Annotated[date | None, Meta(description="since when they are gone")]
    version: int


@dataclass(frozen=True, slots=True)
class ChangeRequestLineJson:
    """A request in the list."""

    id: UUID
    number: str
    expert_id: UUID
    expert_number: str
    name: str
    items: list[str]
    state: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class ChangeRequestsJson:
    """A page of requests in one state, with counts by state."""

    requests: list[ChangeRequestLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@get(
    "/api/change-requests",
    opt={"operation": "change-request:list"},
    tags=["change-requests"],
    responses=problems(401, 403),
)
async def api_changes(
    request: AnyRequest,
    which: Annotated[str, QueryParameter(name="state", max_length=20)] = OPEN,
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> ChangeRequestsJson:
    """Return what experts ask: what waits oldest first, decided ones newest first."""
    async with reading(request.app.state.database) as session:
        found = await list_changes(session, viewer_of(request), state=which, page=number)
    lines = [
        ChangeRequestLineJson(
            one.id,
            one.number,
            one.expert_id,
            one.expert_number,
            one.name,
            [item.value for item in one.items],
            one.state,
            one.asked_on,
        )
        for one in found.lines
    ]
    return ChangeRequestsJson(lines, found.total, number, PER_PAGE, found.counts)


@get(
    "/api/change-requests/mine",
    opt={"operation": "change-request:ask"},
    tags=["change-requests"],
    responses=problems(401, 403, 404),
)
async def api_own_changes(request: AnyRequest) -> list[ChangeRequestJson]:
    """Return what one asked for oneself, newest first."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        found = await changes_of(session, viewer, await own_expert(session, viewer))
        return [await _json(request, session, one) for one in found]


@get(
    "/api/change-requests/{request_id:uuid}",
    opt={"operation": "change-request:see"},
    tags=["change-requests"],
    responses=problems(401, 403, 404),
)
async def api_change_request(request: AnyRequest, request_id: FromPath[UUID]) -> Response[ChangeRequestJson]:
    """Return a request beside what the library says now; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        return await _answer(request, session, request_id)


@post(
    "/api/experts/{expert_id:uuid}/change-requests",
    opt={"operation": "change-request:ask"},
    tags=["change-requests"],
    request_max_body_size=_BODY,
    responses=problems(400, 401, 403, 404, 409, 412, 413, 422, 428),
)
async def api_ask(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[AskingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ChangeRequestJson]:
    """Ask for a change of the own data, with evidence; If-Match is the version of the expert."""
    seen = await version_of(request)
    brought = [(one.kind, one.name, one.content) for one in data.files]
    files, faults = await examined(brought, EVIDENCE_KINDS)

    async def do(act: Act) -> Response[Any]:
        if faults:
            raise Invalid(faults)
        request_id = await ask_change(act, expert_id, data.entry(), files, seen=seen)
        return await _answer(request, act.session, request_id, status=201)

    return await perform(request, "change-request:ask", do, subject=str(expert_id))


@post(
    "/api/change-requests/{request_id:uuid}/withdraw",
    opt={"operation": "change-request:ask"},
    tags=["change-requests"],
    status_code=200,
    responses=CHANGES,
)
async def api_withdraw_change(
    request: AnyRequest, request_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[ChangeRequestJson]:
    """Take back what one asked for."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await withdraw_change(act, request_id, seen=seen)
        return await _answer(request, act.session, request_id)

    return await perform(request, "change-request:ask", do, subject=str(request_id))


@post(
    "/api/change-requests/{request_id:uuid}/accept",
    opt={"operation": "change-request:decide"},
    tags=["change-requests"],
    status_code=200,
    responses=CHANGES,
)
async def api_accept(
    request: AnyRequest,
    request_id: FromPath[UUID],
    data: JSONBody[AcceptingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ChangeRequestJson]:
    """Accept what an expert asks; the library changes as if the center had entered it."""
    seen = await version_of(request)
    work: WorkEntry | None = None
    if data.organisation_id is not None or data.new_unit is not None:
        work = work_of(WorkingJson(organisation_id=data.organisation_id, new_unit=data.new_unit))

    async def do(act: Act) -> Response[Any]:
        await accept_change(act, request_id, work=work, reason=data.reason, anyway=data.anyway, seen=seen)
        return await _answer(request, act.session, request_id)

    return await perform(request, "change-request:decide", do, subject=str(request_id))


@post(
    "/api/change-requests/{request_id:uuid}/refuse",
    opt={"operation": "change-request:decide"},
    tags=["change-requests"],
    status_code=200,
    responses=CHANGES,
)
async def api_refuse(
    request: AnyRequest,
    request_id: FromPath[UUID],
    data: JSONBody[RefusingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ChangeRequestJson]:
    """Refuse what an expert asks; the expert reads the reason."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await refuse_change(act, request_id, reason=data.reason, seen=seen)
        return await _answer(request, act.session, request_id)

    return await perform(request, "change-request:decide", do, subject=str(request_id))


@post(
    "/api/change-requests/{request_id:uuid}/files/{file_id:uuid}",
    opt={"operation": "change-request:read-file"},
    tags=["change-requests"],
    status_code=200,
    media_type="application/octet-stream",
    responses=problems(401, 403, 404),
)
async def api_evidence(request: AnyRequest, request_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Return a file of evidence; each look of the center is noted, so there is nothing to repeat."""
    return await file_response(request, request_id, file_id)


async def _answer(
    request: AnyRequest, session: Session, request_id: UUID, *, status: int = 200
) -> Response[ChangeRequestJson]:
    session.expire_all()
    view = await load_change(session, viewer_of(request), request_id)
    body = await _json(request, session, view)
    return with_version(body, f"/api/change-requests/{request_id}", view.version, status)


async def _json(request: AnyRequest, session: Session, view: ChangeView) -> ChangeRequestJson:
    app = request.app.state
    both = await compared(session, app.secrets, view, on=app.clock.today())
    return ChangeRequestJson(
        id=view.id,
        number=view.number,
        expert_id=view.expert_id,
        expert_number=view.expert_number,
        state=view.state,
        asked_on=view.asked_on,
        items=[
            AskedItemJson(row.item.value, row.then, row.now, row.asked, row.overtaken and view.state == OPEN)
            for row in rows_of(view, both)
        ],
        files=[FileJson(one.id, one.kind, one.name, one.media_type, one.size) for one in view.files],
        reason=view.reason,
        decided_by=view.decided_by,
        decided_on=view.decided_on,
        kept_until=evidence_kept_until(view, policy_of(request)),
        erased_on=view.erased_on,
        version=view.version,
    )


ROUTES = [
    api_changes,
    api_own_changes,
    api_change_request,
    api_ask,
    api_withdraw_change,
    api_accept,
    api_refuse,
    api_evidence,
]
