"""Another term for experts as JSON: whose terms end, the tests answered, the expert's word."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.renewals import RenewalAnswer, WishEntry, answer_renewals, contest_assessment, say_wish
from service.storage.expert_page import load_expert
from service.storage.renewals import WishView, assessments_of, due_for_renewal, hold_assessment, wishes_of
from service.storage.session import Session, reading
from service.web.answers import CHANGES
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.experts_api import RecordJson
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Words = Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class WishingJson:
    """Whether one would like another term; who does confirms the data that are kept. No right to one follows."""

    willing: Annotated[bool, Meta(examples=[True])]
    confirmed: Annotated[bool, Meta(description="data are right, or a change is asked; A25 is still met")] = False
    statement: Words = ""


@dataclass(frozen=True, slots=True)
class WishJson:
    """Whether an expert would like another term after the last one."""

    willing: bool
    statement: str
    said_on: date

    @classmethod
    def of(cls, wish: WishView | None) -> "WishJson | None":
        """Return a wish as JSON, null where nothing was said."""
        return None if wish is None else cls(wish.willing, wish.statement, wish.said_on)


@dataclass(frozen=True, slots=True)
class OwnWishJson:
    """What was said, null before."""

    wish: WishJson | None


@dataclass(frozen=True, slots=True)
class DueJson:
    """An expert whose term ends; `gap` is days without a term, `wish` null where the expert said nothing.

    `events` and `record` are of the last term.
    """

    id: UUID
    number: str
    name: str
    ends_on: date
    events: int
    record: RecordJson
    gap: int
    wish: WishJson | None


@dataclass(frozen=True, slots=True)
class AnswerJson:
    """The three tests about one expert."""

    expert_id: UUID
    qualified: bool
    needed: bool
    eligible: bool
    reason: Words = ""


@dataclass(frozen=True, slots=True)
class AnsweringJson:
    """The three tests about several experts."""

    answers: Annotated[list[AnswerJson], Meta(max_length=200)]
    common_reason: Words = ""
    align_on: date | None = None


@dataclass(frozen=True, slots=True)
class AnsweredJson:
    """The list of who passed; null when nobody did."""

    batch_id: UUID | None


@dataclass(frozen=True, slots=True)
class ContestJson:
    """What an expert says against an assessment."""

    contest: Words


@dataclass(frozen=True, slots=True)
class AssessmentJson:
    """The center's answers about an expert, and the expert's word."""

    id: UUID
    term_ends_on: date
    events: int
    qualified: bool
    needed: bool | None
    eligible: bool | None
    reason: str
    contested: str
    contested_on: date | None
    answered_on: date
    version: int


@get("/api/renewals", opt={"operation": "renewal:see"}, tags=["renewals"], responses=problems(401, 403))
async def api_due(request: AnyRequest) -> list[DueJson]:
    """Return experts whose last term ends within half a year or ended within one, soonest first."""
    app = request.app.state
    async with reading(app.database) as session:
        lines = await due_for_renewal(
            session, viewer_of(request), on=app.clock.today(), days=policy_of(request).library.renewal_days
        )
    return [
        DueJson(
            one.id,
            one.number,
            one.name,
            one.ends_on,
            one.events,
            RecordJson.of(one.record),
            one.gap,
            WishJson.of(one.wish),
        )
        for one in lines
    ]


@post(
    "/api/renewals",
    opt={"operation": "renewal:answer"},
    tags=["renewals"],
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_answer(
    request: AnyRequest, data: JSONBody[AnsweringJson], key: IdempotencyKey = ""
) -> Response[AnsweredJson]:
    """Answer the three tests (A24); who passes comes onto one list for the county government."""

    async def do(act: Act) -> Response[Any]:
        answers = [
            RenewalAnswer(one.expert_id, one.qualified, one.needed, one.eligible, one.reason) for one in data.answers
        ]
        batch_id = await answer_renewals(act, answers, common_reason=data.common_reason, align_on=data.align_on)
        return Response(AnsweredJson(batch_id), status_code=201)

    return await perform(request, "renewal:answer", do)


@get(
    "/api/experts/{expert_id:uuid}/renewal-wish",
    opt={"operation": "expert:see"},
    tags=["renewals"],
    responses=problems(401, 403, 404),
)
async def api_wish(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[OwnWishJson]:
    """Return whether an expert would like another term; ETag is the version of the expert."""
    async with reading(request.app.state.database) as session:
        return await _wish(request, session, expert_id)


@put(
    "/api/experts/{expert_id:uuid}/renewal-wish",
    opt={"operation": "renewal:wish"},
    tags=["renewals"],
    responses=CHANGES,
)
async def api_say_wish(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[WishingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OwnWishJson]:
    """Say whether one would like another term, from the first reminder on (A24, A25.6)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        entry = WishEntry(data.willing, data.confirmed, data.statement)
        await say_wish(act, expert_id, entry, seen=seen)
        act.session.expire_all()
        return await _wish(request, act.session, expert_id)

    return await perform(request, "renewal:wish", do, subject=str(expert_id))


async def _wish(request: AnyRequest, session: Session, expert_id: UUID) -> Response[OwnWishJson]:
    expert = await load_expert(session, viewer_of(request), expert_id, on=request.app.state.clock.today())
    wish = (await wishes_of(session, [expert_id])).get(expert_id)
    return Response(OwnWishJson(WishJson.of(wish)), headers={"ETag": f'"{expert.version}"'})


@post(
    "/api/assessments/{assessment_id:uuid}/contest",
    opt={"operation": "assessment:contest"},
    tags=["renewals"],
    status_code=200,
    responses=CHANGES,
)
async def api_contest(
    request: AnyRequest,
    assessment_id: FromPath[UUID],
    data: JSONBody[ContestJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[AssessmentJson]:
    """Say something against one's own assessment."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await contest_assessment(act, assessment_id, text=data.contest, seen=seen)
        held = await hold_assessment(act.session, assessment_id)
        (view,) = [one for one in await assessments_of(act.session, held.expert_id) if one.id == assessment_id]
        body = AssessmentJson(
            view.id,
            view.term_ends_on,
            view.events,
            view.qualified,
            view.needed,
            view.eligible,
            view.reason,
            view.contested,
            view.contested_on,
            view.answered_on,
            view.version,
        )
        return Response(body, headers={"ETag": f'"{view.version}"'})

    return await perform(request, "assessment:contest", do, subject=str(assessment_id))


ROUTES = [api_due, api_answer, api_wish, api_say_wish, api_contest]
