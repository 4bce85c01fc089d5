"""Table of the library's own rules: every version as it was filed, for ever."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class LibraryRulesRow(Base):
    """One version of the rules that the center makes for its library."""

    __tablename__ = "library_rules"
    __table_args__ = (UniqueConstraint("from_on", name="uq_library_rules_from_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    from_on: Mapped[date]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    filed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime]
