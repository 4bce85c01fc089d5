"""Accounts: who may add, change, close and hand over; passwords, one-time links and sign-ins."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from service import ledger
from service.access import ROLES, Viewer
from service.access import sign_in as door
from service.access.sign_in import hash_password, token_hash
from service.actions.accounts import (
    NewAccount,
    add_account,
    add_first_administrator,
    change_roles,
    close_account,
    hand_over_work,
    reopen_account,
)
from service.actions.passwords import account_of_link, ask_for_link, issue_link, password_faults, set_password_by_link
from service.ids import new_id
from service.keys import Keys
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage import accounts
from service.storage.home import waiting_for
from service.storage.rows.accounts import AccountRow, LoginSessionRow, RecoveryRow
from service.storage.rows.acts import IdempotencyRow
from service.storage.rows.handovers import HandoverRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.rows.roster import RosterRunRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account, browser
from tests.service.outbox import notices

OLD, NEW = "Correct-horse-9", "Battery-staple-7"


@pytest.fixture
async def administrator(database: Database) -> Viewer:
    return await an_account(database, "system-administrator", login="system")


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


async def known(database: Database, account_id: UUID) -> accounts.Account:
    async with reading(database) as session:
        found = await accounts.account(session, account_id)
    assert found is not None
    return found


async def give_password(database: Database, account_id: UUID, password: str = OLD) -> None:
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(password_hash=hash_password(password))
        )


async def a_matter(
    database: Database,
    unit_id: UUID,
    *,
    unit_clerk: UUID | None = None,
    center_clerk: UUID | None = None,
    state: str = "opened",
    number: str = "2026-001",
) -> UUID:
    matter_id = new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(
            MatterRow(
                id=matter_id,
                number=number,
                title="城区防洪规划",
                unit_id=unit_id,
                state=state,
                step="case_opened",
                flags_proposed=[],
                need={},
                unit_clerk_id=unit_clerk,
                center_clerk_id=center_clerk,
                opened_at=MONDAY,
                opened_on=MONDAY.date(),
                edition="changli-trial-1",
                version=1,
            )
        )
    return matter_id


async def types_of(database: Database, account_id: UUID) -> list[str]:
    async with reading(database) as session:
        return [entry.type for entry in await ledger.stream(session, f"account:{account_id}")]


# Adding


async def test_added_account_has_no_password_until_a_link_was_used(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    unit_id = await a_unit(database)
    async with acting(database, settings, administrator) as act:
        account_id = await add_account(act, NewAccount("LiLei", "李雷", ("unit",), unit_id, "li@example.org"))
        token = await issue_link(act, account_id, send=False)
    added = await known(database, account_id)
    assert (added.login, added.name, added.roles, added.unit_name, added.email, added.has_password) == (
        "lilei",
        "李雷",
        ("unit",),
        "县水利局",
        "li@example.org",
        False,
    )

    await set_password_by_link(database, token, new=NEW, again=NEW, at=MONDAY)

    assert (await known(database, account_id)).has_password
    assert await types_of(database, account_id) == ["account.added", "account.link-issued", "account.password-set"]


async def test_everything_wrong_with_an_entry_is_said_at_once(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    entry = NewAccount("Ä", "", ("unit", "audit", "expert"), None, "nowhere", "nobody")

    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await add_account(act, entry)

    assert {(fault.at, fault.code) for fault in refused.value.faults} == {
        ("roles", "AUDIT_STANDS_ALONE"),
        ("unit_id", "UNIT_NEEDED"),
        ("email", "EMAIL_INVALID"),
        ("login", "LOGIN_INVALID"),
        ("same_person_as", "LOGIN_UNKNOWN"),
        ("expert_number", "EXPERT_NUMBER_NEEDED"),
        ("name", "FIELD_REQUIRED"),
    }


async def test_login_is_taken_whatever_its_case(database: Database, settings: Settings, administrator: Viewer) -> None:
    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await add_account(act, NewAccount("SYSTEM", "田野", ("audit",)))

    assert [fault.code for fault in refused.value.faults] == ["LOGIN_TAKEN"]


@pytest.mark.parametrize("roles", [("system-administrator", "center"), ("center", "system-administrator", "unit")])
async def test_system_administrator_has_no_business_role(
    database: Database, settings: Settings, administrator: Viewer, roles: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await add_account(act, NewAccount("two", "王二", roles, await a_unit_in(act)))

    assert [fault.code for fault in refused.value.faults] == ["ADMINISTRATOR_STANDS_ALONE"]


async def a_unit_in(act: Any) -> UUID:
    from service.storage.rows.library import OrganisationRow

    unit_id = new_id()
    act.session.add(OrganisationRow(id=unit_id, name="县住建局", created_at=MONDAY))
    await act.session.flush()
    return unit_id


async def test_two_accounts_of_one_person_are_one_person(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    first = await an_account(database, "center", login="center")
    async with acting(database, settings, administrator) as act:
        unit_id = await a_unit_in(act)
        second = await add_account(act, NewAccount("second", "", ("unit",), unit_id, same_person_as="center"))

    assert (await known(database, second)).person_id == first.person_id


async def test_account_of_an_expert_belongs_to_the_expert_in_the_library(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    person_id = new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(PersonRow(id=person_id, name="沈嘉禾", created_at=MONDAY))
        await session.flush()
        session.add(ExpertRow(id=new_id(), person_id=person_id, number="E-001", created_at=MONDAY))
    async with acting(database, settings, administrator) as act:
        account_id = await add_account(act, NewAccount("shen", "", ("expert",), expert_number="E-001"))

    assert (await known(database, account_id)).name == "沈嘉禾"
    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await add_account(act, NewAccount("shen2", "", ("expert",), expert_number="E-002"))
    assert [fault.code for fault in refused.value.faults] == ["EXPERT_UNKNOWN", "FIELD_REQUIRED"]


async def test_head_of_the_center_is_told_when_somebody_is_given_a_role_of_the_center(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    await an_account(database, "center-head", login="head")
    async with acting(database, settings, administrator) as act:
        await add_account(act, NewAccount("own", "田野", ("center",)))
        await add_account(act, NewAccount("other", "于立", ("audit",)))

    async with reading(database) as session:
        assert [notice.template for notice in await notices(session)] == ["ROLE_GIVEN"]


@pytest.mark.parametrize("role", ["center", "center-head", "unit", "audit", "expert"])
async def test_nobody_but_the_system_administrator_looks_after_accounts(
    database: Database, settings: Settings, role: str
) -> None:
    viewer = await an_account(database, role)
    other = await an_account(database, "audit")
    for attempt in (
        lambda act: add_account(act, NewAccount("x1", "甲", ("audit",))),
        lambda act: change_roles(act, other.account_id, roles=["audit"], unit_id=None, email="", seen=1),
        lambda act: close_account(act, other.account_id, seen=1),
        lambda act: issue_link(act, other.account_id, send=False),
    ):
        with pytest.raises(Forbidden):
            async with acting(database, settings, viewer) as act:
                await attempt(act)


async def test_first_administrator_is_added_only_where_there_is_no_account(database: Database) -> None:
    async def add_first() -> UUID:
        async with unit_of_work(database, at=MONDAY) as session:
            return await add_first_administrator(
                session, login="system", name="田野", email="", password_hash="hash", at=MONDAY
            )

    account_id = await add_first()
    assert (await known(database, account_id)).roles == ("system-administrator",)
    with pytest.raises(Refused) as refused:
        await add_first()
    assert [refusal.code for refusal in refused.value.refusals] == ["ACCOUNTS_ALREADY_THERE"]


# Changing and closing


async def test_change_of_roles_ends_every_sign_in_of_the_account(
    database: Database, settings: Settings, administrator: Viewer, signed_in: SignedIn
) -> None:
    clerk = await signed_in("audit")
    account_id = clerk.viewer.account_id  # type: ignore[attr-defined]
    assert (await clerk.get("/account")).status_code == 200

    async with acting(database, settings, administrator) as act:
        await change_roles(act, account_id, roles=["center"], unit_id=None, email="", seen=1)

    assert (await clerk.get("/account")).status_code == 303
    assert (await known(database, account_id)).roles == ("center",)


async def test_change_of_the_mail_address_alone_leaves_the_sign_ins(
    database: Database, settings: Settings, administrator: Viewer, signed_in: SignedIn
) -> None:
    clerk = await signed_in("audit")
    account_id = clerk.viewer.account_id  # type: ignore[attr-defined]

    async with acting(database, settings, administrator) as act:
        await change_roles(act, account_id, roles=["audit"], unit_id=None, email="a@example.org", seen=1)

    assert (await clerk.get("/account")).status_code == 200
    assert (await known(database, account_id)).email == "a@example.org"


async def test_change_of_an_account_that_changed_since_it_was_seen_is_refused(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    other = await an_account(database, "audit")
    for seen, refused in ((1, False), (1, True), (2, False)):
        try:
            async with acting(database, settings, administrator) as act:
                await change_roles(act, other.account_id, roles=["audit"], unit_id=None, email="", seen=seen)
        except Stale:
            assert refused
        else:
            assert not refused


async def test_nobody_gives_roles_to_themselves(database: Database, settings: Settings, administrator: Viewer) -> None:
    await an_account(database, "system-administrator")
    with pytest.raises(Refused) as refused:
        async with acting(database, settings, administrator) as act:
            await change_roles(act, administrator.account_id, roles=["center"], unit_id=None, email="", seen=1)

    assert [refusal.code for refusal in refused.value.refusals] == ["OWN_ROLES"]


async def test_last_system_administrator_stays_and_the_last_but_one_may_go(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    other = await an_account(database, "system-administrator")
    async with acting(database, settings, other) as act:
        await close_account(act, administrator.account_id, seen=1)
    with pytest.raises(Refused) as refused:
        async with acting(database, settings, administrator) as act:
            await close_account(act, other.account_id, seen=1)

    assert [refusal.code for refusal in refused.value.refusals] == ["LAST_ADMINISTRATOR"]


async def test_closed_account_is_signed_out_and_keeps_its_past(
    database: Database, settings: Settings, administrator: Viewer, signed_in: SignedIn
) -> None:
    clerk = await signed_in("audit")
    account_id = clerk.viewer.account_id  # type: ignore[attr-defined]
    await give_password(database, account_id)
    async with acting(database, settings, administrator) as act:
        await close_account(act, account_id, seen=1)
    assert (await clerk.get("/account")).status_code == 303
    assert not (await known(database, account_id)).active

    async with acting(database, settings, administrator) as act:
        await reopen_account(act, account_id, seen=2)

    reopened = await known(database, account_id)
    assert (reopened.active, reopened.has_password) == (True, False)
    assert await types_of(database, account_id) == ["account.closed", "account.reopened"]


async def test_account_with_open_work_is_closed_only_after_it_was_handed_over(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    unit_id = await a_unit(database)
    giver = await an_account(database, "unit", unit_id=unit_id)
    taker = await an_account(database, "unit", unit_id=unit_id)
    await a_matter(database, unit_id, unit_clerk=giver.account_id)
    with pytest.raises(Refused) as refused:
        async with acting(database, settings, administrator) as act:
            await close_account(act, giver.account_id, seen=1)
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.facts, [remedy.code for remedy in refusal.remedies]) == (
        "OPEN_WORK_REMAINS",
        {"count": 1},
        ["HAND_OVER_FIRST"],
    )

    async with acting(database, settings, administrator) as act:
        await hand_over_work(act, from_id=giver.account_id, to_id=taker.account_id, reason="调离")
        await close_account(act, giver.account_id, seen=1)

    assert not (await known(database, giver.account_id)).active


# Handing over


async def test_open_matters_go_to_the_colleague_and_closed_ones_stay(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    unit_id = await a_unit(database)
    giver = await an_account(database, "unit", unit_id=unit_id)
    taker = await an_account(database, "unit", unit_id=unit_id)
    open_id = await a_matter(database, unit_id, unit_clerk=giver.account_id)
    closed_id = await a_matter(database, unit_id, unit_clerk=giver.account_id, state="determined", number="2026-002")

    async with acting(database, settings, administrator) as act:
        assert await hand_over_work(act, from_id=giver.account_id, to_id=taker.account_id, reason=" 休假 ") == 1

    async with reading(database) as session:
        assert (await session.get_one(MatterRow, open_id)).unit_clerk_id == taker.account_id
        assert (await session.get_one(MatterRow, closed_id)).unit_clerk_id == giver.account_id
        (handover,) = await session.scalars(select(HandoverRow))
        (entry,) = await ledger.stream(session, f"account:{giver.account_id}")
        told = [(notice.template, notice.state) for notice in await notices(session)]
    assert (handover.reason, handover.pieces) == ("休假", 1)
    assert (entry.type, entry.body["matters"], entry.body["reason"]) == (
        "work.handed-over",
        [str(open_id)],
        handover.reason_sha256,
    )
    assert "休假" not in entry.data.decode()
    assert sorted(told) == [("WORK_HANDED_ON", "waiting"), ("WORK_TAKEN_OVER", "waiting")]


async def test_unclosed_import_goes_with_the_rest_and_a_closed_one_stays(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    giver, taker = await an_account(database, "center"), await an_account(database, "center")
    async with unit_of_work(database, at=MONDAY) as session:
        for name, closed_at in (("open.xlsx", None), ("closed.xlsx", MONDAY)):
            session.add(
                RosterRunRow(
                    id=new_id(), state="checked", account_id=giver.account_id, file_name=name, file_sha256="", size=1,
                    basis="consent", basis_text="", basis_salt=b"", starts_on=None, questions_sealed=None, answers={},
                    counts={}, facts={}, job_id=None, created_at=MONDAY, closed_at=closed_at,
                )
            )  # fmt: skip

    async with acting(database, settings, administrator) as act:
        assert await hand_over_work(act, from_id=giver.account_id, to_id=taker.account_id, reason="调离") == 1

    async with reading(database) as session:
        runs = dict((await session.execute(select(RosterRunRow.file_name, RosterRunRow.account_id))).tuples().all())
        counts = await accounts.open_work_counts(session)
    assert runs == {"open.xlsx": taker.account_id, "closed.xlsx": giver.account_id}
    assert counts == {taker.account_id: 1}


async def test_every_rule_against_a_handover_is_said_at_once(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    giver = await an_account(database, "unit", unit_id=await a_unit(database))
    elsewhere = await an_account(database, "unit", unit_id=await a_unit(database, "县住建局"))
    clerk, audit = await an_account(database, "center"), await an_account(database, "audit")
    async with acting(database, settings, administrator) as act:
        await close_account(act, elsewhere.account_id, seen=1)

    async def codes(from_id: UUID, to_id: UUID) -> list[str]:
        with pytest.raises(Refused) as refused:
            async with acting(database, settings, administrator) as act:
                await hand_over_work(act, from_id=from_id, to_id=to_id, reason="x")
        return [refusal.code for refusal in refused.value.refusals]

    assert await codes(giver.account_id, elsewhere.account_id) == [
        "HANDOVER_TO_CLOSED",
        "HANDOVER_OF_NOTHING",
        "HANDOVER_OUT_OF_UNIT",
    ]
    assert await codes(giver.account_id, giver.account_id) == ["HANDOVER_TO_SELF", "HANDOVER_OF_NOTHING"]
    assert await codes(clerk.account_id, audit.account_id) == ["HANDOVER_OF_NOTHING", "HANDOVER_OUT_OF_CENTER"]


async def test_head_of_the_center_hands_over_within_the_center_only(database: Database, settings: Settings) -> None:
    head = await an_account(database, "center-head")
    unit_id = await a_unit(database)
    giver, taker = await an_account(database, "center"), await an_account(database, "center")
    officer, other = [await an_account(database, "unit", unit_id=unit_id) for _ in range(2)]
    matter_id = await a_matter(database, unit_id, center_clerk=giver.account_id, unit_clerk=officer.account_id)

    async with acting(database, settings, head) as act:
        await hand_over_work(act, from_id=giver.account_id, to_id=taker.account_id, reason="轮岗")
    with pytest.raises(NotFound):
        async with acting(database, settings, head) as act:
            await hand_over_work(act, from_id=officer.account_id, to_id=other.account_id, reason="轮岗")

    async with reading(database) as session:
        matter = await session.get_one(MatterRow, matter_id)
        assert (matter.center_clerk_id, matter.unit_clerk_id) == (taker.account_id, officer.account_id)


@pytest.mark.parametrize(("reason", "code"), [("  ", "FIELD_REQUIRED"), ("长" * 501, "FIELD_TOO_LONG")])
async def test_handover_needs_a_reason(
    database: Database, settings: Settings, administrator: Viewer, reason: str, code: str
) -> None:
    giver, taker = await an_account(database, "center"), await an_account(database, "center")
    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await hand_over_work(act, from_id=giver.account_id, to_id=taker.account_id, reason=reason)

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [("reason", code)]


# Passwords and links


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Correct-horse-9", []),
        ("长城 脚下 一棵 老槐树", []),
        ("short-1", ["PASSWORD_TOO_SHORT"]),
        ("123456789", ["PASSWORD_TOO_SHORT"]),
        ("1234567890", ["PASSWORD_COMMON"]),
        ("Password123456", ["PASSWORD_COMMON"]),
        ("aaaaaaaaaaaa", ["PASSWORD_COMMON"]),
        ("my-LiLei-2026", ["PASSWORD_HAS_LOGIN"]),
        ("x1" * 65, ["PASSWORD_TOO_LONG", "PASSWORD_COMMON"]),
    ],
)
def test_password_is_long_and_not_what_is_guessed_first(password: str, codes: list[str]) -> None:
    assert [fault.code for fault in password_faults(password, login="lilei")] == codes


async def a_link(database: Database, settings: Settings, administrator: Viewer, account_id: UUID) -> str:
    async with acting(database, settings, administrator) as act:
        return await issue_link(act, account_id, send=False)


async def test_link_works_once_and_ends_every_sign_in(
    database: Database, settings: Settings, administrator: Viewer, signed_in: SignedIn
) -> None:
    clerk = await signed_in("center")
    token = await a_link(database, settings, administrator, clerk.viewer.account_id)  # type: ignore[attr-defined]

    await set_password_by_link(database, token, new=NEW, again=NEW, at=MONDAY)

    assert (await clerk.get("/account")).status_code == 303
    with pytest.raises(NotFound):
        await set_password_by_link(database, token, new=OLD, again=OLD, at=MONDAY)


async def test_link_is_over_after_thirty_minutes(database: Database, settings: Settings, administrator: Viewer) -> None:
    account = await an_account(database, "center")
    token = await a_link(database, settings, administrator, account.account_id)

    assert await account_of_link(database, token, at=MONDAY + timedelta(minutes=30) - timedelta(seconds=1)) is not None
    assert await account_of_link(database, token, at=MONDAY + timedelta(minutes=30)) is None


async def test_new_link_ends_the_one_before(database: Database, settings: Settings, administrator: Viewer) -> None:
    account = await an_account(database, "center")
    first = await a_link(database, settings, administrator, account.account_id)
    second = await a_link(database, settings, administrator, account.account_id)

    assert await account_of_link(database, first, at=MONDAY) is None
    assert await account_of_link(database, second, at=MONDAY) is not None


async def test_only_the_hash_of_a_link_is_kept(app: Litestar, database: Database, signed_in: SignedIn) -> None:
    system = await signed_in("system-administrator")
    account = await an_account(database, "center")

    answer = await system.post(f"/api/accounts/{account.account_id}/link", json={"send": False}, headers=key())

    link = answer.json()["link"]
    token = link.rpartition("/")[2]
    assert link.startswith("http://localhost:8000/recover/")
    async with reading(database) as session:
        assert list(await session.scalars(select(RecoveryRow.token_sha256))) == [token_hash(token)]
        kept = [row.body or b"" for row in await session.scalars(select(IdempotencyRow))]
        entries = [entry.data for entry in await ledger.since(session, 0)]
    assert not any(token.encode() in data for data in (*kept, *entries))


async def test_repeated_request_for_a_link_makes_no_second_one(database: Database, signed_in: SignedIn) -> None:
    system = await signed_in("system-administrator")
    account = await an_account(database, "center")
    headers = key()

    first = await system.post(f"/api/accounts/{account.account_id}/link", json={"send": False}, headers=headers)
    again = await system.post(f"/api/accounts/{account.account_id}/link", json={"send": False}, headers=headers)

    assert (first.json()["link"] != "", again.status_code, again.json()["link"]) == (True, 200, "")
    assert await account_of_link(database, first.json()["link"].rpartition("/")[2], at=MONDAY) is not None


async def test_lost_password_comes_back_through_the_pages(
    database: Database, settings: Settings, administrator: Viewer, client: httpx.AsyncClient
) -> None:
    account = await an_account(database, "center", login="clerk")
    token = await a_link(database, settings, administrator, account.account_id)

    form = await client.get(f"/recover/{token}")
    weak = await client.post(f"/recover/{token}", data={"new": "short", "again": "other"})
    done = await client.post(f"/recover/{token}", data={"new": NEW, "again": NEW})
    over = await client.get(f"/recover/{token}")

    assert (form.status_code, weak.status_code, done.status_code, over.status_code) == (200, 400, 303, 404)
    assert "密码至少 10 个字符，现在 5 个" in weak.text
    assert "两次输入的新密码不一样" in weak.text
    signed_in = await client.post("/sign-in", data={"login": "clerk", "password": NEW})
    assert signed_in.status_code == 303


async def test_asking_for_a_link_does_not_tell_whether_the_account_exists(
    database: Database, client: httpx.AsyncClient
) -> None:
    await an_account(database, "center", login="clerk")

    there = await client.post("/recover", data={"login": "clerk"})
    nowhere = await client.post("/recover", data={"login": "nobody"})

    assert (there.status_code, nowhere.status_code) == (200, 200)
    assert there.text == nowhere.text
    async with reading(database) as session:
        assert [notice.template for notice in await notices(session)] == ["LINK"]


async def test_administrator_is_shown_who_asked_without_a_mail_address_until_a_link_is_given(
    database: Database, settings: Settings, keys: Keys, administrator: Viewer
) -> None:
    clerk = await an_account(database, "center", login="clerk")
    posting = replace(settings, smtp_url="smtp://127.0.0.1:9")

    async def tasks() -> list[str]:
        async with reading(database) as session:
            found = await waiting_for(session, administrator, today=MONDAY.date(), valid_months=12)
        return [task.href for task in found if task.code == "TASK_GIVE_LINK"]

    assert await tasks() == []
    await ask_for_link(database, posting, keys, login="clerk", address="127.0.0.1", at=MONDAY)
    assert await tasks() == [f"/accounts/{clerk.account_id}"]
    async with acting(database, settings, administrator) as act:
        await issue_link(act, clerk.account_id, send=False)
    assert await tasks() == []


async def test_links_are_not_sent_without_end(database: Database, client: httpx.AsyncClient) -> None:
    await an_account(database, "center", login="clerk")
    statuses = [(await client.post("/api/recover", json={"login": "clerk"})).status_code for _ in range(9)]

    assert statuses == [202] * 8 + [429]


async def test_passwords_are_not_tried_on_one_login_after_another_from_one_address(
    database: Database, keys: Keys, client: httpx.AsyncClient
) -> None:
    attempts = [door.attempt_key(keys.identity, "address:127.0.0.1")]
    async with unit_of_work(database, at=MONDAY) as session:
        for _ in range(door.ADDRESS_ATTEMPTS - 1):
            await door.note_failed_attempt(session, attempts, at=MONDAY)

    statuses = [
        (await client.post("/api/sign-in", json={"login": f"nobody-{n}", "password": "x"})).status_code
        for n in range(2)
    ]

    assert statuses == [400, 429]


async def test_link_is_sent_only_where_there_is_an_address(
    database: Database, settings: Settings, administrator: Viewer
) -> None:
    account = await an_account(database, "center")
    with pytest.raises(Invalid) as refused:
        async with acting(database, settings, administrator) as act:
            await issue_link(act, account.account_id, send=True)

    assert [fault.code for fault in refused.value.faults] == ["MAIL_NO_ADDRESS"]


# One's own account


async def sign_in_again(app: Litestar, password: str) -> httpx.AsyncClient:
    other = browser(app)
    answer = await other.post("/sign-in", data={"login": "clerk", "password": password})
    assert answer.status_code == 303
    return other


@pytest.fixture
async def clerk(app: Litestar, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A clerk who signed in with a password."""
    viewer = await an_account(database, "center", login="clerk")
    await give_password(database, viewer.account_id)
    client = await sign_in_again(app, OLD)
    client.viewer = viewer  # type: ignore[attr-defined]
    yield client
    await client.aclose()


