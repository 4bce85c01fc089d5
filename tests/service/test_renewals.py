"""Another term for experts: three tests, one list for the county government, terms without overlap and gap."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event

from registry import Stage
from service import ledger
from service.actions.batches import make_batch, propose_batch, put_on_batch, take_off_batch
from service.actions.cases import CaseEntry, open_case
from service.actions.renewals import RenewalAnswer, answer_renewals, contest_assessment
from service.problems import Forbidden, Invalid, NotFound, Refused
from service.settings import Settings
from service.storage.expert_page import load_expert
from service.storage.renewals import assessments_of, due_for_renewal
from service.storage.rows.accounts import AccountRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY, House, a_house
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.library import Entry, Inserted, a_library

ENDS = date(2026, 12, 31)
THIN = "单位年度考核称职，书面述职合格"
_KEYS = count()


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


async def some(house: House, *entries: Entry) -> Inserted:
    wanted = entries or (Entry("何一", starts_on=date(2022, 1, 1), ends_on=ENDS),)
    return await a_library(house.database, wanted)


def yes(expert_id: UUID, **changes) -> RenewalAnswer:
    return replace(RenewalAnswer(expert_id, True, True, True, THIN), **changes)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.code, one.cite) for one in refused.value.refusals]


async def terms_of(house: House, expert_id: UUID) -> list[tuple[date, date]]:
    async with reading(house.database) as session:
        view = await load_expert(session, house.center, expert_id, on=TODAY)
    return [(one.starts_on, one.ends_on) for one in view.terms]


async def test_who_is_due_ends_within_half_a_year_or_ended_within_one(house: House) -> None:
    await some(
        house,
        Entry("末日", ends_on=TODAY + timedelta(days=180)),
        Entry("太早", ends_on=TODAY + timedelta(days=181)),
        Entry("已满", starts_on=date(2021, 9, 1), ends_on=TODAY - timedelta(days=31)),
        Entry("太久", starts_on=date(2020, 9, 1), ends_on=TODAY - timedelta(days=367)),
        Entry("暂停", ends_on=TODAY + timedelta(days=9), state="suspended"),
    )

    async with reading(house.database) as session:
        due = await due_for_renewal(session, house.center, on=TODAY, days=180)
        assert await due_for_renewal(session, await an_account(house.database, "unit"), on=TODAY, days=180) == ()

    assert [(one.name, one.gap, one.events) for one in due] == [("已满", 30, 0), ("末日", 0, 0)]


async def test_the_list_asks_the_database_as_often_for_many_as_for_one(house: House) -> None:
    async def queries() -> tuple[int, int]:
        asked: list[object] = []
        engine = house.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", count_one := lambda *_: asked.append(None))
        async with reading(house.database) as session:
            due = await due_for_renewal(session, house.center, on=TODAY, days=180)
        event.remove(engine, "before_cursor_execute", count_one)
        return len(due), len(asked)

    await some(house)
    one, for_one = await queries()
    more = [Entry(f"何{place}", starts_on=date(2022, 1, 1), ends_on=ENDS) for place in range(8)]
    await a_library(house.database, more, first_number=100)

    assert (one, await queries()) == (1, (9, for_one))


@pytest.mark.rule("R24d")
async def test_who_passes_all_three_goes_to_the_county_government_and_gets_the_next_term(house: House) -> None:
    inserted = await some(house)
    expert_id = inserted.experts["何一"]

    async with house.acts(house.center) as act:
        batch_id = await answer_renewals(act, [yes(expert_id)])
    assert batch_id is not None
    batch = await house.batch(batch_id)
    assert (batch.kind.value, [(one.name, one.stage) for one in batch.people]) == (
        "reappointment",
        [("何一", Stage.CHECKED)],
    )
    async with house.acts(house.center) as act:
        await propose_batch(act, batch_id, seen=batch.version)
    with pytest.raises(Refused) as refused:
        await house.decided(batch_id, house.mayor)
    assert codes(refused) == [("NOT_APPROVED_BY_GOVERNMENT", "A24")]
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)

    # An early letter costs none of the days still left, and leaves no gap.
    assert await terms_of(house, expert_id) == [
        (date(2027, 1, 1), date(2031, 12, 31)),
        (date(2022, 1, 1), ENDS),
    ]


@pytest.mark.rule("R24d")
@pytest.mark.parametrize("failed", ["qualified", "needed", "eligible"])
async def test_who_fails_one_test_is_on_no_list_and_the_answer_stays_with_its_reason(house: House, failed: str) -> None:
    expert_id = (await some(house)).experts["何一"]

    async with house.acts(house.center) as act:
        assert await answer_renewals(act, [yes(expert_id, **{failed: False})]) is None

    async with reading(house.database) as session:
        (assessment,) = await assessments_of(session, expert_id)
    assert (getattr(assessment, failed), assessment.reason, assessment.term_ends_on) == (False, THIN, ENDS)
    assert await terms_of(house, expert_id) == [(date(2022, 1, 1), ENDS)]


@pytest.mark.rule("R24d")
async def test_assessment_without_three_events_needs_a_reason_of_its_own_or_a_common_one(house: House) -> None:
    expert_id = (await some(house)).experts["何一"]

    async with house.acts(house.center) as act:
        with pytest.raises(Invalid) as invalid:
            await answer_renewals(act, [yes(expert_id, reason="")])
        assert [(one.at, one.code) for one in invalid.value.faults] == [(f"reason_{expert_id}", "ASSESSMENT_TOO_FEW")]
        with pytest.raises(Invalid) as invalid:
            await answer_renewals(act, [yes(expert_id, needed=False, reason="")])
        assert ("FIELD_REQUIRED" in {one.code for one in invalid.value.faults}) is True
        assert await answer_renewals(act, [yes(expert_id, reason="")], common_reason=THIN) is not None


@pytest.mark.rule("R24d")
async def test_nobody_under_review_or_too_early_is_renewed(house: House) -> None:
    inserted = await some(
        house, Entry("何一", ends_on=ENDS), Entry("何二", ends_on=date(2029, 2, 28)), Entry("何三", ends_on=ENDS)
    )
    async with house.acts(house.center) as act:
        await open_case(act, inserted.experts["何一"], CaseEntry("unfit", "执业证书被吊销"), seen=1)

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await answer_renewals(act, [yes(one) for one in inserted.experts.values()])

    assert codes(refused) == [("EXPERT_SUSPENDED", "A26"), ("RENEWAL_TOO_EARLY", "")]


@pytest.mark.rule("R24d")
async def test_nothing_is_renewed_by_itself(house: House) -> None:
    expert_id = (await some(house)).experts["何一"]

    async with reading(house.database) as session:
        lapsed = await load_expert(session, house.center, expert_id, on=ENDS + timedelta(days=1))
        assert await due_for_renewal(session, house.center, on=ENDS + timedelta(days=1), days=180) != ()
    assert lapsed.status.value == "lapsed"


async def test_renewal_is_put_on_no_list_of_another_approver(house: House) -> None:
    expert_id = (await some(house)).experts["何一"]
    async with house.acts(house.center) as act:
        batch_id = await answer_renewals(act, [yes(expert_id)])
    assert batch_id is not None
    (candidate,) = (await house.batch(batch_id)).people
    async with house.acts(house.center) as act:
        await take_off_batch(act, batch_id, candidate.id, seen=(await house.batch(batch_id)).version)
        addition = await make_batch(act, "addition")
    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await put_on_batch(act, addition, [candidate.id], seen=1)

    assert codes(refused) == [("LIST_OF_OTHER_KIND", "")]


@pytest.mark.parametrize("role", ["audit", "office", "mayor", "unit"])
async def test_only_the_center_answers(house: House, role: str) -> None:
    expert_id = (await some(house)).experts["何一"]
    viewer = await an_account(house.database, role)

    async with house.acts(viewer) as act:
        with pytest.raises(Forbidden):
            await answer_renewals(act, [yes(expert_id)])


async def test_expert_contests_the_own_assessment_once(house: House) -> None:
    inserted = await some(house)
    expert_id = inserted.experts["何一"]
    async with house.acts(house.center) as act:
        await answer_renewals(act, [yes(expert_id, qualified=False)])
    async with reading(house.database) as session:
        (assessment,) = await assessments_of(session, expert_id)
    expert = await an_account(house.database, "expert")
    async with unit_of_work(house.database, at=MONDAY) as session:
        (await session.get_one(AccountRow, expert.account_id)).person_id = inserted.people["何一"]
    own = replace(expert, person_id=inserted.people["何一"])

    async with house.acts(expert) as act:
        with pytest.raises(NotFound):
            await contest_assessment(act, assessment.id, text="不同意。", seen=1)
    async with house.acts(own) as act:
        await contest_assessment(act, assessment.id, text="去年两次请假均有住院证明。", seen=1)
        with pytest.raises(Refused):
            await contest_assessment(act, assessment.id, text="再说一次。", seen=2)
    async with reading(house.database) as session:
        (contested,) = await assessments_of(session, expert_id)
        types = [entry.type for entry in await ledger.stream(session, f"expert:{expert_id}")]
    assert (contested.contested, contested.contested_on) == ("去年两次请假均有住院证明。", TODAY)
    assert types[-2:] == ["expert.assessed", "assessment.contested"]


@pytest.mark.rule("R24d")
async def test_forty_experts_are_renewed_in_a_handful_of_clicks(
    database: Database, settings: Settings, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    house = await a_house(database, settings)
    inserted = await some(house, *(Entry(f"何{n:02d}", starts_on=date(2022, 1, 1), ends_on=ENDS) for n in range(40)))
    exception = inserted.experts["何07"]

    shown = (await as_center.get("/renewals")).text
    fields = {f"all_{test}": "yes" for test in ("qualified", "needed", "eligible")} | {"common_reason": THIN}
    fields |= {f"exception_{exception}": "needed", f"reason_{exception}": "该领域已有足够专家，不再续聘"}
    data = {
        "idempotency_key": f"renewal-{next(_KEYS):06d}",
        **fields,
        "experts": re.findall(r'name="experts" value="([0-9a-f-]{36})"', shown),
    }
    unanswered = await as_center.post("/renewals", data=data | {"all_needed": "", "idempotency_key": "renewal-x00001"})
    assert (unanswered.status_code, 'href="#f-all_needed"' in unanswered.text) == (400, True)
    made = await as_center.post("/renewals", data=data)

    assert made.status_code == 303, made.text
    page = (await as_center.get(made.headers["location"])).text
    assert "名单（39 人）" in page
    assert "该领域已有足够专家，不再续聘" in (await as_center.get(f"/experts/{exception}")).text
    candidate = re.search(r'href="(/candidates/[0-9a-f-]{36})"', page)
    assert candidate is not None
    assert "续聘按考核合格、工作需要" in (await as_center.get(candidate[1])).text
    assert "何07" not in page
    # Three ticks, the list, the proposal, the letters: six; and one for the exception.
    assert len(re.findall(r'<form[^>]* action="/batches/[0-9a-f-]{36}/propose"', page)) == 1


async def test_the_same_by_api(database: Database, settings: Settings, as_center: httpx.AsyncClient) -> None:
    house = await a_house(database, settings)
    expert_id = (await some(house)).experts["何一"]
    due = (await as_center.get("/api/renewals")).json()
    assert [(one["name"], one["ends_on"], one["gap"]) for one in due] == [("何一", "2026-12-31", 0)]

    answer = {"expert_id": str(expert_id), "qualified": True, "needed": True, "eligible": True, "reason": THIN}
    made = await as_center.post(
        "/api/renewals", json={"answers": [answer]}, headers={"Idempotency-Key": f"renewal-{next(_KEYS):06d}"}
    )

    batch = (await as_center.get(f"/api/batches/{made.json()['batch_id']}")).json()
    assert (made.status_code, batch["kind"], len(batch["people"])) == (201, "reappointment", 1)
