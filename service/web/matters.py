"""Matters: the list, opening one, its page, its need and parties, stopping it and going on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.access import Viewer, may
from service.actions.act import Act
from service.actions.matters import (
    PARTY_ROLES,
    PartyEntry,
    cancel_matter,
    change_parties,
    confirm_flags,
    open_matter,
    reopen_panel,
    resume_matter,
    set_need,
    suspend_matter,
)
from service.clock import day_of
from service.problems import Forbidden, Invalid, Problem, Refused, Stale
from service.storage.matter_rows import state_of
from service.storage.matters import (
    PER_PAGE,
    RUNNING,
    STATES,
    HistoryLine,
    MatterView,
    history_of,
    list_matters,
    load_matter,
    organisation_names,
    past_needs,
    relations_to,
    unit_choices,
)
from service.storage.notes import notes_on
from service.storage.session import Session, reading
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.matter_forms import (
    field_choices,
    party_rows,
    read_need,
    read_opening,
    read_parties,
    say_field,
    seat_rows,
)
from service.web.pages import page, see_other
from workflow import FLAGS, KINDS, SCOPES, MatterState, Need, steps_of

AnyRequest = Request[Any, Any, Any]
_FILTERS: dict[str, tuple[str, ...]] = {"running": RUNNING, "all": (), **{state: (state,) for state in STATES}}
# The event that does a step; the newest of its kind dates the station.
_DONE_BY = {
    "matter.opened": "case_opened",
    "need.set": "expert_need",
    "panel.proposed": "panel_proposed",
    "panel.determined": "panel_determined",
}


@dataclass(frozen=True, slots=True)
class Station:
    """A step on the line of a matter's life.

    Attributes:
        step: id of the step.
        state: `done`, `now`, `later` or `stopped`.
        on: the day it was done last, None before.
        cites: articles behind it.
        x: where it stands on the drawing, in its units.
    """

    step: str
    state: str
    on: date | None
    cites: tuple[str, ...]
    x: int


@get("/matters", opt={"operation": "matter:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    words: Annotated[str, QueryParameter(name="q")] = "",
    kept: Annotated[str, QueryParameter(name="state")] = "running",
    unit: Annotated[str, QueryParameter(name="unit")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """List the matters that the viewer may see, newest first."""
    viewer = viewer_of(request)
    shown = kept if kept in _FILTERS else "running"
    async with reading(request.app.state.database) as session:
        listed = await list_matters(
            session,
            viewer,
            words=words[:100],
            states=_FILTERS[shown],
            unit_id=_uuid(unit),
            page=number,
        )
        units = await unit_choices(session) if may(viewer, "matter:see") else ()
    return page(
        request,
        "matters/list.html",
        listed=listed,
        words=words,
        state=shown,
        unit=unit,
        units=units,
        number=number,
        pages=-(-listed.total // PER_PAGE),
        counts={name: sum(listed.counts.get(one, 0) for one in states or STATES) for name, states in _FILTERS.items()},
    )


@get("/matters/new", opt={"operation": "matter:open"}, include_in_schema=False)
async def new_page(request: AnyRequest, copy: Annotated[str, QueryParameter(name="copy")] = "") -> Response[Any]:
    """Show the form that opens a matter; `copy` takes over the need of a past one."""
    return await _new_page(request, Form({"copied_from": [copy]} if _uuid(copy) else {}))


@post("/matters", opt={"operation": "matter:open"}, include_in_schema=False)
async def open_form(request: AnyRequest) -> Response[Any]:
    """Open a matter; with a need entered, go on to its panel."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        opening = await read_opening(act.session, act.viewer, form, floors=_floors(request))
        form.check()
        matter_id = await open_matter(act, opening)
        ready = opening.need is not None or opening.copied_from is not None
        return see_other(f"/matters/{matter_id}/panel" if ready else f"/matters/{matter_id}", notice="事项已启动")

    try:
        return await perform(request, "matter:open", act)
    except (Invalid, Refused) as problem:
        _keep(form, problem)
        return await _new_page(request, form, problem=problem)


