"""An opinion signed on paper: the center's page for entering it and for comparing it with its scan."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.act import Act
from service.actions.material import FILE_MOST
from service.actions.opinions import opinion_of
from service.actions.paper import OnPaper, confirm_paper, enter_paper, reject_paper
from service.clock import CHINA
from service.problems import Fault, Invalid, NotFound, Problem, Refused, Stale
from service.storage.paper import Paper, paper_of
from service.storage.session import reading
from service.web.entry import guard, perform, version_of, viewer_of
from service.web.forms import Form
from service.web.material_intake import take_scan
from service.web.pages import instant_of, page, see_other
from service.web.review import as_pdf
from service.web.review_desk import Desk, Line, read_desk
from service.web.review_expert import read_opinion
from workflow import CONCLUSIONS

AnyRequest = Request[Any, Any, Any]
_ADDRESS = "/matters/{matter_id:uuid}/review/experts/{expert_id:uuid}/paper"


@get(_ADDRESS, opt={"operation": "review:enter-paper"}, include_in_schema=False)
async def paper_page(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form for an opinion on paper, or what waits to be compared."""
    return await _page(request, matter_id, expert_id, Form({}))


@get(_ADDRESS + "/scan", opt={"operation": "review:enter-paper"}, include_in_schema=False)
async def scan_file(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the scan that waits to be compared."""
    _, _, paper = await waiting_paper(request, matter_id, expert_id)
    if paper is None:
        raise NotFound(subject="paper-opinion")
    return as_pdf(paper.scan, "opinion.pdf")


@post(_ADDRESS, opt={"operation": "review:enter-paper"}, include_in_schema=False)
async def enter_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter an opinion on paper."""
    form = await Form.of(request)
    seen = await version_of(request)
    scan = await take_scan(form, "scan", most=FILE_MOST)

    async def act(act: Act) -> None:
        received_on = form.day("received_on", required=True)
        received_time = form.read("received_time", time.fromisoformat, code="FIELD_NOT_A_TIME")
        form.check()
        received_at = datetime.combine(received_on or date.max, received_time or time(), CHINA)
        await enter_paper(act, matter_id, expert_id, OnPaper(read_opinion(form), received_at, scan), seen=seen)

    return await _acted(request, matter_id, expert_id, form, act, notice="已登记，请另一位工作人员对照扫描件核对")


@post(_ADDRESS + "/confirm", opt={"operation": "review:enter-paper"}, include_in_schema=False)
async def confirm_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Confirm what another person entered."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        await confirm_paper(act, request.app.state.residents, matter_id, expert_id, seen=seen)

    return await _acted(request, matter_id, expert_id, form, act, notice="纸质意见已核对，计入人数")


@post(_ADDRESS + "/reject", opt={"operation": "review:enter-paper"}, include_in_schema=False)
async def reject_form(request: AnyRequest, matter_id: FromPath[UUID], expert_id: FromPath[UUID]) -> Response[Any]:
    """Say that what was entered is wrong."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> None:
        await reject_paper(act, matter_id, expert_id, reason=form.text("reason", most=500), seen=seen)

    return await _acted(request, matter_id, expert_id, form, act, notice="已退回，请重新登记")


async def waiting_paper(request: AnyRequest, matter_id: UUID, expert_id: UUID) -> tuple[Desk, Line, Paper | None]:
    """Return the review, the expert's line in it, and what waits to be compared.

    Raises:
        NotFound: when the viewer may not know the matter, or the expert was not asked.
    """
    guard(request, "review:enter-paper")
    desk = await read_desk(request, matter_id)
    line = desk.line_of(expert_id)
    if line.part is None or line.part.paper is None:
        return desk, line, None
    async with reading(request.app.state.database) as session:
        return desk, line, await paper_of(session, matter_id, line.who.person_id, desk.state.round)


async def _acted(
    request: AnyRequest,
    matter_id: UUID,
    expert_id: UUID,
    form: Form,
    do: Callable[[Act], Awaitable[None]],
    *,
    notice: str,
) -> Response[Any]:
    """Do an act; what stands against it is shown on the same page with the typed text."""

    async def run(act: Act) -> Response[Any]:
        await do(act)
        return see_other(f"/matters/{matter_id}/review/opinions", notice=notice)

    try:
        return await perform(request, "review:enter-paper", run, subject=str(matter_id))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _page(request, matter_id, expert_id, form, problem=problem)
    except Refused as problem:
        return await _page(request, matter_id, expert_id, form, problem=problem)
    except Stale as problem:
        form.faults = [Fault("", "PAGE_OUTDATED")]
        return await _page(request, matter_id, expert_id, form, problem=problem)


async def _page(
    request: AnyRequest, matter_id: UUID, expert_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    desk, line, paper = await waiting_paper(request, matter_id, expert_id)
    entered = line.part.paper if line.part else None
    return page(
        request,
        "review/paper.html",
        status=200 if problem is None else problem.status,
        line=line,
        matter=desk.matter,
        paper=paper,
        entered=entered,
        opinion=None if paper is None else opinion_of(paper.content),
        own=entered is not None and entered.entered_by == str(viewer_of(request).person_id),
        form=form,
        faults=form.faults,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        conclusions=CONCLUSIONS,
        now=instant_of(request).astimezone(CHINA),
    )


ROUTES = [paper_page, scan_file, enter_form, confirm_form, reject_form]
