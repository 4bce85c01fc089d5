"""When an expert is reminded that the term ends."""

from datetime import date

import pytest

from registry import steps_due

ENDS = date(2027, 2, 28)
LADDER = (180, 90, 30)


@pytest.mark.rule("R24c")
@pytest.mark.parametrize(
    ("on", "taken", "due"),
    [
        (date(2026, 8, 31), (), ()),
        (date(2026, 9, 1), (), (180,)),
        (date(2026, 9, 2), (180,), ()),
        (date(2026, 11, 29), (180,), ()),
        (date(2026, 11, 30), (180,), (90,)),
        (date(2027, 1, 29), (180, 90), (30,)),
        (date(2027, 1, 29), (), (180, 90, 30)),
        (ENDS, (180, 90), (30,)),
        (date(2027, 3, 1), (), ()),
    ],
    ids=[
        "181 days before",
        "180 days before",
        "taken already",
        "91 days before",
        "90 days before",
        "30 days before",
        "after a standstill",
        "on the last day",
        "when the term is over",
    ],
)
def test_each_step_of_the_ladder_is_taken_once_on_its_day(
    on: date, taken: tuple[int, ...], due: tuple[int, ...]
) -> None:
    assert steps_due(ENDS, taken, ladder=LADDER, on=on) == due
