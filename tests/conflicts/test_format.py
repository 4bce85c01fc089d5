"""conflict-facts/1: the page's own example, every fault by its place, the schemas, the command line."""

import json
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner

from conflicts import FAULT_SENTENCES, InputRefused, Kind, Person, parse_facts, say_fault
from service.cli.conflicts import command

PAGE = (Path(__file__).parents[2] / "docs/formats/conflict-facts-1.md").read_text("utf-8")


def block(language: str) -> str:
    return re.search(rf"```{re.escape(language)}\n(.*?)```", PAGE, re.DOTALL).group(1)


EXAMPLE = block("json conflict-facts/1")


def schema(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((resources.files("conflicts") / "schemas" / name).read_text("utf-8")))


def run(*arguments: str, text: str = EXAMPLE) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, ["check", "-", *arguments], input=text.encode())
    return result.exit_code, result.stdout, result.stderr


def changed(pointer: str, value: Any) -> str:
    """The example with one value put in, or taken out when it is `...`."""
    data = json.loads(EXAMPLE)
    *parents, last = [int(key) if key.isdigit() else key for key in pointer.strip("/").split("/")]
    place = data
    for key in parents:
        place = place[key]
    if value is ...:
        del place[last]
    elif isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    return json.dumps(data)


def faults(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InputRefused) as refused:
        parse_facts(text)
    assert all(say_fault(fault, language=language) for fault in refused.value.faults for language in ("zh", "en"))
    return [(fault.at, fault.code) for fault in refused.value.faults]


def test_the_example_of_the_page_prints_what_the_page_shows() -> None:
    assert run("--language", "en") == (0, block("text en"), "")
    assert run("--json", "--person", "p2") == (3, block("json conflict-findings/1"), "")


def test_the_example_of_the_page_keeps_both_schemas() -> None:
    assert schema("conflict-facts-1.json").is_valid(json.loads(EXAMPLE))
    assert schema("conflict-findings-1.json").is_valid(json.loads(run("--json")[1]))


def test_the_example_reads_as_values() -> None:
    facts = parse_facts(EXAMPLE)

    assert facts.people[3] == Person("p4", identified=False, name="李静")
    assert [(fact.id, fact.kind) for fact in facts.facts[:2]] == [
        ("o1/parents/0", Kind.SUPERIOR),
        ("f1", Kind.EMPLOYMENT),
    ]
    assert facts.names()["o3"] == "清源水务有限公司"


def test_the_order_of_a_file_changes_no_finding() -> None:
    data = json.loads(EXAMPLE)
    for key in ("people", "organisations", "facts"):
        data[key].reverse()

    assert run("--json", text=json.dumps(data)) == run("--json")


def test_keys_of_other_programs_are_passed_over() -> None:
    assert run(text=changed("/facts/0/x-note", {"any": "thing"})) == run()


