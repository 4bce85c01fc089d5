"""Fees (A29): the year's budget line, contracts, payments, and the account they go to."""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from registry import (
    BUDGET_MISSING,
    FEE_OVER_BUDGET,
    Contract,
    Payment,
    WorkKind,
    bank_digits,
    one_line,
    say_yuan,
    why_no_contract,
    why_not_paid,
)
from service.actions.act import Act, commit_to, same_version
from service.actions.candidates import refusals_of
from service.actions.own_affair import not_own
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.acts import note_read
from service.storage.expert_writing import hold_expert, keep_text
from service.storage.fees import (
    NewContract,
    change_contract,
    hold_budget,
    hold_contract,
    load_contract,
    number_taken,
    put_budget,
    put_contract,
    put_payment,
)
from service.storage.organisations import load_organisation
from service.storage.review import person_of_expert

_LINE_MOST: Final = 60
_SUBJECT_MOST: Final = 200
_NAME_MOST: Final = 80


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """A contract, as typed.

    Attributes:
        kind: one of `registry.WorkKind`.
        number, signed_on: of the contract.
        subject: of the work.
        amount_fen: in fen, positive.
    """

    kind: str
    number: str
    signed_on: date | None
    subject: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class BankEntry:
    """The account that payments go to, as typed; sealed at once."""

    holder: str = field(repr=False)
    bank: str = field(repr=False)
    account: str = field(repr=False)


async def set_budget(act: Act, year: int, *, amount_fen: int, document: str, seen: int) -> None:
    """Enter the line of the county's budget for a year, or another amount of it.

    Raises:
        Stale: as everywhere.
        Invalid: when the document is missing or too long.
        Refused: BUDGET_BELOW_SPENT when more was paid already.

    Source: A29.
    """
    act.require("fee:set-budget")
    held = await hold_budget(act.session, year)
    same_version(seen, held.version, subject=f"budget:{year}")
    words = one_line(document)
    if faults := _line_faults("document", words, _LINE_MOST):
        raise Invalid(faults)
    if amount_fen < held.spent_fen:
        raise Refused([Refusal("BUDGET_BELOW_SPENT", facts={"year": year, "spent": say_yuan(held.spent_fen)})])
    await put_budget(act.session, year, amount_fen=amount_fen, document=words, by=act.viewer.person_id, at=act.at)
    digest, salt = commit_to(words)
    keep_text(act.session, f"budget:{year}", sha256=digest, salt=salt, text=words)
    act.record(
        "budget.set",
        stream=f"budget:{year}",
        body={"amount_fen": amount_fen, "document_sha256": digest},
        cites=("A29",),
        edition=act.edition.id,
    )


async def add_contract(
    act: Act, entry: ContractEntry, *, expert_id: UUID | None = None, organisation_id: UUID | None = None
) -> UUID:
    """Enter a contract with an expert about a study, or with an institution.

    Args:
        act: who, when.
        entry: what was agreed.
        expert_id: with whom, or
        organisation_id: with which institution.

    Raises:
        NotFound: when there is no such expert or institution.
        Invalid: with every fault of the input.
        Refused: OWN_AFFAIR; FEE_ON_ORDINARY_CONSULTATION; CONTRACT_MISSING; CONTRACT_NUMBER_TAKEN.

    Source: A29. Reading: U32.
    """
    act.require("fee:enter")
    if expert_id is not None:
        not_own(act, [(await hold_expert(act.session, expert_id)).person_id])
    elif organisation_id is not None:
        await load_organisation(act.session, act.viewer, organisation_id, on=act.on)
    faults = _line_faults("subject", one_line(entry.subject), _SUBJECT_MOST)
    allowed = {WorkKind.INSTITUTION} if expert_id is None else {WorkKind.CONSULTATION, WorkKind.STUDY}
    if entry.kind not in allowed:
        faults.append(Fault("kind", "FIELD_NOT_A_CHOICE"))
    if len(one_line(entry.number)) > _LINE_MOST:
        faults.append(Fault("number", "FIELD_TOO_LONG", {"most": _LINE_MOST, "length": len(one_line(entry.number))}))
    if entry.signed_on is not None and entry.signed_on > act.on:
        faults.append(Fault("signed_on", "DAY_IN_FUTURE"))
    if entry.amount_fen <= 0:
        faults.append(Fault("amount", "FIELD_NOT_AN_AMOUNT"))
    if faults:
        raise Invalid(faults)
    contract = Contract(WorkKind(entry.kind), one_line(entry.number), entry.signed_on, entry.amount_fen)
    if broken := why_no_contract(contract):
        raise Refused(refusals_of(act, broken))
    if await number_taken(act.session, contract.number):
        raise Refused([Refusal("CONTRACT_NUMBER_TAKEN", facts={"number": contract.number})])
    new = NewContract(contract, expert_id, organisation_id, one_line(entry.subject))
    contract_id = await put_contract(act.session, new, by=act.viewer.person_id, at=act.at)
    act.record(
        "contract.entered",
        stream=f"contract:{contract_id}",
        body={
            "kind": contract.kind.value,
            "expert": str(expert_id) if expert_id else None,
            "organisation": str(organisation_id) if organisation_id else None,
            "signed_on": contract.signed_on.isoformat() if contract.signed_on else None,
            "amount_fen": contract.amount_fen,
        },
        cites=("A27.4", "A29"),
        edition=act.edition.id,
    )
    return contract_id


