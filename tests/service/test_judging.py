"""Deciding about findings against a real database: real, false alarm, waiver, what falls when a tie changes."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from conflicts import Finding, Kind, Outcome, basis_of
from service.access import Viewer
from service.actions.expert_life import end_employment
from service.actions.facts import FactEntry, end_fact, state_fact, withdraw_fact
from service.actions.judging import Subject, ask_waiver, dismiss, lift, note_inbox, recuse, settle_waiver
from service.actions.matters import Opening, PartyEntry, open_matter
from service.ledger.tables import EventRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.regulation import load_policy
from service.settings import Settings
from service.storage.conflict_inbox import OpenFindings, inbox_of
from service.storage.facts import matter_of
from service.storage.judgements import decided_about, judgements_of
from service.storage.residents import Residents
from service.storage.rows.judgements import ConflictJudgementRow
from service.storage.rows.library import EmploymentRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.ties import ResidentTies
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.library import Entry, Inserted, a_library

POLICY = load_policy("changli-local-1").table
TODAY = date(2026, 9, 14)
REASON = "核实过合同原件，与本事项无关"
FIRM = "清源水务有限公司"


class Desk:
    """A matter with a firm as party, and two clerks of the center."""

    def __init__(self, database: Database, settings: Settings, first: Viewer, second: Viewer, library: Inserted):
        self.database, self.settings, self.library = database, settings, library
        self.first, self.second = first, second
        self.residents, self.open = Residents(), OpenFindings()
        self.matter = UUID(int=0)
        self.at = MONDAY

    def acting(self, viewer: Viewer | None = None):
        self.at += timedelta(minutes=1)
        return acting(self.database, self.settings, viewer or self.first, self.at)

    async def tie(self, name: str, kind: Kind, *, to_on: date | None = None) -> UUID:
        async with self.acting() as act:
            entry = FactEntry(self.library.people[name], kind, self.library.organisations[FIRM], to_on=to_on)
            return await state_fact(act, entry)

    async def finding(self, name: str) -> Finding:
        (finding,) = await self.findings(name)
        return finding

    async def findings(self, name: str) -> tuple[Finding, ...]:
        async with reading(self.database) as session:
            residents = await self.residents.current(session)
            return residents.ties.graph.check(
                await matter_of(session, self.matter),
                policy=POLICY,
                as_of=TODAY,
                people=(str(self.library.people[name]),),
                judgements=(await decided_about(session, self.matter)).judgements,
            )

    def subject(self, finding: Finding) -> Subject:
        return Subject(self.matter, UUID(finding.person), finding.row_id, basis_of(finding))

    async def outcome(self, name: str) -> Outcome:
        return (await self.finding(name)).outcome


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    units = {FIRM: await a_unit(database, FIRM), "县水务局": await a_unit(database, "县水务局")}
    library = await a_library(database, [Entry("赵明"), Entry("钱芳"), Entry("孙立", employer=FIRM)], units=units)
    desk = Desk(database, settings, await an_account(database, "center"), await an_account(database, "center"), library)
    async with desk.acting() as act:
        parties = (PartyEntry(organisation_id=units[FIRM]),)
        desk.matter = await open_matter(act, Opening("饮马河综合治理工程", units["县水务局"], "A3.4", parties=parties))
    return desk


@pytest.mark.rule("R28d")
async def test_a_false_alarm_stays_away_until_the_tie_changes_and_then_comes_back(desk: Desk) -> None:
    fact = await desk.tie("赵明", Kind.CONTRACT, to_on=date(2026, 1, 31))
    assert await desk.outcome("赵明") is Outcome.RESTRICTED

    async with desk.acting() as act:
        await dismiss(act, desk.residents, desk.subject(await desk.finding("赵明")), reason=REASON)
    assert await desk.outcome("赵明") is Outcome.DISMISSED
    async with desk.acting() as act:
        await end_fact(act, fact, to_on=date(2026, 2, 28), seen=1)
    assert await desk.outcome("赵明") is Outcome.RESTRICTED


@pytest.mark.rule("R30a")
async def test_direct_interest_is_neither_a_false_alarm_nor_waived(desk: Desk) -> None:
    subject = desk.subject(await desk.finding("孙立"))

    for decide in (
        lambda act: dismiss(act, desk.residents, subject, reason=REASON),
        lambda act: ask_waiver(act, desk.residents, subject, reason=REASON, publication=REASON),
    ):
        with pytest.raises(Refused) as refused:
            async with desk.acting() as act:
                await decide(act)
        assert [(one.code, one.cite) for one in refused.value.refusals] == [("CONFLICT_NOT_RELAXED", "A28.4")]
    async with desk.acting() as act:
        await recuse(act, desk.residents, subject)
    async with reading(desk.database) as session:
        assert (await decided_about(session, desk.matter)).recused == {str(desk.library.people["孙立"])}


@pytest.mark.rule("R28d")
async def test_waiver_counts_once_another_person_has_approved_it(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    async with desk.acting() as act:
        waiver = await ask_waiver(act, desk.residents, subject, reason=REASON, publication="合同金额很小，已公示")
    assert await desk.outcome("赵明") is Outcome.RESTRICTED

    with pytest.raises(Refused) as refused:
        async with desk.acting(desk.first) as act:
            await settle_waiver(act, waiver, approved=True, reason="", seen=1)
    assert [one.code for one in refused.value.refusals] == ["SAME_PERSON_ASKED_AND_APPROVED"]
    async with desk.acting(desk.second) as act:
        await settle_waiver(act, waiver, approved=True, reason="", seen=1)
    assert await desk.outcome("赵明") is Outcome.WAIVED

    with pytest.raises(Refused) as again:
        async with desk.acting(desk.second) as act:
            await settle_waiver(act, waiver, approved=False, reason=REASON, seen=2)
    assert [one.code for one in again.value.refusals] == ["JUDGEMENT_CLOSED"]
    async with desk.acting() as act:
        await lift(act, waiver, reason=REASON, seen=2)
    assert await desk.outcome("赵明") is Outcome.RESTRICTED


async def test_schema_itself_keeps_the_two_persons_apart(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    async with desk.acting() as act:
        waiver = await ask_waiver(act, desk.residents, subject, reason=REASON, publication=REASON)

    with pytest.raises(IntegrityError):
        async with unit_of_work(desk.database, at=desk.at) as session:
            await session.execute(
                update(ConflictJudgementRow)
                .where(ConflictJudgementRow.id == waiver)
                .values(settled_person_id=desk.first.person_id)
            )


@pytest.mark.rule("R28d")
async def test_recusal_outlives_its_ground_and_another_person_lifts_it(desk: Desk) -> None:
    fact = await desk.tie("赵明", Kind.CONTRACT)
    async with desk.acting() as act:
        recusal = await recuse(act, desk.residents, desk.subject(await desk.finding("赵明")))
    async with desk.acting() as act:
        await withdraw_fact(act, fact, reason="录入有误，不是本人", seen=1)

    async def recused() -> bool:
        async with reading(desk.database) as session:
            return str(desk.library.people["赵明"]) in (await decided_about(session, desk.matter)).recused

    assert await desk.findings("赵明") == ()
    assert await recused()
    with pytest.raises(Refused) as refused:
        async with desk.acting(desk.first) as act:
            await lift(act, recusal, reason=REASON, seen=1)
    assert [one.code for one in refused.value.refusals] == ["SAME_PERSON_RECUSED_AND_LIFTED"]
    async with desk.acting(desk.second) as act:
        await lift(act, recusal, reason=REASON, seen=1)
    assert not await recused()


async def test_what_was_seen_is_what_is_judged(desk: Desk) -> None:
    fact = await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    async with desk.acting() as act:
        await end_fact(act, fact, to_on=TODAY, seen=1)

    with pytest.raises(Refused) as refused:
        async with desk.acting() as act:
            await dismiss(act, desk.residents, subject, reason=REASON)
    assert [one.code for one in refused.value.refusals] == ["FINDING_MOVED"]


async def test_words_are_asked_where_words_are_needed(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    bare = Subject(desk.matter, desk.library.people["钱芳"])

    async def faults(decide) -> list[tuple[str, str]]:
        with pytest.raises(Invalid) as invalid:
            async with desk.acting() as act:
                await decide(act)
        return [(fault.at, fault.code) for fault in invalid.value.faults]

    short = await faults(lambda act: dismiss(act, desk.residents, subject, reason="误报"))
    none = await faults(lambda act: ask_waiver(act, desk.residents, subject, reason="", publication=""))
    without = await faults(lambda act: recuse(act, desk.residents, bare))
    assert short == [("reason", "REASON_TOO_SHORT")]
    assert none == [("reason", "FIELD_REQUIRED"), ("publication", "FIELD_REQUIRED")]
    assert without == [("reason", "FIELD_REQUIRED")]
    async with desk.acting() as act:
        await recuse(act, desk.residents, bare, reason="本人来电申请回避本事项")
    with pytest.raises(Refused) as twice:
        async with desk.acting() as act:
            await recuse(act, desk.residents, bare, reason="本人来电申请回避本事项")
    assert [one.code for one in twice.value.refusals] == ["ALREADY_RECUSED"]


async def test_strangers_decide_nothing_and_stale_versions_are_refused(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    for role in ("unit", "audit", "system-administrator", "expert"):
        stranger = await an_account(desk.database, role)
        with pytest.raises(Forbidden):
            async with desk.acting(stranger) as act:
                await dismiss(act, desk.residents, subject, reason=REASON)
    async with desk.acting() as act:
        judgement = await dismiss(act, desk.residents, subject, reason=REASON)

    with pytest.raises(Stale):
        async with desk.acting() as act:
            await lift(act, judgement, reason=REASON, seen=2)
    with pytest.raises(NotFound):
        async with desk.acting() as act:
            await dismiss(act, desk.residents, Subject(desk.matter, UUID(int=7), "paid-work", "0" * 64), reason=REASON)


async def test_decisions_stand_in_the_ledger_without_their_words(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    async with desk.acting() as act:
        await dismiss(act, desk.residents, desk.subject(await desk.finding("赵明")), reason=REASON)

    async with reading(desk.database) as session:
        event = await session.scalar(select(EventRow).where(EventRow.type == "conflict.dismissed"))
        (stored,) = await judgements_of(session, desk.matter)
    assert event.stream == f"conflicts:{desk.matter}"
    assert "合同".encode() not in event.data
    assert stored.basis.encode() in event.data
    assert (stored.reason, [tie["kind"] for tie in stored.ties]) == (REASON, ["contract"])


async def test_past_instants_give_what_was_decided_then(desk: Desk) -> None:
    await desk.tie("赵明", Kind.CONTRACT)
    subject = desk.subject(await desk.finding("赵明"))
    async with desk.acting() as act:
        waiver = await ask_waiver(act, desk.residents, subject, reason=REASON, publication=REASON)
        asked_at = act.at
    async with desk.acting(desk.second) as act:
        await settle_waiver(act, waiver, approved=True, reason="", seen=1)
        approved_at = act.at
    async with desk.acting() as act:
        await lift(act, waiver, reason=REASON, seen=2)

    async with reading(desk.database) as session:
        counted = [
            len((await decided_about(session, desk.matter, known_at=at)).judgements)
            for at in (asked_at, approved_at, act.at)
        ]
    assert counted == [0, 1, 0]


# The inbox


async def inbox(desk: Desk, viewer: Viewer) -> list[tuple[str, str, bool]]:
    async with reading(desk.database) as session:
        matters = await inbox_of(
            session, viewer, desk.residents, desk.open, policy=load_policy("changli-local-1"), day=TODAY
        )
    return [(line.expert.name, line.finding.code, line.new) for matter in matters for line in matter.lines]


@pytest.mark.rule("R28d")
async def test_inbox_shows_what_is_new_since_the_last_look(desk: Desk) -> None:
    assert await inbox(desk, desk.first) == []
    async with desk.acting() as act:
        await note_inbox(act)

    fact = await desk.tie("赵明", Kind.CONTRACT)
    assert await inbox(desk, desk.first) == [("赵明", "PAID_WORK", True)]
    assert await inbox(desk, desk.second) == []
    async with desk.acting() as act:
        await note_inbox(act)
    assert await inbox(desk, desk.first) == []

    async with desk.acting() as act:
        await end_fact(act, fact, to_on=TODAY, seen=1)
    assert await inbox(desk, desk.first) == [("赵明", "PAID_WORK", True)]
    async with desk.acting() as act:
        await dismiss(act, desk.residents, desk.subject(await desk.finding("赵明")), reason=REASON)
    assert await inbox(desk, desk.first) == []


async def test_findings_follow_each_act_and_equal_those_made_anew(desk: Desk) -> None:
    async with desk.acting() as act:
        await note_inbox(act)
    await inbox(desk, desk.first)
    await desk.tie("赵明", Kind.DIRECTORSHIP)
    await desk.tie("钱芳", Kind.DISPUTE)

    followed = await inbox(desk, desk.first)
    desk.open = OpenFindings()
    assert sorted(followed) == [("赵明", "DIRECT_INTEREST", True), ("钱芳", "IN_DISPUTE", True)]
    assert await inbox(desk, desk.first) == followed


# What was known of employments


@pytest.mark.rule("R28d")
async def test_changed_employment_keeps_what_was_known_of_it_before(desk: Desk) -> None:
    later = MONDAY + timedelta(days=30)
    async with reading(desk.database) as session:
        job = await session.scalar(
            select(EmploymentRow.id).where(EmploymentRow.person_id == desk.library.people["孙立"])
        )
    async with acting(desk.database, desk.settings, desk.first, later) as act:
        await end_employment(act, desk.library.experts["孙立"], job, to_on=date(2023, 1, 1), seen=1)

    ties = ResidentTies()
    async with reading(desk.database) as session:
        await ties.catch_up(session)
        matter = await matter_of(session, desk.matter)
    codes = [
        [one.code for one in ties.graph.check(matter, policy=POLICY, as_of=TODAY, known_at=at) if one.row is not None]
        for at in (MONDAY + timedelta(days=1), later, None)
    ]
    assert codes == [["DIRECT_INTEREST"], [], []]
