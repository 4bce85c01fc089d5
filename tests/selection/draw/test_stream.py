"""The stream: bytes of its own, no bias, one domain never another."""

import hashlib
from collections import Counter

import pytest

from selection.draw import Stream

HASH = "0" * 64


def blocks(text: str, count: int) -> list[int]:
    """The blocks of a stream by the words of the page, sharing no line with the package."""
    key = hashlib.sha256(text.encode()).digest()
    return [int(hashlib.sha256(key + number.to_bytes(8, "big")).hexdigest(), 16) for number in range(1, count + 1)]


def test_numbers_are_the_last_bits_of_the_blocks_that_are_below_the_bound() -> None:
    expected = [block % 8 for block in blocks(f"panel-draw/1\0members\0{HASH}\0种子", 60) if block % 8 < 5]
    stream = Stream("种子", HASH, "members")

    assert [stream.below(5) for _ in range(30)] == expected[:30]


def test_a_bound_of_more_than_256_bits_takes_two_blocks() -> None:
    first, second, third, fourth = blocks(f"panel-draw/1\0members\0{HASH}\0s", 4)
    stream = Stream("s", HASH, "members")

    assert [stream.below(2**300) for _ in range(2)] == [
        (first << 256 | second) % 2**300,
        (third << 256 | fourth) % 2**300,
    ]


def test_a_bound_of_one_takes_nothing() -> None:
    taken, untouched = Stream("s", HASH, "members"), Stream("s", HASH, "members")

    assert [taken.below(1) for _ in range(5)] == [0] * 5
    assert taken.below(2**64) == untouched.below(2**64)


@pytest.mark.parametrize("bound", [3, 5, 6, 255, 257])
def test_every_number_is_as_likely_as_the_others(bound: int) -> None:
    stream = Stream(str(bound), HASH, "members")
    drawn = Counter(stream.below(bound) for _ in range(bound * 60))
    expected = 60
    chi_square = sum((drawn[number] - expected) ** 2 / expected for number in range(bound))

    # Five standard deviations of chi-square; the seed is fixed, so this holds for ever or never.
    assert chi_square < bound - 1 + 5 * (2 * (bound - 1)) ** 0.5
    assert set(drawn) <= set(range(bound))


def test_domains_seeds_and_commitments_have_streams_of_their_own() -> None:
    streams = [
        Stream("s", HASH, "members"),
        Stream("s", HASH, "rounding"),
        Stream("t", HASH, "members"),
        Stream("s", "1" * 64, "members"),
    ]

    assert len({stream.below(2**128) for stream in streams}) == 4
