"""What the check reports: a person, the row that caught him, and the path that explains it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from conflicts.fact import Confidence, Fact
from conflicts.node import Role
from conflicts.policy import PolicyRow, Severity

PERSON_UNIDENTIFIED: Final = "PERSON_UNIDENTIFIED"


class Outcome(StrEnum):
    """What a finding means for a seat on the panel, weakest first."""

    CLEAR = "clear"
    """Nothing was found."""
    DISMISSED = "dismissed"
    """Judged a false alarm, with a reason; stays so until a fact on the path changes."""
    WAIVED = "waived"
    """A waiver was given by another person, with a text for publication."""
    DISCLOSED = "disclosed"
    """May sit; the tie is disclosed."""
    RESTRICTED = "restricted"
    """May be heard, may not sit unless a waiver is given."""
    EXCLUDED = "excluded"
    """May not sit."""


OUTCOME_OF: Final = {
    Severity.BLOCK: Outcome.EXCLUDED,
    Severity.WAIVER: Outcome.RESTRICTED,
    Severity.DISCLOSE: Outcome.DISCLOSED,
}
_WEIGHT: Final = {outcome: weight for weight, outcome in enumerate(Outcome)}
_SURENESS: Final = {confidence: rank for rank, confidence in enumerate(Confidence)}


@dataclass(frozen=True, slots=True)
class Step:
    """One tie on a path, walked from the person towards the party.

    Attributes:
        fact: the tie, as it was known.
        forward: True when the walk goes from its subject to its object.
    """

    fact: Fact
    forward: bool

    @property
    def start(self) -> str:
        """Return the node nearer to the person."""
        return self.fact.subject if self.forward else self.fact.object

    @property
    def end(self) -> str:
        """Return the node nearer to the party."""
        return self.fact.object if self.forward else self.fact.subject


class Finding(NamedTuple):
    """A person caught by one row of the policy in one matter, as of a day.

    A named tuple, because hundreds are made in a check that has a millisecond.

    Attributes:
        person: id.
        matter: id.
        row: the policy row; None when the person is not identified.
        policy_version: version of the policy applied.
        party: id of the party reached (or of the matter itself); empty when the person is not identified.
        role: what that node is to the matter; None when the person is not identified.
        path: steps from the person to the party, the shortest; empty when the person is a party himself or is not
            identified.
        clears_on: first day on which the row no longer catches the person, by the ties that count on `as_of`; None
            when no end is known.
        as_of: the day judged.
        judged: an outcome a person decided (dismissed, waived); None while nobody did.
    """

    person: str
    matter: str
    row: PolicyRow | None
    policy_version: str
    party: str
    role: Role | None
    path: tuple[Step, ...]
    clears_on: date | None
    as_of: date
    judged: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """Return what it means for a seat."""
        if self.judged is not None:
            return self.judged
        return Outcome.EXCLUDED if self.row is None else OUTCOME_OF[self.row.severity]

    @property
    def code(self) -> str:
        """Return the permanent name of what was found."""
        return PERSON_UNIDENTIFIED if self.row is None else self.row.code

    @property
    def cite(self) -> str:
        """Return the article, or nothing for local policy."""
        return "" if self.row is None else self.row.cite

    @property
    def row_id(self) -> str:
        """Return the id of the policy row, or nothing when the person is not identified."""
        return "" if self.row is None else self.row.id

    @property
    def never_relax(self) -> bool:
        """Return whether nobody can waive it."""
        return self.row is None or self.row.never_relax

    @property
    def since_on(self) -> date | None:
        """Return the day since which all ties of the path stand together; None when no start is known."""
        return max((step.fact.from_on for step in self.path if step.fact.from_on is not None), default=None)

    @property
    def known_at(self) -> datetime | None:
        """Return the instant since which all ties of the path are known; None when known from the beginning."""
        return max((step.fact.known_at for step in self.path if step.fact.known_at is not None), default=None)

    @property
    def confidence(self) -> Confidence:
        """Return the confidence of the least sure tie of the path."""
        return max((step.fact.confidence for step in self.path), key=_SURENESS.__getitem__, default=Confidence.SURE)


def strength(finding: Finding) -> int:
    """Return the weight of a finding's outcome: 0 clear up to 5 excluded."""
    return _WEIGHT[finding.outcome]


def outcomes(findings: Iterable[Finding]) -> dict[str, Outcome]:
    """Return person id -> the strongest outcome; who is not in it is clear."""
    strongest: dict[str, Outcome] = {}
    for finding in findings:
        outcome = finding.outcome
        if _WEIGHT[outcome] > _WEIGHT[strongest.get(finding.person, Outcome.CLEAR)]:
            strongest[finding.person] = outcome
    return strongest
