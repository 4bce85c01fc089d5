"""What experts ask to have changed in their data: the own form, the center's list, one request with its evidence."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import ChangeItem, Particulars
from service.actions.act import Act
from service.actions.change_request_data import Compared, compared
from service.actions.change_requests import (
    EVIDENCE_KINDS,
    ChangeEntry,
    accept_change,
    ask_change,
    open_evidence,
    refuse_change,
    withdraw_change,
)
from service.actions.erasure import evidence_kept_until, months_kept
from service.actions.experts import WorkEntry
from service.exchange.wording import say_level
from service.locales import say_day, say_list
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.change_requests import OPEN, PER_PAGE, STATES, ChangeView, list_changes, load_change
from service.storage.erasure import Keeping
from service.storage.expert_page import load_expert, own_expert
from service.storage.organisations import KINDS
from service.storage.session import Session, reading, unit_of_work
from service.web.answers import download
from service.web.candidates import typed
from service.web.entry import act_in, perform, policy_of, version_of, viewer_of
from service.web.expert_forms import (
    field_options,
    identity_options,
    judged,
    level_options,
    read_fields,
    read_new_unit,
    read_unit,
    typed_from,
    units_for,
)
from service.web.forms import Form
from service.web.pages import instant_of, page, say_field, see_other
from service.web.visitors import BODY_MOST, files_in

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Row:
    """One respect of a request, in words.

    Attributes:
        then, now, asked: what the library said when it was asked, says now, and shall say.
        overtaken: whether the library changed meanwhile.
    """

    item: ChangeItem
    then: str
    now: str
    asked: str
    overtaken: bool


def rows_of(view: ChangeView, both: Compared) -> list[Row]:
    """Return a request respect by respect, in the reader's language."""
    before, asked = both.wanted.before, both.wanted.asked
    return [
        Row(item, _said(item, before), _said(item, both.now), _said(item, asked), item in both.overtaken)
        for item in view.items
    ]


def _said(item: ChangeItem, about: Particulars) -> str:
    if item is ChangeItem.FIELDS:
        ordered = sorted(about.fields, key=lambda one: (not one.main, one.code))
        return say_list([say_field(one.code) for one in ordered])
    if item is ChangeItem.TITLE:
        level = say_level(about.title_level) if about.title_level not in ("", "none") else ""
        return " ".join(filter(None, (about.title, level)))
    if item is ChangeItem.WORK:
        if about.left_on is not None:
            return f"– {say_day(about.left_on)}"
        since = f"({say_day(about.from_on)} –)" if about.from_on else ""
        return " ".join(filter(None, (about.unit, about.post, since)))
    return str(
        {
            ChangeItem.NAME: about.name,
            ChangeItem.IDENTITY: about.identity_masked,
            ChangeItem.PHONE: about.phone_masked,
            ChangeItem.EMAIL: about.email,
            ChangeItem.OTHER: about.words,
        }[item]
    )


@get("/my/data", opt={"operation": "change-request:ask"}, include_in_schema=False)
async def data_page(request: AnyRequest) -> Response[Any]:
    """Show an expert the own data in a form: what is wrong is written over and sent to the center."""
    return await _data_page(request, None)


@post("/my/data", opt={"operation": "change-request:ask"}, request_max_body_size=BODY_MOST, include_in_schema=False)
async def ask_form(request: AnyRequest) -> Response[Any]:
    """Ask for a change of the own data."""
    form = await Form.of(request)
    seen = await version_of(request)
    files = await files_in(form, EVIDENCE_KINDS)

    async def act(act: Act) -> Response[Any]:
        expert_id = await own_expert(act.session, act.viewer)
        await judged(form, ask_change(act, expert_id, read_change(form), files, seen=seen))
        return see_other("/my#data", notice="申请已提交，决咨中心核对以后才会更改")

    try:
        return await perform(request, "change-request:ask", act)
    except (Invalid, Refused, Stale) as problem:
        return await _data_page(request, form, problem=problem)


@post("/my/data/{request_id:uuid}/withdraw", opt={"operation": "change-request:ask"}, include_in_schema=False)
async def withdraw_form(request: AnyRequest, request_id: FromPath[UUID]) -> Response[Any]:
    """Take back a request."""
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await withdraw_change(act, request_id, seen=seen)
        return see_other("/my#data", notice="申请已撤回")

    return await perform(request, "change-request:ask", act, subject=str(request_id))


