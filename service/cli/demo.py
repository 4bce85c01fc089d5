"""`expertpool demo`: the demonstration county and sample rosters."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.demo.accounts import DEMO_ACCOUNTS
from service.settings import Settings, SettingsInvalid

# The database is imported by the commands that open one: printing sign-ins must not wait for it.
if TYPE_CHECKING:
    from service.storage.session import Database


@click.group("demo")
def command() -> None:
    """The demonstration county (示范县): 300 experts, 40 organisations, two years of matters, public passwords.

    In production mode every command of this group refuses.
    """


@command.command()
def load() -> None:
    """Load the demonstration county into an empty database.

    Takes some seconds; the same county every time. A database that holds anything is left as it is.
    """
    from service.cli.as_user import run

    if run(_load(_demo_settings())):
        click.echo("The demonstration county is loaded. `expertpool demo accounts` prints the sign-ins.")
        return
    click.echo("The database is not empty: nothing was loaded. `expertpool demo clear` makes it empty.", err=True)
    raise click.exceptions.Exit(3)


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(yes: bool) -> None:
    """Make a demonstration database empty: everything in it is lost, what you entered yourself too.

    Stop the service first. A database that was not loaded as a demonstration is refused.
    """
    from service.cli.as_user import run

    settings = _demo_settings()
    if not run(_holds_the_demonstration(settings)):
        click.echo("This database does not hold the demonstration county; it is not touched.", err=True)
        raise click.exceptions.Exit(3)
    if not yes:
        click.confirm("Remove the demonstration county and everything entered into it?", abort=True)
    run(_clear(settings))
    click.echo("The database is empty. `expertpool demo load` or `make run` loads the county again.")


async def _load(settings: Settings) -> bool:
    from service.demo.load import load_when_empty

    async with _migrated(settings) as database:
        return await load_when_empty(database, settings)


async def _holds_the_demonstration(settings: Settings) -> bool:
    from service.demo.load import is_demonstration

    async with _migrated(settings) as database:
        return await is_demonstration(database)


async def _clear(settings: Settings) -> None:
    from service.storage.clear import clear as clear_database

    async with _migrated(settings) as database:
        await clear_database(database)


@asynccontextmanager
async def _migrated(settings: Settings) -> AsyncIterator["Database"]:
    from service.storage.migrate import migrate
    from service.storage.session import Database

    database = Database(settings.database_url)
    try:
        await migrate(database)
        yield database
    finally:
        await database.close()


@command.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--messy", is_flag=True, help="As offices keep their lists: title row, odd dates, notes, some faults.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def roster(file: Path, messy: bool, force: bool) -> None:
    """Write a sample roster to FILE (.xlsx), to try the import with.

    It holds 47 people: new ones, some who are in the demonstration county's library already, and some of whom the
    library knows other particulars.
    """
    _demo_settings()
    if file.suffix.lower() != ".xlsx":
        raise click.UsageError(f"{file.name}: the roster is an Excel workbook; give the file a name ending in .xlsx.")
    if file.exists() and not force:
        raise click.UsageError(f"{file.name} is there already; choose another name, or --force to write over it.")
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"{file.parent} is no folder; make it first.")
    from service.demo.roster import roster_workbook

    file.write_bytes(roster_workbook(messy=messy))
    click.echo(f"Wrote {file}. Try: expertpool import {file} --as center")


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def accounts(as_json: bool) -> None:
    """Print the demonstration sign-ins, one for each role that has a page."""
    _demo_settings()
    if as_json:
        rows = [
            {"login": account.login, "password": account.password, "roles": list(account.roles), "name": account.name}
            for account in DEMO_ACCOUNTS
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len(account.login) for account in DEMO_ACCOUNTS)
    for account in DEMO_ACCOUNTS:
        click.echo(f"{account.login:<{width}}  {account.password}  {account.role_zh} · {account.role_en}")


def _demo_settings() -> Settings:
    try:
        settings = Settings.from_environment()
    except SettingsInvalid as fault:
        raise click.UsageError(str(fault)) from None
    if settings.mode == "production":
        click.echo("EXPERTPOOL_MODE is production: there is no demonstration county here.", err=True)
        raise click.exceptions.Exit(3)
    return settings
