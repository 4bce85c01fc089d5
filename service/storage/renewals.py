"""Experts whose terms end: who they are, what they served, how they were assessed; and what acts write about it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update

from registry import LAPSED_DAYS, RUNNING, Appointment, ExpertField, Record, gap_of, why_no_wish
from service.access import Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.candidate_writing import running_candidate
from service.storage.expert_writing import raise_version
from service.storage.experts import Work, fields_of, works_of
from service.storage.records import records_of
from service.storage.rows.admission import AssessmentRow, CandidateRow
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.rows.matters import PanelMemberRow, PanelRow
from service.storage.rows.terms import RenewalWishRow
from service.storage.session import Session
from service.storage.terms import ReminderLine, reminders_of


@dataclass(frozen=True, slots=True)
class WishView:
    """Whether an expert would like another term; no right to one follows."""

    willing: bool
    statement: str
    said_on: date


@dataclass(frozen=True, slots=True)
class DueLine:
    """An expert whose term ends or has ended.

    Attributes:
        ends_on: last day of the last term, inclusive.
        events: panels determined in that term with the expert on them.
        record: how invitations of that term were answered, dates kept and points taken up.
        reminders: what was said to the expert about the end of the term, newest first.
        wish: whether the expert would like another term, None where nothing was said.
        gap: days without a term until today; zero while it lasts.
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
    reminders: tuple[ReminderLine, ...]
    wish: WishView | None
    gap: int


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """The center's answers about an expert, and what the expert says to them.

    Attributes:
        needed, eligible: the other two tests of another term; None for an assessment during a term.
        record: what the work of the term came to on the day of the answers; None for answers from before it was kept.
        settled: what became of the objection to one during a term: `upheld`, `set-aside`, or empty.
        assessor_id: the person who made it.
    """

    id: UUID
    expert_id: UUID
    term_ends_on: date
    events: int
    qualified: bool
    needed: bool | None
    eligible: bool | None
    reason: str
    record: Record | None
    contested: str
    contested_on: date | None
    settled: str
    settled_reason: str
    settled_on: date | None
    answered_by: str
    assessor_id: UUID
    answered_on: date
    version: int

    @property
    def in_term(self) -> bool:
        """Whether it was made during a term, of the work alone."""
        return self.needed is None


async def due_for_renewal(session: Session, viewer: Viewer, *, on: date, days: int) -> tuple[DueLine, ...]:
    """Return experts in office whose last term ends within so many days or ended within a year, soonest first.

    Who is on the way to another term already, or is under review, is left out.
    """
    if not may(viewer, "renewal:see"):
        return ()
    last = (
        select(AppointmentRow.expert_id, func.max(AppointmentRow.ends_on).label("ends_on"))
        .group_by(AppointmentRow.expert_id)
        .subquery()
    )
    running = select(CandidateRow.person_id).where(CandidateRow.stage.in_([stage.value for stage in RUNNING]))
    rows = (
        await session.execute(
            select(ExpertRow.id, ExpertRow.person_id, ExpertRow.number, PersonRow.name, ExpertRow.title, last.c.ends_on)
            .join(last, last.c.expert_id == ExpertRow.id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(
                ExpertRow.state == "active",
                last.c.ends_on <= on + timedelta(days=days),
                last.c.ends_on >= on - timedelta(days=LAPSED_DAYS),
                ExpertRow.person_id.not_in(running),
            )
            .order_by(last.c.ends_on, PersonRow.pinyin, ExpertRow.number)
        )
    ).all()
    ids = [row[0] for row in rows]
    fields = await fields_of(session, ids)
    works = await works_of(session, [row[1] for row in rows], on=on)
    events = await events_of(session, ids)
    records = await records_of(session, ids, on=on, since_on=await term_starts(session, ids))
    reminders = await reminders_of(session, ids)
    wishes = await wishes_of(session, ids)
    return tuple(
        DueLine(
            id=expert_id,
            number=number,
            name=name,
            title=title,
            works=works.get(person_id, ()),
            fields=fields.get(expert_id, ()),
            ends_on=ends_on,
            events=events.get(expert_id, 0),
            record=records[expert_id],
            reminders=reminders.get(expert_id, ()),
            wish=wishes.get(expert_id),
            gap=gap_of(ends_on, on=on),
        )
        for expert_id, person_id, number, name, title, ends_on in rows
    )


async def wishes_of(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, WishView]:
    """Return expert -> whether another term is wanted after the last one; who said nothing is left out."""
    last = last_terms(expert_ids).subquery()
    rows = await session.execute(
        select(RenewalWishRow)
        .join(AppointmentRow, AppointmentRow.id == RenewalWishRow.appointment_id)
        .join(last, (last.c.expert_id == AppointmentRow.expert_id) & (last.c.starts_on == AppointmentRow.starts_on))
    )
    return {row.expert_id: WishView(row.willing, row.statement, row.said_on) for row in rows.scalars()}


async def wish_waits(session: Session, viewer: Viewer, *, on: date, days: int) -> date | None:
    """Return the last day of the viewer's term where the viewer may say now whether another one is wanted, else None.

    Args:
        session: a reading session.
        viewer: the expert.
        on: today.
        days: days before the end of the term from which a wish is taken, of the local policy.
    """
    rows = await session.execute(
        select(AppointmentRow.starts_on, AppointmentRow.ends_on)
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(ExpertRow.person_id == viewer.person_id, ExpertRow.state == "active")
    )
    terms = [Appointment(*row) for row in rows]
    if why_no_wish(terms, on=on, days=days) or await running_candidate(session, viewer.person_id):
        return None
    return max(term.ends_on for term in terms)


async def own_wish(session: Session, viewer: Viewer) -> WishView | None:
    """Return what the viewer said about another term after the last one, None where nothing was said."""
    expert_id = await session.scalar(select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id))
    return None if expert_id is None else (await wishes_of(session, [expert_id])).get(expert_id)


