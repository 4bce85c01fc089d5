"""Staff with an interest of their own: by no route is the matter there for them; others work on; two lift it."""

import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from conflicts import Kind, Relation, basis_of
from service.access import OPERATIONS, Viewer, open_without_staff
from service.access.sign_in import viewer_by_account
from service.actions.corrections import withdraw_employment
from service.actions.declarations import TieEntry, declare_tie, end_own_tie, set_tie_aside
from service.actions.expert_life import end_employment
from service.actions.facts import FactEntry, end_fact, state_fact, withdraw_fact
from service.actions.matters import Opening, PartyEntry, change_parties, open_matter, set_need
from service.actions.reorganisation import Reorganisation, reorganise, take_reorganisation_back
from service.actions.staff import ask_to_lift, ask_to_lift_found, declare_own, name_another, settle_lift, state_for
from service.clock import FixedClock
from service.ids import new_id
from service.jobs.outbox import deliverer
from service.jobs.tables import OutboxRow
from service.ledger.tables import EventRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.facts import facts_of
from service.storage.matters import list_matters, load_matter
from service.storage.residents import Bar, Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import EmploymentRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.staff import (
    change_recusal,
    clerks_for,
    recusals_of,
    tended_by,
)
from service.storage.staff_found import found_among, unattended, with_found
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, a_library
from tests.service.test_panels import HYDRAULIC, County
from workflow import Need, Seat

TODAY = date(2026, 9, 14)
POLICY = "changli-local-1"
TITLE = "县城供热管网改造工程"
FIRM = "清源水务有限公司"
REASON = "配偶在当事企业任职，已经核实"


