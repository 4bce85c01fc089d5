"""Assessments during a term: who is due for one, what it says, and what became of objections to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from registry import ExpertField, Record, add_months
from service.access import Viewer, may
from service.storage.experts import Work, fields_of, works_of
from service.storage.records import records_of
from service.storage.renewals import AssessmentView, events_of, last_terms, term_starts, view_of
from service.storage.rows.admission import AssessmentRow
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.session import Session

SET_ASIDE = "set-aside"
UPHELD = "upheld"
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class AssessedLine:
    """An expert in office, what the work of the term came to, and the last assessment of that term.

    Attributes:
        events: panels determined in the term with the expert on them.
        record: how invitations of the term were answered, dates kept and points taken up.
        last: the newest assessment of the term that counts, None when there is none.
    """

    id: UUID
    number: str
    name: str
    title: str
    works: tuple[Work, ...]
    fields: tuple[ExpertField, ...]
    ends_on: date
    events: int
    record: Record
    last: AssessmentView | None


@dataclass(frozen=True, slots=True)
class AssessedPage:
    """A page of experts who are due for an assessment, and how many are in all."""

    lines: tuple[AssessedLine, ...]
    total: int


async def due_for_assessment(
    session: Session, viewer: Viewer, *, on: date, months: int, expert_id: UUID | None = None, page: int = 1
) -> AssessedPage:
    """Return experts in office who were not assessed for so many months, those whose terms end first at the top.

    Whose term began less than that long ago is not due yet.

    Args:
        session: a reading session.
        viewer: who asks.
        on: the day.
        months: of the local policy.
        expert_id: this expert alone, due or not.
        page: from 1, of 50.
    """
    if not may(viewer, "assessment:see"):
        return AssessedPage((), 0)
    since = add_months(on, -months)
    assessed = (
        select(AssessmentRow.id)
        .where(AssessmentRow.expert_id == ExpertRow.id, AssessmentRow.answered_on > since, _counts())
        .exists()
    )
    term = and_(AppointmentRow.expert_id == ExpertRow.id, AppointmentRow.starts_on <= on, AppointmentRow.ends_on >= on)
    due = [ExpertRow.id == expert_id] if expert_id is not None else [AppointmentRow.starts_on <= since, ~assessed]
    wanted = (
        select(
            ExpertRow.id, ExpertRow.person_id, ExpertRow.number, PersonRow.name, ExpertRow.title, AppointmentRow.ends_on
        )
        .join(AppointmentRow, term)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(ExpertRow.state.in_(("active", "suspended")), *due)
    )
    total = await session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = (
        await session.execute(
            wanted.order_by(AppointmentRow.ends_on, PersonRow.pinyin, ExpertRow.number)
            .limit(PER_PAGE)
            .offset((page - 1) * PER_PAGE)
        )
    ).all()
    ids = [row[0] for row in rows]
    starts = await term_starts(session, ids)
    fields, works = await fields_of(session, ids), await works_of(session, [row[1] for row in rows], on=on)
    events, records = await events_of(session, ids), await records_of(session, ids, on=on, since_on=starts)
    last = await last_assessments(session, ids)
    return AssessedPage(
        tuple(
            AssessedLine(
                id_, number, name, title, works.get(person_id, ()), fields.get(id_, ()), ends_on, events.get(id_, 0),
                records[id_], last.get(id_),
            )
            for id_, person_id, number, name, title, ends_on in rows
        ),
        total,
    )  # fmt: skip


async def last_assessments(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, AssessmentView]:
    """Return expert -> the newest assessment during the last term that counts."""
    starts = last_terms(expert_ids).subquery()
    rows = await session.execute(
        select(AssessmentRow, PersonRow.name)
        .join(starts, starts.c.expert_id == AssessmentRow.expert_id)
        .outerjoin(PersonRow, PersonRow.id == AssessmentRow.answered_by)
        .where(AssessmentRow.needed.is_(None), AssessmentRow.answered_on >= starts.c.starts_on, _counts())
        .order_by(AssessmentRow.answered_on, AssessmentRow.id)
    )
    return {row.expert_id: view_of(row, name or "") for row, name in rows}


async def numbers_of(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return expert -> number."""
    rows = await session.execute(select(ExpertRow.id, ExpertRow.number).where(ExpertRow.id.in_(expert_ids)))
    return dict(rows.tuples().all())


async def put_settlement(
    session: Session, assessment_id: UUID, *, stands: bool, reason: str, by: UUID, on: date
) -> None:
    """Write what became of an objection."""
    await session.execute(
        update(AssessmentRow)
        .where(AssessmentRow.id == assessment_id)
        .values(
            settled=UPHELD if stands else SET_ASIDE,
            settled_reason=reason,
            settled_by=by,
            settled_on=on,
            version=AssessmentRow.version + 1,
        )
        .execution_options(synchronize_session=False)
    )


async def contests_waiting(session: Session) -> Sequence[tuple[UUID, str, date]]:
    """Return (expert, number, day) of the objections to assessments during a term that nobody settled, oldest first."""
    rows = await session.execute(
        select(AssessmentRow.expert_id, ExpertRow.number, AssessmentRow.contested_on)
        .join(ExpertRow, ExpertRow.id == AssessmentRow.expert_id)
        .where(AssessmentRow.needed.is_(None), AssessmentRow.contested_on.is_not(None), AssessmentRow.settled == "")
        .order_by(AssessmentRow.contested_on, ExpertRow.number)
    )
    return [(expert_id, number, on) for expert_id, number, on in rows.tuples() if on is not None]


def _counts() -> ColumnElement[bool]:
    return or_(AssessmentRow.settled == "", AssessmentRow.settled == UPHELD)
