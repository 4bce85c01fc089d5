"""Writing candidates and what was found about them; each change raises the version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from registry import RUNNING, ExpertField, Finding, Item, Stage, TitleLevel
from service.ids import new_id
from service.problems import NotFound
from service.storage.candidates import finding_from
from service.storage.rows.admission import BatchRow, CandidateRow, QualificationRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class NewCandidate:
    """A candidate as it is written."""

    person_id: UUID
    expert_id: UUID | None
    title: str
    title_level: TitleLevel
    fields: tuple[ExpertField, ...]
    organisation_id: UUID | None
    post: str
    source: str
    source_note: str
    received_on: date


@dataclass(frozen=True, slots=True)
class HeldCandidate:
    """A candidate as an act finds it."""

    id: UUID
    number: str
    person_id: UUID
    expert_id: UUID | None
    title: str
    title_level: TitleLevel
    fields: tuple[ExpertField, ...]
    organisation_id: UUID | None
    post: str
    source: str
    source_note: str
    stage: Stage
    checked_on: date | None
    batch_id: UUID | None
    findings: tuple[Finding, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, with the words about it: plain, or sealed where they are confidential."""

    finding: Finding
    evidence: str
    sealed: bytes | None


async def next_yearly(session: Session, column: Any, prefix: str, *, digits: int, suffix: str = "") -> str:
    """Return the next of the numbers that begin and end alike, such as `SQ2026-0014`.

    To be called in the unit of work that uses it: who numbers at the same time waits.

    Args:
        session: a unit of work.
        column: where the numbers stand; unique.
        prefix: what stands before the figure.
        digits: least digits of the figure.
        suffix: what stands after it.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": str(column)})
    last = await session.scalar(
        select(column)
        .where(column.startswith(prefix, autoescape=True), column.endswith(suffix, autoescape=True))
        .order_by(func.length(column).desc(), column.desc())
        .limit(1)
    )
    figure = last.removeprefix(prefix).removesuffix(suffix) if last else ""
    return f"{prefix}{(int(figure) if figure.isascii() and figure.isdigit() else 0) + 1:0{digits}d}{suffix}"


async def put_candidate(session: Session, new: NewCandidate, *, at: datetime) -> tuple[UUID, str]:
    """Write a candidate; returns id and number."""
    candidate_id = new_id()
    number = await next_yearly(session, CandidateRow.number, f"SQ{new.received_on.year}-", digits=4)
    session.add(
        CandidateRow(
            id=candidate_id,
            number=number,
            person_id=new.person_id,
            expert_id=new.expert_id,
            title=new.title,
            title_level=new.title_level.value,
            fields=[{"code": held.code, "main": held.main} for held in new.fields],
            organisation_id=new.organisation_id,
            post=new.post,
            source=new.source,
            source_note=new.source_note,
            received_on=new.received_on,
            created_at=at,
        )
    )
    await session.flush()
    return candidate_id, number


async def put_person(session: Session, values: Mapping[str, Any], *, at: datetime) -> None:
    """Write a person who is new; values are columns with `person_id` as the id."""
    columns = dict(values)
    session.add(PersonRow(id=columns.pop("person_id"), created_at=at, **columns))
    await session.flush()


@dataclass(frozen=True, slots=True, repr=False)
class HeldPerson:
    """A person as a correction finds one; sealed values stay sealed.

    Attributes:
        known: whether the person is an expert, or a candidate elsewhere: then a number is not just retyped.
        others: as the table's columns.
    """

    person_id: UUID
    name: str
    email: str
    identity_hash: str | None
    phone_sealed: bytes | None
    known: bool


async def hold_person(session: Session, person_id: UUID, *, candidate_id: UUID) -> HeldPerson:
    """Load the person of a candidate for a correction."""
    row = await session.get_one(PersonRow, person_id, with_for_update=True, populate_existing=True)
    expert = await session.scalar(select(ExpertRow.id).where(ExpertRow.person_id == person_id))
    other = await session.scalar(
        select(CandidateRow.id).where(CandidateRow.person_id == person_id, CandidateRow.id != candidate_id).limit(1)
    )
    known = expert is not None or other is not None
    return HeldPerson(row.id, row.name, row.email, row.identity_hash, row.phone_sealed, known)


async def change_person(session: Session, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Write columns of a person and raise the version."""
    await session.execute(
        update(PersonRow)
        .where(PersonRow.id == person_id)
        .values(version=PersonRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


async def running_candidate(session: Session, person_id: UUID) -> UUID | None:
    """Return the candidate of a person who waits for something, None without one."""
    stages = [stage.value for stage in RUNNING]
    candidate_id: UUID | None = await session.scalar(
        select(CandidateRow.id).where(CandidateRow.person_id == person_id, CandidateRow.stage.in_(stages))
    )
    return candidate_id


async def hold_candidate(session: Session, candidate_id: UUID) -> HeldCandidate:
    """Load a candidate for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(CandidateRow, candidate_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="candidate")
    return (await _held(session, [row]))[0]


async def hold_listed(session: Session, batch_id: UUID) -> list[HeldCandidate]:
    """Load everybody on a list for a change, by number."""
    rows = await session.scalars(
        select(CandidateRow)
        .where(CandidateRow.batch_id == batch_id)
        .order_by(CandidateRow.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return await _held(session, list(rows))


async def put_finding(session: Session, candidate_id: UUID, found: Evidence, *, by: UUID, at: datetime) -> None:
    """Write what was found about one condition in the place of what was found before."""
    finding = found.finding
    await session.execute(
        delete(QualificationRow).where(
            QualificationRow.candidate_id == candidate_id, QualificationRow.item == finding.item.value
        )
    )
    session.add(
        QualificationRow(
            candidate_id=candidate_id,
            item=finding.item.value,
            outcome=finding.outcome.value,
            attester=finding.attester.value,
            attested_on=finding.attested_on,
            until_on=finding.until_on,
            evidence=found.evidence,
            sealed=found.sealed,
            flagged=finding.flagged,
            recorded_by=by,
            recorded_at=at,
        )
    )
    await change_candidates(session, [candidate_id])


async def sealed_evidence(session: Session, candidate_id: UUID, item: Item) -> bytes | None:
    """Return the sealed evidence of a condition, None where none is kept."""
    return await session.scalar(
        select(QualificationRow.sealed).where(
            QualificationRow.candidate_id == candidate_id, QualificationRow.item == item.value
        )
    )


async def change_candidates(session: Session, ids: Sequence[UUID], **values: Any) -> None:
    """Write columns of candidates and raise their versions."""
    await session.flush()
    await session.execute(
        update(CandidateRow)
        .where(CandidateRow.id.in_(ids))
        .values(version=CandidateRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


async def raise_batch(session: Session, batch_id: UUID, **values: Any) -> None:
    """Write columns of a list and raise its version."""
    await session.flush()
    await session.execute(
        update(BatchRow)
        .where(BatchRow.id == batch_id)
        .values(version=BatchRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


async def _held(session: Session, rows: Sequence[CandidateRow]) -> list[HeldCandidate]:
    found: dict[UUID, list[Finding]] = {}
    ids = [row.id for row in rows]
    for one in await session.scalars(select(QualificationRow).where(QualificationRow.candidate_id.in_(ids))):
        found.setdefault(one.candidate_id, []).append(finding_from(one))
    return [
        HeldCandidate(
            id=row.id,
            number=row.number,
            person_id=row.person_id,
            expert_id=row.expert_id,
            title=row.title,
            title_level=TitleLevel(row.title_level),
            fields=tuple(ExpertField(field["code"], field["main"]) for field in row.fields),
            organisation_id=row.organisation_id,
            post=row.post,
            source=row.source,
            source_note=row.source_note,
            stage=Stage(row.stage),
            checked_on=row.checked_on,
            batch_id=row.batch_id,
            findings=tuple(found.get(row.id, ())),
            version=row.version,
        )
        for row in rows
    ]
