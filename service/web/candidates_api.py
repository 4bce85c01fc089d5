"""Candidates as JSON: the same acts as on their pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from registry import Stage
from service.actions.act import Act
from service.actions.candidate_correction import correct_candidate
from service.actions.candidates import (
    CandidateEntry,
    FindingEntry,
    pass_first_check,
    receive_candidate,
    record_findings,
    reject_candidate,
    withdraw_candidate,
)
from service.storage.candidates import PER_PAGE, CandidateView, list_candidates, load_candidate
from service.storage.session import reading
from service.web.about_json import AboutJson, Day, Reason, WorkingJson, about_of, work_of
from service.web.answers import CHANGES, with_version
from service.web.candidate_json import CandidateJson, CandidatesJson, candidate_json, line_of
from service.web.candidates import look
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Acting = Callable[[Act, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class ReceivingJson:
    """An application; `about.source` and `about.identity_number` are required."""

    about: AboutJson
    work: WorkingJson | None = None
    source_note: Annotated[str, Meta(max_length=200, description="who recommends, which call, who invited")] = ""


@dataclass(frozen=True, slots=True)
class CorrectingJson:
    """What an application should say, all of it; empty numbers leave what is kept."""

    about: AboutJson
    reason: Reason
    work: WorkingJson | None = None
    source_note: Annotated[str, Meta(max_length=200)] = ""


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
    """What was found about a confidential condition; of health there are no words."""

    item: str
    outcome: str
    attester: str
    attested_on: date
    until_on: date | None
    flagged: bool
    evidence: str


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
    return CandidatesJson([line_of(line) for line in listed.lines], listed.total, number, PER_PAGE, dict(listed.counts))


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
    return _response(view)


@post(
    "/api/candidates/{candidate_id:uuid}/findings",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=CHANGES,
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


@put(
    "/api/candidates/{candidate_id:uuid}", opt={"operation": "candidate:check"}, tags=["candidates"], responses=CHANGES
)
async def api_correct(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[CorrectingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Correct what an application says before it stands on a list; the first check may have to be made again."""
    work = None if data.work is None else work_of(data.work)
    entry = CandidateEntry(about_of(data.about), work, data.source_note)
    return await _on_candidate(
        request,
        candidate_id,
        lambda act, seen: correct_candidate(act, candidate_id, entry, reason=data.reason, seen=seen),
    )


@post(
    "/api/candidates/{candidate_id:uuid}/check",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=CHANGES,
)
async def api_check(
    request: AnyRequest, candidate_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[CandidateJson]:
    """Pass the first check (A24, A25); 409 names every condition that stands against it."""
    return await _on_candidate(request, candidate_id, lambda act, seen: pass_first_check(act, candidate_id, seen=seen))


@post(
    "/api/candidates/{candidate_id:uuid}/reject",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=CHANGES,
)
async def api_reject(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[WhyJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Reject an application with a reason that the applicant sees."""
    return await _on_candidate(
        request, candidate_id, lambda act, seen: reject_candidate(act, candidate_id, reason=data.reason, seen=seen)
    )


@post(
    "/api/candidates/{candidate_id:uuid}/withdraw",
    opt={"operation": "candidate:check"},
    tags=["candidates"],
    status_code=200,
    responses=CHANGES,
)
async def api_withdraw(
    request: AnyRequest,
    candidate_id: FromPath[UUID],
    data: JSONBody[WhyJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CandidateJson]:
    """Enter that an applicant no longer wants to come."""
    return await _on_candidate(
        request, candidate_id, lambda act, seen: withdraw_candidate(act, candidate_id, reason=data.reason, seen=seen)
    )


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
    """Return what was found about conduct or health; every look is noted with its reason."""
    ((finding, words),) = [
        (one.finding, one.words) for one in await look(request, candidate_id, [data.item], reason=data.reason)
    ]
    return EvidenceJson(
        finding.item.value,
        finding.outcome.value,
        finding.attester.value,
        finding.attested_on,
        finding.until_on,
        finding.flagged,
        words,
    )


async def _on_candidate(request: AnyRequest, candidate_id: UUID, act: Acting) -> Response[CandidateJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _candidate(setting, candidate_id, status=200)

    return await perform(request, "candidate:check", do, subject=str(candidate_id))


async def _candidate(act: Act, candidate_id: UUID, *, status: int) -> Response[CandidateJson]:
    await act.session.flush()
    act.session.expire_all()
    return _response(await load_candidate(act.session, act.viewer, candidate_id, on=act.on), status=status)


def _response(view: CandidateView, *, status: int = 200) -> Response[CandidateJson]:
    return with_version(candidate_json(view), f"/api/candidates/{view.line.id}", view.version, status)


ROUTES = [
    api_candidates,
    api_receive,
    api_candidate,
    api_findings,
    api_correct,
    api_check,
    api_reject,
    api_withdraw,
    api_evidence,
]
