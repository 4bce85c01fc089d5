"""Accounts as JSON: the administrator's, one's own, and the way back in for a lost password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from service.actions.accounts import (
    NewAccount,
    add_account,
    change_roles,
    choose_own_language,
    close_account,
    hand_over_work,
    reopen_account,
)
from service.actions.act import Act
from service.actions.passwords import (
    ask_for_link,
    change_own_password,
    end_own_sign_ins,
    issue_link,
    prepare_own_password,
    set_password_by_link,
)
from service.problems import NotFound
from service.storage import accounts
from service.storage.accounts import Account
from service.storage.session import reading
from service.web.entry import perform, version_of, viewer_of
from service.web.openapi import IdempotencyKey, IfMatch, nothing, problems
from service.web.pages import instant_of

AnyRequest = Request[Any, Any, Any]
Roles = Annotated[list[str], Meta(description="role codes", examples=[["unit"]], max_length=10)]
Password = Annotated[str, Meta(max_length=200, description="at least ten characters")]
Email = Annotated[str, Meta(max_length=254, description="where notices go; may be empty", examples=["li@example.org"])]


@dataclass(frozen=True, slots=True)
class AccountJson:
    """An account; its password is nowhere."""

    id: UUID
    login: str
    name: str
    email: str
    roles: list[str]
    unit_id: UUID | None
    unit_name: str
    state: Annotated[str, Meta(description="active or closed", examples=["active"])]
    has_password: bool
    created_at: datetime
    seen_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class AccountList:
    """Accounts in the order of their logins."""

    accounts: list[AccountJson]


@dataclass(frozen=True, slots=True)
class NewAccountJson:
    """An account to be added; the first password is set by a one-time link."""

    login: Annotated[str, Meta(max_length=32, description="small letters, digits, dot, hyphen", examples=["lilei"])]
    roles: Roles
    name: Annotated[str, Meta(max_length=60, description="the person's name", examples=["李雷"])] = ""
    unit_id: Annotated[UUID | None, Meta(description="needed for the role `unit`")] = None
    email: Email = ""
    same_person_as: Annotated[str, Meta(max_length=32, description="login of another account of the person")] = ""
    expert_number: Annotated[str, Meta(max_length=40, description="needed for the role `expert`")] = ""
    language: Annotated[str, Meta(description="zh or en", examples=["zh"])] = "zh"


@dataclass(frozen=True, slots=True)
class RolesJson:
    """Roles, unit and mail address, as they shall be."""

    roles: Roles
    unit_id: UUID | None = None
    email: Email = ""


@dataclass(frozen=True, slots=True)
class LinkWish:
    """Whether the link is sent by mail instead of being returned."""

    send: bool = False


@dataclass(frozen=True, slots=True)
class LinkJson:
    """A one-time link. `link` is empty when it was sent, or when a repeated request is answered."""

    account_id: UUID
    link: str
    minutes: int


@dataclass(frozen=True, slots=True)
class HandoverJson:
    """Whose open work goes to whom, and why."""

    giver: Annotated[UUID, Meta(description="account that gives")]
    taker: Annotated[UUID, Meta(description="account that takes over")]
    reason: Annotated[str, Meta(min_length=1, max_length=500, description="why, in words")]


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many pieces of open work went over."""

    pieces: int


@dataclass(frozen=True, slots=True)
class SignInJson:
    """One sign-in of the own account."""

    id: str
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    this: bool


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The own account with its sign-ins."""

    account: AccountJson
    language: str
    sign_ins: list[SignInJson]


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The present password and the new one."""

    old: Annotated[str, Meta(max_length=200, description="the present password")]
    new: Password


@dataclass(frozen=True, slots=True)
class FreshToken:
    """The token of the sign-in that goes on; all others have ended. Empty when a repeated request is answered."""

    token: str


