"""The first page: what waits for me."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Meta

from conflicts import valid_through
from service.access import Viewer, may, may_try
from service.locales import gettext, mark
from service.problems import NotFound
from service.regulation import Policy
from service.storage.conflict_inbox import inbox_of
from service.storage.declarations import matters_to_declare, open_declared_ties, recent_declarations, yearly_of
from service.storage.home import counts_for, terms_ending, waiting_for
from service.storage.judgements import waiting_waivers
from service.storage.policies import open_draft
from service.storage.session import Session, reading
from service.storage.staff_found import unattended
from service.storage.tasks import GROUPS, Task
from service.web.entry import policy_of, viewer_of
from service.web.openapi import problems
from service.web.pages import page, says

_FIGURES = {
    "experts": (mark("在聘专家"), "/experts"),
    "organisations": (mark("单位"), "/organisations"),
    "running": (mark("进行中的事项"), "/matters"),
    "panels": (mark("今年确定的专家组"), "/matters?state=determined"),
    "accounts": (mark("在用账号"), "/accounts"),
}


@get("/", opt={"operation": "home:see"}, include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what waits for the viewer, most pressing first, each with its one next act."""
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        tasks = await tasks_of(request, session)
        counts = await counts_for(session, viewer, today=app.clock.today())
    figures = [(gettext(_FIGURES[name][0]), number, _FIGURES[name][1]) for name, number in counts.items()]
    mine = [task for task in tasks if task.mine]
    others = [task for task in tasks if not task.mine]
    groups = [(group, [task for task in mine if task.group == group]) for group in GROUPS]
    return page(request, "home/home.html", groups=groups, others=others, figures=figures, waiting=len(mine))


@dataclass(frozen=True, slots=True)
class TaskJson:
    """One thing that waits; `says` in the reader's language, `href` the page where its one next act is done."""

    group: Annotated[
        str,
        Meta(description="overdue, hours, today, unanswered, shortfall, stale or other", examples=["overdue"]),
    ]
    code: Annotated[str, Meta(examples=["TASK_OPINIONS_LATE"])]
    says: str
    title: str
    href: str
    pressing: bool
    mine: Annotated[bool, Meta(description="false: the viewer waits for somebody else")]
    since_on: date | None


@get("/api/today", opt={"operation": "home:see"}, tags=["today"], responses=problems(401))
async def api_today(request: Request[Any, Any, Any]) -> list[TaskJson]:
    """Return what waits for the viewer, most pressing first: the board of the first page."""
    async with reading(request.app.state.database) as session:
        tasks = await tasks_of(request, session)
    return [
        TaskJson(
            task.group,
            task.code,
            says(task.code, task.facts),
            task.title,
            task.href,
            task.tone == "warn",
            task.mine,
            task.since_on,
        )
        for task in tasks
    ]


async def tasks_of(request: Request[Any, Any, Any], session: Session) -> list[Task]:
    """Return everything that waits for a viewer, in the order of the board's groups, what presses first in each."""
    viewer, app, policy = viewer_of(request), request.app.state, policy_of(request)
    today = app.clock.today()
    tasks = [
        *await waiting_for(
            session,
            viewer,
            today=today,
            valid_months=policy.declaration_months,
            reappointed_by=policy.library.reappointed_by,
            wish_days=max(policy.library.reminder_days),
        )
    ]
    if viewer.center:
        tasks += await terms_ending(session, today=today, days=policy.library.renewal_days)
    if may(viewer, "conflict:judge"):
        tasks += await _about_conflicts(session, viewer, app, policy)
    if may_try(viewer, "matter:name-clerk"):
        tasks += [
            Task("TASK_NAME_CLERK", title, f"/matters/{matter_id}/staff#clerk", "warn")
            for matter_id, title in await unattended(session, app.residents, viewer, policy_id=policy.id, day=today)
        ]
    if may(viewer, "signature:trust"):
        spoiled = await asyncio.to_thread(app.settings.outside.unreadable_lists)
        tasks += [
            Task("TASK_LIST_UNREADABLE", "", "/signing/trust", "warn", facts={"file": one.name}) for one in spoiled
        ]
    if may(viewer, "declaration:make"):
        tasks += await _to_declare(session, viewer, policy, today=today)
    return sorted(tasks, key=lambda task: (GROUPS.index(task.group), task.tone != "warn"))


async def _about_conflicts(session: Session, viewer: Viewer, app: State, policy: Policy) -> list[Task]:
    """Return what has to be judged: ties against members of panels first, waivers to settle, what is new."""
    matters = await inbox_of(session, viewer, app.residents, app.open_findings, policy=policy, day=app.clock.today())
    tasks = [
        Task(
            "TASK_CONFLICT_ON_PANEL",
            one.matter.title,
            "/conflicts",
            "warn",
            None,
            {"count": one.pressing},
        )
        for one in matters
        if one.pressing
    ]
    mine = sum(one.judgement.by_person_id != viewer.person_id for one in await waiting_waivers(session, viewer))
    if mine:
        tasks.append(Task("TASK_WAIVER_TO_SETTLE", "", "/conflicts", "warn", None, {"count": mine}))
    pending = sum(one.decision == "pending" for one in await recent_declarations(session, viewer))
    if pending:
        tasks.append(Task("TASK_DECLARED_INTEREST", "", "/declarations", "warn", None, {"count": pending}))
    if (draft := await open_draft(session, app.settings.policy)) is not None:
        own = draft.drafted_person_id == viewer.person_id
        code = "TASK_COLLEAGUE_PUBLISHES_POLICY" if own else "TASK_PUBLISH_POLICY"
        tone, href = "info" if own else "warn", f"/policy/versions/{draft.id}"
        tasks.append(Task(code, draft.reason, href, tone, draft.from_on, {}, mine=not own))
    if named := len(await open_declared_ties(session)):
        tasks.append(Task("TASK_DECLARED_TIES", "", "/declarations", "warn", None, {"count": named}))
    if new := sum(one.new for one in matters):
        tasks.append(Task("TASK_CONFLICTS_NEW", "", "/conflicts", "info", None, {"count": new}))
    return tasks


async def _to_declare(session: Session, viewer: Viewer, policy: Policy, *, today: date) -> list[Task]:
    """Return what an expert has to declare: for the year, and for each matter on whose panel they sit."""
    made = (await yearly_of(session, [viewer.person_id])).get(viewer.person_id)
    last = None if made is None else valid_through(made, policy.declaration_months)
    tasks = [
        Task("TASK_DECLARE_MATTER", matter.title, f"/declarations/mine/{matter.id}", "warn")
        for matter in await matters_to_declare(session, viewer.person_id)
        if not matter.declared
    ]
    if last is None or last < today:
        tasks.append(Task("TASK_DECLARE_YEARLY", "", "/declarations/mine", "warn"))
    elif (last - today).days <= policy.declaration_remind_days:
        tasks.append(Task("TASK_DECLARE_AGAIN", "", "/declarations/mine", "info", last))
    return tasks


@get("/health", opt={"operation": "health:see"}, include_in_schema=False)
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@get("/{place:path}", opt={"operation": "page:missing"}, include_in_schema=False)
async def missing(place: FromPath[str]) -> None:
    """Say that there is no such page, in the reader's language and to a person who stays signed in.

    Without this route the framework answers before it is known who asks.
    """
    raise NotFound(subject=place)


ROUTES = [home, api_today, health, missing]
