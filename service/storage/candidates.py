"""Candidates as people see them: the list by stage, and one with everything that was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from registry import (
    CONFIDENTIAL,
    RULE_OF,
    Attester,
    ExpertField,
    Finding,
    Item,
    Outcome,
    Stage,
    TitleLevel,
    is_exception,
    why_not_eligible,
)
from service import ledger
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.rows.admission import BatchRow, CandidateRow, LetterRow, QualificationRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.rows.texts import LibraryTextRow
from service.storage.session import Session

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class FindingView:
    """A condition of A25 and what was found about it.

    Attributes:
        item: the condition.
        rule: code of the rule that it keeps.
        finding: None while nobody has answered; also None for a senior title, which is computed, and for conduct and
            health, which `service.actions.candidates.read_confidential` reads, each look noted.
        answered: whether somebody has.
        computed: whether the title alone answers it.
        evidence: words about it; empty for what is confidential.
        recorded_by, recorded_at: who entered it; empty while nobody has.
        fault: what stands against the candidate: `missing`, `not-met`, `expired`, `by-other`; empty when it is met,
            and where only a look may tell that it is not.
    """

    item: Item
    rule: str
    finding: Finding | None
    answered: bool
    computed: bool
    evidence: str
    recorded_by: str
    recorded_at: datetime | None
    fault: str

    @property
    def confidential(self) -> bool:
        """Whether only named roles read the evidence, each look noted."""
        return self.item in CONFIDENTIAL


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A candidate in a list."""

    id: UUID
    number: str
    name: str
    title: str
    title_level: str
    unit: str
    source: str
    stage: Stage
    received_on: date
    checked_on: date | None
    expert_id: UUID | None
    fields: tuple[ExpertField, ...]
    flagged: bool
    excepted: bool


