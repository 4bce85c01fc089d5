"""Notices: the list with its failures, sending again, letters and calls, and the center's own wording."""

import asyncio
import base64
import email
import json
import re
import shutil
import subprocess
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from service.clock import FixedClock
from service.jobs import Worker
from service.jobs.outbox import DELIVER, deliverer
from service.jobs.tables import OutboxRow
from service.keys import Keys
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.rows.acts import IdempotencyRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, browser
from tests.service.review.house import REASON, Phone, Review, key

WORDING = {"subject": "请参加：{事项}", "body": "{姓名}：\n\n请在{日期}前答复。100% 保密。\n\n{链接}\n", "short": ""}


def mails(settings: Settings) -> list[EmailMessage]:
    """Return what was delivered, in the order of the files."""
    return [
        email.message_from_bytes(path.read_bytes(), policy=default)  # type: ignore[misc]
        for path in sorted((settings.var / "outbox").glob("*.eml"))
    ]


def text_of(mail: EmailMessage) -> str:
    """Return the text of a mail."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def notices(review: Review, **query: str) -> list[dict[str, object]]:
    answer = await review.center.get("/api/notices", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["notices"]


async def fail(database: Database, review: Review) -> None:
    """Let every notice of the matter have failed."""
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(OutboxRow).values(state="failed", problem="MAIL_NO_ADDRESS"))


async def deliver(database: Database, settings: Settings, keys: Keys) -> None:
    handlers = {DELIVER: deliverer(keys, Residents())}
    await Worker(database=database, settings=settings, clock=FixedClock(MONDAY), handlers=handlers).run_due()


async def test_failures_are_listed_and_stand_on_the_board(invited: Review, database: Database) -> None:
    await fail(database, invited)

    failed = await notices(invited, state="failed", matter=invited.matter)
    today = {task["code"]: task for task in (await invited.center.get("/api/today")).json()}

    assert {(one["template"], one["problem"]) for one in failed} == {("INVITATION", "MAIL_NO_ADDRESS")}
    assert (len(failed), await notices(invited, state="delivered")) == (5, [])
    assert today["TASK_NOTICES_FAILED"]["href"] == "/notices?state=failed"


async def test_failure_is_no_trouble_any_more_once_the_person_was_reached(invited: Review, database: Database) -> None:
    async def trouble() -> int:
        today = (await invited.center.get("/api/today")).json()
        failed = await notices(invited, state="failed")
        assert any(task["code"] == "TASK_NOTICES_FAILED" for task in today) == bool(failed)
        return len(failed)

    await fail(database, invited)
    name = (await invited.line(invited.phones[0]))["name"]
    first = next(one for one in await notices(invited) if one["recipient"] == name)
    at_first = await trouble()
    await invited.center.post(f"/api/notices/{first['id']}/resend", headers=key())
    on_its_way = await trouble()
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(update(OutboxRow).where(OutboxRow.state == "waiting").values(state="delivered"))
    sent = await trouble()
    for phone in invited.phones[1:]:
        await invited.on(phone, "called", {"note": "九点打给本人，答应今天答复"})

    assert [at_first, on_its_way, sent, await trouble()] == [5, 5, 4, 0]
    assert [one["state"] for one in await notices(invited) if one["id"] == first["id"]] == ["made-up"]
    page = (await invited.center.get("/notices?state=made-up")).text
    assert "后来已送达" in page


async def test_center_finds_notices_and_reminders_from_the_first_page(invited: Review, signed_in: SignedIn) -> None:
    audit = await signed_in("audit")
    clients = {"center": invited.center, "audit": audit, "unit": invited.unit}

    led = {name: (await client.get("/")).text for name, client in clients.items()}
    led["notices"] = (await invited.center.get("/notices")).text

    assert {name: ('href="/notices"' in page, 'href="/reminders"' in page) for name, page in led.items()} == {
        "center": (True, True),
        "audit": (True, False),
        "unit": (False, False),
        "notices": (True, True),
    }


async def test_notice_that_is_sent_again_has_a_fresh_link_and_ends_the_old_one(
    invited: Review, database: Database, settings: Settings, keys: Keys, app
) -> None:
    await deliver(database, settings, keys)
    line = await invited.line(invited.phones[0])
    first = next(one for one in await notices(invited) if one["recipient"] == line["name"])
    old = links(settings)

    again = await invited.center.post(f"/api/notices/{first['id']}/resend", headers=key())
    await deliver(database, settings, keys)

    fresh = links(settings) - old
    assert (again.status_code, len(fresh), len(old)) == (200, 1, 5)
    async with browser(app) as client:
        statuses = [(await client.get(link)).status_code for link in (*fresh, *sorted(old))]
    assert sorted(statuses) == [200, 200, 200, 200, 200, 404]


@pytest.mark.parametrize(("answer", "status"), [(("accepted", ""), 409), (("declined", "ill"), 409)])
async def test_invitation_that_was_answered_is_not_sent_again(invited: Review, answer: tuple, status: int) -> None:
    phone = invited.phones[0]
    name = (await invited.line(phone))["name"]
    sent = next(one for one in await notices(invited) if one["recipient"] == name)
    await phone.answer(*answer)

    again = await invited.center.post(f"/api/notices/{sent['id']}/resend", headers=key())

    assert (again.status_code, again.json()["refusals"][0]["code"]) == (status, "NOTICE_OUTDATED")


async def test_letter_is_printed_with_the_link_and_its_delivery_entered(invited: Review, app, tmp_path: Path) -> None:
    phone = invited.phones[0]

    printed = await invited.on(phone, "letter")
    pdf = base64.b64decode(printed.json()["pdf"])
    (letter,) = [one for one in await notices(invited) if one["channel"] == "letter"]
    short = await invited.center.post(f"/api/notices/{letter['id']}/delivered", json={"note": "寄"}, headers=key())
    done = await invited.center.post(
        f"/api/notices/{letter['id']}/delivered", json={"note": "挂号信 1234，本人九月十四日签收"}, headers=key()
    )
    twice = await invited.center.post(f"/api/notices/{letter['id']}/delivered", json={"note": REASON}, headers=key())

    assert (printed.status_code, pdf[:5], letter["state"]) == (201, b"%PDF-", "waiting")
    assert (short.status_code, done.status_code, twice.status_code) == (400, 204, 409)
    (letter,) = [one for one in await notices(invited) if one["channel"] == "letter"]
    assert (letter["state"], letter["note"]) == ("delivered", "挂号信 1234，本人九月十四日签收")
    if shutil.which("pdftotext"):
        (tmp_path / "letter.pdf").write_bytes(pdf)
        text = await asyncio.to_thread(
            lambda: subprocess.run(["pdftotext", tmp_path / "letter.pdf", "-"], capture_output=True, check=True).stdout
        )
        (link,) = set(re.findall(r"http://localhost:8000(/i/[\w-]{43})", "".join(text.decode().split())))
        async with browser(app) as client:
            assert (await client.get(link)).status_code == 200


async def test_letter_with_its_link_is_not_kept_for_repeats(invited: Review, database: Database) -> None:
    expert = invited.phones[0].expert_id
    card, headers = f"/matters/{invited.matter}/review/experts/{expert}", key()
    form = {"idempotency_key": key()["Idempotency-Key"]}

    printed = [await invited.center.post(f"/api{card}/letter", headers=headers) for _ in range(2)]
    shown = [await invited.center.post(f"{card}/letter", data=form) for _ in range(2)]

    held = [one["id"] for one in await notices(invited) if one["channel"] == "letter"]
    async with reading(database) as session:
        kept = {
            row.key: row.body
            for row in await session.scalars(
                select(IdempotencyRow).where(
                    IdempotencyRow.key.in_([headers["Idempotency-Key"], form["idempotency_key"]])
                )
            )
        }
    api, page = kept[headers["Idempotency-Key"]], kept[form["idempotency_key"]]
    assert ([one.status_code for one in printed], [one.status_code for one in shown]) == ([201, 201], [200, 303])
    assert (base64.b64decode(printed[0].json()["pdf"])[:5], shown[0].content[:5]) == (b"%PDF-", b"%PDF-")
    assert json.loads(api or b"") == printed[1].json() == {"id": printed[0].json()["id"], "pdf": ""}
    assert (page, len(held), shown[1].headers["Location"]) == (b"", 2, f"/notices/{held[0]}")


async def test_letters_and_calls_are_not_sent_again_but_printed_or_noted_anew(invited: Review) -> None:
    phone = invited.phones[0]
    await invited.on(phone, "letter")
    await invited.on(phone, "called", {"note": "九点打给本人，答应今天答复"})
    by_hand = [one["id"] for one in await notices(invited) if one["channel"] in ("letter", "phone")]

    answers = [await invited.center.post(f"/api/notices/{one}/resend", headers=key()) for one in by_hand]

    refused = [(one.status_code, one.json()["refusals"][0]["code"]) for one in answers]
    assert refused == [(409, "NOTICE_BY_HAND")] * 2
    assert sum(one["channel"] == "mail" for one in await notices(invited)) == 5


async def test_letter_asks_for_what_is_open_now_and_none_is_printed_for_nothing(accepted: Review) -> None:
    phone = accepted.phones[0]

    async def printed() -> str:
        answer = await accepted.on(phone, "letter")
        if answer.status_code != 201:
            return str(answer.json()["refusals"][0]["code"])
        return next(str(one["template"]) for one in await notices(accepted) if one["id"] == answer.json()["id"])

    undertaking = await printed()
    await phone.undertake()
    waiting = await printed()
    await accepted.put_all()
    await accepted.send()
    work = await printed()
    await phone.give_opinion()

    assert [undertaking, waiting, work, await printed()] == [
        "REMINDER_UNDERTAKING",
        "NOTHING_ASKED_NOW",
        "REMINDER_WORK",
        "NOTHING_ASKED_NOW",
    ]


async def test_what_was_done_since_is_not_asked_for_again(working: Review) -> None:
    first, second = working.phones[:2]
    names = {phone.expert_id: (await working.line(phone))["name"] for phone in (first, second)}
    for phone in (first, second):
        assert (await working.on(phone, "remind")).status_code == 204
    await first.give_opinion()

    async def again(phone: Phone, template: str) -> str:
        told = (names[phone.expert_id], template)
        sent = next(one for one in await notices(working) if (one["recipient"], one["template"]) == told)
        answer = await working.center.post(f"/api/notices/{sent['id']}/resend", headers=key())
        return "" if answer.status_code == 200 else str(answer.json()["refusals"][0]["code"])

    told = ("REMINDER_WORK", "MATERIAL_SENT")
    assert [await again(first, template) for template in told] == ["NOTICE_OUTDATED"] * 2
    assert [await again(second, template) for template in told] == ["", ""]


async def test_call_counts_as_a_delivery_with_what_was_said(invited: Review) -> None:
    phone = invited.phones[0]

    empty = await invited.on(phone, "called", {"note": ""})
    called = await invited.on(phone, "called", {"note": "九点打给本人，答应今天答复"})

    (held,) = [one for one in await notices(invited) if one["channel"] == "phone"]
    assert (empty.status_code, called.status_code) == (400, 201)
    assert (held["state"], held["note"]) == ("delivered", "九点打给本人，答应今天答复")


async def test_only_the_center_sends_and_words_and_others_do_not_see(invited: Review, signed_in: SignedIn) -> None:
    audit = await signed_in("audit")
    notice = (await notices(invited))[0]["id"]

    def asked(client: httpx.AsyncClient) -> list:
        return [
            client.get("/api/notices"),
            client.post(f"/api/notices/{notice}/resend", headers=key()),
            client.put("/api/notice-wordings/INVITATION/zh", json=WORDING, headers=key() | {"If-Match": '"0"'}),
        ]

    answers = {
        name: [(await one).status_code for one in asked(client)]
        for name, client in (("audit", audit), ("unit", invited.unit), ("expert", invited.phones[0].client))
    }

    assert answers == {"audit": [200, 404, 404], "unit": [403, 404, 404], "expert": [403, 404, 404]}


async def word(review: Review, wording: dict[str, str], *, seen: int, language: str = "zh") -> httpx.Response:
    return await review.center.put(
        f"/api/notice-wordings/INVITATION/{language}", json=wording, headers=key() | {"If-Match": f'"{seen}"'}
    )


async def test_own_wording_is_what_goes_out_from_then_on(
    review: Review, database: Database, settings: Settings, keys: Keys
) -> None:
    before = (await review.center.get("/api/notice-wordings/INVITATION/zh")).json()
    kept = await word(review, WORDING, seen=0)
    stale = await word(review, WORDING, seen=0)
    await review.invite(review.phones[0])
    await deliver(database, settings, keys)
    sent = mails(settings)
    back = await word(review, {"subject": "", "body": "", "short": ""}, seen=1)
    after = (await review.center.get("/api/notice-wordings/INVITATION/zh")).json()

    assert (before["own"], before["version"], before["places"]) == (False, 0, ["姓名", "事项", "日期", "链接"])
    assert "{链接}" in before["body"]
    assert (kept.json(), stale.status_code, back.json()) == ({"version": 1}, 412, {"version": 2})
    assert (after["own"], after["version"], after["body"]) == (False, 2, before["body"])
    assert str(sent[0]["Subject"]).startswith("请参加：")
    assert "9月17日 周四前答复。100% 保密。" in text_of(sent[0])


@pytest.mark.parametrize(
    ("changes", "at", "code", "facts"),
    [
        ({"body": "{姓名}\n{链结}"}, "body", "PLACE_UNKNOWN", {"line": 2, "column": 1, "found": "链结"}),
        ({"subject": "{事项"}, "subject", "BRACE_ALONE", {"line": 1, "column": 1, "found": "{"}),
        ({"body": "没有链接"}, "body", "PLACE_MISSING", {"line": 0, "column": 0, "found": "链接 / link"}),
        ({"short": "没有链接"}, "short", "PLACE_MISSING", {"line": 0, "column": 0, "found": "链接 / link"}),
        ({"subject": ""}, "subject", "FIELD_REQUIRED", {}),
    ],
    ids=["misspelt", "brace alone", "no link", "no link in the short one", "no subject"],
)
async def test_broken_wording_is_refused_with_its_place(
    review: Review, changes: dict[str, str], at: str, code: str, facts: dict[str, object]
) -> None:
    refused = await word(review, WORDING | changes, seen=0)

    (fault, *_) = refused.json()["faults"]
    assert (refused.status_code, fault["at"], fault["code"], fault["facts"]) == (400, at, code, facts)
    assert (await review.center.get("/api/notice-wordings/INVITATION/zh")).json()["version"] == 0


async def test_preview_speaks_of_a_real_matter_and_test_goes_to_oneself(
    review: Review, database: Database, settings: Settings, keys: Keys
) -> None:
    here = "/api/notice-wordings/INVITATION/zh"

    shown = await review.center.post(
        f"{here}/preview", json={"matter_id": review.matter, "wording": WORDING}, headers=key()
    )
    unsent = mails(settings)
    await word(review, WORDING, seen=0)
    tested = await review.center.post(f"{here}/test", json={"matter_id": review.matter}, headers=key())
    await deliver(database, settings, keys)

    assert "滦河支流综合治理工程" in shown.json()["subject"]
    assert (unsent, tested.status_code) == ([], 201)
    assert [str(mail["Subject"]).startswith("请参加：") for mail in mails(settings)] == [True]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_lead_from_the_list_to_a_notice_and_to_the_wording(
    invited: Review, database: Database, language: str
) -> None:
    await fail(database, invited)
    center = invited.center
    center.headers["Accept-Language"] = language
    notice = (await notices(invited))[0]["id"]
    here = "/notices/wording/INVITATION/zh"

    def form(**values: object) -> dict[str, object]:
        return {"idempotency_key": key()["Idempotency-Key"]} | values

    pages = [
        await center.get("/notices"),
        await center.get(f"/notices?state=failed&matter={invited.matter}"),
        await center.get("/notices?state=delivered"),
        await center.get(f"/notices/{notice}"),
        await center.get("/notices/wording"),
        await center.get(here),
        await center.post(here, data=form(version=0, do="preview", matter=invited.matter) | WORDING),
        await center.get(f"/matters/{invited.matter}/review/experts/{invited.phones[0].expert_id}"),
    ]
    broken = await center.post(here, data=form(version=0, do="keep") | WORDING | {"body": "{x}"})
    kept = await center.post(here, data=form(version=0, do="keep") | WORDING)
    tested = await center.post(here, data=form(do="test", matter=invited.matter))
    delivered = await center.post(f"/notices/{notice}/delivered", data=form(note=REASON))
    resent = await center.post(f"/notices/{notice}/resend", data=form())
    card = f"/matters/{invited.matter}/review/experts/{invited.phones[0].expert_id}"
    letter = await center.post(f"{card}/letter", data=form())
    silent = await center.post(f"{card}/called", data=form(call_note=""))

    assert [one.status_code for one in pages] == [200] * len(pages)
    assert not any("〔" in one.text for one in (*pages, broken, silent))
    assert (broken.status_code, kept.status_code, tested.status_code) == (400, 303, 303)
    assert "{x}" in broken.text
    assert (delivered.status_code, resent.status_code, silent.status_code) == (303, 303, 400)
    assert (letter.status_code, letter.content[:5]) == (200, b"%PDF-")


def links(settings: Settings) -> set[str]:
    """Return the links of all mails, without the host."""
    return {
        found for mail in mails(settings) for found in re.findall(r"http://localhost:8000(/i/[\w-]+)", text_of(mail))
    }
