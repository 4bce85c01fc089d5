"""What happens to an expert over time, as JSON: terms, work, absences, looks at numbers, withdrawals."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from service.actions.act import Act
from service.actions.corrections import withdraw_employment, withdraw_term
from service.actions.expert_life import (
    AwayEntry,
    add_away,
    add_employment,
    add_term,
    end_employment,
    remove_away,
    set_cap,
)
from service.web.about_json import TermJson, WorkingJson, work_of
from service.web.answers import CHANGES
from service.web.expert_life import look
from service.web.experts_api import ExpertJson, acted_on
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
Day = Annotated[date, Meta(description="China Standard Time", examples=["2026-03-01"])]
Reason = Annotated[str, Meta(max_length=500, description="why, in words", examples=["录入时选错了工作单位，已核对"])]


@dataclass(frozen=True, slots=True)
class AwayJson:
    """Days on which the expert cannot serve, both inclusive."""

    from_on: Day
    to_on: Day


@dataclass(frozen=True, slots=True)
class EndingJson:
    """The last day of work, inclusive."""

    to_on: Day


@dataclass(frozen=True, slots=True)
class LookingJson:
    """What to look at, and why."""

    what: Annotated[str, Meta(max_length=20, description="identity or phone", examples=["identity"])]
    reason: Reason


@dataclass(frozen=True, slots=True)
class NumberJson:
    """A confidential number in full."""

    number: str


@dataclass(frozen=True, slots=True)
class CapJson:
    """On how many panels of a calendar year the expert sits at most; null for no cap."""

    cap: Annotated[int, Meta(ge=1, le=50, examples=[4])] | None


@dataclass(frozen=True, slots=True)
class WithdrawalJson:
    """Why it was a mistake."""

    reason: Reason


@post(
    "/api/experts/{expert_id:uuid}/terms",
    opt={"operation": "expert:change"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_term(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[TermJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Enter a further term (A24)."""

    async def act(act: Act, seen: int) -> None:
        await add_term(act, expert_id, data.entry(), seen=seen)

    return await acted_on(request, expert_id, "expert:change", act)


@post(
    "/api/experts/{expert_id:uuid}/employments",
    opt={"operation": "expert:change"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_employment(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[WorkingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Enter further work; a new main employer ends the former one on the day before."""

    async def act(act: Act, seen: int) -> None:
        await add_employment(act, expert_id, work_of(data), seen=seen)

    return await acted_on(request, expert_id, "expert:change", act)


@post(
    "/api/experts/{expert_id:uuid}/employments/{employment_id:uuid}/end",
    opt={"operation": "expert:change"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_end(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    employment_id: FromPath[UUID],
    data: JSONBody[EndingJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Enter the last day of work at an organisation."""

    async def act(act: Act, seen: int) -> None:
        await end_employment(act, expert_id, employment_id, to_on=data.to_on, seen=seen)

    return await acted_on(request, expert_id, "expert:change", act)


@post(
    "/api/experts/{expert_id:uuid}/away",
    opt={"operation": "expert:set-away"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_away(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[AwayJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Enter days on which the expert cannot serve."""

    async def act(act: Act, seen: int) -> None:
        await add_away(act, expert_id, AwayEntry(data.from_on, data.to_on), seen=seen)

    return await acted_on(request, expert_id, "expert:set-away", act)


@delete(
    "/api/experts/{expert_id:uuid}/away/{away_id:uuid}",
    opt={"operation": "expert:set-away"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_away_remove(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    away_id: FromPath[UUID],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Remove an absence."""

    async def act(act: Act, seen: int) -> None:
        await remove_away(act, expert_id, away_id, seen=seen)

    return await acted_on(request, expert_id, "expert:set-away", act)


@post(
    "/api/experts/{expert_id:uuid}/unmask",
    opt={"operation": "expert:unmask"},
    tags=["experts"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_unmask(request: AnyRequest, expert_id: FromPath[UUID], data: JSONBody[LookingJson]) -> NumberJson:
    """Return an identity or telephone number in full; every look is noted with its reason."""
    return NumberJson(await look(request, expert_id, data.what, reason=data.reason))


@post(
    "/api/experts/{expert_id:uuid}/employments/{employment_id:uuid}/withdraw",
    opt={"operation": "expert:change"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_withdraw_employment(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    employment_id: FromPath[UUID],
    data: JSONBody[WithdrawalJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Withdraw work that was entered by mistake; what stood there stays in the record."""

    async def act(act: Act, seen: int) -> None:
        await withdraw_employment(act, expert_id, employment_id, reason=data.reason, seen=seen)

    return await acted_on(request, expert_id, "expert:change", act)


@post(
    "/api/experts/{expert_id:uuid}/terms/{term_id:uuid}/withdraw",
    opt={"operation": "expert:change"},
    tags=["experts"],
    status_code=200,
    responses=CHANGES,
)
async def api_withdraw_term(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    term_id: FromPath[UUID],
    data: JSONBody[WithdrawalJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Withdraw a term that was entered from paper by mistake; one with a letter of this house stays (409)."""

    async def act(act: Act, seen: int) -> None:
        await withdraw_term(act, expert_id, term_id, reason=data.reason, seen=seen)

    return await acted_on(request, expert_id, "expert:change", act)


@put(
    "/api/experts/{expert_id:uuid}/cap",
    opt={"operation": "expert:set-away"},
    tags=["experts"],
    responses=CHANGES,
)
async def api_cap(
    request: AnyRequest,
    expert_id: FromPath[UUID],
    data: JSONBody[CapJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ExpertJson]:
    """Say on how many panels of a calendar year the expert sits at most."""
    return await acted_on(
        request, expert_id, "expert:set-away", lambda act, seen: set_cap(act, expert_id, data.cap, seen=seen)
    )


ROUTES = [
    api_term,
    api_employment,
    api_end,
    api_away,
    api_away_remove,
    api_cap,
    api_unmask,
    api_withdraw_employment,
    api_withdraw_term,
]
