"""Linear equations in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction


def solved(matrix: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """Return the one solution of linear equations; None where there is none or more than one.

    Args:
        matrix: for each equation its coefficients and its right side.
    """
    rows = [list(row) for row in matrix]
    unknowns = len(rows[0]) - 1
    for place in range(unknowns):
        pivot = next((one for one in range(place, len(rows)) if rows[one][place]), None)
        if pivot is None:
            return None
        rows[place], rows[pivot] = rows[pivot], rows[place]
        factor = rows[place][place]
        rows[place] = [one / factor for one in rows[place]]
        for other, row in enumerate(rows):
            if other != place and row[place]:
                by = row[place]
                rows[other] = [one - by * two for one, two in zip(row, rows[place], strict=True)]
    if any(row[unknowns] for row in rows[unknowns:]):
        return None
    return [row[unknowns] for row in rows[:unknowns]]
