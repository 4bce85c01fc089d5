"""Tables of the ledger, and the triggers that keep anyone from changing or removing what stands in them.

The triggers stop accidents and careless hands; against someone who owns the database only checkpoints help that are
kept elsewhere.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

# On SQLite only a column of type INTEGER is the table's own key; it holds 64 bits there.
_SEQ: Final = BigInteger().with_variant(Integer(), "sqlite")


class EventRow(Base):
    """An entry: what was written, its hashes, and columns by which it is found."""

    __tablename__ = "ledger_event"
    __table_args__ = (
        UniqueConstraint("stream", "stream_seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        CheckConstraint("stream_seq >= 1", name="stream_seq_from_one"),
        Index("ix_ledger_event_type_seq", "type", "seq"),
        Index("ix_ledger_event_at", "at"),
    )

    seq: Mapped[int] = mapped_column(_SEQ, primary_key=True, autoincrement=False)
    stream: Mapped[str]
    stream_seq: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[bytes] = mapped_column("bytes", LargeBinary)  # RFC 8785
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    nodes: Mapped[bytes] = mapped_column(LargeBinary)  # perfect subtrees completed by this leaf, smallest first


class HeadRow(Base):
    """Where the ledger stands; one row. `forced_size` is the last size that needs a checkpoint without delay."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    forced_size: Mapped[int] = mapped_column(BigInteger, default=0)


class CheckpointRow(Base):
    """A signed checkpoint, as it was handed out."""

    __tablename__ = "ledger_checkpoint"

    size: Mapped[int] = mapped_column(_SEQ, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    note: Mapped[str]


_REFUSAL: Final = "the ledger is only ever added to"


def ledger_triggers(dialect: str) -> list[str]:
    """Return the statements that make the ledger's triggers, to be run one by one after its tables are made.

    Entries and checkpoints can be neither changed nor removed, the head can only grow, and an entry cannot be put in
    the place of another.

    Args:
        dialect: `sqlite` or `postgresql`.

    Raises:
        ValueError: for another dialect.
    """
    if dialect == "sqlite":
        return [
            *(_sqlite(table, act) for table in ("ledger_event", "ledger_checkpoint") for act in ("UPDATE", "DELETE")),
            _sqlite("ledger_head", "DELETE"),
            _sqlite("ledger_head", "UPDATE", "NEW.size < OLD.size OR NEW.origin <> OLD.origin"),
            # INSERT OR REPLACE removes the old row without asking the DELETE trigger.
            _sqlite(
                "ledger_event",
                "INSERT",
                "EXISTS (SELECT 1 FROM ledger_event WHERE seq = NEW.seq"
                " OR (stream = NEW.stream AND stream_seq = NEW.stream_seq))",
            ),
            _sqlite("ledger_checkpoint", "INSERT", "EXISTS (SELECT 1 FROM ledger_checkpoint WHERE size = NEW.size)"),
            _sqlite("ledger_head", "INSERT", "EXISTS (SELECT 1 FROM ledger_head)"),
        ]
    if dialect == "postgresql":
        refuse = f"BEGIN RAISE EXCEPTION '{_REFUSAL}'; END"
        grow = (
            "BEGIN IF NEW.size < OLD.size OR NEW.origin <> OLD.origin THEN "
            f"RAISE EXCEPTION '{_REFUSAL}'; END IF; RETURN NEW; END"
        )
        tables = ("ledger_event", "ledger_checkpoint", "ledger_head")
        return [
            f"CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$",
            f"CREATE FUNCTION ledger_grow() RETURNS trigger LANGUAGE plpgsql AS $$ {grow} $$",
            *(_postgresql(table, "kept", "UPDATE OR DELETE", "ROW", "ledger_refuse") for table in tables[:2]),
            _postgresql("ledger_head", "kept", "DELETE", "ROW", "ledger_refuse"),
            _postgresql("ledger_head", "grows", "UPDATE", "ROW", "ledger_grow"),
            *(_postgresql(table, "whole", "TRUNCATE", "STATEMENT", "ledger_refuse") for table in tables),
        ]
    raise ValueError(f"no triggers for {dialect}")


def _sqlite(table: str, act: str, when: str = "") -> str:
    condition = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def _postgresql(table: str, name: str, acts: str, each: str, function: str) -> str:
    return f"CREATE TRIGGER {table}_{name} BEFORE {acts} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
