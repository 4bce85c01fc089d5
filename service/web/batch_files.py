"""Files of lists: the scan of the approval, and the letters of a whole list printed by a job."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.batch_files import PRINT, attach_approval, order_letters
from service.actions.material import FILE_MOST
from service.jobs import Job, job
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.storage.batch_files import APPROVAL, LETTERS, content_of_file
from service.storage.batches import BatchView, load_batch
from service.storage.session import reading
from service.web.batches import show_batch
from service.web.entry import guard, perform, version_of
from service.web.forms import Form
from service.web.material_intake import take_scan
from service.web.pages import fragment, page, see_other
from service.web.work import wake

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class PrintJob:
    """The job that prints the letters of a list; `file` once it is done."""

    id: UUID
    state: str
    done: int
    total: int | None
    code: str
    file: UUID | None


@post("/batches/{batch_id:uuid}/approval", opt={"operation": "batch:decide"}, include_in_schema=False)
async def approval_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Attach the scan of the approval."""
    form = await Form.of(request)
    seen = await version_of(request)
    content = await take_scan(form, "scan", most=FILE_MOST)

    async def act(act: Act) -> Response[Any]:
        form.check()
        await attach_approval(act, batch_id, content, seen=seen)
        return see_other(f"/batches/{batch_id}", notice="审定文件已附上")

    try:
        return await perform(request, "batch:decide", act, subject=str(batch_id))
    except (Invalid, Refused, Stale) as problem:
        return await show_batch(request, batch_id, form, problem=problem)


@get("/batches/{batch_id:uuid}/approval/{file_id:uuid}", opt={"operation": "batch:see"}, include_in_schema=False)
async def approval_file(request: AnyRequest, batch_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the scan of an approval."""
    return await approval_of(request, batch_id, file_id)


@post("/batches/{batch_id:uuid}/print-all", opt={"operation": "letter:print"}, include_in_schema=False)
async def print_all_form(request: AnyRequest, batch_id: FromPath[UUID]) -> Response[Any]:
    """Have the letters of a whole list printed by a job."""

    async def act(act: Act) -> Response[Any]:
        return see_other(f"/batches/{batch_id}/print-all/{await order_letters(act, batch_id)}")

    response = await perform(request, "letter:print", act, subject=str(batch_id))
    wake(request)
    return response


@get("/batches/{batch_id:uuid}/print-all/{job_id:uuid}", opt={"operation": "letter:print"}, include_in_schema=False)
async def print_all_page(request: AnyRequest, batch_id: FromPath[UUID], job_id: FromPath[UUID]) -> Response[Any]:
    """Show how far the printing is."""
    batch, standing = await standing_of(request, batch_id, job_id)
    return page(request, "batches/print.html", batch=batch, standing=standing)


@get(
    "/batches/{batch_id:uuid}/print-all/{job_id:uuid}/progress",
    opt={"operation": "letter:print"},
    include_in_schema=False,
)
async def print_all_progress(request: AnyRequest, batch_id: FromPath[UUID], job_id: FromPath[UUID]) -> Response[Any]:
    """Return the progress as a part of the page, or lead to the page once it has ended."""
    batch, standing = await standing_of(request, batch_id, job_id)
    if standing.state in ("done", "failed", "cancelled"):
        return Response("", headers={"HX-Redirect": f"/batches/{batch_id}/print-all/{job_id}"})
    return fragment(request, "batches/progress.html", batch=batch, standing=standing)


@get("/batches/{batch_id:uuid}/letters/{file_id:uuid}", opt={"operation": "letter:print"}, include_in_schema=False)
async def letters_file(request: AnyRequest, batch_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out printed letters, to whoever had them printed."""
    return await letters_of(request, batch_id, file_id)


async def standing_of(request: AnyRequest, batch_id: UUID, job_id: UUID) -> tuple[BatchView, PrintJob]:
    """Return a list and how far the printing of its letters is, the freshest word first.

    Raises:
        NotFound: when there is no such job, or somebody else asked for it.
    """
    viewer = guard(request, "letter:print")
    async with reading(request.app.state.database) as session:
        batch = await load_batch(session, viewer, batch_id)
        held: Job | None = await job(session, job_id)
    if held is None or held.kind != PRINT or held.account_id != viewer.account_id:
        raise NotFound(subject="job")
    done, total, code = held.progress, held.total, held.code
    worker = getattr(request.app.state, "worker", None)
    live = worker.live(held.id) if worker is not None and not held.ended else None
    if live is not None:
        done, total, code = live.reached()
    file_id = UUID(held.result["file"]) if held.result else None
    return batch, PrintJob(held.id, held.state, done, total, code, file_id)


async def approval_of(request: AnyRequest, batch_id: UUID, file_id: UUID) -> Response[bytes]:
    """Answer with the scan of an approval."""
    viewer = guard(request, "batch:see")
    async with reading(request.app.state.database) as session:
        batch = await load_batch(session, viewer, batch_id)
        _, content = await content_of_file(session, batch_id, file_id, APPROVAL)
    return _file(content, "application/pdf", f"{batch.number}.pdf")


async def letters_of(request: AnyRequest, batch_id: UUID, file_id: UUID) -> Response[bytes]:
    """Answer with printed letters, to whoever had them printed."""
    viewer = guard(request, "letter:print")
    async with reading(request.app.state.database) as session:
        batch = await load_batch(session, viewer, batch_id)
        held, content = await content_of_file(session, batch_id, file_id, LETTERS)
    if held.added_by != viewer.account_id:
        raise Forbidden(operation="letter:print")
    return _file(content, "application/zip", f"letters-{batch.number}.zip")


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


ROUTES = [
    approval_form,
    approval_file,
    print_all_form,
    print_all_page,
    print_all_progress,
    letters_file,
]
