"""An opinion written in Word or a PDF, read into the form for its author to check; only the form is saved."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.exchange.refused import FileRefused
from service.problems import Fault, Invalid, NotFound
from service.web.entry import viewer_of
from service.web.forms import Form
from service.web.openapi import problems
from service.web.opinions_api import OpinionJson
from service.web.review_expert import opinion_page
from service.web.review_own import read_own
from service.web.signing_api import unpack

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Uploading:
    """A document."""

    content: Annotated[str, Meta(max_length=14_000_000, description="a .docx or PDF in Base64, known by its content")]


@dataclass(frozen=True, slots=True)
class ReadJson:
    """What a document says, sorted by its headings and numbers; save what is right as the draft."""

    opinion: OpinionJson
    rest: Annotated[str, Meta(description="lines that belong to no section and have no number")]


@post("/reviews/{matter_id:uuid}/opinion/read", opt={"operation": "review:work"}, include_in_schema=False)
async def read_form(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show what an uploaded document says in the form of the opinion."""
    from service.documents.opinion_text import MOST_BYTES

    form = await Form.of(request)
    await _working(request, matter_id)
    upload = form.uploads.get("document")
    try:
        content = b"" if upload is None else await upload.read(MOST_BYTES + 1)
        read = await read_document(content, at="document")
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await opinion_page(request, matter_id, form, problem=problem)
    opinion = read.opinion
    values = {name: getattr(opinion, name) for name in ("necessity", "feasibility", "soundness", "risk", "dissent")}
    values |= {"points": "\n".join(opinion.points), "conclusion": opinion.conclusion}
    return await opinion_page(request, matter_id, Form({name: [text] for name, text in values.items()}), read=read)


@post(
    "/api/reviews/{matter_id:uuid}/opinion/read",
    opt={"operation": "review:work"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_read_document(request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Uploading]) -> ReadJson:
    """Return the text of a .docx or PDF as an opinion, for its author to check and save; nothing is kept."""
    await _working(request, matter_id)
    return await read_document(unpack(data.content, "/content"), at="/content")


async def read_document(content: bytes, *, at: str) -> ReadJson:
    """Read a document.

    Raises:
        Invalid: naming what is wrong with it.
    """
    from service.documents.opinion_text import sorted_out, text_of

    if not content:
        raise Invalid([Fault(at, "FIELD_REQUIRED")])
    try:
        found = sorted_out(await asyncio.to_thread(text_of, content))
    except FileRefused as refused:
        raise Invalid([Fault(at, refused.code, refused.facts)]) from None
    return ReadJson(OpinionJson(**found.sections, points=list(found.points), conclusion=found.conclusion), found.rest)


async def _working(request: AnyRequest, matter_id: UUID) -> None:
    own = await read_own(request, viewer_of(request), matter_id)
    if own.stage != "work":
        raise NotFound(subject="opinion")


ROUTES = [read_form, api_read_document]
