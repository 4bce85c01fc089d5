"""The proposed or determined panel as a document: on screen and paper, as .docx and .xlsx."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from conflicts import Outcome, Shift
from registry import Fit
from service.access import may, require
from service.actions.assembly import Band, Problem, Reason, Standing, balance_of
from service.actions.panels import prepare
from service.documents.panel import PanelList, media_types, to_docx, to_xlsx
from service.locales import gettext, say_day, say_list, say_when
from service.problems import NotFound
from service.storage.conflict_checks import ConflictCheck, checks_of, known_otherwise
from service.storage.matters import MatterView, load_matter, relations_to
from service.storage.panels import PanelSeat, StoredPanel, panels_of
from service.storage.policies import policy_named
from service.storage.session import reading
from service.web.cites import say_article
from service.web.entry import viewer_of
from service.web.openapi import problems
from service.web.pages import page, say_field, says
from service.web.panel_desk import Change, changes_of
from service.web.panel_sentences import sentence_in
from workflow import DESIGNATED, MatterState

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class KnownSince:
    """An expert about whom more or less is known now than when the panel was determined; codes of what was found."""

    person_id: UUID
    name: str
    role: str
    before: Outcome
    after: Outcome
    code: str


@dataclass(frozen=True, slots=True)
class PanelDocument:
    """A stored panel with its people as of its day."""

    matter: MatterView
    state: MatterState
    panel: StoredPanel
    members: tuple[Standing, ...]
    reserves: tuple[Standing, ...]
    rules: tuple[tuple[bool, bool, str, str], ...]
    changes: tuple[Change, ...]
    balance: tuple[Band, ...]
    checks: tuple[ConflictCheck, ...]
    since: tuple[KnownSince, ...]


@get("/matters/{matter_id:uuid}/panel/document", opt={"operation": "panel:see"}, include_in_schema=False)
async def document_page(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[Any]:
    """Show the panel as a document that prints."""
    document = await read_document(request, matter_id)
    return page(
        request,
        "panel/panel.html",
        matter=document.matter,
        state=document.state,
        panel=document.panel,
        members=document.members,
        reserves=document.reserves,
        rules=document.rules,
        changes=document.changes,
        balance=document.balance,
        checks=document.checks,
        since=document.since,
    )


@get("/matters/{matter_id:uuid}/panel.docx", opt={"operation": "panel:export"}, include_in_schema=False)
async def word_file(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the panel as a Word document."""
    return await _file(request, matter_id, "docx")


@get("/matters/{matter_id:uuid}/panel.xlsx", opt={"operation": "panel:export"}, include_in_schema=False)
async def excel_file(request: AnyRequest, matter_id: FromPath[UUID]) -> Response[bytes]:
    """Hand out the panel as a workbook."""
    return await _file(request, matter_id, "xlsx")


@get(
    "/api/matters/{matter_id:uuid}/panel/files/{suffix:str}",
    opt={"operation": "panel:export"},
    tags=["panels"],
    media_type="application/octet-stream",
    responses=problems(401, 403, 404),
)
async def api_panel_file(request: AnyRequest, matter_id: FromPath[UUID], suffix: FromPath[str]) -> Response[bytes]:
    """Return the panel as a document: `docx` or `xlsx`."""
    return await _file(request, matter_id, suffix)


async def read_document(request: AnyRequest, matter_id: UUID) -> PanelDocument:
    """Read the newest panel of a matter with its people as of the panel's day.

    Raises:
        NotFound: when there is no panel yet, or the matter is not the viewer's to know.
    """
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        matter = await load_matter(session, viewer, matter_id)
        relations = await relations_to(session, viewer, matter_id)
        if not may(viewer, "panel:see", relations):
            raise NotFound(subject="matter")
        panel = next(
            (one for one in reversed(await panels_of(session, matter_id)) if one.state in ("proposed", "determined")),
            None,
        )
        if panel is None:
            raise NotFound(subject="panel")
        policy = await policy_named(session, panel.policy or app.settings.policy)
        state, problem = await prepare(
            session,
            app.residents,
            matter_id,
            settings=app.settings,
            edition=app.edition,
            policy=policy,
            on=panel.as_of,
        )
        private = may(viewer, "panel:see-reasons", relations)
        checks = await checks_of(session, matter_id) if private else ()
        since: tuple[Shift, ...] = ()
        if private and panel.determined_at is not None and panel.proposed_by is not None:
            since = await known_otherwise(
                session,
                app.residents,
                matter_id,
                policy=policy.table,
                as_of=panel.determined_on or panel.as_of,
                then=panel.determined_at,
            )
    then = {row["id"]: row for row in (panel.problem or {}).get("candidates", ())}

    def one(seat: PanelSeat) -> Standing:
        standing = problem.standings[seat.expert_id]
        known = then.get(str(seat.expert_id))
        if known is not None:
            # What the decision rested on: the panel itself counts as service from now on.
            standing = replace(standing, service=known.get("service", 0), fit=Fit(known.get("fit", 0)))
        facts = {"seat": seat.seat, "service": standing.service, "fit": standing.fit.points}
        code = "WHY_OPEN_SEAT" if seat.seat is None else "WHY_SEAT"
        if panel.mode == DESIGNATED:
            code = "WHY_BY_HAND"
        why = None if known is None else Reason(code, facts=facts)
        return replace(
            standing,
            role=seat.role,
            seat=seat.seat,
            why=why,
            reasons=standing.reasons if private else (),
            clashes=(),
            lock=None,
        )

    members = tuple(one(seat) for seat in panel.members if seat.expert_id in problem.standings)
    names = {standing.id: standing.entry.name for standing in problem.standings.values()}
    return PanelDocument(
        matter=matter,
        state=state,
        panel=panel,
        members=members,
        reserves=tuple(one(seat) for seat in panel.reserves if seat.expert_id in problem.standings),
        rules=tuple(
            (
                rule["kept"],
                rule.get("waived", False),
                sentence_in(problem.standings, rule["code"], _facts(rule, panel)),
                rule["cite"],
            )
            for rule in (panel.result or {}).get("rules", ())
            if not rule["at"].startswith("/excluded")
        ),
        changes=changes_of(panel, names),
        balance=balance_of(problem, members) if then else (),
        checks=checks,
        since=tuple(sorted((_known_since(problem, panel, shift) for shift in since), key=_members_first)),
    )


