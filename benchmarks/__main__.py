"""`make bench`: every figure a ratio against a named peer in the same run, printed with the machine.

Source of the method: one process, the peers one after the other on the same data, best of several rounds.
"""

import importlib
import os
import platform
import sys

SUBJECTS = ("compose", "draw", "conflicts", "roster_import", "list_page")


def main() -> None:
    """Run the benchmarks that are named, or all."""
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(SUBJECTS)
    short = "--short" in sys.argv
    print(f"{platform.platform()} · Python {platform.python_version()} · {os.cpu_count()} cores")
    for name in wanted:
        print(f"\n== {name}")
        importlib.import_module(f"benchmarks.{name}").run(short=short)


if __name__ == "__main__":
    main()
