"""An expert signs with a certificate of a licensed authority, by files; the time-stamp server fails and comes back."""

import base64
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar

from service.documents.typesetting import typeset
from service.signing import Outside, found_authority
from service.signing.stamping import CenterTimeStamper
from tests.service.conftest import MONDAY
from tests.service.review.house import Phone, Review, key
from tests.service.signing.outsiders import LOOPBACK, P256, RSA, Key, Licensed, served, signed_by
from tests.service.signing.test_documents import TEXT


@pytest.fixture
def licensed(app: Litestar, tmp_path: Path) -> Licensed:
    """A licensed authority that the installation trusts."""
    licensed = Licensed(tmp_path / "lists", MONDAY)
    app.state.settings = replace(app.state.settings, outside=licensed.outside())
    return licensed


def named(review: Review, phone: Phone) -> str:
    return next(name for name, held in review.county.library.experts.items() if str(held) == phone.expert_id)


def pem(certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


async def bring(phone: Phone, usb: Key, certificate: bytes, **changes: str) -> httpx.Response:
    challenge = (await phone.client.get("/api/certificates")).json()["challenge"]
    body = {
        "certificate": base64.b64encode(certificate).decode(),
        "challenge": challenge,
        "proof": base64.b64encode(usb.sign(challenge.encode())).decode(),
    }
    return await phone.client.post("/api/certificates/outside", json=body | changes, headers=key())


async def confirm(review: Review, serial: str, act: str = "confirm", *, by: httpx.AsyncClient | None = None):
    return await (by or review.center).post(f"/api/certificates/{serial}/{act}", headers=key())


async def at_work(review: Review, phone: Phone, usb: Key, licensed: Licensed) -> str:
    """Bring a certificate, have it confirmed, save an opinion; return the serial."""
    brought = await bring(phone, usb, pem(licensed.issue(usb, named(review, phone))))
    assert brought.status_code == 201, brought.text
    serial = brought.json()["serial"]
    assert (await confirm(review, serial)).status_code == 204
    assert (await phone.write()).status_code == 200
    return serial


async def sign(phone: Phone, usb: Key, serial: str) -> httpx.Response:
    """Prepare an opinion and sign it through the API, as the software of a USB key does."""
    phone.serial = serial
    prepared = await phone.prepare("opinion")
    if prepared.status_code != 200:
        return prepared
    waiting = prepared.json()
    signature = base64.b64encode(usb.sign(base64.b64decode(waiting["to_sign"]))).decode()
    return await phone.post("opinion/sign", {"id": waiting["id"], "signature": signature, "form": "der"})


def codes(answer: httpx.Response) -> list[str]:
    problem = answer.json()
    return [one["code"] for one in problem.get("refusals", problem.get("faults", [problem]))]


@pytest.mark.rule("R32d", "R28a")
async def test_expert_brings_a_certificate_and_signs_by_files_on_pages(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    phone, usb = working.phones[0], Key.make(tmp_path / "usb.pem", *RSA)
    certificate = licensed.issue(usb, named(working, phone))
    matter = f"/reviews/{working.matter}"
    await phone.write()

    page = await phone.client.get("/account/keys/outside")
    challenge = re.search(r'name="challenge" value="([^"]+)"', page.text)[1]
    downloaded = await phone.client.get(f"/account/keys/outside/{challenge}")
    handed = await phone.client.post(
        "/account/keys/outside",
        data={"challenge": challenge, "idempotency_key": key()["Idempotency-Key"]},
        files={"certificate": ("me.cer", pem(certificate)), "proof": ("challenge.sig", usb.sign(downloaded.content))},
    )
    waits = await phone.client.get(f"{matter}/sign/opinion")
    board = [one["code"] for one in (await working.center.get("/api/today")).json()]
    listed = await working.center.get("/certificates")
    serial = f"{certificate.serial_number:x}"
    await working.center.post(f"/certificates/{serial}/confirm", data={"idempotency_key": key()["Idempotency-Key"]})
    prepared = await phone.client.post(
        f"{matter}/sign/opinion", data={"serial": serial, "idempotency_key": key()["Idempotency-Key"]}
    )
    waiting = prepared.headers["location"]
    to_sign = re.search(r"/signatures/[0-9a-f-]+/to-sign", (await phone.client.get(waiting)).text)[0]
    wrong = await hand_back(phone, waiting, usb.sign(b"another"))
    right = await hand_back(phone, waiting, usb.sign((await phone.client.get(to_sign)).content))

    assert (handed.status_code, handed.headers["location"]) == (303, "/account/keys")
    assert "您的证书正在等中心核对" in waits.text
    assert "TASK_CERTIFICATES" in board
    assert named(working, phone) in listed.text
    assert (wrong.status_code, right.status_code, right.headers["location"]) == (400, 303, matter)
    (opinion,) = (await working.opinions())["opinions"]
    pdf = (await working.center.get(f"{working_page(working)}/opinions/{opinion['document_id']}")).content
    verdict = (await phone.client.post("/api/verify", json={"document": base64.b64encode(pdf).decode()})).json()
    assert [(one["outcome"], one["signer"]) for one in verdict["signatures"]] == [("valid", named(working, phone))]


async def hand_back(phone: Phone, waiting: str, signature: bytes) -> httpx.Response:
    return await phone.client.post(
        waiting,
        data={"idempotency_key": key()["Idempotency-Key"]},
        files={"signature": ("to-sign.sig", signature)},
    )


def working_page(review: Review) -> str:
    return f"/matters/{review.matter}/review"


async def test_certificate_signs_only_once_somebody_at_the_center_confirmed_whose_it_is(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    phone, other, usb = *working.phones[:2], Key.make(tmp_path / "usb.pem", *P256)
    brought = await bring(phone, usb, pem(licensed.issue(usb, named(working, phone))))
    serial = brought.json()["serial"]
    await phone.write()

    before = await sign(phone, usb, serial)
    by_expert = await confirm(working, serial, by=other.client)
    by_unit = await confirm(working, serial, by=working.unit)
    await confirm(working, serial, "refuse")
    refused = await sign(phone, usb, serial)
    again = await bring(phone, usb, (await held(phone, serial)))
    confirmed = await confirm(working, serial)
    twice = await confirm(working, serial)
    after = await sign(phone, usb, serial)

    assert (brought.json()["waits"], brought.json()["issuer"]) == (True, "某省电子认证")
    assert (before.status_code, codes(before)) == (409, ["CERTIFICATE_UNUSABLE"])
    assert (by_expert.status_code, by_unit.status_code) == (404, 404)
    assert (refused.status_code, codes(refused)) == (409, ["CERTIFICATE_UNUSABLE"])
    assert (again.status_code, confirmed.status_code, twice.status_code) == (201, 204, 404)
    assert after.status_code == 200, after.text


async def held(phone: Phone, serial: str) -> bytes:
    certificates = (await phone.client.get("/api/certificates")).json()["certificates"]
    return next(base64.b64decode(one["certificate"]) for one in certificates if one["serial"] == serial)


async def test_certificate_that_cannot_be_taken_in_says_why(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    phone, other = working.phones[:2]
    usb, another = (Key.make(tmp_path / f"{n}.pem", *P256) for n in range(2))
    good, revoked = (licensed.issue(usb, named(working, phone)) for _ in range(2))
    licensed.revoke(revoked, MONDAY - timedelta(days=1))
    foreign = Licensed(tmp_path / "other", MONDAY, title="别处认证").issue(usb, named(working, phone))

    answers = [
        await bring(phone, usb, pem(revoked)),
        await bring(phone, usb, pem(foreign)),
        await bring(phone, usb, b"no certificate"),
        await bring(phone, another, pem(good)),
        await bring(phone, usb, pem(good), challenge="AAAA"),
    ]
    kept = (await phone.client.get("/api/certificates")).json()["certificates"]
    taken = await bring(phone, usb, pem(good))
    by_another = await bring(other, usb, pem(good))

    assert [codes(one) for one in answers] == [
        ["OUTSIDE_REVOKED"],
        ["OUTSIDE_UNKNOWN"],
        ["CERTIFICATE_UNREADABLE"],
        ["OUTSIDE_PROOF_WRONG"],
        ["CHALLENGE_OVER"],
    ]
    assert "已经吊销" in answers[0].json()["detail"]
    assert [one["issuer"] for one in kept] == [""]
    assert (taken.status_code, codes(by_another)) == (201, ["KEY_TAKEN"])


async def test_address_in_a_certificate_is_called_only_for_who_holds_its_key(
    working: Review, app: Litestar, licensed: Licensed, tmp_path: Path
) -> None:
    asked: list[bytes] = []
    phone = working.phones[0]
    usb, another = (Key.make(tmp_path / f"{n}.pem", *P256) for n in range(2))
    (licensed.folder / "issuer.crl").rename(tmp_path / "issuer.crl")
    app.state.settings = replace(app.state.settings, outside=licensed.outside(fetch=True, networks=LOOPBACK))

    def answer(_: bytes) -> bytes:
        asked.append(b"")
        return (tmp_path / "issuer.crl").read_bytes()

    with served(answer, "application/pkix-crl") as address:
        certificate = pem(licensed.issue(usb, named(working, phone), crl_at=f"{address}/issuer.crl"))
        wrong = await bring(phone, another, certificate)
        over = await bring(phone, usb, certificate, challenge="AAAA")
        before = len(asked)
        right = await bring(phone, usb, certificate)

    assert (codes(wrong), codes(over), before) == (["OUTSIDE_PROOF_WRONG"], ["CHALLENGE_OVER"], 0)
    assert (right.status_code, len(asked) > 0) == (201, True)


async def test_certificate_brought_from_the_wrong_account_is_its_owners_once_it_was_refused(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    owner, wrong, usb = *working.phones[:2], Key.make(tmp_path / "usb.pem", *P256)
    certificate = pem(licensed.issue(usb, named(working, owner)))
    serial = (await bring(wrong, usb, certificate)).json()["serial"]

    while_it_waits = await bring(owner, usb, certificate)
    await confirm(working, serial, "refuse")
    after = await bring(owner, usb, certificate)
    back = await bring(wrong, usb, certificate)
    waiting = (await working.center.get("/api/certificates/waiting")).json()["certificates"]
    confirmed = await confirm(working, serial)
    await owner.write()

    assert (codes(while_it_waits), after.status_code, codes(back)) == (["KEY_TAKEN"], 201, ["KEY_TAKEN"])
    assert [one["name"] for one in waiting] == [named(working, owner)]
    assert (confirmed.status_code, (await sign(owner, usb, serial)).status_code) == (204, 200)
    assert (await bring(wrong, usb, certificate)).status_code == 400


async def test_challenge_is_handed_out_as_a_file_only_to_its_account_and_in_its_time(
    working: Review, app: Litestar
) -> None:
    phone, other = working.phones[:2]
    challenge = (await phone.client.get("/api/certificates")).json()["challenge"]
    address = f"/account/keys/outside/{challenge}"

    own, others, typed = [
        await client.get(path)
        for client, path in (
            (phone.client, address),
            (other.client, address),
            (phone.client, "/account/keys/outside/pay-100-yuan"),
        )
    ]
    await working.later(app, MONDAY + timedelta(minutes=16))
    over = await phone.client.get(address)

    assert (own.status_code, own.content) == (200, challenge.encode())
    assert [one.status_code for one in (others, typed, over)] == [404, 404, 404]


async def test_signing_by_file_offers_the_certificates_whose_keys_can_sign_a_file(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    phone, usb, own = working.phones[0], *(Key.make(tmp_path / f"{n}.pem", *P256) for n in range(2))
    challenge = (await phone.client.get("/api/certificates")).json()["challenge"]
    in_a_browser = {
        "key": base64.b64encode(own.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode(),
        "challenge": challenge,
        "proof": base64.b64encode(own.sign(challenge.encode())).decode(),
        "form": "der",
        "device": "Linux",
    }
    made = (await phone.client.post("/api/certificates", json=in_a_browser, headers=key())).json()["serial"]
    by_openssl = phone.serial
    licensed_one = await at_work(working, phone, usb, licensed)

    page = (await phone.client.get(f"/reviews/{working.matter}/sign/opinion")).text

    assert [f'value="{one}"' in page for one in (licensed_one, by_openssl, made)] == [True, True, False]


async def judged(review: Review, pdf: bytes) -> list[str]:
    answer = await review.center.post("/api/verify", json={"document": base64.b64encode(pdf).decode()})
    return [one["outcome"] for one in answer.json()["signatures"]]


@pytest.mark.rule("R32d")
async def test_verification_knows_whose_certificates_were_confirmed_here_and_until_when(
    working: Review, app: Litestar, licensed: Licensed, tmp_path: Path
) -> None:
    phone, usb, text = working.phones[0], Key.make(tmp_path / "usb.pem", *P256), typeset("undertaking", TEXT)
    certificate = licensed.issue(usb, named(working, phone))
    other = licensed.issue(usb, named(working, phone))

    async def signed(by: x509.Certificate, at: datetime) -> bytes:
        return await signed_by(usb, by, text, app.state.authority, licensed.outside(), at=at)

    early = await signed(certificate, MONDAY)
    unknown = await judged(working, early)
    serial = (await bring(phone, usb, pem(certificate))).json()["serial"]
    waiting = await judged(working, early)
    await confirm(working, serial, "refuse")
    refused = await judged(working, early)
    await bring(phone, usb, pem(certificate))
    await confirm(working, serial)
    confirmed = await judged(working, early)
    later = MONDAY + timedelta(hours=1)
    await working.later(app, later)
    last = await signed(certificate, later - timedelta(seconds=1))
    late, stranger = await signed(certificate, later), await signed(other, later)
    await phone.client.post(f"/api/certificates/{serial}/lost", headers=key())

    assert (unknown, waiting, refused) == (["unconfirmed"], ["unconfirmed"], ["unconfirmed"])
    assert [confirmed, await judged(working, early), await judged(working, last)] == [["valid"]] * 3
    assert (await judged(working, late), await judged(working, stranger)) == (["revoked"], ["unconfirmed"])
    page = await working.center.post("/verify", files={"document": ("opinion.pdf", stranger)})
    assert "证书未经本中心核对" in page.text


async def test_without_a_configured_authority_nothing_is_taken_in(working: Review, tmp_path: Path) -> None:
    phone, usb = working.phones[0], Key.make(tmp_path / "usb.pem", *P256)
    certificate = Licensed(tmp_path / "lists", MONDAY).issue(usb, named(working, phone))

    answer = await bring(phone, usb, pem(certificate))

    assert (answer.status_code, codes(answer)) == (409, ["OUTSIDE_NONE"])
    assert "中心还没有设置认可的认证机构" in (await phone.client.get("/account/keys/outside")).text


@pytest.mark.rule("R32d")
async def test_certificate_that_its_authority_revokes_signs_no_more(
    working: Review, licensed: Licensed, tmp_path: Path
) -> None:
    phone, usb = working.phones[0], Key.make(tmp_path / "usb.pem", *P256)
    serial = await at_work(working, phone, usb, licensed)
    phone.serial = serial
    waiting = (await phone.prepare("opinion")).json()
    signature = base64.b64encode(usb.sign(base64.b64decode(waiting["to_sign"]))).decode()

    licensed.revoked[int(serial, 16)] = MONDAY - timedelta(minutes=1)
    licensed.write_lists()
    late = await phone.post("opinion/sign", {"id": waiting["id"], "signature": signature, "form": "der"})
    anew = await sign(phone, usb, serial)

    assert [codes(late), codes(anew)] == [["OUTSIDE_REVOKED"], ["OUTSIDE_REVOKED"]]
    assert (await working.opinions())["opinions"] == []


@pytest.mark.rule("R32d")
async def test_time_stamp_server_that_fails_loses_nothing_and_a_retry_signs(
    working: Review, app: Litestar, licensed: Licensed
) -> None:
    phone = working.phones[0]
    elsewhere = found_authority(b"t" * 32, "时间戳中心", at=MONDAY - timedelta(days=1))
    (licensed.folder / "tsa.crl").write_bytes(elsewhere.revocation_list([], at=MONDAY, number=1))
    up: list[bool] = []

    def answer(query: bytes) -> bytes:
        return stamped(elsewhere, query) if up else b""

    with served(answer, "application/timestamp-reply") as address:
        outside = Outside(stamp_url=address, stamp_roots=(elsewhere.certificate,), lists=licensed.folder)
        app.state.settings = replace(app.state.settings, outside=outside)
        await phone.write()
        waiting = (await phone.prepare("opinion")).json()
        body = {"id": waiting["id"], "signature": phone.signature(base64.b64decode(waiting["to_sign"]))}
        failed = await phone.post("opinion/sign", body)
        draft = (await phone.client.get(f"/api/reviews/{working.matter}/opinion")).json()
        nothing = (await working.opinions())["opinions"]
        up.append(True)
        again = await phone.post("opinion/sign", body)

    assert (failed.status_code, failed.json()["code"]) == (503, "TIME_STAMP_FAILED")
    assert "什么都没有丢" in failed.json()["detail"]
    assert (nothing, len(draft["opinion"]["points"])) == ([], 2)
    assert again.status_code == 200, again.text
    assert len((await working.opinions())["opinions"]) == 1


def stamped(elsewhere, query: bytes) -> bytes:
    """Answer as another center's clock of that Monday: `openssl ts` knows the machine's clock only."""
    import asyncio

    from asn1crypto import tsp

    stamper = CenterTimeStamper(elsewhere, at=MONDAY)
    return asyncio.run(stamper.async_request_tsa_response(tsp.TimeStampReq.load(query))).dump()


async def test_document_prepared_before_a_longer_chain_was_set_is_prepared_anew(
    working: Review, app: Litestar, licensed: Licensed, tmp_path: Path
) -> None:
    phone, usb = working.phones[0], Key.make(tmp_path / "usb.pem", *P256)
    phone.serial = await at_work(working, phone, usb, licensed)
    waiting = (await phone.prepare("opinion")).json()
    long = licensed.certify(
        licensed.issuer.subject,
        licensed.root.subject,
        licensed.key.public_key(),
        licensed.root_key,
        ca=True,
        crl_at=f"http://a.example/{'a' * 20_000}",
    )
    app.state.settings = replace(app.state.settings, outside=licensed.outside(issuers=(long,)))
    signature = base64.b64encode(usb.sign(base64.b64decode(waiting["to_sign"]))).decode()

    late = await phone.post("opinion/sign", {"id": waiting["id"], "signature": signature, "form": "der"})
    anew = await sign(phone, usb, phone.serial)

    assert (late.status_code, codes(late)) == (400, ["SIGNATURE_NO_ROOM"])
    assert anew.status_code == 200, anew.text
    assert len((await working.opinions())["opinions"]) == 1
