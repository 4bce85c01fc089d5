"""What the pages and the JSON that look ahead share: the newest job of a kind, and its result for one viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request, Response

from registry import Evenness, evenness_of
from service.actions.act import Act
from service.actions.ahead import stop_job
from service.jobs import Job, newest_job
from service.storage.ahead import names_of_matters
from service.storage.session import reading
from service.web.entry import perform, viewer_of
from service.web.work import Reached, reached, stop_here

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the months would go under one policy, for the page.

    Attributes:
        policy: `fit`, `composed`, `drawn` or `equal`.
        evenness: of the panels over all candidates.
        fit: mean fit of a seat, 0 to 100.
        unstaffed: matters without a panel.
    """

    policy: str
    evenness: Evenness
    fit: float
    unstaffed: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A matter of a plan, for a viewer who may know it.

    Attributes:
        id, number, title: the matter.
        members: name and seat; empty where there is no panel.
        fit: sum over the members.
    """

    id: UUID
    number: str
    title: str
    members: tuple[tuple[UUID, str, str | None], ...]
    fit: int


async def newest(request: AnyRequest, kind: str) -> tuple[Job | None, Reached | None]:
    """Return the newest job of a kind and how far it is; None and None when there was none."""
    async with reading(request.app.state.database) as session:
        found = await newest_job(session, kind)
    return found, None if found is None else reached(request, found)


async def stop(request: AnyRequest, kind: str, answer: Response[T]) -> Response[T]:
    """Stop what computes, and give this answer."""

    async def do(act: Act) -> Response[T]:
        await stop_job(act, kind)
        return answer

    found, _ = await newest(request, kind)
    done = await perform(request, "ahead:run", do)
    if found is not None:
        stop_here(request, found)
    return done


def outcomes_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """Return the policies of a simulation for the page."""
    found = []
    for row in rows:
        counts = [many for many, people in row["spread"] for _ in range(people)]
        fit = row["fit"] / row["seats"] if row["seats"] else 0.0
        found.append(Outcome(row["policy"], evenness_of(counts), fit, len(row["unstaffed"])))
    return tuple(found)


async def planned(
    request: AnyRequest, result: Mapping[str, Any]
) -> tuple[tuple[Planned, ...], tuple[tuple[UUID, str, str], ...]]:
    """Return the matters of a plan, and those left to hands, of which the viewer may know."""
    plan = result["plan"]
    by_hand = [UUID(matter) for matter in result["by_hand"]]
    rows = [*plan["panels"], *plan["unstaffed"]]
    async with reading(request.app.state.database) as session:
        known = await names_of_matters(session, viewer_of(request), [*(UUID(row["matter"]) for row in rows), *by_hand])
        experts = (await request.app.state.residents.current(session)).pool.experts
    found = []
    for row in rows:
        matter = UUID(row["matter"])
        if matter not in known:
            continue
        members = tuple(
            (UUID(one["id"]), experts[UUID(one["id"])].name if UUID(one["id"]) in experts else "", one["seat"])
            for one in row.get("panel", ())
        )
        found.append(Planned(matter, *known[matter], members, row.get("fit", 0)))
    found.sort(key=lambda one: one.number)
    return tuple(found), tuple((one, *known[one]) for one in by_hand if one in known)
