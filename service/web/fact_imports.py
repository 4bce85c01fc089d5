"""Importing ties: upload, what columns hold, the dry run in tabs, bare names, confirmation, taking an import back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from conflicts import Confidence
from service.actions.act import Act
from service.actions.fact_import import (
    answer_columns,
    confirm_fact_import,
    discard_fact_import,
    settle_names,
    start_fact_import,
    take_back_import,
)
from service.actions.fact_import_work import errors_workbook, look
from service.actions.import_runs import BASES, FACTS, Upload, found_run
from service.exchange import MOST_BYTES, TieColumn
from service.exchange.tie_template import tie_template_workbook
from service.exchange.wording import TIE_COLUMN_NAMES, say_tie_finding
from service.locales import gettext, mark, say_day
from service.problems import Invalid, NotFound, Problem, Refused, Stale
from service.storage.fact_import import sources_used
from service.storage.roster import LINES_PER_PAGE, Line, RosterRun, lines_page, newest_runs, questions_of
from service.storage.session import Session, reading
from service.storage.staff_bars import barred_matters
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.import_runs import (
    BASIS_NAMES,
    STATE_NAMES,
    AnyRequest,
    made_workbook,
    progress_of,
    said_under,
    standing_of,
)
from service.web.pages import page, see_other
from service.web.work import wake

HOME: Final = "/fact-imports"
TAB_NAMES: Final = {
    "question": mark("待确认的名称"),
    "new": mark("新增"),
    "changed": mark("有更改"),
    "identical": mark("相同"),
    "hint": mark("等名称确认"),
    "error": mark("有错误"),
    "sheet": mark("说明"),
}
_STATES: Final = STATE_NAMES | {"withdrawn": mark("已整批撤回")}
_ASKABLE: Final = tuple(column for column in TieColumn if column is not TieColumn.NOT_KEPT)
_BASES: Final = BASIS_NAMES | {"statutory-duty": mark("履行法定职责（回避核对）")}


@get(HOME, opt={"operation": "fact:import"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """Show the upload form and the newest imports."""
    return await _list_page(request, Form({}))


@post(HOME, opt={"operation": "fact:import"}, include_in_schema=False)
async def upload(request: AnyRequest) -> Response[Any]:
    """Take a file with its source and the basis for holding its data, and have it read."""
    form = await Form.of(request)
    file = form.uploads.get("file")
    if file is None:
        form.fault("file", "FIELD_REQUIRED")
    content = await file.read() if file else b""
    source = form.text("source", required=True, most=200)
    confidence = form.choice("confidence", list(Confidence), default=Confidence.SURE)
    basis = form.choice("basis", BASES)
    basis_text = form.text("basis_text", most=500)

    async def do(act: Act) -> Response[Any]:
        given = Upload(file.filename if file else "", content, basis, basis_text)
        run_id = await start_fact_import(act, given, source=source, confidence=confidence)
        return see_other(f"{HOME}/{run_id}", notice="文件已收到，正在试运行。")

    try:
        form.check()
        response = await perform(request, FACTS.operation, do)
    except Invalid as problem:
        return await _list_page(request, form, problem=problem)
    wake(request)
    return response


@get(f"{HOME}/template", opt={"operation": "fact:import"}, include_in_schema=False)
async def template(request: AnyRequest) -> Response[bytes]:
    """Hand out the template in the reader's language."""
    return await template_of(request)


