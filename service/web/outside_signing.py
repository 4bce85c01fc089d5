"""Pages for keys that no browser keeps: bringing a licensed certificate, confirming it, signing a file."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.certificates import challenge_for, challenge_stands
from service.actions.opinions import opinion_text, prepare_opinion, sign_opinion
from service.actions.outside_certificates import (
    CERTIFICATE_MOST,
    Offer,
    bring_certificate,
    confirm_holder,
    examine,
    name_in,
    refuse_holder,
)
from service.actions.signatures import make_ready, put_in
from service.actions.undertakings import prepare_undertaking, sign_undertaking, undertaking_text
from service.problems import Fault, Invalid, NotFound, Problem, Refused, TextMovedOn, Unavailable
from service.storage.session import reading
from service.storage.signatures import Pending, pending_of
from service.storage.signing import certificates_of, waiting_certificates
from service.web.entry import guard, perform, viewer_of
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other
from service.web.review_own import read_own
from service.web.review_own_api import Keep, TextOf

AnyRequest = Request[Any, Any, Any]
_SIGNATURE_MOST: Final = 4096
_KINDS: Final[Mapping[str, tuple[TextOf, Keep]]] = {
    "undertaking": (undertaking_text, prepare_undertaking),
    "opinion": (opinion_text, prepare_opinion),
}


@get("/account/keys/outside", opt={"operation": "certificate:enrol"}, include_in_schema=False)
async def outside_page(request: AnyRequest) -> Response[Any]:
    """Ask for the certificate of a licensed authority and for a signed challenge."""
    guard(request, "certificate:enrol")
    return _bring_page(request, Form({}))


@get("/account/keys/outside/{challenge:str}", opt={"operation": "certificate:enrol"}, include_in_schema=False)
async def challenge_file(request: AnyRequest, challenge: FromPath[str]) -> Response[bytes]:
    """Return a challenge of one's own, while it stands, as the file that is to be signed."""
    viewer = guard(request, "certificate:enrol")
    if not challenge_stands(request.app.state.secrets, viewer.account_id, challenge, at=instant_of(request)):
        raise NotFound(subject="challenge")
    headers = {"Content-Disposition": 'attachment; filename="challenge.txt"'}
    return Response(challenge.encode(), media_type="text/plain", headers=headers)


@post("/account/keys/outside", opt={"operation": "certificate:enrol"}, include_in_schema=False)
async def outside_form(request: AnyRequest) -> Response[Any]:
    """Take in a certificate with its proof; it waits until the center has confirmed whose it is."""
    viewer, app, at = guard(request, "certificate:enrol"), request.app.state, instant_of(request)
    form = await Form.of(request)
    certificate, proof = await _file(form, "certificate", CERTIFICATE_MOST), await _file(form, "proof", _SIGNATURE_MOST)
    if form.faults:
        return _bring_page(request, form)
    offer = Offer(certificate, form.typed("challenge"), proof)

    async def do(act: Act) -> Response[Any]:
        await bring_certificate(act, examined)
        return see_other("/account/keys", notice="证书已交给中心核对")

    try:
        examined = await examine(app.secrets, app.settings.outside, offer, account_id=viewer.account_id, at=at)
        return await perform(request, "certificate:enrol", do)
    except (Invalid, Refused, Unavailable) as problem:
        return _bring_page(request, form, problem)


@get("/certificates", opt={"operation": "certificate:confirm"}, include_in_schema=False)
async def waiting_page(request: AnyRequest) -> Response[Any]:
    """Show the certificates of outside authorities that experts brought and nobody has compared."""
    guard(request, "certificate:confirm")
    async with reading(request.app.state.database) as session:
        waiting = await waiting_certificates(session)
    outside = request.app.state.settings.outside
    return page(request, "signing/waiting.html", waiting=waiting, roots=outside.roots)