@get("/change-requests", opt={"operation": "change-request:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    which: Annotated[str, QueryParameter(name="state")] = OPEN,
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """List what experts ask: what waits first."""
    which = which if which in STATES else OPEN
    async with reading(request.app.state.database) as session:
        listed = await list_changes(session, viewer_of(request), state=which, page=number)
    pages = -(-listed.total // PER_PAGE)
    return page(request, "change_requests/list.html", listed=listed, state=which, number=number, pages=pages)


@get("/change-requests/{request_id:uuid}", opt={"operation": "change-request:see"}, include_in_schema=False)
async def change_page(request: AnyRequest, request_id: FromPath[UUID]) -> Response[Any]:
    """Show one request beside what the library says now."""
    return await _show(request, request_id, None)


@post("/change-requests/{request_id:uuid}/accept", opt={"operation": "change-request:decide"}, include_in_schema=False)
async def accept_form(request: AnyRequest, request_id: FromPath[UUID]) -> Response[Any]:
    """Accept what an expert asks."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        work = await read_found_unit(act.session, form)
        doing = accept_change(
            act,
            request_id,
            work=work,
            reason=form.text("reason", most=600),
            anyway=form.typed("anyway") == "yes",
            seen=seen,
        )
        await judged(form, doing)

    return await _acted(request, request_id, form, act, notice="已采纳，专家资料已更改")


@post("/change-requests/{request_id:uuid}/refuse", opt={"operation": "change-request:decide"}, include_in_schema=False)
async def refuse_form(request: AnyRequest, request_id: FromPath[UUID]) -> Response[Any]:
    """Refuse what an expert asks."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        try:
            await refuse_change(act, request_id, reason=form.typed("refuse_reason"), seen=seen)
        except Invalid as problem:
            for fault in problem.faults:
                form.fault("refuse_reason", fault.code, **fault.facts)
            form.check()

    return await _acted(request, request_id, form, act, notice="已退回，专家可以看到理由")


@post(
    "/change-requests/{request_id:uuid}/files/{file_id:uuid}",
    opt={"operation": "change-request:read-file"},
    status_code=200,
    include_in_schema=False,
)
async def file_form(request: AnyRequest, request_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[Any]:
    """Hand out a file of evidence; a look of the center is noted."""
    return await file_response(request, request_id, file_id)


async def file_response(request: AnyRequest, request_id: UUID, file_id: UUID) -> Response[bytes]:
    """Return a file of evidence as a download under its own name, whatever it is; the look is noted first."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        file, content = await open_evidence(act_in(request, session), request_id, file_id)
    return download(file, content)


def read_change(form: Form) -> ChangeEntry:
    """Return what a form asks; it shows what is kept, so that what was left alone asks for nothing."""
    return ChangeEntry(
        name=form.text("name", most=200),
        identity_kind=form.typed("identity_kind").strip(),
        identity_number=form.text("identity_number", most=60),
        phone=form.text("phone", most=60),
        email=form.text("email", most=200),
        title=form.text("title", most=200),
        title_level=form.typed("title_level").strip(),
        fields=read_fields(form),
        unit=form.text("unit", most=200),
        post=form.text("post", most=200),
        from_on=form.day("from_on"),
        left_on=form.day("left_on"),
        words=form.text("words", most=600),
    )


async def read_found_unit(session: Session, form: Form) -> WorkEntry | None:
    """Return the organisation that the center found for the typed unit, or adds; None where none is named."""
    if form.typed("new_unit_name").strip():
        return WorkEntry(new=read_new_unit(form))
    organisation_id = await read_unit(session, form, "unit", needed=False)
    return None if organisation_id is None else WorkEntry(organisation_id=organisation_id)


async def _data_page(request: AnyRequest, form: Form | None, *, problem: Problem | None = None) -> Response[Any]:
    viewer, today = viewer_of(request), request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, await own_expert(session, viewer), on=today)
    return page(
        request,
        "my/data.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        months=months_kept(policy_of(request), Keeping.CHANGE),
        field_options=field_options(),
        levels=level_options(),
        identity_options=identity_options(),
        **typed(form or typed_from(expert), problem),
    )


async def _show(
    request: AnyRequest, request_id: UUID, form: Form | None, *, problem: Problem | None = None
) -> Response[Any]:
    app, viewer, today = request.app.state, viewer_of(request), request.app.state.clock.today()
    async with reading(app.database) as session:
        view = await load_change(session, viewer, request_id)
        both = await compared(session, app.secrets, view, on=today)
        form = form or Form({"unit": [both.wanted.asked.unit] if ChangeItem.WORK in view.items else [""]})
        units = await units_for(session, form, "unit", on=today)
    return page(
        request,
        "change_requests/show.html",
        status=200 if problem is None else problem.status,
        one=view,
        until=evidence_kept_until(view, policy_of(request)),
        rows=rows_of(view, both),
        asked=both.wanted.asked,
        relations=("own",) if view.own else (),
        units=units,
        kinds=KINDS,
        **typed(form, problem),
    )


async def _acted(request: AnyRequest, request_id: UUID, form: Form, act: _Acting, *, notice: str) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/change-requests/{request_id}", notice=notice)

    try:
        return await perform(request, "change-request:decide", do, subject=str(request_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, request_id, form, problem=problem)


ROUTES = [
    data_page,
    ask_form,
    withdraw_form,
    list_page,
    change_page,
    accept_form,
    refuse_form,
    file_form,
]
