"""Files of lists: the scan of the approval, and the letters of a whole list by a job."""

import base64
import io
import zipfile
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from service import ledger
from service.actions.batch_files import attach_approval, order_letters
from service.clock import FixedClock
from service.jobs import Job, Worker, job
from service.jobs.letters import letter_handlers
from service.jobs.queue import request_cancel
from service.keys import Keys
from service.problems import Forbidden, NotFound, Refused
from service.regulation import load_edition
from service.settings import Settings
from service.storage.batch_files import APPROVAL, drop_old_letters, files_of_batch
from service.storage.letters import letters_on
from service.storage.rows.library_files import BatchFileRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import House, a_house, an_entry
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.review.house import a_pdf

_KEYS = count()


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


def key(version: int | None = None) -> dict[str, str]:
    held = {"Idempotency-Key": f"files-{next(_KEYS):06d}"}
    return held if version is None else held | {"If-Match": f'"{version}"'}


async def a_list(house: House, *names: str) -> UUID:
    return await house.proposed([await house.checked(an_entry(name)) for name in names])


async def a_lettered_list(house: House, *names: str) -> UUID:
    batch_id = await a_list(house, *names)
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)
    return batch_id


async def worked(house: House) -> None:
    settings = house.settings
    state = SimpleNamespace(
        secrets=Keys.at(settings.var / "secrets.toml"),
        edition=load_edition(settings.edition, issued_on=settings.edition_issued_on),
    )
    worker = Worker(
        database=house.database, settings=settings, clock=FixedClock(MONDAY), handlers=letter_handlers(state)
    )
    await worker.run_due()


async def standing(house: House, job_id: UUID) -> Job:
    async with reading(house.database) as session:
        held = await job(session, job_id)
    assert held is not None
    return held


@pytest.mark.rule("R24b")
async def test_scan_of_the_approval_is_attached_to_a_decided_list_by_who_decides(house: House) -> None:
    batch_id = await a_list(house, "何一")
    async with house.acts(house.office) as act:
        with pytest.raises(Refused) as refused:
            await attach_approval(act, batch_id, a_pdf(), seen=(await house.batch(batch_id)).version)
    assert [one.code for one in refused.value.refusals] == ["BATCH_NOT_DECIDED"]
    await house.decided(batch_id, house.office)
    seen = (await house.batch(batch_id)).version
    async with house.acts(house.center) as act:
        with pytest.raises(Forbidden):
            await attach_approval(act, batch_id, a_pdf(), seen=seen)

    async with house.acts(house.office) as act:
        file_id = await attach_approval(act, batch_id, a_pdf(), seen=seen)

    async with reading(house.database) as session:
        (held,) = await files_of_batch(session, batch_id, APPROVAL)
        entries = await ledger.stream(session, f"batch:{batch_id}")
    assert (held.id, entries[-1].type, entries[-1].value()["body"]["sha256"]) == (
        file_id,
        "batch.approval_attached",
        held.sha256,
    )


async def test_scan_is_judged_by_its_content_and_fetched_again(
    house: House, signed_in: SignedIn, as_center: httpx.AsyncClient
) -> None:
    batch_id = await a_list(house, "何一")
    await house.decided(batch_id, house.office)
    office, unit = await signed_in("office"), await signed_in("unit")
    path, seen = f"/api/batches/{batch_id}/approval", (await house.batch(batch_id)).version

    wrong = await office.post(path, json={"content": base64.b64encode(b"MZ no pdf").decode()}, headers=key(seen))
    assert (wrong.status_code, wrong.json()["faults"][0]["code"]) == (400, "FILE_NOT_A_SCAN")
    made = await office.post(path, json={"content": base64.b64encode(a_pdf()).decode()}, headers=key(seen))

    assert made.status_code == 201
    fetched = await as_center.get(made.headers["location"])
    assert (fetched.content[:5], (await unit.get(made.headers["location"])).status_code) == (b"%PDF-", 404)
    assert "审定文件扫描件" in (await as_center.get(f"/batches/{batch_id}")).text


