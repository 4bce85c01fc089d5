"""The center's inbox of applications as JSON: the same acts as on their pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from registry import ApplicationStage
from service.actions.act import Act
from service.actions.application_data import code_of, unseal
from service.actions.application_desk import (
    GivenLink,
    give_link,
    invite_to_apply,
    reject_application,
    take_application,
)
from service.actions.applications import ApplicationEntry
from service.actions.erasure import application_kept_until
from service.storage.applications import PER_PAGE, ApplicationLine, list_applications, load_application
from service.storage.session import reading
from service.web.about_json import AboutJson, FieldJson, Reason, WorkingJson, about_of, work_of
from service.web.answers import CHANGES, with_version
from service.web.applications import address_of, file_response, look
from service.web.candidates_api import WhyJson
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.pages import instant_of

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ApplicationLineJson:
    """An application in the inbox."""

    id: UUID
    number: str
    name: str
    source: str
    source_note: str
    call: str
    stage: str
    sent_on: date
    candidate_id: UUID | None


@dataclass(frozen=True, slots=True)
class ApplicationsJson:
    """A page of applications, with counts by stage."""

    applications: list[ApplicationLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class KnownAsJson:
    """How the person is known already, by the identity number; the case is that of a striking off (A70)."""

    expert_id: UUID | None
    state: str
    case_id: UUID | None
    candidate_id: UUID | None
    other_applications: list[UUID]


@dataclass(frozen=True, slots=True)
class FileJson:
    """A file that came with an application or a request for a change."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ApplicationJson:
    """An application with everything it says; numbers are masked."""

    application: ApplicationLineJson
    identity_masked: str
    phone_masked: str
    email: str
    title: str
    title_level: str
    fields: list[FieldJson]
    unit: str
    post: str
    statement: str
    recommender_unit: str
    recommender_name: str
    confirmed_on: date | None
    code: str
    link_until: datetime | None
    known: KnownAsJson
    files: list[FileJson]
    reason: str
    kept_until: Annotated[
        date | None, Meta(description="last day before the personal data go: of one that failed, or nobody confirmed")
    ]
    erased_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class InvitingJson:
    """An application that the center fills in for somebody; `about.source` is invited or organisation."""

    about: AboutJson
    source_note: Annotated[str, Meta(max_length=200, description="who invites or recommends", examples=["县长办公会"])]
    unit: Annotated[str, Meta(max_length=200)] = ""
    post: Annotated[str, Meta(max_length=200)] = ""
    statement: Annotated[str, Meta(max_length=2000)] = ""


@dataclass(frozen=True, slots=True)
class GivenLinkJson:
    """The one-time link for the person; it is kept nowhere, so an answer that was lost takes a new one."""

    application_id: UUID
    link: str


@dataclass(frozen=True, slots=True)
class TakingJson:
    """Where the person works, as the center found it."""

    work: WorkingJson | None = None


@dataclass(frozen=True, slots=True)
class UnmaskingJson:
    """Which number to show in full, and why."""

    what: Annotated[str, Meta(max_length=20, description="identity, phone or recommender", examples=["phone"])]
    reason: Reason


@dataclass(frozen=True, slots=True)
class UnmaskedJson:
    """A number in full."""

    number: str


