"""Pages of one's own account: password, sign-ins, language; and the way back in for a lost password."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from service.actions.accounts import choose_own_language
from service.actions.act import Act
from service.actions.passwords import (
    LEAST,
    account_of_link,
    ask_for_link,
    change_own_password,
    end_own_sign_ins,
    prepare_own_password,
    set_password_by_link,
)
from service.problems import Fault, Invalid, NotFound, TooMany
from service.storage import accounts
from service.storage.session import reading
from service.web.entry import perform, viewer_of
from service.web.forms import Form
from service.web.gate import LANGUAGE_COOKIE, SESSION_COOKIE
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]
_YEAR = 365 * 24 * 3600


@get("/account", opt={"operation": "account:see-own"}, include_in_schema=False)
async def own_account_page(request: AnyRequest) -> Response[Any]:
    """Show the viewer's own account."""
    return await _own_page(request, Form({}))


@post("/account/password", opt={"operation": "password:change-own"}, include_in_schema=False)
async def password_form(request: AnyRequest) -> Response[Any]:
    """Change the viewer's password: every other sign-in ends, this one goes on under a new token."""
    form = await Form.of(request)
    app, viewer, at = request.app.state, viewer_of(request), instant_of(request)
    try:
        stored, fresh = await prepare_own_password(
            app.database,
            app.secrets,
            viewer,
            old=form.typed("old"),
            new=form.typed("new"),
            again=form.typed("again"),
            at=at,
        )
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _own_page(request, form, status=problem.status)
    except TooMany as problem:
        form.faults = [Fault("old", problem.code, problem.facts)]
        return await _own_page(request, form, status=problem.status)
    tokens: list[str] = []

    async def do(act: Act) -> Response[Any]:
        device = request.headers.get("user-agent", "")
        tokens.append(await change_own_password(act, stored=stored, fresh=fresh, device=device))
        return see_other("/account", notice="密码已修改，其他地方的登录已退出")

    answer = await perform(request, "password:change-own", do)
    # The token goes to the browser alone: the answer that is kept for repeats was taken before.
    for token in tokens:
        answer.set_cookie(
            SESSION_COOKIE,
            token,
            max_age=app.settings.session_hours * 3600,
            httponly=True,
            secure=app.settings.https,
            samesite="lax",
        )
    return answer


@post("/account/sign-ins/end", opt={"operation": "session:end-own"}, include_in_schema=False)
async def end_sign_ins_form(request: AnyRequest) -> Response[Any]:
    """End one other sign-in of the viewer, or all others."""
    form = await Form.of(request)
    digest = form.text("sign_in", most=16)

    async def do(act: Act) -> Response[Any]:
        form.check()
        await end_own_sign_ins(act, digest)
        return see_other("/account", notice="已退出")

    return await perform(request, "session:end-own", do)


@post("/account/language", opt={"operation": "account:change-own"}, include_in_schema=False)
async def language_form(request: AnyRequest) -> Response[Any]:
    """Choose the language of the pages and of the viewer's notices."""
    form = await Form.of(request)
    chosen = form.choice("language", ("zh", "en"))

    async def do(act: Act) -> Response[Any]:
        form.check()
        await choose_own_language(act, chosen)
        response = see_other("/account", notice="已保存")
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=_YEAR, samesite="lax")
        return response

    return await perform(request, "account:change-own", do)


@get("/recover", opt={"operation": "password:recover"}, include_in_schema=False)
async def recover_page(request: AnyRequest) -> Response[Any]:
    """Show where to ask for a one-time link."""
    return page(request, "accounts/recover.html", form=Form({}), sent=False)


@post("/recover", opt={"operation": "password:recover"}, include_in_schema=False)
async def recover_form(request: AnyRequest) -> Response[Any]:
    """Ask for a one-time link; the answer is the same whether the account exists or not."""
    form = await Form.of(request)
    login = form.text("login", required=True, most=80)
    app = request.app.state
    try:
        form.check()
        await ask_for_link(
            app.database,
            app.settings,
            app.secrets,
            login=login,
            address=request.client.host if request.client else "",
            at=instant_of(request),
        )
    except Invalid as problem:
        return page(request, "accounts/recover.html", status=problem.status, form=form, sent=False)
    except TooMany as problem:
        form.faults = [Fault("login", problem.code, problem.facts)]
        return page(request, "accounts/recover.html", status=problem.status, form=form, sent=False)
    return page(request, "accounts/recover.html", form=form, sent=True, mails=bool(app.settings.smtp_url))


@get("/recover/{token:str}", opt={"operation": "password:recover"}, include_in_schema=False)
async def link_page(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Show the form for a new password; looking does not use the link up."""
    return await _link_page(request, token, Form({}))


@post("/recover/{token:str}", opt={"operation": "password:recover"}, include_in_schema=False)
async def new_password_form(request: AnyRequest, token: FromPath[str]) -> Response[Any]:
    """Set a new password by a one-time link."""
    form = await Form.of(request)
    try:
        await set_password_by_link(
            request.app.state.database,
            token,
            new=form.typed("new"),
            again=form.typed("again"),
            at=instant_of(request),
        )
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _link_page(request, token, form, status=problem.status)
    except NotFound:
        return await _link_page(request, token, form)
    response = see_other("/sign-in", notice="新密码已设置，请登录")
    response.delete_cookie(SESSION_COOKIE)
    return response


async def _own_page(request: AnyRequest, form: Form, *, status: int = 200) -> Response[Any]:
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        account = await accounts.account(session, viewer.account_id)
        sign_ins = await accounts.sign_ins_of(session, viewer.account_id, at=instant_of(request))
    if account is None:
        raise NotFound(subject=str(viewer.account_id))
    return page(request, "accounts/own.html", status=status, form=form, account=account, sign_ins=sign_ins, least=LEAST)


async def _link_page(request: AnyRequest, token: str, form: Form, *, status: int = 200) -> Response[Any]:
    account = None
    if len(token) <= 128:
        account = await account_of_link(request.app.state.database, token, at=instant_of(request))
    if account is None:
        return page(request, "accounts/link_over.html", status=404)
    return page(
        request, "accounts/set_password.html", status=status, form=form, account=account, token=token, least=LEAST
    )


ROUTES = [
    own_account_page,
    password_form,
    end_sign_ins_form,
    language_form,
    recover_page,
    recover_form,
    link_page,
    new_password_form,
]
