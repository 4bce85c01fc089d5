"""Makes a demonstration database empty again."""

from sqlalchemy import Connection, inspect, text

import service.storage.tables  # noqa: F401 -- fills the metadata
from service.storage.base import Base
from service.storage.migrate import VERSION_TABLE, migrate
from service.storage.session import Database


async def clear(database: Database) -> None:
    """Drop every table, the ledger among them, and make the schema anew.

    The ledger's triggers keep single entries from being removed; they do not keep the owner of a database from dropping
    it. That is why only a demonstration is cleared, and why the caller must have made sure that it is one.
    """
    engine = database.engine.execution_options(write=True)
    async with engine.begin() as connection:
        await connection.run_sync(_drop_everything)
    await migrate(database)


def _drop_everything(connection: Connection) -> None:
    Base.metadata.drop_all(connection)
    if inspect(connection).has_table(VERSION_TABLE):
        connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    if connection.dialect.name == "postgresql":
        for function in ("ledger_refuse", "ledger_grow", "appointment_apart"):
            connection.execute(text(f"DROP FUNCTION IF EXISTS {function}()"))
