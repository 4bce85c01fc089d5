"""The panel and schema commands: output, exit codes, and that they start without what they do not need."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from service.cli import panel, schema

PROBLEM: dict[str, Any] = {
    "format": "panel-problem/1",
    "size": 2,
    "seats": [{"field": "570"}],
    "caps": [{"attribute": "employer", "max": 1}],
    "reserves": 2,
    "candidates": [
        {"id": "e1", "fields": ["57020"], "attributes": {"employer": "o1"}},
        {"id": "e2", "attributes": {"employer": "o1"}},
        {"id": "e3", "attributes": {"employer": "o2"}, "service": 1},
        {"id": "e4", "fields": ["570"], "service": 3},
        {"id": "甲,乙", "service": 9},
    ],
}
NO_PANEL = PROBLEM | {"seats": [{"field": "110"}]}


def run(*words: str, problem: Any = PROBLEM) -> Result:
    text = problem if isinstance(problem, str) else json.dumps(problem)
    return CliRunner().invoke(panel.command, [words[0], "-", *words[1:]], input=text)


def test_compose_prints_the_result_and_only_that() -> None:
    done = run("compose", "--json", "--seed", "2026")

    assert done.exit_code == 0
    result = json.loads(done.stdout)
    assert [member["id"] for member in result["panel"]] == ["e1", "e3"]
    assert (result["status"], result["seed"]) == ("optimal", "2026")


def test_compose_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "问题.json").write_text(json.dumps(PROBLEM), encoding="utf-8")

    done = CliRunner().invoke(panel.command, ["compose", str(tmp_path / "问题.json"), "--json"])

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "optimal")


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    done = CliRunner().invoke(panel.command, ["compose", str(tmp_path / "none.json"), "--json"])

    assert (done.exit_code, json.loads(done.stdout)["faults"][0]["code"]) == (2, "FILE_UNREADABLE")


def test_faults_end_with_2_and_are_all_named() -> None:
    faulty = PROBLEM | {"size": 0, "colour": 1}

    as_json = run("compose", "--json", problem=faulty)
    assert (as_json.exit_code, [fault["at"] for fault in json.loads(as_json.stdout)["faults"]]) == (
        2,
        ["/colour", "/size"],
    )
    for_people = run("compose", problem=faulty)
    assert (for_people.exit_code, for_people.stdout) == (2, "")
    assert "/colour: There is no key colour here." in for_people.stderr


def test_no_panel_ends_with_3() -> None:
    done = run("compose", "--json", problem=NO_PANEL)

    assert (done.exit_code, [rule["at"] for rule in json.loads(done.stdout)["blocking"]]) == (3, ["/seats/0"])


def test_a_stop_ends_with_4() -> None:
    done = run("compose", "--json", "--time-limit", "1e-9")

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (4, "stopped")


@pytest.mark.parametrize(
    ("names", "code", "status"),
    [(["e1,e3"], 0, "kept"), (["e1,e2"], 3, "broken"), (["e1", "甲,乙"], 0, "kept"), (["e1", "e3"], 0, "kept")],
    ids=["kept", "broken", "an id with a comma", "one by one"],
)
def test_check_says_what_a_list_keeps(names: list[str], code: int, status: str) -> None:
    done = run("check", "--json", *(word for name in names for word in ("--panel", name)))

    assert (done.exit_code, json.loads(done.stdout)["status"]) == (code, status)


@pytest.mark.parametrize(
    ("leaves", "code", "exchanges"),
    [("e3", 0, [{"out": "e3", "in": "e4"}]), ("e1", 0, [{"out": "e1", "in": "e4"}])],
)
def test_replace_says_who_comes_in(leaves: str, code: int, exchanges: list[dict[str, str]]) -> None:
    done = run("replace", "--json", "--panel", "e1,e3", "--leaves", leaves)

    assert (done.exit_code, json.loads(done.stdout)["exchanges"]) == (code, exchanges)


def test_replace_says_why_nobody_can() -> None:
    done = run(
        "replace",
        "--panel",
        "e1,e3",
        "--leaves",
        "e1",
        "--lang",
        "en",
        problem=PROBLEM | {"candidates": [one for one in PROBLEM["candidates"] if one["id"] != "e4"]},
    )

    assert done.exit_code == 3
    assert "When e1 leaves there is no panel" in done.stdout
    assert "〔" not in done.stdout


def test_a_stranger_on_the_list_is_a_fault() -> None:
    done = run("check", "--json", "--panel", "e1,e99")

    assert (done.exit_code, json.loads(done.stdout)["faults"][0]["at"]) == (2, "/panel/1")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["最优专家组", "席位", "候补专家编号", "已满足"]),
        ("en", ["The best panel, proven", "Seat", "Reserve id", "kept"]),
    ],
)
def test_tables_speak_the_language_asked_for(lang: str, words: list[str]) -> None:
    done = run("compose", "--lang", lang)

    assert done.exit_code == 0
    assert [word for word in words if word not in done.stdout] == []


def test_tables_say_why_there_is_no_panel_and_what_to_do() -> None:
    done = run("compose", "--lang", "en", problem=NO_PANEL)

    assert done.exit_code == 3
    assert "Field 110 needs 1 experts" in done.stdout
    assert "Ways out" in done.stdout
    assert "〔" not in done.stdout


def test_tables_show_a_broken_list_and_its_repair() -> None:
    done = run("check", "--panel", "e1,e2", "--lang", "en")

    assert done.exit_code == 3
    assert "The list breaks rules" in done.stdout
    assert [line.split() for line in done.stdout.splitlines() if line.startswith("e2")] == [["e2", "e3"]]
    assert "〔" not in done.stdout


def test_every_schema_is_printed_and_is_a_schema() -> None:
    listed = CliRunner().invoke(schema.command, []).stdout.split()

    assert {"panel-problem/1", "panel-result/1", "panel-check/1", "refusal/1", "faults/1"} <= set(listed)
    for name in listed:
        done = CliRunner().invoke(schema.command, [name])
        assert (done.exit_code, json.loads(done.stdout)["$schema"]) == (
            0,
            "https://json-schema.org/draft/2020-12/schema",
        )
        jsonschema_rs.validator_for(json.loads(done.stdout))


def test_an_unknown_schema_is_a_fault() -> None:
    done = CliRunner().invoke(schema.command, ["panel-problem/9"])

    assert done.exit_code == 2
    assert "panel-problem/1" in done.stderr


@pytest.mark.parametrize(
    ("words", "unwanted"),
    [
        (["panel", "--help"], {"numpy", "ortools", "litestar", "sqlalchemy", "babel"}),
        (["schema", "panel-problem/1"], {"numpy", "ortools", "litestar", "sqlalchemy"}),
        (["panel", "compose", "-", "--json"], {"ortools", "litestar", "sqlalchemy", "networkx"}),
    ],
    ids=["help", "schema", "a faulty problem"],
)
def test_a_command_loads_only_what_it_needs(words: list[str], unwanted: set[str]) -> None:
    program = (
        "import sys; from service.cli.main import main; sys.argv = ['expertpool', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", program, *words], input=b"{}", capture_output=True, check=True)

    loaded = set(json.loads(done.stderr.splitlines()[-1].replace(b"'", b'"')))
    assert loaded & unwanted == set()
