"""Letters of appointment: printed as PDF/A by the center, checked by anyone with the code that stands on them."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.actions.letters import note_printing, prepare_letters, set_letters
from service.problems import NotFound
from service.storage.letters import check_letter
from service.storage.session import reading, unit_of_work
from service.web.entry import act_in, viewer_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class LetterCheckJson:
    """What anyone may learn by the code of a letter."""

    number: str
    name: str
    letter_on: date
    starts_on: date
    ends_on: date
    valid: bool
    ended: bool


@get("/letters", opt={"operation": "letter:check"}, include_in_schema=False)
async def ask_page(
    request: AnyRequest, code: Annotated[str, QueryParameter(name="code", max_length=60)] = ""
) -> Response[Any]:
    """Ask for the code of a letter, or go to what it says."""
    if code.strip():
        tidy = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
        return see_other(f"/letters/{tidy or '-'}")
    return page(request, "letters/check.html", letter=None, unknown=False, code="", form=Form({}))


@get("/letters/{code:str}", opt={"operation": "letter:check"}, include_in_schema=False)
async def check_page(request: AnyRequest, code: FromPath[str]) -> Response[Any]:
    """Say whether a letter was issued, and for which term."""
    try:
        async with reading(request.app.state.database) as session:
            letter = await check_letter(session, code, on=request.app.state.clock.today())
    except NotFound:
        return page(request, "letters/check.html", status=404, letter=None, unknown=True, code=code[:40], form=Form({}))
    return page(request, "letters/check.html", letter=letter, unknown=False, code=code, form=Form({}))


@get(
    "/api/letters/{code:str}",
    opt={"operation": "letter:check"},
    tags=["letters"],
    responses=problems(404),
)
async def api_check_letter(request: AnyRequest, code: FromPath[str]) -> LetterCheckJson:
    """Say whether a letter was issued, and for which term; anyone may ask."""
    async with reading(request.app.state.database) as session:
        found = await check_letter(session, code, on=request.app.state.clock.today())
    return LetterCheckJson(
        found.number, found.name, found.letter_on, found.starts_on, found.ends_on, found.valid, found.ended
    )


@post("/batches/{batch_id:uuid}/print", opt={"operation": "letter:print"}, status_code=200, include_in_schema=False)
async def print_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Hand out the letters of a list, or of one person on it, as PDF/A; every printing is noted."""
    form = await Form.of(request)
    candidate_id = form.id("candidate")
    form.check()
    return await _printed(request, batch_id, candidate_id)


@post(
    "/api/batches/{batch_id:uuid}/print",
    opt={"operation": "letter:print"},
    tags=["letters"],
    status_code=200,
    media_type="application/pdf",
    responses=problems(401, 403, 404, 409),
)
async def api_print(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[bytes]:
    """Return the letters of a list as one PDF/A, one a page; every printing is noted, so there is nothing to repeat."""
    return await _printed(request, batch_id, None)


async def _printed(request: AnyRequest, batch_id: UUID, candidate_id: UUID | None) -> Response[bytes]:
    # Not `perform`: its answers are kept for thirty days, and a letter with a name is nothing to keep there.
    app, viewer = request.app.state, viewer_of(request)
    on, years = app.clock.today(), app.edition.number("TERM_EXPIRED", "years")
    async with reading(app.database) as session:
        letters = await prepare_letters(session, viewer, batch_id, candidate_id=candidate_id, years=years)
    content = await asyncio.to_thread(
        set_letters, letters, county=app.settings.county, base_url=app.settings.base_url, on=on
    )
    async with unit_of_work(app.database, at=instant_of(request)) as session:
        await note_printing(act_in(request, session), batch_id, candidate_id=candidate_id)
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="letters-{letters[0].letter_on.isoformat()}.pdf"'},
    )


ROUTES = [ask_page, check_page, api_check_letter, print_form, api_print]
