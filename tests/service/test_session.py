"""A session that only reads stays one, whatever the database."""

import pytest
from sqlalchemy import select

from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY


async def test_a_session_that_only_reads_takes_no_locks(database: Database) -> None:
    locking = select(PersonRow).with_for_update()

    async with reading(database) as session:
        with pytest.raises(RuntimeError, match="only reads"):
            await session.execute(locking)
    async with unit_of_work(database, at=MONDAY) as session:
        assert (await session.execute(locking)).all() == []
