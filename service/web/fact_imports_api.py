"""Importing ties as JSON: the same acts as the pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.act import Act
from service.actions.fact_import import (
    answer_columns,
    confirm_fact_import,
    discard_fact_import,
    settle_names,
    start_fact_import,
    take_back_import,
)
from service.actions.import_runs import FACTS, Upload, found_run
from service.exchange.wording import say_tie_finding
from service.storage.roster import Line, RosterRun, newest_runs, questions_of
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.fact_imports import errors_of, lines_of_run, template_of
from service.web.import_runs import XLSX, AnyRequest, standing_of
from service.web.import_runs_api import ACT_PROBLEMS, FindingJson, OutcomeName, act_on_run, begin_run, etag_of
from service.web.openapi import IdempotencyKey, IfMatch, problems


@dataclass(frozen=True, slots=True)
class FactImportJson:
    """An import of ties."""

    id: UUID
    state: Annotated[
        str, Meta(description="checking, asking, checked, confirming, confirmed, withdrawn, discarded or refused")
    ]
    file_name: str
    file_sha256: str
    source: Annotated[str, Meta(description="who says so, for rows that do not")]
    confidence: str
    basis: str
    counts: Annotated[dict[str, int], Meta(description="ties by outcome", examples=[{"new": 12, "changed": 3}])]
    code: Annotated[str, Meta(description="why the file was refused, or what a person should know")]
    progress: Annotated[int, Meta(description="how much of the present work is done")]
    total: int | None
    columns: Annotated[list[dict[str, Any]], Meta(description="columns that were not recognised")]
    created_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class ImportedTieJson:
    """A tie of the dry run; names and days, never a number by which somebody is known."""

    key: Annotated[str, Meta(description="sheet and row, or the place in a file by format", examples=["关系!7"])]
    subject: str
    kind: str
    object: str
    span: Annotated[str, Meta(description="first and last day", examples=["2020-01-01/"])]
    source: str
    confidence: str
    fact: Annotated[str, Meta(description="the tie on record that it changes or repeats")]
    changes: list[dict[str, str]]
    findings: list[FindingJson]


@dataclass(frozen=True, slots=True)
class ImportedTiesJson:
    """One page of ties of an outcome."""

    outcome: str
    page: int
    total: int
    lines: list[ImportedTieJson]


@dataclass(frozen=True, slots=True)
class OpenNameJson:
    """A name without a number; one of `meant`, `new` or `skip` is the answer under `key`."""

    key: Annotated[str, Meta(examples=["unit:某水务有限公司"])]
    name: str
    cell: str
    ties: Annotated[int, Meta(description="how many ties wait for it")]
    types: list[str]
    meant: Annotated[list[dict[str, str]], Meta(description="on record under that name; none decides by itself")]
    said: str


@dataclass(frozen=True, slots=True)
class FactUploadJson:
    """A file of ties with its source and the basis for holding its data."""

    name: Annotated[str, Meta(min_length=1, max_length=200, examples=["持股.xlsx"])]
    content_base64: Annotated[
        str, Meta(description="the file, base64; at most 20 MB", examples=["5aeT5ZCNLOWFs+ezuwo="])
    ]
    source: Annotated[str, Meta(max_length=200, examples=["企业信用信息公示系统"])]
    basis: Annotated[str, Meta(description="statutory-duty, consent, contract or other", examples=["statutory-duty"])]
    basis_text: Annotated[str, Meta(max_length=500)] = ""
    confidence: Annotated[str, Meta(description="of ties that state none", examples=["sure"])] = "sure"


@dataclass(frozen=True, slots=True)
class TieColumnsJson:
    """What columns hold."""

    columns: Annotated[dict[str, str], Meta(description="key of a column to what it holds; empty leaves it out")]


@dataclass(frozen=True, slots=True)
class NamesJson:
    """Whom bare names mean."""

    meant: Annotated[
        dict[str, str],
        Meta(description="key of a name to an id, new or skip", examples=[{"unit:某水务有限公司": "new"}]),
    ]


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Why an import is taken back."""

    reason: Annotated[str, Meta(max_length=500)]


