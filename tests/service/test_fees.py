"""Fees: entered by the center, seen by the expert, kept to contract and budget, the account sealed."""

import asyncio
from datetime import date
from itertools import count

import httpx
import pytest
from sqlalchemy import select

from service import ledger
from service.access import Viewer
from service.actions.fees import BankEntry, ContractEntry, add_contract, pay, read_bank, set_bank, set_budget
from service.problems import Forbidden, Invalid, NotFound, Refused, Remedy, Stale
from service.settings import Settings
from service.storage.fees import ContractView, contracts_of, load_budget, load_contract
from service.storage.rows.acts import ReadRow
from service.storage.rows.fees import ContractRow
from service.storage.session import Database, reading
from tests.service.admission import TODAY
from tests.service.conftest import SignedIn, a_unit, an_account
from tests.service.test_cases import Desk, a_desk, codes, form, version_on

BANK = BankEntry("何一", "示范县农商行", "6222 0000 1234 5678")
_KEYS = count()


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


def an_entry(**changes) -> ContractEntry:
    given = {
        "kind": "study",
        "number": "示决咨合〔2026〕2号",
        "signed_on": date(2026, 3, 1),
        "subject": "洪水复核专项研究",
        "amount_fen": 1_000_00,
    }
    return ContractEntry(**(given | changes))


async def entered(desk: Desk, **changes):
    async with desk.house.acts(desk.house.center) as act:
        return await add_contract(act, an_entry(**changes), expert_id=desk.expert_id)


async def budgeted(desk: Desk, amount_fen: int = 900_00, year: int = 2026) -> None:
    head = await an_account(desk.house.database, "center-head")
    async with reading(desk.house.database) as session:
        seen = (await load_budget(session, year)).version
    async with desk.house.acts(head) as act:
        await set_budget(act, year, amount_fen=amount_fen, document="示财预〔2026〕3号", seen=seen)


async def seen(desk: Desk, contract_id, viewer: Viewer | None = None) -> ContractView:
    async with reading(desk.house.database) as session:
        return await load_contract(session, viewer or desk.house.center, contract_id)


async def paid(desk: Desk, contract_id, amount_fen: int, on: date = TODAY) -> None:
    version = (await seen(desk, contract_id)).version
    async with desk.house.acts(desk.house.center) as act:
        await pay(act, contract_id, amount_fen=amount_fen, paid_on=on, seen=version)


@pytest.mark.rule("R29a")
async def test_consultation_bears_no_fee_and_a_study_needs_its_contract(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await entered(desk, kind="consultation")
    assert codes(refused) == [("FEE_ON_ORDINARY_CONSULTATION", "A29")]
    with pytest.raises(Refused) as refused:
        await entered(desk, number="")
    assert codes(refused) == [("CONTRACT_MISSING", "A29")]
    async with reading(desk.house.database) as session:
        assert await contracts_of(session, desk.house.center, expert_id=desk.expert_id) == ()

    contract = await seen(desk, await entered(desk))

    assert (contract.party, contract.left_fen) == ("何一", 1_000_00)


@pytest.mark.rule("R29a")
async def test_institution_is_paid_by_contract_and_no_expert_is_one(desk: Desk) -> None:
    unit = await a_unit(desk.house.database, "省水利规划院")
    async with desk.house.acts(desk.house.center) as act:
        contract_id = await add_contract(act, an_entry(kind="institution"), organisation_id=unit)
    with pytest.raises(Invalid) as invalid:
        await entered(desk, kind="institution", number="3号")

    assert (await seen(desk, contract_id)).party == "省水利规划院"
    assert [(one.at, one.code) for one in invalid.value.faults] == [("kind", "FIELD_NOT_A_CHOICE")]


@pytest.mark.rule("R27d", "R29a")
async def test_payment_keeps_to_the_contract_and_the_budget_of_its_year(desk: Desk) -> None:
    contract_id = await entered(desk)
    with pytest.raises(Refused) as refused:
        await paid(desk, contract_id, 1)
    assert codes(refused) == [("BUDGET_MISSING", "A29")]
    assert refused.value.refusals[0].remedies == (Remedy("CHANGE_BUDGET", "/fees?year=2026"),)
    await budgeted(desk, 900_00)
    await paid(desk, contract_id, 500_00)
    with pytest.raises(Refused) as refused:
        await paid(desk, contract_id, 500_01)
    assert codes(refused) == [("FEE_OVER_CONTRACT", "A27.4"), ("FEE_OVER_BUDGET", "A29")]
    await paid(desk, contract_id, 400_00)

    async with reading(desk.house.database) as session:
        budget = await load_budget(session, 2026)
    assert (budget.spent_fen, budget.left_fen, (await seen(desk, contract_id)).left_fen) == (900_00, 0, 100_00)
    with pytest.raises(Refused) as refused:
        await budgeted(desk, 899_99)
    assert codes(refused) == [("BUDGET_BELOW_SPENT", "")]


@pytest.mark.rule("R29a")
async def test_two_clerks_never_pay_the_same_budget_twice(engine: str, database: Database, settings: Settings) -> None:
    desk = await a_desk(database, settings)
    first, second = await entered(desk), await entered(desk, number="3号")
    await budgeted(desk, 1_000_00)

    done = await asyncio.gather(paid(desk, first, 600_00), paid(desk, second, 600_00), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["NoneType", "Refused"]
    async with reading(database) as session:
        assert (await load_budget(session, 2026)).spent_fen == 600_00


async def test_only_the_head_sets_the_budget_and_only_the_center_pays(desk: Desk) -> None:
    contract_id = await entered(desk)
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Forbidden):
            await set_budget(act, 2026, amount_fen=1, document="示财预〔2026〕3号", seen=0)
    async with desk.house.acts(desk.expert) as act:
        with pytest.raises(Forbidden):
            await pay(act, contract_id, amount_fen=1, paid_on=TODAY, seen=1)


@pytest.mark.rule("R27d")
async def test_expert_sees_the_own_contracts_and_nobody_elses(desk: Desk) -> None:
    contract_id = await entered(desk)

    assert (await seen(desk, contract_id, desk.expert)).own
    for viewer in (await an_account(desk.house.database, "expert"), desk.house.mayor):
        with pytest.raises(NotFound):
            await seen(desk, contract_id, viewer)


@pytest.mark.rule("R29a")
async def test_account_is_sealed_out_of_the_record_and_each_look_is_noted(desk: Desk) -> None:
    contract_id = await entered(desk)
    async with desk.house.acts(desk.expert) as act:
        await set_bank(act, contract_id, BANK, seen=1)
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Invalid):
            await read_bank(act, contract_id, reason="看")
        found = await read_bank(act, contract_id, reason="按合同支付第一笔款项")

    assert (found.holder, found.account) == ("何一", "6222000012345678")
    assert (await seen(desk, contract_id)).bank_masked == "5678"
    async with reading(desk.house.database) as session:
        sealed = await session.scalar(select(ContractRow.bank_sealed))
        assert sealed is not None
        assert b"6222000012345678" not in sealed
        assert (await session.execute(select(ReadRow.what, ReadRow.subject))).all() == [
            ("bank", f"expert:{desk.expert_id}")
        ]
        entries = await ledger.stream(session, f"contract:{contract_id}")
    data = b"".join(one.data for one in entries).decode()
    assert not any(secret in data for secret in ("6222", "何一", "农商行", "5678"))


