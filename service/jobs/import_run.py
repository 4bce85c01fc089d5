"""What the jobs of both imports share: whether a run still waits, and telling how far it is."""

from uuid import UUID

from service.actions.dry_run import Tell
from service.jobs.worker import JobContext
from service.storage.roster import load_run
from service.storage.session import reading


async def is_still(context: JobContext, run_id: UUID, state: str) -> bool:
    """Return whether a run is in a state; somebody may have closed it since the job was queued."""
    async with reading(context.database) as session:
        run = await load_run(session, run_id)
    return run is not None and run.state == state


def telling(context: JobContext) -> Tell:
    """Return what reports how far the work is, and stops it when the job was cancelled."""

    def tell(done: int, total: int) -> None:
        context.stop_if_cancelled()
        context.report(done, total)

    return tell