@post("/certificates/{serial:str}/confirm", opt={"operation": "certificate:confirm"}, include_in_schema=False)
async def confirm_form(request: AnyRequest, serial: FromPath[str]) -> Response[Any]:
    """Confirm whose a certificate is."""

    async def do(act: Act) -> Response[Any]:
        await confirm_holder(act, serial)
        return see_other("/certificates", notice="已确认，专家现在可以用这张证书签名")

    return await perform(request, "certificate:confirm", do)


@post("/certificates/{serial:str}/refuse", opt={"operation": "certificate:confirm"}, include_in_schema=False)
async def refuse_form(request: AnyRequest, serial: FromPath[str]) -> Response[Any]:
    """Say that a certificate names somebody else."""

    async def do(act: Act) -> Response[Any]:
        await refuse_holder(act, serial)
        return see_other("/certificates", notice="已退回，这张证书不能用来签名")

    return await perform(request, "certificate:confirm", do)


@get("/reviews/{matter_id:uuid}/sign/{kind:str}", opt={"operation": "review:work"}, include_in_schema=False)
async def sign_page(request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str]) -> Response[Any]:
    """Ask with which certificate a document will be signed."""
    _kind(kind)
    return await _sign_page(request, matter_id, kind)


@post("/reviews/{matter_id:uuid}/sign/{kind:str}", opt={"operation": "review:work"}, include_in_schema=False)
async def prepare_form(request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str]) -> Response[Any]:
    """Prepare a document for the key of the chosen certificate."""
    text_of, keep = _kind(kind)
    app, viewer, at = request.app.state, viewer_of(request), instant_of(request)
    form = await Form.of(request)
    try:
        async with reading(app.database) as session:
            text = await text_of(session, viewer, matter_id, settings=app.settings, on=app.clock.today())
        serial = form.typed("serial")
        pending = await make_ready(
            app.database, app.authority, app.settings.outside, viewer, text, serial=serial, at=at
        )

        async def do(act: Act) -> Response[Any]:
            await keep(act, matter_id, pending)
            return see_other(f"/reviews/{matter_id}/sign/{kind}/{pending.id}")

        return await perform(request, "review:work", do, subject=str(matter_id))
    except (Invalid, Refused, Unavailable) as problem:
        return await _sign_page(request, matter_id, kind, form=form, problem=problem)


@get(
    "/reviews/{matter_id:uuid}/sign/{kind:str}/{pending_id:uuid}",
    opt={"operation": "review:work"},
    include_in_schema=False,
)
async def waiting_document(
    request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str], pending_id: FromPath[UUID]
) -> Response[Any]:
    """Show a document that waits, and ask for the signature."""
    _kind(kind)
    try:
        pending = await _pending(request, pending_id)
    except NotFound:
        return see_other(f"/reviews/{matter_id}/sign/{kind}", notice="准备的文件已经过期，请重新准备")
    return await _sign_page(request, matter_id, kind, pending=pending)


