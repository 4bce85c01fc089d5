"""Open calls: what anyone reads, and the center's publishing and changing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from registry import DISCIPLINES, DOMAINS
from service.actions.act import Act
from service.actions.calls import CallEntry, correct_call, publish_call
from service.locales import say_list
from service.problems import Invalid, Problem, Stale
from service.storage.calls import CallView, list_calls, load_call
from service.storage.session import reading
from service.web.candidates import typed
from service.web.entry import perform, version_of
from service.web.expert_forms import certain_fields, field_options, field_text, judged
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/calls", opt={"operation": "call:see"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """List the calls."""
    async with reading(request.app.state.database) as session:
        calls = await list_calls(session)
    return page(request, "calls/list.html", calls=calls)


@get("/calls/new", opt={"operation": "call:publish"}, include_in_schema=False)
async def new_page(request: AnyRequest) -> Response[Any]:
    """Show the form of a new call."""
    return _form_page(request, Form({}))


@post("/calls", opt={"operation": "call:publish"}, include_in_schema=False)
async def publish_form(request: AnyRequest) -> Response[Any]:
    """Publish a call."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await judged(form, publish_call(act, read_call(form)))
        return see_other("/calls", notice="征集公告已发布")

    try:
        return await perform(request, "call:publish", act)
    except Invalid as problem:
        return _form_page(request, form, problem=problem)


@get("/calls/{number:str}", opt={"operation": "call:see"}, include_in_schema=False)
async def call_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Show one call."""
    async with reading(request.app.state.database) as session:
        call = await load_call(session, number)
    return page(request, "calls/show.html", call=call)


@get("/calls/{number:str}/edit", opt={"operation": "call:publish"}, include_in_schema=False)
async def edit_page(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Show the form that changes a call."""
    async with reading(request.app.state.database) as session:
        call = await load_call(session, number)
    return _form_page(request, _typed_of(call), call=call)


@post("/calls/{number:str}/edit", opt={"operation": "call:publish"}, include_in_schema=False)
async def edit_form(request: AnyRequest, number: FromPath[str]) -> Response[Any]:
    """Change a call that was published."""
    form = await Form.of(request)
    seen = await version_of(request)
    async with reading(request.app.state.database) as session:
        call = await load_call(session, number)

    async def act(act: Act) -> Response[Any]:
        entry, reason = read_call(form), form.typed("reason")
        await judged(form, correct_call(act, call.id, entry, reason=reason, seen=seen))
        return see_other(f"/calls/{number}", notice="征集公告已修改")

    try:
        return await perform(request, "call:publish", act, subject=str(call.id))
    except (Invalid, Stale) as problem:
        return _form_page(request, form, call=call, problem=problem)


def read_call(form: Form) -> CallEntry:
    """Return what a form says about a call; fields are typed, or ticked in the directory."""
    ticked = form.choices("further_codes", (*DOMAINS, *DISCIPLINES))
    return CallEntry(
        title=form.text("title", most=200),
        text=form.text("text", most=8000),
        fields=tuple(dict.fromkeys([*certain_fields(form, "fields"), *ticked])),
        opens_on=form.day("opens_on"),
        closes_on=form.day("closes_on"),
    )


def _typed_of(call: CallView) -> Form:
    values = {
        "title": call.title,
        "text": call.text,
        "fields": say_list([field_text(code) for code in call.fields]),
        "opens_on": call.opens_on.isoformat(),
        "closes_on": call.closes_on.isoformat(),
    }
    return Form({name: [value] for name, value in values.items()})


def _form_page(
    request: AnyRequest, form: Form, *, call: CallView | None = None, problem: Problem | None = None
) -> Response[Any]:
    return page(
        request,
        "calls/form.html",
        status=200 if problem is None else problem.status,
        call=call,
        field_options=field_options(),
        **typed(form, problem),
    )


ROUTES = [list_page, new_page, publish_form, call_page, edit_page, edit_form]
