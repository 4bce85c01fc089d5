"""Importing ties: dry run, names to settle, confirmation, taking back, on a real database."""

import asyncio
import json
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from conflicts import Kind, NodeType, Origin, Relation
from service.access import Viewer
from service.actions.fact_import import settle_names, start_fact_import, take_back_import
from service.actions.facts import FactEntry, state_fact, withdraw_fact
from service.actions.import_runs import Upload
from service.actions.matters import Opening, PartyEntry, open_matter
from service.ledger.tables import EventRow
from service.problems import Forbidden, Invalid, Refused, Stale
from service.regulation import load_policy
from service.settings import Settings
from service.storage.facts import facts_of, matter_of
from service.storage.residents import Residents
from service.storage.rows.facts import FactRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.rows.roster import RosterFileRow, RosterLineRow
from service.storage.session import Database, reading
from service.storage.staff_found import with_found
from service.storage.ties import ResidentTies
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.exchange.builders import credit_code, id_number, xlsx
from tests.service.fact_house import HEADINGS, FactHouse, a_row, a_table, counted
from tests.service.library import Entry, Inserted, a_library

FIRM, BUREAU = "清源水务有限公司", "县水务局"
TODAY = date(2026, 9, 14)
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
async def house(database: Database, settings: Settings) -> FactHouse:
    return FactHouse(database, settings, await an_account(database, "center"))


@pytest.fixture
async def library(database: Database, house: FactHouse) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM), BUREAU: await a_unit(database, BUREAU)}
    inserted = await a_library(database, [Entry("赵明"), Entry("钱芳")], units=units)
    await house.known(inserted, {"赵明": id_number(1), "钱芳": id_number(2)}, {FIRM: credit_code(1)})
    return inserted


async def count(house: FactHouse, table: type) -> int:
    async with reading(house.database) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def standing(house: FactHouse, node: UUID) -> list[tuple[Kind, date | None, date | None, str]]:
    async with reading(house.database) as session:
        return [(f.fact.kind, f.fact.from_on, f.fact.to_on, f.fact.source) for f in await facts_of(session, node)]


async def bodies(house: FactHouse, type_: str) -> list[dict[str, object]]:
    async with reading(house.database) as session:
        found = await session.scalars(select(EventRow.data).where(EventRow.type == type_).order_by(EventRow.seq))
        return [json.loads(data)["body"] for data in found]


@pytest.mark.rule("R28d")
async def test_dry_run_writes_nothing_and_confirming_states_ties_with_source_and_evidence(
    house: FactHouse, library: Inserted, engine: str
) -> None:
    run_id = await house.upload(a_table(a_row(依据="公示〔2026〕3号"), a_row(关系类型="合同", 来源="审计局")))
    assert (counted(await house.run(run_id)), await count(house, FactRow)) == ({"new": 2}, 0)

    run = await house.confirm(run_id)

    assert run.state == "confirmed"
    assert await standing(house, library.people["赵明"]) == [
        (Kind.CONTRACT, date(2020, 1, 1), None, "审计局"),
        (Kind.DIRECTORSHIP, date(2020, 1, 1), None, "企业公示"),
    ]
    async with reading(house.database) as session:
        row = await session.scalar(select(FactRow).where(FactRow.kind == "directorship"))
    assert (row.origin, row.confidence, row.evidence, row.import_id) == ("imported", "sure", "公示〔2026〕3号", run_id)
    assert (await count(house, RosterFileRow), await count(house, RosterLineRow)) == (0, 0)
    (body,) = await bodies(house, "facts.imported")
    assert (body["added"], body["changed"], body["people"]) == (2, 0, 0)


async def test_same_file_a_second_time_adds_nothing_and_says_so(house: FactHouse, library: Inserted) -> None:
    file = a_table(a_row(), a_row(姓名="钱芳", 身份证号="E0001"))
    await house.take(file)

    run_id = await house.upload(file, at=LATER)

    run = await house.run(run_id)
    assert (run.state, counted(run)) == ("checked", {"identical": 2})
    with pytest.raises(Refused) as refused:
        await house.confirm(run_id, LATER)
    assert [one.code for one in refused.value.refusals] == ["ROSTER_NOTHING_TO_DO"]
    assert await count(house, FactRow) == 2


async def test_other_days_by_the_same_source_are_a_change_that_keeps_the_version_before(
    house: FactHouse, library: Inserted
) -> None:
    await house.take(a_table(a_row()))
    run_id = await house.upload(a_table(a_row(结束日期="2026-08-31")), at=LATER)

    (line,) = await house.lines(run_id, "changed")
    assert line.body["changes"] == [{"column": "to_on", "before": "", "after": "2026-08-31"}]
    await house.confirm(run_id, LATER)

    assert await standing(house, library.people["赵明"]) == [
        (Kind.DIRECTORSHIP, date(2020, 1, 1), date(2026, 8, 31), "企业公示")
    ]
    async with reading(house.database) as session:
        rows = await session.execute(select(FactRow.to_on, FactRow.retired_why).order_by(FactRow.known_at))
    assert list(map(tuple, rows)) == [(None, "replaced"), (date(2026, 8, 31), "")]


