"""Lists for approval and their letters as JSON: the same acts as on their pages."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.batches import (
    Decision,
    decide_batch,
    issue_letters,
    make_batch,
    propose_batch,
    put_on_batch,
    take_off_batch,
)
from service.storage.batches import BatchView, list_batches, load_batch
from service.storage.session import reading
from service.web.about_json import Day, Reason
from service.web.answers import CHANGES, with_version
from service.web.candidate_json import CandidateLineJson, line_of
from service.web.candidates_api import Acting, AnyRequest
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems


@dataclass(frozen=True, slots=True)
class MakingJson:
    """A list to open, with the first people on it."""

    kind: Annotated[str, Meta(max_length=20, description="intake, reappointment or addition", examples=["intake"])]
    align_on: Day | None = None
    candidates: Annotated[list[UUID], Meta(max_length=200)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PuttingJson:
    """Who comes onto a list."""

    candidates: Annotated[list[UUID], Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class DecidingJson:
    """What was decided about a list; who is not refused is approved."""

    number: Annotated[str, Meta(max_length=60, description="of the document", examples=["示政字〔2026〕12号"])]
    on: Day
    refused: dict[str, Reason] = field(default_factory=dict)
    answers: dict[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssuingJson:
    """The date of the letters."""

    letter_on: Day


@dataclass(frozen=True, slots=True)
class LetterJson:
    """A letter with its term, both days inclusive."""

    candidate_id: UUID
    number: str
    letter_on: date
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class BatchLineJson:
    """A list among the lists."""

    id: UUID
    number: str
    kind: str
    state: str
    people: int
    proposed_on: date | None
    approved_on: date | None


@dataclass(frozen=True, slots=True)
class BatchJson:
    """A list with its people and letters."""

    id: UUID
    number: str
    kind: str
    state: str
    align_on: date | None
    proposed_on: date | None
    approver: str
    approval_number: str
    approved_on: date | None
    people: list[CandidateLineJson]
    letters: list[LetterJson]
    version: int


@get("/api/batches", opt={"operation": "batch:see"}, tags=["batches"], responses=problems(401, 403))
async def api_batches(request: AnyRequest) -> list[BatchLineJson]:
    """Return the lists for approval, newest first; who approves sees those that were put forward."""
    async with reading(request.app.state.database) as session:
        lines = await list_batches(session, viewer_of(request))
    return [
        BatchLineJson(one.id, one.number, one.kind.value, one.state, one.people, one.proposed_on, one.approved_on)
        for one in lines
    ]


@post(
    "/api/batches",
    opt={"operation": "batch:make"},
    tags=["batches"],
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_make(request: AnyRequest, data: JSONBody[MakingJson], key: IdempotencyKey = "") -> Response[BatchJson]:
    """Open a list: of the county government's (A24), or of the committee's director (A26)."""

    async def do(act: Act) -> Response[Any]:
        batch_id = await make_batch(act, data.kind, align_on=data.align_on, candidates=data.candidates)
        return await _batch(act, batch_id, status=201)

    return await perform(request, "batch:make", do)


@get(
    "/api/batches/{batch_id:uuid}",
    opt={"operation": "batch:see"},
    tags=["batches"],
    responses=problems(401, 403, 404),
)
async def api_batch(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[BatchJson]:
    """Return a list with its people and letters; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        view = await load_batch(session, viewer_of(request), batch_id)
    return _batch_response(view)


@post(
    "/api/batches/{batch_id:uuid}/people",
    opt={"operation": "batch:make"},
    tags=["batches"],
    status_code=200,
    responses=CHANGES,
)
async def api_put(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[PuttingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Put people onto an open list; nobody comes onto it without the first check."""
    return await _on_batch(
        request, batch_id, "batch:make", lambda act, seen: put_on_batch(act, batch_id, data.candidates, seen=seen)
    )


@delete(
    "/api/batches/{batch_id:uuid}/people/{candidate_id:uuid}",
    opt={"operation": "batch:make"},
    tags=["batches"],
    status_code=200,
    responses=CHANGES,
)
async def api_take(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    candidate_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Take somebody off an open list."""
    return await _on_batch(
        request, batch_id, "batch:make", lambda act, seen: take_off_batch(act, batch_id, candidate_id, seen=seen)
    )


@post(
    "/api/batches/{batch_id:uuid}/propose",
    opt={"operation": "batch:make"},
    tags=["batches"],
    status_code=200,
    responses=CHANGES,
)
async def api_propose(
    request: AnyRequest, batch_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[BatchJson]:
    """Put a list forward for approval."""
    return await _on_batch(request, batch_id, "batch:make", lambda act, seen: propose_batch(act, batch_id, seen=seen))


@post(
    "/api/batches/{batch_id:uuid}/decide",
    opt={"operation": "batch:decide"},
    tags=["batches"],
    status_code=200,
    responses=CHANGES,
)
async def api_decide(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[DecidingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Enter the county government's approval (the office), or approve as the committee's director (the mayor)."""

    async def act(act: Act, seen: int) -> None:
        decision = Decision(data.number, data.on, _by_id(data.refused), _by_id(data.answers))
        await decide_batch(act, batch_id, decision, seen=seen)

    return await _on_batch(request, batch_id, "batch:decide", act)


@post(
    "/api/batches/{batch_id:uuid}/letters",
    opt={"operation": "letter:issue"},
    tags=["batches"],
    status_code=200,
    responses=CHANGES,
)
async def api_letters(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[IssuingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Issue the letters of everybody on a list who is approved and has none (A24)."""
    return await _on_batch(
        request,
        batch_id,
        "letter:issue",
        lambda act, seen: issue_letters(act, batch_id, letter_on=data.letter_on, seen=seen),
    )


async def _on_batch(request: AnyRequest, batch_id: UUID, operation: str, act: Acting) -> Response[BatchJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _batch(setting, batch_id, status=200)

    return await perform(request, operation, do, subject=str(batch_id))


async def _batch(act: Act, batch_id: UUID, *, status: int) -> Response[BatchJson]:
    await act.session.flush()
    act.session.expire_all()
    return _batch_response(await load_batch(act.session, act.viewer, batch_id), status=status)


def _batch_response(view: BatchView, *, status: int = 200) -> Response[BatchJson]:
    approval = view.approval
    body = BatchJson(
        id=view.id,
        number=view.number,
        kind=view.kind.value,
        state=view.state,
        align_on=view.align_on,
        proposed_on=view.proposed_on,
        approver=approval.by.value if approval else "",
        approval_number=approval.number if approval else "",
        approved_on=approval.on if approval else None,
        people=[line_of(line) for line in view.people],
        letters=[
            LetterJson(one.candidate_id, one.number, one.letter_on, one.starts_on, one.ends_on)
            for one in view.letters.values()
        ],
        version=view.version,
    )
    return with_version(body, f"/api/batches/{view.id}", view.version, status)


def _by_id(texts: dict[str, str]) -> dict[UUID, str]:
    """Return texts by candidate; a key that is no id is one that is on no list."""
    found = {}
    for key, text in texts.items():
        try:
            found[UUID(key)] = text
        except ValueError:
            found[UUID(int=0)] = text
    return found


ROUTES = [
    api_batches,
    api_make,
    api_batch,
    api_put,
    api_take,
    api_propose,
    api_decide,
    api_letters,
]
