"""A panel from need to determination: composed, locked, proposed, changed, determined; what is refused and why."""

from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from service.actions.matters import Opening, open_matter
from service.ledger.tables import HeadRow
from service.settings import Settings
from service.storage.panels import panels_of
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit, acting
from tests.service.differences import differences_of
from tests.service.library import Entry, Inserted, a_library
from workflow import Need, Seat

HYDRAULIC = [Entry(f"水{place}") for place in range(8)]
LAWYERS = [Entry("法一", "820"), Entry("法二", "820")]


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": f"{text}-0000-0000"}


class County:
    """A unit with a matter, a center, and a small library."""

    def __init__(
        self,
        unit: httpx.AsyncClient,
        center: httpx.AsyncClient,
        library: Inserted,
        unit_id: UUID,
        database: Database,
        settings: Settings,
    ) -> None:
        self.unit, self.center, self.library, self.unit_id = unit, center, library, unit_id
        self.database, self.settings = database, settings
        self.matter = ""

    async def open(
        self, *, size: int = 5, seats: tuple[Seat, ...] = (Seat("570", 2),), flags: frozenset[str] = frozenset()
    ):
        opening = Opening(
            title="滦河支流综合治理工程",
            unit_id=self.unit_id,
            kind="A3.4",
            need=Need(size, seats, (), 1),
            flags=flags,
        )
        async with acting(self.database, self.settings, self.unit.viewer) as act:
            self.matter = str(await open_matter(act, opening))

    async def panel(self, client: httpx.AsyncClient | None = None) -> dict:
        answer = await (client or self.center).get(f"/api/matters/{self.matter}/panel")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def act(self, client: httpx.AsyncClient, act: str, body: dict | None = None, *, version: int | None = None):
        if version is None:
            version = (await self.panel())["version"]
        return await client.post(
            f"/api/matters/{self.matter}/panel/{act}",
            json=body or {},
            headers=key(f"{act}-{version}") | {"If-Match": f'"{version}"'},
        )


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(
        database, [*HYDRAULIC, *LAWYERS, Entry("本局人", employer="县水利局")], units={"县水利局": unit_id}
    )
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    return County(unit, center, library, unit_id, database, settings)


@pytest.mark.rule("R32a")
async def test_a_panel_goes_from_need_to_determination_and_stands_in_the_ledger(
    county: County, database: Database
) -> None:
    await county.open(seats=(Seat("570", 2), Seat("820", 1)))
    composed = await county.panel(county.unit)

    proposed = await county.act(county.unit, "propose")
    determined = await county.act(county.center, "determine", {"flags": []})

    assert (composed["status"], len(composed["members"])) == ("optimal", 5)
    assert (proposed.status_code, proposed.json()["state"]) == (200, "proposed")
    assert (determined.status_code, determined.json()["state"]) == (200, "determined")
    async with reading(database) as session:
        (panel,) = await panels_of(session, UUID(county.matter))
    assert panel.state == "determined"
    assert {str(seat.expert_id) for seat in panel.members} == {member["id"] for member in composed["members"]}
    assert panel.problem is not None
    assert panel.problem_sha256 == composed["problem_sha256"]


@pytest.mark.rule("R32a")
async def test_who_proposed_does_not_determine_even_with_both_roles(signed_in: SignedIn, county: County) -> None:
    both = await signed_in("unit", "center", unit_id=county.unit_id)
    await county.open()
    proposed = await county.act(both, "propose", {"paper": "水函〔2026〕7号"})
    assert proposed.status_code == 200, proposed.text

    own = await county.act(both, "determine", {"flags": []})
    other = await county.act(county.center, "determine", {"flags": []})

    assert (own.status_code, [refusal["code"] for refusal in own.json()["refusals"]]) == (
        409,
        ["SAME_PERSON_PROPOSED_AND_DETERMINED"],
    )
    assert own.json()["refusals"][0]["cite"] == "A32.1"
    assert other.status_code == 200


@pytest.mark.rule("R28d", "R30a")
async def test_who_works_for_the_undertaking_unit_is_excluded_with_the_path(county: County) -> None:
    await county.open()

    panel = await county.panel()

    own = next(one for one in panel["others"] if one["name"] == "本局人")
    assert own["zone"] == "blocked"
    assert [reason["code"] for reason in own["reasons"]] == ["DIRECT_INTEREST"]
    member = str(county.library.experts["本局人"])
    others = [one["id"] for one in panel["members"]][:4]
    refused = await county.act(county.unit, "propose", {"members": [member, *others]})
    assert refused.status_code == 409
    assert ("NOT_SUITABLE", "") in [(refusal["code"], refusal["cite"]) for refusal in refused.json()["refusals"]]
    assert "DIRECT_INTEREST" not in refused.text
    assert "A28.4" not in refused.text


