"""Drawing one panel from a lottery: a composition, a whole table of it, the members of each cell."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import lcm

from selection.draw.rounding import round_table
from selection.draw.stream import Stream
from selection.lottery.value import Composition
from selection.request import PanelRequest

StreamOf = Callable[[str], Stream]


def draw_members(
    support: Sequence[Composition], types: Sequence[Sequence[str]], spread: Mapping[str, str], stream_of: StreamOf
) -> tuple[int, tuple[str, ...]]:
    """Draw a panel: every candidate is a member with exactly the chance that the lottery names.

    Args:
        support: the compositions of the lottery, with their weights.
        types: the ids of every type.
        spread: id -> value of the attribute that the drawing keeps under its cap; empty without one.
        stream_of: domain -> stream.

    Returns:
        position of the composition in the support, and the ids in code-point order.
    """
    drawn = draw_composition([one.weight for one in support], stream_of("composition"))
    counts = support[drawn].counts()
    whole = lcm(*(len(members) for members in types))
    shares = {kind: counts[kind] * (whole // len(types[kind])) for kind in sorted(counts)}
    bundles = bundles_of(types, shares, whole, spread)
    rows = [{kind: len(members) for kind, members in bundle.items()} for bundle in bundles]
    table = round_table(rows, shares, whole, stream_of("rounding"))
    stream = stream_of("members")
    found: list[str] = []
    for bundle, row in zip(bundles, table, strict=True):
        for kind, count in row.items():
            left = bundle[kind]
            found += (left.pop(stream.below(len(left))) for _ in range(count))
    return drawn, tuple(sorted(found))


def spread_of(request: PanelRequest, spread: str | None) -> dict[str, str]:
    """Return id -> value of the attribute that the drawing keeps under its cap, for those who have one."""
    if spread is None:
        return {}
    return {one.id: one.attributes[spread] for one in request.candidates if spread in one.attributes}


def draw_composition(weights: Sequence[Fraction], stream: Stream) -> int:
    """Return a position, each with the chance of its weight; the weights sum to 1."""
    whole = lcm(*(weight.denominator for weight in weights))
    ticket = stream.below(whole)
    for place, weight in enumerate(weights):
        ticket -= weight.numerator * (whole // weight.denominator)
        if ticket < 0:
            return place
    raise RuntimeError("the weights of a lottery sum to 1")


def bundles_of(
    types: Sequence[Sequence[str]], shares: Mapping[int, int], whole: int, spread: Mapping[str, str]
) -> list[dict[int, list[str]]]:
    """Return the rows of the table: the members of the types with shares by value of the spread attribute, bundled.

    Values are taken in code-point order. Values that follow one another are one row as long as at most one member
    is expected from them together: such a row gives at most one member, so no value of it gives more. A value from
    which more are expected is a row alone. Who has no value stands in the last row.

    Returns:
        for each row: type -> ids, ascending by type, ids in code-point order.
    """
    by_value: dict[str, dict[int, list[str]]] = {}
    without: dict[int, list[str]] = {}
    for kind in shares:
        for one in types[kind]:
            value = spread.get(one)
            row = without if value is None else by_value.setdefault(value, {})
            row.setdefault(kind, []).append(one)
    rows: list[dict[int, list[str]]] = []
    room = 0
    for value in sorted(by_value):
        row = by_value[value]
        expected = sum(shares[kind] * len(members) for kind, members in row.items())
        if expected > room:
            rows.append({})
            room = whole
        room -= expected
        for kind, members in row.items():
            rows[-1].setdefault(kind, []).extend(members)
    rows.append(without)
    return [{kind: sorted(row[kind]) for kind in sorted(row)} for row in rows]
