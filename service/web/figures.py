"""The library in figures: terms by field over the years to come, who is in it; as a page and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter

from registry import TitleLevel, is_field_code
from service.exchange.wording import say_level
from service.locales import gettext
from service.problems import NotFound
from service.storage.figures import AGE_BANDS, Figures, load_figures
from service.storage.session import reading
from service.storage.terms import TermLine, terms_in
from service.web.entry import policy_of, viewer_of
from service.web.expert_forms import SOURCE_NAMES
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class FieldJson:
    """A field of the first level, or a local domain: how many stand today and in one to five years, and by quarter."""

    code: str
    standing: list[int]
    quarters: list[int]
    dry_on: date


@dataclass(frozen=True, slots=True)
class EndingJson:
    """A half-year and how many terms end in it, both days inclusive."""

    from_on: date
    to_on: date
    count: int


@dataclass(frozen=True, slots=True)
class TermJson:
    """The last term of an expert; both days inclusive."""

    expert_id: UUID
    name: str
    number: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Timeline:
    """A line of time, in days from its first one, on which terms are drawn.

    Attributes:
        first: its first day.
        length: days.
        now: today, in days from the first.
        years: first of January of each year on it, in days from the first, with the year.
    """

    first: date
    length: int
    now: int
    years: tuple[tuple[int, int], ...]

    @classmethod
    def over(cls, lines: Sequence[TermLine], *, on: date) -> "Timeline":
        """Return the line on which all the terms and today have a place."""
        first = min((one.starts_on for one in lines), default=on)
        last = max((one.ends_on for one in lines), default=on)
        starts = ((year, (date(year, 1, 1) - first).days) for year in range(first.year + 1, last.year + 1))
        return cls(first, max((last - first).days + 1, 1), (on - first).days, tuple((at, year) for year, at in starts))

    def at(self, day: date) -> int:
        """Return where a day lies, in days from the first."""
        return (day - self.first).days


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
        least=policy_of(request).library.field_least,
        levels=[(text, found.groups.get("level", {}).get(code, 0)) for code, text in levels.items()],
        sources=[(text, found.groups.get("source", {}).get(code, 0)) for code, text in sources.items()],
        kinds=sorted(found.groups.get("kind", {}).items(), key=lambda pair: -pair[1]),
        ages=[(low, high, found.groups.get("age", {}).get(f"{low}-{high}", 0)) for low, high in AGE_BANDS],
        unknown_age=found.groups.get("age", {}).get("unknown", 0),
        regions=found.groups.get("region", {}),
    )


@get("/experts/terms", opt={"operation": "expert:list"}, include_in_schema=False)
async def terms_page(
    request: AnyRequest, field: Annotated[str, QueryParameter(name="field", max_length=16)] = ""
) -> Response[Any]:
    """Show the terms of a field as bars on one line of time."""
    app, code = request.app.state, field.strip().upper()
    if not is_field_code(code):
        raise NotFound(subject="field")
    today = app.clock.today()
    async with reading(app.database) as session:
        lines = await terms_in(session, viewer_of(request), code, on=today)
    return page(
        request,
        "experts/terms.html",
        code=code,
        lines=lines,
        least=policy_of(request).library.field_least,
        line=Timeline.over(lines, on=today),
    )


@get("/api/experts/terms", opt={"operation": "expert:list"}, tags=["experts"], responses=problems(401, 403, 404))
async def api_terms(
    request: AnyRequest, field: Annotated[str, QueryParameter(name="field", max_length=16)]
) -> list[TermJson]:
    """Return the last terms of the experts of a field who are in office, soonest end first."""
    code = field.strip().upper()
    if not is_field_code(code):
        raise NotFound(subject="field")
    async with reading(request.app.state.database) as session:
        lines = await terms_in(session, viewer_of(request), code, on=request.app.state.clock.today())
    return [TermJson(one.expert_id, one.name, one.number, one.starts_on, one.ends_on) for one in lines]


@get("/api/experts/figures", opt={"operation": "expert:list"}, tags=["experts"], responses=problems(401, 403))
async def api_figures(request: AnyRequest) -> FiguresJson:
    """Return the library in figures: terms by field over five years, endings by half-year, groups."""
    found = await _load(request)
    return FiguresJson(
        on=request.app.state.clock.today(),
        appointed=found.appointed,
        fields=[FieldJson(one.code, list(one.standing), list(one.quarters), one.dry_on) for one in found.fields],
        endings=[EndingJson(one.from_on, one.to_on, one.count) for one in found.endings],
        groups={name: dict(group) for name, group in found.groups.items()},
    )


async def _load(request: AnyRequest) -> Figures:
    app = request.app.state
    async with reading(app.database) as session:
        return await load_figures(
            session,
            viewer_of(request),
            on=app.clock.today(),
            county_code=app.settings.county_code,
            least=policy_of(request).library.field_least,
        )


ROUTES = [figures_page, terms_page, api_figures, api_terms]
