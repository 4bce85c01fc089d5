"""Opinions signed on paper as JSON: entered by one person, confirmed by another."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.material import FILE_MOST
from service.actions.opinions import Opinion
from service.actions.paper import OnPaper, confirm_paper, enter_paper, reject_paper
from service.problems import Fault, Invalid, NotFound
from service.web.entry import perform, version_of
from service.web.material_intake import scanned
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.paper import waiting_paper
from service.web.review import as_pdf
from service.web.review_api import Base64, ReviewVersion, Why, version_json
from service.web.signing_api import unpack

AnyRequest = Request[Any, Any, Any]
_ADDRESS = "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/paper"


@dataclass(frozen=True, slots=True)
class EnteringPaper:
    """What an opinion on paper says, and its scan."""

    scan: Annotated[Base64, Meta(description="PDF, JPEG or PNG in Base64, known by its content")]
    conclusion: Annotated[str, Meta(description="agree, agree-with-changes or disagree", examples=["agree"])]
    received_at: Annotated[
        datetime,
        Meta(description="when it reached the center, with its zone", examples=["2026-09-18T15:00:00+08:00"]),
    ]
    points: Annotated[
        list[str], Meta(max_length=40, description="copied from the paper", examples=[["补充二十年一遇洪水位复核"]])
    ] = field(default_factory=list)


@post(
    _ADDRESS,
    opt={"operation": "review:enter-paper"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_enter_paper(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[EnteringPaper],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Enter an opinion that an expert signed on paper; it counts when a second person has confirmed it (A32.3)."""
    seen = await version_of(request)
    if data.received_at.tzinfo is None:
        raise Invalid([Fault("received_at", "INSTANT_NAIVE")])
    scan = await scanned(unpack(data.scan, "/scan"), at="/scan", most=FILE_MOST)
    points = tuple(point.strip() for point in data.points if point.strip())
    paper = OnPaper(Opinion(points=points, conclusion=data.conclusion), data.received_at, scan)

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await enter_paper(act, matter_id, expert_id, paper, seen=seen))

    return await perform(request, "review:enter-paper", do, subject=str(matter_id))


@get(
    _ADDRESS + "/scan",
    opt={"operation": "review:enter-paper"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_scan(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[bytes]:
    """Return the scan that waits for the second person, as PDF."""
    _, _, paper = await waiting_paper(request, matter_id, expert_id)
    if paper is None:
        raise NotFound(subject="paper-opinion")
    return as_pdf(paper.scan, "opinion.pdf")


@post(
    _ADDRESS + "/confirm",
    opt={"operation": "review:enter-paper"},
    tags=["review"],
    status_code=200,
    responses=problems(401, 403, 404, 409, 412, 422, 428),
)
async def api_confirm_paper(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Confirm that what another person entered is what the scan says; from now on the opinion counts."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await confirm_paper(act, request.app.state.residents, matter_id, expert_id, seen=seen)
        return version_json(matter_id, after)

    return await perform(request, "review:enter-paper", do, subject=str(matter_id))


@post(
    _ADDRESS + "/reject",
    opt={"operation": "review:enter-paper"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_reject_paper(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Why],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Say that what was entered is wrong; it is entered anew."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await reject_paper(act, matter_id, expert_id, reason=data.reason, seen=seen))

    return await perform(request, "review:enter-paper", do, subject=str(matter_id))


ROUTES = [api_enter_paper, api_scan, api_confirm_paper, api_reject_paper]
