"""Notes are read by their author and by the readers they name, and by nobody else."""

from uuid import UUID

import httpx
import pytest

from service.storage.rows.library import PersonRow
from service.storage.session import Database, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": f"{text}-0000-0000"}


async def a_note(client: httpx.AsyncClient, unit_id: UUID, readers: list[str]) -> httpx.Response:
    body = {"kind": "organisation", "subject_id": str(unit_id), "text": "联系人已换", "readers": readers}
    return await client.post("/api/notes", json=body, headers=key("write"))


async def texts(client: httpx.AsyncClient, unit_id: UUID) -> list[str]:
    answer = await client.get("/api/notes", params={"kind": "organisation", "subject_id": str(unit_id)})
    assert answer.status_code == 200, answer.text
    return [note["text"] for note in answer.json()]


@pytest.mark.parametrize(("readers", "seen"), [(["center"], ["联系人已换"]), (["audit"], []), ([], [])])
async def test_only_named_readers_see_a_note(
    signed_in: SignedIn, database: Database, readers: list[str], seen: list[str]
) -> None:
    unit_id = await a_unit(database)
    author, colleague = await signed_in("center-head"), await signed_in("center")

    written = await a_note(author, unit_id, readers)

    assert written.status_code == 201, written.text
    assert await texts(author, unit_id) == ["联系人已换"]
    assert await texts(colleague, unit_id) == seen


async def test_a_note_for_one_colleague_is_not_there_for_another_of_the_same_role(
    signed_in: SignedIn, database: Database
) -> None:
    unit_id = await a_unit(database)
    author, named, other = await signed_in("center"), await signed_in("center"), await signed_in("center")
    async with unit_of_work(database, at=MONDAY) as session:
        (await session.get(PersonRow, named.viewer.person_id)).name = "夏雨"
    form = {"kind": "organisation", "subject": str(unit_id), "text": "联系人已换", "people": "夏雨、"}

    written = await author.post("/notes", data=form | {"idempotency_key": "one-colleague"})

    assert written.status_code == 303, written.text
    assert (await texts(named, unit_id), await texts(other, unit_id)) == (["联系人已换"], [])
    assert "可以看：夏雨" in (await author.get(f"/organisations/{unit_id}")).text


@pytest.mark.parametrize(
    ("people", "code"),
    [("查无此人", "READER_UNKNOWN"), ("同名", "READER_AMBIGUOUS")],
    ids=["nobody", "two of one name"],
)
async def test_a_reader_who_is_not_one_account_is_refused(
    signed_in: SignedIn, database: Database, people: str, code: str
) -> None:
    unit_id = await a_unit(database)
    author, first, second = await signed_in("center"), await signed_in("unit"), await signed_in("unit")
    async with unit_of_work(database, at=MONDAY) as session:
        for one in (first, second):
            (await session.get(PersonRow, one.viewer.person_id)).name = "同名"

    body = {"kind": "organisation", "subject_id": str(unit_id), "text": "联系人已换", "people": [people]}
    answer = await author.post("/api/notes", json=body, headers=key("write"))

    assert answer.status_code == 400
    assert [(fault["at"], fault["code"]) for fault in answer.json()["faults"]] == [("people", code)]


async def test_a_note_is_withdrawn_by_its_author_alone(signed_in: SignedIn, database: Database) -> None:
    unit_id = await a_unit(database)
    author, colleague = await signed_in("center"), await signed_in("center")
    note_id = (await a_note(author, unit_id, ["center"])).json()["id"]

    foreign = await colleague.post(f"/api/notes/{note_id}/withdraw", headers=key("foreign"))
    own = await author.post(f"/api/notes/{note_id}/withdraw", headers=key("own"))

    assert (foreign.status_code, own.status_code) == (404, 204)
    assert await texts(colleague, unit_id) == []


async def test_a_note_on_nothing_is_refused(as_center: httpx.AsyncClient) -> None:
    answer = await a_note(as_center, UUID(int=7), ["center"])

    assert answer.status_code == 404


async def test_an_empty_note_keeps_the_form_open_with_its_fault(
    as_center: httpx.AsyncClient, database: Database
) -> None:
    unit_id = await a_unit(database)

    answer = await as_center.post(
        "/notes", data={"kind": "organisation", "subject": str(unit_id), "text": " ", "idempotency_key": "note-empty"}
    )

    assert answer.status_code == 400
    assert "请填写" in answer.text
