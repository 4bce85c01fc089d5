"""Pages of accounts: the system administrator's list, one account, adding, and handing over a colleague's work."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter

from service.access import ROLES, require
from service.actions.accounts import (
    NewAccount,
    add_account,
    change_roles,
    close_account,
    hand_over_work,
    handover_refusals,
    may_hand_over,
    reopen_account,
)
from service.actions.act import Act
from service.actions.passwords import issue_link
from service.problems import Fault, Invalid, NotFound, Problem, Refusal, Refused, Stale
from service.storage import accounts
from service.storage.accounts import Account
from service.storage.session import Session, reading
from service.web.entry import perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]


@get("/accounts", opt={"operation": "account:list"}, include_in_schema=False)
async def account_list(
    request: AnyRequest,
    which: Annotated[str, QueryParameter(name="state", max_length=10)] = "active",
    role: Annotated[str, QueryParameter(max_length=30)] = "",
) -> Response[Any]:
    """Show every account with its roles, unit, last use and open work."""
    async with reading(request.app.state.database) as session:
        found = await accounts.accounts(session, state="" if which == "all" else which, role=role)
        work = await accounts.open_work_counts(session)
    return page(
        request, "accounts/list.html", accounts=found, work=work, roles=ROLES, filters={"state": which, "role": role}
    )


@get("/accounts/new", opt={"operation": "account:add"}, include_in_schema=False)
async def new_account_page(request: AnyRequest) -> Response[Any]:
    """Show the form for a new account."""
    return await _new_page(request, Form({}))


@post("/accounts", opt={"operation": "account:add"}, include_in_schema=False)
async def add_account_form(request: AnyRequest) -> Response[Any]:
    """Add an account and show the one-time link for its first password."""
    form = await Form.of(request)
    entry = NewAccount(
        login=form.text("login", required=True, most=32),
        name=form.text("name", most=60),
        roles=tuple(form.choices("roles", ROLES)),
        unit_id=form.id("unit_id"),
        email=form.text("email", most=254),
        same_person_as=form.text("same_person_as", most=32),
        expert_number=form.text("expert_number", most=40),
        language=form.choice("language", ("zh", "en"), default="zh"),
    )
    made: dict[str, Any] = {}

    async def do(act: Act) -> Response[Any]:
        form.check()
        account_id = await add_account(act, entry)
        made["token"] = await issue_link(act, account_id, send=bool(form.typed("send")) and bool(entry.email))
        made["account_id"] = account_id
        return see_other(f"/accounts/{account_id}", notice="账号已添加")

    try:
        answer = await perform(request, "account:add", do)
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _new_page(request, form, status=problem.status)
    return await _link_page(request, made["account_id"], made["token"]) if made else answer


@get("/accounts/{account_id:uuid}", opt={"operation": "account:see"}, include_in_schema=False)
async def account_page(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    """Show one account: who it is, its roles, sign-ins and open work."""
    return await _account_page(request, account_id)


@post("/accounts/{account_id:uuid}/roles", opt={"operation": "account:change"}, include_in_schema=False)
async def change_roles_form(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    """Set roles, unit and mail address."""
    form = await Form.of(request)
    roles, unit_id = form.choices("roles", ROLES), form.id("unit_id")
    email, seen = form.text("email", most=254), await version_of(request)

    async def do(act: Act) -> Response[Any]:
        form.check()
        await change_roles(act, account_id, roles=roles, unit_id=unit_id, email=email, seen=seen)
        return see_other(f"/accounts/{account_id}", notice="已保存；权限有变的账号需要重新登录")

    try:
        return await perform(request, "account:change", do, subject=str(account_id))
    except Problem as problem:
        return await _account_page(request, account_id, form=form, problem=problem)


@post("/accounts/{account_id:uuid}/close", opt={"operation": "account:change"}, include_in_schema=False)
async def close_form(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    """Close an account."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await close_account(act, account_id, seen=seen)
        return see_other(f"/accounts/{account_id}", notice="账号已停用，所有登录已退出")

    try:
        return await perform(request, "account:change", do, subject=str(account_id))
    except (Refused, Stale) as problem:
        return await _account_page(request, account_id, problem=problem)


