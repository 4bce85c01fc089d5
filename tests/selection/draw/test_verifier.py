"""The stand-alone verifier: one short file, nothing but Python, and of one mind with the package."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import Candidate, PanelRequest, canonical_json
from selection.draw import verify_record
from selection.draw.verifier import verify
from service.cli import panel
from tests.selection.builders import requests
from tests.selection.draw.lotteries import random_record
from tests.selection.draw.test_verify import (
    ALTERED,
    a_drand_record,
    a_record,
    altered_seat,
    drand_altered,
    fit_again,
    spread_removed,
)

FILE = Path(sys.modules[verify.__module__].__file__ or "")


def code_of(record: Any, published: str = "") -> str | None:
    try:
        verify(json.dumps(record, ensure_ascii=False), published)
    except AssertionError as differs:
        return str(differs).partition(":")[0]
    return None


def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    # Isolated and without site: no package, no folder of this project can be found.
    return subprocess.run([sys.executable, "-I", "-S", *map(str, words)], capture_output=True, text=True, check=False)


def test_it_is_one_file_of_at_most_150_lines_of_the_standard_library() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 150
    assert max(map(len, text.splitlines())) <= 120
    imported = {line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import", "from"))}
    assert imported <= sys.stdlib_module_names


def test_it_is_printed_as_it_is_and_runs_alone(tmp_path: Path) -> None:
    printed = CliRunner().invoke(panel.command, ["verifier"])
    assert printed.stdout_bytes == FILE.read_bytes()
    (tmp_path / "verifier.py").write_bytes(printed.stdout_bytes)
    record = a_record()
    (tmp_path / "record.json").write_text(canonical_json(record), encoding="utf-8")

    done = run(tmp_path / "verifier.py", tmp_path / "record.json", record["commitment_sha256"])

    assert (done.returncode, record["commitment_sha256"] in done.stdout) == (0, True)


@pytest.mark.parametrize(("text", "code"), [(None, 2), ("", 2), ("{}", 2), ("[" * 10**5, 2), ("altered", 3)], ids=str)
def test_it_ends_with_2_or_3_and_a_sentence(tmp_path: Path, text: str | None, code: int) -> None:
    record = a_record()
    record["panel"][0]["id"] = "e99"
    if text is not None:
        whole = canonical_json(record) if text == "altered" else text
        (tmp_path / "record.json").write_text(whole, encoding="utf-8")

    done = run(FILE, tmp_path / "record.json")

    assert (done.returncode, done.stdout.startswith("NOT VERIFIED. "), done.stderr) == (code, True, "")


@pytest.mark.parametrize("alter", ALTERED, ids=lambda alter: alter.__name__)
@pytest.mark.parametrize("fitting", [False, True], ids=["as it is", "hashes made to fit"])
def test_it_names_the_same_alteration_as_the_package(alter: Any, fitting: bool) -> None:
    record = a_record()
    alter(record)
    if fitting:
        fit_again(record)

    # It does not show that no other panel could break a rule: there the draw done again tells.
    unproven = {altered_seat, spread_removed} if fitting else set()
    assert code_of(record) == ("DRAW_DIFFERS" if alter in unproven else ALTERED[alter][fitting])


def test_it_holds_the_commitment_against_the_published_hash() -> None:
    record = a_record()

    assert code_of(record, record["commitment_sha256"]) is None
    assert code_of(record, "0" * 64) == "COMMITMENT_OTHER"


def test_it_checks_a_drand_round_as_the_package_does() -> None:
    assert code_of(a_drand_record()) is None
    assert [code_of(record) for record in drand_altered()] == ["SEED_DIFFERS"] * 3


def test_it_agrees_with_the_package_on_two_hundred_random_records() -> None:
    declines = 0
    for seed in range(200):
        record = random_record(seed)
        declines += len(record["declines"])
        assert (code_of(record), verify_record(record).code) == (None, None)
    assert declines > 100


@settings(max_examples=100, deadline=None)
@given(requests(), st.integers(0, 10**6))
def test_it_agrees_with_the_package_on_problems_of_every_kind(request: PanelRequest, seed: int) -> None:
    record = random_record(seed, request)
    if record is not None:
        assert (code_of(record), verify_record(record).code) == (None, None)


def test_names_beyond_the_basic_plane_are_hashed_in_the_order_of_utf16() -> None:
    """The private character U+E000 comes before the ideograph U+20BB7 by code points, and after it in UTF-16."""
    names = ["\ue000", "\U00020bb7", "甲", "e1"]
    request = PanelRequest(2, tuple(Candidate(name, attributes={name: name}) for name in names), reserves=1)
    record = random_record(1, request)

    assert record is not None
    assert (code_of(record), verify_record(record).code) == (None, None)
    escaped = json.dumps(record)
    verify(escaped)
    assert verify_record(escaped).code is None