@get("/api/fact-imports", opt={"operation": "fact:import"}, tags=["ties"], responses=problems(401, 403))
async def api_runs(request: AnyRequest) -> list[FactImportJson]:
    """Return the newest imports of ties, newest first."""
    viewer_of(request)
    async with reading(request.app.state.database) as session:
        return [_run(run) for run in await newest_runs(session, FACTS.subject)]


@post(
    "/api/fact-imports",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=201,
    responses=problems(400, 401, 403, 409, 422),
)
async def api_upload(
    request: AnyRequest, data: JSONBody[FactUploadJson], key: IdempotencyKey = ""
) -> Response[FactImportJson]:
    """Take a file of ties and have it read for a dry run; no tie is stated yet."""

    async def start(act: Act, content: bytes) -> UUID:
        upload = Upload(data.name, content, data.basis, data.basis_text)
        return await start_fact_import(act, upload, source=data.source, confidence=data.confidence)

    return await begin_run(request, FACTS, data.content_base64, start, _run, home="/api/fact-imports")


@get(
    "/api/fact-imports/template",
    opt={"operation": "fact:import"},
    tags=["ties"],
    media_type=XLSX,
    responses=problems(401, 403),
)
async def api_template(request: AnyRequest) -> Response[bytes]:
    """Return the template workbook in the reader's language."""
    return await template_of(request)


@get(
    "/api/fact-imports/{run_id:uuid}",
    opt={"operation": "fact:import"},
    tags=["ties"],
    responses=problems(401, 403, 404),
)
async def api_run(request: AnyRequest, run_id: FromPath[UUID]) -> Response[FactImportJson]:
    """Return an import with its progress and what is asked about columns; its version is the ETag."""
    app = request.app.state
    async with reading(app.database) as session:
        run = await found_run(session, FACTS, run_id)
        standing = await standing_of(request, session, run)
        asked = await questions_of(session, app.secrets, run_id) if run.open else {}
    body = _run(run, progress=standing.done, total=standing.total, columns=asked.get("columns", []))
    return Response(body, headers=etag_of(run))


