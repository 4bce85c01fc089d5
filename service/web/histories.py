"""The record of an expert or an organisation, page by page."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter

from service.locales import gettext
from service.storage.expert_page import load_expert
from service.storage.history import history_of
from service.storage.organisations import load_organisation
from service.storage.session import reading
from service.web.entry import guard, viewer_of
from service.web.pages import page

AnyRequest = Request[Any, Any, Any]
Before = Annotated[int | None, QueryParameter(name="before", ge=1, le=2**53)]


@get("/experts/{expert_id:uuid}/history", opt={"operation": "expert:list"}, include_in_schema=False)
async def expert_history(request: AnyRequest, expert_id: FromPath[UUID], before: Before = None) -> Response[Any]:
    """Show a page of an expert's record."""
    guard(request, "expert:list")
    app = request.app.state
    async with reading(app.database) as session:
        expert = await load_expert(session, viewer_of(request), expert_id, on=app.clock.today())
        history = await history_of(session, f"expert:{expert_id}", before=before)
    home = f"/experts/{expert_id}"
    crumbs = [(gettext("专家"), "/experts"), (expert.name, home)]
    return page(
        request,
        "history/page.html",
        history=history,
        name=expert.name,
        home=home,
        crumbs=crumbs,
        later=before is not None,
    )


@get("/organisations/{organisation_id:uuid}/history", opt={"operation": "organisation:see"}, include_in_schema=False)
async def organisation_history(
    request: AnyRequest, organisation_id: FromPath[UUID], before: Before = None
) -> Response[Any]:
    """Show a page of an organisation's record."""
    app = request.app.state
    async with reading(app.database) as session:
        organisation = await load_organisation(session, viewer_of(request), organisation_id, on=app.clock.today())
        history = await history_of(session, f"organisation:{organisation_id}", before=before)
    home = f"/organisations/{organisation_id}"
    return page(
        request,
        "history/page.html",
        history=history,
        name=organisation.name,
        home=home,
        crumbs=[(gettext("单位"), "/organisations"), (organisation.name, home)],
        later=before is not None,
    )


ROUTES = [expert_history, organisation_history]
