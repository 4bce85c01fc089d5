"""Official papers of the library as pages: roster, contact list, letter to a unit, yearly report; PDF/A or Word."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.library_papers import (
    UnitLetterEntry,
    read_contacts,
    read_report,
    read_roster,
    read_unit_letter,
    set_paper,
)
from service.documents.official import FORMATS, OfficialPaper
from service.problems import Invalid, Problem, Refused
from service.storage.expert_page import load_expert
from service.storage.session import reading, unit_of_work
from service.web.entry import act_in, viewer_of
from service.web.forms import Form
from service.web.organisations import trouble_of
from service.web.pages import instant_of, page

AnyRequest = Request[Any, Any, Any]
MEDIA: Final = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@get("/experts/papers", opt={"operation": "paper:make"}, include_in_schema=False)
async def papers_page(request: AnyRequest) -> Response[Any]:
    """Show the papers that the library makes in one click."""
    return _page(request, Form({}))


@post("/experts/papers/roster", opt={"operation": "paper:make"}, status_code=200, include_in_schema=False)
async def roster_form(request: AnyRequest) -> Response[Any]:
    """Hand out the roster of who is in office."""
    form = await Form.of(request)
    return await _handed(request, form, read_roster, "roster")


@post("/experts/papers/contacts", opt={"operation": "paper:make"}, status_code=200, include_in_schema=False)
async def contacts_form(request: AnyRequest) -> Response[Any]:
    """Hand out the contact list; numbers in full only with a reason."""
    form = await Form.of(request)

    async def read(act: Act) -> OfficialPaper:
        return await read_contacts(act, phones=form.typed("phones") == "yes", reason=form.typed("reason"))

    return await _handed(request, form, read, "contacts")


@post("/experts/papers/report", opt={"operation": "paper:make"}, status_code=200, include_in_schema=False)
async def report_form(request: AnyRequest) -> Response[Any]:
    """Hand out the yearly report on the library's use."""
    form = await Form.of(request)

    async def read(act: Act) -> OfficialPaper:
        year = form.number("year", least=2000, most=act.on.year, default=act.on.year)
        form.check()
        return await read_report(act, year=year or act.on.year)

    return await _handed(request, form, read, "report")


@get("/experts/{expert_id:uuid}/unit-letter", opt={"operation": "paper:make"}, include_in_schema=False)
async def letter_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Ask what the letter to an expert's unit is about."""
    return await _letter_page(request, expert_id, Form({}))


@post(
    "/experts/{expert_id:uuid}/unit-letter", opt={"operation": "paper:make"}, status_code=200, include_in_schema=False
)
async def letter_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Hand out the letter to an expert's unit."""
    form = await Form.of(request)

    async def read(act: Act) -> OfficialPaper:
        first = form.day("from_on", required=True)
        last = form.day("to_on") or first
        form.check()
        entry = UnitLetterEntry(
            form.typed("purpose"), first or act.on, last or act.on, form.typed("number"), form.typed("contact")
        )
        return await read_unit_letter(act, expert_id, entry)

    try:
        return await hand_out(request, read, form.choice("format", FORMATS, default="pdf"), "unit-letter")
    except (Invalid, Refused) as problem:
        return await _letter_page(request, expert_id, form, problem=problem)


async def hand_out(
    request: AnyRequest, read: Callable[[Act], Awaitable[OfficialPaper]], form: str, name: str
) -> Response[Any]:
    """Read a paper in one unit of work, note it, and set it afterwards.

    Not `perform`: its answers are kept for thirty days, and a paper with names is nothing to keep there.

    Args:
        request: the request.
        read: the act.
        form: `pdf` or `docx`.
        name: of the file.

    Raises:
        Invalid, Refused: whatever the act raises.
    """
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        paper = await read(act_in(request, session))
    content = await asyncio.to_thread(set_paper, paper, form)
    disposition = f'attachment; filename="{name}-{paper.day.isoformat()}.{form}"'
    return Response(content, media_type=MEDIA[form], headers={"Content-Disposition": disposition})


async def _handed(
    request: AnyRequest, form: Form, read: Callable[[Act], Awaitable[OfficialPaper]], name: str
) -> Response[Any]:
    try:
        return await hand_out(request, read, form.choice("format", FORMATS, default="pdf"), name)
    except (Invalid, Refused) as problem:
        return _page(request, form, problem=problem)


def _page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    return page(
        request,
        "papers/papers.html",
        status=200 if problem is None else problem.status,
        form=form,
        year=request.app.state.clock.today().year,
        **trouble_of(problem),
    )


async def _letter_page(
    request: AnyRequest, expert_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    app = request.app.state
    async with reading(app.database) as session:
        expert = await load_expert(session, viewer_of(request), expert_id, on=app.clock.today())
    return page(
        request,
        "papers/unit_letter.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        form=form,
        **trouble_of(problem),
    )


ROUTES = [papers_page, roster_form, contacts_form, report_form, letter_page, letter_form]
