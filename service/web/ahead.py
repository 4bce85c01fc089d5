"""Looking ahead, as pages: the coming years under four policies, and a panel for every open matter at once."""

from fractions import Fraction
from typing import Any

from litestar import Request, Response, get, post

from service.access import may
from service.actions.act import Act
from service.actions.ahead import MONTHS_MOST, PLAN, SIMULATE, begin_plan, begin_simulation
from service.problems import Invalid
from service.web.ahead_desk import newest, outcomes_of, planned, stop
from service.web.entry import guard, perform, viewer_of
from service.web.forms import Form
from service.web.pages import fragment, page, see_other
from service.web.work import wake

AnyRequest = Request[Any, Any, Any]
MONTHS = 24


@get("/fairness/simulation", opt={"operation": "ahead:see"}, include_in_schema=False)
async def simulation_page(request: AnyRequest) -> Response[Any]:
    """Show what the coming years would be like under each policy."""
    return await _simulation_page(request, Form({}))


@get("/fairness/simulation/progress", opt={"operation": "ahead:see"}, include_in_schema=False)
async def simulation_progress(request: AnyRequest) -> Response[Any]:
    """Answer htmx with how far the simulation is; once it has ended, with the whole page."""
    return await _progress(request, SIMULATE, "/fairness/simulation")


@post("/fairness/simulation", opt={"operation": "ahead:run"}, include_in_schema=False)
async def simulation_form(request: AnyRequest) -> Response[Any]:
    """Begin a simulation."""
    form = await Form.of(request)
    months = form.number("months", least=1, most=MONTHS_MOST, default=MONTHS)

    async def do(act: Act) -> Response[Any]:
        form.check()
        await begin_simulation(act, months=months or MONTHS)
        return see_other("/fairness/simulation")

    try:
        answer = await perform(request, "ahead:run", do)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _simulation_page(request, form, status=problem.status)
    wake(request)
    return answer


@post("/fairness/simulation/stop", opt={"operation": "ahead:run"}, include_in_schema=False)
async def simulation_stop_form(request: AnyRequest) -> Response[Any]:
    """Stop the simulation."""
    return await stop(request, SIMULATE, see_other("/fairness/simulation"))


@get("/fairness/plan", opt={"operation": "ahead:see"}, include_in_schema=False)
async def plan_page(request: AnyRequest) -> Response[Any]:
    """Show a panel for every open matter, planned together."""
    guard(request, "ahead:see")
    found, far = await newest(request, PLAN)
    result = found.result if found is not None and found.result is not None and "plan" in found.result else None
    lines, by_hand = await planned(request, result) if result else ((), ())
    return page(
        request,
        "fairness/plan.html",
        job=found,
        far=far,
        result=result,
        lines=lines,
        by_hand=by_hand,
        gini=float(Fraction(result["plan"]["load"]["gini"])) if result else 0.0,
        runs=may(viewer_of(request), "ahead:run"),
    )


@get("/fairness/plan/progress", opt={"operation": "ahead:see"}, include_in_schema=False)
async def plan_progress(request: AnyRequest) -> Response[Any]:
    """Answer htmx with how far the plan is; once it has ended, with the whole page."""
    return await _progress(request, PLAN, "/fairness/plan")


@post("/fairness/plan", opt={"operation": "ahead:run"}, include_in_schema=False)
async def plan_form(request: AnyRequest) -> Response[Any]:
    """Begin a plan, or go on with one that was stopped."""
    form = await Form.of(request)

    async def do(act: Act) -> Response[Any]:
        await begin_plan(act, resume=form.typed("resume") == "yes")
        return see_other("/fairness/plan")

    answer = await perform(request, "ahead:run", do)
    wake(request)
    return answer


@post("/fairness/plan/stop", opt={"operation": "ahead:run"}, include_in_schema=False)
async def plan_stop_form(request: AnyRequest) -> Response[Any]:
    """Stop the plan; what it has stays, and it can go on."""
    return await stop(request, PLAN, see_other("/fairness/plan", notice="已停止，算好的保留，可以接着算"))


async def _simulation_page(request: AnyRequest, form: Form, *, status: int = 200) -> Response[Any]:
    guard(request, "ahead:see")
    found, far = await newest(request, SIMULATE)
    result = found.result if found is not None and found.state == "done" else None
    return page(
        request,
        "fairness/simulation.html",
        status=status,
        job=found,
        far=far,
        result=result,
        outcomes=outcomes_of(result.get("policies", ())) if result else (),
        months=MONTHS,
        months_most=MONTHS_MOST,
        form=form,
        faults=form.faults,
        runs=may(viewer_of(request), "ahead:run"),
    )


async def _progress(request: AnyRequest, kind: str, address: str) -> Response[Any]:
    guard(request, "ahead:see")
    found, far = await newest(request, kind)
    if found is None or found.ended:
        return Response(b"", headers={"HX-Refresh": "true"})
    return fragment(request, "fairness/progress.html", address=address, far=far)


ROUTES = [
    simulation_page,
    simulation_progress,
    simulation_form,
    simulation_stop_form,
    plan_page,
    plan_progress,
    plan_form,
    plan_stop_form,
]