@dataclass(frozen=True, slots=True)
class SignInsToEnd:
    """One sign-in by its id, or all others when it is empty."""

    id: Annotated[str, Meta(max_length=16)] = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sign-ins ended."""

    count: int


@dataclass(frozen=True, slots=True)
class LanguageJson:
    """Language of the notices."""

    language: Annotated[str, Meta(description="zh or en", examples=["en"])]


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Whose password was lost."""

    login: Annotated[str, Meta(max_length=80, examples=["center"])]


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The token of a one-time link, and the new password."""

    token: Annotated[str, Meta(max_length=128, description="the last part of the link")]
    new: Password


@get("/api/accounts", opt={"operation": "account:list"}, tags=["accounts"], responses=problems(400, 401, 403))
async def api_accounts(
    request: AnyRequest,
    which: Annotated[
        str, QueryParameter(name="state", max_length=10, description="active, closed, or empty for all")
    ] = "",
    role: Annotated[str, QueryParameter(max_length=30, description="only accounts with this role")] = "",
) -> AccountList:
    """Return the accounts of the installation."""
    async with reading(request.app.state.database) as session:
        found = await accounts.accounts(session, state=which, role=role)
    return AccountList([_json(account) for account in found])


@post(
    "/api/accounts",
    opt={"operation": "account:add"},
    tags=["accounts"],
    status_code=201,
    responses=problems(400, 401, 403, 422),
)
async def api_add(request: AnyRequest, data: JSONBody[NewAccountJson], key: IdempotencyKey = "") -> Response[Any]:
    """Add an account; a one-time link then sets its first password."""
    entry = NewAccount(
        login=data.login,
        name=data.name,
        roles=tuple(data.roles),
        unit_id=data.unit_id,
        email=data.email,
        same_person_as=data.same_person_as,
        expert_number=data.expert_number,
        language=data.language,
    )

    async def do(act: Act) -> Response[Any]:
        account_id = await add_account(act, entry)
        return await _answer(act, account_id, status=201)

    return await perform(request, "account:add", do)


@get(
    "/api/accounts/{account_id:uuid}",
    opt={"operation": "account:see"},
    tags=["accounts"],
    responses=problems(401, 403, 404),
)
async def api_account(request: AnyRequest, account_id: FromPath[UUID]) -> Response[AccountJson]:
    """Return one account; its version is the ETag."""
    async with reading(request.app.state.database) as session:
        account = await accounts.account(session, account_id)
    if account is None:
        raise NotFound(subject=str(account_id))
    return Response(_json(account), headers={"ETag": f'"{account.version}"'})


@put(
    "/api/accounts/{account_id:uuid}/roles",
    opt={"operation": "account:change"},
    tags=["accounts"],
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_change_roles(
    request: AnyRequest,
    account_id: FromPath[UUID],
    data: JSONBody[RolesJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[Any]:
    """Set roles, unit and mail address; when rights change, every sign-in of the account ends."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await change_roles(act, account_id, roles=data.roles, unit_id=data.unit_id, email=data.email, seen=seen)
        return await _answer(act, account_id)

    return await perform(request, "account:change", do, subject=str(account_id))


