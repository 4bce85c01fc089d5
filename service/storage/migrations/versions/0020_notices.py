"""Notices: by which matter, reminders that were sent, the center's own wording."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables, and let a notice be found by its matter."""
    op.create_table(
        "reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("to_center", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_reminder_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reminder_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "matter_id",
            "person_id",
            "kind",
            "due_on",
            "step",
            name=op.f("uq_reminder_matter_id_person_id_kind_due_on_step"),
        ),
    )
    op.create_index("ix_reminder_person_id", "reminder", ["person_id"], unique=False)
    op.create_table(
        "notice_template",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("short", sa.String(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_notice_template_changed_by_account")),
        sa.PrimaryKeyConstraint("code", "language", "version", name=op.f("pk_notice_template")),
    )
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("matter_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_outbox_matter_id_matter"), "matter", ["matter_id"], ["id"])
        batch.create_index("ix_outbox_matter_id", ["matter_id"], unique=False)
    outbox = sa.table(
        "outbox", sa.column("id", sa.Uuid()), sa.column("matter_id", sa.Uuid()), sa.column("params", sa.JSON())
    )
    bind = op.get_bind()
    for notice_id, params in bind.execute(sa.select(outbox.c.id, outbox.c.params)).all():
        if matter := (params or {}).get("matter_id"):
            bind.execute(sa.update(outbox).where(outbox.c.id == notice_id).values(matter_id=UUID(matter)))
