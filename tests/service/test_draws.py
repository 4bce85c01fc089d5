"""A draw from frozen problem to determined panel through the API, on real databases, and everything that is refused."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from selection import canonical_json
from selection.draw import verify_record
from service import ledger
from service.actions.cases import CaseEntry, open_case
from service.jobs.handlers import handlers
from service.jobs.worker import Worker
from service.keys import Keys
from service.settings import Settings
from service.storage.doctor import Difference
from service.storage.draws import draw_of, draws_of
from service.storage.panels import panels_of
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting
from tests.service.differences import differences_of
from tests.service.library import Entry, a_library
from tests.service.test_panels import County, key
from workflow import Seat

POOL = [
    *(Entry(f"水{place}", employer=f"设计院{place % 4}") for place in range(9)),
    *(Entry(f"法{place}", "820") for place in range(3)),
    Entry("本局人", employer="县水利局"),
]
SOURCE = {"name": "体彩大乐透第26105期", "kind": "rfc3797"}
COMMITTING = {"sources": [SOURCE], "reveal_on": "2026-09-14", "witnesses": ["纪检 赵见", "司法局 钱证"]}
SEED = {"values": ["9 12 3 33 21"]}
WHY = "该专家来电说明当日住院无法到会"


class Room(County):
    """A county with a worker, a ledger that is sealed, a second person of the center and an auditor."""

    app: Litestar
    keys: Keys
    head: httpx.AsyncClient
    audit: httpx.AsyncClient

    async def open(self, **changes: Any) -> None:  # type: ignore[override]
        await super().open(**({"seats": (Seat("570", 2), Seat("820", 1))} | changes))

    async def work(self) -> None:
        worker = Worker(
            database=self.database,
            settings=self.settings,
            clock=self.app.state.clock,
            handlers=handlers(self.app.state),
        )
        await worker.run_due()

    async def seal(self) -> None:
        async with unit_of_work(self.database, at=MONDAY) as session:
            await ledger.seal(session, self.keys.ledger_key(), at=MONDAY, now=True)

    async def draws(self) -> dict[str, Any]:
        answer = await self.center.get(f"/api/matters/{self.matter}/draws")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def draw(self, client: httpx.AsyncClient, act: str, body: dict[str, Any] | None = None):
        version = (await self.draws())["version"]
        return await client.post(
            f"/api/matters/{self.matter}/draw/{act}",
            json=body if body is not None else {},
            headers=key(f"{act}-{version}-{len(self.acts)}") | {"If-Match": f'"{version}"'},
        )

    @property
    def acts(self) -> list[None]:
        """One more at each look, so that every act has a key of its own."""
        self._looks = [*getattr(self, "_looks", []), None]
        return self._looks

    async def freeze(self) -> None:
        answer = await self.draw(self.center, "freeze")
        assert answer.status_code == 202, answer.text
        await self.work()

    async def commit(self, **changes: Any) -> dict[str, Any]:
        await self.freeze()
        answer = await self.draw(self.center, "commit", COMMITTING | changes)
        assert answer.status_code == 200, answer.text
        await self.seal()
        return answer.json()

    async def differences(self) -> list[Difference]:
        """Return what the doctor would put right; nothing is kept of its looking."""
        return await differences_of(self.database, self.matter)

    async def suspend(self, name: str) -> None:
        async with acting(self.database, self.settings, self.center.viewer) as act:
            await open_case(act, self.library.experts[name], CaseEntry("breach", "有人举报，正在核实情况"), seen=1)

    async def make(self, seed: dict[str, Any] = SEED) -> dict[str, Any]:
        first = await self.draw(self.center, "seed", seed)
        assert (first.status_code, first.json()["state"]) == (200, "committed"), first.text
        second = await self.draw(self.audit, "seed", seed)
        assert second.status_code == 200, second.text
        return second.json()


async def a_room(
    signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys, pool: list[Entry]
) -> Room:
    unit_id = await a_unit(database)
    library = await a_library(database, pool, units={"县水利局": unit_id})
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    room = Room(unit, center, library, unit_id, database, settings)
    room.app, room.keys = app, keys
    room.head, room.audit = await signed_in("center-head"), await signed_in("audit")
    return room


@pytest.fixture
async def room(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Room:
    return await a_room(signed_in, database, settings, app, keys, POOL)


def codes(answer: httpx.Response) -> list[str]:
    return [refusal["code"] for refusal in answer.json()["refusals"]]


@pytest.mark.rule("R32a")
async def test_a_panel_is_drawn_proposed_by_the_unit_and_determined_by_the_center(
    engine: str, room: Room, database: Database
) -> None:
    await room.open()

    committed = await room.commit()
    made = await room.make()
    proposed = await room.draw(room.unit, "propose")
    determined = await room.act(room.center, "determine", {"flags": []})

    assert (committed["number"], committed["state"], made["state"], len(made["members"])) == (1, "committed", "made", 5)
    assert proposed.status_code == 200, proposed.text
    assert determined.status_code == 200, determined.text
    assert await room.differences() == []
    async with reading(database) as session:
        (panel,) = await panels_of(session, UUID(room.matter))
        assert (panel.mode, {str(seat.expert_id) for seat in panel.members}) == ("drawn", set(made["members"]))
        kinds = [entry.type for entry in await ledger.stream(session, f"matter:{room.matter}")]
    assert [kind for kind in kinds if kind.startswith("draw.")] == ["draw.committed", "draw.made"]


async def test_the_record_is_true_names_nobody_and_bears_the_committed_hash(
    room: Room, client: httpx.AsyncClient, database: Database
) -> None:
    await room.open()
    committed = await room.commit()
    made = await room.make()

    public = (await client.get(f"/api/draws/{made['id']}")).json()

    found = verify_record(public["record"], published_sha256=committed["commitment_sha256"])
    assert found.code is None, found.says
    assert hashlib.sha256(canonical_json(public["record"]).encode()).hexdigest() == made["record_sha256"]
    text = str(public)
    experts = [str(one) for one in (*room.library.experts.values(), *room.library.organisations.values())]
    assert [one for one in (*room.library.experts, *room.library.organisations, *experts) if one in text] == []
    (own,) = [row for row in public["commitment"]["problem"]["excluded"] if row["code"] == "DIRECT_INTEREST"]
    async with reading(database) as session:
        draw = await draw_of(session, UUID(made["id"]))
    assert draw.people[own["id"]] == room.library.experts["本局人"]


async def test_two_draws_of_one_library_have_other_numbers_for_the_same_people(room: Room, database: Database) -> None:
    pools = []
    for _ in range(3):
        await room.open()
        await room.commit()
        async with reading(database) as session:
            (draw,) = await draws_of(session, UUID(room.matter))
        pools.append(tuple(draw.people.items()))

    assert len(set(pools)) > 1
    assert {frozenset(dict(pool).values()) for pool in pools} == {frozenset(room.library.experts.values())}


async def test_the_seed_is_typed_by_two_who_agree(room: Room) -> None:
    await room.open()
    await room.commit()

    first = await room.draw(room.center, "seed", SEED)
    alone = await room.draw(room.center, "seed", {"values": ["1 2 3"]})
    other = await room.draw(room.audit, "seed", SEED)
    agreed = await room.draw(room.audit, "seed", {"values": ["3 2 1"]})

    assert (first.status_code, first.json()["waits_for_second"]) == (200, True)
    # Whoever typed first may correct it; that is no second time.
    assert (alone.status_code, alone.json()["state"]) == (200, "committed")
    assert (other.status_code, codes(other)) == (409, ["SEEDS_DIFFER"])
    # The rule of the source sorts the numbers, so that their order does not matter.
    assert (agreed.status_code, agreed.json()["state"]) == (200, "made")


async def test_what_was_typed_first_is_shown_to_nobody_and_can_be_forgotten(room: Room) -> None:
    await room.open()
    await room.commit()
    await room.draw(room.center, "seed", SEED)

    seen = await room.audit.get(f"/api/matters/{room.matter}/draws")
    forgotten = await room.center.delete(f"/api/matters/{room.matter}/draw/seed", headers=key("forget"))
    second = await room.draw(room.audit, "seed", SEED)

    assert "9.12" not in seen.text
    assert forgotten.status_code == 204
    assert (second.json()["state"], second.json()["waits_for_second"]) == ("committed", True)


@pytest.mark.parametrize(("text", "code"), [("", "FIELD_REQUIRED"), ("neun zwölf", "SEED_NOT_OF_SOURCE")])
async def test_a_text_that_its_source_cannot_show_is_a_fault_of_its_field(room: Room, text: str, code: str) -> None:
    await room.open()
    await room.commit()

    answer = await room.draw(room.center, "seed", {"values": [text]})

    assert (answer.status_code, [(one["at"], one["code"]) for one in answer.json()["faults"]]) == (
        400,
        [("value-0", code)],
    )


async def test_no_seed_is_taken_before_a_signed_checkpoint_covers_the_commitment(room: Room) -> None:
    await room.open()
    await room.freeze()
    await room.draw(room.center, "commit", COMMITTING)

    early = await room.draw(room.center, "seed", SEED)
    await room.seal()
    later = await room.draw(room.center, "seed", SEED)

    assert (early.status_code, codes(early)) == (409, ["DRAW_NOT_SEALED"])
    assert later.status_code == 200


async def test_no_seed_is_taken_before_the_day_of_the_commitment(room: Room) -> None:
    await room.open()
    await room.commit(reveal_on="2026-09-15")

    await room.draw(room.center, "seed", SEED)
    answer = await room.draw(room.audit, "seed", SEED)

    assert (answer.status_code, codes(answer)) == (409, ["REVEAL_TOO_EARLY"])


async def test_the_library_moving_after_the_commitment_changes_nothing_in_the_draw(
    room: Room, client: httpx.AsyncClient
) -> None:
    await room.open()
    committed = await room.commit()
    await room.suspend("水8")

    made = await room.make()

    assert made["commitment_sha256"] == committed["commitment_sha256"]
    public = (await client.get(f"/api/draws/{made['id']}")).json()
    assert len(public["commitment"]["problem"]["candidates"]) == 12
    assert verify_record(public["record"], published_sha256=committed["commitment_sha256"]).code is None


async def test_the_library_moving_before_the_commitment_asks_to_freeze_again(room: Room) -> None:
    await room.open()
    await room.freeze()
    await room.suspend("水8")

    refused = await room.draw(room.center, "commit", COMMITTING)
    await room.freeze()
    again = await room.draw(room.center, "commit", COMMITTING)

    assert (refused.status_code, codes(refused)) == (409, ["LIBRARY_MOVED"])
    assert again.status_code == 200, again.text


@pytest.mark.rule("R30a", "R32a")
async def test_a_drawn_member_who_may_not_sit_any_more_is_replaced_by_the_same_draw(room: Room) -> None:
    await room.open()
    await room.commit()
    made = await room.make()
    out = made["members"][0]
    await room.suspend(next(name for name, one in room.library.experts.items() if str(one) == out))

    refused = await room.draw(room.unit, "propose")
    body = {"expert": out, "cause": "ineligible", "reason": "已被暂停，今日核对不符合条件"}
    went_on = await room.draw(room.center, "continue", body)
    proposed = await room.draw(room.unit, "propose")

    assert refused.status_code == 409
    assert went_on.status_code == 200, went_on.text
    assert out not in went_on.json()["members"]
    assert len(set(went_on.json()["members"]) & set(made["members"])) == 4
    assert went_on.json()["commitment_sha256"] == made["commitment_sha256"]
    assert proposed.status_code == 200, proposed.text
    public = (await room.unit.get(f"/api/draws/{made['id']}")).json()
    assert verify_record(public["record"]).code is None
    assert [row["was"] for row in public["record"]["declines"]] == ["member"]


async def test_who_leaves_a_determined_drawn_panel_is_replaced_at_once(room: Room, database: Database) -> None:
    await room.open()
    await room.commit()
    made = await room.make()
    await room.draw(room.unit, "propose")
    await room.act(room.center, "determine", {"flags": []})
    out = made["members"][-1]

    answer = await room.draw(room.center, "continue", {"expert": out, "cause": "declined-objective", "reason": WHY})

    assert answer.status_code == 200, answer.text
    async with reading(database) as session:
        (panel,) = await panels_of(session, UUID(room.matter))
        assert {str(seat.expert_id) for seat in panel.members} == set(answer.json()["members"])
        assert panel.state == "determined"
    assert await room.differences() == []
    again = await room.draw(room.center, "continue", {"expert": out, "cause": "declined", "reason": WHY})
    assert again.status_code == 404


async def test_a_draw_is_voided_by_two_and_stays_for_ever(room: Room, client: httpx.AsyncClient) -> None:
    await room.open()
    await room.commit()
    made = await room.make()

    asked = await room.draw(room.center, "challenge", {"cause": "ceremony-broken", "reason": "录入时见证人尚未到场"})
    alone = await room.draw(room.center, "void")
    resting = await room.draw(room.unit, "propose")
    voided = await room.draw(room.head, "void")
    second = await room.commit()

    assert asked.status_code == 200, asked.text
    assert codes(alone) == ["SAME_PERSON_CHALLENGED_AND_VOIDED"]
    assert codes(resting) == ["DRAW_CHALLENGED"]
    assert voided.status_code == 200, voided.text
    assert second["number"] == 2
    public = (await client.get(f"/api/draws/{made['id']}")).json()
    assert (public["state"], public["cause"]) == ("voided", "ceremony-broken")
    assert verify_record(public["record"]).code is None
    assert [(one["number"], one["state"]) for one in (await room.draws())["draws"]] == [(1, "voided"), (2, "committed")]


async def test_a_challenged_draw_can_be_let_stand(room: Room) -> None:
    await room.open()
    await room.commit()
    await room.draw(room.center, "challenge", {"cause": "data-wrong", "reason": "怀疑某专家的单位登记有误"})

    upheld = await room.draw(room.head, "uphold", {"reason": "核对无误，登记正确，抽取有效"})

    assert upheld.status_code == 200, upheld.text
    assert (await room.make())["state"] == "made"


async def test_one_draw_stands_at_a_time_and_only_the_center_runs_it(room: Room) -> None:
    await room.open()
    await room.commit()

    again = await room.draw(room.center, "freeze")
    by_unit = await room.draw(room.unit, "freeze")
    lock = await room.center.put(
        f"/api/matters/{room.matter}/panel/locks/{room.library.experts['水0']}",
        json={"locked": "out", "reason": "该专家与本事项的承办人相熟"},
        headers=key("lock"),
    )

    assert (again.status_code, codes(again)) == (409, ["DRAW_STANDS"])
    assert by_unit.status_code == 404
    assert (lock.status_code, codes(lock)) == (409, ["DRAW_STANDS"])


async def test_nobody_is_put_into_a_draw_by_hand(room: Room) -> None:
    await room.open()
    await room.center.put(
        f"/api/matters/{room.matter}/panel/locks/{room.library.experts['水0']}",
        json={"locked": "in", "reason": "参加过前期踏勘，熟悉情况"},
        headers=key("lock"),
    )

    answer = await room.draw(room.center, "freeze")

    assert (answer.status_code, codes(answer)) == (409, ["LOCKED_IN_BEFORE_DRAW"])


async def test_nothing_is_committed_that_was_not_frozen_or_has_no_panel(room: Room) -> None:
    await room.open(size=9, seats=(Seat("820", 5),))

    bare = await room.draw(room.center, "commit", COMMITTING)
    await room.freeze()
    impossible = await room.draw(room.center, "commit", COMMITTING)

    assert (bare.status_code, codes(bare)) == (409, ["DRAW_NOT_FROZEN"])
    assert (await room.draws())["draft"] == "impossible"
    assert codes(impossible) == ["DRAW_NOT_FROZEN"]


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"sources": [{"name": "a=b"}]}, "sources"),
        ({"sources": [{"name": "drand", "kind": "drand"}]}, "sources"),
        ({"witnesses": [" "]}, "witnesses"),
    ],
)
async def test_what_is_entered_for_a_commitment_is_checked_whole(room: Room, changes: dict[str, Any], at: str) -> None:
    await room.open()
    await room.freeze()

    answer = await room.draw(room.center, "commit", COMMITTING | changes)

    assert answer.status_code == 400
    assert {fault["at"] for fault in answer.json()["faults"]} == {at}


async def test_two_commitments_at_once_leave_one(engine: str, room: Room, database: Database) -> None:
    await room.open()
    await room.freeze()
    version = (await room.draws())["version"]

    def send(client: httpx.AsyncClient, name: str):
        return client.post(
            f"/api/matters/{room.matter}/draw/commit",
            json=COMMITTING,
            headers=key(name) | {"If-Match": f'"{version}"'},
        )

    answers = await asyncio.gather(*(send(room.center, f"at-once-{place}") for place in range(4)))

    assert [answer.status_code for answer in answers].count(200) == 1
    assert len((await room.draws())["draws"]) == 1


async def test_a_stranger_does_not_know_of_a_draw_and_anybody_sees_its_public_face(
    room: Room, signed_in: SignedIn, client: httpx.AsyncClient
) -> None:
    await room.open()
    made = await room.commit()
    stranger = await signed_in("unit", unit_id=await a_unit(room.database, "县教育局"))

    answers = [
        (await stranger.get(f"/api/matters/{room.matter}/draws")).status_code,
        (await room.draw(stranger, "seed", SEED)).status_code,
        (await client.get(f"/api/draws/{made['id']}")).status_code,
        (await client.get(f"/api/draws/{room.matter}")).status_code,
    ]

    assert answers == [404, 404, 200, 404]


async def test_need_and_mode_stay_while_a_draw_stands(room: Room) -> None:
    await room.open()
    await room.commit()

    mode = await room.act(room.center, "mode", {"mode": "composed"})
    composed = await room.act(room.unit, "propose")

    assert codes(mode) == ["DRAW_STANDS"]
    assert "PROPOSAL_NOT_AS_DRAWN" in codes(composed)
