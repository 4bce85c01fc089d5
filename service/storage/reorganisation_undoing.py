"""Taking a reorganisation back: what came after it stands against that; else all that moved stands as it stood."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from service.storage.entered_twice import DUPLICATE
from service.storage.past import keep_past, keep_past_parents
from service.storage.reorganisation import SETTLED, Change, HeldReorganisation, raise_experts
from service.storage.rows.facts import FactRow
from service.storage.rows.library import EmploymentRow, ExpertRow, OrganisationParentRow
from service.storage.rows.reorganisations import ReorganisationRow, SuccessorRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class CameAfter:
    """What was changed since a reorganisation that its undoing would spoil.

    Attributes:
        organisations: which were reorganised again, or whose superior was changed.
        experts: whose work was changed.
        more: whether something else was: work of who is no expert, or an entry that is no more.
    """

    organisations: tuple[UUID, ...]
    experts: tuple[UUID, ...]
    more: bool

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self.organisations or self.experts or self.more)


@dataclass(frozen=True, slots=True)
class Restored:
    """A tie to a parent that stands again."""

    organisation_id: UUID
    parent_id: UUID
    from_on: date | None


async def came_after(session: Session, held: HeldReorganisation) -> CameAfter:
    """Return what was changed since that taking a reorganisation back would spoil."""
    people, lost = await _works_changed(session, held)
    # What was settled later moved no tie; what became of those of the ended unit is nothing to it.
    tied, torn = (set[UUID](), False) if held.kind == SETTLED else await _ties_changed(session, held)
    experts = await session.scalars(
        select(ExpertRow.id).where(ExpertRow.person_id.in_(people)).order_by(ExpertRow.number)
    )
    found = tuple(experts)
    organisations = {*await _reorganised_again(session, held), *tied}
    return CameAfter(tuple(sorted(organisations)), found, lost or torn or len(found) < len(people))


async def take_back(session: Session, held: HeldReorganisation, *, at: datetime) -> tuple[Restored, ...]:
    """Put employments and ties back as they stood; nothing of them came after. Returns the ties that stand again."""
    jobs, ties = _of(held, "employment"), _of(held, "parent")
    employments, parents = await _rows(session, EmploymentRow, jobs), await _rows(session, OrganisationParentRow, ties)
    await keep_past(session, list(employments), at=at)
    await keep_past_parents(session, list(parents), at=at)
    for change in (*jobs, *ties):
        is_job = change.kind == "employment"
        row = (employments if is_job else parents)[UUID(change.ended)]
        if change.began == change.ended:
            setattr(row, "organisation_id" if is_job else "parent_id", UUID(change.was_at))
        else:
            row.to_on = _day(change.was_to)
        row.known_at = at
    await session.flush()
    for table, some in ((EmploymentRow, jobs), (OrganisationParentRow, ties)):
        begun = [UUID(change.began) for change in some if change.began and change.began != change.ended]
        await session.execute(delete(table).where(table.id.in_(begun)))
    await raise_experts(session, {row.person_id for row in employments.values()})
    rows = [parents[UUID(change.ended)] for change in ties]
    return tuple(Restored(row.organisation_id, row.parent_id, row.from_on) for row in rows)


async def standing_facts(session: Session, fact_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return those of some ties that nobody has withdrawn."""
    rows = await session.scalars(
        select(FactRow.fact_id)
        .where(FactRow.fact_id.in_(fact_ids), FactRow.retired_at.is_(None))
        .order_by(FactRow.fact_id)
    )
    return tuple(rows)


async def set_undone(session: Session, reorganisation_id: UUID, *, at: datetime) -> None:
    """Note that a reorganisation was taken back."""
    await session.execute(
        update(ReorganisationRow).where(ReorganisationRow.id == reorganisation_id).values(undone_at=at)
    )


async def _reorganised_again(session: Session, held: HeldReorganisation) -> set[UUID]:
    mine = {held.organisation_id, *(id_ for id_, _ in held.successors)}
    heirs = select(SuccessorRow.reorganisation_id).where(SuccessorRow.organisation_id.in_(mine))
    rows = await session.scalars(
        select(ReorganisationRow.organisation_id).where(
            ReorganisationRow.undone_at.is_(None),
            ReorganisationRow.id > held.id,
            or_(ReorganisationRow.organisation_id.in_(mine), ReorganisationRow.id.in_(heirs)),
        )
    )
    return set(rows)


async def _works_changed(session: Session, held: HeldReorganisation) -> tuple[set[UUID], bool]:
    """Return whose work does not stand as the reorganisation left it, and whether an entry of it is no more.

    Work that was begun took the post over from the work that it follows; a roster writes another post over it without
    a new record time, and it would go with what was begun.
    """
    jobs = _of(held, "employment")
    rows = await _rows(session, EmploymentRow, jobs)
    changed = {row.person_id for row in rows.values() if row.known_at != held.at}
    changed |= {began.person_id for ended, began in _pairs(rows, jobs) if ended and began and ended.post != began.post}
    return changed, len(rows) < len(_ids(jobs))


async def _ties_changed(session: Session, held: HeldReorganisation) -> tuple[set[UUID], bool]:
    """Return whose superior is not as the reorganisation left it, and whether an entry of it is no more.

    A tie that was entered since for one that moved, on days that the old one would take again, is such a change too.
    """
    ties = _of(held, "parent")
    rows = await _rows(session, OrganisationParentRow, ties)
    changed = set()
    for change, pair in zip(ties, _pairs(rows, ties), strict=True):
        for row in filter(None, pair):
            if not _as_left(row, change, held):
                changed.add(row.organisation_id)
    moved = {held.organisation_id, *(row.organisation_id for row in rows.values())}
    newer = await session.scalars(
        select(OrganisationParentRow.organisation_id).where(
            OrganisationParentRow.organisation_id.in_(moved),
            OrganisationParentRow.id > held.id,
            OrganisationParentRow.id.not_in(rows),
            or_(OrganisationParentRow.to_on.is_(None), OrganisationParentRow.to_on >= held.from_on),
        )
    )
    return changed | set(newer), len(rows) < len(_ids(ties))


def _as_left(row: OrganisationParentRow, change: Change, held: HeldReorganisation) -> bool:
    """Return whether a tie stands as the reorganisation left it."""
    heir = held.successors[0][0] if held.successors else None
    if change.began == change.ended:
        return (row.parent_id, row.to_on) == (heir, _day(change.was_to))
    if held.kind == DUPLICATE:
        # Of a superior that both have now the first one only keeps what it had.
        return (str(row.parent_id), row.to_on) == (change.was_at, _day(change.was_to))
    if str(row.id) == change.began:
        return (row.parent_id, row.from_on, row.to_on) == (heir, held.from_on, _day(change.was_to))
    return (str(row.parent_id), row.to_on) == (change.was_at, held.from_on - timedelta(days=1))


def _of(held: HeldReorganisation, kind: str) -> list[Change]:
    return [change for change in held.changes if change.kind == kind]


def _pairs(rows: Mapping[UUID, Any], changes: Sequence[Change]) -> list[tuple[Any, Any]]:
    """Return for each change the row that it ended and the one that it began; None for what is no more."""
    return [(rows.get(UUID(one.ended)), rows.get(UUID(one.began)) if one.began else None) for one in changes]


def _ids(changes: Sequence[Change]) -> set[UUID]:
    return {UUID(id_) for change in changes for id_ in (change.ended, change.began) if id_}


async def _rows(session: Session, table: Any, changes: Sequence[Change]) -> dict[UUID, Any]:
    return {row.id: row for row in await session.scalars(select(table).where(table.id.in_(_ids(changes))))}


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
