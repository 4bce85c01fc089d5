"""Judging findings as JSON: what was decided, deciding, settling, taking back; the inbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from conflicts import basis_of, finding_json
from service.actions.act import Act
from service.actions.judging import Subject, ask_waiver, dismiss, lift, note_inbox, recuse, settle_waiver
from service.problems import Fault, Invalid
from service.storage.conflict_inbox import InboxLine, inbox_of
from service.storage.judgements import FALSE_ALARM, REAL, VERDICTS, StoredJudgement, judgements_of
from service.storage.matters import load_matter
from service.storage.session import reading
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class JudgementJson:
    """One decision about a finding, or a recusal."""

    id: UUID
    matter: UUID
    person: UUID
    row: Annotated[str, Meta(description="policy row; empty for a recusal that rests on no finding")]
    found: Annotated[str, Meta(examples=["FORMER_EMPLOYER"])]
    policy: str
    basis: Annotated[str, Meta(description="SHA-256 over the ties as they stood; another basis is another finding")]
    path: list[dict[str, Any]]
    as_of: date
    verdict: Annotated[str, Meta(examples=["false-alarm"])]
    state: Annotated[str, Meta(description="asked, standing, refused or lifted")]
    reason: str
    publication: str
    at: datetime
    settled_at: datetime | None
    settled_reason: str
    ended_at: datetime | None
    ended_reason: str
    version: Annotated[int, Meta(description="for If-Match")]


@dataclass(frozen=True, slots=True)
class Judging:
    """A decision: `real` (the person is recused), `false-alarm`, or `waiver` (asked for; another person settles it)."""

    verdict: str
    row: str = ""
    basis: Annotated[str, Meta(max_length=64, description="as the inbox gave it; empty without a finding")] = ""
    reason: Annotated[str, Meta(max_length=500)] = ""
    publication: Annotated[str, Meta(max_length=500, description="published with a waiver; no private facts")] = ""


@dataclass(frozen=True, slots=True)
class Settling:
    """The second person's words."""

    reason: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class JudgementId:
    """The decision."""

    id: UUID


@dataclass(frozen=True, slots=True)
class InboxLineJson:
    """A finding to look at: `finding` as in conflict-findings/1, `basis` for the decision about it."""

    expert: UUID
    role: Annotated[str, Meta(description="member, reserve, or empty outside the panel")]
    since: datetime
    new: bool
    recused: bool
    basis: str
    policy: Annotated[str, Meta(description="version judged by")]
    finding: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InboxMatterJson:
    """An open matter; `counts` says how many experts have which outcome in all."""

    matter: UUID
    state: str
    counts: dict[str, int]
    lines: list[InboxLineJson]


@get("/api/conflicts", opt={"operation": "conflict:see"}, tags=["conflicts"], responses=problems(401, 403))
async def api_inbox(request: AnyRequest) -> list[InboxMatterJson]:
    """Return what is to be judged in the open matters, and what is new since the viewer last looked."""
    app = request.app.state
    policy = policy_of(request)
    async with reading(app.database) as session:
        matters = await inbox_of(
            session, viewer_of(request), app.residents, app.open_findings, policy=policy, day=app.clock.today()
        )
    return [
        InboxMatterJson(
            one.matter.id,
            one.matter.state,
            {outcome.value: count for outcome, count in one.counts.items()},
            [_line(line) for line in one.lines],
        )
        for one in matters
    ]


@post(
    "/api/conflicts/seen",
    opt={"operation": "conflict:judge"},
    tags=["conflicts"],
    status_code=204,
    responses=nothing(400, 401, 403, 422),
)
async def api_seen(request: AnyRequest, key: IdempotencyKey = "") -> Response[None]:
    """Note that the inbox was looked through: what comes later is new."""

    async def do(act: Act) -> Response[None]:
        await note_inbox(act)
        return Response(None, status_code=204)

    return await perform(request, "conflict:judge", do)


@get(
    "/api/matters/{matter_id:uuid}/judgements",
    opt={"operation": "conflict:see"},
    tags=["conflicts"],
    responses=problems(401, 403, 404),
)
async def api_judgements(request: AnyRequest, matter_id: FromPath[UUID]) -> list[JudgementJson]:
    """Return every decision about conflicts in a matter, the newest first, those taken back included."""
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer_of(request), matter_id)
        return [_json(one) for one in await judgements_of(session, matter_id)]


