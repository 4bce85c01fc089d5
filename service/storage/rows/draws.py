"""Tables of draws by lot. What a matter's stream says is projected; commitment and records are what was hashed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_LIVE = text("state <> 'voided'")


class DrawRow(Base):
    """A draw (抽取) for one round of a matter's panel. It is never deleted."""

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("matter_id", "round", "number"),
        Index("uq_draw_one_stands", "matter_id", "round", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        CheckConstraint("made_by IS NULL OR made_by <> first_by", name="two_type_the_seed"),
        CheckConstraint("voided_by IS NULL OR voided_by <> challenged_by", name="two_void_it"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    round: Mapped[int]
    number: Mapped[int]
    state: Mapped[str]  # committed | made | voided
    commitment_sha256: Mapped[str]
    problem_sha256: Mapped[str]
    as_of: Mapped[date]
    reveal_on: Mapped[date]
    committed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    committed_at: Mapped[datetime | None]
    record_sha256: Mapped[str]
    first_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime | None]
    challenged_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    challenged_at: Mapped[datetime | None]
    cause: Mapped[str]
    voided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    voided_at: Mapped[datetime | None]
    # Beside the stream: what was hashed, who is who in it, who watched, and a seed typed once.
    commitment: Mapped[dict[str, Any] | None]
    people: Mapped[dict[str, Any] | None]  # number in the draw -> expert id
    witnesses: Mapped[list[str]] = mapped_column(default=list)
    title_public: Mapped[bool] = mapped_column(default=False)
    typed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    typed_at: Mapped[datetime | None]
    typed: Mapped[list[Any] | None]


class DrawRecordRow(Base):
    """A record of a draw as it stood after so many declines; the last is the one in force."""

    __tablename__ = "draw_record"

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("draw.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # 0: as drawn
    sha256: Mapped[str]
    record: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class DrawDraftRow(Base):
    """A frozen problem with its lottery, computed and not committed yet; one a matter."""

    __tablename__ = "draw_draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), unique=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("job.id"))
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    as_of: Mapped[date]
    state: Mapped[str]  # computing | ready | impossible | stopped
    library_sha256: Mapped[str]  # of the problem with the library's own ids
    problem: Mapped[dict[str, Any] | None]
    people: Mapped[dict[str, Any] | None]
    lottery: Mapped[dict[str, Any] | None]
