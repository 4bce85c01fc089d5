"""Reminders as JSON: who is asked for something, who would get what, and sending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.reminders import MOST_AT_ONCE, Preview, preview_reminders, remind_many
from service.storage.reminders import Asked, asked_now
from service.storage.session import reading
from service.web.entry import perform, viewer_of
from service.web.forms import id_of
from service.web.openapi import IdempotencyKey, problems

AnyRequest = Request[Any, Any, Any]
OfMatter = Annotated[str, QueryParameter(name="matter", max_length=64, description="id of one matter only")]


@dataclass(frozen=True, slots=True)
class AskedJson:
    """Somebody who is asked for something; `who` names the line when reminders are sent."""

    who: Annotated[str, Meta(description="matter and expert")]
    matter_id: UUID
    matter_title: str
    expert_id: UUID
    name: str
    kind: Annotated[str, Meta(description="answer, undertaking or work", examples=["answer"])]
    due_on: date
    reminded_at: datetime | None
    times: int


@dataclass(frozen=True, slots=True)
class Reminding:
    """Whom to remind; with `preview` nothing is sent."""

    who: Annotated[list[str], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    preview: bool = False


@dataclass(frozen=True, slots=True)
class RemindedJson:
    """One notice: who gets it and what it says; the link is made when it is sent."""

    who: str
    name: str
    subject: str
    body: str
    language: Annotated[str, Meta(description="of the notice: the recipient's own", examples=["zh"])]


@dataclass(frozen=True, slots=True)
class RemindersJson:
    """What was sent, or would be."""

    sent: bool
    notices: list[RemindedJson]


@get("/api/reminders", opt={"operation": "review:remind"}, tags=["review"], responses=problems(401, 403))
async def api_asked(request: AnyRequest, of_matter: OfMatter = "") -> list[AskedJson]:
    """Return who is asked for something in the running reviews and has not done it, soonest day first."""
    async with reading(request.app.state.database) as session:
        asked = await asked_now(session, viewer_of(request), matter_id=id_of(of_matter))
    return [_asked(one) for one in asked]


@post(
    "/api/reminders",
    opt={"operation": "review:remind"},
    tags=["review"],
    status_code=200,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_remind_many(
    request: AnyRequest, data: JSONBody[Reminding], key: IdempotencyKey = ""
) -> Response[RemindersJson]:
    """Remind everybody named, all or nobody; with `preview` say who would get what and send nothing."""

    async def do(act: Act) -> Response[RemindersJson]:
        previews = await preview_reminders(act, data.who)
        if not data.preview:
            await remind_many(act, data.who)
        return Response(RemindersJson(not data.preview, _reminded(previews)))

    return await perform(request, "review:remind", do)


def _asked(one: Asked) -> AskedJson:
    return AskedJson(
        one.key,
        one.matter_id,
        one.matter_title,
        one.expert_id,
        one.name,
        one.kind,
        one.due_on,
        one.reminded_at,
        one.times,
    )


def _reminded(previews: Sequence[Preview]) -> list[RemindedJson]:
    return [
        RemindedJson(one.asked.key, one.asked.name, one.says.subject, one.says.body, one.language) for one in previews
    ]


ROUTES = [api_asked, api_remind_many]