async def test_sources_that_contradict_each_other_are_kept_side_by_side(
    house: FactHouse, settings: Settings, library: Inserted
) -> None:
    async with acting(house.database, settings, house.viewer) as act:
        firm = library.organisations[FIRM]
        entry = FactEntry(library.people["赵明"], Kind.DIRECTORSHIP, firm, to_on=date(2025, 1, 1), source="本人声明")
        await state_fact(act, entry)

    run_id = await house.upload(a_table(a_row()), at=LATER)
    (line,) = await house.lines(run_id, "new")
    assert [(f["code"], f["facts"]["source"]) for f in line.body["findings"]] == [("SOURCES_DIFFER", "本人声明")]
    await house.confirm(run_id, LATER)

    assert [source for *_, source in await standing(house, library.people["赵明"])] == ["本人声明", "企业公示"]


async def test_homonyms_are_told_apart_by_number_and_a_bare_name_waits_for_a_person(
    database: Database, house: FactHouse, library: Inserted
) -> None:
    bare = a_row(身份证号=None)
    run_id = await house.upload(a_table(a_row(身份证号=id_number(7)), bare))
    assert counted(await house.run(run_id)) == {"new": 1, "hint": 1}
    (question,) = await house.lines(run_id, "question")
    assert [one["id"] for one in question.body["meant"]] == [str(library.people["赵明"])]

    await house.settle(run_id, {question.body["key"]: str(library.people["赵明"])})
    assert counted(await house.run(run_id)) == {"new": 2}
    await house.confirm(run_id)

    async with reading(database) as session:
        people = list(
            await session.execute(select(PersonRow.id, PersonRow.identity_masked).where(PersonRow.name == "赵明"))
        )
    assert {masked for _, masked in people} == {"", "139*************" + id_number(7)[-2:]}
    assert len(await standing(house, library.people["赵明"])) == 1


async def test_former_name_of_a_renamed_bureau_leads_to_it_only_by_code(house: FactHouse, library: Inserted) -> None:
    (found,) = await house.lines(await house.upload(a_table(a_row(对方名称="清源自来水公司"))), "new")

    assert [f["code"] for f in found.body["findings"]] == ["TIE_NAME_DIFFERS"]
    assert found.body["object"] == FIRM


async def test_strangers_come_as_people_outside_the_library_and_units_by_their_code(
    house: FactHouse, library: Inserted
) -> None:
    kin = a_row(关系类型="配偶", 对方名称="孙立", 统一社会信用代码=id_number(8))
    run = await house.take(a_table(kin, a_row(对方名称="新水公司", 统一社会信用代码=credit_code(5))))

    assert counted(run) == {"new": 2}
    async with reading(house.database) as session:
        person = await session.scalar(select(PersonRow).where(PersonRow.name == "孙立"))
        unit = await session.scalar(select(OrganisationRow).where(OrganisationRow.name == "新水公司"))
    assert person.identity_hash == house.keys.identity_hash("resident", id_number(8))
    assert house.keys.decrypt(person.identity_sealed, about=f"person:{person.id}:identity") == id_number(8)
    assert unit.credit_code == credit_code(5)


@pytest.mark.rule("R28d")
async def test_resident_graph_follows_an_import_by_what_it_touches(
    database: Database, settings: Settings, house: FactHouse, library: Inserted
) -> None:
    ties = ResidentTies()
    async with acting(database, settings, house.viewer) as act:
        parties = (PartyEntry(organisation_id=library.organisations[FIRM]),)
        matter_id = await open_matter(
            act, Opening("饮马河综合治理工程", library.organisations[BUREAU], "A3.4", parties=parties)
        )

    async def found() -> list[str]:
        async with reading(database) as session:
            await ties.catch_up(session)
            checked = ties.graph.check(
                await matter_of(session, matter_id), policy=load_policy("changli-local-1").table, as_of=TODAY
            )
        return [finding.code for finding in checked if finding.person == str(library.people["赵明"])]

    assert await found() == []
    graph = ties.graph
    run = await house.take(a_table(a_row(), a_row(关系类型="配偶", 对方名称="孙立", 统一社会信用代码=id_number(8))))
    assert await found() == ["DIRECT_INTEREST"]
    assert ties.graph is graph

    async with acting(database, settings, house.viewer, LATER) as act:
        await take_back_import(act, run.id, reason="导错了文件", seen=run.version)
    assert await found() == []
    assert ties.graph is graph


