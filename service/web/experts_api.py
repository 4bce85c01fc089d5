"""Experts as JSON: finding, adding, changing, what happens over time, confidential looks, the list as a workbook."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from registry import ExpertField, Record, Status
from service.actions.act import Act
from service.actions.corrections import change_expert
from service.actions.experts import add_expert
from service.problems import Fault, Invalid
from service.storage.expert_page import ExpertView, load_expert
from service.storage.experts import PER_PAGE, SORTS, list_experts
from service.storage.session import reading
from service.web.about_json import AboutJson, FieldJson, TermJson, WorkingJson, about_of, work_of
from service.web.answers import CHANGES, with_version
from service.web.entry import perform, version_of, viewer_of
from service.web.experts import Filters, sought_by
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ChangingJson(AboutJson):
    """What is said now, and why. What stood there before stays in the record.

    Where something that was said becomes something else, `nature` says whether it changed in life (`since_on`) or was
    entered wrong (`reason`); another name needs a reason anyway.
    """

    reason: Annotated[str, Meta(max_length=500, examples=["与身份证件核对，姓名录错一字"])] = ""
    nature: Annotated[str, Meta(examples=["changed"], description="changed, wrong, or empty")] = ""
    since_on: Annotated[date | None, Meta(description="from which day it is so, when it changed")] = None


@dataclass(frozen=True, slots=True)
class AddingJson:
    """An expert to add, with employer and first term where they are known."""

    about: AboutJson
    work: WorkingJson | None = None
    term: TermJson | None = None


@dataclass(frozen=True, slots=True)
class SeekingJson:
    """What experts are sought by; everything holds together."""

    words: Annotated[str, Meta(max_length=100, description="name, pinyin, initials, number, or identity number")] = ""
    field: Annotated[str, Meta(max_length=40, description="code, its beginning, name, or local domain")] = ""
    unit: Annotated[str, Meta(max_length=60, description="words about a present employer")] = ""
    status: Annotated[Status | None, Meta(examples=["appointed"])] = None
    level: Annotated[str, Meta(max_length=20, description="title level", examples=["senior"])] = ""
    ending: Annotated[int, Meta(ge=0, le=3660, description="the last term ends within these days")] = 0
    unidentified: bool = False
    sort: Annotated[str, Meta(max_length=20, description="name, number, level, ends; - for downwards")] = "name"
    page: Annotated[int, Meta(ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True)
class EmployerJson:
    """Work of an expert; both days inclusive."""

    organisation_id: UUID
    name: str
    main: bool
    post: str
    id: UUID | None = None
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExpertLineJson:
    """An expert in the list."""

    id: UUID
    number: str
    name: str
    title: str
    title_level: str
    identified: bool
    status: str
    fields: list[FieldJson]
    works: list[EmployerJson]
    ends_on: date | None
    service: int


@dataclass(frozen=True, slots=True)
class FoundJson:
    """A page of experts, with counts by status apart from the status sought."""

    experts: list[ExpertLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class HeldTermJson:
    """A term of an expert, both days inclusive."""

    id: UUID
    starts_on: date
    ends_on: date
    letter_number: str
    approver: str
    approval_number: str
    approved_on: date | None


@dataclass(frozen=True, slots=True)
class HeldAwayJson:
    """An absence of an expert, both days inclusive."""

    id: UUID
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class ServedJson:
    """A place on a panel."""

    matter_id: UUID
    matter_number: str
    matter_title: str
    role: str
    seat: str | None
    pending: bool
    on: date


@dataclass(frozen=True, slots=True)
class RecordJson:
    """How an expert answered invitations, kept dates and was heard; counted from what happened, never typed."""

    asked: Annotated[int, Meta(description="invitations", examples=[4])]
    accepted: int
    declined: Annotated[int, Meta(description="could not, for an objective reason")]
    refused: Annotated[int, Meta(description="could not, without one (A26.3)")]
    recused: int
    on_time: Annotated[int, Meta(description="opinions signed in time (A28.1)", examples=[3])]
    late: int
    missing: Annotated[int, Meta(description="opinions whose day has passed without one")]
    points: Annotated[dict[str, int], Meta(description="adopted, partly, not, already, out-of-scope -> points")]

    @classmethod
    def of(cls, record: Record) -> "RecordJson":
        """Return the record as JSON."""
        return cls(
            record.asked,
            record.accepted,
            record.declined,
            record.refused,
            record.recused,
            record.on_time,
            record.late,
            record.missing,
            dict(record.points),
        )


@dataclass(frozen=True, slots=True)
class ExpertJson:
    """An expert; numbers are masked."""

    id: UUID
    person_id: UUID
    number: str
    name: str
    identity_kind: str
    identity_masked: str
    phone_masked: str
    email: str
    title: str
    title_level: str
    source: str
    status: str
    state: str
    state_since_on: date | None
    fields: list[FieldJson]
    terms: list[HeldTermJson]
    employments: list[EmployerJson]
    away: list[HeldAwayJson]
    yearly_cap: int | None
    panels: list[ServedJson]
    service: int
    record: RecordJson
    created_at: datetime
    version: int


@post(
    "/api/experts/find",
    opt={"operation": "expert:list"},
    tags=["experts"],
    status_code=200,
    responses=problems(400, 401, 403),
)
async def api_find(request: AnyRequest, data: JSONBody[SeekingJson]) -> FoundJson:
    """Find experts. A POST, because names and identity numbers do not go into addresses."""
    filters = filters_of(data)
    viewer, today = viewer_of(request), request.app.state.clock.today()
    sought = sought_by(request, filters)
    if sought is None:
        raise Invalid([Fault("field", "FIELD_NOT_FOUND", {"text": data.field})])
    async with reading(request.app.state.database) as session:
        found = await list_experts(session, viewer, sought, on=today, sort=filters.sort, page=data.page)
    return FoundJson(
        experts=[
            ExpertLineJson(
                id=line.id,
                number=line.number,
                name=line.name,
                title=line.title,
                title_level=line.title_level,
                identified=line.identified,
                status=line.status.value,
                fields=_fields(line.fields),
                works=[EmployerJson(work.organisation_id, work.name, work.main, work.post) for work in line.works],
                ends_on=line.ends_on,
                service=line.service,
            )
            for line in found.lines
        ],
        total=found.total,
        page=data.page,
        per_page=PER_PAGE,
        counts=dict(found.counts),
    )


@post(
    "/api/experts",
    opt={"operation": "expert:add"},
    tags=["experts"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_add(request: AnyRequest, data: JSONBody[AddingJson], key: IdempotencyKey = "") -> Response[ExpertJson]:
    """Add an expert (A24). Somebody who has the identity number already is not added again: 409 with the way there."""

    async def do(act: Act) -> Response[Any]:
        work = None if data.work is None else work_of(data.work)
        term = None if data.term is None else data.term.entry()
        expert_id = await add_expert(act, about_of(data.about), work=work, term=term)
        await act.session.flush()
        return await _answer(act, expert_id, status=201)

    return await perform(request, "expert:add", do)


@get(
    "/api/experts/{expert_id:uuid}",
    opt={"operation": "expert:see"},
    tags=["experts"],
    responses=problems(401, 403, 404),
)
async def api_expert(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[ExpertJson]:
    """Return an expert with terms, employments, absences and panels; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        view = await load_expert(session, viewer_of(request), expert_id, on=request.app.state.clock.today())
    return _response(view)


