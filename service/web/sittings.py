"""Meetings on which experts sit in (A27.2): the list, one with its guests, the expert's answer."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.access import require
from service.actions.act import Act
from service.actions.sittings import SittingEntry, answer_sitting, call_sitting, enter_attendance, invite_further
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.session import reading
from service.storage.sittings import list_sittings, load_sitting
from service.web.candidates import typed
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
_BETWEEN = re.compile(r"[\s,;，、；]+")


@get("/sittings", opt={"operation": "sitting:list"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """List the meetings to which experts were invited."""
    return await _list(request, Form({}))


@post("/sittings", opt={"operation": "sitting:call"}, include_in_schema=False)
async def call_form(request: AnyRequest) -> Response[Any]:
    """Enter a meeting and invite experts."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        held_on = form.day("held_on", required=True)
        form.check()
        entry = SittingEntry(form.typed("title"), held_on or act.on, form.typed("place"), numbers_in(form))
        sitting_id = await call_sitting(act, entry)
        return see_other(f"/sittings/{sitting_id}", notice="邀请已发出")

    try:
        return await perform(request, "sitting:call", act)
    except (Invalid, Refused, Stale) as problem:
        return await _list(request, form, problem=problem)


@get("/sittings/{sitting_id:uuid}", opt={"operation": "sitting:see"}, include_in_schema=False)
async def sitting_page(request: AnyRequest, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Show a meeting and its guests."""
    return await _show(request, sitting_id, Form({}))


@post("/sittings/{sitting_id:uuid}/guests", opt={"operation": "sitting:call"}, include_in_schema=False)
async def further_form(request: AnyRequest, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Invite further experts."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await invite_further(act, sitting_id, numbers_in(form), seen=seen)

    return await _acted(request, sitting_id, form, "sitting:call", act, notice="邀请已发出")


@post("/sittings/{sitting_id:uuid}/answer", opt={"operation": "sitting:answer"}, include_in_schema=False)
async def answer_form(request: AnyRequest, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Say whether one comes."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await answer_sitting(act, sitting_id, answer=form.typed("answer"), seen=seen)

    return await _acted(request, sitting_id, form, "sitting:answer", act, notice="答复已登记")


@post("/sittings/{sitting_id:uuid}/attendance", opt={"operation": "sitting:call"}, include_in_schema=False)
async def attendance_form(request: AnyRequest, sitting_id: FromPath[UUID]) -> Response[Any]:
    """Enter who came."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        came = []
        for text in form.typed_all("came"):
            try:
                came.append(UUID(text))
            except ValueError:
                form.fault("came", "FIELD_NOT_A_CHOICE")
        form.check()
        await enter_attendance(act, sitting_id, came, seen=seen)

    return await _acted(request, sitting_id, form, "sitting:call", act, notice="列席情况已登记")


def numbers_in(form: Form) -> list[str]:
    """Return the numbers typed, whatever stands between them."""
    return [one for one in _BETWEEN.split(form.typed("numbers")) if one]


async def _list(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    require(viewer, "sitting:list")
    async with reading(request.app.state.database) as session:
        sittings = await list_sittings(session, viewer)
    return page(
        request,
        "sittings/list.html",
        status=200 if problem is None else problem.status,
        sittings=sittings,
        **typed(form, problem),
    )


async def _show(request: AnyRequest, sitting_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        sitting = await load_sitting(session, viewer_of(request), sitting_id)
    return page(
        request,
        "sittings/show.html",
        status=200 if problem is None else problem.status,
        sitting=sitting,
        ticked=form.typed_all("came"),
        **typed(form, problem),
    )


async def _acted(
    request: AnyRequest, sitting_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/sittings/{sitting_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(sitting_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, sitting_id, form, problem=problem)


ROUTES = [list_page, call_form, sitting_page, further_form, answer_form, attendance_form]
