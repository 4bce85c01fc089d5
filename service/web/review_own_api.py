"""An expert's own part in a review as JSON: the link, the answer, the undertaking, material."""

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.access.sign_in import start_session
from service.actions.act import Act
from service.actions.invitations import Answer, answer_invitation, ask_release, guest_of, see_invitation
from service.actions.material import open_file
from service.actions.signatures import Made, Text, make_ready, put_in
from service.actions.undertakings import prepare_undertaking, sign_undertaking, undertaking_text
from service.storage.review import own_reviews
from service.storage.session import reading
from service.storage.signatures import Pending, pending_of
from service.web.entry import guard, perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.pages import instant_of
from service.web.review import as_pdf
from service.web.review_api import FileJson, Reason, ReviewVersion, Why, version_json
from service.web.review_expert import personal_file
from service.web.review_own import OwnPart, read_own
from service.web.signing_api import unpack
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
TextOf = Callable[..., Awaitable[Text]]
Keep = Callable[[Act, UUID, Pending], Awaitable[None]]
Settle = Callable[[Act, UUID, Made | None], Awaitable[MatterState]]


@dataclass(frozen=True, slots=True)
class Answering:
    """One of the three answers."""

    answer: Annotated[str, Meta(description="accepted, declined or recused", examples=["accepted"])]
    code: Annotated[str, Meta(max_length=40, description="why; empty when accepted")] = ""
    until_on: date | None = None
    note: Reason = ""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A review that one was asked for."""

    matter_id: UUID
    title: str
    answer: str
    respond_by: date
    undertaken: bool
    due_on: date | None
    write_by: Annotated[
        datetime | None, Meta(description="last instant for the written opinion after an oral one (A32.3)")
    ]


@dataclass(frozen=True, slots=True)
class OralJson:
    """What one said by word of mouth, as the center took it down; the written opinion follows within 24 hours."""

    conclusion: str
    given_at: datetime
    write_by: datetime
    said: str


@dataclass(frozen=True, slots=True)
class OwnJson:
    """One's own part in a review; `version` is for `If-Match`. Files appear after the undertaking."""

    matter_id: UUID
    number: str
    title: str
    unit: str
    parties: list[str]
    abstract: str
    stage: Annotated[str, Meta(description="answer, undertake, wait, work or over", examples=["answer"])]
    standing: str
    respond_by: date
    delivered_on: date | None
    due_on: date | None
    provisional: bool
    oral: OralJson | None
    files: list[FileJson]
    version: int


@dataclass(frozen=True, slots=True)
class Preparing:
    """With which of one's certificates the document will be signed."""

    serial: Annotated[str, Meta(max_length=64)]


