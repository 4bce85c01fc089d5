"""Notices about matters as JSON: the list, sending again, delivery by hand, the center's own wording."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.notices import (
    PrintedNotice,
    TypedWording,
    change_wording,
    deliver_by_hand,
    log_call,
    places_of,
    preview_wording,
    print_notice,
    resend,
    send_test,
    typed_wording,
)
from service.locales.places import WORDS
from service.storage.notices import OwnWording, list_notices, own_wordings
from service.storage.session import reading
from service.web.entry import guard, perform, version_of, viewer_of
from service.web.forms import id_of
from service.web.notices import letter_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems

AnyRequest = Request[Any, Any, Any]
State = Annotated[
    str,
    QueryParameter(
        name="state",
        max_length=20,
        description="waiting, delivered, failed, made-up (a later one reached the person) or withheld",
    ),
]
OfMatter = Annotated[str, QueryParameter(name="matter", max_length=64, description="id of one matter only")]
Page = Annotated[int, QueryParameter(name="page", ge=1, le=100_000)]
Note = Annotated[
    str, Meta(max_length=500, description="who was reached, when and how", examples=["EMS 1234，本人签收"])
]


@dataclass(frozen=True, slots=True)
class NoticeJson:
    """A notice about a matter."""

    id: UUID
    template: Annotated[str, Meta(examples=["INVITATION"])]
    channel: Annotated[str, Meta(description="mail, sms, letter or phone", examples=["mail"])]
    state: Annotated[str, Meta(description="waiting, delivered or failed", examples=["failed"])]
    problem: str
    attempts: int
    recipient: str
    matter_id: UUID
    note: str
    created_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticesJson:
    """A page of notices, newest first, and how many there are in each state."""

    notices: list[NoticeJson]
    total: int
    states: dict[str, int]


@dataclass(frozen=True, slots=True)
class Noted:
    """How something was delivered by hand."""

    note: Note


@dataclass(frozen=True, slots=True)
class NoticeId:
    """The notice that came of it."""

    id: UUID


@dataclass(frozen=True, slots=True)
class LetterJson:
    """A letter to be printed."""

    id: UUID
    pdf: Annotated[str, Meta(description="Base64; empty in the answer to a repeat, for the letter holds a link")]


@dataclass(frozen=True, slots=True)
class WordingJson:
    """A wording with its places in braces; `version` is for `If-Match`, 0 for the standard wording."""

    subject: Annotated[str, Meta(max_length=1000, examples=["邀请您参加论证：{事项}"])]
    body: Annotated[str, Meta(max_length=10_000)]
    short: Annotated[str, Meta(max_length=2000)]
    own: bool
    version: int
    places: list[str]


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording; all empty goes back to the standard one."""

    subject: Annotated[str, Meta(max_length=1000)]
    body: Annotated[str, Meta(max_length=10_000)]
    short: Annotated[str, Meta(max_length=2000)] = ""


@dataclass(frozen=True, slots=True)
class Trying:
    """About which matter a wording is tried."""

    matter_id: UUID


@dataclass(frozen=True, slots=True)
class Previewing:
    """A wording, and the matter it is shown for."""

    matter_id: UUID
    wording: Wording


@dataclass(frozen=True, slots=True)
class Said:
    """What a notice would say."""

    subject: str
    body: str
    short: str


@dataclass(frozen=True, slots=True)
class Versioned:
    """The version after a change."""

    version: int


@get("/api/notices", opt={"operation": "notice:list"}, tags=["notices"], responses=problems(401, 403))
async def api_notices(
    request: AnyRequest, in_state: State = "", of_matter: OfMatter = "", number: Page = 1
) -> NoticesJson:
    """Return notices about matters that the viewer may know, newest first, fifty a page."""
    async with reading(request.app.state.database) as session:
        found = await list_notices(session, viewer_of(request), state=in_state, matter_id=id_of(of_matter), page=number)
    return NoticesJson(
        [
            NoticeJson(
                one.id,
                one.template,
                one.channel,
                one.state,
                one.problem,
                one.attempts,
                one.recipient,
                one.matter_id,
                one.note,
                one.created_at,
                one.delivered_at,
            )
            for one in found.lines
        ],
        found.total,
        dict(found.states),
    )


