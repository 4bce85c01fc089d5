"""`expertpool user`: the first system administrator, and accounts from the command line."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

import click

from service.access.viewer import ROLES

if TYPE_CHECKING:
    from service.cli.as_user import House
    from service.storage.accounts import Account

_AS = click.option("--as", "as_login", required=True, help="Login of the system administrator who acts.")


@click.group("user")
def command() -> None:
    """Accounts: add the first system administrator, then add, list, close, and let people set a new password.

    Nobody learns another person's password: `add` and `reset-password` print a one-time link, valid for thirty minutes.
    """


@command.command()
@click.option("--first", is_flag=True, help="Add the first system administrator; asks for the password.")
@click.option("--as", "as_login", help="Login of the system administrator who acts; not with --first.")
@click.option("--login", required=True, help="Small letters, digits, dot, hyphen; 2 to 32 characters.")
@click.option("--name", default="", help="The person's name.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Repeatable; not with --first.")
@click.option("--unit", default="", help="Name or credit code of the unit; needed for the role unit.")
@click.option("--email", default="", help="Where notices go.")
@click.option("--same-person-as", default="", help="Login of another account of the same person.")
@click.option("--expert", "expert_number", default="", help="Number of the expert who the person is.")
@click.option("--password-stdin", is_flag=True, help="With --first: read the password from standard input.")
def add(
    first: bool,
    as_login: str | None,
    login: str,
    name: str,
    roles: tuple[str, ...],
    unit: str,
    email: str,
    same_person_as: str,
    expert_number: str,
    password_stdin: bool,
) -> None:
    """Add an account and print the one-time link by which the person sets the password."""
    from service.cli.as_user import run

    if first:
        if as_login or roles or unit or same_person_as or expert_number:
            raise click.UsageError(
                "--first adds a system administrator: give --login, --name and perhaps --email only."
            )
        run(_add_first(login, name, email, lambda: _password(password_stdin)))
        click.echo(f"{login.lower()} is the first system administrator. Sign in and add the others.")
        return
    if not as_login:
        raise click.UsageError("give --as LOGIN, or --first for the first system administrator.")
    link = run(_add(as_login, login, name, roles, unit, email, same_person_as, expert_number))
    _print_link(login, link)


@command.command("list")
@_AS
@click.option("--all", "all_", is_flag=True, help="Closed accounts too.")
def list_(as_login: str, all_: bool) -> None:
    """List accounts with their roles, units and state."""
    from service.cli.as_user import run

    for account in run(_list(as_login, all_=all_)):
        state = account.state if account.has_password or not account.active else "no password"
        click.echo(f"{account.login:<24} {state:<12} {','.join(account.roles):<24} {account.name}  {account.unit_name}")


@command.command()
@click.argument("login")
@_AS
def close(login: str, as_login: str) -> None:
    """Close an account: nobody can sign in with it, what it did stays. Hand its open work over first."""
    from service.cli.as_user import run

    run(_close(as_login, login))
    click.echo(f"{login} is closed.")


@command.command("hand-over")
@click.argument("giver")
@click.argument("taker")
@click.option("--reason", required=True, help="Why; kept, and known to the ledger by its hash.")
@click.option("--as", "as_login", required=True, help="Login of the system administrator or of the center's head.")
def hand_over(giver: str, taker: str, reason: str, as_login: str) -> None:
    """Hand all open work of GIVER over to TAKER; both are told."""
    from service.cli.as_user import run

    pieces = run(_hand_over(as_login, giver, taker, reason))
    click.echo(f"{pieces} pieces of open work went from {giver} to {taker}.")


@command.command("reset-password")
@click.argument("login")
@click.option("--as", "as_login", help="Login of the system administrator who acts.")
def reset_password(login: str, as_login: str | None) -> None:
    """Print a one-time link by which the person sets a new password.

    Without --as, whoever runs this machine can do it for a system administrator alone: the way back when the last of
    them has lost the password. It is recorded as done by the operator.
    """
    from service.cli.as_user import run

    _print_link(login, run(_reset(login, as_login)))


async def _add_first(login: str, name: str, email: str, ask: Callable[[], str]) -> None:
    from service.actions.accounts import add_first_administrator
    from service.actions.passwords import hash_of, password_faults
    from service.cli.as_user import open_house
    from service.problems import Invalid
    from service.storage.session import unit_of_work

    async with open_house() as house:
        password = ask()
        if faults := password_faults(password, login=login):
            raise Invalid(faults)
        fresh, at = await hash_of(password), house.clock.now()
        async with unit_of_work(house.database, at=at) as session:
            await add_first_administrator(session, login=login, name=name, email=email, password_hash=fresh, at=at)


async def _add(
    as_login: str,
    login: str,
    name: str,
    roles: tuple[str, ...],
    unit: str,
    email: str,
    same_person_as: str,
    expert_number: str,
) -> str:
    from service.actions.accounts import NewAccount, add_account
    from service.actions.act import Act
    from service.actions.passwords import issue_link
    from service.cli.as_user import open_house

    async with open_house() as house:
        unit_id = await _unit(house, unit) if unit else None
        entry = NewAccount(login, name, roles, unit_id, email, same_person_as, expert_number)

        async def do(act: Act) -> str:
            return await issue_link(act, await add_account(act, entry), send=False)

        token = await house.perform(await house.viewer(as_login), do)
        return f"{house.settings.base_url}/recover/{token}"


async def _list(as_login: str, *, all_: bool) -> "list[Account]":
    from service.access import require
    from service.cli.as_user import open_house
    from service.storage import accounts
    from service.storage.session import reading

    async with open_house() as house:
        require(await house.viewer(as_login), "account:list")
        async with reading(house.database) as session:
            return await accounts.accounts(session, state="" if all_ else "active")


async def _close(as_login: str, login: str) -> None:
    from service.actions.accounts import close_account
    from service.cli.as_user import open_house

    async with open_house() as house:
        account = await _account(house, login)
        await house.perform(
            await house.viewer(as_login), lambda act: close_account(act, account.id, seen=account.version)
        )


async def _hand_over(as_login: str, giver: str, taker: str, reason: str) -> int:
    from service.actions.accounts import hand_over_work
    from service.cli.as_user import open_house

    async with open_house() as house:
        from_id, to_id = (await _account(house, giver)).id, (await _account(house, taker)).id
        return await house.perform(
            await house.viewer(as_login),
            lambda act: hand_over_work(act, from_id=from_id, to_id=to_id, reason=reason),
        )


async def _reset(login: str, as_login: str | None) -> str:
    from service.actions.passwords import issue_link, issue_link_to_administrator
    from service.cli.as_user import open_house
    from service.storage.session import unit_of_work

    async with open_house() as house:
        account = await _account(house, login)
        if as_login:
            token = await house.perform(
                await house.viewer(as_login), lambda act: issue_link(act, account.id, send=False)
            )
        else:
            at = house.clock.now()
            async with unit_of_work(house.database, at=at) as session:
                token = await issue_link_to_administrator(session, account.id, at=at)
        return f"{house.settings.base_url}/recover/{token}"


async def _account(house: "House", login: str) -> "Account":
    from service.storage import accounts
    from service.storage.session import reading

    async with reading(house.database) as session:
        account = await accounts.account_by_login(session, login)
    if account is None:
        raise click.UsageError(f"{login}: there is no such account (see `expertpool user list`).")
    return account


async def _unit(house: "House", text: str) -> UUID:
    from service.storage import accounts
    from service.storage.session import reading

    async with reading(house.database) as session:
        found = await accounts.units_called(session, text)
    if len(found) != 1:
        what = "there is no such unit" if not found else f"{len(found)} units are called so; give the credit code"
        raise click.UsageError(f"--unit {text}: {what}.")
    return found[0][0]


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="Password again", err=True)
    return password


def _print_link(login: str, link: str) -> None:
    click.echo(f"Hand this one-time link to {login}; it is valid for thirty minutes and shown only here:", err=True)
    click.echo(link)
