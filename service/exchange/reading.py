"""Opening a foreign file: in a child process with bounds, so that whatever it holds, the service goes on."""

import json
from typing import Any

from service.exchange.bounded import run_bounded
from service.exchange.container import MOST_BYTES
from service.exchange.grid import Grid, from_json
from service.exchange.refused import FileRefused

SECONDS = 60


def read_file(content: bytes, *, seconds: float = SECONDS) -> tuple[Grid, ...]:
    """Return the sheets of an .xlsx, .xls or .csv file.

    Blocks for as long as the child needs, so it belongs in a thread.

    Args:
        content: the whole file; its name plays no part.
        seconds: how long the child may take.

    Raises:
        FileRefused: with the reason; FILE_TOO_SLOW and FILE_TOO_HEAVY when a bound was reached.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused("FILE_TOO_LARGE", megabytes=MOST_BYTES // 1024 // 1024)
    return _outcome(run_bounded("service.exchange.child", content, seconds=seconds))


def _outcome(output: bytes) -> tuple[Grid, ...]:
    body: dict[str, Any] = json.loads(output)
    if "refused" in body:
        raise FileRefused(str(body["refused"]), **body["facts"])
    return tuple(from_json(grid) for grid in body["grids"])
