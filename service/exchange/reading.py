"""Opening a foreign file: in a child process with bounds, so that whatever it holds, the service goes on."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from service.exchange.container import MOST_BYTES
from service.exchange.grid import Grid, from_json
from service.exchange.refused import FileRefused

SECONDS = 60


def read_file(content: bytes, *, seconds: float = SECONDS) -> tuple[Grid, ...]:
    """Return the sheets of an .xlsx, .xls or .csv file.

    Blocks for as long as the child needs, so it belongs in a thread. The child gets the file on standard input and
    a bare environment: no secret of the service is within its reach.

    Args:
        content: the whole file; its name plays no part.
        seconds: how long the child may take.

    Raises:
        FileRefused: with the reason; FILE_TOO_SLOW and FILE_TOO_HEAVY when a bound was reached.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused("FILE_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    try:
        child = subprocess.run(
            [sys.executable, "-m", "service.exchange.child"],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])},
        )
    except subprocess.TimeoutExpired:
        raise FileRefused("FILE_TOO_SLOW", seconds=int(seconds)) from None
    if child.returncode > 0:
        raise FileRefused("FILE_DAMAGED")  # the reader gave up on something nobody foresaw
    if child.returncode < 0:
        # Killed by its processor limit, or ended by a failed allocation inside the reader.
        slow = -child.returncode in (signal.SIGXCPU, signal.SIGKILL)
        raise FileRefused("FILE_TOO_SLOW" if slow else "FILE_TOO_HEAVY", seconds=int(seconds))
    return _outcome(child.stdout)


def _outcome(output: bytes) -> tuple[Grid, ...]:
    body: dict[str, Any] = json.loads(output)
    if "refused" in body:
        raise FileRefused(str(body["refused"]), **body["facts"])
    return tuple(from_json(grid) for grid in body["grids"])
