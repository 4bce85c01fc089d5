"""Fees (A29) as JSON: the same acts as on the pages. Amounts are whole fen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from registry import FEN_MOST
from service.access import require
from service.actions.act import Act
from service.actions.fees import BankEntry, ContractEntry, add_contract, pay, set_bank, set_budget
from service.storage.fees import (
    BudgetView,
    ContractView,
    contracts_of,
    contracts_of_year,
    load_budget,
    load_contract,
)
from service.storage.session import reading
from service.web.answers import CHANGES
from service.web.entry import perform, version_of, viewer_of
from service.web.fees import YearInPath, look
from service.web.openapi import IdempotencyKey, IfMatch, problems

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
Fen = Annotated[int, Meta(ge=1, le=FEN_MOST, description="whole fen", examples=[3000000])]


@dataclass(frozen=True, slots=True)
class BudgetEntryJson:
    """The line of a year."""

    amount_fen: Fen
    document: Annotated[str, Meta(max_length=60, examples=["示财预〔2026〕3号"])]


@dataclass(frozen=True, slots=True)
class ContractEntryJson:
    """A contract to enter; consultation by an expert bears no fee and is refused (A29)."""

    kind: Annotated[str, Meta(max_length=20, description="study with an expert, institution", examples=["study"])]
    number: Annotated[str, Meta(max_length=60, examples=["示决咨合〔2026〕2号"])]
    subject: Annotated[str, Meta(max_length=200, examples=["滦河支流洪水复核专项研究"])]
    amount_fen: Fen
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PaymentEntryJson:
    """A payment of a contract."""

    amount_fen: Fen
    paid_on: date


@dataclass(frozen=True, slots=True)
class BankEntryJson:
    """The account that payments go to; kept sealed."""

    holder: Annotated[str, Meta(max_length=80)]
    bank: Annotated[str, Meta(max_length=80)]
    account: Annotated[str, Meta(max_length=40)]


@dataclass(frozen=True, slots=True)
class BankReasonJson:
    """Why somebody looks at an account."""

    reason: Annotated[str, Meta(max_length=500)]


@dataclass(frozen=True, slots=True)
class PaymentJson:
    """A payment."""

    paid_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ContractJson:
    """A contract with what was paid of it; `left_fen` is what the party still gets (A27.4)."""

    id: UUID
    number: str
    kind: str
    expert_id: UUID | None
    organisation_id: UUID | None
    subject: str
    signed_on: date
    amount_fen: int
    paid_fen: int
    left_fen: int
    payments: list[PaymentJson]
    bank_masked: str
    version: int


@dataclass(frozen=True, slots=True)
class FeeYearJson:
    """A year's line, null while there is none, and the contracts signed in it or paid from it."""

    year: int
    amount_fen: int | None
    spent_fen: int
    document: str
    version: int
    contracts: list[ContractJson]


@get("/api/fees/{year:int}", opt={"operation": "fee:see"}, tags=["fees"], responses=problems(401, 403))
async def api_fees(request: AnyRequest, year: YearInPath) -> Response[FeeYearJson]:
    """Return a year's budget line and its contracts; ETag is the line's version, 0 before there is one."""
    viewer = viewer_of(request)
    require(viewer, "fee:see")
    async with reading(request.app.state.database) as session:
        budget = await load_budget(session, year)
        contracts = await contracts_of_year(session, viewer, year)
    return _year(budget, contracts)