@dataclass(frozen=True, slots=True)
class CandidateList:
    """One page of candidates, with counts by stage."""

    lines: tuple[CandidateLine, ...]
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate with everything that was found.

    Attributes:
        line: as in the list.
        identity_masked, phone_masked, email: of the person.
        post, source_note: as entered.
        organisation_id: the unit, None where none is known.
        findings: one for each condition of A25, in their order.
        batch_id, batch_number: the list, None and empty while on none.
        reason: why the candidate was rejected or not approved; empty otherwise.
        letter_number: of the letter, empty before it.
        erased_on: since when the card says nothing of its person, None while it does.
        version: for the next act.
    """

    line: CandidateLine
    person_id: UUID
    identity_masked: str
    phone_masked: str
    email: str
    post: str
    source_note: str
    organisation_id: UUID | None
    findings: tuple[FindingView, ...]
    batch_id: UUID | None
    batch_number: str
    reason: str
    letter_number: str
    erased_on: date | None
    version: int

    @property
    def eligible(self) -> bool:
        """Whether no condition of A25 stands against the candidate."""
        return not any(view.fault for view in self.findings)


async def list_candidates(
    session: Session, viewer: Viewer, *, stage: str = "", words: str = "", page: int = 1
) -> CandidateList:
    """Return a page of candidates, newest first.

    Args:
        session: a reading session.
        viewer: who may not list candidates finds nobody.
        stage: one of `registry.Stage`, or empty for all.
        words: part of the name or its sound, or the beginning of the number.
        page: from 1.
    """
    if not may(viewer, "candidate:list"):
        return CandidateList((), 0, {})
    conditions: list[ColumnElement[bool]] = []
    for word in words.split():
        sound = word.lower()
        conditions.append(
            or_(
                PersonRow.name.contains(word, autoescape=True),
                PersonRow.pinyin.startswith(sound, autoescape=True),
                PersonRow.pinyin.contains(f" {sound}", autoescape=True),
                CandidateRow.number.startswith(word.upper(), autoescape=True),
            )
        )
    rows = await session.execute(
        select(CandidateRow.stage, func.count())
        .join(PersonRow, PersonRow.id == CandidateRow.person_id)
        .where(*conditions)
        .group_by(CandidateRow.stage)
    )
    counts = dict(rows.tuples().all())
    if stage:
        conditions.append(CandidateRow.stage == stage)
    lines = await lines_of(
        session,
        conditions,
        order=(CandidateRow.received_on.desc(), CandidateRow.number.desc()),
        limit=PER_PAGE,
        offset=(page - 1) * PER_PAGE,
    )
    total = counts.get(stage, 0) if stage else sum(counts.values())
    return CandidateList(lines, total, counts)


async def lines_of(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[Any] = (CandidateRow.number,),
    limit: int | None = None,
    offset: int = 0,
) -> tuple[CandidateLine, ...]:
    """Return candidates as lines, in two queries however many they are."""
    rows = (
        await session.execute(
            select(CandidateRow, PersonRow.name, OrganisationRow.name)
            .join(PersonRow, PersonRow.id == CandidateRow.person_id)
            .outerjoin(OrganisationRow, OrganisationRow.id == CandidateRow.organisation_id)
            .where(*conditions)
            .order_by(*order)
            .limit(limit)
            .offset(offset)
        )
    ).all()
    findings = await findings_of(session, [row.id for row, _, _ in rows])
    return tuple(_line(row, name, unit or "", findings.get(row.id, ())) for row, name, unit in rows)


async def findings_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[Finding, ...]]:
    """Return what was found about candidates, without evidence."""
    found: dict[UUID, list[Finding]] = {}
    for row in await session.scalars(select(QualificationRow).where(QualificationRow.candidate_id.in_(ids))):
        found.setdefault(row.candidate_id, []).append(finding_from(row))
    return {candidate_id: tuple(held) for candidate_id, held in found.items()}


async def load_candidate(session: Session, viewer: Viewer, candidate_id: UUID, *, on: date) -> CandidateView:
    """Return a candidate with what was found, as of a day.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = (
        await session.execute(
            select(CandidateRow, PersonRow, OrganisationRow.name, BatchRow.number, LetterRow.number)
            .join(PersonRow, PersonRow.id == CandidateRow.person_id)
            .outerjoin(OrganisationRow, OrganisationRow.id == CandidateRow.organisation_id)
            .outerjoin(BatchRow, BatchRow.id == CandidateRow.batch_id)
            .outerjoin(LetterRow, LetterRow.candidate_id == CandidateRow.id)
            .where(CandidateRow.id == candidate_id)
        )
    ).first()
    if found is None or not may(viewer, "candidate:see"):
        raise NotFound(subject="candidate")
    row, person, unit, batch, letter = found
    if not open_to(viewer, Stage(row.stage), row.batch_id):
        raise NotFound(subject="candidate")
    rows = (
        await session.execute(
            select(QualificationRow, PersonRow.name)
            .outerjoin(PersonRow, PersonRow.id == QualificationRow.recorded_by)
            .where(QualificationRow.candidate_id == candidate_id)
        )
    ).all()
    held = {Item(one.item): (one, name or "") for one, name in rows}
    line = _line(row, person.name, unit or "", [finding_from(one) for one, _ in rows])
    return CandidateView(
        line=line,
        person_id=person.id,
        identity_masked=person.identity_masked,
        phone_masked=person.phone_masked,
        email=person.email,
        post=row.post,
        source_note=row.source_note,
        organisation_id=row.organisation_id,
        findings=_views(held, row, on=on),
        batch_id=row.batch_id,
        batch_number=batch or "",
        reason=await reason_of(session, candidate_id),
        letter_number=letter or "",
        erased_on=row.erased_on,
        version=row.version,
    )


def open_to(viewer: Viewer, stage: Stage, batch_id: UUID | None) -> bool:
    """Return whether a viewer may know a candidate: who approves sees those on a list that was put forward."""
    if may(viewer, "candidate:list"):
        return True
    return batch_id is not None and stage not in (Stage.RECEIVED, Stage.CHECKED, Stage.WITHDRAWN)


