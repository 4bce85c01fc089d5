"""Importing a roster: upload, questions, the dry run in tabs, confirmation, what came of it."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter

from registry import DISCIPLINES, DOMAINS, Terms, field_name, mask_phone
from service.actions.act import Act
from service.actions.import_runs import BASES, ROSTER, Upload, found_run
from service.actions.roster import (
    answer_questions,
    confirm_import,
    decide_hints,
    discard_import,
    start_import,
)
from service.actions.roster_work import dry_run, errors_workbook, prepare
from service.clock import day_of
from service.exchange import MOST_BYTES, Column, Outcome, template_workbook
from service.exchange.wording import COLUMN_NAMES, say_code, say_column, say_finding, say_level
from service.locales import gettext, language, mark, say_day, say_list
from service.problems import Invalid, NotFound, Problem, Refused
from service.storage.roster import LINES_PER_PAGE, Line, RosterRun, lines_page, newest_runs, questions_of
from service.storage.session import reading
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
from service.web.pages import instant_of, page, see_other
from service.web.work import wake

HOME: Final = "/roster"
TAB_NAMES: Final = {
    "new": mark("新增"),
    "changed": mark("有更改"),
    "identical": mark("相同"),
    "hint": mark("疑似重复"),
    "error": mark("有错误"),
    "sheet": mark("说明"),
}
_MOST_WORDS = 100
_ASKABLE: Final = tuple(column for column in Column if column not in (Column.NUMBER, Column.NOT_KEPT))


@get("/roster", opt={"operation": "roster:import"}, include_in_schema=False)
async def list_page(request: AnyRequest) -> Response[Any]:
    """Show the upload form and the newest imports."""
    return await _list_page(request, Form({}))


@post("/roster", opt={"operation": "roster:import"}, include_in_schema=False)
async def upload(request: AnyRequest) -> Response[Any]:
    """Take a file with the basis for holding its data, and have it read."""
    form = await Form.of(request)
    file = form.uploads.get("file")
    basis_text = form.text("basis_text", most=500)
    starts_on = form.day("starts_on")
    if file is None:
        form.fault("file", "FIELD_REQUIRED")
    content = await file.read() if file else b""
    basis = form.choice("basis", BASES)

    async def do(act: Act) -> Response[Any]:
        name = file.filename if file else ""
        run_id = await start_import(act, Upload(name, content, basis, basis_text, starts_on))
        return see_other(f"/roster/{run_id}", notice="文件已收到，正在试运行。")

    try:
        form.check()
        response = await perform(request, ROSTER.operation, do)
    except Invalid as problem:
        return await _list_page(request, form, problem=problem)
    wake(request)
    return response


@get("/roster/template", opt={"operation": "roster:import"}, include_in_schema=False)
async def template(request: AnyRequest) -> Response[bytes]:
    """Hand out the template in the reader's language."""
    return await template_of(request)


