"""Fees (A29): ordinary consultation is free; special studies and institutions are paid as their contract says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from registry.eligibility import Broken

FEE_ON_ORDINARY_CONSULTATION: Final = "FEE_ON_ORDINARY_CONSULTATION"
CONTRACT_MISSING: Final = "CONTRACT_MISSING"
PAID_BEFORE_CONTRACT: Final = "PAID_BEFORE_CONTRACT"
FEE_OVER_CONTRACT: Final = "FEE_OVER_CONTRACT"
BUDGET_MISSING: Final = "BUDGET_MISSING"
FEE_OVER_BUDGET: Final = "FEE_OVER_BUDGET"
FEN_MOST: Final = 10_000_000_000
"""The largest amount that is taken for one, in fen: a hundred million yuan is a slip of the pen."""


class WorkKind(StrEnum):
    """What is done: by an expert every day and free, by an expert on commission, or by an institution."""

    CONSULTATION = "consultation"
    STUDY = "study"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed.

    Attributes:
        kind: of the work.
        number: of the contract, empty without one.
        signed_on: its date, None without one.
        amount_fen: what is paid in all, in fen.
    """

    kind: WorkKind
    number: str
    signed_on: date | None
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid, and from the budget of which year.

    Attributes:
        amount_fen: in fen.
        paid_on: the day; its year is the budget's.
    """

    amount_fen: int
    paid_on: date


def why_no_contract(contract: Contract) -> tuple[Broken, ...]:
    """Return what keeps a fee from being agreed.

    An expert's ordinary consultation bears none, whatever paper there is; a study needs its contract, with number and
    date. Institutions are not covered by "free" (U32).

    Source: A27.4, A29. Reading: U32.
    """
    if contract.kind is WorkKind.CONSULTATION:
        return (Broken(FEE_ON_ORDINARY_CONSULTATION),)
    if not contract.number.strip() or contract.signed_on is None:
        return (Broken(CONTRACT_MISSING),)
    return ()


def why_not_paid(
    contract: Contract, payment: Payment, *, paid: Iterable[Payment], budget_fen: int | None, spent_fen: int
) -> tuple[Broken, ...]:
    """Return what stands against a payment: before its contract, above it, or above the year's budget.

    Args:
        contract: what was agreed.
        payment: what is to be paid.
        paid: what was paid of the contract before.
        budget_fen: line of the county's budget for the year of the payment, None without one.
        spent_fen: what was paid from that line before, for all contracts.

    Source: A27.4, A29.
    """
    broken = list(why_no_contract(contract))
    if contract.signed_on is not None and payment.paid_on < contract.signed_on:
        broken.append(Broken(PAID_BEFORE_CONTRACT, {"signed_on": contract.signed_on.isoformat()}))
    left = contract.amount_fen - sum(one.amount_fen for one in paid)
    if payment.amount_fen > left:
        broken.append(Broken(FEE_OVER_CONTRACT, {"left": say_yuan(left)}))
    year = payment.paid_on.year
    if budget_fen is None:
        broken.append(Broken(BUDGET_MISSING, {"year": year}))
    elif payment.amount_fen > (free := budget_fen - spent_fen):
        broken.append(Broken(FEE_OVER_BUDGET, {"year": year, "left": say_yuan(max(free, 0))}))
    return tuple(broken)


def read_yuan(text: str) -> int:
    """Return an amount typed in yuan, such as `12,000.50`, in fen.

    Example:
        >>> read_yuan("12,000.50")
        1200050

    Raises:
        ValueError: when it is no positive amount with at most two decimals, or above a hundred million yuan.
    """
    try:
        fen = Decimal(text.replace(",", "").replace("，", "").strip().removesuffix("元")) * 100
    except InvalidOperation:
        raise ValueError("no amount") from None
    if not fen.is_finite() or fen != fen.to_integral_value() or not 0 < fen <= FEN_MOST:
        raise ValueError("not an amount in yuan")
    return int(fen)


def say_yuan(fen: int) -> str:
    """Return an amount in yuan with two decimals.

    Example:
        >>> say_yuan(1200050)
        '12,000.50'
    """
    return f"{fen // 100:,}.{fen % 100:02d}"


def bank_digits(text: str) -> str:
    """Return the digits of a bank account number, blanks and hyphens taken out.

    Raises:
        ValueError: when there are other signs, or not 8 to 30 digits.
    """
    digits = "".join(sign for sign in text if sign not in " -　")
    if not digits.isascii() or not digits.isdigit() or not 8 <= len(digits) <= 30:
        raise ValueError("no account number")
    return digits
