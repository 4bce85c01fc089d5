"""Fair fit: the worst served matter is served better at loads as level; held against every plan there is."""

import json
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import CapRow, ExcludedRow, QuotaRow, SeatRow
from selection.plan import Matter, PlanRequest, plan_json, plan_panels, read_state
from service.cli import panel
from tests.selection.builders import expert, panels

SCHEMAS = Path(panel.__file__).parents[2] / "selection" / "schemas"


def every_plan(request: PlanRequest) -> Iterator[tuple[int, Fraction]]:
    """Squares of load and least mean fit of every plan that staffs every matter that can be."""
    own = {one.id: one.fit for one in request.candidates}
    choices = [
        [[one.id for one in members] for members in panels(matter.problem(request.candidates))]
        for matter in request.matters
    ]
    staffed = [(matter, found) for matter, found in zip(request.matters, choices, strict=True) if found]
    for plan in product(*(found for _, found in staffed)):
        load = Counter({one.id: one.service for one in request.candidates})
        for members in plan:
            load.update(members)
        means = [
            Fraction(sum(matter.fit.get(one, own[one]) for one in members), len(members))
            for (matter, _), members in zip(staffed, plan, strict=True)
        ]
        yield sum(many * many for many in load.values()), min(means, default=Fraction(0))


@st.composite
def plans(draw: st.DrawFn) -> PlanRequest:
    """Up to three matters of two or three members over one pool of at most six, with seats, caps, quotas and fits."""
    count = draw(st.integers(4, 6))
    pool = tuple(
        expert(
            f"e{one}",
            draw(st.sampled_from(("570", "820"))),
            service=draw(st.integers(0, 1)),
            employer=draw(st.sampled_from("abc")),
            region=draw(st.sampled_from(("in", "out"))),
        )
        for one in range(count)
    )
    matters = [
        Matter(
            f"m{number}",
            draw(st.integers(2, 3)),
            seats=draw(st.sampled_from(((), (SeatRow("570"),), (SeatRow("57"), SeatRow("820"))))),
            quotas=draw(st.sampled_from(((), (QuotaRow("region", "out", 1),)))),
            caps=draw(st.sampled_from(((), (CapRow("employer", 1),)))),
            excluded=draw(st.sampled_from(((), (ExcludedRow("e0"),)))),
            fit={f"e{one}": draw(st.integers(0, 100)) for one in range(count)},
        )
        for number in range(draw(st.integers(2, 3)))
    ]
    return PlanRequest(pool, tuple(matters))


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_least_fit_is_never_worse_and_no_plan_as_level_is_beyond_its_bound(request: PlanRequest) -> None:
    plain = plan_panels(request)
    fair = plan_panels(request, fair_fit=True)

    assert fair.fair_fit is not None
    assert fair.load.squares <= plain.load.squares
    assert fair.fair_fit.least >= min(
        (Fraction(one.fit, len(one.members)) for one in plain.panels), default=Fraction(0)
    )
    level = [least for squares, least in every_plan(request) if squares <= fair.load.squares]
    assert fair.fair_fit.least in level
    if fair.fair_fit.bound is not None:
        assert max(level) <= fair.fair_fit.bound
    if fair.fair_fit.bound == fair.fair_fit.least:
        assert fair.fair_fit.least == max(level)


def two_matters() -> PlanRequest:
    """Everybody sits once; most fit in all gives one matter everything, and fair fit gives each its half."""
    fits = {"m1": {"e1": 100, "e2": 90, "e3": 40, "e4": 30}, "m2": {"e1": 70, "e2": 50, "e3": 10, "e4": 20}}
    return PlanRequest(
        tuple(expert(f"e{one}") for one in range(1, 5)),
        tuple(Matter(name, 2, fit=fit) for name, fit in fits.items()),
    )


def test_one_matter_does_not_pay_for_the_other() -> None:
    plain, fair = plan_panels(two_matters()), plan_panels(two_matters(), fair_fit=True)

    # Two each: e1 and e2 on m2, e3 and e4 on m1 is 120 and 70; e2 and e3 on m1 is 130 and 90; and so on.
    assert [one.fit for one in plain.panels] == [190, 30]
    assert [one.fit for one in fair.panels] == [130, 90]
    assert fair.fair_fit is not None
    best = max(least for squares, least in every_plan(two_matters()) if squares == 4)
    assert (fair.load.squares, fair.fair_fit.least, best) == (4, 45, 45)
    assert plain.fair_fit is None
    assert "fair_fit" not in plain.to_json()


def test_a_fair_plan_that_was_stopped_ends_as_one_that_ran_through() -> None:
    request = two_matters()
    whole = plan_panels(request, fair_fit=True)
    steps: list[tuple[str, int, int]] = []

    def stop_before_fair() -> bool:
        return any(stage == "improve" for stage, *_ in steps) and steps[-1][1:] == (2, 2)

    stopped = plan_panels(request, fair_fit=True, watch=lambda *one: steps.append(one), is_stopped=stop_before_fair)
    state = read_state(json.loads(json.dumps(stopped.to_json())), request)

    assert stopped.status == "stopped"
    assert plan_panels(request, fair_fit=True, resume=state) == whole


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_command_prints_the_least_fit_and_its_bound(language: str) -> None:
    text = json.dumps(plan_json(two_matters()))

    def run(*words: str) -> Any:
        return CliRunner().invoke(panel.command, ["plan", "-", *words], input=text, env={"COLUMNS": "200"})

    done = run("--fair-fit", "--json")
    value = json.loads(done.stdout)
    jsonschema_rs.validator_for(json.loads((SCHEMAS / "plan-result-1.json").read_text(encoding="utf-8"))).validate(
        value
    )
    assert (done.exit_code, value["fair_fit"]) == (0, plan_panels(two_matters(), fair_fit=True).to_json()["fair_fit"])
    said = {"en": "Mean fit of the worst served matter", "zh": "契合度最低的事项平均"}[language]
    assert said in run("--fair-fit", "--lang", language).stdout
