"""An expert's own page, made for a phone: my term, my record, my days away, resigning."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.cases import resign
from service.actions.expert_life import CAP_MOST, add_away, remove_away, set_cap
from service.actions.renewals import WishEntry, say_wish
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.cases import cases_of
from service.storage.change_requests import changes_of
from service.storage.expert_page import load_expert, looks_at, own_expert
from service.storage.fees import contracts_of
from service.storage.occurrences import occurrences_of
from service.storage.renewals import assessments_of, own_wish, wish_waits
from service.storage.session import reading
from service.storage.sittings import list_sittings
from service.web.candidates import typed
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.expert_forms import SOURCE_NAMES, judged, read_away
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, UUID, int], Awaitable[object]]


@get("/my", opt={"operation": "expert:see-own"}, include_in_schema=False)
async def my_page(request: AnyRequest) -> Response[Any]:
    """Show an expert the own term, record and data."""
    return await _show(request, Form({}))


@post("/my/away", opt={"operation": "expert:set-away"}, include_in_schema=False)
async def away_form(request: AnyRequest) -> Response[Any]:
    """Enter days on which I cannot serve."""
    form = await Form.of(request)

    async def act(act: Act, expert_id: UUID, seen: int) -> None:
        away = read_away(form)
        form.check()
        if away is not None:
            try:
                await judged(form, add_away(act, expert_id, away, seen=seen))
            except Invalid as problem:
                raise Invalid([Fault("away_to", fault.code, fault.facts) for fault in problem.faults]) from None

    return await _acted(request, form, "expert:set-away", act, notice="不便参加的日子已登记")


@post("/my/away/{away_id:uuid}/remove", opt={"operation": "expert:set-away"}, include_in_schema=False)
async def away_remove_form(request: AnyRequest, away_id: FromPath[UUID]) -> Response[Any]:
    """Remove days on which I could not serve."""
    form = await Form.of(request)

    async def act(act: Act, expert_id: UUID, seen: int) -> None:
        await remove_away(act, expert_id, away_id, seen=seen)

    return await _acted(request, form, "expert:set-away", act, notice="已删除")


@post("/my/cap", opt={"operation": "expert:set-away"}, include_in_schema=False)
async def cap_form(request: AnyRequest) -> Response[Any]:
    """Say on how many panels a year I sit at most; empty for no cap."""
    form = await Form.of(request)

    async def act(act: Act, expert_id: UUID, seen: int) -> None:
        cap = form.number("cap", least=1, most=CAP_MOST) if form.typed("cap").strip() else None
        form.check()
        await set_cap(act, expert_id, cap, seen=seen)

    return await _acted(request, form, "expert:set-away", act, notice="每年参加的次数已登记")


@post("/my/renewal", opt={"operation": "renewal:wish"}, include_in_schema=False)
async def wish_form(request: AnyRequest) -> Response[Any]:
    """Say whether I would like another term."""
    form = await Form.of(request)

    async def act(act: Act, expert_id: UUID, seen: int) -> None:
        willing = form.choice("willing", ("yes", "no")) == "yes"
        entry = WishEntry(willing, form.typed("confirmed") == "yes", form.text("statement", most=600))
        await judged(form, say_wish(act, expert_id, entry, seen=seen))

    return await _acted(request, form, "renewal:wish", act, notice="您的意愿已登记，决咨中心办理续聘时看得到")


@post("/my/resign", opt={"operation": "expert:resign"}, include_in_schema=False)
async def resign_form(request: AnyRequest) -> Response[Any]:
    """Ask to leave the library."""
    form = await Form.of(request)

    async def act(act: Act, expert_id: UUID, seen: int) -> None:
        await resign(act, expert_id, reason=form.typed("reason"), seen=seen)

    return await _acted(request, form, "expert:resign", act, notice="退出申请已提交，由县决咨委主任批准")


async def _show(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer, today = viewer_of(request), request.app.state.clock.today()
    days = max(policy_of(request).library.reminder_days)
    async with reading(request.app.state.database) as session:
        expert_id = await own_expert(session, viewer)
        expert = await load_expert(session, viewer, expert_id, on=today)
        cases = await cases_of(session, viewer, expert_id)
        assessments = await assessments_of(session, expert_id)
        occurrences = await occurrences_of(session, viewer, expert_id)
        contracts = await contracts_of(session, viewer, expert_id=expert_id)
        sittings = [one for one in await list_sittings(session, viewer) if one.own is not None]
        looks = await looks_at(session, expert_id)
        changes = await changes_of(session, viewer, expert_id)
        wish = await own_wish(session, viewer)
        wishes = await wish_waits(session, viewer, on=today, days=days)
    term = next((one for one in expert.terms if one.covers(today)), None)
    return page(
        request,
        "my/my.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        term=term,
        days_left=(term.ends_on - today).days if term else 0,
        cases=cases,
        assessments=assessments,
        occurrences=occurrences,
        contracts=contracts,
        sittings=sittings,
        looks=looks,
        changes=changes,
        wish=wish,
        wishes=wishes,
        source_names=SOURCE_NAMES,
        **typed(form, problem),
    )


async def _acted(request: AnyRequest, form: Form, operation: str, act: _Acting, *, notice: str) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, await own_expert(setting.session, setting.viewer), seen)
        return see_other("/my", notice=notice)

    try:
        return await perform(request, operation, do)
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, form, problem=problem)


ROUTES = [my_page, away_form, away_remove_form, cap_form, wish_form, resign_form]
