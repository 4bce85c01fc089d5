"""Who evaluates a decision: bodies that did its main work are out, drafters and the panel need the center's reason."""

from datetime import timedelta
from uuid import UUID

import pytest

from conflicts import Kind
from service.access import Viewer
from service.actions.evaluators import Obstacle, check_evaluator
from service.actions.facts import FactEntry, state_fact
from service.actions.matters import Opening, PartyEntry, change_parties, open_matter
from service.ids import new_id
from service.problems import NotFound
from service.regulation import load_policy
from service.settings import Settings
from service.storage.conflict_checks import checks_of
from service.storage.facts import matter_of
from service.storage.residents import Residents
from service.storage.session import Database, reading
from service.storage.ties import ResidentTies
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, a_library
from tests.service.test_panels import HYDRAULIC, County

POLICY = load_policy("changli-local-1").table


class Bureau:
    """A matter with a drafting institute, an assessing institute and a party."""

    def __init__(self, database: Database, settings: Settings, center: Viewer, ids: dict[str, UUID], matter: UUID):
        self.database, self.settings, self.center, self.ids, self.matter = database, settings, center, ids, matter
        self.residents = Residents()
        self.at = MONDAY

    def acting(self):
        self.at += timedelta(minutes=1)
        return acting(self.database, self.settings, self.center, self.at)

    async def ask(self, candidate: UUID) -> tuple[str, list[tuple[str, str, str]]]:
        async with self.acting() as act:
            found = await check_evaluator(act, self.residents, self.matter, candidate)
        return found.answer, [(one.code, one.cite, one.part) for one in found.obstacles]


@pytest.fixture
async def bureau(database: Database, settings: Settings) -> Bureau:
    names = ("县住建局", "规划设计院", "风险评估所", "评估所新址", "热力公司", "市社科院")
    ids = {name: await a_unit(database, name) for name in names}
    library = await a_library(database, [Entry("赵明"), Entry("钱芳")], units=ids)
    center = await an_account(database, "center")
    async with acting(database, settings, center) as act:
        parties = (
            PartyEntry(organisation_id=ids["规划设计院"], role="drafter"),
            PartyEntry(organisation_id=ids["风险评估所"], role="assessor"),
            PartyEntry(person_id=library.people["赵明"], role="drafter"),
            PartyEntry(organisation_id=ids["热力公司"]),
        )
        matter = await open_matter(act, Opening("县城供热管网改造工程", ids["县住建局"], "A3.4", parties=parties))
    return Bureau(database, settings, center, ids | library.people, matter)


@pytest.mark.rule("R64a")
async def test_a_body_that_assessed_the_matter_does_not_evaluate_it_under_any_name(bureau: Bureau) -> None:
    async with bureau.acting() as act:
        await state_fact(act, FactEntry(bureau.ids["风险评估所"], Kind.SUCCESSION, bureau.ids["评估所新址"]))

    answers = [await bureau.ask(bureau.ids[name]) for name in ("风险评估所", "评估所新址")]

    assert answers == [("no", [("NOT_INDEPENDENT", "A64p1", "assessor")])] * 2


@pytest.mark.rule("R64a")
async def test_another_half_of_a_divided_body_and_a_merger_to_come_bar_nobody(bureau: Bureau) -> None:
    mother = await a_unit(bureau.database, "风险评估中心")
    async with bureau.acting() as act:
        await state_fact(act, FactEntry(mother, Kind.SUCCESSION, bureau.ids["风险评估所"]))
        await state_fact(act, FactEntry(mother, Kind.SUCCESSION, bureau.ids["评估所新址"]))
        tomorrow = act.on + timedelta(days=1)
        await state_fact(
            act, FactEntry(bureau.ids["风险评估所"], Kind.SUCCESSION, bureau.ids["市社科院"], from_on=tomorrow)
        )

    answers = {name: (await bureau.ask(bureau.ids[name]))[0] for name in ("评估所新址", "市社科院")}
    mothers = (await bureau.ask(mother))[0]
    bureau.at += timedelta(days=1)

    assert (answers, mothers) == ({"评估所新址": "yes", "市社科院": "yes"}, "no")
    assert (await bureau.ask(bureau.ids["市社科院"]))[0] == "no"


@pytest.mark.rule("R64a", "R35b", "R12a")
async def test_a_body_that_drafted_it_needs_the_centers_reason_and_others_none(bureau: Bureau) -> None:
    answers = {name: await bureau.ask(bureau.ids[name]) for name in ("规划设计院", "市社科院", "县住建局")}

    assert answers == {
        "规划设计院": ("with-reason", [("INDEPENDENCE_REVIEW_NEEDED", "", "drafter")]),
        "市社科院": ("yes", []),
        "县住建局": ("yes", []),
    }


