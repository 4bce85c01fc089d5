"""`expertpool doctor`: rows that are not what the ledger says are found, and put right when asked."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.cli.doctor import command
from service.demo.load import load_when_empty
from service.settings import Settings
from service.storage.migrate import migrate
from service.storage.session import Database


def doctor(settings: Settings, *arguments: str) -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(command, list(arguments), env=environment)


def sql(settings: Settings, *statements: str) -> None:
    """Run statements as somebody who has the database's file."""
    with closing(sqlite3.connect(settings.var / "expertpool.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration county, loaded once: its matters came about through their streams."""
    var = tmp_path_factory.mktemp("county")

    async def work() -> None:
        settings = Settings.from_environment({"EXPERTPOOL_VAR": str(var)})
        database = Database(settings.database_url)
        await migrate(database)
        assert await load_when_empty(database, settings)
        await database.close()

    asyncio.run(work())
    return var


@pytest.fixture
def county(loaded: Path, tmp_path: Path) -> Settings:
    """A copy of the demonstration county."""
    var = shutil.copytree(loaded, tmp_path / "county")
    return Settings.from_environment({"EXPERTPOOL_VAR": str(var)})


def test_empty_installation_is_well(settings: Settings) -> None:
    said = doctor(settings)

    assert (said.exit_code, said.stdout) == (0, "All well: 0 matters are what 0 ledger entries say.\n")


def test_changed_rows_are_found_each_with_its_place_and_put_right_from_the_ledger(county: Settings) -> None:
    newest = "(SELECT id FROM matter WHERE state = 'determined' ORDER BY number DESC LIMIT 1)"
    sql(
        county,
        f"UPDATE matter SET state = 'cancelled' WHERE id = {newest}",
        "DELETE FROM panel_member WHERE role = 'member' AND position = 0"
        " AND panel_id = (SELECT id FROM panel WHERE state = 'determined' ORDER BY id LIMIT 1)",
    )

    found = doctor(county)
    repaired = doctor(county, "--repair")

    lines = sorted(line.partition(": ")[2] for line in found.stderr.strip().split("\n"))
    assert (found.exit_code, len(lines)) == (3, 2)
    assert (lines[0].startswith("matter "), lines[0].endswith(" state")) == (True, True)
    assert lines[1] == "panel_member round 0 member 0 row missing"
    assert (repaired.exit_code, "were put right from the ledger" in repaired.stdout) == (0, True)
    assert doctor(county).exit_code == 0


def test_ledger_that_was_changed_is_not_used_to_repair_anything(county: Settings) -> None:
    sql(
        county,
        "DROP TRIGGER ledger_event_update",
        "UPDATE ledger_event SET type = 'matter.cancelled' WHERE seq = 5",
        "UPDATE matter SET state = 'cancelled' WHERE number = (SELECT max(number) FROM matter)",
    )

    said = doctor(county, "--repair")

    assert said.exit_code == 3
    assert "ledger: Column type of entry 5 says something else" in said.stderr
    assert "put right" not in said.stdout
