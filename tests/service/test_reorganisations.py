"""Mergers and divisions: who is tied to whom on any day, what moves, and taking it back."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from conflicts import Kind, Matter, Party, Role
from service.access import Viewer
from service.actions.expert_life import end_employment
from service.actions.organisations import rename_organisation, set_parent, take_rename_back
from service.actions.reorganisation import Reorganisation, reorganise, take_reorganisation_back
from service.problems import Forbidden, Invalid, Refused, Stale
from service.regulation import load_policy
from service.settings import Settings
from service.storage.expert_page import load_expert
from service.storage.history import history_of
from service.storage.organisations import OrganisationView, find_organisations, load_organisation
from service.storage.residents import Residents
from service.storage.roster_writing import ExpertChange, change_experts
from service.storage.rows.library import EmploymentRow, OrganisationParentRow
from service.storage.session import Database, reading
from service.storage.ties import ResidentTies
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.library import Entry, Inserted, a_library

TODAY = date(2026, 9, 14)
DAY = date(2026, 9, 1)
WHY = "机构改革，职能整体划转"


class House:
    """Two bureaus with their people, a station below one of them, and the center."""

    def __init__(self, database: Database, settings: Settings, center: Viewer, library: Inserted) -> None:
        self.database, self.settings, self.center = database, settings, center
        self.people, self.experts, self.bodies = library.people, library.experts, library.organisations
        self.minutes = 0

    def acting(self) -> Any:
        self.minutes += 1
        return acting(self.database, self.settings, self.center, MONDAY + timedelta(minutes=self.minutes))

    async def view(self, name: str, on: date = TODAY) -> OrganisationView:
        async with reading(self.database) as session:
            return await load_organisation(session, self.center, self.bodies[name], on=on)

    async def reorganise(self, former: str, *heirs: str, on: date = DAY, **more: Any) -> UUID:
        seen = (await self.view(former)).version
        entry = Reorganisation(
            tuple(self.bodies[heir] for heir in heirs), on, source="昌编〔2026〕3号", reason=WHY, **more
        )
        async with self.acting() as act:
            return await reorganise(act, self.bodies[former], entry, seen=seen)

    async def take_back(self, former: str, done: UUID) -> None:
        seen = (await self.view(former)).version
        async with self.acting() as act:
            await take_reorganisation_back(act, done, reason="单位选错了，应为另一家", seen=seen)

    async def below(self, name: str, parent: str, *, from_on: date | None) -> None:
        seen = (await self.view(name)).version
        async with self.acting() as act:
            await set_parent(act, self.bodies[name], self.bodies[parent], from_on=from_on, seen=seen)

    async def ties(self) -> list[Any]:
        async with reading(self.database) as session:
            columns = (OrganisationParentRow.organisation_id, OrganisationParentRow.parent_id)
            rows = await session.execute(select(*columns, OrganisationParentRow.from_on, OrganisationParentRow.to_on))
            return sorted((tuple(row) for row in rows), key=str)

    async def works(self) -> list[tuple[str, str, date | None, date | None]]:
        people = {id_: name for name, id_ in self.people.items()}
        bodies = {id_: name for name, id_ in self.bodies.items()}
        async with reading(self.database) as session:
            rows = await session.scalars(select(EmploymentRow))
            found = [(people[row.person_id], bodies[row.organisation_id], row.from_on, row.to_on) for row in rows]
        return sorted(found, key=str)

    async def jobs(self, name: str) -> dict[str, EmploymentRow]:
        bodies = {id_: body for body, id_ in self.bodies.items()}
        async with reading(self.database) as session:
            rows = await session.scalars(select(EmploymentRow).where(EmploymentRow.person_id == self.people[name]))
            return {bodies[row.organisation_id]: row for row in rows}

    async def posts(self, name: str) -> dict[str, str]:
        return {body: row.post for body, row in (await self.jobs(name)).items()}

    async def roster_post(self, name: str, body: str, post: str) -> None:
        """Bring another post for somebody, as the import of a roster does."""
        job = (await self.jobs(name))[body]
        change = ExpertChange(
            expert_id=self.experts[name], person_id=self.people[name], columns=frozenset({"post"}), person={},
            expert={}, fields=None, term=None, employment_id=job.id, post=post,
        )  # fmt: skip
        async with self.acting() as act:
            await change_experts(act.session, [change], at=act.at)

    async def tied_to(self, name: str, *, on: date) -> set[str]:
        names = {str(id_): person for person, id_ in self.people.items()}
        matter = Matter("m1", (Party(str(self.bodies[name]), Role.UNIT),))
        async with reading(self.database) as session:
            graph = (await Residents().current(session)).ties.graph
        found = graph.check(matter, policy=load_policy("changli-local-1").table, as_of=on)
        return {names[one.person] for one in found if one.person in names and one.row is not None}


def ways(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Return where the refusal to take a reorganisation back leads."""
    (one,) = refused.value.refusals
    assert one.code == "REORGANISATION_BUILT_UPON"
    return [remedy.href for remedy in one.remedies]


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    units = {name: await a_unit(database, name) for name in ("水利局", "农业局", "水务局", "水文站")}
    library = await a_library(
        database,
        [Entry("甲", employer="水利局"), Entry("乙", employer="水利局"), Entry("丙", employer="农业局")],
        units=units,
    )
    center = await an_account(database, "center")
    async with acting(database, settings, center) as act:
        await set_parent(act, units["水文站"], units["水利局"], from_on=None, seen=1)
    return House(database, settings, center, library)


