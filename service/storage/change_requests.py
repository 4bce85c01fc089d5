"""What experts ask to have changed in their data: what waits for the center, one of them, what acts write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import aliased

from registry import ChangeItem
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.attached import AttachedFile, NewFile, content_of, file_of, keep_files
from service.storage.candidate_writing import next_yearly
from service.storage.rows.change_requests import ChangeRequestFileRow, ChangeRequestRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.session import Session

PER_PAGE: Final = 50
OPEN: Final = "open"
STATES: Final = (OPEN, "accepted", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A request in the list of the center."""

    id: UUID
    number: str
    expert_id: UUID
    expert_number: str
    name: str
    items: tuple[ChangeItem, ...]
    state: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class ChangeList:
    """One page of requests, and how many there are in each state."""

    lines: tuple[ChangeLine, ...]
    total: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, repr=False)
class ChangeView:
    """A request with what belongs to it; what was said and what is asked is sealed.

    Attributes:
        name, expert_number: of the expert.
        sealed: read by `service.actions.change_request_data.unseal`.
        reason: of the decision, as the expert reads it.
        decided_by: name, empty before.
        decided_on: of the decision, or on which it was withdrawn.
        erased_on: since when its files and full numbers are gone, None while they are kept.
        own: whether the viewer asked.
        version: changes with the request, the expert and the person, so that nobody decides on an old picture.
    """

    id: UUID
    number: str
    expert_id: UUID
    expert_number: str
    name: str
    items: tuple[ChangeItem, ...]
    sealed: bytes
    state: str
    asked_on: date
    files: tuple[AttachedFile, ...]
    reason: str
    decided_by: str
    decided_on: date | None
    erased_on: date | None
    own: bool
    version: int


@dataclass(frozen=True, slots=True, repr=False)
class HeldChange:
    """A request as an act finds it."""

    id: UUID
    number: str
    expert_id: UUID
    items: tuple[ChangeItem, ...]
    sealed: bytes
    state: str
    version: int


