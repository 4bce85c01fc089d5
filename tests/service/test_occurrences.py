"""What happens to experts is noted as it happens; the center judges, the expert contests, nobody is dismissed by it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest

from registry import Judgement, OccurrenceKind, RefusalReason, Status
from service import ledger
from service.access import Viewer
from service.actions.expert_life import add_employment, end_employment
from service.actions.experts import WorkEntry
from service.actions.occurrences import (
    REASONS,
    ReportEntry,
    contest_occurrence,
    judge_occurrence,
    report,
    review_occurrence,
)
from service.problems import Forbidden, Invalid, NotFound, Refused
from service.settings import Settings
from service.storage.expert_page import load_expert
from service.storage.home import waiting_for
from service.storage.occurrences import (
    NewOccurrence,
    OccurrenceView,
    load_occurrence,
    occurrences_of,
    put_occurrence,
)
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY
from tests.service.conftest import MONDAY, SignedIn, a_unit, an_account
from tests.service.test_cases import Desk, a_desk, codes, form, version_on
from workflow import OBJECTIVE

WHY = "明确表示今后也不愿参加论证"
_KEYS = count()


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


async def noted(desk: Desk, kind: OccurrenceKind = OccurrenceKind.REFUSAL, *, reason: str = "unwilling") -> UUID:
    """Note an occurrence as the act that it follows from does."""
    refusal = RefusalReason(reason) if kind is OccurrenceKind.REFUSAL else None
    new = NewOccurrence(f"test:{next(_KEYS)}", desk.expert_id, kind, TODAY, refusal=refusal, words="以专家名义代言")
    async with unit_of_work(desk.house.database, at=MONDAY) as session:
        found = await put_occurrence(session, new, at=MONDAY)
    assert found is not None
    return found


async def seen(desk: Desk, occurrence_id: UUID, viewer: Viewer | None = None) -> OccurrenceView:
    async with reading(desk.house.database) as session:
        return await load_occurrence(session, viewer or desk.house.center, occurrence_id)


async def judged(desk: Desk, occurrence_id: UUID, opens: bool, reason: str = WHY) -> UUID | None:
    version = (await seen(desk, occurrence_id)).version
    async with desk.house.acts(desk.house.center) as act:
        return await judge_occurrence(act, occurrence_id, Judgement(opens, reason), seen=version)


async def contested(desk: Desk, occurrence_id: UUID) -> None:
    version = (await seen(desk, occurrence_id)).version
    async with desk.house.acts(desk.expert) as act:
        await contest_occurrence(act, occurrence_id, text="当日执行防汛值守，单位可以证明", seen=version)


async def reviewed(desk: Desk, viewer: Viewer, occurrence_id: UUID, *, stands: bool) -> None:
    version = (await seen(desk, occurrence_id)).version
    async with desk.house.acts(viewer) as act:
        await review_occurrence(act, occurrence_id, stands=stands, reason="单位来函证明值守属实", seen=version)


@pytest.mark.rule("R26d")
async def test_one_refusal_without_an_objective_reason_opens_a_case_and_dismisses_nobody(desk: Desk) -> None:
    occurrence = await noted(desk)
    assert await desk.status() is Status.APPOINTED

    case_id = await judged(desk, occurrence, opens=True)

    assert case_id is not None
    case = await desk.case(case_id)
    assert (case.ground.value, case.refusal, case.evidence) == ("refused", RefusalReason.UNWILLING, WHY)
    assert await desk.status(date(2028, 1, 1)) is Status.SUSPENDED


@pytest.mark.rule("R26d")
async def test_refusal_with_an_objective_reason_counts_for_nothing(desk: Desk) -> None:
    occurrence = await noted(desk, reason="illness")

    assert await judged(desk, occurrence, opens=False, reason="") is None

    assert ((await seen(desk, occurrence)).state, await desk.status()) == ("passed", Status.APPOINTED)
    with pytest.raises(Refused) as refused:
        await judged(desk, occurrence, opens=True)
    assert codes(refused) == [("JUDGED_ALREADY", "")]


@pytest.mark.rule("R26d", "R26b")
async def test_judgement_without_its_reason_is_refused_with_the_article(desk: Desk) -> None:
    occurrence = await noted(desk)

    with pytest.raises(Refused) as refused:
        await judged(desk, occurrence, opens=True, reason="")

    assert codes(refused) == [("CLASSIFICATION_WITHOUT_REASON", "A26")]
    assert await desk.status() is Status.APPOINTED


@pytest.mark.rule("R26d")
async def test_expert_contests_a_classification_and_a_colleague_settles_it(desk: Desk) -> None:
    occurrence = await noted(desk)
    case_id = await judged(desk, occurrence, opens=True)
    assert case_id is not None
    await contested(desk, occurrence)
    with pytest.raises(Refused) as refused:
        await reviewed(desk, desk.house.center, occurrence, stands=False)
    assert codes(refused) == [("SAME_PERSON_CLASSIFIED", "")]
    colleague = await an_account(desk.house.database, "center")

    await reviewed(desk, colleague, occurrence, stands=False)

    case = await desk.case(case_id)
    assert (case.state, case.measure, await desk.status()) == ("closed", None, Status.APPOINTED)
    assert (await seen(desk, occurrence)).state == "passed"
    async with reading(desk.house.database) as session:
        types = [entry.type for entry in await ledger.stream(session, f"case:{case_id}")]
    assert types == ["case.opened", "case.lapsed"]


@pytest.mark.rule("R26d")
async def test_what_the_director_has_decided_no_review_undoes(desk: Desk) -> None:
    occurrence = await noted(desk)
    case_id = await judged(desk, occurrence, opens=True)
    assert case_id is not None
    await contested(desk, occurrence)
    await desk.ruled(case_id, "dismiss")
    colleague = await an_account(desk.house.database, "center")

    with pytest.raises(Refused) as refused:
        await reviewed(desk, colleague, occurrence, stands=False)
    assert codes(refused) == [("CASE_CLOSED", "")]
    await reviewed(desk, colleague, occurrence, stands=True)

    assert await desk.status(date(2026, 9, 25)) is Status.DISMISSED


async def test_contest_is_the_experts_own_and_given_once(desk: Desk) -> None:
    occurrence = await noted(desk)
    other = await an_account(desk.house.database, "expert")
    with pytest.raises(Refused) as refused:
        await contested(desk, occurrence)
    assert codes(refused) == [("NOTHING_TO_CONTEST", "")]
    await judged(desk, occurrence, opens=True)

    for viewer in (other, desk.house.center):
        async with desk.house.acts(viewer) as act:
            with pytest.raises(NotFound):
                await contest_occurrence(act, occurrence, text="不是这样", seen=2)
    await contested(desk, occurrence)
    with pytest.raises(Refused) as refused:
        await contested(desk, occurrence)
    assert codes(refused) == [("CONTESTED_ALREADY", "")]


async def test_further_occurrence_joins_the_case_that_runs_and_does_not_end_it(desk: Desk) -> None:
    case_id = await desk.opened("breach")
    occurrence = await noted(desk)

    assert await judged(desk, occurrence, opens=True) == case_id
    await contested(desk, occurrence)
    await reviewed(desk, await an_account(desk.house.database, "center"), occurrence, stands=False)

    assert ((await desk.case(case_id)).state, await desk.status()) == ("open", Status.SUSPENDED)


@pytest.mark.rule("R26d")
async def test_case_stands_as_long_as_one_refusal_carries_it(desk: Desk, engine: str) -> None:
    first, second = await noted(desk), await noted(desk, reason="no-time")
    case_id = await judged(desk, first, opens=True)
    assert case_id is not None
    assert await judged(desk, second, opens=True) == case_id
    colleague = await an_account(desk.house.database, "center")
    for occurrence in (first, second):
        await contested(desk, occurrence)

    await reviewed(desk, colleague, first, stands=False)
    carried = (await desk.case(case_id)).state, await desk.status()
    await reviewed(desk, colleague, second, stands=False)

    assert carried == ("open", Status.SUSPENDED)
    assert ((await desk.case(case_id)).state, await desk.status()) == ("closed", Status.APPOINTED)


@pytest.mark.rule("R26d", "R70a")
async def test_what_joined_a_case_of_another_ground_gets_its_own_when_that_one_falls(desk: Desk) -> None:
    refusal, misuse = await noted(desk), await noted(desk, OccurrenceKind.REPORT)
    former = await judged(desk, refusal, opens=True)
    assert former is not None
    assert await judged(desk, misuse, opens=True, reason="宣传册和录音可以证明") == former
    await contested(desk, refusal)

    await reviewed(desk, await an_account(desk.house.database, "center"), refusal, stands=False)

    held = await seen(desk, misuse)
    assert (held.state, held.opened, held.case_id != former) == ("case", True, True)
    assert held.case_id is not None
    case = await desk.case(held.case_id)
    assert (case.state, case.ground.value, case.evidence) == ("open", "breach", "宣传册和录音可以证明")
    assert ((await desk.case(former)).state, await desk.status()) == ("closed", Status.SUSPENDED)


@pytest.mark.rule("R26b")
async def test_change_of_the_main_work_waits_for_a_judgement_and_a_side_post_does_not(desk: Desk) -> None:
    unit = await a_unit(desk.house.database, "县水务集团")
    other = await a_unit(desk.house.database, "县博物馆")
    async with desk.house.acts(desk.house.center) as act:
        await add_employment(act, desk.expert_id, WorkEntry(other, main=False), seen=await desk.version())
    async with desk.house.acts(desk.house.center) as act:
        entry = WorkEntry(unit, from_on=date(2026, 9, 1))
        await add_employment(act, desk.expert_id, entry, seen=await desk.version())
    async with reading(desk.house.database) as session:
        view = await load_expert(session, desk.house.center, desk.expert_id, on=TODAY)
    main = next(job for job in view.employments if job.main and job.lasts(TODAY))
    async with desk.house.acts(desk.house.center) as act:
        await end_employment(act, desk.expert_id, main.id, to_on=date(2026, 9, 10), seen=view.version)

    async with reading(desk.house.database) as session:
        found = await occurrences_of(session, desk.house.center, desk.expert_id)
        tasks = await waiting_for(session, desk.house.center, today=TODAY, valid_months=12)

    assert [(one.kind.value, one.organisation, one.happened_on) for one in found] == [
        ("post-change", "县水务集团", date(2026, 9, 10)),
        ("post-change", "县水务集团", date(2026, 9, 1)),
    ]
    assert [task.facts for task in tasks if task.code == "TASK_JUDGE_OCCURRENCES"] == [{"count": 2}]
    assert await desk.status() is Status.APPOINTED


@pytest.mark.rule("R28c", "R28e", "R70a")
async def test_report_of_misuse_opens_a_case_of_breach_when_the_center_says_so(desk: Desk) -> None:
    with pytest.raises(Invalid) as invalid:
        async with desk.house.acts(desk.house.center) as act:
            await report(act, desk.expert_id, ReportEntry(TODAY + timedelta(days=1), "短"))
    assert [(one.at, one.code) for one in invalid.value.faults] == [
        ("words", "REASON_TOO_SHORT"),
        ("happened_on", "DAY_IN_FUTURE"),
    ]
    async with desk.house.acts(desk.house.center) as act:
        occurrence = await report(act, desk.expert_id, ReportEntry(TODAY, "以县专家身份为企业产品代言"))
    with pytest.raises(NotFound):
        await seen(desk, occurrence, desk.expert)

    case_id = await judged(desk, occurrence, opens=True, reason="宣传册和录音可以证明")

    assert case_id is not None
    assert (await desk.case(case_id, desk.expert)).ground.value == "breach"


async def test_report_is_the_centers_to_enter(desk: Desk) -> None:
    for viewer in (desk.expert, desk.house.mayor):
        async with desk.house.acts(viewer) as act:
            with pytest.raises(Forbidden):
                await report(act, desk.expert_id, ReportEntry(TODAY, "以县专家身份为企业产品代言"))


@pytest.mark.rule("R26d")
def test_answers_and_the_library_call_the_same_reasons_objective() -> None:
    """The two packages know nothing of each other; who declines must count alike in both."""
    assert {code: REASONS[code].is_objective for code in REASONS} == dict(OBJECTIVE)
    assert set(REASONS.values()) == set(RefusalReason)


async def test_the_same_event_is_noted_once(desk: Desk) -> None:
    new = NewOccurrence("post:1", desk.expert_id, OccurrenceKind.POST_CHANGE, TODAY)
    async with unit_of_work(desk.house.database, at=MONDAY) as session:
        first = await put_occurrence(session, new, at=MONDAY)
        second = await put_occurrence(session, replace(new, happened_on=date(2026, 9, 1)), at=MONDAY)

    assert (first is None, second) == (False, None)


async def test_expert_under_review_is_judged_and_another_case_is_not_opened_for_who_left(desk: Desk) -> None:
    occurrence = await noted(desk)
    case_id = await desk.opened()
    await desk.ruled(case_id, "dismiss")

    with pytest.raises(Refused) as refused:
        await judged(desk, occurrence, opens=True)

    assert codes(refused) == [("EXPERT_LEFT", "")]


# Pages and API


async def test_refusal_is_judged_contested_and_reviewed_in_the_browser(
    desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    expert = await signed_in("expert", person_id=desk.expert.person_id)
    colleague = await signed_in("center")
    page = f"/occurrences/{await noted(desk)}"
    assert "个情形等待判断" in (await as_center.get("/cases")).text
    empty = await as_center.post(f"{page}/judge", data=form(version=await version_on(as_center, page)))
    assert empty.status_code == 400
    done = await as_center.post(
        f"{page}/judge", data=form(version=await version_on(as_center, page), opens="yes", reason=WHY)
    )
    assert done.status_code == 303
    assert page in (await expert.get("/my")).text
    await expert.post(
        f"{page}/contest", data=form(version=await version_on(expert, page), contest="当日执行防汛值守任务")
    )
    refused = await as_center.post(
        f"{page}/review",
        data=form(version=await version_on(as_center, page), stands="no", review_reason="单位来函证明属实，予以撤销"),
    )
    assert (refused.status_code, "另一位工作人员" in refused.text) == (409, True)

    settled = await colleague.post(
        f"{page}/review",
        data=form(version=await version_on(colleague, page), stands="no", review_reason="单位来函证明属实，予以撤销"),
    )

    assert settled.status_code == 303
    shown = (await colleague.get(page)).text
    assert "撤销原判断，不计" in shown
    assert await desk.status() is Status.APPOINTED


async def test_report_is_entered_and_judged_by_api(desk: Desk, as_center: httpx.AsyncClient) -> None:
    entered = await as_center.post(
        f"/api/experts/{desk.expert_id}/reports",
        json={"happened_on": "2026-09-01", "words": "以县专家身份为企业产品代言"},
        headers={"Idempotency-Key": f"report-{next(_KEYS):06d}"},
    )
    assert (entered.status_code, entered.json()["state"]) == (201, "waiting")
    path = entered.headers["location"]
    listed = (await as_center.get("/api/occurrences")).json()
    assert [one["id"] for one in listed] == [entered.json()["id"]]

    judgement = await as_center.post(
        f"{path}/judge",
        json={"opens": False, "reason": "经核实系他人冒用名义"},
        headers={"Idempotency-Key": f"report-{next(_KEYS):06d}", "If-Match": entered.headers["etag"]},
    )

    assert (judgement.status_code, judgement.json()["state"]) == (200, "passed")
    of_expert = (await as_center.get(f"/api/experts/{desk.expert_id}/occurrences")).json()
    assert [one["state"] for one in of_expert] == ["passed"]