@get(HOME + "/{run_id:uuid}", opt={"operation": "fact:import"}, include_in_schema=False)
async def run_page(
    request: AnyRequest,
    run_id: FromPath[UUID],
    tab: Annotated[str, QueryParameter(name="tab")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """Show a run where it stands: being read, asking, the dry run, or what came of it."""
    return await _run_page(request, run_id, tab=tab, number=number)


@get(HOME + "/{run_id:uuid}/progress", opt={"operation": "fact:import"}, include_in_schema=False)
async def progress(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Answer htmx with how far the work is; once it has ended, with the whole page."""
    return await progress_of(request, FACTS, run_id, home=HOME)


@post(HOME + "/{run_id:uuid}/columns", opt={"operation": "fact:import"}, include_in_schema=False)
async def columns(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Keep what columns hold, and read the file again."""
    return await _keep(request, run_id, "column:", answer_columns)


@post(HOME + "/{run_id:uuid}/names", opt={"operation": "fact:import"}, include_in_schema=False)
async def names(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Keep whom bare names mean, and compare again."""
    return await _keep(request, run_id, "meant:", settle_names, tab="question")


@post(HOME + "/{run_id:uuid}/confirm", opt={"operation": "fact:import"}, include_in_schema=False)
async def confirm(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Have the dry run carried out."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await confirm_fact_import(act, run_id, seen=seen)
        return see_other(f"{HOME}/{run_id}", notice="正在写入。")

    return await _act(request, run_id, do)


@post(HOME + "/{run_id:uuid}/discard", opt={"operation": "fact:import"}, include_in_schema=False)
async def discard(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Close a run without taking anything over."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await discard_fact_import(act, run_id, seen=seen)
        return see_other(HOME, notice="已放弃，上传的文件已删除。")

    return await _act(request, run_id, do)


@post(HOME + "/{run_id:uuid}/withdraw", opt={"operation": "fact:import"}, include_in_schema=False)
async def withdraw(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Take one import back."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await take_back_import(act, run_id, reason=form.typed("reason"), seen=seen)
        return see_other(f"{HOME}/{run_id}", notice="已整批撤回，以前的记录保留。")

    return await _act(request, run_id, do, form=form)


@get(HOME + "/{run_id:uuid}/errors.xlsx", opt={"operation": "fact:import"}, include_in_schema=False)
async def errors(request: AnyRequest, run_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the rows with errors as a marked workbook with the same cells."""
    return await errors_of(request, run_id)


async def errors_of(request: AnyRequest, run_id: UUID) -> Response[bytes]:
    """Read the file of a run again and return its marked workbook; a file by format has no cells to mark.

    Raises:
        NotFound: when there is no such dry run.
    """
    app = request.app.state
    async with reading(app.database) as session:
        run = await found_run(session, FACTS, run_id)
    if run.state != "checked":
        raise NotFound(subject="roster", id=str(run_id))
    found = await look(
        app.database, run_id, viewer=viewer_of(request), keys=app.secrets, tell=lambda _done, _total: None
    )
    if not found.grids:
        raise NotFound(subject="roster", id=str(run_id))
    return await made_workbook(lambda _language: errors_workbook(found), "ties-errors.xlsx")


async def template_of(request: AnyRequest) -> Response[bytes]:
    """Return the template in the reader's language."""
    viewer_of(request)
    return await made_workbook(lambda _language: tie_template_workbook(gettext), "ties-template.xlsx")


async def lines_of_run(
    request: AnyRequest, session: Session, run_id: UUID, outcome: str, number: int
) -> tuple[list[Line], int]:
    """Return one page of lines; a matter that the viewer keeps out of is not named."""
    lines, total = await lines_page(session, request.app.state.secrets, run_id, outcome, number)
    barred = await barred_matters(session, viewer_of(request))
    return [
        replace(line, body={**line.body, "object": "—"}) if line.body.get("matter") in barred and barred else line
        for line in lines
    ], total


def say_tie_value(column: str, value: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """Return one side of a change as people read it; `words` are those of the templates for codes."""
    if not value:
        return "—"
    if column in (TieColumn.FROM_ON, TieColumn.TO_ON):
        return say_day(date.fromisoformat(value))
    return words.get(column, {}).get(value, value)


async def _keep(request: AnyRequest, run_id: UUID, prefix: str, keep: Any, *, tab: str = "") -> Response[Any]:
    """Keep what was answered in the fields whose names begin so, and have the file compared again."""
    form = await Form.of(request)
    said = said_under(form, prefix)
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await keep(act, run_id, said, seen=seen)
        return see_other(f"{HOME}/{run_id}" + (f"?tab={tab}" if tab else ""), notice="已保存，正在重新比对。")

    return await _act(request, run_id, do, form=form, tab=tab)


async def _act(request: AnyRequest, run_id: UUID, do: Any, *, form: Form | None = None, tab: str = "") -> Response[Any]:
    try:
        response: Response[Any] = await perform(request, FACTS.operation, do, subject=str(run_id))
    except (Invalid, Refused, Stale) as problem:
        return await _run_page(request, run_id, tab=tab, form=form, problem=problem)
    wake(request)
    return response


async def _list_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        runs = await newest_runs(session, FACTS.subject)
        sources = await sources_used(session)
    return page(
        request,
        "fact_imports/list.html",
        status=problem.status if problem else 200,
        runs=runs,
        sources=sources,
        form=form,
        faults=problem.faults if isinstance(problem, Invalid) else (),
        bases=[(code, gettext(_BASES[code])) for code in BASES],
        confidences=list(Confidence),
        states=_states(),
        megabytes=MOST_BYTES // 1024 // 1024,
    )


async def _run_page(
    request: AnyRequest,
    run_id: UUID,
    *,
    tab: str = "",
    number: int = 1,
    form: Form | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    app = request.app.state
    async with reading(app.database) as session:
        run = await found_run(session, FACTS, run_id)
        standing = await standing_of(request, session, run)
        asked = await questions_of(session, app.secrets, run_id) if run.state in ("asking", "checked") else {}
        lines: Sequence[Line] = ()
        total = open_names = 0
        shown = tab
        if run.state == "checked":
            _, open_names = await lines_page(session, app.secrets, run_id, "question", 1)
            shown = tab if tab in TAB_NAMES or tab == "columns" else _first_tab(run, open_names)
            if shown in TAB_NAMES:
                lines, total = await lines_of_run(request, session, run_id, shown, number)
    return page(
        request,
        "fact_imports/run.html",
        status=problem.status if problem else 200,
        run=run,
        home=HOME,
        standing=standing,
        asked=asked,
        form=form or Form({}),
        faults=problem.faults if isinstance(problem, Invalid) else (),
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        stale=isinstance(problem, Stale),
        tab=shown,
        tabs=_tabs(run, asked, open_names),
        lines=lines,
        total=total,
        number=number,
        pages=-(-total // LINES_PER_PAGE),
        basis=gettext(_BASES.get(run.basis, run.basis)),
        state_name=_states()[run.state],
        columns=[(column.value, gettext(TIE_COLUMN_NAMES[column])) for column in _ASKABLE],
        column_names={column.value: gettext(name) for column, name in TIE_COLUMN_NAMES.items()},
        say_finding=say_tie_finding,
        say_value=say_tie_value,
    )


def _states() -> dict[str, str]:
    return {code: gettext(name) for code, name in _STATES.items()}


def _first_tab(run: RosterRun, open_names: int) -> str:
    if open_names:
        return "question"
    return next((outcome for outcome in ("error", "new", "changed") if run.counts.get(outcome)), "identical")


def _tabs(run: RosterRun, asked: Mapping[str, Any], open_names: int) -> list[dict[str, Any]]:
    counted = dict(run.counts) | {"question": open_names}
    tabs = [
        {"label": gettext(name), "href": f"{HOME}/{run.id}?tab={code}", "count": counted.get(code, 0)}
        for code, name in TAB_NAMES.items()
        if code not in ("question", "hint") or counted.get(code)
    ]
    if asked:
        tabs.append({"label": gettext("列"), "href": f"{HOME}/{run.id}?tab=columns", "count": len(asked["columns"])})
    return tabs


ROUTES = [list_page, upload, template, run_page, progress, columns, names, confirm, discard, withdraw, errors]
