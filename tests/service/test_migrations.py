"""The migrations make the schema that the code works with, on both databases."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from service.storage.base import Base
from service.storage.migrate import migrate
from service.storage.session import Database
from tests.service.postgres import Cluster


def differences(connection: Connection) -> list[Any]:
    found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    return [one for one in found if "schema_version" not in str(one)]


async def test_migrated_sqlite_is_what_the_tables_say(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrated_postgresql_is_what_the_tables_say(cluster: Cluster) -> None:
    database = Database(cluster.fresh_database())
    await migrate(database)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
