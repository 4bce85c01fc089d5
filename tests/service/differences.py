"""What the doctor would put right in a matter."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.storage.doctor import Difference, compare_matter
from service.storage.session import Database


async def differences_of(database: Database, matter_id: UUID | str) -> list[Difference]:
    """Return what the doctor would put right; nothing is kept of its looking, which builds the rows anew meanwhile."""
    async with AsyncSession(database.engine.execution_options(write=True)) as session:
        found = await compare_matter(session, UUID(str(matter_id)))
        await session.rollback()
    return found
