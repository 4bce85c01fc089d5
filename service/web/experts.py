"""Experts: the list with its search and export, adding one, one expert's page, changing what is said about one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import RegistryError, Status, TitleLevel, read_identity, recognise_field, without_blanks
from service.actions.act import Act
from service.actions.corrections import NATURES, change_expert
from service.actions.experts import SOURCES, add_expert
from service.actions.library_export import STATUS_NAMES
from service.exchange.wording import say_level
from service.locales import gettext
from service.problems import Invalid, Problem, Refusal, Refused, Stale
from service.storage.cases import cases_of
from service.storage.change_requests import open_changes
from service.storage.expert_page import ExpertView, load_expert, looks_at
from service.storage.experts import PER_PAGE, SORTS, Sought, list_experts
from service.storage.fees import contracts_of
from service.storage.history import history_of
from service.storage.notes import notes_on
from service.storage.occurrences import occurrences_of
from service.storage.organisations import KINDS
from service.storage.renewals import assessments_of
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.expert_forms import (
    IDENTITY_NAMES,
    SOURCE_NAMES,
    field_options,
    identity_options,
    judged,
    level_options,
    read_about,
    read_term,
    read_work,
    source_options,
    typed_from,
    units_for,
)
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_PREFIX = re.compile(r"[0-9]{1,7}|[Ll][0-9]{1,2}")
_CARD = re.compile(r"[0-9]{15}|[0-9]{17}[0-9Xx]")
_LABELS = ("name", "email", "title", "title_level", "source", "main_field", "further_fields")


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list as typed; they go into the address, the words never do.

    Attributes:
        field, unit: as typed.
        status, level: codes, empty for all.
        ending: days, 0 for all.
        identified: `no` for persons without a checked identity number.
        sort: one of `SORTS`, with a hyphen for downwards.
        words: names, sounds, numbers; sent by POST alone.
    """

    field: str = ""
    unit: str = ""
    status: str = ""
    level: str = ""
    ending: int = 0
    identified: str = ""
    sort: str = "name"
    words: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything but the order is asked."""
        return bool(
            self.field or self.unit or self.status or self.level or self.ending or self.identified or self.words
        )

    def query(self, **changes: str | int) -> str:
        """Return the address of the list with these filters and some changes, without what says nothing."""
        values: dict[str, str | int] = {
            "field": self.field,
            "unit": self.unit,
            "status": self.status,
            "level": self.level,
            "ending": self.ending,
            "identified": self.identified,
            "sort": "" if self.sort == "name" else self.sort,
        }
        values.update(changes)
        kept = {name: value for name, value in values.items() if value}
        return f"/experts?{urlencode(kept)}" if kept else "/experts"


def field_prefix(typed: str) -> str | None:
    """Return the code that a typed code, name or domain stands for; empty for nothing, None for no field at all."""
    text = typed.strip()
    if not text or _PREFIX.fullmatch(text):
        return text.upper()
    return recognise_field(text).code or None


def sought_by(request: AnyRequest, filters: Filters) -> Sought | None:
    """Return what is sought; None when the field is none, so that nothing can be found."""
    field = field_prefix(filters.field)
    if field is None:
        return None
    digest, words = "", filters.words
    if _CARD.fullmatch(without_blanks(words)):
        # A whole number finds its person alone; one that fails its check finds nobody.
        digest, words = _digest(request, words), ""
    return Sought(
        words=words,
        identity_hash=digest,
        field=field,
        unit=filters.unit,
        status=filters.status,
        level=filters.level,
        ending=filters.ending,
        unidentified=filters.identified == "no",
    )


def _digest(request: AnyRequest, number: str) -> str:
    try:
        identity = read_identity(number)
    except RegistryError:
        return "-"
    digest: str = request.app.state.secrets.identity_hash(identity.kind.value, identity.number)
    return digest


@get("/experts", opt={"operation": "expert:list"}, include_in_schema=False)
async def list_page(
    request: AnyRequest,
    field: Annotated[str, QueryParameter(name="field")] = "",
    unit: Annotated[str, QueryParameter(name="unit")] = "",
    status: Annotated[str, QueryParameter(name="status")] = "",
    level: Annotated[str, QueryParameter(name="level")] = "",
    ending: Annotated[int, QueryParameter(name="ending", ge=0, le=3660)] = 0,
    identified: Annotated[str, QueryParameter(name="identified")] = "",
    sort: Annotated[str, QueryParameter(name="sort")] = "name",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """List experts by what may stand in an address."""
    return await show_list(request, _filters(field, unit, status, level, ending, identified, sort), number)


@post("/experts/find", opt={"operation": "expert:list"}, status_code=200, include_in_schema=False)
async def find_form(request: AnyRequest) -> Response[Any]:
    """List experts by name, sound or number; without such words the address says it all."""
    form = await Form.of(request)
    filters = typed_filters(form)
    number = form.number("page", least=1, most=100_000, default=1) or 1
    if not filters.words:
        return see_other(filters.query(page=number) if number > 1 else filters.query())
    return await show_list(request, filters, number)


@get("/experts/new", opt={"operation": "expert:add"}, include_in_schema=False)
async def new_page(request: AnyRequest) -> Response[Any]:
    """Show the form that adds an expert."""
    return await _new_page(request, Form({}))


@post("/experts", opt={"operation": "expert:add"}, include_in_schema=False)
async def add_form(request: AnyRequest) -> Response[Any]:
    """Add an expert."""
    form = await Form.of(request)
    again = form.typed("again") == "yes"

    async def act(act: Act) -> Response[Any]:
        about, term = read_about(form), read_term(form, needed=False)
        work = await read_work(act.session, form, needed=False)
        expert_id = await judged(form, add_expert(act, about, work=work, term=term))
        return see_other("/experts/new" if again else f"/experts/{expert_id}", notice="专家已入库")

    try:
        return await perform(request, "expert:add", act)
    except (Invalid, Refused) as problem:
        return await _new_page(request, form, problem=problem)


@get("/experts/{expert_id:uuid}", opt={"operation": "expert:see"}, include_in_schema=False)
async def expert_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show one expert."""
    return await show_expert(request, expert_id, Form({}))


