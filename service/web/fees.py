"""Fees (A29): the year's budget line with its contracts, one contract with its payments, entering one."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, PathParameter, QueryParameter

from registry import WorkKind, read_yuan
from service.access import require
from service.actions.act import Act
from service.actions.fees import BankEntry, ContractEntry, add_contract, pay, read_bank, set_bank, set_budget
from service.problems import Fault, Invalid, Problem, Refused, Stale
from service.storage.expert_page import load_expert
from service.storage.fees import contracts_of_year, load_budget, load_contract
from service.storage.organisations import load_organisation
from service.storage.session import Session, reading, unit_of_work
from service.web.candidates import typed
from service.web.entry import act_in, perform, version_of, viewer_of
from service.web.forms import Form
from service.web.pages import instant_of, page, see_other

AnyRequest = Request[Any, Any, Any]
_Acting = Callable[[Act, int], Awaitable[object]]
FIRST_YEAR, LAST_YEAR = 2000, 2200
YearInPath = Annotated[int, PathParameter(ge=FIRST_YEAR, le=LAST_YEAR)]


@get("/fees", opt={"operation": "fee:see"}, include_in_schema=False)
async def year_page(
    request: AnyRequest, year: Annotated[int | None, QueryParameter(name="year", ge=FIRST_YEAR, le=LAST_YEAR)] = None
) -> Response[Any]:
    """Show a year's budget line and the contracts that it bears."""
    return await _year(request, year or request.app.state.clock.today().year, Form({}))


@post("/fees/{year:int}/budget", opt={"operation": "fee:set-budget"}, include_in_schema=False)
async def budget_form(request: AnyRequest, year: YearInPath) -> Response[Any]:
    """Enter the line of a year."""
    form = await Form.of(request)
    seen = await version_of(request)

    async def act(act: Act) -> Response[Any]:
        amount = form.read("amount", read_yuan, code="FIELD_NOT_AN_AMOUNT")
        form.check()
        await set_budget(act, year, amount_fen=amount, document=form.typed("document"), seen=seen)
        return see_other(f"/fees?year={year}", notice="预算已登记")

    try:
        return await perform(request, "fee:set-budget", act, subject=str(year))
    except (Invalid, Refused, Stale) as problem:
        return await _year(request, year, form, problem=problem)


