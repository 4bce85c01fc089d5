"""The commands `expertpool demo`, as a person runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from service.demo import DEMO_ACCOUNTS

Done = subprocess.CompletedProcess[str]


def _expertpool(folder: Path, *words: str, **environment: str) -> Done:
    program = "import sys; from service.cli.main import main; sys.argv[0] = 'expertpool'; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, "EXPERTPOOL_VAR": str(folder / "var"), **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


def test_accounts_are_printed_for_programs_and_for_people(tmp_path: Path) -> None:
    machine = _expertpool(tmp_path, "demo", "accounts", "--json")
    people = _expertpool(tmp_path, "demo", "accounts")

    assert [row["login"] for row in json.loads(machine.stdout)] == [account.login for account in DEMO_ACCOUNTS]
    assert [line.split()[0] for line in people.stdout.splitlines()] == [account.login for account in DEMO_ACCOUNTS]


def test_a_roster_is_written_once_and_over_another_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "roster.xlsx"

    first = _expertpool(tmp_path, "demo", "roster", str(file), "--messy")
    second = _expertpool(tmp_path, "demo", "roster", str(file))
    forced = _expertpool(tmp_path, "demo", "roster", str(file), "--force")

    assert (first.returncode, second.returncode, forced.returncode) == (0, 2, 0)
    assert "is there already" in second.stderr
    assert file.read_bytes()[:2] == b"PK"


def test_a_roster_with_another_ending_is_refused_with_the_remedy(tmp_path: Path) -> None:
    refused = _expertpool(tmp_path, "demo", "roster", str(tmp_path / "roster.csv"))

    assert refused.returncode == 2
    assert "ending in .xlsx" in refused.stderr
    assert not (tmp_path / "roster.csv").exists()


def test_production_has_no_demonstration(tmp_path: Path) -> None:
    production = {"EXPERTPOOL_MODE": "production", "EXPERTPOOL_BASE_URL": "https://expert.example"}

    for words in (["load"], ["clear", "--yes"], ["accounts"], ["roster", str(tmp_path / "roster.xlsx")]):
        refused = _expertpool(tmp_path, "demo", *words, **production)
        assert (words, refused.returncode, refused.stdout) == (words, 3, "")
    assert list(tmp_path.iterdir()) == []
