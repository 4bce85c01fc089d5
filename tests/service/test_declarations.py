"""Declarations of interest: yearly, for a matter, aloud; declared ties; what they hold against a determination."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update

from conflicts import Kind, NodeType, Relation
from service.access import Viewer
from service.actions.declarations import (
    TieEntry,
    decide_declared,
    declare_for_matter,
    declare_tie,
    declare_year,
    end_own_tie,
    record_oral,
    record_years,
    set_tie_aside,
    settle_tie,
    undeclared,
)
from service.ledger.tables import EventRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.declarations import declarations_of, matters_to_declare, open_declared_ties, pending_in
from service.storage.facts import facts_of, likely_meant
from service.storage.judgements import decided_about
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.declarations import DeclarationRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, Inserted, a_library
from tests.service.test_panels import HYDRAULIC, LAWYERS, County

TODAY = date(2026, 9, 14)
FIRM = "清源水务有限公司"
REASON = "持股不到千分之一，不影响公正"


@pytest.fixture
async def library(database: Database) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM)}
    return await a_library(database, [Entry("赵明", declared_on=None), Entry("钱芳")], units=units)


async def an_expert(database: Database, library: Inserted, name: str) -> Viewer:
    """Return the viewer of an account that belongs to an expert's own person."""
    viewer = await an_account(database, "expert")
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(AccountRow).where(AccountRow.id == viewer.account_id).values(person_id=library.people[name])
        )
    return Viewer(viewer.account_id, library.people[name], name, viewer.roles, None, "", "0" * 16)


@pytest.fixture
async def zhao(database: Database, library: Inserted) -> Viewer:
    return await an_expert(database, library, "赵明")


async def kinds_of(database: Database, person: UUID) -> list[tuple[Kind, str, date | None]]:
    async with reading(database) as session:
        return [(one.fact.kind, one.fact.origin.value, one.fact.to_on) for one in await facts_of(session, person)]


@pytest.mark.rule("R28d")
async def test_yearly_declaration_makes_an_expert_ready_and_runs_out_after_its_months(
    database: Database, settings: Settings, library: Inserted, zhao: Viewer
) -> None:
    experts = list(library.experts.values())

    async def lacking(on: date) -> set[UUID]:
        async with acting(database, settings, zhao) as act:
            return set(await undeclared(act.session, experts, policy=act.policy, on=on))

    assert await lacking(TODAY) == {library.experts["赵明"]}
    async with acting(database, settings, zhao) as act:
        await declare_year(act)
    assert await lacking(TODAY) == set()
    assert await lacking(date(2027, 1, 4)) == set()
    assert await lacking(date(2027, 1, 5)) == {library.experts["钱芳"]}
    assert await lacking(date(2027, 9, 13)) == {library.experts["钱芳"]}
    assert await lacking(date(2027, 9, 14)) == set(experts)


@pytest.mark.rule("R28d")
async def test_declared_tie_with_a_certain_end_counts_at_once(
    database: Database, settings: Settings, library: Inserted, zhao: Viewer
) -> None:
    async with acting(database, settings, zhao) as act:
        fact = await declare_tie(act, TieEntry(Kind.SHAREHOLDING, forward=True, other=FIRM, share=(1, 20)))
    assert await kinds_of(database, zhao.person_id) == [(Kind.SHAREHOLDING, "declared", None)]

    async with acting(database, settings, zhao) as act:
        await end_own_tie(act, fact, to_on=TODAY, seen=1)
    assert await kinds_of(database, zhao.person_id) == [(Kind.SHAREHOLDING, "declared", TODAY)]


