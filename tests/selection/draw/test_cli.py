"""The commands of a draw: files in, files out, exit codes, sentences."""

import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from selection import canonical_json, problem_json
from service.cli import panel
from tests.selection.draw.lotteries import a_lottery, a_request

SCHEMAS = Path(panel.__file__).parents[2] / "selection" / "schemas"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(panel.command, list(map(str, words)))


def valid(name: str, value: Any) -> bool:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return bool(jsonschema_rs.validator_for(schema).is_valid(value))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    request = a_request()
    lottery = a_lottery(request, Random(3), spread="employer")
    assert lottery is not None
    (tmp_path / "problem.json").write_text(json.dumps(problem_json(request)), encoding="utf-8")
    (tmp_path / "lottery.json").write_text(json.dumps(lottery.to_json()), encoding="utf-8")
    return tmp_path


def committed(files: Path, *words: str) -> Path:
    done = run("commit", files / "problem.json", "--lottery", files / "lottery.json", *words)
    assert done.exit_code == 0, done.stderr
    (files / "commitment.json").write_bytes(done.stdout_bytes)
    return files / "commitment.json"


def drawn(files: Path, *words: str) -> Path:
    done = run("draw", committed(files), *words)
    assert done.exit_code == 0, done.stderr
    (files / "record.json").write_bytes(done.stdout_bytes)
    return files / "record.json"


def test_the_hash_of_a_commitment_is_the_hash_of_its_file(files: Path) -> None:
    done = run("commit", files / "problem.json", "--lottery", files / "lottery.json", "--json")

    assert f"commitment SHA-256: {hashlib.sha256(done.stdout_bytes).hexdigest()}" in done.stderr
    assert valid("commitment-1", json.loads(done.stdout))


def test_the_lottery_is_found_when_none_is_given(files: Path) -> None:
    done = run("commit", files / "problem.json")
    (files / "commitment.json").write_bytes(done.stdout_bytes)
    (files / "record.json").write_bytes(run("draw", files / "commitment.json", "--seed", "2026").stdout_bytes)

    found = json.loads(run("lottery", files / "problem.json", "--json").stdout)
    assert json.loads(done.stdout)["lottery"] == found
    assert run("verify", files / "record.json").exit_code == 0
    equal = json.loads(run("commit", files / "problem.json", "--equal").stdout)["lottery"]
    assert (equal["x-equal"], equal["chances"] == found["chances"]) == (True, False)


def test_without_a_panel_nothing_is_committed_to(files: Path) -> None:
    value = json.loads((files / "problem.json").read_text(encoding="utf-8"))
    value["seats"] = [{"field": "999"}]
    (files / "problem.json").write_text(json.dumps(value), encoding="utf-8")

    done = run("commit", files / "problem.json", "--json")
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (3, "infeasible")
    assert run("commit", files / "problem.json", "--time-limit", "1e-9").exit_code in {3, 4}


def test_a_commitment_holds_what_was_said(files: Path) -> None:
    words = ["--matter", "m1", "--panel", "2", "--draw", "3", "--reveal-on", "2026-12-01"]
    sources = ["--source", "福彩3D 第2026140期=rfc3797", "--source", f"drand={'drand'}:{'A' * 64}:5"]
    value = json.loads(committed(files, *words, *sources).read_text(encoding="utf-8"))

    assert (value["matter"], value["panel"], value["draw"], value["reveal_on"]) == ("m1", 2, 3, "2026-12-01")
    assert value["sources"] == [
        {"name": "福彩3D 第2026140期", "kind": "rfc3797"},
        {"name": "drand", "kind": "drand", "chain": "a" * 64, "round": 5},
    ]
    assert valid("commitment-1", value)


def test_a_draw_is_verified(files: Path) -> None:
    record = drawn(files, "--seed", "2026")
    value = json.loads(record.read_text(encoding="utf-8"))

    assert valid("draw-record-1", value)
    assert record.read_text(encoding="utf-8") == canonical_json(value)
    assert run("verify", record).exit_code == 0
    found = json.loads(run("verify", record, "--json", "--published", value["commitment_sha256"].upper()).stdout)
    assert (found["verified"], found["code"]) == (True, None)


@pytest.mark.parametrize(("lang", "words"), [("zh", "核验通过"), ("en", "Verified")])
def test_the_verification_speaks_the_language_asked_for(files: Path, lang: str, words: str) -> None:
    done = run("verify", drawn(files, "--seed", "2026"), "--lang", lang)

    assert words in done.stdout
    assert hashlib.sha256((files / "commitment.json").read_bytes()).hexdigest() in done.stdout


def test_an_altered_record_ends_with_3_and_says_what_differs(files: Path) -> None:
    record = drawn(files, "--seed", "2026")
    value = json.loads(record.read_text(encoding="utf-8"))
    value["panel"][0]["id"] = "e99"
    record.write_text(json.dumps(value, indent=2), encoding="utf-8")

    done = run("verify", record, "--lang", "en")
    assert (done.exit_code, "e99" in done.stdout) == (3, True)
    as_json = json.loads(run("verify", record, "--json").stdout)
    assert (as_json["verified"], as_json["code"]) == (False, "DRAW_DIFFERS")


def test_a_commitment_that_was_not_published_ends_with_3(files: Path) -> None:
    done = run("verify", drawn(files, "--seed", "2026"), "--published", "0" * 64)

    assert done.exit_code == 3


def test_declines_continue_the_draw(files: Path) -> None:
    record = json.loads(drawn(files, "--seed", "2026").read_text(encoding="utf-8"))
    gone = record["panel"][1]["id"]
    after = json.loads(drawn(files, "--seed", "2026", "--decline", gone).read_text(encoding="utf-8"))

    assert after["drawn"] == record["panel"]
    before, now = ({row["id"] for row in one["panel"]} for one in (record, after))
    assert (before - now, len(now - before)) == ({gone}, 1)
    assert run("verify", files / "record.json").exit_code == 0


