"""Organisations: the list, one of them with its names, superiors and people, adding and changing."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.access import may
from service.actions.act import Act
from service.actions.organisations import (
    NewOrganisationEntry,
    add_name,
    add_organisation,
    change_organisation,
    remove_name,
    remove_parent,
    rename_organisation,
    set_parent,
)
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.history import history_of
from service.storage.intake import OtherName
from service.storage.notes import notes_on
from service.storage.organisations import (
    KINDS,
    NAME_KINDS,
    PER_PAGE,
    OrganisationView,
    find_organisations,
    list_organisations,
    load_organisation,
)
from service.storage.session import reading
from service.storage.unit_succession import Left, left_at
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import fragment, page, see_other

AnyRequest = Request[Any, Any, Any]
_SUCCESSOR = re.compile(r"successor(_[2-9])?")
Do = Callable[[Act, int], Awaitable[None]]


@get("/organisations", opt={"operation": "organisation:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    kind: Annotated[str, QueryParameter(name="kind", max_length=20)] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
    text: Annotated[str, QueryParameter(name="text", max_length=100)] = "",
) -> Response[Any]:
    """Show the organisations, narrowed by kind and by words of their names."""
    kind = kind if kind in KINDS else ""
    app = request.app.state
    async with reading(app.database) as session:
        listed = await list_organisations(
            session, viewer_of(request), on=app.clock.today(), words=text, kind=kind, page=number
        )
    pages = max(1, -(-listed.total // PER_PAGE))
    return page(
        request,
        "organisations/list.html",
        listed=listed,
        kind=kind,
        text=text,
        kinds=KINDS,
        number=number,
        pages=pages,
    )


@get("/organisations/choose", opt={"operation": "organisation:list"}, include_in_schema=False)
async def choose_fragment(
    request: AnyRequest,
    unit: Annotated[str, QueryParameter(name="unit", max_length=120)] = "",
    parent: Annotated[str, QueryParameter(name="parent", max_length=120)] = "",
) -> Response[Any]:
    """Offer the organisations that typed words may mean, while one types."""
    name, words = ("parent", parent) if parent else ("unit", unit)
    if successor := next((key for key in request.query_params if _SUCCESSOR.fullmatch(key)), ""):
        name, words = successor, request.query_params[successor][:120]
    app = request.app.state
    async with reading(app.database) as session:
        choices, total = await find_organisations(session, words, on=app.clock.today())
    return fragment(request, "organisations/choices.html", name=name, units={"choices": choices, "total": total})


@get("/organisations/new", opt={"operation": "organisation:add"}, include_in_schema=False)
async def new_page(request: AnyRequest) -> Response[Any]:
    """Show an empty form."""
    return _form_page(request, Form({}))


@post("/organisations", opt={"operation": "organisation:add"}, include_in_schema=False)
async def add_form(request: AnyRequest) -> Response[Any]:
    """Add an organisation and show it."""
    form = await Form.of(request)

    async def do(act: Act) -> Response[Any]:
        organisation_id = await add_organisation(act, _entry(form))
        return see_other(f"/organisations/{organisation_id}", notice="单位已新增")

    try:
        return await perform(request, "organisation:add", do)
    except (Invalid, Refused) as problem:
        return _form_page(request, form, problem=problem)


@get("/organisations/{organisation_id:uuid}", opt={"operation": "organisation:see"}, include_in_schema=False)
async def show_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Show an organisation."""
    return await _show(request, organisation_id, Form({}))


@get("/organisations/{organisation_id:uuid}/edit", opt={"operation": "organisation:change"}, include_in_schema=False)
async def edit_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Show the form with what is known."""
    organisation = await _load(request, organisation_id)
    typed = {
        "name": [organisation.name],
        "credit_code": [organisation.credit_code],
        "kind": [organisation.kind],
        "region": [organisation.region],
    }
    return _form_page(request, Form(typed), organisation=organisation)


@post("/organisations/{organisation_id:uuid}", opt={"operation": "organisation:change"}, include_in_schema=False)
async def change_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Correct what is said about an organisation."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await change_organisation(act, organisation_id, _entry(form), seen=seen)
        return see_other(f"/organisations/{organisation_id}", notice="单位资料已保存")

    try:
        return await perform(request, "organisation:change", do, subject=str(organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return _form_page(request, form, organisation=await _load(request, organisation_id), problem=problem)


@post("/organisations/{organisation_id:uuid}/rename", opt={"operation": "organisation:change"}, include_in_schema=False)
async def rename_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Give an organisation a new name from a day on."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        on = form.day("on", required=True)
        form.check()
        await rename_organisation(act, organisation_id, name=form.typed("name"), on=on or act.on, seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="单位已更名，原名称保留为曾用名")


@post("/organisations/{organisation_id:uuid}/names", opt={"operation": "organisation:change"}, include_in_schema=False)
async def name_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Add a short or former name."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        other = OtherName(
            form.text("other_name", required=True, most=120),
            form.choice("name_kind", NAME_KINDS, default="alias"),
            form.day("from_on"),
            form.day("to_on"),
        )
        form.check()
        await add_name(act, organisation_id, other, seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="名称已登记")


@post(
    "/organisations/{organisation_id:uuid}/names/{name_id:uuid}/remove",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def remove_name_form(
    request: AnyRequest, organisation_id: FromPath[UUID], name_id: FromPath[UUID]
) -> Response[Any]:
    """Remove another name that was entered by mistake."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        await remove_name(act, organisation_id, name_id, seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="名称已删除")


