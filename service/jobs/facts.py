"""Jobs of imports of ties: reading a file for its dry run, and carrying a confirmed one out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from service.actions.act import Act
from service.actions.fact_import_work import Look, look, settle_import, settle_look
from service.actions.import_runs import FACTS
from service.jobs.acting import act_of_job
from service.jobs.import_run import is_still, telling
from service.jobs.worker import Handler, JobContext
from service.keys import Keys
from service.regulation import Edition
from service.storage.residents import Residents
from service.storage.session import Session, reading, unit_of_work
from service.storage.staff_found import with_found

# What somebody else records between reading and writing is looked at again, so often.
_TRIES: Final = 10


class FactJobs:
    """The two jobs, with what they need from the composition root."""

    def __init__(self, keys: Keys, edition: Edition, residents: Residents) -> None:
        """Keep the secrets, the edition in force, and what stays in memory."""
        self._residents = residents
        self._keys = keys
        self._edition = edition

    async def check(self, context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Read the file and store its dry run; a run that somebody closed in the meantime is left alone."""
        run_id = UUID(payload["run"])
        if not await is_still(context, run_id, "checking"):
            return None
        found = await self._look(context, run_id, payload)
        async with unit_of_work(context.database, at=context.clock.now()) as session:
            await settle_look(await self._act(context, session, payload), found)
        return None

    async def confirm(self, context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Carry the dry run out, or store a new one when the record moved."""
        run_id = UUID(payload["run"])
        for _ in range(_TRIES):
            if not await is_still(context, run_id, "confirming"):
                return None
            found = await self._look(context, run_id, payload)
            context.report(95, 100, "ROSTER_WRITING")
            async with unit_of_work(context.database, at=context.clock.now()) as session:
                settled = await settle_import(await self._act(context, session, payload), found)
            if settled.outcome != "again":
                return None
        raise RuntimeError("the record moved at every look")

    async def _look(self, context: JobContext, run_id: UUID, payload: Mapping[str, Any]) -> Look:
        context.report(0, 100, "FACTS_READING")
        async with reading(context.database) as session:
            viewer = (await self._act(context, session, payload)).viewer
        return await look(context.database, run_id, viewer=viewer, keys=self._keys, tell=telling(context))

    async def _act(self, context: JobContext, session: Session, payload: Mapping[str, Any]) -> Act:
        act = await act_of_job(
            context, session, payload, keys=self._keys, edition=self._edition, operation=FACTS.operation
        )
        viewer = await with_found(session, self._residents, act.viewer, policy_id=act.policy.id, at=act.at)
        return replace(act, viewer=viewer)


def fact_handlers(keys: Keys, edition: Edition, residents: Residents) -> dict[str, Handler]:
    """Return kind of job -> handler."""
    jobs = FactJobs(keys, edition, residents)
    return {FACTS.check_job: jobs.check, FACTS.confirm_job: jobs.confirm}