@pytest.mark.parametrize(
    ("pointer", "value", "at", "code"),
    [
        ("/format", "conflict-facts/2", "/format", "FORMAT_UNKNOWN"),
        ("/as_of", ..., "", "KEY_MISSING"),
        ("/as_of", "2026-02-30", "/as_of", "NOT_A_DAY"),
        ("/as_of", "20261123", "/as_of", "NOT_A_DAY"),
        ("/known_at", "2026-11-23T08:00:00", "/known_at", "NOT_AN_INSTANT"),
        ("/extra", 1, "/extra", "KEY_UNKNOWN"),
        ("/people", {}, "/people", "NOT_A_LIST"),
        ("/people/0", "p1", "/people/0", "NOT_AN_OBJECT"),
        ("/people/0/id", "", "/people/0/id", "NOT_A_TEXT"),
        ("/people/0/id", "a\nb", "/people/0/id", "NOT_A_TEXT"),
        ("/people/0/identified", "no", "/people/0/identified", "NOT_TRUE_OR_FALSE"),
        ("/people/5", {"id": "p1"}, "/people/5/id", "ID_REPEATED"),
        ("/organisations/3", {"id": "p1"}, "/organisations/3/id", "ID_REPEATED"),
        ("/organisations/0/parents/0/id", "p1", "/organisations/0/parents/0/id", "ID_UNKNOWN"),
        ("/organisations/0/parents/0/id", "o1", "/organisations/0", "TIE_TO_ITSELF"),
        ("/organisations/0/parents/0/to_on", "2001-12-31", "/organisations/0", "END_BEFORE_START"),
        ("/facts/0/kind", "friendship", "/facts/0/kind", "WORD_UNKNOWN"),
        ("/facts/0/subject", "p9", "/facts/0/subject", "ID_UNKNOWN"),
        ("/facts/0/subject", "o2", "/facts/0/subject", "ENDS_MISMATCHED"),
        ("/facts/0/object", "p2", "/facts/0/object", "ENDS_MISMATCHED"),
        ("/facts/1/to_on", "2018-02-28", "/facts/1", "END_BEFORE_START"),
        ("/facts/1/id", "f1", "/facts/1/id", "ID_REPEATED"),
        ("/facts/2/relation", ..., "/facts/2", "RELATION_MISSING"),
        ("/facts/0/relation", "spouse", "/facts/0", "RELATION_MISPLACED"),
        ("/facts/0/share", [1, 2], "/facts/0", "SHARE_MISPLACED"),
        ("/facts/0/share", [0.5, 1], "/facts/0/share", "NOT_A_PAIR"),
        ("/facts/4/stance", ..., "/facts/4", "STANCE_MISSING"),
        ("/facts/0/stance", "for", "/facts/0", "STANCE_MISPLACED"),
        ("/facts/2/object", "p3", "/facts/2", "TIE_TO_ITSELF"),
        ("/facts/0/colour", "red", "/facts/0/colour", "KEY_UNKNOWN"),
        ("/matters/0/parties/0/id", "o9", "/matters/0/parties/0/id", "ID_UNKNOWN"),
        ("/matters/0/parties/0/role", "matter", "/matters/0/parties/0/role", "WORD_UNKNOWN"),
        ("/policy/version", ..., "/policy", "KEY_MISSING"),
        ("/policy/rows", 3, "/policy/rows", "NOT_A_LIST"),
        ("/policy/rows/0", [], "/policy/rows/0", "NOT_AN_OBJECT"),
        ("/policy/rows/0/severity", "waiver", "/policy/rows/0", "DIRECT_INTEREST_RELAXED"),
        ("/policy/rows/0/basis", "policy", "/policy/rows/0", "DIRECT_INTEREST_RELAXED"),
        ("/policy/rows/1/id", "employer", "/policy/rows/1/id", "ID_REPEATED"),
        ("/policy/rows/1/window", "always", "/policy/rows/1/window", "WINDOW_UNKNOWN"),
        ("/policy/rows/1/depth", 2, "/policy/rows/1/depth", "DEPTH_NEEDS_THROUGH"),
        ("/policy/rows/1/depth", 9, "/policy/rows/1/depth", "NUMBER_OUTSIDE"),
        ("/policy/rows/1/kind", "statement", "/policy/rows/1/kind", "KIND_BEGINS_NO_PATH"),
        ("/policy/rows/1/kind", "self", "/policy/rows/1/window", None),
        ("/policy/rows/2/through/1", "succession", "/policy/rows/2/through/1", "KIND_LEADS_NOWHERE"),
        ("/policy/rows/2/through/0", "x", "/policy/rows/2/through/0", "WORD_UNKNOWN"),
        ("/policy/rows/2/kind", "self", "/policy/rows/2/depth", "SELF_HAS_NO_DEPTH"),
        ("/policy/rows/2/min_share", [3, 2], "/policy/rows/2/min_share", "SHARE_IMPOSSIBLE"),
        ("/policy/rows/2/a~b", 1, "/policy/rows/2/a~0b", "KEY_UNKNOWN"),
    ],
)
def test_a_fault_is_named_with_its_place(pointer: str, value: Any, at: str, code: str | None) -> None:
    text = changed(pointer, value)

    if code is None:
        assert parse_facts(text).policy.rows[1].kind is None
    else:
        assert faults(text) == [(at, code)]


def test_all_faults_are_named_at_once() -> None:
    data = json.loads(EXAMPLE)
    data["facts"][0]["kind"] = "friendship"
    data["facts"][1]["to_on"] = "2018-02-28"
    data["policy"]["rows"][0]["severity"] = "waiver"

    assert faults(json.dumps(data)) == [
        ("/facts/0/kind", "WORD_UNKNOWN"),
        ("/facts/1", "END_BEFORE_START"),
        ("/policy/rows/0", "DIRECT_INTEREST_RELAXED"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "NOT_JSON"),
        (b"\xff\xfe", "NOT_UTF8"),
        ("[" * 100_000, "NESTED_TOO_DEEP"),
        ("[]", "NOT_AN_OBJECT"),
    ],
)
def test_what_is_no_such_file_at_all_is_one_fault(text: str | bytes, code: str) -> None:
    assert faults(text) == [("", code)]


