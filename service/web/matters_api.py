"""Matters as JSON: list, open, read, need, flags, parties, stopping and going on, history."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.matters import (
    PARTIES_MOST,
    REASON_MOST,
    TITLE_MOST,
    Opening,
    PartyEntry,
    cancel_matter,
    change_parties,
    confirm_flags,
    open_matter,
    reopen_panel,
    resume_matter,
    set_need,
    suspend_matter,
)
from service.problems import Fault, Invalid
from service.storage.matter_rows import state_of
from service.storage.matters import (
    PER_PAGE,
    STATES,
    HistoryLine,
    MatterLine,
    MatterView,
    history_of,
    list_matters,
    load_matter,
)
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from workflow import MatterState, Need, Quota, Seat, steps_of

AnyRequest = Request[Any, Any, Any]
_ACT = (400, 401, 403, 404, 409, 412, 422, 428)
Flag = Annotated[str, Meta(description="wide, disputed, complex or sensitive (A31)", examples=["wide"])]
Reason = Annotated[
    str, Meta(max_length=REASON_MOST, description="why, in words", examples=["资金来源发生变化，暂缓办理"])
]


@dataclass(frozen=True, slots=True)
class SeatRow:
    """Seats for experts of one field."""

    field: Annotated[str, Meta(max_length=16, description="code of the field", examples=["570"])]
    count: Annotated[int, Meta(ge=1, le=1000)] = 1


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Between min and max members whose attribute has the value."""

    attribute: Annotated[str, Meta(max_length=40, examples=["region"])]
    value: Annotated[str, Meta(max_length=80, examples=["outside"])]
    min: Annotated[int, Meta(ge=0, le=1000)] = 0
    max: Annotated[int, Meta(ge=0, le=1000)] | None = None


@dataclass(frozen=True, slots=True)
class NeedJson:
    """What the panel must be."""

    size: Annotated[int, Meta(ge=1, le=1000, description="members", examples=[9])]
    seats: Annotated[list[SeatRow], Meta(max_length=1000)] = field(default_factory=list)
    quotas: Annotated[list[QuotaRow], Meta(max_length=100)] = field(default_factory=list)
    reserves: Annotated[int, Meta(ge=0, le=1000)] = 0


@dataclass(frozen=True, slots=True)
class PartyJson:
    """An organisation or a person whose interests are at stake; one of the two ids."""

    organisation_id: UUID | None = None
    person_id: UUID | None = None
    role: Annotated[str, Meta(description="party, beneficiary, drafter or assessor", examples=["party"])] = "party"


@dataclass(frozen=True, slots=True)
class OpeningJson:
    """What opens a matter; its need may come later."""

    title: Annotated[str, Meta(max_length=TITLE_MOST, examples=["饮马河综合治理工程"])]
    unit_id: Annotated[UUID, Meta(description="the undertaking unit; a unit's clerk opens for the own unit only")]
    kind: Annotated[str, Meta(description="item of A3: A3.1 to A3.5", examples=["A3.4"])]
    kind_reason: Annotated[Reason, Meta(description="for A3.5, why the matter is major")] = ""
    scope: Annotated[str, Meta(description="in-scope, emergency, internal, secret or department")] = "in-scope"
    parties: Annotated[list[PartyJson], Meta(max_length=PARTIES_MOST)] = field(default_factory=list)
    adjusts: bool = False
    parent_id: UUID | None = None
    copied_from: Annotated[UUID | None, Meta(description="a matter whose need and flags are taken over")] = None
    need: NeedJson | None = None
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NeedChange:
    """The need and the flags that the unit sees."""

    need: NeedJson
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FlagsJson:
    """The center's flags, with a reason where they differ from the unit's."""

    flags: list[Flag]
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class PartiesJson:
    """All parties, those that stay included."""

    parties: Annotated[list[PartyJson], Meta(max_length=PARTIES_MOST)]


@dataclass(frozen=True, slots=True)
class ReasonJson:
    """Why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class MatterSummary:
    """A matter in the list."""

    id: UUID
    number: Annotated[str, Meta(examples=["2026-014"])]
    title: str
    unit_id: UUID
    unit: str
    state: Annotated[str, Meta(description="opened, need-set, proposed, determined, suspended or cancelled")]
    step: str
    flags: list[str]
    flags_confirmed: bool
    size: int | None
    opened_on: date
    determined_on: date | None
    recorded: Annotated[bool, Meta(description="entered afterwards, from before the regulation")]


@dataclass(frozen=True, slots=True)
class MatterPage:
    """One page of matters, newest first, with counts by state over all pages and states."""

    matters: list[MatterSummary]
    total: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class StepJson:
    """A step of the matter's life: done, now, later or stopped."""

    step: str
    status: str
    cites: list[str]


