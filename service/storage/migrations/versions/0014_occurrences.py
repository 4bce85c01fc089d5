"""What happens to experts and may be ground for a case (A26, A70)."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of occurrences."""
    op.create_table(
        "expert_occurrence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("contested", sa.String(), nullable=False),
        sa.Column("contested_on", sa.Date(), nullable=True),
        sa.Column("review_reason", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_expert_occurrence_expert_id_expert")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_expert_occurrence_matter_id_matter")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_expert_occurrence_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["expert_case.id"], name=op.f("fk_expert_occurrence_case_id_expert_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expert_occurrence")),
        sa.UniqueConstraint("key", name=op.f("uq_expert_occurrence_key")),
    )
    op.create_index("ix_expert_occurrence_expert_id", "expert_occurrence", ["expert_id"], unique=False)
    op.create_index("ix_expert_occurrence_state", "expert_occurrence", ["state"], unique=False)
    op.create_index("ix_expert_occurrence_case_id", "expert_occurrence", ["case_id"], unique=False)
