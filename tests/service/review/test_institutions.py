"""An institution gives its opinion by a named member of the panel, who signs and answers for it (A32.3, U4)."""

from io import BytesIO
from typing import Any

import httpx
import pypdfium2
import pytest

from tests.service.review.house import Phone, Review, key


async def name(review: Review, phone: Phone | None, institution: str, **more: Any) -> httpx.Response:
    version = 0 if phone is None else (await review.line(phone))["version"]
    body = {"institution": institution, "expert_id": phone.expert_id if phone else None} | more
    return await review.post("institutions", body, version=version)


def employer(review: Review) -> str:
    return next(name for name in review.county.library.organisations if name.startswith("外地"))


@pytest.mark.rule("R32d", "R31a")
async def test_institution_opinion_is_signed_by_a_named_person_and_counts_as_one(working: Review) -> None:
    phone, institution = working.phones[0], employer(working)

    without = await name(working, None, institution)
    named = await name(working, phone, institution, contract="委托〔2026〕3号")
    await phone.give_opinion()

    assert (without.status_code, without.json()["refusals"][0]["code"]) == (409, "INSTITUTION_WITHOUT_SIGNER")
    assert named.status_code == 200, named.text
    desk = await working.opinions()
    (one,) = desk["opinions"]
    assert (desk["counted"], one["institution"], one["name"]) == (1, institution, (await working.line(phone))["name"])
    pdf = (await working.center.get(f"/matters/{working.matter}/review/opinions/{one['document_id']}")).content
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(BytesIO(pdf)))
    assert institution in text.replace(" ", "")


async def test_institution_is_known_is_no_party_and_is_named_before_the_opinion(working: Review) -> None:
    phone = working.phones[0]

    unknown = await name(working, phone, "没有的机构")
    unit = await name(working, phone, "县水利局")
    await phone.give_opinion()
    late = await name(working, phone, employer(working))
    by_unit = await working.post(
        "institutions", {"institution": employer(working), "expert_id": phone.expert_id}, version=1, by=working.unit
    )

    assert [one["code"] for one in unknown.json()["faults"]] == ["PARTY_UNKNOWN"]
    assert unit.json()["refusals"][0]["code"] == "INSTITUTION_IS_PARTY"
    assert (late.json()["refusals"][0]["code"], by_unit.status_code) == ("OPINION_IS_GIVEN", 404)


async def test_named_after_the_text_was_prepared_asks_to_prepare_it_anew(working: Review) -> None:
    phone = working.phones[0]
    await phone.write()
    waiting = (await phone.prepare("opinion")).json()
    await name(working, phone, employer(working))

    answer = await phone.post("opinion/sign", {"id": waiting["id"], "signature": phone.signature(b"any")})

    assert answer.status_code == 400
    assert (await phone.sign("opinion")).status_code == 200


async def test_center_names_the_signer_by_the_form_of_the_page(working: Review) -> None:
    phone = working.phones[0]
    address = f"/matters/{working.matter}/review/experts/{phone.expert_id}"

    async def form(institution: str) -> httpx.Response:
        version = str((await working.line(phone))["version"])
        data = {"idempotency_key": key()["Idempotency-Key"], "version": version, "institution": institution}
        return await working.center.post(f"{address}/institution", data=data)

    bad, good = await form("没有的机构"), await form(employer(working))
    page = await working.center.get(address, headers={"Accept-Language": "en"})

    assert (bad.status_code, "没有的机构" in bad.text, good.status_code) == (400, True, 303)
    assert (employer(working) in page.text, "〔" in page.text) == (True, False)
