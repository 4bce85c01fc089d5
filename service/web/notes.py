"""Notes: small forms on the pages of experts, organisations and matters, and the same as JSON."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.notes import READERS, withdraw_note, write_note
from service.problems import Invalid, NotFound
from service.storage.matters import load_matter
from service.storage.notes import SUBJECTS, NoteView, notes_on
from service.storage.session import reading
from service.web.entry import guard, perform, viewer_of
from service.web.forms import Form
from service.web.openapi import IdempotencyKey, nothing, problems
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_BETWEEN = re.compile(r"[\s、，,；;]+")
_PAGES = {"expert": "/experts/", "organisation": "/organisations/", "matter": "/matters/"}


@dataclass(frozen=True, slots=True)
class NoteJson:
    """A note."""

    id: UUID
    text: str
    author: str
    created_at: datetime
    readers: list[str]
    people: list[str]


@dataclass(frozen=True, slots=True)
class NewNote:
    """A note to write."""

    kind: Annotated[str, Meta(description="expert, organisation or matter", examples=["matter"])]
    subject_id: UUID
    text: Annotated[str, Meta(max_length=2000)]
    readers: Annotated[list[str], Meta(description="roles that may read it", examples=[["center"]])] = field(
        default_factory=list
    )
    people: Annotated[
        list[str], Meta(description="logins or full names of colleagues who may", examples=[["head"]], max_length=50)
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NoteId:
    """The id of a note."""

    id: UUID


@post("/notes", opt={"operation": "note:write"}, include_in_schema=False)
async def write_form(request: AnyRequest) -> Response[Any]:
    """Write a note and go back to what it is about."""
    form = await Form.of(request)
    kind = form.choice("kind", SUBJECTS)
    subject_id = form.id("subject", required=True)
    readers = form.choices("readers", READERS)
    people = [word for word in _BETWEEN.split(form.text("people", most=500)) if word]
    try:
        form.check()

        async def do(act: Act) -> Response[Any]:
            await write_note(act, kind, subject_id or UUID(int=0), form.typed("text"), readers, people)
            return see_other(f"{_PAGES[kind]}{subject_id}#notes", notice="备注已保存")

        return await perform(request, "note:write", do, subject=str(subject_id or ""))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return page(request, "notes/form.html", status=problem.status, form=form, faults=form.faults)


@post("/notes/{note_id:uuid}/withdraw", opt={"operation": "note:write"}, include_in_schema=False)
async def withdraw_form(request: AnyRequest, note_id: FromPath[UUID]) -> Response[Any]:
    """Withdraw a note of one's own."""

    async def do(act: Act) -> Response[Any]:
        kind, subject_id = await withdraw_note(act, note_id)
        return see_other(f"{_PAGES[kind]}{subject_id}#notes", notice="备注已撤回")

    return await perform(request, "note:write", do, subject=str(note_id))


@get("/api/notes", opt={"operation": "note:see"}, tags=["notes"], responses=problems(400, 401, 403, 404))
async def api_notes(
    request: AnyRequest,
    kind: Annotated[str, QueryParameter(name="kind", description="expert, organisation or matter")],
    subject_id: Annotated[UUID, QueryParameter(name="subject_id")],
) -> list[NoteJson]:
    """Return the notes on something that the viewer may read, newest first."""
    async with reading(request.app.state.database) as session:
        if kind == "matter":
            await load_matter(session, viewer_of(request), subject_id)
        elif kind == "expert":
            guard(request, "expert:see")
        elif kind not in SUBJECTS:
            raise NotFound(subject="notes")
        return [_json(note) for note in await notes_on(session, viewer_of(request), kind, subject_id)]


@post("/api/notes", opt={"operation": "note:write"}, tags=["notes"], responses=problems(400, 401, 403, 404, 409, 422))
async def api_write(request: AnyRequest, data: JSONBody[NewNote], key: IdempotencyKey = "") -> Response[NoteId]:  # noqa: ARG001 -- documents the header
    """Write a note for named readers."""

    async def do(act: Act) -> Response[NoteId]:
        note_id = await write_note(act, data.kind, data.subject_id, data.text, data.readers, data.people)
        return Response(NoteId(note_id), status_code=201)

    return await perform(request, "note:write", do, subject=str(data.subject_id))


@post(
    "/api/notes/{note_id:uuid}/withdraw",
    opt={"operation": "note:write"},
    tags=["notes"],
    status_code=204,
    responses=nothing(400, 401, 403, 404, 422),
)
async def api_withdraw(request: AnyRequest, note_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[None]:  # noqa: ARG001 -- documents the header
    """Withdraw a note of one's own."""

    async def do(act: Act) -> Response[None]:
        await withdraw_note(act, note_id)
        return Response(None, status_code=204)

    return await perform(request, "note:write", do, subject=str(note_id))


def _json(note: NoteView) -> NoteJson:
    return NoteJson(note.id, note.text, note.author, note.created_at, list(note.readers), list(note.people))


ROUTES = [write_form, withdraw_form, api_notes, api_write, api_withdraw]
