"""The conditions of A25, item by item: what was found, by whom, and what still stands against an expert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from registry.titles import TitleLevel

ELIGIBILITY_POLITICS: Final = "ELIGIBILITY_POLITICS"
ELIGIBILITY_ETHICS: Final = "ELIGIBILITY_ETHICS"
ELIGIBILITY_CAPACITY: Final = "ELIGIBILITY_CAPACITY"
ELIGIBILITY_KNOWLEDGE: Final = "ELIGIBILITY_KNOWLEDGE"
TITLE_OR_REPUTATION: Final = "TITLE_OR_REPUTATION"
DISQUALIFIED: Final = "DISQUALIFIED"
CONSENT_MISSING: Final = "CONSENT_MISSING"
ELIGIBILITY_HEALTH: Final = "ELIGIBILITY_HEALTH"


class Item(StrEnum):
    """A condition of A25. `STANDING` is the general one of A25.4: a senior title, or influence and reputation."""

    POLITICS = "politics"
    ETHICS = "ethics"
    CAPACITY = "capacity"
    KNOWLEDGE = "knowledge"
    STANDING = "standing"
    CONDUCT = "conduct"
    CONSENT = "consent"
    HEALTH = "health"


class Outcome(StrEnum):
    """What was found. An exception is for `STANDING` alone: the only condition that the article says of generally."""

    MET = "met"
    NOT_MET = "not-met"
    EXCEPTION = "exception"


class Attester(StrEnum):
    """Who answers for a finding; the software computes nothing but the level of a title."""

    ORGANISATION = "organisation"
    CENTER = "center"
    SELF = "self"


CONFIDENTIAL: Final = frozenset({Item.CONDUCT, Item.HEALTH})
"""Items whose evidence only named roles read, each look noted."""

ATTESTERS: Final[Mapping[Item, frozenset[Attester]]] = {
    Item.POLITICS: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.ETHICS: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.CAPACITY: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.KNOWLEDGE: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.STANDING: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.CONDUCT: frozenset({Attester.ORGANISATION, Attester.CENTER}),
    Item.CONSENT: frozenset({Attester.SELF}),
    Item.HEALTH: frozenset({Attester.SELF}),
}
"""Who may answer for an item: consent and health are the person's own to declare (A25.6)."""

RULE_OF: Final[Mapping[Item, str]] = {
    Item.POLITICS: ELIGIBILITY_POLITICS,
    Item.ETHICS: ELIGIBILITY_ETHICS,
    Item.CAPACITY: ELIGIBILITY_CAPACITY,
    Item.KNOWLEDGE: ELIGIBILITY_KNOWLEDGE,
    Item.STANDING: TITLE_OR_REPUTATION,
    Item.CONDUCT: DISQUALIFIED,
    Item.CONSENT: CONSENT_MISSING,
    Item.HEALTH: ELIGIBILITY_HEALTH,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one condition.

    Attributes:
        item: the condition.
        outcome: met, not met, or (A25.4 generally) excepted with a recorded reason.
        attester: who answers for it.
        attested_on: when.
        until_on: last day on which it holds, such as that of a licence; None for no end.
        flagged: `CONDUCT` alone: discipline or liability is known that does not bar entry (A26.4) and needs an answer.
    """

    item: Item
    outcome: Outcome
    attester: Attester
    attested_on: date
    until_on: date | None = None
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that says no, with the facts of its sentence."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def why_not_eligible(
    findings: Iterable[Finding], *, title_level: TitleLevel, recommended: bool, on: date
) -> tuple[Broken, ...]:
    """Return every condition of A25 that nobody has answered for, or that is not met; empty when all are.

    A senior title is computed; reputation is its equal alternative and needs an attestation with evidence; with
    neither, a recorded reason lets the rule yield. Political soundness is attested by the recommending organisation
    where there is one.

    Args:
        findings: at most one per item.
        title_level: of the person's professional title.
        recommended: whether an organisation recommended the person.
        on: the day of the check; a finding holds on its last day.

    Source: A25.1 to A25.6. Reading: U8 (known discipline is flagged, not a bar).
    """
    held = {finding.item: finding for finding in findings}
    broken = []
    for item in Item:
        finding = held.get(item)
        if item is Item.STANDING and title_level.is_senior:
            continue
        if (found := _fault_of(finding, on)) is None and recommended and item is Item.POLITICS:
            found = None if finding and finding.attester is Attester.ORGANISATION else "by-other"
        if found is not None:
            broken.append(Broken(RULE_OF[item], {"found": found}))
    return tuple(broken)


def needs_answer(findings: Iterable[Finding]) -> bool:
    """Return whether known discipline or liability must be answered by who approves (U8)."""
    return any(finding.item is Item.CONDUCT and finding.flagged for finding in findings)


def is_exception(findings: Iterable[Finding], *, title_level: TitleLevel) -> bool:
    """Return whether the person enters without title and reputation, by a recorded reason (A25.4)."""
    return not title_level.is_senior and any(finding.outcome is Outcome.EXCEPTION for finding in findings)


def _fault_of(finding: Finding | None, on: date) -> str | None:
    if finding is None:
        return "missing"
    if finding.outcome is Outcome.NOT_MET:
        return "not-met"
    if finding.outcome is Outcome.EXCEPTION and finding.item is not Item.STANDING:
        return "no-exception"
    if finding.until_on is not None and finding.until_on < on:
        return "expired"
    return None
