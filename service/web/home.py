"""The first page: what waits for me."""

from typing import Any

from litestar import Request, Response, get

from service.locales import gettext, mark
from service.storage.home import counts_for, waiting_for
from service.storage.session import reading
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
        tasks = await waiting_for(session, viewer, today=app.clock.today())
        counts = await counts_for(session, viewer, today=app.clock.today())
    figures = [(gettext(_FIGURES[name][0]), number, _FIGURES[name][1]) for name, number in counts.items()]
    return page(request, "home/home.html", tasks=tasks, figures=figures, waiting=len(tasks))


@get("/health", opt={"operation": "health:see"}, include_in_schema=False)
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


ROUTES = [home, health]
