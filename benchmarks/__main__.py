"""`make bench`: every figure a ratio against a named peer in the same run, printed with the machine.

Source of the method: one process, the peers one after the other on the same data, best of several rounds. With `--json`
the same as data: for each subject its figures, where it returns them, and the lines it printed.
"""

import contextlib
import importlib
import io
import json
import os
import platform
import sys
from typing import Any

SUBJECTS = (
    "compose",
    "plan",
    "matching",
    "replacement",
    "blocking",
    "lottery",
    "draw",
    "conflicts",
    "roster_import",
    "list_page",
)


def main() -> None:
    """Run the benchmarks that are named, or all."""
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(SUBJECTS)
    short = "--short" in sys.argv
    machine = f"{platform.platform()} · Python {platform.python_version()} · {os.cpu_count()} cores"
    if "--json" in sys.argv:
        found = {"machine": machine, "short": short, "subjects": [_as_data(name, short=short) for name in wanted]}
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    print(machine)
    for name in wanted:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").run(short=short)


def _as_data(name: str, *, short: bool) -> dict[str, Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        figures = importlib.import_module(f"benchmarks.{name}").run(short=short)
    return {
        "subject": name,
        "figures": [figure.to_json() for figure in figures or ()],
        "lines": printed.getvalue().splitlines(),
    }


if __name__ == "__main__":
    main()
