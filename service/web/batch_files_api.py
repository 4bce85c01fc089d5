"""Files of lists as JSON: the scan of the approval, and the letters of a whole list printed by a job."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.batch_files import attach_approval, order_letters
from service.actions.material import FILE_MOST
from service.storage.batch_files import APPROVAL, files_of_batch
from service.web.batch_files import PrintJob, approval_of, letters_of, standing_of
from service.web.entry import perform, version_of
from service.web.material_intake import scanned
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.signing_api import unpack
from service.web.work import wake

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ApprovalScanJson:
    """The scan of an approval."""

    content: Annotated[str, Meta(max_length=42_000_000, description="a PDF or a photograph in Base64")]


@dataclass(frozen=True, slots=True)
class BatchFileJson:
    """A file of a list."""

    id: UUID
    size: int
    sha256: Annotated[str, Meta(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]


@post(
    "/api/batches/{batch_id:uuid}/approval",
    opt={"operation": "batch:decide"},
    tags=["batches"],
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_attach(
    request: AnyRequest,
    batch_id: FromPath[UUID],
    data: JSONBody[ApprovalScanJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[BatchFileJson]:
    """Attach the scan of the document by which a list was approved (A24)."""
    seen = await version_of(request)
    content = await scanned(unpack(data.content, "/content"), at="/content", most=FILE_MOST)

    async def do(act: Act) -> Response[Any]:
        file_id = await attach_approval(act, batch_id, content, seen=seen)
        (held,) = [one for one in await files_of_batch(act.session, batch_id, APPROVAL) if one.id == file_id]
        headers = {"Location": f"/api/batches/{batch_id}/approval/{file_id}"}
        return Response(BatchFileJson(held.id, held.size, held.sha256), status_code=201, headers=headers)

    return await perform(request, "batch:decide", do, subject=str(batch_id))


@get(
    "/api/batches/{batch_id:uuid}/approval/{file_id:uuid}",
    opt={"operation": "batch:see"},
    tags=["batches"],
    media_type="application/pdf",
    responses=problems(401, 403, 404),
)
async def api_approval(request: AnyRequest, batch_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Return the scan of an approval."""
    return await approval_of(request, batch_id, file_id)


@post(
    "/api/batches/{batch_id:uuid}/print-all",
    opt={"operation": "letter:print"},
    tags=["letters"],
    status_code=202,
    responses=problems(401, 403, 404, 422),
)
async def api_print_all(request: AnyRequest, batch_id: FromPath[UUID], key: IdempotencyKey = "") -> Response[PrintJob]:
    """Have the letters of a whole list printed by a job; ask at Location how far it is."""

    async def do(act: Act) -> Response[Any]:
        job_id = await order_letters(act, batch_id)
        headers = {"Location": f"/api/batches/{batch_id}/print-all/{job_id}"}
        return Response(PrintJob(job_id, "queued", 0, None, "", None), status_code=202, headers=headers)

    response = await perform(request, "letter:print", do, subject=str(batch_id))
    wake(request)
    return response


@get(
    "/api/batches/{batch_id:uuid}/print-all/{job_id:uuid}",
    opt={"operation": "letter:print"},
    tags=["letters"],
    responses=problems(401, 403, 404),
)
async def api_print_job(request: AnyRequest, batch_id: FromPath[UUID], job_id: FromPath[UUID]) -> PrintJob:
    """Return how far the printing is."""
    return (await standing_of(request, batch_id, job_id))[1]


@get(
    "/api/batches/{batch_id:uuid}/letters/{file_id:uuid}",
    opt={"operation": "letter:print"},
    tags=["letters"],
    media_type="application/zip",
    responses=problems(401, 403, 404),
)
async def api_letters_file(request: AnyRequest, batch_id: FromPath[UUID], file_id: FromPath[UUID]) -> Response[bytes]:
    """Return printed letters, to whoever had them printed; they are kept for a day."""
    return await letters_of(request, batch_id, file_id)


ROUTES = [api_attach, api_approval, api_print_all, api_print_job, api_letters_file]
