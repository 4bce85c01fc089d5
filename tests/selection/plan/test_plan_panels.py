"""A plan against every plan there is, on problems small enough to try them all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    PanelProblemFaults,
    PanelRequest,
    PoolColumns,
    QuotaRow,
    SeatRow,
    compose_panel,
)
from selection.plan import Matter, PlanRequest, PlanResult, plan_panels, read_state
from tests.selection.builders import expert, keeps, panels, requests, rows_of


@st.composite
def plans(draw: st.DrawFn) -> PlanRequest:
    """Up to three matters with rules of every kind over one pool of at most seven."""
    first = draw(requests(largest=7))
    ids = [one.id for one in first.candidates]
    matters = []
    for number in range(draw(st.integers(1, 3))):
        rules = first if number == 0 else draw(requests(largest=7))
        known = set(ids)
        matters.append(
            Matter(
                f"m{number}",
                rules.size,
                rules.seats,
                rules.quotas,
                rules.caps,
                tuple(row for row in rules.apart if {row.first, row.second} <= known),
                rules.floor,
                rules.excluded,
                draw(st.dictionaries(st.sampled_from(ids), st.sampled_from((0, 30, 100)), max_size=4)),
            )
        )
    return PlanRequest(first.candidates, tuple(matters))


def value(request: PlanRequest, chosen: Sequence[tuple[Matter, Sequence[str]]]) -> tuple[int, int]:
    """The sum of squares of load, and the sum of fit, counted from scratch."""
    load = Counter({one.id: one.service for one in request.candidates})
    own = {one.id: one.fit for one in request.candidates}
    fit = 0
    for matter, panel in chosen:
        load.update(panel)
        fit += sum(matter.fit.get(one, own[one]) for one in panel)
    return sum(many * many for many in load.values()), fit


def chosen_of(request: PlanRequest, result: PlanResult) -> list[tuple[Matter, list[str]]]:
    by_id = {matter.id: matter for matter in request.matters}
    return [(by_id[one.matter], [member.id for member in one.members]) for one in result.panels]


@settings(max_examples=60, deadline=None)
@given(plans())
def test_no_plan_is_beyond_the_bounds_and_every_panel_is_valid(request: PlanRequest) -> None:
    result = plan_panels(request)

    possible = {
        matter.id: [[one.id for one in members] for members in panels(matter.problem(request.candidates))]
        for matter in request.matters
    }
    assert [one.matter for one in result.unstaffed] == sorted(one for one, found in possible.items() if not found)
    assert all(sorted(panel) in map(sorted, possible[matter.id]) for matter, panel in chosen_of(request, result))
    assert (result.load.squares, result.fit) == value(request, chosen_of(request, result))
    staffed = [matter for matter in request.matters if possible[matter.id]]
    every = [
        value(request, list(zip(staffed, choice, strict=True)))
        for choice in product(*(possible[matter.id][:12] for matter in staffed))
    ]
    assert result.load.bound <= min(squares for squares, _ in every)
    assert result.fit_bound is not None
    assert result.fit_bound >= max([fit for squares, fit in every if squares <= result.load.squares], default=0)


@settings(max_examples=20, deadline=None)
@given(requests(largest=8))
def test_a_plan_of_one_matter_is_what_compose_gives(request: PanelRequest) -> None:
    matter = Matter(
        "m", request.size, request.seats, request.quotas, request.caps, request.apart, request.floor, request.excluded
    )

    result = plan_panels(PlanRequest(request.candidates, (matter,)), seed="s")
    composed = compose_panel(replace(request, reserves=0), seed="s")

    own = {one.id: one for one in request.candidates}
    values = [
        (sum(own[one.id].service for one in members), sum(own[one.id].fit for one in members))
        for members in ([panel.members for panel in result.panels], [composed.members] if composed.members else [])
        for members in members
    ]
    assert len(values) in (0, 2)
    assert values[:1] == values[1:]
    assert [[rule.at for rule in one.blocking or ()] for one in result.unstaffed] == (
        [] if composed.members else [[rule.at for rule in composed.blocking]]
    )


@settings(max_examples=15, deadline=None)
@given(plans(), st.integers(0, 12))
def test_a_plan_stopped_and_taken_up_again_ends_as_one_that_ran_through(request: PlanRequest, steps: int) -> None:
    whole = plan_panels(request, seed="2026").to_json()
    left = iter([False] * steps)
    stopped = plan_panels(request, seed="2026", is_stopped=lambda: next(left, True))
    if stopped.state is None:
        assert stopped.to_json() == whole
        return
    assert (stopped.status, stopped.fit_bound) == ("stopped", None)
    assert all(
        keeps([one for one in request.candidates if one.id in panel], [row for _, row in rows], matter.size)
        for matter, panel in chosen_of(request, stopped)
        for rows in [rows_of(matter.problem(request.candidates))]
    )

    state = read_state(stopped.to_json(), request, seed="2026")

    assert plan_panels(request, seed="2026", resume=state).to_json() == whole


@settings(max_examples=15, deadline=None)
@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(request: PlanRequest, dice: object) -> None:
    candidates, matters = list(request.candidates), list(request.matters)
    dice.shuffle(candidates)  # type: ignore[attr-defined]
    dice.shuffle(matters)  # type: ignore[attr-defined]

    other = PlanRequest(tuple(candidates), tuple(matters))

    assert plan_panels(other).to_json() == plan_panels(request).to_json()


def a_year(matters: int = 40, people: int = 60) -> PlanRequest:
    """Four fields in turn, twelve employers, a fit that differs from matter to matter; everybody can sit somewhere."""
    codes = ("110", "570", "820", "910")
    pool = PoolColumns.of(
        expert(f"e{one:02}", codes[one % 4], employer=f"o{one % 12}", fit=one % 7) for one in range(people)
    )
    return PlanRequest(
        pool,
        tuple(
            Matter(
                f"m{number:02}",
                5,
                (SeatRow(codes[number % 4], 2), SeatRow(codes[(number + 1) % 4])),
                caps=(CapRow("employer", 1),),
                excluded=(ExcludedRow(f"e{number:02}", "CONFLICT_FOUND", "A28.4", never_relax=True),),
                fit={f"e{one:02}": (one * 37 + number * 11) % 101 for one in range(people)},
            )
            for number in range(matters)
        ),
    )


def test_a_year_is_as_level_as_can_be_and_near_its_bound_of_fit() -> None:
    result = plan_panels(a_year())

    # 200 seats over 60 people: 40 serve three times, 20 four times.
    assert (result.status, result.load.is_proven, dict(result.load.spread)) == ("complete", True, {3: 40, 4: 20})
    assert result.load.squares == 40 * 9 + 20 * 16
    assert result.fit_bound is not None
    assert result.fit >= 0.95 * result.fit_bound


def test_who_served_before_the_plan_serves_less_in_it() -> None:
    pool = (expert("a", service=2), expert("b"), expert("c"))
    request = PlanRequest(pool, tuple(Matter(f"m{one}", 1) for one in range(4)))

    result = plan_panels(request)

    assert dict(result.load.spread) == {2: 3}
    assert sorted(member.id for panel in result.panels for member in panel.members) == ["b", "b", "c", "c"]


@pytest.mark.parametrize(
    "rule",
    [
        {"quotas": (QuotaRow("region", "outside", 1),)},
        {"apart": (ApartRow("e00", "e01"),)},
        {"caps": (CapRow("employer", 1), CapRow("school", 1))},
    ],
    ids=["a quota", "a pair", "two caps"],
)
def test_matters_that_are_no_flow_are_planned_as_well(rule: dict[str, object]) -> None:
    pool = tuple(
        expert(f"e{one:02}", employer=f"o{one}", school=f"s{one % 4}", region="outside" if one % 3 else "inside")
        for one in range(12)
    )
    request = PlanRequest(pool, tuple(Matter(f"m{one}", 3, **rule) for one in range(8)))  # type: ignore[arg-type]

    result = plan_panels(request)

    assert (result.status, dict(result.load.spread)) == ("complete", {2: 12})


def test_no_matters_are_a_complete_plan() -> None:
    result = plan_panels(PlanRequest((expert("a", service=3),), ()))

    assert (result.status, result.load.squares, result.load.bound, result.fit, result.fit_bound) == (
        "complete",
        9,
        9,
        0,
        0,
    )


def test_a_time_limit_stops_the_plan_with_what_there_is() -> None:
    result = plan_panels(a_year(), time_limit=1e-9)

    assert (result.status, result.panels, result.state is not None) == ("stopped", (), True)


def test_a_state_that_was_changed_by_hand_is_refused() -> None:
    request = a_year(4)
    steps = iter([False] * 3)
    found = plan_panels(request, is_stopped=lambda: next(steps, True)).to_json()

    assert read_state(found, request).todo == ("m03",)
    swapped = found | {
        "panels": [*found["panels"][:2], found["panels"][2] | {"panel": [{"id": "e00", "seat": None}] * 5}]
    }
    for damaged, at in (
        (swapped, "/panels/2"),
        (found | {"panels": found["panels"][:2]}, ""),
        (found | {"seed": "other"}, "/plan_sha256"),
        (found | {"resume": {"stage": "first"}}, ""),
        ({key: part for key, part in found.items() if key != "resume"}, "/resume"),
    ):
        with pytest.raises(PanelProblemFaults) as refused:
            read_state(damaged, request)
        assert [fault.at for fault in refused.value.faults] == [at]


def test_progress_is_told_after_each_matter() -> None:
    told: list[tuple[str, int, int]] = []

    plan_panels(a_year(6), watch=lambda stage, done, total: told.append((stage, done, total)))

    assert told[:6] == [("first", done, 6) for done in range(1, 7)]
    assert {stage for stage, _, _ in told} <= {"first", "mend", "improve"}


def test_candidates_are_given_once_and_may_be_columns() -> None:
    pool = PoolColumns.of([Candidate("a"), Candidate("b")])

    assert PlanRequest(pool, (Matter("m", 1),)).pool is pool
