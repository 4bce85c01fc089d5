"""What may be ground for a case about an expert, as JSON: the same acts as on the pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from registry import Judgement
from service.actions.act import Act
from service.actions.occurrences import (
    ReportEntry,
    contest_occurrence,
    judge_occurrence,
    report,
    review_occurrence,
)
from service.storage.occurrences import OccurrenceView, load_occurrence, occurrences_of, occurrences_waiting
from service.storage.session import reading
from service.web.answers import CHANGES
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
Words = Annotated[str, Meta(max_length=500, examples=["单位来函证明当日执行防汛值守任务"])]


@dataclass(frozen=True, slots=True)
class JudgementJson:
    """Whether it opens a case; of a refusal: whether its reason is not objective (A26.3)."""

    opens: bool
    reason: Words = ""


@dataclass(frozen=True, slots=True)
class OccurrenceContestJson:
    """What the expert says against the judgement."""

    contest: Words


@dataclass(frozen=True, slots=True)
class OccurrenceReviewJson:
    """Whether the judgement stands after the expert's word, and why."""

    stands: bool
    reason: Words


@dataclass(frozen=True, slots=True)
class ReportJson:
    """A report about an expert (A28.3, A28.5); who reported is not kept."""

    happened_on: date
    words: Annotated[str, Meta(max_length=500, examples=["以县专家身份为企业产品代言"])]


@dataclass(frozen=True, slots=True)
class OccurrenceJson:
    """What happened, and what was said of it.

    Attributes:
        kind: refusal, post-change, lost-proof or report.
        state: waiting, passed (no case) or case.
        opened: whether the case was opened for it.
    """

    id: UUID
    expert_id: UUID
    kind: str
    happened_on: date
    refusal: str
    matter_id: UUID | None
    words: str
    state: str
    reason: str
    judged_on: date | None
    case_id: UUID | None
    opened: bool
    contested: str
    contested_on: date | None
    review_reason: str
    reviewed_on: date | None
    version: int


@get("/api/occurrences", opt={"operation": "occurrence:see"}, tags=["cases"], responses=problems(401, 403))
async def api_occurrences(request: AnyRequest) -> list[OccurrenceJson]:
    """Return what waits for the center's judgement, or for another look after the expert's word; oldest first."""
    async with reading(request.app.state.database) as session:
        return [_json(one) for one in await occurrences_waiting(session, viewer_of(request))]


@get(
    "/api/experts/{expert_id:uuid}/occurrences",
    opt={"operation": "occurrence:see"},
    tags=["cases"],
    responses=problems(401, 403, 404),
)
async def api_occurrences_of(request: AnyRequest, expert_id: FromPath[UUID]) -> list[OccurrenceJson]:
    """Return what happened to an expert, newest first."""
    async with reading(request.app.state.database) as session:
        return [_json(one) for one in await occurrences_of(session, viewer_of(request), expert_id)]


@get(
    "/api/occurrences/{occurrence_id:uuid}",
    opt={"operation": "occurrence:see"},
    tags=["cases"],
    responses=problems(401, 403, 404),
)
async def api_occurrence(request: AnyRequest, occurrence_id: FromPath[UUID]) -> Response[OccurrenceJson]:
    """Return one occurrence; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        return _response(await load_occurrence(session, viewer_of(request), occurrence_id))


@post(
    "/api/experts/{expert_id:uuid}/reports",
    opt={"operation": "occurrence:report"},
    tags=["cases"],
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_report(
    request: AnyRequest, expert_id: FromPath[UUID], data: JSONBody[ReportJson], key: IdempotencyKey = ""
) -> Response[OccurrenceJson]:
    """Enter a report that an expert misuses the title or harms the county (A28.3, A28.5)."""

    async def do(act: Act) -> Response[Any]:
        return await _answer(act, await report(act, expert_id, ReportEntry(data.happened_on, data.words)), status=201)

    return await perform(request, "occurrence:report", do, subject=str(expert_id))


@post(
    "/api/occurrences/{occurrence_id:uuid}/judge",
    opt={"operation": "occurrence:judge"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_judge_occurrence(
    request: AnyRequest,
    occurrence_id: FromPath[UUID],
    data: JSONBody[JudgementJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OccurrenceJson]:
    """Say whether it opens a case; nothing dismisses by itself (A26)."""

    async def act(act: Act, seen: int) -> None:
        await judge_occurrence(act, occurrence_id, Judgement(data.opens, data.reason), seen=seen)

    return await _acted(request, occurrence_id, "occurrence:judge", act)


@post(
    "/api/occurrences/{occurrence_id:uuid}/contest",
    opt={"operation": "occurrence:contest"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_contest_occurrence(
    request: AnyRequest,
    occurrence_id: FromPath[UUID],
    data: JSONBody[OccurrenceContestJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OccurrenceJson]:
    """Say something against the judgement, as the expert it is about."""

    async def act(act: Act, seen: int) -> None:
        await contest_occurrence(act, occurrence_id, text=data.contest, seen=seen)

    return await _acted(request, occurrence_id, "occurrence:contest", act)


@post(
    "/api/occurrences/{occurrence_id:uuid}/review",
    opt={"operation": "occurrence:judge"},
    tags=["cases"],
    status_code=200,
    responses=CHANGES,
)
async def api_review_occurrence(
    request: AnyRequest,
    occurrence_id: FromPath[UUID],
    data: JSONBody[OccurrenceReviewJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OccurrenceJson]:
    """Settle what the expert says against the judgement: another person of the center than who judged."""

    async def act(act: Act, seen: int) -> None:
        await review_occurrence(act, occurrence_id, stands=data.stands, reason=data.reason, seen=seen)

    return await _acted(request, occurrence_id, "occurrence:judge", act)


async def _acted(request: AnyRequest, occurrence_id: UUID, operation: str, act: _Acting) -> Response[OccurrenceJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, occurrence_id, status=200)

    return await perform(request, operation, do, subject=str(occurrence_id))


async def _answer(act: Act, occurrence_id: UUID, *, status: int) -> Response[OccurrenceJson]:
    await act.session.flush()
    act.session.expire_all()
    return _response(await load_occurrence(act.session, act.viewer, occurrence_id), status=status)


def _response(view: OccurrenceView, *, status: int = 200) -> Response[OccurrenceJson]:
    headers = {"ETag": f'"{view.version}"'}
    if status == 201:
        headers["Location"] = f"/api/occurrences/{view.id}"
    return Response(_json(view), status_code=status, headers=headers)


def _json(view: OccurrenceView) -> OccurrenceJson:
    return OccurrenceJson(
        id=view.id,
        expert_id=view.expert_id,
        kind=view.kind.value,
        happened_on=view.happened_on,
        refusal=view.refusal.value if view.refusal else "",
        matter_id=view.matter_id,
        words=view.words,
        state=view.state,
        reason=view.reason,
        judged_on=view.judged_on,
        case_id=view.case_id,
        opened=view.opened,
        contested=view.contested,
        contested_on=view.contested_on,
        review_reason=view.review_reason,
        reviewed_on=view.reviewed_on,
        version=view.version,
    )


ROUTES = [
    api_occurrences,
    api_occurrences_of,
    api_occurrence,
    api_report,
    api_judge_occurrence,
    api_contest_occurrence,
    api_review_occurrence,
]