@dataclass(frozen=True, slots=True)
class PartyShown:
    """A party with its name."""

    id: UUID
    kind: Annotated[str, Meta(description="organisation or person")]
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MatterJson:
    """One matter; its version is the ETag that acts on it must send back in If-Match."""

    id: UUID
    number: str
    title: str
    kind: str
    unit_id: UUID
    unit: str
    state: str
    steps: list[StepJson]
    flags_proposed: list[str]
    flags_confirmed: list[str] | None
    need: NeedJson | None
    parties: list[PartyShown]
    parent_id: UUID | None
    opened_on: date
    closed_on: date | None
    edition: str
    version: int


@dataclass(frozen=True, slots=True)
class HistoryJson:
    """One event of a matter's life."""

    seq: int
    type: Annotated[str, Meta(examples=["need.set"])]
    at: datetime
    who: str
    role: str
    step: str
    cites: list[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the new matter is."""

    id: UUID
    href: str


@get(
    "/api/matters",
    opt={"operation": "matter:list"},
    tags=["matters"],
    responses=problems(400, 401, 403),
)
async def api_list(
    request: AnyRequest,
    words: Annotated[str, QueryParameter(name="q", max_length=100, description="title, pinyin or number")] = "",
    states: Annotated[str, QueryParameter(name="state", max_length=100, description="states, parted by commas")] = "",
    unit_id: Annotated[UUID | None, QueryParameter(name="unit")] = None,
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> MatterPage:
    """List the matters that the viewer may see, 50 on a page."""
    wanted = tuple(state for state in states.split(",") if state)
    if set(wanted) - set(STATES):
        raise Invalid([Fault("state", "FIELD_NOT_A_CHOICE")])
    async with reading(request.app.state.database) as session:
        listed = await list_matters(
            session,
            viewer_of(request),
            words=words,
            states=wanted,
            unit_id=unit_id,
            page=number,
            per_page=PER_PAGE,
        )
    return MatterPage([_summary(line) for line in listed.lines], listed.total, dict(listed.counts))


@post(
    "/api/matters",
    opt={"operation": "matter:open"},
    tags=["matters"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_open(request: AnyRequest, data: JSONBody[OpeningJson], key: IdempotencyKey = "") -> Response[Opened]:
    """Open a matter (A2, A3, A72), with its need when one is sent or copied."""

    async def do(act: Act) -> Response[Opened]:
        matter_id = await open_matter(act, _opening(data))
        href = f"/api/matters/{matter_id}"
        return Response(Opened(matter_id, href), status_code=201, headers={"Location": href})

    return await perform(request, "matter:open", do)


@get(
    "/api/matters/{matter_id:uuid}",
    opt={"operation": "matter:see"},
    tags=["matters"],
    responses=problems(401, 403, 404),
)
async def api_matter(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[MatterJson]:
    """Return a matter; its ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        matter = await load_matter(session, viewer_of(request), matter_id)
        state = await state_of(session, matter_id)
    return Response(_matter(matter, state), headers={"ETag": f'"{matter.version}"'})


@get(
    "/api/matters/{matter_id:uuid}/history",
    opt={"operation": "matter:see"},
    tags=["matters"],
    responses=problems(401, 403, 404),
)
async def api_history(request: AnyRequest, matter_id: FromPath[UUID]) -> list[HistoryJson]:
    """Return the life of a matter, newest first."""
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer_of(request), matter_id)
        history = await history_of(session, matter_id)
    return [_history(line) for line in history]