@pytest.mark.rule("R28d")
async def test_a_merger_ties_its_people_to_the_successor_from_the_day_on_and_not_before(house: House) -> None:
    await house.reorganise("水利局", "农业局")

    assert await house.tied_to("农业局", on=DAY - timedelta(days=1)) == {"丙"}
    assert await house.tied_to("农业局", on=DAY) == {"甲", "乙", "丙"}
    assert await house.tied_to("水利局", on=DAY - timedelta(days=1)) == {"甲", "乙"}


async def test_a_merger_moves_work_and_what_lies_below_on_its_day(house: House, engine: str) -> None:
    await house.reorganise("水利局", "农业局")

    start, last = date(2020, 1, 1), DAY - timedelta(days=1)
    assert await house.works() == [
        ("丙", "农业局", start, None),
        ("乙", "农业局", DAY, None),
        ("乙", "水利局", start, last),
        ("甲", "农业局", DAY, None),
        ("甲", "水利局", start, last),
    ]
    assert (await house.view("水利局")).ended_on == last
    assert [tie.name for tie in (await house.view("水文站")).chain] == ["农业局"]
    assert [tie.name for tie in (await house.view("水文站", on=last)).chain] == ["水利局"]


@pytest.mark.rule("R28d")
async def test_the_ties_of_a_running_service_follow_what_lies_below(house: House) -> None:
    following = ResidentTies()

    async def above() -> list[tuple[str, date | None, date | None]]:
        answers = []
        for ties in (following, ResidentTies()):
            async with reading(house.database) as session:
                await ties.catch_up(session)
            found = ties.graph.ties_of(str(house.bodies["水文站"]))
            superiors = [fact for fact in found if fact.kind is Kind.SUPERIOR]
            answers.append(sorted([(ties.graph.name(one.object), one.from_on, one.to_on) for one in superiors]))
        assert answers[0] == answers[1]  # following and loading anew agree
        return answers[0]

    last = DAY - timedelta(days=1)
    assert await above() == [("水利局", None, None)]
    graph = following.graph
    done = await house.reorganise("水利局", "农业局")
    assert await above() == [("农业局", DAY, None), ("水利局", None, last)]
    await house.take_back("水利局", done)
    assert await above() == [("水利局", None, None)]
    await house.reorganise("水利局", dissolved=True)
    assert await above() == [("水利局", None, last)]
    assert following.graph is graph  # followed, never loaded again
    async with reading(house.database) as session:
        record = await history_of(session, f"organisation:{house.bodies['水文站']}")
    assert [line.type for line in record.lines][:3] == ["parent.moved", "organisation.gave-back", "parent.moved"]


async def test_a_merger_taken_back_leaves_everything_as_it_stood(house: House, engine: str) -> None:
    works, uppers = await house.works(), await house.ties()
    done = await house.reorganise("水利局", "农业局")
    assert await house.works() != works

    await house.take_back("水利局", done)

    assert (await house.works(), await house.ties()) == (works, uppers)
    view = await house.view("水利局")
    assert (view.ended_on, [one.undone_at is not None for one in view.reorganisations]) == (None, [True])
    assert await house.tied_to("农业局", on=TODAY) == {"丙"}
    with pytest.raises(Refused) as again:
        await house.take_back("水利局", done)
    assert again.value.refusals[0].code == "REORGANISATION_UNDONE"


