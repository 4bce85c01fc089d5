"""How commands act: as an account, with that account's rights, through the same actions as the pages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import click

from service.access import Viewer
from service.access.sign_in import viewer_by_login
from service.actions.act import Act
from service.clock import Clock
from service.keys import Keys
from service.locales import Catalogues, install, sentence, use_language
from service.problems import Invalid, Problem, Refused
from service.regulation import Edition, Policy, load_edition
from service.settings import Settings, SettingsInvalid
from service.storage.migrate import migrate
from service.storage.policies import policy_in_force
from service.storage.residents import Residents
from service.storage.session import Database, reading, unit_of_work
from service.storage.settings import clock_of
from service.storage.staff_found import with_found

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class House:
    """What a command needs to act: database, settings, keys, clock, edition, policy."""

    database: Database
    settings: Settings
    keys: Keys
    clock: Clock
    edition: Edition
    policy: Policy

    async def viewer(self, login: str) -> Viewer:
        """Return the active account with this login.

        Raises:
            click.UsageError: when there is none.
        """
        async with reading(self.database) as session:
            viewer = await viewer_by_login(session, login)
            if viewer is None:
                raise click.UsageError(f"--as {login}: there is no such active account (see `expertpool user list`).")
            return await with_found(session, Residents(), viewer, policy_id=self.policy.id, at=self.clock.now())

    async def perform(self, viewer: Viewer, do: Callable[[Act], Awaitable[T]]) -> T:
        """Do one act in one unit of work."""
        at = self.clock.now()
        async with unit_of_work(self.database, at=at) as session:
            return await do(
                Act(
                    session=session,
                    viewer=viewer,
                    at=at,
                    keys=self.keys,
                    settings=self.settings,
                    edition=self.edition,
                    policy=self.policy,
                )
            )


@asynccontextmanager
async def open_house() -> AsyncIterator[House]:
    """Open the installation that the environment names, migrated."""
    settings = settings_or_exit()
    database = Database(settings.database_url)
    try:
        await migrate(database)
        clock = await clock_of(database)
        async with reading(database) as session:
            policy = await policy_in_force(session, settings.policy, on=clock.today())
        yield House(
            database=database,
            settings=settings,
            keys=Keys.at(settings.var / "secrets.toml"),
            clock=clock,
            edition=load_edition(settings.edition, issued_on=settings.edition_issued_on),
            policy=policy,
        )
    finally:
        await database.close()


def settings_or_exit() -> Settings:
    """Read the settings; a fault ends the command with 2 and its remedy."""
    try:
        return Settings.from_environment()
    except SettingsInvalid as fault:
        raise click.UsageError(str(fault)) from None


def run(work: Coroutine[Any, Any, T], *, language: str = "en") -> T:
    """Run an act to its end; a problem becomes sentences and an exit code."""
    install(Catalogues.load())
    use_language(language)
    try:
        return asyncio.run(work)
    except Problem as problem:
        fail(problem, language=language)


def fail(problem: Problem, *, language: str) -> NoReturn:
    """Print a problem and end: 2 for faults of the input, 3 when a rule or a right says no."""
    if isinstance(problem, Refused):
        for refusal in problem.refusals:
            article = f" ({refusal.cite})" if refusal.cite else ""
            click.echo(f"{sentence(refusal.code, language, refusal.facts)}{article}", err=True)
            for remedy in refusal.remedies:
                click.echo(f"  - {sentence(remedy.code, language, refusal.facts)}", err=True)
    elif isinstance(problem, Invalid):
        for fault in problem.faults:
            click.echo(f"{fault.at}: {sentence(fault.code, language, fault.facts)}", err=True)
    else:
        click.echo(sentence(problem.code, language, problem.facts), err=True)
    raise click.exceptions.Exit(2 if problem.status in (400, 422, 428) else 3)
