"""A fact: a dated tie between two nodes, said by somebody, known since an instant.

Nodes are opaque ids of persons, organisations and matters. Ids carry identity; names never do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from conflicts.fault import FactRefused


class Kind(StrEnum):
    """What a tie is. The first line of each says who is subject and who is object."""

    EMPLOYMENT = "employment"
    """Person -> organisation: the main employer (工作单位)."""
    SIDE_POST = "side_post"
    """Person -> organisation: a post beside the main one (兼职)."""
    DIRECTORSHIP = "directorship"
    """Person -> organisation: legal representative, director, supervisor or senior manager."""
    SHAREHOLDING = "shareholding"
    """Holder -> organisation held; a holder is a person or an organisation."""
    CONTROL = "control"
    """Controller -> organisation controlled (实际控制)."""
    KINSHIP = "kinship"
    """Person - person, either order, with a relation of the closed list."""
    TEACHER_STUDENT = "teacher_student"
    """Teacher -> student; it binds both."""
    CO_PROJECT = "co_project"
    """Two who work on one project, either order."""
    CONTRACT = "contract"
    """Who is paid -> who pays; it binds both."""
    DISPUTE = "dispute"
    """Two in a lawsuit or arbitration, either order."""
    DRAFTING = "drafting"
    """Person or organisation -> matter whose draft it wrote."""
    ASSESSMENT = "assessment"
    """Person or organisation -> matter it assessed (risk assessment and the like)."""
    CONSULTING = "consulting"
    """Person or organisation -> matter on which it gave advice before."""
    STATEMENT = "statement"
    """Person -> matter on which a view was stated in public. A view is no conflict: it counts for balance only."""
    SUPERIOR = "superior"
    """Organisation -> its superior unit (上级主管单位)."""
    SUCCESSION = "succession"
    """Organisation -> the one that took its place (merged, split, reorganised)."""


class Relation(StrEnum):
    """The closed list of kinship: spouse, direct line, collateral within three generations, close in-law."""

    SPOUSE = "spouse"
    DIRECT_BLOOD = "direct_blood"
    COLLATERAL_BLOOD = "collateral_blood"
    IN_LAW = "in_law"


class Stance(StrEnum):
    """The view a public statement takes of a matter."""

    FOR = "for"
    AGAINST = "against"
    OTHER = "other"


class Origin(StrEnum):
    """How a fact came to the library."""

    DECLARED = "declared"
    OBSERVED = "observed"
    IMPORTED = "imported"


class Confidence(StrEnum):
    """How sure a fact is. A hint waits for a person to settle it and never leads to a finding."""

    SURE = "sure"
    LIKELY = "likely"
    HINT = "hint"


class NodeType(StrEnum):
    """What an id stands for."""

    PERSON = "person"
    ORGANISATION = "organisation"
    MATTER = "matter"


_PERSON: Final = frozenset({NodeType.PERSON})
_ORGANISATION: Final = frozenset({NodeType.ORGANISATION})
_ANYONE: Final = _PERSON | _ORGANISATION
_MATTER: Final = frozenset({NodeType.MATTER})

ENDS: Final[Mapping[Kind, tuple[frozenset[NodeType], frozenset[NodeType]]]] = MappingProxyType(
    {
        Kind.EMPLOYMENT: (_PERSON, _ORGANISATION),
        Kind.SIDE_POST: (_PERSON, _ORGANISATION),
        Kind.DIRECTORSHIP: (_PERSON, _ORGANISATION),
        Kind.SHAREHOLDING: (_ANYONE, _ORGANISATION),
        Kind.CONTROL: (_ANYONE, _ORGANISATION),
        Kind.KINSHIP: (_PERSON, _PERSON),
        Kind.TEACHER_STUDENT: (_PERSON, _PERSON),
        Kind.CO_PROJECT: (_ANYONE, _ANYONE),
        Kind.CONTRACT: (_ANYONE, _ANYONE),
        Kind.DISPUTE: (_ANYONE, _ANYONE),
        Kind.DRAFTING: (_ANYONE, _MATTER),
        Kind.ASSESSMENT: (_ANYONE, _MATTER),
        Kind.CONSULTING: (_ANYONE, _MATTER),
        Kind.STATEMENT: (_PERSON, _MATTER),
        Kind.SUPERIOR: (_ORGANISATION, _ORGANISATION),
        Kind.SUCCESSION: (_ORGANISATION, _ORGANISATION),
    }
)
"""Kind -> the node types its subject and its object may have."""

MUTUAL: Final = frozenset({Kind.KINSHIP, Kind.TEACHER_STUDENT, Kind.CO_PROJECT, Kind.CONTRACT, Kind.DISPUTE})
"""Kinds that bind both ends alike: a path may walk them either way."""

VERTICAL: Final = frozenset({Kind.SHAREHOLDING, Kind.CONTROL, Kind.SUPERIOR})
"""Kinds with an upper and a lower end: owner over owned, superior over subordinate."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One tie as somebody stated it, in one version.

    Attributes:
        id: opaque and permanent; versions of one fact share it.
        subject: id of the node the fact is about (see `Kind` for who that is).
        kind: what the tie is.
        object: id of the other node.
        from_on: first day; None when nobody knows it, which counts as always.
        to_on: last day, inclusive; None means still.
        origin: declared, observed or imported.
        source: opaque reference to who or what says so (a declaration, a register, an import).
        confidence: sure, likely, or a hint that a person must settle first.
        evidence: opaque reference to a document; empty when there is none.
        share: part held as an integer pair such as (3, 10); shareholdings only, None when unknown.
        relation: kinship only, and required there.
        stance: public statements only, and required there.
        known_at: aware instant since which this version is known; None means from the beginning.
        retired_at: aware instant from which this version no longer counts, because a newer version took its place or
            because it was withdrawn as wrong; None while it stands.

    Raises:
        FactRefused: with the first thing that cannot be (END_BEFORE_START, TIE_TO_ITSELF, SHARE_IMPOSSIBLE,
            SHARE_MISPLACED, RELATION_MISSING, RELATION_MISPLACED, STANCE_MISSING, STANCE_MISPLACED, INSTANT_NAIVE,
            RETIRED_BEFORE_KNOWN).
    """

    id: str
    subject: str
    kind: Kind
    object: str
    from_on: date | None = None
    to_on: date | None = None
    origin: Origin = Origin.DECLARED
    source: str = ""
    confidence: Confidence = Confidence.SURE
    evidence: str = ""
    share: tuple[int, int] | None = None
    relation: Relation | None = None
    stance: Stance | None = None
    known_at: datetime | None = None
    retired_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be true."""
        for code, impossible in self._impossibilities():
            if impossible:
                raise FactRefused(code, fact=self.id)

    def _impossibilities(self) -> tuple[tuple[str, bool], ...]:
        begins, ends, share = self.from_on, self.to_on, self.share
        instants = [instant for instant in (self.known_at, self.retired_at) if instant is not None]
        naive = any(instant.tzinfo is None for instant in instants)
        return (
            ("END_BEFORE_START", begins is not None and ends is not None and ends < begins),
            ("TIE_TO_ITSELF", self.subject == self.object),
            ("SHARE_IMPOSSIBLE", share is not None and not 0 < share[0] <= share[1]),
            ("SHARE_MISPLACED", share is not None and self.kind is not Kind.SHAREHOLDING),
            ("RELATION_MISSING", self.kind is Kind.KINSHIP and self.relation is None),
            ("RELATION_MISPLACED", self.kind is not Kind.KINSHIP and self.relation is not None),
            ("STANCE_MISSING", self.kind is Kind.STATEMENT and self.stance is None),
            ("STANCE_MISPLACED", self.kind is not Kind.STATEMENT and self.stance is not None),
            ("INSTANT_NAIVE", naive),
            ("RETIRED_BEFORE_KNOWN", not naive and len(instants) == 2 and instants[1] <= instants[0]),
        )
