"""Mergers and divisions of organisations: what moves with them, kept so that it can be taken back, and shown."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update

from service.access import Viewer
from service.ids import new_id
from service.problems import NotFound
from service.storage.entered_twice import DUPLICATE
from service.storage.past import keep_past, keep_past_parents
from service.storage.rows.library import (
    EmploymentRow,
    ExpertRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.reorganisations import ReorganisationRow, SuccessorRow
from service.storage.session import Session
from service.storage.unit_succession import OpenMatter, UnitAccount, accounts_of, open_matters_of

SETTLED: Final = "settled"
"""What an ended unit had left went to who took its place, later than its place was taken."""
_ENDINGS: Final = ("merged", "divided", "dissolved", DUPLICATE)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with present work at an organisation on a day.

    Attributes:
        employment_id: of that work.
        person_id: whose.
        expert_id: None for who is no expert.
        name: as shown.
        post: there.
    """

    employment_id: UUID
    person_id: UUID
    expert_id: UUID | None
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a reorganisation ended or changed, and what stands in its place.

    Attributes:
        kind: `employment` or `parent`; `account`, `matter`, `clerk` or `files` for what successors carry on; `name` or
            `code` of a row that was entered twice.
        ended: row that got another last day, or (with `began` equal to it) another organisation; the account, the
            matter, or the unit whose files they are.
        began: row that was begun; None where it only ended. Of an account, a matter or files: with whom they are now.
        was_to: last day before, ISO; None for open.
        was_at: organisation before, of a `clerk` the account, of a `code` itself; empty where there was none.
    """

    kind: str
    ended: str
    began: str | None
    was_to: str | None
    was_at: str


@dataclass(frozen=True, slots=True)
class HeldReorganisation:
    """A reorganisation as an act finds it."""

    id: UUID
    organisation_id: UUID
    kind: str
    from_on: date
    successors: tuple[tuple[UUID, UUID | None], ...]
    changes: tuple[Change, ...]
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReorganisationView:
    """What became of an organisation, or what it took over.

    Attributes:
        kind: `merged` into another, `divided` among others, `parted` with something to others and going on,
            `dissolved` without anybody in its place; `settled` what it had left after one of these;
            `duplicate` a row that was entered twice.
        former: the organisation it happened to.
        successors: who took over, in the order given; the first took what was not given to another.
        undone_at: when it was taken back as a mistake.
    """

    id: UUID
    kind: str
    from_on: date
    source: str
    former: tuple[UUID, str]
    successors: tuple[tuple[UUID, str], ...]
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What hangs on an organisation: who works there on a day, what belongs to it, who and what it has here."""

    members: tuple[Member, ...]
    children: int
    accounts: tuple[UnitAccount, ...]
    matters: tuple[OpenMatter, ...]


async def standing_of(session: Session, viewer: Viewer, organisation_id: UUID, *, on: date) -> Standing:
    """Return what a reorganisation from a day on would move; matters that are not there for the viewer move unnamed."""
    children = (OrganisationParentRow.parent_id == organisation_id, *_still(OrganisationParentRow, on))
    return Standing(
        members=await members_on(session, organisation_id, on=on),
        children=await session.scalar(select(func.count()).select_from(OrganisationParentRow).where(*children)) or 0,
        accounts=await accounts_of(session, organisation_id),
        matters=await open_matters_of(session, organisation_id, viewer),
    )


