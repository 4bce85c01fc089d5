"""The tutorial's path from the command line, run as it is printed, in the demonstration county."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from service.demo import demo_county
from service.demo.load import load_when_empty
from service.settings import Settings
from service.storage.migrate import migrate
from service.storage.session import Database

ROOT = Path(__file__).parents[2]
PROGRAM = "import sys; from service.cli.main import main; sys.argv[0] = 'expertpool'; main()"


@pytest.fixture(scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `var` holds the county: the whole library and its history."""
    folder: Path = tmp_path_factory.mktemp("tutorial")
    county = demo_county()
    settings = Settings.from_environment({"EXPERTPOOL_VAR": str(folder / "var")})
    database = Database(settings.database_url)
    await migrate(database)
    small = replace(county, matters=county.matters[:9])
    assert await load_when_empty(database, settings, county=small, tell=lambda *_: None)
    await database.close()
    return folder


def _run(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    program, *words = shlex.split(line)
    assert program == "expertpool"
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        env={**os.environ, "EXPERTPOOL_VAR": str(folder / "var"), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tutorial_s_commands_lead_to_a_determined_panel(folder: Path) -> None:
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    block = page.split("## The same from the command line")[1].split("```sh\n")[1].split("```")[0]
    lines = block.strip().splitlines()
    assert len(lines) == 9

    said: dict[str, str] = {}
    number = "2026-026"
    for line in lines:
        done = _run(folder, line.replace("2026-026", number))
        assert done.returncode == 0, (line, done.stderr)
        words = " ".join(line.split()[1:3])
        said[words] = said.get(words, "") + done.stdout
        if words == "matter open":
            # The whole county has 25 matters of 2026, this short one none.
            number = re.findall(r"2026-\d{3}", done.stdout)[0]

    counted = [line.split() for line in said["import roster.xlsx"].splitlines() if line.startswith("new ")]
    assert counted[0] == ["new", "34", "changed", "6", "identical", "3", "hint", "1", "error", "3"]
    assert re.search(r"34 new, 6 changed .*3 identical, 1 who .*3 with an error", page.replace("\n", " "))
    assert "determined" in said["matter determine"]
    assert "as they were written" in said["ledger verify"]


def test_the_tutorial_s_problem_has_the_answer_that_the_tutorial_gives(folder: Path) -> None:
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    problem = page.split("```json\n")[1].split("```")[0]
    (folder / "problem.json").write_text(problem, encoding="utf-8")

    composed = _run(folder, "expertpool panel compose problem.json --json")
    checked = _run(folder, "expertpool panel check problem.json --panel e1,e2,e4 --json")

    assert re.findall(r'"id": ?"(e\d)"', composed.stdout)[:3] == ["e2", "e3", "e4"]
    assert (composed.returncode, checked.returncode) == (0, 3)
    assert "CAP_EXCEEDED" in checked.stdout