@get("/matters/{matter_id:uuid}", opt={"operation": "matter:see"}, include_in_schema=False)
async def matter_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show a matter and its life."""
    return await _matter_page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/flags", opt={"operation": "matter:confirm-flags"}, include_in_schema=False)
async def flags_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Confirm the flags for the center."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        flags = frozenset(form.choices("flags", FLAGS))
        form.check()
        await confirm_flags(act, matter_id, flags, reason=form.text("flags_reason", most=500), seen=seen)

    return await _acted(request, matter_id, form, "matter:confirm-flags", act, notice="事项性质已确认")


@post("/matters/{matter_id:uuid}/cancel", opt={"operation": "matter:cancel"}, include_in_schema=False)
async def cancel_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Cancel a matter."""
    return await _stopped(request, matter_id, "matter:cancel", cancel_matter, "事项已终止，相关人员会收到通知")


@post("/matters/{matter_id:uuid}/suspend", opt={"operation": "matter:suspend"}, include_in_schema=False)
async def suspend_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Suspend a matter."""
    return await _stopped(request, matter_id, "matter:suspend", suspend_matter, "事项已中止，相关人员会收到通知")


@post("/matters/{matter_id:uuid}/resume", opt={"operation": "matter:suspend"}, include_in_schema=False)
async def resume_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Resume a suspended matter."""
    return await _stopped(request, matter_id, "matter:suspend", resume_matter, "事项已恢复，相关人员会收到通知")


@post("/matters/{matter_id:uuid}/reopen", opt={"operation": "panel:determine"}, include_in_schema=False)
async def reopen_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Reopen the determined panel."""
    return await _stopped(request, matter_id, "panel:determine", reopen_panel, "专家组已重开，由承办单位重新提出")


@get("/matters/{matter_id:uuid}/need", opt={"operation": "matter:set-need"}, include_in_schema=False)
async def need_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the need for changing."""
    return await _need_page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/need", opt={"operation": "matter:set-need"}, include_in_schema=False)
async def need_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Save the need."""
    form = await Form.of(request)
    floors = _floors(request)

    async def act(act: Act, seen: int) -> None:
        flags = frozenset(form.choices("flags", FLAGS))
        need = read_need(form, flags, floors=floors) or Need(floors[bool(flags)])
        form.check()
        await set_need(act, matter_id, need, flags, seen=seen)

    return await _acted(request, matter_id, form, "matter:set-need", act, notice="需求已保存", show=_need_page)


@get("/matters/{matter_id:uuid}/parties", opt={"operation": "matter:set-need"}, include_in_schema=False)
async def parties_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the parties for changing."""
    return await _parties_page(request, matter_id, Form({}))


@post("/matters/{matter_id:uuid}/parties", opt={"operation": "matter:set-need"}, include_in_schema=False)
async def parties_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Save the parties; persons who are parties stay as they are."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        entries = await read_parties(act.session, form)
        held = await load_matter(act.session, act.viewer, matter_id)
        kept = set(form.typed_all("person"))
        entries += [
            PartyEntry(person_id=party.id, role=party.role)
            for party in held.parties
            if party.kind == "person" and str(party.id) in kept
        ]
        form.check()
        await change_parties(act, matter_id, entries, seen=seen)

    return await _acted(request, matter_id, form, "matter:set-need", act, notice="利害关系方已保存", show=_parties_page)


def stations_of(state: MatterState, history: Sequence[HistoryLine]) -> tuple[Station, ...]:
    """Return the steps of a matter as they are drawn, each with the day on which it was last done."""
    done_on = {_DONE_BY[line.type]: day_of(line.at) for line in reversed(history) if line.type in _DONE_BY}
    return tuple(
        Station(
            one.step.id,
            one.status,
            done_on.get(one.step.id) if one.status == "done" else None,
            one.step.cites,
            90 + place * 180,
        )
        for place, one in enumerate(steps_of(state))
    )


async def _matter_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        state = await state_of(session, matter_id)
        history = await history_of(session, matter_id)
        notes = await notes_on(session, viewer, "matter", matter_id)
    return page(
        request,
        "matters/show.html",
        notes=notes,
        status=200 if problem is None else problem.status,
        matter=matter,
        state=state,
        history=history,
        stations=stations_of(state, history),
        can=_can(viewer, relations, state),
        floors=_floors(request),
        say_field=say_field,
        **_typed(form, problem),
    )


async def _need_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await _changeable(session, viewer, matter_id, "matter:set-need")
    return page(
        request,
        "matters/need.html",
        status=200 if problem is None else problem.status,
        matter=matter,
        rows=seat_rows(form, matter.need),
        fields=field_choices(),
        floors=_floors(request),
        say_field=say_field,
        **_typed(form, problem),
    )


