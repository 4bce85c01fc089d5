"""`expertpool serve`: the whole service on one address."""

import asyncio
import sys

import click

from service.cli.as_user import settings_or_exit
from service.settings import Settings


@click.command()
@click.option("--no-demo", is_flag=True, help="Do not load the demonstration county into an empty database.")
def command(no_demo: bool) -> None:
    """Migrate the database, load the demonstration county when it is empty, and serve.

    HOST and PORT choose the address; all settings are in docs/operations.md.
    """
    settings = settings_or_exit()
    sign_ins, begun = asyncio.run(_prepare(settings, demo=settings.mode == "demo" and not no_demo))
    _announce(settings, sign_ins, begun=begun)
    _serve(settings)


async def _prepare(settings: Settings, *, demo: bool) -> tuple[frozenset[str], bool]:
    """Migrate and load; return the demonstration sign-ins that stand, and whether there is any account."""
    from service.demo.accounts import DEMO_ACCOUNTS
    from service.demo.load import is_demonstration, load_when_empty
    from service.storage import accounts
    from service.storage.migrate import migrate
    from service.storage.session import Database, reading

    database = Database(settings.database_url)
    try:
        await migrate(database)
        if settings.mode == "production" and await is_demonstration(database):
            raise click.UsageError(
                "The database holds the demonstration county, whose passwords are public. "
                "Run `EXPERTPOOL_MODE=demo expertpool demo clear` first, or name another database."
            )
        if demo:
            await load_when_empty(database, settings)
        async with reading(database) as session:
            standing = await accounts.active_logins(session, [account.login for account in DEMO_ACCOUNTS])
            return (standing if settings.mode == "demo" else frozenset()), await accounts.anybody(session)
    finally:
        await database.close()


def _announce(settings: Settings, sign_ins: frozenset[str], *, begun: bool) -> None:
    from service.demo.accounts import DEMO_ACCOUNTS

    click.echo(f"\n  expertpool  ·  {settings.base_url}\n")
    if not begun:
        click.echo(
            "  There is no account yet. Add the first system administrator: expertpool user add --first --help\n"
        )
    shown = [account for account in DEMO_ACCOUNTS if account.login in sign_ins]
    if shown:
        width = max(len(account.login) for account in shown)
        click.echo("  Demonstration sign-ins (login / password):")
        for account in shown:
            click.echo(f"    {account.login:<{width}}  {account.password}  {account.role_zh} · {account.role_en}")
        click.echo("")
    sys.stdout.flush()


def _serve(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        target="service.asgi:create",
        factory=True,
        address="127.0.0.1" if settings.host == "localhost" else settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1 if settings.sqlite else settings.workers,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()
