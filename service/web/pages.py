"""Rendering pages: the template environment and what every page knows."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from litestar import MediaType, Request, Response

from registry import field_name, is_field_code
from service.access import Viewer, may
from service.exchange.wording import say_level
from service.ids import new_id
from service.locales import gettext, language, ngettext, pgettext, say_date, say_day, say_number, say_when, sentence
from service.problems import Problem
from service.regulation import load_policy, policy_ids
from service.web.cites import say_article
from service.web.devices import say_device

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
HTMX = Path(str(files("js_lib_htmx"))) / "static" / "htmx" / "htmx.min.js"
NOTICE_COOKIE = "notice"


def environment() -> Environment:
    """Make the template environment; once per application."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    env.globals.update(
        asset=asset,
        may=may,
        says=says,
        say_field=say_field,
        say_level=say_level,
        release=version("expertpool"),
        policy_codes=frozenset().union(*(load_policy(id_).codes() for id_ in policy_ids())),
    )
    env.filters.update(
        say_date=say_date, say_day=say_day, say_when=say_when, device=say_device, number=say_number, article=_article
    )
    return env


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """Return the address of a static file with a hash of its content, so that it can be cached for ever."""
    path = HTMX if name == "vendor/htmx.min.js" else STATIC / name
    return f"/static/{name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


def page(request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a template with what every page knows; a waiting notice is shown once and forgotten."""
    app = request.app.state
    viewer: Viewer | None = request.scope.get("viewer")  # type: ignore[assignment]
    notice = take_notice(request)
    today: date = app.clock.today()
    content = app.templates.get_template(template).render(
        viewer=viewer,
        language=language(),
        mode=app.settings.mode,
        county=app.settings.county,
        path=request.url.path,
        notice=notice,
        today=today,
        idempotency_key=str(new_id()),
        **{"waiting": 0, **context},
    )
    response = Response(content, media_type=MediaType.HTML, status_code=status)
    if notice:
        response.delete_cookie(NOTICE_COOKIE)
    return response


def fragment(request: Request[Any, Any, Any], template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """Render a part of a page for htmx; notices wait for a whole page."""
    app = request.app.state
    content = app.templates.get_template(template).render(
        viewer=request.scope.get("viewer"),
        language=language(),
        mode=app.settings.mode,
        county=app.settings.county,
        path=request.url.path,
        notice=None,
        today=app.clock.today(),
        idempotency_key=str(new_id()),
        **{"waiting": 0, **context},
    )
    return Response(content, media_type=MediaType.HTML, status_code=status)


def see_other(location: str, *, notice: str = "") -> Response[bytes]:
    """Answer an act with a page to look at next, and a sentence confirming what was done.

    Args:
        location: address within the service.
        notice: message id (a Chinese sentence of the catalogues), shown once on the next page.
    """
    response = Response(b"", status_code=303, headers={"Location": location}, media_type=MediaType.HTML)
    if notice:
        response.set_cookie(NOTICE_COOKIE, notice.encode().hex(), max_age=60, httponly=True, samesite="lax", path="/")
    return response


def take_notice(request: Request[Any, Any, Any]) -> str | None:
    """Return the notice that waits in its cookie, in the reader's language."""
    try:
        message = bytes.fromhex(request.cookies.get(NOTICE_COOKIE, "")).decode()
    except ValueError:
        return None
    return gettext(message) if message else None


def problem_page(request: Request[Any, Any, Any], problem: Problem) -> Response[str]:
    """Render a problem as a page: what happened, which article, what to do next."""
    template = f"errors/{problem.status}.html"
    if not (TEMPLATES / template).exists():
        template = "errors/500.html" if problem.status >= 500 else "errors/400.html"
    return page(request, template, status=problem.status, problem=problem)


def instant_of(request: Request[Any, Any, Any]) -> datetime:
    """Return the instant of this request by the installation's clock."""
    at: datetime = request.app.state.clock.now()
    return at


def says(code: str, facts: Mapping[str, Any] | None = None) -> str:
    """Return the sentence of a code with its parameters, in the reader's language."""
    return sentence(code, language(), facts or {})


def say_field(code: str) -> str:
    """Return what people call a field in the reader's language; a code that is none stays as it is."""
    return field_name(code, language=language()) if is_field_code(code) else code


@pass_context
def _article(_context: object, cite: str) -> str:
    """Say a citation while rendering: without a context Jinja would say a constant once, when it compiles."""
    return say_article(cite)
