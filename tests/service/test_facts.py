"""Acts on ties against a real database, and the resident graph that follows them."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from conflicts import Kind, NodeType, Party, Relation, Role
from service.access import Viewer
from service.actions.facts import FactEntry, add_relative, end_fact, state_fact, state_facts, withdraw_fact
from service.actions.matters import Opening, PartyEntry, open_matter
from service.actions.organisations import remove_parent, set_parent
from service.ids import new_id
from service.ledger.tables import EventRow
from service.problems import Forbidden, Invalid, NotFound, Stale
from service.regulation import load_policy
from service.settings import Settings
from service.storage.facts import facts_of, matter_of, meant_by
from service.storage.organisation_writing import parents_of
from service.storage.rows.facts import FactRow
from service.storage.rows.library import OrganisationNameRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.ties import ResidentTies
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.library import Entry, Inserted, a_library

POLICY = "changli-local-1"
TODAY = date(2026, 9, 14)


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


@pytest.fixture
async def library(database: Database) -> Inserted:
    firm, bureau = await a_unit(database, "清源水务有限公司"), await a_unit(database, "县水务局")
    return await a_library(
        database, [Entry("赵明"), Entry("钱芳")], units={"清源水务有限公司": firm, "县水务局": bureau}
    )


async def stated(database: Database, settings: Settings, viewer: Viewer, entry: FactEntry, **kw: object) -> UUID:
    async with acting(database, settings, viewer, **kw) as act:
        return await state_fact(act, entry)


def a_directorship(library: Inserted, **changes: object) -> FactEntry:
    entry = {
        "subject_id": library.people["赵明"],
        "kind": Kind.DIRECTORSHIP,
        "object_id": library.organisations["清源水务有限公司"],
        "from_on": date(2020, 1, 1),
        "source": "企业信用信息公示",
    }
    return FactEntry(**entry | changes)


async def standing(database: Database, node_id: UUID) -> list[tuple[Kind, date | None, int]]:
    async with reading(database) as session:
        return [(one.fact.kind, one.fact.to_on, one.version) for one in await facts_of(session, node_id)]


async def events(database: Database) -> list[tuple[str, str]]:
    async with reading(database) as session:
        rows = await session.execute(select(EventRow.type, EventRow.stream).order_by(EventRow.seq))
        return [(type_, stream) for type_, stream in rows if type_.startswith(("fact.", "person."))]


@pytest.mark.rule("R28d")
async def test_stated_tie_stands_at_both_ends_and_in_the_ledger(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    fact_id = await stated(database, settings, center, a_directorship(library))

    assert await standing(database, library.people["赵明"]) == [(Kind.DIRECTORSHIP, None, 1)]
    assert await standing(database, library.organisations["清源水务有限公司"]) == [(Kind.DIRECTORSHIP, None, 1)]
    assert await events(database) == [("fact.stated", f"fact:{fact_id}")]


async def test_ended_tie_keeps_the_version_before(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    fact_id = await stated(database, settings, center, a_directorship(library))
    async with acting(database, settings, center, MONDAY + timedelta(hours=1)) as act:
        await end_fact(act, fact_id, to_on=date(2026, 8, 31), seen=1)

    assert await standing(database, library.people["赵明"]) == [(Kind.DIRECTORSHIP, date(2026, 8, 31), 2)]
    async with reading(database) as session:
        rows = await session.execute(
            select(FactRow.to_on, FactRow.retired_at, FactRow.retired_why).order_by(FactRow.known_at)
        )
        assert list(map(tuple, rows)) == [
            (None, MONDAY + timedelta(hours=1), "ended"),
            (date(2026, 8, 31), None, ""),
        ]


async def test_withdrawn_tie_stands_no_more_and_its_reason_is_kept_out_of_the_ledger(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    fact_id = await stated(database, settings, center, a_directorship(library))
    async with acting(database, settings, center) as act:
        await withdraw_fact(act, fact_id, reason="同名同姓，不是本人", seen=1)

    assert await standing(database, library.people["赵明"]) == []
    async with reading(database) as session:
        row = await session.scalar(select(FactRow))
        assert (row.retired_why, row.reason) == ("withdrawn", "同名同姓，不是本人")
        data = await session.scalar(select(EventRow.data).where(EventRow.type == "fact.withdrawn"))
        assert "同名".encode() not in data
    async with acting(database, settings, center) as act:
        with pytest.raises(NotFound):
            await end_fact(act, fact_id, to_on=TODAY, seen=1)


async def test_stale_version_is_refused(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    fact_id = await stated(database, settings, center, a_directorship(library))
    async with acting(database, settings, center) as act:
        await end_fact(act, fact_id, to_on=date(2026, 8, 31), seen=1)

    with pytest.raises(Stale):
        async with acting(database, settings, center) as act:
            await withdraw_fact(act, fact_id, reason="录入有误", seen=1)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"to_on": date(2019, 12, 31)}, [("to_on", "END_BEFORE_START")]),
        ({"share": (1, 2)}, [("share", "SHARE_MISPLACED")]),
        ({"kind": Kind.KINSHIP, "relation": Relation.SPOUSE}, [("object", "FACT_END_UNFIT")]),
        ({"object_id": new_id()}, [("object", "FACT_END_UNFIT")]),
        ({"source": "x" * 201}, [("source", "FIELD_TOO_LONG")]),
        (
            {"source": "x" * 201, "to_on": date(2019, 12, 31)},
            [("source", "FIELD_TOO_LONG"), ("to_on", "END_BEFORE_START")],
        ),
    ],
)
async def test_faulty_tie_is_refused_with_every_fault(
    database: Database, settings: Settings, center: Viewer, library: Inserted, changes: dict, faults: list
) -> None:
    with pytest.raises(Invalid) as invalid:
        await stated(database, settings, center, a_directorship(library, **changes))

    assert [(fault.at, fault.code) for fault in invalid.value.faults] == faults
    assert await standing(database, library.people["赵明"]) == []


async def test_same_tie_is_not_stated_twice_on_common_days(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    early = a_directorship(library, to_on=date(2021, 12, 31))
    await stated(database, settings, center, early)

    with pytest.raises(Invalid) as invalid:
        await stated(database, settings, center, a_directorship(library, from_on=date(2021, 12, 31)))
    assert [(fault.at, fault.code) for fault in invalid.value.faults] == [("object", "FACT_STANDS")]
    await stated(database, settings, center, a_directorship(library, from_on=date(2022, 1, 1)))
    assert len(await standing(database, library.people["赵明"])) == 2


async def test_many_ties_are_stated_at_once_and_faults_name_theirs(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    good = a_directorship(library)
    async with acting(database, settings, center) as act:
        with pytest.raises(Invalid) as invalid:
            await state_facts(act, [good, a_directorship(library, subject_id=new_id())])
    assert [(fault.at, fault.code) for fault in invalid.value.faults] == [("facts.1.subject", "FACT_END_UNFIT")]

    async with acting(database, settings, center) as act:
        ids = await state_facts(act, [good, a_directorship(library, subject_id=library.people["钱芳"])])
    assert len(set(ids)) == 2


async def test_only_the_center_states_ties(database: Database, settings: Settings, library: Inserted) -> None:
    for role in ("unit", "audit", "system-administrator"):
        viewer = await an_account(database, role)
        with pytest.raises(Forbidden):
            await stated(database, settings, viewer, a_directorship(library))


async def test_name_gives_those_it_may_mean_and_never_decides(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    firm = library.organisations["清源水务有限公司"]
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(OrganisationNameRow(id=new_id(), organisation_id=firm, name="清源公司", kind="alias"))
    async with acting(database, settings, center) as act:
        namesake = await add_relative(act, " 钱芳 ")

    async with reading(database) as session:
        by_alias = await meant_by(session, center, "清源公司", {NodeType.ORGANISATION})
        people = await meant_by(session, center, "钱芳", {NodeType.PERSON, NodeType.ORGANISATION})
    assert [node.id for node in by_alias] == [firm]
    assert {node.id for node in people} == {namesake, library.people["钱芳"]}
    assert len({node.detail for node in people}) == 2


# The resident graph


async def caught(database: Database, ties: ResidentTies, matter_id: UUID) -> list[tuple[str, str]]:
    async with reading(database) as session:
        await ties.catch_up(session)
        matter = await matter_of(session, matter_id)
    found = ties.graph.check(matter, policy=load_policy(POLICY).table, as_of=TODAY)
    return [(ties.graph.name(finding.person), finding.code) for finding in found if finding.row is not None]


async def a_matter(
    database: Database, settings: Settings, viewer: Viewer, library: Inserted, *parties: PartyEntry
) -> UUID:
    async with acting(database, settings, viewer) as act:
        return await open_matter(
            act, Opening("饮马河综合治理工程", library.organisations["县水务局"], "A3.4", parties=parties)
        )


async def test_graph_follows_each_act_and_equals_one_loaded_anew(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    firm = library.organisations["清源水务有限公司"]
    matter_id = await a_matter(database, settings, center, library, PartyEntry(organisation_id=firm))
    ties = ResidentTies()
    assert await caught(database, ties, matter_id) == []
    graph = ties.graph

    fact_id = await stated(database, settings, center, a_directorship(library))
    async with acting(database, settings, center) as act:
        relative = await add_relative(act, "孙某")
        await state_fact(act, FactEntry(relative, Kind.CONTROL, firm))
        await state_fact(
            act, FactEntry(relative, Kind.KINSHIP, library.people["钱芳"], relation=Relation.COLLATERAL_BLOOD)
        )
    seen = dict(await caught(database, ties, matter_id))
    assert seen == {"赵明": "DIRECT_INTEREST", "孙某": "DIRECT_INTEREST", "钱芳": "KIN_OF_OWNER"}
    assert await caught(database, ResidentTies(), matter_id) == await caught(database, ties, matter_id)

    async with acting(database, settings, center) as act:
        await end_fact(act, fact_id, to_on=date(2023, 9, 13), seen=1)
    assert "赵明" not in dict(await caught(database, ties, matter_id))
    async with acting(database, settings, center) as act:
        await end_fact(act, fact_id, to_on=date(2023, 9, 14), seen=2)
    assert dict(await caught(database, ties, matter_id))["赵明"] == "FORMER_DIRECTOR"
    async with acting(database, settings, center) as act:
        await withdraw_fact(act, fact_id, reason="不是本人", seen=3)
    assert "赵明" not in dict(await caught(database, ties, matter_id))
    assert ties.graph is graph  # followed, never loaded again
    assert await caught(database, ResidentTies(), matter_id) == await caught(database, ties, matter_id)


@pytest.mark.rule("R12a")
async def test_who_drafted_a_matter_is_tied_to_it_and_no_party(
    database: Database, settings: Settings, center: Viewer, library: Inserted
) -> None:
    ties = ResidentTies()
    firm = library.organisations["清源水务有限公司"]
    await stated(
        database, settings, center, a_directorship(library, kind=Kind.CONTROL, subject_id=library.people["钱芳"])
    )
    other = await a_matter(database, settings, center, library)
    assert await caught(database, ties, other) == []

    matter_id = await a_matter(
        database,
        settings,
        center,
        library,
        PartyEntry(person_id=library.people["赵明"], role="drafter"),
        PartyEntry(organisation_id=firm, role="assessor"),
    )

    async with reading(database) as session:
        matter = await matter_of(session, matter_id)
    assert matter.parties == (Party(str(library.organisations["县水务局"]), Role.UNIT),)
    assert await caught(database, ties, matter_id) == [("赵明", "DRAFTED_IT")]
    assert await caught(database, ties, other) == []


async def test_following_that_breaks_off_loads_anew(
    database: Database, settings: Settings, center: Viewer, library: Inserted, monkeypatch: pytest.MonkeyPatch
) -> None:
    ties = ResidentTies()
    matter_id = await a_matter(
        database, settings, center, library, PartyEntry(organisation_id=library.organisations["清源水务有限公司"])
    )
    await caught(database, ties, matter_id)
    await stated(database, settings, center, a_directorship(library))

    with monkeypatch.context() as broken:
        broken.setattr(ties.graph, "restate", None)
        with pytest.raises(TypeError):
            await caught(database, ties, matter_id)
    assert await caught(database, ties, matter_id) == [("赵明", "DIRECT_INTEREST")]


@pytest.mark.rule("R28d")
async def test_superior_of_a_past_day_is_the_one_that_was_known_then(
    database: Database, settings: Settings, center: Viewer, library: Inserted, engine: str
) -> None:
    bureau, firm = library.organisations["县水务局"], library.organisations["清源水务有限公司"]
    hours = [MONDAY + timedelta(hours=hour) for hour in range(4)]
    following, tie = ResidentTies(), {"seen": 1}

    async def act_at(at: datetime, parent: UUID | None, from_on: date | None) -> None:
        async with acting(database, settings, center, at) as act:
            await set_parent(act, bureau, parent, from_on=from_on, seen=tie["seen"])
        tie["seen"] += 1

    async def superiors(known_at: datetime | None) -> list[tuple[str, date | None]]:
        answers = []
        for ties in (following, ResidentTies()):
            async with reading(database) as session:
                await ties.catch_up(session)
            found = ties.graph.ties_of(str(bureau), known_at=known_at)
            answers.append([(fact.object, fact.to_on) for fact in found if fact.kind is Kind.SUPERIOR])
        assert answers[0] == answers[1]  # following and loading anew agree
        return answers[0]

    assert await superiors(None) == []
    await act_at(hours[1], firm, None)
    assert await superiors(None) == [(str(firm), None)]
    await act_at(hours[2], None, date(2026, 9, 1))
    async with reading(database) as session:
        (gone,) = await parents_of(session, [bureau])
    async with acting(database, settings, center, hours[3]) as act:
        await remove_parent(act, bureau, gone.id, seen=tie["seen"])

    assert [await superiors(at) for at in (*hours, None)] == [
        [],
        [(str(firm), None)],
        [(str(firm), date(2026, 8, 31))],
        [],
        [],
    ]