def _known_since(problem: Problem, panel: StoredPanel, shift: Shift) -> KnownSince:
    person_id = UUID(shift.person)
    standing = next(one for one in problem.standings.values() if one.entry.person_id == person_id)
    role = next((seat.role for seat in panel.seats if seat.expert_id == standing.id), "")
    finding = shift.after or shift.before
    before, after = shift.outcomes
    return KnownSince(person_id, standing.entry.name, role, before, after, "" if finding is None else finding.code)


def _members_first(one: KnownSince) -> tuple[bool, bool, str]:
    return one.role != "member", one.role != "reserve", one.name


def _facts(rule: Mapping[str, Any], panel: StoredPanel) -> Mapping[str, Any]:
    """Return the parameters of a rule's sentence: its row in the problem, and what was found."""
    problem = panel.problem or {}
    row: Any = problem
    for step in rule["at"].strip("/").split("/"):
        row = row[int(step)] if isinstance(row, list) else row.get(step, {})
    facts = dict(row) if isinstance(row, Mapping) else {"size": row}
    return {"count": len(panel.members)} | facts | dict(rule.get("facts", {}))


async def _file(request: AnyRequest, matter_id: UUID, suffix: str) -> Response[bytes]:
    if suffix not in media_types():
        raise NotFound(subject="file")
    document = await read_document(request, matter_id)
    async with reading(request.app.state.database) as session:
        viewer = viewer_of(request)
        require(viewer, "panel:export", await relations_to(session, viewer, matter_id))
    listed = _listed(document, county=request.app.state.settings.county)
    content = await asyncio.to_thread(to_docx if suffix == "docx" else to_xlsx, listed)
    name = f"panel-{document.matter.number}.{suffix}"
    return Response(
        content,
        media_type=media_types()[suffix],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _listed(document: PanelDocument, *, county: str) -> PanelList:
    _ = gettext
    panel, matter = document.panel, document.matter
    done = panel.state == "determined"
    flags = say_list([says(f"FLAG_{flag.upper()}") for flag in sorted(document.state.flags)])
    closing = []
    if panel.proposer:
        closing.append((_("提出"), f"{panel.proposer} {say_when(panel.proposed_at)}"))
    if panel.approver:
        label = _("复核（指定名单）") if panel.mode == DESIGNATED else _("复核（手工改动）")
        closing.append((label, f"{panel.approver} {say_when(panel.approved_at)}"))
    if done:
        closing.append((_("确定"), f"{panel.determiner} {say_when(panel.determined_at)}"))
    return PanelList(
        issuer=county + _("决策咨询服务中心"),
        title=_("重大行政决策论证专家组名单"),
        remark="" if done else _("（承办单位提出，尚未确定）"),
        facts=[
            (_("事项编号"), matter.number),
            (_("决策事项"), matter.title),
            (_("承办单位"), matter.unit_name),
            (_("事项性质"), flags or _("一般事项")),
        ],
        headings=[_("序号"), _("姓名"), _("职称"), _("工作单位"), _("席位")],
        members=(_("专家组成员"), _rows(document.members)),
        reserves=(_("候补专家（按递补次序）"), _rows(document.reserves)),
        changes=(
            _("中心对提名的改动"),
            [f"{change.out} → {change.in_}：{change.reason}（{change.by}）" for change in document.changes],
        ),
        closing=closing,
        basis=say_article("A30, A31, A32.1") if panel.proposer else "",
        verify=f"{say_day(panel.as_of)} · {panel.edition} · {panel.policy} · {panel.problem_sha256}",
    )


def _rows(standings: Sequence[Standing]) -> list[list[str]]:
    return [
        [
            str(place),
            standing.entry.name,
            standing.entry.title,
            standing.employer,
            say_field(standing.seat) if standing.seat else gettext("机动"),
        ]
        for place, standing in enumerate(standings, 1)
    ]


ROUTES = [document_page, word_file, excel_file, api_panel_file]
