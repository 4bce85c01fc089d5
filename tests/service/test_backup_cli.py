"""`expertpool backup`: from the file made to the installation restored."""

from pathlib import Path

from click.testing import CliRunner, Result

from service.cli.backup import command
from service.settings import Settings


def backup(settings: Settings, *arguments: str) -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(command, list(arguments), env=environment)


def test_backup_is_made_verified_and_restored(settings: Settings) -> None:
    made = backup(settings, "create")
    path = made.stdout.strip()
    assert (made.exit_code, Path(path).parent) == (0, settings.var / "backups")
    assert "The secrets are not in it" in made.stderr

    assert backup(settings, "verify", path).stdout.endswith("The backup is good.\n")
    assert backup(settings, "restore", path).exit_code == 3
    restored = backup(settings, "restore", path, "--replace")
    assert (restored.exit_code, "is kept as expertpool-before-" in restored.stdout) == (0, True)


def test_damaged_backup_ends_with_three_and_says_so(settings: Settings) -> None:
    path = Path(backup(settings, "create").stdout.strip())
    path.write_bytes(path.read_bytes()[:-100])

    refused = backup(settings, "verify", str(path))

    assert (refused.exit_code, "is no backup" in refused.stderr) == (3, True)


def test_file_that_is_not_there_ends_with_two(settings: Settings) -> None:
    assert backup(settings, "verify", "nowhere.zip").exit_code == 2
