"""The list of experts over 100,000 of them, against a bare endpoint that runs the same query.

Both answer over the same ASGI application and database, one after the other, best of several rounds. The bare endpoint
returns the page's lines as JSON: what is left is the gate, the sign-in, the template.
"""

import asyncio
import logging
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar, Request, get

from registry import DISCIPLINES, ExpertField
from service.access import Viewer
from service.access.sign_in import start_session, viewer_by_account
from service.app import create_app
from service.clock import FixedClock
from service.ids import new_id
from service.pinyin import pinyin_of
from service.settings import Settings
from service.storage.experts import Sought, list_experts
from service.storage.intake import (
    NewEmployment,
    NewExpert,
    NewOrganisation,
    NewTerm,
    insert_experts,
    insert_organisations,
)
from service.storage.migrate import migrate
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, Session, reading, unit_of_work

AT = datetime(2026, 9, 14, 1, tzinfo=UTC)
TODAY = date(2026, 9, 14)
QUERIES: tuple[tuple[str, str, Sought, str, int], ...] = (
    ("first page", "/experts", Sought(), "name", 1),
    ("one field, appointed", "/experts?field=570&status=appointed", Sought(field="570", status="appointed"), "name", 1),
    ("page 1,000", "/experts?page=1000", Sought(), "name", 1000),
    ("by end of term", "/experts?sort=ends", Sought(), "ends", 1),
)
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗"
_GIVEN = "文静志远立新海燕正平嘉禾建军春梅永强明华"


def a_library(experts: int, *, seed: int = 20260914) -> tuple[list[NewOrganisation], list[NewExpert]]:
    """Return experts with one employer, one or two terms and two fields each, and an organisation for 25 of them."""
    dice = random.Random(seed)
    sounds: dict[str, str] = {}
    units = [
        NewOrganisation(new_id(), f"单位{place}", f"danwei{place} dw{place}", None, "company", "130322")
        for place in range(experts // 25 + 1)
    ]
    codes = list(DISCIPLINES)
    entries = []
    for place in range(experts):
        name = dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(_GIVEN)
        starts_on = date(2019, 1, 1) + timedelta(days=dice.randrange(2900))
        terms = [NewTerm(starts_on, starts_on + timedelta(days=1825))]
        if dice.random() < 0.2:
            terms.append(NewTerm(starts_on - timedelta(days=1826), starts_on - timedelta(days=1)))
        first, second = dice.sample(codes, 2)
        entries.append(
            NewExpert(
                id=new_id(),
                person_id=new_id(),
                number=f"ZJ{place + 1:04d}",
                name=name,
                pinyin=sounds.setdefault(name, pinyin_of(name)),
                identity_kind="resident",
                identity_hash=f"{place:064x}",
                identity_sealed=None,
                identity_masked="130*************0X",
                sex="1",
                born_on=None,
                phone_sealed=None,
                phone_masked="",
                email="",
                title="高级工程师",
                title_level="deputy_senior",
                source="self",
                fields=(ExpertField(first, main=True), ExpertField(second)),
                terms=tuple(terms),
                employments=(NewEmployment(dice.choice(units).id, True, "", None, None),),
            )
        )
    return units, entries


async def fill(session: Session, experts: int) -> str:
    """Write the library and a clerk of the center; return the clerk's token."""
    units, entries = a_library(experts)
    await insert_organisations(session, units, at=AT)
    for start in range(0, len(entries), 5_000):
        await insert_experts(session, entries[start : start + 5_000], at=AT)
    account_id, person_id = new_id(), new_id()
    session.add(PersonRow(id=person_id, name="苏文静", pinyin="suwenjing swj", created_at=AT))
    await session.flush()
    session.add(AccountRow(id=account_id, person_id=person_id, login="center", password_hash="", created_at=AT))
    await session.flush()
    session.add(AccountRoleRow(account_id=account_id, role="center"))
    await session.flush()
    return await start_session(session, account_id, at=AT, hours=12, device="benchmark")


def bare(database: Database, viewer: Viewer) -> Litestar:
    """Return an application with one endpoint that runs the query and answers with its lines."""

    @get("/bare")
    async def lines(request: Request[Any, Any, Any]) -> dict[str, Any]:
        _, _, sought, sort, page = QUERIES[int(request.query_params["query"])]
        async with reading(database) as session:
            listed = await list_experts(session, viewer, sought, on=TODAY, sort=sort, page=page)
        return {"lines": [[line.name, line.number] for line in listed.lines], "total": listed.total}

    return Litestar([lines], openapi_config=None, logging_config=None)


async def seconds(client: httpx.AsyncClient, path: str, rounds: int) -> float:
    """Return the median of several requests, after one that warms up."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        answer = await client.get(path)
        taken.append(time.perf_counter() - start)
        answer.raise_for_status()
    return statistics.median(taken[1:])


async def measure(experts: int, rounds: int, folder: Path) -> None:
    """Fill a database, then print both figures and their ratio for each query."""
    settings = Settings.from_environment({"EXPERTPOOL_VAR": str(folder), "EXPERTPOOL_LOG_LEVEL": "ERROR"})
    database = Database(settings.database_url)
    await migrate(database)
    start = time.perf_counter()
    async with unit_of_work(database, at=AT) as session:
        token = await fill(session, experts)
    print(f"list page over {experts:,} experts (written in {time.perf_counter() - start:.1f} s)")
    app = create_app(settings, clock=FixedClock(AT), worker=False)
    async with reading(database) as session:
        account_id = await session.scalar(AccountRow.__table__.select().with_only_columns(AccountRow.id))
        viewer = await viewer_by_account(session, account_id, session_digest="0" * 16)
    if viewer is None:
        raise RuntimeError("the clerk was not kept")
    naked = httpx.AsyncClient(transport=httpx.ASGITransport(app=bare(database, viewer)), base_url="http://localhost")
    full = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost", cookies={"session": token}
    )
    async with app.lifespan(), naked, full:
        for place, (name, path, *_) in enumerate(QUERIES):
            query = await seconds(naked, f"/bare?query={place}", rounds)
            whole = await seconds(full, path, rounds)
            print(
                f"  {name:24} page {whole * 1e3:7.1f} ms, bare endpoint {query * 1e3:7.1f} ms: "
                f"{whole / query:.2f} times"
            )
    await database.close()


def run(short: bool = False) -> None:
    """Print the figures; `short` runs a small library."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(1_000 if short else 100_000, 3 if short else 7, Path(folder)))
