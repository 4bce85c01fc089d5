"""Coming into the library: application, first check, list, approval by who may, letters."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from registry import Stage, State, Status
from service import ledger
from service.actions.batches import make_batch, propose_batch, put_on_batch, take_off_batch
from service.actions.candidate_correction import correct_candidate
from service.actions.candidates import (
    CandidateEntry,
    FindingEntry,
    pass_first_check,
    read_confidential,
    receive_candidate,
    record_findings,
    reject_candidate,
    withdraw_candidate,
)
from service.actions.experts import AboutExpert, WorkEntry, add_expert
from service.ids import new_id
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.candidates import corrections_of
from service.storage.expert_page import load_expert
from service.storage.expert_writing import put_state
from service.storage.experts import Sought, list_experts
from service.storage.rows.acts import ReadRow
from service.storage.rows.library import AppointmentRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY, House, a_house, a_number, a_term, an_entry
from tests.service.conftest import MONDAY, a_unit, an_account

TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.code, one.cite) for one in refused.value.refusals]


def places(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(one.at, one.code) for one in refused.value.faults]


# Receiving


@pytest.mark.rule("R24a")
async def test_application_is_received_with_a_number_and_nobody_is_in_the_library_yet(house: House) -> None:
    candidate = await house.candidate(await house.received())

    assert (candidate.line.number, candidate.line.stage) == ("SQ2026-0001", Stage.RECEIVED)
    async with reading(house.database) as session:
        assert (await list_experts(session, house.center, Sought(), on=TODAY)).total == 0


@pytest.mark.rule("R24a")
async def test_application_says_through_which_channel_it_came(house: House) -> None:
    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await receive_candidate(act, an_entry(source=""))
    assert codes(refused) == [("SOURCE_REQUIRED", "A24")]

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await receive_candidate(act, an_entry(source="organisation"))
    assert codes(refused) == [("SOURCE_REQUIRED", "A24")]

    received = await house.received(an_entry(source="organisation", source_note="县水利局"))
    assert (await house.candidate(received)).source_note == "县水利局"


async def test_application_needs_an_identity_number_and_every_fault_is_named(house: House) -> None:
    async with house.acts(house.center) as act:
        with pytest.raises(Invalid) as refused:
            await receive_candidate(act, CandidateEntry(AboutExpert(name="", source="self"), source_note="x" * 201))

    assert places(refused) == [
        ("name", "FIELD_REQUIRED"),
        ("main_field", "FIELD_REQUIRED"),
        ("identity_number", "FIELD_REQUIRED"),
        ("source_note", "FIELD_TOO_LONG"),
    ]


async def test_second_application_of_one_person_leads_to_the_first(house: House) -> None:
    entry = an_entry()
    first = await house.received(entry)

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await receive_candidate(act, replace(entry, about=replace(entry.about, name="沈佳禾")))

    assert codes(refused) == [("APPLICATION_RUNNING", "")]
    assert refused.value.refusals[0].remedies[0].href == f"/candidates/{first}"


async def test_same_name_with_another_number_is_another_person(house: House) -> None:
    first, second = await house.received(an_entry("李伟")), await house.received(an_entry("李伟"))

    assert (await house.candidate(first)).person_id != (await house.candidate(second)).person_id


async def test_who_is_appointed_is_recognised_by_number_whatever_the_channel(house: House) -> None:
    entry = an_entry()
    async with house.acts(house.center) as act:
        await add_expert(act, entry.about, term=a_term(date(2026, 3, 1)))

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await receive_candidate(
                act, replace(entry, about=replace(entry.about, source="invited"), source_note="县长提名")
            )

    assert codes(refused) == [("EXPERT_ALREADY_THERE", "")]


@pytest.mark.rule("R70b")
async def test_who_was_struck_off_is_refused_and_who_withdrew_may_apply_again(house: House) -> None:
    entries = {state: an_entry() for state in (State.STRUCK_OFF, State.WITHDRAWN)}
    for state, entry in entries.items():
        async with house.acts(house.center) as act:
            expert_id = await add_expert(act, entry.about, term=a_term(date(2026, 3, 1)))
        async with house.acts(house.center) as act:
            await put_state(act.session, expert_id, state, since_on=act.on)

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await receive_candidate(act, entries[State.STRUCK_OFF])
    assert codes(refused) == [("STRUCK_OFF", "A70")]
    assert await house.received(entries[State.WITHDRAWN])


async def test_clerk_who_is_no_expert_may_apply_with_the_person_there_is(house: House) -> None:
    number = a_number()
    async with house.acts(house.center) as act:
        first = await receive_candidate(act, an_entry(identity_number=number))
    async with house.acts(house.center) as act:
        await withdraw_candidate(act, first, reason="本人来电撤回这次申请", seen=1)

    second = await house.received(an_entry(identity_number=number))

    assert (await house.candidate(first)).person_id == (await house.candidate(second)).person_id


@pytest.mark.rule("R23a")
@pytest.mark.parametrize("role", ["unit", "audit", "office", "mayor", "expert", "system-administrator"])
async def test_only_the_center_receives_and_checks(house: House, role: str) -> None:
    viewer = await an_account(house.database, role)
    candidate_id = await house.received()

    async with house.acts(viewer) as act:
        with pytest.raises(Forbidden):
            await receive_candidate(act, an_entry())
        with pytest.raises(Forbidden):
            await pass_first_check(act, candidate_id, seen=1)


# The first check


@pytest.mark.rule("R25a", "R25b", "R25c", "R25d", "R25e", "R25f")
async def test_first_check_names_every_condition_that_nobody_answered_for(house: House) -> None:
    candidate_id = await house.received(an_entry(title="", title_level="none"))

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await pass_first_check(act, candidate_id, seen=1)

    assert codes(refused) == [
        ("ELIGIBILITY_POLITICS", "A25.1"),
        ("ELIGIBILITY_ETHICS", "A25.2"),
        ("ELIGIBILITY_CAPACITY", "A25.3"),
        ("ELIGIBILITY_KNOWLEDGE", "A25.4"),
        ("TITLE_OR_REPUTATION", "A25.4"),
        ("DISQUALIFIED", "A25.5"),
        ("CONSENT_MISSING", "A25.6"),
        ("ELIGIBILITY_HEALTH", "A25.6"),
    ]
    assert [one.override for one in refused.value.refusals if one.code == "TITLE_OR_REPUTATION"] == ["center"]


@pytest.mark.rule("R25d")
async def test_expert_without_title_enters_by_reputation_or_by_a_reason_that_stays_visible(house: House) -> None:
    plain = {"title": "", "title_level": "none"}
    known = await house.checked(an_entry(**plain))
    reason = FindingEntry("standing", "exception", "center", evidence="县内唯一长期从事海水入侵治理的技术员")
    excepted = await house.checked(an_entry(**plain), standing=reason)

    assert [(await house.candidate(one)).line.excepted for one in (known, excepted)] == [False, True]


@pytest.mark.rule("R25d")
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (FindingEntry("standing", "exception", "center", evidence="太短"), [("evidence_standing", "REASON_TOO_SHORT")]),
        (FindingEntry("standing", "met", "center"), [("evidence_standing", "FIELD_REQUIRED")]),
        (
            FindingEntry("politics", "exception", "center", evidence="一个足够长的理由说明"),
            [("outcome_politics", "NO_EXCEPTION")],
        ),
        (FindingEntry("consent", "met", "center"), [("attester_consent", "ATTESTER_UNFIT")]),
        (FindingEntry("health", "met", "self", evidence="血压正常"), [("evidence_health", "HEALTH_YES_OR_NO")]),
        (FindingEntry("ethics", "met", "center", date(2026, 9, 15)), [("attested_on_ethics", "DAY_IN_FUTURE")]),
        (
            FindingEntry("ethics", "perhaps", ""),
            [("outcome_ethics", "FIELD_NOT_A_CHOICE"), ("attester_ethics", "FIELD_REQUIRED")],
        ),
    ],
)
async def test_finding_that_cannot_be_is_refused_with_its_place(house: House, entry: FindingEntry, expected) -> None:
    candidate_id = await house.received(an_entry(title="", title_level="none"))

    async with house.acts(house.center) as act:
        with pytest.raises(Invalid) as refused:
            await record_findings(act, candidate_id, [entry], seen=1)

    assert places(refused) == expected


@pytest.mark.rule("R25e")
async def test_evidence_about_conduct_is_sealed_and_every_look_is_noted(house: House) -> None:
    words = "2019年受党内警告处分，已解除"
    flagged = FindingEntry("conduct", "met", "center", evidence=words, flagged=True)
    candidate_id = await house.checked(conduct=flagged)

    shown = {one.item.value: one for one in (await house.candidate(candidate_id)).findings}
    assert (shown["conduct"].evidence, shown["conduct"].finding, shown["conduct"].answered) == ("", None, True)
    async with house.acts(house.center) as act:
        with pytest.raises(Invalid):
            await read_confidential(act, candidate_id, ["conduct"], reason="")
        (read,) = await read_confidential(act, candidate_id, ["conduct"], reason="提交审定前复核处分情况")
    assert (read.words, read.finding.flagged) == (words, True)
    async with reading(house.database) as session:
        looks = (await session.execute(select(ReadRow.what, ReadRow.subject, ReadRow.reason))).all()
        entries = await ledger.stream(session, f"candidate:{candidate_id}")
    assert looks == [("evidence-conduct", f"candidate:{candidate_id}", "提交审定前复核处分情况")]
    assert not any(words in entry.data.decode() or '"not-met"' in entry.data.decode() for entry in entries)


@pytest.mark.rule("R25e")
async def test_known_discipline_needs_the_approvers_answer(house: House) -> None:
    flagged = FindingEntry("conduct", "met", "center", evidence="2019年受党内警告处分，已解除", flagged=True)
    candidate_id = await house.checked(conduct=flagged)
    batch_id = await house.proposed([candidate_id])

    with pytest.raises(Refused) as refused:
        await house.decided(batch_id, house.office)
    assert codes(refused) == [("DISCIPLINE_NOT_ANSWERED", "A25.5")]

    await house.decided(batch_id, house.office, answers={candidate_id: "处分已解除，不影响专业判断"})
    assert (await house.candidate(candidate_id)).line.stage is Stage.APPROVED


@pytest.mark.rule("R24b")
async def test_rejected_applicant_has_the_reason_and_may_apply_again(house: House) -> None:
    entry = an_entry()
    candidate_id = await house.received(entry)

    async with house.acts(house.center) as act:
        await reject_candidate(act, candidate_id, reason="从业年限不足，建议两年后再申请", seen=1)

    rejected = await house.candidate(candidate_id)
    assert (rejected.line.stage, rejected.reason) == (Stage.REJECTED, "从业年限不足，建议两年后再申请")
    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await pass_first_check(act, candidate_id, seen=rejected.version)
    assert codes(refused) == [("CHECK_CLOSED", "")]
    assert await house.received(entry)


async def test_act_on_a_candidate_who_changed_is_stale(house: House) -> None:
    candidate_id = await house.received()
    await house.answered(candidate_id)

    async with house.acts(house.center) as act:
        with pytest.raises(Stale):
            await pass_first_check(act, candidate_id, seen=1)


# Lists and their approval


@pytest.mark.rule("R24b")
async def test_nobody_comes_onto_a_list_without_the_first_check(house: House) -> None:
    candidate_id = await house.received()

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await make_batch(act, "intake", candidates=[candidate_id])

    assert codes(refused) == [("NOT_FIRST_CHECKED", "A24")]


async def test_empty_list_is_not_put_forward(house: House) -> None:
    async with house.acts(house.center) as act:
        batch_id = await make_batch(act, "intake")

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await propose_batch(act, batch_id, seen=1)

    assert codes(refused) == [("BATCH_EMPTY", "")]


async def test_nobody_is_on_two_lists_and_who_was_taken_off_can_be_on_another(house: House) -> None:
    candidate_id = await house.checked()
    async with house.acts(house.center) as act:
        first = await make_batch(act, "intake", candidates=[candidate_id])
        second = await make_batch(act, "addition")

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await put_on_batch(act, second, [candidate_id], seen=1)
    assert codes(refused) == [("ON_A_LIST", "")]

    async with house.acts(house.center) as act:
        await take_off_batch(act, first, candidate_id, seen=2)
        await put_on_batch(act, second, [candidate_id], seen=1)
    assert [one.id for one in (await house.batch(second)).people] == [candidate_id]


@pytest.mark.rule("R24b")
async def test_director_does_not_approve_what_is_the_county_governments(house: House) -> None:
    batch_id = await house.proposed([await house.checked()])

    with pytest.raises(Refused) as refused:
        await house.decided(batch_id, house.mayor)
    assert codes(refused) == [("NOT_APPROVED_BY_GOVERNMENT", "A24")]

    await house.decided(batch_id, house.office)
    batch = await house.batch(batch_id)
    assert (batch.state, batch.approval.number, batch.approval.on) == ("decided", "示政字〔2026〕12号", TODAY)


@pytest.mark.rule("R26a")
async def test_county_government_does_not_approve_what_is_the_directors(house: House) -> None:
    batch_id = await house.proposed([await house.checked()], kind="addition")

    with pytest.raises(Refused) as refused:
        await house.decided(batch_id, house.office)
    assert codes(refused) == [("DIRECTOR_APPROVAL_MISSING", "A26")]

    await house.decided(batch_id, house.mayor)
    assert (await house.batch(batch_id)).approval.by.value == "director"


@pytest.mark.rule("R24b", "R26a")
async def test_center_approves_nothing(house: House) -> None:
    head = await an_account(house.database, "center-head")
    batch_id = await house.proposed([await house.checked()])

    for viewer in (house.center, head):
        with pytest.raises(Forbidden):
            await house.decided(batch_id, viewer)


async def test_who_put_a_list_forward_does_not_decide_it_in_another_role(house: House) -> None:
    both = await an_account(house.database, "center", "office")
    candidate_id = await house.checked()
    async with house.acts(both) as act:
        batch_id = await make_batch(act, "intake", candidates=[candidate_id])
    async with house.acts(both) as act:
        await propose_batch(act, batch_id, seen=2)

    with pytest.raises(Refused) as refused:
        await house.decided(batch_id, both)

    assert codes(refused) == [("OWN_LIST", "")]


@pytest.mark.rule("R24b")
async def test_approval_is_not_dated_before_first_check_or_proposal(house: House) -> None:
    batch_id = await house.proposed([await house.checked()])

    with pytest.raises(Invalid) as invalid:
        await house.decided(batch_id, house.office, on=date(2026, 9, 13))
    assert places(invalid) == [("on", "DECIDED_BEFORE_PROPOSED")]
    with pytest.raises(Invalid) as invalid:
        await house.decided(batch_id, house.office, number=" ", on=date(2026, 9, 15))
    assert places(invalid) == [("number", "FIELD_REQUIRED"), ("on", "DAY_IN_FUTURE")]


@pytest.mark.rule("R24b")
async def test_who_is_not_approved_gets_a_reason_and_no_letter(house: House) -> None:
    people = [await house.checked(an_entry(name)) for name in ("何一", "何二")]
    batch_id = await house.proposed(people)

    with pytest.raises(Invalid) as invalid:
        await house.decided(batch_id, house.office, refused={people[1]: "不行"})
    assert places(invalid) == [(f"reason_{people[1]}", "REASON_TOO_SHORT")]

    await house.decided(batch_id, house.office, refused={people[1]: "同一领域专家已经足够，暂不增聘"})
    assert await house.lettered(batch_id) == 1
    assert [(await house.candidate(one)).line.stage for one in people] == [Stage.APPOINTED, Stage.REJECTED]
    assert (await house.candidate(people[1])).reason == "同一领域专家已经足够，暂不增聘"


@pytest.mark.rule("R24b")
async def test_list_is_decided_once_even_by_two_at_the_same_time(
    engine: str, database: Database, settings: Settings
) -> None:
    house = await a_house(database, settings)
    other = await an_account(database, "office")
    batch_id = await house.proposed([await house.checked()])

    done = await asyncio.gather(
        house.decided(batch_id, house.office),
        house.decided(batch_id, other, number="示政字〔2026〕13号"),
        return_exceptions=True,
    )

    # The slower one is told that the list changed, or, when it looked after the first had finished, that it is decided.
    assert sorted(type(one).__name__ for one in done) in (["NoneType", "Stale"], ["NoneType", "Refused"])
    async with reading(database) as session:
        types = [entry.type for entry in await ledger.stream(session, f"batch:{batch_id}")]
    assert types.count("batch.decided") == 1


async def test_approvers_see_a_list_once_it_is_put_forward(house: House) -> None:
    candidate_id = await house.checked()
    async with house.acts(house.center) as act:
        batch_id = await make_batch(act, "intake", candidates=[candidate_id])
    for viewer in (house.office, house.mayor):
        with pytest.raises(NotFound):
            await house.batch(batch_id, viewer=viewer)
        with pytest.raises(NotFound):
            await house.candidate(candidate_id, viewer=viewer)

    async with house.acts(house.center) as act:
        await propose_batch(act, batch_id, seen=2)

    assert (await house.batch(batch_id, viewer=house.office)).number == "PC2026-01"
    assert (await house.candidate(candidate_id, viewer=house.mayor)).line.id == candidate_id


# Letters


@pytest.mark.rule("R24b")
async def test_term_entered_from_paper_names_its_approval_and_does_not_precede_it(house: House) -> None:
    paper = a_term(date(2024, 3, 1))
    async with house.acts(house.center) as act:
        with pytest.raises(Invalid) as invalid:
            await add_expert(act, an_entry().about, term=replace(paper, approval_number="", approved_on=None))
        assert places(invalid) == [("approval_number", "FIELD_REQUIRED"), ("approved_on", "FIELD_REQUIRED")]
        with pytest.raises(Refused) as refused:
            await add_expert(act, an_entry().about, term=replace(paper, approved_on=date(2024, 3, 2)))
        assert codes(refused) == [("LETTER_BEFORE_APPROVAL", "A24")]
        assert await add_expert(act, an_entry().about, term=replace(paper, approved_on=date(2024, 3, 1)))


async def expert_of(house: House, candidate_id: UUID):
    candidate = await house.candidate(candidate_id)
    async with reading(house.database) as session:
        return await load_expert(session, house.center, candidate.line.expert_id, on=TODAY)


@pytest.mark.rule("R24b", "R24c")
async def test_letter_makes_an_expert_with_a_term_of_five_years_and_its_approval(house: House) -> None:
    unit_id = await a_unit(house.database)
    entry = replace(an_entry(), work=WorkEntry(unit_id, post="总工"))
    candidate_id = await house.checked(entry)
    batch_id = await house.proposed([candidate_id])
    await house.decided(batch_id, house.office)

    assert await house.lettered(batch_id) == 1

    expert = await expert_of(house, candidate_id)
    (term,) = expert.terms
    assert (term.starts_on, term.ends_on) == (TODAY, date(2031, 9, 13))
    assert (term.letter_number, term.approval_number) == ("示决聘〔2026〕001号", "示政字〔2026〕12号")
    assert (expert.status, expert.number, expert.name) == (Status.APPOINTED, "ZJ0001", "沈嘉禾")
    assert [(job.name, job.post) for job in expert.employments] == [("县水利局", "总工")]
    assert [field.code for field in expert.fields] == ["570"]


@pytest.mark.rule("R24b")
async def test_letter_before_the_approval_is_refused(house: House) -> None:
    batch_id = await house.proposed([await house.checked()])

    with pytest.raises(Refused) as refused:
        await house.lettered(batch_id)
    assert codes(refused) == [("LETTER_BEFORE_APPROVAL", "A24")]

    await house.decided(batch_id, house.office, on=TODAY)
    with pytest.raises(Refused) as refused:
        await house.lettered(batch_id, letter_on=date(2026, 9, 13))
    assert codes(refused) == [("LETTER_BEFORE_APPROVAL", "A24")]
    assert await house.lettered(batch_id, letter_on=TODAY) == 1


@pytest.mark.rule("R24c")
async def test_terms_of_a_batch_can_begin_on_one_day(house: House) -> None:
    people = [await house.checked(an_entry(name)) for name in ("何一", "何二")]
    batch_id = await house.proposed(people, align_on=date(2026, 10, 1))
    await house.decided(batch_id, house.office)

    await house.lettered(batch_id)

    terms = [(await expert_of(house, one)).terms[0] for one in people]
    assert [(one.starts_on, one.ends_on) for one in terms] == [(date(2026, 10, 1), date(2031, 9, 30))] * 2
    assert [one.letter_number for one in terms] == ["示决聘〔2026〕001号", "示决聘〔2026〕002号"]


async def test_letters_are_issued_once(house: House) -> None:
    batch_id = await house.proposed([await house.checked()])
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)

    with pytest.raises(Refused) as refused:
        await house.lettered(batch_id)

    assert codes(refused) == [("NO_LETTER_WAITS", "")]


@pytest.mark.rule("R70b")
async def test_who_is_struck_off_between_approval_and_letter_gets_none_and_nobody_else_does(house: House) -> None:
    entry = an_entry()
    async with house.acts(house.center) as act:
        expert_id = await add_expert(act, entry.about, term=a_term(date(2020, 3, 1), date(2025, 2, 28)))
    people = [await house.checked(entry), await house.checked()]
    batch_id = await house.proposed(people)
    await house.decided(batch_id, house.office)
    async with house.acts(house.center) as act:
        await put_state(act.session, expert_id, State.STRUCK_OFF, since_on=act.on)

    with pytest.raises(Refused) as refused:
        await house.lettered(batch_id)

    assert codes(refused) == [("STRUCK_OFF", "A70")]
    assert [(await house.candidate(one)).line.stage for one in people] == [Stage.APPROVED] * 2


@pytest.mark.rule("R24c")
async def test_who_comes_back_gets_a_further_term_with_the_new_title(house: House) -> None:
    entry = an_entry()
    async with house.acts(house.center) as act:
        await add_expert(act, entry.about, term=a_term(date(2020, 3, 1), date(2025, 2, 28)))
    candidate_id = await house.checked(replace(entry, about=replace(entry.about, title="正高级工程师")))
    batch_id = await house.proposed([candidate_id])
    await house.decided(batch_id, house.office)

    await house.lettered(batch_id)

    expert = await expert_of(house, candidate_id)
    assert [(one.starts_on, one.ends_on) for one in expert.terms] == [
        (TODAY, date(2031, 9, 13)),
        (date(2020, 3, 1), date(2025, 2, 28)),
    ]
    assert (expert.title, expert.number) == ("正高级工程师", "ZJ0001")


@pytest.mark.rule("R24c")
async def test_database_refuses_terms_that_share_a_day_whoever_writes_them(
    engine: str, database: Database, settings: Settings
) -> None:
    house = await a_house(database, settings)
    async with house.acts(house.center) as act:
        expert_id = await add_expert(act, an_entry().about, term=a_term(date(2026, 3, 1)))

    async def write(starts_on: date) -> None:
        values = {"id": new_id(), "expert_id": expert_id, "starts_on": starts_on, "ends_on": starts_on}
        async with unit_of_work(database, at=MONDAY) as session:
            await session.execute(insert(AppointmentRow).values(**values, letter_number=""))

    with pytest.raises(DBAPIError, match="share a day"):
        await write(date(2031, 2, 28))
    await write(date(2031, 3, 1))


async def test_record_of_the_way_holds_no_personal_data(house: House) -> None:
    entry = an_entry()
    candidate_id = await house.checked(entry)
    batch_id = await house.proposed([candidate_id])
    await house.decided(batch_id, house.office)
    await house.lettered(batch_id)

    expert_id = (await house.candidate(candidate_id)).line.expert_id
    async with reading(house.database) as session:
        entries = [
            one
            for stream in (f"candidate:{candidate_id}", f"batch:{batch_id}", f"expert:{expert_id}")
            for one in await ledger.stream(session, stream)
        ]
    data = b"".join(one.data for one in entries).decode()
    assert [one.type for one in entries][-4:] == [
        "batch.lengthened",
        "batch.proposed",
        "batch.decided",
        "letter.issued",
    ]
    assert not any(secret in data for secret in ("沈嘉禾", entry.about.identity_number))


@pytest.mark.rule("R25e", "R25f")
async def test_nobody_sees_whether_conduct_or_health_are_met_without_a_look_that_is_noted(
    house: House, database: Database
) -> None:
    unmet = [FindingEntry(item, "not-met", who, evidence=words) for item, who, words in _UNMET]
    candidate_id = await house.received()
    async with house.acts(house.center) as act:
        await record_findings(act, candidate_id, unmet, seen=1)
    audit = await an_account(database, "audit")

    for viewer in (house.center, audit):
        shown = {one.item.value: one for one in (await house.candidate(candidate_id, viewer=viewer)).findings}
        for item in ("conduct", "health"):
            assert (shown[item].finding, shown[item].fault, shown[item].answered) == (None, "", True)
    with pytest.raises(Forbidden):
        async with house.acts(audit) as act:
            await read_confidential(act, candidate_id, ["health"], reason="审计抽查入库手续是否完整")
    with pytest.raises(NotFound):
        async with house.acts(house.office) as act:
            await read_confidential(act, candidate_id, ["health"], reason="名单还没有报到我们这里来")
    async with house.acts(house.center) as act:
        read = await read_confidential(act, candidate_id, ["conduct", "health"], reason="初审前复核本人的声明")
    assert {one.finding.item.value: (one.finding.outcome.value, one.words) for one in read} == {
        "conduct": ("not-met", "2021年受行政处罚"),
        "health": ("not-met", ""),
    }


_UNMET = (("conduct", "center", "2021年受行政处罚"), ("health", "self", ""))


def _corrected(entry: CandidateEntry, **changes: object) -> CandidateEntry:
    return replace(entry, about=replace(entry.about, identity_number="", **changes))


@pytest.mark.rule("R24b", "R25d")
async def test_correcting_what_the_check_rests_on_undoes_it_and_keeps_what_was_found(house: House) -> None:
    entry = an_entry()
    candidate_id = await house.checked(entry)
    view = await house.candidate(candidate_id)

    async with house.acts(house.center) as act:
        changed = await correct_candidate(
            act,
            candidate_id,
            _corrected(entry, title="工程师", title_level="intermediate"),
            reason="证书上是工程师，原来录错了",
            seen=view.version,
        )

    now = await house.candidate(candidate_id)
    assert changed == {"title", "title_level"}
    assert (now.line.stage, now.line.checked_on, now.line.title) == (Stage.RECEIVED, None, "工程师")
    assert {one.item.value for one in now.findings if not one.answered} == {"standing"}
    async with reading(house.database) as session:
        (correction,) = await corrections_of(session, candidate_id)
    assert (correction.columns, correction.reason, correction.unchecked) == (
        ("title", "title_level"),
        "证书上是工程师，原来录错了",
        True,
    )
    assert now.reason == ""


async def test_correcting_a_name_or_a_telephone_number_leaves_the_check_standing(house: House) -> None:
    entry = an_entry()
    candidate_id = await house.checked(entry)
    seen = (await house.candidate(candidate_id)).version

    async with house.acts(house.center) as act:
        corrected = _corrected(entry, name="沈嘉和", phone="13800138000")
        changed = await correct_candidate(act, candidate_id, corrected, reason="姓名录错一个字，补电话", seen=seen)
    async with house.acts(house.center) as act:
        seen = (await house.candidate(candidate_id)).version
        again = await correct_candidate(act, candidate_id, corrected, reason="姓名录错一个字，补电话", seen=seen)

    now = await house.candidate(candidate_id)
    assert (changed, again) == ({"name", "phone"}, frozenset())
    assert (now.line.name, now.line.stage, now.phone_masked) == ("沈嘉和", Stage.CHECKED, "138****8000")


async def test_an_identity_number_is_corrected_unless_it_is_somebody_elses(house: House) -> None:
    entry, others = an_entry(), an_entry("另一人")
    candidate_id = await house.received(entry)
    await house.received(others)

    async def renumber(number: str) -> None:
        corrected = replace(entry, about=replace(entry.about, identity_number=number))
        async with house.acts(house.center) as act:
            await correct_candidate(act, candidate_id, corrected, reason="身份证号码录错了一位数字", seen=1)

    with pytest.raises(Refused) as refused:
        await renumber(others.about.identity_number)
    await renumber(a_number())

    assert codes(refused) == [("PERSON_ALREADY_KNOWN", "")]
    again = await house.received(entry)
    assert (await house.candidate(again)).person_id != (await house.candidate(candidate_id)).person_id


async def test_nothing_is_corrected_on_a_list_or_without_a_reason(house: House) -> None:
    entry = an_entry()
    candidate_id = await house.checked(entry)
    seen = (await house.candidate(candidate_id)).version
    with pytest.raises(Invalid) as short:
        async with house.acts(house.center) as act:
            await correct_candidate(act, candidate_id, _corrected(entry, name="沈嘉"), reason="改", seen=seen)
    assert [(one.at, one.code) for one in short.value.faults] == [("reason", "REASON_TOO_SHORT")]
    await house.proposed([candidate_id])
    seen = (await house.candidate(candidate_id)).version

    corrected = _corrected(entry, name="沈嘉")
    with pytest.raises(Refused) as refused:
        async with house.acts(house.center) as act:
            await correct_candidate(act, candidate_id, corrected, reason="姓名多录了一个字，改正", seen=seen)
    assert codes(refused) == [("ON_A_LIST", "")]