async def test_a_unit_learns_who_is_suitable_but_not_why_somebody_is_not(county: County) -> None:
    await county.open()

    panel = await county.panel(county.unit)

    own = next(one for one in panel["others"] if one["name"] == "本局人")
    assert [reason["code"] for reason in own["reasons"]] == ["NOT_SUITABLE"]
    assert "DIRECT_INTEREST" not in str(panel)


@pytest.mark.rule("R31a", "R31b")
async def test_one_expert_is_suitable_or_not_and_nobody_learns_why_or_that_it_was_asked(
    signed_in: SignedIn, county: County, database: Database
) -> None:
    await county.open()
    stranger = await signed_in("unit", unit_id=await a_unit(database, "别的局"))
    own, free = county.library.experts["本局人"], county.library.experts[HYDRAULIC[0].name]
    async with reading(database) as session:
        before = await session.scalar(select(HeadRow.size))

    async def ask(client: httpx.AsyncClient, expert_id: UUID) -> httpx.Response:
        return await client.get(f"/api/matters/{county.matter}/suitability/{expert_id}")

    for client in (county.unit, county.center):
        answers = [(await ask(client, expert_id)).json() for expert_id in (own, free)]
        assert [(answer["suitable"], answer["says"]) for answer in answers] == [
            (False, "不适合本事项"),
            (True, "适合本事项"),
        ]
    assert (await ask(county.unit, UUID(int=7))).status_code == 404
    assert (await ask(stranger, own)).status_code == 404
    async with reading(database) as session:
        assert await session.scalar(select(HeadRow.size)) == before


async def test_a_complex_matter_needs_nine_or_a_reason_the_center_accepts(county: County) -> None:
    await county.open(size=8, flags=frozenset({"complex"}))
    members = [str(expert) for name, expert in county.library.experts.items() if name != "本局人"][:8]

    bare = await county.act(county.unit, "propose", {"members": members})
    asked = await county.act(county.unit, "propose", {"members": members, "smaller_reason": "库内水利专家只有八名可用"})
    unaccepted = await county.act(county.center, "determine", {"flags": ["complex"]})
    accepted = await county.act(
        county.center, "determine", {"flags": ["complex"], "smaller_reason": "情况属实，同意八人"}
    )

    assert (bare.status_code, bare.json()["refusals"][0]["code"]) == (409, "PANEL_TOO_SMALL")
    assert asked.status_code == 200, asked.text
    assert (unaccepted.status_code, unaccepted.json()["refusals"][0]["code"]) == (409, "PANEL_TOO_SMALL")
    assert accepted.status_code == 200, accepted.text


async def test_open_seats_go_to_the_needed_fields_unless_somebody_is_put_in_by_hand(county: County) -> None:
    await county.open()
    lawyer = str(county.library.experts["法一"])

    listed = await county.unit.post(
        f"/api/matters/{county.matter}/panel/try",
        json={"members": [lawyer, *[str(county.library.experts[f"水{place}"]) for place in range(4)]]},
    )

    assert {member["name"][0] for member in (await county.panel())["members"]} == {"水"}
    assert listed.status_code == 200, listed.text
    assert [rule["code"] for rule in listed.json()["rules"] if not rule["kept"]] == ["FIELD_NOT_NEEDED"]


async def test_locks_are_kept_over_re_composition(county: County) -> None:
    await county.open()
    first = await county.panel()
    out = first["members"][0]["id"]
    inside = str(county.library.experts["法二"])
    address = f"/api/matters/{county.matter}/panel/locks"

    for expert, locked in ((out, "out"), (inside, "in")):
        answer = await county.unit.put(
            f"{address}/{expert}",
            json={"locked": locked, "reason": "承办单位书面说明了理由"},
            headers=key(f"lock-{locked}"),
        )
        assert answer.status_code == 204, answer.text
    second = await county.panel()
    chosen = {member["id"] for member in second["members"]}

    assert out not in chosen
    assert inside in chosen
    lifted = await county.unit.request("DELETE", f"{address}/{out}", headers=key("lift-out1"))
    assert lifted.status_code == 204
    assert (await county.panel())["others"] != second["others"]


