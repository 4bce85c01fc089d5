"""Places of a notice are written in braces; what cannot be filled is refused where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.locales.places import PlaceFault, stored_form, typed_form

ALLOWED = ("name", "matter", "link")


def test_places_are_read_in_either_language() -> None:
    assert stored_form("{姓名} / {matter} / { 链接 }", allowed=ALLOWED) == ("%(name)s / %(matter)s / %(link)s", ())


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ("您好\n  {姓明}", (PlaceFault("PLACE_UNKNOWN", 2, 3, "姓明"),)),
        ("{日期}", (PlaceFault("PLACE_UNKNOWN", 1, 1, "日期"),)),
        ("第一行\n{姓名", (PlaceFault("BRACE_ALONE", 2, 1, "{"),)),
        ("姓名}", (PlaceFault("BRACE_ALONE", 1, 3, "}"),)),
        ("{}", (PlaceFault("PLACE_UNKNOWN", 1, 1, ""),)),
        ("{{姓名}}", (PlaceFault("BRACE_ALONE", 1, 1, "{"), PlaceFault("BRACE_ALONE", 1, 6, "}"))),
    ],
    ids=["misspelt", "not of this notice", "not closed", "not opened", "empty", "doubled"],
)
def test_place_that_cannot_be_filled_is_told_with_line_and_column(typed: str, faults: tuple) -> None:
    assert stored_form(typed, allowed=ALLOWED)[1] == faults


def test_place_that_must_be_there_is_missed() -> None:
    assert stored_form("{姓名}", allowed=ALLOWED, needed=["link"])[1] == (
        PlaceFault("PLACE_MISSING", 0, 0, "链接 / link"),
    )


def test_percent_signs_stay_what_they_are() -> None:
    stored, faults = stored_form("100% {姓名} %(matter)s", allowed=ALLOWED)

    assert (stored, faults) == ("100%% %(name)s %%(matter)s", ())
    assert typed_form(stored, "zh") == "100% {姓名} %(matter)s"


@given(st.text(alphabet="甲{}%()s姓名\n a", max_size=40))
def test_what_is_taken_comes_back_as_it_was_typed(typed: str) -> None:
    stored, faults = stored_form(typed, allowed=ALLOWED)

    if not faults:
        assert stored_form(typed_form(stored, "zh"), allowed=ALLOWED) == (stored, ())
