"""What is asked for: a panel of so many, from these candidates, under these rules: `panel-problem/1` as values."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from selection.faults import PanelProblemFault, PanelProblemFaults, pointer

LARGEST_SIZE: Final = 1_000
LARGEST_SERVICE: Final = 1_000_000
LARGEST_FIT: Final = 100
# The largest whole number that every JSON reader keeps exactly.
LARGEST_COUNT: Final = 2**53 - 1

_BIDIRECTIONAL: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ID: Final = re.compile(f"[^\x00-\x1f\x7f-\x9f\ud800-\udfff{_BIDIRECTIONAL}]{{1,128}}")
_FIELD: Final = re.compile(r"[0-9A-Z]{1,16}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be a member.

    Attributes:
        id: opaque name, NFC; candidates are compared by its code points.
        fields: codes of the fields, each `[0-9A-Z]{1,16}`; a seat is filled by prefix.
        attributes: personal attributes by name, such as `employer` or `region`.
        service: panels of the window already served, 0 to 1,000,000.
        fit: how well the candidate suits the matter, 0 to 100.
        entitlement: share of the chances in a lottery as "a/b", above 0; None for the default of the lottery.
    """

    id: str
    fields: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    service: int = 0
    fit: int = 0
    entitlement: str | None = None


@dataclass(frozen=True, slots=True)
class SeatRow:
    """`count` seats, each filled by its own member, one of whose fields begins with `field`."""

    field: str
    count: int = 1
    code: str = "SEAT_UNFILLED"
    cite: str = ""


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """From `min` to `max` members whose `attribute` is exactly `value`; `max` None is the panel's size.

    An empty `code` means QUOTA_LOW or QUOTA_HIGH, whichever bound is at stake.
    """

    attribute: str
    value: str
    min: int = 0
    max: int | None = None
    code: str = ""
    cite: str = ""


@dataclass(frozen=True, slots=True)
class CapRow:
    """At most `max` members for every value of `attribute`; who has no such attribute does not count."""

    attribute: str
    max: int
    code: str = "CAP_EXCEEDED"
    cite: str = ""


@dataclass(frozen=True, slots=True)
class ApartRow:
    """Two candidates who are not both members."""

    first: str
    second: str
    code: str = "APART_TOGETHER"
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """The recorded reason by which the floor yields: the role that accepts it, and the hash of the reason."""

    by: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class FloorRow:
    """At least `min` members (A31), unless waived."""

    min: int
    code: str = "PANEL_TOO_SMALL"
    cite: str = ""
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """Somebody who may not be a member; `never_relax` marks direct interest, which no way out ever offers to lift."""

    id: str
    code: str = "EXCLUDED"
    cite: str = ""
    never_relax: bool = False


