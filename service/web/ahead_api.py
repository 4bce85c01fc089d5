"""Looking ahead as JSON: the coming years under four policies, and a panel for every open matter at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.ahead import MONTHS_MOST, PLAN, SIMULATE, begin_plan, begin_simulation
from service.jobs import Job
from service.web.ahead import MONTHS
from service.web.ahead_desk import newest, planned, stop
from service.web.entry import guard, perform
from service.web.openapi import IdempotencyKey, nothing, problems
from service.web.work import Reached, wake

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class SimulationAsked:
    """Over how many months the needs of the last two years come again."""

    months: Annotated[int, Meta(ge=1, le=MONTHS_MOST)] = MONTHS


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """Whether to go on from the last plan, where that was stopped."""

    resume: bool = False


@dataclass(frozen=True, slots=True)
class AheadStarted:
    """The job that computes."""

    job_id: UUID


@dataclass(frozen=True, slots=True)
class AheadJson:
    """What was last computed, and how far the present computation is."""

    state: Annotated[str, Meta(description="none, queued, running, done, failed or cancelled", examples=["done"])]
    done: int
    total: int | None
    finished_at: datetime | None
    result: Annotated[
        dict[str, Any] | None,
        Meta(description="simulation-result/1 without `asked`; or `plan`, a plan-result/1 of matters and experts"),
    ]


@get("/api/fairness/simulation", opt={"operation": "ahead:see"}, tags=["fairness"], responses=problems(401, 403))
async def api_simulation(request: AnyRequest) -> AheadJson:
    """Return what the coming months would be like under each policy, as last simulated."""
    guard(request, "ahead:see")
    return _json(*await newest(request, SIMULATE))


@post(
    "/api/fairness/simulation",
    opt={"operation": "ahead:run"},
    tags=["fairness"],
    status_code=202,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_simulate(
    request: AnyRequest, data: JSONBody[SimulationAsked], key: IdempotencyKey = ""
) -> Response[AheadStarted]:
    """Simulate the coming months: the needs of the last two years once more, under four policies. Records nothing."""

    async def do(act: Act) -> Response[AheadStarted]:
        return Response(AheadStarted(await begin_simulation(act, months=data.months)), status_code=202)

    answer = await perform(request, "ahead:run", do)
    wake(request)
    return answer


@delete(
    "/api/fairness/simulation",
    opt={"operation": "ahead:run"},
    tags=["fairness"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_stop_simulation(request: AnyRequest, key: IdempotencyKey = "") -> Response[None]:
    """Stop the simulation that is under way."""
    return await stop(request, SIMULATE, Response(None, status_code=204))


@get("/api/fairness/plan", opt={"operation": "ahead:see"}, tags=["fairness"], responses=problems(401, 403))
async def api_plan(request: AnyRequest) -> AheadJson:
    """Return the last plan for all open matters, without those that are not the viewer's to know."""
    guard(request, "ahead:see")
    found, far = await newest(request, PLAN)
    answer = _json(found, far)
    if answer.result is None or "plan" not in answer.result:
        return answer
    lines, by_hand = await planned(request, answer.result)
    known = {str(line.id) for line in lines}
    plan = dict(answer.result["plan"])
    for kind in ("panels", "unstaffed"):
        plan[kind] = [row for row in plan[kind] if row["matter"] in known]
    plan.pop("resume", None)
    answer.result["plan"] = plan
    answer.result["by_hand"] = [str(matter) for matter, _, _ in by_hand]
    return answer


@post(
    "/api/fairness/plan",
    opt={"operation": "ahead:run"},
    tags=["fairness"],
    status_code=202,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_begin_plan(
    request: AnyRequest, data: JSONBody[PlanAsked], key: IdempotencyKey = ""
) -> Response[AheadStarted]:
    """Plan a panel for every open matter that says what it needs: loads level first, then fit. Proposes nothing."""

    async def do(act: Act) -> Response[AheadStarted]:
        return Response(AheadStarted(await begin_plan(act, resume=data.resume)), status_code=202)

    answer = await perform(request, "ahead:run", do)
    wake(request)
    return answer


@delete(
    "/api/fairness/plan",
    opt={"operation": "ahead:run"},
    tags=["fairness"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_stop_plan(request: AnyRequest, key: IdempotencyKey = "") -> Response[None]:
    """Stop the plan that is under way; what it has stays, and it can go on."""
    return await stop(request, PLAN, Response(None, status_code=204))


def _json(found: Job | None, far: Reached | None) -> AheadJson:
    if found is None or far is None:
        return AheadJson("none", 0, None, None, None)
    return AheadJson(found.state, far.done, far.total, found.finished_at, dict(found.result) if found.result else None)


ROUTES = [
    api_simulation,
    api_simulate,
    api_stop_simulation,
    api_plan,
    api_begin_plan,
    api_stop_plan,
]
