"""Judgements of conflicts of interest, and the record time of employments."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('asked', 'standing')")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "conflict_judgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("policy_row", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("ties", Json, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reason_salt", sa.LargeBinary(), nullable=False),
        sa.Column("publication", sa.String(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("settled_person_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_reason", sa.String(), nullable=False),
        sa.Column("ended_person_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "settled_person_id IS NULL OR settled_person_id <> by_person_id",
            name=op.f("ck_conflict_judgement_asker_is_not_approver"),
        ),
        sa.CheckConstraint(
            "verdict <> 'real' OR ended_person_id IS NULL OR ended_person_id <> by_person_id",
            name=op.f("ck_conflict_judgement_recusal_lifted_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_conflict_judgement_by_account_id_account")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_conflict_judgement_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_conflict_judgement_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_judgement")),
    )
    op.create_index("ix_conflict_judgement_matter_id", "conflict_judgement", ["matter_id"], unique=False)
    op.create_index(
        "uq_conflict_judgement_open",
        "conflict_judgement",
        ["matter_id", "person_id", "policy_row", "basis"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "last_look",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_last_look_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "place", name=op.f("pk_last_look")),
    )
    op.create_table(
        "employment_past",
        sa.Column("employment_id", sa.Uuid(), nullable=False),
        sa.Column("known_at", Instant(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("retired_at", Instant(), nullable=False),
        sa.CheckConstraint("retired_at > known_at", name=op.f("ck_employment_past_retired_after_known")),
        sa.ForeignKeyConstraint(
            ["employment_id"], ["employment.id"], name=op.f("fk_employment_past_employment_id_employment")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_employment_past_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_past_person_id_person")),
        sa.PrimaryKeyConstraint("employment_id", "known_at", name=op.f("pk_employment_past")),
    )
    op.create_index("ix_employment_past_person_id", "employment_past", ["person_id"], unique=False)
