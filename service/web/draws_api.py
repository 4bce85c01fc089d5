"""Draws by lot as JSON: what the pages do, and what anybody may see."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from selection.draw import Source
from service.actions.act import Act
from service.actions.draw_commit import Committing, commit_draw
from service.actions.draw_freezing import discard_draft, freeze_draw
from service.actions.draw_seed import start_seed_again, type_seed
from service.actions.draw_succession import continue_draw
from service.actions.draw_voiding import challenge_draw, uphold_draw, void_draw
from service.actions.panels import propose_panel
from service.storage.draws import StoredDraw, draws_of
from service.web.draw_acts import commitment_from, drawn_from, succession_from, typed_from
from service.web.draw_desk import read_draw_desk
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.panel_api import MatterVersion

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]


@dataclass(frozen=True, slots=True)
class SourceJson:
    """Where a seed will come from: any line of text, numbers by RFC 3797, or a round of a drand beacon."""

    name: Annotated[str, Meta(max_length=200, examples=["dice before witnesses"])]
    kind: Annotated[str, Meta(description="text, rfc3797 or drand", examples=["text"])] = "text"
    chain: Annotated[str, Meta(max_length=64, description="of a drand source: hash of its chain")] | None = None
    round: Annotated[int, Meta(description="of a drand source: number of the round")] | None = None


@dataclass(frozen=True, slots=True)
class CommittingJson:
    """What is fixed with the frozen problem before the seed is known."""

    sources: Annotated[list[SourceJson], Meta(min_length=1, max_length=20)]
    reveal_on: Annotated[date, Meta(description="first day on which the seed may be typed")]
    witnesses: Annotated[list[Annotated[str, Meta(max_length=100)]], Meta(min_length=1, max_length=20)]
    title_public: Annotated[bool, Meta(description="whether the public page says what the matter is")] = False


@dataclass(frozen=True, slots=True)
class SeedJson:
    """What the sources showed, one text each, in the order of the commitment."""

    values: Annotated[list[Annotated[str, Meta(max_length=10_000)]], Meta(max_length=20, examples=[["4 1 6"]])]
    signatures: Annotated[
        list[Annotated[str, Meta(max_length=2_000)]],
        Meta(max_length=20, description="of drand rounds, in the places of their sources"),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DecliningJson:
    """Who does not sit, and why; where the members were asked already, until when who joins answers the invitation."""

    expert: UUID
    cause: Annotated[
        str,
        Meta(
            description="declined-objective, declined, recused, released, late, left-library or ineligible",
            examples=["declined-objective"],
        ),
    ]
    reason: Reason
    respond_by: date | None = None


@dataclass(frozen=True, slots=True)
class ChallengingJson:
    """Why a draw should be voided."""

    cause: Annotated[
        str,
        Meta(
            description="source-failed, seed-mistyped, data-wrong, need-changed or ceremony-broken",
            examples=["data-wrong"],
        ),
    ]
    reason: Reason


@dataclass(frozen=True, slots=True)
class UpholdingJson:
    """Why a draw stands."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class ProposingDrawn:
    """The drawn panel as the unit's proposal."""

    smaller_reason: Annotated[Reason, Meta(description="the unit's reason for a panel below the floor (A31)")] = ""
    paper: Annotated[str, Meta(max_length=200, description="the unit's letter, when the center enters it")] = ""


@dataclass(frozen=True, slots=True)
class DrawJson:
    """A draw, for those who may see its matter."""

    id: UUID
    round: int
    number: int
    state: Annotated[str, Meta(description="committed, made or voided", examples=["made"])]
    commitment_sha256: str
    problem_sha256: str
    record_sha256: str
    as_of: date
    reveal_on: date
    committed_at: datetime | None
    made_at: datetime | None
    voided_at: datetime | None
    cause: str
    challenged: bool
    waits_for_second: Annotated[bool, Meta(description="one person has typed the seed, another must")]
    members: Annotated[list[UUID], Meta(description="experts of the panel as it stands")]
    declined: list[UUID]


@dataclass(frozen=True, slots=True)
class DrawsJson:
    """The draws of a matter, and the draft that could be committed."""

    matter_id: UUID
    version: int
    draft: Annotated[str, Meta(description="none, computing, ready, impossible or stopped", examples=["ready"])]
    sealed: Annotated[bool, Meta(description="a signed checkpoint covers the commitment that stands")]
    draws: list[DrawJson]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """The job that computes."""

    job_id: UUID


_ACT = problems(400, 401, 403, 404, 409, 412, 422, 428)