@runtime_checkable
class IndexedCandidates(Protocol):
    """Candidates that were checked when they were put together and know who is there: `PoolColumns`."""

    @property
    def positions(self) -> Mapping[str, int]:
        """Position by id."""


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """A panel problem: so many members, from these candidates, under these rules.

    Rows keep the order they are given in, because results name them by it (`/caps/0`). The order of candidates
    changes nothing.

    Attributes:
        size: members wanted, 1 to 1,000.
        candidates: the candidates; a `PoolColumns` where many requests are made of one pool.
        seats, quotas, caps, apart, floor, excluded: the rules, see the rows.
        reserves: how many reserves to name.
        excluded_ids: the ids of `excluded`, derived.

    Raises:
        PanelProblemFaults: when a value is out of its bounds or rows contradict one another; all at once.
    """

    size: int
    candidates: Sequence[Candidate]
    seats: tuple[SeatRow, ...] = ()
    quotas: tuple[QuotaRow, ...] = ()
    caps: tuple[CapRow, ...] = ()
    apart: tuple[ApartRow, ...] = ()
    floor: FloorRow | None = None
    reserves: int = 0
    excluded: tuple[ExcludedRow, ...] = ()
    excluded_ids: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what contradicts the format."""
        object.__setattr__(self, "excluded_ids", frozenset(row.id for row in self.excluded))
        faults: list[PanelProblemFault] = []
        if isinstance(self.candidates, IndexedCandidates):
            known: Collection[str] = self.candidates.positions
        else:
            faults += candidate_faults(enumerate(self.candidates))
            known = {candidate.id for candidate in self.candidates}
        faults += range_faults(("size",), self.size, 1, LARGEST_SIZE)
        faults += range_faults(("reserves",), self.reserves, 0, LARGEST_COUNT)
        faults += seat_faults(enumerate(self.seats), self.size)
        faults += quota_faults(enumerate(self.quotas), self.size)
        faults += cap_faults(enumerate(self.caps))
        faults += apart_faults(enumerate(self.apart), known)
        if self.floor is not None:
            faults += range_faults(("floor", "min"), self.floor.min, 0, LARGEST_COUNT)
        faults += excluded_faults(enumerate(self.excluded))
        if faults:
            raise PanelProblemFaults(faults)


def range_faults(at: tuple[str | int, ...], value: int, low: int, high: int) -> Iterator[PanelProblemFault]:
    """Yield a fault when a number is outside its inclusive bounds."""
    if not low <= value <= high:
        yield PanelProblemFault(pointer(*at), "NUMBER_OUT_OF_RANGE", {"low": low, "high": high})


def id_fault(at: tuple[str | int, ...], text: str) -> Iterator[PanelProblemFault]:
    """Yield a fault when a text is no id: 1 to 128 characters, NFC, no control or bidirectional characters."""
    if not _ID.fullmatch(text) or not unicodedata.is_normalized("NFC", text):
        wanted = "an id of 1 to 128 characters without control or bidirectional characters"
        yield PanelProblemFault(pointer(*at), "TEXT_INVALID", {"wanted": wanted})


def field_fault(at: tuple[str | int, ...], text: str) -> Iterator[PanelProblemFault]:
    """Yield a fault when a text is no field code."""
    if not _FIELD.fullmatch(text):
        yield PanelProblemFault(pointer(*at), "TEXT_INVALID", {"wanted": "a field code of 1 to 16 characters 0-9, A-Z"})


def candidate_faults(numbered: Iterable[tuple[int, Candidate]]) -> Iterator[PanelProblemFault]:
    """Yield every fault of candidates, each given with its position: repeated ids, texts and numbers out of bounds."""
    seen: set[str] = set()
    for index, candidate in numbered:
        if candidate.id in seen:
            yield PanelProblemFault(pointer("candidates", index, "id"), "ID_REPEATED", {"id": candidate.id})
        seen.add(candidate.id)
        yield from id_fault(("candidates", index, "id"), candidate.id)
        for place, code in enumerate(candidate.fields):
            yield from field_fault(("candidates", index, "fields", place), code)
        if not (0 <= candidate.service <= LARGEST_SERVICE and 0 <= candidate.fit <= LARGEST_FIT):
            yield from range_faults(("candidates", index, "service"), candidate.service, 0, LARGEST_SERVICE)
            yield from range_faults(("candidates", index, "fit"), candidate.fit, 0, LARGEST_FIT)


def seat_faults(numbered: Iterable[tuple[int, SeatRow]], size: int | None) -> Iterator[PanelProblemFault]:
    """Yield every fault of the seat rows; `size` None where it is not known."""
    total = 0
    for index, row in numbered:
        yield from field_fault(("seats", index, "field"), row.field)
        yield from range_faults(("seats", index, "count"), row.count, 0, LARGEST_COUNT)
        total += max(row.count, 0)
    if size is not None and total > size:
        yield PanelProblemFault("/seats", "SEATS_ABOVE_SIZE", {"seats": total, "size": size})


def quota_faults(numbered: Iterable[tuple[int, QuotaRow]], size: int | None) -> Iterator[PanelProblemFault]:
    """Yield every fault of the quota rows."""
    for index, row in numbered:
        high = size if row.max is None else row.max
        yield from range_faults(("quotas", index, "min"), row.min, 0, LARGEST_COUNT)
        if row.max is not None:
            yield from range_faults(("quotas", index, "max"), row.max, 0, LARGEST_COUNT)
        if high is not None and row.min > high:
            yield PanelProblemFault(pointer("quotas", index), "MIN_ABOVE_MAX", {"min": row.min, "max": high})


def cap_faults(numbered: Iterable[tuple[int, CapRow]]) -> Iterator[PanelProblemFault]:
    """Yield every fault of the cap rows."""
    for index, row in numbered:
        yield from range_faults(("caps", index, "max"), row.max, 1, LARGEST_COUNT)


def apart_faults(numbered: Iterable[tuple[int, ApartRow]], known: Collection[str]) -> Iterator[PanelProblemFault]:
    """Yield every fault of the pairs: an id that no candidate has, or one id twice."""
    for index, row in numbered:
        if row.first == row.second:
            yield PanelProblemFault(pointer("apart", index), "PAIR_OF_ONE", {"id": row.first})
        for place, member in enumerate((row.first, row.second)):
            if member not in known:
                yield PanelProblemFault(pointer("apart", index, place), "ID_UNKNOWN", {"id": member})


def excluded_faults(numbered: Iterable[tuple[int, ExcludedRow]]) -> Iterator[PanelProblemFault]:
    """Yield every fault of the excluded rows."""
    seen: set[str] = set()
    for index, row in numbered:
        if row.id in seen:
            yield PanelProblemFault(pointer("excluded", index, "id"), "ID_REPEATED", {"id": row.id})
        seen.add(row.id)
        yield from id_fault(("excluded", index, "id"), row.id)
