"""Experts sit in on meetings: invited by number, answered on the own page, attendance of the invited alone."""

from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select

from service.access import Viewer
from service.actions.sittings import SittingEntry, answer_sitting, call_sitting, enter_attendance, invite_further
from service.ids import new_id
from service.jobs.tables import OutboxRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.session import Database, reading
from service.storage.sittings import SittingView, list_sittings, load_sitting
from tests.service.admission import TODAY
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.library import Entry, a_library
from tests.service.test_cases import Desk, a_desk, codes, form, version_on

HELD = date(2026, 9, 16)
_KEYS = count()


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


async def called(desk: Desk, *numbers: str, held_on: date = HELD, viewer: Viewer | None = None) -> UUID:
    async with desk.house.acts(viewer or desk.house.office) as act:
        return await call_sitting(act, SittingEntry("县政府常务会议", held_on, "", numbers or ("e0000",)))


async def seen(desk: Desk, sitting_id: UUID, viewer: Viewer | None = None) -> SittingView:
    async with reading(desk.house.database) as session:
        return await load_sitting(session, viewer or desk.house.office, sitting_id)


async def attended(desk: Desk, sitting_id: UUID, came: list[UUID], at: datetime) -> None:
    version = (await seen(desk, sitting_id)).version
    async with desk.house.acts(desk.house.office, at) as act:
        await enter_attendance(act, sitting_id, came, seen=version)


@pytest.mark.rule("R27b")
async def test_invited_expert_answers_and_sits_in(desk: Desk) -> None:
    sitting = await called(desk)
    async with reading(desk.house.database) as session:
        assert await session.scalar(select(func.count()).where(OutboxRow.template == "SITTING")) == 1
    async with desk.house.acts(desk.expert) as act:
        version = (await seen(desk, sitting, desk.expert)).version
        await answer_sitting(act, sitting, answer="accepted", seen=version)

    with pytest.raises(Invalid) as invalid:
        await attended(desk, sitting, [desk.expert_id], MONDAY + timedelta(days=1))
    assert [one.code for one in invalid.value.faults] == ["MEETING_NOT_HELD"]
    await attended(desk, sitting, [desk.expert_id], MONDAY + timedelta(days=2))

    (guest,) = (await seen(desk, sitting)).guests
    assert (guest.answer, guest.came) == ("accepted", True)


@pytest.mark.rule("R27b")
async def test_who_was_not_invited_did_not_sit_in(desk: Desk) -> None:
    sitting = await called(desk)

    with pytest.raises(Refused) as refused:
        await attended(desk, sitting, [desk.expert_id, new_id()], MONDAY + timedelta(days=2))

    assert codes(refused) == [("SITTING_NOT_INVITED", "A27.2")]
    assert [one.came for one in (await seen(desk, sitting)).guests] == [None]
    await attended(desk, sitting, [], MONDAY + timedelta(days=2))
    assert [one.came for one in (await seen(desk, sitting)).guests] == [False]


async def test_nobody_learns_of_the_invitations_of_others(desk: Desk) -> None:
    sitting = await called(desk)
    other = await an_account(desk.house.database, "expert")

    with pytest.raises(NotFound):
        await seen(desk, sitting, other)
    async with desk.house.acts(other) as act:
        with pytest.raises(NotFound):
            await answer_sitting(act, sitting, answer="accepted", seen=2)
    async with reading(desk.house.database) as session:
        assert await list_sittings(session, other) == ()
    with pytest.raises(Forbidden):
        await called(desk, viewer=desk.house.mayor)


async def test_unknown_numbers_and_past_days_are_faults_and_who_is_under_review_is_not_invited(desk: Desk) -> None:
    with pytest.raises(Invalid) as invalid:
        await called(desk, "E0000", "E9999", held_on=TODAY - timedelta(days=1))
    assert [(one.at, one.code) for one in invalid.value.faults] == [
        ("held_on", "DAY_IN_PAST"),
        ("numbers", "EXPERT_NUMBER_UNKNOWN"),
    ]
    await desk.opened()
    with pytest.raises(Refused) as refused:
        await called(desk)
    assert codes(refused) == [("GUEST_NOT_IN_OFFICE", "A27.2")]


