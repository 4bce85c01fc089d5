"""Experts say whether they would like another term; the center sees it, and no right to one follows."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest

from registry import State
from service import ledger
from service.access import Viewer
from service.actions.corrections import withdraw_term
from service.actions.renewals import WishEntry, answer_renewals, say_wish
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.expert_page import load_expert
from service.storage.home import waiting_for
from service.storage.renewals import due_for_renewal, wishes_of
from service.storage.rows.library import ExpertRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.terms import terms_in
from tests.service.admission import TODAY, House, a_house
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.library import Entry, Inserted, a_library
from tests.service.test_cases import version_on
from tests.service.test_renewals import yes

DAYS = 180
YES, NO = WishEntry(True, confirmed=True, statement="本届参加五次论证"), WishEntry(False)
_KEYS = count()


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


async def some(house: House, *entries: Entry) -> Inserted:
    wanted = entries or (Entry("何一", starts_on=date(2022, 1, 1), ends_on=TODAY + timedelta(days=DAYS)),)
    return await a_library(house.database, wanted)


async def own(house: House, inserted: Inserted, name: str = "何一") -> Viewer:
    return await an_account(house.database, "expert", person_id=inserted.people[name])


async def version(house: House, expert_id: UUID) -> int:
    async with reading(house.database) as session:
        return (await load_expert(session, house.center, expert_id, on=TODAY)).version


async def said(house: House, viewer: Viewer, expert_id: UUID, entry: WishEntry = YES, *, at=MONDAY) -> None:
    seen = await version(house, expert_id)
    async with house.acts(viewer, at) as act:
        await say_wish(act, expert_id, entry, seen=seen)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.code, one.cite) for one in refused.value.refusals]


@pytest.mark.rule("R24d")
async def test_wish_is_seen_by_the_center_and_renews_nobody(house: House) -> None:
    inserted = await some(house)
    expert_id, viewer = inserted.experts["何一"], await own(house, inserted)

    await said(house, viewer, expert_id)

    async with reading(house.database) as session:
        (line,) = await due_for_renewal(session, house.center, on=TODAY, days=DAYS)
        after = await load_expert(session, house.center, expert_id, on=line.ends_on + timedelta(days=1))
        (*_, entry) = await ledger.stream(session, f"expert:{expert_id}")
    assert line.wish is not None
    assert (line.wish.willing, line.wish.statement, line.wish.said_on) == (True, "本届参加五次论证", TODAY)
    assert (after.status.value, len(after.terms)) == ("lapsed", 1)
    assert entry.type == "renewal.wished"
    assert "五次论证" not in entry.data.decode()


@pytest.mark.rule("R24d", "R25f")
async def test_who_does_not_want_another_term_is_put_on_no_list(house: House) -> None:
    inserted = await some(house)
    expert_id, viewer = inserted.experts["何一"], await own(house, inserted)
    await said(house, viewer, expert_id, NO)

    async with house.acts(house.center) as act:
        with pytest.raises(Refused) as refused:
            await answer_renewals(act, [yes(expert_id)])
    assert codes(refused) == [("RENEWAL_UNWANTED", "A25.6")]
    async with house.acts(house.center) as act:
        assert await answer_renewals(act, [yes(expert_id, needed=False)]) is None
    await said(house, viewer, expert_id)

    async with house.acts(house.center) as act:
        assert await answer_renewals(act, [yes(expert_id)]) is not None
    with pytest.raises(Refused) as refused:
        await said(house, viewer, expert_id, NO)
    assert codes(refused) == [("APPLICATION_RUNNING", "")]


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(
    ("ends_on", "code"),
    [
        pytest.param(TODAY + timedelta(days=181), "WISH_TOO_EARLY", id="a day before the first reminder"),
        pytest.param(TODAY + timedelta(days=180), "", id="on the day of the first reminder"),
        pytest.param(TODAY - timedelta(days=366), "", id="a year after the term"),
        pytest.param(TODAY - timedelta(days=367), "WISH_TOO_LATE", id="a day later"),
    ],
)
async def test_wish_is_taken_from_the_first_reminder_on(house: House, ends_on: date, code: str) -> None:
    inserted = await some(house, Entry("何一", starts_on=date(2021, 1, 1), ends_on=ends_on))
    viewer, expert_id = await own(house, inserted), inserted.experts["何一"]

    async with reading(house.database) as session:
        tasks = await waiting_for(session, viewer, today=TODAY, valid_months=12, wish_days=DAYS)
    assert [one.code for one in tasks if one.code == "TASK_SAY_WISH"] == ([] if code else ["TASK_SAY_WISH"])
    if code:
        with pytest.raises(Refused) as refused:
            await said(house, viewer, expert_id)
        assert codes(refused) == [(code, "")]
    else:
        await said(house, viewer, expert_id)
        async with reading(house.database) as session:
            tasks = await waiting_for(session, viewer, today=TODAY, valid_months=12, wish_days=DAYS)
        assert tasks == ()


async def test_willing_expert_confirms_the_data_and_the_unwilling_needs_not(house: House) -> None:
    inserted = await some(house)
    viewer, expert_id = await own(house, inserted), inserted.experts["何一"]

    with pytest.raises(Invalid) as invalid:
        await said(house, viewer, expert_id, WishEntry(True, statement="长" * 501))
    assert [(one.at, one.code) for one in invalid.value.faults] == [
        ("confirmed", "DECLARATION_NEEDED"),
        ("statement", "FIELD_TOO_LONG"),
    ]
    await said(house, viewer, expert_id, NO)


async def test_nobody_says_it_for_somebody_else_or_twice_from_one_picture(house: House) -> None:
    inserted = await some(house)
    expert_id = inserted.experts["何一"]
    other, viewer = await an_account(house.database, "expert"), await own(house, inserted)
    for stranger in (other, house.center):
        with pytest.raises(NotFound):
            await said(house, stranger, expert_id)
    old = await version(house, expert_id)
    await said(house, viewer, expert_id, NO)

    async with house.acts(viewer) as act:
        with pytest.raises(Stale):
            await say_wish(act, expert_id, YES, seen=old)

    async with reading(house.database) as session:
        assert not (await wishes_of(session, [expert_id]))[expert_id].willing


@pytest.mark.parametrize(("state", "code"), [(State.SUSPENDED, "EXPERT_SUSPENDED"), (State.WITHDRAWN, "EXPERT_LEFT")])
async def test_who_is_under_review_or_gone_says_nothing_about_another_term(
    house: House, state: State, code: str
) -> None:
    inserted = await some(house)
    viewer, expert_id = await own(house, inserted), inserted.experts["何一"]
    async with unit_of_work(house.database, at=MONDAY) as session:
        (await session.get_one(ExpertRow, expert_id)).state = state.value

    with pytest.raises(Refused) as refused:
        await said(house, viewer, expert_id)

    assert [one.code for one in refused.value.refusals] == [code]


async def test_wish_belongs_to_its_term_and_goes_with_it(house: House) -> None:
    inserted = await some(house)
    viewer, expert_id = await own(house, inserted), inserted.experts["何一"]
    await said(house, viewer, expert_id, NO)
    async with reading(house.database) as session:
        (line,) = await terms_in(session, house.center, "570", on=TODAY)
        (term,) = (await load_expert(session, house.center, expert_id, on=TODAY)).terms
    assert line.willing is False

    async with house.acts(house.center) as act:
        seen = await version(house, expert_id)
        await withdraw_term(act, expert_id, term.id, reason="聘期录错，原件另有日期", seen=seen)

    async with reading(house.database) as session:
        assert await wishes_of(session, [expert_id]) == {}


async def test_audit_reads_wishes_and_says_none(house: House) -> None:
    inserted = await some(house)
    auditor = await an_account(house.database, "audit", "expert", person_id=inserted.people["何一"])
    await said(house, auditor, inserted.experts["何一"])
    reader = replace(auditor, roles=frozenset({"audit"}))

    async with house.acts(reader) as act:
        with pytest.raises(Forbidden):
            await say_wish(act, inserted.experts["何一"], NO, seen=2)


# Pages and API


async def test_expert_says_it_on_the_own_page_and_the_list_sets_who_does_not_want_aside(
    house: House, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    ends = TODAY + timedelta(days=90)
    inserted = await some(house, Entry("何一", ends_on=ends), Entry("何二", ends_on=ends), Entry("何三", ends_on=ends))
    for name, answer in (("何一", "yes"), ("何二", "no")):
        client = await signed_in("expert", person_id=inserted.people[name])
        assert "/my#renewal" in (await client.get("/")).text
        form = {"idempotency_key": f"wish-{next(_KEYS):08d}", "willing": answer}
        unconfirmed = await client.post("/my/renewal", data=form | {"version": await version_on(client, "/my")})
        assert unconfirmed.status_code == (400 if answer == "yes" else 303)
        form |= {"idempotency_key": f"wish-{next(_KEYS):08d}", "confirmed": "yes"}
        await client.post("/my/renewal", data=form | {"version": await version_on(client, "/my")})
        assert ("愿意续聘" if answer == "yes" else "不再续聘") in (await client.get("/my")).text

    shown = (await as_center.get("/renewals")).text

    for said_there in ("1 人愿意续聘", "1 人不再续聘", "1 人还没有表示", "不再续聘的专家涉及的领域"):
        assert said_there in shown
    assert shown.count('value="unwanted" selected') == 1
    assert "何二（不再续聘）" in (await as_center.get("/experts/terms?field=570")).text


async def test_the_same_by_api(house: House, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    inserted = await some(house)
    place = f"/api/experts/{inserted.experts['何一']}/renewal-wish"
    client = await signed_in("expert", person_id=inserted.people["何一"])
    before = await client.get(place)
    assert before.json() == {"wish": None}

    def key(answer: httpx.Response) -> dict[str, str]:
        return {"Idempotency-Key": f"wish-{next(_KEYS):08d}", "If-Match": answer.headers["etag"]}

    body = {"willing": True, "confirmed": True, "statement": "愿意继续"}
    done = await client.put(place, json=body, headers=key(before))
    stale = await client.put(place, json={"willing": False}, headers=key(before))

    assert (done.status_code, stale.status_code) == (200, 412)
    assert done.json() == {"wish": {"willing": True, "statement": "愿意继续", "said_on": "2026-09-14"}}
    assert [one["wish"]["willing"] for one in (await as_center.get("/api/renewals")).json()] == [True]
