"""`expertpool backup`: make, verify and restore backups."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from service.storage.backup import Backup

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("backup")
def command() -> None:
    """Backups: one file with the database and a manifest of hashes.

    A backup is made while the service runs. It does not hold the secrets (var/secrets.toml) unless --with-secrets
    says so: without them identity numbers in it cannot be read, and a restored library knows nobody again. Keep a copy
    of the secrets in another place than the backups, and both as safe as the library itself.
    """


@command.command()
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder; var/backups when left out."
)
@click.option("--with-secrets", is_flag=True, help="Put the secrets in: this one file then opens everything.")
def create(folder: Path | None, with_secrets: bool) -> None:
    """Make a backup and print its file."""
    from service.cli.as_user import open_house, run
    from service.storage.backup import BackupUnusable, create_backup

    async def work() -> Path:
        async with open_house() as house:
            return await create_backup(
                house.database,
                house.settings,
                house.keys,
                folder=folder or house.settings.var / "backups",
                at=house.clock.now(),
                with_secrets=with_secrets,
            )

    try:
        path = run(work())
    except BackupUnusable as problem:
        _refuse(problem)
    click.echo(str(path))
    if not with_secrets:
        click.echo("The secrets are not in it: keep a copy of var/secrets.toml in another place.", err=True)


@command.command()
@_FILE
def verify(file: Path) -> None:
    """Read a backup from end to end: its hashes, the database, and the whole ledger in it."""
    from service.cli.as_user import run, settings_or_exit
    from service.keys import Keys
    from service.storage.backup import BackupUnusable, verify_backup

    secrets = settings_or_exit().var / "secrets.toml"
    try:
        backup = run(verify_backup(file, keys=Keys.at(secrets) if secrets.exists() else None))
    except BackupUnusable as problem:
        _refuse(problem)
    _say(backup)
    click.echo("The backup is good.")


@command.command()
@_FILE
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest signed checkpoint kept elsewhere; a backup that ends before it is refused.",
)
@click.option("--replace", is_flag=True, help="Replace the database that is there; on SQLite it is kept beside.")
def restore(file: Path, checkpoint: Path | None, replace: bool) -> None:
    """Put a backup in the place of this installation's database. Stop the service first."""
    from service.cli.as_user import run, settings_or_exit
    from service.clock import SystemClock
    from service.storage.backup import BackupUnusable, restore_backup

    note = None if checkpoint is None else checkpoint.read_text(encoding="utf-8")
    settings = settings_or_exit()
    try:
        backup, before = run(restore_backup(file, settings, checkpoint=note, replace=replace, at=SystemClock().now()))
    except BackupUnusable as problem:
        _refuse(problem)
    _say(backup)
    if before is not None:
        click.echo(f"The database that was there is kept as {before.name}.")
    if checkpoint is None:
        click.echo("No checkpoint was given: nothing shows whether newer entries of the ledger are lost.", err=True)
    click.echo("The backup is restored. `expertpool ledger verify` reads the ledger again.")


def _say(backup: "Backup") -> None:
    secrets = "with its secrets" if backup.secrets else "without secrets"
    click.echo(f"{backup.database}, made {backup.made_at}, {secrets}, {backup.size} ledger entries")


def _refuse(problem: Exception) -> NoReturn:
    click.echo(str(problem), err=True)
    raise click.exceptions.Exit(3)
