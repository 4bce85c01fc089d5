"""The tutorial's program, run as it is printed, against a served demonstration county."""

import subprocess
import sys
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"


def test_the_tutorial_s_program_leads_to_a_determined_panel(served: str) -> None:
    page = TUTORIAL.read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0]
    assert "http://localhost:8000" in program

    done = subprocess.run(
        [sys.executable, "-c", program.replace("http://localhost:8000", served)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    panel, state = done.stdout.splitlines()
    assert panel.startswith("optimal ")
    assert state == "determined"
