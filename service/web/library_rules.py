"""The library's own rules on a page: what is in force, what was before, and filing the next version."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.library_rules import TITLE_MOST, file_rules
from service.actions.material import FILE_MOST
from service.problems import Invalid, Problem
from service.storage.library_rules import in_force, library_rules, rules_document
from service.storage.session import reading
from service.web.entry import guard, perform
from service.web.forms import Form
from service.web.material_intake import take_scan
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/library-rules", opt={"operation": "library-rules:see"}, include_in_schema=False)
async def rules_page(request: AnyRequest) -> Response[Any]:
    """Show every version of the rules, the one in force marked."""
    return await _page(request, Form({}))


@post("/library-rules", opt={"operation": "library-rules:file"}, include_in_schema=False)
async def file_form(request: AnyRequest) -> Response[Any]:
    """File a version."""
    form = await Form.of(request)
    from_on = form.day("from_on", required=True)
    title = form.text("title", required=True, most=TITLE_MOST)
    content = await take_scan(form, "document", most=FILE_MOST)

    async def act(act: Act) -> Response[Any]:
        form.check()
        await file_rules(act, content, title=title, from_on=from_on or date.min)
        return see_other("/library-rules", notice="专家库规则已登记")

    try:
        return await perform(request, "library-rules:file", act)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, form, problem=problem)


@get("/library-rules/{rules_id:uuid}", opt={"operation": "library-rules:see"}, include_in_schema=False)
async def rules_file(request: AnyRequest, rules_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out a version."""
    return await rules_of(request, rules_id)


async def rules_of(request: AnyRequest, rules_id: UUID) -> Response[bytes]:
    """Answer with the PDF of a version."""
    guard(request, "library-rules:see")
    async with reading(request.app.state.database) as session:
        content = await rules_document(session, rules_id)
    headers = {"Content-Disposition": f'inline; filename="library-rules-{rules_id}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


async def _page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        versions = await library_rules(session)
    return page(
        request,
        "library_rules/versions.html",
        status=200 if problem is None else problem.status,
        versions=versions,
        held=in_force(versions, request.app.state.clock.today()),
        form=form,
        faults=form.faults,
        title_most=TITLE_MOST,
    )


ROUTES = [rules_page, file_form, rules_file]