@get("/experts/{expert_id:uuid}/edit", opt={"operation": "expert:change"}, include_in_schema=False)
async def edit_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form that changes an expert."""
    return await _edit_page(request, expert_id, None)


@post("/experts/{expert_id:uuid}", opt={"operation": "expert:change"}, include_in_schema=False)
async def change_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Save what a form says about an expert."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        about, reason, since_on = read_about(form), form.typed("reason"), form.day("since")
        nature = form.choice("nature", NATURES, default="")
        changed = await judged(
            form,
            change_expert(act, expert_id, about, seen=seen, reason=reason, nature=nature, since_on=since_on),
        )
        return see_other(f"/experts/{expert_id}", notice="已保存" if changed else "内容没有变化")

    try:
        return await perform(request, "expert:change", act, subject=str(expert_id))
    except (Invalid, Refused) as problem:
        return await _edit_page(request, expert_id, form, problem=problem)
    except Stale as problem:
        return await _stale_page(request, expert_id, form, problem)


async def show_expert(
    request: AnyRequest,
    expert_id: UUID,
    form: Form,
    *,
    problem: Problem | None = None,
    open_values: dict[str, str] | None = None,
) -> Response[Any]:
    """Return an expert's page; with a problem the typed text is shown again where it was typed.

    Args:
        request: the request.
        expert_id: whom.
        form: what was typed.
        problem: what stood against it.
        open_values: confidential values shown this once.
    """
    viewer, today = viewer_of(request), request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=today)
        history = await history_of(session, f"expert:{expert_id}")
        notes = await notes_on(session, viewer, "expert", expert_id)
        looks = await looks_at(session, expert_id)
        cases = await cases_of(session, viewer, expert_id)
        changes = await open_changes(session, viewer, expert_id)
        occurrences = await occurrences_of(session, viewer, expert_id)
        contracts = await contracts_of(session, viewer, expert_id=expert_id)
        assessments = await assessments_of(session, expert_id)
        units = await units_for(session, form, "unit", on=today)
    return page(
        request,
        "experts/show.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        history=history,
        notes=notes,
        looks=looks,
        cases=cases,
        changes=changes,
        contracts=contracts,
        occurrences=occurrences,
        assessments=assessments,
        units=units,
        kinds=KINDS,
        open_values=open_values or {},
        term_years=request.app.state.edition.number("TERM_EXPIRED", "years"),
        **_words(),
        **_typed(form, problem),
    )


def _words() -> dict[str, Any]:
    return {
        "status_names": {code: gettext(name) for code, name in STATUS_NAMES.items()},
        "source_names": {code: gettext(name) for code, name in SOURCE_NAMES.items()},
        "identity_names": {code: gettext(name) for code, name in IDENTITY_NAMES.items()},
        "say_level": say_level,
    }


def _typed(form: Form, problem: Problem | None) -> dict[str, Any]:
    """Return what a page needs to show a form again."""
    if isinstance(problem, Invalid):
        form.faults = list(problem.faults)
    refusals: Sequence[Refusal] = problem.refusals if isinstance(problem, Refused) else ()
    return {"form": form, "faults": form.faults, "refusals": refusals, "moved": isinstance(problem, Stale)}


def _filters(field: str, unit: str, status: str, level: str, ending: int, identified: str, sort: str) -> Filters:
    return Filters(
        field=field.strip()[:40],
        unit=unit.strip()[:60],
        status=status if status in set(Status) else "",
        level=level if level in set(TitleLevel) else "",
        ending=ending,
        identified="no" if identified == "no" else "",
        sort=sort if sort.removeprefix("-") in SORTS else "name",
    )


def typed_filters(form: Form) -> Filters:
    """Return the filters as a form says them."""
    filters = _filters(
        form.typed("field"),
        form.typed("unit"),
        form.typed("status"),
        form.typed("level"),
        form.number("ending", least=0, most=3660, default=0) or 0,
        form.typed("identified"),
        form.typed("sort", "name"),
    )
    return Filters(
        field=filters.field,
        unit=filters.unit,
        status=filters.status,
        level=filters.level,
        ending=filters.ending,
        identified=filters.identified,
        sort=filters.sort,
        words=form.text("words", most=100),
    )


async def show_list(
    request: AnyRequest, filters: Filters, number: int = 1, *, form: Form | None = None, problem: Problem | None = None
) -> Response[Any]:
    """Return a page of the list; with a problem of its export, what was typed for that stays."""
    viewer, today = viewer_of(request), request.app.state.clock.today()
    sought = sought_by(request, filters)
    listed = None
    if sought is not None:
        async with reading(request.app.state.database) as session:
            listed = await list_experts(session, viewer, sought, on=today, sort=filters.sort, page=number)
    return page(
        request,
        "experts/list.html",
        status=200 if problem is None else problem.status,
        listed=listed,
        filters=filters,
        number=number,
        pages=-(-listed.total // PER_PAGE) if listed else 0,
        fields=field_options(),
        levels=level_options(),
        statuses=[status.value for status in Status],
        **_words(),
        **_typed(form or Form({}), problem),
    )


async def _new_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    today = request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        units = await units_for(session, form, "unit", on=today)
    return page(
        request,
        "experts/new.html",
        status=200 if problem is None else problem.status,
        units=units,
        kinds=KINDS,
        sources=SOURCES,
        term_years=request.app.state.edition.number("TERM_EXPIRED", "years"),
        **_choices(),
        **_typed(form, problem),
    )


async def _edit_page(
    request: AnyRequest, expert_id: UUID, form: Form | None, *, problem: Problem | None = None
) -> Response[Any]:
    viewer, today = viewer_of(request), request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=today)
        changes = await open_changes(session, viewer, expert_id)
    return page(
        request,
        "experts/edit.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        changes=changes,
        **_choices(),
        **_typed(form or typed_from(expert), problem),
    )


async def _stale_page(request: AnyRequest, expert_id: UUID, form: Form, problem: Stale) -> Response[Any]:
    """Show both versions side by side, the typed text kept."""
    viewer, today = viewer_of(request), request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=today)
    return page(
        request,
        "errors/412.html",
        status=problem.status,
        problem=problem,
        stale=stale_fields(form, expert),
    )


def stale_fields(form: Form, expert: ExpertView) -> dict[str, Any]:
    """Return what the page of a stale form shows: each field as typed and as it is now."""
    now = typed_from(expert)
    names = {
        "name": gettext("姓名"),
        "email": gettext("电子邮箱"),
        "title": gettext("职称"),
        "title_level": gettext("职称级别"),
        "source": gettext("来源"),
        "main_field": gettext("主要领域"),
        "further_fields": gettext("其他领域"),
    }
    return {
        "action": f"/experts/{expert.id}",
        "version": expert.version,
        "back": f"/experts/{expert.id}",
        "hidden": [(name, form.typed(name)) for name in ("identity_kind", "identity_number", "phone")],
        "fields": [
            {"name": name, "label": names[name], "yours": form.typed(name), "theirs": now.typed(name)}
            for name in _LABELS
        ],
    }


def _choices() -> dict[str, Any]:
    return {
        "field_options": field_options(),
        "levels": level_options(),
        "source_options": source_options(),
        "identity_options": identity_options(),
    }


ROUTES = [
    list_page,
    find_form,
    new_page,
    add_form,
    expert_page,
    edit_page,
    change_form,
]
