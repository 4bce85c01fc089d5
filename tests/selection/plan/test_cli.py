"""The plan command: output, exit codes, stop and resume, and faults with their places."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from selection import PanelProblemFaults
from selection.plan import parse_plan
from service.cli import panel

SCHEMAS = Path(panel.__file__).parents[2] / "selection" / "schemas"
PLAN: dict[str, Any] = {
    "format": "panel-plan/1",
    "candidates": [{"id": f"e{one}", "fields": ["570"], "fit": 10 * one} for one in range(4)],
    "matters": [
        {"id": "m1", "size": 2, "seats": [{"field": "57"}]},
        {"id": "m2", "size": 2, "fit": {"e0": 100}, "apart": [["e0", "e1"]]},
    ],
}
PARTIAL = PLAN | {"matters": [*PLAN["matters"], {"id": "m3", "size": 1, "seats": [{"field": "8"}]}]}


def run(*words: str, plan: Any = PLAN) -> Result:
    text = plan if isinstance(plan, str) else json.dumps(plan)
    return CliRunner().invoke(panel.command, ["plan", "-", *words], input=text)


def schema(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("plan", "code", "status"), [(PLAN, 0, "complete"), (PARTIAL, 3, "partial")])
def test_a_plan_ends_with_the_code_of_its_status(plan: dict[str, Any], code: int, status: str) -> None:
    done = run("--json", plan=plan)

    result = json.loads(done.stdout)
    assert (done.exit_code, result["status"], result["load"]["most"]) == (code, status, 1)
    schema("plan-result-1").validate(result)


def test_a_stopped_plan_is_kept_taken_up_and_its_file_removed(tmp_path: Path) -> None:
    file = tmp_path / "计划.json"

    stopped = run("--json", "--time-limit", "1e-9", "--resume", str(file))
    assert (stopped.exit_code, json.loads(file.read_text(encoding="utf-8"))) == (4, json.loads(stopped.stdout))
    schema("plan-result-1").validate(json.loads(stopped.stdout))

    resumed = run("--json", "--resume", str(file))
    assert (resumed.exit_code, resumed.stdout) == (0, run("--json").stdout)
    assert list(tmp_path.iterdir()) == []


def test_the_state_of_another_plan_is_refused_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    run("--time-limit", "1e-9", "--resume", str(file))

    done = run("--json", "--resume", str(file), "--seed", "other")

    assert (done.exit_code, json.loads(done.stdout)["faults"][0]["code"]) == (2, "PLAN_OTHER")
    assert file.exists()


def test_every_fault_of_a_plan_is_named_with_its_place() -> None:
    faulty = {
        "format": "panel-plan/2",
        "colour": 1,
        "candidates": [{"id": "e1"}, {"id": "e1"}],
        "matters": [
            {"id": "m1", "size": 0, "fit": {"e1": 101}},
            {"id": "m2", "size": 1, "caps": [{"attribute": "employer", "max": 0}], "apart": [["e1", "e9"]]},
            {"id": "m3", "size": 1, "fit": {"e9": 5}, "reserves": 1},
            {"id": "m3", "size": 1, "seats": [{"field": "1", "count": 2}]},
            {"size": 1},
        ],
    }

    done = run("--json", plan=faulty)

    assert done.exit_code == 2
    assert {(fault["at"], fault["code"]) for fault in json.loads(done.stdout)["faults"]} == {
        ("/colour", "KEY_UNKNOWN"),
        ("/format", "FORMAT_OTHER"),
        ("/candidates/1/id", "ID_REPEATED"),
        ("/matters/0/size", "NUMBER_OUT_OF_RANGE"),
        ("/matters/0/fit/e1", "NUMBER_OUT_OF_RANGE"),
        ("/matters/1/caps/0/max", "NUMBER_OUT_OF_RANGE"),
        ("/matters/1/apart/0/1", "ID_UNKNOWN"),
        ("/matters/2/reserves", "KEY_UNKNOWN"),
        ("/matters/2/fit/e9", "ID_UNKNOWN"),
        ("/matters/3/seats", "SEATS_ABOVE_SIZE"),
        ("/matters/4", "KEY_MISSING"),
    }
    assert not schema("panel-plan-1").is_valid(faulty)


def test_two_matters_of_one_id_are_a_fault() -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        parse_plan(PLAN | {"matters": [PLAN["matters"][0], PLAN["matters"][0]]})

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [("/matters/1/id", "ID_REPEATED")]


def test_the_hash_knows_what_matters_and_nothing_else() -> None:
    plain = parse_plan(PLAN).plan_sha256
    remarked = PLAN | {"x-by": "center", "matters": [PLAN["matters"][1], PLAN["matters"][0] | {"x-note": 1}]}
    other = PLAN | {"matters": [PLAN["matters"][0], PLAN["matters"][1] | {"fit": {"e0": 99}}]}

    assert parse_plan(remarked).plan_sha256 == plain
    assert parse_plan(other).plan_sha256 != plain


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", ["2 个事项已组成专家组，1 个事项不能组成", "已证明不可能更均衡"]), ("en", ["1 cannot have one", "proven"])],
)
def test_tables_speak_the_language_asked_for(lang: str, words: list[str]) -> None:
    done = run("--lang", lang, plan=PARTIAL)

    assert [word for word in words if word not in done.stdout] == []
    assert "〔" not in done.stdout
