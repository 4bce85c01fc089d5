"""Values of a panel: members, reserves, the unit's proposal and what the center determined."""

from dataclasses import dataclass
from datetime import date
from typing import Final

CAUSES: Final = ("declined-objective", "declined", "recused", "released", "late", "left-library")
"""Why a member leaves: cannot for an objective reason, does not want to, withdrew because of an interest, was let go,
did not answer or write in time, is in the library no more."""

COMPOSED: Final = "composed"
DESIGNATED: Final = "designated"
DRAWN: Final = "drawn"
MODES: Final = (COMPOSED, DESIGNATED, DRAWN)
"""How a panel came about: the engine's own, a list made by hand, or drawn by lot."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person on a panel and the field of the seat the person fills; None is an open seat."""

    person_id: str
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """A person who may come in for any of the members in `replaces`; `seat` is the field of the seat."""

    person_id: str
    seat: str | None = None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what the unit proposed and what the center wants, with its reason.

    Attributes:
        out: who leaves, or None for an addition.
        in_: who comes, or None for a removal.
        reason_sha256: the hash under which the reason is kept; empty when none was given.
    """

    out: str | None
    in_: str | None
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Waiver:
    """The center's acceptance of a panel below the floor (A31, generally).

    It holds for this floor and this number of members or more: a later, higher floor needs another.
    """

    floor: int
    size: int
    reason_sha256: str
    person_id: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The panel as proposed, with the center's changes worked in.

    Attributes:
        round: 1 for the first panel of a matter, one more after every reopening.
        members: in the order of the proposal.
        reserves: in the order in which they are called.
        proposed_by: the person who proposed; another person must determine (A32.1).
        proposed_on: day of the proposal.
        as_of: the day whose facts were checked.
        mode: `composed`, `designated` or `drawn`.
        problem_sha256: hash of the panel problem, empty when the list was made by hand.
        floor: members needed by the flags known then.
        waiver_asked_sha256: hash of the unit's reason for a panel below the floor, empty when it asked for none.
        changes: what the center changed, in order.
        designation_sha256: hash of the reasons for a list made by hand, empty for other modes.
        approved_by: who seconded a list made by hand for the center, empty until then.
        hands: persons of the center who made it what it is in part, by an exchange or a lock.
    """

    round: int
    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]
    proposed_by: str
    proposed_on: date
    as_of: date
    mode: str
    problem_sha256: str
    floor: int
    waiver_asked_sha256: str = ""
    changes: tuple[Change, ...] = ()
    designation_sha256: str = ""
    approved_by: str = ""
    hands: tuple[str, ...] = ()

    @property
    def by_hand(self) -> bool:
        """Whether it was named by hand, or is in part what the center's own exchange or lock made it."""
        return self.mode == DESIGNATED or bool(self.hands)


@dataclass(frozen=True, slots=True)
class Panel:
    """A determined panel.

    Attributes:
        round: the proposal's round; 0 for a panel recorded from before the regulation.
        members: in order; a replacement stands in the place of the member who left.
        reserves: who is left to be called, in order.
        proposed_by: the proposer, empty for a recorded panel.
        determined_by: the person who determined it for the center, or recorded it.
        determined_on: day of the determination.
        floor: the floor that was applied, 0 for a recorded panel.
        waived: codes of the rules that yielded to a recorded reason.
        approved_by: who seconded a list made by hand, wholly or in part; empty for others.
        hands: persons of the center who made it what it is in part.
    """

    round: int
    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]
    proposed_by: str
    determined_by: str
    determined_on: date
    floor: int
    waived: tuple[str, ...] = ()
    approved_by: str = ""
    hands: tuple[str, ...] = ()
