"""What stays in memory between requests: the pool and the graph of ties. Caches, caught up in the read they serve."""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.storage.pool import Pool
from service.storage.session import Session
from service.storage.ties import ResidentTies


@dataclass(frozen=True, slots=True)
class Bar:
    """From which matters the ties of a member of the staff keep them out, and which ties do."""

    matters: frozenset[UUID]
    ties: frozenset[str]


class Residents:
    """The resident structures of one process.

    Attributes:
        pool: experts and organisations.
        ties: the graph that answers who may not judge whom.
        bars: (person, own unit) -> (what it stands at: moves of the ties, day, policy; the bar of the person as staff).
    """

    def __init__(self) -> None:
        """Begin empty; the first `current` loads everything."""
        self.pool = Pool()
        self.ties = ResidentTies()
        self.bars: dict[tuple[UUID, UUID | None], tuple[tuple[int, date, str], Bar]] = {}
        self._turn = asyncio.Lock()

    async def current(self, session: Session) -> "Residents":
        """Catch up with what the session sees, and return these structures."""
        async with self._turn:
            self.pool = await self.pool.caught_up(session)
            await self.ties.catch_up(session)
        return self