async def test_a_merger_that_was_built_upon_is_not_taken_back(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    await house.reorganise("农业局", "水务局", on=date(2026, 9, 10))

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert refused.value.refusals[0].code == "REORGANISATION_BUILT_UPON"
    assert await house.tied_to("水务局", on=TODAY) == {"甲", "乙", "丙"}


async def test_a_merger_is_not_taken_back_once_what_lay_below_belongs_to_another(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    await house.below("水文站", "水务局", from_on=date(2026, 9, 10))
    ties = await house.ties()

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert ways(refused) == [f"/organisations/{house.bodies['水文站']}"]
    assert await house.ties() == ties


async def test_a_dissolution_is_not_taken_back_once_what_stood_alone_belongs_to_another(house: House) -> None:
    done = await house.reorganise("水利局", dissolved=True)
    await house.below("水文站", "水务局", from_on=DAY)

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert ways(refused) == [f"/organisations/{house.bodies['水文站']}"]


async def test_a_merger_is_not_taken_back_into_a_circle(house: House) -> None:
    await house.below("水利局", "水务局", from_on=None)
    done = await house.reorganise("水利局", "农业局")
    await house.below("水务局", "水文站", from_on=DAY)

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert refused.value.refusals[0].code == "REORGANISATION_BUILT_UPON"


async def test_a_merger_is_not_taken_back_once_somebody_it_moved_works_elsewhere(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    async with reading(house.database) as session:
        there = EmploymentRow.organisation_id == house.bodies["农业局"]
        mine = select(EmploymentRow.id).where(EmploymentRow.person_id == house.people["甲"], there)
        job = await session.scalar(mine)
        version = (await load_expert(session, house.center, house.experts["甲"], on=TODAY)).version
    assert job is not None
    async with house.acting() as act:
        await end_employment(act, house.experts["甲"], job, to_on=date(2026, 9, 10), seen=version)

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert ways(refused) == [f"/experts/{house.experts['甲']}"]


async def test_a_merger_is_not_taken_back_once_a_roster_brought_another_post(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    was = await house.posts("甲")
    assert was["农业局"] == was["水利局"]

    await house.roster_post("甲", "农业局", "总工程师")
    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert ways(refused) == [f"/experts/{house.experts['甲']}"]
    assert await house.posts("甲") == was | {"农业局": "总工程师"}
    # Written back as it was, it keeps nobody from taking the merger back.
    await house.roster_post("甲", "农业局", was["农业局"])
    await house.take_back("水利局", done)
    assert await house.posts("甲") == {"水利局": was["水利局"]}


async def test_of_two_clerks_who_reorganise_one_organisation_at_once_one_is_refused(house: House, engine: str) -> None:
    seen = {name: (await house.view(name)).version for name in ("水利局", "农业局")}

    async def one(former: str, heir: str) -> UUID:
        entry = Reorganisation((house.bodies[heir],), DAY, source="昌编〔2026〕3号", reason=WHY)
        async with house.acting() as act:
            return await reorganise(act, house.bodies[former], entry, seen=seen[former])

    done = await asyncio.gather(one("水利局", "农业局"), one("农业局", "水务局"), return_exceptions=True)

    assert [type(answer) for answer in done if isinstance(answer, Exception)] in ([Stale], [Refused])


@pytest.mark.rule("R28d")
async def test_a_division_gives_everybody_to_one_heir_and_ties_them_to_both(house: House) -> None:
    async with reading(house.database) as session:
        job = await session.scalar(select(EmploymentRow.id).where(EmploymentRow.person_id == house.people["乙"]))
    assert job is not None

    await house.reorganise("水利局", "水务局", "农业局", allotted={job: house.bodies["农业局"]})

    now = [(name, body) for name, body, _, to_on in await house.works() if to_on is None]
    assert now == [("丙", "农业局"), ("乙", "农业局"), ("甲", "水务局")]
    # Whoever came from the divided bureau is tied to each of its heirs; who was never there only to his own.
    assert await house.tied_to("水务局", on=TODAY) == {"甲", "乙"}
    assert await house.tied_to("农业局", on=TODAY) == {"甲", "乙", "丙"}


async def test_who_parts_with_something_goes_on_and_keeps_whom_nobody_moved(house: House) -> None:
    async with reading(house.database) as session:
        job = await session.scalar(select(EmploymentRow.id).where(EmploymentRow.person_id == house.people["乙"]))
    assert job is not None

    await house.reorganise("水利局", "水务局", goes_on=True, allotted={job: house.bodies["水务局"]})

    now = [(name, body) for name, body, _, to_on in await house.works() if to_on is None]
    assert now == [("丙", "农业局"), ("乙", "水务局"), ("甲", "水利局")]
    assert (await house.view("水利局")).ended_on is None
    assert await house.tied_to("水务局", on=TODAY) == {"乙"}


async def test_every_fault_of_a_merger_is_named_and_nothing_is_done(house: House) -> None:
    works = await house.works()
    async with house.acting() as act:
        entry = Reorganisation((house.bodies["水利局"],), TODAY + timedelta(days=1), reason="短")
        with pytest.raises(Invalid) as refused:
            await reorganise(act, house.bodies["水利局"], entry, seen=1)
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("reason", "REASON_TOO_SHORT"),
        ("source", "FIELD_REQUIRED"),
        ("on", "DAY_IN_FUTURE"),
        ("successor", "SUCCESSOR_TWICE"),
    ]
    assert await house.works() == works


async def test_nobody_is_merged_twice_nor_into_one_that_has_ended(house: House) -> None:
    await house.reorganise("水利局", "农业局")

    for former, heir in (("水利局", "水务局"), ("水务局", "水利局")):
        with pytest.raises(Refused) as refused:
            await house.reorganise(former, heir)
        assert refused.value.refusals[0].code == "ORGANISATION_ENDED"


async def test_merging_into_what_lies_below_leaves_no_circle(house: House) -> None:
    await house.reorganise("水利局", "水文站")

    assert (await house.view("水文站")).chain == ()
    assert await house.tied_to("水文站", on=TODAY) == {"甲", "乙"}


async def test_what_has_ended_is_offered_last_and_says_so(house: House) -> None:
    await house.reorganise("水利局", "水务局")

    async with reading(house.database) as session:
        found, _ = await find_organisations(session, "水", on=TODAY)
    assert [(one.name, one.ended_on) for one in found][-1] == ("水利局", DAY - timedelta(days=1))


async def test_renames_follow_each_other_and_the_last_one_is_taken_back(house: House) -> None:
    water = house.bodies["水务局"]
    async with house.acting() as act:
        await rename_organisation(act, water, name="水资源局", on=date(2026, 3, 1), seen=1)
        with pytest.raises(Invalid):
            await rename_organisation(act, water, name="水业局", on=date(2026, 3, 1), seen=2)
        await rename_organisation(act, water, name="水业局", on=date(2026, 6, 1), seen=2)
    names = {(one.name, one.from_on, one.to_on) for one in (await house.view("水务局")).names}
    assert names == {
        ("水务局", None, date(2026, 2, 28)),
        ("水资源局", date(2026, 3, 1), date(2026, 5, 31)),
    }

    async with house.acting() as act:
        await take_rename_back(act, water, seen=3)
    view = await house.view("水务局")

    assert (view.name, [one.name for one in view.names], view.renamed_from) == ("水资源局", ["水务局"], "水务局")


async def test_the_record_is_read_page_by_page_with_its_reasons(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    await house.take_back("水利局", done)

    async with reading(house.database) as session:
        first = await history_of(session, f"organisation:{house.bodies['水利局']}", most=1)
        rest = await history_of(session, f"organisation:{house.bodies['水利局']}", before=first.before, most=5)
        mine = await history_of(session, f"expert:{house.experts['甲']}")
    assert [(line.type, line.reason) for line in (*first.lines, *rest.lines)] == [
        ("organisation.restored", "单位选错了，应为另一家"),
        ("organisation.merged", WHY),
    ]
    assert rest.before is None
    assert [line.type for line in mine.lines] == ["employment.moved-back", "employment.moved", "expert.added"]


async def test_only_the_center_reorganises(house: House) -> None:
    audit = await an_account(house.database, "audit")
    entry = Reorganisation((house.bodies["农业局"],), DAY, source="文", reason=WHY)

    async with acting(house.database, house.settings, audit) as act:
        with pytest.raises(Forbidden):
            await reorganise(act, house.bodies["水利局"], entry, seen=1)
