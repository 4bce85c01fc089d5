"""What stays in memory between requests is whole at every moment."""

import asyncio
from datetime import date
from uuid import UUID

from service.actions.expert_life import AwayEntry, add_away
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.session import Database, reading
from tests.service.conftest import acting, an_account
from tests.service.library import Entry, a_library

TODAY = date(2026, 9, 14)


async def test_others_see_the_whole_pool_while_it_catches_up(database: Database, settings: Settings) -> None:
    library = await a_library(database, [Entry("赵明"), Entry("钱芳")])
    center = await an_account(database, "center")
    residents = Residents()
    async with reading(database) as session:
        before = (await residents.current(session)).pool
    async with acting(database, settings, center) as act:
        await add_away(act, library.experts["赵明"], AwayEntry(TODAY, TODAY), seen=1)

    seen: list[set[UUID]] = []
    async with reading(database) as session:
        catching_up = asyncio.create_task(residents.current(session))
        while not catching_up.done():
            seen.append(set(residents.pool.experts))
            await asyncio.sleep(0)
    after = catching_up.result().pool

    everybody = set(library.experts.values())
    assert len(seen) > 1
    assert [experts for experts in seen if experts != everybody] == []
    away = [len(pool.experts[library.experts["赵明"]].away) for pool in (before, after)]
    assert away == [0, 1]
