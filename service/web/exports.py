"""Taking lists out of the library as workbooks: experts, numbers masked or opened with a reason; the figures."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post

from service.actions.figures_export import figures_workbook
from service.actions.library_export import OPENABLE, Opening, export_workbook, read_export
from service.locales import gettext, language, use_language
from service.problems import Fault, Invalid
from service.storage.figures import load_figures
from service.storage.session import reading, unit_of_work
from service.web.entry import act_in, policy_of, viewer_of
from service.web.experts import Filters, show_list, sought_by, typed_filters
from service.web.forms import Form
from service.web.import_runs import workbook
from service.web.pages import instant_of

AnyRequest = Request[Any, Any, Any]


@post("/experts/export", opt={"operation": "expert:export"}, status_code=200, include_in_schema=False)
async def export_form(request: AnyRequest) -> Response[Any]:
    """Hand out the experts of the list as a workbook; numbers in full only with a reason."""
    form = await Form.of(request)
    filters = typed_filters(form)
    opening = Opening(tuple(form.choices("open", OPENABLE)), form.typed("open_reason"))
    try:
        return await exported(request, filters, opening)
    except Invalid as problem:
        faults = [Fault("open_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await show_list(request, filters, form=form, problem=Invalid(faults))


@get("/experts/figures.xlsx", opt={"operation": "expert:export"}, include_in_schema=False)
async def figures_form(request: AnyRequest) -> Response[Any]:
    """Hand out the library in figures as a workbook, a sheet for each picture."""
    return await figures_exported(request)


async def exported(request: AnyRequest, filters: Filters, opening: Opening) -> Response[Any]:
    """Return the experts of the filters as a workbook.

    Not `perform`: its answers are kept for thirty days, and a list of people is nothing to keep there. Every taking out
    counts, so that there is nothing to repeat.

    Raises:
        Invalid: FIELD_NOT_FOUND; when the reason is missing or too short.
    """
    sought = sought_by(request, filters)
    if sought is None:
        raise Invalid([Fault("field", "FIELD_NOT_FOUND", {"text": filters.field})])
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        lines = await read_export(act_in(request, session), sought if filters.narrows else None, opening=opening)
    day = request.app.state.clock.today().isoformat()

    def make() -> bytes:
        return export_workbook(lines, title=gettext("专家名册"), day=day, opened=opening.what)

    return workbook(await _in_language(make), f"experts-{day}.xlsx")


async def figures_exported(request: AnyRequest) -> Response[Any]:
    """Return the library in figures as a workbook."""
    app = request.app.state
    on, least = app.clock.today(), policy_of(request).library.field_least
    async with reading(app.database) as session:
        figures = await load_figures(
            session, viewer_of(request), on=on, county_code=app.settings.county_code, least=least
        )
    content = await _in_language(lambda: figures_workbook(figures, least=least))
    return workbook(content, f"figures-{on.isoformat()}.xlsx")


async def _in_language(make: Callable[[], bytes]) -> bytes:
    """Make a workbook in a thread, in the language of the reader."""
    chosen = language()

    def made() -> bytes:
        use_language(chosen)
        return make()

    return await asyncio.to_thread(made)


ROUTES = [export_form, figures_form]
