"""What the pages and the API of imports share, whatever is imported: how far a run is, files handed out, words."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response

from service.actions.import_runs import ImportKind, found_run
from service.jobs import Job, job
from service.locales import language, mark, use_language
from service.storage.roster import RosterRun
from service.storage.session import Session, reading
from service.web.forms import Form
from service.web.pages import fragment

AnyRequest = Request[Any, Any, Any]
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BASIS_NAMES: Final = {
    "statutory-duty": mark("履行法定职责（建立和管理专家库）"),
    "consent": mark("本人同意"),
    "contract": mark("合同或聘用关系"),
    "other": mark("其他依据"),
}
STATE_NAMES: Final = {
    "checking": mark("正在读取"),
    "asking": mark("等待回答"),
    "checked": mark("等待确认"),
    "confirming": mark("正在写入"),
    "confirmed": mark("已导入"),
    "discarded": mark("已放弃"),
    "refused": mark("没有读取"),
}
WORKING: Final = ("checking", "confirming")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the work on a run is: done and total of the job, its sentence, and whether it ended badly."""

    done: int
    total: int | None
    code: str
    failed: bool


async def standing_of(request: AnyRequest, session: Session, run: RosterRun) -> Standing:
    """Return how far the work on a run is, the freshest word first."""
    work: Job | None = await job(session, run.job_id) if run.job_id else None
    if work is None:
        return Standing(0, None, "", failed=False)
    worker = getattr(request.app.state, "worker", None)
    live = worker.live(work.id) if worker is not None and not work.ended else None
    if live is not None:
        done, total, code = live.reached()
        return Standing(done, total, code, failed=False)
    failed = work.state in ("failed", "cancelled") and run.state in WORKING
    return Standing(work.progress, work.total, work.code, failed=failed)


async def progress_of(request: AnyRequest, kind: ImportKind, run_id: UUID, *, home: str) -> Response[Any]:
    """Answer htmx with how far the work on a run is; once it has ended, with the whole page.

    Raises:
        NotFound: when there is no such run.
    """
    async with reading(request.app.state.database) as session:
        run = await found_run(session, kind, run_id)
        standing = await standing_of(request, session, run)
    if run.state not in WORKING or standing.failed:
        return Response(b"", headers={"HX-Refresh": "true"})
    return fragment(request, "import_runs/progress.html", run=run, standing=standing, home=home)


def said_under(form: Form, prefix: str) -> dict[str, str]:
    """Return what was typed in the fields whose names begin so: rest of the name -> text."""
    return {name.removeprefix(prefix): form.typed(name) for name in form.values if name.startswith(prefix)}


def workbook(content: bytes, name: str) -> Response[bytes]:
    """Answer with a workbook to download."""
    return Response(
        content,
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def made_workbook(make: Callable[[str], bytes], name: str) -> Response[bytes]:
    """Answer with a workbook that a thread makes in the reader's language; a thread has none of its own."""
    chosen = language()

    def work() -> bytes:
        use_language(chosen)
        return make(chosen)

    return workbook(await asyncio.to_thread(work), name)