def test_a_key_that_stands_twice_is_a_fault_wherever_it_stands() -> None:
    twice = EXAMPLE.replace(
        '"kind": "employment", "object": "o1"', '"kind": "kinship", "kind": "employment", "object": "o1"'
    )
    row = EXAMPLE.replace('"window": 36', '"window": 0, "window": 36')

    assert faults(twice) == [("/facts/0/kind", "KEY_REPEATED")]
    assert faults(row) == [("/policy/rows/1/window", "KEY_REPEATED")]


def test_versions_of_a_fact_may_follow_one_another_but_not_stand_together() -> None:
    data = json.loads(EXAMPLE)
    first = data["facts"][0]
    data["facts"].append(first | {"to_on": "2020-01-01", "known_at": "2026-02-01T00:00:00Z"})

    assert faults(json.dumps(data)) == [("/facts/5/id", "ID_REPEATED")]
    first["retired_at"] = "2026-02-01T00:00:00Z"
    now, then = json.loads(run("--json", text=json.dumps(data))[1]), None
    data["known_at"] = "2026-01-31T00:00:00+08:00"
    then = json.loads(run("--json", text=json.dumps(data))[1])
    assert [finding["person"] for finding in now["findings"]] == ["p2", "p3", "p4"]
    assert [finding["person"] for finding in then["findings"]] == ["p1", "p2", "p3", "p4"]
    assert then["known_at"] == "2026-01-30T16:00:00+00:00"


def test_the_command_names_every_fault_in_words_and_ends_with_2() -> None:
    code, out, err = run("--language", "en", text=changed("/facts/1/to_on", "2018-02-28"))

    assert (code, out) == (2, "")
    assert err == "the file has 1 faults:\n  /facts/1: the end lies before the start; check both days\n"


def test_with_json_the_faults_are_json_too() -> None:
    code, out, _ = run("--json", text=changed("/facts/1/to_on", "2018-02-28"))

    assert (code, json.loads(out)) == (
        2,
        {"faults": [{"at": "/facts/1", "code": "END_BEFORE_START", "facts": {"fact": "f2"}}]},
    )


def test_another_day_can_be_asked_for() -> None:
    assert "钱芳" in run("--as-of", "2027-02-28")[1]
    assert "钱芳" not in run("--as-of", "2027-03-01")[1]


def test_asking_whether_somebody_may_sit_answers_with_the_exit_code() -> None:
    assert run("--person", "p5")[0] == 0
    assert run("--person", "p5", "--person", "p3")[0] == 3
    assert run("--person", "p9")[0] == 2
    assert run("--matter", "m9")[0] == 2


def test_every_path_can_be_asked_for() -> None:
    second = {"id": "f9", "subject": "p1", "kind": "employment", "object": "o3"}

    shortest = json.loads(run("--json", "--matter", "m1", "--person", "p1", text=changed("/facts/5", second))[1])
    every = json.loads(run("--json", "--paths", "--person", "p1", text=changed("/facts/5", second))[1])

    assert [[step["fact"] for step in finding["path"]] for finding in shortest["findings"]] == [["f1"]]
    assert [[step["fact"] for step in finding["path"]] for finding in every["findings"]] == [["f1"], ["f9"]]


def test_chinese_is_the_first_language() -> None:
    _, out, _ = run()

    assert "  赵明：应当回避  DIRECT_INTEREST（A30）\n" in out
    assert "    赵明任职于示范县水务局（2015-07-01起至今）；示范县水务局是决策承办单位。\n" in out
    assert out.endswith("  5 人中：应当回避 3，需豁免 1，需披露 0，其余 1 人无需回避。\n")


def test_every_fault_has_a_sentence_in_both_languages() -> None:
    assert set(FAULT_SENTENCES["zh"]) == set(FAULT_SENTENCES["en"])
    for code, sentence in FAULT_SENTENCES["zh"].items():
        assert set(re.findall(r"{(\w+)}", sentence)) == set(re.findall(r"{(\w+)}", FAULT_SENTENCES["en"][code]))


def test_the_command_imports_neither_database_nor_web() -> None:
    code = (
        "import sys; sys.argv = ['x']; import service.cli.conflicts, conflicts; "
        "print(sorted({'sqlalchemy', 'litestar', 'jinja2', 'numpy', 'ortools'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