async def put_wish(session: Session, expert_id: UUID, wish: WishView) -> UUID:
    """Write what an expert wishes after the last term, in the place of what was said before; returns the term.

    Raises:
        NotFound: for who was never appointed.
    """
    term: UUID | None = await session.scalar(
        select(AppointmentRow.id)
        .where(AppointmentRow.expert_id == expert_id)
        .order_by(AppointmentRow.starts_on.desc())
        .limit(1)
    )
    if term is None:
        raise NotFound(subject="term")
    values = {"willing": wish.willing, "statement": wish.statement, "said_on": wish.said_on}
    known = await session.scalar(select(RenewalWishRow.id).where(RenewalWishRow.appointment_id == term))
    await session.merge(RenewalWishRow(id=known or new_id(), appointment_id=term, expert_id=expert_id, **values))
    await raise_version(session, expert_id)
    return term


def last_terms(expert_ids: Collection[UUID]) -> Select[tuple[UUID, date]]:
    """Return the query for (`expert_id`, `starts_on`) of the last terms of experts."""
    return (
        select(AppointmentRow.expert_id, func.max(AppointmentRow.starts_on).label("starts_on"))
        .where(AppointmentRow.expert_id.in_(expert_ids))
        .group_by(AppointmentRow.expert_id)
    )


async def term_starts(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, date]:
    """Return expert -> first day of the last term."""
    return dict((await session.execute(last_terms(expert_ids))).tuples().all())


async def events_of(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many panels of their last terms experts served on; reserves do not count."""
    starts = last_terms(expert_ids).subquery()
    rows = await session.execute(
        select(PanelMemberRow.expert_id, func.count())
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .join(starts, starts.c.expert_id == PanelMemberRow.expert_id)
        .where(
            PanelMemberRow.role == "member",
            PanelRow.state == "determined",
            PanelRow.determined_on >= starts.c.starts_on,
        )
        .group_by(PanelMemberRow.expert_id)
    )
    return dict(rows.tuples().all())


async def assessments_of(session: Session, expert_id: UUID) -> tuple[AssessmentView, ...]:
    """Return how an expert was assessed, newest first; the caller has made sure that the viewer may know."""
    rows = await session.execute(
        select(AssessmentRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == AssessmentRow.answered_by)
        .where(AssessmentRow.expert_id == expert_id)
        .order_by(AssessmentRow.answered_on.desc(), AssessmentRow.id.desc())
    )
    return tuple(view_of(row, name or "") for row, name in rows)


async def hold_assessment(session: Session, assessment_id: UUID) -> AssessmentView:
    """Load an assessment for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(AssessmentRow, assessment_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="assessment")
    return view_of(row, "")


async def put_assessment(
    session: Session,
    expert_id: UUID,
    *,
    qualified: bool,
    needed: bool | None = None,
    eligible: bool | None = None,
    events: int,
    record: Record,
    term_ends_on: date,
    reason: str,
    candidate_id: UUID | None = None,
    by: UUID,
    on: date,
) -> UUID:
    """Write the answers about an expert, of the work alone during a term; returns the id."""
    assessment_id = new_id()
    session.add(
        AssessmentRow(
            id=assessment_id,
            expert_id=expert_id,
            candidate_id=candidate_id,
            term_ends_on=term_ends_on,
            events=events,
            qualified=qualified,
            needed=needed,
            eligible=eligible,
            reason=reason,
            record=asdict(record) | {"points": dict(record.points)},
            answered_by=by,
            answered_on=on,
        )
    )
    await session.flush()
    return assessment_id


async def put_contest(session: Session, assessment_id: UUID, *, text: str, on: date) -> None:
    """Write what an expert says against an assessment."""
    await session.execute(
        update(AssessmentRow)
        .where(AssessmentRow.id == assessment_id)
        .values(contested=text, contested_on=on, version=AssessmentRow.version + 1)
        .execution_options(synchronize_session=False)
    )


def view_of(row: AssessmentRow, name: str) -> AssessmentView:
    """Return an assessment as it is shown; `name` is who made it."""
    return AssessmentView(
        id=row.id,
        expert_id=row.expert_id,
        term_ends_on=row.term_ends_on,
        events=row.events,
        qualified=row.qualified,
        needed=row.needed,
        eligible=row.eligible,
        reason=row.reason,
        record=Record(**row.record) if row.record else None,
        contested=row.contested,
        contested_on=row.contested_on,
        settled=row.settled,
        settled_reason=row.settled_reason,
        settled_on=row.settled_on,
        answered_by=name,
        assessor_id=row.answered_by,
        answered_on=row.answered_on,
        version=row.version,
    )
