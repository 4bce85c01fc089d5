"""The coverage matrix: field by undertaking unit, and what to do where too few are left."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from service.storage.coverage import coverage, coverage_cell
from service.storage.session import reading
from service.web.entry import policy_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
_LEAST = 3


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One field for one unit."""

    field: Annotated[str, Meta(description="first-level discipline (GB/T 13745)", examples=["570"])]
    unit: UUID
    candidates: Annotated[int, Meta(description="experts of the field who could be asked at all")]
    free: Annotated[int, Meta(description="those of them without an interest in the unit")]


@get("/coverage", opt={"operation": "conflict:see"}, include_in_schema=False)
async def coverage_page(request: AnyRequest, least: Annotated[str, QueryParameter(name="least")] = "") -> Response[Any]:
    """Show for each field and unit how many experts could sit, and mark where too few could."""
    app = request.app.state
    form = Form({"least": [least]})
    wanted = form.number("least", least=1, most=99, default=_LEAST) or _LEAST
    async with reading(app.database) as session:
        found = await coverage(session, app.residents, policy=policy_of(request).table, day=app.clock.today())
    short = sum(count < wanted for count in found.free.values())
    return page(request, "facts/coverage.html", found=found, least=wanted, short=short, form=form, faults=form.faults)


@get("/coverage/{unit_id:uuid}/{field:str}", opt={"operation": "conflict:see"}, include_in_schema=False)
async def cell_page(request: AnyRequest, unit_id: FromPath[UUID], field: FromPath[str]) -> Response[Any]:
    """Show who is free, and the lawful ways out in their order."""
    app = request.app.state
    async with reading(app.database) as session:
        cell = await coverage_cell(
            session,
            app.residents,
            unit_id,
            field,
            policy=policy_of(request).table,
            day=app.clock.today(),
            county_code=app.settings.county_code,
        )
    return page(request, "facts/coverage_cell.html", cell=cell)


@get("/api/coverage", opt={"operation": "conflict:see"}, tags=["conflicts"], responses=problems(401, 403))
async def api_coverage(request: AnyRequest) -> list[CoverageRow]:
    """Return for each field and undertaking unit how many experts could sit today."""
    app = request.app.state
    async with reading(app.database) as session:
        found = await coverage(session, app.residents, policy=policy_of(request).table, day=app.clock.today())
    return [
        CoverageRow(field, unit, found.candidates[field], count) for (field, unit), count in sorted(found.free.items())
    ]


ROUTES: list[Any] = [coverage_page, cell_page, api_coverage]
