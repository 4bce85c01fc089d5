"""Brings a database to the present schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from service.storage.session import Database


async def migrate(database: Database) -> None:
    """Run every migration that the database has not seen; a second run does nothing."""
    engine = database.engine.execution_options(write=True)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
