"""Undertaking, material and the time for study: through the API, as the law has it."""

import base64
import subprocess
from datetime import UTC, datetime
from io import BytesIO

import icalendar
import pikepdf
import pytest
from litestar import Litestar

from tests.service.review.house import REASON, Phone, Review, a_pdf, key


@pytest.mark.rule("R28b")
async def test_no_material_is_opened_before_the_undertaking_is_signed(accepted: Review) -> None:
    phone = accepted.phones[0]
    await accepted.put_all()
    file = (await accepted.see())["files"][0]["id"]
    await accepted.send()

    before = await phone.post(f"files/{file}/open")
    fetched = await phone.client.get(f"/api/reviews/{accepted.matter}/files/{file}")
    signed = await phone.undertake()
    after = await phone.post(f"files/{file}/open")

    assert (before.status_code, before.json()["refusals"][0]["code"]) == (409, "NO_UNDERTAKING")
    assert fetched.json()["refusals"][0]["code"] == "NO_UNDERTAKING"
    assert (signed.status_code, after.status_code) == (200, 204)


@pytest.mark.rule("R28b", "R32d")
async def test_undertaking_is_a_signed_document_that_anyone_can_verify(accepted: Review, app: Litestar) -> None:
    phone = accepted.phones[0]
    await phone.undertake()

    again = await phone.undertake()

    assert (await phone.own())["stage"] == "wait"
    assert again.status_code == 409
    assert (await accepted.line(phone))["undertaken"]


