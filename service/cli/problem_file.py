"""What the commands share that read a panel problem: its argument, the time limit, reading it."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.from_file import read_file, refuse

if TYPE_CHECKING:
    from selection import PanelRequest

PROBLEM: Final = click.argument("problem", type=click.Path(allow_dash=True, path_type=Path))
TIME_LIMIT: Final = click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop after so many seconds."
)


def read_problem(problem: Path, as_json: bool) -> "PanelRequest":
    """Return the problem of a file; one with faults ends the command, every fault named."""
    from selection import PanelProblemFaults, parse_problem

    try:
        return parse_problem(read_file(problem, as_json))
    except PanelProblemFaults as faults:
        refuse(faults, as_json)