@get(
    "/api/applications",
    opt={"operation": "application:list"},
    tags=["applications"],
    responses=problems(400, 401, 403),
)
async def api_list(
    request: AnyRequest,
    stage: Annotated[str, QueryParameter(name="stage", max_length=20)] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> ApplicationsJson:
    """Return a page of applications, newest first; an unknown stage counts as none."""
    wanted = stage if stage in set(ApplicationStage) else ""
    async with reading(request.app.state.database) as session:
        listed = await list_applications(session, viewer_of(request), stage=wanted, page=number)
    return ApplicationsJson([_line(one) for one in listed.lines], listed.total, number, PER_PAGE, dict(listed.counts))


@post(
    "/api/applications/invite",
    opt={"operation": "application:invite"},
    tags=["applications"],
    responses=problems(400, 401, 403, 422),
)
async def api_invite(
    request: AnyRequest, data: JSONBody[InvitingJson], key: IdempotencyKey = ""
) -> Response[GivenLinkJson]:
    """Fill in an application for somebody, who confirms it by the link (A24)."""

    async def do(act: Act) -> GivenLink:
        entry = ApplicationEntry(about_of(data.about), data.unit, data.post, data.statement)
        return await invite_to_apply(act, entry, note=data.source_note)

    return await _linked(request, do)


@get(
    "/api/applications/{application_id:uuid}",
    opt={"operation": "application:see"},
    tags=["applications"],
    responses=problems(401, 403, 404),
)
async def api_application(request: AnyRequest, application_id: FromPath[UUID]) -> Response[ApplicationJson]:
    """Return an application; ETag is the version for If-Match."""
    app = request.app.state
    async with reading(app.database) as session:
        view = await load_application(session, viewer_of(request), application_id, at=instant_of(request))
    said, known = unseal(app.secrets, application_id, view.sealed), view.known
    body = ApplicationJson(
        application=_line(view.line),
        identity_masked=said.identity_masked,
        phone_masked=said.phone_masked,
        email=said.email,
        title=said.title,
        title_level=said.title_level,
        fields=[FieldJson(one.code, one.main) for one in said.fields],
        unit=said.unit,
        post=said.post,
        statement=said.statement,
        recommender_unit=said.recommender_unit,
        recommender_name=said.recommender_name,
        confirmed_on=view.confirmed_on,
        code=code_of(app.secrets, application_id) if viewer_of(request).center else "",
        link_until=view.link_until,
        known=KnownAsJson(
            known.expert_id,
            known.state.value if known.state else "",
            known.case_id,
            known.candidate_id,
            [one for one, _ in known.others],
        ),
        files=[FileJson(one.id, one.kind, one.name, one.media_type, one.size) for one in view.files],
        reason=view.reason,
        kept_until=application_kept_until(view.kept_since, view.line.stage, policy_of(request)),
        erased_on=view.erased_on,
        version=view.version,
    )
    return with_version(body, f"/api/applications/{application_id}", view.version, 200)


@post(
    "/api/applications/{application_id:uuid}/take",
    opt={"operation": "application:take"},
    tags=["applications"],
    status_code=200,
    responses=CHANGES,
)
async def api_take(
    request: AnyRequest,
    application_id: FromPath[UUID],
    data: JSONBody[TakingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ApplicationLineJson]:
    """Make the person a candidate (A24); nobody twice, and nobody who was struck off (A70)."""
    work = None if data.work is None else work_of(data.work)
    return await _acted(
        request, application_id, lambda act, seen: take_application(act, application_id, work=work, seen=seen)
    )


@post(
    "/api/applications/{application_id:uuid}/reject",
    opt={"operation": "application:take"},
    tags=["applications"],
    status_code=200,
    responses=CHANGES,
)
async def api_reject(
    request: AnyRequest,
    application_id: FromPath[UUID],
    data: JSONBody[WhyJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ApplicationLineJson]:
    """Turn down an application with a reason that the applicant sees."""
    return await _acted(
        request,
        application_id,
        lambda act, seen: reject_application(act, application_id, reason=data.reason, seen=seen),
    )


@post(
    "/api/applications/{application_id:uuid}/link",
    opt={"operation": "application:invite"},
    tags=["applications"],
    responses=CHANGES,
)
async def api_link(
    request: AnyRequest, application_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[GivenLinkJson]:
    """Make a new one-time link for the person; the one before ends."""
    seen = await version_of(request)
    return await _linked(request, lambda act: give_link(act, application_id, seen=seen))


@post(
    "/api/applications/{application_id:uuid}/files/{file_id:uuid}",
    opt={"operation": "application:read-file"},
    tags=["applications"],
    status_code=200,
    media_type="application/octet-stream",
    responses=problems(401, 403, 404),
)
async def api_file(request: AnyRequest, application_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Return a file that came with an application; every look is noted, so there is nothing to repeat."""
    return await file_response(request, application_id, file_id)


@post(
    "/api/applications/{application_id:uuid}/unmask",
    opt={"operation": "application:read-file"},
    tags=["applications"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_unmask(
    request: AnyRequest, application_id: FromPath[UUID], data: JSONBody[UnmaskingJson]
) -> UnmaskedJson:
    """Return an identity or telephone number in full; every look is noted with its reason."""
    return UnmaskedJson(await look(request, application_id, data.what, reason=data.reason))


async def _linked(request: AnyRequest, make: Callable[[Act], Awaitable[GivenLink]]) -> Response[GivenLinkJson]:
    """Do an act that makes a link. The kept answer of a repeat has none: tokens are kept nowhere."""
    made: list[GivenLink] = []

    async def do(act: Act) -> Response[Any]:
        made.append(await make(act))
        return Response(GivenLinkJson(made[0].application_id, ""), status_code=201)

    answer = await perform(request, "application:invite", do)
    if not made:
        return answer
    return Response(GivenLinkJson(made[0].application_id, address_of(request, made[0].token)), status_code=201)


async def _acted(
    request: AnyRequest, application_id: UUID, act: Callable[[Act, int], Awaitable[object]]
) -> Response[ApplicationLineJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        await setting.session.flush()
        setting.session.expire_all()
        view = await load_application(setting.session, setting.viewer, application_id, at=setting.at)
        return with_version(_line(view.line), f"/api/applications/{application_id}", view.version, 200)

    return await perform(request, "application:take", do, subject=str(application_id))


def _line(line: ApplicationLine) -> ApplicationLineJson:
    return ApplicationLineJson(
        id=line.id,
        number=line.number,
        name=line.name,
        source=line.source,
        source_note=line.source_note,
        call=line.call_number,
        stage=line.stage.value,
        sent_on=line.sent_on,
        candidate_id=line.candidate_id,
    )


ROUTES = [
    api_list,
    api_invite,
    api_application,
    api_take,
    api_reject,
    api_link,
    api_file,
    api_unmask,
]
