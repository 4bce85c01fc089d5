"""Acts on matters, against a real database."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from service.access import Viewer
from service.actions.matters import (
    Opening,
    PartyEntry,
    Record,
    cancel_matter,
    change_parties,
    confirm_flags,
    open_matter,
    record_matter,
    resume_matter,
    set_need,
    suspend_matter,
)
from service.ids import new_id
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.matter_rows import state_of, write_projection
from service.storage.matters import history_of, list_matters, load_matter, past_needs, relations_to
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import MatterRow, MatterTextRow, PanelMemberRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.outbox import notices
from workflow import Need, Seat

REASON = "资金来源发生变化，暂不列入本年度决策事项"


@pytest.fixture
async def water(database: Database) -> UUID:
    return await a_unit(database)


@pytest.fixture
async def clerk(database: Database, water: UUID) -> Viewer:
    return await an_account(database, "unit", unit_id=water)


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


def an_opening(unit_id: UUID, **changes: object) -> Opening:
    return Opening(**{"title": "饮马河综合治理工程", "unit_id": unit_id, "kind": "A3.4"} | changes)  # type: ignore[arg-type]


async def opened(database: Database, settings: Settings, viewer: Viewer, unit_id: UUID, **changes: object) -> UUID:
    async with acting(database, settings, viewer) as act:
        return await open_matter(act, an_opening(unit_id, **changes))


NEED = Need(5, (Seat("570", 2),), (), 1)


async def test_opened_matter_stands_in_the_list_with_a_number(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water)

    async with reading(database) as session:
        matter = await load_matter(session, clerk, matter_id)
        listed = await list_matters(session, clerk)
    assert (matter.number, matter.title, matter.unit_name, matter.state, matter.version, matter.edition) == (
        "2026-001",
        "饮马河综合治理工程",
        "县水利局",
        "opened",
        1,
        "changli-trial-1",
    )
    assert [line.id for line in listed.lines] == [matter_id]
    assert (listed.total, dict(listed.counts)) == (1, {"opened": 1})


async def test_numbers_of_a_year_have_no_gap(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    for _ in range(3):
        await opened(database, settings, clerk, water)

    async with reading(database) as session:
        numbers = sorted(await session.scalars(select(MatterRow.number)))
    assert numbers == ["2026-001", "2026-002", "2026-003"]


async def test_need_entered_at_the_opening_is_set_in_the_same_act(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water, need=NEED, flags=frozenset({"wide"}))

    async with reading(database) as session:
        matter = await load_matter(session, clerk, matter_id)
        history = await history_of(session, matter_id)
    assert (matter.state, matter.need, matter.flags_proposed, matter.flags_confirmed) == (
        "need-set",
        NEED,
        ("wide",),
        None,
    )
    assert [(line.seq, line.type, line.who) for line in history] == [
        (2, "need.set", "王试"),
        (1, "matter.opened", "王试"),
    ]


async def test_need_of_a_past_matter_is_copied(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    past = await opened(database, settings, clerk, water, need=NEED, flags=frozenset({"disputed"}))

    copy = await opened(database, settings, clerk, water, copied_from=past)

    async with reading(database) as session:
        matter = await load_matter(session, clerk, copy)
        offered = await past_needs(session, clerk)
    assert (matter.need, matter.flags_proposed) == (NEED, ("disputed",))
    assert [need.id for need in offered] == [copy, past]


async def test_every_fault_of_an_opening_is_named_at_once(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    with pytest.raises(Invalid) as invalid:
        await opened(
            database,
            settings,
            clerk,
            new_id(),
            title="短",
            kind="A9",
            scope="?",
            need=Need(0),
            flags=frozenset({"odd"}),
            parties=(PartyEntry(), PartyEntry(organisation_id=new_id(), role="king")),
        )

    assert [(fault.at, fault.code) for fault in invalid.value.faults] == [
        ("title", "TITLE_TOO_SHORT"),
        ("kind", "FIELD_NOT_A_CHOICE"),
        ("scope", "FIELD_NOT_A_CHOICE"),
        ("size", "NEED_SIZE_OUTSIDE"),
        ("flags", "FIELD_NOT_A_CHOICE"),
        ("parties.0", "PARTY_NEEDS_ONE_ID"),
        ("parties.1", "ORGANISATION_UNKNOWN"),
        ("parties.1.role", "FIELD_NOT_A_CHOICE"),
        ("unit_id", "UNIT_NOT_OWN"),
    ]


@pytest.mark.rule("R3b")
async def test_nothing_is_kept_of_a_matter_that_is_out_of_scope(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    with pytest.raises(Refused) as refused:
        await opened(database, settings, clerk, water, scope="secret")

    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.ref, refusal.cite, refusal.edition) == (
        "OUT_OF_SCOPE",
        "R3b",
        "A3p2",
        "changli-trial-1",
    )
    async with reading(database) as session:
        assert (await list_matters(session, clerk)).total == 0
        assert list(await session.scalars(select(MatterTextRow.text))) == []


async def test_unit_sees_its_own_matters_and_the_center_all(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    schools = await a_unit(database, "县教育局")
    stranger = await an_account(database, "unit", unit_id=schools)
    matter_id = await opened(database, settings, clerk, water)

    async with reading(database) as session:
        assert (await list_matters(session, stranger)).total == 0
        assert (await list_matters(session, center)).total == 1
        assert await relations_to(session, clerk, matter_id) == {"same-unit", "assigned"}
        assert await relations_to(session, stranger, matter_id) == frozenset()
        with pytest.raises(NotFound):
            await load_matter(session, stranger, matter_id)
    async with acting(database, settings, stranger) as act:
        with pytest.raises(NotFound):
            await set_need(act, matter_id, NEED, frozenset(), seen=1)


async def test_clerk_who_is_a_party_does_not_see_the_matter_nor_its_count(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    colleague = await an_account(database, "center")
    matter_id = await opened(database, settings, clerk, water, parties=(PartyEntry(person_id=center.person_id),))

    async with reading(database) as session:
        assert (await list_matters(session, colleague)).total == 1
        hidden = await list_matters(session, center)
        assert (hidden.total, dict(hidden.counts)) == (0, {})
        with pytest.raises(NotFound):
            await load_matter(session, center, matter_id)


@pytest.mark.rule("R31b")
async def test_center_confirms_other_flags_with_a_reason_that_the_ledger_does_not_hold(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water, need=NEED)

    async with acting(database, settings, center) as act:
        await confirm_flags(act, matter_id, frozenset({"wide"}), reason="沿线四个乡镇，涉及面广", seen=2)

    async with reading(database) as session:
        matter = await load_matter(session, clerk, matter_id)
        newest = (await history_of(session, matter_id))[0]
    assert (matter.flags_proposed, matter.flags_confirmed, matter.flags) == ((), ("wide",), ("wide",))
    assert (newest.type, newest.reason) == ("flags.confirmed", "沿线四个乡镇，涉及面广")
    assert "沿线" not in str(newest.body)


@pytest.mark.rule("R31b")
async def test_unit_may_not_confirm_flags(database: Database, settings: Settings, clerk: Viewer, water: UUID) -> None:
    matter_id = await opened(database, settings, clerk, water, need=NEED)

    async with acting(database, settings, clerk) as act:
        with pytest.raises(Forbidden):
            await confirm_flags(act, matter_id, frozenset(), reason="", seen=2)


async def test_act_on_a_version_that_moved_is_stale(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water)
    async with acting(database, settings, clerk) as act:
        await set_need(act, matter_id, NEED, frozenset(), seen=1)

    async with acting(database, settings, clerk) as act:
        with pytest.raises(Stale):
            await set_need(act, matter_id, NEED, frozenset(), seen=1)


async def test_everyone_concerned_but_who_did_it_is_told_of_a_cancellation(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water, need=NEED)
    async with acting(database, settings, center) as act:
        await confirm_flags(act, matter_id, frozenset(), reason="", seen=2)

    async with acting(database, settings, center) as act:
        await cancel_matter(act, matter_id, reason=REASON, seen=3)

    async with reading(database) as session:
        matter = await load_matter(session, clerk, matter_id)
        told = await notices(session)
    assert (matter.state, matter.closed_on) == ("cancelled", date(2026, 9, 14))
    assert [(notice.template, notice.state) for notice in told] == [("MATTER_CANCELLED", "waiting")]


async def test_suspended_matter_takes_no_need_until_it_is_resumed(
    database: Database, settings: Settings, clerk: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water)
    async with acting(database, settings, clerk) as act:
        await suspend_matter(act, matter_id, reason=REASON, seen=1)

    async with acting(database, settings, clerk) as act:
        with pytest.raises(Refused) as refused:
            await set_need(act, matter_id, NEED, frozenset(), seen=2)
    assert [refusal.code for refusal in refused.value.refusals] == ["MATTER_SUSPENDED"]
    async with acting(database, settings, clerk) as act:
        await resume_matter(act, matter_id, reason=REASON, seen=2)
    async with acting(database, settings, clerk) as act:
        state = await set_need(act, matter_id, NEED, frozenset(), seen=3)
    assert state.status == "need-set"


@pytest.mark.parametrize(
    ("reason", "code"), [("", "FIELD_REQUIRED"), ("没有钱", "REASON_TOO_SHORT"), ("长" * 501, "FIELD_TOO_LONG")]
)
async def test_reason_is_a_reason(
    database: Database, settings: Settings, clerk: Viewer, water: UUID, reason: str, code: str
) -> None:
    matter_id = await opened(database, settings, clerk, water)

    async with acting(database, settings, clerk) as act:
        with pytest.raises(Invalid) as invalid:
            await cancel_matter(act, matter_id, reason=reason, seen=1)
    assert [(fault.at, fault.code) for fault in invalid.value.faults] == [("reason", code)]


async def test_parties_are_said_anew(database: Database, settings: Settings, clerk: Viewer, water: UUID) -> None:
    works = await a_unit(database, "示范供水公司")
    matter_id = await opened(database, settings, clerk, water, parties=(PartyEntry(organisation_id=water),))

    async with acting(database, settings, clerk) as act:
        entry = PartyEntry(organisation_id=works, role="beneficiary")
        await change_parties(act, matter_id, [entry, entry], seen=1)

    async with reading(database) as session:
        matter = await load_matter(session, clerk, matter_id)
    assert [(party.id, party.kind, party.name, party.role) for party in matter.parties] == [
        (works, "organisation", "示范供水公司", "beneficiary")
    ]


async def test_list_is_searched_by_words_pinyin_and_number_and_filtered_by_state(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    river = await opened(database, settings, clerk, water)
    pipes = await opened(database, settings, clerk, water, title="县城集中供热管网改造 100%", need=NEED)

    async def found(**wanted: object) -> list[UUID]:
        async with reading(database) as session:
            return [line.id for line in (await list_matters(session, center, **wanted)).lines]  # type: ignore[arg-type]

    assert await found(words="供热 管网") == [pipes]
    assert await found(words="yinmahe") == [river]
    assert await found(words="ymh") == [river]
    assert await found(words="2026-002") == [pipes]
    assert await found(words="100%") == [pipes]
    assert await found(words="%") == [pipes]
    assert await found(words="供热 饮马") == []
    assert await found(states=("need-set",)) == [pipes]
    assert await found(unit_id=new_id()) == []
    assert await found(page=2, per_page=1) == [river]


async def test_recorded_matter_gives_its_members_their_service(
    database: Database, settings: Settings, center: Viewer, water: UUID
) -> None:
    people = [await an_expert(database, number) for number in range(5)]
    record = Record(
        "跨年度的供水规划", water, "A3.2", date(2024, 10, 8), date(2024, 10, 21), tuple((one, None) for one in people)
    )

    async with acting(database, settings, center) as act:
        matter_id = await record_matter(act, record)

    async with reading(database) as session:
        matter = await load_matter(session, center, matter_id)
        members = list(await session.scalars(select(PanelMemberRow.role)))
    assert (matter.number, matter.state, matter.recorded, matter.opened_on) == (
        "2024-001",
        "determined",
        True,
        date(2024, 10, 8),
    )
    assert members == ["member"] * 5


async def test_what_ran_under_the_edition_is_not_recorded_afterwards(
    database: Database, settings: Settings, center: Viewer, water: UUID
) -> None:
    people = [await an_expert(database, number) for number in range(5)]
    record = Record(
        "今年的供水规划", water, "A3.2", date(2025, 1, 2), date(2025, 1, 9), tuple((one, None) for one in people)
    )

    async with acting(database, settings, center) as act:
        with pytest.raises(Refused) as refused:
            await record_matter(act, record)
    assert [refusal.code for refusal in refused.value.refusals] == ["RECORD_NOT_FROM_BEFORE"]


async def test_rows_written_again_from_the_stream_are_the_same(
    database: Database, settings: Settings, clerk: Viewer, center: Viewer, water: UUID
) -> None:
    matter_id = await opened(database, settings, clerk, water, need=NEED, flags=frozenset({"wide"}))
    async with acting(database, settings, center) as act:
        await confirm_flags(act, matter_id, frozenset({"wide"}), reason="", seen=2)
    async with reading(database) as session:
        before = await load_matter(session, center, matter_id)

    async with unit_of_work(database, at=MONDAY) as session:
        await write_projection(session, matter_id, await state_of(session, matter_id), ())

    async with reading(database) as session:
        assert await load_matter(session, center, matter_id) == before


async def an_expert(database: Database, number: int) -> UUID:
    person_id = new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(PersonRow(id=person_id, name="李专", pinyin="", created_at=MONDAY))
        await session.flush()
        session.add(ExpertRow(id=new_id(), person_id=person_id, number=f"E{number:04d}", created_at=MONDAY))
    return person_id
