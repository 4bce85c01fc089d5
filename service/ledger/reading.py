"""Reading the ledger: a stream, a page of entries, the head, and proofs from a few dozen stored hashes."""

import base64
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from service.ledger.checkpoint import CheckpointUnreadable, verify
from service.ledger.merkle import (
    Frontier,
    Range,
    consistency_path,
    inclusion_path,
    is_consistent,
    join,
    leaf_hash,
    perfect_parts,
    root_from_inclusion,
    split,
)
from service.ledger.tables import CheckpointRow, EventRow, HeadRow

PROOF_FORMAT = "ledger-proof/1"
EXTENSION_FORMAT = "ledger-extension/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in the ledger.

    Attributes:
        seq: place in the ledger, from 1.
        stream: whose record it belongs to.
        stream_seq: place in that stream, from 1.
        type: `subject.past_participle`.
        at: instant, UTC, to the millisecond.
        data: the bytes that are hashed.
        leaf: their hash.
    """

    seq: int
    stream: str
    stream_seq: int
    type: str
    at: datetime
    data: bytes
    leaf: bytes

    def value(self) -> dict[str, Any]:
        """Return what the bytes say."""
        value: dict[str, Any] = json.loads(self.data)
        return value

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of the entry."""
        body: Mapping[str, Any] = self.value()["body"]
        return body


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands.

    Attributes:
        origin: its name.
        size: number of entries.
        root: Merkle root over them.
        chain: last link of the chain.
    """

    origin: str
    size: int
    root: bytes
    chain: bytes


class NoSuchEntry(LookupError):
    """The ledger has no entry of that number, or not yet as many entries."""


async def head(session: AsyncSession) -> Head | None:
    """Return where the ledger stands; None before its first entry."""
    row = (await session.execute(select(HeadRow))).scalar()
    if row is None:
        return None
    frontier = Frontier.from_bytes(row.size, row.frontier)
    return Head(row.origin, row.size, frontier.root(), row.chain)


async def stream(session: AsyncSession, name: str, *, after: int = 0) -> list[Entry]:
    """Return the entries of a stream in their order, those whose `stream_seq` is above `after`."""
    wanted = _entries().where(EventRow.stream == name, EventRow.stream_seq > after).order_by(EventRow.stream_seq)
    return _read(await session.execute(wanted))


async def since(session: AsyncSession, seq: int, *, most: int = 500, types: Sequence[str] = ()) -> list[Entry]:
    """Return up to `most` entries above `seq`, oldest first; of the given types only, when some are given."""
    wanted = _entries().where(EventRow.seq > seq).order_by(EventRow.seq).limit(most)
    return _read(await session.execute(wanted.where(EventRow.type.in_(types)) if types else wanted))


async def page(
    session: AsyncSession,
    *,
    before: int | None = None,
    most: int = 50,
    stream: str = "",
    type_: str = "",
    from_at: datetime | None = None,
    to_at: datetime | None = None,
    without: Collection[str] = (),
) -> list[Entry]:
    """Return up to `most` entries, newest first.

    Args:
        session: a reading session.
        before: only entries with a smaller `seq`; None for the newest.
        most: how many at most.
        stream: only this stream.
        type_: only this type; `panel.` with its dot takes all types of that subject.
        from_at: only entries at or after this instant.
        to_at: only entries before this instant.
        without: ids; entries that name one of them are left out, and others take their place.
    """
    wanted = _entries().order_by(EventRow.seq.desc()).limit(most)
    if stream:
        wanted = wanted.where(EventRow.stream == stream)
    if type_.endswith("."):
        wanted = wanted.where(EventRow.type >= type_, EventRow.type < type_[:-1] + "/")
    elif type_:
        wanted = wanted.where(EventRow.type == type_)
    if from_at is not None:
        wanted = wanted.where(EventRow.at >= from_at)
    if to_at is not None:
        wanted = wanted.where(EventRow.at < to_at)
    found: list[Entry] = []
    while len(found) < most:
        below = wanted if before is None else wanted.where(EventRow.seq < before)
        entries = _read(await session.execute(below))
        found += [entry for entry in entries if not names_any(entry, without)]
        if len(entries) < most:
            break
        before = entries[-1].seq
    return found[:most]


def names_any(entry: Entry, ids: Collection[str]) -> bool:
    """Return whether an entry belongs to, or mentions, something with one of the ids."""
    return any(id_ in entry.stream or id_.encode() in entry.data for id_ in ids)


async def types(session: AsyncSession) -> list[str]:
    """Return the types that occur, in code-point order."""
    return list(await session.scalars(select(EventRow.type).distinct().order_by(EventRow.type)))


async def entry(session: AsyncSession, seq: int) -> Entry:
    """Return one entry.

    Raises:
        NoSuchEntry: when there is none of that number.
    """
    found = _read(await session.execute(_entries().where(EventRow.seq == seq)))
    if not found:
        raise NoSuchEntry(f"the ledger has no entry {seq}")
    return found[0]


async def newest_checkpoint(session: AsyncSession, *, covering: int = 0) -> str | None:
    """Return the newest signed checkpoint, if it covers at least `covering` entries; else None."""
    wanted = select(CheckpointRow.note).where(CheckpointRow.size >= covering).order_by(CheckpointRow.size.desc())
    note: str | None = await session.scalar(wanted.limit(1))
    return note


async def root_at(session: AsyncSession, size: int) -> bytes:
    """Return the Merkle root over the first `size` entries.

    Raises:
        NoSuchEntry: when the ledger has fewer.
    """
    return (await _roots(session, [(0, size)]))[0]


async def prove(session: AsyncSession, seq: int, *, size: int | None = None) -> dict[str, Any]:
    """Return a proof that an entry stands in the ledger, for someone who has nothing but a checkpoint.

    Args:
        session: a reading session.
        seq: the entry.
        size: the number of entries to prove against; that of the newest checkpoint that covers the entry, else all.

    Returns:
        A `ledger-proof/1` object; `checkpoint` is None when none of that size was signed.

    Raises:
        NoSuchEntry: when the ledger has no such entry, or fewer than `size`.
    """
    proven = await entry(session, seq)
    note: str | None = None
    if size is None:
        row = (
            await session.execute(
                select(CheckpointRow).where(CheckpointRow.size >= seq).order_by(CheckpointRow.size.desc()).limit(1)
            )
        ).scalar()
        size, note = (row.size, row.note) if row else (await _size(session), None)
    else:
        note = await session.scalar(select(CheckpointRow.note).where(CheckpointRow.size == size))
    if not seq <= size <= await _size(session):
        raise NoSuchEntry(f"entry {seq} cannot be proven in the first {size} entries")
    return {
        "format": PROOF_FORMAT,
        "entry": base64.b64encode(proven.data).decode(),
        "seq": seq,
        "size": size,
        "path": [_text(root) for root in await _roots(session, inclusion_path(seq - 1, size))],
        "root": _text(await root_at(session, size)),
        "checkpoint": note,
    }


async def prove_extension(session: AsyncSession, old: int, *, size: int | None = None) -> dict[str, Any]:
    """Return a proof that the ledger of `old` entries is the beginning of the one of `size` (default: all).

    Returns:
        A `ledger-extension/1` object.

    Raises:
        NoSuchEntry: when the ledger has fewer entries than either.
    """
    whole = await _size(session)
    new = whole if size is None else size
    if not 0 <= old <= new <= whole:
        raise NoSuchEntry(f"the ledger has {whole} entries; {old} and {new} cannot be compared")
    return {
        "format": EXTENSION_FORMAT,
        "old_size": old,
        "size": new,
        "path": [_text(root) for root in await _roots(session, consistency_path(old, new))],
        "old_root": _text(await root_at(session, old)),
        "root": _text(await root_at(session, new)),
        "checkpoint": await session.scalar(select(CheckpointRow.note).where(CheckpointRow.size == new)),
    }


def proof_holds(proof: Mapping[str, Any], *, verifier: str | None = None) -> bool:
    """Return whether a `ledger-proof/1` object leads from its entry to its root, and to a checkpoint the key signed.

    Args:
        proof: what `prove` returned, perhaps read back from a file.
        verifier: the ledger's verifier key; without one the signature is not asked.
    """
    try:
        data = base64.b64decode(proof["entry"], validate=True)
        seq, size, root = proof["seq"], proof["size"], base64.b64decode(proof["root"], validate=True)
        path = [base64.b64decode(text, validate=True) for text in proof["path"]]
        value = json.loads(data)
        if proof["format"] != PROOF_FORMAT or value["seq"] != seq:
            return False
        if root_from_inclusion(leaf_hash(data), seq - 1, size, path) != root:
            return False
        return verifier is None or _signed(proof["checkpoint"], verifier, size, root)
    except (KeyError, TypeError, ValueError):
        return False


def extension_holds(proof: Mapping[str, Any], *, verifier: str | None = None) -> bool:
    """Return whether a `ledger-extension/1` object proves that nothing before `old_size` was rewritten."""
    try:
        old_root, root = (base64.b64decode(proof[name], validate=True) for name in ("old_root", "root"))
        path = [base64.b64decode(text, validate=True) for text in proof["path"]]
        if proof["format"] != EXTENSION_FORMAT:
            return False
        if not is_consistent(proof["old_size"], old_root, proof["size"], root, path):
            return False
        return verifier is None or _signed(proof["checkpoint"], verifier, proof["size"], root)
    except (KeyError, TypeError, ValueError):
        return False


def _signed(note: str | None, verifier: str, size: int, root: bytes) -> bool:
    if note is None:
        return False
    try:
        checkpoint = verify(note, verifier)
    except CheckpointUnreadable:
        return False
    return checkpoint is not None and (checkpoint.size, checkpoint.root) == (size, root)


async def _roots(session: AsyncSession, parts: Sequence[Range]) -> list[bytes]:
    """Return the root of each range, from the stored hashes of the perfect subtrees it is made of."""
    pieces = {part: perfect_parts(part) for part in parts}
    ends = sorted({end for piece in pieces.values() for _, end in piece})
    rows = {
        seq: (leaf, nodes)
        for seq, leaf, nodes in await session.execute(
            select(EventRow.seq, EventRow.leaf, EventRow.nodes).where(EventRow.seq.in_(ends))
        )
    }
    if len(rows) != len(ends):
        raise NoSuchEntry(f"the ledger does not hold entry {next(end for end in ends if end not in rows)}")
    return [join([_subtree(rows[end], end - start) for start, end in pieces[part]]) for part in parts]


def _subtree(row: tuple[bytes, bytes], leaves: int) -> bytes:
    leaf, nodes = row
    return leaf if leaves == 1 else split(nodes)[leaves.bit_length() - 2]


async def _size(session: AsyncSession) -> int:
    return await session.scalar(select(HeadRow.size)) or 0


def _entries() -> Select[tuple[int, str, int, str, datetime, bytes, bytes]]:
    return select(
        EventRow.seq,
        EventRow.stream,
        EventRow.stream_seq,
        EventRow.type,
        EventRow.at,
        EventRow.data,
        EventRow.leaf,
    )


def _read(rows: Iterable[Any]) -> list[Entry]:
    return [Entry(*row) for row in rows]


def _text(root: bytes) -> str:
    return base64.b64encode(root).decode()
