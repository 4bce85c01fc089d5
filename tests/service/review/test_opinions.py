"""Opinions and what becomes of their points: written by their authors, signed, counted, answered."""

import base64
import re
from datetime import UTC, datetime

import pytest
from litestar import Litestar

from service.signing.verification import verify
from tests.service.conftest import MONDAY
from tests.service.review.house import REASON, Review, key


@pytest.mark.rule("R32d", "R27c")
async def test_opinion_is_a_signed_document_that_anyone_can_verify(working: Review, app: Litestar) -> None:
    phone = working.phones[0]

    signed = await phone.give_opinion()

    assert signed.status_code == 200, signed.text
    (one,) = (await working.opinions())["opinions"]
    pdf = (await working.center.get(f"/matters/{working.matter}/review/opinions/{one['document_id']}")).content
    authority = app.state.authority
    listed = authority.revocation_list([], at=MONDAY, number=1)
    (verdict,) = await verify(pdf, authority.certificate, listed, at=MONDAY)
    name = next(n for n, held in working.county.library.experts.items() if str(held) == phone.expert_id)
    assert (verdict.outcome, verdict.signer, verdict.archived) == ("valid", name, True)
    assert (one["conclusion"], [point["text"] for point in one["points"]]) == (
        "agree-with-changes",
        ["补充二十年一遇洪水位复核", "明确汛期停工预案"],
    )
    assert (await working.line(phone))["standing"] == "submitted"


@pytest.mark.rule("R27c")
async def test_draft_is_its_authors_alone(working: Review) -> None:
    first, second = working.phones[:2]
    await first.write(necessity="只有我能看到的草稿")

    seen = [
        (await working.unit.get(f"/matters/{working.matter}/review/opinions")).text,
        (await working.center.get(f"/api/matters/{working.matter}/review/opinions")).text,
        (await second.client.get(f"/reviews/{working.matter}")).text,
        (await second.client.get(f"/api/reviews/{working.matter}/opinion")).text,
    ]
    own = await first.client.get(f"/reviews/{working.matter}")
    by_unit = await working.unit.get(f"/api/reviews/{working.matter}/opinion")

    assert "只有我能看到的草稿" in own.text
    assert not any("只有我能看到的草稿" in text for text in seen)
    assert by_unit.status_code == 404


@pytest.mark.rule("R32d")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"points": []}, "POINTS_MISSING"),
        ({"conclusion": ""}, "FIELD_REQUIRED"),
        ({"points": ["𠮷𠮷"]}, "TEXT_NOT_SETTABLE"),
    ],
)
async def test_opinion_that_cannot_be_signed_says_why(working: Review, changes, code: str) -> None:
    answer = await working.phones[0].give_opinion(**changes)

    assert (answer.status_code, [one["code"] for one in answer.json()["faults"]]) == (400, [code])
    assert (await working.opinions())["opinions"] == []


@pytest.mark.rule("R27a", "R28b")
async def test_no_opinion_before_the_material_came(invited: Review) -> None:
    phone = invited.phones[0]
    await phone.answer("accepted")
    await phone.undertake()

    answer = await phone.write()

    assert answer.status_code == 409


@pytest.mark.rule("R27c")
async def test_amending_makes_a_new_signed_version_and_the_old_one_stays(working: Review) -> None:
    phone = working.phones[0]
    await phone.give_opinion()
    first = (await working.opinions())["opinions"][0]["document_id"]

    await phone.give_opinion(points=["改为五十年一遇"])

    (one,) = (await working.opinions())["opinions"]
    old = await working.center.get(f"/matters/{working.matter}/review/opinions/{first}")
    assert (one["versions"], [point["text"] for point in one["points"]]) == (2, ["改为五十年一遇"])
    assert (old.status_code, one["document_id"] != first) == (200, True)


async def test_text_changed_after_it_was_prepared_is_not_signed(working: Review) -> None:
    phone = working.phones[0]
    await phone.write()
    waiting = (await phone.prepare("opinion")).json()
    await phone.write(points=["另一条"])
    body = {"id": waiting["id"], "signature": phone.signature(base64.b64decode(waiting["to_sign"]))}
    answer = await phone.post("opinion/sign", body)

    assert (answer.status_code, answer.json()["code"]) == (412, "TEXT_MOVED_ON")
    assert (await working.opinions())["opinions"] == []


