"""The log of looks at what is confidential, as a page and as JSON."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter
from msgspec import Meta

from service.storage.reads import PER_PAGE, ReadLog, list_reads
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
Login = Annotated[str, QueryParameter(name="login", max_length=80, description="looks of this account")]
Expert = Annotated[UUID | None, QueryParameter(name="expert", description="looks at this expert")]
Number = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]


@dataclass(frozen=True, slots=True)
class ReadJson:
    """One look; `whose` is the number of the expert or candidate."""

    at: datetime
    who: str
    login: Annotated[str, Meta(examples=["center"])]
    what: Annotated[str, Meta(description="identity, phone, case, evidence-...", examples=["phone"])]
    whose: str
    href: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadsJson:
    """A page of looks, newest first; `people` counts the looks of each account within the days."""

    reads: list[ReadJson]
    total: int
    page: int
    per_page: int
    people: dict[str, int]


@get("/reads", opt={"operation": "read:list"}, include_in_schema=False)
async def reads_page(
    request: AnyRequest,
    login: Login = "",
    expert: Expert = None,
    number: Number = 1,
) -> Response[Any]:
    """Show who looked at what is confidential, and why."""
    form = Form({name: request.query_params.getall(name) for name in request.query_params})
    first, last = form.day("from_on"), form.day("to_on")
    log = await _load(request, login, expert, first, last, number)
    return page(
        request,
        "reads/list.html",
        status=400 if form.faults else 200,
        log=log,
        form=form,
        faults=form.faults,
        login=login,
        expert=expert,
        number=number,
        pages=max(1, -(-log.total // PER_PAGE)),
    )


@get("/api/reads", opt={"operation": "read:list"}, tags=["audit"], responses=problems(400, 401, 403))
async def api_reads(
    request: AnyRequest,
    login: Login = "",
    expert: Expert = None,
    number: Number = 1,
    from_on: Annotated[date | None, QueryParameter(name="from_on", description="first day, inclusive")] = None,
    to_on: Annotated[date | None, QueryParameter(name="to_on", description="last day, inclusive")] = None,
) -> ReadsJson:
    """Return who looked at what is confidential, and why, newest first."""
    log = await _load(request, login, expert, from_on, to_on, number)
    return ReadsJson(
        [ReadJson(one.at, one.who, one.login, one.what, one.whose, one.href, one.reason) for one in log.lines],
        log.total,
        number,
        PER_PAGE,
        {who: count for who, _, count in log.people},
    )


async def _load(
    request: AnyRequest, login: str, expert: UUID | None, first: date | None, last: date | None, number: int
) -> ReadLog:
    async with reading(request.app.state.database) as session:
        return await list_reads(
            session,
            viewer_of(request),
            login=login.strip().lower(),
            expert_id=expert,
            first=first,
            last=last,
            page=number,
        )


ROUTES = [reads_page, api_reads]
