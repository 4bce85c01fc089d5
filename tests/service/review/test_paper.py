"""Opinions on paper: photographed or scanned, entered, compared by a second person; and printed for signing by hand."""

import base64
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pikepdf
import pytest
from PIL import Image

from tests.service.conftest import MONDAY, SignedIn
from tests.service.review.house import REASON, Phone, Review, a_pdf, key


def a_photograph(kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "telltale camera"
    made = BytesIO()
    Image.new("RGB", (600, 800), "white").save(made, kind, exif=exif)
    return made.getvalue()


def paper(scan: bytes, **changes: Any) -> dict[str, Any]:
    values = {
        "scan": base64.b64encode(scan).decode(),
        "conclusion": "agree",
        "received_at": MONDAY.isoformat(),
        "points": ["补充水位复核", "明确停工预案"],
    }
    return values | changes


async def enter(review: Review, phone: Phone, body: dict[str, Any]) -> httpx.Response:
    return await review.on(phone, "paper", body)


async def act(review: Review, client: httpx.AsyncClient, phone: Phone, name: str, **body: Any) -> httpx.Response:
    version = (await review.line(phone))["version"]
    return await review.post(f"experts/{phone.expert_id}/paper/{name}", body, version=version, by=client)


@pytest.mark.rule("R32d")
async def test_photographed_opinion_counts_when_a_second_person_confirmed_it(
    working: Review, signed_in: SignedIn
) -> None:
    phone, colleague = working.phones[0], await signed_in("center")
    entered = await enter(working, phone, paper(a_photograph()))
    before = await working.opinions()
    scan = await colleague.get(f"/api/matters/{working.matter}/review/experts/{phone.expert_id}/paper/scan")

    own = await act(working, working.center, phone, "confirm")
    other = await act(working, colleague, phone, "confirm")

    assert (entered.status_code, before["papers"], before["counted"]) == (200, [phone.expert_id], 0)
    assert (own.json()["refusals"][0]["code"], other.status_code) == ("PAPER_NEEDS_SECOND_PERSON", 200)
    desk = await working.opinions()
    (one,) = desk["opinions"]
    assert (desk["papers"], desk["counted"], one["how"]) == ([], 1, "paper")
    assert [point["text"] for point in one["points"]] == ["补充水位复核", "明确停工预案"]
    kept = await working.center.get(f"/matters/{working.matter}/review/opinions/{one['document_id']}")
    assert kept.content == scan.content
    with pikepdf.open(BytesIO(kept.content)) as pdf:
        assert len(pdf.pages) == 1
    assert b"telltale" not in kept.content


async def test_author_amends_an_opinion_on_paper_with_a_key(working: Review, signed_in: SignedIn) -> None:
    phone, colleague = working.phones[0], await signed_in("center")
    await enter(working, phone, paper(a_pdf("亲笔")))
    await act(working, colleague, phone, "confirm")

    amended = await phone.give_opinion()

    (one,) = (await working.opinions())["opinions"]
    assert (amended.status_code, one["versions"], one["how"]) == (200, 2, "key")


async def test_what_does_not_agree_with_its_scan_is_sent_back_and_entered_anew(
    working: Review, signed_in: SignedIn
) -> None:
    phone, colleague = working.phones[0], await signed_in("center")
    await enter(working, phone, paper(a_photograph("PNG")))

    unsaid = await act(working, colleague, phone, "reject", reason="")
    rejected = await act(working, colleague, phone, "reject", reason=REASON)
    again = await enter(working, phone, paper(a_photograph("PNG")))

    assert (unsaid.status_code, rejected.status_code, again.status_code) == (400, 200, 200)


FAULTS = [
    (paper(b"MZ\x90\x00 renamed to scan.pdf"), "FILE_NOT_A_SCAN"),
    (paper(b"\xff\xd8\xff\xe0 begins like a photograph"), "FILE_NOT_A_SCAN"),
    (paper(b""), "FILE_NOT_A_SCAN"),
    (paper(b"%PDF-1.7 and nothing"), "FILE_NOT_A_PDF"),
    (paper(a_photograph(), points=[]), "POINTS_MISSING"),
    (paper(a_photograph(), conclusion=""), "FIELD_REQUIRED"),
    (paper(a_photograph(), received_at=(MONDAY + timedelta(minutes=1)).isoformat()), "INSTANT_AHEAD"),
    (paper(a_photograph(), received_at=(MONDAY - timedelta(days=1)).isoformat()), "ORAL_BEFORE_MATERIAL"),
    (paper(a_photograph(), received_at="2026-09-14T09:00:00"), "INSTANT_NAIVE"),
]


async def test_scan_is_known_by_its_content_and_what_is_entered_is_complete(working: Review) -> None:
    phone = working.phones[0]

    answers = [await enter(working, phone, body) for body, _ in FAULTS]  # one set-up for all: each answer stands alone

    assert [[one["code"] for one in answer.json()["faults"]] for answer in answers] == [[code] for _, code in FAULTS]
    assert (await working.opinions())["papers"] == []


async def test_pages_enter_and_confirm_an_opinion_on_paper_in_both_languages(
    working: Review, signed_in: SignedIn
) -> None:
    phone, colleague = working.phones[0], await signed_in("center")
    address = f"/matters/{working.matter}/review/experts/{phone.expert_id}"
    pages = []

    async def look() -> None:
        addresses = (f"{address}/paper", address, f"/matters/{working.matter}/review/opinions")
        for language in ("zh-CN", "en"):
            for client in (working.center, colleague):
                pages.extend([await client.get(one, headers={"Accept-Language": language}) for one in addresses])

    async def form(client: httpx.AsyncClient, path: str, **values: str) -> httpx.Response:
        version = str((await working.line(phone))["version"])
        files = {"scan": ("签名.jpg", a_photograph(), "image/jpeg")} if path == "paper" else None
        data = {"idempotency_key": key()["Idempotency-Key"], "version": version} | values
        return await client.post(f"{address}/{path}", data=data, files=files)

    await look()
    typed = {"received_on": "2026-9-14", "received_time": "09:00", "points": "第一条\n第二条", "conclusion": "agree"}
    bad = await form(working.center, "paper", **typed | {"conclusion": ""})
    good = await form(working.center, "paper", **typed)
    await look()
    own = await form(working.center, "paper/confirm")
    confirmed = await form(colleague, "paper/confirm")
    await look()

    assert (bad.status_code, "第一条" in bad.text, good.status_code) == (400, True, 303)
    assert (own.status_code, confirmed.status_code) == (409, 303)
    assert {page.status_code for page in pages} == {200}
    assert not any("〔" in page.text for page in pages)


async def test_undertaking_and_saved_opinion_are_printed_for_signing_by_hand(working: Review) -> None:
    first, second = working.phones[:2]
    await first.write()

    printed = await first.client.get(f"/reviews/{working.matter}/print/opinion")
    undertaking = await first.client.get(f"/api/reviews/{working.matter}/print/undertaking")
    nothing = await second.client.get(f"/api/reviews/{working.matter}/print/opinion")
    unknown = await first.client.get(f"/api/reviews/{working.matter}/print/passport")
    by_center = await working.center.get(f"/api/reviews/{working.matter}/print/opinion")

    assert [one.content[:5] for one in (printed, undertaking)] == [b"%PDF-", b"%PDF-"]
    assert (nothing.status_code, unknown.status_code, by_center.status_code) == (400, 404, 404)
