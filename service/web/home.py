"""The first page: what waits for me."""

from typing import Any

from litestar import Request, Response, get

from service.storage.home import waiting_for
from service.storage.session import reading
from service.web.entry import viewer_of
from service.web.pages import page


@get("/", opt={"operation": "home:see"}, include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what waits for the viewer, most pressing first, each with its one next act."""
    viewer = viewer_of(request)
    app = request.app.state
    async with reading(app.database) as session:
        tasks = await waiting_for(session, viewer, today=app.clock.today())
    return page(request, "home/home.html", tasks=tasks, waiting=len(tasks))


@get("/health", opt={"operation": "health:see"}, include_in_schema=False)
async def health() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


ROUTES = [home, health]