async def test_scan_is_attached_by_the_form_and_a_wrong_file_is_said_there(house: House, signed_in: SignedIn) -> None:
    batch_id = await a_list(house, "何一")
    await house.decided(batch_id, house.office)
    office = await signed_in("office")

    async def sent(content: bytes) -> httpx.Response:
        data = {"idempotency_key": f"files-{next(_KEYS):06d}", "version": str((await house.batch(batch_id)).version)}
        return await office.post(f"/batches/{batch_id}/approval", data=data, files={"scan": ("审定.pdf", content)})

    assert (await sent(b"text")).status_code == 400
    assert (await sent(a_pdf())).status_code == 303


@pytest.mark.rule("R24c")
async def test_letters_of_a_list_are_set_one_by_one_and_the_printing_is_noted(
    house: House, as_center: httpx.AsyncClient
) -> None:
    batch_id = await a_lettered_list(house, "何一", "何二")
    ordered = await as_center.post(f"/api/batches/{batch_id}/print-all", headers=key())
    assert (ordered.status_code, ordered.json()["state"]) == (202, "queued")
    await worked(house)

    done = (await as_center.get(ordered.headers["location"])).json()

    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2)
    fetched = await as_center.get(f"/api/batches/{batch_id}/letters/{done['file']}")
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as files:
        assert sorted(files.namelist()) == ["示决聘〔2026〕001号.pdf", "示决聘〔2026〕002号.pdf"]
        assert all(files.read(name)[:5] == b"%PDF-" for name in files.namelist())
    async with reading(house.database) as session:
        assert [one.printed for one in await letters_on(session, batch_id)] == [1, 1]
    page = ordered.headers["location"].removeprefix("/api")
    assert "下载全部聘书" in (await as_center.get(page)).text
    assert (await as_center.get(f"{page}/progress")).headers["hx-redirect"] == page


async def test_printed_letters_are_for_who_asked_and_go_after_a_day(
    house: House, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    batch_id = await a_lettered_list(house, "何一", "何二")
    ordered = await as_center.post(f"/api/batches/{batch_id}/print-all", headers=key())
    await worked(house)
    done = (await as_center.get(ordered.headers["location"])).json()
    colleague = await signed_in("center")

    assert (await colleague.get(ordered.headers["location"])).status_code == 404
    assert (await colleague.get(f"/api/batches/{batch_id}/letters/{done['file']}")).status_code == 403
    for hours, kept in ((24, 1), (25, 0)):
        async with unit_of_work(house.database, at=MONDAY) as session:
            await drop_old_letters(session, at=MONDAY + timedelta(hours=hours))
        async with reading(house.database) as session:
            assert await session.scalar(select(func.count()).select_from(BatchFileRow)) == kept


async def test_cancelled_printing_leaves_nothing(house: House) -> None:
    batch_id = await a_lettered_list(house, "何一", "何二")
    async with house.acts(house.center) as act:
        job_id = await order_letters(act, batch_id)
    async with unit_of_work(house.database, at=MONDAY) as session:
        assert await request_cancel(session, job_id, at=MONDAY)
    await worked(house)

    assert (await standing(house, job_id)).state == "cancelled"
    async with reading(house.database) as session:
        assert [one.printed for one in await letters_on(session, batch_id)] == [0, 0]
        assert await session.scalar(select(func.count()).select_from(BatchFileRow)) == 0


async def test_only_the_center_orders_letters_and_only_where_there_are_some(house: House) -> None:
    batch_id = await a_list(house, "何一")
    async with house.acts(house.center) as act:
        with pytest.raises(NotFound):
            await order_letters(act, batch_id)
    for viewer in (house.office, await an_account(house.database, "audit")):
        async with house.acts(viewer) as act:
            with pytest.raises(Forbidden):
                await order_letters(act, batch_id)
