"""The jobs that look ahead: a plan for all open matters, a simulation of the coming months."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from selection import PanelProblemFaults
from selection.plan import POLICIES, PlanRequest, PlanState, plan_panels, read_state, simulate_policies
from service.actions.ahead import PLAN, SIMULATE, past_of, plan_of, pose_all
from service.jobs.queue import job
from service.jobs.worker import Handler, JobContext
from service.storage.ahead import matters_with_need
from service.storage.policies import policy_in_force
from service.storage.session import Session, reading
from workflow import add_months

_PAST_MONTHS = 24


def ahead_handlers(state: Any) -> dict[str, Handler]:
    """Return kind of job -> handler.

    Args:
        state: the application's state, with `residents` and `edition`.
    """

    async def law(context: JobContext, session: Session) -> dict[str, Any]:
        on = context.clock.today()
        policy = await policy_in_force(session, context.settings.policy, on=on)
        return {"settings": context.settings, "edition": state.edition, "policy": policy, "on": on}

    async def simulate(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Staff the needs of the last two years again over the coming months under each policy."""
        on = context.clock.today()
        context.report(0, code="AHEAD_READING")
        async with reading(context.database) as session:
            held = await law(context, session)
            window = held["policy"].service_months
            states = ("need-set", "proposed", "determined", "suspended")
            matters = await matters_with_need(session, states=states, since=add_months(on, -_PAST_MONTHS))
            problems = await pose_all(session, state.residents, matters, **held)
            pool = (await state.residents.current(session)).pool
        if not problems:
            return {"matters": 0}
        request = await asyncio.to_thread(plan_of, problems, expected=True)

        def watch(policy: str, done: int, whole: int) -> None:
            order = [str(one) for one in POLICIES]
            context.report(order.index(policy) * whole + done, whole * len(order), f"SIMULATED_{policy.upper()}")

        found = await asyncio.to_thread(
            simulate_policies,
            request,
            months=payload["months"],
            window=window,
            past=past_of(pool, request, on=on, months=window),
            watch=watch,
            is_stopped=context.cancelled,
        )
        context.stop_if_cancelled()
        value = found.to_json()
        # The page shows how even a policy is, not whom chance would have met.
        return value | {"policies": [{k: v for k, v in one.items() if k != "asked"} for one in value["policies"]]}

    async def plan(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Plan a panel for every open matter that says what it needs."""
        context.report(0, code="AHEAD_READING")
        async with reading(context.database) as session:
            matters = await matters_with_need(session, states=("need-set",))
            problems = await pose_all(session, state.residents, matters, **await law(context, session))
            # Somebody put in by hand is a choice that a plan over all matters would have to undo.
            by_hand = [matter for matter, problem in problems.items() if problem.locked_in]
            request = await asyncio.to_thread(
                plan_of, {one: held for one, held in problems.items() if one not in by_hand}, expected=False
            )
            stopped_at = await _stopped_at(session, payload, request)

        def watch(stage: str, done: int, whole: int) -> None:
            context.report(done, whole, f"PLAN_STAGE_{stage.upper()}")

        found = await asyncio.to_thread(
            plan_panels, request, watch=watch, is_stopped=context.cancelled, resume=stopped_at
        )
        return {
            "as_of": context.clock.today().isoformat(),
            "by_hand": [str(matter) for matter in by_hand],
            "went_on": stopped_at is not None,
            "plan": found.to_json(),
        }

    return {SIMULATE: simulate, PLAN: plan}


async def _stopped_at(session: Session, payload: Mapping[str, Any], request: PlanRequest) -> PlanState | None:
    """Return where an earlier plan was stopped; None when it ended, or library or matters have moved since."""
    earlier = await job(session, UUID(payload["resume"])) if "resume" in payload else None
    if earlier is None or earlier.result is None or "plan" not in earlier.result:
        return None
    try:
        return read_state(earlier.result["plan"], request)
    except PanelProblemFaults:
        return None