@put(
    "/api/matters/{matter_id:uuid}/need",
    opt={"operation": "matter:set-need"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_need(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[NeedChange],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Say what the panel must be and which flags the unit sees (A31); an open proposal falls."""
    need, flags = _need(data.need), frozenset(data.flags)
    return await _act(
        request, matter_id, "matter:set-need", lambda act, seen: set_need(act, matter_id, need, flags, seen=seen)
    )


@put(
    "/api/matters/{matter_id:uuid}/flags",
    opt={"operation": "matter:confirm-flags"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_flags(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[FlagsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Confirm the flags for the center (A31)."""
    flags = frozenset(data.flags)
    return await _act(
        request,
        matter_id,
        "matter:confirm-flags",
        lambda act, seen: confirm_flags(act, matter_id, flags, reason=data.reason, seen=seen),
    )


@put(
    "/api/matters/{matter_id:uuid}/parties",
    opt={"operation": "matter:set-need"},
    tags=["matters"],
    responses=problems(*_ACT),
)
async def api_parties(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[PartiesJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Say anew whose interests are at stake (A28.4, A30)."""
    parties = _parties(data.parties)
    return await _act(
        request, matter_id, "matter:set-need", lambda act, seen: change_parties(act, matter_id, parties, seen=seen)
    )


@post(
    "/api/matters/{matter_id:uuid}/cancel",
    opt={"operation": "matter:cancel"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_cancel(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """End a matter without a decision; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:cancel", cancel_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/suspend",
    opt={"operation": "matter:suspend"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_suspend(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Let a matter rest; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:suspend", suspend_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/resume",
    opt={"operation": "matter:suspend"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_resume(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Go on with a resting matter; everyone concerned is told."""
    return await _stop(request, matter_id, "matter:suspend", resume_matter, data)


@post(
    "/api/matters/{matter_id:uuid}/reopen",
    opt={"operation": "panel:determine"},
    tags=["matters"],
    status_code=200,
    responses=problems(*_ACT),
)
async def api_reopen(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[ReasonJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterJson]:
    """Set a determined panel aside, so that the unit proposes anew (A32.1); everyone concerned is told."""
    return await _stop(request, matter_id, "panel:determine", reopen_panel, data)


async def _stop(
    request: AnyRequest,
    matter_id: UUID,
    operation: str,
    action: Callable[..., Awaitable[MatterState]],
    data: ReasonJson,
) -> Response[MatterJson]:
    return await _act(
        request, matter_id, operation, lambda act, seen: action(act, matter_id, reason=data.reason, seen=seen)
    )


async def _act(
    request: AnyRequest, matter_id: UUID, operation: str, action: Callable[[Act, int], Awaitable[MatterState]]
) -> Response[MatterJson]:
    """Do one act on a matter that was seen, and answer with the matter as it is then."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterJson]:
        state = await action(act, seen)
        matter = await load_matter(act.session, act.viewer, matter_id)
        return Response(_matter(matter, state), headers={"ETag": f'"{matter.version}"'})

    return await perform(request, operation, do, subject=str(matter_id))


def _opening(data: OpeningJson) -> Opening:
    return Opening(
        title=data.title,
        unit_id=data.unit_id,
        kind=data.kind,
        kind_reason=data.kind_reason,
        scope=data.scope,
        parties=_parties(data.parties),
        adjusts=data.adjusts,
        parent_id=data.parent_id,
        copied_from=data.copied_from,
        need=None if data.need is None else _need(data.need),
        flags=frozenset(data.flags),
    )


def _need(data: NeedJson) -> Need:
    return Need(
        size=data.size,
        seats=tuple(Seat(seat.field, seat.count) for seat in data.seats),
        quotas=tuple(Quota(quota.attribute, quota.value, quota.min, quota.max) for quota in data.quotas),
        reserves=data.reserves,
    )


def _parties(data: list[PartyJson]) -> tuple[PartyEntry, ...]:
    return tuple(PartyEntry(party.organisation_id, party.person_id, party.role) for party in data)


def _summary(line: MatterLine) -> MatterSummary:
    return MatterSummary(
        id=line.id,
        number=line.number,
        title=line.title,
        unit_id=line.unit_id,
        unit=line.unit_name,
        state=line.state,
        step=line.step,
        flags=list(line.flags),
        flags_confirmed=line.flags_confirmed,
        size=line.size,
        opened_on=line.opened_on,
        determined_on=line.determined_on,
        recorded=line.recorded,
    )


def _matter(matter: MatterView, state: MatterState) -> MatterJson:
    need = matter.need
    return MatterJson(
        id=matter.id,
        number=matter.number,
        title=matter.title,
        kind=state.kind,
        unit_id=matter.unit_id,
        unit=matter.unit_name,
        state=matter.state,
        steps=[StepJson(one.step.id, one.status, list(one.step.cites)) for one in steps_of(state)],
        flags_proposed=list(matter.flags_proposed),
        flags_confirmed=None if matter.flags_confirmed is None else list(matter.flags_confirmed),
        need=None
        if need is None
        else NeedJson(
            size=need.size,
            seats=[SeatRow(seat.field, seat.count) for seat in need.seats],
            quotas=[QuotaRow(quota.attribute, quota.value, quota.min, quota.max) for quota in need.quotas],
            reserves=need.reserves,
        ),
        parties=[PartyShown(party.id, party.kind, party.name, party.role) for party in matter.parties],
        parent_id=None if state.parent_id is None else UUID(state.parent_id),
        opened_on=matter.opened_on,
        closed_on=matter.closed_on,
        edition=matter.edition,
        version=matter.version,
    )


def _history(line: HistoryLine) -> HistoryJson:
    return HistoryJson(
        seq=line.seq,
        type=line.type,
        at=line.at,
        who=line.who,
        role=line.role,
        step=line.step,
        cites=list(line.cites),
        reason=line.reason,
    )


ROUTES = [
    api_list,
    api_open,
    api_matter,
    api_history,
    api_need,
    api_flags,
    api_parties,
    api_cancel,
    api_suspend,
    api_resume,
    api_reopen,
]
