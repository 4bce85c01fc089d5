"""Assembling a panel on one screen: need, candidates, panel; proposing, changing, determining; the printed panel."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from selection import PanelCheck, compose_panel, problem_sha256
from service.access import Viewer, may
from service.actions.assembly import Assembly, Band, Problem, Reason, Standing, balance_of, compose
from service.actions.panels import (
    Chosen,
    change_proposal,
    check_list,
    determine_panel,
    lock_expert,
    prepare,
    propose_panel,
    reason_faults,
    return_proposal,
    unlock_expert,
)
from service.problems import Fault, Invalid, NotFound, Refused, Stale
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.panels import Lock, StoredPanel, locks_of, panels_of
from service.storage.session import Session, reading
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from workflow import FLAGS, MatterState

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the page shows.

    Attributes:
        matter: title, unit, number, people.
        state: the matter by its stream.
        problem: the panel problem as of today.
        assembly: the engine's panel with everyone's role and reason; for a unit without private facts.
        panel: the proposed or determined panel, None before.
        members: who would sit, sits or is proposed, with standings; those shown in the third zone.
        balance: bars of `members`.
        check: what was found about a list typed or changed by hand.
        locks: set by hand.
        problem_sha256: hash of the problem that is shown.
        can: act -> whether the viewer may do it now.
    """

    matter: MatterView
    state: MatterState
    problem: Problem
    assembly: Assembly
    panel: StoredPanel | None
    members: tuple[Standing, ...]
    balance: tuple[Band, ...]
    check: PanelCheck | None
    locks: tuple[Lock, ...]
    problem_sha256: str
    can: dict[str, bool]


@get("/matters/{matter_id:uuid}/panel", opt={"operation": "panel:see"}, include_in_schema=False)
async def assemble_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show need, candidates and panel of a matter."""
    return await _show(request, matter_id, Form({}))


@get("/matters/{matter_id:uuid}/panel/print", opt={"operation": "panel:see"}, include_in_schema=False)
async def print_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the proposed or determined panel as a document."""
    desk = await read_desk(request, matter_id)
    if desk.panel is None:
        raise NotFound(subject="panel")
    return page(request, "panel/print.html", desk=desk)


