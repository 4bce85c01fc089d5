"""Pages that a test renders itself, served by the browser's own interception under the real policy and scripts."""

import mimetypes
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment
from playwright.sync_api import Route

from service.access import Viewer
from service.locales import use_language
from service.web.gate import _POLICY
from service.web.pages import HTMX, STATIC

ORIGIN = "http://localhost:9"


def viewer_with(role: str, body: str = "") -> Viewer:
    return Viewer(UUID(int=1), UUID(int=2), "张敏", frozenset({role}), None, body, "0123456789abcdef")


def answer_file(route: Route) -> bool:
    """Answer a request for a static file, and return whether it was one."""
    path = urlsplit(route.request.url).path
    if not path.startswith("/static/"):
        return False
    name = path.removeprefix("/static/")
    file = HTMX if name == "vendor/htmx.min.js" else STATIC / name
    route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])
    return True


def answer_page(route: Route, env: Environment, text: str, viewer: Viewer, **values: Any) -> None:
    """Answer with a page of the template `text`, as the service would: in Chinese, to this viewer."""
    use_language("zh")
    page = env.from_string(text).render(
        viewer=viewer,
        language="zh",
        mode="production",
        county="示范县",
        path=urlsplit(route.request.url).path,
        today=date(2026, 11, 24),
        idempotency_key="0123456789",
        waiting=0,
        **values,
    )
    route.fulfill(content_type="text/html", headers={"Content-Security-Policy": _POLICY}, body=page)
