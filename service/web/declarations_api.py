"""Declarations as JSON: one's own, those that the center records, decides about and settles."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from conflicts import Kind, Relation
from service.actions.act import Act
from service.actions.declarations import (
    TieEntry,
    decide_declared,
    declare_for_matter,
    declare_tie,
    declare_year,
    end_own_tie,
    record_oral,
    record_years,
    set_tie_aside,
    settle_tie,
)
from service.storage.declarations import (
    Declaration,
    declarations_in,
    declarations_of,
    open_declared_ties,
    yearly_lines,
)
from service.storage.matters import load_matter
from service.storage.session import reading
from service.web.entry import perform, policy_of, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class DeclarationJson:
    """One declaration."""

    id: UUID
    person: UUID
    occasion: Annotated[str, Meta(description="yearly, matter or oral")]
    matter: UUID | None
    answer: Annotated[str, Meta(description="complete, none, interest or recuse")]
    text: str
    way: Annotated[str, Meta(description="self, paper or oral")]
    made_on: date
    at: datetime
    decision: Annotated[str, Meta(description="empty, pending, recused or sits")]
    decided_reason: str
    version: Annotated[int, Meta(description="for If-Match")]


@dataclass(frozen=True, slots=True)
class YearlyJson:
    """Where an expert stands with the yearly declaration."""

    expert: UUID
    made_on: date | None
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class DeclaredTieJson:
    """A tie declared by a name that waits to be settled."""

    id: UUID
    person: UUID
    kind: str
    forward: Annotated[bool, Meta(description="whether the person is its subject")]
    other: str
    from_on: date | None
    to_on: date | None
    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class DeclaringTie:
    """A tie of one's own; a name that is not certain waits to be settled by the center."""

    kind: Kind
    other: Annotated[str, Meta(max_length=120, description="name or credit code")]
    forward: Annotated[bool, Meta(description="whether the declaring person is its subject")] = True
    from_on: date | None = None
    to_on: date | None = None
    relation: Relation | None = None
    share: Annotated[list[int], Meta(min_length=2, max_length=2)] | None = None


@dataclass(frozen=True, slots=True)
class EndingOwn:
    """The last day of a tie of one's own, inclusive."""

    to_on: date


@dataclass(frozen=True, slots=True)
class Answering:
    """A declaration for a matter: none, interest or recuse."""

    answer: str
    text: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class SayingAloud:
    """What a member said aloud."""

    expert: UUID
    answer: str
    text: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class OnPaper:
    """Yearly declarations that came on paper and say nothing new."""

    experts: list[UUID]
    made_on: date


@dataclass(frozen=True, slots=True)
class Entered:
    """How many were entered; who declared on that day or later was passed over."""

    entered: int


@dataclass(frozen=True, slots=True)
class Deciding:
    """The center's decision about a declared interest."""

    sits: bool
    reason: Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class SettlingTie:
    """Whom a declared name means; null enters a person of that name who is not in the library."""

    other: UUID | None


@dataclass(frozen=True, slots=True)
class SettingAside:
    """Why a declared tie is set aside."""

    reason: Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class DeclaredId:
    """What was written."""

    id: UUID


@get(
    "/api/declarations/mine", opt={"operation": "declaration:make"}, tags=["declarations"], responses=problems(401, 403)
)
async def api_own(request: AnyRequest) -> list[DeclarationJson]:
    """Return my declarations, the newest first."""
    async with reading(request.app.state.database) as session:
        return [_json(one) for one in await declarations_of(session, viewer_of(request).person_id)]


@post(
    "/api/declarations/mine",
    opt={"operation": "declaration:make"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 422),
)
async def api_year(request: AnyRequest, key: IdempotencyKey = "") -> Response[DeclaredId]:
    """Declare for the year: the ties on record are all that I know of."""

    async def do(act: Act) -> Response[DeclaredId]:
        return Response(DeclaredId(await declare_year(act)), status_code=201)

    return await perform(request, "declaration:make", do)


@post(
    "/api/declarations/mine/ties",
    opt={"operation": "declaration:make"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 422),
)
async def api_tie(request: AnyRequest, data: JSONBody[DeclaringTie], key: IdempotencyKey = "") -> Response[DeclaredId]:
    """Declare a tie of my own; the id is of the tie, or of what waits to be settled."""
    share = None if data.share is None else (data.share[0], data.share[1])
    entry = TieEntry(data.kind, data.forward, data.other, data.from_on, data.to_on, data.relation, share)

    async def do(act: Act) -> Response[DeclaredId]:
        return Response(DeclaredId(await declare_tie(act, entry)), status_code=201)

    return await perform(request, "declaration:make", do)