async def test_change_of_the_own_password_signs_out_everywhere_else_and_renews_the_token(
    app: Litestar, database: Database, clerk: httpx.AsyncClient
) -> None:
    other = await sign_in_again(app, OLD)
    before = clerk.cookies["session"]

    form = {"old": OLD, "new": NEW, "again": NEW, "idempotency_key": str(new_id())}
    changed = await clerk.post("/account/password", data=form)

    assert (changed.status_code, changed.headers["location"]) == (303, "/account")
    assert clerk.cookies["session"] != before
    assert (await clerk.get("/account")).status_code == 200
    assert (await other.get("/account")).status_code == 303
    async with reading(database) as session:
        hashes = list(await session.scalars(select(LoginSessionRow.token_sha256)))
        kept = [row.headers for row in await session.scalars(select(IdempotencyRow))]
    assert hashes == [token_hash(clerk.cookies["session"])]
    assert clerk.cookies["session"] not in str(kept)
    await other.aclose()


async def test_wrong_old_password_and_weak_new_one_are_said_together(clerk: httpx.AsyncClient) -> None:
    form = {"old": "wrong", "new": "clerk-1", "again": "other", "idempotency_key": str(new_id())}
    refused = await clerk.post("/account/password", data=form)
    as_json = await clerk.post("/api/account/password", json={"old": "wrong", "new": "clerk-1"}, headers=key())

    assert refused.status_code == as_json.status_code == 400
    assert "现在的密码不对" in refused.text
    assert [(fault["at"], fault["code"]) for fault in as_json.json()["faults"]] == [
        ("old", "PASSWORD_WRONG"),
        ("new", "PASSWORD_TOO_SHORT"),
        ("new", "PASSWORD_HAS_LOGIN"),
    ]
    assert 'value="wrong"' not in refused.text