@pytest.mark.rule("R27c", "R32d")
async def test_only_the_text_that_its_author_saw_is_prepared_for_signing(working: Review) -> None:
    phone = working.phones[0]
    await phone.write()
    page = (await phone.client.get(f"/reviews/{working.matter}")).text
    await phone.write(points=["另一个窗口的要点"])

    blind = await phone.post("opinion/prepare", {"serial": phone.serial})
    behind = await phone.prepare("opinion", version=1)
    english = await phone.client.post(
        f"/api/reviews/{working.matter}/opinion/prepare",
        json={"serial": phone.serial},
        headers=key() | {"If-Match": '"1"', "Accept-Language": "en"},
    )
    seen = await phone.prepare("opinion", version=2)

    assert 'data-sign="opinion"' in page
    assert 'data-version="1"' in page
    assert (blind.status_code, behind.status_code, seen.status_code) == (428, 412, 200)
    assert (behind.json()["code"], "没有签署" in behind.json()["detail"]) == ("TEXT_MOVED_ON", True)
    assert "nothing was signed" in english.json()["detail"]


@pytest.mark.rule("R28a")
@pytest.mark.parametrize(("day", "late"), [(20, False), (21, True)], ids=["on the last day", "a day later"])
async def test_late_opinion_is_flagged_and_taken_all_the_same(
    working: Review, app: Litestar, day: int, late: bool
) -> None:
    phone = working.phones[0]
    await working.later(app, datetime(2026, 9, day, 1, 0, tzinfo=UTC))
    standing = (await working.line(phone))["standing"]

    answer = await phone.give_opinion()

    assert answer.status_code == 200
    assert standing == ("late" if late else "working")
    (one,) = (await working.opinions())["opinions"]
    assert (one["late"], one["counts"]) == (late, True)


@pytest.mark.rule("R31a")
async def test_floor_is_asked_again_over_signed_written_opinions(working: Review) -> None:
    for phone in working.phones[:4]:
        await phone.give_opinion()

    four = await working.post("opinions/close", {})
    reasoned = await working.post("opinions/close", {"reason": "短"})
    await working.phones[4].give_opinion()
    five = await working.post("opinions/close", {})

    assert (four.status_code, four.json()["refusals"][0]["code"]) == (409, "PANEL_TOO_SMALL")
    assert four.json()["refusals"][0]["facts"] == {"count": 4, "min": 5, "missing": 1}
    assert (reasoned.status_code, five.status_code) == (400, 200)


@pytest.mark.rule("R31a")
async def test_fewer_opinions_yield_to_the_centers_recorded_reason(working: Review) -> None:
    for phone in working.phones[:4]:
        await phone.give_opinion()

    accepted = await working.post("opinions/close", {"reason": REASON})

    assert accepted.status_code == 200
    assert (await working.opinions())["closed"]


@pytest.mark.rule("R31a")
async def test_opinion_set_aside_stays_in_the_file_and_does_not_count(signed: Review) -> None:
    phone = signed.phones[0]
    version = (await signed.line(phone))["version"]

    aside = await signed.post(f"opinions/{phone.expert_id}/set-aside", {"reason": REASON}, version=version)
    closing = await signed.post("opinions/close", {})

    desk = await signed.opinions()
    assert (aside.status_code, desk["counted"], len(desk["opinions"])) == (200, 4, 5)
    assert closing.json()["refusals"][0]["code"] == "PANEL_TOO_SMALL"
    assert (await signed.line(phone))["standing"] == "set-aside"


@pytest.mark.rule("R27c")
async def test_others_are_read_only_after_signing_and_when_the_center_opens(working: Review) -> None:
    first, second, third = working.phones[:3]
    await first.give_opinion()
    await second.give_opinion()

    async def read(phone) -> int:
        return len((await phone.client.get(f"/api/reviews/{working.matter}/opinions")).json())

    before = [await read(phone) for phone in (first, third)]
    await working.post("opinions/open")
    after = [await read(phone) for phone in (first, third)]
    await third.give_opinion()

    assert (before, after, await read(third)) == ([1, 0], [2, 0], 3)