async def test_meeting_after_the_term_needs_another_expert(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await called(desk, held_on=date(2029, 3, 1))
    assert codes(refused) == [("GUEST_NOT_IN_OFFICE", "A27.2")]

    assert (await seen(desk, await called(desk, held_on=date(2029, 2, 28)))).guests != ()


async def test_inviting_somebody_twice_changes_nothing(desk: Desk) -> None:
    sitting = await called(desk)
    async with desk.house.acts(desk.house.center) as act:
        await invite_further(act, sitting, ["E0000"], seen=(await seen(desk, sitting)).version)

    assert len((await seen(desk, sitting)).guests) == 1


@pytest.mark.rule("R27b")
async def test_all_who_do_not_stand_in_the_library_on_the_day_are_named_and_nobody_is_invited(desk: Desk) -> None:
    await a_library(
        desk.house.database,
        [Entry("前人", ends_on=date(2026, 2, 28)), Entry("离者", state="withdrawn"), Entry("在者")],
        first_number=1,
    )

    with pytest.raises(Refused) as refused:
        await called(desk, "E0002", "E0000", "E0001", "E0003")

    assert [one.facts for one in refused.value.refusals] == [
        {"numbers": "E0002, E0001", "count": 2, "on": HELD.isoformat()}
    ]
    async with reading(desk.house.database) as session:
        assert await list_sittings(session, desk.house.office) == ()
    assert len((await seen(desk, await called(desk, "E0000", "E0003"))).guests) == 2


@pytest.mark.rule("R27b")
async def test_guests_answer_beside_each_other_from_pages_opened_at_once(desk: Desk, engine: str) -> None:
    inserted = await a_library(desk.house.database, [Entry("在者")], first_number=1)
    account = await an_account(desk.house.database, "expert", person_id=inserted.people["在者"])
    sitting = await called(desk, "E0000", "E0001")
    versions = {guest: (await seen(desk, sitting, guest)).version for guest in (desk.expert, account)}
    listed = (await seen(desk, sitting)).version

    for guest, version in versions.items():
        async with desk.house.acts(guest) as act:
            await answer_sitting(act, sitting, answer="accepted", seen=version)

    assert {one.answer for one in (await seen(desk, sitting)).guests} == {"accepted"}
    assert (await seen(desk, sitting)).version == listed
    async with desk.house.acts(account) as act:
        with pytest.raises(Stale):
            await answer_sitting(act, sitting, answer="declined", seen=versions[account])


@pytest.mark.rule("R27b")
async def test_no_answer_is_taken_once_attendance_was_entered(desk: Desk) -> None:
    sitting = await called(desk)
    opened = (await seen(desk, sitting, desk.expert)).version
    await attended(desk, sitting, [desk.expert_id], MONDAY + timedelta(days=2))

    async with desk.house.acts(desk.expert) as act:
        with pytest.raises(Refused) as refused:
            await answer_sitting(act, sitting, answer="declined", seen=opened)

    assert codes(refused) == [("SITTING_ATTENDED", "")]
    assert [one.answer for one in (await seen(desk, sitting)).guests] == [""]


# Pages and API


async def test_expert_is_invited_and_answers_in_the_browser(
    app: Litestar, desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    wrong = await as_center.post("/sittings", data=form(title="县政府常务会议", held_on="2026-9-16", numbers="E9999"))
    assert (wrong.status_code, "E9999" in wrong.text) == (400, True)
    made = await as_center.post(
        "/sittings", data=form(title="县政府常务会议", held_on="2026-9-16", numbers="e0000、E0000")
    )
    page = made.headers["location"]
    expert = await signed_in("expert", person_id=desk.expert.person_id)
    assert page in (await expert.get("/my")).text
    answered = await expert.post(f"{page}/answer", data=form(version=await version_on(expert, page), answer="accepted"))
    assert answered.status_code == 303
    assert "县政府常务会议" in (await as_center.get("/sittings")).text
    assert (await expert.get("/sittings")).status_code == 403


async def test_the_same_by_api(desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    def key(version: str = "") -> dict[str, str]:
        held = {"Idempotency-Key": f"sit-{next(_KEYS):07d}"}
        return held | {"If-Match": version} if version else held

    made = await as_center.post(
        "/api/sittings",
        json={"title": "县政府常务会议", "held_on": "2026-09-14", "numbers": ["E0000"]},
        headers=key(),
    )
    path = made.headers["location"]
    expert = await signed_in("expert", person_id=desk.expert.person_id)
    (own,) = (await expert.get("/api/sittings")).json()
    answered = await expert.post(f"{path}/answer", json={"answer": "declined"}, headers=key(f'"{own["version"]}"'))
    came = await as_center.post(
        f"{path}/attendance", json={"experts": []}, headers=key(f'"{answered.json()["version"]}"')
    )

    assert [(one["answer"], one["came"]) for one in came.json()["guests"]] == [("declined", False)]
