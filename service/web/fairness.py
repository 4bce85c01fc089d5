"""Is the work shared? Panels of the window over the library, by field and employer, and who was never asked."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from msgspec import Meta

from registry import Evenness, evenness_of, monthly_strip, service_of, why_not_candidate
from service.storage.pool import Pool
from service.storage.session import reading
from service.web.entry import guard, policy_of
from service.web.openapi import problems
from service.web.pages import page, say_field

AnyRequest = Request[Any, Any, Any]
NEVER_SHOWN = 60
GROUPS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Share:
    """A group of experts and how evenly it is asked."""

    code: str
    says: str
    evenness: Evenness

    @property
    def mean(self) -> float:
        """Panels for one expert."""
        return self.evenness.total / self.evenness.people


@dataclass(frozen=True, slots=True)
class NeverAsked:
    """Somebody who could sit and was on no panel of the window."""

    id: UUID
    number: str
    name: str
    employer: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fairness:
    """How work is shared among those who may sit today.

    Attributes:
        whole: over everybody.
        strip: panels of each month, oldest first: label and count.
        by_field: by discipline of three digits or local domain, most people first; an expert of two counts in both.
        by_employer: by employer as the cap counts it, most panels first.
        never: who was never asked, at most `NEVER_SHOWN`.
    """

    whole: Evenness
    strip: tuple[tuple[str, int], ...]
    by_field: tuple[Share, ...]
    by_employer: tuple[Share, ...]
    never: tuple[NeverAsked, ...]


def fairness_of(pool: Pool, *, as_of: date, months: int) -> Fairness:
    """Count the panels of the window for everybody who may sit today; pure work, to be run off the event loop."""
    counts: list[int] = []
    strip: dict[str, int] = {}
    fields: dict[str, list[int]] = defaultdict(list)
    employers: dict[str, list[int]] = defaultdict(list)
    names: dict[str, str] = {}
    never: list[NeverAsked] = []
    for entry in pool.experts.values():
        if why_not_candidate(entry.expert, on=as_of):
            continue
        duties = [duty.duty for duty in entry.duties]
        count = service_of(duties, as_of=as_of, months=months)
        counts.append(count)
        for month in monthly_strip(duties, as_of=as_of, months=months):
            label = f"{month.year:04d}-{month.month:02d}"
            strip[label] = strip.get(label, 0) + month.count
        codes = tuple(dict.fromkeys(field.code[:3] for field in entry.expert.fields))
        for code in codes:
            fields[code].append(count)
        employer_id = entry.expert.main_employer(as_of)
        employer = pool.organisations.get(UUID(employer_id)) if employer_id else None
        top = pool.top_employer(employer.id, as_of) if employer else None
        if top is not None:
            employers[str(top)].append(count)
            names[str(top)] = pool.organisations[top].name
        if not count:
            never.append(NeverAsked(entry.id, entry.number, entry.name, employer.name if employer else "", codes))
    by_field = [Share(code, say_field(code), evenness_of(found)) for code, found in fields.items()]
    by_employer = [Share(key, names[key], evenness_of(found)) for key, found in employers.items()]
    never.sort(key=lambda one: one.number)
    return Fairness(
        whole=evenness_of(counts),
        strip=tuple(sorted(strip.items())),
        by_field=_most(by_field, key=lambda one: (-one.evenness.people, one.code)),
        by_employer=_most(by_employer, key=lambda one: (-one.evenness.total, -one.evenness.people, one.code)),
        never=tuple(never[:NEVER_SHOWN]),
    )


def _most(shares: Iterable[Share], *, key: Any) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=key)[:GROUPS_SHOWN])


@dataclass(frozen=True, slots=True)
class EvennessJson:
    """How evenly a group is asked."""

    people: int
    total: int
    never: int
    most: int
    gini: Annotated[float, Meta(description="0: all the same; towards 1: one has everything")]


@dataclass(frozen=True, slots=True)
class ShareJson:
    """A field or an employer."""

    code: str
    says: str
    evenness: EvennessJson


@dataclass(frozen=True, slots=True)
class FairnessJson:
    """How panels of the window are shared among those who may sit today."""

    as_of: date
    months: int
    whole: EvennessJson
    curve: Annotated[
        list[tuple[float, float]], Meta(description="share of people, share of panels; least loaded first")
    ]
    by_field: list[ShareJson]
    by_employer: list[ShareJson]
    never: Annotated[list[UUID], Meta(description="experts on no panel of the window, the first 60 by number")]


@get("/fairness", opt={"operation": "fairness:see"}, include_in_schema=False)
async def fairness_page(request: AnyRequest) -> Response[Any]:
    """Show how panels are shared, as pictures with the numbers beside them."""
    found, as_of, months = await _read(request)
    return page(request, "fairness/fairness.html", found=found, as_of=as_of, months=months)


@get("/api/fairness", opt={"operation": "fairness:see"}, tags=["fairness"], responses=problems(401, 403))
async def api_fairness(request: AnyRequest) -> FairnessJson:
    """Return how panels of the window are shared among those who may sit today."""
    found, as_of, months = await _read(request)
    return FairnessJson(
        as_of=as_of,
        months=months,
        whole=_json(found.whole),
        curve=list(found.whole.curve),
        by_field=[ShareJson(one.code, one.says, _json(one.evenness)) for one in found.by_field],
        by_employer=[ShareJson(one.code, one.says, _json(one.evenness)) for one in found.by_employer],
        never=[one.id for one in found.never],
    )


async def _read(request: AnyRequest) -> tuple[Fairness, date, int]:
    guard(request, "fairness:see")
    app = request.app.state
    as_of, months = app.clock.today(), policy_of(request).service_months
    async with reading(app.database) as session:
        current = await app.residents.current(session)
        pool = current.pool
    return await asyncio.to_thread(fairness_of, pool, as_of=as_of, months=months), as_of, months


def _json(found: Evenness) -> EvennessJson:
    return EvennessJson(found.people, found.total, found.never, found.most, round(found.gini, 4))


ROUTES = [fairness_page, api_fairness]
