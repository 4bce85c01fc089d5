"""Fixtures of the service tests: a real database per test, the application over it, people signed in."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from service.access import Viewer
from service.access.sign_in import start_session, viewer_by_account
from service.actions.act import Act
from service.app import bare_app, furnish
from service.clock import FixedClock
from service.ids import new_id
from service.keys import Keys
from service.locales import Catalogues, install, use_language
from service.regulation import load_edition, load_policy
from service.settings import Settings
from service.storage.migrate import migrate
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.postgres import Cluster

MONDAY = datetime(2026, 9, 14, 1, 0, tzinfo=UTC)  # 09:00 in China


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test that asks for `engine` run on both databases."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Name the database of this test."""
    return str(request.param)


@pytest.fixture(scope="session")
def cluster():
    """One PostgreSQL cluster for the run, started when the first test asks."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{path}")
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture(autouse=True)
def chinese() -> None:
    """Every test begins in Chinese."""
    use_language("zh")


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> Catalogues:
    """The message catalogues, installed."""
    return install(Catalogues.load())


@pytest.fixture
def settings(tmp_path: Path, template: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings of a fresh installation in a folder of its own."""
    var = tmp_path / "var"
    var.mkdir()
    wanted = os.environ.get("DB", "sqlite")
    if "engine" in request.fixturenames:
        wanted = request.getfixturevalue("engine")
    if wanted == "postgres":
        url = request.getfixturevalue("cluster").fresh_database()
    else:
        shutil.copy(template, var / "expertpool.sqlite3")
        url = f"sqlite+aiosqlite:///{var / 'expertpool.sqlite3'}"
    return Settings.from_environment({"EXPERTPOOL_VAR": str(var), "EXPERTPOOL_DATABASE_URL": url})


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The migrated database of this test."""
    database = Database(settings.database_url)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def keys(settings: Settings) -> Keys:
    """The secrets of this test's installation."""
    return Keys.at(settings.var / "secrets.toml")


@pytest.fixture
def clock() -> FixedClock:
    """Monday 2026-09-14, nine in the morning in China."""
    return FixedClock(MONDAY)


@pytest.fixture(scope="session")
def bare() -> Litestar:
    """Routes, catalogues and templates, which no test changes: building them takes more than a second."""
    return bare_app()


@pytest.fixture
async def app(bare: Litestar, settings: Settings, clock: FixedClock) -> AsyncIterator[Litestar]:
    """The application, furnished anew and running."""
    furnish(bare, settings, clock=clock, worker=False)
    async with running(bare):
        yield bare


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """Run the application's lifespan in a task of its own: its context must be left where it was entered."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
    try:
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a sign-in."""
    async with browser(app) as client:
        yield client


def browser(app: Litestar, token: str = "") -> httpx.AsyncClient:
    """Return an HTTP client on the application, signed in when a token is given."""
    headers = {"Accept-Language": "zh-CN", "Sec-Fetch-Site": "same-origin"}
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost:8000", headers=headers
    )
    if token:
        client.cookies.set("session", token)
    return client


SignedIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def signed_in(app: Litestar, database: Database) -> AsyncIterator[SignedIn]:
    """Return a function that signs someone in: `await signed_in("center")`."""
    clients: list[httpx.AsyncClient] = []

    async def sign_in(
        *roles: str, unit_id: UUID | None = None, login: str = "", person_id: UUID | None = None
    ) -> httpx.AsyncClient:
        viewer = await an_account(database, *roles, unit_id=unit_id, login=login, person_id=person_id)
        async with unit_of_work(database, at=MONDAY) as session:
            token = await start_session(session, viewer.account_id, at=MONDAY, hours=12, device="test")
        client = browser(app, token)
        client.viewer = viewer  # type: ignore[attr-defined]
        clients.append(client)
        return client

    yield sign_in
    for client in clients:
        await client.aclose()


@pytest.fixture
async def as_center(signed_in: SignedIn) -> httpx.AsyncClient:
    """A clerk of the consulting center, signed in."""
    return await signed_in("center")


@pytest.fixture
async def as_unit(signed_in: SignedIn, database: Database) -> httpx.AsyncClient:
    """A clerk of an undertaking unit, signed in."""
    return await signed_in("unit", unit_id=await a_unit(database))


async def an_account(
    database: Database, *roles: str, unit_id: UUID | None = None, login: str = "", person_id: UUID | None = None
) -> Viewer:
    """Insert an account of a person, and the person too when none is named, and return its viewer."""
    account_id, stranger = new_id(), person_id is None
    person_id = person_id or new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        if stranger:
            session.add(PersonRow(id=person_id, name="王试", pinyin="wangshi ws", created_at=MONDAY))
        await session.flush()
        session.add(
            AccountRow(
                id=account_id,
                person_id=person_id,
                login=login or f"user-{account_id.hex[-12:]}",
                password_hash="",
                unit_id=unit_id,
                created_at=MONDAY,
            )
        )
        await session.flush()
        session.add_all(AccountRoleRow(account_id=account_id, role=role) for role in roles)
    async with reading(database) as session:
        viewer = await viewer_by_account(session, account_id, session_digest="0" * 16)
    assert viewer is not None
    return viewer


async def a_unit(database: Database, name: str = "县水利局") -> UUID:
    """Insert an organisation."""
    unit_id = new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(
            OrganisationRow(id=unit_id, name=name, pinyin="", kind="bureau", region="139900", created_at=MONDAY)
        )
    return unit_id


@asynccontextmanager
async def acting(database: Database, settings: Settings, viewer: Viewer, at: datetime = MONDAY) -> AsyncIterator[Act]:
    """Open a unit of work in which `viewer` acts."""
    async with unit_of_work(database, at=at) as session:
        yield Act(
            session=session,
            viewer=viewer,
            at=at,
            keys=Keys.at(settings.var / "secrets.toml"),
            settings=settings,
            edition=load_edition(settings.edition, issued_on=settings.edition_issued_on),
            policy=load_policy(settings.policy),
        )
