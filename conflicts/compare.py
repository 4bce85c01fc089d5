"""What differs between two checks: with other knowledge, under another policy, on another day."""

from collections.abc import Iterable
from typing import NamedTuple

from conflicts.finding import Finding, Outcome, strength
from conflicts.judgement import basis_of


class Shift(NamedTuple):
    """A person about whom two checks do not say the same.

    Attributes:
        person: id.
        before: the strongest finding of the first check; None when there was none.
        after: of the second.
    """

    person: str
    before: Finding | None
    after: Finding | None

    @property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        """Return what both checks mean for a seat; who has no finding is clear."""
        return (
            Outcome.CLEAR if self.before is None else self.before.outcome,
            Outcome.CLEAR if self.after is None else self.after.outcome,
        )


def compare(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Shift, ...]:
    """Return who stands otherwise in the second check, ordered by person.

    Compared is the strongest finding of each: its outcome, its row, and the ties it rests on. A check of another policy
    version that says the same is no difference.
    """
    was, now = _strongest(before), _strongest(after)
    return tuple(
        Shift(person, was.get(person), now.get(person))
        for person in sorted(was.keys() | now.keys())
        if _said(was.get(person)) != _said(now.get(person))
    )


def _strongest(findings: Iterable[Finding]) -> dict[str, Finding]:
    strongest: dict[str, Finding] = {}
    for finding in findings:
        held = strongest.get(finding.person)
        if held is None or strength(finding) > strength(held):
            strongest[finding.person] = finding
    return strongest


def _said(finding: Finding | None) -> tuple[object, ...]:
    return () if finding is None else (finding.outcome, finding.row_id, basis_of(finding))
