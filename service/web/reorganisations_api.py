"""Mergers and divisions of organisations, and the records page by page, as JSON."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.duplicates import Duplicate, merge_duplicate
from service.actions.organisations import take_rename_back
from service.actions.reorganisation import Reorganisation, reorganise, take_reorganisation_back
from service.actions.settlement import Settlement, settle_left
from service.storage.expert_page import load_expert
from service.storage.history import History, history_of
from service.storage.organisations import load_organisation
from service.storage.reorganisation import heirs_of
from service.storage.session import reading
from service.storage.unit_succession import left_at
from service.web.entry import guard, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.organisations_api import OrganisationJson, acted_on

AnyRequest = Request[Any, Any, Any]
Day = Annotated[date, Meta(description="China Standard Time", examples=["2026-03-01"])]
Reason = Annotated[str, Meta(max_length=500, examples=["机构改革，职能整体划转"])]
Before = Annotated[
    int | None, QueryParameter(name="before", ge=1, le=2**53, description="`before` of the page that was read last")
]


@dataclass(frozen=True, slots=True)
class AllotmentJson:
    """Whose work goes on at another successor than the first."""

    employment_id: UUID
    successor_id: UUID


@dataclass(frozen=True, slots=True)
class CarriedOnJson:
    """Which account or open matter another successor than the first carries on."""

    id: Annotated[UUID, Meta(description="the account or the matter")]
    successor_id: UUID


@dataclass(frozen=True, slots=True)
class ReorganisationJson:
    """What became of an organisation from a day on: one successor is a merger, several are a division."""

    successors: Annotated[
        list[UUID],
        Meta(max_length=12, description="the first takes what is left; of a dissolved one who carries on its matters"),
    ]
    on: Day
    source: Annotated[str, Meta(max_length=200, description="number of the document", examples=["昌编〔2026〕3号"])]
    reason: Reason
    goes_on: Annotated[bool, Meta(description="it only parted with something and goes on itself")] = False
    dissolved: Annotated[bool, Meta(description="nobody took its place; work there ends")] = False
    allotted: Annotated[list[AllotmentJson], Meta(max_length=5_000)] = field(default_factory=list)
    carried_on: Annotated[list[CarriedOnJson], Meta(max_length=5_000)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LeftJson:
    """What an ended unit still has, and who may carry it on, the first one first."""

    accounts: list[UUID]
    matters: list[UUID]
    files: Annotated[bool, Meta(description="whether there are matters that nobody in its place can read")]
    successors: list[UUID]


@dataclass(frozen=True, slots=True)
class SettlementJson:
    """Who carries on what an ended unit still has."""

    reason: Reason
    successor: Annotated[
        UUID | None, Meta(description="who takes what is not in `carried_on`; null for the first in its place")
    ] = None
    carried_on: Annotated[list[CarriedOnJson], Meta(max_length=5_000)] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DuplicateJson:
    """Another row of the same organisation, which goes into this one."""

    other_id: UUID
    other_version: Annotated[int, Meta(description="of the other one, as it was seen")]
    reason: Reason


@dataclass(frozen=True, slots=True)
class UndoJson:
    """Why it was a mistake."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class HistoryLineJson:
    """One event of a record; `entry` is its place in the ledger."""

    entry: int
    type: Annotated[str, Meta(examples=["organisation.merged"])]
    at: datetime
    who: str
    role: str
    cites: list[str]
    body: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryJson:
    """A page of a record, newest first; `before` asks for the next page, null on the last."""

    lines: list[HistoryLineJson]
    before: int | None