async def test_old_password_is_not_guessed_without_end(clerk: httpx.AsyncClient) -> None:
    statuses = [
        (await clerk.post("/api/account/password", json={"old": f"wrong-{n}", "new": NEW}, headers=key())).status_code
        for n in range(9)
    ]

    assert statuses == [400] * 8 + [429]


async def test_own_sign_ins_are_listed_and_ended_one_by_one_or_all_others(
    app: Litestar, clerk: httpx.AsyncClient
) -> None:
    others = [await sign_in_again(app, OLD) for _ in range(3)]
    own = (await clerk.get("/api/account")).json()
    assert sorted(each["this"] for each in own["sign_ins"]) == [False, False, False, True]
    one = next(each["id"] for each in own["sign_ins"] if not each["this"])
    this = next(each["id"] for each in own["sign_ins"] if each["this"])

    ended = await clerk.post("/api/account/sign-ins/end", json={"id": one}, headers=key())
    itself = await clerk.post("/api/account/sign-ins/end", json={"id": this}, headers=key())
    rest = await clerk.post("/account/sign-ins/end", data={"idempotency_key": str(new_id())})

    assert (ended.json(), itself.status_code, rest.status_code) == ({"count": 1}, 404, 303)
    assert [(await other.get("/account")).status_code for other in others] == [303, 303, 303]
    assert len((await clerk.get("/api/account")).json()["sign_ins"]) == 1
    for other in others:
        await other.aclose()


