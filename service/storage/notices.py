"""Notices about matters as the center sees them: sent, waiting and failed; and the center's own wording of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from service.access import Viewer
from service.jobs.tables import OutboxRow
from service.problems import NotFound
from service.storage.matters import visible_to
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.rows.matters import MatterRow, MatterTextRow
from service.storage.rows.notices import NoticeTemplateRow
from service.storage.session import Session

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice about a matter.

    Attributes:
        channel: `mail`, `sms`, `letter` or `phone`.
        state: `waiting`, `delivered`, `failed`, `made-up` when a later one about the matter reached the person after
            all, or `withheld` from who keeps out of the matter; a printed letter waits until somebody says that it
            was delivered.
        problem: code of why the last try failed.
        note: what a clerk wrote about a delivery by hand.
        params: as the notice was written.
    """

    id: UUID
    key: str
    template: str
    channel: str
    state: str
    problem: str
    attempts: int
    recipient: str
    person_id: UUID
    matter_id: UUID
    matter_number: str
    matter_title: str
    created_at: datetime
    delivered_at: datetime | None
    note: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A page of the list, newest first, and how many there are in each state."""

    lines: Sequence[NoticeView]
    total: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OwnWording:
    """The latest own wording of a notice in one language; version 0 while the standard wording stands."""

    subject: str = ""
    body: str = ""
    short: str = ""
    version: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def own(self) -> bool:
        """Whether it stands in the place of the standard wording."""
        return bool(self.subject)


def _state() -> ColumnElement[str]:
    """Return the state of a notice; one that failed is no trouble any more once a later one reached the person."""
    later, account = aliased(OutboxRow), aliased(AccountRow)
    reached = (
        select(later.id)
        .outerjoin(account, account.id == later.recipient_account_id)
        .where(
            later.matter_id == OutboxRow.matter_id,
            func.coalesce(later.recipient_person_id, account.person_id)
            == func.coalesce(OutboxRow.recipient_person_id, AccountRow.person_id),
            # Another notice by mail says something else: only the same one, or a person who told it, makes up for it.
            or_(later.template == OutboxRow.template, later.channel.in_(("phone", "letter"))),
            later.state == "delivered",
            later.id != OutboxRow.id,
            later.created_at >= OutboxRow.created_at,
        )
        .exists()
    )
    return case((and_(OutboxRow.state == "failed", reached), "made-up"), else_=OutboxRow.state)


_stands: Final = _state()


async def list_notices(
    session: Session,
    viewer: Viewer,
    *,
    state: str = "",
    matter_id: UUID | None = None,
    page: int = 1,
) -> NoticePage:
    """Return notices about matters that the viewer may know.

    Args:
        session: a reading session.
        viewer: who looks.
        state: one state only, empty for all.
        matter_id: one matter only.
        page: from 1.
    """
    states = await notice_states(session, viewer, matter_id=matter_id)
    wanted = _notices().where(*_shown(viewer, matter_id))
    if state:
        wanted = wanted.where(_stands == state)
    rows = await session.execute(
        wanted.order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc()).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    )
    total = states.get(state, 0) if state else sum(states.values())
    return NoticePage([_view(*row) for row in rows], total, states)


async def notice_states(session: Session, viewer: Viewer, *, matter_id: UUID | None = None) -> Mapping[str, int]:
    """Return how many notices there are in each state, about one matter or about all that the viewer may know."""
    states = (
        select(_stands.label("state"))
        .select_from(OutboxRow)
        .join(MatterRow, MatterRow.id == OutboxRow.matter_id)
        .outerjoin(AccountRow, AccountRow.id == OutboxRow.recipient_account_id)
        .where(*_shown(viewer, matter_id))
        .subquery()
    )
    counted = await session.execute(select(states.c.state, func.count()).group_by(states.c.state))
    return dict(counted.tuples().all())


def _shown(viewer: Viewer, matter_id: UUID | None) -> list[ColumnElement[bool]]:
    return [visible_to(viewer), *([] if matter_id is None else [OutboxRow.matter_id == matter_id])]


async def notice_of(session: Session, viewer: Viewer, notice_id: UUID) -> NoticeView:
    """Return one notice.

    Raises:
        NotFound: when there is none, or it is about a matter that the viewer may not know.
    """
    row = (await session.execute(_notices().where(OutboxRow.id == notice_id, visible_to(viewer)))).first()
    if row is None:
        raise NotFound(subject="notice")
    return _view(*row)


async def set_delivered(session: Session, notice_id: UUID, *, note_sha256: str, at: datetime) -> None:
    """Note that a notice was delivered by hand; its secret link is forgotten."""
    row = await session.get_one(OutboxRow, notice_id)
    row.state, row.delivered_at, row.secret, row.problem = "delivered", at, None, ""
    row.params = {**row.params, "note_sha256": note_sha256}
    await session.flush()


async def matters_to_show(session: Session, viewer: Viewer, *, most: int = 30) -> Sequence[tuple[UUID, str]]:
    """Return id and name of the newest matters whose panel is determined: real data to try a wording on."""
    rows = await session.execute(
        select(MatterRow.id, MatterRow.number, MatterRow.title)
        .where(MatterRow.state == "determined", visible_to(viewer))
        .order_by(MatterRow.opened_at.desc(), MatterRow.number.desc())
        .limit(most)
    )
    return [(matter_id, f"{number} {title}") for matter_id, number, title in rows]


async def own_wordings(session: Session, code: str = "") -> Mapping[tuple[str, str], OwnWording]:
    """Return code and language -> the latest own wording; codes without one are left out."""
    wanted = (
        select(NoticeTemplateRow, PersonRow.name)
        .join(AccountRow, AccountRow.id == NoticeTemplateRow.changed_by)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .order_by(NoticeTemplateRow.version)
    )
    if code:
        wanted = wanted.where(NoticeTemplateRow.code == code)
    return {
        (row.code, row.language): OwnWording(row.subject, row.body, row.short, row.version, name, row.changed_at)
        for row, name in await session.execute(wanted)
    }


async def keep_wording(
    session: Session, code: str, language: str, wording: OwnWording, *, account_id: UUID, at: datetime
) -> None:
    """Keep a further version of an own wording; earlier ones stay."""
    session.add(
        NoticeTemplateRow(
            code=code,
            language=language,
            version=wording.version,
            subject=wording.subject,
            body=wording.body,
            short=wording.short,
            changed_by=account_id,
            changed_at=at,
        )
    )
    await session.flush()


def _notices() -> Select[Any]:
    return (
        select(OutboxRow, _stands, MatterRow.number, MatterRow.title, PersonRow.id, PersonRow.name, MatterTextRow.text)
        .join(MatterRow, MatterRow.id == OutboxRow.matter_id)
        .outerjoin(AccountRow, AccountRow.id == OutboxRow.recipient_account_id)
        .join(PersonRow, PersonRow.id == func.coalesce(OutboxRow.recipient_person_id, AccountRow.person_id))
        .outerjoin(
            MatterTextRow,
            (MatterTextRow.matter_id == OutboxRow.matter_id)
            & (MatterTextRow.sha256 == OutboxRow.params["note_sha256"].as_string()),
        )
    )


def _view(
    row: OutboxRow, state: str, number: str, title: str, person_id: UUID, name: str, note: str | None
) -> NoticeView:
    if row.matter_id is None:
        raise RuntimeError("a notice of the list is about a matter")
    return NoticeView(
        id=row.id,
        key=row.key,
        template=row.template,
        channel=row.channel,
        state=state,
        problem=row.problem,
        attempts=row.attempts,
        recipient=name,
        person_id=person_id,
        matter_id=row.matter_id,
        matter_number=number,
        matter_title=title,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        note=note or "",
        params=row.params,
    )
