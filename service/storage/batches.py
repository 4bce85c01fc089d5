"""Lists for approval: one with its people, all of them, and what acts need to hold and write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from registry import Appointment, Approval, Approver, BatchKind, Outcome, Stage
from service.access import Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.candidate_writing import next_yearly, raise_batch
from service.storage.candidates import CandidateLine, lines_of
from service.storage.rows.admission import BatchRow, CandidateRow, LetterRow, QualificationRow
from service.storage.rows.library import AppointmentRow, PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """A list as an act finds it.

    Attributes:
        approval: what was recorded; None before the decision.
        proposed_by: person who put it forward.
    """

    id: UUID
    number: str
    kind: BatchKind
    state: str
    align_on: date | None
    proposed_by: UUID | None
    proposed_on: date | None
    approval: Approval | None
    version: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A list among the lists."""

    id: UUID
    number: str
    kind: BatchKind
    state: str
    people: int
    waiting_letters: int
    proposed_on: date | None
    approved_on: date | None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter of somebody on a list; both days of the term inclusive."""

    candidate_id: UUID
    number: str
    letter_on: date
    starts_on: date
    ends_on: date
    printed: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """A list with its people.

    Attributes:
        people: by number, with their stages.
        letters: candidate -> letter.
        exceptions: candidate -> the recorded reason for entering without title and reputation (A25.4).
        addable: candidates who passed the first check and are on no list; only while the list is open.
        proposer, decider: names, empty before.
        version: for the next act.
    """

    id: UUID
    number: str
    kind: BatchKind
    state: str
    align_on: date | None
    proposed_on: date | None
    proposer: str
    approval: Approval | None
    decider: str
    decided_at: datetime | None
    people: tuple[CandidateLine, ...]
    letters: dict[UUID, LetterLine]
    exceptions: dict[UUID, str]
    addable: tuple[CandidateLine, ...]
    version: int

    @property
    def waiting(self) -> tuple[CandidateLine, ...]:
        """Who is approved and has no letter yet."""
        return tuple(one for one in self.people if one.stage is Stage.APPROVED)


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter as it is written with its term."""

    candidate_id: UUID
    expert_id: UUID
    term: Appointment
    code: str
    letter_on: date


async def list_batches(session: Session, viewer: Viewer) -> tuple[BatchLine, ...]:
    """Return all lists that the viewer may see, newest first."""
    if not may(viewer, "batch:see"):
        return ()
    people = (
        select(
            CandidateRow.batch_id,
            func.count().label("people"),
            func.sum(case((CandidateRow.stage == Stage.APPROVED.value, 1), else_=0)).label("waiting"),
        )
        .group_by(CandidateRow.batch_id)
        .subquery()
    )
    rows = await session.execute(
        select(BatchRow, func.coalesce(people.c.people, 0), func.coalesce(people.c.waiting, 0))
        .outerjoin(people, people.c.batch_id == BatchRow.id)
        .order_by(BatchRow.number.desc())
    )
    lines = [
        BatchLine(row.id, row.number, BatchKind(row.kind), row.state, count, waiting, row.proposed_on, row.approved_on)
        for row, count, waiting in rows
    ]
    return tuple(line for line in lines if viewer.center or line.state != "open" or "audit" in viewer.roles)


async def load_batch(session: Session, viewer: Viewer, batch_id: UUID) -> BatchView:
    """Return a list with its people.

    Raises:
        NotFound: when there is none, or it is not the viewer's to know; who approves sees it once it is proposed.
    """
    row = await session.get(BatchRow, batch_id)
    if row is None or not may(viewer, "batch:see"):
        raise NotFound(subject="batch")
    if row.state == "open" and not (viewer.center or "audit" in viewer.roles):
        raise NotFound(subject="batch")
    letters = await session.execute(
        select(LetterRow, AppointmentRow.starts_on, AppointmentRow.ends_on)
        .join(AppointmentRow, AppointmentRow.id == LetterRow.appointment_id)
        .where(LetterRow.batch_id == batch_id)
    )
    addable: tuple[CandidateLine, ...] = ()
    if row.state == "open" and viewer.center:
        renewal = CandidateRow.source == "renewal"
        addable = await lines_of(
            session,
            [
                CandidateRow.stage == Stage.CHECKED.value,
                CandidateRow.batch_id.is_(None),
                renewal if row.kind == BatchKind.REAPPOINTMENT else ~renewal,
            ],
            limit=200,
        )
    names = await _names(session, [row.proposed_by, row.decided_by])
    return BatchView(
        id=row.id,
        number=row.number,
        kind=BatchKind(row.kind),
        state=row.state,
        align_on=row.align_on,
        proposed_on=row.proposed_on,
        proposer=names.get(row.proposed_by, ""),
        approval=_approval(row),
        decider=names.get(row.decided_by, ""),
        decided_at=row.decided_at,
        people=await lines_of(session, [CandidateRow.batch_id == batch_id]),
        letters={
            letter.candidate_id: LetterLine(
                letter.candidate_id, letter.number, letter.letter_on, starts_on, ends_on, letter.printed
            )
            for letter, starts_on, ends_on in letters
        },
        exceptions=await _exceptions(session, batch_id),
        addable=addable,
        version=row.version,
    )


