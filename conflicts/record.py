"""What is on record about ties, as a file with ties is compared with it: nodes, what identifies them, what stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from conflicts.fact import Confidence, Kind, NodeType, Origin, Relation, Stance

EITHER_ORDER: Final = frozenset({Kind.KINSHIP, Kind.CO_PROJECT, Kind.DISPUTE})
"""Kinds in which it does not matter which end is written first."""

Ends = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class KnownNode:
    """A person, an organisation or a matter on record.

    Attributes:
        id: of it.
        type: which of the three.
        name: now.
        other_names: names of an organisation, present and past ones.
        detail: what tells namesakes apart.
    """

    id: str
    type: NodeType
    name: str
    other_names: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class KnownTie:
    """A tie that stands on record.

    Attributes:
        id: of the fact; with a slash where it stands in the library itself.
        version: how many versions of it there are.
    """

    id: str
    version: int
    from_on: date | None
    to_on: date | None
    origin: Origin
    source: str
    confidence: Confidence
    evidence: str = ""
    share: tuple[int, int] | None = None
    relation: Relation | None = None
    stance: Stance | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record at one moment.

    Attributes:
        nodes: by id; matters are those that the person who imports may see.
        keys: what identifies one -> id: (type, hash of an identity number, credit code, or number of this house).
        ties: (kind, subject, object) -> those that stand; of kinds without an order under either.
        own: person who imports; ties of one's own are changed by somebody else.
        barring: ties by which that person keeps out of matters; these too are changed by somebody else.
    """

    nodes: Mapping[str, KnownNode] = field(default_factory=dict)
    keys: Mapping[tuple[NodeType, str], str] = field(default_factory=dict)
    ties: Mapping[Ends, tuple[KnownTie, ...]] = field(default_factory=dict)
    own: str = ""
    barring: frozenset[str] = frozenset()


def ends_key(kind: Kind, subject: str, object_: str) -> Ends:
    """Return under what a tie is known on record; kinds without an order have their ends sorted."""
    if kind in EITHER_ORDER and object_ < subject:
        return kind, object_, subject
    return kind, subject, object_
