"""Who may be a candidate for a panel: one class per rule, each says when it is broken."""

from datetime import date
from typing import ClassVar, Final, Protocol

from registry.expert import Expert, Status


class CandidateRule(Protocol):
    """A condition of being a candidate."""

    code: ClassVar[str]

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the expert fails the condition on the day."""


class TermExpired:
    """The term has ended and no other has begun (A24)."""

    code: ClassVar[str] = "TERM_EXPIRED"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the last term ended before the day."""
        return expert.status(on) is Status.LAPSED


class TermNotBegun:
    """The first term begins later (A24)."""

    code: ClassVar[str] = "TERM_NOT_BEGUN"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether every term begins after the day."""
        return expert.status(on) is Status.NOT_YET


class NotAppointed:
    """There is no letter of appointment (A24)."""

    code: ClassVar[str] = "NOT_APPOINTED"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether there is no term at all."""
        return expert.status(on) is Status.NOT_APPOINTED


class Suspended:
    """The expert rests while a case is open (A26)."""

    code: ClassVar[str] = "EXPERT_SUSPENDED"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the expert is suspended on the day."""
        return expert.status(on) is Status.SUSPENDED


class Withdrawn:
    """The expert left by own wish (A26.5)."""

    code: ClassVar[str] = "EXPERT_WITHDRAWN"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the expert has withdrawn by the day."""
        return expert.status(on) is Status.WITHDRAWN


class Dismissed:
    """The expert was dismissed in mid-term (A26)."""

    code: ClassVar[str] = "EXPERT_DISMISSED"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the expert was dismissed by the day."""
        return expert.status(on) is Status.DISMISSED


class StruckOff:
    """The expert was struck off (A70)."""

    code: ClassVar[str] = "STRUCK_OFF"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:
        """Return whether the expert was struck off by the day."""
        return expert.status(on) is Status.STRUCK_OFF


class Unidentified:
    """The person has no checked identity number: nobody can say who it is, so conflicts cannot be ruled out."""

    code: ClassVar[str] = "PERSON_UNIDENTIFIED"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:  # noqa: ARG004 -- the same on every day
        """Return whether the identity is missing."""
        return expert.natural_person and expert.identity is None


class NotANaturalPerson:
    """An institution takes part through named persons (A30)."""

    code: ClassVar[str] = "NOT_A_NATURAL_PERSON"

    @staticmethod
    def broken_by(expert: Expert, *, on: date) -> bool:  # noqa: ARG004 -- the same on every day
        """Return whether the member is an institution."""
        return not expert.natural_person


CANDIDATE_RULES: Final[tuple[type[CandidateRule], ...]] = (
    NotAppointed,
    TermNotBegun,
    TermExpired,
    Suspended,
    Withdrawn,
    Dismissed,
    StruckOff,
    Unidentified,
    NotANaturalPerson,
)


def why_not_candidate(expert: Expert, *, on: date) -> tuple[str, ...]:
    """Return the codes of every rule that keeps the expert out on the day; empty for a candidate.

    Source: A24, A26, A30, A70; house decision 8 (unidentified persons are never candidates).
    """
    return tuple(rule.code for rule in CANDIDATE_RULES if rule.broken_by(expert, on=on))


def is_candidate(expert: Expert, *, on: date) -> bool:
    """Return whether the expert may be considered on the day: appointed, current, not suspended, identified."""
    return not why_not_candidate(expert, on=on)
