"""Experts one by one: adding, changing, what happens over time, confidential looks, the list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from registry import ExpertField, State, Status
from service import ledger
from service.access import Viewer
from service.actions.act import Act
from service.actions.corrections import CHANGED, WRONG, change_expert, withdraw_employment, withdraw_term
from service.actions.expert_life import (
    AwayEntry,
    add_away,
    add_employment,
    add_term,
    end_employment,
    remove_away,
)
from service.actions.experts import AboutExpert, WorkEntry, add_expert, unmask
from service.actions.organisations import NewOrganisationEntry
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.expert_page import ExpertView, load_expert, looks_at
from service.storage.expert_writing import put_state
from service.storage.experts import Sought, list_experts
from service.storage.history import history_of
from service.storage.residents import Residents
from service.storage.rows.acts import ReadRow
from service.storage.rows.terms import TermReminderRow
from service.storage.session import Database, reading
from tests.service.admission import a_term
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.library import Entry, a_library

TODAY = date(2026, 9, 14)
NUMBER = "11010519491231002X"
OTHER_NUMBER = "110105194912310038"
ABOUT = AboutExpert(
    name="沈嘉禾",
    identity_number=NUMBER,
    phone="13800138000",
    title="高级工程师",
    source="organisation",
    fields=(ExpertField("570", main=True), ExpertField("820")),
)


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


@pytest.fixture
async def added(database: Database, settings: Settings, center: Viewer) -> UUID:
    async with acting(database, settings, center) as act:
        return await add_expert(act, ABOUT, term=a_term(date(2026, 3, 1)))


async def seen_by(database: Database, viewer: Viewer, expert_id: UUID, *, on: date = TODAY) -> ExpertView:
    async with reading(database) as session:
        return await load_expert(session, viewer, expert_id, on=on)


async def found(
    database: Database, viewer: Viewer, sought: Sought, *, on: date = TODAY, sort: str = "name"
) -> list[str]:
    async with reading(database) as session:
        return [line.name for line in (await list_experts(session, viewer, sought, on=on, sort=sort)).lines]


@pytest.mark.rule("R24c")
async def test_a_term_without_an_end_is_as_long_as_the_edition_says(
    database: Database, center: Viewer, added: UUID
) -> None:
    expert = await seen_by(database, center, added)

    assert [(term.starts_on, term.ends_on) for term in expert.terms] == [(date(2026, 3, 1), date(2031, 2, 28))]
    assert expert.status is Status.APPOINTED
    assert (await seen_by(database, center, added, on=date(2031, 2, 28))).status is Status.APPOINTED
    assert (await seen_by(database, center, added, on=date(2031, 3, 1))).status is Status.LAPSED


async def test_what_is_confidential_is_sealed_and_shown_masked(database: Database, center: Viewer, added: UUID) -> None:
    expert = await seen_by(database, center, added)

    assert (expert.identity_masked, expert.phone_masked) == ("110*************2X", "138****8000")
    assert (expert.title_level, expert.born_on) == ("deputy_senior", date(1949, 12, 31))


async def test_the_record_of_an_expert_holds_no_personal_data(database: Database, added: UUID) -> None:
    async with reading(database) as session:
        entries = await ledger.stream(session, f"expert:{added}")

    assert [entry.type for entry in entries] == ["expert.added"]
    data = b"".join(entry.data for entry in entries).decode()
    assert not any(secret in data for secret in ("沈嘉禾", NUMBER, "13800138000"))


async def test_every_fault_is_named_at_once(database: Database, settings: Settings, center: Viewer) -> None:
    wrong = AboutExpert(
        name="",
        identity_number="110105194912310021",
        phone="12",
        email="nobody",
        title="大师傅",
        source="lottery",
        fields=(ExpertField("999"),),
    )

    async with acting(database, settings, center) as act:
        with pytest.raises(Invalid) as refused:
            await add_expert(act, wrong)

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("name", "FIELD_REQUIRED"),
        ("identity_number", "ID_NUMBER_CHECK_DIGIT"),
        ("phone", "PHONE_FORM"),
        ("email", "EMAIL_INVALID"),
        ("title_level", "TITLE_LEVEL_UNSURE"),
        ("source", "FIELD_NOT_A_CHOICE"),
        ("fields", "FIELD_CODE_UNKNOWN"),
    ]


async def test_the_same_identity_is_refused_with_the_way_to_the_one_who_has_it(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with acting(database, settings, center) as act:
        with pytest.raises(Refused) as refused:
            await add_expert(act, replace(ABOUT, name="另一位", identity_number=NUMBER.lower()))

    (refusal,) = refused.value.refusals
    assert refusal.code == "EXPERT_ALREADY_THERE"
    assert refusal.remedies[0].href == f"/experts/{added}"


async def test_the_same_name_with_another_identity_is_another_person(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with acting(database, settings, center) as act:
        other = await add_expert(act, replace(ABOUT, identity_number=OTHER_NUMBER))

    expert = await seen_by(database, center, other)
    assert [namesake.id for namesake in expert.namesakes] == [added]


@pytest.mark.rule("R70b")
async def test_who_was_struck_off_is_not_added_again(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with acting(database, settings, center) as act:
        await put_state(act.session, added, State.STRUCK_OFF, since_on=act.on)

    async with acting(database, settings, center) as act:
        with pytest.raises(Refused) as refused:
            await add_expert(act, ABOUT)

    assert [(refusal.code, refusal.cite) for refusal in refused.value.refusals] == [("STRUCK_OFF", "A70")]


async def test_an_expert_can_be_added_with_a_unit_that_is_new(
    database: Database, settings: Settings, center: Viewer
) -> None:
    work = WorkEntry(new=NewOrganisationEntry("示范县水利局", kind="bureau"), post="科长", from_on=date(2020, 1, 1))

    async with acting(database, settings, center) as act:
        expert_id = await add_expert(act, ABOUT, work=work)

    (job,) = (await seen_by(database, center, expert_id)).employments
    assert (job.name, job.post, job.main, job.from_on) == ("示范县水利局", "科长", True, date(2020, 1, 1))


async def test_a_change_names_only_what_changed(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    seen = (await seen_by(database, center, added)).version
    about = replace(ABOUT, identity_number="", title="正高级工程师", fields=(ExpertField("570", main=True),))

    async with acting(database, settings, center) as act:
        changed = await change_expert(act, added, about, seen=seen, nature=CHANGED, since_on=TODAY)

    assert changed == {"title", "title_level", "fields"}
    expert = await seen_by(database, center, added)
    assert (expert.title_level, expert.identity_masked) == ("senior", "110*************2X")
    async with acting(database, settings, center) as act:
        assert await change_expert(act, added, about, seen=expert.version) == frozenset()
        with pytest.raises(Stale):
            await change_expert(act, added, about, seen=seen)


async def test_a_missing_identity_can_be_entered_but_none_typed_over(
    database: Database, settings: Settings, center: Viewer
) -> None:
    async with acting(database, settings, center) as act:
        expert_id = await add_expert(act, replace(ABOUT, identity_number=""))
    before = await seen_by(database, center, expert_id)
    async with acting(database, settings, center) as act:
        assert await change_expert(act, expert_id, ABOUT, seen=before.version) == {"identity"}
    after = await seen_by(database, center, expert_id)

    async with acting(database, settings, center) as act:
        with pytest.raises(Refused) as refused:
            await change_expert(act, expert_id, replace(ABOUT, identity_number=OTHER_NUMBER), seen=after.version)

    assert (before.identified, after.identified) == (False, True)
    assert [refusal.code for refusal in refused.value.refusals] == ["IDENTITY_DIFFERS"]


@asynccontextmanager
async def on_page(
    database: Database, settings: Settings, viewer: Viewer, expert_id: UUID
) -> AsyncIterator[tuple[Act, int]]:
    """Act with the version that the page shows now."""
    seen = (await seen_by(database, viewer, expert_id)).version
    async with acting(database, settings, viewer) as act:
        yield act, seen


@pytest.mark.parametrize(
    ("starts_on", "refused"),
    [(date(2031, 2, 28), True), (date(2031, 3, 1), False)],
    ids=["on the last day of the present term", "on the day after"],
)
async def test_terms_do_not_share_a_day(
    database: Database, settings: Settings, center: Viewer, added: UUID, starts_on: date, refused: bool
) -> None:
    async with on_page(database, settings, center, added) as (act, seen):
        if refused:
            with pytest.raises(Refused) as problem:
                await add_term(act, added, a_term(starts_on), seen=seen)
            assert [refusal.code for refusal in problem.value.refusals] == ["TERMS_OVERLAP"]
        else:
            await add_term(act, added, a_term(starts_on), seen=seen)

    assert len((await seen_by(database, center, added)).terms) == (1 if refused else 2)


async def test_a_new_main_employer_ends_the_former_one_on_the_day_before(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    first, second = await a_unit(database, "县水利局"), await a_unit(database, "县农业农村局")
    async with on_page(database, settings, center, added) as (act, seen):
        await add_employment(act, added, WorkEntry(first, from_on=date(2020, 1, 1)), seen=seen)
    async with on_page(database, settings, center, added) as (act, seen):
        await add_employment(act, added, WorkEntry(second, from_on=date(2026, 9, 1)), seen=seen)

    jobs = (await seen_by(database, center, added)).employments

    assert [(job.name, job.from_on, job.to_on) for job in jobs] == [
        ("县农业农村局", date(2026, 9, 1), None),
        ("县水利局", date(2020, 1, 1), date(2026, 8, 31)),
    ]


async def test_a_side_post_leaves_the_main_employer(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    first, second = await a_unit(database, "县水利局"), await a_unit(database, "冀海大学")
    async with on_page(database, settings, center, added) as (act, seen):
        await add_employment(act, added, WorkEntry(first), seen=seen)
    async with on_page(database, settings, center, added) as (act, seen):
        await add_employment(act, added, WorkEntry(second, main=False), seen=seen)

    jobs = (await seen_by(database, center, added)).employments
    async with on_page(database, settings, center, added) as (act, seen):
        await end_employment(act, added, jobs[1].id, to_on=TODAY, seen=seen)

    assert [(job.name, job.main) for job in jobs] == [("县水利局", True), ("冀海大学", False)]
    assert [job.to_on for job in (await seen_by(database, center, added)).employments] == [None, TODAY]


async def test_days_away_are_entered_and_removed(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with on_page(database, settings, center, added) as (act, seen):
        with pytest.raises(Invalid):
            await add_away(act, added, AwayEntry(TODAY, TODAY - timedelta(days=1)), seen=seen)
        await add_away(act, added, AwayEntry(TODAY, TODAY), seen=seen)
    (away,) = (await seen_by(database, center, added)).away

    async with on_page(database, settings, center, added) as (act, seen):
        await remove_away(act, added, away.id, seen=seen)

    assert (await seen_by(database, center, added)).away == ()


async def test_a_number_is_shown_in_full_only_with_a_reason_that_is_kept(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with acting(database, settings, center) as act:
        with pytest.raises(Invalid):
            await unmask(act, added, "identity", reason="")
        number = await unmask(act, added, "identity", reason="核对聘书上的证件号码是否一致")

    async with reading(database) as session:
        looks = await looks_at(session, added)
        kept = list(await session.scalars(select(ReadRow.subject)))
    assert number == NUMBER
    assert [(look.what, look.reason) for look in looks] == [("identity", "核对聘书上的证件号码是否一致")]
    assert kept == [f"expert:{added}"]


@pytest.mark.parametrize("role", ["unit", "audit", "expert", "system-administrator"])
async def test_only_the_center_changes_the_library(
    database: Database, settings: Settings, added: UUID, role: str
) -> None:
    other = await an_account(database, role)

    async with acting(database, settings, other) as act:
        with pytest.raises(Forbidden):
            await add_expert(act, ABOUT)
        with pytest.raises(Forbidden):
            await unmask(act, added, "identity", reason="想看一看这个号码是多少")


@pytest.mark.parametrize(("role", "sees"), [("audit", True), ("unit", False), ("system-administrator", False)])
async def test_who_may_not_see_experts_does_not_learn_that_there_are_any(
    database: Database, added: UUID, role: str, sees: bool
) -> None:
    viewer = await an_account(database, role)

    assert (await found(database, viewer, Sought())) == (["沈嘉禾"] if sees else [])
    if not sees:
        with pytest.raises(NotFound):
            await seen_by(database, viewer, added)


async def test_an_expert_sees_the_own_page(database: Database, center: Viewer, added: UUID) -> None:
    person_id = (await seen_by(database, center, added)).person_id
    expert = replace(await an_account(database, "expert"), person_id=person_id)

    assert (await seen_by(database, expert, added)).id == added


LIBRARY = (
    Entry("赵明远"),
    Entry("钱文静", field="57025", ends_on=TODAY),
    Entry("孙立", field="L12", ends_on=TODAY - timedelta(days=1)),
    Entry("李海燕", field="820", starts_on=TODAY + timedelta(days=1)),
    Entry("周正平", field="820", state="suspended"),
    Entry("吴敏", field="610", identified=False),
)


@pytest.mark.parametrize(
    ("sought", "names"),
    [
        (Sought(status="appointed"), ["钱文静", "吴敏", "赵明远"]),
        (Sought(status="lapsed"), ["孙立"]),
        (Sought(status="not-yet"), ["李海燕"]),
        (Sought(status="suspended"), ["周正平"]),
        (Sought(status="dismissed"), []),
        (Sought(field="570"), ["钱文静", "孙立", "赵明远"]),
        (Sought(field="57025"), ["钱文静"]),
        (Sought(field="L12"), ["钱文静", "孙立", "赵明远"]),
        (Sought(field="8"), ["李海燕", "周正平"]),
        (Sought(words="文静"), ["钱文静"]),
        (Sought(words="zhao"), ["赵明远"]),
        (Sought(words="zmy"), ["赵明远"]),
        (Sought(words="mingyuan"), ["赵明远"]),
        (Sought(words="%"), []),
        (Sought(unit="设计院1"), ["钱文静"]),
        (Sought(ending=0, unidentified=True), ["吴敏"]),
        (Sought(ending=1), ["钱文静"]),
    ],
    ids=str,
)
async def test_experts_are_found_by_name_sound_field_unit_and_standing(
    database: Database, center: Viewer, sought: Sought, names: list[str]
) -> None:
    await a_library(database, LIBRARY)

    assert await found(database, center, sought) == names


async def test_counts_by_status_cover_everybody_the_other_filters_find(database: Database, center: Viewer) -> None:
    await a_library(database, LIBRARY)

    async with reading(database) as session:
        everybody = await list_experts(session, center, Sought(), on=TODAY)
        lawyers = await list_experts(session, center, Sought(field="820", status="suspended"), on=TODAY)

    assert everybody.counts == {"appointed": 3, "lapsed": 1, "not-yet": 1, "suspended": 1}
    assert (lawyers.total, lawyers.counts) == (1, {"not-yet": 1, "suspended": 1})


async def test_the_status_in_the_list_is_the_status_of_the_library(database: Database, center: Viewer) -> None:
    await a_library(database, LIBRARY)

    async with reading(database) as session:
        for line in (await list_experts(session, center, Sought(), on=TODAY)).lines:
            assert (await load_expert(session, center, line.id, on=TODAY)).status is line.status


async def test_pages_follow_one_another_without_gap_or_repeat(database: Database, center: Viewer) -> None:
    await a_library(database, LIBRARY)

    async with reading(database) as session:
        pages = [
            [
                line.name
                for line in (
                    await list_experts(session, center, Sought(), on=TODAY, sort="-ends", page=page, per_page=4)
                ).lines
            ]
            for page in (1, 2, 3)
        ]

    assert [len(page) for page in pages] == [4, 2, 0]
    assert len({name for page in pages for name in page}) == 6
    assert pages[1] == ["钱文静", "孙立"]
    assert MONDAY.date() == TODAY


async def test_a_corrected_name_needs_a_reason_and_the_old_one_stays_in_the_record(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with on_page(database, settings, center, added) as (act, seen):
        with pytest.raises(Invalid) as unsaid:
            await change_expert(act, added, replace(ABOUT, name="沈家禾"), seen=seen, nature=WRONG)
        changed = await change_expert(
            act, added, replace(ABOUT, name="沈家禾"), seen=seen, reason="与身份证件核对，录错一字", nature=WRONG
        )
    async with reading(database) as session:
        (line, *_) = (await history_of(session, f"expert:{added}")).lines
        entries = await ledger.stream(session, f"expert:{added}")

    assert [(fault.at, fault.code) for fault in unsaid.value.faults] == [("reason", "FIELD_REQUIRED")]
    assert changed == {"name"}
    assert (line.values, line.reason) == ((("name", ABOUT.name, "沈家禾"),), "与身份证件核对，录错一字")
    assert not any("沈家禾".encode() in entry.data for entry in entries)


@pytest.mark.parametrize(
    ("nature", "since_on", "reason", "faults"),
    [
        ("", None, "", [("nature", "CHOICE_REQUIRED")]),
        (CHANGED, None, "", [("since", "FIELD_REQUIRED")]),
        (CHANGED, TODAY + timedelta(days=1), "", [("since", "DAY_IN_FUTURE")]),
        (CHANGED, TODAY, "", []),
        (WRONG, None, "", [("reason", "FIELD_REQUIRED")]),
        (WRONG, None, "录错了", [("reason", "REASON_TOO_SHORT")]),
        (WRONG, None, "与职称证书核对，录错级别", []),
        ("guessed", None, "", [("nature", "FIELD_NOT_A_CHOICE")]),
    ],
)
async def test_another_value_is_a_change_from_a_day_on_or_a_wrong_entry_with_a_reason(
    database: Database, settings: Settings, center: Viewer, added: UUID,
    nature: str, since_on: date | None, reason: str, faults: list[tuple[str, str]],
) -> None:  # fmt: skip
    about = replace(ABOUT, identity_number="", title="正高级工程师")
    async with on_page(database, settings, center, added) as (act, seen):
        try:
            await change_expert(act, added, about, seen=seen, reason=reason, nature=nature, since_on=since_on)
            found = []
        except Invalid as refused:
            found = [(fault.at, fault.code) for fault in refused.faults]

    async with reading(database) as session:
        (line, *_) = (await history_of(session, f"expert:{added}")).lines
    assert found == faults
    said = {"nature": nature, "since_on": since_on} if not faults else {}
    assert {name: line.body.get(name) for name in said} == said


async def test_filling_in_and_other_ways_to_reach_somebody_need_no_reason(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    async with on_page(database, settings, center, added) as (act, seen):
        about = replace(ABOUT, identity_number="", email="shen@example.cn", phone="13900139000")
        await change_expert(act, added, about, seen=seen)
    async with on_page(database, settings, center, added) as (act, seen):
        await change_expert(act, added, replace(about, email="jiahe@example.cn"), seen=seen)

    assert (await seen_by(database, center, added)).email == "jiahe@example.cn"


async def test_work_entered_by_mistake_is_withdrawn_and_a_look_back_still_knows_it(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    unit_id = await a_unit(database, "海河设计院")
    async with on_page(database, settings, center, added) as (act, seen):
        await add_employment(act, added, WorkEntry(unit_id, post="总工", from_on=date(2020, 1, 1)), seen=seen)
    (job,) = (await seen_by(database, center, added)).employments
    before = MONDAY + timedelta(minutes=1)
    later = MONDAY + timedelta(hours=1)
    async with acting(database, settings, center, later) as act:
        expert = await load_expert(act.session, center, added, on=TODAY)
        with pytest.raises(Invalid):
            await withdraw_employment(act, added, job.id, reason="短", seen=expert.version)
        await withdraw_employment(act, added, job.id, reason="录入时选错了工作单位，已核对", seen=expert.version)
    async with reading(database) as session:
        graph = (await Residents().current(session)).ties.graph
        (line, *_) = (await history_of(session, f"expert:{added}")).lines
    person = str(expert.person_id)

    assert (await seen_by(database, center, added)).employments == ()
    assert graph.ties_of(person) == ()
    assert [tie.object for tie in graph.ties_of(person, known_at=before)] == [str(job.organisation_id)]
    assert (line.type, line.reason) == ("employment.withdrawn", "录入时选错了工作单位，已核对")
    assert job.name in line.values[0][1]


async def test_a_term_entered_from_paper_by_mistake_is_withdrawn(
    database: Database, settings: Settings, center: Viewer, added: UUID
) -> None:
    (term,) = (await seen_by(database, center, added)).terms
    async with on_page(database, settings, center, added) as (act, seen):
        act.session.add(TermReminderRow(appointment_id=term.id, days=180, said=True, reminded_on=act.on))
        with pytest.raises(Invalid):
            await withdraw_term(act, added, term.id, reason="", seen=seen)
        await withdraw_term(act, added, term.id, reason="录入时把聘期的年份算错了", seen=seen)

    view = await seen_by(database, center, added)
    assert (view.terms, view.status) == ((), Status.NOT_APPOINTED)
