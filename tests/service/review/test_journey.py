"""One matter from the invitation to the filed disposition through the API alone; three sign, each in another way."""

import asyncio
import base64
import subprocess
from pathlib import Path

import pytest
from litestar import Litestar

from tests.service.conftest import SignedIn
from tests.service.review.house import REASON, Phone, Review, a_pdf
from tests.service.review.test_oral import saying


def run(command: list[str], given: bytes) -> bytes:
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


async def sign_with_openssl(phone: Phone, folder: Path) -> None:
    """Sign the saved opinion with the phone's key in a file, as somebody at a command line does."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    secret = folder / "key.pem"
    secret.write_bytes(phone.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    waiting = (await phone.prepare("opinion")).json()
    signing = ["openssl", "dgst", "-sha256", "-sign", str(secret)]
    made = await asyncio.to_thread(run, signing, base64.b64decode(waiting["to_sign"]))
    signature = base64.b64encode(made).decode()
    answer = await phone.post("opinion/sign", {"id": waiting["id"], "signature": signature, "form": "der"})
    assert answer.status_code == 200, answer.text


@pytest.mark.rule("R28b", "R32d", "R32e", "R32f", "R31a")
async def test_three_of_five_sign_by_browser_openssl_and_paper_and_the_unit_files(
    review: Review, signed_in: SignedIn, app: Litestar, tmp_path: Path
) -> None:
    await review.invite()
    browser, commander, on_paper, ill, interested = review.phones
    for phone in (browser, commander, on_paper):
        assert (await phone.answer("accepted")).status_code == 200
        assert (await phone.undertake()).status_code == 200
    assert (await ill.answer("declined", "ill")).status_code == 200
    assert (await interested.answer("recused", "kin")).status_code == 200
    await review.put_all()
    assert (await review.send()).status_code == 200

    await review.post("urgency", {"reason": REASON})
    assert (await review.on(browser, "oral", saying())).status_code == 200
    assert (await browser.give_opinion(conclusion="agree")).status_code == 200
    await commander.write()
    await sign_with_openssl(commander, tmp_path)
    scan = {
        "scan": base64.b64encode(a_pdf("亲笔")).decode(),
        "conclusion": "disagree",
        "points": ["投资偏高", "另选方案"],
    }
    await review.on(on_paper, "paper", scan | {"received_at": saying()["given_at"]})
    version = (await review.line(on_paper))["version"]
    colleague = await signed_in("center")
    confirmed = await review.post(f"experts/{on_paper.expert_id}/paper/confirm", version=version, by=colleague)
    assert confirmed.status_code == 200

    short = await review.post("opinions/close", {})
    closed = await review.post("opinions/close", {"reason": REASON})
    early = await review.post("opinions/file", by=review.unit)
    for phone in (browser, commander, on_paper):
        for point in (1, 2):
            assert (await review.answer_point(phone, point)).status_code == 200
    filed = await review.post("opinions/file", by=review.unit)
    reply = await browser.post("reply", {"reply": REASON}, version=(await browser.own())["version"])

    assert short.json()["refusals"][0]["facts"] == {"count": 3, "min": 5, "missing": 2}
    assert (closed.status_code, early.status_code, filed.status_code, reply.status_code) == (200, 409, 200, 200)
    desk = await review.opinions()
    assert (desk["counted"], desk["filed"], desk["open_points"]) == (3, True, 0)
    assert sorted(one["how"] for one in desk["opinions"]) == ["key", "key", "paper"]
    for one in desk["opinions"]:
        pdf = (await review.center.get(f"/matters/{review.matter}/review/opinions/{one['document_id']}")).content
        said = await review.center.post("/api/verify", json={"document": base64.b64encode(pdf).decode()})
        outcomes = [held["outcome"] for held in said.json()["signatures"]]
        assert outcomes == ([] if one["how"] == "paper" else ["valid"])