@post(
    "/api/matters/{matter_id:uuid}/conflicts/{person_id:uuid}/judgements",
    opt={"operation": "conflict:judge"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_judge(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    person_id: FromPath[UUID],
    data: JSONBody[Judging],
    key: IdempotencyKey = "",
) -> Response[JudgementId]:
    """Decide about one finding. A finding that changed since it was read is refused: look again."""

    async def do(act: Act) -> Response[JudgementId]:
        residents = request.app.state.residents
        subject = Subject(matter_id, person_id, data.row, data.basis)
        if data.verdict not in VERDICTS:
            raise Invalid([Fault("verdict", "FIELD_NOT_A_CHOICE")])
        if data.verdict == REAL:
            judgement = await recuse(act, residents, subject, reason=data.reason)
        elif data.verdict == FALSE_ALARM:
            judgement = await dismiss(act, residents, subject, reason=data.reason)
        else:
            judgement = await ask_waiver(act, residents, subject, reason=data.reason, publication=data.publication)
        return Response(JudgementId(judgement), status_code=201)

    return await perform(request, "conflict:judge", do, subject=str(person_id))


@post(
    "/api/judgements/{judgement_id:uuid}/approve",
    opt={"operation": "conflict:approve"},
    tags=["conflicts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_approve(
    request: AnyRequest,
    judgement_id: FromPath[UUID],
    data: JSONBody[Settling],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[JudgementId]:
    """Approve a waiver that another person asked for."""

    async def settling(act: Act, seen: int) -> StoredJudgement:
        return await settle_waiver(act, judgement_id, approved=True, reason=data.reason, seen=seen)

    return await _changed(request, judgement_id, "conflict:approve", settling)


@post(
    "/api/judgements/{judgement_id:uuid}/refuse",
    opt={"operation": "conflict:approve"},
    tags=["conflicts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_refuse(
    request: AnyRequest,
    judgement_id: FromPath[UUID],
    data: JSONBody[Settling],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[JudgementId]:
    """Refuse a waiver, with a reason."""

    async def settling(act: Act, seen: int) -> StoredJudgement:
        return await settle_waiver(act, judgement_id, approved=False, reason=data.reason, seen=seen)

    return await _changed(request, judgement_id, "conflict:approve", settling)


@post(
    "/api/judgements/{judgement_id:uuid}/lift",
    opt={"operation": "conflict:judge"},
    tags=["conflicts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_lift(
    request: AnyRequest,
    judgement_id: FromPath[UUID],
    data: JSONBody[Settling],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[JudgementId]:
    """Take a decision back, with a reason; a recusal takes another person than the one who recorded it."""

    async def lifting(act: Act, seen: int) -> StoredJudgement:
        return await lift(act, judgement_id, reason=data.reason, seen=seen)

    return await _changed(request, judgement_id, "conflict:judge", lifting)


async def _changed(
    request: AnyRequest,
    judgement_id: UUID,
    operation: str,
    change: Callable[[Act, int], Awaitable[StoredJudgement]],
) -> Response[JudgementId]:
    seen = await version_of(request)

    async def do(act: Act) -> Response[JudgementId]:
        await change(act, seen)
        return Response(JudgementId(judgement_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, operation, do, subject=str(judgement_id))


def _line(line: InboxLine) -> InboxLineJson:
    return InboxLineJson(
        line.expert.id,
        line.role,
        line.since,
        line.new,
        line.recused,
        basis_of(line.finding),
        line.finding.policy_version,
        finding_json(line.finding),
    )


def _json(one: StoredJudgement) -> JudgementJson:
    return JudgementJson(
        id=one.id,
        matter=one.matter_id,
        person=one.person_id,
        row=one.policy_row,
        found=one.code,
        policy=one.policy,
        basis=one.basis,
        path=[dict(tie) for tie in one.ties],
        as_of=one.as_of,
        verdict=one.verdict,
        state=one.state,
        reason=one.reason,
        publication=one.publication,
        at=one.at,
        settled_at=one.settled_at,
        settled_reason=one.settled_reason,
        ended_at=one.ended_at,
        ended_reason=one.ended_reason,
        version=one.version,
    )


ROUTES: list[Any] = [api_inbox, api_seen, api_judgements, api_judge, api_approve, api_refuse, api_lift]
