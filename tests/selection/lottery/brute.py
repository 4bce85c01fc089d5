"""The fairest lottery by listing every panel and exact linear programs over them; shares no line with the package."""

from collections.abc import Sequence
from fractions import Fraction

from selection import PanelRequest
from tests.selection.builders import panels


def chances_by_listing(request: PanelRequest, *, equal: bool = False) -> dict[str, Fraction] | None:
    """Chances of all candidates in the fairest lottery; None without a panel."""
    listed = [{one.id for one in panel} for panel in panels(request)]
    if not listed:
        return None
    entitled = {
        one.id: Fraction(1)
        if equal
        else Fraction(one.entitlement)
        if one.entitlement
        else Fraction(1, 1 + min(one.service, 3))
        for one in request.candidates
    }
    open_ids = sorted(set.union(*listed))
    settled: dict[str, Fraction] = {}
    while open_ids:
        ids = open_ids + sorted(settled)
        # Columns: a weight for every panel, and z, the least chance / entitlement of the open.
        rows = [[Fraction(one in panel) for panel in listed] for one in ids]
        rows = [[*row, -entitled[one] if one in open_ids else Fraction(0)] for one, row in zip(ids, rows, strict=True)]
        least = [settled.get(one, Fraction(0)) for one in ids]
        total = [Fraction(1)] * len(listed) + [Fraction(0)]
        value, prices = largest([Fraction(0)] * len(listed) + [Fraction(1)], rows, least, total)
        now = [one for one, price in zip(ids, prices, strict=True) if price > 0 and one in open_ids]
        assert now
        settled |= {one: value * entitled[one] for one in now}
        open_ids = [one for one in open_ids if one not in settled]
    return {one.id: settled.get(one.id, Fraction(0)) for one in request.candidates}


def largest(
    aim: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], least: Sequence[Fraction], total: Sequence[Fraction]
) -> tuple[Fraction, list[Fraction]]:
    """Maximise aim x subject to rows x >= least, total x = 1, x >= 0; return the value and the prices of the rows.

    The simplex method with Bland's rule: first the sum of what is missing is lowered to 0, then the aim is raised.
    """
    many, slack = len(aim), len(rows)
    width = many + slack + slack + 1
    table = []
    for place, (row, bound) in enumerate(zip(rows, least, strict=True)):
        extra = [Fraction(0)] * (slack + slack + 1)
        extra[place], extra[slack + place] = Fraction(-1), Fraction(1)
        table.append([*row, *extra, bound])
    table.append([*total, *([Fraction(0)] * (2 * slack)), Fraction(1), Fraction(1)])
    basis = [many + slack + place for place in range(slack + 1)]
    artificial = range(many + slack, width)

    def raise_aim(coefficients: list[Fraction], allowed: range) -> list[Fraction]:
        while True:
            reduced = [
                coefficients[column] - sum(coefficients[basis[one]] * row[column] for one, row in enumerate(table))
                for column in range(width)
            ]
            entering = next((column for column in allowed if reduced[column] > 0), None)
            if entering is None:
                return reduced
            leaving = min(
                (one for one, row in enumerate(table) if row[entering] > 0),
                key=lambda one: (table[one][-1] / table[one][entering], basis[one]),
            )
            by = table[leaving][entering]
            table[leaving] = [one / by for one in table[leaving]]
            for other, row in enumerate(table):
                if other != leaving and row[entering]:
                    factor = row[entering]
                    table[other] = [one - factor * two for one, two in zip(row, table[leaving], strict=True)]
            basis[leaving] = entering

    missing = [Fraction(0)] * (many + slack) + [Fraction(-1)] * (slack + 1)
    raise_aim(missing, range(width))
    assert sum(table[one][-1] for one, name in enumerate(basis) if name in artificial) == 0
    # What is missing may stay in the basis at 0, but costs too much to grow.
    coefficients = [*aim, *([Fraction(0)] * slack), *([Fraction(0)] * (slack + 1))]
    for one, name in enumerate(basis):
        if name in artificial:
            column = next((column for column in range(many + slack) if table[one][column]), None)
            if column is not None:
                by = table[one][column]
                table[one] = [value / by for value in table[one]]
                for other, row in enumerate(table):
                    if other != one and row[column]:
                        factor = row[column]
                        table[other] = [value - factor * two for value, two in zip(row, table[one], strict=True)]
                basis[one] = column
    reduced = raise_aim(coefficients, range(many + slack))
    value = sum(coefficients[name] * table[one][-1] for one, name in enumerate(basis))
    # The price of a row is what the reduced aim of its slack says.
    return value, [-reduced[many + place] for place in range(slack)]
