"""The search of every page, and of the command palette. The words are sent by POST: names do not go into addresses."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.params import JSONBody
from msgspec import Meta

from service.locales import gettext
from service.storage.search import Found, find
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
_IN_PALETTE = 6


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for."""

    text: Annotated[str, Meta(max_length=100, description="Chinese, pinyin, initials, number", examples=["shuili"])]


@dataclass(frozen=True, slots=True)
class HitJson:
    """Something found."""

    kind: Annotated[str, Meta(description="expert, organisation or matter", examples=["expert"])]
    says: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class Results:
    """What was found, and how much there is of it."""

    results: list[HitJson]
    total: int


@post("/search", opt={"operation": "search:do"}, status_code=200, include_in_schema=False)
async def search_form(request: AnyRequest) -> Response[Any]:
    """Show what the words find, by group; the palette gets the same as JSON."""
    form = await Form.of(request)
    words = form.text("text", most=100)
    in_palette = "application/json" in request.headers.get("accept", "")
    found = await _find(request, words, each=_IN_PALETTE if in_palette else 20)
    if in_palette:
        return Response(_results(found, translated=True))
    groups = [
        (gettext("专家"), found.experts, found.counts[0]),
        (gettext("单位"), found.organisations, found.counts[1]),
        (gettext("事项"), found.matters, found.counts[2]),
    ]
    return page(request, "search/results.html", words=words, groups=groups, found=found)


@post(
    "/api/search", opt={"operation": "search:do"}, status_code=200, tags=["search"], responses=problems(400, 401, 403)
)
async def api_search(request: AnyRequest, data: JSONBody[Words]) -> Results:
    """Find people, organisations and matters by Chinese, pinyin, initials, number or credit code."""
    return _results(await _find(request, data.text, each=20), translated=False)


async def _find(request: AnyRequest, words: str, *, each: int) -> Found:
    async with reading(request.app.state.database) as session:
        return await find(session, viewer_of(request), words, each=each)


def _results(found: Found, *, translated: bool) -> Results:
    kinds = (
        ("expert", "专家", found.experts),
        ("organisation", "单位", found.organisations),
        ("matter", "事项", found.matters),
    )
    hits: list[HitJson] = [
        HitJson(gettext(name) if translated else kind, hit.name, hit.detail, hit.href)
        for kind, name, group in kinds
        for hit in group
    ]
    return Results(hits, found.total)


ROUTES = [search_form, api_search]
