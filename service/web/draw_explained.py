"""Why a draw gave everybody the chance that it gave: one row for each expert, and what each rule costs."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Meta

from service.access import may
from service.actions.draw_costs import Outlook, RuleCost, rule_costs
from service.problems import NotFound
from service.web.draw_desk import Chance, DrawDesk, Frozen, chances_of, read_draw_desk, read_frozen
from service.web.draw_show import frozen_of
from service.web.entry import viewer_of
from service.web.openapi import problems
from service.web.pages import page, say_field, says

AnyRequest = Request[Any, Any, Any]
ROWS_SHOWN = 1_000
ROLES = ("member", "declined", "reserve", "listed", "excluded")
_NO_REASON = ("NOT_SUITABLE", "")


@dataclass(frozen=True, slots=True)
class Explained:
    """One expert in a draw.

    Attributes:
        number: in the draw.
        expert_id: the expert.
        name, employer: empty for who has left the library.
        role: how the draw stands for the expert now, one of `ROLES`.
        alike: people whom every rule treats the same, with the chance of each; None for who was kept out.
        code, cite: what kept the expert out; empty for who was on the list.
    """

    number: str
    expert_id: UUID
    name: str
    employer: str
    role: str
    alike: Chance | None
    code: str = ""
    cite: str = ""


@dataclass(frozen=True, slots=True)
class ExplainedJson:
    """One expert in a draw; rows of people who are kept out have chance 0 and bear the reason."""

    number: Annotated[str, Meta(examples=["017"])]
    expert_id: UUID
    role: Annotated[str, Meta(description="member, declined, reserve, listed or excluded", examples=["member"])]
    chance: Annotated[str, Meta(description="before the draw, exact", examples=["9/151"])]
    fields: Annotated[list[str], Meta(description="needed fields the expert could fill", examples=[["570"]])]
    service: Annotated[int | None, Meta(description="panels of the window; 3 for three and more", examples=[1])]
    alike: Annotated[int, Meta(description="people whom every rule treats the same, the expert too", examples=[12])]
    code: str
    cite: str


@dataclass(frozen=True, slots=True)
class OutlookJson:
    """What a lottery gives."""

    least: Annotated[str, Meta(description="smallest chance divided by entitlement, exact", examples=["18/151"])]
    most: Annotated[str, Meta(description="largest chance, exact", examples=["2/3"])]
    with_chance: int
    panels: Annotated[int | None, Meta(description="null where only a lower bound is known")]


@dataclass(frozen=True, slots=True)
class CostJson:
    """A rule, and what the lottery would give without it."""

    at: Annotated[str, Meta(examples=["/caps/0"])]
    code: Annotated[str, Meta(examples=["COST_CAP"])]
    facts: dict[str, Any]
    without: Annotated[OutlookJson | None, Meta(description="null when it took too long")]


@dataclass(frozen=True, slots=True)
class CostsJson:
    """What each rule of a draw costs."""

    now: OutlookJson
    costs: list[CostJson]


@get("/matters/{matter_id:uuid}/draw/people", opt={"operation": "draw:see"}, include_in_schema=False)
async def people_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show everybody's chance before the draw, what determined it, and why others were kept out."""
    desk, rows = await _rows(request, matter_id)
    frozen, lottery = _frozen(desk)
    return page(
        request,
        "draw/people.html",
        matter=desk.matter,
        rows=rows[:ROWS_SHOWN],
        more=max(0, len(rows) - ROWS_SHOWN),
        frozen=frozen,
        lottery=lottery,
        top=max((row.alike.chance for row in rows if row.alike), default=1.0),
    )


@get(
    "/api/matters/{matter_id:uuid}/draw/people",
    opt={"operation": "draw:see"},
    tags=["draws"],
    responses=problems(401, 404),
)
async def api_people(request: AnyRequest, matter_id: FromPath[UUID]) -> list[ExplainedJson]:
    """Return everybody's chance before the draw and what determined it; who sits first, who was kept out last."""
    _, rows = await _rows(request, matter_id)
    return [
        ExplainedJson(
            row.number,
            row.expert_id,
            row.role,
            row.alike.text if row.alike else "0",
            list(row.alike.fields) if row.alike else [],
            row.alike.service if row.alike else None,
            len(row.alike.numbers) if row.alike else 0,
            row.code,
            row.cite,
        )
        for row in rows
    ]