@post(
    "/api/notices/{notice_id:uuid}/resend",
    opt={"operation": "notice:send"},
    tags=["notices"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_resend(request: AnyRequest, notice_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[NoticeId]:
    """Send a notice again as a further one; one with a link gets a fresh link."""

    async def do(act: Act) -> Response[NoticeId]:
        return Response(NoticeId(await resend(act, notice_id)))

    return await perform(request, "notice:send", do, subject=str(notice_id))


@post(
    "/api/notices/{notice_id:uuid}/delivered",
    opt={"operation": "notice:send"},
    tags=["notices"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 409, 422),
)
async def api_delivered(
    request: AnyRequest, notice_id: FromPath[UUID], data: JSONBody[Noted], key: IdempotencyKey = ""
) -> Response[None]:
    """Note how a printed letter, or a notice that failed, was delivered by hand."""

    async def do(act: Act) -> Response[None]:
        await deliver_by_hand(act, notice_id, note=data.note)
        return Response(None, status_code=204)

    return await perform(request, "notice:send", do, subject=str(notice_id))


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/letter",
    opt={"operation": "notice:send"},
    tags=["notices"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_letter(
    request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID], key: IdempotencyKey = ""
) -> Response[LetterJson]:
    """Print the letter that asks an expert for what is open now, with a fresh link; it waits until it is delivered."""
    printed: list[PrintedNotice] = []

    async def do(act: Act) -> Response[LetterJson]:
        printed.append(await print_notice(act, matter_id, expert_id))
        return Response(LetterJson(printed[0].notice_id, ""), status_code=201)

    answer = await perform(request, "notice:send", do, subject=str(matter_id))
    if not printed:
        return answer
    # The letter holds a live link: it is set after the commit, and the answer that is kept for repeats has none.
    pdf = base64.b64encode(await letter_of(request, printed[0])).decode()
    return Response(LetterJson(printed[0].notice_id, pdf), status_code=201)


@post(
    "/api/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/called",
    opt={"operation": "notice:send"},
    tags=["notices"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_called(
    request: AnyRequest,
    matter_id: FromPath[UUID],
    expert_id: FromPath[UUID],
    data: JSONBody[Noted],
    key: IdempotencyKey = "",
) -> Response[NoticeId]:
    """Note a telephone call as a delivery."""

    async def do(act: Act) -> Response[NoticeId]:
        return Response(NoticeId(await log_call(act, matter_id, expert_id, note=data.note)), status_code=201)

    return await perform(request, "notice:send", do, subject=str(matter_id))


@get(
    "/api/notice-wordings/{code:str}/{language:str}",
    opt={"operation": "notice:list"},
    tags=["notices"],
    responses=problems(401, 403, 404),
)
async def api_wording(request: AnyRequest, code: FromPath[str], language: FromPath[str]) -> Response[WordingJson]:
    """Return the wording of a notice in force, with the places that it can fill."""
    guard(request, "notice:list")
    places = places_of(code, language)
    async with reading(request.app.state.database) as session:
        own = (await own_wordings(session, code)).get((code, language), OwnWording())
    typed = typed_wording(code, language, own)
    words = [WORDS[place][0 if language == "zh" else 1] for place in places]
    held = WordingJson(typed.subject, typed.body, typed.short, own.own, own.version, words)
    return Response(held, headers={"ETag": f'"{own.version}"'})


@put(
    "/api/notice-wordings/{code:str}/{language:str}",
    opt={"operation": "notice:word"},
    tags=["notices"],
    responses=problems(400, 401, 403, 404, 412, 422, 428),
)
async def api_change_wording(
    request: AnyRequest,
    code: FromPath[str],
    language: FromPath[str],
    data: JSONBody[Wording],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[Versioned]:
    """Keep the center's own wording as a further version; a place that cannot be filled is told by line and column."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Versioned]:
        typed = TypedWording(data.subject, data.body, data.short)
        return Response(Versioned(await change_wording(act, code, language, typed, seen=seen)))

    return await perform(request, "notice:word", do, subject=code)


@post(
    "/api/notice-wordings/{code:str}/{language:str}/preview",
    opt={"operation": "notice:word"},
    tags=["notices"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_preview_wording(
    request: AnyRequest,
    code: FromPath[str],
    language: FromPath[str],
    data: JSONBody[Previewing],
    key: IdempotencyKey = "",
) -> Response[Said]:
    """Say what a wording would read like for a real matter; nothing is kept or sent."""

    async def do(act: Act) -> Response[Said]:
        typed = TypedWording(data.wording.subject, data.wording.body, data.wording.short)
        says = await preview_wording(act, code, language, typed, matter_id=data.matter_id, name=act.viewer.name)
        return Response(Said(says.subject, says.body, says.short))

    return await perform(request, "notice:word", do, subject=code)


@post(
    "/api/notice-wordings/{code:str}/{language:str}/test",
    opt={"operation": "notice:word"},
    tags=["notices"],
    status_code=201,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_test_wording(
    request: AnyRequest,
    code: FromPath[str],
    language: FromPath[str],
    data: JSONBody[Trying],
    key: IdempotencyKey = "",
) -> Response[NoticeId]:
    """Send the kept wording to oneself, about a real matter."""

    async def do(act: Act) -> Response[NoticeId]:
        return Response(NoticeId(await send_test(act, code, language, matter_id=data.matter_id)), status_code=201)

    return await perform(request, "notice:word", do, subject=code)


ROUTES = [
    api_notices,
    api_resend,
    api_delivered,
    api_letter,
    api_called,
    api_wording,
    api_change_wording,
    api_preview_wording,
    api_test_wording,
]
