"""Organisations as JSON: the list, one of them, adding, changing, names and parents."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.organisations import (
    NewOrganisationEntry,
    add_name,
    add_organisation,
    change_organisation,
    remove_name,
    remove_parent,
    rename_organisation,
    set_parent,
)
from service.storage.intake import OtherName
from service.storage.organisations import PER_PAGE, OrganisationView, list_organisations, load_organisation
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Day = Annotated[date, Meta(description="China Standard Time", examples=["2026-03-01"])]
Name = Annotated[str, Meta(max_length=200, examples=["示范县水利局"])]


@dataclass(frozen=True, slots=True)
class OrganisationLineJson:
    """An organisation in the list; `experts` is null for who may not see experts."""

    id: UUID
    name: str
    kind: str
    region: str
    credit_code: str
    other_names: list[str]
    parent: str
    experts: int | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class OrganisationsJson:
    """A page of organisations, with counts by kind."""

    organisations: list[OrganisationLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class AboutOrganisationJson:
    """What is said about an organisation."""

    name: Name
    credit_code: Annotated[str, Meta(max_length=60, description="18 characters, or empty")] = ""
    kind: Annotated[str, Meta(max_length=20, examples=["bureau"])] = "other"
    region: Annotated[str, Meta(max_length=20, description="GB/T 2260, six digits", examples=["130322"])] = ""
    alias: Annotated[str, Meta(max_length=200, description="short name; only when it is added")] = ""


@dataclass(frozen=True, slots=True)
class RenamingJson:
    """A new name from a day on."""

    name: Name
    on: Day


@dataclass(frozen=True, slots=True)
class OtherNameJson:
    """A short or former name."""

    name: Name
    kind: Annotated[str, Meta(max_length=20, description="alias or former", examples=["alias"])] = "alias"
    from_on: Day | None = None
    to_on: Day | None = None


@dataclass(frozen=True, slots=True)
class ParentJson:
    """What the organisation belongs to from a day on; null for nothing."""

    parent_id: UUID | None
    from_on: Day | None = None


@dataclass(frozen=True, slots=True)
class HeldNameJson:
    """Another name of an organisation."""

    id: UUID
    name: str
    kind: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class HeldParentJson:
    """A dated tie to a parent, both days inclusive."""

    id: UUID
    organisation_id: UUID
    name: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class HeldReorganisationJson:
    """What became of `organisation_id` from a day on; `undone_at` when it was taken back as a mistake."""

    id: UUID
    kind: Annotated[
        str, Meta(description="merged, divided, parted, dissolved, settled or duplicate", examples=["merged"])
    ]
    organisation_id: UUID
    successors: list[UUID]
    from_on: date
    source: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganisationJson:
    """An organisation; `chain` is what it belongs to today, nearest first; `ended_on` its last day, if others took its
    place."""

    id: UUID
    name: str
    credit_code: str
    kind: str
    region: str
    names: list[HeldNameJson]
    parents: list[HeldParentJson]
    chain: list[UUID]
    children: list[UUID]
    ended_on: date | None
    reorganisations: list[HeldReorganisationJson]
    version: int


@get(
    "/api/organisations",
    opt={"operation": "organisation:list"},
    tags=["organisations"],
    responses=problems(400, 401, 403),
)
async def api_list(
    request: AnyRequest,
    words: Annotated[
        str, QueryParameter(name="q", max_length=60, description="name, other name, pinyin or credit code")
    ] = "",
    kind: Annotated[str, QueryParameter(name="kind", max_length=20)] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> OrganisationsJson:
    """List organisations by the sound of their names."""
    today = request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        found = await list_organisations(session, viewer_of(request), on=today, words=words, kind=kind, page=number)
    return OrganisationsJson(
        organisations=[
            OrganisationLineJson(
                line.id,
                line.name,
                line.kind,
                line.region,
                line.credit_code,
                list(line.other_names),
                line.parent,
                line.experts,
                line.ended_on,
            )
            for line in found.lines
        ],
        total=found.total,
        page=number,
        per_page=PER_PAGE,
        counts=dict(found.counts),
    )


@post(
    "/api/organisations",
    opt={"operation": "organisation:add"},
    tags=["organisations"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_add(
    request: AnyRequest, data: JSONBody[AboutOrganisationJson], key: IdempotencyKey = ""
) -> Response[OrganisationJson]:
    """Add an organisation; one that has the name or the credit code is not added again: 409 with the way there."""

    async def do(act: Act) -> Response[Any]:
        return await _answer(act, await add_organisation(act, _entry(data)), status=201)

    return await perform(request, "organisation:add", do)


@get(
    "/api/organisations/{organisation_id:uuid}",
    opt={"operation": "organisation:see"},
    tags=["organisations"],
    responses=problems(401, 403, 404),
)
async def api_organisation(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[OrganisationJson]:
    """Return an organisation with its names and parents; ETag is the version for If-Match."""
    today = request.app.state.clock.today()
    async with reading(request.app.state.database) as session:
        view = await load_organisation(session, viewer_of(request), organisation_id, on=today)
    return _response(view)


@put(
    "/api/organisations/{organisation_id:uuid}",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_change(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[AboutOrganisationJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Correct what is said about an organisation; a corrected name leaves no former name."""

    async def act(act: Act, seen: int) -> None:
        await change_organisation(act, organisation_id, _entry(data), seen=seen)

    return await acted_on(request, organisation_id, act)


