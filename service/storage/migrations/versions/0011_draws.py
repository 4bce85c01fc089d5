"""Draws by lot: the draw, its records, and a draft before it is committed."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_LIVE = sa.text("state <> 'voided'")
_PEOPLE = ("committed_by", "first_by", "made_by", "challenged_by", "voided_by", "typed_by")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "draw",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("commitment_sha256", sa.String(), nullable=False),
        sa.Column("problem_sha256", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("reveal_on", sa.Date(), nullable=False),
        sa.Column("committed_by", sa.Uuid(), nullable=False),
        sa.Column("committed_at", Instant(), nullable=True),
        sa.Column("record_sha256", sa.String(), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", Instant(), nullable=True),
        sa.Column("challenged_by", sa.Uuid(), nullable=True),
        sa.Column("challenged_at", Instant(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("voided_by", sa.Uuid(), nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.Column("commitment", Json, nullable=True),
        sa.Column("people", Json, nullable=True),
        sa.Column("witnesses", Json, nullable=False),
        sa.Column("title_public", sa.Boolean(), nullable=False),
        sa.Column("typed_by", sa.Uuid(), nullable=True),
        sa.Column("typed_at", Instant(), nullable=True),
        sa.Column("typed", Json, nullable=True),
        sa.CheckConstraint("made_by IS NULL OR made_by <> first_by", name=op.f("ck_draw_two_type_the_seed")),
        sa.CheckConstraint("voided_by IS NULL OR voided_by <> challenged_by", name=op.f("ck_draw_two_void_it")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_draw_matter_id_matter")),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_draw_{column}_person"))
            for column in _PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("matter_id", "round", "number", name=op.f("uq_draw_matter_id_round_number")),
    )
    op.create_index(
        "uq_draw_one_stands", "draw", ["matter_id", "round"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
    op.create_table(
        "draw_record",
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("record", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draw.id"], name=op.f("fk_draw_record_draw_id_draw")),
        sa.PrimaryKeyConstraint("draw_id", "position", name=op.f("pk_draw_record")),
    )
    op.create_table(
        "draw_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("library_sha256", sa.String(), nullable=False),
        sa.Column("problem", Json, nullable=True),
        sa.Column("people", Json, nullable=True),
        sa.Column("lottery", Json, nullable=True),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_draw_draft_matter_id_matter")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_draw_draft_job_id_job")),
        sa.ForeignKeyConstraint(["by_account_id"], ["account.id"], name=op.f("fk_draw_draft_by_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_draft")),
        sa.UniqueConstraint("matter_id", name=op.f("uq_draw_draft_matter_id")),
    )
