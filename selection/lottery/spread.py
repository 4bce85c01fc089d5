"""The cap that the drawing keeps: which of its values the types must show.

Let composition c be drawn and the members of each type uniformly. Of value o it then expects sum over t of
n(t,o) c_t / n_t members. Where that is at most the cap for every composition of the support, the table type x value
has whole sums by type and sums by value below a whole cap, so dependent rounding draws whole numbers with exactly these
expectations that keep the cap: the cap costs nothing. (Such a table is a transportation problem: Budish, Che, Kojima,
Milgrom 2013.) A value for which it is not so is made explicit: it splits its types, and its cap becomes a row.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns
from selection.lottery.types import Types

# Up to so many values that can bind, all are made explicit as soon as one must be.
_FEW: Final = 24
_CLOSE: Final = 1e-9


def table_of(pool: PoolColumns, types: Types) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values of `spread` that more have than its cap allows and that are not explicit, and the members of
    each type (columns) that have them (rows).
    """
    if types.spread is None:
        return np.zeros(0, np.int64), np.zeros((0, len(types.counts)), np.int64)
    codes = pool.attributes[types.spread].codes
    has = (types.labels >= 0) & (codes >= 0)
    many = np.bincount(codes[has], minlength=len(pool.attributes[types.spread].numbers))
    many[sorted(types.explicit)] = 0
    values = np.flatnonzero(many > types.spread_cap)
    row = np.full(len(many), -1, np.int64)
    row[values] = np.arange(len(values))
    rows = row[codes[has]]
    labels = types.labels[has][rows >= 0]
    cells = np.bincount(rows[rows >= 0] * len(types.counts) + labels, minlength=len(values) * len(types.counts))
    return values, cells.reshape(len(values), len(types.counts))


def values_exceeding(pool: PoolColumns, types: Types, compositions: Sequence[Mapping[int, int]]) -> frozenset[int]:
    """Return the values to make explicit: those of which some composition, type -> members, expects more than the cap.

    Exact; where few values can bind, all of them as soon as one must be.
    """
    values, table = table_of(pool, types)
    found: set[int] = set()
    for composition in compositions:
        kinds = sorted(composition)
        shares = table[:, kinds] / types.counts[kinds] @ np.array([composition[kind] for kind in kinds])
        for place in np.flatnonzero(shares > types.spread_cap - _CLOSE).tolist():
            exact = sum(
                (Fraction(int(table[place, kind]) * composition[kind], int(types.counts[kind])) for kind in kinds),
                Fraction(0),
            )
            if exact > types.spread_cap:
                found.add(int(values[place]))
    if found and len(values) + len(types.explicit) <= _FEW:
        return frozenset(values.tolist())
    return frozenset(found)