async def test_nothing_is_signed_after_the_opinions_are_in(closed: Review) -> None:
    amended = await closed.phones[0].give_opinion(points=["太晚"])

    assert amended.status_code == 409


ANSWERS = [
    ({"reasonable": "yes", "adoption": "not", "reason": REASON}, "REASONABLE_NOT_ADOPTED"),
    ({"reasonable": "yes", "adoption": "partly", "reason": REASON}, "REASONABLE_NOT_ADOPTED"),
    ({"reasonable": "partly", "adoption": "not", "reason": REASON}, "REASONABLE_NOT_ADOPTED"),
    ({"reasonable": "no", "adoption": "not"}, "DISPOSITION_WITHOUT_REASON"),
    ({"reasonable": "no", "adoption": "out-of-scope"}, "DISPOSITION_WITHOUT_REASON"),
    ({"reasonable": "yes", "adoption": "adopted"}, ""),
    ({"reasonable": "partly", "adoption": "partly", "reason": REASON}, ""),
    ({"reasonable": "no", "adoption": "not", "reason": REASON}, ""),
    ({"reasonable": "yes", "adoption": "already", "reason": REASON}, ""),
    ({"point": 3}, "POINT_UNKNOWN"),
    ({"adoption": "maybe", "reason": REASON}, "POINT_UNKNOWN"),
]


@pytest.mark.rule("R32f")
async def test_reasonable_points_are_adopted_and_others_answered_with_a_reason(signed: Review) -> None:
    phone = signed.phones[0]
    early = await signed.answer_point(phone, 1)
    await signed.post("opinions/close", {})

    given = [
        await signed.answer_point(phone, **({"point": 1} | answer))  # one set-up for all: each answer stands alone
        for answer, _ in ANSWERS
    ]

    assert early.json()["refusals"][0]["code"] == "OPINIONS_NOT_IN"
    said = [[one["code"] for one in answer.json().get("refusals", [])] for answer in given]
    assert said == [[code] if code else [] for _, code in ANSWERS]


@pytest.mark.rule("R32f")
async def test_nothing_is_filed_while_a_point_is_open_and_the_expert_replies_once(closed: Review) -> None:
    for phone in closed.phones:
        await closed.answer_point(phone, 1)
    for phone in closed.phones[1:]:
        await closed.answer_point(phone, 2, reasonable="no", adoption="not", reason=REASON)
    phone = closed.phones[0]

    early = await closed.post("opinions/file", by=closed.unit)
    too_soon = await phone.post("reply", {"reply": REASON}, version=(await phone.own())["version"])
    await closed.answer_point(phone, 2)
    filed = await closed.post("opinions/file", by=closed.unit)
    changed = await closed.answer_point(phone, 2)
    reply = await phone.post("reply", {"reply": REASON}, version=(await phone.own())["version"])
    twice = await phone.post("reply", {"reply": REASON}, version=(await phone.own())["version"])

    assert early.json()["refusals"][0]["facts"] == {"open": 1}
    assert too_soon.status_code == 409
    assert (filed.status_code, changed.status_code) == (200, 409)
    assert (reply.status_code, twice.status_code) == (200, 409)
    matter = (await closed.center.get(f"/api/matters/{closed.matter}")).json()
    assert {step["step"]: step["status"] for step in matter["steps"]}["expert_disposition"] == "done"


async def test_pages_of_opinions_show_every_stage_in_both_languages(working: Review) -> None:
    phone = working.phones[0]
    pages = []

    async def look() -> None:
        addresses = [(phone.client, f"/reviews/{working.matter}")]
        for client in (working.center, working.unit):
            addresses += [(client, f"/matters/{working.matter}{page}") for page in ("", "/review/opinions")]
        for language in ("zh-CN", "en"):
            for client, address in addresses:
                pages.append(await client.get(address, headers={"Accept-Language": language}))

    await phone.write()
    await look()
    for one in working.phones:
        assert (await one.give_opinion()).status_code == 200
    await working.post("opinions/open")
    await look()
    await working.post("opinions/close", {})
    await look()
    for one in working.phones:
        for point in (1, 2):
            await working.answer_point(one, point)
    await working.post("opinions/file", by=working.unit)
    await look()

    assert {page.status_code for page in pages} == {200}
    assert not any("〔" in page.text for page in pages)
    pdf = await phone.client.get(f"/reviews/{working.matter}/opinion.pdf")
    assert pdf.content.startswith(b"%PDF")


