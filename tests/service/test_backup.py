"""Backups: made while people work, verified from end to end, restored without losing anything unseen."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service import ledger
from service.keys import Keys
from service.ledger import Event
from service.settings import Settings
from service.storage.backup import Backup, BackupUnusable, create_backup, restore_backup, verify_backup
from service.storage.migrate import migrate
from service.storage.rows.acts import SettingRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.settings import set_setting, setting

NOON = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)


async def record(database: Database, count: int) -> None:
    for number in range(count):
        async with unit_of_work(database, at=NOON) as session:
            session.info["events"].append(
                Event(type="expert.added", stream="expert:e1", body={"number": number}, actor={"id": "u1"})
            )


@pytest.fixture
async def backup(database: Database, settings: Settings, keys: Keys, tmp_path: Path) -> Path:
    """A backup of an installation with three ledger entries and one setting."""
    await record(database, 3)
    async with unit_of_work(database, at=NOON) as session:
        await set_setting(session, "place", {"name": "北河"})
    return await create_backup(database, settings, keys, folder=tmp_path / "kept", at=NOON, with_secrets=False)


def test_backup_is_one_file_for_its_owner_alone(backup: Path) -> None:
    assert backup.name == "expertpool-20260914T040000Z.backup.zip"
    assert list(backup.parent.iterdir()) == [backup]
    assert backup.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(backup) as archive:
        assert archive.namelist() == ["manifest.json", "database.sqlite3"]
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["format"], manifest["database"], manifest["secrets"], manifest["ledger"]["size"]) == (
        "expertpool-backup/1",
        "sqlite",
        False,
        3,
    )


async def test_backup_says_what_is_in_it_after_it_was_read_from_end_to_end(backup: Path, keys: Keys) -> None:
    found = await verify_backup(backup, keys=keys)

    assert (found.database, found.secrets, found.size, found.made_at) == (
        "sqlite",
        False,
        3,
        "2026-09-14T04:00:00+00:00",
    )


async def test_backup_holds_what_was_committed_while_somebody_still_writes(
    database: Database, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    await record(database, 1)
    async with unit_of_work(database, at=NOON) as session:
        session.add(SettingRow(key="half", value={}))
        await session.flush()
        path = await create_backup(database, settings, keys, folder=tmp_path, at=NOON, with_secrets=False)

    with zipfile.ZipFile(path) as archive:
        archive.extract("database.sqlite3", tmp_path)
    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM setting").fetchone() == (0,)
        assert connection.execute("SELECT size FROM ledger_head").fetchone() == (1,)


async def test_two_backups_of_one_second_do_not_overwrite_each_other(
    database: Database, settings: Settings, keys: Keys, backup: Path
) -> None:
    with pytest.raises(BackupUnusable, match="is there already"):
        await create_backup(database, settings, keys, folder=backup.parent, at=NOON, with_secrets=False)


async def test_restored_installation_is_as_it_was(database: Database, settings: Settings, backup: Path) -> None:
    await record(database, 2)
    async with unit_of_work(database, at=NOON) as session:
        await set_setting(session, "place", {"name": "南河"})
    await database.close()

    found, before = await restore_backup(backup, settings, checkpoint=None, replace=True, at=NOON)

    assert found.size == 3
    again = Database(settings.database_url)
    async with reading(again) as session:
        assert await setting(session, "place") == {"name": "北河"}
        assert (await ledger.verify_ledger(session)).fault is None
        assert len(await ledger.since(session, 0)) == 3
    await again.close()
    assert before is not None
    with closing(sqlite3.connect(before)) as connection:
        assert connection.execute("SELECT size FROM ledger_head").fetchone() == (5,)


async def test_database_that_is_there_is_not_replaced_unasked(settings: Settings, backup: Path) -> None:
    with pytest.raises(BackupUnusable, match="say --replace"):
        await restore_backup(backup, settings, checkpoint=None, replace=False, at=NOON)


async def test_backup_that_ends_before_a_kept_checkpoint_is_refused(
    database: Database, settings: Settings, keys: Keys, backup: Path
) -> None:
    async def checkpoint() -> str:
        async with unit_of_work(database, at=NOON) as session:
            note = await ledger.seal(session, keys.ledger_key(), at=NOON, now=True)
        assert note is not None
        return note

    reached = await checkpoint()
    await record(database, 1)
    beyond = await checkpoint()
    await database.close()

    with pytest.raises(BackupUnusable, match="ends at entry 3, the checkpoint proves 4"):
        await restore_backup(backup, settings, checkpoint=beyond, replace=True, at=NOON)
    with pytest.raises(BackupUnusable, match="cannot be read"):
        await restore_backup(backup, settings, checkpoint="no note", replace=True, at=NOON)
    found, _ = await restore_backup(backup, settings, checkpoint=reached, replace=True, at=NOON)
    assert found.size == 3


async def test_backup_whose_ledger_differs_from_a_kept_checkpoint_is_refused(
    database: Database, settings: Settings, keys: Keys, backup: Path
) -> None:
    from service.ledger.checkpoint import sign

    async with reading(database) as session:
        head = await ledger.head(session)
    assert head is not None
    of_another_past = sign(ledger.Checkpoint(head.origin, 2, bytes(32)), keys.ledger_key())
    of_another_ledger = sign(ledger.Checkpoint("expertpool/other", 2, bytes(32)), keys.ledger_key())

    for note in (of_another_past, of_another_ledger):
        with pytest.raises(BackupUnusable, match="checkpoint"):
            await restore_backup(backup, settings, checkpoint=note, replace=True, at=NOON)


async def test_backup_is_not_restored_beside_other_secrets(settings: Settings, backup: Path, tmp_path: Path) -> None:
    elsewhere = replace(
        settings, var=tmp_path / "elsewhere", database_url=f"sqlite+aiosqlite:///{tmp_path}/e/x.sqlite3"
    )

    with pytest.raises(BackupUnusable, match="holds no secrets"):
        await restore_backup(backup, elsewhere, checkpoint=None, replace=False, at=NOON)
    Keys.at(elsewhere.var / "secrets.toml")
    with pytest.raises(BackupUnusable, match="is not the one this backup was made with"):
        await restore_backup(backup, elsewhere, checkpoint=None, replace=False, at=NOON)
    shutil.copy(settings.var / "secrets.toml", elsewhere.var / "secrets.toml")
    _, before = await restore_backup(backup, elsewhere, checkpoint=None, replace=False, at=NOON)
    assert before is None
    assert (tmp_path / "e" / "x.sqlite3").stat().st_mode & 0o777 == 0o600


async def test_database_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'var' / 'x.sqlite3'}")
    await migrate(database)
    try:
        made = [tmp_path / "var", *(tmp_path / "var").iterdir()]
        assert {path.stat().st_mode & 0o077 for path in made} == {0}
    finally:
        await database.close()


async def test_backup_with_secrets_restores_a_new_machine_by_itself(
    database: Database, settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    await record(database, 1)
    path = await create_backup(database, settings, keys, folder=tmp_path, at=NOON, with_secrets=True)
    elsewhere = replace(settings, var=tmp_path / "e", database_url=f"sqlite+aiosqlite:///{tmp_path}/e/x.sqlite3")

    await restore_backup(path, elsewhere, checkpoint=None, replace=False, at=NOON)

    assert Keys.at(tmp_path / "e" / "secrets.toml") == keys


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Return a copy of a backup with changed members."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    path = backup.with_name("changed.backup.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _flip(members: dict[str, bytes]) -> None:
    data = bytearray(members["database.sqlite3"])
    data[-100] ^= 1
    members["database.sqlite3"] = bytes(data)


def _drop(members: dict[str, bytes]) -> None:
    del members["database.sqlite3"]


def _no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def _strange_name(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    manifest["files"]["../evil"] = manifest["files"]["database.sqlite3"]
    members["manifest.json"] = json.dumps(manifest).encode()


def _swollen(members: dict[str, bytes]) -> None:
    members["database.sqlite3"] += bytes(10_000)


def _other_ledger(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    manifest["ledger"]["size"] = 2
    members["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_flip, "is not as it was written"),
        (_swollen, "is not as it was written"),
        (_drop, "cannot be read"),
        (_no_manifest, "has no manifest"),
        (_strange_name, "not a whole one"),
        (_other_ledger, "is not the one its manifest names"),
    ],
)
async def test_changed_backup_is_found(backup: Path, change: Callable[[dict[str, bytes]], None], says: str) -> None:
    with pytest.raises(BackupUnusable, match=says):
        await verify_backup(rewritten(backup, change))


async def test_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"hello")
    with pytest.raises(BackupUnusable, match="is no backup"):
        await verify_backup(path)


async def test_both_databases_come_back_from_a_backup(
    database: Database, settings: Settings, keys: Keys, tmp_path: Path, engine: str
) -> None:
    if engine == "postgres" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    await record(database, 2)
    path = await create_backup(database, settings, keys, folder=tmp_path, at=NOON, with_secrets=False)
    await record(database, 1)
    await database.close()

    found, _ = await restore_backup(path, settings, checkpoint=None, replace=True, at=NOON + timedelta(hours=1))

    assert isinstance(found, Backup)
    again = Database(settings.database_url)
    async with reading(again) as session:
        assert len(await ledger.since(session, 0)) == 2
        assert (await ledger.verify_ledger(session)).fault is None
    await again.close()
