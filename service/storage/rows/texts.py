"""Free texts beside acts on experts and organisations; the ledger knows them only by their salted hash."""

from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class LibraryTextRow(Base):
    """A reason as somebody typed it. It can be erased without breaking the record."""

    __tablename__ = "library_text"

    stream: Mapped[str] = mapped_column(primary_key=True)  # expert:<id> or organisation:<id>
    sha256: Mapped[str] = mapped_column(primary_key=True)  # over a salt and the text
    salt: Mapped[bytes]
    text: Mapped[str]
