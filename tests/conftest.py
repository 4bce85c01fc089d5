"""A served demonstration county, started by the first test that asks; such tests share one worker and one server."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

STARTS_WITHIN = 240.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that look at the served county on one worker."""
    for item in items:
        if "served" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("served"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a fresh demonstration county as `make run` does, and return its address."""
    var = tmp_path_factory.mktemp("served") / "var"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"EXPERTPOOL_VAR": str(var), "HOST": "127.0.0.1", "PORT": str(port)}
    with (var.parent / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).parent / "expertpool"), "serve"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/health", server, var.parent / "log")
        yield address
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer within {STARTS_WITHIN:.0f} s")
