"""Cases about experts: the list, one case, opening one, the expert's statement, the director's decision."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from registry import CITES, MEASURES, Ground, RefusalReason
from service.access import require
from service.actions.act import Act
from service.actions.cases import (
    CaseEntry,
    RulingEntry,
    add_statement,
    confirm_rectified,
    decide_case,
    open_case,
    read_case_evidence,
)
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.cases import list_cases, load_case
from service.storage.expert_page import load_expert
from service.storage.occurrences import occurrences_in, occurrences_waiting
from service.storage.session import reading, unit_of_work
from service.web.candidates import typed
from service.web.entry import act_in, perform, policy_of, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]


@get("/cases", opt={"operation": "case:list"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """List the cases that run, and those that are closed."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        running = await list_cases(session, viewer, running=True)
        closed = await list_cases(session, viewer, running=False)
        waiting = await occurrences_waiting(session, viewer)
    return page(request, "cases/list.html", running=running, closed=closed, waiting=waiting, cites=CITES)


@get("/experts/{expert_id:uuid}/case", opt={"operation": "case:open"}, include_in_schema=False)
async def new_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form that opens a case."""
    return await _new(request, expert_id, Form({}))


@post("/experts/{expert_id:uuid}/case", opt={"operation": "case:open"}, include_in_schema=False)
async def open_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Open a case about an expert."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        entry = CaseEntry(form.typed("ground"), form.text("evidence", most=600), form.typed("refusal"))
        form.check()
        case_id = await open_case(act, expert_id, entry, seen=seen)
        return see_other(f"/cases/{case_id}", notice="已立案，处理期间不再抽选这位专家")

    try:
        return await perform(request, "case:open", act, subject=str(expert_id))
    except (Invalid, Refused, Stale) as problem:
        return await _new(request, expert_id, form, problem=problem)


@get("/cases/{case_id:uuid}", opt={"operation": "case:see"}, include_in_schema=False)
async def case_page(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Show one case."""
    return await _show(request, case_id, Form({}))


@post("/cases/{case_id:uuid}/statement", opt={"operation": "case:state"}, include_in_schema=False)
async def statement_form(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Add the expert's statement."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await add_statement(act, case_id, text=form.typed("statement"), seen=seen)

    return await _acted(request, case_id, form, "case:state", act, notice="陈述已登记")


@post("/cases/{case_id:uuid}/decide", opt={"operation": "case:decide"}, include_in_schema=False)
async def decide_form(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Decide a case."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        entry = RulingEntry(
            measure=form.typed("measure"),
            reason=form.text("reason", most=600),
            document=form.text("document", most=100),
            grave=form.typed("grave") == "yes",
            rectify_by=form.day("rectify_by"),
        )
        form.check()
        await decide_case(act, case_id, entry, seen=seen)

    return await _acted(request, case_id, form, "case:decide", act, notice="决定已登记")


@post("/cases/{case_id:uuid}/rectified", opt={"operation": "case:open"}, include_in_schema=False)
async def rectified_form(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Enter that a breach was put right."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await confirm_rectified(act, case_id, reason=form.typed("rectified"), seen=seen)

    return await _acted(request, case_id, form, "case:open", act, notice="整改已登记完成")


@post("/cases/{case_id:uuid}/evidence", opt={"operation": "case:read-evidence"}, include_in_schema=False)
async def evidence_form(request: AnyRequest, case_id: FromPath[UUID]) -> Response[Any]:
    """Show confidential evidence this once; the look and its reason are noted."""
    form = await Form.of(request)
    try:
        words = await look(request, case_id, reason=form.typed("look_reason"))
    except Invalid as problem:
        faults = [Fault("look_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await _show(request, case_id, form, problem=Invalid(faults))
    return await _show(request, case_id, Form({}), opened=words)


async def look(request: AnyRequest, case_id: UUID, *, reason: str) -> str:
    """Return confidential evidence, its look noted and committed before it is shown; no answer of it is kept."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await read_case_evidence(act_in(request, session), case_id, reason=reason)


async def _new(request: AnyRequest, expert_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    require(viewer, "case:open")
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=request.app.state.clock.today())
    return page(
        request,
        "cases/new.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        grounds=[ground.value for ground in Ground],
        reasons=[(one.value, one.is_objective) for one in RefusalReason],
        cites=CITES,
        days=policy_of(request).library.statement_days,
        **typed(form, problem),
    )


async def _show(
    request: AnyRequest, case_id: UUID, form: Form, *, problem: Problem | None = None, opened: str = ""
) -> Response[Any]:
    today = request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        case = await load_case(session, viewer_of(request), case_id)
        occurrences = await occurrences_in(session, viewer_of(request), case_id)
    return page(
        request,
        "cases/show.html",
        status=200 if problem is None else problem.status,
        case=case,
        occurrences=occurrences,
        ready=case.ready(today) or case.state == "rectifying",
        measures=[measure.value for measure in MEASURES[case.ground]],
        cites=CITES,
        relations=("own",) if case.own else (),
        opened=opened,
        **typed(form, problem),
    )


async def _acted(
    request: AnyRequest, case_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/cases/{case_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(case_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, case_id, form, problem=problem)


ROUTES = [
    list_page,
    new_page,
    open_form,
    case_page,
    statement_form,
    decide_form,
    rectified_form,
    evidence_form,
]
