"""What each rule costs the best panel, and what determined a chance: hand-checked, and held against solving anew."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

from selection import (
    ApartRow,
    CapRow,
    ExcludedRow,
    FloorRow,
    Objective,
    PanelRequest,
    QuotaRow,
    SeatRow,
    compose_panel,
    explain_chances,
    find_lottery,
    problem_json,
    rule_costs,
)
from selection.lottery import Lottery
from service.cli import panel
from tests.selection.builders import expert, panels, requests


def a_request() -> PanelRequest:
    """Two of five: the water seat costs two units of service, the cap ten of fit, the pair nothing."""
    return PanelRequest(
        2,
        (
            expert("e1", "820", fit=90, employer="a"),
            expert("e2", "820", fit=80, employer="a"),
            expert("e3", "820", fit=70, employer="b"),
            expert("e4", "570", service=1, fit=60, employer="b"),
            expert("e5", "570", service=3, employer="c"),
        ),
        (SeatRow("570", cite="A27"),),
        caps=(CapRow("employer", 1),),
        apart=(ApartRow("e1", "e5"), ApartRow("e5", "e1")),
    )


def test_each_rule_is_priced_alone() -> None:
    request = a_request()
    result = compose_panel(request)

    costs = rule_costs(request, result)

    assert result.objective == Objective(4, 150)
    assert [(one.at, one.cite, one.without) for one in costs] == [
        ("/seats/0", "A27", Objective(2, 160)),  # e1 and e3
        ("/caps/0", "", Objective(4, 150)),  # e1 and e4 were not parted by it
        ("/apart/0", "", Objective(4, 150)),
    ]


def test_a_rule_priced_in_vain_is_unknown_and_no_panel_has_no_prices() -> None:
    request = a_request()
    result = compose_panel(request)

    assert {one.without for one in rule_costs(request, result, time_limit=1e-9)} == {None}
    assert rule_costs(request, compose_panel(replace(request, size=4, floor=FloorRow(9)))) == ()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests(largest=7))
def test_without_a_rule_the_best_panel_is_that_of_listing_all(request: PanelRequest) -> None:
    result = compose_panel(request)

    for cost in rule_costs(request, result):
        kind, place = cost.at.split("/")[1:]
        rows = getattr(request, kind)
        left = tuple(row for number, row in enumerate(rows) if number != int(place))
        if kind == "apart":
            pair = {rows[int(place)].first, rows[int(place)].second}
            left = tuple(row for row in rows if {row.first, row.second} != pair)
        best = min(
            (sum(2 * one.service + 1 for one in members), -sum(one.fit for one in members))
            for members in panels(replace(request, **{kind: left}))
        )
        assert cost.without == Objective(best[0], -best[1])
        assert result.objective is not None
        assert best <= (result.objective.service, -result.objective.fit)


def chances_request() -> PanelRequest:
    return PanelRequest(
        2,
        (
            expert("e1", "57020", region="out"),
            expert("e2", "820", region="in", school="x"),
            expert("e3", "820", region="in", service=1),
            expert("e4", "110", region="in"),
            expert("e5", "820"),
        ),
        (SeatRow("570"), SeatRow("82")),
        quotas=(QuotaRow("region", "out", 1),),
        excluded=(ExcludedRow("e5", "CONFLICT_FOUND", "A28.4", never_relax=True),),
    )


def test_everybody_has_one_row_with_the_chance_and_what_determined_it() -> None:
    request = chances_request()
    lottery = find_lottery(request)
    assert isinstance(lottery, Lottery)

    rows = {row.id: row for row in explain_chances(request, lottery)}

    assert list(rows) == ["e1", "e2", "e3", "e4", "e5"]
    assert (rows["e1"].chance, rows["e1"].seats, rows["e1"].values) == (1, ("570",), {"region": "out"})
    # e2 and e3 share one seat, e3 with half the entitlement: 2/3 and 1/3, the same value, so the same level.
    assert (rows["e2"].chance, rows["e3"].chance) == (Fraction(2, 3), Fraction(1, 3))
    assert (rows["e2"].level, rows["e3"].level, rows["e1"].level) == (1, 1, 2)
    assert (rows["e3"].entitlement, rows["e2"].alike, rows["e2"].values) == (Fraction(1, 2), 1, {"region": "in"})
    assert (rows["e4"].chance, rows["e4"].code, rows["e4"].level) == (0, "IN_NO_PANEL", 0)
    assert (rows["e5"].code, rows["e5"].cite, rows["e5"].alike) == ("CONFLICT_FOUND", "A28.4", 0)
    assert [row.code for row in rows.values() if row.chance] == ["", "", ""]


def run(command: str, request: PanelRequest, *words: str) -> Any:
    text = json.dumps(problem_json(request))
    return CliRunner().invoke(panel.command, [command, "-", *words], input=text, env={"COLUMNS": "240"})


def test_the_commands_print_explanations_only_when_asked() -> None:
    request = a_request()
    costs = [one.to_json() for one in rule_costs(request, compose_panel(request))]

    assert json.loads(run("compose", request, "--costs", "--json").stdout)["x-costs"] == costs
    assert "x-costs" not in json.loads(run("compose", request, "--json").stdout)
    lottery = find_lottery(chances_request())
    assert isinstance(lottery, Lottery)
    rows = [one.to_json() for one in explain_chances(chances_request(), lottery)]
    assert json.loads(run("lottery", chances_request(), "--explain", "--json").stdout)["x-experts"] == rows
    assert "x-experts" not in json.loads(run("lottery", chances_request(), "--json").stdout)


@pytest.mark.parametrize(
    ("language", "cost", "reason"),
    [
        ("en", "the rule costs nothing", "no panel that keeps the rules"),
        ("zh", "此条件没有代价", "满足条件的专家组中都没有此人"),
    ],
)
def test_people_read_them_in_their_language(language: str, cost: str, reason: str) -> None:
    assert cost in run("compose", a_request(), "--costs", "--lang", language).stdout
    assert reason in run("lottery", chances_request(), "--explain", "--lang", language).stdout
