"""Applications as they arrive: the inbox of the center, one of them, and what its applicant may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from registry import ApplicationStage, Stage, State
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.attached import AttachedFile, content_of, file_of
from service.storage.candidate_writing import running_candidate
from service.storage.candidates import reason_of
from service.storage.erasure import ends_of
from service.storage.expert_writing import expert_with_identity
from service.storage.rows.admission import CandidateRow
from service.storage.rows.cases import CaseRow
from service.storage.rows.intake import ApplicationFileRow, ApplicationLinkRow, ApplicationRow, OpenCallRow
from service.storage.rows.library import ExpertRow
from service.storage.rows.texts import LibraryTextRow
from service.storage.session import Session

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """An application in the inbox."""

    id: UUID
    number: str
    name: str
    source: str
    source_note: str
    call_number: str
    stage: ApplicationStage
    sent_on: date
    candidate_id: UUID | None


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """One page of applications, with counts by stage."""

    lines: tuple[ApplicationLine, ...]
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class KnownAs:
    """How the person of an application is known already, by the identity number alone; for the center's eyes.

    Attributes:
        expert_id, expert_number, state: the expert, None and empty for who is none.
        case_id: the case by which an expert was struck off.
        candidate_id: a candidate who waits for something.
        others: other applications with the same number: id and number.
    """

    expert_id: UUID | None = None
    expert_number: str = ""
    state: State | None = None
    case_id: UUID | None = None
    candidate_id: UUID | None = None
    others: tuple[tuple[UUID, str], ...] = ()

    @property
    def struck_off(self) -> bool:
        """Whether the person was struck off and does not come back (A70)."""
        return self.state is State.STRUCK_OFF


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application with what belongs to it; what it says is sealed.

    Attributes:
        sealed: read by `service.actions.application_data.unseal`.
        call_title, call_fields: of the open call, empty without one.
        files: in the order in which they came.
        link_until: until when the newest unused link can be used, None without one.
        known: how the person is known already.
        reason: why it was rejected, or why the person said no.
        kept_since: as in `Followed`.
        erased_on: since when it says nothing of its person any more, None while it does.
    """

    line: ApplicationLine
    sealed: bytes
    call_title: str
    call_fields: tuple[str, ...]
    confirmed_on: date | None
    files: tuple[AttachedFile, ...]
    link_until: datetime | None
    known: KnownAs
    reason: str
    kept_since: date | None
    erased_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class Followed:
    """What an applicant may see: how far the application has come, in dates, and why it was turned down.

    Attributes:
        stage: of the application.
        progress: the candidate's stage once there is one.
        kept_since: day from which the time of keeping counts: on which it came to nothing, or on which something was
            last done about one that waits for its person; None for any other.
        erased_on: since when nothing of the person is kept.
    """

    id: UUID
    number: str
    source: str
    call_title: str
    stage: ApplicationStage
    progress: Stage | None
    sent_on: date
    confirmed_on: date | None
    received_on: date | None
    checked_on: date | None
    reason: str
    kept_since: date | None
    erased_on: date | None


