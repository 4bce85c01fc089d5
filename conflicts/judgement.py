"""What people decide about findings, each decision bound to the very ties it was made about.

A false alarm or a waiver holds while every tie of the path stands as it stood. When one changes (another end, another
share, verified, withdrawn and stated anew), the finding has another basis and comes back by itself.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from conflicts.finding import Finding, Outcome, strength
from conflicts.policy import Severity


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision about one finding.

    Attributes:
        person: id of the person found.
        row_id: id of the policy row that caught him.
        basis: `basis_of` the finding that was judged.
        outcome: `DISMISSED` for a false alarm, `WAIVED` for a waiver.
    """

    person: str
    row_id: str
    basis: str
    outcome: Outcome


Judged = Mapping[tuple[str, str], Mapping[str, Outcome]]
"""(person, policy row) -> basis -> outcome."""


def basis_of(finding: Finding) -> str:
    """Return what a judgement is bound to: SHA-256 (hex) over the party reached and every tie as it stands."""
    ties = [
        [
            fact.id,
            fact.subject,
            fact.kind.value,
            fact.object,
            str(fact.from_on),
            str(fact.to_on),
            fact.confidence.value,
            None if fact.share is None else list(fact.share),
            None if fact.relation is None else fact.relation.value,
        ]
        for fact in (step.fact for step in finding.path)
    ]
    said = json.dumps([finding.party, finding.role, ties], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def may_be_judged(finding: Finding, outcome: Outcome) -> bool:
    """Return whether a finding may get an outcome from a person.

    Nobody overrides what the regulation blocks (A30): there the tie itself is corrected. A waiver exists only where the
    policy asks for one; a false alarm may be any tie that only local policy holds against somebody.
    """
    if finding.row is None or finding.never_relax:
        return False
    return outcome is Outcome.DISMISSED or (outcome is Outcome.WAIVED and finding.row.severity is Severity.WAIVER)


def by_finding(judgements: Iterable[Judgement]) -> Judged:
    """Return judgements as a check looks them up."""
    found: dict[tuple[str, str], dict[str, Outcome]] = defaultdict(dict)
    for judgement in judgements:
        found[judgement.person, judgement.row_id][judgement.basis] = judgement.outcome
    return found


def judge(findings: list[Finding], judged: Judged, walks: Callable[[Finding], Iterable[Finding]]) -> list[Finding]:
    """Return one person's findings with what was decided about them, strongest first.

    A decision about the shortest path hides no other: where the row has a further path that nobody judged, the
    finding goes on with that one.

    Args:
        findings: of one person.
        judged: see `by_finding`.
        walks: finding -> every path of its row, the shortest first.
    """
    now: list[Finding] = []
    for finding in findings:
        decided = judged.get((finding.person, finding.row_id), {})
        outcome = decided.get(basis_of(finding)) if decided else None
        if outcome is None or not may_be_judged(finding, outcome):
            now.append(finding)
            continue
        every = list(walks(finding))
        others = [walk for walk in every if basis_of(walk) not in decided]
        if others:
            latest = max(walk.clears_on or date.max for walk in others)
            now.append(others[0]._replace(clears_on=None if latest == date.max else latest))
        else:
            # All paths are judged: a waiver of one says more than a false alarm of another.
            now.append(max((finding._replace(judged=decided[basis_of(walk)]) for walk in every), key=strength))
    return sorted(now, key=strength, reverse=True)
