"""The library in figures: terms by field over the years to come, who is in it; as a page and as JSON."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get

from registry import FIELD_LEAST, TitleLevel
from service.exchange.wording import say_level
from service.locales import gettext
from service.storage.figures import AGE_BANDS, Figures, load_figures
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.expert_forms import SOURCE_NAMES
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]


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
class FiguresJson:
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
        figures=found,
        least=FIELD_LEAST,
        levels=[(text, found.groups.get("level", {}).get(code, 0)) for code, text in levels.items()],
        sources=[(text, found.groups.get("source", {}).get(code, 0)) for code, text in sources.items()],
        kinds=sorted(found.groups.get("kind", {}).items(), key=lambda pair: -pair[1]),
        ages=[(low, high, found.groups.get("age", {}).get(f"{low}-{high}", 0)) for low, high in AGE_BANDS],
        unknown_age=found.groups.get("age", {}).get("unknown", 0),
        regions=found.groups.get("region", {}),
    )


@get("/api/experts/figures", opt={"operation": "expert:list"}, tags=["experts"], responses=problems(401, 403))
async def api_figures(request: AnyRequest) -> FiguresJson:
    """Return the library in figures: terms by field over five years, endings by half-year, groups."""
    found = await _load(request)
    return FiguresJson(
        on=request.app.state.clock.today(),
        appointed=found.appointed,
        fields=[FieldJson(one.code, list(one.standing), one.dry_on) for one in found.fields],
        endings=[EndingJson(one.from_on, one.to_on, one.count) for one in found.endings],
        groups={name: dict(group) for name, group in found.groups.items()},
    )


async def _load(request: AnyRequest) -> Figures:
    app = request.app.state
    async with reading(app.database) as session:
        return await load_figures(
            session, viewer_of(request), on=app.clock.today(), county_code=app.settings.county_code
        )


ROUTES = [figures_page, api_figures]
