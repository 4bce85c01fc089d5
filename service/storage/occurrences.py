"""What happened to experts and may be ground for a case: what waits, one with what was said of it, what acts write."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import OccurrenceKind, RefusalReason
from service.access import Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.cases import CaseRow, OccurrenceRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session
from service.storage.staff_bars import barred


@dataclass(frozen=True, slots=True, repr=False)
class OccurrenceView:
    """What happened, and what was said of it.

    Attributes:
        happened_on: the day of it.
        refusal: the coded reason of a refusal, None for others.
        matter_id, matter_title: the matter whose invitation was refused.
        organisation: the employer that began or ended.
        words: what a report says, or which proof ran out.
        state: `waiting`, `passed` (no case) or `case`.
        judge, reviewer: names, empty before.
        case_number: of the case that it opened or was added to.
        opened: whether the case was opened for it.
        own: whether it is about the viewer.
    """

    id: UUID
    expert_id: UUID
    name: str
    expert_number: str
    kind: OccurrenceKind
    happened_on: date
    refusal: RefusalReason | None
    matter_id: UUID | None
    matter_title: str
    organisation: str
    words: str
    state: str
    reason: str
    judge: str
    judged_on: date | None
    case_id: UUID | None
    case_number: str
    opened: bool
    contested: str
    contested_on: date | None
    review_reason: str
    reviewer: str
    reviewed_on: date | None
    own: bool
    version: int

    @property
    def review_waits(self) -> bool:
        """Whether the expert contests the judgement and nobody has settled that."""
        return self.contested_on is not None and self.reviewed_on is None


@dataclass(frozen=True, slots=True)
class HeldOccurrence:
    """An occurrence as an act finds it."""

    id: UUID
    expert_id: UUID
    person_id: UUID
    kind: OccurrenceKind
    happened_on: date
    refusal: RefusalReason | None
    state: str
    judged_by: UUID | None
    case_id: UUID | None
    opened: bool
    contested_on: date | None
    reviewed_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Carrier:
    """An occurrence that a case rests on.

    Attributes:
        opened: whether the case was opened for it; the others joined it.
        falls: whether it was found to count for nothing after all.
    """

    id: UUID
    kind: OccurrenceKind
    refusal: RefusalReason | None
    reason: str
    opened: bool
    falls: bool


@dataclass(frozen=True, slots=True)
class NewOccurrence:
    """An occurrence as it is noted.

    Attributes:
        key: names the event, so that it is noted once however often it is seen.
    """

    key: str
    expert_id: UUID
    kind: OccurrenceKind
    happened_on: date
    refusal: RefusalReason | None = None
    matter_id: UUID | None = None
    organisation_id: UUID | None = None
    words: str = ""


async def occurrences_waiting(session: Session, viewer: Viewer) -> tuple[OccurrenceView, ...]:
    """Return what waits for the center's judgement, or for another look after the expert's word; oldest first."""
    wanted = or_(
        OccurrenceRow.state == "waiting",
        and_(OccurrenceRow.contested_on.is_not(None), OccurrenceRow.reviewed_on.is_(None)),
    )
    return tuple(reversed(await _views(session, viewer, [wanted, _open_to(viewer)])))


async def count_waiting(session: Session) -> tuple[int, date | None]:
    """Return how many occurrences wait for the center, and since when the oldest does."""
    wanted = or_(
        OccurrenceRow.state == "waiting",
        and_(OccurrenceRow.contested_on.is_not(None), OccurrenceRow.reviewed_on.is_(None)),
    )
    found = await session.execute(select(func.count(), func.min(OccurrenceRow.happened_on)).where(wanted))
    count, since_on = found.one()
    return count, since_on


async def occurrences_of(session: Session, viewer: Viewer, expert_id: UUID) -> tuple[OccurrenceView, ...]:
    """Return what happened to an expert, newest first; nobody learns of it who may not."""
    return await _views(session, viewer, [OccurrenceRow.expert_id == expert_id, _open_to(viewer)])


async def occurrences_in(session: Session, viewer: Viewer, case_id: UUID) -> tuple[OccurrenceView, ...]:
    """Return what a case rests on; the caller has made sure that the viewer may know the case."""
    return await _views(session, viewer, [OccurrenceRow.case_id == case_id])


async def load_occurrence(session: Session, viewer: Viewer, occurrence_id: UUID) -> OccurrenceView:
    """Return one occurrence.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = await _views(session, viewer, [OccurrenceRow.id == occurrence_id, _open_to(viewer)])
    if not found:
        raise NotFound(subject="occurrence")
    return found[0]


