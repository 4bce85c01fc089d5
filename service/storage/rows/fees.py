"""Tables of what is paid for work on contract (A29): the year's budget, contracts, payments."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class BudgetRow(Base):
    """The line of the county's budget for one year."""

    __tablename__ = "fee_budget"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[str] = mapped_column(default="")
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ContractRow(Base):
    """A contract with an expert about a study, or with an institution; ordinary consultation has no row anywhere."""

    __tablename__ = "fee_contract"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'study' AND expert_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (kind = 'institution' AND expert_id IS NULL AND organisation_id IS NOT NULL)",
            name="party_of_its_kind",
        ),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("number <> ''", name="has_a_number"),
        Index("ix_fee_contract_expert_id", "expert_id"),
        Index("ix_fee_contract_organisation_id", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # study | institution
    expert_id: Mapped[UUID | None] = mapped_column(ForeignKey("expert.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    subject: Mapped[str]
    signed_on: Mapped[date]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    bank_sealed: Mapped[bytes | None]  # holder, bank and account number
    bank_masked: Mapped[str] = mapped_column(default="")
    entered_by: Mapped[UUID]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class PaymentRow(Base):
    """A payment of a contract, from the budget of its year."""

    __tablename__ = "fee_payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_fee_payment_contract_id", "contract_id"),
        Index("ix_fee_payment_year", "year"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("fee_contract.id"))
    year: Mapped[int]
    paid_on: Mapped[date]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    entered_by: Mapped[UUID]
    created_at: Mapped[datetime]