class Office:
    """A unit, its matter with a firm as party, two clerks and a head at the center, two clerks at the unit."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.residents = Residents()
        self.at = MONDAY

    async def set_up(self) -> "Office":
        self.unit, self.firm = await a_unit(self.database), await a_unit(self.database, FIRM)
        self.clerk = await an_account(self.database, "center")
        self.other = await an_account(self.database, "center")
        self.head = await an_account(self.database, "center-head")
        self.unit_clerk = await an_account(self.database, "unit", unit_id=self.unit)
        self.unit_other = await an_account(self.database, "unit", unit_id=self.unit)
        async with self.acting(self.unit_clerk) as act:
            self.matter = await open_matter(
                act, Opening(TITLE, self.unit, "A3.4", parties=(PartyEntry(organisation_id=self.firm),))
            )
        return self

    def acting(self, viewer: Viewer):
        self.at += timedelta(minutes=1)
        return acting(self.database, self.settings, viewer, self.at)

    async def viewer(self, viewer: Viewer) -> Viewer:
        """Return a viewer as the gate makes it for each request."""
        async with reading(self.database) as session:
            found = await viewer_by_account(session, viewer.account_id)
            assert found is not None
            return await with_found(session, self.residents, found, policy_id=POLICY, at=self.at)

    async def sees(self, viewer: Viewer) -> bool:
        now = await self.viewer(viewer)
        async with reading(self.database) as session:
            try:
                await load_matter(session, now, self.matter)
            except NotFound:
                assert (await list_matters(session, now)).total == 0
                return False
            assert (await list_matters(session, now)).total == 1
            return True

    async def related(self, viewer: Viewer, kind: Kind = Kind.DIRECTORSHIP) -> UUID:
        """Give a clerk a relative who directs the firm."""
        relative = new_id()
        async with unit_of_work(self.database, at=self.at) as session:
            session.add(PersonRow(id=relative, name="李亲", created_at=self.at))
        async with self.acting(self.other) as act:
            await state_fact(act, FactEntry(relative, kind, self.firm))
            return await state_fact(act, FactEntry(viewer.person_id, Kind.KINSHIP, relative, relation=Relation.SPOUSE))


@pytest.fixture
async def office(database: Database, settings: Settings) -> Office:
    return await Office(database, settings).set_up()


async def test_a_clerk_who_declares_an_interest_no_longer_finds_the_matter(office: Office) -> None:
    assert await office.sees(office.clerk)

    async with office.acting(office.clerk) as act:
        await declare_own(act, office.residents, office.matter)

    assert (await office.sees(office.clerk), await office.sees(office.other)) == (False, True)


async def test_what_the_ties_show_keeps_a_clerk_out_until_the_tie_ends(office: Office) -> None:
    tie = await office.related(office.clerk)
    kept_out = await office.sees(office.clerk)

    async with office.acting(office.other) as act:
        await end_fact(act, tie, to_on=date(2026, 9, 1), seen=1)

    # Kinship counts for ever in the policy: ending it changes nothing; the tie of the firm would.
    assert (kept_out, await office.sees(office.clerk), await office.sees(office.other)) == (False, False, True)


async def test_nobody_corrects_alone_the_tie_that_keeps_him_out(office: Office) -> None:
    tie = await office.related(office.clerk)
    with pytest.raises(Refused) as ending:
        async with office.acting(await office.viewer(office.clerk)) as act:
            await end_fact(act, tie, to_on=date(2026, 9, 1), seen=1)
    with pytest.raises(Refused) as withdrawing:
        async with office.acting(await office.viewer(office.clerk)) as act:
            await withdraw_fact(act, tie, reason="录入有误，不是本人", seen=1)
    codes = [one.code for refused in (ending, withdrawing) for one in refused.value.refusals]
    still = await office.sees(office.clerk)

    async with office.acting(office.other) as act:
        await withdraw_fact(act, tie, reason="录入有误，不是本人", seen=1)

    assert codes == ["OWN_RECUSAL", "OWN_RECUSAL"]
    assert (still, await office.sees(office.clerk)) == (False, True)


async def test_nobody_corrects_alone_a_tie_of_others_by_which_he_keeps_out(office: Office) -> None:
    await office.related(office.clerk)
    async with reading(office.database) as session:
        (post,) = [one for one in await facts_of(session, office.firm) if one.fact.kind is Kind.DIRECTORSHIP]

    with pytest.raises(Refused) as refused:
        async with office.acting(await office.viewer(office.clerk)) as act:
            await withdraw_fact(act, UUID(post.fact.id), reason="录入有误，已经离任", seen=1)
    still = await office.sees(office.clerk)
    async with office.acting(await office.viewer(office.other)) as act:
        await withdraw_fact(act, UUID(post.fact.id), reason="录入有误，已经离任", seen=1)

    assert ([one.code for one in refused.value.refusals], still) == (["OWN_RECUSAL"], False)
    assert await office.sees(office.clerk)


async def test_a_clerk_who_is_an_expert_too_leaves_the_end_of_an_own_tie_to_another(office: Office) -> None:
    expert = await an_account(office.database, "expert", person_id=office.clerk.person_id)
    outsider = await an_account(office.database, "expert")
    ties = {}
    for who in (expert, outsider):
        async with office.acting(who) as act:
            ties[who] = await declare_tie(act, TieEntry(Kind.SHAREHOLDING, forward=True, other=FIRM))
            named = await declare_tie(act, TieEntry(Kind.SIDE_POST, forward=True, other="清源水务"))
            if who is expert:
                own = named
    async with office.acting(outsider) as act:
        await end_own_tie(act, ties[outsider], to_on=TODAY, seen=1)

    with pytest.raises(Refused) as ending:
        async with office.acting(expert) as act:
            await end_own_tie(act, ties[expert], to_on=TODAY, seen=1)
    with pytest.raises(Refused) as settling:
        async with office.acting(office.clerk) as act:
            await set_tie_aside(act, own, reason="与本县的决策没有关系", seen=1)
    still = await office.sees(office.clerk)
    async with office.acting(office.other) as act:
        await set_tie_aside(act, own, reason="与本县的决策没有关系", seen=1)
        await withdraw_fact(act, ties[expert], reason="录入有误，不是本人", seen=1)

    codes = [one.code for refused in (ending, settling) for one in refused.value.refusals]
    assert (codes, still, await office.sees(office.clerk)) == (["OWN_RECUSAL", "OWN_AFFAIR"], False, True)


async def test_a_clerk_ends_no_own_work_nor_work_by_which_he_keeps_out(office: Office) -> None:
    library = await a_library(office.database, [Entry("李亲", employer=FIRM)], units={FIRM: office.firm})
    relative, expert_id = library.people["李亲"], library.experts["李亲"]
    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(office.clerk.person_id, Kind.KINSHIP, relative, relation=Relation.SPOUSE))
    async with reading(office.database) as session:
        (work,) = await session.scalars(select(EmploymentRow.id).where(EmploymentRow.person_id == relative))
    own = await an_account(office.database, "center", person_id=relative)

    for viewer in (await office.viewer(office.clerk), own):
        with pytest.raises(Refused) as refused:
            async with office.acting(viewer) as act:
                await end_employment(act, expert_id, work, to_on=TODAY, seen=1)
        assert [one.code for one in refused.value.refusals] == ["OWN_AFFAIR"]
        with pytest.raises(Refused):
            async with office.acting(viewer) as act:
                await withdraw_employment(act, expert_id, work, reason="录入时选错了工作单位，已核对", seen=1)
    assert not await office.sees(office.clerk)

    async with office.acting(office.other) as act:
        await withdraw_employment(act, expert_id, work, reason="录入时选错了工作单位，已核对", seen=1)
    assert await office.sees(office.clerk)


async def test_nobody_clears_an_own_bar_with_a_reorganisation(office: Office) -> None:
    library = await a_library(office.database, [Entry("李亲", employer=FIRM)], units={FIRM: office.firm})
    relative = library.people["李亲"]
    heir = await a_unit(office.database, "清源环境有限公司")
    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(office.clerk.person_id, Kind.KINSHIP, relative, relation=Relation.SPOUSE))
    own = await an_account(office.database, "center", person_id=relative)
    there = await an_account(office.database, "center", unit_id=office.firm)
    taken_over = Reorganisation((heir,), TODAY, source="清源〔2026〕1号", reason=REASON)
    dissolved = Reorganisation((), TODAY, dissolved=True, source="清源〔2026〕1号", reason=REASON)

    kept_out = await office.viewer(office.clerk)
    for viewer, entry in ((kept_out, taken_over), (own, taken_over), (there, taken_over), (kept_out, dissolved)):
        if entry is dissolved:  # which nobody may work for any more
            async with unit_of_work(office.database, at=MONDAY) as session:
                await session.execute(update(AccountRow).where(AccountRow.id == there.account_id).values(unit_id=None))
        with pytest.raises(Refused) as refused:
            async with office.acting(viewer) as act:
                await reorganise(act, office.firm, entry, seen=1)
        assert [one.code for one in refused.value.refusals] == ["OWN_AFFAIR"]
    assert not await office.sees(office.clerk)

    async with office.acting(office.other) as act:
        done = await reorganise(act, office.firm, taken_over, seen=1)
    for viewer in (await office.viewer(office.clerk), own):
        with pytest.raises(Refused) as taking_back:
            async with office.acting(viewer) as act:
                await take_reorganisation_back(act, done, reason=REASON, seen=2)
        assert [one.code for one in taking_back.value.refusals] == ["OWN_AFFAIR"]
    async with office.acting(office.other) as act:
        await take_reorganisation_back(act, done, reason=REASON, seen=2)


async def test_nobody_takes_a_succession_back_by_which_he_keeps_out(office: Office) -> None:
    heir = await a_unit(office.database, "清源环境有限公司")
    relative = new_id()
    async with unit_of_work(office.database, at=MONDAY) as session:
        session.add(PersonRow(id=relative, name="李亲", created_at=MONDAY))
    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(relative, Kind.DIRECTORSHIP, heir))
        await state_fact(act, FactEntry(office.clerk.person_id, Kind.KINSHIP, relative, relation=Relation.SPOUSE))
    before = await office.sees(office.clerk)
    async with office.acting(office.other) as act:
        entry = Reorganisation((heir,), TODAY, source="清源〔2026〕1号", reason=REASON)
        done = await reorganise(act, office.firm, entry, seen=1)
    between = await office.sees(office.clerk)

    with pytest.raises(Refused) as refused:
        async with office.acting(await office.viewer(office.clerk)) as act:
            await take_reorganisation_back(act, done, reason=REASON, seen=2)
    async with office.acting(await office.viewer(office.other)) as act:
        await take_reorganisation_back(act, done, reason=REASON, seen=2)

    assert [one.code for one in refused.value.refusals] == ["OWN_RECUSAL"]
    assert (before, between, await office.sees(office.clerk)) == (True, False, True)


async def test_who_works_for_the_owner_who_is_party_keeps_out(office: Office) -> None:
    works = await a_unit(office.database, "恒泰置业有限公司")
    owner = new_id()
    async with unit_of_work(office.database, at=MONDAY) as session:
        session.add(PersonRow(id=owner, name="郭东主", created_at=MONDAY))
        session.add(
            EmploymentRow(
                id=new_id(), person_id=office.clerk.person_id, organisation_id=works, kind="main", known_at=MONDAY
            )
        )
    async with office.acting(office.unit_clerk) as act:
        await change_parties(act, office.matter, (PartyEntry(person_id=owner),), seen=1)
    before = await office.sees(office.clerk)

    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(owner, Kind.CONTROL, works))

    assert (before, await office.sees(office.clerk), await office.sees(office.other)) == (True, False, True)


async def test_what_the_ties_show_is_worked_out_anew_only_when_something_of_it_moved(office: Office) -> None:
    await office.related(office.clerk)
    key = (office.clerk.person_id, office.clerk.unit_id)

    async def bar() -> Bar:
        assert office.matter in (await office.viewer(office.clerk)).barred
        return office.residents.bars[key][1]

    first = await bar()
    async with office.acting(office.unit_clerk) as act:
        await set_need(act, office.matter, Need(5, (Seat("570", 5),)), frozenset(), seen=1)
    elsewhere = await bar()
    await office.related(office.other)
    tie = await bar()
    async with office.acting(office.unit_clerk) as act:
        await change_parties(act, office.matter, (PartyEntry(organisation_id=office.firm, role="party"),), seen=2)

    assert (elsewhere is first, tie is first, await bar() is tie) == (True, False, False)


async def test_a_tie_to_a_matter_that_one_keeps_out_of_is_not_there_to_correct(office: Office) -> None:
    async with unit_of_work(office.database, at=MONDAY) as session:
        session.add(PersonRow(id=(somebody := new_id()), name="李亲", created_at=MONDAY))
    async with office.acting(office.other) as act:
        tie = await state_fact(act, FactEntry(somebody, Kind.CONSULTING, office.matter))
    async with office.acting(office.clerk) as act:
        await declare_own(act, office.residents, office.matter)

    with pytest.raises(NotFound):
        async with office.acting(office.clerk) as act:
            await end_fact(act, tie, to_on=date(2026, 9, 1), seen=1)
    with pytest.raises(NotFound):
        async with office.acting(office.clerk) as act:
            await withdraw_fact(act, tie, reason="录入有误，不是本人", seen=1)
    async with office.acting(office.other) as act:
        await end_fact(act, tie, to_on=date(2026, 9, 1), seen=1)


async def test_the_own_unit_and_a_tie_that_is_only_disclosed_keep_nobody_out(office: Office) -> None:
    async with unit_of_work(office.database, at=MONDAY) as session:
        session.add(
            EmploymentRow(id=new_id(), person_id=office.unit_clerk.person_id, organisation_id=office.unit,
                          known_at=MONDAY)
        )  # fmt: skip
    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(office.clerk.person_id, Kind.CO_PROJECT, office.firm))

    assert (await office.sees(office.unit_clerk), await office.sees(office.clerk)) == (True, True)


async def test_a_clerk_who_works_for_the_party_as_well_is_kept_out_at_once(office: Office) -> None:
    assert await office.sees(office.unit_clerk)

    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(office.unit_clerk.person_id, Kind.SIDE_POST, office.firm))

    assert await office.sees(office.unit_clerk) is False


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    """A county whose panel is determined."""
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC[:6], Entry("局外人")], units={"县水利局": unit_id})
    county = County(
        await signed_in("unit", unit_id=unit_id), await signed_in("center"), library, unit_id, database, settings
    )
    await county.open(seats=())
    await county.act(county.unit, "propose")
    await county.act(county.center, "determine", {"flags": []})
    return county


async def test_a_clerk_who_sits_on_the_panel_as_an_expert_does_not_work_on_the_matter(
    county: County, signed_in: SignedIn
) -> None:
    members = {one["name"] for one in (await county.panel())["members"]}
    outside = min(set(county.library.people) - members)
    clerks = {
        name: await signed_in("center", "expert", person_id=county.library.people[name])
        for name in (min(members), outside)
    }

    answers = {name: (await client.get(f"/api/matters/{county.matter}")).status_code for name, client in clerks.items()}

    assert answers == {min(members): 404, outside: 200}


async def test_no_route_tells_a_clerk_who_keeps_out_that_there_is_such_a_matter(
    app: Litestar, county: County, signed_in: SignedIn
) -> None:
    recused, free, audit = await signed_in("center"), await signed_in("center"), await signed_in("audit")
    async with acting(county.database, county.settings, county.center.viewer) as act:
        await state_for(act, Residents(), UUID(county.matter), recused.viewer.account_id, reason=REASON)
        await state_fact(act, FactEntry(audit.viewer.person_id, Kind.SHAREHOLDING, county.unit_id))
        await state_fact(act, FactEntry(county.library.people["局外人"], Kind.CONSULTING, UUID(county.matter)))

    by_recusal = await walk(app, county, recused)
    by_ties = await walk(app, county, audit)
    open_to, telling = await walk(app, county, free)

    assert by_recusal == ([], [])
    assert by_ties == ([], [])
    # The same walk finds the matter in many ways when nothing keeps the viewer out.
    assert len(open_to) > 40
    assert {"/", "/api/matters", "/matters/new", "/ledger", "/api/ledger", "/search"} <= set(telling)


async def walk(app: Litestar, county: County, client: httpx.AsyncClient) -> tuple[list[str], list[str]]:
    """Ask every route as somebody.

    Returns:
        The routes that name the matter and do not say 404; the others that tell of it by id, number or title.
    """
    async with reading(county.database) as session:
        row = await session.get_one(MatterRow, UUID(county.matter))
        stream = EventRow.stream == f"matter:{county.matter}"
        seq = await session.scalar(select(EventRow.seq).where(stream).limit(1))
    ids = {
        "matter_id": county.matter,
        "expert_id": county.library.experts["局外人"],
        "person_id": county.library.people["局外人"],
        "organisation_id": county.unit_id,
        "unit_id": county.unit_id,
        "seq": seq,
        "field": "570",
    }
    words = (row.title, row.number)
    tells = re.compile("|".join(map(re.escape, (county.matter, *words))))
    open_to: list[str] = []
    telling: list[str] = []
    for text in words:
        found = await client.post("/search", data={"text": text}, headers={"Accept": "application/json"})
        if county.matter in found.text:
            telling.append("/search")
    # What only reads comes first: among the acts is the one that keeps the viewer out.
    for path, method, operation in sorted(routes_of(app), key=lambda route: route[1] != "GET"):
        named = "{matter_id" in path
        if open_without_staff(operation) or not (named or method == "GET"):
            continue
        address = re.sub(r"\{(\w+):\w+\}", lambda found: str(ids.get(found[1], new_id())), path)
        answer = await client.request(
            method,
            address,
            params={"since": "1"} if path.endswith("/extension") else {},
            headers={"If-Match": '"1"', "Idempotency-Key": str(new_id())},
            json={} if method != "GET" and path.startswith("/api") else None,
        )
        assert answer.status_code < 500, (method, path)
        if named and answer.status_code != 404:
            open_to.append(f"{method} {path}")
        if not named and tells.search(answer.text):
            telling.append(path)
    return open_to, telling


def routes_of(app: Litestar) -> list[tuple[str, str, str]]:
    return [
        (route.path, method, handler.opt["operation"])
        for route in app.routes
        for method, (handler, *_) in getattr(route, "route_handler_map", {}).items()
        if method not in ("OPTIONS", "HEAD") and "operation" in handler.opt and route.path != "/{place:path}"
    ]


async def test_every_operation_on_a_matter_is_the_work_of_staff_or_open(app: Litestar) -> None:
    passed_over = {name for name in OPERATIONS if open_without_staff(name)}

    assert {"review:answer", "review:work", "draw:see-public", "health:see"} <= passed_over
    assert {"matter:see", "panel:propose", "conflict:judge", "ledger:see", "search:do"} & passed_over == set()


async def test_whoever_keeps_out_leaves_the_matter_to_a_colleague(office: Office) -> None:
    async with office.acting(office.clerk) as act:
        await name_another(act, office.residents, office.matter, office.clerk.account_id)
    async with office.acting(office.clerk) as act:
        await declare_own(act, office.residents, office.matter, instead=office.other.account_id)

    async with reading(office.database) as session:
        tending = await tended_by(session, office.matter)
        notices = set(await session.scalars(select(OutboxRow.recipient_account_id)))
    assert tending == (office.unit_clerk.account_id, office.other.account_id)
    assert office.other.account_id in notices


async def test_nobody_left_is_a_task_for_the_colleagues(office: Office) -> None:
    async with office.acting(office.unit_clerk) as act:
        await declare_own(act, office.residents, office.matter)

    async with reading(office.database) as session:
        center = await unattended(session, office.residents, office.other, policy_id=POLICY, day=TODAY)
        unit = await unattended(session, office.residents, office.unit_other, policy_id=POLICY, day=TODAY)
    assert (center, unit) == (((office.matter, TITLE),), ((office.matter, TITLE),))


async def test_a_clerk_whom_the_ties_keep_out_is_a_task_until_somebody_is_named(office: Office) -> None:
    async def waiting() -> int:
        async with reading(office.database) as session:
            found = await unattended(session, office.residents, office.other, policy_id=POLICY, day=TODAY)
        return len(found)

    before = await waiting()
    await office.related(office.unit_clerk)
    kept_out = await waiting()
    async with office.acting(office.other) as act:
        await name_another(act, office.residents, office.matter, office.unit_other.account_id)

    assert (before, kept_out, await waiting()) == (0, 1, 0)


async def test_lifting_takes_two_others(office: Office) -> None:
    async with office.acting(office.clerk) as act:
        recusal = await declare_own(act, office.residents, office.matter)
    # For the person concerned there is nothing to lift.
    with pytest.raises(NotFound):
        async with office.acting(await office.viewer(office.clerk)) as act:
            await ask_to_lift(act, recusal, reason=REASON, seen=1)
    async with office.acting(office.other) as act:
        await ask_to_lift(act, recusal, reason=REASON, seen=1)
    with pytest.raises(Refused) as refused:
        async with office.acting(office.other) as act:
            await settle_lift(act, recusal, approved=True, seen=2)
    with pytest.raises(Stale):
        async with office.acting(office.head) as act:
            await settle_lift(act, recusal, approved=True, seen=1)
    still = await office.sees(office.clerk)

    async with office.acting(office.head) as act:
        await settle_lift(act, recusal, approved=True, seen=2)

    assert [one.code for one in refused.value.refusals] == ["SAME_PERSON_ASKED_TO_LIFT"]
    assert (still, await office.sees(office.clerk)) == (False, True)


async def test_a_lifting_that_is_refused_leaves_the_recusal_as_it_was(office: Office) -> None:
    async with office.acting(office.head) as act:
        recusal = await state_for(act, office.residents, office.matter, office.clerk.account_id, reason=REASON)
    async with office.acting(office.other) as act:
        await ask_to_lift(act, recusal, reason=REASON, seen=1)
    async with office.acting(office.head) as act:
        await settle_lift(act, recusal, approved=False, seen=2)

    async with reading(office.database) as session:
        (held,) = await recusals_of(session, office.matter)
    assert (held.state, held.asked_person_id, await office.sees(office.clerk)) == ("standing", None, False)


async def test_what_was_lifted_holds_for_the_ties_as_they_stood(office: Office) -> None:
    await office.related(office.clerk)

    async def basis() -> str:
        async with reading(office.database) as session:
            clerks = [
                one for one in await clerks_for(session, office.matter) if one.account_id == office.clerk.account_id
            ]
            found = await found_among(session, office.residents, office.matter, clerks, policy_id=POLICY, day=TODAY)
        return basis_of(found[office.clerk.person_id])

    seen = await basis()
    async with office.acting(office.other) as act:
        recusal = await ask_to_lift_found(
            act, office.residents, office.matter, office.clerk.account_id, basis=seen, reason=REASON
        )
    async with office.acting(office.head) as act:
        await settle_lift(act, recusal, approved=True, seen=1)
    lifted = await office.sees(office.clerk)
    await office.related(office.clerk, Kind.CONTROL)

    assert (lifted, await office.sees(office.clerk)) == (True, False)


async def test_what_the_regulation_blocks_is_not_lifted(office: Office) -> None:
    async with office.acting(office.other) as act:
        await state_fact(act, FactEntry(office.clerk.person_id, Kind.SHAREHOLDING, office.firm))
    async with reading(office.database) as session:
        clerks = await clerks_for(session, office.matter)
        found = await found_among(session, office.residents, office.matter, clerks, policy_id=POLICY, day=TODAY)

    with pytest.raises(Refused) as refused:
        async with office.acting(office.other) as act:
            await ask_to_lift_found(
                act,
                office.residents,
                office.matter,
                office.clerk.account_id,
                basis=basis_of(found[office.clerk.person_id]),
                reason=REASON,
            )
    assert [(one.code, one.cite) for one in refused.value.refusals] == [("CONFLICT_NOT_RELAXED", "A30")]


async def test_only_a_colleague_who_may_work_on_the_matter_is_named(office: Office) -> None:
    stranger = await an_account(office.database, "unit", unit_id=office.firm)
    async with office.acting(office.clerk) as act:
        await declare_own(act, office.residents, office.matter)

    codes = []
    for account in (stranger.account_id, office.clerk.account_id, new_id()):
        with pytest.raises(Invalid) as refused:
            async with office.acting(office.other) as act:
                await name_another(act, office.residents, office.matter, account)
        codes += [fault.code for fault in refused.value.faults]
    with pytest.raises(Invalid):
        async with office.acting(office.unit_clerk) as act:
            await name_another(act, office.residents, office.matter, office.other.account_id)
    with pytest.raises(Forbidden):
        async with office.acting(office.unit_clerk) as act:
            await state_for(act, office.residents, office.matter, office.unit_other.account_id, reason=REASON)
    assert codes == ["CLERK_NOT_ELIGIBLE"] * 3


async def test_whom_the_ties_a_part_or_a_seat_keep_out_is_not_named(
    county: County, signed_in: SignedIn, office: Office
) -> None:
    await office.related(office.clerk)
    party, free = await an_account(office.database, "center"), await an_account(office.database, "center")
    async with unit_of_work(office.database, at=MONDAY) as session:
        session.add(MatterPartyRow(id=new_id(), matter_id=office.matter, person_id=party.person_id, role="drafter"))
    member = min(one["name"] for one in (await county.panel())["members"])
    seated = await an_account(office.database, "center", "expert", person_id=county.library.people[member])

    codes = []
    for account, matter in ((office.clerk, office.matter), (party, office.matter), (seated, UUID(county.matter))):
        with pytest.raises(Invalid) as refused:
            async with office.acting(office.other) as act:
                await name_another(act, office.residents, matter, account.account_id)
        codes += [fault.code for fault in refused.value.faults]
    for matter in (office.matter, UUID(county.matter)):
        async with office.acting(office.other) as act:
            await name_another(act, office.residents, matter, free.account_id)

    assert codes == ["CLERK_NOT_ELIGIBLE"] * 3


async def test_whoever_keeps_out_already_can_still_be_stated_once(office: Office) -> None:
    await office.related(office.clerk)
    async with office.acting(office.head) as act:
        await state_for(act, office.residents, office.matter, office.clerk.account_id, reason=REASON)

    with pytest.raises(Refused) as refused:
        async with office.acting(office.head) as act:
            await state_for(act, office.residents, office.matter, office.clerk.account_id, reason=REASON)

    assert [one.code for one in refused.value.refusals] == ["STAFF_KEEPS_OUT_ALREADY"]


async def test_a_notice_about_the_matter_does_not_reach_who_keeps_out(office: Office, keys) -> None:
    async with office.acting(office.other) as act:
        await name_another(act, office.residents, office.matter, office.clerk.account_id)
        await name_another(act, office.residents, office.matter, office.head.account_id)
    async with office.acting(office.clerk) as act:
        await declare_own(act, office.residents, office.matter)

    deliver = deliverer(keys, office.residents)
    async with reading(office.database) as session:
        rows = list(await session.scalars(select(OutboxRow).order_by(OutboxRow.created_at, OutboxRow.id)))
    for row in rows:
        await deliver(Context(office), {"id": str(row.id)})

    async with reading(office.database) as session:
        states = dict((await session.execute(select(OutboxRow.recipient_account_id, OutboxRow.state))).tuples().all())
    assert states[office.clerk.account_id] == "withheld"
    assert states[office.head.account_id] != "withheld"


class Context:
    """What the worker hands to a handler."""

    attempt = 1

    def __init__(self, office: Office) -> None:
        self.database, self.settings = office.database, office.settings
        self.clock = FixedClock(MONDAY + timedelta(hours=1))


async def test_the_schema_itself_refuses_one_person_for_two(office: Office) -> None:
    async with office.acting(office.clerk) as act:
        recusal = await declare_own(act, office.residents, office.matter)
    async with office.acting(office.other) as act:
        await ask_to_lift(act, recusal, reason=REASON, seen=1)

    async def lift(person: UUID) -> None:
        async with unit_of_work(office.database, at=MONDAY) as session:
            await change_recusal(session, recusal, {"lifted_person_id": person})

    for person in (office.other.person_id, office.clerk.person_id):
        with pytest.raises(IntegrityError):
            await lift(person)


async def test_the_page_says_who_keeps_out_and_takes_the_words_again(
    office: Office, signed_in: SignedIn, app: Litestar
) -> None:
    center, unit = await signed_in("center"), await signed_in("unit", unit_id=office.unit)
    await office.related(office.clerk)
    address = f"/matters/{office.matter}/staff"
    async with office.acting(office.head) as act:
        await state_for(act, office.residents, office.matter, office.unit_clerk.account_id, reason=REASON)

    at_center, at_unit = await center.get(address), await unit.get(address)
    short = await center.post(
        f"{address}/recusals",
        data={"account_id": str(office.other.account_id), "reason": "短", "idempotency_key": str(new_id())},
    )
    own = await unit.post(f"{address}/own", data={"reason": "", "idempotency_key": str(new_id())})
    gone = await unit.get(address)

    assert (at_center.status_code, at_unit.status_code) == (200, 200)
    assert (REASON in at_center.text, FIRM in at_center.text) == (True, True)
    assert (REASON in at_unit.text, "李亲" in at_unit.text) == (False, False)
    assert (short.status_code, ">短</textarea>" in short.text.replace("\n", "")) == (400, True)
    assert (own.status_code, gone.status_code) == (303, 404)


async def test_a_refused_form_about_a_recusal_comes_back_with_the_words(
    engine: str, office: Office, signed_in: SignedIn
) -> None:
    center = await signed_in("center")
    async with office.acting(office.head) as act:
        recusal = await state_for(act, office.residents, office.matter, office.unit_clerk.account_id, reason=REASON)

    short = await center.post(
        f"/recusals/{recusal}/ask", data={"reason": "短", "version": "1", "idempotency_key": str(new_id())}
    )

    assert (short.status_code, ">短</textarea>" in short.text.replace("\n", "")) == (400, True)


async def test_the_api_says_the_same(office: Office, signed_in: SignedIn) -> None:
    center, second = await signed_in("center"), await signed_in("center-head")
    address = f"/api/matters/{office.matter}/staff"

    def key() -> dict[str, str]:
        return {"Idempotency-Key": str(new_id())}

    stated = await center.post(
        f"{address}/recusals",
        json={
            "account": str(office.unit_clerk.account_id),
            "reason": REASON,
            "instead": str(office.unit_other.account_id),
        },
        headers=key(),
    )
    (recusal,) = (await center.get(address)).json()["recusals"]
    asked = await center.post(
        f"/api/recusals/{recusal['id']}/ask", json={"reason": REASON}, headers=key() | {"If-Match": '"1"'}
    )
    settled = await second.post(
        f"/api/recusals/{recusal['id']}/settle",
        json={"approved": True},
        headers=key() | {"If-Match": asked.headers["etag"]},
    )
    staff = (await center.get(address)).json()

    assert (stated.status_code, asked.status_code, settled.status_code) == (201, 200, 200)
    assert [one["state"] for one in staff["recusals"]] == ["lifted"]
    assert staff["tending"] == [str(office.unit_other.account_id)]
    assert str(office.unit_clerk.account_id) in staff["free"]