async def test_language_of_the_notices_is_chosen_by_their_reader(database: Database, clerk: httpx.AsyncClient) -> None:
    answer = await clerk.put("/api/account/language", json={"language": "en"}, headers=key())
    refused = await clerk.put("/api/account/language", json={"language": "fr"}, headers=key())

    assert (answer.status_code, refused.status_code) == (200, 400)
    assert (await known(database, clerk.viewer.account_id)).language == "en"  # type: ignore[attr-defined]


# Pages


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_of_the_administrator_are_shown_in_both_languages(
    database: Database, signed_in: SignedIn, language: str
) -> None:
    system = await signed_in("system-administrator")
    unit_id = await a_unit(database)
    officer = await an_account(database, "unit", unit_id=unit_id, login="officer")
    await an_account(database, "unit", unit_id=unit_id)
    await a_matter(database, unit_id, unit_clerk=officer.account_id)
    headers = {"Accept-Language": language}

    paths = [
        "/accounts",
        "/accounts?state=all&role=unit",
        "/accounts/new",
        f"/accounts/{officer.account_id}",
        "/accounts/hand-over",
        f"/accounts/hand-over?from={officer.account_id}",
        "/account",
        "/recover",
    ]
    pages = [await system.get(path, headers=headers) for path in paths]

    assert [answer.status_code for answer in pages] == [200] * len(paths)
    assert ("Hand over all open work" in pages[5].text) == (language == "en")
    assert "2026-001 城区防洪规划" in pages[3].text