async def hold_batch(session: Session, batch_id: UUID) -> HeldBatch:
    """Load a list for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(BatchRow, batch_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="batch")
    return HeldBatch(
        id=row.id,
        number=row.number,
        kind=BatchKind(row.kind),
        state=row.state,
        align_on=row.align_on,
        proposed_by=row.proposed_by,
        proposed_on=row.proposed_on,
        approval=_approval(row),
        version=row.version,
    )


async def put_batch(session: Session, kind: BatchKind, *, align_on: date | None, on: date, at: datetime) -> UUID:
    """Write an empty list; returns its id."""
    batch_id = new_id()
    number = await next_yearly(session, BatchRow.number, f"PC{on.year}-", digits=2)
    session.add(BatchRow(id=batch_id, number=number, kind=kind.value, align_on=align_on, created_at=at))
    await session.flush()
    return batch_id


async def put_letter(
    session: Session, new: NewLetter, *, batch_id: UUID, approval: Approval, number: str, at: datetime
) -> UUID:
    """Write a letter and the term that it begins; returns the term's id."""
    appointment_id = new_id()
    session.add(
        AppointmentRow(
            id=appointment_id,
            expert_id=new.expert_id,
            starts_on=new.term.starts_on,
            ends_on=new.term.ends_on,
            letter_number=number,
            approver=approval.by.value,
            approval_number=approval.number,
            approved_on=approval.on,
        )
    )
    await session.flush()
    session.add(
        LetterRow(
            appointment_id=appointment_id,
            candidate_id=new.candidate_id,
            batch_id=batch_id,
            number=number,
            code=new.code,
            letter_on=new.letter_on,
            created_at=at,
        )
    )
    await raise_batch(session, batch_id)
    return appointment_id


async def next_letter_number(session: Session, prefix: str) -> str:
    """Return the next number of a letter: `示决聘〔2026〕014号`; terms entered from paper count."""
    return await next_yearly(session, AppointmentRow.letter_number, prefix, digits=3, suffix="号")


async def waiting_batches(session: Session, kinds: Sequence[BatchKind]) -> tuple[tuple[UUID, str, date | None], ...]:
    """Return id, number and day of the proposed lists of some kinds, oldest first."""
    rows = await session.execute(
        select(BatchRow.id, BatchRow.number, BatchRow.proposed_on)
        .where(BatchRow.state == "proposed", BatchRow.kind.in_([kind.value for kind in kinds]))
        .order_by(BatchRow.proposed_on, BatchRow.number)
    )
    return tuple((batch_id, number, on) for batch_id, number, on in rows)


async def _exceptions(session: Session, batch_id: UUID) -> dict[UUID, str]:
    rows = await session.execute(
        select(QualificationRow.candidate_id, QualificationRow.evidence)
        .join(CandidateRow, CandidateRow.id == QualificationRow.candidate_id)
        .where(CandidateRow.batch_id == batch_id, QualificationRow.outcome == Outcome.EXCEPTION.value)
    )
    return dict(rows.tuples().all())


def _approval(row: BatchRow) -> Approval | None:
    if row.approved_on is None:
        return None
    return Approval(Approver(row.approver), row.approval_number, row.approved_on)


async def _names(session: Session, people: Sequence[UUID | None]) -> dict[Any, str]:
    wanted = [one for one in people if one is not None]
    rows = await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(wanted)))
    return dict(rows.tuples().all())
