"""An organisation that was entered twice as pages: both rows side by side, and letting one go into the other."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.duplicates import Duplicate, merge_duplicate
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.organisations import load_organisation
from service.storage.reorganisation import standing_of
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.expert_forms import read_unit, units_for
from service.web.forms import Form
from service.web.organisations import trouble_of
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get(
    "/organisations/{organisation_id:uuid}/duplicate", opt={"operation": "organisation:change"}, include_in_schema=False
)
async def duplicate_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Ask for the other row of an organisation; once that is said, show both and what would go along."""
    form = Form({name: request.query_params.getall(name) for name in request.query_params})
    return await _page(request, organisation_id, form)


@post(
    "/organisations/{organisation_id:uuid}/duplicate", opt={"operation": "organisation:change"}, include_in_schema=False
)
async def duplicate_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Let another row of an organisation go into this one."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        other, other_seen = form.id("other_id", required=True), form.number("other_version", least=1, most=10**8)
        form.check()
        assert other is not None
        assert other_seen is not None
        await merge_duplicate(act, organisation_id, Duplicate(other, other_seen, form.typed("reason")), seen=seen)
        return see_other(f"/organisations/{organisation_id}", notice="两条已并成一条")

    try:
        return await perform(request, "organisation:change", do, subject=str(organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return await _page(request, organisation_id, form, problem=problem)


async def _page(
    request: AnyRequest, organisation_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app, viewer = request.app.state, viewer_of(request)
    today = app.clock.today()
    async with reading(app.database) as session:
        kept = await load_organisation(session, viewer, organisation_id, on=today)
        other_id = await read_unit(session, form, "other", needed=form.typed("asked") != "")
        if other_id == organisation_id:
            form.fault("other", "FIELD_NOT_A_CHOICE")
            other_id = None
        gone = None if other_id is None else await load_organisation(session, viewer, other_id, on=today)
        standing = None if gone is None else await standing_of(session, viewer, gone.id, on=today)
        units = await units_for(session, form, "other", on=today)
    if problem is None and form.faults:
        problem = Invalid(form.faults)
    return page(
        request,
        "organisations/duplicate.html",
        status=200 if problem is None else problem.status,
        organisation=kept,
        gone=gone,
        standing=standing,
        units=units,
        form=form,
        **trouble_of(problem),
    )


ROUTES = [duplicate_page, duplicate_form]
