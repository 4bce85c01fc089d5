"""Evidence of requests for a change is kept for half a year after the decision; the decision and its reason stay."""

import asyncio
import re
from datetime import UTC, date, datetime
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from service.actions.change_request_data import Wanted, unseal
from service.actions.change_requests import ChangeEntry, open_evidence, refuse_change, withdraw_change
from service.actions.erasure import erase_due
from service.keys import Keys
from service.problems import NotFound
from service.regulation import load_policy
from service.settings import Settings
from service.storage.rows.change_requests import ChangeRequestFileRow, ChangeRequestRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import a_number
from tests.service.conftest import SignedIn
from tests.service.test_cases import Desk, a_desk
from tests.service.test_change_requests import WHY, a_file, accepted, asked, entries, seen

LAST, AFTER = date(2027, 3, 14), date(2027, 3, 15)
PHONE = "13800138000"
POLICY = load_policy("changli-local-1")


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


def keys(desk: Desk) -> Keys:
    return Keys.at(desk.house.settings.var / "secrets.toml")


async def erased(desk: Desk, on: date) -> int:
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    async with unit_of_work(desk.house.database, at=at) as session:
        return await erase_due(session, keys=keys(desk), policy=POLICY, at=at)


async def a_request(desk: Desk) -> tuple[UUID, str]:
    """Ask for another number and telephone on 14 September, with a copy of the document."""
    number = a_number()
    entry = ChangeEntry(identity_number=number, phone=PHONE, words="新换的身份证")
    return await asked(desk, entry, a_file()), number


async def refused(desk: Desk, request: UUID) -> None:
    version = (await seen(desk, request)).version
    async with desk.house.acts(desk.house.center) as act:
        await refuse_change(act, request, reason=WHY, seen=version)


async def decided(desk: Desk, request: UUID, how: str) -> None:
    if how == "accepted":
        await accepted(desk, request, reason=WHY)
    elif how == "refused":
        await refused(desk, request)
    else:
        version = (await seen(desk, request)).version
        async with desk.house.acts(desk.expert) as act:
            await withdraw_change(act, request, seen=version)


async def kept(desk: Desk, request: UUID) -> tuple[int, Wanted]:
    """Return how many files are kept, and what the request says."""
    async with reading(desk.house.database) as session:
        row = await session.get_one(ChangeRequestRow, request)
        files = await session.scalar(select(func.count()).select_from(ChangeRequestFileRow))
    return files or 0, unseal(keys(desk), request, row.sealed)


def numbers(wanted: Wanted) -> set[str]:
    """Return every full number, and every hash of one, that a request bears."""
    both = (wanted.before, wanted.asked)
    return {wanted.identity_number, *(one.phone for one in both), *(one.identity for one in both)} - {""}


@pytest.mark.parametrize(("how", "files"), [("accepted", 1), ("refused", 1), ("withdrawn", 0)])
async def test_evidence_is_kept_through_its_last_day_and_then_erased(
    desk: Desk, how: str, files: int, engine: str
) -> None:
    request, number = await a_request(desk)
    await decided(desk, request, how)

    assert await erased(desk, LAST) == 0
    count, said = await kept(desk, request)
    assert (count, said.identity_number, said.asked.phone.endswith(PHONE[-4:])) == (files, number, True)
    assert [await erased(desk, AFTER), await erased(desk, AFTER)] == [1, 0]

    count, said = await kept(desk, request)
    assert (count, numbers(said), said.asked.identity_masked != "") == (0, set(), True)
    view = await seen(desk, request)
    assert (view.state, view.files, view.erased_on) == (how, (), AFTER)
    assert (view.reason, said.asked.words) == ("" if how == "withdrawn" else WHY, "新换的身份证")
    last = (await entries(desk))[-1]
    assert (last.type, last.value()["body"]) == (
        "change.erased",
        {"files": files, "months": 6, "policy": "changli-local-1", "request": str(request)},
    )


async def test_evidence_of_what_waits_is_not_erased(desk: Desk) -> None:
    request, number = await a_request(desk)

    assert await erased(desk, date(2040, 1, 1)) == 0

    count, said = await kept(desk, request)
    assert (count, said.identity_number) == (1, number)


async def test_two_processes_at_once_erase_evidence_once(desk: Desk, engine: str) -> None:
    request, _ = await a_request(desk)
    await refused(desk, request)

    done = await asyncio.gather(*(erased(desk, AFTER) for _ in range(3)))

    types = [one.type for one in await entries(desk)]
    assert (sorted(done), types.count("change.erased")) == ([0, 0, 1], 1)


async def test_erased_evidence_is_there_for_nobody_and_what_was_changed_stays(desk: Desk) -> None:
    request, _ = await a_request(desk)
    await accepted(desk, request, reason=WHY)
    (file,) = (await seen(desk, request)).files

    await erased(desk, AFTER)

    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(NotFound):
            await open_evidence(act, request, file.id)
    async with desk.house.acts(desk.expert) as act:
        with pytest.raises(NotFound):
            await open_evidence(act, request, file.id)
    assert "identity" in [one.value for one in (await seen(desk, request)).items]


async def test_expert_and_center_read_how_long_evidence_is_kept(
    desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    request, _ = await a_request(desk)
    page, api = f"/change-requests/{request}", f"/api/change-requests/{request}"
    assert "之后自动删除；决定和理由保留" not in (await as_center.get(page)).text
    assert (await as_center.get(api)).json()["kept_until"] is None
    await refused(desk, request)
    expert = await signed_in("expert", person_id=desk.expert.person_id)

    for reader in (as_center, expert):
        text = re.sub(r"\s+", "", (await reader.get(page)).text)
        assert "证明和完整的号码保存到2027年3月14日" in text
        found = (await reader.get(api)).json()
        assert (found["kept_until"], found["erased_on"]) == ("2027-03-14", None)
    assert "申请办结以后保存 6 个月" in (await expert.get("/my/data")).text

    await erased(desk, AFTER)

    for reader in (as_center, expert):
        text = re.sub(r"\s+", "", (await reader.get(page)).text)
        assert ("2027年3月15日删除了证明文件和完整的号码" in text, WHY in text) == (True, True)
        assert (await reader.get(api)).json()["erased_on"] == "2027-03-15"
