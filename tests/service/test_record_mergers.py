"""Two records that are one person: everything follows, nothing is rewritten, and it is taken back exactly."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from conflicts import Kind, Matter, Party
from registry import ExpertField, State, Status
from service.access import Viewer
from service.actions.cases import CaseEntry, RulingEntry, decide_case, open_case
from service.actions.corrections import CHANGED, change_expert
from service.actions.expert_life import AwayEntry, add_away
from service.actions.experts import AboutExpert
from service.actions.facts import FactEntry, state_fact
from service.actions.record_mergers import Merging, merge_records, take_merger_back
from service.ids import new_id
from service.problems import Forbidden, Invalid, Refused, Stale
from service.regulation import load_policy
from service.settings import Settings
from service.storage.base import Base
from service.storage.cases import hold_case
from service.storage.expert_page import ExpertView, load_expert
from service.storage.expert_writing import expert_with_identity, put_state
from service.storage.experts import Sought, list_experts
from service.storage.facts import facts_of, matter_of
from service.storage.record_mergers import MOVED, STAYS
from service.storage.residents import Residents
from service.storage.rows.admission import CandidateRow
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, Inserted, a_library
from tests.service.test_panels import HYDRAULIC, County

TODAY = date(2026, 9, 14)
WHY = "证件号码录错一位，经本人核对确认"


class Twins:
    """沈嘉禾 twice: once without a term running under the right number, once appointed under a wrong one."""

    def __init__(self, database: Database, settings: Settings, center: Viewer, library: Inserted) -> None:
        self.database, self.settings, self.center, self.library = database, settings, center, library
        self.kept, self.gone = library.experts["沈嘉禾"], library.experts["沈家禾"]
        self.minutes = 0

    def acting(self, viewer: Viewer | None = None) -> Any:
        self.minutes += 1
        return acting(self.database, self.settings, viewer or self.center, MONDAY + timedelta(minutes=self.minutes))

    async def view(self, expert_id: UUID) -> ExpertView:
        async with reading(self.database) as session:
            return await load_expert(session, self.center, expert_id, on=TODAY)

    async def merge(self, **more: str) -> UUID:
        kept, gone = await self.view(self.kept), await self.view(self.gone)
        async with self.acting() as act:
            entry = Merging(self.gone, gone.version, **({"reason": WHY} | more))
            return await merge_records(act, self.kept, entry, seen=kept.version)

    async def part(self, merger: UUID) -> None:
        kept = await self.view(self.kept)
        async with self.acting() as act:
            await take_merger_back(act, merger, reason="两人生日相同，确是两个人", seen=kept.version)

    async def snapshot(self) -> dict[str, list[Any]]:
        """Return every row that names one of the two, without versions, instants of record and the merger itself."""
        ids = {self.kept, self.gone, *(self.library.people[name] for name in ("沈嘉禾", "沈家禾"))}
        left_out = {"version", "known_at", "retired_at", "retired_why"}
        found: dict[str, list[Any]] = {}
        async with reading(self.database) as session:
            for table in Base.metadata.sorted_tables:
                if table.name in ("record_merger", "employment_past", "event", "idempotency"):
                    continue
                for row in (await session.execute(select(table))).mappings():
                    standing = row.get("retired_at") is None
                    if standing and ids & {value for value in row.values() if isinstance(value, UUID)}:
                        drop = left_out | ({"id"} if table.name == "fact" else set())
                        kept = {name: value for name, value in row.items() if name not in drop}
                        found.setdefault(table.name, []).append(sorted(kept.items(), key=lambda item: item[0]))
        return {name: sorted(rows, key=str) for name, rows in found.items()}

    async def tied_to(self, organisation: UUID) -> set[str]:
        matter = Matter("m1", (Party(str(organisation)),))
        async with reading(self.database) as session:
            current = await Residents().current(session)
        found = current.ties.graph.check(matter, policy=load_policy("changli-local-1").table, as_of=TODAY)
        return {one.person for one in found if one.row is not None}


@pytest.fixture
async def twins(database: Database, settings: Settings) -> Twins:
    entries = [
        Entry("沈嘉禾", "570", starts_on=date(2016, 3, 1), ends_on=date(2021, 2, 28)),
        Entry("沈家禾", "820"),
        Entry("旁人"),
    ]
    center = await an_account(database, "center")
    return Twins(database, settings, center, await a_library(database, entries))


async def test_what_the_library_says_of_one_record_follows_to_the_other(twins: Twins, engine: str) -> None:
    unit = await a_unit(twins.database, "县水务集团")
    async with twins.acting() as act:
        await state_fact(act, FactEntry(twins.library.people["沈家禾"], Kind.CONTRACT, unit))
    async with twins.acting() as act:
        seen = (await twins.view(twins.gone)).version
    async with twins.acting() as act:
        await add_away(act, twins.gone, AwayEntry(TODAY, TODAY), seen=seen)

    await twins.merge()
    kept, gone = await twins.view(twins.kept), await twins.view(twins.gone)

    assert (kept.status, len(kept.terms), len(kept.employments), len(kept.away)) == (Status.APPOINTED, 2, 2, 1)
    assert [(field.code, field.main) for field in kept.fields] == [("570", True), ("820", False)]
    assert (gone.status, gone.merged_into, gone.terms, gone.employments) == (Status.MERGED, twins.kept, (), ())
    assert await twins.tied_to(unit) == {str(twins.library.people["沈嘉禾"])}
    async with reading(twins.database) as session:
        pool = (await Residents().current(session)).pool
        listed = await list_experts(session, twins.center, Sought(), on=TODAY)
        merged = await list_experts(session, twins.center, Sought(status="merged"), on=TODAY)
    assert twins.gone not in pool.experts
    assert (listed.total, [line.id for line in merged.lines]) == (2, [twins.gone])


async def test_a_merger_taken_back_leaves_both_records_as_they_were(twins: Twins, engine: str) -> None:
    unit = await a_unit(twins.database, "县水务集团")
    async with twins.acting() as act:
        await state_fact(act, FactEntry(twins.library.people["沈家禾"], Kind.CONTRACT, unit))
        await state_fact(
            act, FactEntry(twins.library.people["沈家禾"], Kind.CO_PROJECT, twins.library.people["沈嘉禾"])
        )
    before = await twins.snapshot()

    merger = await twins.merge(number_of="gone")
    between = await twins.snapshot()
    await twins.part(merger)

    assert between != before
    assert await twins.snapshot() == before
    assert await twins.tied_to(unit) == {str(twins.library.people["沈家禾"])}
    with pytest.raises(Refused) as again:
        await twins.part(merger)
    assert again.value.refusals[0].code == "MERGER_UNDONE"


def about(expert: ExpertView, **changes: Any) -> AboutExpert:
    """Return what is said about an expert, with changes."""
    said = AboutExpert(expert.name, title=expert.title, email=expert.email, source=expert.source, fields=expert.fields)
    return replace(said, **changes)


async def test_what_was_corrected_after_a_merger_stands_when_it_is_taken_back(twins: Twins) -> None:
    async with unit_of_work(twins.database, at=MONDAY) as session:
        kept, gone = [await session.get_one(ExpertRow, id_) for id_ in (twins.kept, twins.gone)]
        kept.title = kept.title_level = kept.source = ""
        gone.title, gone.title_level, gone.source = "高级工程师", "senior", "self"
    merger = await twins.merge()
    filled = await twins.view(twins.kept)
    async with twins.acting() as act:
        said = about(filled, title="正高级工程师", fields=(ExpertField("820", main=True),))
        await change_expert(act, twins.kept, said, seen=filled.version, nature=CHANGED, since_on=act.on)

    await twins.part(merger)

    kept_view, gone_view = await twins.view(twins.kept), await twins.view(twins.gone)
    assert (filled.title, filled.source) == ("高级工程师", "self")
    assert (kept_view.title, kept_view.title_level, kept_view.source) == ("正高级工程师", "senior", "")
    assert [(one.code, one.main) for one in kept_view.fields] == [("820", True)]
    assert (gone_view.title, [one.code for one in gone_view.fields]) == ("高级工程师", ["820"])


async def test_a_record_that_went_into_another_is_changed_no_more(twins: Twins) -> None:
    await twins.merge()
    gone = await twins.view(twins.gone)

    async with twins.acting() as act:
        with pytest.raises(Refused) as refused:
            await change_expert(act, twins.gone, about(gone, title="工程师"), seen=gone.version)

    assert refused.value.refusals[0].code == "RECORD_MERGED"


async def test_a_merger_is_not_taken_back_once_the_number_that_came_with_it_was_corrected(twins: Twins) -> None:
    merger = await twins.merge(number_of="gone")
    async with twins.acting() as act:
        act.record("expert.changed", stream=f"expert:{twins.kept}", body={"columns": ["identity"], "source": "form"})

    with pytest.raises(Refused) as refused:
        await twins.part(merger)

    assert [one.code for one in refused.value.refusals] == ["MERGER_NUMBER_CORRECTED"]


@pytest.mark.rule("R24b")
async def test_a_merger_is_not_taken_back_once_an_application_that_came_with_it_got_a_letter(twins: Twins) -> None:
    candidate = new_id()
    async with unit_of_work(twins.database, at=MONDAY) as session:
        person = twins.library.people["沈家禾"]
        session.add(
            CandidateRow(
                id=candidate,
                number="SB1",
                person_id=person,
                fields=[],
                source="self",
                received_on=TODAY,
                created_at=MONDAY,
            )
        )
    merger = await twins.merge()
    async with twins.acting() as act:
        act.record("letter.issued", stream=f"expert:{twins.kept}", body={"candidate": str(candidate)})

    with pytest.raises(Refused) as refused:
        await twins.part(merger)

    assert [one.code for one in refused.value.refusals] == ["MERGER_LETTER_ISSUED"]


@pytest.mark.rule("R26b")
async def test_what_a_case_decided_after_a_merger_goes_back_with_the_case(twins: Twins, engine: str) -> None:
    async def opened(expert_id: UUID) -> UUID:
        seen = (await twins.view(expert_id)).version
        async with twins.acting() as act:
            return await open_case(act, expert_id, CaseEntry("unfit", "执业证书被吊销"), seen=seen)

    mayor = await an_account(twins.database, "mayor")

    async def decided(case_id: UUID, measure: str) -> None:
        async with acting(twins.database, twins.settings, mayor, MONDAY + timedelta(days=11)) as act:
            ruling = RulingEntry(measure, "经核实情况属实，按规定办理")
            await decide_case(act, case_id, ruling, seen=(await hold_case(act.session, case_id)).version)

    theirs = await opened(twins.gone)
    merger = await twins.merge()
    await decided(theirs, "keep")
    mine = await opened(twins.kept)
    both = await twins.view(twins.kept)

    await twins.part(merger)

    assert both.state is State.SUSPENDED
    kept, gone = await twins.view(twins.kept), await twins.view(twins.gone)
    assert (kept.state, gone.state) == (State.SUSPENDED, State.ACTIVE)
    await decided(mine, "keep")
    assert (await twins.view(twins.kept)).state is State.ACTIVE


async def test_the_pool_of_a_running_service_follows_a_merger_and_its_undoing(twins: Twins) -> None:
    residents = Residents()
    async with reading(twins.database) as session:
        assert twins.gone in (await residents.current(session)).pool.experts

    merger = await twins.merge()
    async with reading(twins.database) as session:
        pool = (await residents.current(session)).pool
        assert (twins.gone in pool.experts, len(pool.experts[twins.kept].expert.appointments)) == (False, 2)

    await twins.part(merger)
    async with reading(twins.database) as session:
        pool = (await residents.current(session)).pool
    assert len(pool.experts[twins.gone].expert.appointments) == 1
    assert len(pool.experts[twins.kept].expert.appointments) == 1


async def test_either_number_leads_to_the_record_that_stays_and_the_right_one_is_chosen(twins: Twins) -> None:
    async with reading(twins.database) as session:
        people = (twins.library.people["沈嘉禾"], twins.library.people["沈家禾"])
        first, second = [(await session.get_one(PersonRow, id_)).identity_hash or "" for id_ in people]

    await twins.merge(number_of="gone")

    async with reading(twins.database) as session:
        kept = await session.get_one(PersonRow, twins.library.people["沈嘉禾"])
        led = [await expert_with_identity(session, number) for number in (first, second)]
        sought = [Sought(identity_hash=number) for number in (first, second)]
        found = [await list_experts(session, twins.center, one, on=TODAY) for one in sought]
    assert [[line.id for line in one.lines] for one in found] == [[twins.kept], [twins.kept]]
    assert kept.identity_hash == second
    assert led == [(twins.kept, kept.id), (twins.kept, kept.id)]


@pytest.mark.rule("R70b")
async def test_who_was_struck_off_under_one_number_stays_so_under_the_other(twins: Twins) -> None:
    async with twins.acting() as act:
        await put_state(act.session, twins.gone, State.STRUCK_OFF, since_on=TODAY)

    merger = await twins.merge()
    struck = await twins.view(twins.kept)
    await twins.part(merger)

    assert struck.status is Status.STRUCK_OFF
    assert (await twins.view(twins.kept)).state is State.ACTIVE
    assert (await twins.view(twins.gone)).state is State.STRUCK_OFF


async def test_a_term_that_shares_a_day_stays_where_it_is(twins: Twins) -> None:
    async with unit_of_work(twins.database, at=MONDAY) as session:
        row = await session.scalar(select(AppointmentRow).where(AppointmentRow.expert_id == twins.kept))
        assert row is not None
        row.starts_on, row.ends_on = date(2029, 2, 28), date(2034, 2, 27)

    await twins.merge()

    assert len((await twins.view(twins.kept)).terms) == 1
    assert len((await twins.view(twins.gone)).terms) == 1


async def test_nobody_merges_a_record_that_sits_on_an_open_panel_or_their_own(
    signed_in: SignedIn, database: Database, settings: Settings
) -> None:
    unit_id = await a_unit(database)
    library = await a_library(database, HYDRAULIC[:6], units={"县水利局": unit_id})
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open(seats=())
    await county.act(county.unit, "propose")
    async with reading(database) as session:
        ids = list(await session.scalars(select(ExpertRow.id).order_by(ExpertRow.number)))
        views = [await load_expert(session, center.viewer, id_, on=TODAY) for id_ in ids]  # type: ignore[attr-defined]
    serving = next(view for view in views if view.panels)
    other = next(view for view in views if view.id != serving.id)
    clerk = await an_account(database, "center", person_id=other.person_id)

    async with acting(database, settings, clerk) as act:
        with pytest.raises(Refused) as refused:
            await merge_records(act, other.id, Merging(serving.id, serving.version, reason=WHY), seen=other.version)
    assert [one.code for one in refused.value.refusals] == ["OWN_RECORD", "MERGE_WHILE_SERVING"]


async def test_nobody_takes_back_a_merger_of_a_record_of_their_own(twins: Twins) -> None:
    merger = await twins.merge()
    kept = await twins.view(twins.kept)

    for name in ("沈嘉禾", "沈家禾"):
        clerk = await an_account(twins.database, "center", person_id=twins.library.people[name])
        async with twins.acting(clerk) as act:
            with pytest.raises(Refused) as refused:
                await take_merger_back(act, merger, reason="两人生日相同，确是两个人", seen=kept.version)
        assert [one.code for one in refused.value.refusals] == ["OWN_RECORD"]
        assert (await twins.view(twins.gone)).merged_into == twins.kept
    await twins.part(merger)

    assert (await twins.view(twins.gone)).merged_into is None


async def test_a_merger_needs_a_reason_two_records_and_what_was_seen(twins: Twins) -> None:
    async with twins.acting() as act:
        with pytest.raises(Invalid) as same:
            await merge_records(act, twins.kept, Merging(twins.kept, 1, reason=WHY), seen=1)
        with pytest.raises(Invalid) as unsaid:
            await merge_records(act, twins.kept, Merging(twins.gone, 1, "neither"), seen=1)
        with pytest.raises(Stale):
            await merge_records(act, twins.kept, Merging(twins.gone, 7, reason=WHY), seen=1)
    async with twins.acting(await an_account(twins.database, "audit")) as act:
        with pytest.raises(Forbidden):
            await merge_records(act, twins.kept, Merging(twins.gone, 1, reason=WHY), seen=1)
    assert [fault.code for fault in same.value.faults] == ["SAME_RECORD"]
    assert [fault.code for fault in unsaid.value.faults] == ["FIELD_REQUIRED", "FIELD_NOT_A_CHOICE"]


async def test_the_same_through_pages_and_the_api(signed_in: SignedIn, twins: Twins) -> None:
    center = await signed_in("center")
    home, api = f"/experts/{twins.kept}", f"/api/experts/{twins.kept}"

    def headers(version: int, key: str) -> dict[str, str]:
        return {"If-Match": f'"{version}"', "Idempotency-Key": key}

    compared = await center.get(f"{home}/merge", params={"other": "E0001"})
    unknown = await center.get(f"{home}/merge", params={"other": "E9999"})
    body = {"other_id": str(twins.gone), "other_version": 1, "reason": WHY}
    merged = await center.post(f"{api}/merge", json=body, headers=headers(1, "key-00000001"))
    gone = await center.get(f"/experts/{twins.gone}")
    shown = await center.get(home)
    (held,) = merged.json()
    version = (await twins.view(twins.kept)).version
    undo = {"version": str(version), "idempotency_key": "key-00000002", "parting_reason": "短"}
    short = await center.post(f"{home}/mergers/{held['id']}/undo", data=undo)
    undone = await center.post(
        f"{api}/mergers/{held['id']}/undo",
        json={"reason": "两人生日相同，确是两个人"},
        headers=headers(version, "key-00000003"),
    )

    assert (compared.status_code, unknown.status_code) == (200, 400)
    assert "沈家禾" in compared.text
    assert held["gone_number"] == "E0001"
    assert "这份记录已并入另一份" in gone.text
    assert "撤销合并" in shown.text
    assert (short.status_code, undone.status_code) == (400, 200), undone.text
    assert undone.json()[0]["undone_at"] is not None


async def test_a_party_to_a_matter_under_the_old_record_is_the_one_that_stays(twins: Twins) -> None:

    unit, matter_id = await a_unit(twins.database, "县城管局"), new_id()
    async with unit_of_work(twins.database, at=MONDAY) as session:
        session.add(
            MatterRow(
                id=matter_id, number="2026-001", title="甲", unit_id=unit, state="opened", step="case_opened",
                flags_proposed=[], need={}, opened_at=MONDAY, opened_on=TODAY, edition="", version=1,
            )
        )  # fmt: skip
        await session.flush()
        gone = twins.library.people["沈家禾"]
        session.add(MatterPartyRow(id=new_id(), matter_id=matter_id, person_id=gone, role="party"))

    await twins.merge()

    async with reading(twins.database) as session:
        matter = await matter_of(session, matter_id)
        ties = await facts_of(session, twins.library.people["沈家禾"])
    assert {party.id for party in matter.parties} == {str(unit), str(twins.library.people["沈嘉禾"])}
    assert ties == ()


def test_whatever_names_a_person_or_an_expert_either_moves_or_stays_on_purpose() -> None:
    """A new table must say what becomes of its rows when two records are merged."""
    moved = {f"{row.__tablename__}.{column.key}" for row, column in MOVED}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name in ("person", "expert")
    }

    assert named - moved - STAYS == set()
    assert STAYS - named == set()
