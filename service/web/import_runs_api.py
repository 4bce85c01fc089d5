"""What both imports share as JSON: taking a file, acting on a run, answering with the run as it stands then."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from litestar import Response
from msgspec import Meta

from service.actions.act import Act
from service.actions.import_runs import ImportKind, found_run
from service.problems import Fault, Invalid
from service.storage.roster import RosterRun
from service.web.entry import perform, version_of
from service.web.import_runs import AnyRequest
from service.web.openapi import problems
from service.web.work import wake

T = TypeVar("T")
OutcomeName = Literal["new", "changed", "identical", "hint", "error", "sheet"]
ACT_PROBLEMS = problems(400, 401, 403, 404, 409, 412, 422, 428)


@dataclass(frozen=True, slots=True)
class FindingJson:
    """What there is to say about a cell, ending in what to do."""

    code: str
    severity: str
    sheet: str
    cell: Annotated[str, Meta(examples=["C7"])]
    says: str


async def begin_run(
    request: AnyRequest,
    kind: ImportKind,
    content_base64: str,
    start: Callable[[Act, bytes], Awaitable[UUID]],
    say: Callable[[RosterRun], T],
    *,
    home: str,
) -> Response[T]:
    """Take a file and answer with the new run and where it is.

    Args:
        request: as it came.
        kind: what is imported.
        content_base64: the file.
        start: begins a run with the file's bytes.
        say: turns the run into JSON.
        home: where the runs are.

    Raises:
        Invalid: FILE_DAMAGED for what is no base64, and as `start`.
    """
    try:
        content = await asyncio.to_thread(base64.b64decode, content_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid([Fault("/content_base64", "FILE_DAMAGED")]) from None

    async def do(act: Act) -> Response[T]:
        run = await found_run(act.session, kind, await start(act, content))
        headers = etag_of(run) | {"Location": f"{home}/{run.id}"}
        return Response(say(run), status_code=201, headers=headers)

    response: Response[T] = await perform(request, kind.operation, do)
    wake(request)
    return response


async def act_on_run(
    request: AnyRequest,
    kind: ImportKind,
    run_id: UUID,
    do: Callable[[Act, int], Awaitable[Any]],
    say: Callable[[RosterRun], T],
) -> Response[T]:
    """Do one act on a run and answer with the run as it stands then.

    Args:
        request: as it came; its If-Match names the version that was seen.
        kind: what is imported.
        run_id: the run.
        do: the act, given that version.
        say: turns the run into JSON.
    """
    seen = await version_of(request)

    async def whole(act: Act) -> Response[T]:
        await do(act, seen)
        run = await found_run(act.session, kind, run_id)
        return Response(say(run), headers=etag_of(run))

    response: Response[T] = await perform(request, kind.operation, whole, subject=str(run_id))
    wake(request)
    return response


def etag_of(run: RosterRun) -> dict[str, str]:
    """Return the version of a run as the header that carries it."""
    return {"ETag": f'"{run.version}"'}
