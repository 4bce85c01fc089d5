"""What happens to an expert over time, and confidential looks: small forms on the expert's page."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.corrections import withdraw_employment, withdraw_term
from service.actions.expert_life import (
    add_away,
    add_employment,
    add_term,
    end_employment,
    remove_away,
)
from service.actions.experts import unmask
from service.problems import Fault, Invalid, Refused, Stale
from service.storage.session import unit_of_work
from service.web.entry import act_in, perform, version_of
from service.web.expert_forms import judged, read_away, read_term, read_work
from service.web.experts import show_expert
from service.web.forms import Form
from service.web.pages import instant_of, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[None]]


@post("/experts/{expert_id:uuid}/terms", opt={"operation": "expert:change"}, include_in_schema=False)
async def term_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter a further term."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        term = read_term(form, needed=True)
        form.check()
        if term is not None:
            await add_term(act, expert_id, term, seen=seen)

    return await _acted(request, expert_id, form, "expert:change", act, notice="聘期已登记")


@post("/experts/{expert_id:uuid}/employments", opt={"operation": "expert:change"}, include_in_schema=False)
async def employment_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter further work, main or side."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        work = await read_work(act.session, form, needed=True)
        if work is None:
            form.check()
        else:
            await judged(form, add_employment(act, expert_id, work, seen=seen))

    return await _acted(request, expert_id, form, "expert:change", act, notice="任职已登记")


@post(
    "/experts/{expert_id:uuid}/employments/{employment_id:uuid}/end",
    opt={"operation": "expert:change"},
    include_in_schema=False,
)
async def end_form(request: AnyRequest, expert_id: FromPath[UUID], employment_id: FromPath[UUID]) -> Response[Any]:
    """Enter the last day of work."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        to_on = form.day("to_on", required=True)
        form.check()
        if to_on is not None:
            await end_employment(act, expert_id, employment_id, to_on=to_on, seen=seen)

    return await _acted(request, expert_id, form, "expert:change", act, notice="离任日期已登记")


@post(
    "/experts/{expert_id:uuid}/employments/{employment_id:uuid}/withdraw",
    opt={"operation": "expert:change"},
    include_in_schema=False,
)
async def withdraw_employment_form(
    request: AnyRequest, expert_id: FromPath[UUID], employment_id: FromPath[UUID]
) -> Response[Any]:
    """Withdraw work that was entered by mistake."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await withdraw_employment(act, expert_id, employment_id, reason=form.typed("reason"), seen=seen)

    return await _acted(request, expert_id, form, "expert:change", act, notice="已撤回，原来的内容留在记录里")


@post(
    "/experts/{expert_id:uuid}/terms/{term_id:uuid}/withdraw",
    opt={"operation": "expert:change"},
    include_in_schema=False,
)
async def withdraw_term_form(request: AnyRequest, expert_id: FromPath[UUID], term_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a term that was entered from paper by mistake."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await withdraw_term(act, expert_id, term_id, reason=form.typed("reason"), seen=seen)

    return await _acted(request, expert_id, form, "expert:change", act, notice="已撤回，原来的内容留在记录里")


@post("/experts/{expert_id:uuid}/away", opt={"operation": "expert:set-away"}, include_in_schema=False)
async def away_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter days on which the expert cannot serve."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        away = read_away(form)
        form.check()
        if away is not None:
            try:
                await add_away(act, expert_id, away, seen=seen)
            except Invalid as problem:
                raise Invalid([Fault("away_to", fault.code, fault.facts) for fault in problem.faults]) from None

    return await _acted(request, expert_id, form, "expert:set-away", act, notice="不便参加的日子已登记")


@post(
    "/experts/{expert_id:uuid}/away/{away_id:uuid}/remove",
    opt={"operation": "expert:set-away"},
    include_in_schema=False,
)
async def away_remove_form(request: AnyRequest, expert_id: FromPath[UUID], away_id: FromPath[UUID]) -> Response[Any]:
    """Remove an absence."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await remove_away(act, expert_id, away_id, seen=seen)

    return await _acted(request, expert_id, form, "expert:set-away", act, notice="已删除")


@post("/experts/{expert_id:uuid}/unmask", opt={"operation": "expert:unmask"}, include_in_schema=False)
async def unmask_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show a confidential number this once; the look and its reason are noted."""
    form = await Form.of(request)
    what = form.typed("what")
    try:
        number = await look(request, expert_id, what, reason=form.typed("look_reason"))
    except Invalid as problem:
        faults = [Fault("look_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await show_expert(request, expert_id, form, problem=Invalid(faults))
    return await show_expert(request, expert_id, Form({}), open_values={what: number})


async def look(request: AnyRequest, expert_id: UUID, what: str, *, reason: str) -> str:
    """Return a confidential number of an expert in full, its look noted and committed before it is shown.

    Not `perform`: its answers are kept for thirty days, and this one must not be. Every look counts, so that there
    is nothing to repeat.
    """
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await unmask(act_in(request, session), expert_id, what, reason=reason)


async def _acted(
    request: AnyRequest, expert_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    """Act on an expert and go to the page; what is refused shows the page again with the typed text."""
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/experts/{expert_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(expert_id))
    except (Invalid, Refused, Stale) as problem:
        return await show_expert(request, expert_id, form, problem=problem)


ROUTES = [
    term_form,
    employment_form,
    end_form,
    withdraw_employment_form,
    withdraw_term_form,
    away_form,
    away_remove_form,
    unmask_form,
]
