"""The panel of a matter as JSON: read and compose it, lock, propose, change, determine, send back."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.access import require
from service.actions.act import Act
from service.actions.assembly import Standing
from service.actions.panel_modes import approve_designation, choose_mode
from service.actions.panels import (
    change_proposal,
    check_list,
    determine_panel,
    lock_expert,
    propose_panel,
    return_proposal,
    unlock_expert,
)
from service.problems import Fault, Invalid
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.pages import says
from service.web.panel_desk import Desk, choose, is_suitable, proposed_members, read_desk, seated
from workflow import FLAGS, Need, Seat, find_faults

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]


@dataclass(frozen=True, slots=True)
class ReasonJson:
    """Why somebody stands where they stand."""

    code: str
    cite: str
    says: str


@dataclass(frozen=True, slots=True)
class SuitabilityJson:
    """Whether one expert could sit; never why, that may be private."""

    expert: UUID
    suitable: bool
    on: Annotated[date, Meta(description="the day judged: today")]
    says: Annotated[str, Meta(examples=["不适合本事项"])]


@dataclass(frozen=True, slots=True)
class StandingJson:
    """An expert and how they stand to the panel."""

    id: UUID
    number: str
    name: str
    employer: str
    zone: Annotated[str, Meta(description="free, warned or blocked", examples=["free"])]
    role: Annotated[str, Meta(description="member, reserve or out", examples=["member"])]
    seat: str | None
    service: int
    fit: int
    reasons: list[ReasonJson]
    why: ReasonJson | None
    locked: str | None


@dataclass(frozen=True, slots=True)
class PanelJson:
    """The panel of a matter: what is proposed or determined, what the engine composes, and everyone's reasons."""

    matter_id: UUID
    version: int
    state: str
    floor: int
    size: int
    mode: Annotated[str, Meta(description="how it comes about: open, composed, designated or drawn", examples=["open"])]
    by_hand: Annotated[bool, Meta(description="whether it was named by hand, or changed by the center's hand in part")]
    seconded: Annotated[bool, Meta(description="whether a second person of the center has seen it")]
    status: Annotated[str, Meta(description="of the composition", examples=["optimal"])]
    members: list[StandingJson]
    reserves: list[StandingJson]
    others: list[StandingJson]
    result: Annotated[dict[str, Any], Meta(description="panel-result/1")]
    problem_sha256: str


@dataclass(frozen=True, slots=True)
class Proposing:
    """A proposal: the experts, or none for the composed panel."""

    members: list[UUID] = field(default_factory=list)
    smaller_reason: Annotated[Reason, Meta(description="the unit's reason for a panel below the floor (A31)")] = ""
    paper: Annotated[str, Meta(max_length=200, description="the unit's letter, when the center enters it")] = ""
    designation: Annotated[Reason, Meta(description="for a list made by hand, why these people")] = ""


@dataclass(frozen=True, slots=True)
class ModeJson:
    """How the panel comes about, and why it is not the way of the local policy."""

    mode: Annotated[str, Meta(description="open, composed, designated or drawn", examples=["composed"])]
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class ChangeJson:
    """One change of the center: who leaves, who comes, why."""

    leaves: UUID
    comes: UUID
    reason: Reason


@dataclass(frozen=True, slots=True)
class Changing:
    """The center's changes of the proposed panel."""

    changes: Annotated[list[ChangeJson], Meta(min_length=1, max_length=1000)]


