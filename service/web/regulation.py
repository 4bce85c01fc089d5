"""The regulation as the software keeps it: rules, who keeps each, the edition's numbers, local policy, readings."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import QueryParameter
from msgspec import Meta

from service.regulation import Edition
from service.regulation.articles import load_articles, load_readings
from service.storage.policies import policy_in_force
from service.storage.session import reading
from service.web.openapi import problems
from service.web.pages import page, says

AnyRequest = Request[Any, Any, Any]
STATUSES = ("enforced", "assisted", "human", "missing")


@dataclass(frozen=True, slots=True)
class RuleJson:
    """A rule of the regulation and what the software does about it."""

    ref: Annotated[str, Meta(examples=["R31a"])]
    cite: Annotated[str, Meta(examples=["A31"])]
    zh: str
    en: str
    force: str
    status: Annotated[str, Meta(description="enforced, assisted, human or missing")]
    reason: str
    codes: list[str]


@get("/regulation", opt={"operation": "regulation:see"}, include_in_schema=False)
async def regulation_page(
    request: AnyRequest,
    status: Annotated[str, QueryParameter(name="status", max_length=20)] = "",
    text: Annotated[str, QueryParameter(name="text", max_length=60)] = "",
) -> Response[Any]:
    """Show every rule with its status; narrowed by status and words."""
    edition = request.app.state.edition
    rows = _rows(edition)
    words = text.lower().split()
    found = [
        row
        for row in rows
        if (not status or row.status == status)
        and all(word in f"{row.ref} {row.cite} {row.zh} {row.en} {' '.join(row.codes)}".lower() for word in words)
    ]
    counts = {name: sum(row.status == name for row in rows) for name in STATUSES}
    return page(request, "regulation/rules.html", edition=edition, rows=found, chosen=status, text=text, counts=counts)


@get("/regulation/edition", opt={"operation": "regulation:see"}, include_in_schema=False)
async def edition_page(request: AnyRequest) -> Response[Any]:
    """Show the edition's rows: code, article, force, who may record a reason, numbers."""
    edition = request.app.state.edition
    rows = [(row, says(row.code)) for row in edition.rules]
    return page(request, "regulation/edition.html", edition=edition, rows=rows)


@get("/regulation/policy", opt={"operation": "regulation:see"}, include_in_schema=False)
async def policy_page(request: AnyRequest) -> Response[Any]:
    """Show the county's local policy; it is not the wording of the regulation and says so."""
    app = request.app.state
    async with reading(app.database) as session:
        policy = await policy_in_force(session, app.settings.policy, on=app.clock.today())
    rows = [(row, says(str(row["code"]))) for row in policy.conflicts]
    return page(request, "regulation/policy.html", policy=policy, rows=rows)


@get("/regulation/readings", opt={"operation": "regulation:see"}, include_in_schema=False)
async def readings_page(request: AnyRequest) -> Response[Any]:
    """Show where the text can be read in two ways, and the reading taken."""
    return page(request, "regulation/readings.html", readings=_readings())


@get("/api/regulation", opt={"operation": "regulation:see"}, tags=["regulation"], security=[], responses=problems(400))
async def api_regulation(request: AnyRequest) -> list[RuleJson]:
    """Return every rule of the regulation with what the software does about it."""
    return list(_rows(request.app.state.edition))


def _rows(edition: Edition) -> tuple[RuleJson, ...]:
    codes: dict[str, list[str]] = {}
    for row in edition.rules:
        for ref in row.refs:
            codes.setdefault(ref, []).append(row.code)
    return tuple(
        RuleJson(one.ref, one.cite, one.zh, one.en, one.force, one.status, one.reason, codes.get(one.ref, []))
        for one in _articles()
    )


@lru_cache(maxsize=1)
def _articles() -> Any:
    return load_articles()


@lru_cache(maxsize=1)
def _readings() -> Any:
    return load_readings()


ROUTES = [regulation_page, edition_page, policy_page, readings_page, api_regulation]
