"""Reminding many at once: who is asked for something, a preview of who gets what, and sending it."""

from typing import Any

from litestar import Request, Response, get, post

from service.actions.act import Act
from service.actions.reminders import preview_reminders, remind_many
from service.problems import Invalid
from service.storage.reminders import asked_now
from service.storage.session import reading
from service.web.entry import act_in, guard, perform, policy_of
from service.web.forms import Form, id_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/reminders", opt={"operation": "review:remind"}, include_in_schema=False)
async def reminders_page(request: AnyRequest) -> Response[Any]:
    """Show who is asked for something and has not done it."""
    return await _page(request, Form({}))


@post("/reminders/preview", opt={"operation": "review:remind"}, include_in_schema=False)
async def preview_form(request: AnyRequest) -> Response[Any]:
    """Show who would get what; nothing is sent."""
    form = await Form.of(request)
    try:
        async with reading(request.app.state.database) as session:
            previews = await preview_reminders(act_in(request, session), form.typed_all("who"))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, form)
    return page(request, "reminders/preview.html", previews=previews)


@post("/reminders", opt={"operation": "review:remind"}, include_in_schema=False)
async def send_form(request: AnyRequest) -> Response[Any]:
    """Send what the preview showed."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        await remind_many(act, form.typed_all("who"))
        return see_other("/reminders", notice="提醒已发出")

    try:
        return await perform(request, "review:remind", act)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, form)


async def _page(request: AnyRequest, form: Form) -> Response[Any]:
    viewer = guard(request, "review:remind")
    matter_id = id_of(request.query_params.get("matter", ""))
    async with reading(request.app.state.database) as session:
        asked = await asked_now(session, viewer, matter_id=matter_id)
    ladder = policy_of(request).ladder
    return page(
        request,
        "reminders/list.html",
        status=400 if form.faults else 200,
        asked=asked,
        form=form,
        faults=form.faults,
        ladder=ladder,
        matter_id=matter_id,
    )


ROUTES = [reminders_page, preview_form, send_form]