@post("/organisations/{organisation_id:uuid}/parent", opt={"operation": "organisation:change"}, include_in_schema=False)
async def parent_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Say what an organisation belongs to from a day on."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        parent_id = form.id("parent_id")
        if parent_id is None and form.typed("parent").strip():
            choices, _ = await find_organisations(act.session, form.typed("parent"), on=act.on)
            if len(choices) != 1:
                form.fault("parent", "UNIT_SEVERAL" if choices else "UNIT_NOT_FOUND")
            else:
                parent_id = choices[0].id
        from_on = form.day("from_on")
        form.check()
        await set_parent(act, organisation_id, parent_id, from_on=from_on, seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="上级单位已登记")


@post(
    "/organisations/{organisation_id:uuid}/parents/{tie_id:uuid}/remove",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def remove_parent_form(
    request: AnyRequest, organisation_id: FromPath[UUID], tie_id: FromPath[UUID]
) -> Response[Any]:
    """Remove a superior that was entered by mistake."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        await remove_parent(act, organisation_id, tie_id, seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="上级单位已删除")


def _entry(form: Form) -> NewOrganisationEntry:
    return NewOrganisationEntry(
        name=form.typed("name"),
        credit_code=form.typed("credit_code"),
        kind=form.typed("kind", "other"),
        region=form.typed("region").strip(),
        alias=form.typed("alias"),
    )


async def acted_on(request: AnyRequest, organisation_id: UUID, form: Form, do: Do, *, notice: str) -> Response[Any]:
    """Do an act on an organisation; what stands against it is shown on its page with the typed text."""
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        await do(act, seen)
        return see_other(f"/organisations/{organisation_id}", notice=notice)

    try:
        return await perform(request, "organisation:change", act, subject=str(organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, organisation_id, form, problem=problem)


async def _load(request: AnyRequest, organisation_id: UUID) -> OrganisationView:
    app = request.app.state
    async with reading(app.database) as session:
        return await load_organisation(session, viewer_of(request), organisation_id, on=app.clock.today())


async def _show(
    request: AnyRequest, organisation_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        organisation = await load_organisation(session, viewer, organisation_id, on=app.clock.today())
        notes = await notes_on(session, viewer, "organisation", organisation_id)
        left = await left_at(session, viewer, organisation_id) if may(viewer, "organisation:change") else Left()
        history = await history_of(session, f"organisation:{organisation_id}", most=10)
        choices, total = await find_organisations(session, form.typed("parent"), on=app.clock.today())
    return page(
        request,
        "organisations/show.html",
        status=200 if problem is None else problem.status,
        organisation=organisation,
        left=left,
        notes=notes,
        history=history,
        form=form,
        units={"choices": choices, "total": total},
        **trouble_of(problem),
    )


def _form_page(
    request: AnyRequest, form: Form, *, organisation: OrganisationView | None = None, problem: Problem | None = None
) -> Response[Any]:
    return page(
        request,
        "organisations/form.html",
        status=200 if problem is None else problem.status,
        organisation=organisation,
        form=form,
        kinds=KINDS,
        **trouble_of(problem),
    )


def trouble_of(problem: Problem | None) -> dict[str, Any]:
    """Return what stands against a form, as its page shows it."""
    return {
        "faults": list(problem.faults) if isinstance(problem, Invalid) else [],
        "refusals": list(problem.refusals) if isinstance(problem, Refused) else [],
        "moved": isinstance(problem, Stale),
    }


ROUTES = [
    list_page,
    choose_fragment,
    new_page,
    add_form,
    show_page,
    edit_page,
    change_form,
    rename_form,
    name_form,
    remove_name_form,
    parent_form,
    remove_parent_form,
]
