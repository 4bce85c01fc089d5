"""The job that freezes the problem of a draw and finds its lottery."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from service.actions.draw_freezing import FREEZE, compute, keep_frozen
from service.actions.panels import prepare
from service.clock import day_of
from service.jobs.worker import Handler, JobContext
from service.storage.draws import draft_of
from service.storage.policies import policy_in_force
from service.storage.session import reading, unit_of_work


def draw_handlers(state: Any) -> dict[str, Handler]:
    """Return kind of job -> handler.

    Args:
        state: the application's state, with `residents` and `edition`.
    """

    async def freeze(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Compute a draft; one that was dropped in the meantime is left alone."""
        matter_id, draft_id = UUID(payload["matter"]), UUID(payload["draft"])
        context.report(0, code="DRAW_COMPUTING")
        async with reading(context.database) as session:
            draft = await draft_of(session, matter_id)
            if draft is None or draft.id != draft_id or draft.state != "computing":
                return None
            _, problem = await prepare(
                session,
                state.residents,
                matter_id,
                settings=context.settings,
                edition=state.edition,
                policy=await policy_in_force(session, context.settings.policy, on=day_of(draft.at)),
                on=day_of(draft.at),
            )
        frozen = await asyncio.to_thread(compute, problem)
        context.stop_if_cancelled()
        async with unit_of_work(context.database, at=context.clock.now()) as session:
            await keep_frozen(session, draft_id, frozen)
        return None

    return {FREEZE: freeze}
