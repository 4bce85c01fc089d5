"""Ties as JSON: read them, state, end and withdraw one; who may not judge a matter (conflict-findings/1)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from conflicts import Confidence, Fact, Kind, Origin, Relation, Stance, findings_json
from service.actions.act import Act
from service.actions.conflict_checks import check_meeting, policy_on
from service.actions.evaluators import check_evaluator
from service.actions.facts import FactEntry, end_fact, state_fact, withdraw_fact
from service.problems import Fault, Invalid, NotFound
from service.storage.facts import Node, facts_of, matter_of, standing_fact, subject_organisation, subject_person
from service.storage.judgements import decided_about
from service.storage.matters import load_matter
from service.storage.policies import policy_in_force
from service.storage.session import Session, reading
from service.storage.staff_bars import barred_matters
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Share = Annotated[list[int], Meta(min_length=2, max_length=2, description="part and whole, shareholdings only")]


@dataclass(frozen=True, slots=True)
class TieJson:
    """One tie; ids only, names are asked for where they belong."""

    id: Annotated[str, Meta(description="of the tie; with a slash where it stands in the library itself")]
    kind: Annotated[str, Meta(examples=["employment"])]
    subject: UUID
    object: UUID
    from_on: date | None
    to_on: date | None
    origin: Annotated[str, Meta(examples=["declared"])]
    source: str
    confidence: Annotated[str, Meta(examples=["sure"])]
    share: list[int] | None
    relation: str | None
    stance: str | None
    version: Annotated[int | None, Meta(description="for If-Match; null for what is changed in the library itself")]


@dataclass(frozen=True, slots=True)
class Stating:
    """A tie to state. Which end is the subject depends on the kind: see the format conflict-facts/1."""

    subject: UUID
    kind: Kind
    object: UUID
    from_on: date | None = None
    to_on: Annotated[date | None, Meta(description="last day, inclusive; null means still")] = None
    origin: Origin = Origin.OBSERVED
    source: Annotated[str, Meta(max_length=200)] = ""
    confidence: Confidence = Confidence.SURE
    share: Share | None = None
    relation: Relation | None = None
    stance: Stance | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """The last day of a tie, inclusive."""

    to_on: date


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """Why a tie is wrong."""

    reason: Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class MeetingDay:
    """The day of the meeting."""

    on: Annotated[date, Meta(examples=["2026-09-21"])]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A person or a body that is to evaluate."""

    candidate: Annotated[UUID, Meta(description="of the person or the organisation")]


@dataclass(frozen=True, slots=True)
class ObstacleJson:
    """What stands against a choice; `hard` is what nobody can accept."""

    code: Annotated[str, Meta(examples=["NOT_INDEPENDENT"])]
    cite: Annotated[str, Meta(examples=["A64p1"])]
    hard: bool
    part: Annotated[str, Meta(description="assessor, drafter, adviser or panel; empty for other interests")]
    found: str
    disclosed: Annotated[bool, Meta(description="only to be known; asks no reason")]


@dataclass(frozen=True, slots=True)
class EvaluatorJson:
    """Whether the choice is open."""

    answer: Annotated[str, Meta(description="yes, with-reason or no", examples=["with-reason"])]
    obstacles: list[ObstacleJson]


@dataclass(frozen=True, slots=True)
class FactVersionJson:
    """A tie and its version, for If-Match."""

    id: UUID
    version: int


@get(
    "/api/experts/{expert_id:uuid}/ties",
    opt={"operation": "fact:see"},
    tags=["ties"],
    responses=problems(401, 403, 404),
)
async def api_expert_ties(request: AnyRequest, expert_id: FromPath[UUID]) -> list[TieJson]:
    """Return the ties of an expert: those stated, and the employments of the library."""
    async with reading(request.app.state.database) as session:
        return await _ties(request, session, await subject_person(session, expert_id))


@get(
    "/api/organisations/{organisation_id:uuid}/ties",
    opt={"operation": "fact:see"},
    tags=["ties"],
    responses=problems(401, 403, 404),
)
async def api_organisation_ties(request: AnyRequest, organisation_id: FromPath[UUID]) -> list[TieJson]:
    """Return the ties of an organisation: those stated, its superior units, and who works there."""
    async with reading(request.app.state.database) as session:
        return await _ties(request, session, await subject_organisation(session, organisation_id))


@get(
    "/api/facts/{fact_id:uuid}",
    opt={"operation": "fact:see"},
    tags=["ties"],
    responses=problems(401, 403, 404),
)
async def api_fact(request: AnyRequest, fact_id: FromPath[UUID]) -> Response[TieJson]:
    """Return the standing version of a tie."""
    async with reading(request.app.state.database) as session:
        stored = await standing_fact(session, fact_id)
        if stored.fact.object in await barred_matters(session, viewer_of(request)):
            raise NotFound(subject="fact")
    return Response(_json(stored.fact, stored.version), headers={"ETag": f'"{stored.version}"'})