@get("/api/matters/{matter_id:uuid}/draws", opt={"operation": "draw:see"}, tags=["draws"], responses=problems(401, 404))
async def api_draws(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[DrawsJson]:
    """Return every draw of a matter, the voided ones too, and where the draft stands."""
    desk = await read_draw_desk(request, matter_id)
    found = DrawsJson(
        matter_id=matter_id,
        version=desk.state.version,
        draft=desk.draft.state if desk.draft else "none",
        sealed=desk.sealed,
        draws=[_draw(draw) for draw in desk.draws],
    )
    return Response(found, headers={"ETag": f'"{desk.state.version}"'})


@post(
    "/api/matters/{matter_id:uuid}/draw/freeze",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=202,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_freeze(request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[JobStarted]:
    """Freeze the problem of a matter and have its lottery computed; nothing is promised before it is committed."""

    async def do(act: Act) -> Response[JobStarted]:
        return Response(JobStarted(await freeze_draw(act, matter_id)), status_code=202)

    return await perform(request, "draw:run", do, subject=str(matter_id))


@delete(
    "/api/matters/{matter_id:uuid}/draw/draft",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_discard(request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[None]:
    """Forget a draft that was not committed."""

    async def do(act: Act) -> Response[None]:
        await discard_draft(act, matter_id)
        return Response(None, status_code=204)

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/commit",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_commit(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[CommittingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DrawJson]:
    """Commit the frozen problem with its lottery: the hash that is returned is public from now on."""
    seen = await version_of(request)
    entered = Committing(
        tuple(Source(one.name, one.kind, one.chain, one.round) for one in data.sources),  # type: ignore[arg-type]
        data.reveal_on,
        tuple(one.strip() for one in data.witnesses if one.strip()),
        data.title_public,
    )
    built = await commitment_from(request, matter_id, entered)

    async def do(act: Act) -> Response[DrawJson]:
        return Response(_draw(await commit_draw(act, request.app.state.residents, matter_id, built, seen=seen)))

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/seed",
    opt={"operation": "draw:type-seed"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_seed(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[SeedJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DrawJson]:
    """Type what the sources showed; when a second person types the same, the draw is made."""
    seen = await version_of(request)
    typed = await typed_from(request, matter_id, data.values, data.signatures)

    async def do(act: Act) -> Response[DrawJson]:
        await type_seed(act, request.app.state.residents, matter_id, typed, seen=seen)
        return Response(_draw((await draws_of(act.session, matter_id))[-1]))

    return await perform(request, "draw:type-seed", do, subject=str(matter_id))


@delete(
    "/api/matters/{matter_id:uuid}/draw/seed",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_seed_again(request: AnyRequest, matter_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[None]:
    """Forget what the first person typed, so that both type it anew."""

    async def do(act: Act) -> Response[None]:
        await start_seed_again(act, matter_id)
        return Response(None, status_code=204)

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/propose",
    opt={"operation": "panel:propose"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_propose_drawn(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ProposingDrawn],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Propose the drawn panel for the undertaking unit, as it was drawn (A32.1)."""
    seen = await version_of(request)
    chosen = await drawn_from(request, matter_id)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await propose_panel(
            act,
            request.app.state.residents,
            matter_id,
            chosen,
            seen=seen,
            smaller_reason=data.smaller_reason,
            paper=data.paper,
        )
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:propose", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/continue",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_continue(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[DecliningJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DrawJson]:
    """Go on with the same draw where somebody drawn does not sit: who joins follows from commitment and seed."""
    seen = await version_of(request)
    succession = await succession_from(request, matter_id, data.expert)

    async def do(act: Act) -> Response[DrawJson]:
        await continue_draw(
            act,
            request.app.state.residents,
            matter_id,
            succession,
            cause=data.cause,
            reason=data.reason,
            seen=seen,
            respond_by=data.respond_by,
        )
        return Response(_draw((await draws_of(act.session, matter_id))[-1]))

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/challenge",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_challenge(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ChallengingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Ask that the draw be voided, for a cause of the closed list; it rests until another person has decided."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await challenge_draw(act, matter_id, cause=data.cause, reason=data.reason, seen=seen)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/void",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_void(
    request: AnyRequest, matter_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[MatterVersion]:
    """Void a challenged draw as a second person; it keeps its number and stays visible."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await void_draw(act, matter_id, seen=seen)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "draw:run", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/draw/uphold",
    opt={"operation": "draw:run"},
    tags=["draws"],
    status_code=200,
    responses=_ACT,
)
async def api_uphold(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[UpholdingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Let a challenged draw stand."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await uphold_draw(act, matter_id, reason=data.reason, seen=seen)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "draw:run", do, subject=str(matter_id))


def _draw(draw: StoredDraw) -> DrawJson:
    record = draw.record or {"panel": (), "declines": ()}
    return DrawJson(
        id=draw.id,
        round=draw.round,
        number=draw.number,
        state=draw.state,
        commitment_sha256=draw.commitment_sha256,
        problem_sha256=draw.problem_sha256,
        record_sha256=draw.record_sha256,
        as_of=draw.as_of,
        reveal_on=draw.reveal_on,
        committed_at=draw.committed_at,
        made_at=draw.made_at,
        voided_at=draw.voided_at,
        cause=draw.cause,
        challenged=draw.challenged_by is not None and draw.state != "voided",
        waits_for_second=draw.typed_by is not None,
        members=[draw.people[row["id"]] for row in record["panel"]],
        declined=[draw.people[row["id"]] for row in record["declines"]],
    )


def _version(matter_id: UUID, version: int, state: str) -> Response[MatterVersion]:
    return Response(MatterVersion(matter_id, version, state), headers={"ETag": f'"{version}"'})


ROUTES = [
    api_draws,
    api_freeze,
    api_discard,
    api_commit,
    api_seed,
    api_seed_again,
    api_propose_drawn,
    api_continue,
    api_challenge,
    api_void,
    api_uphold,
]
