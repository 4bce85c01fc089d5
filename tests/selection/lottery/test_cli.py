"""`expertpool panel lottery`: output, exit codes, hostile problems; and the page of the format."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from selection import Lottery, PanelRequest, PanelResult, check_lottery, find_lottery, parse_lottery, parse_problem
from service.cli import panel

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "formats" / "lottery-1.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "selection" / "schemas" / "lottery-1.json").read_text(encoding="utf-8"))


def problem(**keys: Any) -> dict[str, Any]:
    return {"format": "panel-problem/1", "size": 2, "candidates": people(4)} | keys


def people(count: int, **keys: Any) -> list[dict[str, Any]]:
    return [{"id": f"e{number}"} | keys for number in range(count)]


def run(given: Any, *words: str) -> Result:
    text = given if isinstance(given, str) else json.dumps(given)
    return CliRunner().invoke(panel.command, ["lottery", "-", *words], input=text)


def block(label: str) -> str:
    found = re.search(rf"<!-- {label}: small -->\n```json\n(.*?)\n```", PAGE, re.DOTALL)
    assert found
    return found.group(1)


def test_the_example_of_the_page_comes_out_as_printed() -> None:
    request = parse_problem(block("problem"))

    lottery = find_lottery(request)

    assert json.loads(block("lottery")) == lottery.to_json()
    assert check_lottery(request, parse_lottery(json.loads(block("lottery")))) == ()
    jsonschema_rs.validator_for(SCHEMA).validate(lottery.to_json())


def test_every_key_is_on_the_page() -> None:
    assert [key for key in SCHEMA["properties"] if key not in ("format", "status") and f"`{key}`" not in PAGE] == [
        "problem_sha256"
    ]


def test_the_lottery_is_printed_and_only_that() -> None:
    done = run(problem(), "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout)["chances"] == dict.fromkeys(("e0", "e1", "e2", "e3"), "1/2")


def test_equal_takes_past_service_out() -> None:
    given = problem(size=1, candidates=[{"id": "a", "service": 1}, {"id": "b"}])

    assert json.loads(run(given, "--json").stdout)["chances"] == {"a": "1/3", "b": "2/3"}
    equal = json.loads(run(given, "--json", "--equal").stdout)
    assert (equal["chances"], equal["x-equal"]) == ({"a": "1/2", "b": "1/2"}, True)


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "符合全部条件的专家组共有 6 种"), ("en", "Panels that keep all rules: 6")]
)
def test_a_person_reads_chances_and_the_number_of_panels(language: str, words: str) -> None:
    done = run(problem(), "--lang", language)

    assert done.exit_code == 0
    assert "1/2" in done.stdout
    assert words in done.stdout


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        (problem(candidates=[]), 3, "infeasible"),
        (problem(size=5), 3, "infeasible"),
        (
            problem(
                quotas=[
                    {"attribute": "r", "value": "a", "min": 2},
                    {"attribute": "r", "value": "b", "min": 1},
                ],
                candidates=[*people(3, attributes={"r": "a"}), {"id": "x", "attributes": {"r": "b"}}],
            ),
            3,
            "infeasible",
        ),
        (problem(floor={"min": 5, "cite": "A31"}), 3, "infeasible"),
        (problem(excluded=[{"id": f"e{number}"} for number in range(3)]), 3, "infeasible"),
        (problem(size=-1), 2, "NUMBER_OUT_OF_RANGE"),
        (problem(size=10**30), 2, "NUMBER_OUT_OF_RANGE"),
        (problem(candidates=[{"id": "a", "entitlement": "-1/3"}]), 2, "TEXT_INVALID"),
        (problem(candidates=[{"id": "a", "entitlement": "1/0"}]), 2, "TEXT_INVALID"),
        (problem(candidates=[{"id": "a", "service": 2**70}]), 2, "NUMBER_OUT_OF_RANGE"),
        ('{"format": "panel-problem/1"', 2, "JSON_INVALID"),
        (problem(candidates=[{"id": "甲"}, {"id": '𠮷,"乙"'}, {"id": "é"}]), 0, "exact"),
        (problem(candidates=people(4, entitlement="999999999999999999/1")), 0, "exact"),
        (problem(floor={"min": 5, "waiver": {"by": "center", "reason_sha256": "0" * 64}}), 0, "exact"),
    ],
    ids=[
        "nobody",
        "size above the pool",
        "contradictory quotas",
        "below the floor",
        "too many excluded",
        "a negative size",
        "a huge size",
        "a negative entitlement",
        "a division by zero",
        "huge service",
        "no JSON",
        "ids of any script",
        "huge entitlements",
        "a waived floor",
    ],
)
def test_hostile_problems_end_with_their_code_and_a_sentence(given: Any, code: int, says: str) -> None:
    done = run(given, "--json")

    assert (done.exit_code, says in done.stdout) == (code, True)
    for_people = run(given, "--lang", "en")
    assert for_people.exit_code == code
    assert (for_people.stdout if code != 2 else for_people.stderr).strip()


def test_the_time_limit_ends_with_4() -> None:
    done = run(problem(), "--json", "--time-limit", "1e-9")

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (4, "stopped")


def test_entitlements_beyond_what_can_be_proved_end_as_stopped() -> None:
    given = problem(
        candidates=[
            {"id": "a", "entitlement": "1/999999999999999999"},
            {"id": "b", "entitlement": "999999999999999999/1"},
            *people(2),
        ],
        size=1,
    )

    done = run(given, "--json")

    result = json.loads(done.stdout)
    assert (done.exit_code, result["status"]) == (4, "stopped")


def test_two_hundred_pairs_kept_apart_are_one_flow() -> None:
    given = problem(size=9, candidates=people(500), apart=[[f"e{2 * pair}", f"e{2 * pair + 1}"] for pair in range(200)])

    done = run(given, "--json")

    assert done.exit_code == 0
    assert set(json.loads(done.stdout)["chances"].values()) == {"9/500"}


def test_without_a_panel_the_answer_is_that_of_composing() -> None:
    found = find_lottery(PanelRequest(1, ()))

    assert isinstance(found, PanelResult)
    assert not isinstance(found, Lottery)
    assert found.to_json()["format"] == "panel-result/1"
