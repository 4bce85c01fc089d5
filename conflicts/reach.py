"""What ties lead to, whatever their windows: from a person outward, and from a body to those it is one with."""

from collections.abc import Iterable, Mapping

from conflicts.fact import Kind
from conflicts.policy import Policy, PolicyRow
from conflicts.question import headings
from conflicts.tie import NOW, Layer, own_ways, ways

Layers = Mapping[Kind, Layer]


def reach(layers: Layers, person: str, policy: Policy) -> set[str]:
    """Return every node to which some row of a policy may lead from a person; the person too.

    Days, windows and shares are left to the check: whoever it could find in a matter has a party of the matter here.
    """
    found = {person}
    for row in policy.rows:
        if row.kind is not None:
            found |= _along(layers, person, row, row.kind)
    return found


def same_body(layers: Layers, body: str, *, day: int) -> set[str]:
    """Return the organisations that are one with a body on a day, the body too: those with a successor in common.

    First whoever took its place, then those whose place these took, and never back: the halves of a divided unit are
    not one another, though each is one with the unit they come from.

    Args:
        layers: the ties, by kind.
        body: id of an organisation.
        day: ordinal; a succession counts from its first day on.
    """
    return _closed(layers, _closed(layers, {body}, forward=True, day=day), forward=False, day=day)


def _along(layers: Layers, person: str, row: PolicyRow, kind: Kind) -> set[str]:
    first = _step(layers, {person}, kind, own_ways(kind))
    found: set[str] = set()
    for heading in headings(row):
        edge = first
        for depth in range(row.depth):
            if depth:
                edge = {node for via in row.through for node in _step(layers, edge, via, ways(via, heading))}
            edge = _closed(layers, _closed(layers, edge, forward=True), forward=False)
            found |= edge
    return found


def _step(layers: Layers, nodes: Iterable[str], kind: Kind, walkable: tuple[bool, bool]) -> set[str]:
    forward, backward = walkable
    layer = layers[kind]
    found = {other for node in nodes for other, _ in layer.leaving(node, NOW)} if forward else set()
    return found.union(other for node in nodes for other, _ in layer.arriving(node, NOW)) if backward else found


def _closed(layers: Layers, nodes: Iterable[str], *, forward: bool, day: int | None = None) -> set[str]:
    """Return the nodes with whoever succeeded them, and these in turn; or with whom they succeeded."""
    layer = layers[Kind.SUCCESSION]
    held = set(nodes)
    edge = list(held)
    while edge:
        node = edge.pop()
        for other, tie in layer.leaving(node, NOW) if forward else layer.arriving(node, NOW):
            if other not in held and (day is None or tie.first <= day):
                held.add(other)
                edge.append(other)
    return held