async def test_wrong_signature_signs_nothing(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.enrol()
    waiting = (await phone.post("undertaking/prepare", {"serial": phone.serial})).json()

    wrong = await phone.post("undertaking/sign", {"id": waiting["id"], "signature": phone.signature(b"other")})
    short = await phone.post("undertaking/sign", {"id": waiting["id"], "signature": "AAAA"})

    assert [one.json()["faults"][0]["code"] for one in (wrong, short)] == ["SIGNATURE_WRONG"] * 2
    assert not (await accepted.line(phone))["undertaken"]


async def test_retry_after_a_lost_answer_signs_once(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.enrol()
    waiting = (await phone.post("undertaking/prepare", {"serial": phone.serial})).json()
    body = {"id": waiting["id"], "signature": phone.signature(base64.b64decode(waiting["to_sign"]))}
    headers = key()

    answers = [
        await phone.client.post(f"/api/reviews/{accepted.matter}/undertaking/sign", json=body, headers=headers)
        for _ in range(2)
    ]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].headers["idempotency-replayed"] == "true"


async def test_lost_key_is_replaced_before_signing(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.enrol()
    waiting = (await phone.post("undertaking/prepare", {"serial": phone.serial})).json()
    old = phone.signature(base64.b64decode(waiting["to_sign"]))
    await phone.client.post(f"/api/certificates/{phone.serial}/lost", headers=key())

    refused = await phone.post("undertaking/sign", {"id": waiting["id"], "signature": old})
    fresh = Phone(phone.expert_id, phone.client, phone.matter)
    signed = await fresh.undertake()

    assert refused.json()["refusals"][0]["code"] == "CERTIFICATE_UNUSABLE"
    assert signed.status_code == 200


async def test_waiting_document_is_its_signers_alone(accepted: Review) -> None:
    first, second = accepted.phones[:2]
    await first.enrol()
    await second.enrol()
    waiting = (await first.post("undertaking/prepare", {"serial": first.serial})).json()

    foreign = await second.client.get(waiting["document"])
    borrowed = await second.post("undertaking/prepare", {"serial": first.serial})

    assert foreign.status_code == 404
    assert borrowed.json()["refusals"][0]["code"] == "CERTIFICATE_UNUSABLE"


@pytest.mark.rule("R28b")
async def test_undertaking_on_paper_is_entered_by_the_center(accepted: Review) -> None:
    phone = accepted.phones[0]
    scan = {"content": base64.b64encode(a_pdf("承诺")).decode()}

    entered = await accepted.on(phone, "undertaking", scan)

    assert entered.status_code == 200, entered.text
    assert (await phone.own())["stage"] == "wait"


@pytest.mark.rule("R32c")
@pytest.mark.parametrize("missing", ["draft", "explanation", "focus", "related"])
async def test_material_with_one_of_the_four_missing_is_not_sent(accepted: Review, missing: str) -> None:
    await accepted.phones[0].undertake()
    for item in {"draft", "explanation", "focus", "related"} - {missing}:
        await accepted.put(item)

    early = await accepted.send()
    standing = (await accepted.line(accepted.phones[0]))["due_on"]
    await accepted.put(missing)
    complete = await accepted.send()

    assert (early.status_code, early.json()["refusals"][0]["code"]) == (409, "PACKAGE_INCOMPLETE")
    assert early.json()["refusals"][0]["facts"]["missing"] == [missing]
    assert (standing, complete.status_code) == (None, 200)


@pytest.mark.rule("R27a", "R32b")
async def test_time_for_study_counts_from_the_delivery_to_each_expert(accepted: Review, app: Litestar) -> None:
    first, second = accepted.phones[:2]
    await first.undertake()
    before = (await accepted.line(first))["due_on"]
    await accepted.put_all()
    await accepted.send()
    await accepted.later(app, datetime(2026, 9, 16, 1, 0, tzinfo=UTC))
    await second.undertake()

    lines = [await accepted.line(phone) for phone in (first, second)]

    assert before is None
    # Sunday 20 September 2026 is a make-up working day.
    assert [(one["delivered_on"], one["due_on"]) for one in lines] == [
        ("2026-09-14", "2026-09-20"),
        ("2026-09-16", "2026-09-22"),
    ]


@pytest.mark.rule("R32b")
@pytest.mark.parametrize(
    ("delivered", "due", "provisional"),
    [
        (datetime(2025, 9, 26, 1, 0, tzinfo=UTC), "2025-10-10", False),
        (datetime(2026, 12, 29, 1, 0, tzinfo=UTC), "2027-01-07", True),
    ],
    ids=["National Day week with a make-up Sunday", "into a year that is not published"],
)
async def test_five_working_days_run_over_holidays(
    accepted: Review, app: Litestar, delivered: datetime, due: str, provisional: bool
) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()
    await accepted.later(app, delivered)

    desk = await accepted.see()

    assert (desk["earliest_due_on"], desk["provisional"]) == (due, provisional)


@pytest.mark.rule("R32b")
async def test_shorter_time_needs_the_centers_recorded_reason(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()

    short = await accepted.send(due_on="2026-09-18")
    exact = {"due_on": "2026-09-20"}
    by_unit = await accepted.post("study", {"working_days": 4, "reason": REASON}, by=accepted.unit)
    five = await accepted.post("study", {"working_days": 5, "reason": REASON})
    four = await accepted.post("study", {"working_days": 4, "reason": REASON})
    allowed = await accepted.send(due_on="2026-09-18")

    assert (short.status_code, short.json()["refusals"][0]["code"]) == (409, "STUDY_TIME_TOO_SHORT")
    assert short.json()["refusals"][0]["facts"] == {"due_on": "2026-09-18", "earliest_on": exact["due_on"]}
    assert short.json()["refusals"][0]["override"] == {"role": "center"}
    assert (by_unit.status_code, five.status_code, four.status_code) == (404, 409, 200)
    assert allowed.status_code == 200
    assert (await accepted.line(phone))["due_on"] == "2026-09-18"


@pytest.mark.rule("R32b")
async def test_further_version_says_what_changed_and_what_becomes_of_the_time(accepted: Review, app: Litestar) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()
    await accepted.send()
    await accepted.later(app, datetime(2026, 9, 16, 1, 0, tzinfo=UTC))
    await accepted.put("related", a_pdf("补充测算"))

    unsaid = await accepted.send()
    kept = await accepted.send(change="补充了工程投资测算表，其余不变", restart=False)
    after_kept = await accepted.line(phone)
    await accepted.put("related", a_pdf("再补充"))
    anew = await accepted.send(change="替换了河道断面图，影响结论", restart=True)

    assert unsaid.json()["refusals"][0]["code"] == "CHANGE_NOT_SAID"
    assert (kept.status_code, after_kept["material"], after_kept["due_on"]) == (200, 2, "2026-09-20")
    assert (anew.status_code, (await accepted.line(phone))["due_on"]) == (200, "2026-09-22")


@pytest.mark.rule("R27a", "R28b")
async def test_each_gets_a_copy_with_the_own_name_and_leaves_a_receipt(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()
    await accepted.send()
    file = (await phone.own())["files"][0]
    unread = await phone.client.get(f"/api/reviews/{accepted.matter}/files/{file['id']}")

    await phone.post(f"files/{file['id']}/open")
    copy = await phone.client.get(f"/api/reviews/{accepted.matter}/files/{file['id']}")

    assert unread.json()["refusals"][0]["code"] == "RECEIPT_MISSING"
    assert copy.headers["content-type"] == "application/pdf"
    assert "sandbox" in copy.headers["content-security-policy"]
    with pikepdf.open(BytesIO(copy.content)) as pdf:
        assert len(pdf.pages) == 1
        assert "/XObject" in pdf.pages[0].Resources
    assert (await accepted.line(phone))["opened"] == 1


@pytest.mark.rule("R27a", "R28d")
async def test_access_ends_with_withdrawal_and_with_release(accepted: Review) -> None:
    withdrawn, released = accepted.phones[:2]
    for phone in (withdrawn, released):
        await phone.undertake()
    await accepted.put_all()
    await accepted.send()
    file = (await withdrawn.own())["files"][0]["id"]
    for phone in (withdrawn, released):
        await phone.post(f"files/{file}/open")

    await withdrawn.answer("recused", "kin")
    await accepted.on(released, "release", {"reason": REASON})

    answers = [
        await phone.client.get(f"/api/reviews/{accepted.matter}/files/{file}") for phone in (withdrawn, released)
    ]
    opened = [await phone.post(f"files/{file}/open") for phone in (withdrawn, released)]
    assert [one.status_code for one in answers] == [404, 404]
    assert [one.json()["refusals"][0]["code"] for one in opened] == ["PART_ENDED"] * 2
    assert (await withdrawn.own())["files"] == []


async def test_expert_of_one_panel_reads_no_other(accepted: Review, signed_in) -> None:
    await accepted.put_all()
    file = (await accepted.see())["files"][0]["id"]
    stranger = await signed_in("expert")

    answer = await stranger.get(f"/api/reviews/{accepted.matter}/files/{file}")

    assert answer.status_code == 404


def encrypted() -> bytes:
    out = BytesIO()
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def made(change) -> bytes:
    out = BytesIO()
    pdf = pikepdf.new()
    change(pdf)
    pdf.save(out)
    return out.getvalue()


def without_pages(pdf: pikepdf.Pdf) -> None:
    assert len(pdf.pages) == 0


def with_script(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page()
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_file(pdf: pikepdf.Pdf) -> None:
    pdf.add_blank_page()
    pdf.attachments["a.exe"] = b"MZ"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90\x00" * 50, "FILE_NOT_A_PDF"),
        (b"PK\x03\x04" * 50, "FILE_NOT_A_PDF"),
        (b"%PDF-1.7\nnothing", "FILE_NOT_A_PDF"),
        (made(without_pages), "PDF_EMPTY"),
        (made(with_script), "PDF_ACTIVE"),
        (made(with_file), "PDF_ACTIVE"),
        (encrypted(), "PDF_ENCRYPTED"),
    ],
    ids=["program", "Word with macros", "damaged", "no pages", "script", "attached program", "password"],
)
async def test_files_that_could_harm_are_not_taken_in(accepted: Review, content: bytes, code: str) -> None:
    answer = await accepted.put("draft", content)

    assert (answer.status_code, [(one["at"], one["code"]) for one in answer.json()["faults"]]) == (
        400,
        [("/content", code)],
    )


async def test_file_that_was_sent_stays_in_its_version(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()
    await accepted.send()
    file = (await accepted.see())["files"][0]["id"]

    left_out = await accepted.unit.delete(f"/api/matters/{accepted.matter}/review/files/{file}", headers=key())
    seen_by_expert = [one["id"] for one in (await phone.own())["files"]]

    assert left_out.status_code == 204
    assert file in seen_by_expert
    assert file not in [one["id"] for one in (await accepted.see())["files"]]
    assert (await phone.post(f"files/{file}/open")).status_code == 204


async def test_dates_come_as_a_calendar_file(accepted: Review) -> None:
    phone = accepted.phones[0]
    await phone.undertake()
    await accepted.put_all()
    await accepted.send()

    calendar = icalendar.Calendar.from_ical((await phone.client.get(f"/reviews/{accepted.matter}/dates.ics")).content)

    assert [str(event["DTSTART"].dt) for event in calendar.walk("VEVENT")] == ["2026-09-17", "2026-09-20"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_pages_show_every_stage(accepted: Review, language: str) -> None:
    phone = accepted.phones[0]
    pages = []

    async def look() -> None:
        phone.client.headers["Accept-Language"] = language
        pages.append(await phone.client.get(f"/reviews/{accepted.matter}"))
        accepted.center.headers["Accept-Language"] = language
        pages.append(await accepted.center.get(f"/matters/{accepted.matter}/review"))
        pages.append(await accepted.center.get(f"/matters/{accepted.matter}/review/experts/{phone.expert_id}"))
        pages.append(await accepted.center.get(f"/matters/{accepted.matter}"))
        pages.append(await phone.client.get("/"))

    await look()
    await phone.undertake()
    await look()
    await accepted.put_all()
    await accepted.send()
    await look()
    await phone.answer("recused", "kin")
    await look()

    assert {page.status_code for page in pages} == {200}
    assert not any("〔" in page.text for page in pages)


async def test_forms_of_the_center_do_what_the_api_does(review: Review) -> None:
    page = await review.center.get(f"/matters/{review.matter}/review")
    version = (await review.see())["version"]
    form = {
        "version": str(version),
        "expert": [phone.expert_id for phone in review.phones],
        "respond_by": "2026-9-17",
        "abstract": "短",
    }

    faulty = await review.center.post(
        f"/matters/{review.matter}/review/invite", data=form | {"idempotency_key": key()["Idempotency-Key"]}
    )
    good = await review.center.post(
        f"/matters/{review.matter}/review/invite",
        data=form | {"abstract": "对滦河支流治理方案进行论证", "idempotency_key": key()["Idempotency-Key"]},
    )

    assert (page.status_code, faulty.status_code, good.status_code) == (200, 400, 303)
    assert "2026-9-17" in faulty.text
    assert {one["standing"] for one in (await review.see())["people"]} == {"invited"}


async def test_unit_adds_a_file_by_its_form(accepted: Review) -> None:
    answer = await accepted.unit.post(
        f"/matters/{accepted.matter}/review/files",
        data={"item": "draft", "idempotency_key": key()["Idempotency-Key"]},
        files={"file": ("草案.pdf", a_pdf("草案"), "application/pdf")},
    )
    listed = (await accepted.see())["files"]
    shown = await accepted.unit.get(f"/matters/{accepted.matter}/review/files/{listed[0]['id']}")

    assert (answer.status_code, [one["name"] for one in listed]) == (303, ["草案.pdf"])
    assert shown.content.startswith(b"%PDF")


async def test_expert_answers_by_the_form_of_the_page(invited: Review) -> None:
    phone = invited.phones[0]
    address = f"/reviews/{invited.matter}/answer"
    version = str((await phone.own())["version"])

    without = await phone.client.post(
        address, data={"answer": "declined", "version": version, "idempotency_key": key()["Idempotency-Key"]}
    )
    given = await phone.client.post(
        address,
        data={
            "answer": "declined",
            "decline_code": "ill",
            "until_on": "2026-10-01",
            "version": version,
            "idempotency_key": key()["Idempotency-Key"],
        },
    )

    assert (without.status_code, given.status_code) == (400, 303)
    assert (await invited.line(phone))["code"] == "ill"


async def test_undertaking_is_signed_with_openssl_too(accepted: Review, tmp_path) -> None:
    phone = accepted.phones[0]
    secret = tmp_path / "key.pem"
    run = subprocess.run
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(secret)], check=True)
    spki = run(["openssl", "ec", "-in", str(secret), "-pubout", "-outform", "DER"], check=True, capture_output=True)

    def signature(content: bytes) -> str:
        made = run(["openssl", "dgst", "-sha256", "-sign", str(secret)], input=content, check=True, capture_output=True)
        return base64.b64encode(made.stdout).decode()

    challenge = (await phone.client.get("/api/certificates")).json()["challenge"]
    body = {"key": base64.b64encode(spki.stdout).decode(), "challenge": challenge, "form": "der"}
    issued = await phone.client.post(
        "/api/certificates", json=body | {"proof": signature(challenge.encode())}, headers=key()
    )
    waiting = (await phone.post("undertaking/prepare", {"serial": issued.json()["serial"]})).json()

    signed = await phone.post(
        "undertaking/sign",
        {"id": waiting["id"], "signature": signature(base64.b64decode(waiting["to_sign"])), "form": "der"},
    )

    assert (issued.status_code, signed.status_code) == (201, 200)
