"""The expert review as JSON for the staff: inviting, answers, replacements, material, time for study."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.draw_succession import call_by_draw
from service.actions.invitations import Answer, call_reserve, enter_answer, invite, release
from service.actions.material import FILE_MOST, NewFile, leave_out_file, put_file, send_material, shorten_study
from service.actions.reminders import remind
from service.actions.undertakings import enter_undertaking
from service.problems import Fault, Invalid
from service.web.draw_acts import succession_in_panel
from service.web.entry import perform, version_of
from service.web.material_intake import examined, scanned
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.review_desk import Desk, Line, read_desk
from service.web.signing_api import unpack
from workflow import MatterState

AnyRequest = Request[Any, Any, Any]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]
Base64 = Annotated[str, Meta(max_length=42_000_000, description="a PDF in Base64")]


@dataclass(frozen=True, slots=True)
class LineJson:
    """One person of a panel in the review; `version` is for `If-Match`, 0 before an invitation."""

    expert_id: UUID
    number: str
    name: str
    member: bool
    standing: Annotated[
        str,
        Meta(
            description="not-invited, invited, seen, accepted, declined, recused, released, replaced, working, late",
            examples=["working"],
        ),
    ]
    code: str
    respond_by: date | None
    undertaken: bool
    material: int
    delivered_on: date | None
    due_on: date | None
    provisional: bool
    opened: Annotated[int, Meta(description="files of the material that were opened")]
    release_asked: bool
    reserves: list[UUID]
    moves: Annotated[
        int, Meta(description="days by which the last opinion comes later when somebody comes in for this one today")
    ]
    version: int


@dataclass(frozen=True, slots=True)
class FileJson:
    """A file of the material."""

    id: UUID
    item: Annotated[str, Meta(description="draft, explanation, focus or related", examples=["draft"])]
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReviewJson:
    """The review of a panel: who stands where, and the material."""

    matter_id: UUID
    version: int
    abstract: str
    material: Annotated[int, Meta(description="version that was sent last, 0 before")]
    earliest_due_on: Annotated[date, Meta(description="when the material is sent today (A32.2)")]
    provisional: bool
    people: list[LineJson]
    files: list[FileJson]


@dataclass(frozen=True, slots=True)
class Inviting:
    """Whom to invite, until when they answer, and what they learn before they do."""

    experts: Annotated[list[UUID], Meta(min_length=1, max_length=100)]
    respond_by: date
    abstract: Annotated[str, Meta(max_length=600, description="no secrets: it is read before anyone accepts")]


@dataclass(frozen=True, slots=True)
class AnswerEntered:
    """An answer that came by telephone or letter."""

    answer: str
    via: Annotated[str, Meta(description="phone or letter", examples=["phone"])]
    note: Annotated[str, Meta(max_length=500, description="who was spoken to, and when")]
    code: Annotated[str, Meta(max_length=40)] = ""
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is done."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Replacing:
    """Why somebody is replaced, until when who comes in answers, and which reserve that is.

    In a drawn panel the same draw goes on and says who comes in.
    """

    reason: Reason
    respond_by: date
    reserve: Annotated[UUID | None, Meta(description="left out for a drawn panel")] = None


@dataclass(frozen=True, slots=True)
class AddingFile:
    """A file of the material."""

    item: str
    name: Annotated[str, Meta(max_length=200)]
    content: Base64


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned document."""

    content: Base64


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was added."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Sending:
    """When the opinions are due, and what changed since the version before."""

    due_on: Annotated[date | None, Meta(description="none for the first day that is long enough")] = None
    change: Annotated[str, Meta(max_length=500)] = ""
    restart: Annotated[bool, Meta(description="whether a further version gives the time anew")] = True


@dataclass(frozen=True, slots=True)
class Shortening:
    """Fewer working days for study than generally, and why (A32.2)."""

    working_days: Annotated[int, Meta(ge=1, le=60)]
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReviewVersion:
    """Where the matter and the part stand after an act."""

    matter_id: UUID
    version: int
    part_version: int