async def test_import_is_taken_back_as_a_whole_and_the_record_keeps_everything(
    database: Database, settings: Settings, house: FactHouse, library: Inserted, engine: str
) -> None:
    await house.take(a_table(a_row()))
    file = a_table(
        a_row(结束日期="2026-08-31"),
        a_row(姓名="钱芳", 身份证号=id_number(2)),
        a_row(姓名="钱芳", 身份证号=id_number(2), 关系类型="合同"),
    )
    run = await house.take(file, at=LATER)
    async with reading(database) as session:
        contract = await session.scalar(select(FactRow.fact_id).where(FactRow.kind == "contract"))
    async with acting(database, settings, house.viewer, LATER + timedelta(minutes=1)) as act:
        await withdraw_fact(act, contract, reason="已核实不实", seen=1)

    async with acting(database, settings, house.viewer, LATER + timedelta(minutes=2)) as act:
        assert await take_back_import(act, run.id, reason="文件作废", seen=run.version) == (2, 1)

    assert await standing(house, library.people["赵明"]) == [(Kind.DIRECTORSHIP, date(2020, 1, 1), None, "企业公示")]
    assert await standing(house, library.people["钱芳"]) == []
    assert await count(house, FactRow) == 5
    closed = await house.run(run.id)
    assert (closed.state, closed.counts["withdrawn"], closed.counts["restored"], closed.counts["kept"]) == (
        "withdrawn",
        1,
        1,
        1,
    )
    (body,) = await bodies(house, "facts.withdrawn")
    assert (body["withdrawn"], body["restored"], body["kept"]) == (1, 1, 1)
    ties = ResidentTies()
    async with reading(database) as session:
        await ties.catch_up(session)
    then = ties.graph.ties_of(str(library.people["钱芳"]), known_at=LATER + timedelta(seconds=1))
    assert sorted(fact.kind for fact in then if fact.origin is Origin.IMPORTED) == ["contract", "directorship"]


async def test_withdrawn_import_is_not_withdrawn_again(
    database: Database, settings: Settings, house: FactHouse, library: Inserted
) -> None:
    run = await house.take(a_table(a_row()))
    async with acting(database, settings, house.viewer, LATER) as act:
        with pytest.raises(Invalid):
            await take_back_import(act, run.id, reason="错", seen=run.version)
        await take_back_import(act, run.id, reason="文件作废", seen=run.version)

    async with acting(database, settings, house.viewer, LATER) as act:
        with pytest.raises(Stale):
            await take_back_import(act, run.id, reason="文件作废", seen=run.version)
        with pytest.raises(Refused):
            await take_back_import(act, run.id, reason="文件作废", seen=run.version + 1)


async def test_import_is_withdrawn_once_even_by_two_at_the_same_time(
    engine: str, database: Database, settings: Settings, house: FactHouse, library: Inserted
) -> None:
    await house.take(a_table(a_row()))
    run = await house.take(a_table(a_row(结束日期="2026-08-31")), at=LATER)
    viewers = (house.viewer, await an_account(database, "center"))

    async def withdrawn(viewer: Viewer) -> tuple[int, int]:
        async with acting(database, settings, viewer, LATER + timedelta(minutes=1)) as act:
            return await take_back_import(act, run.id, reason="文件作废", seen=run.version)

    done = await asyncio.gather(*map(withdrawn, viewers), return_exceptions=True)

    assert done.count((1, 0)) == 1
    assert [type(one) for one in done if one != (1, 0)] == [Stale]
    assert await standing(house, library.people["赵明"]) == [(Kind.DIRECTORSHIP, date(2020, 1, 1), None, "企业公示")]
    assert len(await bodies(house, "facts.withdrawn")) == 1


async def test_ties_of_oneself_are_changed_and_taken_back_by_another(
    database: Database, settings: Settings, library: Inserted
) -> None:
    clerk = await an_account(database, "center", person_id=library.people["赵明"])
    own, other = (
        FactHouse(database, settings, clerk),
        FactHouse(database, settings, await an_account(database, "center")),
    )
    run = await other.take(a_table(a_row()))

    run_id = await own.upload(a_table(a_row(结束日期="2026-08-31")), at=LATER)
    (line,) = await own.lines(run_id, "error")
    assert [f["code"] for f in line.body["findings"]] == ["TIE_OF_ONESELF"]
    async with acting(database, settings, clerk, LATER) as act:
        with pytest.raises(Refused) as refused:
            await take_back_import(act, run.id, reason="文件作废", seen=run.version)
    assert [one.code for one in refused.value.refusals] == ["OWN_RECUSAL"]