async def test_when_no_panel_exists_the_rules_that_clash_are_named(county: County) -> None:
    await county.open(seats=(Seat("820", 3),))

    panel = await county.panel()

    assert (panel["status"], panel["members"]) == ("infeasible", [])
    assert [rule["code"] for rule in panel["result"]["blocking"]] == ["SEAT_UNFILLED"]
    page = (await county.center.get(f"/matters/{county.matter}/panel")).text
    assert f"专业 法学 需要 3 名专家，每席一人（可用 {len(LAWYERS)} 名，已排除 0 名）" in page


@pytest.mark.rule("R32a")
async def test_the_center_changes_a_proposal_only_with_a_reason_for_each_person(county: County) -> None:
    await county.open()
    await county.act(county.unit, "propose")
    panel = await county.panel()
    leaves = panel["members"][0]["id"]
    comes = next(one["id"] for one in panel["others"] if one["name"].startswith("水"))

    bare = await county.act(county.center, "change", {"changes": [{"leaves": leaves, "comes": comes, "reason": ""}]})
    reasoned = await county.act(
        county.center, "change", {"changes": [{"leaves": leaves, "comes": comes, "reason": "该专家熟悉本流域的情况"}]}
    )

    assert bare.status_code == 409
    assert bare.json()["refusals"][0]["code"] == "CHANGE_WITHOUT_REASON"
    assert reasoned.status_code == 200, reasoned.text
    assert comes in {member["id"] for member in (await county.panel())["members"]}


@pytest.mark.rule("R32a")
async def test_what_the_center_exchanges_by_hand_waits_for_a_second_person(
    county: County, signed_in: SignedIn, database: Database
) -> None:
    await county.open()
    head, deputy = await signed_in("center-head"), await signed_in("center")
    await county.act(county.unit, "propose")
    panel = await county.panel()
    leaves = panel["members"][0]["id"]
    comes = next(one["id"] for one in panel["others"] if one["name"].startswith("水"))
    address = f"/matters/{county.matter}/panel"

    exchange = [{"leaves": leaves, "comes": comes, "reason": "该专家熟悉本流域的情况"}]
    await county.act(county.center, "change", {"changes": exchange})
    alone = await county.act(county.center, "determine", {"flags": []})
    own = await county.act(county.center, "approve")
    waiting, page = await county.panel(), (await head.get(address)).text
    await county.act(head, "approve")
    same = await county.act(head, "determine", {"flags": []})
    determined = await county.act(deputy, "determine", {"flags": []})
    done = await county.panel()
    document = (await county.center.get(f"/matters/{county.matter}/panel/document")).text

    assert [one["code"] for one in alone.json()["refusals"]] == ["DESIGNATION_NOT_APPROVED"]
    assert [one["code"] for one in own.json()["refusals"]] == ["SAME_PERSON_PROPOSED_AND_APPROVED"]
    assert [(one["by_hand"], one["seconded"]) for one in (panel, waiting, done)] == [
        (False, False), (True, False), (True, True)
    ]  # fmt: skip
    assert ("中心手工改动过的专家组" in page, f'action="{address}/approve"' in page) == (True, True)
    assert [one["code"] for one in same.json()["refusals"]] == ["SAME_PERSON_APPROVED_AND_DETERMINED"]
    assert determined.status_code == 200, determined.text
    assert "复核（手工改动）" in document
    assert await differences_of(database, county.matter) == []


@pytest.mark.rule("R32a")
async def test_a_lock_of_the_center_waits_for_a_second_person_and_one_of_the_unit_does_not(county: County) -> None:
    await county.open()
    unit_in, center_in = [one["id"] for one in (await county.panel())["others"] if one["name"].startswith("水")][:2]

    async def proposed_with(who: httpx.AsyncClient, expert: str) -> bool:
        address = f"/api/matters/{county.matter}/panel/locks/{expert}"
        body = {"locked": "in", "reason": "该专家熟悉本流域的情况"}
        locked = await who.put(address, json=body, headers=key(f"lock-{expert}"))
        assert locked.status_code == 204, locked.text
        await county.act(county.unit, "propose")
        by_hand = (await county.panel())["by_hand"]
        await county.act(county.center, "return", {"reason": "请核对人员以后重新提出"})
        return by_hand

    assert [await proposed_with(county.unit, unit_in), await proposed_with(county.center, center_in)] == [False, True]


async def test_a_stale_version_is_412_and_a_missing_one_428(county: County) -> None:
    await county.open()
    address = f"/api/matters/{county.matter}/panel/propose"

    missing = await county.unit.post(address, json={}, headers=key("propose"))
    stale = await county.unit.post(address, json={}, headers=key("propose") | {"If-Match": '"99"'})

    assert (missing.status_code, stale.status_code) == (428, 412)


