"""Trying a change of the local policy of conflicts: which open matters would change, before anybody publishes it."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter
from msgspec import Meta

from service.problems import Invalid
from service.storage.policy_trial import SEVERITIES, MatterTrial, Trial, rows_to_try, tried_policy, try_policy
from service.storage.session import reading
from service.storage.ties import conflict_policy
from service.web.entry import viewer_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
Row = Annotated[str, QueryParameter(name="row", max_length=60, description="id of a row of local policy")]
SeverityText = Annotated[
    str, QueryParameter(name="severity", max_length=20, description="block, waiver, disclose, or off")
]
WindowText = Annotated[
    str,
    QueryParameter(name="window", max_length=10, description="months, current or forever; empty leaves it as it is"),
]


@dataclass(frozen=True, slots=True)
class ShiftJson:
    """An expert who would stand otherwise."""

    expert: UUID
    role: Annotated[str, Meta(description="member, reserve, or empty outside the panel")]
    before: Annotated[str, Meta(examples=["restricted"])]
    after: Annotated[str, Meta(examples=["clear"])]


@dataclass(frozen=True, slots=True)
class MatterTrialJson:
    """An open matter that would change."""

    matter: UUID
    state: str
    on_panel: int
    shifts: list[ShiftJson]


@get("/policy/trial", opt={"operation": "policy:try"}, include_in_schema=False)
async def trial_page(
    request: AnyRequest, row: Row = "", severity: SeverityText = "", window: WindowText = ""
) -> Response[Any]:
    """Show the form, and what the change would do when one is entered."""
    app, form = request.app.state, Form({"row": [row], "severity": [severity], "window": [window]})
    found: tuple[MatterTrial, ...] = ()
    if row:
        try:
            found = await _tried(request, Trial(row, severity, window.strip()))
        except Invalid as problem:
            form.faults = list(problem.faults)
    return page(
        request,
        "facts/trial.html",
        status=400 if form.faults else 200,
        rows=rows_to_try(app.policy.conflicts),
        severities=SEVERITIES,
        policy=app.policy,
        asked=bool(row) and not form.faults,
        found=found,
        form=form,
        faults=form.faults,
    )


@get("/api/policy/trial", opt={"operation": "policy:try"}, tags=["conflicts"], responses=problems(400, 401, 403))
async def api_trial(
    request: AnyRequest, row: Row, severity: SeverityText, window: WindowText = ""
) -> list[MatterTrialJson]:
    """Return which open matters would change under a changed row of local policy; nothing is kept, nobody is told."""
    return [
        MatterTrialJson(
            one.matter.id,
            one.matter.state,
            one.on_panel,
            [
                ShiftJson(expert.id, one.matter.seats.get(shift.person, ""), *(end.value for end in shift.outcomes))
                for expert, shift in one.shifts
            ],
        )
        for one in await _tried(request, Trial(row, severity, window.strip()))
    ]


async def _tried(request: AnyRequest, trial: Trial) -> tuple[MatterTrial, ...]:
    app = request.app.state
    tried = tried_policy(app.policy.id, app.policy.conflicts, trial)
    async with reading(app.database) as session:
        return await try_policy(
            session,
            viewer_of(request),
            app.residents,
            now=conflict_policy(app.policy.id),
            tried=tried,
            day=app.clock.today(),
        )


ROUTES: list[Any] = [trial_page, api_trial]
