"""Keys and certificates of experts through the API, and verification by anyone."""

import base64
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar

from service.actions.certificates import withdraw_certificates
from service.ids import new_id
from service.keys import Keys
from service.settings import Settings
from service.storage.rows.library import AppointmentRow, ExpertRow
from service.storage.session import Database, unit_of_work
from service.storage.signing import authority_of
from tests.service.conftest import MONDAY, SignedIn, acting


def key_of(private: ec.EllipticCurvePrivateKey) -> str:
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(spki).decode()


def proof_of(private: ec.EllipticCurvePrivateKey, challenge: str, *, raw: bool = True) -> str:
    der = private.sign(challenge.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big") if raw else der).decode()


async def appoint(database: Database, person_id: UUID, *, until: date = date(2027, 2, 28)) -> UUID:
    expert_id = new_id()
    async with unit_of_work(database, at=MONDAY) as session:
        session.add(ExpertRow(id=expert_id, person_id=person_id, number=f"E{expert_id.hex[-6:]}", created_at=MONDAY))
        await session.flush()
        session.add(AppointmentRow(id=new_id(), expert_id=expert_id, starts_on=date(2022, 3, 1), ends_on=until))
    return expert_id


class Expert:
    """An expert with a browser and a key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.private = client, ec.generate_private_key(ec.SECP256R1())

    async def enrol(self, **changes: str) -> httpx.Response:
        challenge = (await self.client.get("/api/certificates")).json()["challenge"]
        body = {
            "key": key_of(self.private),
            "challenge": challenge,
            "proof": proof_of(self.private, challenge),
            "form": "raw",
            "device": "Linux",
        }
        return await self.client.post(
            "/api/certificates", json=body | changes, headers={"Idempotency-Key": str(new_id())}
        )


@pytest.fixture
async def expert(signed_in: SignedIn, database: Database) -> Expert:
    client = await signed_in("expert")
    await appoint(database, client.viewer.person_id)  # type: ignore[attr-defined]
    return Expert(client)


async def test_key_gets_a_certificate_until_the_end_of_the_term(expert: Expert, app: Litestar) -> None:
    answer = await expert.enrol()
    listed = (await expert.client.get("/api/certificates")).json()["certificates"]

    assert answer.status_code == 201, answer.text
    certificate = x509.load_der_x509_certificate(base64.b64decode(answer.json()["certificate"]))
    certificate.verify_directly_issued_by(app.state.authority.certificate)
    assert certificate.public_key() == expert.private.public_key()
    assert certificate.not_valid_after_utc == datetime(2027, 2, 28, 15, 59, 59, tzinfo=UTC)
    assert [one["serial"] for one in listed] == [answer.json()["serial"]]


async def test_same_key_gets_the_same_certificate_again(expert: Expert) -> None:
    first, second = await expert.enrol(), await expert.enrol()

    assert first.json()["serial"] == second.json()["serial"]


async def test_proof_may_be_written_as_openssl_writes_it(expert: Expert) -> None:
    challenge = (await expert.client.get("/api/certificates")).json()["challenge"]

    answer = await expert.enrol(challenge=challenge, proof=proof_of(expert.private, challenge, raw=False), form="der")

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"key": key_of(ec.generate_private_key(ec.SECP384R1()))}, "KEY_UNFIT"),
        ({"key": base64.b64encode(b"no key").decode()}, "KEY_UNFIT"),
        ({"key": "not Base64!"}, "NOT_BASE64"),
        ({"proof": base64.b64encode(bytes(64)).decode()}, "PROOF_WRONG"),
        ({"proof": base64.b64encode(bytes(63)).decode()}, "PROOF_WRONG"),
        ({"challenge": "AAAA"}, "CHALLENGE_OVER"),
        ({"challenge": "挑战"}, "CHALLENGE_OVER"),
        ({"form": "hex"}, "FIELD_NOT_A_CHOICE"),
    ],
)
async def test_unproved_key_gets_none(expert: Expert, changes: dict[str, str], fault: str) -> None:
    answer = await expert.enrol(**changes)

    assert (answer.status_code, [one["code"] for one in answer.json()["faults"]]) == (400, [fault])


async def test_challenge_of_another_account_is_refused(expert: Expert, signed_in: SignedIn) -> None:
    other = await signed_in("expert")
    challenge = (await other.get("/api/certificates")).json()["challenge"]

    answer = await expert.enrol(challenge=challenge, proof=proof_of(expert.private, challenge))

    assert [one["code"] for one in answer.json()["faults"]] == ["CHALLENGE_OVER"]


@pytest.mark.rule("R24c")
async def test_who_is_not_in_office_gets_none(signed_in: SignedIn, database: Database) -> None:
    client = await signed_in("expert")
    await appoint(database, client.viewer.person_id, until=date(2026, 9, 13))  # type: ignore[attr-defined]

    answer = await Expert(client).enrol()

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (409, "CERTIFICATE_NEEDS_OFFICE")


async def test_lost_key_is_withdrawn_by_its_holder_alone(
    expert: Expert, signed_in: SignedIn, client: httpx.AsyncClient
) -> None:
    serial = (await expert.enrol()).json()["serial"]
    other = await signed_in("expert")

    def key() -> dict[str, str]:
        return {"Idempotency-Key": str(new_id())}

    foreign = await other.post(f"/api/certificates/{serial}/lost", headers=key())
    own = await expert.client.post(f"/api/certificates/{serial}/lost", headers=key())
    again = await expert.client.post(f"/api/certificates/{serial}/lost", headers=key())
    listed = x509.load_der_x509_crl((await client.get("/signing/revoked.crl")).content)

    assert (foreign.status_code, own.status_code, again.status_code) == (404, 204, 404)
    assert [entry.serial_number for entry in listed] == [int(serial, 16)]
    assert (await expert.enrol()).json()["faults"][0]["code"] == "KEY_TAKEN"


async def test_end_of_office_withdraws_every_certificate(
    expert: Expert, database: Database, settings: Settings, as_center: httpx.AsyncClient
) -> None:
    await expert.enrol()
    viewer = expert.client.viewer  # type: ignore[attr-defined]

    async with acting(database, settings, as_center.viewer) as act:  # type: ignore[attr-defined]
        await withdraw_certificates(act, viewer.person_id, why="dismissed")

    (held,) = (await expert.client.get("/api/certificates")).json()["certificates"]
    assert held["revoked_why"] == "dismissed"


async def test_unit_and_center_enrol_no_key(as_center: httpx.AsyncClient, as_unit: httpx.AsyncClient) -> None:
    assert (await as_center.get("/api/certificates")).status_code == 403
    assert (await as_unit.get("/account/keys")).status_code == 403


async def test_authority_is_founded_once_and_read_afterwards(
    app: Litestar, database: Database, keys: Keys, settings: Settings
) -> None:
    again = await authority_of(database, keys, county="别处", at=MONDAY)

    assert again.certificate == app.state.authority.certificate


async def test_secrets_of_an_earlier_release_get_the_new_key(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    first = Keys.at(path)
    kept = [line for line in path.read_text().splitlines(keepends=True) if not line.startswith("signing")]
    path.write_text("".join(kept))

    second = Keys.at(path)

    assert (second.identity, second.encryption, second.ledger) == (first.identity, first.encryption, first.ledger)
    assert second.signing != first.signing
    assert Keys.at(path) == second
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [(b"", 400, "faults"), (b"MZ\x90", 400, "PDF"), (b"%PDF-1.4\n%%EOF", 400, "PDF")],
)
async def test_verification_page_refuses_what_is_no_document(
    client: httpx.AsyncClient, content: bytes, status: int, says: str
) -> None:
    answer = await client.post("/verify", files={"document": ("x.pdf", content)})

    assert (answer.status_code, says in answer.text) == (status, True)


async def test_verification_page_is_open_to_anyone(client: httpx.AsyncClient) -> None:
    page = await client.get("/verify")
    root = x509.load_pem_x509_certificate((await client.get("/signing/root.pem")).content)

    assert page.status_code == 200
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


async def test_keys_page_offers_the_next_act(expert: Expert) -> None:
    before = (await expert.client.get("/account/keys")).text
    serial = (await expert.enrol()).json()["serial"]
    after = (await expert.client.get("/account/keys")).text

    assert "还没有签名密钥" in before
    assert serial[:16] in after
    assert "停用" in after
