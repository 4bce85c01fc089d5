"""Long work as pages see it: where a job stands right now, and waking who does it."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from service.jobs import Job

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a job is.

    Attributes:
        done, total: from 0 to the total; the total is None while it is not known.
        code: sentence of the catalogues about where it stands; may be empty.
    """

    done: int
    total: int | None
    code: str


def reached(request: AnyRequest, found: Job) -> Reached:
    """Return how far a job is: from memory while it runs in this process, which is fresher than its row."""
    worker = getattr(request.app.state, "worker", None)
    live = worker.live(found.id) if worker is not None and not found.ended else None
    return Reached(*live.reached()) if live is not None else Reached(found.progress, found.total, found.code)


def wake(request: AnyRequest) -> None:
    """Let the worker of this process look at the queue now; called after the commit."""
    worker = getattr(request.app.state, "worker", None)
    if worker is not None:
        worker.wake()


def stop_here(request: AnyRequest, found: Job) -> None:
    """Let a job of this process stop without waiting for the database."""
    worker = getattr(request.app.state, "worker", None)
    if worker is not None:
        worker.cancel(found.id)
