"""The ledger as JSON: entries, head, proofs, and verifying it as a whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from service import ledger
from service.actions.act import Act
from service.jobs import Job, newest_job
from service.jobs.ledger_check import VERIFY
from service.ledger import Entry, NoSuchEntry
from service.problems import NotFound
from service.storage.session import reading
from service.storage.staff_bars import barred_matters
from service.web.entry import perform, viewer_of
from service.web.ledger import Before, Day, Stream, Type, begin_verification, known_entry, known_proof, span_of
from service.web.openapi import IdempotencyKey, problems
from service.web.work import wake

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class EntryJson:
    """An entry of the ledger."""

    seq: int
    stream: str
    stream_seq: int
    type: str
    at: datetime
    leaf: Annotated[str, Meta(description="SHA-256 of 0x00 and the entry's bytes, in hex")]
    entry: Annotated[dict[str, Any], Meta(description="what the entry says")]


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, newest first. `older` is the `before` of the next page, or 0."""

    entries: list[EntryJson]
    older: int


@dataclass(frozen=True, slots=True)
class HeadJson:
    """Where the ledger stands; without entries `origin` and `root` are empty."""

    origin: str
    size: int
    root: Annotated[str, Meta(description="Merkle root in hex")]
    checkpoint: Annotated[str | None, Meta(description="the newest signed checkpoint (C2SP signed note)")]
    verifier: Annotated[str, Meta(description="verifier key of the checkpoints")]


@dataclass(frozen=True, slots=True)
class VerificationJson:
    """A verification of the whole ledger, under way or ended."""

    id: UUID
    state: Annotated[str, Meta(description="queued, running, done, failed or cancelled", examples=["done"])]
    progress: int
    total: int | None
    result: Annotated[dict[str, Any] | None, Meta(description="ledger-verification/1, once it is done")]


@get("/api/ledger", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(400, 401, 403))
async def api_entries(
    request: AnyRequest,
    stream: Stream = "",
    type_: Type = "",
    on: Day = "",
    before: Before = 0,
    most: Annotated[int, QueryParameter(ge=1, le=500, description="how many at most")] = 50,
) -> EntryPage:
    """Return entries, newest first."""
    from_at, to_at = span_of(on)
    async with reading(request.app.state.database) as session:
        found = await ledger.page(
            session,
            before=before or None,
            most=most + 1,
            stream=stream,
            type_=type_,
            from_at=from_at,
            to_at=to_at,
            without=await barred_matters(session, viewer_of(request)),
        )
    return EntryPage([_json(entry) for entry in found[:most]], found[most - 1].seq if len(found) > most else 0)


@get("/api/ledger/head", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(401, 403))
async def api_head(request: AnyRequest) -> HeadJson:
    """Return the size and root of the ledger, its newest signed checkpoint and its verifier key."""
    async with reading(request.app.state.database) as session:
        head, note = await ledger.head(session), await ledger.newest_checkpoint(session)
    if head is None:
        return HeadJson("", 0, "", None, "")
    verifier = ledger.verifier_key(head.origin, request.app.state.secrets.ledger_key())
    return HeadJson(head.origin, head.size, head.root.hex(), note, verifier)


@get("/api/ledger/{seq:int}", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(401, 403, 404))
async def api_entry(request: AnyRequest, seq: FromPath[int]) -> EntryJson:
    """Return one entry."""
    async with reading(request.app.state.database) as session:
        return _json(await known_entry(session, viewer_of(request), seq))


@get("/api/ledger/{seq:int}/proof", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(401, 403, 404))
async def api_proof(request: AnyRequest, seq: FromPath[int]) -> dict[str, Any]:
    """Return the proof (`ledger-proof/1`) that an entry stands in the ledger."""
    async with reading(request.app.state.database) as session:
        return await known_proof(session, viewer_of(request), seq)


@get("/api/ledger/extension", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(400, 401, 403, 404))
async def api_extension(
    request: AnyRequest,
    since: Annotated[int, QueryParameter(ge=0, le=2**53, description="size of a kept checkpoint")],
) -> dict[str, Any]:
    """Return the proof (`ledger-extension/1`) that nothing before a kept checkpoint was rewritten."""
    async with reading(request.app.state.database) as session:
        try:
            return await ledger.prove_extension(session, since)
        except NoSuchEntry:
            raise NotFound(subject=f"ledger:{since}") from None


@post(
    "/api/ledger/verification",
    opt={"operation": "ledger:verify"},
    tags=["ledger"],
    status_code=202,
    responses=problems(400, 401, 403, 422),
)
async def api_verify(request: AnyRequest, key: IdempotencyKey = "") -> Response[Any]:
    """Begin to verify the whole ledger, unless that is under way already."""

    async def do(act: Act) -> Response[Any]:
        return Response(_verification(await begin_verification(act)), status_code=202)

    answer = await perform(request, "ledger:verify", do)
    wake(request)
    return answer


@get("/api/ledger/verification", opt={"operation": "ledger:see"}, tags=["ledger"], responses=problems(401, 403, 404))
async def api_verification(request: AnyRequest) -> VerificationJson:
    """Return the newest verification, with its progress or result."""
    async with reading(request.app.state.database) as session:
        found = await newest_job(session, VERIFY)
    if found is None:
        raise NotFound(subject=VERIFY)
    return _verification(found)


def _verification(found: Job) -> VerificationJson:
    result = dict(found.result) if found.result is not None else None
    return VerificationJson(found.id, found.state, found.progress, found.total, result)


def _json(entry: Entry) -> EntryJson:
    return EntryJson(entry.seq, entry.stream, entry.stream_seq, entry.type, entry.at, entry.leaf.hex(), entry.value())


ROUTES = [
    api_entries,
    api_head,
    api_entry,
    api_proof,
    api_extension,
    api_verify,
    api_verification,
]
