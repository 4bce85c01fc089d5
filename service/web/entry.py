"""How an act enters: one unit of work, an idempotency key, the version that was seen, the answer kept.

Only entry points open transactions. `perform` claims the key, opens the unit of work, calls the act, keeps its
answer in the same transaction, and answers after the commit. A repeat with the same key gets the kept answer.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response

from service.access import Viewer, require
from service.actions.act import Act
from service.problems import Fault, Invalid, Refused, SignInNeeded, VersionNeeded
from service.regulation import Policy
from service.storage.acts import Answer, claim_key, keep_answer, keep_refusal, release_key
from service.storage.session import Session, unit_of_work
from service.web.pages import instant_of

AnyRequest = Request[Any, Any, Any]
_KEPT_HEADERS = {"location", "content-type", "etag", "set-cookie"}


def viewer_of(request: AnyRequest) -> Viewer:
    """Return who is signed in.

    Raises:
        SignInNeeded: when nobody is.
    """
    viewer = request.scope.get("viewer")
    if viewer is None:
        raise SignInNeeded
    return viewer  # type: ignore[return-value]


def policy_of(request: AnyRequest) -> Policy:
    """Return the local policy in force on the day of the request; for visitors the shipped one.

    What visitors are told, such as how long their papers are kept, is the same in every version of it.
    """
    policy: Policy = request.scope.get("policy") or request.app.state.shipped_policy  # type: ignore[assignment]
    return policy


def act_in(request: AnyRequest, session: Session) -> Act:
    """Return the setting of an act of the signed-in viewer in an open unit of work."""
    app = request.app.state
    return Act(
        session=session,
        viewer=viewer_of(request),
        at=request.scope.get("at") or instant_of(request),  # type: ignore[arg-type]
        keys=app.secrets,
        settings=app.settings,
        edition=app.edition,
        policy=policy_of(request),
    )


@dataclass(frozen=True, slots=True)
class _Claim:
    account: str
    key: str


async def perform(
    request: AnyRequest,
    operation: str,
    do: Callable[[Act], Awaitable[Response[Any]]],
    *,
    subject: str = "",
) -> Response[Any]:
    """Do one act and answer after its commit.

    Args:
        request: the request; its idempotency key is the header or the form's hidden field.
        operation: row of the access table; the act itself asks again with its relations.
        do: the act; what it raises undoes everything it wrote.
        subject: id of the thing acted on, kept with a refusal.

    Raises:
        Problem: whatever the act raised, after the roll-back; refusals are kept first.
    """
    app = request.app.state
    viewer = viewer_of(request)
    at = instant_of(request)
    request.scope["at"] = at  # type: ignore[typeddict-unknown-key]
    claim = _Claim(str(viewer.account_id), await key_of(request))
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).hexdigest()
    kept = await claim_key(app.database, claim.account, claim.key, digest, at=at)
    if kept is not None:
        return _again(kept)
    try:
        async with unit_of_work(app.database, at=at) as session:
            response = await do(act_in(request, session))
            await keep_answer(session, claim.account, claim.key, _answer_of(request, response))
    except BaseException as problem:
        await release_key(app.database, claim.account, claim.key, at=at)
        if isinstance(problem, Refused):
            await keep_refusal(
                app.database,
                problem.refusals,
                at=at,
                account_id=viewer.account_id,
                operation=operation,
                subject=subject,
            )
        raise
    return response


def guard(request: AnyRequest, operation: str, relations: tuple[str, ...] = ()) -> Viewer:
    """Return the viewer when the operation is open to them; for reading routes.

    Raises:
        SignInNeeded, Forbidden: when it is not.
    """
    require(request.scope.get("viewer"), operation, relations)  # type: ignore[arg-type]
    return viewer_of(request)


async def version_of(request: AnyRequest) -> int:
    """Return the version that the sender saw: `If-Match`, or the form's hidden field.

    Raises:
        VersionNeeded: when there is neither.
    """
    text = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    if not text and _is_form(request):
        text = str((await request.form()).get("version", ""))
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise VersionNeeded
    return int(text)


def _is_form(request: AnyRequest) -> bool:
    return request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    )


async def key_of(request: AnyRequest) -> str:
    """Return the idempotency key of a request: its header, or the form's hidden field.

    Raises:
        Invalid: when there is none, or none that can be kept.
    """
    key = request.headers.get("idempotency-key", "").strip()
    if not key and _is_form(request):
        key = str((await request.form()).get("idempotency_key", ""))
    if not 8 <= len(key) <= 128 or not key.isascii() or not key.isprintable():
        raise Invalid([Fault("Idempotency-Key", "KEY_NEEDED")])
    return key


def _answer_of(request: AnyRequest, response: Response[Any]) -> Answer:
    asgi = response.to_asgi_response(None, request)
    headers = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in asgi.encode_headers()
        if name.decode("latin-1").lower() in _KEPT_HEADERS
    ]
    return Answer(status=response.status_code or 200, headers=headers, body=bytes(asgi.body))


def _again(kept: Answer) -> Response[bytes]:
    content_type = next((value for name, value in kept.headers if name.lower() == "content-type"), "text/html")
    response = Response(kept.body, status_code=kept.status, media_type=content_type)
    for name, value in kept.headers:
        if name.lower() not in {"content-type", "set-cookie"}:
            response.headers[name] = value
    response.headers["Idempotency-Replayed"] = "true"
    return response
