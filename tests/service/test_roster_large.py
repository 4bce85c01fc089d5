"""A file of 3,000 rows that touches appointed experts: each change is shown, terms stand, wrong rows stay out."""

from datetime import date

from sqlalchemy import func, select, update

from service.settings import Settings
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, an_account
from tests.service.exchange.builders import HEADINGS, a_row, id_number, xlsx
from tests.service.roster_house import House

ROWS = 3_000
APPOINTED = 300


def number(place: int) -> str:
    return id_number(place % 500 + 1, f"197503{place // 500 + 1:02d}")


def name(place: int) -> str:
    return f"欧{chr(0x5000 + place)}"


def rows(count: int, **changes: str) -> list[list[object]]:
    return [
        a_row(
            姓名=name(place),
            身份证号=number(place),
            手机=f"139{place:08d}",
            聘任日期="2022-03-01" if place < APPOINTED else "",
            **changes,
        )
        for place in range(count)
    ]


async def test_three_thousand_rows_change_appointed_experts_and_leave_their_terms(
    database: Database, settings: Settings
) -> None:
    house = House(database, settings, await an_account(database, "center"))
    await house.confirm(await house.upload(xlsx([HEADINGS, *rows(ROWS)])))
    async with unit_of_work(database, at=MONDAY) as session:
        seventh = select(PersonRow.id).where(PersonRow.name == name(7)).scalar_subquery()
        await session.execute(update(ExpertRow).where(ExpertRow.person_id == seventh).values(state="struck-off"))
    again = rows(ROWS, 职称="正高级工程师")
    again[3] = a_row(姓名=name(3), 身份证号=number(3), 手机="13900000003", 聘任日期="2024-03-01")
    again[9] = a_row(姓名=name(9), 身份证号=number(9)[:-1] + "?", 手机="13900000009")

    run_id = await house.upload(xlsx([HEADINGS, *again]))
    dry = await house.run(run_id)
    done = await house.confirm(run_id)

    assert (dry.counts["changed"], dry.counts["error"], dry.counts["new"]) == (ROWS - 3, 3, 0)
    assert done.state == "confirmed"
    async with reading(database) as session:
        terms = await session.scalar(select(func.count()).select_from(AppointmentRow))
        spans = set((await session.execute(select(AppointmentRow.starts_on, AppointmentRow.ends_on))).tuples())
        changed = await session.scalar(select(func.count()).where(ExpertRow.title_level == "senior"))
        struck = await session.scalar(select(ExpertRow.state).where(ExpertRow.person_id == seventh))
        people = await session.scalar(
            select(func.count()).select_from(PersonRow).where(PersonRow.identity_hash.is_not(None))
        )
    assert (terms, spans) == (APPOINTED, {(date(2022, 3, 1), date(2027, 2, 28))})
    assert (changed, struck, people) == (ROWS - 3, "struck-off", ROWS)
