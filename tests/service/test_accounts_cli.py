"""`expertpool user`: the first administrator of a fresh installation, and everything after."""

import asyncio
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.cli.user import command
from service.settings import Settings
from service.storage import accounts
from service.storage.migrate import migrate
from service.storage.session import Database, reading

PASSWORD = "Correct-horse-9"


def user(settings: Settings, *arguments: str, typed: str = "") -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(command, list(arguments), env=environment, input=typed)


@pytest.fixture
def installation(settings: Settings) -> Settings:
    """An installation with its first system administrator."""
    added = user(settings, "add", "--first", "--login", "system", "--name", "田野", "--password-stdin", typed=PASSWORD)
    assert added.exit_code == 0, added.output
    return settings


def account(settings: Settings, login: str) -> accounts.Account:
    async def find() -> Any:
        database = Database(settings.database_url)
        await migrate(database)
        async with reading(database) as session:
            found = await accounts.account_by_login(session, login)
        await database.close()
        return found

    return asyncio.run(find())


def test_first_administrator_is_asked_for_the_password_twice(settings: Settings) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"

    added = user(settings, "add", "--first", "--login", "System", "--name", "田野", typed=typed)

    assert (added.exit_code, PASSWORD in added.output) == (0, False)
    found = account(settings, "system")
    assert (found.roles, found.has_password) == (("system-administrator",), True)


def test_second_first_administrator_is_refused(installation: Settings) -> None:
    again = user(installation, "add", "--first", "--login", "two", "--name", "乙", "--password-stdin", typed=PASSWORD)

    assert (again.exit_code, "There are accounts already" in again.stderr) == (3, True)


def test_weak_password_of_the_first_administrator_is_bad_input(settings: Settings) -> None:
    weak = user(settings, "add", "--first", "--login", "system", "--name", "田野", "--password-stdin", typed="secret")

    assert (weak.exit_code, "at least 10 characters" in weak.stderr) == (2, True)


def test_added_person_gets_a_link_and_nobody_a_password(installation: Settings) -> None:
    added = user(installation, "add", "--as", "system", "--login", "audit", "--name", "郭正平", "--role", "audit")

    assert added.exit_code == 0
    assert added.stdout.startswith("http://localhost:8000/recover/")
    assert not account(installation, "audit").has_password


def test_accounts_are_listed_with_their_state(installation: Settings) -> None:
    user(installation, "add", "--as", "system", "--login", "audit", "--name", "郭正平", "--role", "audit")

    listed = user(installation, "list", "--as", "system").stdout.strip().split("\n")

    assert [line.split()[:2] for line in listed] == [["audit", "no"], ["system", "active"]]


def test_closed_account_is_listed_only_when_asked_for(installation: Settings) -> None:
    user(installation, "add", "--as", "system", "--login", "audit", "--name", "郭正平", "--role", "audit")

    assert user(installation, "close", "audit", "--as", "system").exit_code == 0
    assert len(user(installation, "list", "--as", "system").stdout.strip().split("\n")) == 1
    assert len(user(installation, "list", "--as", "system", "--all").stdout.strip().split("\n")) == 2


def test_last_administrator_is_not_closed(installation: Settings) -> None:
    refused = user(installation, "close", "system", "--as", "system")

    assert refused.exit_code == 3
    assert "This is the last system administrator" in refused.stderr


def test_operator_of_the_machine_helps_a_system_administrator_only(installation: Settings) -> None:
    user(installation, "add", "--as", "system", "--login", "audit", "--name", "郭正平", "--role", "audit")

    assert user(installation, "reset-password", "system").stdout.startswith("http://localhost:8000/recover/")
    assert user(installation, "reset-password", "audit").exit_code == 3
    assert user(installation, "reset-password", "audit", "--as", "system").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "--login", "x1"), "give --as LOGIN, or --first"),
        (("add", "--first", "--login", "x1", "--role", "audit"), "--first adds a system administrator"),
        (("add", "--as", "nobody", "--login", "x1", "--role", "audit"), "there is no such active account"),
        (("add", "--as", "system", "--login", "x1", "--role", "unit", "--unit", "无"), "there is no such unit"),
        (("close", "nobody", "--as", "system"), "there is no such account"),
        (("list",), "Missing option '--as'"),
    ],
)
def test_bad_input_ends_with_two_and_its_remedy(installation: Settings, arguments: tuple[str, ...], says: str) -> None:
    refused = user(installation, *arguments)

    assert (refused.exit_code, says in refused.stderr) == (2, True)
