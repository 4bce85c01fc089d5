"""Notes are read by their author and by the readers they name, and by nobody else."""

from uuid import UUID

import httpx
import pytest

from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit


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
