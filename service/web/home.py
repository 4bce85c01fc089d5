"""The first page: what waits for me."""

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State

from service.access import Viewer, may
from service.locales import gettext, mark
from service.storage.conflict_inbox import inbox_of
from service.storage.home import Task, counts_for, waiting_for
from service.storage.judgements import waiting_waivers
from service.storage.session import Session, reading
from service.storage.ties import conflict_policy
from service.web.entry import viewer_of
from service.web.pages import page

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
    if new := sum(one.new for one in matters):
        tasks.append(Task("TASK_CONFLICTS_NEW", "", "/conflicts", "info", None, {"count": new}))
    return tasks


@get("/health", opt={"operation": "health:see"}, include_in_schema=False)
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


ROUTES = [home, health]