@post("/accounts/{account_id:uuid}/reopen", opt={"operation": "account:change"}, include_in_schema=False)
async def reopen_form(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    """Open a closed account again."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await reopen_account(act, account_id, seen=seen)
        return see_other(f"/accounts/{account_id}", notice="账号已恢复，请发一次性链接设置新密码")

    try:
        return await perform(request, "account:change", do, subject=str(account_id))
    except Stale as problem:
        return await _account_page(request, account_id, problem=problem)


@post("/accounts/{account_id:uuid}/link", opt={"operation": "account:recover"}, include_in_schema=False)
async def link_form(request: AnyRequest, account_id: FromPath[UUID]) -> Response[Any]:
    """Make a one-time link: shown this once, or sent."""
    form = await Form.of(request)
    send = bool(form.typed("send"))
    made: list[str] = []

    async def do(act: Act) -> Response[Any]:
        made.append(await issue_link(act, account_id, send=send))
        return see_other(f"/accounts/{account_id}", notice="一次性链接已发出" if send else "一次性链接已生成")

    try:
        answer = await perform(request, "account:recover", do, subject=str(account_id))
    except Invalid as problem:
        return await _account_page(request, account_id, problem=problem)
    # The answer that is kept for repeats holds no link: the link is on this page alone.
    return await _link_page(request, account_id, made[0]) if made and not send else answer


@get("/accounts/hand-over", opt={"operation": "account:hand-over"}, include_in_schema=False)
async def hand_over_page(
    request: AnyRequest, from_: Annotated[UUID | None, QueryParameter(name="from")] = None
) -> Response[Any]:
    """Show whose open work can go to whom."""
    return await _hand_over_page(request, Form({"from": [str(from_)] if from_ else [""]}))


@post("/accounts/hand-over", opt={"operation": "account:hand-over"}, include_in_schema=False)
async def hand_over_form(request: AnyRequest) -> Response[Any]:
    """Hand over all open work of a colleague, or show it first when only the colleague was chosen."""
    form = await Form.of(request)
    if form.typed("show"):
        return await _hand_over_page(request, form)
    from_id, to_id = form.id("from", required=True), form.id("to", required=True)
    reason = form.text("reason", required=True, most=500)

    async def do(act: Act) -> Response[Any]:
        form.check()
        if from_id is None or to_id is None:
            raise NotFound(subject="account")
        await hand_over_work(act, from_id=from_id, to_id=to_id, reason=reason)
        return see_other(f"/accounts/hand-over?from={from_id}", notice="工作已移交，双方都会收到通知")

    try:
        return await perform(request, "account:hand-over", do, subject=str(from_id or ""))
    except Invalid as problem:
        form.faults = list(problem.faults)
        return await _hand_over_page(request, form, status=problem.status)
    except Refused as problem:
        return await _hand_over_page(request, form, status=problem.status, refusals=problem.refusals)


async def _new_page(request: AnyRequest, form: Form, *, status: int = 200) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        units = await accounts.units_to_choose(session)
    return page(request, "accounts/new.html", status=status, form=form, units=units, roles=ROLES)


async def _account_page(
    request: AnyRequest, account_id: UUID, *, form: Form | None = None, problem: Problem | None = None
) -> Response[Any]:
    at = instant_of(request)
    async with reading(request.app.state.database) as session:
        account = await _known(session, account_id)
        units = await accounts.units_to_choose(session)
        sign_ins = await accounts.sign_ins_of(session, account_id, at=at)
        work = await accounts.open_work_of(session, account_id)
    typed = form or Form(
        {"roles": list(account.roles), "unit_id": [str(account.unit_id or "")], "email": [account.email]}
    )
    if isinstance(problem, Invalid):
        typed.faults = list(problem.faults)
    elif isinstance(problem, Stale):
        typed.faults = [Fault("", "ACCOUNT_OUTDATED")]
    elif problem is not None and not isinstance(problem, Refused):
        raise problem
    return page(
        request,
        "accounts/account.html",
        status=problem.status if problem else 200,
        account=account,
        units=units,
        sign_ins=sign_ins,
        work=work,
        form=typed,
        roles=ROLES,
        refusals=problem.refusals if isinstance(problem, Refused) else (),
        own=account_id == viewer_of(request).account_id,
    )


async def _link_page(request: AnyRequest, account_id: UUID, token: str) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        account = await _known(session, account_id)
    link = f"{request.app.state.settings.base_url}/recover/{token}"
    return page(request, "accounts/link.html", account=account, link=link)


async def _hand_over_page(
    request: AnyRequest, form: Form, *, status: int = 200, refusals: tuple[Refusal, ...] = ()
) -> Response[Any]:
    viewer = viewer_of(request)
    require(viewer, "account:hand-over")
    async with reading(request.app.state.database) as session:
        everyone = await accounts.accounts(session)
        counts = await accounts.open_work_counts(session)
        givers = [account for account in everyone if may_hand_over(viewer, account) and counts.get(account.id)]
        giver = next((account for account in everyone if str(account.id) == form.typed("from")), None)
        if giver is not None and not may_hand_over(viewer, giver):
            giver = None
        work = await accounts.open_work_of(session, giver.id) if giver else []
    return page(
        request,
        "accounts/hand_over.html",
        status=status,
        form=form,
        givers=givers,
        counts=counts,
        giver=giver,
        work=work,
        takers=[account for account in everyone if giver and not handover_refusals(giver, account, work)],
        refusals=refusals,
    )


async def _known(session: Session, account_id: UUID) -> Account:
    account = await accounts.account(session, account_id)
    if account is None:
        raise NotFound(subject=str(account_id))
    return account


ROUTES = [
    account_list,
    new_account_page,
    add_account_form,
    hand_over_page,
    hand_over_form,
    account_page,
    change_roles_form,
    close_form,
    reopen_form,
    link_form,
]
