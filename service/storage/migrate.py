"""Brings a database to the present schema."""

from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.storage.session import Database

VERSION_TABLE: Final = "schema_version"
_SCRIPTS: Final = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Run every migration that the database has not seen; a second run does nothing."""
    engine = database.engine.execution_options(write=True)
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    if context.get_current_heads() == _newest():
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def _newest() -> tuple[str, ...]:
    """Return the last revisions; to find them every migration is read."""
    return tuple(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
