"""Draws as rows that follow from a matter's stream."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.ids import new_id
from service.storage.rows.draws import DrawRow
from service.storage.session import Session
from workflow import Draw, Event, MatterState

# The event that dates a column.
_DATES = {
    "draw.committed": "committed_at",
    "draw.made": "made_at",
    "draw.challenged": "challenged_at",
    "draw.voided": "voided_at",
}


async def write_draws(session: Session, matter_id: UUID, state: MatterState, events: tuple[Event, ...]) -> None:
    """Write the columns of every draw that follow from the state; what was hashed and typed is left as it is."""
    rows = {
        (row.round, row.number): row
        for row in await session.scalars(select(DrawRow).where(DrawRow.matter_id == matter_id))
    }
    # First those that no longer stand: at most one may.
    for draw in sorted(state.draws, key=lambda one: one.status != "voided"):
        row = rows.get((draw.round, draw.number))
        if row is None:
            row = DrawRow(
                id=new_id(), matter_id=matter_id, round=draw.round, number=draw.number,
                commitment_sha256=draw.commitment_sha256, problem_sha256=draw.problem_sha256,
                as_of=draw.as_of, reveal_on=draw.reveal_on, committed_by=UUID(draw.committed_by),
                witnesses=[], title_public=False,
            )  # fmt: skip
            session.add(row)
        _project(row, draw, events)
        await session.flush()


def _project(row: DrawRow, draw: Draw, events: tuple[Event, ...]) -> None:
    row.state = draw.status
    row.commitment_sha256 = draw.commitment_sha256
    row.problem_sha256 = draw.problem_sha256
    row.as_of, row.reveal_on = draw.as_of, draw.reveal_on
    row.committed_by = UUID(draw.committed_by)
    row.record_sha256 = draw.record_sha256
    row.first_by, row.made_by = _person(draw.first_by), _person(draw.made_by)
    row.challenged_by, row.voided_by = _person(draw.challenged_by), _person(draw.voided_by)
    row.cause = draw.cause
    for event in events:
        column = _DATES.get(event.type)
        if column and (event.body["round"], event.body["number"]) == (draw.round, draw.number):
            _date(row, column, event.at)
    if row.challenged_by is None:
        row.challenged_at = None


def _date(row: DrawRow, column: str, at: datetime) -> None:
    setattr(row, column, at)


def _person(person_id: str) -> UUID | None:
    return UUID(person_id) if person_id else None
