"""Candidates, their qualification, lists for approval, letters; terms know their approval and never overlap."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json
from service.storage.rows.library import term_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RUNNING = sa.text("stage IN ('received', 'checked', 'proposed', 'approved')")


def upgrade() -> None:
    """Add the tables of admission; terms that stand already keep an empty approval."""
    op.add_column("appointment", sa.Column("approver", sa.String(), server_default="", nullable=False))
    op.add_column("appointment", sa.Column("approval_number", sa.String(), server_default="", nullable=False))
    op.add_column("appointment", sa.Column("approved_on", sa.Date(), nullable=True))
    for statement in term_triggers(op.get_bind().dialect.name):
        op.execute(statement)
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("align_on", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("approver", sa.String(), nullable=False),
        sa.Column("approval_number", sa.String(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state <> 'decided' OR approved_on IS NOT NULL", name=op.f("ck_batch_decided_on_a_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_batch_number")),
    )
    op.create_index("ix_batch_state", "batch", ["state"], unique=False)
    op.create_table(
        "candidate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("expert_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_level", sa.String(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_note", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_candidate_batch_id_batch")),
        sa.ForeignKeyConstraint(["expert_id"], ["expert.id"], name=op.f("fk_candidate_expert_id_expert")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_candidate_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_candidate_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate")),
        sa.UniqueConstraint("number", name=op.f("uq_candidate_number")),
    )
    op.create_index("ix_candidate_batch_id", "candidate", ["batch_id"], unique=False)
    op.create_index("ix_candidate_stage", "candidate", ["stage"], unique=False)
    op.create_index(
        "uq_candidate_running",
        "candidate",
        ["person_id"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_table(
        "qualification",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("attester", sa.String(), nullable=False),
        sa.Column("attested_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidate.id"], name=op.f("fk_qualification_candidate_id_candidate")
        ),
        sa.PrimaryKeyConstraint("candidate_id", "item", name=op.f("pk_qualification")),
    )
    op.create_table(
        "letter",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("letter_on", sa.Date(), nullable=False),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_letter_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_letter_batch_id_batch")),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidate.id"], name=op.f("fk_letter_candidate_id_candidate")),
        sa.PrimaryKeyConstraint("appointment_id", name=op.f("pk_letter")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_letter_candidate_id")),
        sa.UniqueConstraint("code", name=op.f("uq_letter_code")),
        sa.UniqueConstraint("number", name=op.f("uq_letter_number")),
    )
    op.create_index(op.f("ix_letter_batch_id"), "letter", ["batch_id"], unique=False)