async def list_applications(session: Session, viewer: Viewer, *, stage: str = "", page: int = 1) -> ApplicationList:
    """Return a page of applications, newest first; those in one stage only when a stage is given."""
    if not may(viewer, "application:list"):
        return ApplicationList((), 0, {})
    counted = await session.execute(
        select(ApplicationRow.stage, func.count()).group_by(ApplicationRow.stage).order_by(ApplicationRow.stage)
    )
    counts = dict(counted.tuples().all())
    conditions = [ApplicationRow.stage == stage] if stage else []
    rows = await session.execute(
        select(ApplicationRow, OpenCallRow.number)
        .outerjoin(OpenCallRow, OpenCallRow.id == ApplicationRow.call_id)
        .where(*conditions)
        .order_by(ApplicationRow.created_at.desc(), ApplicationRow.number.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    total = counts.get(stage, 0) if stage else sum(counts.values())
    return ApplicationList(tuple(_line(row, call or "") for row, call in rows), total, counts)


async def load_application(session: Session, viewer: Viewer, application_id: UUID, *, at: datetime) -> ApplicationView:
    """Return an application.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    if not may(viewer, "application:see"):
        raise NotFound(subject="application")
    found = (
        await session.execute(
            select(ApplicationRow, OpenCallRow)
            .outerjoin(OpenCallRow, OpenCallRow.id == ApplicationRow.call_id)
            .where(ApplicationRow.id == application_id)
        )
    ).first()
    if found is None:
        raise NotFound(subject="application")
    row, call = found
    return ApplicationView(
        line=_line(row, call.number if call else ""),
        sealed=row.sealed,
        call_title=call.title if call else "",
        call_fields=tuple(call.fields) if call else (),
        confirmed_on=row.confirmed_on,
        files=await files_of(session, application_id),
        link_until=await session.scalar(
            select(func.max(ApplicationLinkRow.expires_at)).where(
                ApplicationLinkRow.application_id == application_id,
                ApplicationLinkRow.used_at.is_(None),
                ApplicationLinkRow.expires_at > at,
            )
        ),
        known=await _known(session, row),
        reason=await _text(session, application_id),
        kept_since=await _kept_since(session, row, None),
        erased_on=row.erased_on,
        version=row.version,
    )


async def application_of(session: Session, candidate_id: UUID) -> tuple[UUID, str, tuple[AttachedFile, ...]] | None:
    """Return the application from which a candidate came: id, number and files; None for one received on paper."""
    found = (
        await session.execute(
            select(ApplicationRow.id, ApplicationRow.number).where(ApplicationRow.candidate_id == candidate_id)
        )
    ).first()
    return None if found is None else (found[0], found[1], await files_of(session, found[0]))


async def files_of(session: Session, application_id: UUID) -> tuple[AttachedFile, ...]:
    """Return the files of an application, as they came."""
    rows = await session.scalars(
        select(ApplicationFileRow)
        .where(ApplicationFileRow.application_id == application_id)
        .order_by(ApplicationFileRow.added_at, ApplicationFileRow.id)
    )
    return tuple(file_of(row) for row in rows)


async def file_content(session: Session, application_id: UUID, file_id: UUID) -> tuple[AttachedFile, bytes]:
    """Return a file of an application with its content.

    Raises:
        NotFound: when the application has no such file.
    """
    row = ApplicationFileRow
    return await content_of(session, row, file_id, of=row.application_id == application_id)


async def id_of_number(session: Session, number: str) -> UUID | None:
    """Return the application of a number, None without one."""
    found: UUID | None = await session.scalar(select(ApplicationRow.id).where(ApplicationRow.number == number))
    return found


async def follow(session: Session, application_id: UUID) -> Followed:
    """Return what the applicant may see; the caller has checked the code."""
    found = (
        await session.execute(
            select(ApplicationRow, OpenCallRow.title, CandidateRow)
            .outerjoin(OpenCallRow, OpenCallRow.id == ApplicationRow.call_id)
            .outerjoin(CandidateRow, CandidateRow.id == ApplicationRow.candidate_id)
            .where(ApplicationRow.id == application_id)
        )
    ).one()
    row, call_title, candidate = found
    progress = Stage(candidate.stage) if candidate else None
    reason = await _text(session, application_id)
    if candidate is not None and progress in (Stage.REJECTED, Stage.WITHDRAWN):
        reason = await reason_of(session, candidate.id)
    return Followed(
        id=row.id,
        number=row.number,
        source=row.source,
        call_title=call_title or "",
        stage=ApplicationStage(row.stage),
        progress=progress,
        sent_on=row.sent_on,
        confirmed_on=row.confirmed_on,
        received_on=candidate.received_on if candidate else None,
        checked_on=candidate.checked_on if candidate else None,
        reason=reason,
        kept_since=await _kept_since(session, row, candidate),
        erased_on=row.erased_on,
    )


async def _kept_since(session: Session, row: ApplicationRow, candidate: CandidateRow | None) -> date | None:
    if candidate is not None:
        over = candidate.stage in (Stage.REJECTED.value, Stage.WITHDRAWN.value)
        return (await ends_of(session, candidates=[candidate.id])).get(candidate.id) if over else None
    over = row.stage in (
        ApplicationStage.REJECTED.value,
        ApplicationStage.DECLINED.value,
        ApplicationStage.UNCONFIRMED.value,
    )
    return (await ends_of(session, applications=[row.id])).get(row.id) if over else None


async def _known(session: Session, row: ApplicationRow) -> KnownAs:
    if row.identity_hash is None:
        return KnownAs()
    others = await session.execute(
        select(ApplicationRow.id, ApplicationRow.number)
        .where(ApplicationRow.identity_hash == row.identity_hash, ApplicationRow.id != row.id)
        .order_by(ApplicationRow.created_at.desc())
        .limit(20)
    )
    duplicates = tuple((one[0], one[1]) for one in others)
    found = await expert_with_identity(session, row.identity_hash)
    if found is None:
        return KnownAs(others=duplicates)
    expert_id, person_id = found
    expert = None if expert_id is None else await session.get_one(ExpertRow, expert_id)
    running = await running_candidate(session, person_id)
    case_id = None
    if expert is not None and expert.state == State.STRUCK_OFF:
        case_id = await session.scalar(
            select(CaseRow.id)
            .where(CaseRow.expert_id == expert.id, CaseRow.measure == "strike-off")
            .order_by(CaseRow.decided_on.desc())
            .limit(1)
        )
    return KnownAs(
        expert_id=expert.id if expert else None,
        expert_number=expert.number if expert else "",
        state=State(expert.state) if expert else None,
        case_id=case_id,
        candidate_id=running if running != row.candidate_id else None,
        others=duplicates,
    )


async def _text(session: Session, application_id: UUID) -> str:
    """Return the reason beside the decision about an application; there is at most one."""
    words: str | None = await session.scalar(
        select(LibraryTextRow.text).where(LibraryTextRow.stream == f"application:{application_id}").limit(1)
    )
    return words or ""


def _line(row: ApplicationRow, call_number: str) -> ApplicationLine:
    return ApplicationLine(
        id=row.id,
        number=row.number,
        name=row.name,
        source=row.source,
        source_note=row.source_note,
        call_number=call_number,
        stage=ApplicationStage(row.stage),
        sent_on=row.sent_on,
        candidate_id=row.candidate_id,
    )
