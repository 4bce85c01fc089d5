"""Cases about experts: the list, one with what was said and decided, and what acts hold and write."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true, update

from registry import CONFIDENTIAL_GROUNDS, Ground, Measure, RefusalReason
from service.access import MAYOR, Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.candidate_writing import next_yearly
from service.storage.rows.cases import CaseRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True, repr=False)
class CaseView:
    """A case as somebody sees it.

    Attributes:
        evidence: empty for health and discipline, which are sealed.
        sealed: confidential evidence, None where there is none.
        statement: of the expert, empty while none was made.
        state_until_on: last day for the statement, inclusive.
        measure: None before the decision.
        reason: of the decision.
        decider, opener: names.
        own: whether the case is about the viewer.
        others: as the table's columns.
    """

    id: UUID
    number: str
    expert_id: UUID
    person_id: UUID
    name: str
    expert_number: str
    ground: Ground
    refusal: RefusalReason | None
    evidence: str
    sealed: bytes | None
    state: str
    opened_on: date
    opener: str
    state_until_on: date
    statement: str
    stated_on: date | None
    measure: Measure | None
    grave: bool
    rectify_by: date | None
    reason: str
    document: str
    decided_on: date | None
    decider: str
    closed_on: date | None
    own: bool
    version: int

    @property
    def confidential(self) -> bool:
        """Whether the evidence is read with a reason, each look noted."""
        return self.ground in CONFIDENTIAL_GROUNDS

    def ready(self, on: date) -> bool:
        """Return whether the director can decide: the expert was heard, or let the day pass."""
        return self.state == "open" and (
            self.ground is Ground.WITHDREW or self.stated_on is not None or on > self.state_until_on
        )


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case as an act finds it."""

    id: UUID
    expert_id: UUID
    ground: Ground
    state: str
    state_until_on: date
    stated_on: date | None
    rectify_by: date | None
    version: int


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case as it is written."""

    expert_id: UUID
    ground: Ground
    refusal: RefusalReason | None
    evidence: str
    sealed: bytes | None
    opened_on: date
    opened_by: UUID
    state_until_on: date


async def list_cases(session: Session, viewer: Viewer, *, running: bool) -> tuple[CaseView, ...]:
    """Return cases, newest first: those that run, or those that are closed."""
    closed = CaseRow.state == "closed"
    return await _views(session, viewer, [~closed if running else closed, _open_to(viewer)])


async def cases_of(session: Session, viewer: Viewer, expert_id: UUID) -> tuple[CaseView, ...]:
    """Return the cases about an expert, newest first; nobody learns of them who may not."""
    return await _views(session, viewer, [CaseRow.expert_id == expert_id, _open_to(viewer)])


async def load_case(session: Session, viewer: Viewer, case_id: UUID) -> CaseView:
    """Return a case.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = await _views(session, viewer, [CaseRow.id == case_id, _open_to(viewer)])
    if not found:
        raise NotFound(subject="case")
    return found[0]


async def hold_case(session: Session, case_id: UUID) -> HeldCase:
    """Load a case for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="case")
    return HeldCase(
        row.id,
        row.expert_id,
        Ground(row.ground),
        row.state,
        row.state_until_on,
        row.stated_on,
        row.rectify_by,
        row.version,
    )


async def running_case(session: Session, expert_id: UUID) -> UUID | None:
    """Return the case about an expert that is not closed, None without one."""
    case_id: UUID | None = await session.scalar(
        select(CaseRow.id).where(CaseRow.expert_id == expert_id, CaseRow.state != "closed")
    )
    return case_id


async def put_case(session: Session, new: NewCase, *, at: datetime) -> tuple[UUID, str]:
    """Write a case; returns id and number."""
    case_id = new_id()
    number = await next_yearly(session, CaseRow.number, f"AJ{new.opened_on.year}-", digits=3)
    session.add(
        CaseRow(
            id=case_id,
            number=number,
            expert_id=new.expert_id,
            ground=new.ground.value,
            refusal=new.refusal.value if new.refusal else "",
            evidence=new.evidence,
            sealed=new.sealed,
            opened_on=new.opened_on,
            opened_by=new.opened_by,
            state_until_on=new.state_until_on,
            created_at=at,
        )
    )
    await session.flush()
    return case_id, number


async def change_case(session: Session, case_id: UUID, **values: Any) -> None:
    """Write columns of a case and raise its version."""
    await session.flush()
    await session.execute(
        update(CaseRow)
        .where(CaseRow.id == case_id)
        .values(version=CaseRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    if may(viewer, "case:list"):
        return true()
    own = select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id)
    return CaseRow.expert_id.in_(own) if may(viewer, "case:see", ("own",)) else false()


async def _views(session: Session, viewer: Viewer, conditions: list[ColumnElement[bool]]) -> tuple[CaseView, ...]:
    rows = (
        await session.execute(
            select(CaseRow, ExpertRow, PersonRow)
            .join(ExpertRow, ExpertRow.id == CaseRow.expert_id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(*conditions)
            .order_by(CaseRow.opened_on.desc(), CaseRow.number.desc())
        )
    ).all()
    people = {one for row, _, _ in rows for one in (row.opened_by, row.decided_by) if one is not None}
    found = await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    names = dict(found.tuples().all())
    return tuple(
        CaseView(
            id=row.id,
            number=row.number,
            expert_id=row.expert_id,
            person_id=person.id,
            name=person.name,
            expert_number=expert.number,
            ground=Ground(row.ground),
            refusal=RefusalReason(row.refusal) if row.refusal else None,
            evidence=row.evidence,
            sealed=row.sealed,
            state=row.state,
            opened_on=row.opened_on,
            opener=names.get(row.opened_by, ""),
            state_until_on=row.state_until_on,
            statement=row.statement,
            stated_on=row.stated_on,
            measure=Measure(row.measure) if row.measure else None,
            grave=row.grave,
            rectify_by=row.rectify_by,
            reason=row.reason,
            document=row.document,
            decided_on=row.decided_on,
            decider=names.get(row.decided_by, "") if row.decided_by else "",
            closed_on=row.closed_on,
            own=person.id == viewer.person_id,
            version=row.version,
        )
        for row, expert, person in rows
    )


async def cases_to_decide(session: Session, viewer: Viewer, *, on: date) -> tuple[CaseView, ...]:
    """Return the cases that wait for the director's decision, oldest first."""
    if MAYOR not in viewer.roles:
        return ()
    waiting = await list_cases(session, viewer, running=True)
    return tuple(reversed([case for case in waiting if case.ready(on)]))
