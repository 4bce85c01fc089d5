"""The cap that an expert sets on panels of a calendar year."""

from datetime import date

import pytest

from registry import Duty, DutyOutcome, reached_cap


def duties(*days: str, outcome: DutyOutcome = DutyOutcome.DETERMINED) -> list[Duty]:
    return [Duty(date.fromisoformat(day), outcome) for day in days]


@pytest.mark.rule("R27c")
@pytest.mark.parametrize(
    ("held", "cap", "reached"),
    [
        pytest.param(duties("2026-01-01"), 2, False, id="one below"),
        pytest.param(duties("2026-01-01", "2026-12-31"), 2, True, id="first and last day of the year count"),
        pytest.param(duties("2025-12-31", "2027-01-01"), 1, False, id="other years do not"),
        pytest.param(duties("2026-05-01", outcome=DutyOutcome.PENDING), 1, True, id="a proposed panel counts"),
        pytest.param(duties("2026-05-01", outcome=DutyOutcome.DECLINED), 1, False, id="a no does not count"),
        pytest.param(duties("2026-05-01", outcome=DutyOutcome.RELEASED), 1, False, id="a release does not count"),
        pytest.param(duties(*["2026-05-01"] * 60), None, False, id="without a cap nobody reaches it"),
    ],
)
def test_a_cap_is_reached_by_panels_of_the_calendar_year(held: list[Duty], cap: int | None, reached: bool) -> None:
    assert reached_cap(held, cap, as_of=date(2026, 9, 14)) is reached
