"""`expertpool ledger`: what a person at the keyboard, or a stranger with a proof, gets."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import ledger
from service.cli.ledger import command
from service.keys import Keys
from service.ledger import Event
from service.settings import Settings
from service.storage.migrate import migrate
from service.storage.session import Database, unit_of_work

NOON = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)


@pytest.fixture
def installation(settings: Settings) -> Settings:
    """An installation with five entries, the first four under a signed checkpoint."""

    async def fill() -> None:
        database = Database(settings.database_url)
        await migrate(database)
        key = Keys.at(settings.var / "secrets.toml").ledger_key()
        for number in range(5):
            async with unit_of_work(database, at=NOON) as session:
                session.info["events"].append(
                    Event(type="expert.added", stream=f"expert:e{number}", body={"number": number}, actor={"id": "u1"})
                )
            if number == 3:
                async with unit_of_work(database, at=NOON) as session:
                    await ledger.seal(session, key, at=NOON)
        await database.close()

    asyncio.run(fill())
    return settings


def expertpool(settings: Settings, *arguments: str) -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(command, list(arguments), env=environment, standalone_mode=True)


def break_entry(settings: Settings) -> None:
    with sqlite3.connect(settings.var / "expertpool.sqlite3") as connection:
        connection.execute("DROP TRIGGER ledger_event_update")
        connection.execute("UPDATE ledger_event SET bytes = x'7b7d' WHERE seq = 2")


def test_good_ledger_is_said_to_be_good(installation: Settings) -> None:
    said = expertpool(installation, "verify")
    as_json = json.loads(expertpool(installation, "verify", "--json").stdout)

    assert (said.exit_code, said.stdout.split("\n")[0]) == (0, "5 entries and 1 checkpoints are as they were written.")
    assert (as_json["format"], as_json["good"], as_json["size"], as_json["fault"]) == (
        "ledger-verification/1",
        True,
        5,
        None,
    )


def test_first_fault_is_named_with_its_place_and_ends_with_three(installation: Settings) -> None:
    break_entry(installation)

    said = expertpool(installation, "verify")
    as_json = expertpool(installation, "verify", "--json")

    assert said.exit_code == as_json.exit_code == 3
    assert said.stderr.startswith("entry 2: The content of entry 2 was changed")
    assert json.loads(as_json.stdout)["fault"] == {"code": "LEDGER_ENTRY_CHANGED", "seq": 2, "facts": {}}


def test_head_shows_the_checkpoint_and_the_key_to_check_it_with(installation: Settings) -> None:
    head = json.loads(expertpool(installation, "head", "--json").stdout)

    assert head["size"] == 5
    checkpoint = ledger.verify_checkpoint(head["checkpoint"], head["verifier"])
    assert checkpoint is not None
    assert checkpoint.size == 4
    assert head["origin"] in expertpool(installation, "head").stdout


def test_proof_is_checked_without_the_database(installation: Settings, tmp_path: Path) -> None:
    verifier = json.loads(expertpool(installation, "head", "--json").stdout)["verifier"]
    proof = tmp_path / "proof.json"
    proof.write_text(expertpool(installation, "prove", "3").stdout)
    (installation.var / "expertpool.sqlite3").unlink()

    checked = expertpool(installation, "check", str(proof), "--verifier", verifier)
    assert (checked.exit_code, json.loads(checked.stdout)["seq"], checked.stderr) == (0, 3, "The proof holds.\n")

    proof.write_text(proof.read_text().replace('"seq": 3', '"seq": 2'))
    refused = expertpool(installation, "check", str(proof), "--verifier", verifier)
    assert (refused.exit_code, refused.stderr) == (3, "The proof does not hold.\n")


def test_kept_checkpoint_shows_that_nothing_before_it_was_rewritten(installation: Settings, tmp_path: Path) -> None:
    head = json.loads(expertpool(installation, "head", "--json").stdout)
    kept = tmp_path / "kept.txt"
    kept.write_text(head["checkpoint"], encoding="utf-8")

    assert expertpool(installation, "verify", "--checkpoint", str(kept)).exit_code == 0
    proof = tmp_path / "extension.json"
    proof.write_text(expertpool(installation, "prove", "--since", str(kept)).stdout)
    assert expertpool(installation, "check", str(proof)).exit_code == 0

    other = head["checkpoint"].split("\n")
    other[2] = "A" * 43 + "="
    kept.write_text("\n".join(other), encoding="utf-8")
    assert expertpool(installation, "verify", "--checkpoint", str(kept)).exit_code == 3
    assert expertpool(installation, "prove", "--since", str(kept)).exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("prove",), "give either the number of an entry or --since CHECKPOINT"),
        (("prove", "6"), "the ledger has no entry 6"),
        (("prove", "0"), "0 is not in the range x>=1"),
        (("verify", "--checkpoint", __file__), "a checkpoint is a text"),
        (("check", __file__), "is no JSON"),
    ],
)
def test_bad_input_ends_with_two_and_says_what_is_wrong(
    installation: Settings, arguments: tuple[str, ...], says: str
) -> None:
    refused = expertpool(installation, *arguments)

    assert (refused.exit_code, says in refused.stderr) == (2, True)


def test_entries_are_shown_oldest_first(installation: Settings) -> None:
    lines = expertpool(installation, "show", "--last", "2").stdout.strip().split("\n")
    one = expertpool(installation, "show", "--stream", "expert:e1", "--json").stdout

    assert [line.split()[0] for line in lines] == ["4", "5"]
    assert json.loads(one)["body"] == {"number": 1}
