"""The log of looks: what was opened, by whom, why; for who answers for it and for the audit alone."""

from datetime import date, timedelta

import httpx
import pytest

from service.access import Viewer
from service.actions.record_mergers import Merging, merge_records
from service.ids import new_id
from service.problems import Forbidden
from service.settings import Settings
from service.storage.acts import note_read
from service.storage.expert_page import looks_at
from service.storage.reads import list_reads
from service.storage.rows.admission import CandidateRow
from service.storage.rows.intake import ApplicationRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, acting, an_account
from tests.service.library import Entry, Inserted, a_library

WHY = "核对聘书上的证件号码是否一致"


@pytest.fixture
async def library(database: Database) -> Inserted:
    return await a_library(database, [Entry("沈嘉禾"), Entry("何问")])


async def look(database: Database, settings: Settings, who: Viewer, subject: str, *, days: int = 0) -> None:
    async with acting(database, settings, who, MONDAY + timedelta(days=days)) as act:
        note_read(act.session, at=act.at, account_id=who.account_id, what="phone", subject=subject, reason=WHY)


async def test_looks_are_listed_newest_first_and_narrowed_by_account_expert_and_day(
    database: Database, settings: Settings, library: Inserted
) -> None:
    first, second = await an_account(database, "center", login="li"), await an_account(database, "center", login="wu")
    head = await an_account(database, "center-head")
    mine, other = (f"expert:{library.experts[name]}" for name in ("沈嘉禾", "何问"))
    for who, subject, days in ((first, mine, 0), (second, mine, 1), (second, other, 2)):
        await look(database, settings, who, subject, days=days)

    async with reading(database) as session:
        everything = await list_reads(session, head)
        of_one = await list_reads(session, head, login="wu")
        at_one = await list_reads(session, head, expert_id=library.experts["沈嘉禾"])
        that_day = await list_reads(session, head, first=date(2026, 9, 15), last=date(2026, 9, 15))
        paged = await list_reads(session, head, page=2, per_page=2)

    assert [(line.login, line.whose, line.reason) for line in everything.lines] == [
        ("wu", "E0001", WHY),
        ("wu", "E0000", WHY),
        ("li", "E0000", WHY),
    ]
    assert everything.people == (("wu", "王试", 2), ("li", "王试", 1))
    assert (of_one.total, at_one.total, that_day.total) == (2, 2, 1)
    assert [line.login for line in that_day.lines] == ["wu"]
    assert [line.login for line in paged.lines] == ["li"]


async def test_looks_at_a_merged_record_and_at_every_application_are_looks_at_the_expert(
    database: Database, settings: Settings, library: Inserted
) -> None:
    clerk, head = await an_account(database, "center"), await an_account(database, "center-head")
    kept, gone = library.experts["沈嘉禾"], library.experts["何问"]
    candidate, taken, waiting = new_id(), new_id(), new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        person = library.people["何问"]
        number = (await session.get_one(PersonRow, person)).identity_hash
        session.add(
            CandidateRow(
                id=candidate, number="SB1", person_id=person, fields=[], source="self", stage="rejected",
                received_on=date(2026, 9, 1), created_at=MONDAY,
            )
        )  # fmt: skip
        await session.flush()
        for id_, known in ((taken, {"candidate_id": candidate}), (waiting, {"identity_hash": number})):
            session.add(
                ApplicationRow(
                    id=id_, number=f"SQ{id_.hex[-8:]}", name="何问", source="self", stage="taken", sealed=b"",
                    sent_on=date(2026, 9, 1), created_at=MONDAY, **known,
                )
            )  # fmt: skip
    async with acting(database, settings, clerk, MONDAY + timedelta(minutes=1)) as act:
        await merge_records(act, kept, Merging(gone, 1, reason=WHY), seen=1)
    subjects = [f"expert:{gone}", f"candidate:{candidate}", f"application:{taken}", f"application:{waiting}"]

    for day, subject in enumerate([*subjects, f"application:{new_id()}"], 1):
        await look(database, settings, clerk, subject, days=day)

    async with reading(database) as session:
        log = await list_reads(session, head, expert_id=kept)
        mine = await looks_at(session, kept)
    assert (log.total, len(mine)) == (4, 4)
    assert [line.href.split("/")[1] for line in log.lines] == ["applications", "applications", "candidates", "experts"]
    assert all(line.whose for line in log.lines)


async def test_a_clerk_does_not_see_what_colleagues_looked_at(database: Database, library: Inserted) -> None:
    clerk = await an_account(database, "center")

    async with reading(database) as session:
        with pytest.raises(Forbidden):
            await list_reads(session, clerk)


async def test_the_log_is_a_page_and_json_for_the_audit(
    signed_in: SignedIn, as_center: httpx.AsyncClient, database: Database, settings: Settings, library: Inserted
) -> None:
    audit = await signed_in("audit")
    empty = await audit.get("/reads")
    await look(database, settings, as_center.viewer, f"expert:{library.experts['沈嘉禾']}")  # type: ignore[attr-defined]

    shown = await audit.get("/reads", params={"expert": str(library.experts["沈嘉禾"])})
    unread = await audit.get("/reads", params={"from_on": "昨天"})
    through = await audit.get("/api/reads", params={"from_on": "2026-09-14", "to_on": "2026-09-14"})

    assert "没有查阅记录" in empty.text
    assert WHY in shown.text
    assert (unread.status_code, through.json()["total"]) == (400, 1)
    assert (await as_center.get("/reads")).status_code == 403