async def test_names_of_persons_and_unknown_units_wait_for_the_center(
    database: Database, settings: Settings, library: Inserted, zhao: Viewer
) -> None:
    center = await an_account(database, "center")
    async with acting(database, settings, zhao) as act:
        kin = await declare_tie(act, TieEntry(Kind.KINSHIP, forward=True, other="钱芳", relation=Relation.SPOUSE))
        post = await declare_tie(act, TieEntry(Kind.SIDE_POST, forward=True, other="清源水务公司"))
        wrong = await declare_tie(act, TieEntry(Kind.SIDE_POST, forward=True, other="外省某协会"))
    assert await kinds_of(database, zhao.person_id) == []

    async with reading(database) as session:
        like = await likely_meant(session, "清源水务公司", {NodeType.ORGANISATION})
    assert [node.name for node in like] == [FIRM]
    async with acting(database, settings, center) as act:
        await settle_tie(act, kin, other_id=library.people["钱芳"], seen=1)
        await settle_tie(act, post, other_id=like[0].id, seen=1)
        await set_tie_aside(act, wrong, reason="与本县的决策没有关系", seen=1)
    assert await kinds_of(database, zhao.person_id) == [
        (Kind.KINSHIP, "declared", None),
        (Kind.SIDE_POST, "declared", None),
    ]
    async with reading(database) as session:
        assert await open_declared_ties(session) == ()
    with pytest.raises(Refused) as refused:
        async with acting(database, settings, center) as act:
            await settle_tie(act, kin, other_id=library.people["钱芳"], seen=2)
    assert [one.code for one in refused.value.refusals] == ["JUDGEMENT_CLOSED"]
    with pytest.raises(Stale):
        async with acting(database, settings, center) as act:
            await set_tie_aside(act, wrong, reason="与本县的决策没有关系", seen=1)


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (TieEntry(Kind.SIDE_POST, True, ""), [("other", "FIELD_REQUIRED")]),
        (TieEntry(Kind.SIDE_POST, True, FIRM, date(2026, 2, 1), date(2026, 1, 1)), [("to_on", "END_BEFORE_START")]),
        (TieEntry(Kind.KINSHIP, True, "钱芳"), [("relation", "RELATION_MISSING")]),
        (TieEntry(Kind.SIDE_POST, True, "x" * 121, share=(1, 2)),
         [("other", "FIELD_TOO_LONG"), ("share", "SHARE_MISPLACED")]),
    ],
)  # fmt: skip
async def test_faulty_declared_tie_is_refused_with_every_fault(
    database: Database, settings: Settings, zhao: Viewer, entry: TieEntry, faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as invalid:
        async with acting(database, settings, zhao) as act:
            await declare_tie(act, entry)

    assert [(fault.at, fault.code) for fault in invalid.value.faults] == faults


async def test_nobody_ends_what_others_declared(
    database: Database, settings: Settings, library: Inserted, zhao: Viewer
) -> None:
    async with acting(database, settings, zhao) as act:
        fact = await declare_tie(act, TieEntry(Kind.SIDE_POST, True, FIRM))
    qian = await an_expert(database, library, "钱芳")

    with pytest.raises(NotFound):
        async with acting(database, settings, qian) as act:
            await end_own_tie(act, fact, to_on=TODAY, seen=1)
    for role in ("center", "unit", "audit"):
        stranger = await an_account(database, role)
        with pytest.raises(Forbidden):
            async with acting(database, settings, stranger) as act:
                await declare_year(act)


async def test_paper_is_entered_for_many_and_twice_is_once(
    database: Database, settings: Settings, library: Inserted
) -> None:
    center = await an_account(database, "center")
    experts = list(library.experts.values())

    counts = []
    for _ in range(2):
        async with acting(database, settings, center) as act:
            counts.append(await record_years(act, experts, made_on=date(2026, 9, 1)))
    assert counts == [2, 0]
    for made_on, who, fault in (
        (date(2026, 9, 15), experts, ("made_on", "DAY_IN_FUTURE")),
        (TODAY, [], ("expert", "FIELD_REQUIRED")),
        (TODAY, [UUID(int=1)], ("expert", "FIELD_NOT_A_CHOICE")),
    ):
        with pytest.raises(Invalid) as invalid:
            async with acting(database, settings, center) as act:
                await record_years(act, who, made_on=made_on)
        assert [(one.at, one.code) for one in invalid.value.faults] == [fault]


async def test_words_of_a_declaration_stay_out_of_the_ledger(
    database: Database, settings: Settings, library: Inserted, zhao: Viewer
) -> None:
    async with acting(database, settings, zhao) as act:
        await declare_tie(act, TieEntry(Kind.SIDE_POST, True, "外省某协会"))
        await declare_year(act)

    async with reading(database) as session:
        data = [bytes(one) for one in await session.scalars(select(EventRow.data))]
        (declared,) = await declarations_of(session, zhao.person_id)
    assert not any("外省".encode() in one for one in data)
    assert (declared.occasion, declared.answer, declared.way) == ("yearly", "complete", "self")


# Determination, and declarations in a matter


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    late = [Entry(entry.name, entry.field, declared_on=date(2025, 9, 14)) for entry in HYDRAULIC[:1]]
    library = await a_library(database, [*late, *HYDRAULIC[1:5], *LAWYERS], units={"县水利局": unit_id})
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open()
    return county


@pytest.mark.rule("R28d")
async def test_run_out_declaration_refuses_determination_and_never_drafting(
    county: County, database: Database, settings: Settings
) -> None:
    proposed = await county.act(county.unit, "propose")
    refused = await county.act(county.center, "determine", {"flags": []})
    page = (await county.center.get(f"/matters/{county.matter}/panel")).text
    own = (await county.unit.get(f"/matters/{county.matter}/panel")).text

    assert proposed.status_code == 200
    assert (refused.status_code, refused.json()["refusals"][0]["code"]) == (409, "YEARLY_DECLARATION_MISSING")
    assert refused.json()["refusals"][0]["facts"] == {"count": 1, "months": 12}
    assert [remedy["says"] for remedy in refused.json()["refusals"][0]["remedies"]] == [
        "请成员在线申报，或者在“利益申报”登记收到的纸质申报",
        "另选专家",
    ]
    assert "没有有效的年度利益申报" in page
    assert "没有有效的年度利益申报" not in own
    paper = {"experts": [str(county.library.experts["水0"])], "made_on": "2026-09-10"}
    entered = await county.center.post("/api/declarations", json=paper, headers={"Idempotency-Key": "paper-0001"})
    assert entered.json() == {"entered": 1}
    assert (await county.act(county.center, "determine", {"flags": []})).status_code == 200


@pytest.mark.rule("R28d")
async def test_declared_interest_keeps_out_until_the_center_has_decided(
    county: County, database: Database, settings: Settings
) -> None:
    await county.act(county.unit, "propose")
    matter, residents = UUID(county.matter), Residents()
    name = "水1"
    async with acting(database, settings, county.center.viewer) as act:
        declared = await record_oral(act, matter, county.library.experts[name], answer="interest")

    panel = await county.panel()
    standing = next(one for one in (*panel["members"], *panel["others"]) if one["name"] == name)
    assert (standing["zone"], [reason["code"] for reason in standing["reasons"]]) == ("blocked", ["CONFLICT_DECLARED"])
    refused = await county.act(county.center, "determine", {"flags": []})
    assert "CONFLICT_DECLARED" in refused.text
    async with acting(database, settings, county.center.viewer) as act:
        await decide_declared(act, residents, declared, sits=True, reason=REASON, seen=1)
    async with reading(database) as session:
        assert await pending_in(session, matter) == frozenset()
    with pytest.raises(Refused):
        async with acting(database, settings, county.center.viewer) as act:
            await decide_declared(act, residents, declared, sits=False, reason=REASON, seen=2)


@pytest.mark.rule("R28d")
async def test_member_declares_for_the_matter_and_is_recused_when_it_is_real(
    county: County, database: Database, settings: Settings
) -> None:
    name, matter, residents = "水1", UUID(county.matter), Residents()
    expert = await an_expert(database, county.library, name)
    paper = {"experts": [str(county.library.experts["水0"])], "made_on": "2026-09-10"}
    await county.center.post("/api/declarations", json=paper, headers={"Idempotency-Key": "paper-0002"})
    await county.act(county.unit, "propose")
    async with reading(database) as session:
        assert await matters_to_declare(session, expert.person_id) == ()  # nobody learns of a mere proposal
    with pytest.raises(NotFound):
        async with acting(database, settings, expert) as act:
            await declare_for_matter(act, matter, answer="none")
    await county.act(county.center, "determine", {"flags": []})

    async with reading(database) as session:
        assert [one.id for one in await matters_to_declare(session, expert.person_id)] == [matter]
    with pytest.raises(Invalid):
        async with acting(database, settings, expert) as act:
            await declare_for_matter(act, matter, answer="recuse", text="")
    async with acting(database, settings, expert) as act:
        declared = await declare_for_matter(act, matter, answer="recuse", text="爱人是承包商的职工，申请回避")
    async with acting(database, settings, county.center.viewer) as act:
        await decide_declared(act, residents, declared, sits=False, reason="情况属实，同意本人回避", seen=1)
    async with reading(database) as session:
        assert (await decided_about(session, matter)).recused == {str(expert.person_id)}
        assert await session.scalar(select(DeclarationRow.decision).where(DeclarationRow.id == declared)) == "recused"
