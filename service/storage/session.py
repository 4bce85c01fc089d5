"""The database: one engine, units of work that write, and reading sessions.

SQLite runs WAL with synchronous=FULL: NORMAL may lose acknowledged work on a power cut. A unit of work begins with
BEGIN IMMEDIATE, because a read that turns into a write fails at once when another writer came between.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as SyncSession

from service import ledger

Session = AsyncSession


class Database:
    """The engine of one database; made once by the composition root, closed by it."""

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is opened before the first use."""
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self.url = url
        options: dict[str, Any] = {}
        if self.sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            options = {"connect_args": {"timeout": 10}}
        else:
            options = {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
        # Parameters are names and numbers of people: an error that reaches the log must not repeat them.
        self.engine: AsyncEngine = create_async_engine(url, hide_parameters=True, **options)
        if self.sqlite:
            event.listen(self.engine.sync_engine, "do_connect", _keep_to_owner)
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@asynccontextmanager
async def unit_of_work(database: Database, *, at: datetime) -> AsyncIterator[Session]:
    """Open the one transaction of an act, and commit it when the block ends without an exception.

    Events recorded on the way are appended to the ledger as the last statements before the commit, so that the
    ledger's head is held as short as possible.

    Args:
        database: where.
        at: the instant of the act; every event of the unit bears it.
    """
    engine = database.engine.execution_options(write=True)
    async with AsyncSession(engine, expire_on_commit=False, autoflush=True) as session, session.begin():
        session.info["events"] = []
        yield session
        if events := session.info["events"]:
            await session.flush()
            await ledger.append(session, events, at=at)


class _ReadingSession(SyncSession):
    """A session that takes no locks: PostgreSQL refuses them where nothing may be written, SQLite would say nothing."""


@event.listens_for(_ReadingSession, "do_orm_execute")
def _refuse_locks(state: ORMExecuteState) -> None:
    if getattr(state.statement, "_for_update_arg", None) is not None:
        raise RuntimeError("a session that only reads cannot hold a row: load it without a lock")


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Session]:
    """Open a session that only reads, on one consistent snapshot."""
    options = {} if database.sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    engine = database.engine.execution_options(**options)
    async with AsyncSession(
        engine, sync_session_class=_ReadingSession, expire_on_commit=False, autoflush=False
    ) as session:
        yield session


def _keep_to_owner(_dialect: object, _record: object, where: list[Any], _options: object) -> None:
    # SQLite makes its file as the umask says, and gives the log beside it the rights of the file: it must find one.
    if where and where[0] != ":memory:":
        Path(where[0]).touch(mode=0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions on its own: BEGIN is ours to choose.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
