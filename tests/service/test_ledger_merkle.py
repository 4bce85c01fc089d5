"""The Merkle tree: roots by definition, every proof of every small tree, nothing else accepted."""

import hashlib

import pytest

from service.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_path,
    inclusion_path,
    is_consistent,
    join,
    leaf_hash,
    node_hash,
    perfect_parts,
    root_from_inclusion,
    split,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(40)]


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root_by_definition(leaves[:k]), root_by_definition(leaves[k:]))


def roots(ranges: list[tuple[int, int]]) -> list[bytes]:
    return [root_by_definition(LEAVES[start:end]) for start, end in ranges]


def test_tree_of_no_leaves_has_the_hash_of_nothing_as_root() -> None:
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_leaves_and_nodes_are_hashed_with_different_first_bytes() -> None:
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()
    assert node_hash(b"a" * 32, b"b" * 32) == hashlib.sha256(b"\x01" + b"a" * 32 + b"b" * 32).digest()


def test_frontier_agrees_with_the_definition_at_every_size() -> None:
    frontier = Frontier()
    for size, leaf in enumerate(LEAVES, 1):
        frontier.add(leaf)
        assert frontier.root() == root_by_definition(LEAVES[:size])
        assert Frontier.from_bytes(size, frontier.to_bytes()).root() == frontier.root()


def test_each_leaf_keeps_the_roots_of_the_perfect_subtrees_it_completes() -> None:
    frontier = Frontier()
    kept = [split(frontier.add(leaf)) for leaf in LEAVES[:8]]

    assert [len(nodes) for nodes in kept] == [0, 1, 0, 2, 0, 1, 0, 3]
    assert kept[7] == roots([(6, 8), (4, 8), (0, 8)])


def test_frontier_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="the frontier of 3 leaves has 64 bytes, not 32"):
        Frontier.from_bytes(3, bytes(32))


def test_parts_of_a_range_are_perfect_subtrees_that_join_to_its_root() -> None:
    for start, end in ((0, 1), (0, 7), (0, 40), (8, 15), (32, 39)):
        assert join(roots(perfect_parts((start, end)))) == root_by_definition(LEAVES[start:end])


@pytest.mark.parametrize("size", range(1, 33))
def test_inclusion_is_proven_for_every_leaf_and_for_no_other_place(size: int) -> None:
    whole = root_by_definition(LEAVES[:size])
    for index in range(size):
        path = roots(inclusion_path(index, size))
        led_to = [root_from_inclusion(LEAVES[index], place, size, path) for place in range(size)]

        assert [place for place, root in enumerate(led_to) if root == whole] == [index]


@pytest.mark.parametrize("new", range(1, 33))
def test_consistency_is_proven_for_every_beginning_and_for_no_other_tree(new: int) -> None:
    of_new = root_by_definition(LEAVES[:new])
    for old in range(new + 1):
        of_old, path = root_by_definition(LEAVES[:old]), roots(consistency_path(old, new))
        other = root_by_definition([*LEAVES[: max(old - 1, 0)], leaf_hash(b"other")])

        assert is_consistent(old, of_old, new, of_new, path)
        assert not is_consistent(old, other, new, of_new, path)
        assert not is_consistent(old, of_old, new, leaf_hash(b"other"), path) or old == 0


def test_proof_with_a_hash_too_many_or_too_few_is_refused() -> None:
    whole = root_by_definition(LEAVES[:11])
    path = roots(inclusion_path(4, 11))

    assert root_from_inclusion(LEAVES[4], 4, 11, path) == whole
    assert root_from_inclusion(LEAVES[4], 4, 11, path[:-1]) != whole
    assert root_from_inclusion(LEAVES[4], 4, 11, [*path, LEAVES[0]]) is None
    steps = roots(consistency_path(6, 11))
    assert is_consistent(6, root_by_definition(LEAVES[:6]), 11, whole, steps)
    assert not is_consistent(6, root_by_definition(LEAVES[:6]), 11, whole, steps[:-1])
    assert not is_consistent(6, root_by_definition(LEAVES[:6]), 11, whole, [*steps, LEAVES[0]])


def test_places_outside_the_tree_are_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has no leaf 3"):
        inclusion_path(3, 3)
    with pytest.raises(ValueError, match="a tree of 4 leaves is not the beginning of one of 3"):
        consistency_path(4, 3)
    assert root_from_inclusion(LEAVES[0], 5, 3, []) is None
