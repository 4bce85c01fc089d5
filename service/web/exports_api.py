"""Workbooks of the library through the API: experts, numbers masked or opened with a reason; the figures."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from service.actions.library_export import Opening
from service.web.experts_api import SeekingJson, filters_of
from service.web.exports import exported, figures_exported
from service.web.import_runs import XLSX
from service.web.openapi import IdempotencyKey, problems

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ExportingJson(SeekingJson):
    """Which experts, and which of their numbers in full."""

    open: Annotated[
        list[str], Meta(max_length=2, description="identity, phone; empty keeps both masked", examples=[["phone"]])
    ] = field(default_factory=list)
    reason: Annotated[str, Meta(max_length=500, examples=["召开年度专家座谈会，逐人电话通知"])] = ""


@post(
    "/api/experts/export",
    opt={"operation": "expert:export"},
    tags=["experts"],
    status_code=200,
    media_type=XLSX,
    responses=problems(400, 401, 403),
)
async def api_export(request: AnyRequest, data: JSONBody[ExportingJson], key: IdempotencyKey = "") -> Response[bytes]:
    """Return the experts found as a workbook (.xlsx), numbers masked unless opened with a reason.

    The ledger notes that the list was taken out; with numbers in full the look is noted with each expert. Nothing is
    kept of the answer, so that a repeat counts as another one.
    """
    return await exported(request, filters_of(data), Opening(tuple(data.open), data.reason))


@get(
    "/api/experts/figures.xlsx",
    opt={"operation": "expert:export"},
    tags=["experts"],
    media_type=XLSX,
    responses=problems(401, 403),
)
async def api_figures(request: AnyRequest) -> Response[bytes]:
    """Return the library in figures as a workbook, a sheet for each picture."""
    return await figures_exported(request)


ROUTES = [api_export, api_figures]
