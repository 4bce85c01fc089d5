"""Adding to the ledger, in the transaction of what happened, and signing how far it has come."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from service.ids import new_id
from service.ledger import checkpoint
from service.ledger.checkpoint import Checkpoint
from service.ledger.event import Event, to_bytes
from service.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from service.ledger.tables import CheckpointRow, EventRow, HeadRow
from service.problems import Stale

CHAIN_START: Final = bytes(HASH_BYTES)
_CHAIN_MARK: Final = b"expertpool-chain/1\x00"
# What these events settle must be provable from the moment it is known; other events wait for the next checkpoint.
FORCING: Final = frozenset({"panel.determined", "draw.committed", "draw.made", "opinion.signed", "matter.archived"})
CHECKPOINT_EVERY: Final = timedelta(minutes=10)


class StreamMoved(Stale):
    """Someone else wrote to the stream since it was read; nothing of this unit of work is kept."""


def chain_hash(before: bytes, leaf: bytes) -> bytes:
    """Return the next link of the chain: SHA-256(mark ‖ chain before ‖ leaf)."""
    return hashlib.sha256(_CHAIN_MARK + before + leaf).digest()


async def append(
    session: AsyncSession,
    events: Sequence[Event],
    *,
    at: datetime,
    log: str | None = None,
    signer: Ed25519PrivateKey | None = None,
) -> range:
    """Append events in the open transaction; call it last, it holds the ledger's head until the commit.

    Args:
        session: the open unit of work.
        events: in the order in which they happened.
        at: the instant of all of them, aware; kept to the millisecond.
        log: name of a ledger that begins with these events; without one it gets a name of its own. A ledger that
            exists keeps its name.
        signer: signs a checkpoint in the same transaction when one of the events forces it; without a signer the
            checkpoint is due at the next `seal`.

    Returns:
        The `seq` of each event.

    Raises:
        StreamMoved: when an event's `expect` is not the next place of its stream.
        EventUnfit: when an event holds free text, personal data or no value of the ledger.
    """
    head = await _head_for_update(session, log)
    first = head.size + 1
    if not events:
        return range(first, first)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    last_of = await _last_of_streams(session, {event.stream for event in events})
    frontier = Frontier.from_bytes(head.size, head.frontier)
    chain, forced, rows = head.chain, head.forced_size, []
    for seq, event in enumerate(events, first):
        stream_seq = last_of.get(event.stream, 0) + 1
        if event.expect not in (None, stream_seq):
            raise StreamMoved(subject=event.stream, seen=event.expect - 1, now=stream_seq - 1)
        last_of[event.stream] = stream_seq
        data = to_bytes(event, log=head.origin, seq=seq, stream_seq=stream_seq, at=at)
        leaf = leaf_hash(data)
        chain = chain_hash(chain, leaf)
        if event.type in FORCING:
            forced = seq
        rows.append(
            {
                "seq": seq,
                "stream": event.stream,
                "stream_seq": stream_seq,
                "type": event.type,
                "at": at,
                "data": data,
                "leaf": leaf,
                "chain": chain,
                "nodes": frontier.add(leaf),
            }
        )
    await session.execute(insert(EventRow), rows)
    await session.execute(
        update(HeadRow).values(size=frontier.size, chain=chain, frontier=frontier.to_bytes(), forced_size=forced)
    )
    if signer is not None and forced > head.forced_size:
        await _sign(session, head.origin, frontier, signer, at=at)
    return range(first, first + len(rows))


async def seal(session: AsyncSession, signer: Ed25519PrivateKey, *, at: datetime, now: bool = False) -> str | None:
    """Sign a checkpoint over everything recorded, when one is due, in the open transaction.

    It is due when an event forced it that no checkpoint covers yet, or when something was recorded since the last
    one and that is ten minutes old.

    Args:
        session: an open unit of work.
        signer: the ledger's key.
        at: the instant.
        now: sign whatever is not covered yet, due or not.

    Returns:
        The signed note, or None when nothing had to be signed.
    """
    head = await _read_head(session, lock=True)
    if head is None or not await _is_due(session, head, at=at, now=now):
        return None
    return await _sign(session, head.origin, Frontier.from_bytes(head.size, head.frontier), signer, at=at)


async def seal_due(session: AsyncSession, *, at: datetime) -> bool:
    """Return whether `seal` would sign at this instant; reads only, for whoever asks often."""
    head = await _read_head(session, lock=False)
    return head is not None and await _is_due(session, head, at=at, now=False)


async def _is_due(session: AsyncSession, head: Row[Any], *, at: datetime, now: bool) -> bool:
    last = (await session.execute(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1))).scalar()
    covered = last.size if last else 0
    if covered == head.size:
        return False
    return now or last is None or head.forced_size > covered or at - last.at >= CHECKPOINT_EVERY


async def _sign(
    session: AsyncSession, origin: str, frontier: Frontier, signer: Ed25519PrivateKey, *, at: datetime
) -> str:
    note = checkpoint.sign(Checkpoint(origin, frontier.size, frontier.root()), signer)
    await session.execute(insert(CheckpointRow).values(size=frontier.size, at=at, note=note))
    return note


async def _head_for_update(session: AsyncSession, log: str | None) -> Row[Any]:
    head = await _read_head(session, lock=True)
    if head is None:
        first = {
            "id": 1,
            "origin": log or f"expertpool/{new_id()}",
            "size": 0,
            "chain": CHAIN_START,
            "frontier": b"",
            "forced_size": 0,
        }
        # Two first acts at once on PostgreSQL: one makes the row, the other waits for it and then reads it.
        make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        await session.execute(make(HeadRow).values(**first).on_conflict_do_nothing())
        head = await _read_head(session, lock=True)
    if head is None:
        raise RuntimeError("the ledger's head could not be made")
    return head


async def _read_head(session: AsyncSession, *, lock: bool) -> Row[Any] | None:
    columns = select(HeadRow.origin, HeadRow.size, HeadRow.chain, HeadRow.frontier, HeadRow.forced_size)
    return (await session.execute(columns.with_for_update() if lock else columns)).one_or_none()


async def _last_of_streams(session: AsyncSession, streams: set[str]) -> dict[str, int]:
    last: dict[str, int] = {}
    names = sorted(streams)
    # In slices: SQLite takes a limited number of parameters in one statement.
    for start in range(0, len(names), 500):
        found = await session.execute(
            select(EventRow.stream, func.max(EventRow.stream_seq))
            .where(EventRow.stream.in_(names[start : start + 500]))
            .group_by(EventRow.stream)
        )
        last.update((stream, stream_seq) for stream, stream_seq in found)
    return last
