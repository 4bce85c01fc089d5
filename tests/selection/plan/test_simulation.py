"""The months ahead under a policy: hand-checked loads, window, chance that repeats, stopping, faults, command."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import Candidate, PanelProblemFaults, PanelRequest, SeatRow, find_lottery
from selection.plan import Matter, PlanRequest, plan_json, simulate_policies
from service.cli import panel
from tests.selection.builders import expert, panels, requests

SCHEMA = Path(panel.__file__).parents[2] / "selection" / "schemas" / "simulation-result-1.json"


def matters(count: int, size: int = 1, **more: Any) -> tuple[Matter, ...]:
    return tuple(Matter(f"m{one}", size, **more) for one in range(count))


def asked(request: PlanRequest, policy: Any, **more: Any) -> dict[str, int]:
    (outcome,) = simulate_policies(request, policies=[policy], **more).outcomes
    return dict(outcome.asked)


def test_best_fit_asks_the_same_person_again_and_composing_takes_turns() -> None:
    request = PlanRequest((expert("e1", fit=90), expert("e2", fit=80), expert("e3", fit=70)), matters(6))

    result = simulate_policies(request, policies=["fit", "composed"])

    best, level = result.outcomes
    assert (best.asked, best.never, best.most, best.spread) == ({"e1": 6, "e2": 0, "e3": 0}, 2, 6, {0: 2, 6: 1})
    assert (level.asked, level.never, level.most, level.gini) == ({"e1": 2, "e2": 2, "e3": 2}, 0, 2, Fraction(0))
    assert (best.gini, best.mean_fit, level.mean_fit) == (Fraction(2, 3), 90, 80)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        pytest.param(24, {"e1": 3, "e2": 1}, id="the panels of e2 count to the end"),
        pytest.param(4, {"e1": 2, "e2": 2}, id="one of them falls out on the way"),
        pytest.param(1, {"e1": 2, "e2": 2}, id="both are out from the start"),
    ],
)
def test_what_was_served_counts_as_long_as_it_is_within_the_window(window: int, expected: dict[str, int]) -> None:
    request = PlanRequest((expert("e1", fit=1), expert("e2")), matters(4))

    assert asked(request, "composed", months=4, window=window, past={"e2": [1, 3]}) == expected


def test_service_without_months_is_spread_over_the_window() -> None:
    request = PlanRequest((expert("e1", service=0), expert("e2", service=2, fit=100)), matters(5))

    # Matters at 0, 4, 9, 14, 19. Of the two panels of e2 one leaves after 8 months, the other after 16.
    assert asked(request, "composed") == {"e1": 2, "e2": 3}
    assert asked(request, "composed", past={"e2": [0, 0]}) == {"e1": 3, "e2": 2}


def test_a_draw_weighted_by_service_spreads_wider_than_one_that_is_not() -> None:
    request = PlanRequest(tuple(expert(f"e{one}") for one in range(8)), matters(120, 2))

    result = simulate_policies(request, policies=["drawn", "equal"], months=60, window=3, seed="s")

    drawn, equal = result.outcomes
    assert (drawn.seats, equal.seats, drawn.unstaffed) == (240, 240, ())
    assert drawn.gini < equal.gini
    assert [one.asked for one in simulate_policies(request, policies=["equal"], seed="other").outcomes] != [equal.asked]
    assert simulate_policies(request, policies=["drawn", "equal"], months=60, window=3, seed="s") == result


def test_draws_have_the_chances_of_the_lottery() -> None:
    # One seat of a field that two can fill and one open seat, 400 times from the same state: nothing counts as served.
    pool = (expert("e1", "570"), expert("e2", "570"), expert("e3"), expert("e4"), expert("e5"))
    rules = {"seats": (SeatRow("570"),)}
    request = PlanRequest(pool, matters(400, 2, **rules))
    lottery = find_lottery(PanelRequest(2, pool, **rules), equal=True)

    found = asked(request, "equal", seed="1")

    square = sum((many - 400 * lottery.chances[one]) ** 2 / (400 * lottery.chances[one]) for one, many in found.items())
    assert square < 18.5  # the thousandth of chi-square with 4 degrees of freedom


@settings(max_examples=25, deadline=None)
@given(requests(largest=6), st.integers(1, 3))
def test_a_matter_is_staffed_under_every_policy_exactly_when_it_has_a_panel(rules: PanelRequest, count: int) -> None:
    matter = [
        Matter(f"m{one}", rules.size, rules.seats, rules.quotas, rules.caps, rules.apart, rules.floor, rules.excluded)
        for one in range(count)
    ]
    request = PlanRequest(rules.candidates, tuple(matter))
    valid = panels(rules)

    for outcome in simulate_policies(request, months=3, window=2, seed="h").outcomes:
        assert outcome.unstaffed == (() if valid else tuple(one.id for one in matter))
        assert outcome.seats == (rules.size * count if valid else 0)
        assert sum(outcome.asked.values()) == outcome.seats


def test_who_can_have_a_seat_on_no_matter_is_counted_apart() -> None:
    request = PlanRequest((expert("e1", "570"), expert("e2", "820")), matters(2, seats=(SeatRow("570"),)))

    result = simulate_policies(request, policies=["composed"])

    assert (result.unreachable, result.outcomes[0].never) == (1, 1)


def test_a_simulation_can_be_stopped_and_keeps_the_policies_that_are_done() -> None:
    request = PlanRequest((expert("e1"), expert("e2")), matters(3))
    seen: list[tuple[str, int, int]] = []

    result = simulate_policies(
        request, watch=lambda *step: seen.append(step), is_stopped=lambda: len(seen) >= 4, policies=["fit", "composed"]
    )

    assert (result.status, [one.policy for one in result.outcomes]) == ("stopped", ["fit"])
    assert seen == [("fit", 1, 3), ("fit", 2, 3), ("fit", 3, 3), ("composed", 1, 3)]


@pytest.mark.parametrize(
    ("more", "places"),
    [
        ({"months": 0}, ["/months"]),
        ({"months": 121, "window": 0}, ["/months", "/window"]),
        ({"past": {"e9": [1], "e1": [-1]}}, ["/past/e9", "/past/e1/0"]),
    ],
)
def test_what_is_out_of_bounds_is_named_with_its_place(more: dict[str, Any], places: list[str]) -> None:
    request = PlanRequest((expert("e1"),), matters(1))

    with pytest.raises(PanelProblemFaults) as refused:
        simulate_policies(request, **more)
    assert [fault.at for fault in refused.value.faults] == places


def run(*words: str, candidates: tuple[Candidate, ...] = (expert("e1"), expert("e2"))) -> Any:
    plan = json.dumps(plan_json(PlanRequest(candidates, matters(4))))
    return CliRunner().invoke(panel.command, ["simulate", "-", *words], input=plan, env={"COLUMNS": "200"})


def test_the_command_prints_the_format_and_a_table() -> None:
    done = run("--json", "--policy", "drawn", "--policy", "fit", "--seed", "7")

    result = json.loads(done.stdout)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(result)
    assert (done.exit_code, [one["policy"] for one in result["policies"]]) == (0, ["fit", "drawn"])
    table = run("--lang", "en")
    assert (table.exit_code, "least service first, then fit" in table.stdout) == (0, True)
    assert "先看已参加次数少" in run("--lang", "zh").stdout


def test_the_command_ends_with_the_code_of_a_stop_or_a_fault() -> None:
    assert run("--json", "--time-limit", "1e-9").exit_code == 4
    faulty = run("--json", "--months", "0")
    assert (faulty.exit_code, json.loads(faulty.stdout)["faults"][0]["at"]) == (2, "/months")
