"""The center's inbox: applications as they arrived, one of them, filling one in for somebody, giving the link."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import ApplicationStage, is_wanted
from service.actions.act import Act
from service.actions.application_data import code_of, unseal
from service.actions.application_desk import (
    LINK_FOR,
    GivenLink,
    give_link,
    invite_to_apply,
    open_file,
    reject_application,
    take_application,
    unmask_application,
)
from service.actions.erasure import application_kept_until
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.applications import PER_PAGE, ApplicationView, list_applications, load_application
from service.storage.organisations import KINDS
from service.storage.session import reading, unit_of_work
from service.web.answers import download
from service.web.apply import read_application
from service.web.candidates import typed
from service.web.draw_show import qr_of
from service.web.entry import act_in, perform, policy_of, version_of, viewer_of
from service.web.expert_forms import field_options, identity_options, judged, level_options, read_work, units_for
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[Response[Any]]]


@get("/applications", opt={"operation": "application:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    stage: Annotated[str, QueryParameter(name="stage")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """List applications by stage, newest first."""
    stage = stage if stage in set(ApplicationStage) else ""
    async with reading(request.app.state.database) as session:
        listed = await list_applications(session, viewer_of(request), stage=stage, page=number)
    return page(
        request,
        "applications/list.html",
        listed=listed,
        stage=stage,
        number=number,
        pages=-(-listed.total // PER_PAGE),
        everybody=sum(listed.counts.values()),
    )


@get("/applications/invite", opt={"operation": "application:invite"}, include_in_schema=False)
async def invite_page(request: AnyRequest) -> Response[Any]:
    """Show the form in which the center fills in an application for somebody."""
    return _invite_page(request, Form({"source": ["invited"]}))


@post("/applications/invite", opt={"operation": "application:invite"}, status_code=200, include_in_schema=False)
async def invite_form(request: AnyRequest) -> Response[Any]:
    """Fill in an application for somebody, and show the link once."""
    form = await Form.of(request)

    made: list[GivenLink] = []

    async def act(act: Act) -> Response[Any]:
        given = await judged(
            form, invite_to_apply(act, read_application(form), note=form.text("source_note", most=400))
        )
        made.append(given)
        return see_other(f"/applications/{given.application_id}", notice="申请已填好，请把链接交给本人")

    try:
        answer = await perform(request, "application:invite", act)
    except (Invalid, Refused) as problem:
        return _invite_page(request, form, problem=problem)
    return _link_page(request, made[0]) if made else answer


@get("/applications/{application_id:uuid}", opt={"operation": "application:see"}, include_in_schema=False)
async def application_page(request: AnyRequest, application_id: FromPath[UUID]) -> Response[Any]:
    """Show one application."""
    return await _show(request, application_id, None)


@post("/applications/{application_id:uuid}/take", opt={"operation": "application:take"}, include_in_schema=False)
async def take_form(request: AnyRequest, application_id: FromPath[UUID]) -> Response[Any]:
    """Make the person of an application a candidate."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> Response[Any]:
        work = await read_work(act.session, form, needed=False)
        candidate_id = await judged(form, take_application(act, application_id, work=work, seen=seen))
        return see_other(f"/candidates/{candidate_id}", notice="申请已受理，请逐项核对聘任条件")

    return await _acted(request, application_id, form, "application:take", act)


