"""Writing what an import changes about experts who are there already: statements per kind of change, not per expert."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, update

from registry import Appointment, ExpertField
from service.ids import new_id
from service.storage.intake import NewExpert
from service.storage.past import keep_past
from service.storage.roster import in_chunks
from service.storage.rows.library import AppointmentRow, EmploymentRow, ExpertFieldRow, ExpertRow, PersonRow
from service.storage.session import Session

_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class ExpertChange:
    """What changes about one expert.

    Attributes:
        expert_id, person_id: whom.
        columns: what changed, for the record.
        person: new values of the person's columns.
        expert: new values of the expert's columns.
        fields: all fields from now on, or None.
        term: a term that is added, or that replaces the one with the same first day; or None.
        employment_id: the present main employment, or None.
        post: post from now on, or None when it stays.
        ends_on: last day of the present main employment when the unit changes, else None.
        new_unit_id: the unit from now on, or None.
        starts_on: first day at the new unit.
    """

    expert_id: UUID
    person_id: UUID
    columns: frozenset[str]
    person: Mapping[str, Any]
    expert: Mapping[str, Any]
    fields: tuple[ExpertField, ...] | None
    term: Appointment | None
    employment_id: UUID | None
    post: str | None
    ends_on: date | None = None
    new_unit_id: UUID | None = None
    starts_on: date | None = None


async def change_experts(session: Session, changes: Sequence[ExpertChange], *, at: datetime) -> None:
    """Write the changes and raise the versions of everybody touched."""
    if not changes:
        return
    await _update_all(session, PersonRow, [(change.person_id, change.person) for change in changes])
    await _update_all(session, ExpertRow, [(change.expert_id, change.expert) for change in changes])
    await _replace_fields(session, [change for change in changes if change.fields is not None])
    await _write_terms(session, [change for change in changes if change.term is not None])
    await _write_employments(session, changes, at=at)


async def next_expert_numbers(session: Session, count: int) -> list[str]:
    """Return numbers for new experts, following the highest that was given: `ZJ0042`."""
    if not count:
        return []
    given = ExpertRow.number.like("ZJ%")
    longest = select(func.max(func.length(ExpertRow.number))).where(given).scalar_subquery()
    highest = await session.scalar(
        select(func.max(ExpertRow.number)).where(given, func.length(ExpertRow.number) == longest)
    )
    tail = (highest or "").removeprefix("ZJ")
    first = int(tail) + 1 if tail.isascii() and tail.isdigit() else 1
    return [f"ZJ{number:04d}" for number in range(first, first + count)]


async def insert_experts_of_known_persons(session: Session, entries: Sequence[NewExpert], *, at: datetime) -> None:
    """Make experts of persons who are known already, such as a clerk; what is known of the person stays."""
    experts = [
        {
            "id": entry.id,
            "person_id": entry.person_id,
            "number": entry.number,
            "title": entry.title,
            "title_level": entry.title_level,
            "source": entry.source,
            "state": "active",
            "created_at": at,
            "version": 1,
        }
        for entry in entries
    ]
    fields = [{"expert_id": e.id, "code": held.code, "main": held.main} for e in entries for held in e.fields]
    terms = [term.columns(entry.id) for entry in entries for term in entry.terms]
    jobs = [
        {
            "id": new_id(),
            "person_id": entry.person_id,
            "organisation_id": work.organisation_id,
            "kind": "main" if work.main else "side",
            "post": work.post,
            "known_at": at,
        }
        for entry in entries
        for work in entry.employments
    ]
    for row, values in ((ExpertRow, experts), (ExpertFieldRow, fields), (AppointmentRow, terms), (EmploymentRow, jobs)):
        if values:
            await session.execute(insert(row), values)


async def _update_all(session: Session, row: type[Any], wanted: list[tuple[UUID, Mapping[str, Any]]]) -> None:
    # One prepared statement for everybody who changes in the same columns. Everybody's version rises, so that a form
    # opened before the import is seen to be stale.
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for key, values in wanted:
        alike[tuple(sorted(values))].append({"key": key, **{f"new_{name}": value for name, value in values.items()}})
    table: Any = row.__table__
    for names, parameters in alike.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(version=table.c.version + 1, **{name: bindparam(f"new_{name}") for name in names})
        )
        connection = await session.connection()
        await connection.execute(statement, parameters)


async def _replace_fields(session: Session, changes: Sequence[ExpertChange]) -> None:
    for chunk in in_chunks([change.expert_id for change in changes], _PER_QUERY):
        await session.execute(delete(ExpertFieldRow).where(ExpertFieldRow.expert_id.in_(chunk)))
    values = [
        {"expert_id": change.expert_id, "code": held.code, "main": held.main}
        for change in changes
        for held in change.fields or ()
    ]
    if values:
        await session.execute(insert(ExpertFieldRow), values)


async def _write_terms(session: Session, changes: Sequence[ExpertChange]) -> None:
    there: dict[tuple[UUID, date], UUID] = {}
    for chunk in in_chunks([change.expert_id for change in changes], _PER_QUERY):
        rows = await session.execute(
            select(AppointmentRow.expert_id, AppointmentRow.starts_on, AppointmentRow.id).where(
                AppointmentRow.expert_id.in_(chunk)
            )
        )
        there.update({(expert_id, starts_on): term_id for expert_id, starts_on, term_id in rows})
    fresh, known = [], []
    for change in changes:
        if (term := change.term) is None:
            continue
        values = {"ends_on": term.ends_on}
        if term_id := there.get((change.expert_id, term.starts_on)):
            known.append((term_id, term))
        else:
            fresh.append(
                {"id": new_id(), "expert_id": change.expert_id, "starts_on": term.starts_on, **values}
                | {"letter_number": term.letter_number}
            )
    if fresh:
        await session.execute(insert(AppointmentRow), fresh)
    for term_id, term in known:
        letter = {"letter_number": term.letter_number} if term.letter_number else {}
        await session.execute(
            update(AppointmentRow).where(AppointmentRow.id == term_id).values(ends_on=term.ends_on, **letter)
        )


async def _write_employments(session: Session, changes: Sequence[ExpertChange], *, at: datetime) -> None:
    moved = [change for change in changes if change.new_unit_id is not None]
    table: Any = EmploymentRow.__table__
    ending = [
        {"key": change.employment_id, "last": change.ends_on}
        for change in moved
        if change.employment_id is not None and change.ends_on is not None
    ]
    connection = await session.connection()
    if ending:
        await keep_past(session, [change.employment_id for change in moved if change.employment_id], at=at)
        # Somebody who began there today leaves today: a last day before the first would be nonsense.
        statement = update(table).where(table.c.id == bindparam("key"))
        later = table.c.from_on > bindparam("last")
        await connection.execute(statement.where(later).values(to_on=table.c.from_on, known_at=at), ending)
        earlier = (table.c.from_on.is_(None)) | (table.c.from_on <= bindparam("last"))
        await connection.execute(statement.where(earlier).values(to_on=bindparam("last"), known_at=at), ending)
    fresh = [
        {
            "id": new_id(),
            "person_id": change.person_id,
            "organisation_id": change.new_unit_id,
            "kind": "main",
            "post": change.post or "",
            "from_on": change.starts_on if change.employment_id else None,
            "to_on": None,
            "known_at": at,
        }
        for change in moved
    ]
    if fresh:
        await session.execute(insert(EmploymentRow), fresh)
    posts = [
        {"key": change.employment_id, "new_post": change.post}
        for change in changes
        if change.new_unit_id is None and change.post is not None and change.employment_id is not None
    ]
    if posts:
        await connection.execute(
            update(table).where(table.c.id == bindparam("key")).values(post=bindparam("new_post")), posts
        )
