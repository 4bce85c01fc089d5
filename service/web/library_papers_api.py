"""Official papers of the library through the API: roster, contact list, letter to a unit, yearly report."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.library_papers import UnitLetterEntry, read_contacts, read_report, read_roster, read_unit_letter
from service.documents.official import FORMATS, OfficialPaper
from service.problems import Fault, Invalid
from service.web.library_papers import hand_out
from service.web.openapi import problems

AnyRequest = Request[Any, Any, Any]
Form = Annotated[str, Meta(max_length=10, description="pdf (PDF/A) or docx", examples=["pdf"])]


@dataclass(frozen=True, slots=True)
class PaperJson:
    """How a paper is wanted."""

    format: Form = "pdf"


@dataclass(frozen=True, slots=True)
class ContactsJson:
    """A contact list; telephone numbers are masked unless `phones`, which needs a reason."""

    format: Form = "pdf"
    phones: bool = False
    reason: Annotated[str, Meta(max_length=500, examples=["召开年度专家座谈会，逐人电话通知"])] = ""


@dataclass(frozen=True, slots=True)
class ReportJson:
    """The year of a report; of the running one, up to today."""

    year: Annotated[int, Meta(ge=1, le=9999, examples=[2026])]
    format: Form = "pdf"


@dataclass(frozen=True, slots=True)
class UnitLetterJson:
    """What a letter to an expert's unit asks for."""

    purpose: Annotated[str, Meta(max_length=400, examples=["县城集中供热管网改造工程专家论证"])]
    from_on: Annotated[date, Meta(description="China Standard Time", examples=["2026-09-21"])]
    to_on: Annotated[date, Meta(description="inclusive", examples=["2026-09-22"])]
    number: Annotated[str, Meta(max_length=400, examples=["示决咨函〔2026〕8号"])] = ""
    contact: Annotated[str, Meta(max_length=400)] = ""
    format: Form = "pdf"


@post(
    "/api/papers/roster",
    opt={"operation": "paper:make"},
    tags=["papers"],
    status_code=200,
    media_type="application/pdf",
    responses=problems(400, 401, 403, 409),
)
async def api_roster(request: AnyRequest, data: JSONBody[PaperJson]) -> Response[bytes]:
    """Return the roster of who is in office; the ledger notes it, so there is nothing to repeat."""
    return await hand_out(request, read_roster, _form(data.format), "roster")


@post(
    "/api/papers/contacts",
    opt={"operation": "paper:make"},
    tags=["papers"],
    status_code=200,
    media_type="application/pdf",
    responses=problems(400, 401, 403, 409),
)
async def api_contacts(request: AnyRequest, data: JSONBody[ContactsJson]) -> Response[bytes]:
    """Return the contact list of who is in office; every look at a number in full is noted with its reason."""

    async def read(act: Act) -> OfficialPaper:
        return await read_contacts(act, phones=data.phones, reason=data.reason)

    return await hand_out(request, read, _form(data.format), "contacts")


@post(
    "/api/papers/report",
    opt={"operation": "paper:make"},
    tags=["papers"],
    status_code=200,
    media_type="application/pdf",
    responses=problems(400, 401, 403, 409),
)
async def api_report(request: AnyRequest, data: JSONBody[ReportJson]) -> Response[bytes]:
    """Return the yearly report on the library's use."""

    async def read(act: Act) -> OfficialPaper:
        return await read_report(act, year=data.year)

    return await hand_out(request, read, _form(data.format), "report")


@post(
    "/api/experts/{expert_id:uuid}/unit-letter",
    opt={"operation": "paper:make"},
    tags=["papers"],
    status_code=200,
    media_type="application/pdf",
    responses=problems(400, 401, 403, 404, 409),
)
async def api_unit_letter(
    request: AnyRequest, expert_id: FromPath[UUID], data: JSONBody[UnitLetterJson]
) -> Response[bytes]:
    """Return the letter that asks an expert's unit to let the expert take part."""

    async def read(act: Act) -> OfficialPaper:
        entry = UnitLetterEntry(data.purpose, data.from_on, data.to_on, data.number, data.contact)
        return await read_unit_letter(act, expert_id, entry)

    return await hand_out(request, read, _form(data.format), "unit-letter")


def _form(form: str) -> str:
    if form not in FORMATS:
        raise Invalid([Fault("format", "FIELD_NOT_A_CHOICE")])
    return form


ROUTES = [api_roster, api_contacts, api_report, api_unit_letter]
