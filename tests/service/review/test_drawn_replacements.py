"""Who leaves a drawn panel that was asked already: the same draw says who comes in, and asks that person at once."""

from typing import Any

import httpx
import pytest
from litestar import Litestar

from selection.draw import verify_record
from service import ledger
from service.keys import Keys
from service.settings import Settings
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, SignedIn
from tests.service.review.house import REASON, Review, a_phone
from tests.service.test_draws import POOL, a_room

BODY = {"reason": REASON, "respond_by": "2026-09-18"}


@pytest.fixture
async def drawn(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Review:
    """A review whose panel was drawn, determined and invited."""
    room = await a_room(signed_in, database, settings, app, keys, POOL)
    await room.open()
    await room.commit()
    made = await room.make()
    assert (await room.draw(room.unit, "propose")).status_code == 200
    assert (await room.act(room.center, "determine", {"flags": []})).status_code == 200
    review = Review(room, [await a_phone(room, database, signed_in, one) for one in made["members"]])
    assert (await review.invite()).status_code == 200
    return review


async def newcomers(review: Review) -> list[dict[str, Any]]:
    """Return the members who were not on the panel when it was invited."""
    first = {phone.expert_id for phone in review.phones}
    return [one for one in (await review.see())["people"] if one["member"] and one["expert_id"] not in first]


@pytest.mark.rule("R26f", "R31a")
@pytest.mark.parametrize(
    ("answer", "code", "cause"),
    [
        ("declined", "ill", "declined-objective"),
        ("declined", "unwilling", "declined"),
        ("recused", "employer", "recused"),
    ],
)
async def test_the_same_draw_fills_the_place_and_asks_who_joins_in_one_act(
    drawn: Review, answer: str, code: str, cause: str, client: httpx.AsyncClient, database: Database
) -> None:
    phone = drawn.phones[0]
    await phone.answer(answer, code)
    before = (await drawn.center.get(f"/api/matters/{drawn.matter}/draws")).json()["draws"][0]

    replaced = await drawn.on(phone, "replace", BODY)

    assert replaced.status_code == 200, replaced.text
    (joined,) = await newcomers(drawn)
    after = (await drawn.center.get(f"/api/matters/{drawn.matter}/draws")).json()["draws"][0]
    assert (joined["standing"], joined["respond_by"]) == ("invited", "2026-09-18")
    assert (await drawn.line(phone))["standing"] == "replaced"
    assert set(after["members"]) - set(before["members"]) == {joined["expert_id"]}
    assert after["commitment_sha256"] == before["commitment_sha256"]
    public = (await client.get(f"/api/draws/{after['id']}")).json()
    assert verify_record(public["record"]).code is None
    async with reading(database) as session:
        entries = [entry.value() for entry in await ledger.stream(session, f"matter:{drawn.matter}")]
    assert [one["body"]["cause"] for one in entries if one["type"] == "member.replaced"] == [cause]
    assert entries[-1]["type"] == "expert.invited"


async def test_who_does_not_answer_in_time_is_replaced_without_being_let_go_first(drawn: Review, app: Litestar) -> None:
    phone = drawn.phones[1]
    await drawn.later(app, MONDAY.replace(day=18))

    replaced = await drawn.on(phone, "replace", BODY)

    assert replaced.status_code == 200, replaced.text
    assert [one["standing"] for one in await newcomers(drawn)] == ["invited"]
    assert (await phone.client.get(f"/api/reviews/{drawn.matter}")).json()["stage"] == "over"


async def test_nobody_is_chosen_into_a_drawn_panel(drawn: Review) -> None:
    phone = drawn.phones[0]
    await phone.answer("declined", "ill")
    other = (await drawn.line(phone))["reserves"]

    chosen = await drawn.on(phone, "replace", BODY | {"reserve": other[0] if other else drawn.phones[1].expert_id})

    assert chosen.status_code == 409
    assert "DRAWN_PANEL_GOES_ON_BY_DRAW" in [one["code"] for one in chosen.json()["refusals"]]
    assert await newcomers(drawn) == []


async def test_a_composed_panel_needs_the_reserve_named(invited: Review) -> None:
    phone = invited.phones[0]
    await phone.answer("declined", "ill")

    unnamed = await invited.on(phone, "replace", BODY)

    assert (unnamed.status_code, unnamed.json()["faults"][0]["at"]) == (400, "reserve")


@pytest.mark.rule("R32b")
async def test_who_joins_has_a_time_for_study_of_their_own_and_the_page_says_that_the_meeting_moves(
    drawn: Review, app: Litestar, database: Database, signed_in: SignedIn
) -> None:
    for phone in drawn.phones[:-1]:
        await phone.answer("accepted")
        await phone.undertake()
    await drawn.put_all()
    assert (await drawn.send()).status_code == 200
    first_due = (await drawn.line(drawn.phones[0]))["due_on"]
    leaver = drawn.phones[-1]
    await leaver.answer("declined", "ill")
    same_day = (await drawn.line(leaver))["moves"]
    await drawn.later(app, MONDAY.replace(day=16))
    line = await drawn.line(leaver)
    page = await drawn.center.get(f"/matters/{drawn.matter}/review/experts/{leaver.expert_id}")

    assert (await drawn.on(leaver, "replace", BODY)).status_code == 200
    (joined,) = await newcomers(drawn)
    newcomer = await a_phone(drawn.county, database, signed_in, joined["expert_id"])
    await drawn.later(app, MONDAY.replace(day=16))
    await newcomer.answer("accepted")
    await newcomer.undertake()

    assert (same_day, line["moves"]) == (0, 2)
    assert "最后一份意见要晚 2 天" in page.text
    assert (await drawn.line(newcomer))["due_on"] > first_due
    assert (await drawn.line(drawn.phones[0]))["due_on"] == first_due


async def test_the_page_of_the_draw_asks_until_when_who_joins_answers(drawn: Review) -> None:
    phone = drawn.phones[0]
    await phone.answer("declined", "ill")
    version = (await drawn.see())["version"]
    body = {"expert": phone.expert_id, "cause": "declined-objective", "reason": REASON}

    def go_on(name: str, **more: Any) -> Any:
        return drawn.center.post(
            f"/api/matters/{drawn.matter}/draw/continue",
            json=body | more,
            headers={"Idempotency-Key": f"go-on-{name}", "If-Match": f'"{version}"'},
        )

    without = await go_on("without")
    with_day = await go_on("with", respond_by="2026-09-18")

    assert (without.status_code, without.json()["faults"][0]["at"]) == (400, "respond_by")
    assert with_day.status_code == 200, with_day.text
    assert [one["standing"] for one in await newcomers(drawn)] == ["invited"]
