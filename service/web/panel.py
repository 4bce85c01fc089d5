"""Assembling a panel on one screen: need, candidates, panel; proposing, changing, determining, sending back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.actions.act import Act
from service.actions.matters import set_need
from service.actions.panel_modes import approve_designation, choose_mode
from service.actions.panels import (
    change_proposal,
    check_list,
    determine_panel,
    lock_expert,
    propose_panel,
    return_proposal,
    unlock_expert,
)
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, Refusal, Refused, Stale
from service.regulation import Policy
from service.storage.matters import past_need
from service.storage.session import reading
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other
from service.web.panel_desk import (
    Desk,
    Listed,
    choose,
    field_choices,
    proposed_members,
    read_desk,
    show_list,
    show_proposal,
    zones_of,
)
from service.web.panel_sentences import blocking_of, breach_of
from workflow import CHOICES, FLAGS, Need, Seat, find_faults

AnyRequest = Request[Any, Any, Any]
Do = Callable[[], Awaitable[Response[Any]]]


@get("/matters/{matter_id:uuid}/panel", opt={"operation": "panel:see"}, include_in_schema=False)
async def assemble_page(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    copy: Annotated[UUID | None, QueryParameter(name="copy")] = None,
    lock: Annotated[UUID | None, QueryParameter(name="lock")] = None,
    as_: Annotated[str, QueryParameter(name="as")] = "in",
) -> Response[Any]:
    """Show need, candidates and panel of a matter; a determined panel is shown as its document."""
    need = None
    if copy is not None:
        async with reading(request.app.state.database) as session:
            need = (await past_need(session, viewer_of(request), copy)).need
    desk = await read_desk(request, matter_id, need=need)
    if desk.state.status == "determined":
        return see_other(f"/matters/{matter_id}/panel/document")
    return await _page(request, desk, trial=need is not None, lock=lock, as_=as_)


@post("/matters/{matter_id:uuid}/panel/try", opt={"operation": "panel:compose"}, include_in_schema=False)
async def try_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Compose with the need that is typed; nothing is saved."""
    form = await Form.of(request)
    need, _ = _need(form)
    if form.faults:
        return await _show(request, matter_id, form, status=400)
    desk = await read_desk(request, matter_id, need=need)
    return await _page(request, desk, form=form, trial=need != desk.state.need)


