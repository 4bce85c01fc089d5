"""Backups: one file with the database and a manifest, made while the service runs, verified, restored.

The file is a ZIP: `manifest.json` first, then `database.sqlite3` (a snapshot by SQLite's online backup) or
`database.dump` (pg_dump's custom format), and `secrets.toml` only when it was asked for. Identity and telephone numbers
inside are sealed by the secrets, names are not: keep the file as safe as the database, and the secrets apart from it.
"""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import make_url

from service import ledger
from service.keys import Keys
from service.ledger.merkle import EMPTY_ROOT, Frontier
from service.settings import Settings
from service.storage.session import Database, reading

FORMAT: Final = "expertpool-backup/1"
_SQLITE: Final = "database.sqlite3"
_DUMP: Final = "database.dump"
_SECRETS: Final = "secrets.toml"
_KNOWN: Final = frozenset({_SQLITE, _DUMP, _SECRETS})
_CHUNK: Final = 1 << 20
_MOST_MANIFEST: Final = 1 << 16


class BackupUnusable(Exception):
    """A backup cannot be made, is damaged, or must not be restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says about itself, after it was found to be whole.

    Attributes:
        path: the file.
        made_at: when, as ISO 8601.
        database: `sqlite` or `postgresql`.
        secrets: whether it holds the secrets too.
        fingerprint: of the secrets that its sealed numbers need.
        origin: name of its ledger; empty when nothing was recorded.
        size: number of entries of its ledger; on PostgreSQL at least so many.
        root: Merkle root over them, in Base64.
    """

    path: Path
    made_at: str
    database: str
    secrets: bool
    fingerprint: str
    origin: str
    size: int
    root: str


async def create_backup(
    database: Database, settings: Settings, keys: Keys, *, folder: Path, at: datetime, with_secrets: bool
) -> Path:
    """Make a backup into a folder while the service may be running, and return its file.

    Args:
        database: what is backed up.
        settings: of this installation.
        keys: its secrets; only their fingerprint is written, unless `with_secrets`.
        folder: made when it is not there.
        at: names the file.
        with_secrets: put the secrets in; then the one file opens everything.

    Raises:
        BackupUnusable: when there is such a file already, or pg_dump is missing or fails.
    """
    # Read before a dump is taken: the dump holds this much of the ledger, or more.
    state = await _ledger_state(database)
    return await asyncio.to_thread(_pack, settings, keys, folder, state, at=at, with_secrets=with_secrets)


