"""A child process with bounds in which foreign files are opened: whatever one holds, the service goes on."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from service.exchange.refused import FileRefused

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 40


def run_bounded(module: str, content: bytes, *, seconds: float) -> bytes:
    """Return what a module writes to standard output after reading a file from standard input.

    Blocks for as long as the child needs, so it belongs in a thread. The child gets a bare environment: no secret of
    the service is within its reach. It sets its own limits first, by `set_limits`.

    Args:
        module: to be run, by its dotted name.
        content: the whole file.
        seconds: how long the child may take.

    Raises:
        FileRefused: FILE_TOO_SLOW and FILE_TOO_HEAVY when a bound was reached, FILE_DAMAGED when the reader gave up.
    """
    try:
        child = subprocess.run(  # noqa: S603 -- a module of our own, named by our own code
            [sys.executable, "-m", module],
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
    return child.stdout


def set_limits() -> None:
    """Bound this process: memory, processor time, no file written, few open ones. The child calls it first."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