@post(
    "/api/declarations/mine/ties/{fact_id:uuid}/end",
    opt={"operation": "declaration:make"},
    tags=["declarations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 412, 422, 428),
)
async def api_end_own(
    request: AnyRequest,
    fact_id: FromPath[UUID],
    data: JSONBody[EndingOwn],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DeclaredId]:
    """Say that a tie I declared has ended."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[DeclaredId]:
        await end_own_tie(act, fact_id, to_on=data.to_on, seen=seen)
        return Response(DeclaredId(fact_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, "declaration:make", do, subject=str(fact_id))


@post(
    "/api/declarations/mine/{matter_id:uuid}",
    opt={"operation": "declaration:make"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_for_matter(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Answering], key: IdempotencyKey = ""
) -> Response[DeclaredId]:
    """Declare for a matter on whose panel I sit."""

    async def do(act: Act) -> Response[DeclaredId]:
        made = await declare_for_matter(act, matter_id, answer=data.answer, text=data.text)
        return Response(DeclaredId(made), status_code=201)

    return await perform(request, "declaration:make", do, subject=str(matter_id))


@get("/api/declarations", opt={"operation": "declaration:see"}, tags=["declarations"], responses=problems(401, 403))
async def api_yearly(request: AnyRequest) -> list[YearlyJson]:
    """Return where each active expert stands with the yearly declaration."""
    app = request.app.state
    async with reading(app.database) as session:
        lines = await yearly_lines(session, months=policy_of(request).declaration_months)
    return [YearlyJson(line.expert_id, line.made_on, line.valid_through) for line in lines]


@post(
    "/api/declarations",
    opt={"operation": "declaration:record"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 422),
)
async def api_on_paper(request: AnyRequest, data: JSONBody[OnPaper], key: IdempotencyKey = "") -> Response[Entered]:
    """Enter yearly declarations that came on paper and say nothing new."""

    async def do(act: Act) -> Response[Entered]:
        return Response(Entered(await record_years(act, data.experts, made_on=data.made_on)), status_code=201)

    return await perform(request, "declaration:record", do)


@get(
    "/api/matters/{matter_id:uuid}/declarations",
    opt={"operation": "declaration:see"},
    tags=["declarations"],
    responses=problems(401, 403, 404),
)
async def api_in_matter(request: AnyRequest, matter_id: FromPath[UUID]) -> list[DeclarationJson]:
    """Return the declarations made in a matter, the newest first."""
    async with reading(request.app.state.database) as session:
        await load_matter(session, viewer_of(request), matter_id)
        return [_json(one) for one in await declarations_in(session, matter_id)]


@post(
    "/api/matters/{matter_id:uuid}/declarations",
    opt={"operation": "declaration:record"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_oral(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[SayingAloud], key: IdempotencyKey = ""
) -> Response[DeclaredId]:
    """Catch what a member said aloud."""

    async def do(act: Act) -> Response[DeclaredId]:
        made = await record_oral(act, matter_id, data.expert, answer=data.answer, text=data.text)
        return Response(DeclaredId(made), status_code=201)

    return await perform(request, "declaration:record", do, subject=str(matter_id))


@post(
    "/api/declarations/{declaration_id:uuid}/decide",
    opt={"operation": "declaration:decide"},
    tags=["declarations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_decide(
    request: AnyRequest,
    declaration_id: FromPath[UUID],
    data: JSONBody[Deciding],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DeclaredId]:
    """Decide about an interest that was declared in a matter: the person is recused, or sits in spite of it."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[DeclaredId]:
        residents = request.app.state.residents
        await decide_declared(act, residents, declaration_id, sits=data.sits, reason=data.reason, seen=seen)
        return Response(DeclaredId(declaration_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, "declaration:decide", do, subject=str(declaration_id))


@get("/api/declared-ties", opt={"operation": "declaration:see"}, tags=["declarations"], responses=problems(401, 403))
async def api_open_ties(request: AnyRequest) -> list[DeclaredTieJson]:
    """Return the ties declared by a name that wait to be settled, the oldest first."""
    async with reading(request.app.state.database) as session:
        ties = await open_declared_ties(session)
    return [
        DeclaredTieJson(
            one.id, one.person_id, one.kind.value, one.forward, one.other, one.from_on, one.to_on, one.at, one.version
        )
        for one in ties
    ]


@post(
    "/api/declared-ties/{tie_id:uuid}/settle",
    opt={"operation": "declaration:settle"},
    tags=["declarations"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_settle(
    request: AnyRequest,
    tie_id: FromPath[UUID],
    data: JSONBody[SettlingTie],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DeclaredId]:
    """Say whom a declared name means; the id is of the tie that counts from now on."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[DeclaredId]:
        return Response(DeclaredId(await settle_tie(act, tie_id, other_id=data.other, seen=seen)), status_code=201)

    return await perform(request, "declaration:settle", do, subject=str(tie_id))


@post(
    "/api/declared-ties/{tie_id:uuid}/set-aside",
    opt={"operation": "declaration:settle"},
    tags=["declarations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_set_aside(
    request: AnyRequest,
    tie_id: FromPath[UUID],
    data: JSONBody[SettingAside],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[DeclaredId]:
    """Set a declared tie aside, with a reason."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[DeclaredId]:
        await set_tie_aside(act, tie_id, reason=data.reason, seen=seen)
        return Response(DeclaredId(tie_id), status_code=200, headers={"ETag": f'"{seen + 1}"'})

    return await perform(request, "declaration:settle", do, subject=str(tie_id))


def _json(one: Declaration) -> DeclarationJson:
    return DeclarationJson(
        id=one.id,
        person=one.person_id,
        occasion=one.occasion,
        matter=one.matter_id,
        answer=one.answer,
        text=one.text,
        way=one.way,
        made_on=one.made_on,
        at=one.at,
        decision=one.decision,
        decided_reason=one.decided_reason,
        version=one.version,
    )


ROUTES: list[Any] = [
    api_own,
    api_year,
    api_tie,
    api_end_own,
    api_for_matter,
    api_yearly,
    api_on_paper,
    api_in_matter,
    api_oral,
    api_decide,
    api_open_ties,
    api_settle,
    api_set_aside,
]