@get(
    "/api/fact-imports/{run_id:uuid}/lines",
    opt={"operation": "fact:import"},
    tags=["ties"],
    responses=problems(400, 401, 403, 404),
)
async def api_lines(
    request: AnyRequest,
    run_id: FromPath[UUID],
    outcome: Annotated[OutcomeName, QueryParameter(name="outcome")] = "new",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> ImportedTiesJson:
    """Return one page of the dry run's ties with an outcome, 50 a page."""
    async with reading(request.app.state.database) as session:
        await found_run(session, FACTS, run_id)
        lines, total = await lines_of_run(request, session, run_id, outcome, number)
    return ImportedTiesJson(outcome, number, total, [_line(line) for line in lines])


@get(
    "/api/fact-imports/{run_id:uuid}/names",
    opt={"operation": "fact:import"},
    tags=["ties"],
    responses=problems(400, 401, 403, 404),
)
async def api_names(
    request: AnyRequest,
    run_id: FromPath[UUID],
    number: Annotated[int, QueryParameter(name="page", ge=1, le=100_000)] = 1,
) -> list[OpenNameJson]:
    """Return one page of the names without a number that a person must settle, 50 a page."""
    async with reading(request.app.state.database) as session:
        await found_run(session, FACTS, run_id)
        lines, _ = await lines_of_run(request, session, run_id, "question", number)
    return [
        OpenNameJson(
            line.body["key"],
            line.body["name"],
            line.body["cell"],
            line.body["count"],
            line.body["types"],
            line.body["meant"],
            line.body["said"],
        )
        for line in lines
    ]


@get(
    "/api/fact-imports/{run_id:uuid}/errors",
    opt={"operation": "fact:import"},
    tags=["ties"],
    media_type=XLSX,
    responses=problems(401, 403, 404),
)
async def api_errors(request: AnyRequest, run_id: FromPath[UUID]) -> Response[bytes]:
    """Return the rows with errors as a marked workbook with the same cells."""
    return await errors_of(request, run_id)


@post(
    "/api/fact-imports/{run_id:uuid}/columns",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_columns(
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[TieColumnsJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FactImportJson]:
    """Say what unrecognised columns hold; the file is read again."""

    async def do(act: Act, seen: int) -> None:
        await answer_columns(act, run_id, data.columns, seen=seen)

    return await act_on_run(request, FACTS, run_id, do, _run)


@post(
    "/api/fact-imports/{run_id:uuid}/names",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_settle(
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[NamesJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FactImportJson]:
    """Say whom bare names mean; the file is compared again."""

    async def do(act: Act, seen: int) -> None:
        await settle_names(act, run_id, data.meant, seen=seen)

    return await act_on_run(request, FACTS, run_id, do, _run)


@post(
    "/api/fact-imports/{run_id:uuid}/confirm",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_confirm(
    request: AnyRequest, run_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[FactImportJson]:
    """Have the dry run carried out; confirming twice changes nothing."""

    async def do(act: Act, seen: int) -> None:
        await confirm_fact_import(act, run_id, seen=seen)

    return await act_on_run(request, FACTS, run_id, do, _run)


@post(
    "/api/fact-imports/{run_id:uuid}/discard",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_discard(
    request: AnyRequest, run_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[FactImportJson]:
    """Close an import without taking anything over; its file is removed."""

    async def do(act: Act, seen: int) -> None:
        await discard_fact_import(act, run_id, seen=seen)

    return await act_on_run(request, FACTS, run_id, do, _run)


@post(
    "/api/fact-imports/{run_id:uuid}/withdraw",
    opt={"operation": "fact:import"},
    tags=["ties"],
    status_code=200,
    responses=ACT_PROBLEMS,
)
async def api_withdraw(
    request: AnyRequest,
    run_id: FromPath[UUID],
    data: JSONBody[TakingBack],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FactImportJson]:
    """Withdraw what came with an import and still stands; what it changed stands as before. Nothing is erased."""

    async def do(act: Act, seen: int) -> None:
        await take_back_import(act, run_id, reason=data.reason, seen=seen)

    return await act_on_run(request, FACTS, run_id, do, _run)


def _run(
    run: RosterRun, *, progress: int = 0, total: int | None = None, columns: list[dict[str, Any]] | None = None
) -> FactImportJson:
    return FactImportJson(
        id=run.id,
        state=run.state,
        file_name=run.file_name,
        file_sha256=run.file_sha256,
        source=run.answers["source"],
        confidence=run.answers["confidence"],
        basis=run.basis,
        counts=dict(run.counts),
        code=run.code,
        progress=progress,
        total=total,
        columns=columns or [],
        created_at=run.created_at,
        closed_at=run.closed_at,
        version=run.version,
    )


def _line(line: Line) -> ImportedTieJson:
    body = line.body
    if line.outcome == "sheet":
        return ImportedTieJson(f"{body['sheet']}!{body['cell']}", "", "", "", "", "", "", "", [], [_finding(body)])
    return ImportedTieJson(
        key=body["place"] or body["key"],
        subject=body["subject"],
        kind=body["kind"],
        object=body["object"],
        span=body["span"],
        source=body["source"],
        confidence=body["confidence"],
        fact=body["fact_id"],
        changes=body["changes"],
        findings=[_finding(finding) for finding in body["findings"]],
    )


def _finding(body: Any) -> FindingJson:
    says = say_tie_finding(body["code"], body["facts"], body["cell"])
    return FindingJson(body["code"], body["severity"], body["sheet"], body["cell"], says)


ROUTES = [
    api_runs,
    api_upload,
    api_template,
    api_run,
    api_lines,
    api_names,
    api_errors,
    api_columns,
    api_settle,
    api_confirm,
    api_discard,
    api_withdraw,
]
