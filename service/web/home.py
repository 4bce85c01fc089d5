"""The first page: what waits for me."""

from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from conflicts import valid_through
from service.access import Viewer, may
from service.locales import gettext, mark
from service.problems import NotFound
from service.storage.conflict_inbox import inbox_of
from service.storage.declarations import matters_to_declare, open_declared_ties, recent_declarations, yearly_of
from service.storage.home import Task, counts_for, waiting_for
from service.storage.judgements import waiting_waivers
from service.storage.session import Session, reading
from service.storage.ties import conflict_policy
from service.web.entry import viewer_of
from service.web.pages import page

_ENDING_SOON: Final = timedelta(days=30)
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
        tasks = [*await waiting_for(session, viewer, today=app.clock.today())]
        if may(viewer, "conflict:judge"):
            tasks += await _about_conflicts(session, viewer, app)
        if may(viewer, "declaration:make"):
            tasks += await _to_declare(session, viewer, app)
        counts = await counts_for(session, viewer, today=app.clock.today())
    figures = [(gettext(_FIGURES[name][0]), number, _FIGURES[name][1]) for name, number in counts.items()]
    mine = [task for task in tasks if task.mine]
    others = [task for task in tasks if not task.mine]
    return page(request, "home/home.html", tasks=mine, others=others, figures=figures, waiting=len(mine))


async def _about_conflicts(session: Session, viewer: Viewer, app: State) -> list[Task]:
    """Return what has to be judged: ties against members of panels first, waivers to settle, what is new."""
    policy = conflict_policy(app.policy.id)
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
    if named := len(await open_declared_ties(session)):
        tasks.append(Task("TASK_DECLARED_TIES", "", "/declarations", "warn", None, {"count": named}))
    if new := sum(one.new for one in matters):
        tasks.append(Task("TASK_CONFLICTS_NEW", "", "/conflicts", "info", None, {"count": new}))
    return tasks


async def _to_declare(session: Session, viewer: Viewer, app: State) -> list[Task]:
    """Return what an expert has to declare: for the year, and for each matter on whose panel they sit."""
    today = app.clock.today()
    made = (await yearly_of(session, [viewer.person_id])).get(viewer.person_id)
    last = None if made is None else valid_through(made, app.policy.declaration_months)
    tasks = [
        Task("TASK_DECLARE_MATTER", matter.title, f"/declarations/mine/{matter.id}", "warn")
        for matter in await matters_to_declare(session, viewer.person_id)
        if not matter.declared
    ]
    if last is None or last < today:
        tasks.append(Task("TASK_DECLARE_YEARLY", "", "/declarations/mine", "warn"))
    elif last - today <= _ENDING_SOON:
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


ROUTES = [home, health, missing]
