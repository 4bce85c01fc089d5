"""Every example of the format pages is run, and every key of the schemas is described there."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from selection import (
    PanelProblemFaults,
    canonical_json,
    check_panel,
    compose_panel,
    parse_problem,
    problem_json,
    problem_sha256,
    replace_member,
)
from selection.plan import parse_plan, plan_panels, simulate_policies

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "selection" / "schemas"
# The pages of the draw and of numbered panels are held in tests/selection/draw.
PAGES = sorted(
    page
    for pattern in ("panel-*-1.md", "plan-*-1.md", "simulation-*-1.md")
    for page in (ROOT / "docs" / "formats").glob(pattern)
    if page.stem not in ("panel-draw-1", "panel-list-1")
)
EXAMPLE = re.compile(r"<!-- (\w+)(?:: ([\w-]+))?(.*?) -->\n```\w+\n(.*?)\n```", re.DOTALL)


def examples(page: Path) -> list[tuple[str, str, str, str]]:
    return EXAMPLE.findall(page.read_text(encoding="utf-8"))


def schema(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


def without_solver(value: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if key != "solver"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_of_the_page_comes_out_as_printed(page: Path) -> None:
    found = examples(page)
    assert found
    # No block of JSON without a label that has it run.
    assert page.read_text(encoding="utf-8").count("```json") == sum(kind != "sha256" for kind, *_ in found)

    problems: dict[str, str] = {}
    # The page of the results prints that of the plan on the page beside it.
    plans = {name: text for kind, name, _, text in examples(page.with_name("panel-plan-1.md")) if kind == "plan"}
    faulty = ""
    for kind, name, options, text in found:
        match kind:
            case "problem":
                problems[name] = text
                schema("panel-problem-1").validate(json.loads(text))
                parse_problem(text)
            case "faulty":
                faulty = text
            case "faults":
                with pytest.raises(PanelProblemFaults) as refused:
                    parse_problem(faulty)
                assert json.loads(text)["faults"] == [fault.to_json() for fault in refused.value.faults]
                schema("faults-1").validate(json.loads(text))
            case "canonical":
                assert text == canonical_json(problem_json(parse_problem(problems[name])))
            case "sha256":
                assert text == problem_sha256(parse_problem(problems[name]))
            case "compose":
                result = compose_panel(
                    parse_problem(problems[name]), seed=options.strip().removeprefix("seed=")
                ).to_json()
                assert without_solver(json.loads(text)) == without_solver(result)
                schema("panel-result-1").validate(result)
            case "check":
                names = options.strip().removeprefix("panel=").split(",")
                check = check_panel(parse_problem(problems[name]), names).to_json()
                assert without_solver(json.loads(text)) == without_solver(check)
                schema("panel-check-1").validate(check)
            case "replace":
                names, leaves = (part.partition("=")[2] for part in options.split())
                replaced = replace_member(parse_problem(problems[name]), names.split(","), leaves).to_json()
                assert without_solver(json.loads(text)) == without_solver(replaced)
                schema("panel-replacement-1").validate(replaced)
            case "plan":
                plans[name] = text
                schema("panel-plan-1").validate(json.loads(text))
                parse_plan(text)
            case "planned":
                planned = plan_panels(parse_plan(plans[name])).to_json()
                assert without_solver(json.loads(text)) == without_solver(planned)
                schema("plan-result-1").validate(planned)
            case "simulated":
                months = int(options.strip().removeprefix("months="))
                simulated = simulate_policies(parse_plan(plans[name]), months=months).to_json()
                assert without_solver(json.loads(text)) == without_solver(simulated)
                schema("simulation-result-1").validate(simulated)
            case _:
                pytest.fail(f"nobody runs an example of the kind {kind}")


def test_the_example_of_a_refusal_has_its_schema() -> None:
    ((_, _, _, text),) = examples(ROOT / "docs" / "formats" / "refusal-1.md")

    schema("refusal-1").validate(json.loads(text))


@pytest.mark.parametrize(
    "problem",
    [
        {"format": "panel-problem/1", "size": 1, "candidates": [], "colour": 1},
        {"format": "panel-problem/1", "size": 0, "candidates": []},
        {"format": "panel-problem/1", "candidates": []},
        {"format": "panel-problem/1", "size": 1, "candidates": [{"id": "e1", "fit": 101}]},
        {"format": "panel-problem/1", "size": 1, "candidates": [], "caps": [{"attribute": "a", "max": 0}]},
    ],
    ids=["unknown key", "size 0", "no size", "fit 101", "cap 0"],
)
def test_the_schema_refuses_what_the_reader_refuses(problem: dict[str, Any]) -> None:
    assert not schema("panel-problem-1").is_valid(problem)
    with pytest.raises(PanelProblemFaults):
        parse_problem(problem)


def test_every_key_of_a_problem_is_on_its_page() -> None:
    page = (ROOT / "docs" / "formats" / "panel-problem-1.md").read_text(encoding="utf-8")
    keys = json.loads((SCHEMAS / "panel-problem-1.json").read_text(encoding="utf-8"))["properties"]

    assert [key for key in keys if f"`{key}`" not in page] == []
