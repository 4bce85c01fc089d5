"""Each composition rule, asked twice: of the solver and of the finished panel; and on its boundary by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from selection import ApartRow, Candidate, CapRow, ExcludedRow, FloorRow, PanelRequest, QuotaRow, SeatRow, Waiver
from selection.rules import (
    Apart,
    Cap,
    Excluded,
    LockedIn,
    PanelFloor,
    Quota,
    Rule,
    Seated,
    SeatsFilled,
    add_seating,
    binds,
    exclusions_of,
    locked_rules,
    rules_of,
    verdict_of,
)
from tests.selection.builders import expert, requests


def solver_says(rules: Sequence[Rule], request: PanelRequest, members: Sequence[Candidate], *, switched: bool) -> bool:
    """Whether the solver accepts exactly these members under rules that all bind, with or without a switch."""
    model = cp_model.CpModel()
    everyone = list(request.candidates)
    ids = {member.id for member in members}
    variables = [model.new_bool_var("") for _ in everyone]
    for candidate, variable in zip(everyone, variables, strict=True):
        model.add(variable == int(candidate.id in ids))
    positions = {candidate.id: place for place, candidate in enumerate(everyone)}
    seated = Seated(everyone, variables, positions, add_seating(model, everyone, variables, request.seats))
    when = model.new_bool_var("") if switched else None
    if when is not None:
        model.add(when == 1)
    for rule in rules:
        rule.add_to(model, seated, when=when)
    return cp_model.CpSolver().solve(model) == cp_model.OPTIMAL


@given(requests(), st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_solver_and_finished_panel_agree_on_every_rule(request: PanelRequest, data: st.DataObject) -> None:
    members = data.draw(
        st.lists(st.sampled_from(request.candidates), unique_by=lambda one: one.id, max_size=request.size)
    )
    switched = data.draw(st.booleans())
    seats = [rule for rule in rules_of(request) if isinstance(rule, SeatsFilled)]
    others = [rule for rule in rules_of(request) if not isinstance(rule, SeatsFilled)]

    assert solver_says(seats, request, members, switched=switched) == all(rule.kept_by(members) for rule in seats)
    for rule in (*others, *exclusions_of(request), *locked_rules({request.candidates[0].id})):
        assert solver_says([rule], request, members, switched=switched) == rule.kept_by(members)


def test_a_rule_that_is_switched_off_binds_nothing() -> None:
    model = cp_model.CpModel()
    variable, when = model.new_bool_var(""), model.new_bool_var("")
    candidate = expert("e1")
    seated = Seated([candidate], [variable], {"e1": 0})

    Excluded(ExcludedRow("e1"), 0).add_to(model, seated, when=when)

    model.add(variable == 1)
    solver = cp_model.CpSolver()
    assert (solver.solve(model), solver.value(when)) == (cp_model.OPTIMAL, 0)


SEAT = SeatsFilled(SeatRow("570", 2), 0)


@pytest.mark.parametrize(
    ("members", "kept"),
    [
        pytest.param([expert("a", "570"), expert("b", "57020")], True, id="a code begins with the seat's"),
        pytest.param([expert("a", "570"), expert("b", "57")], False, id="57 does not begin with 570"),
        pytest.param([expert("a", "570", "57020"), expert("b", "820")], False, id="nobody sits twice"),
    ],
)
def test_seats_are_filled_each_by_its_own_member(members: list[Candidate], kept: bool) -> None:
    assert SEAT.kept_by(members) == kept


def test_rows_share_the_members_earlier_rows_first() -> None:
    rows = (SeatRow("57"), SeatRow("570"), SeatRow("820"))
    rules = [SeatsFilled(row, index, rows[:index]) for index, row in enumerate(rows)]
    members = [expert("a", "57020"), expert("b", "820", "57")]

    # b could sit at 57 or 820 and a at 57 or 570: two of three seats, and the later row stays empty.
    assert [rule.kept_by(members) for rule in rules] == [True, True, False]
    assert rules[2].facts(members) == {"field": "820", "count": 1, "filled": 0}


@pytest.mark.parametrize(
    ("outside", "low", "high", "kept", "code"),
    [
        (1, 2, None, False, "QUOTA_LOW"),
        (2, 2, None, True, "QUOTA_LOW"),
        (3, 0, 2, False, "QUOTA_HIGH"),
        (2, 0, 2, True, "QUOTA_HIGH"),
        (3, 1, 2, False, "QUOTA_HIGH"),
        (0, 1, 2, False, "QUOTA_LOW"),
    ],
)
def test_a_quota_counts_to_its_bounds(outside: int, low: int, high: int | None, kept: bool, code: str) -> None:
    members = [expert(f"e{one}", region="out" if one < outside else "in") for one in range(3)]

    verdict = verdict_of(Quota(QuotaRow("region", "out", low, high), 0, 3), members)

    assert (verdict.kept, verdict.code, verdict.facts["count"]) == (kept, code, outside)


@pytest.mark.parametrize(("of_o1", "kept"), [(2, True), (3, False)], ids=["at the cap", "one above"])
def test_a_cap_counts_every_value(of_o1: int, kept: bool) -> None:
    members = [expert(f"e{one}", employer="o1") for one in range(of_o1)]
    members += [expert("x1"), expert("x2"), expert("x3")]

    verdict = verdict_of(Cap(CapRow("employer", 2), 0), members)

    assert (verdict.kept, verdict.facts["above"]) == (kept, {} if kept else {"o1": 3})


def test_a_pair_may_send_one_but_not_both() -> None:
    rule = Apart(ApartRow("a", "b"), 0)

    assert rule.kept_by([expert("a"), expert("c")])
    assert not rule.kept_by([expert("b"), expert("a")])


@pytest.mark.rule("R31a", "R31b")
@pytest.mark.parametrize(
    ("floor", "count", "kept"),
    [(5, 4, False), (5, 5, True), (9, 8, False), (9, 9, True), (9, 11, True)],
    ids=["four", "five", "eight for a complex matter", "nine", "nine is not a cap"],
)
def test_a_panel_has_at_least_its_floor(floor: int, count: int, kept: bool) -> None:
    members = [expert(f"e{one}") for one in range(count)]

    verdict = verdict_of(PanelFloor(FloorRow(floor, cite="A31")), members)

    assert (verdict.code, verdict.cite, verdict.kept) == ("PANEL_TOO_SMALL", "A31", kept)
    assert verdict.facts == {"min": floor, "count": count}


@pytest.mark.rule("R31a")
def test_the_floor_yields_to_a_recorded_reason_and_the_verdict_says_so() -> None:
    rule = PanelFloor(FloorRow(5, cite="A31", waiver=Waiver("center", "0" * 64)))

    verdict = verdict_of(rule, [expert("a")])

    assert (verdict.kept, verdict.waived, binds(rule)) == (False, True, False)


def test_locked_in_and_excluded_say_the_opposite() -> None:
    assert LockedIn("a", 0).kept_by([expert("a")])
    assert not LockedIn("a", 0).kept_by([expert("b")])
    assert Excluded(ExcludedRow("a"), 0).kept_by([expert("b")])
    assert not Excluded(ExcludedRow("a"), 0).kept_by([expert("a")])
