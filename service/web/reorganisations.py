"""Mergers and divisions of organisations as pages: what became of it, a look at what that moves, and taking it back."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.organisations import take_rename_back
from service.actions.reorganisation import Reorganisation, reorganise, take_reorganisation_back
from service.actions.settlement import Settlement, settle_left
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.organisations import OrganisationView, find_organisations, load_organisation, organisation_name
from service.storage.reorganisation import ReorganisationView, heirs_of, standing_of
from service.storage.session import reading
from service.storage.unit_succession import left_at
from service.web.entry import perform, version_of, viewer_of
from service.web.expert_forms import read_unit, units_for
from service.web.forms import Form, id_of
from service.web.organisations import acted_on, trouble_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
CHOOSERS: Final = ("successor", "successor_2", "successor_3", "successor_4")
_KINDS: Final = ("merged", "divided", "parted", "dissolved")


@get(
    "/organisations/{organisation_id:uuid}/reorganise",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def reorganise_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Ask what became of an organisation; once that is said, show what it would move."""
    form = Form({name: request.query_params.getall(name) for name in request.query_params})
    if not form.typed("checked"):
        return await _asked(request, organisation_id, form)
    app = request.app.state
    async with reading(app.database) as session:
        heirs: list[UUID] = []
        for name in CHOOSERS:
            chosen = form.id(f"{name}_id")
            if chosen is None and (words := form.typed(name).strip()):
                found, _ = await find_organisations(session, words, on=app.clock.today())
                if len(found) == 1 or (found and found[0].name == words):
                    chosen = found[0].id
                else:
                    form.fault(name, "UNIT_SEVERAL" if found else "UNIT_NOT_FOUND")
            if chosen is not None:
                heirs.append(chosen)
    kind = form.choice("kind", _KINDS)
    on = form.day("on", required=True)
    if not heirs and kind != "dissolved" and not form.faults:
        form.fault("successor", "FIELD_REQUIRED")
    if organisation_id in heirs or len(set(heirs)) != len(heirs):
        form.fault("successor", "SUCCESSOR_TWICE")
    if len(heirs) > 1 and kind == "merged":
        form.fault("successor_2", "MERGED_INTO_ONE")
    if len(heirs) == 1 and kind == "divided":
        form.fault("successor_2", "FIELD_REQUIRED")
    if on is not None and on > app.clock.today():
        form.fault("on", "DAY_IN_FUTURE")
    if form.faults:
        return await _asked(request, organisation_id, form, problem=Invalid(form.faults))
    form.values |= {"heir": [str(heir) for heir in heirs], "on": [on.isoformat() if on else ""]}
    return await _checked(request, organisation_id, form)


