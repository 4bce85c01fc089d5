"""A county with a determined panel of five experts, each with an account, a browser and a key."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar
from sqlalchemy import update

from service.clock import FixedClock
from service.documents.typesetting import typeset
from service.ids import new_id
from service.storage.rows.accounts import LoginSessionRow
from service.storage.session import Database, unit_of_work
from tests.service.test_panels import County

ABSTRACT = "对滦河支流两岸堤防加固和河道清淤方案进行论证，投资约九千万元。"
REASON = "专家出差无法按时参加，经电话确认"
OPINION = {
    "necessity": "现状防洪标准偏低，有必要。",
    "risk": "汛期施工风险较大。",
    "points": ["补充二十年一遇洪水位复核", "明确汛期停工预案"],
    "conclusion": "agree-with-changes",
}
ITEMS = ("draft", "explanation", "focus", "related")


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(new_id())}


def a_pdf(text: str = "材料") -> bytes:
    return typeset(
        "undertaking",
        {
            "title": text,
            "issuer": "县水利局",
            "number": "",
            "verify": "",
            "date": [2026, 9, 14],
            "facts": [],
            "paragraphs": [text],
            "signed_by": "",
            "name": "",
            "day": "",
        },
    )


@dataclass
class Phone:
    """An expert of the panel with a browser and a key."""

    expert_id: str
    client: httpx.AsyncClient
    matter: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    serial: str = ""

    async def own(self) -> dict[str, Any]:
        answer = await self.client.get(f"/api/reviews/{self.matter}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, act: str, body: dict[str, Any] | None = None, *, version: int | None = None) -> httpx.Response:
        headers = key()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.client.post(f"/api/reviews/{self.matter}/{act}", json=body or {}, headers=headers)

    async def answer(self, answer: str, code: str = "", **more: Any) -> httpx.Response:
        return await self.post("answer", {"answer": answer, "code": code} | more, version=(await self.own())["version"])

    async def enrol(self) -> None:
        challenge = (await self.client.get("/api/certificates")).json()["challenge"]
        spki = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        answer = await self.client.post(
            "/api/certificates",
            json={
                "key": base64.b64encode(spki).decode(),
                "challenge": challenge,
                "proof": self.signature(challenge.encode()),
            },
            headers=key(),
        )
        assert answer.status_code == 201, answer.text
        self.serial = answer.json()["serial"]

    def signature(self, content: bytes) -> str:
        r, s = decode_dss_signature(self.private.sign(content, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    async def prepare(self, kind: str, *, version: int | None = None) -> httpx.Response:
        """Prepare the undertaking, or the opinion as it is saved now or was at a version."""
        if kind == "opinion" and version is None:
            version = (await self.client.get(f"/api/reviews/{self.matter}/opinion")).json()["version"]
        return await self.post(f"{kind}/prepare", {"serial": self.serial}, version=version)

    async def sign(self, kind: str) -> httpx.Response:
        """Prepare, check the digest as a browser does, and sign."""
        prepared = await self.prepare(kind)
        if prepared.status_code != 200:
            return prepared
        waiting = prepared.json()
        document = (await self.client.get(waiting["document"])).content
        first, last = waiting["gap"]
        digest = hashlib.sha256(document[:first] + document[last:]).hexdigest()
        assert digest == waiting["digest"]
        to_sign = base64.b64decode(waiting["to_sign"])
        assert bytes.fromhex(digest) in to_sign
        return await self.post(f"{kind}/sign", {"id": waiting["id"], "signature": self.signature(to_sign)})

    async def undertake(self) -> httpx.Response:
        if not self.serial:
            await self.enrol()
        return await self.sign("undertaking")

    async def write(self, **changes: Any) -> httpx.Response:
        """Save an opinion as a draft."""
        held = (await self.client.get(f"/api/reviews/{self.matter}/opinion")).json()
        return await self.client.put(
            f"/api/reviews/{self.matter}/opinion",
            json=OPINION | changes,
            headers=key() | {"If-Match": f'"{held["version"]}"'},
        )

    async def give_opinion(self, **changes: Any) -> httpx.Response:
        """Save an opinion and sign it."""
        saved = await self.write(**changes)
        return saved if saved.status_code != 200 else await self.sign("opinion")


class Review:
    """The review of the county's panel."""

    def __init__(self, county: County, phones: list[Phone]) -> None:
        self.county, self.phones = county, phones
        self.center, self.unit = county.center, county.unit

    @property
    def matter(self) -> str:
        return self.county.matter

    async def later(self, app: Litestar, at: datetime) -> None:
        """Move the clock; who is signed in stays so."""
        app.state.clock = FixedClock(at)
        async with unit_of_work(app.state.database, at=at) as session:
            await session.execute(update(LoginSessionRow).values(expires_at=at + timedelta(hours=1), seen_at=at))

    async def see(self, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        answer = await (client or self.center).get(f"/api/matters/{self.matter}/review")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def line(self, phone: Phone) -> dict[str, Any]:
        return next(one for one in (await self.see())["people"] if one["expert_id"] == phone.expert_id)

    async def post(
        self, act: str, body: dict[str, Any] | None = None, *, version: int | None = None, by: Any = None
    ) -> httpx.Response:
        headers = key()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await (by or self.center).post(
            f"/api/matters/{self.matter}/review/{act}", json=body or {}, headers=headers
        )

    async def on(self, phone: Phone, act: str, body: dict[str, Any] | None = None) -> httpx.Response:
        version = (await self.line(phone))["version"]
        return await self.post(f"experts/{phone.expert_id}/{act}", body, version=version)

    async def invite(self, *phones: Phone, **changes: Any) -> httpx.Response:
        seen = await self.see()
        body = {
            "experts": [phone.expert_id for phone in phones or self.phones],
            "respond_by": "2026-09-17",
            "abstract": ABSTRACT,
        }
        return await self.post("invite", body | changes, version=seen["version"])

    async def put(self, item: str, content: bytes | None = None, *, by: Any = None) -> httpx.Response:
        held = base64.b64encode(a_pdf(item) if content is None else content).decode()
        return await self.post("files", {"item": item, "name": f"{item}.pdf", "content": held}, by=by or self.unit)

    async def put_all(self) -> None:
        for item in ITEMS:
            answer = await self.put(item)
            assert answer.status_code == 201, answer.text

    async def opinions(self, client: httpx.AsyncClient | None = None) -> dict[str, Any]:
        return (await (client or self.center).get(f"/api/matters/{self.matter}/review/opinions")).json()

    async def answer_point(self, phone: Phone, point: int, **answer: Any) -> httpx.Response:
        version = (await self.line(phone))["version"]
        body = {"point": point, "reasonable": "yes", "adoption": "adopted"} | answer
        return await self.post(f"opinions/{phone.expert_id}/points", body, version=version, by=self.unit)

    async def send(self, *, by: Any = None, **body: Any) -> httpx.Response:
        seen = (await self.see())["material"]
        return await self.post("send", body, version=seen, by=by or self.unit)


async def determined(county: County, database: Database, signed_in: Any) -> Review:
    """Determine the composed panel and sign its members in."""
    await county.open()
    assert (await county.act(county.unit, "propose")).status_code == 200
    assert (await county.act(county.center, "determine", {"flags": []})).status_code == 200
    panel = await county.panel()
    phones = [await a_phone(county, database, signed_in, member["id"]) for member in panel["members"]]
    return Review(county, phones)


async def a_phone(county: County, database: Database, signed_in: Any, expert_id: str) -> Phone:
    """Give an expert of the library an account of its own and sign it in."""
    name = next(name for name, held in county.library.experts.items() if str(held) == expert_id)
    client = await signed_in("expert", person_id=county.library.people[name])
    return Phone(expert_id, client, county.matter)
