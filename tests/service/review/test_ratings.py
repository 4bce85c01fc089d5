"""Experts say what the material was like: once, after signing, seen without names, and nothing waits for it."""

import httpx
import pytest

from service.storage.ratings import Rated, together
from service.storage.session import Database
from tests.service.differences import differences_of
from tests.service.review.house import Phone, Review, key

GOOD = {"complete": 5, "clear": 4, "grounded": 3}


async def rate(phone: Phone, **changes: object) -> httpx.Response:
    return await phone.post("rating", GOOD | changes)


async def test_means_and_words_are_seen_by_unit_and_center_without_names(working: Review, database: Database) -> None:
    first, second, third, fourth = working.phones[:4]
    for phone in (first, second, third):
        assert (await phone.give_opinion()).status_code == 200
    part = (await working.line(first))["version"]

    early = await rate(fourth)
    given = [await rate(first, words="水文资料缺两年"), await rate(second, clear=1, grounded=1)]
    few = await working.opinions(working.unit)
    given.append(await rate(third, clear=1, grounded=2))
    again = await rate(first)
    wrong = await rate(second, clear=6)

    seen = [await working.opinions(client) for client in (working.center, working.unit)]
    page = await working.unit.get(f"/matters/{working.matter}/review/opinions")
    assert [one["code"] for one in early.json()["refusals"]] == ["RATING_NOT_OPEN"]
    assert [one.status_code for one in (*given, again, wrong)] == [200, 200, 200, 409, 400]
    assert (few["rated"], few["rated_words"]) == ({"count": 2, "means": {}}, [])
    assert [one["rated"] for one in seen] == [{"count": 3, "means": {"complete": 50, "clear": 20, "grounded": 20}}] * 2
    assert [(one["rated_unit"], one["rated_words"]) for one in seen] == [(seen[0]["rated"], ["水文资料缺两年"])] * 2
    assert all(text in page.text for text in ("3 位专家评价", "2.0", "水文资料缺两年"))
    told = (await working.unit.get(f"/api/matters/{working.matter}/history")).json()
    assert not [one for one in told if one["type"] == "material.rated"]
    # Who acts on the same part is not out of date.
    assert (await working.line(first))["version"] == part
    assert await differences_of(database, working.matter) == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_page_asks_once_and_keeps_what_was_typed(working: Review, language: str) -> None:
    phone, home = working.phones[0], f"/reviews/{working.matter}"
    phone.client.headers["Accept-Language"] = language
    before = await phone.client.get(home)
    await phone.give_opinion()
    asked = await phone.client.get(home)
    typed = {"rated_complete": "5", "rated_clear": "4", "rated_words": "图纸看不清"}

    half = await phone.client.post(f"{home}/rating", data=typed | {"idempotency_key": key()["Idempotency-Key"]})
    whole = await phone.client.post(
        f"{home}/rating", data=typed | {"rated_grounded": "2", "idempotency_key": key()["Idempotency-Key"]}
    )
    after = await phone.client.get(home)

    forms = [f'action="{home}/rating"' in one.text for one in (before, asked, half, after)]
    assert forms == [False, True, True, False]
    assert (half.status_code, "图纸看不清" in half.text, whole.status_code) == (400, True, 303)
    assert not any("〔" in one.text for one in (asked, half, after))


@pytest.mark.parametrize(
    ("ratings", "held"),
    [
        ([], Rated(0, {})),
        ([{}, {}], Rated(0, {})),
        ([GOOD, GOOD, {}], Rated(2, {})),
        ([GOOD, GOOD | {"clear": 3}, GOOD | {"clear": 3}], Rated(3, {"complete": 50, "clear": 33, "grounded": 30})),
        (
            [{"complete": 1, "clear": 1, "grounded": 1}] * 3 + [GOOD] * 1,
            Rated(4, {"complete": 20, "clear": 18, "grounded": 15}),
        ),
    ],
    ids=["nobody", "nobody who said something", "too few", "a third", "halves go up"],
)
def test_means_are_tenths_rounded_half_up(ratings: list[dict[str, int]], held: Rated) -> None:
    assert together(ratings) == held
