"""A year of the library, past years included: what was decided later does not change what was."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update

from service.access import Viewer
from service.ids import new_id
from service.storage.library_report import YearReport, load_report
from service.storage.rows.admission import BatchRow, CandidateRow, LetterRow
from service.storage.rows.cases import CaseRow
from service.storage.rows.library import AppointmentRow, ExpertRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, an_account
from tests.service.library import Entry, Inserted, a_library

TODAY = date(2026, 9, 14)

# Terms of five years, by whom; what else happened is in `_happened`.
HISTORY = [
    Entry("常任", starts_on=date(2022, 3, 1), ends_on=date(2027, 2, 28)),
    Entry("续任", starts_on=date(2020, 6, 1), ends_on=date(2025, 5, 31)),
    Entry("间任", starts_on=date(2019, 2, 1), ends_on=date(2024, 1, 31)),
    Entry("解聘", starts_on=date(2023, 1, 1), ends_on=date(2027, 12, 31), state="dismissed"),
    Entry("届满", starts_on=date(2020, 9, 1), ends_on=date(2025, 8, 31)),
    Entry("新任", starts_on=date(2026, 1, 1), ends_on=date(2030, 12, 31)),
    Entry("返任", starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31)),
    Entry("受审", starts_on=date(2022, 5, 1), ends_on=date(2027, 4, 30)),
    Entry("年末", starts_on=date(2019, 1, 1), ends_on=date(2023, 12, 31)),
]


@pytest.fixture
async def center(database: Database) -> Viewer:
    viewer = await an_account(database, "center")
    await _happened(database, await a_library(database, HISTORY), by=viewer.person_id)
    return viewer


async def _happened(database: Database, library: Inserted, *, by: UUID) -> None:
    """Enter further terms, cases, and the letter of who came back."""

    def term(name: str, starts_on: date, ends_on: date) -> AppointmentRow:
        return AppointmentRow(id=new_id(), expert_id=library.experts[name], starts_on=starts_on, ends_on=ends_on)

    def case(number: str, name: str, measure: str, opened_on: date, closed_on: date) -> CaseRow:
        return CaseRow(
            id=new_id(),
            number=number,
            expert_id=library.experts[name],
            ground="unfit",
            state="closed",
            opened_on=opened_on,
            opened_by=by,
            state_until_on=opened_on,
            measure=measure,
            decided_on=closed_on,
            closed_on=closed_on,
            created_at=MONDAY,
        )

    back = term("返任", date(2026, 3, 1), date(2031, 2, 28))
    batch = BatchRow(id=new_id(), number="PC1", kind="intake", created_at=MONDAY)
    candidate = CandidateRow(
        id=new_id(),
        number="SB1",
        person_id=library.people["返任"],
        fields=[],
        source="self",
        stage="appointed",
        received_on=date(2026, 1, 5),
        created_at=MONDAY,
    )
    async with unit_of_work(database, at=MONDAY) as session:
        session.add_all(
            [
                term("续任", date(2025, 6, 1), date(2030, 5, 31)),
                term("间任", date(2026, 2, 1), date(2031, 1, 31)),
                term("年末", date(2024, 1, 1), date(2028, 12, 31)),
                back,
                case("AJ1", "解聘", "dismiss", date(2025, 4, 20), date(2025, 5, 10)),
                case("AJ2", "返任", "let-go", date(2024, 4, 1), date(2024, 4, 1)),
                case("AJ3", "受审", "keep", date(2024, 12, 20), date(2025, 1, 15)),
                batch,
                candidate,
            ]
        )
        await session.flush()
        session.add(
            LetterRow(
                appointment_id=back.id,
                candidate_id=candidate.id,
                batch_id=batch.id,
                number="聘1",
                code="AAAA",
                letter_on=date(2026, 3, 1),
                created_at=MONDAY,
            )
        )
        await session.execute(
            update(ExpertRow).where(ExpertRow.id == library.experts["解聘"]).values(state_since_on=date(2025, 5, 10))
        )


async def of_year(database: Database, center: Viewer, year: int) -> YearReport:
    async with reading(database) as session:
        return await load_report(session, center, year=year, today=TODAY, county_code="130199", least=5)


@pytest.mark.rule("R24c", "R24d", "R26a")
@pytest.mark.parametrize(
    ("year", "in_office", "came", "renewed", "lapsed", "left"),
    [
        # 常任 续任 解聘 届满 年末; 受审 is under review and 返任 has left; the term of 年末 that ended was followed.
        pytest.param(2024, 5, 0, 1, 1, {"withdrawn": 1}, id="2024: one lapsed, who comes back two years later"),
        # 常任 续任 受审 年末; the old term of 返任, who left before, does not lapse.
        pytest.param(2025, 4, 0, 1, 1, {"dismissed": 1}, id="2025: one renewed, one dismissed, one lapsed"),
        # 常任 续任 间任 新任 返任 受审 年末: all but 解聘 and 届满.
        pytest.param(2026, 7, 1, 2, 0, {}, id="2026: one came, two came back"),
        pytest.param(2023, 8, 1, 0, 0, {}, id="2023: who is followed on the day after does not lapse"),
    ],
)
async def test_a_past_year_is_told_as_it_was(
    database: Database,
    center: Viewer,
    engine: str,
    year: int,
    in_office: int,
    came: int,
    renewed: int,
    lapsed: int,
    left: dict[str, int],
) -> None:
    report = await of_year(database, center, year)

    moved = report.movement
    assert (report.figures.appointed, report.idle) == (in_office, in_office)
    assert (moved.came, moved.renewed, moved.lapsed, moved.left) == (came, renewed, lapsed, left)
