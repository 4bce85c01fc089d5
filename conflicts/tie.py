"""A fact made ready for walking: days and instants as integers, and the ways each kind may be walked."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Protocol

from conflicts.fact import MUTUAL, VERTICAL, Confidence, Fact, Kind
from conflicts.finding import Step

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS: Final = 0
STILL: Final = date.max.toordinal() + 1
NEVER: Final = 1 << 62
_SINCE_EVER: Final = -NEVER
NOW: Final = NEVER - 1
HINT: Final = 2
_SURENESS: Final = {Confidence.SURE: 0, Confidence.LIKELY: 1, Confidence.HINT: HINT}


def microseconds(instant: datetime) -> int:
    """Return the microseconds from 1970 to an aware instant."""
    span = instant - _EPOCH
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


class Tie:
    """A version of a fact, compared by identity: the key of an edge.

    Attributes:
        fact: what was stated.
        id: of the fact.
        first: ordinal of the first day, `ALWAYS` when unknown.
        last: ordinal of the last day, `STILL` when open or a succession.
        known: microseconds since which it is known.
        retired: microseconds from which it no longer counts, `NEVER` while it stands.
        sureness: 0 sure, 1 likely, `HINT`.
        forward: the step from subject to object.
        backward: the step from object to subject.
    """

    __slots__ = ("backward", "fact", "first", "forward", "id", "known", "last", "retired", "sureness")

    def __init__(self, fact: Fact) -> None:
        """Translate the fact."""
        self.fact = fact
        self.id = fact.id
        self.first = ALWAYS if fact.from_on is None else fact.from_on.toordinal()
        # Who took another's place has taken it for good.
        self.last = STILL if fact.to_on is None or fact.kind is Kind.SUCCESSION else fact.to_on.toordinal()
        self.known = _SINCE_EVER if fact.known_at is None else microseconds(fact.known_at)
        self.retired = NEVER if fact.retired_at is None else microseconds(fact.retired_at)
        self.sureness = _SURENESS[fact.confidence]
        self.forward = Step(fact, forward=True)
        self.backward = Step(fact, forward=False)

    def stood(self, known: int) -> bool:
        """Return whether it was known at an instant, as more than a hint."""
        return self.known <= known < self.retired and self.sureness < HINT


Ties = Mapping[Tie, object]
Ends = Sequence[tuple[str, Tie]]
"""Ties at one node, each with the node at its other end."""
NO_TIES: Final[Mapping[str, Ties]] = {}


class Layer(Protocol):
    """The ties of one kind, by either end."""

    def members(self) -> Collection[str]:
        """Return the nodes that have, or had, such ties."""

    def arriving(self, node: str, known: int) -> Ends:
        """Return (subject, tie) of every tie that ends at the node and stood at an instant."""

    def leaving(self, node: str, known: int) -> Ends:
        """Return (object, tie) of every tie that starts at the node and stood at an instant."""

    def into(self, node: str) -> Mapping[str, Ties]:
        """Return subject -> ties that end at the node."""

    def out_of(self, node: str) -> Mapping[str, Ties]:
        """Return object -> ties that start at the node."""


class Heading(NamedTuple):
    """Which way, seen from the person, ties with an upper and a lower end may be walked."""

    up: bool
    down: bool


EITHER: Final = Heading(up=True, down=True)
UP: Final = Heading(up=True, down=False)
DOWN: Final = Heading(up=False, down=True)


def ways(kind: Kind, heading: Heading) -> tuple[bool, bool]:
    """Return whether a tie may be walked from subject to object, and from object to subject."""
    if kind in MUTUAL:
        return True, True
    if kind is Kind.SUPERIOR:  # the object is the upper end
        return heading.up, heading.down
    if kind in VERTICAL:  # the subject owns or controls
        return heading.down, heading.up
    return True, False


def own_ways(kind: Kind) -> tuple[bool, bool]:
    """Return the same for a person's own tie: persons own and hold posts, nobody owns them."""
    return True, kind in MUTUAL