async def test_forms_do_what_the_api_does(signed: Review) -> None:
    phone = signed.phones[0]

    def form(**values: object) -> dict[str, object]:
        return {"idempotency_key": key()["Idempotency-Key"]} | values

    saved = await phone.client.post(
        f"/reviews/{signed.matter}/opinion",
        data=form(version="1", points="第一条\r\n\r\n 第二条 ", conclusion="agree", necessity="有必要"),
    )
    draft = (await phone.client.get(f"/api/reviews/{signed.matter}/opinion")).json()
    closed = await signed.center.post(f"/matters/{signed.matter}/review/opinions/close", data=form(close_reason=""))
    line = await signed.line(phone)
    bad = await signed.unit.post(
        f"/matters/{signed.matter}/review/opinions/{phone.expert_id}/points",
        data=form(version=str(line["version"]), point="1", reasonable="no", adoption="not", answer_reason=""),
    )
    good = await signed.unit.post(
        f"/matters/{signed.matter}/review/opinions/{phone.expert_id}/points",
        data=form(version=str(line["version"]), point="1", reasonable="yes", adoption="adopted"),
    )

    assert (saved.status_code, draft["opinion"]["points"]) == (303, ["第一条", "第二条"])
    assert (closed.status_code, bad.status_code, good.status_code) == (303, 409, 303)


@pytest.mark.rule("R32d")
async def test_page_offers_signing_again_only_once_the_text_is_another_one(working: Review) -> None:
    phone = working.phones[0]
    phone.client.headers["Accept-Language"] = "zh-CN"

    async def seen() -> tuple[bool, bool, bool]:
        text = (await phone.client.get(f"/reviews/{working.matter}")).text
        return 'id="sign"' in text, "现在不用再做什么" in text, "下面的文字与签署的不同" in text

    await phone.write()
    written = await seen()
    assert (await phone.sign("opinion")).status_code == 200
    signed = await seen()
    await phone.write(points=["另一条要点"])
    changed = await seen()

    assert [written, signed, changed] == [(True, False, False), (False, True, False), (True, False, True)]


async def test_refused_answer_to_a_point_stays_open_with_what_was_chosen(closed: Review) -> None:
    phone = closed.phones[1]
    line = await closed.line(phone)
    typed = {"point": "2", "reasonable": "partly", "adoption": "not", "answer_reason": ""}

    refused = await closed.unit.post(
        f"/matters/{closed.matter}/review/opinions/{phone.expert_id}/points",
        data={"idempotency_key": key()["Idempotency-Key"], "version": str(line["version"])} | typed,
    )

    places = re.findall(r'<details class="more"( open)?>(.*?)</details>', refused.text, flags=re.DOTALL)
    (there,) = (text for is_open, text in places if is_open and "answer_reason" in text)
    assert refused.status_code == 409
    assert f"/opinions/{phone.expert_id}/points" in there
    assert re.findall(r'name="point" value="(\d)"', there) == ["2"]
    assert re.findall(r'value="([\w-]+)" checked', there) == ["partly", "not"]


async def test_next_point_without_an_answer_opens_until_all_have_one(closed: Review) -> None:
    phone = closed.phones[0]

    async def opened() -> list[str]:
        page = (await closed.unit.get(f"/matters/{closed.matter}/review/opinions")).text
        card = page.partition(f'id="e{phone.expert_id}"')[2].partition("</section>")[0]
        places = re.findall(r'<details class="more" open>(.*?)</details>', card, flags=re.DOTALL)
        return [one for place in places for one in re.findall(r'name="point" value="(\d)"', place)]

    before = await opened()
    for point in (1, 2):
        answer = await closed.answer_point(phone, point)
        assert answer.status_code == 200, answer.text
        before += await opened()

    assert before == ["1", "2"]
