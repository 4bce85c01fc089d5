"""Signing in and out, and choosing a language."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from service.actions.sign_in import sign_in, sign_out
from service.demo.accounts import DEMO_ACCOUNTS, DemoAccount
from service.problems import Fault, Invalid, TooMany
from service.storage import accounts
from service.storage.session import reading
from service.web.forms import Form
from service.web.gate import LANGUAGE_COOKIE, SESSION_COOKIE, token_of
from service.web.openapi import nothing, problems
from service.web.pages import instant_of, page, see_other

_YEAR = int(timedelta(days=365).total_seconds())


@get("/sign-in", opt={"operation": "sign-in:see"}, include_in_schema=False)
async def sign_in_page(
    request: Request[Any, Any, Any], next_: Annotated[str, QueryParameter(name="next")] = ""
) -> Response[Any]:
    """Show the sign-in; who is signed in already goes home."""
    if request.scope.get("viewer") is not None:
        return see_other("/")
    return await _sign_in_page(request, Form({"next": [next_]}))


@post("/sign-in", opt={"operation": "sign-in:do"}, include_in_schema=False)
async def sign_in_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign in and go where the visitor was headed."""
    form = await Form.of(request)
    login = form.text("login", required=True, most=80)
    if not form.typed("password"):
        form.fault("password", "FIELD_REQUIRED")
    try:
        form.check()
        token = await _token(request, login, form.typed("password"))
    except (Invalid, TooMany) as problem:
        form.faults = (
            list(problem.faults) if isinstance(problem, Invalid) else [Fault("password", "TOO_MANY", problem.facts)]
        )
        return await _sign_in_page(request, form, status=problem.status)
    response = see_other(_inside(form.typed("next")))
    app = request.app.state
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=app.settings.session_hours * 3600,
        httponly=True,
        secure=app.settings.https,
        samesite="lax",
    )
    return response


@post("/sign-out", opt={"operation": "sign-out:do"}, include_in_schema=False)
async def sign_out_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Sign out."""
    await sign_out(request.app.state.database, token=token_of(request), at=instant_of(request))
    response = see_other("/sign-in", notice="已退出登录")
    response.delete_cookie(SESSION_COOKIE)
    return response


@post("/language", opt={"operation": "language:choose"}, include_in_schema=False)
async def choose_language(request: Request[Any, Any, Any]) -> Response[Any]:
    """Switch the language and stay on the page."""
    form = await Form.of(request)
    chosen = form.choice("language", ("zh", "en"), default="zh")
    response = see_other(_inside(form.typed("next")))
    response.set_cookie(LANGUAGE_COOKIE, "en" if chosen == "en" else "zh", max_age=_YEAR, samesite="lax")
    return response


@dataclass(frozen=True, slots=True)
class Credentials:
    """Login and password."""

    login: Annotated[str, Meta(max_length=80, description="login name", examples=["center"])]
    password: Annotated[str, Meta(max_length=200, description="password")]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token to send as `Authorization: Bearer`, and how long it lasts."""

    token: str
    hours: int


@post(
    "/api/sign-in",
    opt={"operation": "sign-in:do"},
    status_code=200,
    security=[],
    tags=["sign-in"],
    responses=problems(400, 429),
)
async def api_sign_in(request: Request[Any, Any, Any], data: JSONBody[Credentials]) -> SignedIn:
    """Sign in for programs: the token goes into the Authorization header of later calls."""
    token = await _token(request, data.login, data.password)
    return SignedIn(token=token, hours=request.app.state.settings.session_hours)


@post("/api/sign-out", opt={"operation": "sign-out:do"}, status_code=204, tags=["sign-in"], responses=nothing(401))
async def api_sign_out(request: Request[Any, Any, Any]) -> None:
    """End the sign-in of the token that was sent."""
    await sign_out(request.app.state.database, token=token_of(request), at=instant_of(request))


async def _token(request: Request[Any, Any, Any], login: str, password: str) -> str:
    app = request.app.state
    return await sign_in(
        app.database,
        app.settings,
        app.secrets,
        login=login,
        password=password,
        address=request.client.host if request.client else "",
        device=request.headers.get("user-agent", ""),
        at=instant_of(request),
    )


async def _sign_in_page(request: Request[Any, Any, Any], form: Form, *, status: int = 200) -> Response[str]:
    """Show the form; in demo mode with the demonstration sign-ins that stand in this database."""
    app = request.app.state
    demo: tuple[DemoAccount, ...] = ()
    async with reading(app.database) as session:
        begun = await accounts.anybody(session)
        if app.settings.mode == "demo":
            standing = await accounts.active_logins(session, [account.login for account in DEMO_ACCOUNTS])
            demo = tuple(account for account in DEMO_ACCOUNTS if account.login in standing)
    return page(request, "sign_in/sign_in.html", status=status, form=form, demo_accounts=demo, begun=begun)


def _inside(target: str) -> str:
    """Return the target when it is a path of this service, else home: no open redirect."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/"


ROUTES = [sign_in_page, sign_in_form, sign_out_form, choose_language, api_sign_in, api_sign_out]
