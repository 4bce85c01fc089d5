"""What the tests of roster imports share: an import driven through its acts and jobs on a real database."""

from datetime import datetime
from uuid import UUID

from service.access import Viewer
from service.actions.import_runs import Upload
from service.actions.roster import confirm_import, start_import
from service.clock import FixedClock
from service.jobs import Worker
from service.jobs.roster import roster_handlers
from service.keys import Keys
from service.regulation import load_edition
from service.settings import Settings
from service.storage.roster import Line, RosterRun, lines_page, load_run
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, acting


class House:
    """A database, a clerk of the center, and a worker that does what is due."""

    def __init__(self, database: Database, settings: Settings, viewer: Viewer) -> None:
        self.database, self.settings, self.viewer = database, settings, viewer
        self.keys = Keys.at(settings.var / "secrets.toml")

    async def upload(self, content: bytes, **values: object) -> UUID:
        """Upload a file and let it be read."""
        async with acting(self.database, self.settings, self.viewer) as act:
            run_id = await start_import(act, Upload("名单.xlsx", content, "statutory-duty", **values))  # type: ignore[arg-type]
        await self.work()
        return run_id

    async def confirm(self, run_id: UUID) -> RosterRun:
        """Confirm the dry run and let it be carried out."""
        run = await self.run(run_id)
        async with acting(self.database, self.settings, self.viewer) as act:
            await confirm_import(act, run_id, seen=run.version)
        await self.work()
        return await self.run(run_id)

    async def work(self, at: datetime = MONDAY) -> int:
        """Do every job that is due."""
        edition = load_edition(self.settings.edition, issued_on=self.settings.edition_issued_on)
        handlers = roster_handlers(self.keys, edition)
        worker = Worker(database=self.database, settings=self.settings, clock=FixedClock(at), handlers=handlers)
        return await worker.run_due()

    async def run(self, run_id: UUID) -> RosterRun:
        """Return the run."""
        async with reading(self.database) as session:
            run = await load_run(session, run_id)
        assert run is not None
        return run

    async def lines(self, run_id: UUID, outcome: str) -> list[Line]:
        """Return the first page of lines of an outcome."""
        async with reading(self.database) as session:
            return (await lines_page(session, self.keys, run_id, outcome, 1))[0]