@post(
    "/api/organisations/{organisation_id:uuid}/reorganise",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_reorganise(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[ReorganisationJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Record a merger, division or dissolution; people, accounts and open matters go on at the successors."""

    async def do(act: Act, seen: int) -> None:
        entry = Reorganisation(
            successors=tuple(data.successors),
            from_on=data.on,
            goes_on=data.goes_on,
            dissolved=data.dissolved,
            allotted={one.employment_id: one.successor_id for one in data.allotted}
            | {one.id: one.successor_id for one in data.carried_on},
            source=data.source,
            reason=data.reason,
        )
        await reorganise(act, organisation_id, entry, seen=seen)

    return await acted_on(request, organisation_id, do)


@post(
    "/api/organisations/{organisation_id:uuid}/reorganisations/{reorganisation_id:uuid}/undo",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_undo(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    reorganisation_id: FromPath[UUID],
    data: JSONBody[UndoJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Take a merger or division back that was entered by mistake; 409 when something it moved was changed since."""

    async def do(act: Act, seen: int) -> None:
        await take_reorganisation_back(act, reorganisation_id, reason=data.reason, seen=seen)

    return await acted_on(request, organisation_id, do)


@post(
    "/api/organisations/{organisation_id:uuid}/duplicates",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_duplicate(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[DuplicateJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Let another row of the same organisation go into this one, over its whole time; taken back like a merger."""

    async def do(act: Act, seen: int) -> None:
        entry = Duplicate(data.other_id, data.other_version, data.reason)
        await merge_duplicate(act, organisation_id, entry, seen=seen)

    return await acted_on(request, organisation_id, do)


@get(
    "/api/organisations/{organisation_id:uuid}/left",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    responses=problems(401, 403, 404),
)
async def api_left(request: AnyRequest, organisation_id: FromPath[UUID]) -> LeftJson:
    """Return what an ended unit still has; nothing for one that goes on."""
    guard(request, "organisation:change")
    app, viewer = request.app.state, viewer_of(request)
    async with reading(app.database) as session:
        await load_organisation(session, viewer, organisation_id, on=app.clock.today())
        left = await left_at(session, viewer, organisation_id)
        heirs = await heirs_of(session, organisation_id)
    accounts, matters = [one.id for one in left.accounts], [one.id for one in left.matters]
    return LeftJson(accounts, matters, left.files, [heir for heir, _ in heirs])


@post(
    "/api/organisations/{organisation_id:uuid}/settle",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_settle(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[SettlementJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Let those in the place of an ended unit carry on what it still has; taken back like a merger."""

    async def do(act: Act, seen: int) -> None:
        allotted = {one.id: one.successor_id for one in data.carried_on}
        await settle_left(act, organisation_id, Settlement(data.reason, data.successor, allotted), seen=seen)

    return await acted_on(request, organisation_id, do)


@post(
    "/api/organisations/{organisation_id:uuid}/rename/undo",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(401, 403, 404, 409, 412, 422, 428),
)
async def api_undo_rename(
    request: AnyRequest, organisation_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[OrganisationJson]:
    """Take the last rename back that was entered by mistake."""

    async def do(act: Act, seen: int) -> None:
        await take_rename_back(act, organisation_id, seen=seen)

    return await acted_on(request, organisation_id, do)


@get(
    "/api/organisations/{organisation_id:uuid}/history",
    opt={"operation": "organisation:see"},
    tags=["organisations"],
    responses=problems(400, 401, 403, 404),
)
async def api_organisation_history(
    request: AnyRequest, organisation_id: FromPath[UUID], before: Before = None
) -> HistoryJson:
    """Return a page of an organisation's record."""
    app = request.app.state
    async with reading(app.database) as session:
        await load_organisation(session, viewer_of(request), organisation_id, on=app.clock.today())
        return _history(await history_of(session, f"organisation:{organisation_id}", before=before))


@get(
    "/api/experts/{expert_id:uuid}/history",
    opt={"operation": "expert:list"},
    tags=["experts"],
    responses=problems(400, 401, 403, 404),
)
async def api_expert_history(request: AnyRequest, expert_id: FromPath[UUID], before: Before = None) -> HistoryJson:
    """Return a page of an expert's record."""
    guard(request, "expert:list")
    app = request.app.state
    async with reading(app.database) as session:
        await load_expert(session, viewer_of(request), expert_id, on=app.clock.today())
        return _history(await history_of(session, f"expert:{expert_id}", before=before))


def _history(history: History) -> HistoryJson:
    return HistoryJson(
        [
            HistoryLineJson(
                line.entry, line.type, line.at, line.who, line.role, list(line.cites), dict(line.body), line.reason
            )
            for line in history.lines
        ],
        history.before,
    )


ROUTES = [
    api_reorganise,
    api_undo,
    api_duplicate,
    api_left,
    api_settle,
    api_undo_rename,
    api_organisation_history,
    api_expert_history,
]