async def test_administrator_adds_an_account_and_hands_out_the_link_shown_once(
    database: Database, signed_in: SignedIn
) -> None:
    system = await signed_in("system-administrator")
    form = {"login": "lilei", "name": "李雷", "roles": "audit", "idempotency_key": str(new_id())}

    shown = await system.post("/accounts", data=form)
    repeated = await system.post("/accounts", data=form)

    assert shown.status_code == 200
    assert "http://localhost:8000/recover/" in shown.text
    assert repeated.status_code == 303
    account = await system.get(repeated.headers["location"])
    assert "未设置，现在无法登录" in account.text
    assert "/recover/" not in account.text


async def test_typed_text_stays_when_an_entry_has_faults(signed_in: SignedIn) -> None:
    system = await signed_in("system-administrator")
    form = {"login": "Lei Li", "name": "李雷", "roles": "unit", "idempotency_key": str(new_id())}

    refused = await system.post("/accounts", data=form)

    assert refused.status_code == 400
    assert 'value="Lei Li"' in refused.text
    assert 'value="李雷"' in refused.text
    assert "决策承办单位的账号要选单位" in refused.text


async def test_refusal_to_close_is_shown_with_its_way_out(database: Database, signed_in: SignedIn) -> None:
    system = await signed_in("system-administrator")
    unit_id = await a_unit(database)
    officer = await an_account(database, "unit", unit_id=unit_id)
    await a_matter(database, unit_id, unit_clerk=officer.account_id)

    refused = await system.post(
        f"/accounts/{officer.account_id}/close", data={"version": "1", "idempotency_key": str(new_id())}
    )

    assert refused.status_code == 409
    assert f"/accounts/hand-over?from={officer.account_id}" in refused.text