async def list_changes(session: Session, viewer: Viewer, *, state: str = OPEN, page: int = 1) -> ChangeList:
    """Return a page of requests in a state: those that wait oldest first, the others newest first."""
    if not may(viewer, "change-request:list"):
        return ChangeList((), 0, {})
    counted = await session.execute(
        select(ChangeRequestRow.state, func.count()).group_by(ChangeRequestRow.state).order_by(ChangeRequestRow.state)
    )
    counts = dict(counted.tuples().all())
    oldest = (ChangeRequestRow.created_at.asc(), ChangeRequestRow.id.asc())
    newest = (ChangeRequestRow.created_at.desc(), ChangeRequestRow.id.desc())
    rows = await session.execute(
        select(ChangeRequestRow, ExpertRow.number, PersonRow.name)
        .join(ExpertRow, ExpertRow.id == ChangeRequestRow.expert_id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(ChangeRequestRow.state == state)
        .order_by(*(oldest if state == OPEN else newest))
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    lines = tuple(
        ChangeLine(row.id, row.number, row.expert_id, number, name, _items(row), row.state, row.asked_on)
        for row, number, name in rows
    )
    return ChangeList(lines, counts.get(state, 0), counts)


async def count_open(session: Session) -> tuple[int, date | None]:
    """Return how many requests wait for the center, and since when the oldest does."""
    found = await session.execute(
        select(func.count(), func.min(ChangeRequestRow.asked_on)).where(ChangeRequestRow.state == OPEN)
    )
    count, since_on = found.one()
    return count, since_on


async def changes_of(session: Session, viewer: Viewer, expert_id: UUID, *, most: int = 20) -> tuple[ChangeView, ...]:
    """Return the newest requests of an expert; none to who may not know."""
    return tuple(await _views(session, viewer, ChangeRequestRow.expert_id == expert_id, most=most))


async def open_changes(session: Session, viewer: Viewer, expert_id: UUID) -> tuple[ChangeView, ...]:
    """Return what an expert has asked and nobody has decided, newest first; none to who may not know."""
    wanted = and_(ChangeRequestRow.expert_id == expert_id, ChangeRequestRow.state == OPEN)
    return tuple(await _views(session, viewer, wanted, most=len(ChangeItem)))


async def load_change(session: Session, viewer: Viewer, request_id: UUID) -> ChangeView:
    """Return a request.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = await _views(session, viewer, ChangeRequestRow.id == request_id, most=1)
    if not found:
        raise NotFound(subject="change-request")
    return found[0]


async def hold_change(session: Session, request_id: UUID) -> HeldChange:
    """Load a request for a decision; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(ChangeRequestRow, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="change-request")
    return HeldChange(row.id, row.number, row.expert_id, _items(row), row.sealed, row.state, row.version)


async def items_open(session: Session, expert_id: UUID) -> frozenset[ChangeItem]:
    """Return what an expert has asked to have changed and nobody has decided."""
    rows = await session.scalars(
        select(ChangeRequestRow).where(ChangeRequestRow.expert_id == expert_id, ChangeRequestRow.state == OPEN)
    )
    return frozenset(item for row in rows for item in _items(row))


async def put_change(
    session: Session,
    request_id: UUID,
    expert_id: UUID,
    *,
    items: Sequence[ChangeItem],
    sealed: bytes,
    at: datetime,
    on: date,
) -> str:
    """Write a request; returns its number."""
    number = await next_yearly(session, ChangeRequestRow.number, f"BG{on.year}-", digits=4)
    session.add(
        ChangeRequestRow(
            id=request_id,
            number=number,
            expert_id=expert_id,
            items=[item.value for item in items],
            sealed=sealed,
            state=OPEN,
            asked_on=on,
            created_at=at,
        )
    )
    await session.flush()
    return number


async def put_evidence(session: Session, request_id: UUID, files: Sequence[NewFile], *, at: datetime) -> None:
    """Keep files with a request."""
    await keep_files(session, ChangeRequestFileRow, files, at=at, request_id=request_id)


async def drop_evidence(session: Session, request_id: UUID) -> None:
    """Delete the files of a request; the ledger keeps their hashes."""
    await session.execute(delete(ChangeRequestFileRow).where(ChangeRequestFileRow.request_id == request_id))


async def end_change(
    session: Session, request_id: UUID, state: str, *, reason: str = "", by: UUID | None = None, on: date
) -> None:
    """Write how a request ended."""
    await session.flush()
    await session.execute(
        update(ChangeRequestRow)
        .where(ChangeRequestRow.id == request_id)
        .values(state=state, reason=reason, decided_by=by, decided_on=on, version=ChangeRequestRow.version + 1)
        .execution_options(synchronize_session=False)
    )


async def evidence_content(session: Session, request_id: UUID, file_id: UUID) -> tuple[AttachedFile, bytes]:
    """Return a file of a request with its content.

    Raises:
        NotFound: when the request has no such file.
    """
    row = ChangeRequestFileRow
    return await content_of(session, row, file_id, of=row.request_id == request_id)


async def _views(session: Session, viewer: Viewer, wanted: ColumnElement[bool], *, most: int) -> list[ChangeView]:
    decider = aliased(PersonRow)
    rows = (
        await session.execute(
            select(ChangeRequestRow, ExpertRow, PersonRow, decider.name)
            .join(ExpertRow, ExpertRow.id == ChangeRequestRow.expert_id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .outerjoin(decider, decider.id == ChangeRequestRow.decided_by)
            .where(wanted)
            .order_by(ChangeRequestRow.created_at.desc(), ChangeRequestRow.id.desc())
            .limit(most)
        )
    ).all()
    files: dict[UUID, list[AttachedFile]] = {}
    for file in await session.scalars(
        select(ChangeRequestFileRow)
        .where(ChangeRequestFileRow.request_id.in_([row.id for row, *_ in rows]))
        .order_by(ChangeRequestFileRow.added_at, ChangeRequestFileRow.id)
    ):
        files.setdefault(file.request_id, []).append(file_of(file))
    views = []
    for row, expert, person, by in rows:
        own = person.id == viewer.person_id
        if not may(viewer, "change-request:see", ("own",) if own else ()):
            continue
        views.append(
            ChangeView(
                id=row.id,
                number=row.number,
                expert_id=expert.id,
                expert_number=expert.number,
                name=person.name,
                items=_items(row),
                sealed=row.sealed,
                state=row.state,
                asked_on=row.asked_on,
                files=tuple(files.get(row.id, ())),
                reason=row.reason,
                decided_by=by or "",
                decided_on=row.decided_on,
                erased_on=row.erased_on,
                own=own,
                version=row.version + expert.version + person.version - 1,
            )
        )
    return views


def _items(row: ChangeRequestRow) -> tuple[ChangeItem, ...]:
    return tuple(ChangeItem(one) for one in row.items)
