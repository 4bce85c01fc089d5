"""The search of every page: who finds what, by which words."""

import httpx

from service.storage.search import find
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit, an_account
from tests.service.library import Entry, a_library


async def names(database: Database, words: str, *roles: str) -> tuple[list[str], list[str]]:
    viewer = await an_account(database, *roles)
    async with reading(database) as session:
        found = await find(session, viewer, words)
    return [hit.name for hit in found.experts], [hit.name for hit in found.organisations]


async def test_people_and_organisations_are_found_by_part_of_their_names(database: Database) -> None:
    await a_library(database, [Entry("王水生", employer="冀海设计院"), Entry("李法明")])

    assert await names(database, "水生", "center") == (["王水生"], [])
    assert await names(database, "冀海", "center") == ([], ["冀海设计院"])


async def test_every_word_must_be_found(database: Database) -> None:
    await a_library(database, [Entry("王水生"), Entry("王法明")])

    assert (await names(database, "王 法", "center"))[0] == ["王法明"]
    assert (await names(database, "王 医", "center"))[0] == []


async def test_a_percent_sign_and_an_underscore_stand_for_themselves(database: Database) -> None:
    await a_library(database, [Entry("王水生")])

    assert await names(database, "%", "center") == ([], [])
    assert await names(database, "_", "center") == ([], [])


async def test_a_units_clerk_finds_no_experts(database: Database) -> None:
    await a_library(database, [Entry("王水生", employer="王庄水库")])

    assert await names(database, "王", "unit") == ([], ["王庄水库"])
    assert (await names(database, "王", "center"))[0] == ["王水生"]


async def test_no_words_find_nothing(as_center: httpx.AsyncClient) -> None:
    answer = await as_center.post("/api/search", json={"text": "  "})

    assert (answer.status_code, answer.json()) == (200, {"results": [], "total": 0})


async def test_the_page_and_the_palette_get_the_same(signed_in: SignedIn, database: Database) -> None:
    await a_unit(database, "冀海水利局")
    center = await signed_in("center")

    shown = await center.post("/search", data={"text": "冀海"})
    asked = await center.post("/search", data={"text": "冀海"}, headers={"Accept": "application/json"})

    assert "冀海水利局" in shown.text
    assert [hit["says"] for hit in asked.json()["results"]] == ["冀海水利局"]