@dataclass(frozen=True, slots=True)
class ToSign:
    """A document that waits for its signature.

    The browser fetches the document, computes SHA-256 over its bytes without those from `gap[0]` to before `gap[1]`,
    compares with `digest`, finds `digest` in `to_sign`, and signs `to_sign` with ECDSA and SHA-256.
    """

    id: UUID
    document: Annotated[str, Meta(description="address of the document with room for the signature")]
    to_sign: Annotated[str, Meta(description="Base64")]
    digest: Annotated[str, Meta(description="SHA-256 in hex")]
    gap: list[int]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signing:
    """The signature."""

    id: UUID
    signature: Annotated[str, Meta(max_length=4096, description="Base64")]
    form: Annotated[str, Meta(description="raw: 64 bytes r and s; der: as openssl writes it")] = "raw"


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in for one matter, made by a link."""

    matter_id: UUID
    token: Annotated[str, Meta(description="for Authorization: Bearer")]


@post(
    "/api/invitations/{token:str}/enter",
    opt={"operation": "invitation:open"},
    tags=["review"],
    status_code=200,
    responses=problems(404, 422),
)
async def api_enter(request: AnyRequest, token: FromPath[str], key: IdempotencyKey = "") -> Response[Any]:
    """Sign in for one matter by the link of an invitation."""
    async with reading(request.app.state.database) as session:
        guest, matter_id = await guest_of(session, token[:128], at=instant_of(request))
    request.scope["viewer"] = guest  # type: ignore[typeddict-unknown-key]
    tokens: list[str] = []

    async def do(act: Act) -> Response[Entered]:
        device = request.headers.get("user-agent", "")
        tokens.append(
            await start_session(act.session, guest.account_id, at=act.at, hours=12, device=device, matter_id=matter_id)
        )
        return Response(Entered(matter_id, ""))

    answer = await perform(request, "invitation:open", do)
    # The token goes to its holder alone: the answer that is kept for repeats has none.
    return Response(Entered(matter_id, tokens[0])) if tokens else answer


@get("/api/reviews", opt={"operation": "review:work"}, tags=["review"], responses=problems(401, 403))
async def api_own_reviews(request: AnyRequest) -> list[OwnLine]:
    """Return the reviews that one was asked for and that are not over."""
    viewer = guard(request, "review:work", ("own",))
    async with reading(request.app.state.database) as session:
        held = await own_reviews(session, viewer)
    return [
        OwnLine(one.matter_id, one.title, one.answer, one.respond_by, one.undertaken, one.due_on, one.write_by)
        for one in held
    ]


@get(
    "/api/reviews/{matter_id:uuid}",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_own(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[OwnJson]:
    """Return one's own part in a review."""
    own = await read_own(request, viewer_of(request), matter_id)
    return Response(_own(own), headers={"ETag": f'"{own.part.version}"'})


