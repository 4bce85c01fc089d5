"""Keys, certificates and the verification of signatures as JSON."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.certificates import Enrolment, challenge_for, enrol_key, give_up_key
from service.actions.outside_certificates import Offer, bring_certificate, confirm_holder, examine, refuse_holder
from service.problems import Fault, Invalid
from service.storage.session import reading
from service.storage.signing import Brought, Certificate, certificates_of, waiting_certificates
from service.web.entry import guard, perform
from service.web.openapi import IdempotencyKey, nothing, problems
from service.web.pages import instant_of
from service.web.signing import judge

AnyRequest = Request[Any, Any, Any]
Base64 = Annotated[str, Meta(max_length=4096, description="Base64")]
Base64Long = Annotated[str, Meta(max_length=90_000, description="Base64")]


@dataclass(frozen=True, slots=True)
class CertificateJson:
    """A certificate of one's own key."""

    serial: str
    device: str
    issued_at: datetime
    until_at: datetime
    revoked_at: datetime | None
    revoked_why: str
    issuer: Annotated[str, Meta(description="the outside authority that issued it; empty for the center")]
    waits: Annotated[bool, Meta(description="an outside one that nobody has confirmed: it cannot sign yet")]
    certificate: Annotated[str, Meta(description="the certificate, DER in Base64")]


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """One's own certificates, newest first, and what a further key must sign."""

    certificates: list[CertificateJson]
    challenge: Annotated[str, Meta(description="good for a quarter of an hour")]


@dataclass(frozen=True, slots=True)
class Enrolling:
    """A public key and the proof that the sender holds its private half."""

    key: Annotated[Base64, Meta(description="SubjectPublicKeyInfo of a P-256 key, DER in Base64")]
    challenge: Annotated[str, Meta(max_length=512)]
    proof: Annotated[Base64, Meta(description="ECDSA with SHA-256 over the challenge's bytes")]
    form: Annotated[str, Meta(description="raw: 64 bytes r and s; der: as openssl writes it", examples=["raw"])] = "raw"
    device: Annotated[str, Meta(max_length=120, description="where a browser keeps the key; empty for openssl")] = ""


@dataclass(frozen=True, slots=True)
class Bringing:
    """A certificate of an outside authority and the proof that the sender holds its key."""

    certificate: Annotated[Base64Long, Meta(description="the certificate, PEM or DER, in Base64")]
    challenge: Annotated[str, Meta(max_length=512)]
    proof: Annotated[
        Base64, Meta(description="signature with SHA-256 over the challenge's bytes, as openssl writes it")
    ]


@dataclass(frozen=True, slots=True)
class WaitingJson:
    """An outside certificate that waits for somebody to confirm whose it is."""

    serial: str
    expert_id: UUID
    name: Annotated[str, Meta(description="the expert who brought it")]
    number: str
    subject: Annotated[str, Meta(description="whom the certificate names")]
    issuer: str
    brought_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingList:
    """The outside certificates that wait, oldest first."""

    certificates: list[WaitingJson]


@dataclass(frozen=True, slots=True)
class Verifying:
    """A document to verify."""

    document: Annotated[str, Meta(max_length=14_000_000, description="the PDF in Base64, at most 10 MB")]


@dataclass(frozen=True, slots=True)
class VerdictJson:
    """What one signature is worth."""

    outcome: Annotated[
        str, Meta(description="valid, changed, revoked, unconfirmed, untrusted or unclear", examples=["valid"])
    ]
    signer: str
    serial: str
    signed_at: datetime | None
    archived: bool


@dataclass(frozen=True, slots=True)
class VerdictsJson:
    """What the signatures of a document are worth; none when it bears none."""

    sha256: str
    signatures: list[VerdictJson]


@get(
    "/api/certificates",
    opt={"operation": "certificate:enrol"},
    tags=["signatures"],
    responses=problems(401, 403),
)
async def api_certificates(request: AnyRequest) -> OwnKeys:
    """Return one's own certificates and a challenge for a further key."""
    viewer = guard(request, "certificate:enrol")
    async with reading(request.app.state.database) as session:
        held = await certificates_of(session, viewer.person_id)
    challenge = challenge_for(request.app.state.secrets, viewer.account_id, at=instant_of(request))
    return OwnKeys([_certificate(one) for one in held], challenge)