@get("/matters/{matter_id:uuid}/draw/costs", opt={"operation": "draw:see"}, include_in_schema=False)
async def costs_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Compute what each rule of the draw costs, and show it; nothing is recorded."""
    frozen, now, costs = await _costs(request, matter_id)
    return page(request, "draw/costs.html", matter=frozen.matter, now=now, costs=costs, say_cost=say_cost)


@get(
    "/api/matters/{matter_id:uuid}/draw/costs",
    opt={"operation": "draw:see"},
    tags=["draws"],
    responses=problems(401, 404),
)
async def api_costs(request: AnyRequest, matter_id: FromPath[UUID]) -> CostsJson:
    """Compute what each rule of the draw costs: the fairest lottery once more without it. Records nothing."""
    _, now, costs = await _costs(request, matter_id)
    rows = [
        CostJson(one.at, one.code, dict(one.facts), None if one.without is None else _outlook(one.without))
        for one in costs
    ]
    return CostsJson(_outlook(now), rows)


async def _costs(request: AnyRequest, matter_id: UUID) -> tuple[Frozen, Outlook, tuple[RuleCost, ...]]:
    frozen = await read_frozen(request, matter_id)
    problem, lottery = _frozen(frozen)
    key = ("draw-costs", lottery["problem_sha256"], bool(lottery.get("x-equal", False)))
    now, costs = await request.app.state.kept.of(key, lambda: rule_costs(problem, lottery), worth=_whole)
    return frozen, now, costs


def _whole(found: tuple[Outlook, tuple[RuleCost, ...]]) -> bool:
    """Return whether every rule was computed in time; else it is tried again."""
    return all(one.without is not None for one in found[1])


async def _rows(request: AnyRequest, matter_id: UUID) -> tuple[DrawDesk, tuple[Explained, ...]]:
    desk = await read_draw_desk(request, matter_id)
    frozen, lottery = _frozen(desk)
    private = may(viewer_of(request), "panel:see-reasons")
    return desk, tuple(await asyncio.to_thread(lambda: tuple(explain(desk, frozen, lottery, private=private))))


def explain(
    desk: DrawDesk, frozen: Mapping[str, Any], lottery: Mapping[str, Any], *, private: bool
) -> Iterator[Explained]:
    """Yield everybody in a draw: who sits, who declined, reserves, the others by chance, and who was kept out.

    Args:
        desk: the draw as read.
        frozen: its problem.
        lottery: its lottery.
        private: whether the viewer may know why somebody was kept out; others learn only that it is so.
    """
    if desk.live is not None:
        people: Mapping[str, UUID] = desk.live.people
    else:
        people = desk.draft.people if desk.draft is not None else {}
    record = (desk.live.record if desk.live else None) or {"panel": (), "reserves": (), "declines": ()}
    roles = {row["id"]: "reserve" for row in record["reserves"]}
    roles |= {row["id"]: "declined" for row in record["declines"]}
    roles |= {row["id"]: "member" for row in record["panel"]}

    def row(number: str, role: str, alike: Chance | None, code: str = "", cite: str = "") -> Explained:
        one = desk.standings.get(people[number])
        name, employer = (one.entry.name, one.employer) if one else ("", "")
        return Explained(number, people[number], name, employer, role, alike, code, cite)

    found = [
        row(number, roles.get(number, "listed"), alike)
        for alike in chances_of(frozen, lottery)
        for number in alike.numbers
    ]
    # Sorting keeps the order of the chances, the highest first.
    yield from sorted(found, key=lambda one: ROLES.index(one.role))
    without = {one["id"] for one in frozen["candidates"]} - {one.number for one in found}
    for number in sorted(without):
        yield row(number, "listed", None)
    for one in sorted(frozen["excluded"], key=lambda one: (one["code"], one["id"])):
        code, cite = (one["code"], one["cite"]) if private else _NO_REASON
        yield row(one["id"], "excluded", None, code, cite)


def _frozen(desk: DrawDesk | Frozen) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    frozen, lottery = frozen_of(desk)
    if frozen is None or lottery is None:
        raise NotFound(subject="draw")
    return frozen, lottery


def _outlook(found: Outlook) -> OutlookJson:
    return OutlookJson(str(found.least), str(found.most), found.with_chance, found.panels)


def say_cost(code: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence of a rule that was left out."""
    named = dict(facts)
    if "field" in named:
        named["field"] = say_field(str(named["field"]))
    for key in ("attribute", "value"):
        if key in named:
            named[key] = says(f"ATTRIBUTE_{str(named[key]).upper().replace('-', '_')}")
    return says(code, named)


ROUTES = [people_page, api_people, costs_page, api_costs]
