"""The ledger as pages and JSON: seen by center and audit, verified on demand, proofs to take away."""

import json
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from service import ledger
from service.clock import FixedClock
from service.ids import new_id
from service.jobs import Worker
from service.jobs.handlers import duties, handlers
from service.ledger import Event
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn


@pytest.fixture
async def audit(signed_in: SignedIn) -> httpx.AsyncClient:
    return await signed_in("audit")


@pytest.fixture
async def entries(database: Database, audit: httpx.AsyncClient) -> None:
    """Sixty entries, the last of them of the day after."""
    actor = {"id": str(audit.viewer.account_id), "role": "audit"}  # type: ignore[attr-defined]
    for day, count in ((0, 59), (1, 1)):
        async with unit_of_work(database, at=MONDAY + timedelta(days=day)) as session:
            session.info["events"].extend(
                Event(
                    type="panel.determined" if number % 2 else "panel.proposed",
                    stream=f"matter:m{number % 3}",
                    body={"number": number},
                    actor=actor,
                    cites=("A32.1",),
                )
                for number in range(count)
            )


async def work(app: Litestar, database: Database) -> None:
    """Let a worker do what is due, and one round of its duties."""
    for duty in duties(app.state):
        await duty.do()
    clock = FixedClock(MONDAY + timedelta(days=2))
    worker = Worker(database=database, settings=app.state.settings, clock=clock, handlers=handlers(app.state))
    await worker.run_due()


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


async def test_page_shows_the_newest_first_and_leads_to_older_ones(audit: httpx.AsyncClient, entries: None) -> None:
    first = await audit.get("/ledger")
    second = await audit.get("/ledger?before=11")

    assert 'href="/ledger/60"' in first.text
    assert 'href="/ledger/11"' in first.text
    assert 'href="/ledger/10"' not in first.text
    assert "/ledger?before=11" in first.text
    assert 'href="/ledger/10"' in second.text
    assert "王试" in first.text
    assert "确定专家组" in first.text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("&type=panel.determined", 29),
        ("&type=panel.", 60),
        ("&stream=matter:m1", 20),
        ("&on=2026-09-15", 1),
        ("&on=2026-09-13", 0),
        ("&type=panel.determined&stream=matter:m1", 10),
    ],
)
async def test_entries_are_narrowed_by_type_stream_and_day(
    audit: httpx.AsyncClient, entries: None, query: str, count: int
) -> None:
    found = (await audit.get(f"/api/ledger?most=500{query}")).json()

    assert (len(found["entries"]), found["older"]) == (count, 0)
    assert (await audit.get(f"/ledger?{query[1:]}")).status_code == 200


async def test_day_that_is_none_is_refused_with_its_place(audit: httpx.AsyncClient, entries: None) -> None:
    answer = await audit.get("/api/ledger?on=yesterday")

    assert (answer.status_code, [fault["at"] for fault in answer.json()["faults"]]) == (400, ["on"])
    assert (await audit.get("/ledger?on=yesterday")).status_code == 200


async def test_entry_is_shown_in_full_and_its_proof_convinces_a_stranger(
    app: Litestar, database: Database, audit: httpx.AsyncClient, entries: None
) -> None:
    await work(app, database)

    shown = await audit.get("/ledger/7")
    proof = await audit.get("/ledger/7/proof")
    verifier = (await audit.get("/api/ledger/head")).json()["verifier"]

    assert "&#34;number&#34;: 6" in shown.text
    assert proof.headers["content-disposition"] == 'attachment; filename="ledger-proof-7.json"'
    assert ledger.proof_holds(json.loads(proof.content), verifier=verifier)
    assert (await audit.get("/api/ledger/7/proof")).json() == json.loads(proof.content)


async def test_checkpoint_is_handed_out_once_there_is_one(
    app: Litestar, database: Database, audit: httpx.AsyncClient, entries: None
) -> None:
    assert (await audit.get("/ledger/checkpoint")).status_code == 404
    await work(app, database)

    note = await audit.get("/ledger/checkpoint")

    assert ledger.read_checkpoint(note.text).size == 60
    assert note.headers["content-disposition"] == 'attachment; filename="ledger-60.txt"'
    extension = (await audit.get("/api/ledger/extension?since=40")).json()
    assert ledger.extension_holds(extension)


async def test_verification_is_a_job_whose_result_stays_on_the_page(
    app: Litestar, database: Database, audit: httpx.AsyncClient, entries: None
) -> None:
    assert "还没有全部核对过" in (await audit.get("/ledger")).text
    begun = await audit.post("/ledger/verify", data={"idempotency_key": str(new_id())})
    again = await audit.post("/api/ledger/verification", headers=key())
    assert (begun.status_code, again.status_code, again.json()["state"]) == (303, 202, "queued")
    assert "正在核对" in (await audit.get("/ledger/verification")).text

    await work(app, database)

    found = (await audit.get("/api/ledger/verification")).json()
    assert found["id"] == again.json()["id"]
    assert (found["state"], found["result"]["good"], found["result"]["size"]) == ("done", True, 60)
    assert "60 条记录、1 个检查点都和写下时一样" in (await audit.get("/ledger")).text


async def test_change_that_a_verification_finds_is_said_on_the_page(
    app: Litestar, database: Database, audit: httpx.AsyncClient, entries: None
) -> None:
    async with database.engine.execution_options(write=True).begin() as connection:
        await connection.exec_driver_sql("DROP TRIGGER ledger_event_update")
        await connection.exec_driver_sql("UPDATE ledger_event SET type = 'panel.changed' WHERE seq = 9")
    await audit.post("/api/ledger/verification", headers=key())
    await work(app, database)

    page = (await audit.get("/ledger")).text

    assert "发现改动" in page
    assert "第9条记录的检索栏“type”与记录内容不符" in page


async def test_empty_ledger_has_a_page(audit: httpx.AsyncClient) -> None:
    assert (await audit.get("/ledger")).status_code == 200
    assert (await audit.get("/api/ledger/head")).json()["size"] == 0


@pytest.mark.parametrize("path", ["/ledger/61", "/ledger/61/proof", "/api/ledger/61", "/api/ledger/extension?since=61"])
async def test_what_is_not_there_is_not_found(audit: httpx.AsyncClient, entries: None, path: str) -> None:
    assert (await audit.get(path)).status_code == 404


@pytest.mark.parametrize("role", ["unit", "expert", "system-administrator"])
async def test_ledger_is_not_for_others(signed_in: SignedIn, role: str) -> None:
    other = await signed_in(role)

    assert (await other.get("/ledger")).status_code == 403
    assert (await other.get("/api/ledger")).status_code == 403


async def test_page_is_shown_in_english(audit: httpx.AsyncClient, entries: None) -> None:
    page = (await audit.get("/ledger", headers={"Accept-Language": "en"})).text

    assert "Panel determined" in page
    assert "60 entries" in page


async def test_worker_seals_what_was_determined(app: Litestar, database: Database, entries: None) -> None:
    await work(app, database)

    async with reading(database) as session:
        note = await ledger.newest_checkpoint(session)
    assert note is not None
    assert ledger.read_checkpoint(note).size == 60
