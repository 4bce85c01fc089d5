"""Open calls as JSON: what anyone reads, and the center's publishing and changing."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.calls import CallEntry, correct_call, publish_call
from service.storage.calls import CallView, list_calls, load_call
from service.storage.session import reading
from service.web.about_json import Day
from service.web.answers import CHANGES, with_version
from service.web.entry import perform, version_of
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Code = Annotated[str, Meta(max_length=16, examples=["570"])]


@dataclass(frozen=True, slots=True)
class CallingJson:
    """An open call; both days inclusive, no fields for all."""

    title: Annotated[str, Meta(max_length=200, examples=["2026年公开征集决策咨询专家"])]
    text: Annotated[str, Meta(max_length=8000, examples=["面向全省征集水利、法学专家。"])]
    opens_on: Day
    closes_on: Day
    fields: Annotated[list[Annotated[str, Meta(max_length=16)]], Meta(max_length=50, examples=[["570", "820"]])] = (
        field(default_factory=list)
    )
    reason: Annotated[str, Meta(max_length=500, description="why a published call is changed")] = ""

    def entry(self) -> CallEntry:
        """Return the call as the act takes it."""
        return CallEntry(self.title, self.text, tuple(self.fields), self.opens_on, self.closes_on)


@dataclass(frozen=True, slots=True)
class CallJson:
    """An open call as anyone may see it."""

    id: UUID
    number: str
    title: str
    text: str
    fields: list[str]
    opens_on: date
    closes_on: date
    open: bool
    version: int


@get("/api/calls", opt={"operation": "call:see"}, security=[], tags=["calls"], responses=problems(400))
async def api_calls(request: AnyRequest) -> list[CallJson]:
    """Return the open calls for experts, that which closes last first; anyone may ask."""
    async with reading(request.app.state.database) as session:
        return [_call(request, one) for one in await list_calls(session)]


@get("/api/calls/{number:str}", opt={"operation": "call:see"}, security=[], tags=["calls"], responses=problems(404))
async def api_call(request: AnyRequest, number: FromPath[str]) -> Response[CallJson]:
    """Return one open call; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        call = await load_call(session, number)
    return with_version(_call(request, call), f"/api/calls/{number}", call.version, 200)


@post("/api/calls", opt={"operation": "call:publish"}, tags=["calls"], responses=problems(400, 401, 403, 422))
async def api_publish(request: AnyRequest, data: JSONBody[CallingJson], key: IdempotencyKey = "") -> Response[CallJson]:
    """Publish an open call (A24)."""

    async def do(act: Act) -> Response[Any]:
        call_id = await publish_call(act, data.entry())
        call = next(one for one in await list_calls(act.session) if one.id == call_id)
        return with_version(_call(request, call), f"/api/calls/{call.number}", call.version, 201)

    return await perform(request, "call:publish", do)


@put("/api/calls/{number:str}", opt={"operation": "call:publish"}, tags=["calls"], responses=CHANGES)
async def api_correct(
    request: AnyRequest,
    number: FromPath[str],
    data: JSONBody[CallingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[CallJson]:
    """Change a published call, with a reason; closing it today ends it."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        call = await load_call(act.session, number)
        await correct_call(act, call.id, data.entry(), reason=data.reason, seen=seen)
        act.session.expire_all()
        changed = await load_call(act.session, number)
        return with_version(_call(request, changed), f"/api/calls/{number}", changed.version, 200)

    return await perform(request, "call:publish", do, subject=number)


def _call(request: AnyRequest, call: CallView) -> CallJson:
    return CallJson(
        id=call.id,
        number=call.number,
        title=call.title,
        text=call.text,
        fields=list(call.fields),
        opens_on=call.opens_on,
        closes_on=call.closes_on,
        open=call.period.covers(request.app.state.clock.today()),
        version=call.version,
    )


ROUTES = [api_calls, api_call, api_publish, api_correct]
