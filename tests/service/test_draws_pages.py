"""The pages of a draw, through HTTP: desk, wall, public page, minutes, costs; what each shows and to whom."""

import asyncio
import hashlib
import re
import subprocess
import sys
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from docx import Document
from litestar import Litestar

from service.ids import new_id
from service.keys import Keys
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.session import Database
from tests.service.conftest import SignedIn
from tests.service.test_draws import COMMITTING, POOL, SEED, SOURCE, Room, a_room


@pytest.fixture
async def room(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Room:
    room = await a_room(signed_in, database, settings, app, keys, POOL)
    await room.open()
    return room


async def version(room: Room) -> str:
    return str((await room.draws())["version"])


async def send(room: Room, client: httpx.AsyncClient, act: str, **fields: str | list[str]) -> httpx.Response:
    held = {"version": await version(room), "idempotency_key": f"{act.replace('/', '-')}-{len(room.acts)}-0000"}
    return await client.post(f"/matters/{room.matter}/draw/{act}", data=held | fields)


COMMIT = {
    "kind": ["rfc3797", "text"],
    "source": [SOURCE["name"], ""],
    "chain": ["", ""],
    "round": ["", ""],
    "reveal_on": "2026年9月14日",
    "witnesses": "纪检 赵见\n司法局 钱证\n",
}


async def committed(room: Room) -> str:
    await send(room, room.center, "freeze")
    await room.work()
    done = await send(room, room.center, "commit", **COMMIT)
    assert done.status_code == 303, done.text
    await room.seal()
    return (await room.draws())["draws"][-1]["id"]


async def made(room: Room) -> str:
    draw = await committed(room)
    for client in (room.center, room.audit):
        typed = await send(room, client, "seed", **{"source": SOURCE["name"], "value-0": SEED["values"][0]})
        assert typed.status_code == 303, typed.text
    return draw


async def test_a_draw_goes_from_freezing_to_proposal_by_forms_alone(room: Room) -> None:
    desk = f"/matters/{room.matter}/draw"

    empty = await room.center.get(desk)
    await send(room, room.center, "freeze")
    computing = await room.center.get(desk)
    await room.work()
    frozen = await room.center.get(desk)
    await committed(room)
    waiting = await room.center.get(desk)
    await send(room, room.center, "seed", **{"source": SOURCE["name"], "value-0": SEED["values"][0]})
    once = await room.center.get(desk)
    await send(room, room.audit, "seed", **{"source": SOURCE["name"], "value-0": SEED["values"][0]})
    drawn = await room.unit.get(desk)
    proposed = await send(room, room.unit, "propose")
    panel = await room.center.get(f"/matters/{room.matter}/panel")

    assert "规定没有要求抽签" in empty.text
    assert "hx-get" in computing.text
    assert "名单已冻结，还没有提交" in frozen.text
    assert "已承诺，待录入种子" in waiting.text
    assert "等待第二个人" in once.text
    assert SEED["values"][0] not in once.text
    assert "按抽取结果提出" in drawn.text
    assert (proposed.status_code, proposed.headers["location"]) == (303, f"/matters/{room.matter}/panel")
    assert "产生方式" in panel.text


async def test_a_mismatch_is_said_on_the_page_and_nothing_is_drawn(room: Room) -> None:
    await committed(room)
    await send(room, room.center, "seed", **{"source": SOURCE["name"], "value-0": "1 2 3"})

    other = await send(room, room.audit, "seed", **{"source": SOURCE["name"], "value-0": "1 2 4"})

    assert other.status_code == 409
    assert "两次录入有 1 处不一致" in other.text
    assert (await room.draws())["draws"][0]["state"] == "committed"


async def test_what_is_missing_for_a_commitment_is_said_at_its_field_and_the_rest_is_kept(room: Room) -> None:
    await send(room, room.center, "freeze")
    await room.work()

    answer = await send(room, room.center, "commit", **COMMIT | {"witnesses": "", "source": ["彩票第 9 期", ""]})

    assert answer.status_code == 400
    assert "彩票第 9 期" in answer.text
    assert 'href="#f-witnesses"' in answer.text


async def test_the_wall_shows_hash_witnesses_and_list_and_calls_members_one_by_one(room: Room) -> None:
    draw = await committed(room)
    wall = f"/matters/{room.matter}/draw/ceremony"

    before = await room.center.get(wall)
    for client in (room.center, room.audit):
        await send(room, client, "seed", **{"source": SOURCE["name"], "value-0": SEED["values"][0], "from": "ceremony"})
    covered = await room.center.get(wall)
    two = await room.center.get(f"{wall}?called=2")
    all_ = await room.center.get(f"{wall}?called=99")

    digest = (await room.draws())["draws"][0]["commitment_sha256"]
    assert digest[:8] in before.text
    assert "赵见" in before.text
    assert "<svg" in before.text
    assert f"/draws/{draw}" in before.text
    assert "水0" in before.text
    assert [page.text.count('class="covered"') for page in (covered, two, all_)] == [5, 3, 0]
    assert "揭晓下一位" in two.text
    assert "打印抽取记录" in all_.text


async def test_anybody_sees_the_public_page_without_names_and_finds_what_is_needed_to_check(
    room: Room, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    draw = await made(room)

    page = await client.get(f"/draws/{draw}")
    listed = await client.get("/draws")
    record = await client.get(f"/draws/{draw}/record.json")
    commitment = await client.get(f"/draws/{draw}/commitment.json")
    verifier = await client.get("/draws/verifier.py")

    assert [one.status_code for one in (page, listed, record, commitment, verifier)] == [200] * 5
    names = [*room.library.experts, *room.library.organisations, "滦河支流", "赵见", "王试"]
    assert [name for name in names if name in page.text + listed.text + record.text] == []
    assert "data-verify" in page.text
    digest = hashlib.sha256(commitment.content).hexdigest()
    assert digest == (await room.draws())["draws"][0]["commitment_sha256"]
    (tmp_path / "verifier.py").write_bytes(verifier.content)
    (tmp_path / "record.json").write_bytes(record.content)
    command = [sys.executable, "-I", tmp_path / "verifier.py", tmp_path / "record.json", digest]
    run = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False, text=True)
    assert run.returncode == 0, run.stderr


async def test_the_public_page_says_the_title_only_with_leave(room: Room, client: httpx.AsyncClient) -> None:
    await send(room, room.center, "freeze")
    await room.work()
    await send(room, room.center, "commit", **COMMIT | {"title_public": "yes"})
    draw = (await room.draws())["draws"][0]["id"]

    page = await client.get(f"/draws/{draw}")

    assert "滦河支流" in page.text


async def test_a_commitment_without_a_record_has_none_to_download(room: Room, client: httpx.AsyncClient) -> None:
    draw = await committed(room)

    assert (await client.get(f"/draws/{draw}/record.json")).status_code == 404
    assert (await client.get(f"/draws/{UUID(int=7)}")).status_code == 404
    assert "自己验证" not in (await client.get(f"/draws/{draw}")).text


async def test_chances_are_drawn_as_bars_with_their_exact_numbers(room: Room) -> None:
    await committed(room)

    page = await room.center.get(f"/matters/{room.matter}/draw")

    shown = re.findall(r'<td class="num mono"[^>]*>(\d+/\d+|1)</td>', page.text)
    assert len(shown) >= 2
    assert page.text.count('<rect class="value"') == len(shown)
    assert "不能参加的人" not in page.text
    assert "为什么有人不在里面（1 人）" in page.text


async def test_how_far_the_lottery_is_and_what_is_fixed_are_read_without_the_library(room: Room) -> None:
    address = f"/matters/{room.matter}/draw"
    assert (await room.draw(room.center, "freeze")).status_code == 202
    room.app.state.residents = Residents()

    waiting = await room.center.get(f"{address}/progress")
    outside = await room.center.get(f"/matters/{new_id()}/draw/progress")
    untouched = room.app.state.residents.pool.seq
    await room.work()
    done = await room.center.get(f"{address}/progress")
    await room.draw(room.center, "commit", COMMITTING)
    room.app.state.residents = Residents()
    costs, numbered = [await room.center.get(f"{address}/{name}") for name in ("costs", "numbered")]

    assert (waiting.status_code, f'hx-get="{address}/progress"' in waiting.text) == (200, True)
    assert (outside.status_code, done.headers["HX-Refresh"]) == (404, "true")
    assert (costs.status_code, numbered.status_code) == (200, 200)
    assert (untouched, room.app.state.residents.pool.seq) == (-1, -1)


async def test_each_rule_tells_what_it_costs(room: Room) -> None:
    await committed(room)

    page = await room.center.get(f"/matters/{room.matter}/draw/costs")

    assert page.status_code == 200
    assert page.text.count("去掉：") == 3
    assert "现在：全部规则" in page.text


async def test_the_minutes_print_and_download_with_names_chances_and_hashes(room: Room) -> None:
    draw = await made(room)
    address = f"/matters/{room.matter}/draws/{draw}/minutes"

    page = await room.center.get(address)
    file = await room.center.get(f"{address}.docx")

    digest = (await room.draws())["draws"][0]["record_sha256"]
    document = Document(BytesIO(file.content))
    text = "\n".join(
        [line.text for line in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )
    for found in (page.text, text):
        assert "论证专家组抽取记录" in found
        assert digest in found
        assert "纪检 赵见" in found
        assert "9.12" in found or "3.9.12.21.33." in found
    assert sum(name in text for name in room.library.experts) >= 5


async def test_who_is_not_of_the_matter_sees_no_page_of_its_draw(room: Room, signed_in: SignedIn) -> None:
    draw = await made(room)
    stranger = await signed_in("unit")

    pages = [
        await stranger.get(f"/matters/{room.matter}/{rest}")
        for rest in ("draw", "draw/ceremony", "draw/costs", f"draws/{draw}/minutes")
    ]

    assert [page.status_code for page in pages] == [404] * 4


async def test_a_voided_draw_says_so_in_public_and_in_its_minutes(room: Room, client: httpx.AsyncClient) -> None:
    draw = await made(room)
    reason = "录入时见证人尚未到场"
    await send(room, room.center, "challenge", void_cause="ceremony-broken", void_reason=reason)
    await send(room, room.head, "void")

    public = await client.get(f"/draws/{draw}")
    minutes = await room.center.get(f"/matters/{room.matter}/draws/{draw}/minutes")

    assert "仪式没有按规定进行" in public.text
    assert reason not in public.text
    assert "已作废" in minutes.text


async def test_anybody_reads_how_a_draw_is_checked_and_the_steps_name_what_is_handed_out(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/draws/how")

    assert page.status_code == 200
    assert "/draws/verifier.py" in page.text
    assert "VERIFIED" in page.text


async def test_everybody_has_a_row_with_the_chance_what_determined_it_or_why_not(room: Room) -> None:
    draw = await made(room)
    rows = (await room.center.get(f"/api/matters/{room.matter}/draw/people")).json()
    page = await room.center.get(f"/matters/{room.matter}/draw/people")
    public = (await room.center.get(f"/api/draws/{draw}")).json()

    chances = public["commitment"]["lottery"]["chances"]
    assert {row["number"]: row["chance"] for row in rows if row["role"] != "excluded"} == chances
    assert [row["number"] for row in rows if row["role"] == "member"] != []
    assert {row["number"] for row in rows if row["role"] == "member"} == {
        one["id"] for one in public["record"]["panel"]
    }
    (out,) = [row for row in rows if row["role"] == "excluded"]
    assert out["expert_id"] == str(room.library.experts["本局人"])
    assert out["cite"] == "A28.4"
    assert page.status_code == 200
    assert all(name in page.text for name in room.library.experts)
    assert "近两年没有服务过" in page.text


async def test_a_unit_learns_that_somebody_is_kept_out_and_not_why(room: Room) -> None:
    await made(room)

    rows = (await room.unit.get(f"/api/matters/{room.matter}/draw/people")).json()

    assert [(row["code"], row["cite"]) for row in rows if row["role"] == "excluded"] == [("NOT_SUITABLE", "")]


async def test_what_each_rule_costs_is_data_too_and_leaving_a_rule_out_never_costs(room: Room) -> None:
    await made(room)

    found = (await room.center.get(f"/api/matters/{room.matter}/draw/costs")).json()

    assert [one["at"] for one in found["costs"]] == ["/seats/0", "/seats/1", "/caps/0"]
    now = Fraction(found["now"]["least"])
    assert all(Fraction(one["without"]["least"]) >= now for one in found["costs"])
    assert all(one["without"]["panels"] >= found["now"]["panels"] for one in found["costs"])
