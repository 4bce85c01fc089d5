"""What people change in a matter: flags, need, parties; stopping it and going on."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.access import Viewer, may
from service.actions.act import Act
from service.actions.matters import (
    PARTY_ROLES,
    PartyEntry,
    cancel_matter,
    change_parties,
    confirm_flags,
    reopen_panel,
    resume_matter,
    set_need,
    suspend_matter,
)
from service.problems import Forbidden, Invalid, Problem, Refused, Stale
from service.storage.matter_choices import organisation_names
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.session import Session, reading
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.matter_forms import (
    field_choices,
    floors_of,
    keep_faults,
    party_rows,
    read_need,
    read_parties,
    say_field,
    seat_rows,
    shown_again,
)
from service.web.matters import show_matter
from service.web.pages import page, see_other
from workflow import FLAGS, Need

AnyRequest = Request[Any, Any, Any]


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
    floors = floors_of(request)

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
        floors=floors_of(request),
        say_field=say_field,
        **shown_again(form, problem),
    )


async def _parties_page(
    request: AnyRequest, matter_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        matter = await _changeable(session, viewer, matter_id, "matter:set-need")
        organisations = await organisation_names(session)
    held = [
        (party.name, party.role)
        for party in matter.parties
        if party.role in PARTY_ROLES and party.kind == "organisation"
    ]
    return page(
        request,
        "matters/parties.html",
        status=200 if problem is None else problem.status,
        matter=matter,
        rows=party_rows(form, held),
        party_roles=PARTY_ROLES,
        organisations=organisations,
        **shown_again(form, problem),
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
    show: _Showing = show_matter,
) -> Response[Any]:
    """Act on a matter and go to its page; what is refused shows the form again with the typed text."""
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/matters/{matter_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(matter_id))
    except (Invalid, Refused, Stale) as problem:
        keep_faults(form, problem)
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


ROUTES = [
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
