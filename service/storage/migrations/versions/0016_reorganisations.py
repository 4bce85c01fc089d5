"""Mergers and divisions of organisations; an employment entered by mistake may go while its past stays."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_FREED = "fk_employment_past_employment_id_employment"


def upgrade() -> None:
    """Make the two tables, the last day of an organisation, and free the past of employments."""
    op.add_column("organisation", sa.Column("ended_on", sa.Date(), nullable=True))
    op.create_table(
        "reorganisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_account_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_reorganisation_by_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_reorganisation_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganisation")),
    )
    op.create_index(op.f("ix_reorganisation_organisation_id"), "reorganisation", ["organisation_id"], unique=False)
    op.create_table(
        "successor",
        sa.Column("reorganisation_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_successor_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["reorganisation_id"], ["reorganisation.id"], name=op.f("fk_successor_reorganisation_id_reorganisation")
        ),
        sa.PrimaryKeyConstraint("reorganisation_id", "organisation_id", name=op.f("pk_successor")),
    )
    op.create_index(op.f("ix_successor_organisation_id"), "successor", ["organisation_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _copy_past()
    else:
        op.drop_constraint(_FREED, "employment_past", type_="foreignkey")


def _copy_past() -> None:
    """Make the table again without the one constraint: SQLite cannot drop it."""
    op.drop_index("ix_employment_past_person_id", "employment_past")
    op.rename_table("employment_past", "employment_past_before")
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
            ["organisation_id"], ["organisation.id"], name=op.f("fk_employment_past_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_past_person_id_person")),
        sa.PrimaryKeyConstraint("employment_id", "known_at", name=op.f("pk_employment_past")),
    )
    columns = "employment_id, known_at, person_id, organisation_id, kind, from_on, to_on, retired_at"
    op.execute(f"INSERT INTO employment_past ({columns}) SELECT {columns} FROM employment_past_before")  # noqa: S608 -- names above
    op.drop_table("employment_past_before")
    op.create_index("ix_employment_past_person_id", "employment_past", ["person_id"], unique=False)
