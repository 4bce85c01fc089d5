"""Dependent rounding: expectations exact to the last fraction, sums kept, caps kept."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor, lcm
from random import Random

import pytest

from selection.draw.drawing import bundles_of
from selection.draw.rounding import round_table
from selection.draw.stream import Stream

Table = tuple[tuple[tuple[int, int], ...], ...]


def shares_of(wanted: dict[int, tuple[int, int]]) -> tuple[dict[int, int], int]:
    """Shares of one member, and the whole, from type -> (members wanted, members there are)."""
    whole = lcm(*(total for _, total in wanted.values()))
    return {kind: count * whole // total for kind, (count, total) in wanted.items()}, whole


class _Branch(Exception):
    def __init__(self, share: int, whole: int) -> None:
        self.chance = Fraction(share, whole)


class _Scripted(Stream):
    """A stream that answers from a script of decisions, and asks for the next one with its chance."""

    def __init__(self, script: list[bool]) -> None:
        self.script = list(script)

    def falls(self, share: int, whole: int) -> bool:
        if not self.script:
            raise _Branch(share, whole)
        return self.script.pop(0)


def outcomes(counts: list[dict[int, int]], wanted: dict[int, tuple[int, int]]) -> dict[Table, Fraction]:
    """Every table that can come out, with its exact probability: all decisions are followed both ways."""
    found: Counter[Table] = Counter()

    def follow(script: list[bool], chance: Fraction) -> None:
        try:
            table = round_table(counts, *shares_of(wanted), _Scripted(script))
        except _Branch as branch:
            follow([*script, True], chance * branch.chance)
            follow([*script, False], chance * (1 - branch.chance))
        else:
            found[tuple(tuple(sorted(row.items())) for row in table)] += chance

    follow([], Fraction(1))
    return dict(found)


def tables() -> Iterator[tuple[list[dict[int, int]], dict[int, tuple[int, int]]]]:
    yield [{0: 2, 1: 1}, {0: 1}, {0: 1, 1: 2}, {1: 1}], {0: (2, 4), 1: (1, 4)}
    yield [{3: 1}, {3: 1}, {3: 1}], {3: (1, 3)}
    yield [{0: 3, 2: 1}, {}, {2: 2}], {0: (2, 3), 2: (2, 3)}
    dice = Random(20261126)
    for _ in range(40):
        kinds = range(dice.randint(1, 3))
        counts = [{kind: count for kind in kinds if (count := dice.randint(0, 3))} for _ in range(dice.randint(1, 4))]
        totals = {kind: sum(row.get(kind, 0) for row in counts) for kind in kinds}
        wanted = {kind: (dice.randint(1, total), total) for kind, total in totals.items() if total}
        if wanted:
            yield [{kind: row[kind] for kind in row if kind in wanted} for row in counts], wanted


@pytest.mark.parametrize(("counts", "wanted"), list(tables()))
def test_every_cell_has_exactly_its_share_in_expectation_and_every_sum_holds(
    counts: list[dict[int, int]], wanted: dict[int, tuple[int, int]]
) -> None:
    found = outcomes(counts, wanted)

    assert sum(found.values()) == 1
    expected: Counter[tuple[int, int]] = Counter()
    for table, chance in found.items():
        columns: Counter[int] = Counter()
        for place, cells in enumerate(table):
            row = dict(cells)
            shares = {kind: Fraction(n * wanted[kind][0], wanted[kind][1]) for kind, n in counts[place].items()}
            assert floor(sum(shares.values())) <= sum(row.values()) <= ceil(sum(shares.values()))
            assert all(floor(share) <= row.get(kind, 0) <= ceil(share) for kind, share in shares.items())
            for kind, count in row.items():
                expected[place, kind] += count * chance
                columns[kind] += count
        assert columns == {kind: count for kind, (count, _) in wanted.items()}
    assert {cell: value for cell, value in expected.items() if value} == {
        (place, kind): Fraction(n * wanted[kind][0], wanted[kind][1])
        for place, row in enumerate(counts)
        for kind, n in row.items()
    }


def test_bundles_join_values_of_whom_one_member_is_expected_at_most() -> None:
    types = [["a1", "a2", "a3", "a4"], ["b1", "b2"]]
    spread = {"a1": "丙", "a2": "乙", "a3": "乙", "b1": "甲", "b2": "乙"}

    found = bundles_of(types, *shares_of({0: (2, 4), 1: (1, 2)}), spread)

    # By code points 丙 < 乙 < 甲. 丙 expects 1/2, 乙 3/2 and stands alone, 甲 1/2; a4 has no value.
    assert found == [{0: ["a1"]}, {0: ["a2", "a3"], 1: ["b2"]}, {1: ["b1"]}, {0: ["a4"]}]


def test_bundles_are_filled_to_exactly_one() -> None:
    types = [["a1", "a2", "a3", "a4"]]
    spread = {"a1": "1", "a2": "2", "a3": "3", "a4": "4"}

    assert bundles_of(types, *shares_of({0: (2, 4)}), spread) == [{0: ["a1", "a2"]}, {0: ["a3", "a4"]}, {}]
