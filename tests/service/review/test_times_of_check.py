"""Interests are looked up at every step of a review; what is found refuses it or waits for the center."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.storage.conflict_checks import checks_of
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, acting
from tests.service.review.house import REASON, Phone, Review, a_pdf, key
from tests.service.review.test_oral import saying
from tests.service.review.test_paper import act as on_paper
from tests.service.review.test_paper import enter, paper


async def tie(review: Review, phone: Phone, kind: Kind = Kind.CONTRACT) -> None:
    """State a tie of an expert to the undertaking unit after everything that happened so far."""
    county = review.county
    at = MONDAY + timedelta(hours=5)
    async with acting(county.database, county.settings, county.center.viewer, at) as act:
        await state_fact(act, FactEntry(person_of(review, phone), kind, county.unit_id))


def person_of(review: Review, phone: Phone) -> UUID:
    library = review.county.library
    name = next(name for name, held in library.experts.items() if str(held) == phone.expert_id)
    return library.people[name]


async def employer_of(review: Review, phone: Phone) -> str:
    listed = (await review.county.panel())["members"]
    return next(member["employer"] for member in listed if member["id"] == phone.expert_id)


async def occasions(review: Review, database: Database) -> list[tuple[str, int, int]]:
    async with reading(database) as session:
        checks = await checks_of(session, UUID(review.matter))
    return [(check.occasion, len(check.people), len(check.findings)) for check in checks]


@pytest.mark.rule("R28d")
async def test_each_step_keeps_its_check(working: Review, database: Database) -> None:
    await working.phones[0].give_opinion()

    kept = await occasions(working, database)

    assert [occasion for occasion, _, _ in kept] == [
        "proposal", "determination", "invitation", *["acceptance"] * 5, "material", "opinion"
    ]  # fmt: skip
    assert [people for _, people, _ in kept[2:]] == [5, 1, 1, 1, 1, 1, 5, 1]


@pytest.mark.rule("R28d")
async def test_nobody_with_an_interest_is_invited(review: Review) -> None:
    caught, free = review.phones[:2]
    await tie(review, caught)

    refused = await review.invite(caught)
    invited = await review.invite(free)

    assert (refused.status_code, [one["code"] for one in refused.json()["refusals"]]) == (409, ["PAID_WORK"])
    assert invited.status_code == 200


@pytest.mark.rule("R28d")
async def test_who_was_waived_is_invited_and_accepts(review: Review, signed_in) -> None:
    phone, second = review.phones[0], await signed_in("center")
    await tie(review, phone)
    matters = (await review.center.get("/api/conflicts")).json()
    (line,) = [one for one in matters[0]["lines"] if one["expert"] == phone.expert_id]
    asked = await review.center.post(
        f"/api/matters/{review.matter}/conflicts/{person_of(review, phone)}/judgements",
        json={"verdict": "waiver", "row": line["finding"]["row"], "basis": line["basis"], "reason": REASON,
              "publication": REASON},
        headers=key(),
    )  # fmt: skip
    assert asked.status_code == 201, asked.text
    approved = await second.post(
        f"/api/judgements/{asked.json()['id']}/approve", json={}, headers=key() | {"If-Match": '"1"'}
    )
    assert approved.status_code == 200, approved.text

    invited, accepted = await review.invite(phone), await phone.answer("accepted")

    assert (invited.status_code, accepted.status_code) == (200, 200)


@pytest.mark.rule("R28d")
async def test_a_declared_interest_blocks_acceptance_until_the_center_has_judged_it(invited: Review) -> None:
    phone = invited.phones[0]
    declared = await phone.client.post(
        f"/api/declarations/mine/{invited.matter}", json={"answer": "interest", "text": REASON}, headers=key()
    )
    assert declared.status_code == 201, declared.text

    waiting = await phone.answer("accepted")
    (one,) = (await invited.center.get(f"/api/matters/{invited.matter}/declarations")).json()
    decided = await invited.center.post(
        f"/api/declarations/{one['id']}/decide",
        json={"sits": True, "reason": REASON},
        headers=key() | {"If-Match": f'"{one["version"]}"'},
    )
    assert decided.status_code == 200, decided.text
    accepted = await phone.answer("accepted")

    assert (waiting.status_code, [one["code"] for one in waiting.json()["refusals"]]) == (409, ["CONFLICT_DECLARED"])
    assert accepted.status_code == 200, accepted.text


@pytest.mark.rule("R28d")
async def test_new_material_checks_who_takes_part_and_leaves_the_finding_to_the_center(
    working: Review, database: Database
) -> None:
    await tie(working, working.phones[0])
    await working.put_all()

    sent = await working.send(change="补充了汛期停工预案和占地图纸")

    assert sent.status_code == 200, sent.text
    assert (await occasions(working, database))[-1] == ("material", 5, 1)
    assert "专家组里有 1 条关系需要判断" in (await working.center.get("/")).text


@pytest.mark.rule("R28d")
async def test_who_has_an_interest_by_now_does_not_sign(working: Review) -> None:
    caught, free = working.phones[:2]
    await tie(working, caught)

    refused, signed = await caught.give_opinion(), await free.give_opinion()

    assert (refused.status_code, [one["code"] for one in refused.json()["refusals"]]) == (409, ["PAID_WORK"])
    assert signed.status_code == 200


@pytest.mark.rule("R28d", "R32e")
async def test_who_has_an_interest_by_now_gives_no_opinion_by_word_of_mouth(
    working: Review, database: Database
) -> None:
    caught, free = working.phones[:2]
    assert (await working.post("urgency", {"reason": REASON})).status_code == 200
    await tie(working, caught)

    refused, taken = [await working.on(phone, "oral", saying()) for phone in (caught, free)]

    assert (refused.status_code, [one["code"] for one in refused.json()["refusals"]]) == (409, ["PAID_WORK"])
    assert taken.status_code == 200, taken.text
    assert (await occasions(working, database))[-1] == ("opinion", 1, 0)
    assert len((await working.opinions())["spoken"]) == 1


@pytest.mark.rule("R28d", "R32d")
async def test_an_opinion_on_paper_does_not_count_when_an_interest_is_known_by_now(
    working: Review, signed_in, database: Database
) -> None:
    caught, free = working.phones[:2]
    second = await signed_in("center")
    for phone in (caught, free):
        assert (await enter(working, phone, paper(a_pdf("亲笔")))).status_code == 200
    await tie(working, caught)

    refused, counted = [await on_paper(working, second, phone, "confirm") for phone in (caught, free)]

    assert (refused.status_code, [one["code"] for one in refused.json()["refusals"]]) == (409, ["PAID_WORK"])
    assert counted.status_code == 200, counted.text
    assert (await working.opinions())["counted"] == 1


@pytest.mark.rule("R28d", "R30a")
async def test_an_institution_that_is_a_party_under_another_name_gives_no_opinion(working: Review) -> None:
    phone, county = working.phones[0], working.county
    institution = await employer_of(working, phone)
    body = {"institution": institution, "expert_id": phone.expert_id}

    async def name() -> httpx.Response:
        return await working.post("institutions", body, version=(await working.line(phone))["version"])

    before = await name()
    at = MONDAY + timedelta(hours=5)
    async with acting(county.database, county.settings, county.center.viewer, at) as act:
        succession = FactEntry(county.library.organisations[institution], Kind.SUCCESSION, county.unit_id)
        await state_fact(act, succession)
    signing, again = await phone.give_opinion(), await name()

    assert before.status_code == 200, before.text
    # Its author works there: what is now a direct interest of the employer is named beside it.
    assert {(one["code"], one["cite"]) for one in signing.json()["refusals"]} == {
        ("INSTITUTION_IS_PARTY", "A30"),
        ("DIRECT_INTEREST", "A28.4"),
    }
    assert [(one["code"], one["cite"]) for one in again.json()["refusals"]] == [("INSTITUTION_IS_PARTY", "A30")]


@pytest.mark.rule("R28d")
async def test_the_day_of_the_meeting_is_checked_and_kept_and_nobody_is_told(
    working: Review, database: Database
) -> None:
    address = f"/matters/{working.matter}/conflicts"
    by_api = await working.center.post(f"/api{address}/meeting", json={"on": "2026-10-12"}, headers=key())
    by_page = await working.center.post(f"{address}/meeting", data={"on": "2026-10-13"} | form_key())
    empty = await working.center.post(f"{address}/meeting", data={"on": ""} | form_key())
    by_unit = await working.unit.post(f"/api{address}/meeting", json={"on": "2026-10-12"}, headers=key())

    assert (by_api.status_code, by_api.json()["as_of"]) == (201, "2026-10-12")
    assert (by_page.status_code, by_page.headers["location"]) == (303, f"{address}?on=2026-10-13")
    assert (empty.headers["location"], by_unit.status_code) == (address, 404)
    assert [one[0] for one in await occasions(working, database)][-2:] == ["meeting", "meeting"]
    page = (await working.center.get(f"/matters/{working.matter}/panel/document")).text
    assert "会议当天" in page


def form_key() -> dict[str, str]:
    return {"idempotency_key": key()["Idempotency-Key"]}