@post(
    "/api/facts",
    opt={"operation": "fact:state"},
    tags=["ties"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_state(
    request: AnyRequest, data: JSONBody[Stating], key: IdempotencyKey = ""
) -> Response[FactVersionJson]:
    """State a tie; the conflict checks count with it at once."""
    entry = FactEntry(
        subject_id=data.subject,
        kind=data.kind,
        object_id=data.object,
        from_on=data.from_on,
        to_on=data.to_on,
        origin=data.origin,
        source=data.source,
        confidence=data.confidence,
        share=None if data.share is None else (data.share[0], data.share[1]),
        relation=data.relation,
        stance=data.stance,
    )

    async def do(act: Act) -> Response[FactVersionJson]:
        fact_id = await state_fact(act, entry)
        return Response(FactVersionJson(fact_id, 1), status_code=201, headers={"Location": f"/api/facts/{fact_id}"})

    return await perform(request, "fact:state", do)


@post(
    "/api/facts/{fact_id:uuid}/end",
    opt={"operation": "fact:state"},
    tags=["ties"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_end(
    request: AnyRequest,
    fact_id: FromPath[UUID],
    data: JSONBody[Ending],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FactVersionJson]:
    """Say that a tie ended on a day, or correct that day; the version before stays in the record."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[FactVersionJson]:
        await end_fact(act, fact_id, to_on=data.to_on, seen=seen)
        return Response(FactVersionJson(fact_id, seen + 1), status_code=200)

    return await perform(request, "fact:state", do, subject=str(fact_id))


@post(
    "/api/facts/{fact_id:uuid}/withdraw",
    opt={"operation": "fact:state"},
    tags=["ties"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_withdraw(
    request: AnyRequest,
    fact_id: FromPath[UUID],
    data: JSONBody[Withdrawing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FactVersionJson]:
    """Withdraw a tie as wrong; what was judged with it stays as it was."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[FactVersionJson]:
        await withdraw_fact(act, fact_id, reason=data.reason, seen=seen)
        return Response(FactVersionJson(fact_id, seen), status_code=200)

    return await perform(request, "fact:state", do, subject=str(fact_id))


@get(
    "/api/matters/{matter_id:uuid}/conflicts",
    opt={"operation": "conflict:see"},
    tags=["ties"],
    responses=problems(400, 401, 403, 404),
)
async def api_conflicts(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    on: Annotated[date | None, QueryParameter(name="on", description="the day judged; today when left out")] = None,
    known_at: Annotated[
        datetime | None,
        QueryParameter(name="known_at", description="judge with what was known at this instant, with its UTC offset"),
    ] = None,
) -> dict[str, Any]:
    """Return who may not judge a matter, why and until when, as conflict-findings/1; nobody is told."""
    if known_at is not None and known_at.tzinfo is None:
        raise Invalid([Fault("known_at", "INSTANT_NAIVE")])
    day = on or request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer_of(request), matter_id)
        shipped = request.app.state.settings.policy
        policy = (await policy_in_force(session, shipped, on=day, known_at=known_at)).table
        graph = (await request.app.state.residents.current(session)).ties.graph
        decided = await decided_about(session, matter_id, known_at=known_at)
        findings = graph.check(
            await matter_of(session, matter_id, known_at=known_at),
            policy=policy,
            as_of=day,
            known_at=known_at,
            judgements=decided.judgements,
        )
    return findings_json(findings, policy_version=policy.version, as_of=day, known_at=known_at)


@post(
    "/api/matters/{matter_id:uuid}/conflicts/meeting",
    opt={"operation": "conflict:judge"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_meeting_check(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[MeetingDay], key: IdempotencyKey = ""
) -> Response[dict[str, Any]]:
    """Check the members of the panel as of the day of the meeting, and keep the check; nobody is told."""
    app = request.app.state

    async def do(act: Act) -> Response[dict[str, Any]]:
        findings = await check_meeting(act, app.residents, matter_id, on=data.on)
        policy = await policy_on(act, data.on)
        found = findings_json(findings, policy_version=policy.id, as_of=data.on, known_at=None)
        return Response(found, status_code=201)

    return await perform(request, "conflict:judge", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/evaluators/check",
    opt={"operation": "conflict:judge"},
    tags=["conflicts"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_evaluator_check(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Evaluator], key: IdempotencyKey = ""
) -> Response[EvaluatorJson]:
    """Check a person or a body before it is chosen to evaluate the decision (A54p2, A64p1); nobody is told."""
    app = request.app.state

    async def do(act: Act) -> Response[EvaluatorJson]:
        found = await check_evaluator(act, app.residents, matter_id, data.candidate)
        obstacles = [
            ObstacleJson(one.code, one.cite, one.hard, one.part, one.found, one.disclosed) for one in found.obstacles
        ]
        return Response(EvaluatorJson(found.answer, obstacles), status_code=201)

    return await perform(request, "conflict:judge", do, subject=str(matter_id))


async def _ties(request: AnyRequest, session: Session, node: Node) -> list[TieJson]:
    versions = {one.fact.id: one.version for one in await facts_of(session, node.id)}
    graph = (await request.app.state.residents.current(session)).ties.graph
    hidden = await barred_matters(session, viewer_of(request))
    facts = [fact for fact in graph.ties_of(str(node.id)) if hidden.isdisjoint((fact.subject, fact.object))]
    return [_json(fact, versions.get(fact.id)) for fact in facts]


def _json(fact: Fact, version: int | None) -> TieJson:
    return TieJson(
        id=fact.id,
        kind=fact.kind.value,
        subject=UUID(fact.subject),
        object=UUID(fact.object),
        from_on=fact.from_on,
        to_on=fact.to_on,
        origin=fact.origin.value,
        source=fact.source,
        confidence=fact.confidence.value,
        share=None if fact.share is None else list(fact.share),
        relation=None if fact.relation is None else fact.relation.value,
        stance=None if fact.stance is None else fact.stance.value,
        version=version,
    )


ROUTES: list[Any] = [
    api_expert_ties,
    api_organisation_ties,
    api_fact,
    api_state,
    api_end,
    api_withdraw,
    api_conflicts,
    api_meeting_check,
    api_evaluator_check,
]
