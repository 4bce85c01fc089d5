"""Lists for approval: all of them, one with its people, the acts on it, and the form that is signed on paper."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from registry import Approver, BatchKind
from service.actions.act import Act
from service.actions.batches import (
    Decision,
    decide_batch,
    issue_letters,
    make_batch,
    propose_batch,
    put_on_batch,
    take_off_batch,
)
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.batch_files import APPROVAL, files_of_batch
from service.storage.batches import BatchView, list_batches, load_batch
from service.storage.session import reading
from service.web.candidates import typed
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]


@get("/batches", opt={"operation": "batch:see"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """List the lists, newest first."""
    return await _list(request, Form({}))


@post("/batches", opt={"operation": "batch:make"}, include_in_schema=False)
async def make_form(request: AnyRequest) -> Response[Any]:
    """Open a list."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        kind, align_on = form.choice("kind", [kind.value for kind in BatchKind]), form.day("align_on")
        form.check()
        batch_id = await make_batch(act, kind, align_on=align_on)
        return see_other(f"/batches/{batch_id}", notice="名单已建立，请加入初审通过的人")

    try:
        return await perform(request, "batch:make", act)
    except (Invalid, Refused) as problem:
        return await _list(request, form, problem=problem)


@get("/batches/{batch_id:uuid}", opt={"operation": "batch:see"}, include_in_schema=False)
async def batch_page(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Show one list."""
    return await show_batch(request, batch_id, Form({}))


@get("/batches/{batch_id:uuid}/form", opt={"operation": "batch:see"}, include_in_schema=False)
async def approval_page(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Show the form of approval (审定表) that goes to who approves, to be printed."""
    async with reading(request.app.state.database) as session:
        batch = await load_batch(session, viewer_of(request), batch_id)
    return page(
        request,
        "batches/form.html",
        batch=batch,
        term_years=_years(request),
        director_reappoints=policy_of(request).library.reappointed_by is Approver.DIRECTOR,
    )


@post("/batches/{batch_id:uuid}/people", opt={"operation": "batch:make"}, include_in_schema=False)
async def put_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Put ticked people onto an open list."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await put_on_batch(act, batch_id, _ids(form, "candidates"), seen=seen)

    return await _acted(request, batch_id, form, "batch:make", act, notice="已加入名单")


@post(
    "/batches/{batch_id:uuid}/people/{candidate_id:uuid}/remove",
    opt={"operation": "batch:make"},
    include_in_schema=False,
)
async def take_form(request: AnyRequest, batch_id: FromPath[UUID], candidate_id: FromPath[UUID]) -> Response[Any]:
    """Take somebody off an open list."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await take_off_batch(act, batch_id, candidate_id, seen=seen)

    return await _acted(request, batch_id, form, "batch:make", act, notice="已移出名单")


@post("/batches/{batch_id:uuid}/propose", opt={"operation": "batch:make"}, include_in_schema=False)
async def propose_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Put a list forward."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await propose_batch(act, batch_id, seen=seen)

    return await _acted(request, batch_id, form, "batch:make", act, notice="名单已报审，请打印审定表")


@post("/batches/{batch_id:uuid}/decide", opt={"operation": "batch:decide"}, include_in_schema=False)
async def decide_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Enter the decision about a list."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        number, on = form.text("number", most=200), form.day("on", required=True)
        refused = {one: form.text(f"reason_{one}", most=600) for one in _ids(form, "refused")}
        flagged = _ids(form, "flagged")
        answers = {one: form.text(f"answer_{one}", most=600) for one in flagged if one not in refused}
        form.check()
        if on is not None:
            await decide_batch(act, batch_id, Decision(number, on, refused, answers), seen=seen)

    return await _acted(request, batch_id, form, "batch:decide", act, notice="审定结果已登记")


@post("/batches/{batch_id:uuid}/letters", opt={"operation": "letter:issue"}, include_in_schema=False)
async def letters_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Issue the letters of a list."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        letter_on = form.day("letter_on", required=True)
        form.check()
        if letter_on is not None:
            await issue_letters(act, batch_id, letter_on=letter_on, seen=seen)

    return await _acted(request, batch_id, form, "letter:issue", act, notice="聘书已签发，聘期已登记")


async def show_batch(
    request: AnyRequest, batch_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    """Show a list, with what was typed when an act on it was refused."""
    async with reading(request.app.state.database) as session:
        batch: BatchView = await load_batch(session, viewer_of(request), batch_id)
        scans = await files_of_batch(session, batch_id, APPROVAL)
    return page(
        request,
        "batches/show.html",
        status=200 if problem is None else problem.status,
        batch=batch,
        scans=scans,
        refused=set(form.typed_all("refused")),
        term_years=_years(request),
        director_reappoints=policy_of(request).library.reappointed_by is Approver.DIRECTOR,
        **typed(form, problem),
    )


async def _list(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        batches = await list_batches(session, viewer_of(request))
    return page(
        request,
        "batches/list.html",
        status=200 if problem is None else problem.status,
        batches=batches,
        **typed(form, problem),
    )


def _ids(form: Form, name: str) -> list[UUID]:
    found = []
    for text in form.typed_all(name):
        try:
            found.append(UUID(text))
        except ValueError:
            form.fault(name, "FIELD_NOT_A_CHOICE")
    return found


def _years(request: AnyRequest) -> int:
    years: int = request.app.state.edition.number("TERM_EXPIRED", "years")
    return years


async def _acted(
    request: AnyRequest, batch_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/batches/{batch_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(batch_id))
    except (Invalid, Refused, Stale) as problem:
        return await show_batch(request, batch_id, form, problem=problem)


ROUTES = [
    list_page,
    make_form,
    batch_page,
    approval_page,
    put_form,
    take_form,
    propose_form,
    decide_form,
    letters_form,
]