def _pack(
    settings: Settings, keys: Keys, folder: Path, state: dict[str, Any], *, at: datetime, with_secrets: bool
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"expertpool-{at:%Y%m%dT%H%M%SZ}.backup.zip"
    if path.exists():
        raise BackupUnusable(f"{path.name} is there already; wait a second.")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as scratch:
        if settings.sqlite:
            source = Path(scratch) / _SQLITE
            _copy_sqlite(_sqlite_file(settings), source)
            state = _ledger_state_of_copy(source)
        else:
            source = Path(scratch) / _DUMP
            _pg("pg_dump", settings, "--format=custom", "--no-owner", "--file", str(source))
        files = [(source.name, source)]
        if with_secrets:
            files.append((_SECRETS, settings.var / _SECRETS))
        manifest = {
            "format": FORMAT,
            "made_at": at.isoformat(),
            "database": "sqlite" if settings.sqlite else "postgresql",
            "secrets": with_secrets,
            "fingerprint": fingerprint(keys),
            "ledger": state,
            "files": {name: {"sha256": _sha256_of(file), "size": file.stat().st_size} for name, file in files},
        }
        part = Path(scratch) / "part"
        # Names stand in it in the clear: readable by its owner alone, from the first byte.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
                for name, file in files:
                    archive.write(file, name)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    return path


async def verify_backup(path: Path, *, keys: Keys | None = None, checkpoint: str | None = None) -> Backup:
    """Read a backup from end to end: manifest, hashes, and for SQLite the database and its whole ledger.

    Args:
        path: the file.
        keys: this installation's secrets; when they are those of the backup, the checkpoints' signatures are asked.
        checkpoint: one kept elsewhere, which the ledger in the backup must agree with (SQLite only).

    Raises:
        BackupUnusable: with the first thing that is wrong.
    """
    with _opened(path) as (backup, archive), tempfile.TemporaryDirectory(prefix="expertpool-") as scratch:
        name = _SQLITE if backup.database == "sqlite" else _DUMP
        copy = Path(scratch) / name
        _extract(archive, name, copy)
        if backup.secrets:
            _extract(archive, _SECRETS, Path(scratch) / _SECRETS)
            keys = Keys.at(Path(scratch) / _SECRETS)
        if backup.database == "sqlite":
            own = keys if keys and fingerprint(keys) == backup.fingerprint else None
            await _verify_copy(copy, backup, own, [checkpoint] if checkpoint else [])
        return backup


async def restore_backup(
    path: Path, settings: Settings, *, checkpoint: str | None, replace: bool, at: datetime
) -> tuple[Backup, Path | None]:
    """Put a backup in the place of this installation's database; the service must not be running.

    The database that was there is kept beside it under another name.

    Args:
        path: the backup.
        settings: of the installation that is restored.
        checkpoint: the newest signed checkpoint kept elsewhere; a backup that does not reach it is refused, since
            what was recorded in between would be lost without a trace.
        replace: whether a database that is there may be replaced.
        at: names what is kept.

    Returns:
        The backup, and where the database is that was there before (None when there was none, or on PostgreSQL).

    Raises:
        BackupUnusable: when the backup is damaged, belongs to other secrets, lies before the checkpoint, or would
            replace a database without `replace`.
    """
    kind = "sqlite" if settings.sqlite else "postgresql"
    with _opened(path) as (backup, _):
        pass
    if backup.database != kind:
        raise BackupUnusable(f"The backup is of {backup.database}, this installation runs on {kind}.")
    _check_secrets(backup, settings)
    if checkpoint is not None:
        _check_reach(backup, checkpoint)
    await verify_backup(path, checkpoint=checkpoint)
    if not settings.sqlite:
        if not replace:
            raise BackupUnusable("Restoring replaces everything in the database; say --replace.")
        with _opened(path) as (_, archive), tempfile.TemporaryDirectory(prefix="expertpool-") as scratch:
            dump = Path(scratch) / _DUMP
            _extract(archive, _DUMP, dump)
            _pg("pg_restore", settings, "--clean", "--if-exists", "--no-owner", "--single-transaction",
                "--exit-on-error", str(dump))  # fmt: skip
            _keep_secrets(archive, backup, settings)
        return backup, None
    target = _sqlite_file(settings)
    if target.exists() and not replace:
        raise BackupUnusable(f"{target.name} is there already; say --replace to put the backup in its place.")
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.restoring")
    with _opened(path) as (_, archive):
        _extract(archive, _SQLITE, fresh)
        _keep_secrets(archive, backup, settings)
    before = _set_aside(target, at) if target.exists() else None
    fresh.replace(target)
    return backup, before


def fingerprint(keys: Keys) -> str:
    """Return what tells two sets of secrets apart without giving anything of them away."""
    joined = keys.identity + keys.encryption + keys.ledger
    return hashlib.sha256(b"expertpool-secrets/1\x00" + joined).hexdigest()[:16]


def _check_secrets(backup: Backup, settings: Settings) -> None:
    present = settings.var / _SECRETS
    if not present.exists():
        if backup.secrets:
            return
        raise BackupUnusable(
            f"The backup holds no secrets and {_SECRETS} is not in {settings.var.name}/: "
            "put your copy of it there first; without it identity numbers cannot be read and nobody is known again."
        )
    if fingerprint(Keys.at(present)) != backup.fingerprint:
        raise BackupUnusable(
            f"{_SECRETS} in {settings.var.name}/ is not the one this backup was made with: "
            "put the right one there first."
        )


def _check_reach(backup: Backup, note: str) -> None:
    try:
        kept = ledger.read_checkpoint(note)
    except ledger.CheckpointUnreadable as fault:
        raise BackupUnusable(f"The checkpoint cannot be read: {fault}.") from None
    if kept.origin != backup.origin:
        raise BackupUnusable("The checkpoint is of another ledger than the backup.")
    if kept.size > backup.size:
        raise BackupUnusable(
            f"The backup's ledger ends at entry {backup.size}, the checkpoint proves {kept.size}: "
            "take a newer backup, or leave the checkpoint out if what is missing is truly lost."
        )


def _keep_secrets(archive: zipfile.ZipFile, backup: Backup, settings: Settings) -> None:
    target = settings.var / _SECRETS
    if backup.secrets and not target.exists():
        _extract(archive, _SECRETS, target)


def _set_aside(target: Path, at: datetime) -> Path:
    """Move a database aside as one whole file: what still stands in its WAL is brought in first."""
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = target.with_name(f"{target.stem}-before-{at:%Y%m%dT%H%M%SZ}{target.suffix}")
    target.replace(kept)
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    return kept


async def _verify_copy(copy: Path, backup: Backup, keys: Keys | None, outside: list[str]) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise BackupUnusable(f"The database in the backup is damaged: {verdict}.")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise BackupUnusable("The database in the backup has rows that point nowhere.")
    database = Database(f"sqlite+aiosqlite:///{copy}")
    try:
        async with reading(database) as session:
            verifier = ledger.verifier_key(backup.origin, keys.ledger_key()) if keys and backup.origin else None
            found = await ledger.verify_ledger(session, verifier=verifier, outside=outside)
    finally:
        await database.close()
    if found.fault is not None and found.fault.code == "LEDGER_NOT_AS_SIGNED" and outside:
        raise BackupUnusable("The ledger in the backup is not what the checkpoint signed.")
    if found.fault is not None:
        raise BackupUnusable(
            f"The ledger in the backup is not as it was written: {found.fault.code} at {found.fault.seq}."
        )
    if (found.origin, found.size, base64.b64encode(found.root).decode()) != (backup.origin, backup.size, backup.root):
        raise BackupUnusable("The ledger in the backup is not the one its manifest names.")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Backup, zipfile.ZipFile]]:
    """Open a backup after checking its manifest and the hash of every file in it."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as fault:
        raise BackupUnusable(f"{path.name} is no backup: {fault}.") from None
    with archive:
        manifest = _manifest_of(archive, path)
        for name, said in manifest["files"].items():
            _check_member(archive, name, said)
        state = manifest["ledger"]
        yield (
            Backup(
                path=path,
                made_at=manifest["made_at"],
                database=manifest["database"],
                secrets=manifest["secrets"],
                fingerprint=manifest["fingerprint"],
                origin=state["origin"],
                size=state["size"],
                root=state["root"],
            ),
            archive,
        )


def _manifest_of(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        if archive.getinfo("manifest.json").file_size > _MOST_MANIFEST:
            raise BackupUnusable(f"{path.name} is no backup: its manifest is too long.")
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        known = manifest["format"] == FORMAT
        names = set(manifest["files"])
        complete = (
            names <= _KNOWN
            and ({_SQLITE, _DUMP} & names == {_SQLITE if manifest["database"] == "sqlite" else _DUMP})
            and (_SECRETS in names) == manifest["secrets"]
            and {"made_at", "fingerprint"} <= set(manifest)
            and {"origin", "size", "root"} <= set(manifest["ledger"])
        )
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise BackupUnusable(f"{path.name} is no backup: it has no manifest.") from None
    if not known or not complete:
        raise BackupUnusable(f"{path.name} is no {FORMAT}, or not a whole one.")
    return manifest


def _check_member(archive: zipfile.ZipFile, name: str, said: Mapping[str, Any]) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as member:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                # A swollen member is caught on the way, before it fills anything.
                if size > said["size"]:
                    break
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as fault:
        raise BackupUnusable(f"{name} in the backup cannot be read: {fault}.") from None
    if (size, digest.hexdigest()) != (said["size"], said["sha256"]):
        raise BackupUnusable(f"{name} in the backup is not as it was written.")


def _extract(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    target.unlink(missing_ok=True)
    with (
        archive.open(name) as member,
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
    ):
        shutil.copyfileobj(member, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sqlite_file(settings: Settings) -> Path:
    name = make_url(settings.database_url).database
    if not name or name == ":memory:":
        raise BackupUnusable("The database lives in memory; there is nothing to back up.")
    return Path(name)


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as it stands at one moment (SQLite's online backup)."""
    with closing(sqlite3.connect(source, timeout=30)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy, pages=4096, sleep=0.01)
        # One file, without a WAL beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _ledger_state_of_copy(copy: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(copy)) as connection:
        row = connection.execute("SELECT origin, size, frontier FROM ledger_head").fetchone()
    if row is None:
        return _state("", 0, EMPTY_ROOT)
    return _state(row[0], row[1], Frontier.from_bytes(row[1], row[2]).root())


async def _ledger_state(database: Database) -> dict[str, Any]:
    async with reading(database) as session:
        head = await ledger.head(session)
    return _state("", 0, EMPTY_ROOT) if head is None else _state(head.origin, head.size, head.root)


def _state(origin: str, size: int, root: bytes) -> dict[str, Any]:
    return {"origin": origin, "size": size, "root": base64.b64encode(root).decode()}


def _pg(program: str, settings: Settings, *arguments: str) -> None:
    """Run a program of PostgreSQL on this installation's database; the password goes by the environment."""
    found = shutil.which(program)
    if found is None:
        raise BackupUnusable(
            f"{program} is not installed: install the PostgreSQL client programs of your server's version."
        )
    url = make_url(settings.database_url)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    where = ["--host", url.host or "localhost", "--port", str(url.port or 5432), "--dbname", url.database or ""]
    if url.username:
        where += ["--username", url.username]
    done = subprocess.run(  # noqa: S603 -- a program of the server's, its arguments from the settings
        [found, *where, "--no-password", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupUnusable(f"{program} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