@post(
    "/organisations/{organisation_id:uuid}/reorganise",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def reorganise_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Record a merger or a division."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        on = form.day("on", required=True)
        kind = form.choice("kind", _KINDS)
        form.check()
        entry = Reorganisation(
            successors=_heirs(form),
            from_on=on or act.on,
            goes_on=kind == "parted",
            dissolved=kind == "dissolved",
            allotted=_allotted(form),
            source=form.typed("source"),
            reason=form.typed("reason"),
        )
        await reorganise(act, organisation_id, entry, seen=seen)
        return see_other(f"/organisations/{organisation_id}", notice="单位变化已登记")

    try:
        return await perform(request, "organisation:change", do, subject=str(organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return await _checked(request, organisation_id, form, problem=problem)


@post(
    "/organisations/{organisation_id:uuid}/reorganisations/{reorganisation_id:uuid}/undo",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def undo_form(
    request: AnyRequest, organisation_id: FromPath[UUID], reorganisation_id: FromPath[UUID]
) -> Response[Any]:
    """Take a merger or division back that was entered by mistake."""
    form = await Form.of(request)

    async def do(act: Act, seen: int) -> None:
        await take_reorganisation_back(act, reorganisation_id, reason=form.typed("reason"), seen=seen)

    return await acted_on(request, organisation_id, form, do, notice="已撤销，一切恢复原样")


@get("/organisations/{organisation_id:uuid}/settle", opt={"operation": "organisation:change"}, include_in_schema=False)
async def settle_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Show what an ended unit still has, and who may carry it on."""
    return await _left(request, organisation_id, Form({}))


@post("/organisations/{organisation_id:uuid}/settle", opt={"operation": "organisation:change"}, include_in_schema=False)
async def settle_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Let those in the place of an ended unit carry on what it still has."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        successor = await read_unit(act.session, form, "successor", needed=False)
        form.check()
        entry = Settlement(form.typed("reason"), successor, _allotted(form))
        await settle_left(act, organisation_id, entry, seen=seen)
        return see_other(f"/organisations/{organisation_id}", notice="账号和事项已移交")

    try:
        return await perform(request, "organisation:change", do, subject=str(organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return await _left(request, organisation_id, form, problem=problem)


@post(
    "/organisations/{organisation_id:uuid}/rename/undo",
    opt={"operation": "organisation:change"},
    include_in_schema=False,
)
async def undo_rename_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Take the last rename back that was entered by mistake."""

    async def do(act: Act, seen: int) -> None:
        await take_rename_back(act, organisation_id, seen=seen)

    return await acted_on(request, organisation_id, Form({}), do, notice="更名已撤销")


async def _left(
    request: AnyRequest, organisation_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    async with reading(app.database) as session:
        organisation = await load_organisation(session, viewer, organisation_id, on=app.clock.today())
        left = await left_at(session, viewer, organisation_id)
        heirs = await heirs_of(session, organisation_id)
        units = await units_for(session, form, "successor", on=app.clock.today())
    return page(
        request,
        "organisations/settle.html",
        status=200 if problem is None else problem.status,
        organisation=organisation,
        left=left,
        heirs=heirs,
        units=units,
        form=form,
        **trouble_of(problem),
    )


async def _asked(
    request: AnyRequest, organisation_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app = request.app.state
    units = {}
    async with reading(app.database) as session:
        organisation = await load_organisation(session, viewer_of(request), organisation_id, on=app.clock.today())
        for name in CHOOSERS:
            choices, total = await find_organisations(session, form.typed(name), on=app.clock.today())
            units[name] = {"choices": choices, "total": total}
    return page(
        request,
        "organisations/reorganise.html",
        status=200 if problem is None else problem.status,
        organisation=organisation,
        form=form,
        units=units,
        **trouble_of(problem),
    )


async def _checked(
    request: AnyRequest, organisation_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app = request.app.state
    on = form.day("on") or app.clock.today()
    async with reading(app.database) as session:
        organisation = await load_organisation(session, viewer_of(request), organisation_id, on=app.clock.today())
        named = [(heir, await organisation_name(session, heir)) for heir in _heirs(form)]
        standing = await standing_of(session, viewer_of(request), organisation_id, on=on)
    known = tuple((heir, name) for heir, name in named if name is not None)
    if not known and form.typed("kind") != "dissolved":
        problem = problem or Invalid([Fault("successor", "UNIT_UNKNOWN")])
    elif not known and (standing.accounts or standing.matters):
        work = {"accounts": len(standing.accounts), "matters": len(standing.matters)}
        problem = problem or Invalid([Fault("successor", "UNIT_WORK_REMAINS", work)])
    if not known and problem is not None:
        return await _asked(request, organisation_id, form, problem=problem)
    return page(
        request,
        "organisations/reorganise_check.html",
        status=200 if problem is None else problem.status,
        organisation=organisation,
        planned=_planned(organisation, form, known, on),
        standing=standing,
        form=form,
        **trouble_of(problem),
    )


def _planned(organisation: OrganisationView, form: Form, heirs: tuple[tuple[UUID, str], ...], on: Any) -> Any:
    kind = form.typed("kind")
    return ReorganisationView(
        id=organisation.id,
        kind=kind if kind in _KINDS else "merged",
        from_on=on,
        source="",
        former=(organisation.id, organisation.name),
        successors=heirs,
        undone_at=None,
    )


def _heirs(form: Form) -> tuple[UUID, ...]:
    return tuple(heir for text in form.typed_all("heir") if (heir := id_of(text)))


def _allotted(form: Form) -> dict[UUID, UUID]:
    """Return work, account or matter -> successor, of those of which one was chosen."""
    chosen = {name.removeprefix("to-"): values[0] for name, values in form.values.items() if name.startswith("to-")}
    return {what: heir for name, text in chosen.items() if (what := id_of(name)) and (heir := id_of(text))}


ROUTES = [reorganise_page, reorganise_form, undo_form, settle_page, settle_form, undo_rename_form]
