"""What each rule of a composed panel costs: load and fit of the best panel without it, beside those with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Meta

from selection import rule_costs
from selection.result import Objective
from service.actions.draw_costs import rows_of
from service.web.draw_explained import say_cost
from service.web.openapi import problems
from service.web.pages import page
from service.web.panel_desk import Desk, read_desk

AnyRequest = Request[Any, Any, Any]
# Seconds for one rule; a rule that takes longer is said to be not proven.
TIME_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class ObjectiveJson:
    """What a panel is measured by: less load first, then more fit."""

    load: Annotated[int, Meta(description="sum over the members of 2 x service + 1", examples=[17])]
    fit: Annotated[int, Meta(description="sum over the members, 0 to 100 each", examples=[512])]


@dataclass(frozen=True, slots=True)
class PanelCostJson:
    """A rule, and the best panel without it."""

    at: Annotated[str, Meta(examples=["/seats/0"])]
    code: Annotated[str, Meta(examples=["COST_SEAT"])]
    facts: dict[str, Any]
    without: Annotated[ObjectiveJson | None, Meta(description="null when it was not proven in time")]


@dataclass(frozen=True, slots=True)
class PanelCostsJson:
    """What each rule of a composed panel costs; empty where no panel exists or somebody is put in by hand."""

    now: ObjectiveJson | None
    costs: list[PanelCostJson]


@get("/matters/{matter_id:uuid}/panel/costs", opt={"operation": "panel:see"}, include_in_schema=False)
async def costs_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Compute what each rule costs the best panel, and show it; nothing is recorded."""
    desk = await read_desk(request, matter_id)
    found = await _costs(request, desk)
    return page(request, "panel/costs.html", matter=desk.matter, desk=desk, found=found, say_cost=say_cost)


@get(
    "/api/matters/{matter_id:uuid}/panel/costs",
    opt={"operation": "panel:see"},
    tags=["panels"],
    responses=problems(401, 404),
)
async def api_panel_costs(request: AnyRequest, matter_id: FromPath[UUID]) -> PanelCostsJson:
    """Compute what each rule costs the best panel: the best one once more without it. Records nothing."""
    return await _costs(request, await read_desk(request, matter_id))


async def _costs(request: AnyRequest, desk: Desk) -> PanelCostsJson:
    result, posed = desk.assembly.result, desk.problem.request
    if result.status != "optimal" or desk.problem.locked_in:
        return PanelCostsJson(None, [])
    named: Mapping[str, tuple[str, Mapping[str, Any]]] = rows_of(posed)
    costs = await request.app.state.kept.of(
        ("panel-costs", desk.problem_sha256, str(desk.matter.id)),
        lambda: rule_costs(posed, result, time_limit=TIME_LIMIT),
        worth=lambda found: all(one.without is not None for one in found),
    )
    return PanelCostsJson(
        _objective(result.objective),
        [PanelCostJson(one.at, *_named(named[one.at]), _objective(one.without)) for one in costs if one.at in named],
    )


def _named(row: tuple[str, Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    return row[0], dict(row[1])


def _objective(found: Objective | None) -> ObjectiveJson | None:
    return None if found is None else ObjectiveJson(found.service, found.fit)


ROUTES = [costs_page, api_panel_costs]