@post("/matters/{matter_id:uuid}/panel/need", opt={"operation": "matter:set-need"}, include_in_schema=False)
async def need_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Save the need; an open proposal falls."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        need, flags = _need(form)
        form.check()

        async def act(act: Act) -> Response[Any]:
            await set_need(act, matter_id, need, flags, seen=seen)
            return see_other(f"/matters/{matter_id}/panel", notice="需求已保存，专家组已按新的需求组合")

        return await perform(request, "matter:set-need", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/find", opt={"operation": "panel:see"}, include_in_schema=False)
async def find_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Narrow the candidates to those with the typed words; names do not go into an address."""
    form = await Form.of(request)
    return await _page(request, await read_desk(request, matter_id), find=form.text("text", most=100))


@post("/matters/{matter_id:uuid}/panel/check", opt={"operation": "panel:compose"}, include_in_schema=False)
async def check_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Compare a list made by hand with the rules, and offer the smallest repair; nothing is recorded."""
    form = await Form.of(request)
    text = form.text("names", required=True, most=4000)
    if form.faults:
        return await _show(request, matter_id, form, status=400)
    desk = await read_desk(request, matter_id)
    return await _page(request, desk, form=form, listed=await show_list(desk, text))


@post("/matters/{matter_id:uuid}/panel/propose", opt={"operation": "panel:propose"}, include_in_schema=False)
async def propose_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Propose the panel that is shown."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        chosen = await choose(request, matter_id, _members(form))
        _as_shown(form, chosen.problem_sha256)
        smaller, paper = form.text("smaller_reason", most=500), form.text("paper", most=200)
        designation = form.text("designation", most=500)
        form.check()

        async def act(act: Act) -> Response[Any]:
            residents = request.app.state.residents
            await propose_panel(
                act,
                residents,
                matter_id,
                chosen,
                seen=seen,
                smaller_reason=smaller,
                paper=paper,
                designation=designation,
            )
            return see_other(f"/matters/{matter_id}/panel", notice="专家组已提出，等待决咨中心确定")

        return await perform(request, "panel:propose", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/mode", opt={"operation": "panel:choose-mode"}, include_in_schema=False)
async def mode_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Lay down how the panel comes about."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        mode = form.choice("mode", CHOICES)
        reason = form.text("mode_reason", most=500)
        form.check()

        async def act(act: Act) -> Response[Any]:
            await choose_mode(act, matter_id, mode, reason=reason, seen=seen)
            return see_other(f"/matters/{matter_id}/panel", notice="产生方式已记下")

        return await perform(request, "panel:choose-mode", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/approve", opt={"operation": "panel:approve"}, include_in_schema=False)
async def approve_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Second a list made by hand."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        async def act(act: Act) -> Response[Any]:
            await approve_designation(act, matter_id, seen=seen)
            return see_other(f"/matters/{matter_id}/panel", notice="指定名单已复核，由另一人确定")

        return await perform(request, "panel:approve", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/change", opt={"operation": "panel:change"}, include_in_schema=False)
async def change_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Put the center's panel in the place of the proposed one, each person with a reason."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        reasons = _reasons(form, policy_of(request))
        members = _members(form)
        form.check()
        chosen = await choose(request, matter_id, members)
        _as_shown(form, chosen.problem_sha256)

        async def act(act: Act) -> Response[Any]:
            residents = request.app.state.residents
            await change_proposal(act, residents, matter_id, chosen, seen=seen, reasons=reasons)
            return see_other(f"/matters/{matter_id}/panel", notice="已按您的改动调整专家组")

        return await perform(request, "panel:change", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/determine", opt={"operation": "panel:determine"}, include_in_schema=False)
async def determine_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Determine the proposed panel."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        flags = frozenset(form.choices("flags", FLAGS)) if form.typed("flags_shown") else None
        flags_reason, smaller = form.text("flags_reason", most=500), form.text("smaller_reason", most=500)
        form.check()
        chosen = await choose(request, matter_id, await proposed_members(request, matter_id))

        async def act(act: Act) -> Response[Any]:
            await determine_panel(
                act,
                request.app.state.residents,
                matter_id,
                chosen,
                seen=seen,
                flags=flags,
                flags_reason=flags_reason,
                smaller_reason=smaller,
            )
            return see_other(f"/matters/{matter_id}/panel/document", notice="专家组已确定")

        return await perform(request, "panel:determine", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/return", opt={"operation": "panel:change"}, include_in_schema=False)
async def return_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Send the proposal back to the unit."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do() -> Response[Any]:
        form.faults += reason_faults(policy_of(request), "return_reason", form.typed("return_reason"))
        form.check()

        async def act(act: Act) -> Response[Any]:
            await return_proposal(act, matter_id, seen=seen, reason=form.typed("return_reason"))
            return see_other(f"/matters/{matter_id}/panel", notice="已退回承办单位")

        return await perform(request, "panel:change", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


@post("/matters/{matter_id:uuid}/panel/locks", opt={"operation": "panel:lock"}, include_in_schema=False)
async def lock_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Keep an expert in or out by hand, with a reason."""
    form = await Form.of(request)
    expert_id = form.id("expert", required=True)

    async def do() -> Response[Any]:
        form.check()

        async def act(act: Act) -> Response[Any]:
            await lock_expert(
                act, matter_id, expert_id or matter_id, locked=form.typed("locked"), reason=form.typed("reason")
            )
            return see_other(f"/matters/{matter_id}/panel", notice="已记下，重新组合时保留")

        return await perform(request, "panel:lock", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do, lock=expert_id, as_=form.typed("locked", "in"))


@post("/matters/{matter_id:uuid}/panel/locks/lift", opt={"operation": "panel:lock"}, include_in_schema=False)
async def lift_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Lift a lock."""
    form = await Form.of(request)

    async def do() -> Response[Any]:
        expert_id = form.id("expert", required=True)
        form.check()

        async def act(act: Act) -> Response[Any]:
            await unlock_expert(act, matter_id, expert_id or matter_id)
            return see_other(f"/matters/{matter_id}/panel", notice="已取消，按条件重新组合")

        return await perform(request, "panel:lock", act, subject=str(matter_id))

    return await _or_show(request, matter_id, form, do)


def _need(form: Form) -> tuple[Need, frozenset[str]]:
    """Read the need as typed; rows without a field do not count, and two rows of one field add up."""
    size = form.number("size", least=1, most=1000, default=5)
    reserves = form.number("reserves", least=0, most=100, default=2)
    seats: dict[str, int] = {}
    counts = form.typed_all("count")
    for place, code in enumerate(form.typed_all("field")):
        if not code:
            continue
        count = counts[place].strip() if place < len(counts) else "1"
        if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= 1000:
            form.fault("size", "NEED_SEAT_COUNT_LOW", count=count)
            continue
        seats[code] = seats.get(code, 0) + int(count)
    flags = frozenset(form.choices("flags", FLAGS))
    need = Need(size=size or 5, seats=tuple(Seat(code, count) for code, count in seats.items()), reserves=reserves or 0)
    if not form.faults:
        form.faults += [Fault("size", fault.code, fault.facts) for fault in find_faults(need)]
    return need, flags


def _members(form: Form) -> tuple[UUID, ...]:
    members = []
    for text in form.typed_all("member"):
        try:
            members.append(UUID(text))
        except ValueError:
            form.fault("member", "FIELD_NOT_A_CHOICE")
    if not members:
        form.fault("member", "PANEL_EMPTY")
    form.check()
    return tuple(members)


def _reasons(form: Form, policy: Policy) -> list[tuple[UUID | None, UUID | None, str]]:
    """Read the changes of the center, aligned by their place; each needs a reason."""
    rows = zip(form.typed_all("out"), form.typed_all("in"), form.typed_all("reason"), strict=False)
    reasons: list[tuple[UUID | None, UUID | None, str]] = []
    for place, (out, in_, reason) in enumerate(rows):
        form.faults += reason_faults(policy, f"reason-{place}", reason)
        try:
            reasons.append((UUID(out) if out else None, UUID(in_) if in_ else None, reason))
        except ValueError:
            form.fault(f"reason-{place}", "FIELD_NOT_A_CHOICE")
    if not reasons:
        form.fault("reason-0", "CHANGE_NOTHING")
    return reasons


def _as_shown(form: Form, digest: str) -> None:
    """Refuse when the library moved between the page and the click: the person decides about what was shown."""
    if form.typed("problem") not in ("", digest):
        raise Refused([Refusal("LIBRARY_MOVED")])


async def _or_show(
    request: AnyRequest, matter_id: UUID, form: Form, do: Do, *, lock: UUID | None = None, as_: str = "in"
) -> Response[Any]:
    """Do an act; what stands against it is shown on the same page with the typed text."""
    try:
        return await do()
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _show(request, matter_id, form, status=problem.status, lock=lock, as_=as_)
    except Refused as problem:
        return await _show(
            request, matter_id, form, status=problem.status, refusals=problem.refusals, lock=lock, as_=as_
        )
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _show(request, matter_id, form, status=problem.status)


async def _show(
    request: AnyRequest,
    matter_id: UUID,
    form: Form,
    *,
    status: int,
    refusals: Sequence[Refusal] = (),
    lock: UUID | None = None,
    as_: str = "in",
) -> Response[Any]:
    desk = await read_desk(request, matter_id)
    return await _page(request, desk, form=form, status=status, refusals=refusals, lock=lock, as_=as_)


async def _page(
    request: AnyRequest,
    desk: Desk,
    *,
    form: Form | None = None,
    status: int = 200,
    refusals: Sequence[Refusal] = (),
    trial: bool = False,
    listed: Listed | None = None,
    find: str = "",
    lock: UUID | None = None,
    as_: str = "in",
) -> Response[Any]:
    check = None
    if desk.panel is not None and desk.panel.state == "proposed":
        members = [seat.expert_id for seat in desk.panel.members]
        check = await asyncio.to_thread(check_list, desk.problem, members, seed=str(desk.matter.id))
    blocking, ways_out = blocking_of(desk)
    return page(
        request,
        "panel/assemble.html",
        status=status,
        matter=desk.matter,
        state=desk.state,
        assembly=desk.assembly,
        zones=zones_of(desk, find),
        acts=desk.acts,
        mine=desk.mine,
        seconded=desk.seconded,
        own_hand=desk.own_hand,
        trial=trial,
        blocking=blocking,
        ways_out=ways_out,
        proposal=show_proposal(desk, check),
        listed=listed,
        problem_sha256=desk.problem_sha256,
        locking=None if lock is None else desk.standing(lock),
        locking_as="out" if as_ == "out" else "in",
        find=find,
        fields=field_choices(),
        past=desk.past,
        panel_mode=desk.state.mode or policy_of(request).panel_mode,
        policy_mode=policy_of(request).panel_mode,
        form=form,
        faults=form.faults if form else [],
        refusals=refusals,
        say_breach=lambda code, facts: breach_of(desk, code, "", facts)[0],
    )


ROUTES = [
    assemble_page,
    try_form,
    need_form,
    find_form,
    check_form,
    propose_form,
    mode_form,
    approve_form,
    change_form,
    determine_form,
    return_form,
    lock_form,
    lift_form,
]
