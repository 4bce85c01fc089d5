"""Open invitations to sit in go with a record into another one of the same person, and come back exactly."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from service import ledger
from service.access import Viewer
from service.actions.sittings import SittingEntry, answer_sitting, call_sitting, enter_attendance
from service.settings import Settings
from service.storage.rows.accounts import AccountRow
from service.storage.rows.sittings import SittingGuestRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.sittings import SittingView, list_sittings, load_sitting
from tests.service.conftest import MONDAY, acting, an_account
from tests.service.library import Entry, a_library
from tests.service.test_record_mergers import Twins

HELD = date(2026, 9, 16)
AFTER = MONDAY + timedelta(days=2)


class Invited(Twins):
    """Two records of one person, both in office; the one that goes has the account."""

    office: Viewer
    account: Viewer

    async def called(self, *names: str, held_on: date = HELD) -> UUID:
        numbers = [(await self.view(self.library.experts[name])).number for name in names]
        async with self.acting(self.office) as act:
            return await call_sitting(act, SittingEntry("县政府常务会议", held_on, "", numbers))

    async def seen(self, sitting: UUID, viewer: Viewer | None = None) -> SittingView:
        async with reading(self.database) as session:
            return await load_sitting(session, viewer or self.office, sitting)

    async def guests(self, sitting: UUID) -> list[tuple[UUID, str, bool | None]]:
        return sorted([(one.expert_id, one.answer, one.came) for one in (await self.seen(sitting)).guests], key=str)

    async def answered(self, sitting: UUID, answer: str, person: str = "沈家禾") -> None:
        viewer = await self.signed_in(person)
        async with self.acting(viewer) as act:
            await answer_sitting(act, sitting, answer=answer, seen=(await self.seen(sitting, viewer)).version)

    async def signed_in(self, person: str) -> Viewer:
        """Return the account of the person, as whoever of the two is named."""
        id_ = self.library.people[person]
        one = self.account
        return Viewer(one.account_id, id_, person, frozenset({"expert"}), None, "", one.session)

    async def attended(self, sitting: UUID, *came: UUID) -> None:
        version = (await self.seen(sitting)).version
        async with acting(self.database, self.settings, self.office, AFTER) as act:
            await enter_attendance(act, sitting, list(came), seen=version)


@pytest.fixture
async def invited(database: Database, settings: Settings) -> Invited:
    library = await a_library(database, [Entry("沈嘉禾", "570"), Entry("沈家禾", "820"), Entry("旁人")])
    twins = Invited(database, settings, await an_account(database, "center"), library)
    twins.office = await an_account(database, "office")
    twins.account = await an_account(database, "expert")
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(AccountRow)
            .where(AccountRow.id == twins.account.account_id)
            .values(person_id=library.people["沈家禾"])
        )
    return twins


async def test_an_open_invitation_goes_along_and_the_person_answers_it(invited: Invited, engine: str) -> None:
    # Terms that share a day stay behind; both are in office, so that either can be invited.
    sitting = await invited.called("沈家禾", "旁人")
    before = await invited.snapshot()

    merger = await invited.merge()

    person = await invited.signed_in("沈嘉禾")
    async with reading(invited.database) as session:
        assert [one.id for one in await list_sittings(session, person)] == [sitting]
    other = invited.library.experts["旁人"]
    assert await invited.guests(sitting) == sorted([(invited.kept, "", None), (other, "", None)], key=str)
    await invited.part(merger)
    assert await invited.snapshot() == before
    await invited.merge()
    await invited.answered(sitting, "accepted", "沈嘉禾")
    assert (invited.kept, "accepted", None) in await invited.guests(sitting)


async def test_where_both_were_invited_one_invitation_stands_and_taking_back_parts_them(
    invited: Invited, engine: str
) -> None:
    sitting = await invited.called("沈家禾", "沈嘉禾")
    await invited.answered(sitting, "declined")
    before = await invited.snapshot()

    merger = await invited.merge()

    assert await invited.guests(sitting) == [(invited.kept, "declined", None)]
    await invited.part(merger)
    assert await invited.snapshot() == before


async def test_the_answer_of_the_record_that_stays_holds(invited: Invited) -> None:
    sitting = await invited.called("沈家禾", "沈嘉禾")
    await invited.answered(sitting, "declined")
    await invited.answered(sitting, "accepted", "沈嘉禾")
    before = await invited.snapshot()

    merger = await invited.merge()

    assert await invited.guests(sitting) == [(invited.kept, "accepted", None)]
    await invited.part(merger)
    assert await invited.snapshot() == before


async def test_who_sat_in_stays_as_it_was_written(invited: Invited) -> None:
    sitting = await invited.called("沈家禾")
    await invited.attended(sitting, invited.gone)

    merger = await invited.merge()

    assert await invited.guests(sitting) == [(invited.gone, "", True)]
    await invited.part(merger)
    assert await invited.guests(sitting) == [(invited.gone, "", True)]


@pytest.mark.parametrize("both", [False, True], ids=["one invited", "both invited"])
async def test_what_was_attended_after_the_merger_stays_when_it_is_taken_back(invited: Invited, both: bool) -> None:
    sitting = await invited.called("沈家禾", *(["沈嘉禾"] if both else []))
    merger = await invited.merge()
    await invited.attended(sitting, invited.kept)

    await invited.part(merger)

    assert await invited.guests(sitting) == [(invited.kept, "", True)]


async def test_the_record_of_the_meeting_says_under_which_record_the_invitation_stands(invited: Invited) -> None:
    sitting = await invited.called("沈家禾")
    merger = await invited.merge()
    await invited.part(merger)

    async with reading(invited.database) as session:
        found = [one for one in await ledger.stream(session, f"sitting:{sitting}") if one.type == "sitting.passed-on"]
        rows = list(await session.scalars(select(SittingGuestRow.expert_id)))
    kept, gone = str(invited.kept), str(invited.gone)
    assert [(one.body["before"], one.body["expert"]) for one in found] == [(gone, kept), (kept, gone)]
    assert (found[0].body["merger"], rows) == (str(merger), [invited.gone])
