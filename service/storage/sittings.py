"""Meetings on which experts sit in: the list, one with its guests, an expert's own, and what acts hold and write."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, select, true, update

from registry import Status
from service.access import Viewer, may
from service.ids import new_id
from service.problems import NotFound
from service.storage.experts import stands
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.sittings import SittingGuestRow, SittingRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class GuestView:
    """Who is invited.

    Attributes:
        answer: `accepted`, `declined`, or empty while there is none.
        came: None before attendance was entered.
        own: whether this is the viewer.
        version: of this line, which its guest answers by.
    """

    expert_id: UUID
    name: str
    expert_number: str
    answer: str
    answered_on: date | None
    came: bool | None
    own: bool
    version: int


@dataclass(frozen=True, slots=True)
class SittingView:
    """A meeting with its guests as somebody sees it: an expert sees the own line alone.

    Attributes:
        version: of the meeting; for an expert of the own line, which the answers of others do not touch.
    """

    id: UUID
    title: str
    held_on: date
    place: str
    guests: tuple[GuestView, ...]
    version: int

    @property
    def own(self) -> GuestView | None:
        """The viewer's own line, None for who is not invited."""
        return next((one for one in self.guests if one.own), None)

    @property
    def attended(self) -> bool:
        """Whether attendance was entered."""
        return any(one.came is not None for one in self.guests)


@dataclass(frozen=True, slots=True)
class NewSitting:
    """A meeting as it is written."""

    title: str
    held_on: date
    place: str


async def list_sittings(session: Session, viewer: Viewer, *, most: int = 100) -> tuple[SittingView, ...]:
    """Return the meetings that the viewer may know, latest day first."""
    return await _views(session, viewer, [], most=most)


async def load_sitting(session: Session, viewer: Viewer, sitting_id: UUID) -> SittingView:
    """Return a meeting.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = await _views(session, viewer, [SittingRow.id == sitting_id], most=1)
    if not found:
        raise NotFound(subject="sitting")
    return found[0]


async def hold_sitting(session: Session, viewer: Viewer, sitting_id: UUID) -> SittingView:
    """Load a meeting for a change; who comes second waits for the first.

    Raises:
        NotFound: as `load_sitting`.
    """
    await session.get(SittingRow, sitting_id, with_for_update=True, populate_existing=True)
    return await load_sitting(session, viewer, sitting_id)


@dataclass(frozen=True, slots=True)
class Invitee:
    """An expert who is to be invited.

    Attributes:
        in_office: whether the expert stands in the library on the day of the meeting, under no review.
    """

    expert_id: UUID
    person_id: UUID
    in_office: bool


async def invitees_by_number(session: Session, numbers: Collection[str], *, on: date) -> Mapping[str, Invitee]:
    """Return number in the library -> expert, for the numbers that there are; nobody changes them meanwhile.

    Args:
        session: the unit of work.
        numbers: as they stand in the library.
        on: day of the meeting.
    """
    rows = await session.execute(
        select(ExpertRow.number, ExpertRow.id, ExpertRow.person_id, stands(Status.APPOINTED.value, on))
        .where(ExpertRow.number.in_(numbers))
        .order_by(ExpertRow.id)
        .with_for_update()
    )
    return {number: Invitee(expert_id, person_id, bool(in_office)) for number, expert_id, person_id, in_office in rows}


async def put_sitting(session: Session, new: NewSitting, *, by: UUID, at: datetime) -> UUID:
    """Write a meeting; returns the id."""
    sitting_id = new_id()
    session.add(
        SittingRow(id=sitting_id, title=new.title, held_on=new.held_on, place=new.place, called_by=by, created_at=at)
    )
    await session.flush()
    return sitting_id


async def put_guests(session: Session, sitting_id: UUID, experts: Sequence[UUID], *, on: date) -> None:
    """Write who is invited."""
    session.add_all(SittingGuestRow(sitting_id=sitting_id, expert_id=one, invited_on=on) for one in experts)
    await _raise(session, sitting_id)


async def put_answer(session: Session, sitting_id: UUID, expert_id: UUID, *, answer: str, on: date) -> None:
    """Write an answer, which is a change of the guest's own line and of nothing else."""
    await session.execute(
        update(SittingGuestRow)
        .where(SittingGuestRow.sitting_id == sitting_id, SittingGuestRow.expert_id == expert_id)
        .values(answer=answer, answered_on=on, version=SittingGuestRow.version + 1)
        .execution_options(synchronize_session=False)
    )


async def put_attendance(session: Session, sitting_id: UUID, came: Collection[UUID]) -> None:
    """Write who came; all other guests did not."""
    for there in (True, False):
        those = SittingGuestRow.expert_id.in_(came)
        await session.execute(
            update(SittingGuestRow)
            .where(SittingGuestRow.sitting_id == sitting_id, those if there else ~those)
            .values(came=there, version=SittingGuestRow.version + 1)
            .execution_options(synchronize_session=False)
        )
    await _raise(session, sitting_id)


async def _raise(session: Session, sitting_id: UUID) -> None:
    await session.flush()
    await session.execute(
        update(SittingRow)
        .where(SittingRow.id == sitting_id)
        .values(version=SittingRow.version + 1)
        .execution_options(synchronize_session=False)
    )


async def _views(
    session: Session, viewer: Viewer, conditions: list[ColumnElement[bool]], *, most: int
) -> tuple[SittingView, ...]:
    whole = may(viewer, "sitting:list")
    own = select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id)
    invited = select(SittingGuestRow.sitting_id).where(SittingGuestRow.expert_id.in_(own))
    open_to = true() if whole else SittingRow.id.in_(invited) if may(viewer, "sitting:see", ("own",)) else false()
    rows = (
        await session.scalars(
            select(SittingRow)
            .where(*conditions, open_to)
            .order_by(SittingRow.held_on.desc(), SittingRow.id.desc())
            .limit(most)
            .execution_options(populate_existing=True)
        )
    ).all()
    people = await session.execute(
        select(SittingGuestRow, ExpertRow.number, PersonRow)
        .join(ExpertRow, ExpertRow.id == SittingGuestRow.expert_id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(
            SittingGuestRow.sitting_id.in_([row.id for row in rows]),
            true() if whole else PersonRow.id == viewer.person_id,
        )
        .order_by(PersonRow.pinyin, ExpertRow.number)
        .execution_options(populate_existing=True)
    )
    guests: dict[UUID, list[GuestView]] = {}
    for guest, number, person in people:
        view = GuestView(
            guest.expert_id,
            person.name,
            number,
            guest.answer,
            guest.answered_on,
            guest.came,
            own=person.id == viewer.person_id,
            version=guest.version,
        )
        guests.setdefault(guest.sitting_id, []).append(view)
    return tuple(
        SittingView(
            row.id,
            row.title,
            row.held_on,
            row.place,
            tuple(guests.get(row.id, ())),
            row.version if whole else guests[row.id][0].version,
        )
        for row in rows
    )
