"""Matters: the list, opening one, and the page of one."""

from collections.abc import Sequence
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
    STOPPING_NOTICES,
    open_matter,
)
from service.clock import day_of
from service.jobs import told_of
from service.locales import language
from service.problems import Invalid, Problem, Refused
from service.regulation import Edition
from service.storage.matter_choices import organisation_names, unit_choices
from service.storage.matter_rows import state_of
from service.storage.matters import (
    PER_PAGE,
    RUNNING,
    STATES,
    HistoryLine,
    history_of,
    list_matters,
    load_matter,
    past_needs,
    relations_to,
)
from service.storage.notes import notes_on
from service.storage.session import reading
from service.web.entry import perform, viewer_of
from service.web.forms import Form, id_of
from service.web.matter_forms import (
    field_choices,
    floors_of,
    keep_faults,
    party_rows,
    read_opening,
    say_field,
    seat_rows,
    shown_again,
)
from service.web.pages import page, see_other
from workflow import KINDS, SCOPES, MatterState, steps_of

AnyRequest = Request[Any, Any, Any]
_FILTERS: dict[str, tuple[str, ...]] = {"running": RUNNING, "all": (), **{state: (state,) for state in STATES}}
# The event that does a step; the newest of its kind dates the station.
_DONE_BY = {
    "matter.opened": "case_opened",
    "need.set": "expert_need",
    "panel.proposed": "panel_proposed",
    "panel.determined": "panel_determined",
    "undertaking.signed": "declarations",
    "material.delivered": "package_sent",
    "opinions.closed": "opinions",
    "disposition.filed": "expert_disposition",
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
            unit_id=id_of(unit),
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
    return await _new_page(request, Form({"copied_from": [copy]} if id_of(copy) else {}))


@post("/matters", opt={"operation": "matter:open"}, include_in_schema=False)
async def open_form(request: AnyRequest) -> Response[Any]:
    """Open a matter; with a need entered, go on to its panel."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        opening = await read_opening(act.session, act.viewer, form, floors=floors_of(request))
        form.check()
        matter_id = await open_matter(act, opening)
        ready = opening.need is not None or opening.copied_from is not None
        return see_other(f"/matters/{matter_id}/panel" if ready else f"/matters/{matter_id}", notice="事项已启动")

    try:
        return await perform(request, "matter:open", act)
    except (Invalid, Refused) as problem:
        keep_faults(form, problem)
        return await _new_page(request, form, problem=problem)


@get("/matters/{matter_id:uuid}", opt={"operation": "matter:see"}, include_in_schema=False)
async def matter_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show a matter and its life."""
    return await show_matter(request, matter_id, Form({}))


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


async def show_matter(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    """Show the page of a matter; after a refused act, with its form as it was typed and what is wrong with it."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        state = await state_of(session, matter_id)
        history = await history_of(session, matter_id)
        notes = await notes_on(session, viewer, "matter", matter_id)
        told = await told_of(session, matter_id, STOPPING_NOTICES)
    return page(
        request,
        "matters/show.html",
        notes=notes,
        status=200 if problem is None else problem.status,
        matter=matter,
        state=state,
        history=history,
        told=told,
        stations=stations_of(state, history),
        can=_can(viewer, relations, state),
        edition_title=_title_of(request.app.state.edition, matter.edition),
        floors=floors_of(request),
        say_field=say_field,
        **shown_again(form, problem),
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
        floors=floors_of(request),
        say_field=say_field,
        **shown_again(form, problem),
    )


def _title_of(edition: Edition, edition_id: str) -> str:
    """Return the title of the edition in force if it is the matter's, else the id: other texts are not at hand."""
    if edition.id != edition_id:
        return edition_id
    return edition.title_zh if language() == "zh" else edition.title_en


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


ROUTES = [list_page, new_page, open_form, matter_page]
