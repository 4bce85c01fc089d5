"""The way into the library for anyone: applying, following an application, confirming by a one-time link."""

import hashlib
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import ApplicationStage, Item, Source
from service.actions.application_data import Recommender, Said
from service.actions.applications import (
    PUBLIC_SOURCES,
    ApplicationEntry,
    Receipt,
    asked_by_link,
    confirm_application,
    decline_application,
    follow_application,
    send_application,
)
from service.actions.erasure import application_kept_until
from service.problems import Fault, Invalid, Problem, Refused, TooMany
from service.storage.applications import Followed
from service.storage.calls import CallView, list_calls, load_call
from service.storage.session import reading, unit_of_work
from service.web.candidates import typed
from service.web.entry import key_of, policy_of
from service.web.expert_forms import field_options, field_text, identity_options, judged, level_options, read_about
from service.web.forms import Form
from service.web.pages import instant_of, page
from service.web.visitors import ADDRESS_TRIES, BODY_MOST, CODE_TRIES, SENDINGS, count, files_in, visit_in

AnyRequest = Request[Any, Any, Any]


@get("/apply", opt={"operation": "application:send"}, include_in_schema=False)
async def start_page(request: AnyRequest) -> Response[Any]:
    """Show the ways of applying, the open calls, and what A25 asks."""
    async with reading(request.app.state.database) as session:
        calls = await list_calls(session, open_on=request.app.state.clock.today())
    return page(request, "apply/start.html", calls=calls, items=[item.value for item in Item])


@get("/apply/new", opt={"operation": "application:send"}, include_in_schema=False)
async def form_page(
    request: AnyRequest,
    source: Annotated[str, QueryParameter(name="source", max_length=20)] = "self",
    call: Annotated[str, QueryParameter(name="call", max_length=20)] = "",
) -> Response[Any]:
    """Show the form of an application."""
    return await _form_page(request, Form({"source": [source], "call": [call]}))


@post(
    "/apply/new",
    opt={"operation": "application:send"},
    status_code=200,
    request_max_body_size=BODY_MOST,
    include_in_schema=False,
)
async def send_form(request: AnyRequest) -> Response[Any]:
    """Take an application, and show number and code once."""
    form = await Form.of(request)
    try:
        receipt = await _sent(request, form)
    except (Invalid, Refused, TooMany) as problem:
        return await _form_page(request, form, problem=problem)
    return page(request, "apply/sent.html", receipt=receipt, source=form.typed("source"))


@get("/apply/status", opt={"operation": "application:follow"}, include_in_schema=False)
async def status_page(request: AnyRequest) -> Response[Any]:
    """Ask for number and code."""
    return page(request, "apply/status.html", followed=None, **typed(Form({}), None))


@post("/apply/status", opt={"operation": "application:follow"}, status_code=200, include_in_schema=False)
async def status_form(request: AnyRequest) -> Response[Any]:
    """Show how far an application has come to whoever knows its number and code; neither stands in an address."""
    form = await Form.of(request)
    try:
        followed = await followed_by(request, form.text("number", most=40), form.text("code", most=40))
    except (Invalid, TooMany) as problem:
        shown = _told(problem, "code")
        return page(request, "apply/status.html", status=problem.status, followed=None, **typed(form, shown))
    until = application_kept_until(followed.kept_since, followed.stage, policy_of(request))
    return page(request, "apply/status.html", followed=followed, until=until, **typed(form, None))


@get("/confirm/{token:str}", opt={"operation": "application:confirm"}, include_in_schema=False)
async def confirm_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Show a person what somebody else filled in; looking changes nothing."""
    return await _confirm_page(request, token, None)


@post(
    "/confirm/{token:str}",
    opt={"operation": "application:confirm"},
    status_code=200,
    request_max_body_size=BODY_MOST,
    include_in_schema=False,
)
async def confirm_form(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Confirm what somebody else filled in, corrected by the person."""
    form = await Form.of(request)
    try:
        await count(request, {f"confirm:{token}": SENDINGS, "confirm:{address}": ADDRESS_TRIES})
        entry = read_application(form)
        files = await files_in(form)
        async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
            act = confirm_application(visit_in(request, session), token, entry, files)
            receipt = await judged(form, act)
    except (Invalid, Refused, TooMany) as problem:
        return await _confirm_page(request, token, form, problem=problem)
    return page(request, "apply/sent.html", receipt=receipt, source="confirmed")