@get(
    "/api/matters/{matter_id:uuid}/review",
    opt={"operation": "review:see"},
    tags=["review"],
    responses=problems(401, 403, 404),
)
async def api_review(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[ReviewJson]:
    """Return who stands where, and the material that is being put together."""
    desk = await read_desk(request, matter_id)
    return Response(_review(desk), headers={"ETag": f'"{desk.state.version}"'})


@post(
    "/api/matters/{matter_id:uuid}/review/invite",
    opt={"operation": "review:invite"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_invite(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Inviting],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Invite members of the determined panel (A28.4, A32.1); `If-Match` is the matter's version."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await invite(
            act,
            request.app.state.residents,
            matter_id,
            data.experts,
            respond_by=data.respond_by,
            abstract=data.abstract,
            seen=seen,
        )
        return version_json(matter_id, after)

    return await perform(request, "review:invite", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/remind",
    opt={"operation": "review:remind"},
    tags=["review"],
    status_code=204,
    responses=nothing(401, 403, 404, 422),
)
async def api_remind(
    request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[None]:
    """Send an expert the link anew."""

    async def do(act: Act) -> Response[None]:
        await remind(act, matter_id, expert_id)
        return Response(None, status_code=204)

    return await perform(request, "review:remind", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/answer",
    opt={"operation": "review:enter-answer"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_enter_answer(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[AnswerEntered],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Enter what an expert said by telephone or letter; `If-Match` is the part's version."""
    seen = await version_of(request)
    answer = Answer(data.answer, data.code, data.until_on, data.note, data.via)

    async def do(act: Act) -> Response[ReviewVersion]:
        residents = request.app.state.residents
        return version_json(matter_id, await enter_answer(act, residents, matter_id, expert_id, answer, seen=seen))

    return await perform(request, "review:enter-answer", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/undertaking",
    opt={"operation": "review:enter-answer"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_enter_undertaking(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Scan],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Enter an undertaking that was signed on paper (A28.2)."""
    seen = await version_of(request)
    scan = unpack(data.content, "/content")
    scan = await scanned(scan, at="/content", most=FILE_MOST)

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await enter_undertaking(act, matter_id, expert_id, scan, seen=seen))

    return await perform(request, "review:enter-answer", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/release",
    opt={"operation": "review:release"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_release(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Why],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Let an expert go; access ends at once."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        return version_json(matter_id, await release(act, matter_id, expert_id, reason=data.reason, seen=seen))

    return await perform(request, "review:release", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/replace",
    opt={"operation": "review:release"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_replace(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Replacing],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Call a reserve into the place of an expert, and invite the reserve in the same act (A31, A32.1).

    Who comes in has a time for study of their own, from the delivery to them.
    """
    seen = await version_of(request)
    succession = await succession_in_panel(request, matter_id, expert_id) if data.reserve is None else None
    if succession is None and data.reserve is None:
        raise Invalid([Fault("reserve", "FIELD_REQUIRED")])

    async def do(act: Act) -> Response[ReviewVersion]:
        residents = request.app.state.residents
        if succession is not None:
            after = await call_by_draw(
                act, residents, matter_id, succession, reason=data.reason, respond_by=data.respond_by, seen=seen
            )
        else:
            after = await call_reserve(
                act,
                residents,
                matter_id,
                expert_id,
                data.reserve or expert_id,
                reason=data.reason,
                respond_by=data.respond_by,
                seen=seen,
            )
        return version_json(matter_id, after)

    return await perform(request, "review:release", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/files",
    opt={"operation": "review:put-material"},
    tags=["review"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 409, 413, 422),
)
async def api_put_file(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[AddingFile], key: IdempotencyKey = ""
) -> Response[Added]:
    """Add a PDF to the version of the material that is being put together (A32.2)."""
    content = unpack(data.content, "/content")
    await examined(content, at="/content", most=FILE_MOST)

    async def do(act: Act) -> Response[Added]:
        return Response(Added(await put_file(act, matter_id, NewFile(data.item, data.name, content))), status_code=201)

    return await perform(request, "review:put-material", do, subject=str(matter_id))


@delete(
    "/api/matters/{matter_id:uuid}/review/files/{file_id:uuid}",
    opt={"operation": "review:put-material"},
    tags=["review"],
    status_code=204,
    responses=nothing(401, 403, 404, 409, 422),
)
async def api_leave_out(
    request: AnyRequest, matter_id: FromPath[UUID], file_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[None]:
    """Leave a file out of the next version; versions that were sent keep it."""

    async def do(act: Act) -> Response[None]:
        await leave_out_file(act, matter_id, file_id)
        return Response(None, status_code=204)

    return await perform(request, "review:put-material", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/send",
    opt={"operation": "review:put-material"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_send(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    data: JSONBody[Sending],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ReviewVersion]:
    """Send the material; each expert's time for study begins (A27.1, A32.2). `If-Match` is the version sent before."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await send_material(
            act,
            request.app.state.residents,
            matter_id,
            due_on=data.due_on,
            change=data.change,
            restart=data.restart,
            seen=seen,
        )
        return version_json(matter_id, after)

    return await perform(request, "review:put-material", do, subject=str(matter_id))


@post(
    "/api/matters/{matter_id:uuid}/review/study",
    opt={"operation": "review:shorten-study"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_study(
    request: AnyRequest, matter_id: FromPath[UUID], data: JSONBody[Shortening], key: IdempotencyKey = ""
) -> Response[ReviewVersion]:
    """Accept fewer working days for study than generally (A32.2)."""

    async def do(act: Act) -> Response[ReviewVersion]:
        after = await shorten_study(act, matter_id, working_days=data.working_days, reason=data.reason)
        return version_json(matter_id, after)

    return await perform(request, "review:shorten-study", do, subject=str(matter_id))


def version_json(matter_id: UUID, state: MatterState, person_id: str = "") -> Response[ReviewVersion]:
    """Return where matter and part stand after an act."""
    part = state.review.part(person_id)
    held = ReviewVersion(matter_id, state.version, 0 if part is None else part.version)
    return Response(held, headers={"ETag": f'"{held.part_version or held.version}"'})


def _review(desk: Desk) -> ReviewJson:
    return ReviewJson(
        matter_id=desk.matter.id,
        version=desk.state.version,
        abstract=desk.abstract,
        material=desk.state.review.material,
        earliest_due_on=desk.study.on,
        provisional=desk.study.provisional,
        people=[_line(desk, line) for line in desk.lines],
        files=[
            FileJson(file.id, file.item, file.name, file.size, file.sha256)
            for files in desk.files.values()
            for file in files
        ],
    )


def _line(desk: Desk, line: Line) -> LineJson:
    part = line.part
    return LineJson(
        expert_id=line.who.expert_id,
        number=line.who.number,
        name=line.who.name,
        member=line.member,
        standing=line.standing,
        code=part.code if part else "",
        respond_by=part.respond_by if part else None,
        undertaken=bool(part and part.undertaking_sha256),
        material=part.material if part else 0,
        delivered_on=part.delivered_on if part else None,
        due_on=part.due_on if part else None,
        provisional=bool(part and part.provisional),
        opened=line.opened,
        release_asked=bool(part and part.release_asked),
        reserves=[reserve.expert_id for reserve in line.reserves],
        moves=desk.moves(line),
        version=part.version if part else 0,
    )


ROUTES = [
    api_review,
    api_invite,
    api_remind,
    api_enter_answer,
    api_enter_undertaking,
    api_release,
    api_replace,
    api_put_file,
    api_leave_out,
    api_send,
    api_study,
]
