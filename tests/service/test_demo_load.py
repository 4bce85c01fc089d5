"""Loading the demonstration county into a real database."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from service import ledger
from service.access.sign_in import account_to_sign_in, password_matches
from service.actions.panels import prepare
from service.demo import DEMO_ACCOUNTS, County, demo_county
from service.demo.load import LOADING, is_demonstration, load_when_empty
from service.keys import Keys
from service.ledger.tables import EventRow
from service.regulation import load_edition, load_policy
from service.settings import Settings
from service.storage.clear import clear
from service.storage.migrate import migrate
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.facts import FactRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow, PanelChangeRow, PanelMemberRow, PanelRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.settings import clock_of, set_setting
from tests.service.conftest import MONDAY


@pytest.fixture(scope="module")
def small() -> County:
    """The county with its history and two real runs: quick to load."""
    county = demo_county()
    return replace(county, matters=county.matters[:11])


@pytest.fixture(scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory):
    """The whole county, loaded once for this file."""
    folder: Path = tmp_path_factory.mktemp("county")
    settings = Settings.from_environment({"EXPERTPOOL_VAR": str(folder)})
    database = Database(settings.database_url)
    await migrate(database)
    told: list[tuple[int, int]] = []
    assert await load_when_empty(database, settings, tell=lambda done, total: told.append((done, total)))
    yield database, settings, told
    await database.close()


async def test_the_whole_library_is_there(county) -> None:
    database, *_ = county

    async with reading(database) as session:
        counted = [
            await session.scalar(select(func.count()).select_from(row))
            for row in (OrganisationRow, ExpertRow, MatterRow, AccountRow)
        ]
        states = Counter(await session.scalars(select(MatterRow.state)))

    assert counted == [40, 300, 65, 20]
    assert states == {
        "determined": 59,
        "proposed": 1,
        "need-set": 2,
        "opened": 1,
        "cancelled": 1,
        "suspended": 1,
    }


async def test_history_bears_no_edition_and_the_rest_the_one_in_force(county) -> None:
    database, settings, _ = county

    async with reading(database) as session:
        editions = Counter(await session.scalars(select(MatterRow.edition)))

    assert editions == {"": 9, settings.edition: 56}


async def test_panels_have_their_size_and_two_persons_behind_them(county) -> None:
    database, *_ = county
    wanted = {matter.title: matter for matter in demo_county().matters}

    async with reading(database) as session:
        rows = (
            await session.execute(
                select(MatterRow.title, PanelRow.state, PanelRow.proposed_by, PanelRow.determined_by, func.count())
                .join(PanelRow, PanelRow.matter_id == MatterRow.id)
                .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
                .where(PanelMemberRow.role == "member")
                .group_by(PanelRow.id, MatterRow.title)
            )
        ).all()

    assert len(rows) == 60
    for title, state, proposed_by, determined_by, members in rows:
        assert members == wanted[title].size
        if wanted[title].state == "determined":
            assert state == "determined"
            assert proposed_by is not None
            assert determined_by not in (None, proposed_by)


async def test_changes_of_the_center_bear_their_reason(county) -> None:
    database, *_ = county
    changed = [matter for matter in demo_county().matters if matter.changed]

    async with reading(database) as session:
        reasons = list(await session.scalars(select(PanelChangeRow.reason)))

    assert reasons == [matter.reason for matter in changed]
    assert len(reasons) >= 4


async def test_work_is_shared(county) -> None:
    database, *_ = county

    async with reading(database) as session:
        served = Counter(await session.scalars(select(PanelMemberRow.expert_id).where(PanelMemberRow.role == "member")))

    assert sum(served.values()) > 350
    assert len(served) > 150
    assert max(served.values()) <= 6


async def test_the_ledger_holds_and_reads_like_a_diary(county) -> None:
    database, *_ = county

    async with reading(database) as session:
        verified = await ledger.verify_ledger(session)
        instants = list(await session.scalars(select(EventRow.at).order_by(EventRow.seq)))

    assert verified.fault is None
    assert instants == sorted(instants)


async def test_everybody_can_sign_in_and_the_liaison_officers_cannot(county) -> None:
    database, *_ = county

    async with reading(database) as session:
        for account in DEMO_ACCOUNTS:
            found = await account_to_sign_in(session, account.login, demo=True)
            assert found is not None
            assert password_matches(found[2], account.password)
        assert set(await session.scalars(select(AccountRow.demo))) == {True}
        officer = await account_to_sign_in(session, "jiaotong", demo=True)
    assert officer is not None
    assert officer[2] == ""


async def test_identity_numbers_are_sealed_and_can_be_read_with_the_key(county) -> None:
    database, settings, _ = county
    expert = demo_county().experts[0]
    keys = Keys.at(settings.var / "secrets.toml")

    async with reading(database) as session:
        person = (
            await session.scalars(
                select(PersonRow).where(PersonRow.identity_hash == keys.identity_hash("resident", expert.id_number))
            )
        ).one()

    assert expert.id_number.encode() not in person.identity_sealed
    assert keys.decrypt(person.identity_sealed, about=f"person:{person.id}:identity") == expert.id_number
    assert keys.decrypt(person.phone_sealed, about=f"person:{person.id}:phone") == expert.phone
    assert (person.name, person.born_on) == (expert.name, expert.born_on)


async def test_the_county_lives_on_its_monday(county) -> None:
    database, *_ = county

    clock = await clock_of(database)

    assert clock.today() == date(2026, 9, 14)


async def test_ended_and_suspended_experts_stand_as_decided(county) -> None:
    database, *_ = county
    expected = Counter(expert.standing.kind for expert in demo_county().experts if expert.standing)

    async with reading(database) as session:
        states = Counter(await session.scalars(select(ExpertRow.state)))
        since = set(await session.scalars(select(ExpertRow.state_since_on).where(ExpertRow.state != "active")))

    assert states == {**expected, "active": 300 - expected.total()}
    assert since == {expert.standing.on for expert in demo_county().experts if expert.standing}


async def test_the_resident_structures_hold_what_the_county_says(county) -> None:
    database, *_ = county
    residents = Residents()

    async with reading(database) as session:
        await residents.current(session)

    assert (len(residents.pool.experts), len(residents.pool.organisations)) == (300, 40)


async def test_every_tie_is_stated_once_it_has_begun(county) -> None:
    database, *_ = county
    ties = demo_county().ties

    async with reading(database) as session:
        rows = list(await session.scalars(select(FactRow)))

    assert Counter(row.kind for row in rows) == Counter(tie.kind.value for tie in ties)
    assert all(row.from_on is None or row.from_on <= row.known_at.date() for row in rows)


async def test_an_open_matter_has_free_warned_and_blocked_candidates(county) -> None:
    database, settings, _ = county
    heating = next(matter for matter in demo_county().matters if "集中供热管网" in matter.title)

    async with reading(database) as session:
        matter_id = (await session.scalars(select(MatterRow.id).where(MatterRow.title == heating.title))).one()
        _, problem = await prepare(
            session,
            Residents(),
            matter_id,
            settings=settings,
            edition=load_edition(settings.edition, issued_on=settings.edition_issued_on),
            policy=load_policy(settings.policy),
            on=date(2026, 9, 14),
        )
    zones = Counter(standing.zone for standing in problem.standings.values())
    codes = {reason.code for standing in problem.standings.values() for reason in standing.reasons}

    assert zones.total() == 300
    assert min(zones["free"], zones["warned"], zones["blocked"]) >= 10
    assert codes >= {"TERM_EXPIRED", "EXPERT_SUSPENDED", "STRUCK_OFF", "PERSON_UNIDENTIFIED", "ADVISED_ON_IT", "AWAY"}


async def test_progress_is_told_from_nothing_to_everything(county) -> None:
    *_, told = county

    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == list(range(len(told)))


async def test_a_second_load_changes_nothing(county) -> None:
    database, settings, _ = county
    async with reading(database) as session:
        before = await ledger.head(session)

    again = await load_when_empty(database, settings)

    async with reading(database) as session:
        after = await ledger.head(session)
    assert (again, after) == (False, before)
    assert await is_demonstration(database)


async def test_a_database_in_use_is_left_alone(database: Database, settings: Settings, small: County) -> None:
    async with unit_of_work(database, at=MONDAY) as session:
        session.info["events"].append(
            ledger.Event(type="account.added", stream=f"account:{UUID(int=1)}", body={}, actor={"id": "", "role": ""})
        )

    loaded = await load_when_empty(database, settings, county=small, tell=lambda *_: None)

    async with reading(database) as session:
        experts = await session.scalar(select(func.count()).select_from(ExpertRow))
    assert (loaded, experts) == (False, 0)
    assert not await is_demonstration(database)


async def _panels(database: Database) -> dict[str, list[tuple[str, str | None]]]:
    """Return who sits where, by title of the matter."""
    panels: dict[str, list[tuple[str, str | None]]] = {}
    async with reading(database) as session:
        rows = await session.execute(
            select(MatterRow.title, ExpertRow.number, PanelMemberRow.seat)
            .join(PanelRow, PanelRow.matter_id == MatterRow.id)
            .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
            .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
            .order_by(MatterRow.title, PanelMemberRow.role, PanelMemberRow.position)
        )
    for title, number, seat in rows:
        panels.setdefault(title, []).append((number, seat))
    return panels


async def test_an_interrupted_load_begins_again_and_gives_the_same_panels_as_any_other(
    database: Database, settings: Settings, small: County, county
) -> None:
    async with unit_of_work(database, at=MONDAY) as session:
        await set_setting(session, LOADING, {"county": "half"})
        session.add(OrganisationRow(id=UUID(int=7), name="半途", pinyin="", created_at=MONDAY))

    loaded = await load_when_empty(database, settings, county=small, tell=lambda *_: None)

    async with reading(database) as session:
        names = set(await session.scalars(select(OrganisationRow.name)))
    assert loaded
    assert len(names) == 40
    assert "半途" not in names
    whole, again = await _panels(county[0]), await _panels(database)
    assert len(again) == 11
    assert again == {title: whole[title] for title in again}

    await clear(database)

    async with reading(database) as session:
        left = await session.scalar(select(func.count()).select_from(PersonRow))
        head = await ledger.head(session)
    assert left == 0
    assert head is None or head.size == 0
    assert not await is_demonstration(database)


async def test_production_loads_nothing(database: Database, settings: Settings, small: County) -> None:
    production = replace(settings, mode="production", https=True)

    loaded = await load_when_empty(database, production, county=small, tell=lambda *_: None)

    assert not loaded
    assert not await is_demonstration(database)
