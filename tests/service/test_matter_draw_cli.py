"""`expertpool matter draw`: a whole draw from the command line, by the same rules as on the pages."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from litestar import Litestar

from service.cli.draw import verify
from service.cli.matter import command
from service.clock import SystemClock
from service.keys import Keys
from service.settings import Settings
from service.storage.session import Database, unit_of_work
from service.storage.settings import set_setting
from tests.service.conftest import MONDAY, SignedIn
from tests.service.test_draws import POOL, WHY, Room, a_room

SOURCE = "体彩大乐透第26105期=rfc3797"
COMMIT = ("--source", SOURCE, "--witness", "纪检 赵见", "--witness", "司法局 钱证", "--reveal-on", "2026-09-14")
SEED = "9 12 3 33 21"


@pytest.fixture
async def room(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Room:
    room = await a_room(signed_in, database, settings, app, keys, POOL)
    await room.open()
    # Commands take the time of the installation: the Monday on which the library stands.
    async with unit_of_work(database, at=MONDAY) as session:
        loaded_at = SystemClock().now().isoformat()
        await set_setting(session, "demo.clock", {"starts_at": MONDAY.isoformat(), "loaded_at": loaded_at})
    return room


async def draw(room: Room, who: str, act: str, *arguments: str, by_id: bool = False) -> Result:
    client = {"center": room.center, "head": room.head, "audit": room.audit, "unit": room.unit}[who]
    environment = {
        "EXPERTPOOL_VAR": str(room.settings.var),
        "EXPERTPOOL_DATABASE_URL": room.settings.database_url,
    }
    number = str(room.matter)
    if not by_id:
        number = (await room.center.get(f"/api/matters/{room.matter}")).json()["number"]
    line = ["draw", act, number, *arguments, "--as", f"user-{client.viewer.account_id.hex[-12:]}"]
    return await asyncio.to_thread(CliRunner().invoke, command, line, env=environment)


async def test_a_draw_is_frozen_committed_made_by_two_and_verified_from_its_file(room: Room, tmp_path: Path) -> None:
    frozen = await draw(room, "center", "freeze", by_id=True)
    committed = await draw(room, "center", "commit", *COMMIT)
    alone = await draw(room, "center", "seed", SEED)
    made = await draw(room, "audit", "seed", SEED, "--json")
    record = tmp_path / "record.json"
    record.write_bytes((await draw(room, "audit", "record")).stdout_bytes)
    checked = CliRunner().invoke(verify, [str(record), "--published", committed.stdout.strip()])

    assert frozen.exit_code == 0, frozen.output
    assert "12 candidates" in frozen.stdout
    assert (committed.exit_code, len(committed.stdout.strip())) == (0, 64), committed.output
    assert alone.stdout.strip() == "kept; another person types it now"
    assert (made.exit_code, json.loads(made.stdout)["state"]) == (0, "made"), made.output
    assert checked.exit_code == 0, checked.output


async def test_a_draw_goes_on_and_is_voided_by_another_person_and_stays_in_the_list(room: Room) -> None:
    await draw(room, "center", "freeze")
    await draw(room, "center", "commit", *COMMIT)
    await draw(room, "center", "seed", SEED)
    made = json.loads((await draw(room, "audit", "seed", SEED, "--json")).stdout)
    out = made["members"][0]

    went_on = await draw(room, "center", "continue", out, "--cause", "declined-objective", "--reason", WHY, "--json")
    asked = await draw(room, "center", "challenge", "--cause", "ceremony-broken", "--reason", WHY)
    alone = await draw(room, "center", "void")
    voided = await draw(room, "head", "void")
    shown = await draw(room, "unit", "show", "--json")

    assert went_on.exit_code == 0, went_on.output
    assert (out in json.loads(went_on.stdout)["members"], json.loads(went_on.stdout)["declined"]) == (False, [out])
    assert (asked.exit_code, alone.exit_code, voided.exit_code) == (0, 3, 0), alone.output
    assert [(one["number"], one["state"]) for one in json.loads(shown.stdout)["draws"]] == [(1, "voided")]


@pytest.mark.parametrize(
    ("who", "act", "arguments", "code"),
    [
        ("unit", "freeze", (), 3),
        ("center", "commit", COMMIT, 3),
        ("center", "commit", ("--source", "骰子", "--witness", "赵见"), 2),
        ("center", "seed", (SEED,), 3),
        ("center", "record", (), 3),
    ],
)
async def test_what_the_pages_refuse_ends_with_the_same_sentence_and_an_exit_code(
    room: Room, who: str, act: str, arguments: tuple[str, ...], code: int
) -> None:
    answer = await draw(room, who, act, *arguments)

    assert (answer.exit_code, answer.stdout) == (code, ""), answer.output
    assert answer.stderr


async def test_propose_as_drawn_and_uphold(room: Room) -> None:
    await draw(room, "center", "freeze")
    await draw(room, "center", "commit", *COMMIT)
    await draw(room, "center", "challenge", "--cause", "data-wrong", "--reason", WHY)
    upheld = await draw(room, "head", "uphold", "--reason", WHY)
    await draw(room, "center", "seed", SEED)
    await draw(room, "audit", "seed", SEED)

    proposed = await draw(room, "unit", "propose", "--json")

    assert upheld.exit_code == 0, upheld.output
    assert json.loads(proposed.stdout)["state"] == "proposed"
