"""The Merkle tree of RFC 6962 over the ledger's leaves: roots, proofs, and their check.

A leaf's hash is SHA-256(0x00 ‖ bytes), a node's SHA-256(0x01 ‖ left ‖ right). A tree of n leaves splits at the largest
power of two below n, so it is made of perfect subtrees that never change once complete. Each leaf completes the
subtrees that end with it; their hashes are kept beside the leaf, so that a root or proof of any size is put together
from a few dozen stored hashes instead of all leaves.

Indexes count leaves from 0; a range is a pair (start, end) with the end exclusive.

Source: RFC 6962, section 2.1; RFC 9162, sections 2.1.3 and 2.1.4.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Self

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Range = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees that a growing tree is made of, largest first; at most 64 of them."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Start from a tree of `size` leaves; one hash for each bit set in `size`."""
        self.size = size
        self.hashes = list(hashes)
        if len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees, not {len(self.hashes)}")

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: when the length does not fit the size.
        """
        if len(data) != size.bit_count() * HASH_BYTES:
            raise ValueError(
                f"the frontier of {size} leaves has {size.bit_count() * HASH_BYTES} bytes, not {len(data)}"
            )
        return cls(size, split(data))

    def to_bytes(self) -> bytes:
        """Return the hashes one after another, largest subtree first."""
        return b"".join(self.hashes)

    def add(self, leaf: bytes) -> bytes:
        """Add a leaf's hash; return the hashes of the larger subtrees it completes, smallest first, joined.

        The k-th of them (from 0) is the root of the 2^(k+1) leaves that end with this one.
        """
        completed = []
        node, rest = leaf, self.size
        while rest & 1:
            node = node_hash(self.hashes.pop(), node)
            completed.append(node)
            rest >>= 1
        self.hashes.append(node)
        self.size += 1
        return b"".join(completed)

    def root(self) -> bytes:
        """Return the root of the tree; of no leaves, the hash of nothing."""
        return join(self.hashes)


def split(data: bytes) -> list[bytes]:
    """Return joined hashes one by one."""
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def join(subtrees: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring perfect subtrees, given largest (leftmost) first."""
    if not subtrees:
        return EMPTY_ROOT
    node = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        node = node_hash(left, node)
    return node


def perfect_parts(part: Range) -> list[Range]:
    """Return the perfect subtrees that make up a subtree of the tree, leftmost first.

    Args:
        part: a range that a proof names: its start is a multiple of every power of two up to its length.
    """
    start, end = part
    parts = []
    while start < end:
        size = 1 << ((end - start).bit_length() - 1)
        parts.append((start, start + size))
        start += size
    return parts


def inclusion_path(index: int, size: int) -> list[Range]:
    """Return the ranges whose roots prove that a leaf is in a tree, from the leaf upwards.

    Raises:
        ValueError: when the index is not in 0..size-1.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split_of(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Range]:
    """Return the ranges whose roots prove that a tree of `old` leaves is the beginning of one of `new`.

    Raises:
        ValueError: unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves is not the beginning of one of {new}")
    if old in (0, new):
        return []
    path: list[Range] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _split_of(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    # The old tree itself is known to the verifier when it is one whole subtree from the left edge.
    if not whole:
        path.append((start, end))
    return path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf and its path lead to; None when the path does not have the right length."""
    if not 0 <= index < size:
        return None
    node, number, last = leaf, index, size - 1
    for neighbour in path:
        if last == 0:
            return None
        if number & 1 or number == last:
            node = node_hash(neighbour, node)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = node_hash(node, neighbour)
        number, last = number >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether a path proves that the tree with the old root is the beginning of the one with the new root."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if not 0 < old < new or not path:
        return False
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    of_old = of_new = hashes[0]
    for neighbour in hashes[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            of_old, of_new = node_hash(neighbour, of_old), node_hash(neighbour, of_new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            of_new = node_hash(of_new, neighbour)
        number, last = number >> 1, last >> 1
    return last == 0 and of_old == old_root and of_new == new_root


def _split_of(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)