@post("/applications/{application_id:uuid}/reject", opt={"operation": "application:take"}, include_in_schema=False)
async def reject_form(request: AnyRequest, application_id: FromPath[UUID]) -> Response[Any]:
    """Turn down an application."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> Response[Any]:
        await reject_application(act, application_id, reason=form.typed("reason"), seen=seen)
        return see_other(f"/applications/{application_id}", notice="申请已退回，申请人可以看到理由")

    return await _acted(request, application_id, form, "application:take", act)


@post(
    "/applications/{application_id:uuid}/link",
    opt={"operation": "application:invite"},
    status_code=200,
    include_in_schema=False,
)
async def link_form(request: AnyRequest, application_id: FromPath[UUID]) -> Response[Any]:
    """Make a new one-time link and show it once."""
    form = await Form.of(request)
    made: list[GivenLink] = []

    async def act(act: Act, seen: int) -> Response[Any]:
        made.append(await give_link(act, application_id, seen=seen))
        return see_other(f"/applications/{application_id}", notice="确认链接已生成")

    answer = await _acted(request, application_id, form, "application:invite", act)
    return _link_page(request, made[0]) if made and answer.status_code == 303 else answer


@post(
    "/applications/{application_id:uuid}/files/{file_id:uuid}",
    opt={"operation": "application:read-file"},
    status_code=200,
    include_in_schema=False,
)
async def file_form(request: AnyRequest, application_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    """Hand out a file that came with an application; the look is noted."""
    return await file_response(request, application_id, file_id)


@post(
    "/applications/{application_id:uuid}/unmask",
    opt={"operation": "application:read-file"},
    status_code=200,
    include_in_schema=False,
)
async def unmask_form(request: AnyRequest, application_id: FromPath[UUID]) -> Response[Any]:
    """Show an identity or telephone number in full this once; the look and its reason are noted."""
    form = await Form.of(request)
    what = form.typed("what")
    try:
        shown = await look(request, application_id, what, reason=form.typed("look_reason"))
    except Invalid as problem:
        faults = [Fault("look_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await _show(request, application_id, form, problem=Invalid(faults))
    return await _show(request, application_id, None, opened={what: shown})


async def look(request: AnyRequest, application_id: UUID, what: str, *, reason: str) -> str:
    """Return a number in full, its look noted and committed before it is shown; no answer of it is kept."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await unmask_application(act_in(request, session), application_id, what, reason=reason)


async def file_response(request: AnyRequest, application_id: UUID, file_id: UUID) -> Response[bytes]:
    """Return a file as a download under its own name, whatever it is; the look is noted first."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        file, content = await open_file(act_in(request, session), application_id, file_id)
    return download(file, content)


def address_of(request: AnyRequest, token: str) -> str:
    """Return the address that a one-time link opens."""
    return f"{request.app.state.settings.base_url}/confirm/{token}"


def _link_page(request: AnyRequest, given: GivenLink) -> Response[Any]:
    """Show a link. Not the kept answer of the act: a repeat of it is led to the application, without the token."""
    address = address_of(request, given.token)
    return page(
        request,
        "applications/link.html",
        application_id=given.application_id,
        address=address,
        qr=qr_of(address),
        days=LINK_FOR.days,
    )


def _invite_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    return page(
        request,
        "applications/invite.html",
        status=200 if problem is None else problem.status,
        field_options=field_options(),
        levels=level_options(),
        identity_options=identity_options(),
        **typed(form, problem),
    )


async def _show(
    request: AnyRequest,
    application_id: UUID,
    form: Form | None,
    *,
    problem: Problem | None = None,
    opened: dict[str, str] | None = None,
) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    async with reading(app.database) as session:
        view: ApplicationView = await load_application(session, viewer, application_id, at=instant_of(request))
        said = unseal(app.secrets, application_id, view.sealed)
        form = form or Form({"unit": [said.unit], "post": [said.post]})
        units = await units_for(session, form, "unit", on=app.clock.today())
    return page(
        request,
        "applications/show.html",
        status=200 if problem is None else problem.status,
        application=view,
        said=said,
        until=application_kept_until(view.kept_since, view.line.stage, policy_of(request)),
        code=code_of(app.secrets, application_id),
        wanted=is_wanted(view.call_fields, [one.code for one in said.fields]),
        opened=opened or {},
        units=units,
        kinds=KINDS,
        **typed(form, problem),
    )


async def _acted(request: AnyRequest, application_id: UUID, form: Form, operation: str, act: _Acting) -> Response[Any]:
    seen = await version_of(request)
    try:
        return await perform(request, operation, lambda setting: act(setting, seen), subject=str(application_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, application_id, form, problem=problem)


ROUTES = [
    list_page,
    invite_page,
    invite_form,
    application_page,
    take_form,
    reject_form,
    link_form,
    file_form,
    unmask_form,
]