@pytest.mark.rule("R28d")
async def test_ties_of_others_by_which_one_keeps_out_are_changed_and_taken_back_by_another(
    database: Database, settings: Settings, library: Inserted
) -> None:
    clerk, other = await an_account(database, "center"), await an_account(database, "center")
    colleague = FactHouse(database, settings, other)
    run = await colleague.take(a_table(a_row()))
    async with acting(database, settings, other) as act:
        relative = library.people["赵明"]
        await state_fact(act, FactEntry(clerk.person_id, Kind.KINSHIP, relative, relation=Relation.SPOUSE))
        parties = (PartyEntry(organisation_id=library.organisations[FIRM]),)
        await open_matter(act, Opening("饮马河综合治理工程", library.organisations[BUREAU], "A3.4", parties=parties))
    async with reading(database) as session:
        barred = await with_found(session, Residents(), clerk, policy_id="changli-local-1", at=LATER)

    run_id = await FactHouse(database, settings, clerk).upload(a_table(a_row(结束日期="2020-08-31")), at=LATER)
    (line,) = await colleague.lines(run_id, "error")
    assert [f["code"] for f in line.body["findings"]] == ["TIE_OF_ONESELF"]
    with pytest.raises(Refused) as refused:
        async with acting(database, settings, barred, LATER) as act:
            await take_back_import(act, run.id, reason="文件作废", seen=run.version)
    assert [one.code for one in refused.value.refusals] == ["OWN_RECUSAL"]

    async with acting(database, settings, other, LATER) as act:
        assert await take_back_import(act, run.id, reason="文件作废", seen=run.version) == (1, 0)


async def test_tie_stated_between_dry_run_and_confirmation_sends_the_person_back_to_look(
    database: Database, settings: Settings, house: FactHouse, library: Inserted
) -> None:
    run_id = await house.upload(a_table(a_row()))
    async with acting(database, settings, house.viewer) as act:
        entry = FactEntry(library.people["赵明"], Kind.DIRECTORSHIP, library.organisations[FIRM], date(2020, 1, 1))
        await state_fact(act, entry)

    run = await house.confirm(run_id)

    assert (run.state, run.code, counted(run)) == ("checked", "ROSTER_LIBRARY_MOVED", {"identical": 1})
    assert await count(house, FactRow) == 1


async def test_wrong_files_are_refused_and_forgotten(house: FactHouse, library: Inserted) -> None:
    for content, code in (
        (b"%PDF-1.7", "FILE_IS_PDF"),
        (xlsx([("a", "b"), (1, 2)]), "FILE_HAS_NO_TIES"),
        (b'{"format": "x"}', "FILE_NOT_CONFLICT_FACTS"),
    ):
        run = await house.run(await house.upload(content))
        assert (run.state, run.code) == ("refused", code)
    assert await count(house, RosterFileRow) == 0


async def test_only_the_center_imports(database: Database, settings: Settings, house: FactHouse) -> None:
    auditor = await an_account(database, "audit")

    async with acting(database, settings, auditor) as act:
        with pytest.raises(Forbidden):
            await start_fact_import(act, Upload("a.csv", b"x", "statutory-duty"), source="公示")
    async with acting(database, settings, house.viewer) as act:
        with pytest.raises(Invalid) as refused:
            await start_fact_import(act, Upload("a.csv", b"x", "statutory-duty"), source=" ", confidence="maybe")
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("source", "FIELD_REQUIRED"),
        ("confidence", "FIELD_NOT_A_CHOICE"),
    ]


async def test_answer_about_a_name_must_be_somebody_on_record(
    database: Database, settings: Settings, house: FactHouse, library: Inserted
) -> None:
    run_id = await house.upload(a_table(a_row(身份证号=None)))

    async with acting(database, settings, house.viewer) as act:
        with pytest.raises(Invalid):
            await settle_names(act, run_id, {"关系!2:subject": "nobody"}, seen=(await house.run(run_id)).version)


async def test_ten_thousand_ties_at_once_are_one_entry_of_the_ledger_and_found_again(
    house: FactHouse, library: Inserted
) -> None:
    rows = [
        ",".join(("某人", id_number(n % 999, f"19{60 + n // 999}0301"), "董事", "某公司", credit_code(n % 700 + 10)))
        for n in range(10_000)
    ]
    file = "\n".join((",".join(HEADINGS[:5]), *rows)).encode()

    run = await house.take(file)

    assert (run.state, counted(run)) == ("confirmed", {"new": 10_000})
    (body,) = await bodies(house, "facts.imported")
    assert (body["added"], body["people"]) == (10_000, len({row.split(",")[1] for row in rows}))
    again = await house.run(await house.upload(file, at=LATER))
    assert counted(again) == {"identical": 10_000}
    ties = ResidentTies()
    async with reading(house.database) as session:
        await ties.catch_up(session)
        some = await session.scalar(select(FactRow.subject_id).limit(1))
    assert ties.graph.node_type(str(some)) is NodeType.PERSON
