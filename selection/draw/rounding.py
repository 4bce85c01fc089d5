"""Dependent rounding: a table of fractions becomes whole; expectations stay exact, sums as near as can be."""

from collections.abc import Mapping, Sequence

from selection.draw.stream import Stream

# For each row: column -> what is left of the cell, above 0 and below a whole.
Remainders = list[dict[int, int]]


def round_table(
    counts: Sequence[Mapping[int, int]], shares: Mapping[int, int], whole: int, stream: Stream
) -> list[dict[int, int]]:
    """Draw how many members of each type come from each row.

    The result has in each cell the floor or the ceiling of what is expected of it, in expectation exactly that; it
    sums to what is wanted of each type, and in each row to the floor or the ceiling of what is expected of the row.

    Args:
        counts: the rows, each as type -> members of that type, ascending by type.
        shares: type -> what is expected of one member of the type; over its members it sums to a multiple of `whole`.
        whole: the share of a certain member.
        stream: of the chance.

    Returns:
        for each row: type -> members drawn, for the cells with any.
    """
    # A column past every type: what a row lacks to a whole sum. With it all sums are whole.
    spare = max(shares) + 1
    found: list[dict[int, int]] = []
    left: Remainders = []
    for row in counts:
        expected = {kind: divmod(row[kind] * shares[kind], whole) for kind in row}
        found.append({kind: full for kind, (full, _) in expected.items()})
        rest = {kind: part for kind, (_, part) in expected.items() if part}
        lacks = -sum(rest.values()) % whole
        left.append(rest | {spare: lacks} if lacks else rest)
    for start in range(len(left)):
        while left[start]:
            _shift(_cycle(start, left), left, found, whole, stream)
    return [{kind: count for kind, count in row.items() if count and kind != spare} for row in found]


def _cycle(start: int, left: Remainders) -> list[tuple[int, int]]:
    """Walk from a row to its first open column, from there to the first other open row, and so on, until a place
    is met again; return the cells of the cycle in the order of the walk. What leads to the cycle is left out.

    All sums are whole, so a row or column with one open cell has another, and the walk never ends but in a cycle.
    """
    nodes: list[tuple[int | None, int | None]] = []
    node: tuple[int | None, int | None] = (start, None)
    while node not in nodes:
        came = nodes[-1] if nodes else None
        nodes.append(node)
        row, kind = node
        if kind is None:
            node = next((None, one) for one in left[row or 0] if (None, one) != came)
        else:
            node = next((place, None) for place, cells in enumerate(left) if kind in cells and (place, None) != came)
    circle = nodes[nodes.index(node) :]
    return [
        (one[0] or 0, other[1] or 0) if one[1] is None else (other[0] or 0, one[1])
        for one, other in zip(circle, [*circle[1:], circle[0]], strict=True)
    ]


def _shift(
    cycle: Sequence[tuple[int, int]], left: Remainders, found: list[dict[int, int]], whole: int, stream: Stream
) -> None:
    """Raise every second cell of a cycle from the first on and lower the others, or the reverse, until one is whole.

    Either way is taken with a chance that leaves every expectation as it was.
    """
    parts = [left[row][kind] for row, kind in cycle]
    up = min(min(whole - part for part in parts[::2]), min(parts[1::2]))
    down = min(min(parts[::2]), min(whole - part for part in parts[1::2]))
    step = up if stream.falls(down, up + down) else -down
    for (row, kind), part in zip(cycle, parts, strict=True):
        now = part + step
        step = -step
        if 0 < now < whole:
            left[row][kind] = now
            continue
        del left[row][kind]
        if now:
            found[row][kind] = found[row].get(kind, 0) + 1
