"""What rules cost a composed panel, and the numbered panels of a draw for balls, as pages and as JSON."""

import hashlib

import pytest
from litestar import Litestar

from service.keys import Keys
from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn
from tests.service.test_draws import POOL, Room, a_room


@pytest.fixture
async def room(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Room:
    room = await a_room(signed_in, database, settings, app, keys, POOL)
    await room.open()
    return room


async def test_leaving_a_rule_out_never_makes_the_best_panel_worse(room: Room) -> None:
    found = (await room.unit.get(f"/api/matters/{room.matter}/panel/costs")).json()
    page = await room.unit.get(f"/matters/{room.matter}/panel/costs")

    assert [one["at"] for one in found["costs"]] == ["/seats/0", "/seats/1", "/caps/0"]
    now = (found["now"]["load"], -found["now"]["fit"])
    assert all((one["without"]["load"], -one["without"]["fit"]) <= now for one in found["costs"])
    assert page.status_code == 200
    assert "没有代价" in page.text


async def test_nothing_is_compared_while_somebody_is_put_in_by_hand(room: Room) -> None:
    await room.center.put(
        f"/api/matters/{room.matter}/panel/locks/{room.library.experts['水0']}",
        json={"locked": "in", "reason": "参加过前期踏勘，熟悉情况"},
        headers={"Idempotency-Key": "lock-in-000000000"},
    )

    found = (await room.center.get(f"/api/matters/{room.matter}/panel/costs")).json()

    assert found == {"now": None, "costs": []}


async def test_numbered_panels_of_a_draw_print_and_their_file_has_the_hash_on_the_page(room: Room) -> None:
    early = await room.center.get(f"/matters/{room.matter}/draw/numbered")
    await room.commit()

    page = await room.center.get(f"/matters/{room.matter}/draw/numbered")
    file = await room.center.get(f"/matters/{room.matter}/draw/numbered.json")
    as_json = await room.center.get(f"/api/matters/{room.matter}/draw/numbered")

    assert (early.status_code, page.status_code) == (404, 200)
    assert len(as_json.json()["panels"]) == 1000
    assert file.content == as_json.content
    assert hashlib.sha256(file.content).hexdigest()[:8] in page.text
    assert page.text.count("<li><strong>") == 1000


async def test_a_list_that_would_be_unfair_is_refused_with_a_sentence(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.commit()
    # A pool that needs more than a million balls takes minutes to make; the same bound, lower.
    monkeypatch.setattr("selection.draw.numbered.MOST_BALLS", 100)

    answer = await room.center.get(f"/api/matters/{room.matter}/draw/numbered")
    page = await room.center.get(f"/matters/{room.matter}/draw/numbered")

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "BALLS_TOO_MANY")
    assert "请改用种子抽签" in page.text
