"""Importing a roster as JSON: the same acts as the pages."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.import_runs import ROSTER, Upload, found_run
from service.actions.roster import (
    answer_questions,
    confirm_import,
    decide_hints,
    discard_import,
    start_import,
)
from service.exchange.wording import say_finding
from service.storage.roster import Line, RosterRun, lines_page, newest_runs, questions_of
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.import_runs import XLSX, AnyRequest, standing_of
from service.web.import_runs_api import ACT_PROBLEMS, FindingJson, OutcomeName, act_on_run, begin_run, etag_of
from service.web.openapi import IdempotencyKey, IfMatch, problems
from service.web.roster import errors_of, say_value, template_of


@dataclass(frozen=True, slots=True)
class RunJson:
    """An import of a roster."""

    id: UUID
    state: Annotated[str, Meta(description="checking, asking, checked, confirming, confirmed, discarded or refused")]
    file_name: str
    file_sha256: str
    basis: str
    starts_on: date | None
    counts: Annotated[dict[str, int], Meta(description="rows by outcome", examples=[{"new": 12, "changed": 3}])]
    code: Annotated[str, Meta(description="why the file was refused, or what a person should know")]
    progress: Annotated[int, Meta(description="how much of the present work is done")]
    total: int | None
    questions: Annotated[dict[str, Any], Meta(description="columns and words that were not recognised")]
    created_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class LineJson:
    """A row of the dry run."""

    key: Annotated[str, Meta(description="sheet and row; decisions are kept under it", examples=["名单!7"])]
    name: str
    identity: Annotated[str, Meta(description="masked")]
    unit: str
    expert_id: str
    changes: list[dict[str, str]]
    hints: list[dict[str, Any]]
    findings: list[FindingJson]


@dataclass(frozen=True, slots=True)
class LinesJson:
    """One page of rows of an outcome."""

    outcome: str
    page: int
    total: int
    lines: list[LineJson]


@dataclass(frozen=True, slots=True)
class UploadJson:
    """A file with the basis for holding its data."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["专家名册.xlsx"])]
    content_base64: Annotated[
        str, Meta(description="the file, base64; at most 20 MB", examples=["5aeT5ZCNLOWNleS9jQo="])
    ]
    basis: Annotated[str, Meta(description="statutory-duty, consent, contract or other", examples=["statutory-duty"])]
    basis_text: Annotated[str, Meta(max_length=500)] = ""
    starts_on: date | None = None


@dataclass(frozen=True, slots=True)
class AnswersJson:
    """What columns and words mean."""

    columns: Annotated[dict[str, str], Meta(description="key of a column to what it holds; empty leaves it out")] = (
        field(default_factory=dict)
    )
    words: Annotated[dict[str, str], Meta(description="key of a word to a field code")] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DecisionsJson:
    """What was decided about possible duplicates."""

    decisions: Annotated[
        dict[str, str], Meta(description="key of a row to skip, new or same", examples=[{"名单!7": "new"}])
    ]


@get("/api/roster", opt={"operation": "roster:import"}, tags=["roster"], responses=problems(401, 403))
async def api_runs(request: AnyRequest) -> list[RunJson]:
    """Return the newest imports, newest first."""
    viewer_of(request)
    async with reading(request.app.state.database) as session:
        return [_run(run) for run in await newest_runs(session)]


