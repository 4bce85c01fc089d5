"""The form of a review and its meeting as JSON."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.meetings import (
    MeetingPlan,
    MeetingRecord,
    cancel_meeting,
    choose_form,
    hold_meeting,
    set_meeting,
)
from service.problems import Fault, Invalid
from service.web.entry import perform, version_of
from service.web.meeting_desk import MeetingDesk, read_meeting
from service.web.openapi import IdempotencyKey, IfMatch, problems
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]
Instant = Annotated[datetime, Meta(tz=True, examples=["2026-09-28T01:00:00Z"])]


@dataclass(frozen=True, slots=True)
class ClashJson:
    """What stands against a person on a day; other matters are not named."""

    expert_id: UUID
    on: date
    kinds: Annotated[list[str], Meta(description="away, meeting, opinion, term", examples=[["away"]])]


@dataclass(frozen=True, slots=True)
class HeldMeetingJson:
    """The meeting as it stands; times are UTC."""

    status: Annotated[str, Meta(description="set, cancelled or held", examples=["set"])]
    starts_at: datetime
    ends_at: datetime
    place: str
    agenda: str
    leader: UUID | None
    moves: int
    present: list[UUID]
    conclusion: str
    minutes: str
    joint: str
    dissent: list[UUID]
    small: Annotated[bool, Meta(description="fewer signed in than the panel generally has (A31)")]
    left: Annotated[list[UUID], Meta(description="who signed in and has left the panel since")]


@dataclass(frozen=True, slots=True)
class MeetingJson:
    """The form of the review, its meeting, and who could come on the next working days."""

    version: int
    form: Annotated[str, Meta(description="meeting, written, commissioned or other (A7p7)", examples=["meeting"])]
    other: str
    meeting: HeldMeetingJson | None
    earliest_on: Annotated[date, Meta(description="when everybody's time for study has passed (A32.2)")]
    days: list[date]
    clashes: list[ClashJson]


@dataclass(frozen=True, slots=True)
class Choosing:
    """The form of the review; another form than the three named ones is described."""

    form: Annotated[str, Meta(max_length=40, examples=["meeting"])]
    other: Annotated[str, Meta(max_length=500)] = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """When and where the panel meets; a reason where a meeting that is set is moved."""

    starts_at: Instant
    ends_at: Instant
    place: Annotated[str, Meta(max_length=200, examples=["县政府第二会议室"])]
    agenda: Annotated[str, Meta(max_length=2000)]
    leader: UUID
    reason: Reason = ""


@dataclass(frozen=True, slots=True)
class Cancelling:
    """Why the meeting is cancelled."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Holding:
    """What came of the meeting; it takes no signed opinion's place (A32.3)."""

    present: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    conclusion: Annotated[str, Meta(description="agree, agree-with-changes or disagree", examples=["agree"])]
    minutes: Annotated[str, Meta(max_length=8000)]
    joint: Annotated[str, Meta(max_length=4000)]
    dissent: list[UUID] = field(default_factory=list)
    leader: Annotated[UUID | None, Meta(description="who led it; left out when the one named before did")] = None


@dataclass(frozen=True, slots=True)
class MatterVersion:
    """Where the matter stands after an act."""

    version: int


@get(
    "/api/matters/{matter_id:uuid}/review/meeting",
    opt={"operation": "review:see"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_meeting(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[MeetingJson]:
    """Return the form of the review, its meeting, and who could come on the next working days."""
    desk = await read_meeting(request, matter_id)
    return Response(_json(desk), headers={"ETag": f'"{desk.state.version}"'})


@post(
    "/api/matters/{matter_id:uuid}/review/form",
    opt={"operation": "review:choose-form"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_form(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Choosing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Name the form of the review (A7p7); `If-Match` is the matter's version."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        return _version(await choose_form(act, matter_id, data.form, other=data.other, seen=seen))

    return await perform(request, "review:choose-form", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/meeting",
    opt={"operation": "review:set-meeting"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_set_meeting(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Setting],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Set the meeting, or move it with a reason; everybody is told. `If-Match` is the matter's version."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        if data.starts_at.date() > date(9000, 1, 1):
            raise Invalid([Fault("/starts_at", "FIELD_NOT_A_DAY")])
        plan = MeetingPlan(data.starts_at, data.ends_at, data.place, data.agenda, data.leader, data.reason)
        return _version(await set_meeting(act, matter_id, plan, seen=seen))

    return await perform(request, "review:set-meeting", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/meeting/cancel",
    opt={"operation": "review:set-meeting"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_cancel_meeting(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Cancelling],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Cancel the meeting that is set; everybody is told."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        return _version(await cancel_meeting(act, matter_id, reason=data.reason, seen=seen))

    return await perform(request, "review:set-meeting", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/meeting/held",
    opt={"operation": "review:set-meeting"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_hold_meeting(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Holding],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[MatterVersion]:
    """Enter who signed in, the minutes and the joint conclusion."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[MatterVersion]:
        record = MeetingRecord(data.present, data.conclusion, data.minutes, data.joint, data.dissent, data.leader)
        return _version(await hold_meeting(act, matter_id, record, seen=seen))

    return await perform(request, "review:set-meeting", do, subject=str(matter_id))


def _version(after: MatterState) -> Response[MatterVersion]:
    return Response(MatterVersion(after.version), headers={"ETag": f'"{after.version}"'})


def _json(desk: MeetingDesk) -> MeetingJson:
    experts = {str(who.person_id): who.expert_id for who, _ in desk.people}
    meeting, review = desk.meeting, desk.state.review
    held = None
    if meeting is not None:
        held = HeldMeetingJson(
            meeting.status,
            meeting.starts_at,
            meeting.ends_at,
            desk.texts.get(meeting.place_sha256, ""),
            desk.texts.get(meeting.agenda_sha256, ""),
            next((who.expert_id for who, _ in desk.named([meeting.leader_id])), None),
            meeting.moves,
            [who.expert_id for who, _ in desk.named(meeting.present)],
            meeting.conclusion,
            desk.texts.get(meeting.minutes_sha256, ""),
            desk.texts.get(meeting.joint_sha256, ""),
            [who.expert_id for who, _ in desk.named(meeting.dissent)],
            meeting.small,
            [who.expert_id for who, left in desk.named(meeting.present) if left],
        )
    return MeetingJson(
        desk.state.version,
        review.form,
        desk.texts.get(review.other_sha256, ""),
        held,
        desk.earliest_on,
        list(desk.days),
        [
            ClashJson(experts[str(person)], day, desk_kinds)
            for (person, day), found in desk.clashes.items()
            if (desk_kinds := sorted({one.kind for one in found}))
        ],
    )


ROUTES = [api_meeting, api_form, api_set_meeting, api_cancel_meeting, api_hold_meeting]
