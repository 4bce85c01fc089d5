"""Verifying a signed document, the center's root and revocation list, and the keys of one's own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.certificates import challenge_for, give_up_key
from service.actions.outside_certificates import name_in
from service.problems import Fault, Invalid, Unavailable
from service.signing import ListUnreadable
from service.storage.session import Session, reading
from service.storage.signing import brought_certificates, certificates_of, revocations
from service.web.entry import guard, perform
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

if TYPE_CHECKING:
    from service.signing.verification import Verdict

AnyRequest = Request[Any, Any, Any]
MOST_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a document says.

    Attributes:
        sha256: of its bytes.
        found: one verdict a signature, in order; empty when it bears none.
    """

    sha256: str
    found: Sequence["Verdict"]


@get("/verify", opt={"operation": "signature:verify"}, include_in_schema=False)
async def verify_page(request: AnyRequest) -> Response[Any]:
    """Ask for a document."""
    return page(request, "signing/verify.html", form=Form({}), verdicts=None, roots=_roots(request))


@post("/verify", opt={"operation": "signature:verify"}, include_in_schema=False)
async def verify_form(request: AnyRequest) -> Response[Any]:
    """Say in plain words what the signatures of a document are worth; nothing is kept."""
    form = await Form.of(request)
    upload = form.uploads.get("document")
    if upload is None:
        form.fault("document", "FIELD_REQUIRED")
        return page(request, "signing/verify.html", status=400, form=form, verdicts=None, roots=_roots(request))
    try:
        verdicts = await judge(request, await upload.read(MOST_BYTES + 1), at="document")
    except Invalid as problem:
        form.faults = list(problem.faults)
        return page(request, "signing/verify.html", status=400, form=form, verdicts=None, roots=_roots(request))
    return page(request, "signing/verify.html", form=form, verdicts=verdicts, roots=_roots(request))


@get("/signing/root.pem", opt={"operation": "signature:verify"}, include_in_schema=False)
async def root_file(request: AnyRequest) -> Response[bytes]:
    """Return the center's root certificate."""
    pem = request.app.state.authority.certificate.public_bytes(Encoding.PEM)
    return Response(pem, media_type="application/x-pem-file", headers=_as_file("root.pem"))


@get("/signing/revoked.crl", opt={"operation": "signature:verify"}, include_in_schema=False)
async def revocation_file(request: AnyRequest) -> Response[bytes]:
    """Return the center's revocation list of now."""
    async with reading(request.app.state.database) as session:
        listed = await revocation_list(request, session)
    return Response(listed, media_type="application/pkix-crl", headers=_as_file("revoked.crl"))


@get("/account/keys", opt={"operation": "certificate:enrol"}, include_in_schema=False)
async def keys_page(request: AnyRequest) -> Response[Any]:
    """Show the viewer's certificates, and let the browser make a key."""
    viewer, at = guard(request, "certificate:enrol"), instant_of(request)
    async with reading(request.app.state.database) as session:
        certificates = await certificates_of(session, viewer.person_id)
    return page(
        request,
        "signing/keys.html",
        certificates=certificates,
        counting=[one.serial for one in certificates if one.counts_at(at)],
        at=at,
        challenge=challenge_for(request.app.state.secrets, viewer.account_id, at=at),
        outside=bool(request.app.state.settings.outside.roots),
    )


@post("/account/keys/{serial:str}/lost", opt={"operation": "certificate:give-up"}, include_in_schema=False)
async def lost_form(request: AnyRequest, serial: FromPath[str]) -> Response[Any]:
    """Withdraw one's own certificate."""

    async def do(act: Act) -> Response[Any]:
        await give_up_key(act, serial)
        return see_other("/account/keys", notice="证书已停用；此前的签名仍然有效")

    return await perform(request, "certificate:give-up", do)


async def judge(request: AnyRequest, document: bytes, *, at: str) -> Verdicts:
    """Return the verdicts on a document.

    Raises:
        Invalid: when it is too large or no PDF.
    """
    from service.signing.documents import digest_of
    from service.signing.verification import verify

    if len(document) > MOST_BYTES:
        raise Invalid([Fault(at, "FILE_TOO_LARGE", {"megabytes": MOST_BYTES // 1024 // 1024})])
    async with reading(request.app.state.database) as session:
        listed = await revocation_list(request, session)
    center, outside = request.app.state.authority.certificate, request.app.state.settings.outside
    work = verify(document, center, listed, at=instant_of(request), outside=outside)
    try:
        found = await asyncio.to_thread(asyncio.run, work)
    except ListUnreadable:
        raise Unavailable("LIST_UNREADABLE") from None
    except ValueError:
        raise Invalid([Fault(at, "FILE_NOT_A_PDF")]) from None
    async with reading(request.app.state.database) as session:
        return Verdicts(digest_of(document), await _as_known_here(session, found))


async def _as_known_here(session: Session, found: Sequence["Verdict"]) -> list["Verdict"]:
    """Return verdicts with what only this house knows of outside certificates: whose they are, and since when not."""
    doubtful = [one for one in found if one.outside and one.outcome == "valid"]
    held = await brought_certificates(session, {one.serial for one in doubtful}) if doubtful else {}

    def known(verdict: "Verdict") -> "Verdict":
        if verdict not in doubtful:
            return verdict
        certificate = held.get(verdict.outside)
        if certificate is None or certificate.confirmed_at is None:
            return replace(verdict, outcome="unconfirmed")
        return replace(verdict, outcome="revoked") if certificate.withdrawn_by(verdict.signed_at) else verdict

    return [known(one) for one in found]


async def revocation_list(request: AnyRequest, session: Session) -> bytes:
    """Return the center's revocation list of now; its number is the second in which it is made."""
    at = instant_of(request)
    made: bytes = request.app.state.authority.revocation_list(
        await revocations(session), at=at, number=int(at.timestamp())
    )
    return made


def _roots(request: AnyRequest) -> list[str]:
    return [name_in(root.subject) for root in request.app.state.settings.outside.roots]


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


ROUTES = [verify_page, verify_form, root_file, revocation_file, keys_page, lost_form]
