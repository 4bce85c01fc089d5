"""Candidates and lists for approval as JSON: the same acts as on the pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from registry import Stage
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
from service.actions.candidates import (
    CandidateEntry,
    FindingEntry,
    pass_first_check,
    receive_candidate,
    record_findings,
    reject_candidate,
    withdraw_candidate,
)
from service.storage.batches import BatchView, list_batches, load_batch
from service.storage.candidates import (
    PER_PAGE,
    CandidateLine,
    CandidateView,
    FindingView,
    list_candidates,
    load_candidate,
)
from service.storage.session import reading
from service.web.candidates import look
from service.web.entry import perform, version_of, viewer_of
from service.web.experts_api import AboutJson, FieldJson, WorkingJson, about_of, work_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
Day = Annotated[date, Meta(description="China Standard Time", examples=["2026-09-14"])]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]
Code = Annotated[str, Meta(max_length=20)]
_CHANGES = problems(400, 401, 403, 404, 409, 412, 422, 428)


@dataclass(frozen=True, slots=True)
class ReceivingJson:
    """An application; `about.source` and `about.identity_number` are required."""

    about: AboutJson
    work: WorkingJson | None = None
    source_note: Annotated[str, Meta(max_length=200, description="who recommends, which call, who invited")] = ""


@dataclass(frozen=True, slots=True)
class FindingJson:
    """What was found about one condition of A25."""

    item: Annotated[str, Meta(max_length=20, examples=["politics"])]
    outcome: Annotated[str, Meta(max_length=20, description="met, not-met, or exception (standing alone)")]
    attester: Annotated[str, Meta(max_length=20, description="organisation, center or self")]
    attested_on: Day | None = None
    until_on: Day | None = None
    evidence: Annotated[str, Meta(max_length=500)] = ""
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class FindingsJson:
    """What was found about several conditions."""

    findings: Annotated[list[FindingJson], Meta(max_length=8)]


@dataclass(frozen=True, slots=True)
class WhyJson:
    """A decision's reason."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class LookingAtJson:
    """Which confidential evidence to look at, and why."""

    item: Annotated[str, Meta(max_length=20, examples=["conduct"])]
    reason: Reason


@dataclass(frozen=True, slots=True)
class EvidenceJson:
    """Confidential evidence in words."""

    evidence: str


@dataclass(frozen=True, slots=True)
class CandidateLineJson:
    """A candidate in a list."""

    id: UUID
    number: str
    name: str
    title: str
    title_level: str
    unit: str
    source: str
    stage: str
    received_on: date
    checked_on: date | None
    expert_id: UUID | None
    fields: list[FieldJson]
    excepted: bool