async def pay(act: Act, contract_id: UUID, *, amount_fen: int, paid_on: date, seen: int) -> None:
    """Enter a payment of a contract from the budget of its year.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the day is still to come or the amount is none.
        Refused: OWN_AFFAIR; PAID_BEFORE_CONTRACT; FEE_OVER_CONTRACT; BUDGET_MISSING; FEE_OVER_BUDGET.

    Source: A27.4, A29.
    """
    act.require("fee:enter")
    held = await hold_contract(act.session, act.viewer, contract_id)
    same_version(seen, held.version, subject=f"contract:{contract_id}")
    if held.expert_id is not None:
        not_own(act, [await person_of_expert(act.session, held.expert_id)])
    faults = []
    if paid_on > act.on:
        faults.append(Fault("paid_on", "DAY_IN_FUTURE"))
    if amount_fen <= 0:
        faults.append(Fault("paid", "FIELD_NOT_AN_AMOUNT"))
    if faults:
        raise Invalid(faults)
    budget = await hold_budget(act.session, paid_on.year)
    payment = Payment(amount_fen, paid_on)
    broken = why_not_paid(
        Contract(held.kind, held.number, held.signed_on, held.amount_fen),
        payment,
        paid=[Payment(one.amount_fen, one.paid_on) for one in held.payments],
        budget_fen=budget.amount_fen,
        spent_fen=budget.spent_fen,
    )
    if broken:
        to_budget = (Remedy("CHANGE_BUDGET", f"/fees?year={paid_on.year}"),)
        raise Refused(
            [
                replace(one, remedies=to_budget) if one.code in {BUDGET_MISSING, FEE_OVER_BUDGET} else one
                for one in refusals_of(act, broken)
            ]
        )
    await put_payment(act.session, contract_id, payment, by=act.viewer.person_id, at=act.at)
    act.record(
        "contract.paid",
        stream=f"contract:{contract_id}",
        body={"amount_fen": amount_fen, "paid_on": paid_on.isoformat(), "year": paid_on.year},
        cites=("A27.4", "A29"),
        edition=act.edition.id,
    )


async def set_bank(act: Act, contract_id: UUID, entry: BankEntry, *, seen: int) -> None:
    """Keep the account that payments of a contract go to, sealed; there is no place for one without a contract.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.

    Source: A29.
    """
    view = await load_contract(act.session, act.viewer, contract_id)
    act.require("fee:set-bank", ("own",) if view.own else ())
    held = await hold_contract(act.session, act.viewer, contract_id)
    same_version(seen, held.version, subject=f"contract:{contract_id}")
    holder, bank = one_line(entry.holder), one_line(entry.bank)
    faults = _line_faults("holder", holder, _NAME_MOST) + _line_faults("bank", bank, _NAME_MOST)
    digits = ""
    try:
        digits = bank_digits(entry.account)
    except ValueError:
        faults.append(Fault("account", "ACCOUNT_NUMBER_UNFIT"))
    if faults:
        raise Invalid(faults)
    words = json.dumps({"holder": holder, "bank": bank, "account": digits}, ensure_ascii=False)
    await change_contract(
        act.session,
        contract_id,
        bank_sealed=act.keys.encrypt(words, about=f"contract:{contract_id}:bank"),
        bank_masked=digits[-4:],
    )
    act.record(
        "contract.account_set",
        stream=f"contract:{contract_id}",
        body={"by_expert": view.own},
        cites=("A29",),
        edition=act.edition.id,
    )


async def read_bank(act: Act, contract_id: UUID, *, reason: str) -> BankEntry:
    """Return the account of a contract in full; the look is noted with its reason, whoever looks.

    Raises:
        NotFound: as everywhere.
        Invalid: when the reason is missing or too short, or nothing is kept.
    """
    view = await load_contract(act.session, act.viewer, contract_id)
    act.require("fee:read-bank", ("own",) if view.own else ())
    faults = reason_faults(act.policy, "reason", reason)
    if view.bank_sealed is None:
        faults.append(Fault("account", "NOTHING_KEPT"))
    if faults or view.bank_sealed is None:
        raise Invalid(faults)
    subject = f"expert:{view.expert_id}" if view.expert_id else f"organisation:{view.organisation_id}"
    note_read(
        act.session, at=act.at, account_id=act.viewer.account_id, what="bank", subject=subject, reason=one_line(reason)
    )
    held = json.loads(act.keys.decrypt(view.bank_sealed, about=f"contract:{contract_id}:bank"))
    return BankEntry(held["holder"], held["bank"], held["account"])


def _line_faults(at: str, words: str, most: int) -> list[Fault]:
    if not words:
        return [Fault(at, "FIELD_REQUIRED")]
    return [Fault(at, "FIELD_TOO_LONG", {"most": most, "length": len(words)})] if len(words) > most else []
