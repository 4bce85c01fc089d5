"""Numbered panels for balls: every panel valid, everybody listed as the lottery says, refused where it is unfair."""

import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from selection import CapRow, PanelProblemFaults, PanelRequest, QuotaRow, SeatRow, find_lottery
from selection.draw import Commitment, NoFairList, balls_needed, commit, numbered_panels, parse_commitment
from selection.lottery import Lottery
from service.cli import panel
from tests.selection.builders import expert, panels
from tests.selection.draw.lotteries import a_lottery, a_request

SCHEMA = Path(panel.__file__).parents[2] / "selection" / "schemas" / "panel-list-1.json"
PAGES = Path(panel.__file__).parents[2] / "docs" / "formats"


def committed(request: PanelRequest, *, equal: bool = True) -> Commitment:
    lottery = find_lottery(request, equal=equal)
    assert isinstance(lottery, Lottery)
    return commit(request, lottery)


def a_pool(count: int, *, employers: int = 7) -> PanelRequest:
    """Water and law, a few large employers, one of an employer at most."""
    candidates = tuple(
        expert(f"e{one:03}", "570" if one % 5 == 0 else "820", employer=f"o{one % employers}", service=one % 3)
        for one in range(count)
    )
    return PanelRequest(4, candidates, (SeatRow("570"),), caps=(CapRow("employer", 1),))


@pytest.mark.parametrize("equal", [True, False])
def test_every_panel_is_valid_and_members_of_a_type_are_listed_as_often_or_once_more(equal: bool) -> None:
    request = a_pool(26)
    commitment = committed(request, equal=equal)
    valid = {frozenset(one.id for one in members) for members in panels(request)}

    found = numbered_panels(commitment)

    assert {frozenset(one) for one in found.panels} <= valid
    assert (len(found.panels), found.digits, found.numbered(7)) == (1000, 3, "007")
    for members in commitment.lottery.types:
        counts = [found.listed[one] for one in members]
        assert max(counts) - min(counts) <= 1
    # Each type gets its share of all places but for the rounding of how often a composition stands in the list.
    assert found.difference < Fraction(len(commitment.lottery.support) + 1, 1000)
    assert found.difference == max(
        abs(Fraction(Counter(one for row in found.panels for one in row)[one], 1000) - chance)
        for one, chance in commitment.lottery.chances.items()
    )


def test_a_cap_that_is_passed_at_first_is_kept_by_exchanges() -> None:
    found = numbered_panels(committed(a_pool(40, employers=9)))

    assert found.exchanges > 0


@pytest.mark.parametrize("seed", range(12))
def test_lists_of_lotteries_of_every_kind_hold_valid_panels_only(seed: int) -> None:
    dice = Random(seed)
    request = a_request()
    lottery = a_lottery(request, dice, spread="employer" if seed % 2 else None)
    assert lottery is not None
    commitment = commit(request, lottery)
    valid = {frozenset(one.id for one in members) for members in panels(request)}

    try:
        found = numbered_panels(commitment, seed=str(seed))
    except NoFairList as refused:
        assert refused.code == "BALLS_PASS_CAP"  # noqa: PT017 -- both ends are right, neither may be anything else
        return
    assert {frozenset(one) for one in found.panels} <= valid
    assert {one for one, many in found.listed.items() if many} == {one for one, c in lottery.chances.items() if c}


def test_the_same_commitment_and_seed_give_the_same_list() -> None:
    commitment = committed(a_pool(20))

    first = numbered_panels(commitment)

    assert numbered_panels(parse_commitment(json.loads(json.dumps(commitment.value)))).sha256 == first.sha256
    assert numbered_panels(commitment, seed="1").sha256 != first.sha256


@pytest.mark.parametrize(
    ("candidates", "size", "least", "balls"),
    [
        pytest.param(400, 4, "1/100", 1_000, id="ten each on average is enough"),
        pytest.param(401, 4, "1/100", 10_000, id="one candidate more is not"),
        pytest.param(100, 4, "1/200", 1_000, id="five for the least chance is enough"),
        pytest.param(100, 4, "1/201", 10_000, id="a smaller chance is not"),
        pytest.param(100, 4, "1/1000000", 10_000_000, id="far beyond balls"),
    ],
)
def test_the_size_rule_at_its_bounds(candidates: int, size: int, least: str, balls: int) -> None:
    chances = {f"e{one}": Fraction(1, 50) for one in range(candidates - 1)} | {"least": Fraction(least)}

    assert balls_needed(chances | {"never": Fraction(0)}, size) == balls


def test_a_list_that_would_be_unfair_is_refused() -> None:
    commitment = committed(a_pool(20))
    wide = committed(PanelRequest(1, tuple(expert(f"e{one:03}") for one in range(101))))

    with pytest.raises(NoFairList) as refused:
        numbered_panels(wide, balls=1_000)
    assert (refused.value.code, refused.value.facts) == ("BALLS_TOO_FEW", {"balls": 1_000, "needed": 10_000})
    assert len(numbered_panels(commitment, balls=1_000).panels) == 1_000
    with pytest.raises(PanelProblemFaults) as faults:
        numbered_panels(commitment, balls=1_001)
    assert [fault.at for fault in faults.value.faults] == ["/balls"]


def test_a_pool_too_large_for_balls_is_refused() -> None:
    request = PanelRequest(1, (replace(expert("e1"), entitlement="1/1000000"), expert("e2")))

    with pytest.raises(NoFairList) as refused:
        numbered_panels(committed(request, equal=False))
    assert (refused.value.code, refused.value.facts["needed"]) == ("BALLS_TOO_MANY", 10_000_000)


def test_quotas_and_the_cap_hold_together() -> None:
    pool = a_pool(30)
    regions = tuple(
        replace(one, attributes=one.attributes | {"region": "out"[: 3 * (n % 3 == 0)] or "in"})
        for n, one in enumerate(pool.candidates)
    )
    request = replace(pool, candidates=regions, quotas=(QuotaRow("region", "out", 1, 2),))
    valid = {frozenset(one.id for one in members) for members in panels(request)}

    assert {frozenset(one) for one in numbered_panels(committed(request)).panels} <= valid


def run(text: str, *words: str) -> Any:
    return CliRunner().invoke(panel.command, ["numbered", "-", *words], input=text)


def test_the_command_prints_the_bytes_that_are_hashed_or_a_list_for_people() -> None:
    commitment = committed(a_pool(20))
    text = json.dumps(commitment.value)

    done = run(text, "--json")
    value = json.loads(done.stdout)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(value)
    found = numbered_panels(commitment)
    assert (done.exit_code, done.stdout, value["balls"]) == (0, found.text, 1_000)
    assert found.sha256 in done.stderr
    shown = run(text, "--lang", "zh").stdout.splitlines()
    assert (len(shown), shown[1]) == (1_001, f"000  {', '.join(found.panels[0])}")
    page = (PAGES / "panel-list-1.md").read_text(encoding="utf-8")
    assert [key for key in value if f"`{key}`" not in page] == []


def test_the_command_refuses_with_its_code() -> None:
    wide = json.dumps(committed(PanelRequest(1, tuple(expert(f"e{one:03}") for one in range(101)))).value)

    refused = run(wide, "--balls", "1000", "--json")
    assert (refused.exit_code, json.loads(refused.stdout)["code"]) == (3, "BALLS_TOO_FEW")
    assert "10000 are needed" in run(wide, "--balls", "1000", "--lang", "en").stdout
    assert run(wide, "--balls", "7", "--json").exit_code == 2
    assert run("{}", "--json").exit_code == 2
