"""The coverage matrix: field by undertaking unit, and what to do where too few are left."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from service.storage.coverage import coverage, coverage_cell
from service.storage.session import reading
from service.storage.ties import conflict_policy
from service.web.forms import Form
"""The library in figures: terms by field over the years to come, who is in it; as a page and as JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get

from registry import FIELD_LEAST, TitleLevel
from service.exchange.wording import say_level
from service.locales import gettext
from service.storage.coverage import AGE_BANDS, Coverage, load_coverage
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.expert_forms import SOURCE_NAMES
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
        found = await coverage(session, app.residents, policy=conflict_policy(app.policy.id), day=app.clock.today())
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
            policy=conflict_policy(app.policy.id),
            day=app.clock.today(),
            county_code=app.settings.county_code,
        )
    return page(request, "facts/coverage_cell.html", cell=cell)


@get("/api/coverage", opt={"operation": "conflict:see"}, tags=["conflicts"], responses=problems(401, 403))
async def api_coverage(request: AnyRequest) -> list[CoverageRow]:
    """Return for each field and undertaking unit how many experts could sit today."""
    app = request.app.state
    async with reading(app.database) as session:
        found = await coverage(session, app.residents, policy=conflict_policy(app.policy.id), day=app.clock.today())
    return [
        CoverageRow(field, unit, found.candidates[field], count) for (field, unit), count in sorted(found.free.items())
    ]


ROUTES: list[Any] = [coverage_page, cell_page, api_coverage]


@dataclass(frozen=True, slots=True)
class FieldJson:
    """A field of the first level, or a local domain: how many stand today and in one to five years."""

    code: str
    standing: list[int]
    dry_on: date


@dataclass(frozen=True, slots=True)
class EndingJson:
    """A half-year and how many terms end in it, both days inclusive."""

    from_on: date
    to_on: date
    count: int


@dataclass(frozen=True, slots=True)
class CoverageJson:
    """The library in figures."""

    on: date
    appointed: int
    fields: list[FieldJson]
    endings: list[EndingJson]
    groups: dict[str, dict[str, int]]


@get("/experts/figures", opt={"operation": "expert:list"}, include_in_schema=False)
async def figures_page(request: AnyRequest) -> Response[Any]:
    """Show which fields run dry when nobody is renewed, and who is in the library."""
    found = await _load(request)
    levels = {level.value: say_level(level.value) for level in TitleLevel}
    sources = {code: gettext(name) for code, name in SOURCE_NAMES.items()}
    return page(
        request,
        "experts/figures.html",
        coverage=found,
        least=FIELD_LEAST,
        levels=[(text, found.groups.get("level", {}).get(code, 0)) for code, text in levels.items()],
        sources=[(text, found.groups.get("source", {}).get(code, 0)) for code, text in sources.items()],
        kinds=sorted(found.groups.get("kind", {}).items(), key=lambda pair: -pair[1]),
        ages=[(low, high, found.groups.get("age", {}).get(f"{low}-{high}", 0)) for low, high in AGE_BANDS],
        unknown_age=found.groups.get("age", {}).get("unknown", 0),
        regions=found.groups.get("region", {}),
    )


@get("/api/experts/figures", opt={"operation": "expert:list"}, tags=["experts"], responses=problems(401, 403))
async def api_figures(request: AnyRequest) -> CoverageJson:
    """Return the library in figures: terms by field over five years, endings by half-year, groups."""
    found = await _load(request)
    return CoverageJson(
        on=request.app.state.clock.today(),
        appointed=found.appointed,
        fields=[FieldJson(one.code, list(one.standing), one.dry_on) for one in found.fields],
        endings=[EndingJson(one.from_on, one.to_on, one.count) for one in found.endings],
        groups={name: dict(group) for name, group in found.groups.items()},
    )


async def _load(request: AnyRequest) -> Coverage:
    app = request.app.state
    async with reading(app.database) as session:
        return await load_coverage(
            session, viewer_of(request), on=app.clock.today(), county_code=app.settings.county_code
        )


ROUTES = [figures_page, api_figures]
