"""What may be ground for a case about an expert: one occurrence, its judgement, the expert's word, a report."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from registry import Judgement
from service.access import require
from service.actions.act import Act
from service.actions.occurrences import (
    ReportEntry,
    contest_occurrence,
    judge_occurrence,
    report,
    review_occurrence,
)
from service.problems import Invalid, Problem, Refused, Stale
from service.storage.expert_page import load_expert
from service.storage.occurrences import load_occurrence
from service.storage.session import reading
from service.web.candidates import typed
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]


@get("/occurrences/{occurrence_id:uuid}", opt={"operation": "occurrence:see"}, include_in_schema=False)
async def occurrence_page(request: AnyRequest, occurrence_id: FromPath[UUID]) -> Response[Any]:
    """Show what happened and what was said of it."""
    return await _show(request, occurrence_id, Form({}))


@post("/occurrences/{occurrence_id:uuid}/judge", opt={"operation": "occurrence:judge"}, include_in_schema=False)
async def judge_form(request: AnyRequest, occurrence_id: FromPath[UUID]) -> Response[Any]:
    """Say whether it opens a case."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        opens = form.choice("opens", ("yes", "no"), default="") == "yes"
        if not form.typed("opens"):
            form.fault("opens", "FIELD_REQUIRED")
        reason = form.text("reason", most=600)
        form.check()
        await judge_occurrence(act, occurrence_id, Judgement(opens, reason), seen=seen)

    return await _acted(request, occurrence_id, form, "occurrence:judge", act, notice="判断已登记")


@post("/occurrences/{occurrence_id:uuid}/contest", opt={"operation": "occurrence:contest"}, include_in_schema=False)
async def contest_form(request: AnyRequest, occurrence_id: FromPath[UUID]) -> Response[Any]:
    """Say something against the judgement, as the expert."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        await contest_occurrence(act, occurrence_id, text=form.typed("contest"), seen=seen)

    return await _acted(
        request, occurrence_id, form, "occurrence:contest", act, notice="您的意见已提交，由决咨中心另一位工作人员复核"
    )


@post("/occurrences/{occurrence_id:uuid}/review", opt={"operation": "occurrence:judge"}, include_in_schema=False)
async def review_form(request: AnyRequest, occurrence_id: FromPath[UUID]) -> Response[Any]:
    """Settle what the expert says against the judgement."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        stands = form.choice("stands", ("yes", "no"), default="") == "yes"
        if not form.typed("stands"):
            form.fault("stands", "FIELD_REQUIRED")
        reason = form.text("review_reason", most=600)
        form.check()
        await review_occurrence(act, occurrence_id, stands=stands, reason=reason, seen=seen)

    return await _acted(request, occurrence_id, form, "occurrence:judge", act, notice="复核结果已登记")


@get("/experts/{expert_id:uuid}/report", opt={"operation": "occurrence:report"}, include_in_schema=False)
async def report_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form that enters a report about an expert."""
    return await _report(request, expert_id, Form({}))


@post("/experts/{expert_id:uuid}/report", opt={"operation": "occurrence:report"}, include_in_schema=False)
async def report_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter a report about an expert."""
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        happened_on, words = form.day("happened_on"), form.text("words", most=600)
        if happened_on is None:
            form.fault("happened_on", "FIELD_REQUIRED")
        form.check()
        noted = await report(act, expert_id, ReportEntry(happened_on or act.on, words))
        return see_other(f"/occurrences/{noted}", notice="反映已登记，等待判断是否立案")

    try:
        return await perform(request, "occurrence:report", act, subject=str(expert_id))
    except (Invalid, Refused, Stale) as problem:
        return await _report(request, expert_id, form, problem=problem)


async def _report(request: AnyRequest, expert_id: UUID, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    require(viewer, "occurrence:report")
    async with reading(request.app.state.database) as session:
        expert = await load_expert(session, viewer, expert_id, on=request.app.state.clock.today())
    return page(
        request,
        "occurrences/report.html",
        status=200 if problem is None else problem.status,
        expert=expert,
        **typed(form, problem),
    )


async def _show(
    request: AnyRequest, occurrence_id: UUID, form: Form, *, problem: Problem | None = None
) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        occurrence = await load_occurrence(session, viewer, occurrence_id)
    return page(
        request,
        "occurrences/show.html",
        status=200 if problem is None else problem.status,
        one=occurrence,
        relations=("own",) if occurrence.own else (),
        **typed(form, problem),
    )


async def _acted(
    request: AnyRequest, occurrence_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/occurrences/{occurrence_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(occurrence_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, occurrence_id, form, problem=problem)


ROUTES = [occurrence_page, judge_form, contest_form, review_form, report_page, report_form]
