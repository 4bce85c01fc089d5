"""Assessments during a term as JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.assessments import Judged, assess, settle_contest
from service.storage.assessments import due_for_assessment
from service.storage.expert_page import load_expert
from service.storage.renewals import AssessmentView, assessments_of, hold_assessment
from service.storage.session import reading
from service.web.answers import CHANGES
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.experts_api import RecordJson
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Words = Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class TermAssessmentJson:
    """An assessment; `needed` and `eligible` are null for one during a term, which asks about the work alone."""

    id: UUID
    answered_on: date
    events: int
    qualified: bool
    needed: bool | None
    eligible: bool | None
    reason: str
    record: RecordJson | None
    contested: str
    contested_on: date | None
    settled: Annotated[str, Meta(examples=["upheld"], description="upheld, set-aside or empty")]
    settled_reason: str
    settled_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class DueForAssessmentJson:
    """An expert in office who is due for an assessment."""

    id: UUID
    number: str
    name: str
    ends_on: date
    events: int
    record: RecordJson
    last: TermAssessmentJson | None


@dataclass(frozen=True, slots=True)
class DuePageJson:
    """A page of 50, and how many are due in all."""

    experts: list[DueForAssessmentJson]
    total: int


@dataclass(frozen=True, slots=True)
class JudgedJson:
    """The center's judgement of one expert."""

    expert_id: UUID
    qualified: bool
    reason: Words = ""


@dataclass(frozen=True, slots=True)
class AssessingJson:
    """The judgements; the common reason is for whoever was on too few panels."""

    judged: Annotated[list[JudgedJson], Meta(max_length=200)]
    common_reason: Words = ""


@dataclass(frozen=True, slots=True)
class MadeJson:
    """The assessments, in the order of the judgements."""

    assessments: list[UUID]


@dataclass(frozen=True, slots=True)
class SettlingJson:
    """What becomes of an objection."""

    stands: bool
    reason: Words


@get("/api/assessments", opt={"operation": "assessment:see"}, tags=["renewals"], responses=problems(401, 403))
async def api_due_for_assessment(
    request: AnyRequest, number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1
) -> DuePageJson:
    """Return experts in office who were not assessed for as long as the local policy says."""
    app = request.app.state
    async with reading(app.database) as session:
        due = await due_for_assessment(
            session,
            viewer_of(request),
            on=app.clock.today(),
            months=policy_of(request).library.assessment_months,
            page=number,
        )
    return DuePageJson(
        [
            DueForAssessmentJson(
                one.id, one.number, one.name, one.ends_on, one.events, RecordJson.of(one.record),
                None if one.last is None else _assessment(one.last),
            )
            for one in due.lines
        ],
        due.total,
    )  # fmt: skip


@post(
    "/api/assessments",
    opt={"operation": "assessment:make"},
    tags=["renewals"],
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_assess(
    request: AnyRequest, data: JSONBody[AssessingJson], key: IdempotencyKey = ""
) -> Response[MadeJson]:
    """Assess experts in office (A24); each of them sees it and can contest it."""

    async def do(act: Act) -> Response[Any]:
        judged = [Judged(one.expert_id, one.qualified, one.reason) for one in data.judged]
        made = await assess(act, judged, common_reason=data.common_reason)
        return Response(MadeJson(list(made)), status_code=201)

    return await perform(request, "assessment:make", do)


@post(
    "/api/assessments/{assessment_id:uuid}/settle",
    opt={"operation": "assessment:settle"},
    tags=["renewals"],
    status_code=200,
    responses=CHANGES,
)
async def api_settle(
    request: AnyRequest,
    assessment_id: FromPath[UUID],
    data: JSONBody[SettlingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[TermAssessmentJson]:
    """Settle what an expert says against an assessment during a term; not by whoever made it."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await settle_contest(act, assessment_id, stands=data.stands, reason=data.reason, seen=seen)
        return Response(_assessment(await hold_assessment(act.session, assessment_id)))

    return await perform(request, "assessment:settle", do, subject=str(assessment_id))


@get(
    "/api/experts/{expert_id:uuid}/assessments",
    opt={"operation": "expert:see"},
    tags=["renewals"],
    responses=problems(401, 403, 404),
)
async def api_assessments_of(request: AnyRequest, expert_id: FromPath[UUID]) -> list[TermAssessmentJson]:
    """Return how an expert was assessed, newest first; the expert sees the own ones."""
    app = request.app.state
    async with reading(app.database) as session:
        await load_expert(session, viewer_of(request), expert_id, on=app.clock.today())
        return [_assessment(one) for one in await assessments_of(session, expert_id)]


def _assessment(view: AssessmentView) -> TermAssessmentJson:
    return TermAssessmentJson(
        view.id, view.answered_on, view.events, view.qualified, view.needed, view.eligible, view.reason,
        None if view.record is None else RecordJson.of(view.record),
        view.contested, view.contested_on, view.settled, view.settled_reason, view.settled_on, view.version,
    )  # fmt: skip


ROUTES = [api_due_for_assessment, api_assess, api_settle, api_assessments_of]
