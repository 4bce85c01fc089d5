"""A thing that waits for somebody, on the first page: what, how much it presses, and its one next act."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

GROUPS: Final = ("overdue", "hours", "today", "unanswered", "shortfall", "stale", "other")
"""Parts of the board, most pressing first: overdue, clocks of hours that run, due today, invitations without an answer,
panels that cannot reach their floor, declarations that are no longer valid, and everything else."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits, with its one next act.

    Attributes:
        code: sentence of the catalogues.
        facts: its parameters.
        title: what it is about.
        href: where the act is done.
        tone: `warn` when it presses, `info` otherwise.
        since_on: since when it waits, None for a standing task.
        mine: whether the next act is the viewer's; otherwise the viewer waits for somebody else.
        group: part of the board, one of `GROUPS`.
    """

    code: str
    title: str
    href: str
    tone: str = "info"
    since_on: date | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    mine: bool = True
    group: str = "other"
