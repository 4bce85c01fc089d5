"""A basis of whole-number equations: what its inverse says, exact, at the cost of floating-point numbers.

Asked is for N = unit B^-1 a, B the matrix of the basis and `unit` its determinant; by Cramer's rule N is whole.
An approximate inverse G guesses the digits of x = B^-1 a, the largest first: with rest r (a at first) the next ones are
d = round(2^b G r), and the rest of them 2^b r - B d. Every number here is a whole one below 2^53, so the rest is exact
whatever G is. After digits of w bits x is X / 2^w with a rest r, and N is unit X / 2^w rounded.

That N is right is proved, not hoped: |B N - unit a| is at most unit |r| / 2^w plus half a row sum of |B|. Where this
is below 2^31 and B N = unit a modulo 2^32, both are equal. Where G was too far off it is made anew, and where that does
not help either the equations are solved in fractions. So G decides how long it takes and never what is found.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.lottery.linear import solved

Floats = NDArray[np.float64]

_EXACT: Final = 2.0**52
"""Whole numbers up to this and their differences are exact in floating point."""
_MASK: Final = 2**32 - 1
_LEAST_BITS: Final = 16
"""Digits shorter than this do not pay: the guess is of no use."""
_LARGEST_ROW: Final = 2.0**20


class Basis:
    """A basis of equations whose right side are whole numbers; it starts with what is missing of each row.

    Attributes:
        unit: the determinant, above 0.
        values: of the basis, times `unit`.
        names: of its columns; -1 for what is missing of a row.
    """

    def __init__(self, right: Sequence[int]) -> None:
        self.unit = 1
        self.values = list(right)
        self.names = [-1] * len(right)
        self._matrix: Floats = np.eye(len(right))
        self._guess: Floats = np.eye(len(right))

    def missing(self) -> int:
        """Return the sum of what is missing, times `unit`."""
        return sum(value for value, name in zip(self.values, self.names, strict=True) if name < 0)

    def prices(self) -> list[int]:
        """Return for each row what one more of it adds to what is missing, times `unit`."""
        return self._solve(np.array([float(name < 0) for name in self.names]), rows=True)

    def amounts(self) -> list[tuple[int, int]]:
        """Return the columns with a value above 0, in the order of their names."""
        return sorted((name, value) for value, name in zip(self.values, self.names, strict=True) if name >= 0 and value)

    def enter(self, name: int, column: Floats) -> None:
        """Bring a column into the basis; it improves it. What leaves is found by the lexicographic rule."""
        steps = self._solve(column, rows=False)
        leaving = self._leaving(steps)
        pivot, value, unit = steps[leaving], self.values[leaving], self.unit
        self.values = [(one * pivot - step * value) // unit for one, step in zip(self.values, steps, strict=True)]
        self.values[leaving] = value
        self.names[leaving] = name
        self.unit = pivot
        self._matrix[:, leaving] = column
        shares = np.array([step / unit for step in steps])
        row = self._guess[leaving] / shares[leaving]
        shares[leaving] -= 1
        self._guess -= np.outer(shares, row)

    def _leaving(self, steps: Sequence[int]) -> int:
        """Return the row with the smallest ratio of value and step, of equals by the inverse from left to right."""
        inverse: dict[int, list[int]] = {}
        leaving = -1
        for place, step in enumerate(steps):
            if step <= 0:
                continue
            if leaving < 0:
                leaving = place
                continue
            left, right = self.values[place] * steps[leaving], self.values[leaving] * step
            if left < right or (left == right and self._is_before(place, leaving, steps, inverse)):
                leaving = place
        if leaving < 0:
            raise RuntimeError("weights of compositions without a bound")
        return leaving

    def _is_before(self, place: int, other: int, steps: Sequence[int], inverse: dict[int, list[int]]) -> bool:
        for one in (place, other):
            if one not in inverse:
                unit_row = np.zeros(len(steps))
                unit_row[one] = 1.0
                inverse[one] = self._solve(unit_row, rows=True)
        for mine, its in zip(inverse[place], inverse[other], strict=True):
            if mine * steps[other] != its * steps[place]:
                return mine * steps[other] < its * steps[place]
        return False

    def _guess_anew(self) -> None:
        try:
            self._guess = np.linalg.inv(self._matrix).astype(np.float64)
        except np.linalg.LinAlgError:
            # To working precision the matrix has no inverse: the fractions have it.
            self._guess = np.zeros_like(self._matrix)

    def _solve(self, right: Floats, *, rows: bool) -> list[int]:
        """Return unit B^-1 a, or with `rows` unit a B^-1, exact."""
        found = self._guessed(right, rows=rows)
        if found is None:
            self._guess_anew()
            found = self._guessed(right, rows=rows)
        if found is None:
            matrix = self._matrix.T if rows else self._matrix
            equations = [
                [*(Fraction(int(one)) for one in row), Fraction(int(wanted))]
                for row, wanted in zip(matrix.tolist(), right.tolist(), strict=True)
            ]
            shares = solved(equations)
            if shares is None:
                raise RuntimeError("a basis of compositions without an inverse")
            found = [int(share * self.unit) for share in shares]
        return found

    def _guessed(self, right: Floats, *, rows: bool) -> list[int] | None:
        """Return the answer with its proof; None where the approximate inverse is too far off."""
        matrix, guess = (self._matrix.T, self._guess.T) if rows else (self._matrix, self._guess)
        largest_row = float(np.abs(matrix).sum(axis=1).max())
        bits = self.unit.bit_length()
        rest, total, width = right, [0] * len(right), 0
        while True:
            part = guess @ rest
            size = float(np.abs(part).max())
            # What further digits could change is below a quarter; without digits there is nothing to round.
            if not size or bits + np.log2(size) < width - 2:
                break
            room = _EXACT / max(largest_row * size, float(np.abs(rest).max()))
            if not room >= 2.0**_LEAST_BITS:
                return None
            more = int(np.log2(room))
            scale = 2.0**more
            digits = np.rint(part * scale)
            rest = rest * scale - matrix @ digits
            total = [(one << more) + int(digit) for one, digit in zip(total, digits.tolist(), strict=True)]
            width += more
        half = 1 << width >> 1
        found = [(self.unit * one + half) >> width for one in total]
        off = float(np.abs(rest).max()) * 2.0 ** (bits - width) + largest_row / 2
        if not (off < 2.0**31 and largest_row < _LARGEST_ROW):
            return None
        low = np.array([float(one & _MASK) for one in found])
        sums = (matrix @ low).astype(np.int64) - right.astype(np.int64) * (self.unit & _MASK)
        return None if np.any(sums & _MASK) else found
