"""What the tests of imports of ties share: an import driven through its acts and jobs on a real database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from service.access import Viewer
from service.actions.fact_import import confirm_fact_import, settle_names, start_fact_import
from service.actions.import_runs import Upload
from service.clock import FixedClock
from service.jobs import Worker
from service.jobs.facts import fact_handlers
from service.keys import Keys
from service.regulation import load_edition
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.roster import Line, RosterRun, lines_page, load_run
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, acting
from tests.service.exchange.builders import credit_code, id_number, xlsx
from tests.service.library import Inserted

HEADINGS = ("姓名", "身份证号", "关系类型", "对方名称", "统一社会信用代码", "开始日期", "结束日期", "来源", "依据")


def a_row(**values: object) -> list[object]:
    """Return a row: 赵明 (ZJ number of the library's first) directs the firm with the first credit code."""
    given: dict[str, object] = {
        "姓名": "赵明",
        "身份证号": id_number(1),
        "关系类型": "董事",
        "对方名称": "清源水务有限公司",
        "统一社会信用代码": credit_code(1),
        "开始日期": "2020-01-01",
    } | values
    return [given.get(heading) for heading in HEADINGS]


def a_table(*rows: Sequence[object]) -> bytes:
    """Return a workbook of ties."""
    return xlsx([HEADINGS, *rows], title="关系")


class FactHouse:
    """A database, a clerk of the center, and a worker that does what is due."""

    def __init__(self, database: Database, settings: Settings, viewer: Viewer) -> None:
        self.database, self.settings, self.viewer = database, settings, viewer
        self.keys = Keys.at(settings.var / "secrets.toml")

    async def known(self, library: Inserted, numbers: dict[str, str], codes: dict[str, str]) -> None:
        """Let people of a library be known by identity numbers, organisations by codes."""
        async with unit_of_work(self.database, at=MONDAY) as session:
            for name, number in numbers.items():
                digest = self.keys.identity_hash("resident", number)
                row = update(PersonRow).where(PersonRow.id == library.people[name])
                await session.execute(row.values(identity_hash=digest))
            for name, code in codes.items():
                row = update(OrganisationRow).where(OrganisationRow.id == library.organisations[name])
                await session.execute(row.values(credit_code=code))

    async def upload(self, content: bytes, *, source: str = "企业公示", at: datetime = MONDAY, **values: str) -> UUID:
        """Upload a file and let it be read."""
        async with acting(self.database, self.settings, self.viewer, at) as act:
            upload = Upload("关系.xlsx", content, "statutory-duty")
            run_id = await start_fact_import(act, upload, source=source, **values)
        await self.work(at)
        return run_id

    async def settle(self, run_id: UUID, meant: dict[str, str], at: datetime = MONDAY) -> None:
        """Say whom names mean, and let the file be compared again."""
        async with acting(self.database, self.settings, self.viewer, at) as act:
            await settle_names(act, run_id, meant, seen=(await self.run(run_id)).version)
        await self.work(at)

    async def confirm(self, run_id: UUID, at: datetime = MONDAY) -> RosterRun:
        """Confirm the dry run and let it be carried out."""
        async with acting(self.database, self.settings, self.viewer, at) as act:
            await confirm_fact_import(act, run_id, seen=(await self.run(run_id)).version)
        await self.work(at)
        return await self.run(run_id)

    async def take(self, content: bytes, *, at: datetime = MONDAY, **values: str) -> RosterRun:
        """Upload and confirm."""
        return await self.confirm(await self.upload(content, at=at, **values), at)

    async def work(self, at: datetime = MONDAY) -> int:
        """Do every job that is due."""
        edition = load_edition(self.settings.edition, issued_on=self.settings.edition_issued_on)
        handlers = fact_handlers(self.keys, edition, Residents())
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


def counted(run: RosterRun) -> dict[str, int]:
    """Return the ties by outcome, those that there are."""
    return {name: run.counts[name] for name in ("new", "changed", "identical", "hint", "error") if run.counts.get(name)}