async def hold_occurrence(session: Session, occurrence_id: UUID) -> HeldOccurrence:
    """Load an occurrence for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(OccurrenceRow, occurrence_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="occurrence")
    expert = await session.get_one(ExpertRow, row.expert_id)
    return HeldOccurrence(
        row.id,
        row.expert_id,
        expert.person_id,
        OccurrenceKind(row.kind),
        row.happened_on,
        RefusalReason(row.refusal) if row.refusal else None,
        row.state,
        row.judged_by,
        row.case_id,
        row.opened,
        row.contested_on,
        row.reviewed_on,
        row.version,
    )


async def carriers_of(session: Session, case_id: UUID) -> tuple[Carrier, ...]:
    """Return what a case was opened for and what joined it, in the order in which the center judged."""
    rows = await session.scalars(
        select(OccurrenceRow)
        .where(OccurrenceRow.case_id == case_id)
        .order_by(OccurrenceRow.judged_on, OccurrenceRow.opened.desc(), OccurrenceRow.id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        Carrier(
            row.id,
            OccurrenceKind(row.kind),
            RefusalReason(row.refusal) if row.refusal else None,
            row.reason,
            row.opened,
            row.state != "case",
        )
        for row in rows
    )


async def put_occurrence(session: Session, new: NewOccurrence, *, at: datetime) -> UUID | None:
    """Note an occurrence; returns its id, None when it was noted before."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.flush()
    statement = make(OccurrenceRow).values(
        id=new_id(),
        key=new.key,
        expert_id=new.expert_id,
        kind=new.kind.value,
        happened_on=new.happened_on,
        refusal=new.refusal.value if new.refusal else "",
        matter_id=new.matter_id,
        organisation_id=new.organisation_id,
        words=new.words,
        state="waiting",
        reason="",
        opened=False,
        contested="",
        review_reason="",
        created_at=at,
        version=1,
    )
    noted: UUID | None = await session.scalar(statement.on_conflict_do_nothing().returning(OccurrenceRow.id))
    return noted


async def change_occurrence(session: Session, occurrence_id: UUID, **values: Any) -> None:
    """Write columns of an occurrence and raise its version."""
    await session.flush()
    await session.execute(
        update(OccurrenceRow)
        .where(OccurrenceRow.id == occurrence_id)
        .values(version=OccurrenceRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    if may(viewer, "occurrence:see"):
        return true()
    if not may(viewer, "occurrence:see", ("own",)):
        return false()
    own = select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id)
    # Who reported what is the center's to know until a case is opened; that the expert sees as a case.
    return and_(OccurrenceRow.expert_id.in_(own), OccurrenceRow.kind != OccurrenceKind.REPORT.value)


async def _views(session: Session, viewer: Viewer, conditions: list[ColumnElement[bool]]) -> tuple[OccurrenceView, ...]:
    # Staff who keep out of a matter learn what happened, and not in which matter.
    known = ~barred(viewer, MatterRow.id) if may(viewer, "occurrence:see") else true()
    rows = (
        await session.execute(
            select(OccurrenceRow, ExpertRow, PersonRow, MatterRow.title, OrganisationRow.name, CaseRow.number)
            .join(ExpertRow, ExpertRow.id == OccurrenceRow.expert_id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .outerjoin(MatterRow, and_(MatterRow.id == OccurrenceRow.matter_id, known))
            .outerjoin(OrganisationRow, OrganisationRow.id == OccurrenceRow.organisation_id)
            .outerjoin(CaseRow, CaseRow.id == OccurrenceRow.case_id)
            .where(*conditions)
            .order_by(OccurrenceRow.happened_on.desc(), OccurrenceRow.id.desc())
        )
    ).all()
    people = {one for row, *_ in rows for one in (row.judged_by, row.reviewed_by) if one is not None}
    found = await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    names = dict(found.tuples().all())
    return tuple(
        OccurrenceView(
            id=row.id,
            expert_id=row.expert_id,
            name=person.name,
            expert_number=expert.number,
            kind=OccurrenceKind(row.kind),
            happened_on=row.happened_on,
            refusal=RefusalReason(row.refusal) if row.refusal else None,
            matter_id=None if title is None else row.matter_id,
            matter_title=title or "",
            organisation=organisation or "",
            words=row.words,
            state=row.state,
            reason=row.reason,
            judge=names.get(row.judged_by, "") if row.judged_by else "",
            judged_on=row.judged_on,
            case_id=row.case_id,
            case_number=number or "",
            opened=row.opened,
            contested=row.contested,
            contested_on=row.contested_on,
            review_reason=row.review_reason,
            reviewer=names.get(row.reviewed_by, "") if row.reviewed_by else "",
            reviewed_on=row.reviewed_on,
            own=person.id == viewer.person_id,
            version=row.version,
        )
        for row, expert, person, title, organisation, number in rows
    )