@post(
    "/api/accounts/{account_id:uuid}/close",
    opt={"operation": "account:change"},
    tags=["accounts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 412, 422, 428),
)
async def api_close(
    request: AnyRequest, account_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[Any]:
    """Close an account without open work: nobody can sign in with it any more."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await close_account(act, account_id, seen=seen)
        return await _answer(act, account_id)

    return await perform(request, "account:change", do, subject=str(account_id))


@post(
    "/api/accounts/{account_id:uuid}/reopen",
    opt={"operation": "account:change"},
    tags=["accounts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 412, 422, 428),
)
async def api_reopen(
    request: AnyRequest, account_id: FromPath[UUID], if_match: IfMatch = "", key: IdempotencyKey = ""
) -> Response[Any]:
    """Open a closed account again; a one-time link then sets a new password."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await reopen_account(act, account_id, seen=seen)
        return await _answer(act, account_id)

    return await perform(request, "account:change", do, subject=str(account_id))


@post(
    "/api/accounts/{account_id:uuid}/link",
    opt={"operation": "account:recover"},
    tags=["accounts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 422),
)
async def api_link(
    request: AnyRequest, account_id: FromPath[UUID], data: JSONBody[LinkWish], key: IdempotencyKey = ""
) -> Response[Any]:
    """Make a one-time link that sets a new password, valid for thirty minutes; earlier links of the account end."""
    minutes = int(accounts.RECOVERY_FOR.total_seconds() // 60)
    tokens: list[str] = []

    async def do(act: Act) -> Response[Any]:
        tokens.append(await issue_link(act, account_id, send=data.send))
        return Response(LinkJson(account_id, "", minutes))

    answer = await perform(request, "account:recover", do, subject=str(account_id))
    if not tokens or data.send:
        return answer
    return Response(LinkJson(account_id, f"{request.app.state.settings.base_url}/recover/{tokens[0]}", minutes))


@post(
    "/api/accounts/hand-over",
    opt={"operation": "account:hand-over"},
    tags=["accounts"],
    status_code=200,
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def api_hand_over(request: AnyRequest, data: JSONBody[HandoverJson], key: IdempotencyKey = "") -> Response[Any]:
    """Hand all open work of one account to another; both are told."""

    async def do(act: Act) -> Response[Any]:
        pieces = await hand_over_work(act, from_id=data.giver, to_id=data.taker, reason=data.reason)
        return Response(HandedOver(pieces))

    return await perform(request, "account:hand-over", do, subject=str(data.giver))


@get("/api/account", opt={"operation": "account:see-own"}, tags=["own account"], responses=problems(401))
async def api_own_account(request: AnyRequest) -> OwnAccount:
    """Return the own account and its sign-ins."""
    viewer = viewer_of(request)
    async with reading(request.app.state.database) as session:
        account = await accounts.account(session, viewer.account_id)
        sign_ins = await accounts.sign_ins_of(session, viewer.account_id, at=instant_of(request))
    if account is None:
        raise NotFound(subject=str(viewer.account_id))
    return OwnAccount(
        _json(account),
        account.language,
        [
            SignInJson(
                each.digest, each.device, each.created_at, each.seen_at, each.expires_at, each.digest == viewer.session
            )
            for each in sign_ins
        ],
    )


@post(
    "/api/account/password",
    opt={"operation": "password:change-own"},
    tags=["own account"],
    status_code=200,
    responses=problems(400, 401, 422, 429),
)
async def api_password(request: AnyRequest, data: JSONBody[PasswordChange], key: IdempotencyKey = "") -> Response[Any]:
    """Change the own password; every sign-in ends, the answer has the token of a new one."""
    app, viewer = request.app.state, viewer_of(request)
    stored, fresh = await prepare_own_password(
        app.database, app.secrets, viewer, old=data.old, new=data.new, again=data.new, at=instant_of(request)
    )
    tokens: list[str] = []

    async def do(act: Act) -> Response[Any]:
        device = request.headers.get("user-agent", "")
        tokens.append(await change_own_password(act, stored=stored, fresh=fresh, device=device))
        return Response(FreshToken(""))

    answer = await perform(request, "password:change-own", do)
    return Response(FreshToken(tokens[0])) if tokens else answer


@post(
    "/api/account/sign-ins/end",
    opt={"operation": "session:end-own"},
    tags=["own account"],
    status_code=200,
    responses=problems(400, 401, 404, 422),
)
async def api_end_sign_ins(
    request: AnyRequest, data: JSONBody[SignInsToEnd], key: IdempotencyKey = ""
) -> Response[Any]:
    """End one other sign-in of the own account, or all others."""

    async def do(act: Act) -> Response[Any]:
        return Response(Ended(await end_own_sign_ins(act, data.id)))

    return await perform(request, "session:end-own", do)


@put(
    "/api/account/language",
    opt={"operation": "account:change-own"},
    tags=["own account"],
    responses=problems(400, 401, 422),
)
async def api_language(request: AnyRequest, data: JSONBody[LanguageJson], key: IdempotencyKey = "") -> Response[Any]:
    """Choose the language of the own notices."""

    async def do(act: Act) -> Response[Any]:
        await choose_own_language(act, data.language)
        return Response(data)

    return await perform(request, "account:change-own", do)


@post(
    "/api/recover",
    opt={"operation": "password:recover"},
    tags=["sign-in"],
    status_code=202,
    security=[],
    responses=problems(400, 429),
)
async def api_recover(request: AnyRequest, data: JSONBody[LinkRequest]) -> None:
    """Ask for a one-time link by mail; the answer does not tell whether the account exists."""
    app = request.app.state
    address = request.client.host if request.client else ""
    await ask_for_link(
        app.database, app.settings, app.secrets, login=data.login, address=address, at=instant_of(request)
    )


@post(
    "/api/recover/password",
    opt={"operation": "password:recover"},
    tags=["sign-in"],
    status_code=204,
    security=[],
    responses=nothing(400, 404),
)
async def api_new_password(request: AnyRequest, data: JSONBody[NewPassword]) -> None:
    """Set a new password by a one-time link; the link is used up and every sign-in of the account ends."""
    await set_password_by_link(
        request.app.state.database, data.token, new=data.new, again=data.new, at=instant_of(request)
    )


async def _answer(act: Act, account_id: UUID, *, status: int = 200) -> Response[Any]:
    account = await accounts.account(act.session, account_id)
    if account is None:
        raise NotFound(subject=str(account_id))
    headers = {"ETag": f'"{account.version}"', "Location": f"/api/accounts/{account_id}"}
    return Response(_json(account), status_code=status, headers=headers)


def _json(account: Account) -> AccountJson:
    return AccountJson(
        id=account.id,
        login=account.login,
        name=account.name,
        email=account.email,
        roles=list(account.roles),
        unit_id=account.unit_id,
        unit_name=account.unit_name,
        state=account.state,
        has_password=account.has_password,
        created_at=account.created_at,
        seen_at=account.seen_at,
        version=account.version,
    )


ROUTES = [
    api_accounts,
    api_add,
    api_account,
    api_change_roles,
    api_close,
    api_reopen,
    api_link,
    api_hand_over,
    api_own_account,
    api_password,
    api_end_sign_ins,
    api_language,
    api_recover,
    api_new_password,
]
