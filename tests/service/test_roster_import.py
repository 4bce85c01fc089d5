"""Importing a roster: dry run, decisions, confirmation, on a real database."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from service import ledger
from service.actions.import_runs import Upload
from service.actions.roster import answer_questions, confirm_import, decide_hints, discard_import, start_import
from service.jobs.tables import JobRow
from service.problems import Forbidden, Invalid, Refused, Stale
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.roster import RosterFileRow, RosterLineRow
from service.storage.session import reading, unit_of_work
from tests.service.conftest import MONDAY, a_unit, acting, an_account
from tests.service.exchange.builders import HEADINGS, a_row, credit_code, id_number, xlsx
from tests.service.roster_house import House


@pytest.fixture
async def house(database, settings) -> House:
    return House(database, settings, await an_account(database, "center"))


async def count(house: House, table: type) -> int:
    async with reading(house.database) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def one(house: House, statement):
    async with reading(house.database) as session:
        return (await session.execute(statement)).one()


TWO = xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号=id_number(2), 专业领域="法律、57025", 职称="教授")])


async def test_dry_run_writes_nothing_and_confirming_writes_everything(house: House) -> None:
    await a_unit(house.database, "示范县水利局")
    run_id = await house.upload(TWO)

    run = await house.run(run_id)
    assert run.state == "checked"
    assert {name: run.counts[name] for name in ("new", "changed", "identical", "hint", "error")} == {
        "new": 2,
        "changed": 0,
        "identical": 0,
        "hint": 0,
        "error": 0,
    }
    assert await count(house, ExpertRow) == 0

    confirmed = await house.confirm(run_id)

    assert confirmed.state == "confirmed"
    assert await count(house, ExpertRow) == 2
    person, expert = await one(
        house,
        select(PersonRow, ExpertRow)
        .join(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(PersonRow.name == "李四"),
    )
    assert (person.sex, person.born_on, person.pinyin) == ("2", date(1975, 3, 1), "lisi ls")
    assert house.keys.decrypt(person.identity_sealed, about=f"person:{person.id}:identity") == id_number(2)
    assert (expert.number, expert.title, expert.title_level) == ("ZJ0002", "教授", "senior")
    term = await one(
        house, select(AppointmentRow.starts_on, AppointmentRow.ends_on).where(AppointmentRow.expert_id == expert.id)
    )
    assert tuple(term) == (date(2022, 3, 1), date(2027, 2, 28))
    assert await count(house, OrganisationRow) == 1
    assert await count(house, EmploymentRow) == 2


async def test_confirming_twice_changes_nothing(house: House) -> None:
    run_id = await house.upload(TWO)
    first = await house.confirm(run_id)

    async with acting(house.database, house.settings, house.viewer) as act:
        await confirm_import(act, run_id, seen=1)

    assert await house.work() == 0
    assert await house.run(run_id) == first
    assert await count(house, ExpertRow) == 2


async def test_same_file_again_is_identical(house: House) -> None:
    await house.confirm(await house.upload(TWO))

    run = await house.run(await house.upload(TWO))

    assert (run.counts["identical"], run.counts["new"], run.counts["changed"]) == (2, 0, 0)
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Refused) as refused:
            await confirm_import(act, run.id, seen=run.version)
    assert refused.value.refusals[0].code == "ROSTER_NOTHING_TO_DO"


async def test_changes_are_shown_field_by_field_and_written(house: House) -> None:
    await house.confirm(await house.upload(xlsx([HEADINGS, a_row()])))
    later = xlsx(
        [
            HEADINGS,
            a_row(
                职称="正高级工程师",
                工作单位="示范县农业农村局",
                专业领域="农业",
                手机="13900139000",
                聘任日期="2027-03-01",
            ),
        ]
    )
    run_id = await house.upload(later)

    line = (await house.lines(run_id, "changed"))[0]
    assert [(change["column"], change["before"], change["after"]) for change in line.body["changes"]] == [
        ("unit", "示范县水利局", "示范县农业农村局"),
        ("title", "高级工程师", "正高级工程师"),
        ("phone", "13800138000", "13900139000"),
        ("fields", "570", "210"),
        ("term", "2022-03-01/2027-02-28", "2027-03-01/2032-02-29"),
    ]

    await house.confirm(run_id)

    person, expert = await one(
        house,
        select(PersonRow, ExpertRow)
        .join(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(ExpertRow.number == "ZJ0001"),
    )
    assert (expert.title_level, expert.version, person.version, person.phone_masked) == ("senior", 2, 2, "139****9000")
    assert await count(house, AppointmentRow) == 2
    async with reading(house.database) as session:
        jobs = (
            await session.execute(
                select(EmploymentRow.from_on, EmploymentRow.to_on).order_by(EmploymentRow.from_on.nulls_first())
            )
        ).all()
        fields = (await session.scalars(select(ExpertFieldRow.code))).all()
    assert [tuple(job) for job in jobs] == [(None, date(2026, 9, 13)), (date(2026, 9, 14), None)]
    assert fields == ["210"]


async def test_library_that_moved_refuses_and_shows_the_new_dry_run(house: House) -> None:
    await house.confirm(await house.upload(xlsx([HEADINGS, a_row()])))
    run_id = await house.upload(xlsx([HEADINGS, a_row(职称="教授")]))
    async with unit_of_work(house.database, at=MONDAY) as session:
        await session.execute(update(ExpertRow).values(title="副教授", version=ExpertRow.version + 1))

    run = await house.confirm(run_id)

    assert (run.state, run.code) == ("checked", "ROSTER_LIBRARY_MOVED")
    line = (await house.lines(run_id, "changed"))[0]
    assert line.body["changes"] == [{"column": "title", "before": "副教授", "after": "教授"}]
    assert (await house.confirm(run_id)).state == "confirmed"


async def test_file_and_dry_run_are_gone_once_the_run_is_closed(house: House) -> None:
    confirmed = await house.upload(TWO)
    assert await count(house, RosterFileRow) == 1
    await house.confirm(confirmed)
    assert (await count(house, RosterFileRow), await count(house, RosterLineRow)) == (0, 0)

    discarded = await house.upload(TWO)
    run = await house.run(discarded)
    async with acting(house.database, house.settings, house.viewer) as act:
        await discard_import(act, discarded, seen=run.version)
    assert (await count(house, RosterFileRow), await count(house, RosterLineRow)) == (0, 0)
    assert (await house.run(discarded)).state == "discarded"


async def test_forgotten_runs_are_discarded_after_two_weeks(house: House) -> None:
    old = await house.upload(TWO)
    fortnight = datetime(2026, 9, 29, tzinfo=UTC)
    async with acting(house.database, house.settings, house.viewer, at=fortnight) as act:
        await start_import(act, Upload("b.xlsx", TWO, "consent"))

    assert (await house.run(old)).state == "discarded"
    assert await count(house, RosterFileRow) == 1


async def test_nothing_personal_lies_open_in_the_database(house: House) -> None:
    await house.upload(TWO)

    raw = b"".join(path.read_bytes() for path in house.settings.var.glob("expertpool.sqlite3*"))

    assert "张三".encode() not in raw
    assert id_number().encode() not in raw
    assert b"13800138000" not in raw


async def test_questions_about_columns_and_words_come_first(house: House) -> None:
    content = xlsx([(*HEADINGS, "归口"), [*a_row(专业领域="水利水电规划设计"), "农办"]])
    run_id = await house.upload(content)
    run = await house.run(run_id)
    assert run.state == "asking"

    async with acting(house.database, house.settings, house.viewer) as act:
        await answer_questions(act, run_id, columns={"归口": ""}, words={"水利水电规划设计": "570"}, seen=run.version)
    await house.work()

    line = (await house.lines(run_id, "new"))[0]
    assert line.body["fields"] == ["570"]
    assert line.body["findings"][0]["code"] == "UNIT_NEW" or line.body["findings"]


@pytest.mark.parametrize(
    ("columns", "words", "at"),
    [
        ({"归口": "nonsense"}, {}, "column:归口"),
        ({"别的": "email"}, {}, "column:别的"),
        ({}, {"钓鱼": "999"}, "word:钓鱼"),
        ({}, {"\x00": "570"}, "word:\x00"),
        ({"归口": "email", "e": "email"}, {}, "column:归口"),
    ],
)
async def test_answers_that_cannot_be_are_refused(house: House, columns, words, at: str) -> None:
    run_id = await house.upload(xlsx([(*HEADINGS, "归口", "E"), [*a_row(专业领域="钓鱼"), "农办", "x"]]))
    run = await house.run(run_id)

    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Invalid) as invalid:
            await answer_questions(act, run_id, columns=columns, words=words, seen=run.version)
    assert invalid.value.faults[0].at == at


@pytest.mark.parametrize(("said", "experts"), [("skip", 1), ("new", 2), ("same", 1)])
async def test_hint_does_what_a_person_says(house: House, said: str, experts: int) -> None:
    await house.confirm(await house.upload(xlsx([HEADINGS, a_row(身份证号=None)])))
    run_id = await house.upload(xlsx([HEADINGS, a_row()]))
    run = await house.run(run_id)
    assert (run.counts["hint"], run.counts["new"]) == (1, 0)

    async with acting(house.database, house.settings, house.viewer) as act:
        await decide_hints(act, run_id, {"名单!2": said}, seen=run.version)
    await house.work()
    run = await house.run(run_id)
    if said != "skip":
        assert (await house.confirm(run_id)).state == "confirmed"

    assert await count(house, ExpertRow) == experts
    identified = (await one(house, select(func.count(PersonRow.identity_hash))))[0]
    assert identified == (0 if said == "skip" else 1)


async def test_person_who_is_no_expert_yet_becomes_one(house: House) -> None:
    digest = house.keys.identity_hash("resident", id_number())
    async with unit_of_work(house.database, at=MONDAY) as session:
        await session.execute(
            update(PersonRow).where(PersonRow.id == house.viewer.person_id).values(identity_hash=digest)
        )

    await house.confirm(await house.upload(xlsx([HEADINGS, a_row()])))

    row = await one(house, select(ExpertRow.person_id))
    assert row[0] == house.viewer.person_id


async def test_refused_file_leaves_its_reason_and_nothing_else(house: House) -> None:
    run_id = await house.upload(b"%PDF-1.7")

    run = await house.run(run_id)
    assert (run.state, run.code) == ("refused", "FILE_IS_PDF")
    assert await count(house, RosterFileRow) == 0


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"content": b""}, "file"),
        ({"basis": ""}, "basis"),
        ({"basis": "other"}, "basis_text"),
        ({"basis": "why not"}, "basis"),
    ],
)
async def test_upload_needs_a_file_and_a_basis(house: House, changes: dict[str, object], at: str) -> None:
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Invalid) as invalid:
            await start_import(act, replace(Upload("a.xlsx", TWO, "consent"), **changes))
    assert [fault.at for fault in invalid.value.faults] == [at]


async def test_only_the_center_imports(house: House) -> None:
    unit = await an_account(house.database, "unit")
    async with acting(house.database, house.settings, unit) as act:
        with pytest.raises(Forbidden):
            await start_import(act, Upload("a.xlsx", TWO, "consent"))


async def test_stale_page_is_told_so(house: House) -> None:
    run_id = await house.upload(TWO)
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Stale):
            await confirm_import(act, run_id, seen=1)


async def test_closed_run_refuses_further_acts(house: House) -> None:
    run_id = await house.upload(TWO)
    run = await house.confirm(run_id)
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Refused) as refused:
            await discard_import(act, run_id, seen=run.version)
    assert refused.value.refusals[0].code == "ROSTER_NOT_OPEN"


async def test_ledger_names_the_import_without_a_name(house: House) -> None:
    run_id = await house.upload(TWO)
    await house.confirm(run_id)

    async with reading(house.database) as session:
        entries = await ledger.stream(session, f"roster:{run_id}")
    assert [entry.type for entry in entries] == ["roster.uploaded", "roster.confirmed"]
    assert entries[1].body["added"] == 2


async def test_row_with_a_fault_is_left_out_and_the_others_taken(house: House) -> None:
    content = xlsx([HEADINGS, a_row(), a_row(姓名="李四", 身份证号="1.39900E+17")])
    run_id = await house.upload(content)

    run = await house.confirm(run_id)

    assert (run.state, run.counts["error"], await count(house, ExpertRow)) == ("confirmed", 1, 1)


async def test_failed_writing_can_be_discarded_and_a_running_one_cannot(house: House) -> None:
    run_id = await house.upload(TWO)
    run = await house.run(run_id)
    async with acting(house.database, house.settings, house.viewer) as act:
        await confirm_import(act, run_id, seen=run.version)
    run = await house.run(run_id)
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Refused):
            await discard_import(act, run_id, seen=run.version)

    async with unit_of_work(house.database, at=MONDAY) as session:
        await session.execute(update(JobRow).values(state="failed", code="JOB_FAILED"))
    async with acting(house.database, house.settings, house.viewer) as act:
        await discard_import(act, run_id, seen=run.version)
    assert (await house.run(run_id)).state == "discarded"


@pytest.mark.parametrize("decisions", [{"名单!2": "perhaps"}, {"名单": "new"}, {"\x00!2": "new"}])
async def test_decision_that_cannot_be_is_refused(house: House, decisions: dict[str, str]) -> None:
    run_id = await house.upload(TWO)
    run = await house.run(run_id)
    async with acting(house.database, house.settings, house.viewer) as act:
        with pytest.raises(Invalid):
            await decide_hints(act, run_id, decisions, seen=run.version)


async def test_new_unit_is_added_once_with_its_credit_code(house: House) -> None:
    headings = ("姓名", "身份证号", "单位", "信用代码")
    rows = [
        ("张三", id_number(1), "示范县水利局", None),
        ("李四", id_number(2), "示范县 水利局", credit_code(1)),
        ("王五", id_number(3), "别的单位", credit_code(1)),
    ]
    run_id = await house.upload(xlsx([headings, *rows]))
    assert (await house.lines(run_id, "error"))[0].body["findings"][-1]["code"] == "CREDIT_CODE_OF_ANOTHER_UNIT"

    await house.confirm(run_id)

    unit = await one(house, select(OrganisationRow.name, OrganisationRow.credit_code))
    assert tuple(unit) == ("示范县水利局", credit_code(1))
    assert await count(house, EmploymentRow) == 2


async def test_unit_that_somebody_added_in_between_moves_the_library(house: House) -> None:
    run_id = await house.upload(TWO)
    await a_unit(house.database, "示范县水利局")

    run = await house.confirm(run_id)

    assert (run.state, run.code, await count(house, ExpertRow)) == ("checked", "ROSTER_LIBRARY_MOVED", 0)