async def test_api_asks_for_the_version_and_refuses_a_stale_one(database: Database, signed_in: SignedIn) -> None:
    system = await signed_in("system-administrator")
    other = await an_account(database, "audit")
    path = f"/api/accounts/{other.account_id}"
    etag = (await system.get(path)).headers["etag"]

    without = await system.post(f"{path}/close", headers=key())
    closed = await system.post(f"{path}/close", headers=key() | {"If-Match": etag})
    stale = await system.post(f"{path}/reopen", headers=key() | {"If-Match": etag})

    assert (without.status_code, closed.status_code, stale.status_code) == (428, 200, 412)
    assert (closed.json()["state"], closed.headers["etag"]) == ("closed", '"2"')


@pytest.mark.parametrize("path", ["/accounts", "/accounts/new", "/api/accounts"])
async def test_list_of_accounts_is_not_for_others(signed_in: SignedIn, path: str) -> None:
    clerk = await signed_in("center")

    assert (await clerk.get(path)).status_code == 403


async def test_the_administrator_gives_any_role_and_keeps_those_that_stand(
    signed_in: SignedIn, database: Database
) -> None:
    unit_id = await a_unit(database)
    clerk = (await signed_in("unit", unit_id=unit_id)).viewer
    system = await signed_in("system-administrator")

    new = (await system.get("/accounts/new")).text
    held = (await system.get(f"/accounts/{clerk.account_id}")).text

    offered = re.findall(r'name="roles" value="([a-z-]+)"', new)
    assert offered == list(ROLES)
    assert re.findall(r'name="roles" value="([a-z-]+)"[^>]* checked', held) == ["unit"]