@post(
    "/confirm/{token:str}/decline", opt={"operation": "application:confirm"}, status_code=200, include_in_schema=False
)
async def decline_form(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Say no to what somebody else filled in."""
    form = await Form.of(request)
    try:
        async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
            await decline_application(visit_in(request, session), token, reason=form.typed("reason"))
    except (Invalid, Refused) as problem:
        return await _confirm_page(request, token, form, problem=problem)
    return page(request, "apply/declined.html")


def read_application(form: Form) -> ApplicationEntry:
    """Return what a form says about an application."""
    recommender = Recommender(
        form.text("recommender_unit", most=200),
        form.text("recommender_name", most=200),
        form.text("recommender_phone", most=60),
    )
    return ApplicationEntry(
        about=read_about(form),
        unit=form.text("unit", most=200),
        post=form.text("post", most=200),
        statement=form.text("statement", most=2000),
        willing=form.typed("willing") == "yes",
        able=form.typed("able") == "yes",
        call_number=form.text("call", most=20),
        recommender=recommender if any((recommender.unit, recommender.name, recommender.phone)) else None,
    )


async def followed_by(request: AnyRequest, number: str, code: str) -> Followed:
    """Return how an application stands; every try counts, for the number and for the address.

    Raises:
        Invalid, TooMany: see `follow_application` and `count`.
    """
    await count(request, {f"follow:{number.strip().upper()}": CODE_TRIES, "follow:{address}": ADDRESS_TRIES})
    async with reading(request.app.state.database) as session:
        return await follow_application(visit_in(request, session), number, code)


def typed_of(name: str, said: Said) -> Form:
    """Return a form that shows what somebody else said; numbers stay sealed and are typed again by the person."""
    main = next((one.code for one in said.fields if one.main), "")
    further = [field_text(one.code) for one in said.fields if not one.main]
    values = {
        "name": name,
        "email": said.email,
        "title": said.title,
        "title_level": said.title_level,
        "main_field": field_text(main) if main else "",
        "further_fields": "、".join(further),
        "unit": said.unit,
        "post": said.post,
        "statement": said.statement,
    }
    return Form({column: [value] for column, value in values.items()})


async def _sent(request: AnyRequest, form: Form) -> Receipt:
    key = await key_of(request)
    digest = hashlib.sha256(await request.body()).hexdigest()
    entry = read_application(form)
    await count(request, {"apply:{address}": SENDINGS})
    files = await files_in(form)
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await judged(form, send_application(visit_in(request, session), entry, files, key=key, digest=digest))


async def _form_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    source = form.typed("source") if form.typed("source") in {one.value for one in PUBLIC_SOURCES} else "self"
    call: CallView | None = None
    if source == Source.OPEN_CALL:
        async with reading(request.app.state.database) as session:
            call = await load_call(session, form.typed("call"))
    return page(
        request,
        "apply/form.html",
        status=200 if problem is None else problem.status,
        source=source,
        call=call,
        **_choices(),
        **typed(form, _told(problem, "")),
    )


async def _confirm_page(
    request: AnyRequest, token: str, form: Form | None, *, problem: Problem | None = None
) -> Response[Any]:
    try:
        async with reading(request.app.state.database) as session:
            asked = await asked_by_link(visit_in(request, session), token)
    except Refused as over:
        return page(request, "apply/over.html", status=over.status, refusals=over.refusals)
    return page(
        request,
        "apply/confirm.html",
        status=200 if problem is None else problem.status,
        asked=asked,
        until=application_kept_until(asked.kept_since, ApplicationStage.UNCONFIRMED, policy_of(request)),
        token=token,
        **_choices(),
        **typed(form or typed_of(asked.name, asked.said), _told(problem, "")),
    )


def _choices() -> dict[str, Any]:
    return {"field_options": field_options(), "levels": level_options(), "identity_options": identity_options()}


def _told(problem: Problem | None, at: str) -> Problem | None:
    """Return a problem as the form shows it: too many tries stand at a field, so that what was typed stays."""
    return Invalid([Fault(at, "TOO_MANY", problem.facts)]) if isinstance(problem, TooMany) else problem


ROUTES = [
    start_page,
    form_page,
    send_form,
    status_page,
    status_form,
    confirm_page,
    confirm_form,
    decline_form,
]