@dataclass(frozen=True, slots=True)
class Determining:
    """The determination, with what is confirmed in the same act."""

    flags: Annotated[
        list[str] | None, Meta(description="wide, disputed, complex, sensitive; null leaves them as confirmed")
    ] = None
    flags_reason: Reason = ""
    smaller_reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Returning:
    """Why the proposal goes back."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class LockJson:
    """Keep in or out, and why."""

    locked: Annotated[str, Meta(description="in or out", examples=["out"])]
    reason: Reason


@dataclass(frozen=True, slots=True)
class SeatJson:
    """Seats for one field."""

    field: Annotated[str, Meta(max_length=16, examples=["570"])]
    count: Annotated[int, Meta(ge=1, le=1000)] = 1


@dataclass(frozen=True, slots=True)
class Trying:
    """A list to check, or a need to try; nothing is recorded."""

    members: Annotated[list[UUID], Meta(max_length=1000)] = field(default_factory=list)
    size: Annotated[int | None, Meta(description="another size than the matter's")] = None
    seats: Annotated[list[SeatJson] | None, Meta(description="other seats than the matter's")] = None
    reserves: Annotated[int | None, Meta(description="another number of reserves")] = None


@dataclass(frozen=True, slots=True)
class MatterVersion:
    """Where the matter stands after an act."""

    matter_id: UUID
    version: int
    state: str


@get(
    "/api/matters/{matter_id:uuid}/panel",
    opt={"operation": "panel:see"},
    tags=["panels"],
    responses=problems(401, 403, 404),
)
async def api_panel(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[PanelJson]:
    """Return the panel of a matter and what the engine composes as of today, with a reason for every expert."""
    desk = await read_desk(request, matter_id)
    mode = desk.state.mode or policy_of(request).panel_mode
    return Response(_panel(desk, mode), headers={"ETag": f'"{desk.state.version}"'})


@post(
    "/api/matters/{matter_id:uuid}/panel/try",
    opt={"operation": "panel:compose"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_try(request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Trying]) -> dict[str, Any]:
    """Compose for another need (panel-result/1), or check a list of experts (panel-check/1); nothing is recorded."""
    desk = await read_desk(request, matter_id)
    require(viewer_of(request), "panel:compose", desk.relations)
    if data.members:
        check = await asyncio.to_thread(check_list, desk.problem, data.members, seed=str(matter_id))
        return check.to_json()
    held = desk.state.need or Need(size=desk.problem.floor)
    need = Need(
        size=held.size if data.size is None else data.size,
        seats=held.seats if data.seats is None else tuple(Seat(seat.field, seat.count) for seat in data.seats),
        quotas=held.quotas,
        reserves=held.reserves if data.reserves is None else data.reserves,
    )
    if faults := find_faults(need):
        raise Invalid([Fault(fault.at, fault.code, fault.facts) for fault in faults])
    return _result(await read_desk(request, matter_id, need=need))


@post(
    "/api/matters/{matter_id:uuid}/panel/propose",
    opt={"operation": "panel:propose"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_propose(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Proposing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Propose a panel for the undertaking unit (A32.1): the composed one, or the experts that are named."""
    seen = await version_of(request)
    members = tuple(data.members)
    if not members:
        desk = await read_desk(request, matter_id)
        members = tuple(standing.id for standing in desk.assembly.members)
        if not members:
            raise Invalid([Fault("/members", "PANEL_EMPTY")])
    chosen = await choose(request, matter_id, members)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await propose_panel(
            act,
            request.app.state.residents,
            matter_id,
            chosen,
            seen=seen,
            smaller_reason=data.smaller_reason,
            paper=data.paper,
            designation=data.designation,
        )
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:propose", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/panel/mode",
    opt={"operation": "panel:choose-mode"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_mode(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ModeJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Lay down for the center how the panel of this matter comes about; the regulation leaves it open (A32.1)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await choose_mode(act, matter_id, data.mode, reason=data.reason, seen=seen)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:choose-mode", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/panel/approve",
    opt={"operation": "panel:approve"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_approve(
    request: AnyRequest, matter_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[MatterVersion]:
    """Second a list made by hand for the center; neither who proposed it nor who determines it."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await approve_designation(act, matter_id, seen=seen)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:approve", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/panel/change",
    opt={"operation": "panel:change"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_change(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Changing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Change the unit's proposal for the center; each person who leaves and comes has a reason (A32.1)."""
    seen = await version_of(request)
    comes = {change.leaves: change.comes for change in data.changes}
    members = tuple(comes.get(member, member) for member in await proposed_members(request, matter_id))
    chosen = await choose(request, matter_id, members)
    reasons = [(change.leaves, change.comes, change.reason) for change in data.changes]

    async def do(act: Act) -> Response[MatterVersion]:
        state = await change_proposal(act, request.app.state.residents, matter_id, chosen, seen=seen, reasons=reasons)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:change", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/panel/determine",
    opt={"operation": "panel:determine"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_determine(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Determining],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Determine the proposed panel for the center (A31, A32.1); never by the person who proposed it."""
    seen = await version_of(request)
    if data.flags is not None and set(data.flags) - set(FLAGS):
        raise Invalid([Fault("/flags", "FIELD_NOT_A_CHOICE")])
    chosen = await choose(request, matter_id, await proposed_members(request, matter_id))

    async def do(act: Act) -> Response[MatterVersion]:
        state = await determine_panel(
            act,
            request.app.state.residents,
            matter_id,
            chosen,
            seen=seen,
            flags=None if data.flags is None else frozenset(data.flags),
            flags_reason=data.flags_reason,
            smaller_reason=data.smaller_reason,
        )
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:determine", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/panel/return",
    opt={"operation": "panel:change"},
    tags=["panels"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_return(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Returning],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Send the proposal back to the unit."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        state = await return_proposal(act, matter_id, seen=seen, reason=data.reason)
        return _version(matter_id, state.version, state.status)

    return await perform(request, "panel:change", do, subject=str(matter_id))


@put(
    "/api/matters/{matter_id:uuid}/panel/locks/{expert_id:uuid}",
    opt={"operation": "panel:lock"},
    tags=["panels"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 409, 422),
)
async def api_lock(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[LockJson],
    key: IdempotencyKey = "",
) -> Response[None]:
    """Keep an expert in or out by hand, over every later composition."""

    async def do(act: Act) -> Response[None]:
        await lock_expert(act, matter_id, expert_id, locked=data.locked, reason=data.reason)
        return Response(None, status_code=204)

    return await perform(request, "panel:lock", do, subject=str(matter_id))


@delete(
    "/api/matters/{matter_id:uuid}/panel/locks/{expert_id:uuid}",
    opt={"operation": "panel:lock"},
    tags=["panels"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_unlock(
    request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[None]:
    """Lift a lock."""

    async def do(act: Act) -> Response[None]:
        await unlock_expert(act, matter_id, expert_id)
        return Response(None, status_code=204)

    return await perform(request, "panel:lock", do, subject=str(matter_id))


def _version(matter_id: UUID, version: int, state: str) -> Response[MatterVersion]:
    return Response(MatterVersion(matter_id, version, state), headers={"ETag": f'"{version}"'})


def _panel(desk: Desk, mode: str) -> PanelJson:
    members = desk.assembly.members if desk.panel is None else seated(desk, desk.panel)
    shown = {standing.id for standing in members}
    return PanelJson(
        matter_id=desk.matter.id,
        version=desk.state.version,
        state=desk.state.status,
        floor=desk.problem.floor,
        size=desk.problem.request.size,
        mode=mode,
        by_hand=desk.state.proposal is not None and desk.state.proposal.by_hand,
        seconded=desk.state.proposal is not None and bool(desk.state.proposal.approved_by),
        status=desk.assembly.result.status,
        members=[_standing(standing) for standing in members],
        reserves=[_standing(standing) for standing in desk.assembly.reserves],
        others=[
            _standing(standing)
            for standing in desk.assembly.standings
            if standing.id not in shown and standing.role != "reserve"
        ],
        result=_result(desk),
        problem_sha256=desk.problem_sha256,
    )


def _result(desk: Desk) -> dict[str, Any]:
    """Return `panel-result/1`; a unit does not learn what excludes whom."""
    result = desk.assembly.result.to_json()
    if not desk.private:
        result["rules"] = [rule for rule in result.get("rules", ()) if not rule["at"].startswith("/excluded")]
    return result


def _standing(standing: Standing) -> StandingJson:
    return StandingJson(
        id=standing.id,
        number=standing.entry.number,
        name=standing.entry.name,
        employer=standing.employer,
        zone=standing.zone,
        role=standing.role,
        seat=standing.seat,
        service=standing.service,
        fit=standing.fit.points,
        reasons=[ReasonJson(one.code, one.cite, says(one.code, one.facts)) for one in standing.reasons],
        why=None
        if standing.why is None
        else ReasonJson(standing.why.code, standing.why.cite, says(standing.why.code, standing.why.facts)),
        locked=None if standing.lock is None else standing.lock.locked,
    )


@get(
    "/api/matters/{matter_id:uuid}/suitability/{expert_id:uuid}",
    opt={"operation": "panel:see"},
    tags=["panels"],
    responses=problems(401, 403, 404),
)
async def api_suitability(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> SuitabilityJson:
    """Say whether one expert could sit on the panel today: yes or no and never why; kept nowhere, told to nobody."""
    suitable = await is_suitable(request, matter_id, expert_id)
    return SuitabilityJson(
        expert_id, suitable, request.app.state.clock.today(), says("SUITABLE" if suitable else "NOT_SUITABLE", {})
    )


ROUTES = [
    api_panel,
    api_suitability,
    api_try,
    api_mode,
    api_propose,
    api_approve,
    api_change,
    api_determine,
    api_return,
    api_lock,
    api_unlock,
]