@get("/experts/{expert_id:uuid}/contract", opt={"operation": "fee:enter"}, include_in_schema=False)
async def expert_contract_page(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Show the form of a contract with an expert."""
    return await _new(request, Form({}), expert_id=expert_id)


@post("/experts/{expert_id:uuid}/contract", opt={"operation": "fee:enter"}, include_in_schema=False)
async def expert_contract_form(request: AnyRequest, expert_id: FromPath[UUID]) -> Response[Any]:
    """Enter a contract with an expert about a study."""
    return await _enter(request, expert_id=expert_id)


@get("/organisations/{organisation_id:uuid}/contract", opt={"operation": "fee:enter"}, include_in_schema=False)
async def institution_contract_page(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Show the form of a contract with an institution."""
    return await _new(request, Form({}), organisation_id=organisation_id)


@post("/organisations/{organisation_id:uuid}/contract", opt={"operation": "fee:enter"}, include_in_schema=False)
async def institution_contract_form(request: AnyRequest, organisation_id: FromPath[UUID]) -> Response[Any]:
    """Enter a contract with an institution."""
    return await _enter(request, organisation_id=organisation_id)


@get("/contracts/{contract_id:uuid}", opt={"operation": "fee:see"}, include_in_schema=False)
async def contract_page(request: AnyRequest, contract_id: FromPath[UUID]) -> Response[Any]:
    """Show a contract and what was paid of it."""
    return await _show(request, contract_id, Form({}))


@post("/contracts/{contract_id:uuid}/payments", opt={"operation": "fee:enter"}, include_in_schema=False)
async def payment_form(request: AnyRequest, contract_id: FromPath[UUID]) -> Response[Any]:
    """Enter a payment."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        amount = form.read("paid", read_yuan, code="FIELD_NOT_AN_AMOUNT")
        paid_on = form.day("paid_on", required=True)
        form.check()
        await pay(act, contract_id, amount_fen=amount, paid_on=paid_on or act.on, seen=seen)

    return await _acted(request, contract_id, form, "fee:enter", act, notice="付款已登记")


@post("/contracts/{contract_id:uuid}/bank", opt={"operation": "fee:set-bank"}, include_in_schema=False)
async def bank_form(request: AnyRequest, contract_id: FromPath[UUID]) -> Response[Any]:
    """Keep the account that payments go to."""
    form = await Form.of(request)

    async def act(act: Act, seen: int) -> None:
        entry = BankEntry(form.typed("holder"), form.typed("bank"), form.typed("account"))
        await set_bank(act, contract_id, entry, seen=seen)

    return await _acted(request, contract_id, form, "fee:set-bank", act, notice="收款账户已加密保存")


@post("/contracts/{contract_id:uuid}/bank/read", opt={"operation": "fee:read-bank"}, include_in_schema=False)
async def bank_read_form(request: AnyRequest, contract_id: FromPath[UUID]) -> Response[Any]:
    """Show the account in full this once; the look and its reason are noted."""
    form = await Form.of(request)
    try:
        account = await look(request, contract_id, reason=form.typed("look_reason"))
    except Invalid as problem:
        faults = [Fault("look_reason" if one.at == "reason" else one.at, one.code, one.facts) for one in problem.faults]
        return await _show(request, contract_id, form, problem=Invalid(faults))
    return await _show(request, contract_id, Form({}), account=account)


async def look(request: AnyRequest, contract_id: UUID, *, reason: str) -> BankEntry:
    """Return an account in full, its look noted and committed before it is shown; no answer of it is kept."""
    async with unit_of_work(request.app.state.database, at=instant_of(request)) as session:
        return await read_bank(act_in(request, session), contract_id, reason=reason)


async def _enter(
    request: AnyRequest, *, expert_id: UUID | None = None, organisation_id: UUID | None = None
) -> Response[Any]:
    form = await Form.of(request)

    async def act(act: Act) -> Response[Any]:
        kind = WorkKind.INSTITUTION if expert_id is None else WorkKind.STUDY
        amount = form.read("amount", read_yuan, code="FIELD_NOT_AN_AMOUNT")
        signed_on = form.day("signed_on")
        form.check()
        entry = ContractEntry(kind, form.typed("number"), signed_on, form.typed("subject"), amount)
        contract_id = await add_contract(act, entry, expert_id=expert_id, organisation_id=organisation_id)
        return see_other(f"/contracts/{contract_id}", notice="合同已登记")

    try:
        return await perform(request, "fee:enter", act, subject=str(expert_id or organisation_id))
    except (Invalid, Refused, Stale) as problem:
        return await _new(request, form, expert_id=expert_id, organisation_id=organisation_id, problem=problem)


async def _new(
    request: AnyRequest,
    form: Form,
    *,
    expert_id: UUID | None = None,
    organisation_id: UUID | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    require(viewer_of(request), "fee:enter")
    async with reading(request.app.state.database) as session:
        name, home = await _party(request, session, expert_id, organisation_id)
    return page(
        request,
        "fees/new.html",
        status=200 if problem is None else problem.status,
        party=name,
        home=home,
        institution=expert_id is None,
        **typed(form, problem),
    )


async def _party(
    request: AnyRequest, session: Session, expert_id: UUID | None, organisation_id: UUID | None
) -> tuple[str, str]:
    viewer, today = viewer_of(request), request.app.state.clock.today()
    if expert_id is not None:
        return (await load_expert(session, viewer, expert_id, on=today)).name, f"/experts/{expert_id}"
    if organisation_id is None:
        raise RuntimeError("a contract has a party")
    view = await load_organisation(session, viewer, organisation_id, on=today)
    return view.name, f"/organisations/{organisation_id}"


async def _year(request: AnyRequest, year: int, form: Form, *, problem: Problem | None = None) -> Response[Any]:
    viewer = viewer_of(request)
    require(viewer, "fee:see")
    async with reading(request.app.state.database) as session:
        budget = await load_budget(session, year)
        contracts = await contracts_of_year(session, viewer, year)
    return page(
        request,
        "fees/year.html",
        status=200 if problem is None else problem.status,
        budget=budget,
        contracts=contracts,
        **typed(form, problem),
    )


async def _show(
    request: AnyRequest,
    contract_id: UUID,
    form: Form,
    *,
    problem: Problem | None = None,
    account: BankEntry | None = None,
) -> Response[Any]:
    async with reading(request.app.state.database) as session:
        contract = await load_contract(session, viewer_of(request), contract_id)
    return page(
        request,
        "fees/contract.html",
        status=200 if problem is None else problem.status,
        contract=contract,
        account=account,
        relations=("own",) if contract.own else (),
        **typed(form, problem),
    )


async def _acted(
    request: AnyRequest, contract_id: UUID, form: Form, operation: str, act: _Acting, *, notice: str
) -> Response[Any]:
    seen = await version_of(request)

    async def do(setting: Act) -> Response[Any]:
        await act(setting, seen)
        return see_other(f"/contracts/{contract_id}", notice=notice)

    try:
        return await perform(request, operation, do, subject=str(contract_id))
    except (Invalid, Refused, Stale) as problem:
        return await _show(request, contract_id, form, problem=problem)


ROUTES = [
    year_page,
    budget_form,
    expert_contract_page,
    expert_contract_form,
    institution_contract_page,
    institution_contract_form,
    contract_page,
    payment_form,
    bank_form,
    bank_read_form,
]
