"""What stays in memory between requests: the pool and the graph of ties. Caches, caught up in the read they serve."""

import asyncio

from service.storage.pool import Pool
from service.storage.session import Session
from service.storage.ties import ResidentTies


class Residents:
    """The resident structures of one process.

    Attributes:
        pool: experts and organisations.
        ties: the graph that answers who may not judge whom.
    """

    def __init__(self) -> None:
        """Begin empty; the first `current` loads everything."""
        self.pool = Pool()
        self.ties = ResidentTies()
        self._turn = asyncio.Lock()

    async def current(self, session: Session) -> "Residents":
        """Catch up with what the session sees, and return these structures."""
        async with self._turn:
            await self.pool.catch_up(session)
            await self.ties.catch_up(session)
        return self
