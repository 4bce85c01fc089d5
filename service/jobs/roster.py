"""Jobs of roster imports: reading a file for its dry run, and carrying a confirmed one out."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry import Terms
from service.actions.act import Act
from service.actions.import_runs import ROSTER
from service.actions.roster_work import DryRun, Prepared, dry_run, prepare, settle_dry_run
from service.actions.roster_writing import draft_import, settle_import
from service.clock import day_of
from service.jobs.acting import act_of_job
from service.jobs.import_run import is_still, telling
from service.jobs.worker import Handler, JobContext
from service.keys import Keys
from service.regulation import Edition
from service.storage.session import Session, reading, unit_of_work


class RosterJobs:
    """The two jobs, with what they need from the composition root."""

    def __init__(self, keys: Keys, edition: Edition) -> None:
        """Keep the secrets and the edition in force."""
        self._keys = keys
        self._edition = edition

    async def check(self, context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Read the file and store its dry run; a run that somebody closed in the meantime is left alone."""
        run_id = UUID(payload["run"])
        if not await is_still(context, run_id, "checking"):
            return None
        prepared, found = await self._look(context, run_id)
        at = context.clock.now()
        async with unit_of_work(context.database, at=at) as session:
            await settle_dry_run(await self._act(context, session, payload), prepared, found)
        return None

    async def confirm(self, context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Carry the dry run out, or store a new one when the library moved."""
        run_id = UUID(payload["run"])
        if not await is_still(context, run_id, "confirming"):
            return None
        prepared, found = await self._look(context, run_id)
        drafts = await asyncio.to_thread(draft_import, prepared, found)
        context.report(95, 100, "ROSTER_WRITING")
        at = context.clock.now()
        async with unit_of_work(context.database, at=at) as session:
            await settle_import(await self._act(context, session, payload), prepared, found, drafts)
        return None

    async def _look(self, context: JobContext, run_id: UUID) -> tuple[Prepared, DryRun]:
        context.report(0, 100, "ROSTER_READING")
        terms = Terms(years=self._edition.number("TERM_EXPIRED", "years"))
        async with reading(context.database) as session:
            prepared = await prepare(session, run_id, keys=self._keys, terms=terms, on=day_of(context.clock.now()))
        return prepared, await asyncio.to_thread(dry_run, prepared, tell=telling(context))

    async def _act(self, context: JobContext, session: Session, payload: Mapping[str, Any]) -> Act:
        return await act_of_job(
            context, session, payload, keys=self._keys, edition=self._edition, operation=ROSTER.operation
        )


def roster_handlers(keys: Keys, edition: Edition) -> dict[str, Handler]:
    """Return kind of job -> handler."""
    jobs = RosterJobs(keys, edition)
    return {ROSTER.check_job: jobs.check, ROSTER.confirm_job: jobs.confirm}