@dataclass(frozen=True, slots=True)
class CandidatesJson:
    """A page of candidates, with counts by stage."""

    candidates: list[CandidateLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class FoundJson:
    """A condition of A25 and what was found about it; `fault` says what stands against the candidate."""

    item: str
    rule: str
    fault: str
    computed: bool
    confidential: bool
    outcome: str
    attester: str
    attested_on: date | None
    until_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class CandidateJson:
    """A candidate with everything that was found; numbers are masked."""

    candidate: CandidateLineJson
    identity_masked: str
    phone_masked: str
    email: str
    post: str
    source_note: str
    findings: list[FoundJson]
    eligible: bool
    batch_id: UUID | None
    reason: str
    letter_number: str
    version: int


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


@get(
    "/api/candidates",
    opt={"operation": "candidate:list"},
    tags=["candidates"],
    responses=problems(400, 401, 403),
)
async def api_candidates(
    request: AnyRequest,
    stage: Annotated[str, QueryParameter(name="stage", max_length=20)] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> CandidatesJson:
    """Return a page of candidates, newest first; an unknown stage counts as none."""
    wanted = stage if stage in set(Stage) else ""
    async with reading(request.app.state.database) as session:
        listed = await list_candidates(session, viewer_of(request), stage=wanted, page=number)
    return CandidatesJson([_line(line) for line in listed.lines], listed.total, number, PER_PAGE, dict(listed.counts))


@post(
    "/api/candidates",
    opt={"operation": "candidate:receive"},
    tags=["candidates"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_receive(
    request: AnyRequest, data: JSONBody[ReceivingJson], key: IdempotencyKey = ""
) -> Response[CandidateJson]:
    """Receive an application (A24)."""

    async def do(act: Act) -> Response[Any]:
        work = None if data.work is None else work_of(data.work)
        candidate_id = await receive_candidate(act, CandidateEntry(about_of(data.about), work, data.source_note))
        return await _candidate(act, candidate_id, status=201)

    return await perform(request, "candidate:receive", do)


@get(
    "/api/candidates/{candidate_id:uuid}",
    opt={"operation": "candidate:see"},
    tags=["candidates"],
    responses=problems(401, 403, 404),
)
async def api_candidate(request: AnyRequest, candidate_id: FromPath[UUID]) -> Response[CandidateJson]:
    """Return a candidate with the card of A25; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        today = request.app.state.clock.today()
        view = await load_candidate(session, viewer_of(request), candidate_id, on=today)
    return _candidate_response(view)


@post(
    "/api/candidates/{candidate_id:uuid}/findings",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=_CHANGES,
)
async def api_findings(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[FindingsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Record what was found about conditions of A25."""

    async def act(act: Act, seen: int) -> None:
        entries = [
            FindingEntry(one.item, one.outcome, one.attester, one.attested_on, one.until_on, one.evidence, one.flagged)
            for one in data.findings
        ]
        await record_findings(act, candidate_id, entries, seen=seen)

    return await _on_candidate(request, candidate_id, act)


@post(
    "/api/candidates/{candidate_id:uuid}/check",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=_CHANGES,
)
async def api_check(
    request: AnyRequest, candidate_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[CandidateJson]:
    """Pass the first check (A24, A25); 409 names every condition that stands against it."""

    async def act(act: Act, seen: int) -> None:
        await pass_first_check(act, candidate_id, seen=seen)

    return await _on_candidate(request, candidate_id, act)


@post(
    "/api/candidates/{candidate_id:uuid}/reject",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=_CHANGES,
)
async def api_reject(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[WhyJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Reject an application with a reason that the applicant sees."""

    async def act(act: Act, seen: int) -> None:
        await reject_candidate(act, candidate_id, reason=data.reason, seen=seen)

    return await _on_candidate(request, candidate_id, act)


@post(
    "/api/candidates/{candidate_id:uuid}/withdraw",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=_CHANGES,
)
async def api_withdraw(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[WhyJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Enter that an applicant no longer wants to come."""

    async def act(act: Act, seen: int) -> None:
        await withdraw_candidate(act, candidate_id, reason=data.reason, seen=seen)

    return await _on_candidate(request, candidate_id, act)


@post(
    "/api/candidates/{candidate_id:uuid}/evidence",
    opt={"operation": "candidate:read-evidence"},
    tags=["candidates"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_evidence(
    request: AnyRequest, candidate_id: FromPath[UUID], data: JSONBody[LookingAtJson]
) -> EvidenceJson:
    """Return confidential evidence in words; every look is noted with its reason."""
    return EvidenceJson(await look(request, candidate_id, data.item, reason=data.reason))


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
    responses=_CHANGES,
)
async def api_put(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[PuttingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Put people onto an open list; nobody comes onto it without the first check."""

    async def act(act: Act, seen: int) -> None:
        await put_on_batch(act, batch_id, data.candidates, seen=seen)

    return await _on_batch(request, batch_id, "batch:make", act)


@delete(
    "/api/batches/{batch_id:uuid}/people/{candidate_id:uuid}",
    opt={"operation": "batch:make"},
    tags=["batches"],
    status_code=200,
    responses=_CHANGES,
)
async def api_take(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    candidate_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Take somebody off an open list."""

    async def act(act: Act, seen: int) -> None:
        await take_off_batch(act, batch_id, candidate_id, seen=seen)

    return await _on_batch(request, batch_id, "batch:make", act)


@post(
    "/api/batches/{batch_id:uuid}/propose",
    opt={"operation": "batch:make"},
    tags=["batches"],
    status_code=200,
    responses=_CHANGES,
)
async def api_propose(
    request: AnyRequest, batch_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[BatchJson]:
    """Put a list forward for approval."""

    async def act(act: Act, seen: int) -> None:
        await propose_batch(act, batch_id, seen=seen)

    return await _on_batch(request, batch_id, "batch:make", act)


@post(
    "/api/batches/{batch_id:uuid}/decide",
    opt={"operation": "batch:decide"},
    tags=["batches"],
    status_code=200,
    responses=_CHANGES,
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
    responses=_CHANGES,
)
async def api_letters(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[IssuingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchJson]:
    """Issue the letters of everybody on a list who is approved and has none (A24)."""

    async def act(act: Act, seen: int) -> None:
        await issue_letters(act, batch_id, letter_on=data.letter_on, seen=seen)

    return await _on_batch(request, batch_id, "letter:issue", act)


async def _on_candidate(request: AnyRequest, candidate_id: UUID, act: _Acting) -> Response[CandidateJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _candidate(setting, candidate_id, status=200)

    return await perform(request, "candidate:check", do, subject=str(candidate_id))


async def _on_batch(request: AnyRequest, batch_id: UUID, operation: str, act: _Acting) -> Response[BatchJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _batch(setting, batch_id, status=200)

    return await perform(request, operation, do, subject=str(batch_id))


async def _candidate(act: Act, candidate_id: UUID, *, status: int) -> Response[CandidateJson]:
    await act.session.flush()
    act.session.expire_all()
    return _candidate_response(await load_candidate(act.session, act.viewer, candidate_id, on=act.on), status=status)


async def _batch(act: Act, batch_id: UUID, *, status: int) -> Response[BatchJson]:
    await act.session.flush()
    act.session.expire_all()
    return _batch_response(await load_batch(act.session, act.viewer, batch_id), status=status)


def _candidate_response(view: CandidateView, *, status: int = 200) -> Response[CandidateJson]:
    body = CandidateJson(
        candidate=_line(view.line),
        identity_masked=view.identity_masked,
        phone_masked=view.phone_masked,
        email=view.email,
        post=view.post,
        source_note=view.source_note,
        findings=[_found(one) for one in view.findings],
        eligible=view.eligible,
        batch_id=view.batch_id,
        reason=view.reason,
        letter_number=view.letter_number,
        version=view.version,
    )
    return _with_version(body, f"/api/candidates/{view.line.id}", view.version, status)


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
        people=[_line(line) for line in view.people],
        letters=[
            LetterJson(one.candidate_id, one.number, one.letter_on, one.starts_on, one.ends_on)
            for one in view.letters.values()
        ],
        version=view.version,
    )
    return _with_version(body, f"/api/batches/{view.id}", view.version, status)


def _with_version(body: Any, href: str, version: int, status: int) -> Response[Any]:
    headers = {"ETag": f'"{version}"'}
    if status == 201:
        headers["Location"] = href
    return Response(body, status_code=status, headers=headers)


def _line(line: CandidateLine) -> CandidateLineJson:
    return CandidateLineJson(
        id=line.id,
        number=line.number,
        name=line.name,
        title=line.title,
        title_level=line.title_level,
        unit=line.unit,
        source=line.source,
        stage=line.stage.value,
        received_on=line.received_on,
        checked_on=line.checked_on,
        expert_id=line.expert_id,
        fields=[FieldJson(one.code, one.main) for one in line.fields],
        excepted=line.excepted,
    )


def _found(view: FindingView) -> FoundJson:
    finding = view.finding
    return FoundJson(
        item=view.item.value,
        rule=view.rule,
        fault=view.fault,
        computed=view.computed,
        confidential=view.confidential,
        outcome=finding.outcome.value if finding else "",
        attester=finding.attester.value if finding else "",
        attested_on=finding.attested_on if finding else None,
        until_on=finding.until_on if finding else None,
        evidence=view.evidence,
    )


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
    api_candidates,
    api_receive,
    api_candidate,
    api_findings,
    api_check,
    api_reject,
    api_withdraw,
    api_evidence,
    api_batches,
    api_make,
    api_batch,
    api_put,
    api_take,
    api_propose,
    api_decide,
    api_letters,
]
