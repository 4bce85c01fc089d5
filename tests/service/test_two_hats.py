"""One person with two hats: an expert who works for the center or the committee; nobody decides about oneself."""

from datetime import date

import pytest

from registry import Judgement, Status
from service.access import Viewer
from service.actions.batches import Decision, decide_batch
from service.actions.cases import add_statement, confirm_rectified
from service.actions.fees import ContractEntry, add_contract
from service.actions.occurrences import contest_occurrence, judge_occurrence, review_occurrence
from service.actions.renewals import RenewalAnswer, answer_renewals
from service.problems import Refused
from service.settings import Settings
from service.storage.cases import load_case
from service.storage.expert_page import own_expert
from service.storage.home import waiting_for
from service.storage.rows.admission import CandidateRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY
from tests.service.conftest import MONDAY, an_account
from tests.service.test_cases import REASON, Desk, a_desk, codes
from tests.service.test_occurrences import judged, noted, seen

OWN = [("OWN_AFFAIR", "")]


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


async def wearing(desk: Desk, *roles: str) -> Viewer:
    """Return the expert of the desk, who has other roles too."""
    return await an_account(desk.house.database, "expert", *roles, person_id=desk.expert.person_id)


async def test_clerk_who_is_an_expert_sees_both_sides_and_stays_one_person(desk: Desk) -> None:
    clerk = await wearing(desk, "center")
    case_id = await desk.opened()

    async with reading(desk.house.database) as session:
        assert await own_expert(session, clerk) == desk.expert_id
        assert (await load_case(session, clerk, case_id)).own
    async with desk.house.acts(clerk) as act:
        await add_statement(act, case_id, text="证书换证期间，已提交延续申请。", seen=1)
    assert (await desk.case(case_id)).statement == "证书换证期间，已提交延续申请。"


@pytest.mark.rule("R26d")
async def test_clerk_judges_and_reviews_no_own_refusal(desk: Desk) -> None:
    clerk = await wearing(desk, "center")
    occurrence = await noted(desk)
    async with desk.house.acts(clerk) as act:
        with pytest.raises(Refused) as refused:
            await judge_occurrence(act, occurrence, Judgement(False, "当日确有公务，属于客观原因"), seen=1)
    assert codes(refused) == OWN
    await judged(desk, occurrence, opens=True)
    async with desk.house.acts(clerk) as act:
        await contest_occurrence(act, occurrence, text="当日执行防汛值守", seen=2)

    async with desk.house.acts(clerk) as act:
        with pytest.raises(Refused) as refused:
            await review_occurrence(act, occurrence, stands=False, reason="当日确有公务，属于客观原因", seen=3)

    assert codes(refused) == OWN
    assert ((await seen(desk, occurrence)).state, await desk.status()) == ("case", Status.SUSPENDED)


@pytest.mark.rule("R26a", "R70a")
async def test_director_decides_no_own_case_and_clerk_closes_none(desk: Desk) -> None:
    both = await wearing(desk, "mayor", "center")
    case_id = await desk.opened("breach")
    with pytest.raises(Refused) as refused:
        await desk.ruled(case_id, "keep", viewer=both)
    assert codes(refused) == OWN
    await desk.ruled(case_id, "rectify", rectify_by=date(2026, 10, 31))

    async with desk.house.acts(both) as act:
        with pytest.raises(Refused) as refused:
            await confirm_rectified(act, case_id, reason=REASON, seen=(await desk.case(case_id)).version)

    assert codes(refused) == OWN


@pytest.mark.rule("R24d", "R29a")
async def test_clerk_answers_no_own_renewal_and_agrees_no_own_fee(desk: Desk) -> None:
    clerk = await wearing(desk, "center")
    async with desk.house.acts(clerk) as act:
        with pytest.raises(Refused) as refused:
            await answer_renewals(act, [RenewalAnswer(desk.expert_id, True, True, True, REASON)])
    assert codes(refused) == OWN
    entry = ContractEntry("study", "示决咨合〔2026〕2号", date(2026, 3, 1), "洪水复核专项研究", 100)
    async with desk.house.acts(clerk) as act:
        with pytest.raises(Refused) as refused:
            await add_contract(act, entry, expert_id=desk.expert_id)
    assert codes(refused) == OWN


@pytest.mark.rule("R24b", "R26a")
async def test_nobody_approves_a_list_with_the_own_name(desk: Desk) -> None:
    house = desk.house
    candidate = await house.checked()
    batch_id = await house.proposed([candidate], kind="addition")
    async with unit_of_work(house.database, at=MONDAY) as session:
        (await session.get_one(CandidateRow, candidate)).person_id = house.mayor.person_id

    decision, version = Decision("示决咨委〔2026〕1号", TODAY), (await house.batch(batch_id)).version
    async with house.acts(house.mayor) as act:
        with pytest.raises(Refused) as refused:
            await decide_batch(act, batch_id, decision, seen=version)

    assert codes(refused) == OWN
    await house.decided(batch_id, await an_account(house.database, "mayor"))
    async with reading(house.database) as session:
        tasks = await waiting_for(session, house.center, today=TODAY, valid_months=12)
    assert [task.facts for task in tasks if task.code == "TASK_ISSUE_LETTERS"] == [{"count": 1}]