@get("/roster/{run_id:uuid}", opt={"operation": "roster:import"}, include_in_schema=False)
async def run_page(
    request: AnyRequest,
    run_id: FromPath[UUID],
    tab: Annotated[str, QueryParameter(name="tab")] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> Response[Any]:
    """Show a run where it stands: being read, asking, the dry run, or what came of it."""
    return await _run_page(request, run_id, tab=tab, number=number)


@get("/roster/{run_id:uuid}/progress", opt={"operation": "roster:import"}, include_in_schema=False)
async def progress(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Answer htmx with how far the work is; once it has ended, with the whole page."""
    return await progress_of(request, ROSTER, run_id, home=HOME)


@post("/roster/{run_id:uuid}/answers", opt={"operation": "roster:import"}, include_in_schema=False)
async def answers(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Keep what columns and words mean, and read the file again."""
    form = await Form.of(request)
    columns, words = said_under(form, "column:"), said_under(form, "word:")
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await answer_questions(act, run_id, columns=columns, words=words, seen=seen)
        return see_other(f"/roster/{run_id}", notice="已保存，正在重新比对。")

    return await _act(request, run_id, do, form=form)


@post("/roster/{run_id:uuid}/decisions", opt={"operation": "roster:import"}, include_in_schema=False)
async def decisions(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Keep what was decided about possible duplicates, and compare again."""
    form = await Form.of(request)
    said = said_under(form, "decision:")
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await decide_hints(act, run_id, said, seen=seen)
        return see_other(f"/roster/{run_id}?tab=hint", notice="已保存，正在重新比对。")

    return await _act(request, run_id, do, form=form, tab="hint")


@post("/roster/{run_id:uuid}/confirm", opt={"operation": "roster:import"}, include_in_schema=False)
async def confirm(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Have the dry run carried out."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await confirm_import(act, run_id, seen=seen)
        return see_other(f"/roster/{run_id}", notice="正在写入。")

    return await _act(request, run_id, do)


@post("/roster/{run_id:uuid}/discard", opt={"operation": "roster:import"}, include_in_schema=False)
async def discard(request: AnyRequest, run_id: FromPath[UUID]) -> Response[Any]:
    """Close a run without taking anything over."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await discard_import(act, run_id, seen=seen)
        return see_other("/roster", notice="已放弃，上传的文件已删除。")

    return await _act(request, run_id, do)


@get("/roster/{run_id:uuid}/errors.xlsx", opt={"operation": "roster:import"}, include_in_schema=False)
async def errors(request: AnyRequest, run_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the rows with errors as a marked workbook with the same cells."""
    return await errors_of(request, run_id)


async def errors_of(request: AnyRequest, run_id: UUID) -> Response[bytes]:
    """Read the file of a run again and return its marked workbook."""
    app = request.app.state
    terms = Terms(years=app.edition.number("TERM_EXPIRED", "years"))
    async with reading(app.database) as session:
        run = await found_run(session, ROSTER, run_id)
        if run.state != "checked":
            raise NotFound(subject="roster", id=str(run_id))
        on = day_of(instant_of(request))
        prepared = await prepare(session, run_id, keys=app.secrets, terms=terms, on=on)

    def made(_language: str) -> bytes:
        return errors_workbook(dry_run(prepared, tell=lambda _done, _total: None))

    return await made_workbook(made, "roster-errors.xlsx")


async def template_of(request: AnyRequest) -> Response[bytes]:
    """Return the template in the reader's language."""
    viewer_of(request)
    return await made_workbook(lambda chosen: template_workbook(gettext, language=chosen), "roster-template.xlsx")


async def _act(request: AnyRequest, run_id: UUID, do: Any, *, form: Form | None = None, tab: str = "") -> Response[Any]:
    try:
        response: Response[Any] = await perform(request, ROSTER.operation, do, subject=str(run_id))
    except (Invalid, Refused) as problem:
        return await _run_page(request, run_id, tab=tab, form=form, problem=problem)
    wake(request)
    return response


async def _list_page(request: AnyRequest, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        runs = await newest_runs(session)
    return page(
        request,
        "roster/list.html",
        status=problem.status if problem else 200,
        runs=runs,
        form=form,
        faults=problem.faults if isinstance(problem, Invalid) else (),
        bases=[(code, gettext(name)) for code, name in BASIS_NAMES.items()],
        states={code: gettext(name) for code, name in STATE_NAMES.items()},
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
        run = await found_run(session, ROSTER, run_id)
        standing = await standing_of(request, session, run)
        asked = await questions_of(session, app.secrets, run_id) if run.state in ("asking", "checked") else {}
        shown = tab if tab in TAB_NAMES or tab == "words" else _first_tab(run)
        lines: list[Line] = []
        total = 0
        if run.state == "checked" and shown in TAB_NAMES:
            lines, total = await lines_page(session, app.secrets, run_id, shown, number)
    return page(
        request,
        "roster/run.html",
        status=problem.status if problem else 200,
        run=run,
        home=HOME,
        standing=standing,
        asked=asked,
        words=asked.get("words", [])[:_MOST_WORDS],
        form=form or Form({}),
        faults=problem.faults if isinstance(problem, Invalid) else (),
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        tab=shown,
        tabs=_tabs(run, asked),
        lines=lines,
        total=total,
        number=number,
        pages=-(-total // LINES_PER_PAGE),
        basis=gettext(BASIS_NAMES.get(run.basis, run.basis)),
        state_name=gettext(STATE_NAMES[run.state]),
        columns=[(column.value, gettext(COLUMN_NAMES[column])) for column in _ASKABLE],
        fields=[(code, field_name(code, language=language())) for code in (*DOMAINS, *DISCIPLINES)],
        say_finding=say_finding,
        say_column=say_column,
        say_code=say_code,
        say_value=say_value,
    )


def say_value(column: str, value: str) -> str:
    """Return one side of a change as people read it; telephone numbers are masked."""
    if not value:
        return "—"
    if column == Column.PHONE:
        return mask_phone(value)
    if column == Column.FIELDS:
        return say_list([say_code(code) for code in value.split()])
    if column == Column.TITLE_LEVEL:
        return say_level(value)
    if column == Column.SEX:
        return {"1": gettext("男"), "2": gettext("女")}.get(value, value)
    if column in (Column.TERM, Column.STARTS_ON, Column.ENDS_ON, Column.BORN_ON):
        return " – ".join(say_day(date.fromisoformat(day)) for day in value.split("/"))
    return value


def _first_tab(run: RosterRun) -> str:
    for outcome in ("error", "hint", "new", "changed"):
        if run.counts.get(outcome):
            return outcome
    return Outcome.IDENTICAL.value


def _tabs(run: RosterRun, asked: Any) -> list[dict[str, Any]]:
    tabs = [
        {"label": gettext(name), "href": f"/roster/{run.id}?tab={code}", "count": run.counts.get(code, 0)}
        for code, name in TAB_NAMES.items()
    ]
    if asked:
        questions = len(asked["columns"]) + len(asked["words"])
        tabs.append({"label": gettext("列和词语"), "href": f"/roster/{run.id}?tab=words", "count": questions})
    return tabs


ROUTES = [list_page, upload, template, run_page, progress, answers, decisions, confirm, discard, errors]
