"""Verifying the whole ledger in one pass with little memory, to the exact place of the first fault."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import rfc8785
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.ledger.append import CHAIN_START, chain_hash
from service.ledger.checkpoint import Checkpoint, CheckpointUnreadable, read, verify
from service.ledger.event import VERSION, say_at
from service.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from service.ledger.tables import CheckpointRow, EventRow, HeadRow

_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """The first place where the ledger is not what it was.

    Attributes:
        code: what is wrong, a permanent name with a sentence in the catalogues.
        seq: the entry; for a checkpoint its size; 0 for the head of an empty ledger.
        facts: parameters of the sentence.
    """

    code: str
    seq: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Attributes:
        origin: the ledger's name; empty before its first entry.
        size: number of entries that were found good, up to the fault.
        root: Merkle root over them.
        checkpoints: number of checkpoints that agree.
        fault: the first fault, or None: everything is as it was written.
    """

    origin: str
    size: int
    root: bytes
    checkpoints: int
    fault: LedgerFault | None


class _Broken(Exception):
    def __init__(self, code: str, seq: int, **facts: object) -> None:
        super().__init__(code)
        self.fault = LedgerFault(code, seq, facts)


async def verify_ledger(
    session: AsyncSession,
    *,
    verifier: str | None = None,
    outside: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Verify every entry, the chain, the tree, the head, and every checkpoint.

    Args:
        session: a reading session; the ledger is read as it stood when the session began.
        verifier: the ledger's verifier key; without one signatures are not asked, roots are.
        outside: signed checkpoints kept elsewhere. Only these show that someone who owns the database has
            rewritten it as a whole.
        progress: called with (entries done, entries in all) after each batch.

    Returns:
        What was found; the first fault in the order of the entries.

    Raises:
        CheckpointUnreadable: when one of the outside texts is no checkpoint.
    """
    notes = list(outside)
    kept = [read(note) for note in notes]
    head = (await session.execute(select(HeadRow))).scalar()
    size = head.size if head else 0
    walk = _Walk(head.origin if head else "")
    try:
        for note, checkpoint in zip(notes, kept, strict=True):
            _check_outside(note, checkpoint, verifier, head)
        if head is None and await session.scalar(select(EventRow.seq).limit(1)) is not None:
            raise _Broken("LEDGER_HEAD_CHANGED", 0)
        walk.expect(kept)
        walk.expect(await _own_checkpoints(session, verifier))
        async for batch in _batches(session):
            await asyncio.to_thread(walk.take, batch)
            if progress is not None:
                progress(walk.frontier.size, max(size, walk.frontier.size))
        await _check_streams(session)
        _check_end(walk, head)
    except _Broken as broken:
        return Verification(walk.origin, walk.frontier.size, walk.frontier.root(), walk.agreed, broken.fault)
    return Verification(walk.origin, walk.frontier.size, walk.frontier.root(), walk.agreed, None)


class _Walk:
    """The state carried from entry to entry: the chain, the tree's frontier, the checkpoints still ahead."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.chain = CHAIN_START
        self.frontier = Frontier()
        self.agreed = 0
        self.ahead: dict[int, list[bytes]] = {}

    def expect(self, checkpoints: Iterable[Checkpoint]) -> None:
        for checkpoint in checkpoints:
            if checkpoint.size == 0:
                if checkpoint.root != EMPTY_ROOT:
                    raise _Broken("LEDGER_NOT_AS_SIGNED", 0)
                self.agreed += 1
                continue
            self.ahead.setdefault(checkpoint.size, []).append(checkpoint.root)

    def take(self, rows: Iterable[Row[Any]]) -> None:
        for row in rows:
            self._take(row)

    def _take(self, row: Row[Any]) -> None:
        seq = self.frontier.size + 1
        if row.seq != seq:
            raise _Broken("LEDGER_GAP", seq, found=row.seq)
        _check_entry(row, self.origin)
        if leaf_hash(row.data) != row.leaf:
            raise _Broken("LEDGER_ENTRY_CHANGED", seq)
        chain = chain_hash(self.chain, row.leaf)
        if chain != row.chain:
            raise _Broken("LEDGER_CHAIN_BROKEN", seq)
        before = Frontier(self.frontier.size, self.frontier.hashes)
        if before.add(row.leaf) != row.nodes:
            raise _Broken("LEDGER_TREE_CHANGED", seq)
        for root in self.ahead.pop(before.size, []):
            if root != before.root():
                raise _Broken("LEDGER_NOT_AS_SIGNED", seq)
            self.agreed += 1
        self.chain, self.frontier = chain, before


def _check_entry(row: Row[Any], origin: str) -> None:
    """The bytes are canonical and say what the columns say; a column is how people find an entry."""
    try:
        value = json.loads(row.data)
        canonical = rfc8785.dumps(value) == row.data
    except (ValueError, rfc8785.CanonicalizationError):
        canonical, value = False, None
    if not canonical or not isinstance(value, dict):
        raise _Broken("LEDGER_ENTRY_CHANGED", row.seq)
    columns = {
        "v": VERSION,
        "log": origin,
        "seq": row.seq,
        "stream": row.stream,
        "stream_seq": row.stream_seq,
        "type": row.type,
        "at": say_at(row.at),
    }
    if differing := [name for name, said in columns.items() if value.get(name) != said]:
        # Changed bytes show in their hash; what remains is a changed column.
        if leaf_hash(row.data) != row.leaf:
            raise _Broken("LEDGER_ENTRY_CHANGED", row.seq)
        raise _Broken("LEDGER_COLUMN_CHANGED", row.seq, column=differing[0])


async def _batches(session: AsyncSession) -> AsyncIterator[list[Row[Any]]]:
    columns = select(
        EventRow.seq,
        EventRow.stream,
        EventRow.stream_seq,
        EventRow.type,
        EventRow.at,
        EventRow.data,
        EventRow.leaf,
        EventRow.chain,
        EventRow.nodes,
    ).order_by(EventRow.seq)
    after = 0
    while True:
        rows = list((await session.execute(columns.where(EventRow.seq > after).limit(_BATCH))).all())
        if not rows:
            return
        yield rows
        after = rows[-1].seq


async def _check_streams(session: AsyncSession) -> None:
    """Each stream counts 1, 2, 3 ... in the order of the ledger; the database does the counting."""
    place = func.row_number().over(partition_by=EventRow.stream, order_by=EventRow.seq).label("place")
    counted = select(EventRow.seq, EventRow.stream_seq, place).subquery()
    found = (
        await session.execute(
            select(counted.c.seq, counted.c.place)
            .where(counted.c.stream_seq != counted.c.place)
            .order_by(counted.c.seq)
            .limit(1)
        )
    ).first()
    if found is not None:
        raise _Broken("LEDGER_STREAM_BROKEN", found.seq, place=found.place)


def _check_end(walk: _Walk, head: HeadRow | None) -> None:
    size = walk.frontier.size
    if walk.ahead:
        raise _Broken("LEDGER_CUT_OFF", size, signed=max(walk.ahead))
    if head is None:
        return
    if size < head.size:
        raise _Broken("LEDGER_CUT_OFF", size, signed=head.size)
    if (head.size, head.chain, head.frontier) != (size, walk.chain, walk.frontier.to_bytes()):
        raise _Broken("LEDGER_HEAD_CHANGED", size)


async def _own_checkpoints(session: AsyncSession, verifier: str | None) -> list[Checkpoint]:
    rows = await session.execute(select(CheckpointRow.size, CheckpointRow.note).order_by(CheckpointRow.size))
    kept = []
    for size, note in rows:
        try:
            checkpoint = read(note)
        except CheckpointUnreadable:
            raise _Broken("LEDGER_CHECKPOINT_CHANGED", size) from None
        if checkpoint.size != size:
            raise _Broken("LEDGER_CHECKPOINT_CHANGED", size)
        _check_signature(note, verifier, size)
        kept.append(checkpoint)
    return kept


def _check_outside(note: str, checkpoint: Checkpoint, verifier: str | None, head: HeadRow | None) -> None:
    _check_signature(note, verifier, checkpoint.size)
    if head is not None and checkpoint.origin != head.origin:
        raise _Broken("LEDGER_OF_ANOTHER_NAME", checkpoint.size)


def _check_signature(note: str, verifier: str | None, size: int) -> None:
    if verifier is not None and verify(note, verifier) is None:
        raise _Broken("LEDGER_CHECKPOINT_CHANGED", size)
