"""Trying a change of the local policy of conflicts: which open matters would change, before anybody publishes it."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from service.access import may
from service.problems import Invalid, Problem, Refused
from service.regulation import SEVERITIES, RowChange, amend, is_of_law, load_policy
from service.storage.policies import PolicyVersion, drafted_policy, latest_policy, load_version, open_draft
from service.storage.policy_trial import MatterTrial, try_policy
from service.storage.session import Session, reading
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
    return await show_trial(request, Form({"row": [row], "severity": [severity], "window": [window]}))


async def show_trial(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    """Show the trial of the change that a form holds, with the form to draw it up as a version of the policy."""
    app, viewer = request.app.state, viewer_of(request)
    found: tuple[MatterTrial, ...] = ()
    async with reading(app.database) as session:
        latest = await latest_policy(session, app.settings.policy)
        draft: PolicyVersion | None = await open_draft(session, app.settings.policy)
        if form.typed("row"):
            try:
                found = await _tried(request, session, change_of(form))
            except Invalid as invalid:
                form.faults += [fault for fault in invalid.faults if fault not in form.faults]
    untried = any(fault.at in ("row", "severity", "window") for fault in form.faults)
    return page(
        request,
        "policy/trial.html",
        status=problem.status if problem else 400 if form.faults else 200,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        rows=[row for row in latest.rows if not is_of_law(row)],
        severities=SEVERITIES,
        policy=latest,
        draft=draft,
        asked=bool(form.typed("row")) and not untried,
        found=found,
        may_draft=may(viewer, "policy:draft"),
        form=form,
        faults=form.faults,
    )


def change_of(form: Form) -> RowChange:
    """Return the change that a form holds."""
    return RowChange(form.typed("row"), form.typed("severity"), form.typed("window").strip())


@get("/api/policy/trial", opt={"operation": "policy:try"}, tags=["policy"], responses=problems(400, 401, 403, 409))
async def api_trial(
    request: AnyRequest, row: Row, severity: SeverityText, window: WindowText = ""
) -> list[MatterTrialJson]:
    """Return which open matters would change under a changed row of local policy; nothing is kept, nobody is told."""
    async with reading(request.app.state.database) as session:
        return _json(await _tried(request, session, RowChange(row, severity, window.strip())))


@get(
    "/api/policy/versions/{version_id:uuid}/trial",
    opt={"operation": "policy:try"},
    tags=["policy"],
    responses=problems(401, 403, 404),
)
async def api_draft_trial(request: AnyRequest, version_id: FromPath[UUID]) -> list[MatterTrialJson]:
    """Return which open matters would change, and for whom, if a draft were in force today."""
    async with reading(request.app.state.database) as session:
        await load_version(session, version_id)
        return _json(await tried_draft(request, session, version_id))


async def tried_draft(request: AnyRequest, session: Session, version_id: UUID) -> tuple[MatterTrial, ...]:
    """Return what a draft would change in the open matters for the viewer."""
    app = request.app.state
    now, tried = await latest_policy(session, app.settings.policy), await drafted_policy(session, version_id)
    return await try_policy(
        session, viewer_of(request), app.residents, now=now.table, tried=tried.table, day=app.clock.today()
    )


async def _tried(request: AnyRequest, session: Session, change: RowChange) -> tuple[MatterTrial, ...]:
    app = request.app.state
    latest, today = await latest_policy(session, app.settings.policy), app.clock.today()
    tried = amend(latest, [change], shipped=load_policy(app.settings.policy), from_on=today).policy
    return await try_policy(session, viewer_of(request), app.residents, now=latest.table, tried=tried.table, day=today)


def _json(found: tuple[MatterTrial, ...]) -> list[MatterTrialJson]:
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
        for one in found
    ]


ROUTES: list[Any] = [trial_page, api_trial, api_draft_trial]