@post(
    "/api/organisations/{organisation_id:uuid}/rename",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_rename(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[RenamingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Give an organisation a new name from a day on; the old one stays as a former name."""

    async def act(act: Act, seen: int) -> None:
        await rename_organisation(act, organisation_id, name=data.name, on=data.on, seen=seen)

    return await acted_on(request, organisation_id, act)


@post(
    "/api/organisations/{organisation_id:uuid}/names",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_name(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[OtherNameJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Add a short or former name."""

    async def act(act: Act, seen: int) -> None:
        await add_name(act, organisation_id, OtherName(data.name, data.kind, data.from_on, data.to_on), seen=seen)

    return await acted_on(request, organisation_id, act)


@delete(
    "/api/organisations/{organisation_id:uuid}/names/{name_id:uuid}",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 412, 422, 428),
)
async def api_name_remove(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    name_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Remove another name that was entered by mistake."""

    async def act(act: Act, seen: int) -> None:
        await remove_name(act, organisation_id, name_id, seen=seen)

    return await acted_on(request, organisation_id, act)


@put(
    "/api/organisations/{organisation_id:uuid}/parent",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_parent(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    data: JSONBody[ParentJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Say what an organisation belongs to from a day on; what it belonged to ends on the day before."""

    async def act(act: Act, seen: int) -> None:
        await set_parent(act, organisation_id, data.parent_id, from_on=data.from_on, seen=seen)

    return await acted_on(request, organisation_id, act)


@delete(
    "/api/organisations/{organisation_id:uuid}/parents/{tie_id:uuid}",
    opt={"operation": "organisation:change"},
    tags=["organisations"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 412, 422, 428),
)
async def api_parent_remove(
    request: AnyRequest,
    organisation_id: FromPath[UUID],
    tie_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[OrganisationJson]:
    """Remove a parent that was entered by mistake."""

    async def act(act: Act, seen: int) -> None:
        await remove_parent(act, organisation_id, tie_id, seen=seen)

    return await acted_on(request, organisation_id, act)


async def acted_on(
    request: AnyRequest, organisation_id: UUID, act: Callable[[Act, int], Awaitable[None]]
) -> Response[OrganisationJson]:
    """Do an act on an organisation and answer with what it is now."""
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, organisation_id, status=200)

    return await perform(request, "organisation:change", do, subject=str(organisation_id))


async def _answer(act: Act, organisation_id: UUID, *, status: int) -> Response[OrganisationJson]:
    act.session.expire_all()
    return _response(await load_organisation(act.session, act.viewer, organisation_id, on=act.on), status=status)


def _response(view: OrganisationView, *, status: int = 200) -> Response[OrganisationJson]:
    body = OrganisationJson(
        id=view.id,
        name=view.name,
        credit_code=view.credit_code,
        kind=view.kind,
        region=view.region,
        names=[HeldNameJson(one.id, one.name, one.kind, one.from_on, one.to_on) for one in view.names],
        parents=[HeldParentJson(tie.id, tie.organisation_id, tie.name, tie.from_on, tie.to_on) for tie in view.parents],
        chain=[tie.organisation_id for tie in view.chain],
        children=[tie.organisation_id for tie in view.children],
        ended_on=view.ended_on,
        reorganisations=[
            HeldReorganisationJson(
                one.id,
                one.kind,
                one.former[0],
                [heir for heir, _ in one.successors],
                one.from_on,
                one.source,
                one.undone_at,
            )
            for one in view.reorganisations
        ],
        version=view.version,
    )
    headers = {"ETag": f'"{view.version}"'}
    if status == 201:
        headers["Location"] = f"/api/organisations/{view.id}"
    return Response(body, status_code=status, headers=headers)


def _entry(data: AboutOrganisationJson) -> NewOrganisationEntry:
    return NewOrganisationEntry(data.name, data.credit_code, data.kind, data.region, data.alias)


ROUTES = [
    api_list,
    api_add,
    api_organisation,
    api_change,
    api_rename,
    api_name,
    api_name_remove,
    api_parent,
    api_parent_remove,
]
