"""The basis of the simplex method, held against the same exchanges in fractions."""

import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from selection.lottery.basis import Basis


class Table:
    """The inverse in fractions, changed row by row: the method as the textbook has it."""

    def __init__(self, right: Sequence[int]) -> None:
        size = len(right)
        self.inverse = [[Fraction(one == other) for other in range(size)] for one in range(size)]
        self.values = [Fraction(one) for one in right]
        self.names = [-1] * size

    def steps(self, column: Sequence[int]) -> list[Fraction]:
        return [sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for row in self.inverse]

    def prices(self) -> list[Fraction]:
        missing = [row for row, name in zip(self.inverse, self.names, strict=True) if name < 0]
        return [sum(column, Fraction(0)) for column in zip(*missing, strict=True)] or [Fraction(0)] * len(self.names)

    def enter(self, name: int, column: Sequence[int]) -> None:
        steps = self.steps(column)
        ratios = {
            place: (self.values[place] / step, [one / step for one in self.inverse[place]])
            for place, step in enumerate(steps)
            if step > 0
        }
        leaving = min(ratios, key=ratios.__getitem__)
        self.values[leaving], self.inverse[leaving] = ratios[leaving]
        for place, step in enumerate(steps):
            if place != leaving:
                self.values[place] -= step * self.values[leaving]
                self.inverse[place] = [
                    one - step * two for one, two in zip(self.inverse[place], self.inverse[leaving], strict=True)
                ]
        self.names[leaving] = name


def compared(basis: Basis, table: Table) -> None:
    unit = basis.unit
    assert basis.names == table.names
    assert [Fraction(value, unit) for value in basis.values] == table.values
    assert [Fraction(price, unit) for price in basis.prices()] == table.prices()


def columns_for(size: int, dice: random.Random, largest: int) -> list[list[int]]:
    return [[dice.choice((0, 0, dice.randint(1, largest))) for _ in range(size)] for _ in range(3 * size)]


def is_of_use(table: Table, column: Sequence[int]) -> bool:
    """Whether a column lowers what is missing, as every column that enters does."""
    return sum((price * count for price, count in zip(table.prices(), column, strict=True)), Fraction(0)) > 0


@pytest.mark.parametrize("seed", range(12))
def test_exchanges_are_those_in_fractions(seed: int) -> None:
    dice = random.Random(seed)
    size = dice.randrange(1, 14)
    # Small right sides are equal in many rows, so that the ratio alone often decides nothing.
    right = [dice.randrange(1, 4 if seed % 2 else 10**20) for _ in range(size)]
    basis, table = Basis(right), Table(right)

    for name, column in enumerate(columns_for(size, dice, (1, 3, 9)[seed % 3])):
        if is_of_use(table, column):
            basis.enter(name, np.array(column, np.float64))
            table.enter(name, column)
            compared(basis, table)

    assert any(name >= 0 for name in basis.names)
    assert basis.missing() == sum(
        value * basis.unit for value, name in zip(table.values, table.names, strict=True) if name < 0
    )


@pytest.mark.parametrize("spoiled", ["zero", "not a number", "of another matrix", "slightly off"])
def test_a_wrong_approximate_inverse_changes_no_number(spoiled: str) -> None:
    dice = random.Random(7)
    right = [dice.randrange(1, 10**30) for _ in range(11)]
    basis, table = Basis(right), Table(right)

    for name, column in enumerate(columns_for(11, dice, 5)):
        guess = basis._guess
        basis._guess = {
            "zero": np.zeros_like(guess),
            "not a number": np.full_like(guess, np.nan),
            "of another matrix": np.random.default_rng(name).normal(size=guess.shape),
            "slightly off": guess + np.random.default_rng(name).normal(size=guess.shape) * 1e-3,
        }[spoiled]
        if is_of_use(table, column):
            basis.enter(name, np.array(column, np.float64))
            table.enter(name, column)
        compared(basis, table)


def test_a_matrix_that_floating_point_cannot_invert_is_solved_in_fractions() -> None:
    # Ones on the diagonal and nines beside it: determinant 1, and an inverse with entries up to 9 to the 39th.
    size = 40
    basis = Basis([1] * size)
    for place in range(size):
        column = np.zeros(size)
        column[place] = 1.0
        basis._matrix[:, place] = column
        if place:
            basis._matrix[place - 1, place] = 9.0

    found = basis._solve(np.eye(size)[size - 1], rows=False)

    assert found == [(-9) ** (size - 1 - place) for place in range(size)]


def test_rounding_without_a_proof_is_not_believed() -> None:
    """With the determinant wrong no whole numbers solve the equations, which the proof sees."""
    basis = Basis([5, 5])
    basis._matrix = np.array([[2.0, 0.0], [0.0, 3.0]])
    basis._guess = np.linalg.inv(basis._matrix)
    column = np.array([1.0, 1.0])

    basis.unit = 6
    assert basis._guessed(column, rows=False) == [3, 2]

    basis.unit = 5
    assert basis._guessed(column, rows=False) is None


def test_equal_ratios_are_parted_by_the_inverse_from_left_to_right() -> None:
    # Both rows allow one of the column; the second has less of the first row in its inverse.
    basis = Basis([1, 1])

    basis.enter(0, np.array([1.0, 1.0]))

    assert basis.names == [-1, 0]
    assert basis.amounts() == [(0, 1)]