@post("/matters/{matter_id:uuid}/panel/check", opt={"operation": "panel:compose"}, include_in_schema=False)
async def check_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Compare a list made by hand with the rules; nothing is recorded."""
    form = await Form.of(request)
    text = form.text("list", required=True, most=4000)
    desk = await read_desk(request, matter_id)
    members: list[UUID] = []
    if not form.faults:
        members = _read_list(form, text, desk.assembly)
    if form.faults:
        return await _show(request, matter_id, form, status=400)
    check = await asyncio.to_thread(check_list, desk.problem, members, seed=str(matter_id))
    return _page(request, _with_list(desk, members, check), form)


@post("/matters/{matter_id:uuid}/panel/propose", opt={"operation": "panel:propose"}, include_in_schema=False)
async def propose_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Propose the panel that is shown."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        members = _ids(form, "members")
        form.check()
        chosen = await choose(request, matter_id, members)
        _as_seen(form, chosen)

        async def act(act: Any) -> Response[Any]:
            await propose_panel(
                act,
                request.app.state.residents,
                matter_id,
                chosen,
                seen=seen,
                smaller_reason=form.text("smaller_reason", most=500),
                paper=form.text("paper", most=200),
            )
            return see_other(f"/matters/{matter_id}/panel", notice="专家组已提出，等待决咨中心确定")

        return await perform(request, "panel:propose", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/change", opt={"operation": "panel:change"}, include_in_schema=False)
async def change_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Change the unit's proposal, each person with a reason."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        before = _ids(form, "members")
        reasons: list[tuple[UUID | None, UUID | None, str]] = []
        members = list(before)
        for place, out in enumerate(before):
            comes = form.id(f"in-{out}")
            if comes is None:
                continue
            reason = form.typed(f"reason-{out}")
            form.faults += reason_faults(f"reason-{out}", reason)
            members[place] = comes
            reasons.append((out, comes, reason))
        if not reasons:
            form.fault("change", "CHANGE_NOTHING")
        form.check()
        chosen = await choose(request, matter_id, tuple(members))

        async def act(act: Any) -> Response[Any]:
            await change_proposal(act, request.app.state.residents, matter_id, chosen, seen=seen, reasons=reasons)
            return see_other(f"/matters/{matter_id}/panel", notice="已按您的改动调整专家组")

        return await perform(request, "panel:change", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/determine", opt={"operation": "panel:determine"}, include_in_schema=False)
async def determine_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Determine the proposed panel."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        flags = frozenset(form.choices("flags", FLAGS)) if form.typed("confirm") else None
        form.check()
        members = await proposed_members(request, matter_id)
        chosen = await choose(request, matter_id, members)

        async def act(act: Any) -> Response[Any]:
            await determine_panel(
                act,
                request.app.state.residents,
                matter_id,
                chosen,
                seen=seen,
                flags=flags,
                flags_reason=form.text("flags_reason", most=500),
                smaller_reason=form.text("smaller_reason", most=500),
            )
            return see_other(f"/matters/{matter_id}/panel", notice="专家组已确定")

        return await perform(request, "panel:determine", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/return", opt={"operation": "panel:change"}, include_in_schema=False)
async def return_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Send the proposal back to the unit."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        async def act(act: Any) -> Response[Any]:
            await return_proposal(act, matter_id, seen=seen, reason=form.typed("reason"))
            return see_other(f"/matters/{matter_id}/panel", notice="已退回承办单位")

        return await perform(request, "panel:change", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/lock", opt={"operation": "panel:lock"}, include_in_schema=False)
async def lock_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Keep an expert in or out by hand, with a reason."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        expert_id = form.id("expert", required=True)
        form.check()

        async def act(act: Any) -> Response[Any]:
            await lock_expert(
                act,
                matter_id,
                expert_id or matter_id,
                locked=form.typed("locked"),
                reason=form.typed("reason"),
            )
            return see_other(f"/matters/{matter_id}/panel", notice="已锁定，重新组合时保留")

        return await perform(request, "panel:lock", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/unlock", opt={"operation": "panel:lock"}, include_in_schema=False)
async def unlock_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Lift a lock."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        expert_id = form.id("expert", required=True)
        form.check()

        async def act(act: Any) -> Response[Any]:
            await unlock_expert(act, matter_id, expert_id or matter_id)
            return see_other(f"/matters/{matter_id}/panel", notice="已解除锁定")

        return await perform(request, "panel:lock", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


async def read_desk(request: AnyRequest, matter_id: UUID) -> Desk:
    """Read and compose everything the page shows; writes nothing.

    Raises:
        NotFound: when the matter is not there, or not the viewer's to know.
    """
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        if not may(viewer, "panel:see", relations):
            raise NotFound(subject="matter")
        state, problem = await _prepared(request, session, matter_id)
        panels = await panels_of(session, matter_id)
        locks = await locks_of(session, matter_id)
    assembly = await asyncio.to_thread(compose, problem, seed=str(matter_id))
    digest = await asyncio.to_thread(problem_sha256, problem.request)
    live = next((panel for panel in reversed(panels) if panel.state in ("proposed", "determined")), None)
    if live is not None:
        by_id = {standing.id: standing for standing in assembly.standings}
        members = tuple(
            replace(by_id[seat.expert_id], role="member", seat=seat.seat)
            for seat in live.members
            if seat.expert_id in by_id
        )
    else:
        members = assembly.members
    if not may(viewer, "panel:see-reasons", relations):
        assembly = _for_unit(assembly)
        shown = {standing.id: standing for standing in assembly.standings}
        members = tuple(replace(shown[one.id], role=one.role, seat=one.seat, why=one.why) for one in members)
    return Desk(
        matter=matter,
        state=state,
        problem=problem,
        assembly=assembly,
        panel=live,
        members=members,
        balance=balance_of(problem, members),
        check=None,
        locks=locks,
        problem_sha256=digest,
        can=_can(viewer, relations, state),
    )


async def choose(request: AnyRequest, matter_id: UUID, members: tuple[UUID, ...]) -> Chosen:
    """Check a list of members against the problem of today, and name reserves for it."""
    app = request.app.state
    async with reading(app.database) as session:
        _, problem = await _prepared(request, session, matter_id)
    seed = str(matter_id)
    check = await asyncio.to_thread(check_list, problem, members, seed=seed)
    composed = await asyncio.to_thread(compose_panel, problem.request, seed=seed, locked_in=problem.locked_in)
    own = {UUID(member.id) for member in composed.members} == set(members)
    reserves = composed.reserves
    if not own:
        reserves = ()
        if check.status == "kept":
            # With every member locked in the one panel is this list: the answer names its reserves.
            kept = frozenset(str(member) for member in members)
            listed = await asyncio.to_thread(compose_panel, problem.request, seed=seed, locked_in=kept)
            reserves = listed.reserves
    digest = await asyncio.to_thread(problem_sha256, problem.request)
    return Chosen(members, check, digest, reserves, composed=own)


async def proposed_members(request: AnyRequest, matter_id: UUID) -> tuple[UUID, ...]:
    """Return the experts of the open proposal, in order; empty when there is none."""
    async with reading(request.app.state.database) as session:
        panels = await panels_of(session, matter_id)
    proposed = next((panel for panel in reversed(panels) if panel.state == "proposed"), None)
    return tuple(seat.expert_id for seat in proposed.members) if proposed else ()


async def _prepared(request: AnyRequest, session: Session, matter_id: UUID) -> tuple[MatterState, Problem]:
    app = request.app.state
    return await prepare(
        session,
        app.residents,
        matter_id,
        settings=app.settings,
        edition=app.edition,
        policy=app.policy,
        on=app.clock.today(),
    )


def _can(viewer: Viewer, relations: frozenset[str], state: MatterState) -> dict[str, bool]:
    running = state.status in ("opened", "need-set", "proposed")
    return {
        "propose": state.status == "need-set" and may(viewer, "panel:propose", relations),
        "change": state.status == "proposed" and may(viewer, "panel:change", relations),
        "determine": state.status == "proposed" and may(viewer, "panel:determine", relations),
        "lock": running and may(viewer, "panel:lock", relations),
        "check": state.status == "need-set" and may(viewer, "panel:compose", relations),
        "set_need": running and may(viewer, "matter:set-need", relations),
        "confirm_flags": running and may(viewer, "matter:confirm-flags", relations),
        "see_reasons": may(viewer, "panel:see-reasons", relations),
        "own_proposal": state.proposal is not None and state.proposal.proposed_by == str(viewer.person_id),
        "paper": viewer.center,
    }


def _for_unit(assembly: Assembly) -> Assembly:
    """Take private facts out: a unit learns who is suitable and who is not, but not why (no ties, no states)."""
    hidden = {
        standing.id: replace(
            standing,
            reasons=(Reason("NOT_SUITABLE"),) if standing.zone == "blocked" else (),
            zone="blocked" if standing.zone == "blocked" else "free",
            clashes=(),
            why=Reason("WHY_NOT_SUITABLE") if standing.zone == "blocked" else standing.why,
        )
        for standing in assembly.standings
    }
    return replace(assembly, standings=tuple(hidden[standing.id] for standing in assembly.standings))


def _with_list(desk: Desk, members: list[UUID], check: PanelCheck) -> Desk:
    seats = {member.id: member.seat for member in check.members}
    by_id = {standing.id: standing for standing in desk.assembly.standings}
    shown = tuple(replace(by_id[one], role="member", seat=seats.get(str(one))) for one in members)
    return replace(desk, members=shown, balance=balance_of(desk.problem, shown), check=check)


def _read_list(form: Form, text: str, assembly: Assembly) -> list[UUID]:
    """Read a list typed by hand: names, library numbers or ids, parted by lines, commas or blanks."""
    by_number = {standing.entry.number: standing.id for standing in assembly.standings}
    by_name: dict[str, list[UUID]] = {}
    for standing in assembly.standings:
        by_name.setdefault(standing.entry.name, []).append(standing.id)
    ids = {str(standing.id): standing.id for standing in assembly.standings}
    members: list[UUID] = []
    for word in text.replace("，", " ").replace("、", " ").replace(",", " ").replace("；", " ").split():
        named = by_name.get(word, [])
        found = ids.get(word) or by_number.get(word) or (named[0] if len(named) == 1 else None)
        if found is None:
            form.fault("list", "LIST_NAME_AMBIGUOUS" if len(named) > 1 else "LIST_NAME_UNKNOWN", word=word)
        elif found in members:
            form.fault("list", "LIST_NAME_TWICE", word=word)
        else:
            members.append(found)
    return members


def _ids(form: Form, name: str) -> tuple[UUID, ...]:
    ids = []
    for word in form.typed(name).split():
        try:
            ids.append(UUID(word))
        except ValueError:
            form.fault(name, "FIELD_NOT_A_CHOICE")
    if not ids:
        form.fault(name, "PANEL_EMPTY")
    return tuple(ids)


def _as_seen(form: Form, chosen: Chosen) -> None:
    """Refuse when the library moved between the page and the click: the person proposes what was shown."""
    if form.typed("problem_sha256") not in ("", chosen.problem_sha256):
        raise Invalid([Fault("members", "LIBRARY_MOVED")])


async def _or_show(request: AnyRequest, matter_id: UUID, form: Form, do: Any) -> Response[Any]:
    try:
        response: Response[Any] = await do()
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _show(request, matter_id, form, status=problem.status)
    except Refused as problem:
        return await _show(request, matter_id, form, status=problem.status, refusals=problem.refusals)
    except Stale as problem:
        form.faults = [Fault("", problem.code, problem.facts)]
        return await _show(request, matter_id, form, status=problem.status)
    return response


async def _show(
    request: AnyRequest, matter_id: UUID, form: Form, *, status: int = 200, refusals: Any = ()
) -> Response[Any]:
    return _page(request, await read_desk(request, matter_id), form, status=status, refusals=refusals)


def _page(request: AnyRequest, desk: Desk, form: Form, *, status: int = 200, refusals: Any = ()) -> Response[Any]:
    return page(
        request, "panel/assemble.html", status=status, desk=desk, form=form, faults=form.faults, refusals=refusals
    )


ROUTES = [
    assemble_page,
    print_page,
    check_form,
    propose_form,
    change_form,
    determine_form,
    return_form,
    lock_form,
    unlock_form,
]
