"""The expert review: parts, links, material, signed documents, signatures under way."""

import sqlalchemy as sa
from alembic import op

from service.storage.base import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let a sign-in be for one matter only."""
    with op.batch_alter_table("login_session") as batch:
        batch.add_column(sa.Column("matter_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_login_session_matter_id_matter"), "matter", ["matter_id"], ["id"])
    op.create_table(
        "review_part",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("ended", sa.String(), nullable=False),
        sa.Column("undertaking_sha256", sa.String(), nullable=False),
        sa.Column("material", sa.Integer(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_review_part_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_part_person_id_person")),
        sa.PrimaryKeyConstraint("matter_id", "round", "position", name=op.f("pk_review_part")),
    )
    op.create_index("ix_review_part_person_id", "review_part", ["person_id"], unique=False)
    op.create_table(
        "invitation_link",
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_link_account_id_account")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_invitation_link_matter_id_matter")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_invitation_link")),
    )
    op.create_index("ix_invitation_link_matter_id", "invitation_link", ["matter_id"], unique=False)
    op.create_table(
        "material_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_in", sa.Integer(), nullable=False),
        sa.Column("removed_in", sa.Integer(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "removed_in IS NULL OR removed_in > added_in", name=op.f("ck_material_file_removed_after_added")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["account.id"], name=op.f("fk_material_file_added_by_account")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_material_file_matter_id_matter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_file")),
    )
    op.create_index("ix_material_file_matter_id", "material_file", ["matter_id"], unique=False)
    op.create_table(
        "material_read",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["material_file.id"], name=op.f("fk_material_read_file_id_material_file")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_material_read_person_id_person")),
        sa.PrimaryKeyConstraint("file_id", "person_id", name=op.f("pk_material_read")),
    )
    op.create_table(
        "signed_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("stamped_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_signed_document_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signed_document_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_document")),
        sa.UniqueConstraint(
            "kind",
            "matter_id",
            "person_id",
            "round",
            "version",
            name=op.f("uq_signed_document_kind_matter_id_person_id_round_version"),
        ),
    )
    op.create_index("ix_signed_document_sha256", "signed_document", ["sha256"], unique=False)
    op.create_table(
        "pending_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("base_sha256", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("waiting", sa.String(), nullable=False),
        sa.Column("prepared_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_pending_signature_matter_id_matter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pending_signature_person_id_person")),
        sa.ForeignKeyConstraint(
            ["serial"], ["certificate.serial"], name=op.f("fk_pending_signature_serial_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_signature")),
        sa.UniqueConstraint(
            "kind", "matter_id", "person_id", name=op.f("uq_pending_signature_kind_matter_id_person_id")
        ),
    )