def finding_from(row: QualificationRow) -> Finding:
    """Return the finding that a row holds."""
    return Finding(
        Item(row.item), Outcome(row.outcome), Attester(row.attester), row.attested_on, row.until_on, row.flagged
    )


def _views(
    held: Mapping[Item, tuple[QualificationRow, str]], row: CandidateRow, *, on: date
) -> tuple[FindingView, ...]:
    level = TitleLevel(row.title_level)
    broken = why_not_eligible(
        [finding_from(one) for one, _ in held.values()],
        title_level=level,
        recommended=row.source == "organisation",
        on=on,
    )
    faults = {rule.code: str(rule.facts["found"]) for rule in broken}
    views = []
    for item in Item:
        kept, by = held.get(item, (None, ""))
        computed, secret = item is Item.STANDING and level.is_senior, item in CONFIDENTIAL
        fault = faults.get(RULE_OF[item], "")
        views.append(
            FindingView(
                item=item,
                rule=RULE_OF[item],
                finding=None if kept is None or computed or secret else finding_from(kept),
                answered=kept is not None and not computed,
                computed=computed,
                evidence="" if kept is None or computed else kept.evidence,
                recorded_by="" if computed else by,
                recorded_at=None if kept is None or computed else kept.recorded_at,
                fault=fault if not secret or fault in ("missing", "expired") else "",
            )
        )
    return tuple(views)


def _line(row: CandidateRow, name: str, unit: str, findings: Sequence[Finding]) -> CandidateLine:
    return CandidateLine(
        id=row.id,
        number=row.number,
        name=name,
        title=row.title,
        title_level=row.title_level,
        unit=unit,
        source=row.source,
        stage=Stage(row.stage),
        received_on=row.received_on,
        checked_on=row.checked_on,
        expert_id=row.expert_id,
        fields=tuple(ExpertField(one["code"], one["main"]) for one in row.fields),
        flagged=any(one.flagged for one in findings),
        excepted=is_exception(findings, title_level=TitleLevel(row.title_level)),
    )


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of what an application said: who, when, which columns, why, and whether the check was undone."""

    at: datetime
    who: str
    columns: tuple[str, ...]
    reason: str
    unchecked: bool


async def corrections_of(session: Session, candidate_id: UUID) -> tuple[Correction, ...]:
    """Return the corrections of a candidate, newest first."""
    stream = f"candidate:{candidate_id}"
    entries = [one for one in await ledger.stream(session, stream) if one.type == "candidate.corrected"]
    values = [one.value() for one in entries]
    people = {UUID(value["actor"]["person"]) for value in values}
    names = dict(
        (await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))).tuples().all()
    )
    rows = await session.execute(
        select(LibraryTextRow.sha256, LibraryTextRow.text).where(LibraryTextRow.stream == stream)
    )
    texts = dict(rows.tuples().all())
    return tuple(
        Correction(
            at=entry.at,
            who=names.get(UUID(value["actor"]["person"]), ""),
            columns=tuple(value["body"]["columns"]),
            reason=texts.get(value["body"]["correction_sha256"], ""),
            unchecked=value["body"]["unchecked"],
        )
        for entry, value in reversed(list(zip(entries, values, strict=True)))
    )


async def reason_of(session: Session, candidate_id: UUID) -> str:
    """Return the words of the last decision against a candidate."""
    stream = f"candidate:{candidate_id}"
    for entry in reversed(await ledger.stream(session, stream)):
        digest = entry.value()["body"].get("reason_sha256")
        if digest:
            text = await session.scalar(
                select(LibraryTextRow.text).where(LibraryTextRow.stream == stream, LibraryTextRow.sha256 == digest)
            )
            return text or ""
    return ""