@put(
    "/api/experts/{expert_id:uuid}",
    opt={"operation": "expert:change"},
    tags=["experts"],
    responses=CHANGES,
)
async def api_change(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[ChangingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Change what is said about an expert."""

    async def act(act: Act, seen: int) -> None:
        await change_expert(
            act, expert_id, about_of(data), seen=seen, reason=data.reason, nature=data.nature, since_on=data.since_on
        )

    return await acted_on(request, expert_id, "expert:change", act)


async def acted_on(
    request: AnyRequest, expert_id: UUID, operation: str, act: Callable[[Act, int], Awaitable[None]]
) -> Response[ExpertJson]:
    """Do an act on an expert and answer with who the expert is now."""
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, expert_id, status=200)

    return await perform(request, operation, do, subject=str(expert_id))


async def _answer(act: Act, expert_id: UUID, *, status: int) -> Response[ExpertJson]:
    act.session.expire_all()
    return _response(await load_expert(act.session, act.viewer, expert_id, on=act.on), status=status)


def _response(view: ExpertView, *, status: int = 200) -> Response[ExpertJson]:
    body = ExpertJson(
        id=view.id,
        person_id=view.person_id,
        number=view.number,
        name=view.name,
        identity_kind=view.identity_kind,
        identity_masked=view.identity_masked,
        phone_masked=view.phone_masked,
        email=view.email,
        title=view.title,
        title_level=view.title_level,
        source=view.source,
        status=view.status.value,
        state=view.state.value,
        state_since_on=view.state_since_on,
        fields=_fields(view.fields),
        terms=[
            HeldTermJson(
                term.id,
                term.starts_on,
                term.ends_on,
                term.letter_number,
                term.approver,
                term.approval_number,
                term.approved_on,
            )
            for term in view.terms
        ],
        employments=[
            EmployerJson(job.organisation_id, job.name, job.main, job.post, job.id, job.from_on, job.to_on)
            for job in view.employments
        ],
        away=[HeldAwayJson(away.id, away.from_on, away.to_on) for away in view.away],
        yearly_cap=view.yearly_cap,
        panels=[
            ServedJson(
                panel.matter_id,
                panel.matter_number,
                panel.matter_title,
                panel.role,
                panel.seat,
                panel.pending,
                panel.on,
            )
            for panel in view.panels
        ],
        service=view.service,
        record=RecordJson.of(view.record),
        created_at=view.created_at,
        version=view.version,
    )
    return with_version(body, f"/api/experts/{view.id}", view.version, status)


def _fields(held: tuple[ExpertField, ...]) -> list[FieldJson]:
    return [FieldJson(one.code, one.main) for one in held]


def filters_of(data: SeekingJson) -> Filters:
    """Return the filters as JSON says them."""
    return Filters(
        field=data.field,
        unit=data.unit,
        status=data.status or "",
        level=data.level,
        ending=data.ending,
        identified="no" if data.unidentified else "",
        sort=data.sort if data.sort.removeprefix("-") in SORTS else "name",
        words=data.words,
    )


ROUTES = [
    api_find,
    api_add,
    api_expert,
    api_change,
]
