"""Fees: the year's budget, contracts, payments (A29)."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the three tables."""
    op.create_table(
        "fee_budget",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_fee_budget")),
    )
    op.create_table(
        "fee_contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("bank_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("bank_masked", sa.String(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'study' AND expert_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (kind = 'institution' AND expert_id IS NULL AND organisation_id IS NOT NULL)",
            name=op.f("ck_fee_contract_party_of_its_kind"),
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_fee_contract_amount_positive")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_fee_contract_has_a_number")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_fee_contract_expert_id_expert")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_fee_contract_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_fee_contract_number")),
    )
    op.create_index("ix_fee_contract_expert_id", "fee_contract", ["expert_id"], unique=False)
    op.create_index("ix_fee_contract_organisation_id", "fee_contract", ["organisation_id"], unique=False)
    op.create_table(
        "fee_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_fee_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["fee_contract.id"], name=op.f("fk_fee_payment_contract_id_fee_contract")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_payment")),
    )
    op.create_index("ix_fee_payment_contract_id", "fee_payment", ["contract_id"], unique=False)
    op.create_index("ix_fee_payment_year", "fee_payment", ["year"], unique=False)