async def members_on(session: Session, organisation_id: UUID, *, on: date) -> tuple[Member, ...]:
    """Return who works at an organisation on a day or begins later, by the sound of their names."""
    rows = await session.execute(
        select(EmploymentRow.id, PersonRow.id, ExpertRow.id, PersonRow.name, EmploymentRow.post)
        .join(PersonRow, PersonRow.id == EmploymentRow.person_id)
        .outerjoin(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(EmploymentRow.organisation_id == organisation_id, *_still(EmploymentRow, on))
        .order_by(PersonRow.pinyin, EmploymentRow.id)
    )
    return tuple(Member(*row) for row in rows)


async def workers_of(session: Session, employment_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return employment -> whose work it is."""
    rows = await session.execute(
        select(EmploymentRow.id, EmploymentRow.person_id).where(EmploymentRow.id.in_(employment_ids))
    )
    return dict(rows.tuples().all())


async def begins_later(session: Session, organisation_id: UUID, *, on: date) -> bool:
    """Return whether work at an organisation begins on a day or later."""
    row = EmploymentRow
    wanted = select(row.id).where(row.organisation_id == organisation_id, row.from_on >= on).limit(1)
    return await session.scalar(wanted) is not None


async def move_employments(
    session: Session, moves: Mapping[UUID, UUID | None], *, from_on: date, at: datetime
) -> list[Change]:
    """Let work go on elsewhere from a day on: it ends on the day before and begins there with the same post.

    Work that begins on that day or later begins elsewhere altogether. Who has work of that kind there already only
    ends the old one. What was known before stays in the record.

    Args:
        session: the unit of work.
        moves: employment -> organisation; None lets it end.
        from_on: first day elsewhere.
        at: instant of the act.
    """
    rows = list(
        await session.scalars(select(EmploymentRow).where(EmploymentRow.id.in_(moves)).order_by(EmploymentRow.id))
    )
    targets = {target for target in moves.values() if target is not None}
    there = await _works_at(session, {row.person_id for row in rows}, targets, on=from_on)
    await keep_past(session, [row.id for row in rows], at=at)
    changes = []
    for row in rows:
        was = (iso_day(row.to_on), str(row.organisation_id))
        target = moves[row.id]
        if target is not None and row.from_on is not None and row.from_on >= from_on:
            row.organisation_id, row.known_at = target, at
            changes.append(Change("employment", str(row.id), str(row.id), *was))
            continue
        began = None
        if target is not None and (row.person_id, target, row.kind) not in there:
            began = new_id()
            session.add(
                EmploymentRow(
                    id=began,
                    person_id=row.person_id,
                    organisation_id=target,
                    kind=row.kind,
                    post=row.post,
                    from_on=from_on,
                    to_on=row.to_on,
                    known_at=at,
                )
            )
        row.to_on, row.known_at = from_on - timedelta(days=1), at
        changes.append(Change("employment", str(row.id), str(began) if began else None, *was))
    await session.flush()
    await raise_experts(session, {row.person_id for row in rows})
    return changes


async def move_ties(
    session: Session, organisation_id: UUID, heir_id: UUID | None, *, from_on: date, at: datetime
) -> tuple[list[Change], tuple[UUID, ...]]:
    """End an organisation's ties to what is above it, and put what is below it under its heir; return who moved.

    Without an heir what was below it stands alone.
    """
    found = await session.scalars(
        select(OrganisationParentRow)
        .where(
            or_(
                OrganisationParentRow.organisation_id == organisation_id,
                OrganisationParentRow.parent_id == organisation_id,
            ),
            *_still(OrganisationParentRow, from_on),
        )
        .order_by(OrganisationParentRow.id)
    )
    rows = [row for row in found if _moves(row, organisation_id, heir_id, from_on)]
    await keep_past_parents(session, [row.id for row in rows], at=at)
    changes, moved = [], []
    for row in rows:
        was = (iso_day(row.to_on), str(row.parent_id))
        below = row.parent_id == organisation_id and row.organisation_id != heir_id
        if heir_id is not None and row.from_on is not None and row.from_on >= from_on:
            row.parent_id, row.known_at = heir_id, at
            changes.append(Change("parent", str(row.id), str(row.id), *was))
            moved.append(row.organisation_id)
            continue
        began = None
        if below and heir_id is not None:
            began = new_id()
            session.add(
                OrganisationParentRow(
                    id=began,
                    organisation_id=row.organisation_id,
                    parent_id=heir_id,
                    from_on=from_on,
                    to_on=row.to_on,
                    known_at=at,
                )
            )
        if below:
            moved.append(row.organisation_id)
        row.to_on, row.known_at = from_on - timedelta(days=1), at
        changes.append(Change("parent", str(row.id), str(began) if began else None, *was))
    await session.flush()
    return changes, tuple(dict.fromkeys(moved))


def iso_day(day: date | None) -> str | None:
    """Return a day as a `Change` keeps it."""
    return None if day is None else day.isoformat()


def _moves(row: OrganisationParentRow, organisation_id: UUID, heir_id: UUID | None, from_on: date) -> bool:
    """Return whether a tie changes: one that begins with the day or later only when an heir takes it over."""
    if row.from_on is None or row.from_on < from_on:
        return True
    return row.parent_id == organisation_id and heir_id not in (None, row.organisation_id)


async def add_reorganisation(session: Session, held: HeldReorganisation, *, source: str, by: UUID) -> None:
    """Write a reorganisation with its successors."""
    await session.execute(
        insert(ReorganisationRow).values(
            id=held.id,
            organisation_id=held.organisation_id,
            kind=held.kind,
            from_on=held.from_on,
            source=source,
            changes=[asdict(change) for change in held.changes],
            at=held.at,
            by_account_id=by,
        )
    )
    rows = [
        {"reorganisation_id": held.id, "organisation_id": id_, "position": place, "fact_id": fact_id}
        for place, (id_, fact_id) in enumerate(held.successors)
    ]
    if rows:
        await session.execute(insert(SuccessorRow), rows)


async def hold_reorganisation(session: Session, reorganisation_id: UUID) -> HeldReorganisation:
    """Load a reorganisation for an act.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(ReorganisationRow, reorganisation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="reorganisation")
    successors = await session.execute(
        select(SuccessorRow.organisation_id, SuccessorRow.fact_id)
        .where(SuccessorRow.reorganisation_id == row.id)
        .order_by(SuccessorRow.position)
    )
    return HeldReorganisation(
        row.id,
        row.organisation_id,
        row.kind,
        row.from_on,
        tuple(successors.tuples()),
        tuple(Change(**change) for change in row.changes),
        row.at,
        row.undone_at,
    )


async def reorganisations_of(session: Session, organisation_id: UUID) -> tuple[ReorganisationView, ...]:
    """Return what happened to an organisation and what it took over, the latest day first."""
    took = select(SuccessorRow.reorganisation_id).where(SuccessorRow.organisation_id == organisation_id)
    rows = list(
        await session.execute(
            select(ReorganisationRow, OrganisationRow.name)
            .join(OrganisationRow, OrganisationRow.id == ReorganisationRow.organisation_id)
            .where(or_(ReorganisationRow.organisation_id == organisation_id, ReorganisationRow.id.in_(took)))
            .order_by(ReorganisationRow.from_on.desc(), ReorganisationRow.id.desc())
        )
    )
    heirs: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for reorganisation_id, id_, name in await session.execute(
        select(SuccessorRow.reorganisation_id, OrganisationRow.id, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == SuccessorRow.organisation_id)
        .where(SuccessorRow.reorganisation_id.in_([row.id for row, _ in rows]))
        .order_by(SuccessorRow.position)
    ):
        heirs[reorganisation_id].append((id_, name))
    return tuple(
        ReorganisationView(
            row.id,
            row.kind,
            row.from_on,
            row.source,
            (row.organisation_id, name),
            tuple(heirs[row.id]),
            row.undone_at,
        )
        for row, name in rows
    )


async def heirs_of(session: Session, organisation_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """Return who stands in the place of an ended organisation today, the first one first: id and name.

    Whose place was taken in turn is followed to who took it. None where a dissolved one named nobody.
    """
    found: dict[UUID, str] = {}
    level, seen = [organisation_id], {organisation_id}
    former, heir = ReorganisationRow.organisation_id, OrganisationRow
    while level:
        rows = await session.execute(
            select(former, heir.id, heir.name, heir.ended_on)
            .join(SuccessorRow, SuccessorRow.reorganisation_id == ReorganisationRow.id)
            .join(OrganisationRow, OrganisationRow.id == SuccessorRow.organisation_id)
            .where(
                former.in_(level),
                ReorganisationRow.kind.in_(_ENDINGS),
                ReorganisationRow.undone_at.is_(None),
            )
            .order_by(SuccessorRow.position)
        )
        after = sorted(rows.tuples(), key=lambda row: level.index(row[0]))
        found |= {id_: name for _, id_, name, ended in after if ended is None and id_ not in seen}
        level = list(dict.fromkeys(id_ for _, id_, _, ended in after if ended is not None and id_ not in seen))
        seen |= {id_ for _, id_, _, _ in after}
    return tuple(found.items())


async def ended_by(session: Session, organisation_id: UUID) -> str:
    """Return the document by which others took an organisation's place, empty without one."""
    source: str | None = await session.scalar(
        select(ReorganisationRow.source)
        .where(
            ReorganisationRow.organisation_id == organisation_id,
            ReorganisationRow.kind.in_(_ENDINGS),
            ReorganisationRow.undone_at.is_(None),
        )
        .order_by(ReorganisationRow.id.desc())
        .limit(1)
    )
    return source or ""


async def tied_below(session: Session, tie_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return the lower ends of some ties to a parent."""
    rows = await session.scalars(
        select(OrganisationParentRow.organisation_id)
        .where(OrganisationParentRow.id.in_(tie_ids))
        .distinct()
        .order_by(OrganisationParentRow.organisation_id)
    )
    return tuple(rows)


async def ended_on(session: Session, organisation_id: UUID) -> date | None:
    """Return the last day of an organisation whose place others took; None while it exists."""
    day: date | None = await session.scalar(
        select(OrganisationRow.ended_on).where(OrganisationRow.id == organisation_id)
    )
    return day


def _still(row: Any, on: date) -> tuple[Any, ...]:
    return (or_(row.to_on.is_(None), row.to_on >= on),)


async def _works_at(
    session: Session, people: Collection[UUID], organisations: Collection[UUID], *, on: date
) -> set[tuple[UUID, UUID, str]]:
    rows = await session.execute(
        select(EmploymentRow.person_id, EmploymentRow.organisation_id, EmploymentRow.kind).where(
            EmploymentRow.person_id.in_(people),
            EmploymentRow.organisation_id.in_(organisations),
            or_(EmploymentRow.from_on.is_(None), EmploymentRow.from_on <= on),
            *_still(EmploymentRow, on),
        )
    )
    return set(rows.tuples())


async def raise_experts(session: Session, people: Collection[UUID]) -> None:
    """Raise the versions of the experts among some people whose work was changed."""
    await session.execute(
        update(ExpertRow).where(ExpertRow.person_id.in_(people)).values(version=ExpertRow.version + 1)
    )