async def test_unfit_account_and_stale_page_are_refused(desk: Desk) -> None:
    contract_id = await entered(desk)
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Invalid) as invalid:
            await set_bank(act, contract_id, BankEntry("", "示范县农商行", "12AB"), seen=1)
    assert [(one.at, one.code) for one in invalid.value.faults] == [
        ("holder", "FIELD_REQUIRED"),
        ("account", "ACCOUNT_NUMBER_UNFIT"),
    ]
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Stale):
            await set_bank(act, contract_id, BANK, seen=7)


# Pages and API


async def test_study_is_contracted_and_paid_in_the_browser(
    desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    head = await signed_in("center-head")
    await head.post("/fees/2026/budget", data=form(version="0", amount="20000", document="示财预〔2026〕3号"))
    page = f"/experts/{desk.expert_id}/contract"
    wrong = await as_center.post(page, data=form(number="2号", signed_on="2026-3-1", subject="研究", amount="一万"))
    assert (wrong.status_code, "一万" in wrong.text) == (400, True)
    missing = await as_center.post(page, data=form(number="", signed_on="2026-3-1", subject="研究", amount="10000"))
    assert (missing.status_code, "第二十九条" in missing.text) == (409, True)

    made = await as_center.post(page, data=form(number="2号", signed_on="2026-3-1", subject="研究", amount="10000"))
    contract = made.headers["location"]
    await as_center.post(
        f"{contract}/payments",
        data=form(version=await version_on(as_center, contract), paid="4000.50", paid_on="2026-9-14"),
    )

    assert "5,999.50" in (await as_center.get(contract)).text
    year = (await as_center.get("/fees?year=2026")).text
    assert ("4,000.50" in year, "15,999.50" in year) == (True, True)
    expert = await signed_in("expert", person_id=desk.expert.person_id)
    assert contract in (await expert.get("/my")).text
    assert (await expert.get("/fees")).status_code == 403


async def test_the_same_acts_by_api(desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    def key(version: str = "") -> dict[str, str]:
        held = {"Idempotency-Key": f"fee-{next(_KEYS):06d}"}
        return held | {"If-Match": version} if version else held

    head = await signed_in("center-head")
    line = await head.post(
        "/api/fees/2026/budget", json={"amount_fen": 100000, "document": "示财预〔2026〕3号"}, headers=key('"0"')
    )
    assert (line.status_code, line.json()["amount_fen"]) == (200, 100000)
    body = {"number": "2号", "subject": "研究", "amount_fen": 50000, "signed_on": "2026-03-01"}
    path = f"/api/experts/{desk.expert_id}/contracts"
    refused = await as_center.post(path, json=body | {"kind": "consultation"}, headers=key())
    assert (refused.status_code, refused.json()["refusals"][0]["code"]) == (409, "FEE_ON_ORDINARY_CONSULTATION")

    made = await as_center.post(path, json=body | {"kind": "study"}, headers=key())
    done = await as_center.post(
        f"{made.headers['location']}/payments",
        json={"amount_fen": 20000, "paid_on": "2026-09-01"},
        headers=key(made.headers["etag"]),
    )

    assert (done.json()["paid_fen"], done.json()["left_fen"]) == (20000, 30000)
    year = (await as_center.get("/api/fees/2026")).json()
    assert (year["spent_fen"], [one["number"] for one in year["contracts"]]) == (20000, ["2号"])