@post(
    "/api/reviews/{matter_id:uuid}/seen",
    opt={"operation": "review:answer"},
    tags=["review"],
    status_code=204,
    responses=nothing(401, 404, 422),
)
async def api_seen(request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[None]:
    """Note that one has read the invitation."""

    async def do(act: Act) -> Response[None]:
        await see_invitation(act, matter_id)
        return Response(None, status_code=204)

    return await perform(request, "review:answer", do, subject=str(matter_id))


@post(
    "/api/reviews/{matter_id:uuid}/answer",
    opt={"operation": "review:answer"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_answer(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Answering],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Accept, say that one cannot, or withdraw because of an interest (A28.4)."""
    seen = await version_of(request)
    answer = Answer(data.answer, data.code, data.until_on, data.note)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await answer_invitation(act, request.app.state.residents, matter_id, answer, seen=seen)
        return version_json(matter_id, after, str(act.viewer.person_id))

    return await perform(request, "review:answer", do, subject=str(matter_id))


@post(
    "/api/reviews/{matter_id:uuid}/release",
    opt={"operation": "review:answer"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_ask_release(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Why],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Ask to be let go after having accepted."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await ask_release(act, matter_id, reason=data.reason, seen=seen)
        return version_json(matter_id, after, str(act.viewer.person_id))

    return await perform(request, "review:answer", do, subject=str(matter_id))


@post(
    "/api/reviews/{matter_id:uuid}/files/{file_id:uuid}/open",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=204,
    responses=nothing(401, 403, 404, 409, 422),
)
async def api_open_file(
    request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[None]:
    """Keep the receipt of a file; then it can be fetched (A27.1, A28.2)."""

    async def do(act: Act) -> Response[None]:
        await open_file(act, matter_id, file_id)
        return Response(None, status_code=204)

    return await perform(request, "review:work", do, subject=str(matter_id))


@get(
    "/api/reviews/{matter_id:uuid}/files/{file_id:uuid}",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(401, 403, 404, 409),
)
async def api_file(request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Return one's own copy of a file whose receipt has been kept: a PDF with one's name on every page."""
    name, content = await personal_file(request, matter_id, file_id)
    return as_pdf(content, name)


@post(
    "/api/reviews/{matter_id:uuid}/undertaking/prepare",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_prepare_undertaking(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Preparing], key: IdempotencyKey = ""
) -> Response[ToSign]:
    """Set the undertaking and prepare it for one's key (A28.2)."""
    return await prepare_document(request, matter_id, data, undertaking_text, prepare_undertaking)


@post(
    "/api/reviews/{matter_id:uuid}/undertaking/sign",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422),
)
async def api_sign_undertaking(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Signing], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """Sign the prepared undertaking; material that was sent already is delivered in the same act (A28.2, A32.2)."""
    return await sign_document(request, matter_id, data, sign_undertaking)


@get(
    "/api/signatures/{pending_id:uuid}/document",
    opt={"operation": "review:work"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_waiting(request: AnyRequest, pending_id: FromPath[UUID]) -> Response[bytes]:
    """Return one's own document that waits for its signature, exactly as it will be signed."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        pending = await pending_of(session, pending_id, viewer.person_id, at=instant_of(request))
    return as_pdf(pending.pdf, f"{pending.kind}.pdf")


async def prepare_document(
    request: AnyRequest, matter_id: UUID, data: Preparing, text_of: TextOf, keep: Keep
) -> Response[ToSign]:
    """Set a document outside of any unit of work, and keep it until its author signs it.

    Args:
        request: the request.
        matter_id: the matter.
        data: with which certificate it will be signed.
        text_of: reads what the document says.
        keep: asks whether it may be signed, and keeps it.
    """
    app, viewer, at = request.app.state, viewer_of(request), instant_of(request)
    async with reading(app.database) as session:
        text = await text_of(session, viewer, matter_id, settings=app.settings, on=app.clock.today())
    pending = await make_ready(
        app.database, app.authority, app.settings.outside, viewer, text, serial=data.serial, at=at
    )

    async def do(act: Act) -> Response[ToSign]:
        await keep(act, matter_id, pending)
        return Response(to_sign(pending))

    return await perform(request, "review:work", do, subject=str(matter_id))


async def sign_document(request: AnyRequest, matter_id: UUID, data: Signing, settle: Settle) -> Response[ReviewVersion]:
    """Put a signature into its document outside of any unit of work, and settle it in one."""
    app, viewer = request.app.state, viewer_of(request)
    signature = unpack(data.signature, "/signature")
    made = await put_in(
        app.database,
        app.authority,
        app.settings.outside,
        viewer,
        data.id,
        signature,
        form=data.form,
        at=instant_of(request),
    )

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await settle(act, matter_id, made), str(viewer.person_id))

    return await perform(request, "review:work", do, subject=str(matter_id))


def to_sign(pending: Pending) -> ToSign:
    """Return what the holder of the key needs."""
    from service.signing.documents import Prepared

    prepared = Prepared.from_json(pending.pdf, pending.waiting)
    return ToSign(
        id=pending.id,
        document=f"/api/signatures/{pending.id}/document",
        to_sign=base64.b64encode(prepared.attributes).decode(),
        digest=prepared.digest.hex(),
        gap=list(prepared.gap),
        expires_at=pending.expires_at,
    )


def _own(own: OwnPart) -> OwnJson:
    return OwnJson(
        matter_id=own.brief.id,
        number=own.brief.number,
        title=own.brief.title,
        unit=own.brief.unit_name,
        parties=[party.name for party in own.brief.parties],
        abstract=own.brief.abstract,
        stage=own.stage,
        standing=own.standing,
        respond_by=own.part.respond_by,
        delivered_on=own.part.delivered_on,
        due_on=own.part.due_on,
        provisional=own.part.provisional,
        oral=None
        if own.oral is None
        else OralJson(own.oral.conclusion, own.oral.given_at, own.oral.written_by, own.said),
        files=[
            FileJson(file.id, file.item, file.name, file.size, file.sha256)
            for files in own.files.values()
            for file in files
        ],
        version=own.part.version,
    )


ROUTES = [
    api_enter,
    api_own_reviews,
    api_own,
    api_seen,
    api_answer,
    api_ask_release,
    api_open_file,
    api_file,
    api_prepare_undertaking,
    api_sign_undertaking,
    api_waiting,
]
