"""From the points of every expert to what became of them, laid out as a flow for a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FATES: Final = ("adopted", "partly", "already", "out-of-scope", "not", "open")
"""What becomes of points, from top to bottom; `open` have no answer yet."""
_UNIT: Final = 12
_GAP: Final = 10
_LEFT: Final = 120
_RIGHT: Final = 300
_NODE: Final = 8


@dataclass(frozen=True, slots=True)
class Node:
    """A source or an end of the flow; `y` and `height` in units of the picture."""

    key: str
    count: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Band:
    """Points of one expert with one fate; `path` outlines the band."""

    source: str
    fate: str
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture: experts on the left, fates on the right, bands between them as thick as their points."""

    sources: Sequence[Node]
    fates: Sequence[Node]
    bands: Sequence[Band]
    height: int

    left: int = _LEFT
    right: int = _RIGHT
    node: int = _NODE


def flow_of(points: Mapping[str, Mapping[str, int]]) -> Flow:
    """Return the flow of points: expert -> fate -> how many.

    Args:
        points: in the order of the picture; fates are those of `FATES`.
    """
    sources = _stacked([(name, sum(fates.values())) for name, fates in points.items()])
    ends = _stacked([(fate, sum(fates.get(fate, 0) for fates in points.values())) for fate in FATES])
    out = {node.key: node.y for node in sources}
    into = {node.key: node.y for node in ends}
    bands = []
    for name, fates in points.items():
        for fate in FATES:
            if count := fates.get(fate, 0):
                thick = count * _UNIT
                bands.append(Band(name, fate, count, _outline(out[name], into[fate], thick)))
                out[name] += thick
                into[fate] += thick
    height = max((node.y + node.height for node in (*sources, *ends)), default=0)
    return Flow(sources, ends, bands, height)


def _stacked(rows: Sequence[tuple[str, int]]) -> list[Node]:
    nodes, y = [], 0
    for key, count in rows:
        if count:
            nodes.append(Node(key, count, y, count * _UNIT))
            y += count * _UNIT + _GAP
    return nodes


def _outline(source: int, end: int, thick: int) -> str:
    begin, middle = _LEFT + _NODE, (_LEFT + _NODE + _RIGHT) // 2
    return (
        f"M{begin} {source}C{middle} {source} {middle} {end} {_RIGHT} {end}"
        f"V{end + thick}C{middle} {end + thick} {middle} {source + thick} {begin} {source + thick}Z"
    )