@pytest.mark.rule("R54b")
async def test_whoever_has_an_interest_does_not_evaluate(bureau: Bureau) -> None:
    async with bureau.acting() as act:
        await state_fact(act, FactEntry(bureau.ids["钱芳"], Kind.SHAREHOLDING, bureau.ids["热力公司"]))
        with pytest.raises(NotFound):
            await check_evaluator(act, bureau.residents, bureau.matter, new_id())
        owner = await check_evaluator(act, bureau.residents, bureau.matter, bureau.ids["钱芳"])
        drafter = await check_evaluator(act, bureau.residents, bureau.matter, bureau.ids["赵明"])

    assert await bureau.ask(bureau.ids["热力公司"]) == ("no", [("EVALUATOR_CONFLICT", "A54p2", "")])
    assert owner.obstacles == (Obstacle("EVALUATOR_CONFLICT", "A30", hard=True, found="DIRECT_INTEREST"),)
    assert drafter.obstacles == (Obstacle("INDEPENDENCE_REVIEW_NEEDED", "", hard=False, part="drafter"),)
    async with reading(bureau.database) as session:
        assert {check.occasion for check in await checks_of(session, bureau.matter)} == {"evaluator"}


@pytest.mark.rule("R54b", "R64a")
async def test_who_sat_on_the_panel_evaluates_only_with_the_centers_reason(
    signed_in: SignedIn, database: Database, settings: Settings
) -> None:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC[:5], Entry("局外人", field="820")], units={"县水利局": unit_id})
    county = County(
        await signed_in("unit", unit_id=unit_id), await signed_in("center"), library, unit_id, database, settings
    )
    await county.open()
    await county.act(county.unit, "propose")
    await county.act(county.center, "determine", {"flags": []})
    member = (await county.panel())["members"][0]
    address = f"/api/matters/{county.matter}/evaluators/check"

    async def ask(name: str) -> dict:
        body = {"candidate": str(library.people[name])}
        answer = await county.center.post(address, json=body, headers={"Idempotency-Key": str(new_id())})
        assert answer.status_code == 201, answer.text
        return answer.json()

    assert [(one["code"], one["part"], one["hard"]) for one in (await ask(member["name"]))["obstacles"]] == [
        ("INDEPENDENCE_REVIEW_NEEDED", "panel", False)
    ]
    assert await ask("局外人") == {"answer": "yes", "obstacles": []}
    page = await county.center.post(
        f"/matters/{county.matter}/evaluators", data={"other": member["name"], "idempotency_key": str(new_id())}
    )
    shown = await county.center.get(page.headers["location"])
    nobody = await county.center.get(f"/matters/{county.matter}/evaluators?candidate={new_id()}")
    assert (page.status_code, shown.status_code, nobody.status_code) == (303, 200, 404)
    assert ("须由决咨中心说明理由才能承担" in shown.text, member["name"] in shown.text) == (True, True)
    async with reading(database) as session:
        kept = [check.occasion for check in await checks_of(session, UUID(county.matter))]
    assert kept.count("evaluator") == 3
    unknown = await county.center.post(
        f"/matters/{county.matter}/evaluators", data={"other": "查无此所", "idempotency_key": str(new_id())}
    )
    assert (unknown.status_code, "查无此所" in unknown.text) == (400, True)


@pytest.mark.rule("R12a")
async def test_who_drafted_counts_from_when_it_was_recorded_and_as_long_as_it_was(bureau: Bureau) -> None:
    ties = ResidentTies()
    opened = MONDAY

    async def caught(known_at=None) -> set[str]:
        async with reading(bureau.database) as session:
            await ties.catch_up(session)
            findings = ties.graph.check(
                await matter_of(session, bureau.matter, known_at=known_at),
                policy=POLICY,
                as_of=MONDAY.date(),
                known_at=known_at,
            )
        return {finding.person for finding in findings if finding.code == "DRAFTED_IT"}

    drafter = {str(bureau.ids["赵明"])}
    assert await caught() == drafter
    async with bureau.acting() as act:
        await change_parties(act, bureau.matter, (), seen=1)
    left = bureau.at

    assert await caught() == set()
    assert await caught(opened) == drafter
    assert await caught(opened - timedelta(seconds=1)) == set()
    assert await caught(left) == set()
    fresh = ResidentTies()
    async with reading(bureau.database) as session:
        await fresh.catch_up(session)
    node = str(bureau.matter)
    assert fresh.graph.ties_of(node, known_at=opened) == ties.graph.ties_of(node, known_at=opened)