@post(
    "/api/fees/{year:int}/budget",
    opt={"operation": "fee:set-budget"},
    tags=["fees"],
    status_code=200,
    responses=problems(400, 401, 403, 409, 412, 422, 428),
)
async def api_budget(
    request: AnyRequest,
    year: YearInPath,
    data: JSONBody[BudgetEntryJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[FeeYearJson]:
    """Enter the line of the county's budget for a year (A29)."""
    seen = await version_of(request)

    async def do(act: Act) -> Response[Any]:
        await set_budget(act, year, amount_fen=data.amount_fen, document=data.document, seen=seen)
        act.session.expire_all()
        return _year(await load_budget(act.session, year), await contracts_of_year(act.session, act.viewer, year))

    return await perform(request, "fee:set-budget", do, subject=str(year))


@get(
    "/api/experts/{expert_id:uuid}/contracts",
    opt={"operation": "fee:see"},
    tags=["fees"],
    responses=problems(401, 403, 404),
)
async def api_contracts(request: AnyRequest, expert_id: FromPath[UUID]) -> list[ContractJson]:
    """Return the contracts with an expert, newest first."""
    async with reading(request.app.state.database) as session:
        return [_json(one) for one in await contracts_of(session, viewer_of(request), expert_id=expert_id)]


@post("/api/experts/{expert_id:uuid}/contracts", opt={"operation": "fee:enter"}, tags=["fees"], responses=CHANGES)
async def api_add_contract(
    request: AnyRequest, expert_id: FromPath[UUID], data: JSONBody[ContractEntryJson], key: IdempotencyKey = ""
) -> Response[ContractJson]:
    """Enter a contract with an expert about a special study (A29)."""

    async def do(act: Act) -> Response[Any]:
        return await _answer(act, await add_contract(act, _entry(data), expert_id=expert_id), status=201)

    return await perform(request, "fee:enter", do, subject=str(expert_id))


@post(
    "/api/organisations/{organisation_id:uuid}/contracts",
    opt={"operation": "fee:enter"},
    tags=["fees"],
    responses=CHANGES,
)
async def api_add_institution_contract(
    request: AnyRequest, organisation_id: FromPath[UUID], data: JSONBody[ContractEntryJson], key: IdempotencyKey = ""
) -> Response[ContractJson]:
    """Enter a contract with an institution (A29, reading U32)."""

    async def do(act: Act) -> Response[Any]:
        return await _answer(act, await add_contract(act, _entry(data), organisation_id=organisation_id), status=201)

    return await perform(request, "fee:enter", do, subject=str(organisation_id))


@get(
    "/api/contracts/{contract_id:uuid}", opt={"operation": "fee:see"}, tags=["fees"], responses=problems(401, 403, 404)
)
async def api_contract(request: AnyRequest, contract_id: FromPath[UUID]) -> Response[ContractJson]:
    """Return a contract; ETag is the version for If-Match."""
    async with reading(request.app.state.database) as session:
        return _response(await load_contract(session, viewer_of(request), contract_id))


@post(
    "/api/contracts/{contract_id:uuid}/payments",
    opt={"operation": "fee:enter"},
    tags=["fees"],
    status_code=200,
    responses=CHANGES,
)
async def api_pay(
    request: AnyRequest,
    contract_id: FromPath[UUID],
    data: JSONBody[PaymentEntryJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ContractJson]:
    """Enter a payment from the budget of its year (A29)."""

    async def act(act: Act, seen: int) -> None:
        await pay(act, contract_id, amount_fen=data.amount_fen, paid_on=data.paid_on, seen=seen)

    return await _acted(request, contract_id, "fee:enter", act)


@post(
    "/api/contracts/{contract_id:uuid}/bank",
    opt={"operation": "fee:set-bank"},
    tags=["fees"],
    status_code=200,
    responses=CHANGES,
)
async def api_bank(
    request: AnyRequest,
    contract_id: FromPath[UUID],
    data: JSONBody[BankEntryJson],
    if_match: IfMatch = "",
    key: IdempotencyKey = "",
) -> Response[ContractJson]:
    """Keep the account that payments go to, sealed."""

    async def act(act: Act, seen: int) -> None:
        await set_bank(act, contract_id, BankEntry(data.holder, data.bank, data.account), seen=seen)

    return await _acted(request, contract_id, "fee:set-bank", act)


@post(
    "/api/contracts/{contract_id:uuid}/bank/read",
    opt={"operation": "fee:read-bank"},
    tags=["fees"],
    status_code=200,
    responses=problems(400, 401, 403, 404),
)
async def api_read_bank(
    request: AnyRequest, contract_id: FromPath[UUID], data: JSONBody[BankReasonJson]
) -> BankEntryJson:
    """Return the account in full; every look is noted with its reason."""
    found = await look(request, contract_id, reason=data.reason)
    return BankEntryJson(found.holder, found.bank, found.account)


async def _acted(request: AnyRequest, contract_id: UUID, operation: str, act: _Acting) -> Response[ContractJson]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return await _answer(setting, contract_id, status=200)

    return await perform(request, operation, do, subject=str(contract_id))


async def _answer(act: Act, contract_id: UUID, *, status: int) -> Response[ContractJson]:
    await act.session.flush()
    act.session.expire_all()
    return _response(await load_contract(act.session, act.viewer, contract_id), status=status)


def _entry(data: ContractEntryJson) -> ContractEntry:
    return ContractEntry(data.kind, data.number, data.signed_on, data.subject, data.amount_fen)


def _response(view: ContractView, *, status: int = 200) -> Response[ContractJson]:
    headers = {"ETag": f'"{view.version}"'}
    if status == 201:
        headers["Location"] = f"/api/contracts/{view.id}"
    return Response(_json(view), status_code=status, headers=headers)


def _year(budget: BudgetView, contracts: tuple[ContractView, ...]) -> Response[FeeYearJson]:
    body = FeeYearJson(
        budget.year,
        budget.amount_fen,
        budget.spent_fen,
        budget.document,
        budget.version,
        [_json(one) for one in contracts],
    )
    return Response(body, headers={"ETag": f'"{budget.version}"'})


def _json(view: ContractView) -> ContractJson:
    return ContractJson(
        id=view.id,
        number=view.number,
        kind=view.kind.value,
        expert_id=view.expert_id,
        organisation_id=view.organisation_id,
        subject=view.subject,
        signed_on=view.signed_on,
        amount_fen=view.amount_fen,
        paid_fen=view.paid_fen,
        left_fen=view.left_fen,
        payments=[PaymentJson(one.paid_on, one.amount_fen) for one in view.payments],
        bank_masked=view.bank_masked,
        version=view.version,
    )


ROUTES = [
    api_fees,
    api_budget,
    api_contracts,
    api_add_contract,
    api_add_institution_contract,
    api_contract,
    api_pay,
    api_bank,
    api_read_bank,
]
