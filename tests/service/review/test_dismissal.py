"""An expert dismissed while the review runs: what was signed before stays valid, nothing is signed after."""

import base64
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import Litestar

from service.actions.cases import CaseEntry, RulingEntry, decide_case, open_case
from service.clock import day_of
from service.settings import Settings
from service.signing.documents import Prepared, finish
from service.storage.cases import load_case
from service.storage.expert_page import load_expert
from service.storage.session import Database, reading
from service.storage.signatures import pending_of
from service.storage.signing import certificates_of
from tests.service.conftest import MONDAY, acting, an_account
from tests.service.review.house import Phone, Review

DISMISSED = MONDAY + timedelta(days=11)
BEFORE = DISMISSED - timedelta(minutes=10)


async def dismiss(review: Review, phone: Phone, database: Database, settings: Settings) -> None:
    center, mayor = review.center.viewer, await an_account(database, "mayor")
    expert_id = UUID(phone.expert_id)
    async with reading(database) as session:
        seen = (await load_expert(session, center, expert_id, on=day_of(MONDAY))).version
    async with acting(database, settings, center) as act:
        case_id = await open_case(act, expert_id, CaseEntry("unfit", "执业证书被吊销"), seen=seen)
    async with reading(database) as session:
        seen = (await load_case(session, center, case_id)).version
    async with acting(database, settings, mayor, DISMISSED) as act:
        await decide_case(act, case_id, RulingEntry("dismiss", "经核实情况属实，不宜继续担任"), seen=seen)


async def signed_elsewhere_after(review: Review, phone: Phone, app: Litestar, waiting: dict) -> bytes:
    """Sign what was prepared with the same key an hour after the dismissal, with a revocation list from before it."""
    person_id = phone.client.viewer.person_id
    async with reading(app.state.database) as session:
        pending = await pending_of(session, UUID(waiting["id"]), person_id, at=BEFORE)
        (certificate,) = await certificates_of(session, person_id)
    prepared = Prepared.from_json(pending.pdf, pending.waiting)
    signature = phone.private.sign(prepared.attributes, ec.ECDSA(hashes.SHA256()))
    old = app.state.authority.revocation_list([], at=BEFORE, number=1)
    at = DISMISSED + timedelta(hours=1)
    return await finish(prepared, signature, certificate.value, app.state.authority, revocations=old, at=at)


@pytest.mark.rule("R26b", "R32d")
async def test_dismissal_leaves_what_was_signed_valid_and_lets_nothing_be_signed_after(
    working: Review, app: Litestar, database: Database, settings: Settings
) -> None:
    phone = working.phones[0]
    await phone.give_opinion()
    (one,) = (await working.opinions())["opinions"]
    before = (await working.center.get(f"/matters/{working.matter}/review/opinions/{one['document_id']}")).content
    await working.later(app, BEFORE)
    await phone.write(points=["改口"])
    waiting = (await phone.prepare("opinion")).json()
    to_sign = base64.b64decode(waiting["to_sign"])

    await dismiss(working, phone, database, settings)

    await working.later(app, DISMISSED + timedelta(minutes=10))
    late = await phone.post("opinion/sign", {"id": waiting["id"], "signature": phone.signature(to_sign)})
    elsewhere = await signed_elsewhere_after(working, phone, app, waiting)
    await working.later(app, DISMISSED + timedelta(hours=2))
    again = await phone.prepare("opinion")
    verdicts = [
        (await working.center.post("/api/verify", json={"document": base64.b64encode(pdf).decode()})).json()
        for pdf in (before, elsewhere)
    ]
    assert (late.status_code, late.json()["refusals"][0]["code"]) == (409, "CERTIFICATE_UNUSABLE")
    assert (again.status_code, again.json()["refusals"][0]["code"]) == (409, "CERTIFICATE_UNUSABLE")
    assert [held["signatures"][0]["outcome"] for held in verdicts] == ["valid", "revoked"]
    assert (await working.opinions())["opinions"][0]["versions"] == 1
