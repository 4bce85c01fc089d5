"""Fees: none for ordinary consultation, never without or beyond a contract, never beyond the year's budget."""

from datetime import date

import pytest

from registry import Contract, Payment, WorkKind, bank_digits, read_yuan, say_yuan, why_no_contract, why_not_paid

SIGNED = date(2026, 3, 1)
STUDY = Contract(WorkKind.STUDY, "示决咨合〔2026〕2号", SIGNED, 1_000_00)


def codes(broken) -> list[str]:
    return [one.code for one in broken]


@pytest.mark.rule("R29a")
@pytest.mark.parametrize(
    ("contract", "broken"),
    [
        (STUDY, []),
        (Contract(WorkKind.INSTITUTION, "委托1号", SIGNED, 1), []),
        (Contract(WorkKind.CONSULTATION, "示决咨合〔2026〕2号", SIGNED, 1), ["FEE_ON_ORDINARY_CONSULTATION"]),
        (Contract(WorkKind.STUDY, " ", SIGNED, 1), ["CONTRACT_MISSING"]),
        (Contract(WorkKind.STUDY, "示决咨合〔2026〕2号", None, 1), ["CONTRACT_MISSING"]),
    ],
    ids=["a study", "an institution", "consultation is free", "no number", "no date"],
)
def test_fee_is_agreed_for_studies_and_institutions_by_contract_alone(contract: Contract, broken: list[str]) -> None:
    assert codes(why_no_contract(contract)) == broken


@pytest.mark.rule("R27d", "R29a")
@pytest.mark.parametrize(
    ("amount", "on", "before", "budget", "spent", "broken"),
    [
        (600_00, date(2026, 3, 1), 400_00, 600_00, 0, []),
        (600_01, date(2026, 3, 1), 400_00, 900_00, 0, ["FEE_OVER_CONTRACT"]),
        (600_00, date(2026, 2, 28), 0, 900_00, 0, ["PAID_BEFORE_CONTRACT"]),
        (600_00, date(2026, 4, 1), 0, 900_00, 300_00, []),
        (600_01, date(2026, 4, 1), 0, 900_00, 300_00, ["FEE_OVER_BUDGET"]),
        (1, date(2027, 1, 1), 0, None, 0, ["BUDGET_MISSING"]),
        (900_00, date(2026, 1, 1), 900_00, 0, 0, ["PAID_BEFORE_CONTRACT", "FEE_OVER_CONTRACT", "FEE_OVER_BUDGET"]),
    ],
    ids=[
        "all that is left, on the day of the contract",
        "a fen more than the contract",
        "a day before the contract",
        "all that the budget has",
        "a fen more than the budget",
        "a year without a line",
        "every broken rule at once",
    ],
)
def test_payment_keeps_to_contract_and_budget(
    amount: int, on: date, before: int, budget: int | None, spent: int, broken: list[str]
) -> None:
    paid = [Payment(before, SIGNED)] if before else []

    found = why_not_paid(STUDY, Payment(amount, on), paid=paid, budget_fen=budget, spent_fen=spent)

    assert codes(found) == broken


@pytest.mark.parametrize(
    ("text", "fen"),
    [("120000", 12_000_000), ("12,000.50", 1_200_050), (" 0.01 元", 1), ("100000000", 10_000_000_000)],
)
def test_amounts_are_read_in_yuan_and_said_again(text: str, fen: int) -> None:
    assert read_yuan(text) == fen
    assert read_yuan(say_yuan(fen)) == fen


@pytest.mark.parametrize("text", ["", "0", "-1", "1.005", "abc", "1e3000", "NaN", "Infinity", "100000000.01"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        read_yuan(text)


def test_account_numbers_are_digits_alone() -> None:
    assert bank_digits("6222 0000-1234 5678") == "6222000012345678"
    for text in ("1234567", "1" * 31, "６２２２００００１２３４", "DE8937040044"):
        with pytest.raises(ValueError, match="account"):
            bank_digits(text)
