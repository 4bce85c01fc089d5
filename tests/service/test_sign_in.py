"""Signing in and out, the gate before every request."""

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import event, select, update

from service.access.sign_in import ATTEMPTS, account_to_sign_in, hash_password
from service.storage.rows.accounts import AccountRow, LoginSessionRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, an_account

PASSWORD = "Correct-horse-9"


async def test_form_sent_after_the_session_ended_leads_back_to_its_page(client: httpx.AsyncClient) -> None:
    sent = await client.post("/experts", data={"name": "x"}, headers={"Referer": "http://localhost:8000/experts/new"})

    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?next=/experts/new")


async def an_account_with_password(database: Database, login: str = "clerk") -> None:
    viewer = await an_account(database, "center", login=login)
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(AccountRow).where(AccountRow.id == viewer.account_id).values(password_hash=hash_password(PASSWORD))
        )


async def test_a_visitor_is_sent_to_sign_in_and_back_to_where_they_were_headed(
    client: httpx.AsyncClient, database: Database
) -> None:
    await an_account_with_password(database)

    asked = await client.get("/")
    signed_in = await client.post("/sign-in", data={"login": "clerk", "password": PASSWORD, "next": "/health"})

    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/")
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/health")
    assert (await client.get("/")).status_code == 200


async def test_only_the_hash_of_a_token_is_kept(client: httpx.AsyncClient, database: Database) -> None:
    await an_account_with_password(database)

    answer = await client.post("/api/sign-in", json={"login": "clerk", "password": PASSWORD})

    token = answer.json()["token"]
    async with reading(database) as session:
        kept = list(await session.scalars(select(LoginSessionRow.token_sha256)))
    assert len(token) >= 43
    assert len(kept) == 1
    assert token not in kept[0]


@pytest.mark.parametrize("login", ["clerk", "nobody"])
async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    client: httpx.AsyncClient, database: Database, login: str
) -> None:
    await an_account_with_password(database)

    answer = await client.post("/api/sign-in", json={"login": login, "password": "wrong"})

    assert answer.status_code == 400
    assert [fault["code"] for fault in answer.json()["faults"]] == ["SIGN_IN_WRONG"]


async def test_after_eight_failed_tries_even_the_right_password_waits(
    client: httpx.AsyncClient, database: Database
) -> None:
    await an_account_with_password(database)
    for _ in range(ATTEMPTS):
        await client.post("/api/sign-in", json={"login": "clerk", "password": "wrong"})

    answer = await client.post("/api/sign-in", json={"login": "clerk", "password": PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY")


async def test_a_token_nobody_issued_is_not_adopted(client: httpx.AsyncClient) -> None:
    client.cookies.set("session", "chosen-by-an-attacker")

    answer = await client.get("/")

    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


async def test_signing_out_ends_the_sign_in_on_the_server(signed_in: SignedIn) -> None:
    client = await signed_in("center")
    token = client.cookies["session"]
    assert (await client.get("/")).status_code == 200

    await client.post("/sign-out")
    client.cookies.set("session", token)

    assert (await client.get("/")).status_code == 303


async def test_a_form_sent_by_another_site_is_refused(signed_in: SignedIn) -> None:
    client = await signed_in("center")

    foreign = await client.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    own = await client.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})

    assert (foreign.status_code, own.status_code) == (403, 303)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
async def test_sign_in_never_leads_out_of_the_service(
    client: httpx.AsyncClient, database: Database, target: str
) -> None:
    await an_account_with_password(database)

    answer = await client.post("/sign-in", data={"login": "clerk", "password": PASSWORD, "next": target})

    assert answer.headers["location"] == "/"


async def test_every_page_forbids_scripts_and_styles_that_are_not_our_files(client: httpx.AsyncClient) -> None:
    answer = await client.get("/sign-in")

    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert " style=" not in answer.text
    assert "<script>" not in answer.text


async def test_nobody_is_looked_up_for_what_is_the_same_for_everybody(signed_in: SignedIn, app: Litestar) -> None:
    center = await signed_in("center")
    asked: list[str] = []
    event.listen(app.state.database.engine.sync_engine, "before_cursor_execute", lambda *one: asked.append(one[2]))

    sheet, health = await center.get("/static/app.css"), await center.get("/health")
    nothing = list(asked)
    await center.get("/")

    assert (sheet.status_code, health.status_code, nothing, bool(asked)) == (200, 200, [], True)


async def test_a_demonstration_account_cannot_sign_in_in_production(database: Database) -> None:
    await an_account_with_password(database)
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(AccountRow).values(demo=True))

    async with reading(database) as session:
        found = [await account_to_sign_in(session, "clerk", demo=demo) is not None for demo in (True, False)]

    assert found == [True, False]


async def test_a_password_that_somebody_else_chose_must_be_changed_first(
    signed_in: SignedIn, database: Database
) -> None:
    client = await signed_in("center")
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(AccountRow).values(must_change_password=True))

    refused = await client.get("/api/matters")
    own = await client.get("/account")

    assert (refused.status_code, refused.json()["code"]) == (403, "PASSWORD_MUST_CHANGE")
    assert own.status_code == 200


async def test_an_installation_without_accounts_offers_no_sign_in_that_does_not_stand(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/sign-in")).text

    assert "expertpool user add --first" in page
    assert "演示账号" not in page
