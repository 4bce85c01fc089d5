"""Oral opinions in urgency: taken down before a witness, written within 24 hours, shown on the phone."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar

from tests.service.conftest import MONDAY
from tests.service.review.house import REASON, Phone, Review, a_pdf, key

SAID = "堤防加固可行，汛期前完成导流，书面意见随后补交。"


def saying(**changes: Any) -> dict[str, Any]:
    values = {"conclusion": "agree", "given_at": MONDAY.isoformat(), "said": SAID, "witness": "王芳（县水利局）"}
    return values | changes


async def urgent(review: Review) -> None:
    answer = await review.post("urgency", {"reason": REASON})
    assert answer.status_code == 200, answer.text


async def own_page(phone: Phone) -> str:
    return (await phone.client.get(f"/reviews/{phone.matter}")).text


@pytest.mark.rule("R32e")
async def test_oral_opinion_starts_24_hours_that_its_author_sees_and_is_named_by_the_written_one(
    working: Review, app: Litestar
) -> None:
    phone = working.phones[0]
    without = await working.on(phone, "oral", saying())
    await urgent(working)

    taken = await working.on(phone, "oral", saying())

    write_by = (MONDAY + timedelta(hours=24)).isoformat().replace("+00:00", "Z")
    (spoken,) = (await working.opinions())["spoken"]
    assert without.json()["refusals"][0]["code"] == "ORAL_WITHOUT_URGENCY"
    assert (taken.status_code, spoken["write_by"], spoken["overdue"], spoken["said"]) == (200, write_by, False, SAID)
    assert (await phone.own())["oral"]["write_by"] == write_by
    assert (await phone.client.get("/api/reviews")).json()[0]["write_by"] == write_by
    assert 'data-until="86400"' in await own_page(phone)

    await working.later(app, MONDAY + timedelta(hours=24, minutes=1))
    assert (await working.opinions())["spoken"][0]["overdue"]
    assert 'data-until="-60"' in await own_page(phone)
    assert (await phone.give_opinion()).status_code == 200
    desk = await working.opinions()
    (one,) = desk["opinions"]
    assert (desk["spoken"], one["overdue"], one["differs"], one["counts"]) == ([], True, True, True)


@pytest.mark.rule("R32e")
async def test_opinions_are_not_in_while_one_was_only_spoken(working: Review) -> None:
    first, *others = working.phones
    await urgent(working)
    for phone in others:
        await phone.give_opinion()
    await working.on(first, "oral", saying())

    answer = await working.post("opinions/close", {"reason": REASON})

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "ORAL_NOT_WRITTEN")
    assert (await working.opinions())["counted"] == 4


FAULTS = [
    ({"given_at": (MONDAY + timedelta(minutes=1)).isoformat()}, "INSTANT_AHEAD"),
    ({"given_at": (MONDAY - timedelta(days=1)).isoformat()}, "ORAL_BEFORE_MATERIAL"),
    ({"given_at": "2026-09-14T09:00:00"}, "INSTANT_NAIVE"),
    ({"conclusion": "maybe"}, "CHOICE_REQUIRED"),
    ({"said": "可行"}, "FIELD_TOO_SHORT"),
    ({"witness": " "}, "FIELD_REQUIRED"),
]


async def test_what_is_taken_down_must_be_complete_and_its_witness_somebody_else(working: Review) -> None:
    phone = working.phones[0]
    await urgent(working)
    name = (await working.line(phone))["name"]

    answers = [
        await working.on(phone, "oral", saying(**changes))  # one set-up for all: each answer stands alone
        for changes, _ in [*FAULTS, ({"witness": name}, "WITNESS_IS_PARTY")]
    ]

    said = [[one["code"] for one in answer.json()["faults"]] for answer in answers]
    assert said == [[code] for _, code in FAULTS] + [["WITNESS_IS_PARTY"]]
    assert (await working.opinions())["spoken"] == []


async def test_only_the_center_takes_down_an_oral_opinion(working: Review) -> None:
    phone = working.phones[0]
    await urgent(working)
    version = (await working.line(phone))["version"]

    by_unit = await working.post(f"experts/{phone.expert_id}/oral", saying(), version=version, by=working.unit)

    assert by_unit.status_code == 404


@pytest.mark.rule("R32e")
async def test_written_opinion_prepared_before_the_spoken_one_is_not_signed_without_naming_it(working: Review) -> None:
    phone = working.phones[0]
    await phone.write()
    waiting = (await phone.prepare("opinion")).json()
    await working.post("urgency", {"reason": REASON})
    assert (await working.on(phone, "oral", saying())).status_code == 200

    signature = phone.signature(base64.b64decode(waiting["to_sign"]))
    behind = await phone.post("opinion/sign", {"id": waiting["id"], "signature": signature})
    anew = await phone.sign("opinion")

    assert (behind.status_code, behind.json()["code"], anew.status_code) == (412, "TEXT_MOVED_ON", 200)


@pytest.mark.rule("R32e")
async def test_opinion_on_paper_that_waits_is_given_and_no_word_of_mouth_comes_after_it(working: Review) -> None:
    phone = working.phones[0]
    await working.post("urgency", {"reason": REASON})
    scan = {"scan": base64.b64encode(a_pdf("亲笔")).decode(), "conclusion": "disagree", "points": ["投资偏高"]}
    entered = await working.on(phone, "paper", scan | {"received_at": saying()["given_at"]})

    spoken = await working.on(phone, "oral", saying())

    assert (entered.status_code, spoken.status_code) == (200, 409)
    assert [one["code"] for one in spoken.json()["refusals"]] == ["OPINION_IS_GIVEN"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_forms_take_down_an_oral_opinion_and_keep_what_was_typed(working: Review, language: str) -> None:
    phone = working.phones[0]
    for client in (working.center, phone.client):
        client.headers["Accept-Language"] = language
    address = f"/matters/{working.matter}/review"

    def form(**values: object) -> dict[str, object]:
        return {"idempotency_key": key()["Idempotency-Key"]} | values

    before = await working.center.get(f"{address}/experts/{phone.expert_id}/oral")
    await working.center.post(f"{address}/urgency", data=form(urgency=REASON))
    version = str((await working.line(phone))["version"])
    typed = {"given_on": "2026-9-14", "given_time": "09:00", "oral_conclusion": "agree", "said": SAID, "witness": ""}
    bad = await working.center.post(
        f"{address}/experts/{phone.expert_id}/oral", data=form(version=version, **typed | {"given_time": "九点"})
    )
    good = await working.center.post(
        f"{address}/experts/{phone.expert_id}/oral", data=form(version=version, **typed | {"witness": "王芳"})
    )
    pages = [
        before,
        await working.center.get(f"{address}/opinions"),
        await phone.client.get(f"/reviews/{phone.matter}"),
    ]

    assert (bad.status_code, SAID in bad.text, good.status_code) == (400, True, 303)
    assert {one.status_code for one in pages} == {200}
    assert not any("〔" in one.text for one in pages)
    given = datetime(2026, 9, 14, 1, 0, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    assert (await working.opinions())["spoken"][0]["given_at"] == given
