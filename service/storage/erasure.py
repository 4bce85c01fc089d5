"""Erasing what is known of people for a purpose that is over: when it is due, and what goes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update

from registry import ApplicationStage, Stage
from service.clock import day_of
from service.ledger.tables import EventRow
from service.storage.base import Base
from service.storage.roster import in_chunks
from service.storage.rows.admission import CandidateRow, QualificationRow
from service.storage.rows.change_requests import ChangeRequestFileRow, ChangeRequestRow
from service.storage.rows.facts import FactRow
from service.storage.rows.intake import ApplicationFileRow, ApplicationLinkRow, ApplicationRow
from service.storage.rows.library import EmploymentRow, ExpertRow, PersonRow
from service.storage.rows.texts import LibraryTextRow
from service.storage.session import Session

NO_NAME: Final = "—"


class Keeping(StrEnum):
    """What is kept for a time, each for one of its own."""

    APPLICATION = "application"
    """An application that was turned down, or that its person declined."""
    UNCONFIRMED = "unconfirmed"
    """An application that somebody else filled in and its person has not confirmed."""
    CANDIDATE = "candidate"
    """A candidate who was turned down or withdrew."""
    CHANGE = "change"
    """The evidence of a request for a change that was decided or withdrawn, and the numbers that it bears."""


_ENDS: Final[Mapping[Keeping, tuple[Any, ColumnElement[bool]]]] = {
    Keeping.APPLICATION: (
        ApplicationRow,
        ApplicationRow.stage.in_((ApplicationStage.REJECTED.value, ApplicationStage.DECLINED.value)),
    ),
    Keeping.UNCONFIRMED: (ApplicationRow, ApplicationRow.stage == ApplicationStage.UNCONFIRMED.value),
    Keeping.CANDIDATE: (CandidateRow, CandidateRow.stage.in_((Stage.REJECTED.value, Stage.WITHDRAWN.value))),
    Keeping.CHANGE: (ChangeRequestRow, ChangeRequestRow.decided_on.is_not(None)),
}
# What hangs on the person for the application's sake alone keeps nobody.
_OWN: Final = frozenset({"candidate", "employment"})


@dataclass(frozen=True, slots=True)
class Ended:
    """What is still kept although its purpose is over, or will be unless somebody does something.

    Attributes:
        ended_on: day from which the time counts: of the decision, the person's no, or the last that was done about an
            application that waits for its person.
    """

    keeping: Keeping
    id: UUID
    ended_on: date


async def still_kept(session: Session, *, on: date) -> Sequence[Ended]:
    """Return what came in by a day, ended or waits for its person, and is not erased yet, the longest first.

    What became a candidate ends with that one. Who was a candidate for another term is an expert, and stays.
    """
    found = []
    for keeping in (Keeping.APPLICATION, Keeping.UNCONFIRMED):
        applications = set(await session.scalars(_to_erase(keeping).where(ApplicationRow.sent_on <= on)))
        days = await ends_of(session, applications=applications)
        found += [Ended(keeping, id_, ended_on) for id_, ended_on in days.items()]
    candidates = set(await session.scalars(_to_erase(Keeping.CANDIDATE).where(CandidateRow.received_on <= on)))
    ends = await ends_of(session, candidates=candidates)
    found += [Ended(Keeping.CANDIDATE, id_, ended_on) for id_, ended_on in ends.items()]
    changes = await session.execute(_to_erase(Keeping.CHANGE).add_columns(ChangeRequestRow.decided_on))
    found += [Ended(Keeping.CHANGE, id_, decided_on) for id_, decided_on in changes.tuples()]
    return sorted(found, key=lambda one: (one.ended_on, str(one.id)))


async def hold_ended(session: Session, one: Ended) -> bool:
    """Hold what ended; return whether it is still to be erased.

    Whoever comes second waits here, and then finds that the first has erased it or that it goes on after all.
    """
    row, _ = _ENDS[one.keeping]
    held = await session.scalar(_to_erase(one.keeping).where(row.id == one.id).with_for_update())
    if held is None or one.keeping is not Keeping.UNCONFIRMED:
        return held is not None
    # Somebody may have given another link while this one waited.
    return (await ends_of(session, applications=[one.id])).get(one.id) == one.ended_on


async def ends_of(
    session: Session, *, applications: Collection[UUID] = (), candidates: Collection[UUID] = ()
) -> Mapping[UUID, date]:
    """Return application or candidate -> day of the last event in its record."""
    streams = {f"application:{id_}": id_ for id_ in applications} | {f"candidate:{id_}": id_ for id_ in candidates}
    found = {}
    for names in in_chunks(sorted(streams), 500):
        rows = await session.execute(
            select(EventRow.stream, func.max(EventRow.at)).where(EventRow.stream.in_(names)).group_by(EventRow.stream)
        )
        found.update({streams[stream]: day_of(at) for stream, at in rows.tuples()})
    return found


async def erase_application(session: Session, application_id: UUID, *, sealed: bytes, on: date) -> int:
    """Erase what an application says of its person, its links and files; return how many files went.

    Args:
        session: the unit of work.
        application_id: which.
        sealed: an application that says nothing, in the place of what it said.
        on: the day.
    """
    files = await session.execute(
        delete(ApplicationFileRow)
        .where(ApplicationFileRow.application_id == application_id)
        .returning(ApplicationFileRow.id)
    )
    count = len(files.all())
    await session.execute(delete(ApplicationLinkRow).where(ApplicationLinkRow.application_id == application_id))
    await _forget_texts(session, f"application:{application_id}")
    await session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id)
        .values(
            name=NO_NAME,
            identity_hash=None,
            sealed=sealed,
            source_note="",
            digest="",
            key_sha256=None,
            erased_on=on,
            version=ApplicationRow.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return count


async def lapse_application(session: Session, application_id: UUID) -> None:
    """End an application that its person did not confirm in time."""
    await session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id)
        .values(stage=ApplicationStage.LAPSED.value)
        .execution_options(synchronize_session=False)
    )


async def erase_evidence(
    session: Session, request_id: UUID, *, on: date, numberless: Callable[[bytes], bytes]
) -> tuple[UUID, int]:
    """Erase the files of a request for a change and the full numbers in it; what was decided stays, and why.

    Args:
        session: the unit of work.
        request_id: which.
        on: the day.
        numberless: makes of what was sealed the same without full numbers.

    Returns:
        The expert who asked, and how many files went.
    """
    row = await session.get_one(ChangeRequestRow, request_id)
    files = await session.execute(
        delete(ChangeRequestFileRow)
        .where(ChangeRequestFileRow.request_id == request_id)
        .returning(ChangeRequestFileRow.id)
    )
    count = len(files.all())
    row.sealed, row.erased_on, row.version = numberless(row.sealed), on, row.version + 1
    await session.flush()
    return row.expert_id, count


async def application_behind(session: Session, candidate_id: UUID) -> UUID | None:
    """Return the application from which a candidate came, None for one received on paper."""
    found: UUID | None = await session.scalar(
        select(ApplicationRow.id).where(ApplicationRow.candidate_id == candidate_id)
    )
    return found


async def erase_candidate(session: Session, candidate_id: UUID, *, on: date) -> bool:
    """Erase what a candidate's card says, and the person, unless something else here is about the same one.

    Returns:
        Whether the person went too.
    """
    person_id = await session.scalar(select(CandidateRow.person_id).where(CandidateRow.id == candidate_id))
    await session.execute(delete(QualificationRow).where(QualificationRow.candidate_id == candidate_id))
    await _forget_texts(session, f"candidate:{candidate_id}")
    await session.execute(
        update(CandidateRow)
        .where(CandidateRow.id == candidate_id)
        .values(
            title="",
            title_level="none",
            fields=[],
            organisation_id=None,
            post="",
            source_note="",
            erased_on=on,
            version=CandidateRow.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    if person_id is None or await session.scalar(
        select(PersonRow.id).where(PersonRow.id == person_id, _needed(person_id))
    ):
        return False
    await session.execute(delete(EmploymentRow).where(EmploymentRow.person_id == person_id))
    await session.execute(
        update(PersonRow)
        .where(PersonRow.id == person_id)
        .values(
            name=NO_NAME,
            pinyin="",
            identity_kind="",
            identity_hash=None,
            identity_sealed=None,
            identity_masked="",
            sex="",
            born_on=None,
            phone_sealed=None,
            phone_masked="",
            email="",
            version=PersonRow.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    return True


def _to_erase(keeping: Keeping) -> Select[tuple[UUID]]:
    row, ended = _ENDS[keeping]
    wanted = select(row.id).where(ended, row.erased_on.is_(None))
    return wanted.where(~exists().where(ExpertRow.id == row.expert_id)) if row is CandidateRow else wanted


def _needed(person_id: UUID) -> ColumnElement[bool]:
    """Return whether anything but erased candidates points at a person: an expert, an account, a matter, a tie."""
    points = [
        exists().where(column == person_id)
        for table in Base.metadata.sorted_tables
        if table.name not in _OWN
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]
    others = exists().where(CandidateRow.person_id == person_id, CandidateRow.erased_on.is_(None))
    tied = exists().where(or_(FactRow.subject_id == person_id, FactRow.object_id == person_id))
    return or_(others, tied, *points)


async def _forget_texts(session: Session, stream: str) -> None:
    await session.execute(delete(LibraryTextRow).where(LibraryTextRow.stream == stream))
