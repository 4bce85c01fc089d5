"""The expert review as people see it, and the links by which experts enter it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text

from service.access import Viewer
from service.access.viewer import EXPERT
from service.problems import NotFound
from service.storage.accounts import insert_account
from service.storage.matters import PartyView, parties_of
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow, PanelRow
from service.storage.rows.review import InvitationLinkRow, ReviewPartRow
from service.storage.session import Session

OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody of a panel, by name.

    Attributes:
        person_id: the person.
        expert_id: the same in the library.
        number: in the library.
        name: present name.
        title: professional title, may be empty.
        phone_masked: to be called, masked; may be empty.
        has_email: whether notices reach the person by mail.
    """

    person_id: UUID
    expert_id: UUID
    number: str
    name: str
    title: str
    phone_masked: str
    has_email: bool


@dataclass(frozen=True, slots=True)
class MatterBrief:
    """What an expert who is asked learns about a matter before accepting.

    Attributes:
        id: the matter.
        number, title: as everywhere.
        unit_name: the undertaking unit.
        parties: whose interests are at stake: who has ties to one of them withdraws.
        abstract: what the center says about it.
        cancelled: whether it has ended without a decision.
    """

    id: UUID
    number: str
    title: str
    unit_name: str
    parties: tuple[PartyView, ...]
    abstract: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class OwnReview:
    """A review in the list of the expert who takes part in it."""

    matter_id: UUID
    title: str
    answer: str
    ended: str
    respond_by: date
    undertaken: bool
    due_on: date | None
    write_by: datetime | None