def test_when_nobody_can_join_the_draw_ends_with_3_and_its_record_is_true(files: Path) -> None:
    commitment, gone = committed(files), list[str]()
    while (done := run("draw", commitment, "--seed=x", *(f"--decline={one}" for one in gone))).exit_code == 0:
        gone.append(next(row["id"] for row in json.loads(done.stdout)["panel"] if row["seat"] == "570"))

    assert done.exit_code == 3
    assert f"Nobody can join in the place of {gone[-1]}" in done.stderr
    (files / "record.json").write_bytes(done.stdout_bytes)
    assert valid("draw-record-1", json.loads(done.stdout))
    assert run("verify", files / "record.json").exit_code == 0


def test_a_stranger_cannot_decline(files: Path) -> None:
    done = run("draw", committed(files), "--seed", "x", "--decline", "e99", "--json")

    assert (done.exit_code, json.loads(done.stdout)["faults"][0]["code"]) == (2, "NOT_IN_DRAW")


def test_numbers_make_the_key_string_of_the_rfc(files: Path) -> None:
    record = json.loads(drawn(files, "--seed-rfc3797", "9319 / 2 5 8 10 12 / 9 18 26 34 41 45").read_text("utf-8"))

    assert record["seed"] == "9319./2.5.8.10.12./9.18.26.34.41.45./"


def test_sources_are_given_by_name_in_any_order(files: Path) -> None:
    commitment = committed(files, "--source", "a=text", "--source", "b=rfc3797")

    record = json.loads(run("draw", commitment, "--source", "b=9 3", "--source", "a=x=y").stdout)
    assert (record["seed"], [one["name"] for one in record["sources"]]) == ("x=y\n3.9./", ["a", "b"])


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--seed", "x", "--seed-rfc3797", "1"],
        ["--seed", ""],
        ["--seed", "a\nb"],
        ["--seed-rfc3797", "one"],
        ["--source", "dice=3"],
        ["--source", "seed=1", "--source", "seed=2"],
    ],
    ids=["no seed", "two seeds", "empty", "two lines", "no number", "no such source", "a source twice"],
)
def test_a_seed_that_does_not_fit_ends_with_2(files: Path, words: list[str]) -> None:
    done = run("draw", committed(files), *words)

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_drand_round_is_read_from_the_file_of_the_beacon(files: Path) -> None:
    signature = "ab" * 48
    beacon = {"round": 5, "randomness": hashlib.sha256(bytes.fromhex(signature)).hexdigest(), "signature": signature}
    (files / "beacon.json").write_text(json.dumps(beacon), encoding="utf-8")
    commitment = committed(files, "--source", f"beacon=drand:{'0' * 64}:5")

    done = run("draw", commitment, "--source", f"beacon=@{files / 'beacon.json'}")
    assert json.loads(done.stdout)["seed"] == beacon["randomness"]
    (files / "record.json").write_bytes(done.stdout_bytes)
    verified = run("verify", files / "record.json", "--lang", "en")
    assert verified.exit_code == 0
    assert "whether the beacon made that signature was not checked" in verified.stdout

    for changed in ({"round": 6}, {"randomness": "0" * 64}, {"signature": "zz"}):
        given = json.dumps(beacon | changed)
        assert run("draw", commitment, "--source", f"beacon={given}").exit_code == 2
    assert run("draw", commitment, "--source", "beacon=no json").exit_code == 2


@pytest.mark.parametrize("command", ["commit", "draw", "verify"])
@pytest.mark.parametrize(
    "text",
    ["", "[", '{"format": "x/1"}', "[" * 50_000, '{"a": 1e999}', "\x00"],
    ids=["empty", "cut", "other", "deep", "big", "nul"],
)
def test_what_is_no_such_file_ends_with_2(tmp_path: Path, command: str, text: str) -> None:
    (tmp_path / "file.json").write_text(text, encoding="utf-8")
    words = {"commit": ["--lottery", tmp_path / "file.json"], "draw": ["--seed", "x"], "verify": []}[command]

    done = run(command, tmp_path / "file.json", *words)

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_lottery_of_another_problem_ends_with_2(files: Path) -> None:
    value = json.loads((files / "problem.json").read_text(encoding="utf-8")) | {"reserves": 5}
    (files / "problem.json").write_text(json.dumps(value), encoding="utf-8")

    done = run("commit", files / "problem.json", "--lottery", files / "lottery.json", "--json")

    assert (done.exit_code, json.loads(done.stdout)["faults"][0]["at"]) == (2, "/lottery/problem_sha256")


@pytest.mark.parametrize("source", ["a", "a=stars", "a=drand", "a=drand:0:x", "a=text:1"])
def test_a_source_of_no_known_kind_ends_with_2(files: Path, source: str) -> None:
    done = run("commit", files / "problem.json", "--lottery", files / "lottery.json", "--source", source)

    assert (done.exit_code, done.stdout) == (2, "")


def test_the_rfc_example_is_printed() -> None:
    words = ["rfc3797", "--names", "25", "--picks", "16", "--sources", "9319 / 2 5 8 10 12 / 9 18 26 34 41 45"]

    assert json.loads(run(*words, "--json").stdout)["picks"] == [
        17,
        7,
        2,
        16,
        25,
        23,
        8,
        24,
        19,
        13,
        22,
        5,
        18,
        9,
        1,
        4,
    ]
    assert run(*words).stdout.splitlines()[1].startswith("17 7 2 16")
    assert run("rfc3797", "--names", "5", "--picks", "6", "--sources", "1").exit_code == 2
