"""What stays in memory between requests: the pool and the graph of ties. Caches, caught up in the read they serve."""

import asyncio
from datetime import date
from uuid import UUID

from service.storage.pool import Pool
from service.storage.session import Session
from service.storage.ties import ResidentTies


class Residents:
    """The resident structures of one process.

    Attributes:
        pool: experts and organisations.
        ties: the graph that answers who may not judge whom.
        barred: (person, own unit) -> (what it stands at, matters that the person's ties keep them out of as staff).
    """

    def __init__(self) -> None:
        """Begin empty; the first `current` loads everything."""
        self.pool = Pool()
        self.ties = ResidentTies()
        self.barred: dict[tuple[UUID, UUID | None], tuple[tuple[int, date, str], frozenset[UUID]]] = {}
        self._turn = asyncio.Lock()

    async def current(self, session: Session) -> "Residents":
        """Catch up with what the session sees, and return these structures."""
        async with self._turn:
            await self.pool.catch_up(session)
            await self.ties.catch_up(session)
        return self