async def hold_matter(session: Session, matter_id: UUID) -> None:
    """Let the acts in one matter come one after another, so that two experts never refuse each other."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": f"matter:{matter_id}"})


async def relations_in_review(session: Session, viewer: Viewer, matter_id: UUID) -> frozenset[str]:
    """Return `own` when the viewer was asked to take part in the review of the panel in force."""
    if viewer.only_matter not in (None, matter_id):
        return frozenset()
    asked = await session.scalar(
        select(func.count())
        .select_from(ReviewPartRow)
        .where(ReviewPartRow.matter_id == matter_id, *_own(viewer), in_force())
    )
    return frozenset({OWN}) if asked else frozenset()


async def brief_of(session: Session, matter_id: UUID, *, abstract: str) -> MatterBrief:
    """Return what may be told of a matter before acceptance.

    Raises:
        NotFound: when there is no such matter.
    """
    found = (
        await session.execute(
            select(MatterRow, OrganisationRow.name)
            .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
            .where(MatterRow.id == matter_id)
        )
    ).first()
    if found is None:
        raise NotFound(subject="matter")
    row, unit_name = found
    return MatterBrief(
        id=row.id,
        number=row.number,
        title=row.title,
        unit_name=unit_name,
        parties=await parties_of(session, matter_id),
        abstract=abstract,
        cancelled=row.state == "cancelled",
    )


async def participants(session: Session, person_ids: Collection[UUID]) -> Mapping[UUID, Participant]:
    """Return person -> who that is in the library."""
    rows = await session.execute(
        select(PersonRow, ExpertRow)
        .join(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(PersonRow.id.in_(person_ids))
    )
    return {
        person.id: Participant(
            person.id, expert.id, expert.number, person.name, expert.title, person.phone_masked, bool(person.email)
        )
        for person, expert in rows
    }


async def person_of_expert(session: Session, expert_id: UUID) -> UUID:
    """Return the person behind an expert.

    Raises:
        NotFound: when there is no such expert.
    """
    person_id: UUID | None = await session.scalar(select(ExpertRow.person_id).where(ExpertRow.id == expert_id))
    if person_id is None:
        raise NotFound(subject="expert")
    return person_id


async def expert_of_person(session: Session, person_id: UUID) -> UUID:
    """Return the expert who a person is.

    Raises:
        NotFound: when the person is none.
    """
    expert_id: UUID | None = await session.scalar(select(ExpertRow.id).where(ExpertRow.person_id == person_id))
    if expert_id is None:
        raise NotFound(subject="expert")
    return expert_id


async def own_reviews(session: Session, viewer: Viewer) -> Sequence[OwnReview]:
    """Return the reviews that the viewer was asked for and that are not over, most pressing first."""
    wanted = [*_own(viewer), in_force(), MatterRow.state == "determined"]
    if viewer.only_matter is not None:
        wanted.append(MatterRow.id == viewer.only_matter)
    rows = await session.execute(
        select(ReviewPartRow, MatterRow.title)
        .join(MatterRow, MatterRow.id == ReviewPartRow.matter_id)
        .where(*wanted)
        .order_by(func.coalesce(ReviewPartRow.due_on, ReviewPartRow.respond_by), ReviewPartRow.matter_id)
    )
    return [
        OwnReview(
            part.matter_id,
            title,
            part.answer,
            part.ended,
            part.respond_by,
            bool(part.undertaking_sha256),
            part.due_on,
            part.write_by,
        )
        for part, title in rows
    ]


async def account_for(session: Session, person_id: UUID, *, at: datetime) -> tuple[UUID, bool]:
    """Return the account by which an expert enters, made without a password where there is none, and if it is new."""
    held: UUID | None = await session.scalar(
        select(AccountRow.id)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(AccountRow.person_id == person_id, AccountRow.state == "active", AccountRoleRow.role == EXPERT)
        .order_by(AccountRow.created_at)
        .limit(1)
    )
    if held is not None:
        return held, False
    number = await session.scalar(select(ExpertRow.number).where(ExpertRow.person_id == person_id))
    account_id = await insert_account(
        session,
        person_id=person_id,
        login=f"link-{str(number).lower()}",
        roles=[EXPERT],
        unit_id=None,
        language="zh",
        at=at,
    )
    return account_id, True


async def languages_of(session: Session, person_ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return person -> the language of the account by which an expert enters; who has none reads Chinese."""
    rows = await session.execute(
        select(AccountRow.person_id, AccountRow.language)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(AccountRow.person_id.in_(person_ids), AccountRow.state == "active", AccountRoleRow.role == EXPERT)
        .order_by(AccountRow.created_at.desc())
    )
    # As for a link: of several accounts the first.
    return dict.fromkeys(person_ids, "zh") | dict(rows.tuples().all())


async def add_link(
    session: Session, token_sha256: str, *, matter_id: UUID, account_id: UUID, at: datetime, expires_at: datetime
) -> None:
    """Keep the hash of a link; older links of the same person to the same matter end."""
    await session.execute(
        delete(InvitationLinkRow).where(
            InvitationLinkRow.matter_id == matter_id, InvitationLinkRow.account_id == account_id
        )
    )
    session.add(
        InvitationLinkRow(
            token_sha256=token_sha256, matter_id=matter_id, account_id=account_id, created_at=at, expires_at=expires_at
        )
    )
    await session.flush()


async def behind_link(session: Session, token_sha256: str, *, at: datetime) -> tuple[UUID, UUID]:
    """Return account and matter of a link.

    Raises:
        NotFound: when there is none, or it has expired.
    """
    row = await session.get(InvitationLinkRow, token_sha256)
    if row is None or row.expires_at <= at:
        raise NotFound(subject="link")
    return row.account_id, row.matter_id


def _own(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [ReviewPartRow.person_id == viewer.person_id]


def in_force() -> ColumnElement[bool]:
    """Only parts of the panel that is determined now; a person's earlier invitation to it gave way to the later."""
    panel: Any = (
        select(PanelRow.id)
        .where(
            PanelRow.matter_id == ReviewPartRow.matter_id,
            PanelRow.round == ReviewPartRow.round,
            PanelRow.state == "determined",
        )
        .exists()
    )
    return panel  # type: ignore[no-any-return]