async def test_the_same_key_gets_the_same_answer_and_does_the_act_once(county: County, database: Database) -> None:
    await county.open()
    version = (await county.panel())["version"]

    first = await county.act(county.unit, "propose", version=version)
    second = await county.act(county.unit, "propose", version=version)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    async with reading(database) as session:
        assert len(await panels_of(session, UUID(county.matter))) == 1


async def test_another_units_clerk_does_not_know_of_the_matter(
    signed_in: SignedIn, county: County, database: Database
) -> None:
    await county.open()
    stranger = await signed_in("unit", unit_id=await a_unit(database, "县教育局"))

    answer = await stranger.get(f"/api/matters/{county.matter}/panel")
    page = await stranger.get(f"/matters/{county.matter}/panel")

    assert (answer.status_code, page.status_code) == (404, 404)


@pytest.mark.rule("R31a")
async def test_a_unit_composes_a_panel_below_the_floor_to_give_its_reason_for(county: County) -> None:
    await county.open(size=4)

    composed = await county.panel(county.unit)
    bare = await county.act(county.unit, "propose")
    reasoned = await county.act(county.unit, "propose", {"smaller_reason": "本地同专业专家不足五人"})

    assert (composed["floor"], len(composed["members"])) == (5, 4)
    assert [refusal["code"] for refusal in bare.json()["refusals"]] == ["PANEL_TOO_SMALL"]
    assert reasoned.status_code == 200, reasoned.text


async def test_a_broken_list_names_who_breaks_it_and_tells_a_unit_no_reason(county: County) -> None:
    await county.open()
    names = "本局人、" + "、".join(one["name"] for one in (await county.panel())["members"][:4])
    address = f"/matters/{county.matter}/panel/check"

    for_center = await county.center.post(address, data={"names": names})
    for_unit = await county.unit.post(address, data={"names": names})

    assert "本局人：本人或者所在单位与事项有直接利害关系" in for_center.text
    assert "本局人：不适合本事项" in for_unit.text


async def test_locking_a_proposed_member_out_offers_the_exchange_with_that_reason(county: County) -> None:
    await county.open()
    await county.act(county.unit, "propose")
    member = (await county.panel())["members"][0]
    await county.center.put(
        f"/api/matters/{county.matter}/panel/locks/{member['id']}",
        json={"locked": "out", "reason": "本人书面说明近期住院"},
        headers=key("lock-proposed"),
    )

    page = (await county.center.get(f"/matters/{county.matter}/panel")).text

    assert f"{member['name']}：已手工排除" in page
    assert page.count('name="reason" value="本人书面说明近期住院"') == 1
    assert page.index(f"/matters/{county.matter}/panel/change") < page.index('<ol class="members">')


@pytest.mark.rule("R27c")
async def test_who_reached_the_own_yearly_cap_is_not_chosen_again_that_year(
    county: County, signed_in: SignedIn
) -> None:
    await county.open()
    chosen = (await county.panel())["members"][0]
    assert (await county.act(county.unit, "propose")).status_code == 200
    path = f"/api/experts/{chosen['id']}"
    expert = await signed_in("expert", person_id=county.library.people[chosen["name"]])

    async def cap(most: int | None) -> dict:
        seen = (await expert.get(path)).headers["etag"]
        done = await expert.put(f"{path}/cap", json={"cap": most}, headers=key(f"cap-{most}") | {"If-Match": seen})
        assert done.status_code == 200, done.text
        assert done.json()["yearly_cap"] == most
        panel = await county.panel()
        return next(
            one for part in ("members", "reserves", "others") for one in panel[part] if one["id"] == chosen["id"]
        )

    await county.open()
    below, reached, free = await cap(2), await cap(1), await cap(None)

    assert [one.get("zone", "free") for one in (below, reached, free)].count("blocked") == 1
    assert "YEARLY_CAP_REACHED" in [reason["code"] for reason in reached["reasons"]]
    for outside in (0, 51):
        seen = (await expert.get(path)).headers["etag"]
        refused = await expert.put(
            f"{path}/cap", json={"cap": outside}, headers=key(f"cap-{outside}") | {"If-Match": seen}
        )
        assert refused.status_code == 400
    another = await signed_in("expert")
    assert (
        await another.put(f"{path}/cap", json={"cap": 1}, headers=key("other") | {"If-Match": seen})
    ).status_code == 404