@get("/signatures/{pending_id:uuid}/to-sign", opt={"operation": "review:work"}, include_in_schema=False)
async def to_sign_file(request: AnyRequest, pending_id: FromPath[UUID]) -> Response[bytes]:
    """Return the bytes that one's key is to sign; they hold the digest of the document."""
    from service.signing.documents import Prepared

    pending = await _pending(request, pending_id)
    content = Prepared.from_json(pending.pdf, pending.waiting).attributes
    headers = {"Content-Disposition": 'attachment; filename="to-sign.bin"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


@post(
    "/reviews/{matter_id:uuid}/sign/{kind:str}/{pending_id:uuid}",
    opt={"operation": "review:work"},
    include_in_schema=False,
)
async def sign_form(
    request: AnyRequest, matter_id: FromPath[UUID], kind: FromPath[str], pending_id: FromPath[UUID]
) -> Response[Any]:
    """Put an uploaded signature into its document."""
    _kind(kind)
    app, viewer = request.app.state, viewer_of(request)
    form = await Form.of(request)
    signature = await _file(form, "signature", _SIGNATURE_MOST)

    async def show(problem: Problem | None = None) -> Response[Any]:
        try:
            pending = await _pending(request, pending_id)
        except NotFound:
            return see_other(f"/reviews/{matter_id}/sign/{kind}", notice="准备的文件已经过期，请重新准备")
        return await _sign_page(request, matter_id, kind, form=form, pending=pending, problem=problem)

    if form.faults:
        return await show()

    async def do(act: Act) -> Response[Any]:
        if kind == "opinion":
            await sign_opinion(act, app.residents, matter_id, made)
        else:
            await sign_undertaking(act, matter_id, made)
        return see_other(f"/reviews/{matter_id}", notice="已签署")

    try:
        made = await put_in(
            app.database,
            app.authority,
            app.settings.outside,
            viewer,
            pending_id,
            signature,
            form="der",
            at=instant_of(request),
        )
        return await perform(request, "review:work", do, subject=str(matter_id))
    except (Invalid, Refused, TextMovedOn, Unavailable) as problem:
        return await show(problem)


def _kind(kind: str) -> tuple[TextOf, Keep]:
    if kind not in _KINDS:
        raise NotFound(subject="document")
    return _KINDS[kind]


async def _pending(request: AnyRequest, pending_id: UUID) -> Pending:
    async with reading(request.app.state.database) as session:
        return await pending_of(session, pending_id, viewer_of(request).person_id, at=instant_of(request))


async def _file(form: Form, name: str, most: int) -> bytes:
    """Return an uploaded file; a fault where there is none, or it is far too large for what it should be."""
    upload = form.uploads.get(name)
    content = await upload.read(most + 1) if upload is not None else b""
    if not content:
        form.fault(name, "FIELD_REQUIRED")
    elif len(content) > most:
        form.fault(name, "FILE_NOT_THIS")
    return content


def _take_over(form: Form, problem: Problem | None) -> int:
    """Put the faults of a problem where the form shows them, and return the status of the page."""
    if isinstance(problem, Invalid):
        form.faults += [Fault(fault.at.removeprefix("/"), fault.code, fault.facts) for fault in problem.faults]
    if isinstance(problem, TextMovedOn | Unavailable):
        form.faults.append(Fault("", problem.code, problem.facts))
    return problem.status if problem is not None else 400 if form.faults else 200


def _bring_page(request: AnyRequest, form: Form, problem: Problem | None = None) -> Response[Any]:
    viewer, at, outside = viewer_of(request), instant_of(request), request.app.state.settings.outside
    status = _take_over(form, problem)
    over = any(fault.code == "CHALLENGE_OVER" for fault in form.faults)
    held = "" if over else form.typed("challenge")
    return page(
        request,
        "signing/outside.html",
        status=status,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        roots=[name_in(root.subject) for root in outside.roots],
        challenge=held or challenge_for(request.app.state.secrets, viewer.account_id, at=at),
    )


async def _sign_page(
    request: AnyRequest,
    matter_id: UUID,
    kind: str,
    *,
    form: Form | None = None,
    pending: Pending | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    viewer, at = viewer_of(request), instant_of(request)
    own = await read_own(request, viewer, matter_id)
    async with reading(request.app.state.database) as session:
        held = await certificates_of(session, viewer.person_id)
    form = form or Form({})
    status = _take_over(form, problem)
    return page(
        request,
        "signing/by_file.html",
        status=status,
        own=own,
        kind=kind,
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        certificates=[one for one in held if one.signs_files and one.counts_at(at)],
        waiting=[one for one in held if one.waits],
        pending=pending,
        outside=bool(request.app.state.settings.outside.roots),
    )


ROUTES = [
    outside_page,
    challenge_file,
    outside_form,
    waiting_page,
    confirm_form,
    refuse_form,
    sign_page,
    prepare_form,
    waiting_document,
    to_sign_file,
    sign_form,
]
