"""Meetings on which experts sit in (A27.2), as JSON: the same acts as on the pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.sittings import SittingEntry, answer_sitting, call_sitting, enter_attendance, invite_further
from service.storage.session import reading
from service.storage.sittings import SittingView, list_sittings, load_sitting
from service.web.answers import CHANGES, with_version
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
Numbers = Annotated[
    list[str], Meta(max_length=100, description="numbers in the library", examples=[["ZJ0006", "ZJ0012"]])
]


@dataclass(frozen=True, slots=True)
class SittingEntryJson:
    """A meeting, and whom to invite."""

    title: Annotated[str, Meta(max_length=120, examples=["县政府常务会议"])]
    held_on: date
    numbers: Numbers
    place: Annotated[str, Meta(max_length=120)] = ""


@dataclass(frozen=True, slots=True)
class FurtherGuestsJson:
    """Whom else to invite."""

    numbers: Numbers


@dataclass(frozen=True, slots=True)
class SittingAnswerJson:
    """Whether one comes."""

    answer: Annotated[str, Meta(max_length=20, description="accepted or declined", examples=["accepted"])]


@dataclass(frozen=True, slots=True)
class AttendanceJson:
    """Who came; only who was invited can have. There is no vote."""

    experts: Annotated[list[UUID], Meta(max_length=100)]


@dataclass(frozen=True, slots=True)
class GuestJson:
    """Who is invited; `came` is null before attendance was entered. The guest answers by the `version` of the line."""

    expert_id: UUID
    number: str
    name: str
    answer: str
    came: bool | None
    version: int


@dataclass(frozen=True, slots=True)
class SittingJson:
    """A meeting with its guests; an expert sees the own line alone."""

    id: UUID
    title: str
    held_on: date
    place: str
    guests: list[GuestJson]
    version: int


@get("/api/sittings", opt={"operation": "sitting:see"}, tags=["sittings"], responses=problems(401, 403))
async def api_sittings(request: AnyRequest) -> list[SittingJson]:
    """Return the meetings that the viewer may know, latest day first; an expert learns of the own invitations."""
    async with reading(request.app.state.database) as session:
        return [_json(one) for one in await list_sittings(session, viewer_of(request))]


@post(
    "/api/sittings",
    opt={"operation": "sitting:call"},
    tags=["sittings"],
    responses=problems(400, 401, 403, 409, 422),
)
async def api_call_sitting(
    request: AnyRequest, data: JSONBody[SittingEntryJson], key: IdempotencyKey = ""
) -> Response[SittingJson]:
    """Enter a meeting and invite experts to sit in (A27.2)."""

    async def do(act: Act) -> Response[Any]:
        entry = SittingEntry(data.title, data.held_on, data.place, data.numbers)
        return await _answer(act, await call_sitting(act, entry), status=201)

    return await perform(request, "sitting:call", do)


@get(
    "/api/sittings/{sitting_id:uuid}",
    opt={"operation": "sitting:see"},
    tags=["sittings"],
    responses=problems(401, 403, 404),
)
async def api_sitting(request: AnyRequest, sitting_id: FromPath[UUID]) -> Response[SittingJson]:
    """Return a meeting; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        return _response(await load_sitting(session, viewer_of(request), sitting_id))


@post(
    "/api/sittings/{sitting_id:uuid}/guests",
    opt={"operation": "sitting:call"},
    tags=["sittings"],
    status_code=200,
    responses=CHANGES,
)
async def api_further_guests(
    request: AnyRequest,
    sitting_id: FromPath[UUID],
    data: JSONBody[FurtherGuestsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[SittingJson]:
    """Invite further experts."""

    async def act(act: Act, seen: int) -> None:
        await invite_further(act, sitting_id, data.numbers, seen=seen)

    return await _acted(request, sitting_id, "sitting:call", act)


@post(
    "/api/sittings/{sitting_id:uuid}/answer",
    opt={"operation": "sitting:answer"},
    tags=["sittings"],
    status_code=200,
    responses=CHANGES,
)
async def api_answer_sitting(
    request: AnyRequest,
    sitting_id: FromPath[UUID],
    data: JSONBody[SittingAnswerJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[SittingJson]:
    """Say whether one comes, as the expert who is invited; neither answer counts for or against anybody.

    If-Match is the version of the own line, which an expert gets as ETag of the meeting.
    """

    async def act(act: Act, seen: int) -> None:
        await answer_sitting(act, sitting_id, answer=data.answer, seen=seen)

    return await _acted(request, sitting_id, "sitting:answer", act)


@post(
    "/api/sittings/{sitting_id:uuid}/attendance",
    opt={"operation": "sitting:call"},
    tags=["sittings"],
    status_code=200,
    responses=CHANGES,
)
async def api_attendance(
    request: AnyRequest,
    sitting_id: FromPath[UUID],
    data: JSONBody[AttendanceJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[SittingJson]:
    """Enter who sat in, from the day of the meeting on."""

    async def act(act: Act, seen: int) -> None:
        await enter_attendance(act, sitting_id, data.experts, seen=seen)

    return await _acted(request, sitting_id, "sitting:call", act)


async def _acted(request: AnyRequest, sitting_id: UUID, operation: str, act: _Acting) -> Response[SittingJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, sitting_id, status=200)

    return await perform(request, operation, do, subject=str(sitting_id))


async def _answer(act: Act, sitting_id: UUID, *, status: int) -> Response[SittingJson]:
    return _response(await load_sitting(act.session, act.viewer, sitting_id), status=status)


def _response(view: SittingView, *, status: int = 200) -> Response[SittingJson]:
    return with_version(_json(view), f"/api/sittings/{view.id}", view.version, status)


def _json(view: SittingView) -> SittingJson:
    guests = [
        GuestJson(one.expert_id, one.expert_number, one.name, one.answer, one.came, one.version) for one in view.guests
    ]
    return SittingJson(view.id, view.title, view.held_on, view.place, guests, view.version)


ROUTES = [api_sittings, api_call_sitting, api_sitting, api_further_guests, api_answer_sitting, api_attendance]