@post(
    "/api/certificates",
    opt={"operation": "certificate:enrol"},
    tags=["signatures"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_enrol(
    request: AnyRequest, data: JSONBody[Enrolling], key: IdempotencyKey = ""
) -> Response[CertificateJson]:
    """Issue a certificate for a key of one's own; it ends with the term of office (A24)."""
    enrolment = Enrolment(
        spki=unpack(data.key, "/key"),
        challenge=data.challenge,
        proof=unpack(data.proof, "/proof"),
        form=data.form,
        device=data.device,
    )

    async def do(act: Act) -> Response[CertificateJson]:
        issued = await enrol_key(act, request.app.state.authority, enrolment)
        return Response(_certificate(issued), status_code=201)

    return await perform(request, "certificate:enrol", do)


@post(
    "/api/certificates/outside",
    opt={"operation": "certificate:enrol"},
    tags=["signatures"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422, 503),
)
async def api_bring(
    request: AnyRequest, data: JSONBody[Bringing], key: IdempotencyKey = ""
) -> Response[CertificateJson]:
    """Bring a certificate of a licensed authority; it can sign once the center has confirmed whose it is (A24)."""
    viewer, at = guard(request, "certificate:enrol"), instant_of(request)
    offer = Offer(unpack(data.certificate, "/certificate"), data.challenge, unpack(data.proof, "/proof"))
    app = request.app.state
    examined = await examine(app.secrets, app.settings.outside, offer, account_id=viewer.account_id, at=at)

    async def do(act: Act) -> Response[CertificateJson]:
        return Response(_certificate(await bring_certificate(act, examined)), status_code=201)

    return await perform(request, "certificate:enrol", do)


@get(
    "/api/certificates/waiting",
    opt={"operation": "certificate:confirm"},
    tags=["signatures"],
    responses=problems(401, 403),
)
async def api_waiting_certificates(request: AnyRequest) -> WaitingList:
    """Return the outside certificates that nobody has compared with their holders."""
    guard(request, "certificate:confirm")
    async with reading(request.app.state.database) as session:
        return WaitingList([_waiting(one) for one in await waiting_certificates(session)])


@post(
    "/api/certificates/{serial:str}/confirm",
    opt={"operation": "certificate:confirm"},
    tags=["signatures"],
    status_code=204,
    responses=nothing(401, 403, 404, 409, 422),
)
async def api_confirm(request: AnyRequest, serial: FromPath[str], key: IdempotencyKey = "") -> Response[None]:
    """Confirm that an outside certificate names the expert who brought it."""

    async def do(act: Act) -> Response[None]:
        await confirm_holder(act, serial)
        return Response(None, status_code=204)

    return await perform(request, "certificate:confirm", do)


@post(
    "/api/certificates/{serial:str}/refuse",
    opt={"operation": "certificate:confirm"},
    tags=["signatures"],
    status_code=204,
    responses=nothing(401, 403, 404, 422),
)
async def api_refuse(request: AnyRequest, serial: FromPath[str], key: IdempotencyKey = "") -> Response[None]:
    """Say that an outside certificate does not name the expert who brought it."""

    async def do(act: Act) -> Response[None]:
        await refuse_holder(act, serial)
        return Response(None, status_code=204)

    return await perform(request, "certificate:confirm", do)


@post(
    "/api/certificates/{serial:str}/lost",
    opt={"operation": "certificate:give-up"},
    tags=["signatures"],
    status_code=204,
    responses=nothing(401, 403, 404, 422),
)
async def api_lost(request: AnyRequest, serial: FromPath[str], key: IdempotencyKey = "") -> Response[None]:
    """Withdraw one's own certificate because its key is lost; what was signed before stays valid."""

    async def do(act: Act) -> Response[None]:
        await give_up_key(act, serial)
        return Response(None, status_code=204)

    return await perform(request, "certificate:give-up", do)


@post(
    "/api/verify",
    opt={"operation": "signature:verify"},
    tags=["signatures"],
    status_code=200,
    responses=problems(400, 413),
)
async def api_verify(request: AnyRequest, data: JSONBody[Verifying]) -> VerdictsJson:
    """Say what the signatures of a document are worth; open to anyone, nothing is kept."""
    verdicts = await judge(request, unpack(data.document, "/document"), at="/document")
    return VerdictsJson(
        verdicts.sha256,
        [VerdictJson(one.outcome, one.signer, one.serial, one.signed_at, one.archived) for one in verdicts.found],
    )


def unpack(text: str, at: str) -> bytes:
    """Return the bytes of a Base64 text.

    Raises:
        Invalid: when it is none.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid([Fault(at, "NOT_BASE64")]) from None


def _certificate(one: Certificate) -> CertificateJson:
    return CertificateJson(
        one.serial,
        one.device,
        one.issued_at,
        one.until_at,
        one.revoked_at,
        one.revoked_why,
        one.issuer,
        one.waits,
        base64.b64encode(one.der).decode(),
    )


def _waiting(one: Brought) -> WaitingJson:
    return WaitingJson(
        serial=one.certificate.serial,
        expert_id=one.expert_id,
        name=one.name,
        number=one.number,
        subject=one.certificate.subject,
        issuer=one.certificate.issuer,
        brought_at=one.certificate.issued_at,
        until_at=one.certificate.until_at,
    )


ROUTES = [
    api_certificates,
    api_enrol,
    api_bring,
    api_waiting_certificates,
    api_confirm,
    api_refuse,
    api_lost,
    api_verify,
]
