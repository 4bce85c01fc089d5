"""Problems as answers: problem details (RFC 9457) under /api, pages elsewhere."""

from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from service.locales import gettext
from service.problems import Fault, Invalid, NotFound, Problem, Refusal, Refused, SignInNeeded
from service.regulation import say_cite
from service.web.gate import choose_language
from service.web.pages import problem_page, says, see_other

PROBLEM_JSON = "application/problem+json"
_log = structlog.get_logger("service.web")


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    """Return `refusal/1` with its sentence, its article and its ways out in the reader's language."""
    refused = refusal.to_json()
    for remedy in refused["remedies"]:
        remedy["says"] = says(remedy["code"], refusal.facts)
    return refused | {
        "says": says(refusal.code, refusal.facts),
        "cite_zh": say_cite(refusal.cite, "zh") if refusal.cite else "",
    }


def details_of(problem: Problem, *, instance: str) -> dict[str, Any]:
    """Return the problem details object of a problem."""
    body: dict[str, Any] = {
        "type": f"urn:expertpool:problem:{problem.code.lower().replace('_', '-')}",
        "title": says(problem.code, problem.facts),
        "status": problem.status,
        "detail": says(problem.code, problem.facts),
        "instance": instance,
        "code": problem.code,
    }
    if isinstance(problem, Refused):
        body["refusals"] = [refusal_json(refusal) for refusal in problem.refusals]
        body["detail"] = " ".join(refusal["says"] for refusal in body["refusals"])
    if isinstance(problem, Invalid):
        body["faults"] = [
            {"at": fault.at, "code": fault.code, "says": says(fault.code, fault.facts), "facts": dict(fault.facts)}
            for fault in problem.faults
        ]
    return body


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """Return whether the sender speaks JSON: everything under /api does."""
    return request.url.path.startswith(("/api/", "/schema")) or request.url.path == "/api"


def answer_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """Answer a problem in the sender's way; an unknown visitor of a page is sent to sign in first."""
    if wants_json(request):
        headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
        return Response(
            details_of(problem, instance=request.url.path),
            status_code=problem.status,
            media_type=PROBLEM_JSON,
            headers=headers,
        )
    if isinstance(problem, SignInNeeded):
        return see_other(f"/sign-in?next={_page_of(request)}")
    return problem_page(request, problem)


def _page_of(request: Request[Any, Any, Any]) -> str:
    """Return the page somebody is on: of a form, the page that holds it, where what was typed is kept as a draft."""
    path = request.url.path if request.method == "GET" else urlsplit(request.headers.get("referer", "")).path
    return quote(path or "/")


def answer_http(request: Request[Any, Any, Any], exception: HTTPException) -> Response[Any]:
    """Answer what the framework raised, in the same form."""
    choose_language(request)  # what is raised while routing comes before the gate
    problem: Problem
    if isinstance(exception, ValidationException):
        problem = Invalid(_faults_of(exception))
    elif exception.status_code == 404:
        problem = NotFound()
    else:
        problem = _HttpProblem(exception.status_code)
    return answer_problem(request, problem)


def answer_unforeseen(request: Request[Any, Any, Any], exception: Exception) -> Response[Any]:
    """Answer a bug: logged with its trace, told without details."""
    _log.error("unforeseen", path=request.route_handler.name or request.method, exc_info=exception)
    return answer_problem(request, Problem())


class _HttpProblem(Problem):
    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status  # type: ignore[misc]
        self.code = f"HTTP_{status}"  # type: ignore[misc]


def _faults_of(exception: ValidationException) -> list[Fault]:
    extra = exception.extra if isinstance(exception.extra, list) else []
    faults = [
        Fault(str(item.get("key", "")), "FIELD_NOT_UNDERSTOOD", {"reason": str(item.get("message", ""))})
        for item in extra
        if isinstance(item, dict)
    ]
    return faults or [Fault("", "FIELD_NOT_UNDERSTOOD", {"reason": gettext("请求的内容无法读取")})]


EXCEPTION_HANDLERS: dict[Any, Any] = {
    Problem: answer_problem,
    HTTPException: answer_http,
    Exception: answer_unforeseen,
}
