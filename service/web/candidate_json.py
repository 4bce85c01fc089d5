"""A candidate as JSON: the line in a list, and the card of A25."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.storage.candidates import CandidateLine, CandidateView, FindingView
from service.web.about_json import FieldJson


@dataclass(frozen=True, slots=True)
class CandidateLineJson:
    """A candidate in a list."""

    id: UUID
    number: str
    name: str
    title: str
    title_level: str
    unit: str
    source: str
    stage: str
    received_on: date
    checked_on: date | None
    expert_id: UUID | None
    fields: list[FieldJson]
    excepted: bool


@dataclass(frozen=True, slots=True)
class CandidatesJson:
    """A page of candidates, with counts by stage."""

    candidates: list[CandidateLineJson]
    total: int
    page: int
    per_page: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class FoundJson:
    """A condition of A25 and what was found about it; `fault` says what stands against the candidate.

    Of what is confidential only `answered` is told here; the rest is read with a reason.
    """

    item: str
    rule: str
    fault: str
    answered: bool
    computed: bool
    confidential: bool
    outcome: str
    attester: str
    attested_on: date | None
    until_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class CandidateJson:
    """A candidate with everything that was found; numbers are masked."""

    candidate: CandidateLineJson
    identity_masked: str
    phone_masked: str
    email: str
    post: str
    source_note: str
    findings: list[FoundJson]
    eligible: bool
    batch_id: UUID | None
    reason: str
    letter_number: str
    version: int


def candidate_json(view: CandidateView) -> CandidateJson:
    """Return a candidate with the card of A25 as JSON."""
    return CandidateJson(
        candidate=line_of(view.line),
        identity_masked=view.identity_masked,
        phone_masked=view.phone_masked,
        email=view.email,
        post=view.post,
        source_note=view.source_note,
        findings=[_found(one) for one in view.findings],
        eligible=view.eligible,
        batch_id=view.batch_id,
        reason=view.reason,
        letter_number=view.letter_number,
        version=view.version,
    )


def line_of(line: CandidateLine) -> CandidateLineJson:
    """Return a candidate in a list as JSON."""
    return CandidateLineJson(
        id=line.id,
        number=line.number,
        name=line.name,
        title=line.title,
        title_level=line.title_level,
        unit=line.unit,
        source=line.source,
        stage=line.stage.value,
        received_on=line.received_on,
        checked_on=line.checked_on,
        expert_id=line.expert_id,
        fields=[FieldJson(one.code, one.main) for one in line.fields],
        excepted=line.excepted,
    )


def _found(view: FindingView) -> FoundJson:
    finding = view.finding
    return FoundJson(
        item=view.item.value,
        rule=view.rule,
        fault=view.fault,
        answered=view.answered,
        computed=view.computed,
        confidential=view.confidential,
        outcome=finding.outcome.value if finding else "",
        attester=finding.attester.value if finding else "",
        attested_on=finding.attested_on if finding else None,
        until_on=finding.until_on if finding else None,
        evidence=view.evidence,
    )
