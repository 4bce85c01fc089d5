"""Writing `conflict-findings/1`: what a check found, for programs."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from conflicts.fact import Confidence
from conflicts.finding import Finding, Step

FORMAT: Final = "conflict-findings/1"


def findings_json(
    findings: Iterable[Finding], *, policy_version: str, as_of: date, known_at: datetime | None = None
) -> dict[str, Any]:
    """Return the `conflict-findings/1` object: ids, codes, days; no names.

    Args:
        findings: in the order in which they are to stand.
        policy_version: of the policy applied.
        as_of: the day judged.
        known_at: the record instant judged with, None for all that is known.
    """
    return {
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "known_at": None if known_at is None else known_at.isoformat(),
        "policy": policy_version,
        "findings": [finding_json(finding) for finding in findings],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding as it stands in `conflict-findings/1`."""
    return {
        "person": finding.person,
        "matter": finding.matter,
        "outcome": finding.outcome.value,
        "code": finding.code,
        "cite": finding.cite,
        "row": finding.row_id,
        "never_relax": finding.never_relax,
        "confidence": finding.confidence.value,
        "party": finding.party,
        "role": None if finding.role is None else finding.role.value,
        "since_on": _day(finding.since_on),
        "clears_on": _day(finding.clears_on),
        "path": [_step(step) for step in finding.path],
    }


def _step(step: Step) -> dict[str, Any]:
    fact = step.fact
    said: dict[str, Any] = {
        "fact": fact.id,
        "kind": fact.kind.value,
        "start": step.start,
        "end": step.end,
        "forward": step.forward,
        "from_on": _day(fact.from_on),
        "to_on": _day(fact.to_on),
        "origin": fact.origin.value,
        "source": fact.source,
    }
    if fact.confidence is not Confidence.SURE:
        said["confidence"] = fact.confidence.value
    if fact.share is not None:
        said["share"] = list(fact.share)
    if fact.relation is not None:
        said["relation"] = fact.relation.value
    return said


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
