"""What happens before and after every request: who is it, in which language, is it our own page that sends it."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response

from service.access import Viewer, may_try, open_without_staff
from service.access.sign_in import mark_seen, viewer_of
from service.clock import day_of
from service.locales import negotiate, use_language
from service.problems import Forbidden, NotFound, SignInNeeded
from service.storage.policies import policy_in_force
from service.storage.session import Session, reading, unit_of_work
from service.storage.staff_bars import barred_matters
from service.storage.staff_found import with_found

SESSION_COOKIE = "session"
LANGUAGE_COOKIE = "language"
_SAFE = {"GET", "HEAD", "OPTIONS"}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


class CrossOrigin(Forbidden):
    """A page of another site sent this request with our cookie."""

    code = "CROSS_ORIGIN"


class PasswordMustChange(Forbidden):
    """The account still has the password that somebody else chose; it must be changed first."""

    code = "PASSWORD_MUST_CHANGE"


# What can be done with a password that somebody else chose.
_BEFORE_A_NEW_PASSWORD = frozenset(
    {"account:see-own", "password:change-own", "sign-out:do", "language:choose", "home:see"}
)


def choose_language(request: Request[Any, Any, Any]) -> None:
    """Speak the language that was chosen, else the browser's, for the rest of this request."""
    use_language(negotiate(request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE, "")))


# What can be done by a link, without a password: the review of one matter, which the acts themselves ask for.
_BY_A_LINK = frozenset(
    {
        "certificate:enrol",
        "certificate:give-up",
        "home:see",
        "invitation:open",
        "language:choose",
        "regulation:see",
        "review:answer",
        "review:work",
        "sign-out:do",
        "signature:verify",
    }
)


# What is the same for everybody, so that nobody need be looked up.
_FOR_ANYONE = frozenset({"health:see", "static:see"})


async def before_request(request: Request[Any, Any, Any]) -> None:
    """Find the language and the viewer, refuse requests forged by other sites, and ask the access table.

    The language is set in the request's own context, so this must stay a coroutine: a function run in a thread
    would set it in a context that is thrown away.
    """
    choose_language(request)
    if request.method not in _SAFE:
        _same_origin(request)
        await request.body()
    operation = request.route_handler.opt.get("operation")
    if operation in _FOR_ANYONE:
        return
    kept_out = await _find_viewer(request, operation)
    if operation is None:
        return
    viewer: Any = request.scope.get("viewer")
    if viewer is not None and viewer.must_change_password and operation not in _BEFORE_A_NEW_PASSWORD:
        raise PasswordMustChange
    if viewer is not None and viewer.only_matter is not None and operation not in _BY_A_LINK:
        raise NotFound(operation=operation)
    if kept_out:
        raise NotFound(operation=operation)
    if may_try(viewer, operation):
        return
    if viewer is None:
        raise SignInNeeded
    # Who may not even list such things does not learn which of them exist.
    raise (NotFound if request.path_params else Forbidden)(operation=operation)


async def _keeps_out(request: Request[Any, Any, Any], session: Session, viewer: Viewer, operation: str) -> bool:
    """Return whether the address names a matter in which the viewer, as staff, has an interest of their own.

    Such a matter is not there for them. Asked for every address that names one, so that no route can forget it. What
    the person does there as an expert, and what anybody may see, stays open.
    """
    matter_id = request.path_params.get("matter_id")
    if matter_id is None or open_without_staff(operation):
        return False
    return bool(await barred_matters(session, viewer, among=matter_id))


async def after_request(response: Response[Any]) -> Response[Any]:
    """Add the headers that keep browsers strict."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    return response


def token_of(request: Request[Any, Any, Any]) -> str:
    """Return the sign-in's token: `Authorization: Bearer` or the cookie; empty when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.cookies.get(SESSION_COOKIE, "")


async def _find_viewer(request: Request[Any, Any, Any], operation: str | None) -> bool:
    """Find who sends the request; returns whether they keep out of the matter it names. All in one read."""
    token = token_of(request)
    if not token or len(token) > 128:
        return False
    app = request.app.state
    at = app.clock.now()
    async with reading(app.database) as session:
        found = await viewer_of(session, token, at=at)
        if found is None:
            return False
        viewer, unseen = found
        policy = await policy_in_force(session, app.settings.policy, on=day_of(at))
        viewer = await with_found(session, app.residents, viewer, policy_id=policy.id, at=at)
        kept_out = operation is not None and await _keeps_out(request, session, viewer, operation)
    request.scope["viewer"] = viewer  # type: ignore[typeddict-unknown-key]
    request.scope["policy"] = policy  # type: ignore[typeddict-unknown-key]
    if unseen:
        async with unit_of_work(app.database, at=at) as session:
            await mark_seen(session, token, at=at)
    return kept_out


def _same_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse a write that another site's page sends with our cookie.

    A bearer token is not sent by browsers on their own, so it needs no such check. Browsers since 2023 say where a
    request comes from; older ones send at least Origin.
    """
    if SESSION_COOKIE not in request.cookies:
        return
    site = request.headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = request.headers.get("origin")
    if site is None and (origin is None or urlsplit(origin).netloc == request.headers.get("host", "")):
        return
    raise CrossOrigin