async def _parties_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await _changeable(session, viewer, matter_id, "matter:set-need")
        organisations = await organisation_names(session)
    held = [(party.name, party.role) for party in matter.parties if party.kind == "organisation"]
    return page(
        request,
        "matters/parties.html",
        status=200 if problem is None else problem.status,
        matter=matter,
        rows=party_rows(form, held),
        party_roles=PARTY_ROLES,
        organisations=organisations,
        **_typed(form, problem),
    )


async def _new_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        units = await unit_choices(session) if viewer.center else ()
        organisations = await organisation_names(session)
        past = await past_needs(session, viewer)
        decided = await list_matters(session, viewer, states=("determined",), per_page=200)
    copied = next((one for one in past if str(one.id) == form.typed("copied_from")), None)
    return page(
        request,
        "matters/new.html",
        status=200 if problem is None else problem.status,
        units=units,
        organisations=organisations,
        past=past,
        copies=[(one.id, f"{one.number} {one.title}") for one in past],
        parents=[(one.id, f"{one.number} {one.title}") for one in decided.lines],
        copied=copied,
        rows=seat_rows(form, copied.need if copied else None),
        party_rows=party_rows(form, []),
        kinds=KINDS,
        scopes=SCOPES,
        party_roles=PARTY_ROLES,
        fields=field_choices(),
        floors=_floors(request),
        say_field=say_field,
        **_typed(form, problem),
    )


_Acting = Callable[[Act, int], Awaitable[None]]
_Showing = Callable[..., Awaitable[Response[Any]]]


async def _acted(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    operation: str,
    act: _Acting,
    *,
    notice: str,
    show: _Showing = _matter_page,
) -> Response[Any]:
    """Act on a matter and go to its page; what is refused shows the form again with the typed text."""
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/matters/{matter_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(matter_id))
    except (Invalid, Refused, Stale) as problem:
        _keep(form, problem)
        return await show(request, matter_id, form, problem=problem)


async def _stopped(
    request: AnyRequest, matter_id: UUID, operation: str, action: Callable[..., Awaitable[Any]], notice: str
) -> Response[Any]:
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await action(act, matter_id, reason=form.typed("reason"), seen=seen)

    return await _acted(request, matter_id, form, operation, act, notice=notice)


async def _changeable(session: Session, viewer: Viewer, matter_id: UUID, operation: str) -> MatterView:
    matter = await load_matter(session, viewer, matter_id)
    if not may(viewer, operation, await relations_to(session, viewer, matter_id)):
        raise Forbidden(operation=operation)
    return matter


def _typed(form: Form, problem: Problem | None) -> dict[str, Any]:
    """Return what a page needs to show a form again."""
    return {
        "form": form,
        "faults": form.faults,
        "refusals": problem.refusals if isinstance(problem, Refused) else (),
        "moved": isinstance(problem, Stale),
    }


def _keep(form: Form, problem: Problem) -> None:
    if isinstance(problem, Invalid):
        form.faults = list(problem.faults)


def _can(viewer: Viewer, relations: frozenset[str], state: MatterState) -> dict[str, bool]:
    open_ = not state.cancelled and bool(state.edition)
    live = open_ and not state.suspended
    return {
        "set_need": live and state.panel is None and may(viewer, "matter:set-need", relations),
        "change_parties": open_ and not state.suspended and may(viewer, "matter:set-need", relations),
        "confirm_flags": live
        and state.panel is None
        and state.need is not None
        and may(viewer, "matter:confirm-flags", relations),
        "cancel": open_ and may(viewer, "matter:cancel", relations),
        "suspend": live and may(viewer, "matter:suspend", relations),
        "resume": open_ and state.suspended and may(viewer, "matter:suspend", relations),
        "reopen": live and state.panel is not None and may(viewer, "panel:determine", relations),
        "panel": may(viewer, "panel:see", relations),
        "compose": live and state.panel is None and may(viewer, "panel:compose", relations),
        "open": may(viewer, "matter:open"),
    }


def _floors(request: AnyRequest) -> tuple[int, int]:
    edition = request.app.state.edition
    return (edition.number("PANEL_TOO_SMALL", "floor"), edition.number("PANEL_TOO_SMALL", "complex_floor"))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ROUTES = [
    list_page,
    new_page,
    open_form,
    matter_page,
    flags_form,
    cancel_form,
    suspend_form,
    resume_form,
    reopen_form,
    need_page,
    need_form,
    parties_page,
    parties_form,
]