@post(
    "/api/roster",
    opt={"operation": "roster:import"},
    tags=["roster"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_upload(request: AnyRequest, data: JSONBody[UploadJson], key: IdempotencyKey = "") -> Response[RunJson]:
    """Take a roster and have it read for a dry run; nothing of the library changes."""

    async def start(act: Act, content: bytes) -> UUID:
        return await start_import(act, Upload(data.name, content, data.basis, data.basis_text, data.starts_on))

    return await begin_run(request, ROSTER, data.content_base64, start, _run, home="/api/roster")


@get(
    "/api/roster/template",
    opt={"operation": "roster:import"},
    tags=["roster"],
    media_type=XLSX,
    responses=problems(401, 403),
)
async def api_template(request: AnyRequest) -> Response[bytes]:
    """Return the template workbook in the reader's language."""
    return await template_of(request)


@get(
    "/api/roster/{run_id:uuid}",
    opt={"operation": "roster:import"},
    tags=["roster"],
    responses=problems(401, 403, 404),
)
async def api_run(request: AnyRequest, run_id: FromPath[UUID]) -> Response[RunJson]:
    """Return an import with its progress and questions; its version is the ETag."""
    app = request.app.state
    async with reading(app.database) as session:
        run = await found_run(session, ROSTER, run_id)
        standing = await standing_of(request, session, run)
        asked = await questions_of(session, app.secrets, run_id) if run.open else {}
    body = _run(run, progress=standing.done, total=standing.total, questions=dict(asked))
    return Response(body, headers=etag_of(run))


@get(
    "/api/roster/{run_id:uuid}/lines",
    opt={"operation": "roster:import"},
    tags=["roster"],
    responses=problems(400, 401, 403, 404),
)
async def api_lines(
    request: AnyRequest,
    run_id: FromPath[UUID],
    outcome: Annotated[OutcomeName, QueryParameter(name="outcome")] = "new",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> LinesJson:
    """Return one page of the dry run's rows with an outcome, 50 a page."""
    app = request.app.state
    async with reading(app.database) as session:
        await found_run(session, ROSTER, run_id)
        lines, total = await lines_page(session, app.secrets, run_id, outcome, number)
    return LinesJson(outcome, number, total, [_line(line) for line in lines])


@get(
    "/api/roster/{run_id:uuid}/errors",
    opt={"operation": "roster:import"},
    tags=["roster"],
    media_type=XLSX,
    responses=problems(401, 403, 404),
)
async def api_errors(request: AnyRequest, run_id: FromPath[UUID]) -> Response[bytes]:
    """Return the rows with errors as a marked workbook with the same cells."""
    return await errors_of(request, run_id)


@post(
    "/api/roster/{run_id:uuid}/answers",
    opt={"operation": "roster:import"},
    tags=["roster"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_answers(
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[AnswersJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[RunJson]:
    """Say what unrecognised columns and words mean; the file is read again."""

    async def do(act: Act, seen: int) -> None:
        await answer_questions(act, run_id, columns=data.columns, words=data.words, seen=seen)

    return await act_on_run(request, ROSTER, run_id, do, _run)


@post(
    "/api/roster/{run_id:uuid}/decisions",
    opt={"operation": "roster:import"},
    tags=["roster"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_decisions(
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[DecisionsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[RunJson]:
    """Decide about possible duplicates; the file is compared again."""

    async def do(act: Act, seen: int) -> None:
        await decide_hints(act, run_id, data.decisions, seen=seen)

    return await act_on_run(request, ROSTER, run_id, do, _run)


@post(
    "/api/roster/{run_id:uuid}/confirm",
    opt={"operation": "roster:import"},
    tags=["roster"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_confirm(
    request: AnyRequest, run_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[RunJson]:
    """Have the dry run carried out; confirming twice changes nothing."""

    async def do(act: Act, seen: int) -> None:
        await confirm_import(act, run_id, seen=seen)

    return await act_on_run(request, ROSTER, run_id, do, _run)


@post(
    "/api/roster/{run_id:uuid}/discard",
    opt={"operation": "roster:import"},
    tags=["roster"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_discard(
    request: AnyRequest, run_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[RunJson]:
    """Close an import without taking anything over; its file is removed."""

    async def do(act: Act, seen: int) -> None:
        await discard_import(act, run_id, seen=seen)

    return await act_on_run(request, ROSTER, run_id, do, _run)


def _run(
    run: RosterRun, *, progress: int = 0, total: int | None = None, questions: dict[str, Any] | None = None
) -> RunJson:
    return RunJson(
        id=run.id,
        state=run.state,
        file_name=run.file_name,
        file_sha256=run.file_sha256,
        basis=run.basis,
        starts_on=run.starts_on,
        counts=dict(run.counts),
        code=run.code,
        progress=progress,
        total=total,
        questions=questions or {},
        created_at=run.created_at,
        closed_at=run.closed_at,
        version=run.version,
    )


def _line(line: Line) -> LineJson:
    body = line.body
    if line.outcome == "sheet":
        return LineJson(f"{body['sheet']}!{body['cell']}", "", "", "", "", [], [], [_finding(body)])
    return LineJson(
        key=body["key"],
        name=body["name"],
        identity=body["identity"],
        unit=body["unit"],
        expert_id=body["expert_id"],
        changes=[
            change
            | {
                "before": say_value(change["column"], change["before"]),
                "after": say_value(change["column"], change["after"]),
            }
            for change in body["changes"]
        ],
        hints=body["hints"],
        findings=[_finding(finding) for finding in body["findings"]],
    )


def _finding(body: Any) -> FindingJson:
    return FindingJson(
        body["code"], body["severity"], body["sheet"], body["cell"], say_finding(body["code"], body["facts"])
    )


ROUTES = [
    api_runs,
    api_upload,
    api_template,
    api_run,
    api_lines,
    api_errors,
    api_answers,
    api_decisions,
    api_confirm,
    api_discard,
]
