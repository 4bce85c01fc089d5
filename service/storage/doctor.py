"""The doctor: folds every matter's stream again and compares what follows from it with the rows that people see."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, text

from service import ledger
from service.ledger.tables import EventRow
from service.storage.matter_rows import state_of, write_projection
from service.storage.rows.draws import DrawRow
from service.storage.rows.matters import MatterPartyRow, MatterRow, PanelMemberRow, PanelRow
from service.storage.rows.meetings import ReviewMeetingRow
from service.storage.rows.review import ReviewPartRow, ReviewRow
from service.storage.session import Session

_MATTER: Final = "matter:"


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the ledger says.

    Attributes:
        stream: the matter's stream.
        table: where the row stands, or `ledger_event` when the stream is missing.
        what: `stream missing`, `row missing`, `row too many`, or the column that differs. Values are not repeated.
        key: which row of the matter: its number, round of a panel, place of a member.
    """

    stream: str
    table: str
    what: str
    key: str = ""

    @property
    def can_be_put_right(self) -> bool:
        """Whether the stream can write it anew: not without a stream, nor a matter without its title and number."""
        return self.what != "stream missing" and (self.table, self.what) != ("matter", "row missing")


async def matters_to_check(session: Session) -> list[UUID]:
    """Return every matter that has a row or a stream."""
    rows = set(await session.scalars(select(MatterRow.id)))
    streams = await session.scalars(
        select(EventRow.stream).where(EventRow.stream >= _MATTER, EventRow.stream < "matter;").distinct()
    )
    return sorted(rows | {UUID(stream.removeprefix(_MATTER)) for stream in streams})


async def compare_matter(session: Session, matter_id: UUID) -> list[Difference]:
    """Write a matter's projection anew from its stream and return what changed by it.

    The caller rolls back to only compare, or commits to repair: the stream is the truth. Texts, titles and who looks
    after a matter stand in no stream and are left as they are.
    """
    stream = f"{_MATTER}{matter_id}"
    before = await _snapshot(session, matter_id)
    if not await ledger.stream(session, stream):
        return [Difference(stream, "ledger_event", "stream missing")]
    if not before["matter"]:
        return [Difference(stream, "matter", "row missing")]
    await write_projection(session, matter_id, await state_of(session, matter_id), ())
    await session.flush()
    after = await _snapshot(session, matter_id)
    return [
        Difference(stream, table, what, key)
        for table in before
        for key, what in _differences(before[table], after[table])
    ]


async def integrity_of(session: Session) -> list[str]:
    """Return what the database itself finds wrong with its file; PostgreSQL watches over its own."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    verdicts = list(await session.scalars(text("PRAGMA integrity_check(20)")))
    dangling = list(await session.execute(text("PRAGMA foreign_key_check")))
    return [verdict for verdict in verdicts if verdict != "ok"] + [
        f"row {row[1]} of {row[0]} points to no row of {row[2]}" for row in dangling[:20]
    ]


async def counts_of(session: Session) -> tuple[int, int]:
    """Return how many matters and how many ledger entries there are."""
    matters = await session.scalar(select(func.count()).select_from(MatterRow)) or 0
    head = await ledger.head(session)
    return matters, head.size if head else 0


Rows = Mapping[str, Mapping[str, Any]]
"""Key of a row within its matter -> column -> value."""


def _differences(before: Rows, after: Rows) -> list[tuple[str, str]]:
    found = [(key, "row too many") for key in before if key not in after]
    found += [(key, "row missing") for key in after if key not in before]
    found += [
        (key, column)
        for key, row in after.items()
        if key in before
        for column, value in row.items()
        if before[key][column] != value
    ]
    return sorted(found)


async def _snapshot(session: Session, matter_id: UUID) -> dict[str, Rows]:
    session.expire_all()
    panels = {row.id: row.round async for row in _rows(session, PanelRow, PanelRow.matter_id == matter_id)}
    return {
        "matter": {row.number: _columns(row) async for row in _rows(session, MatterRow, MatterRow.id == matter_id)},
        "matter_party": {
            f"{row.organisation_id or row.person_id} {row.role}": {}
            async for row in _rows(session, MatterPartyRow, MatterPartyRow.matter_id == matter_id)
        },
        "panel": {
            f"round {row.round}": _columns(row)
            async for row in _rows(session, PanelRow, PanelRow.matter_id == matter_id)
        },
        "draw": {
            f"round {row.round} number {row.number}": _columns(row)
            async for row in _rows(session, DrawRow, DrawRow.matter_id == matter_id)
        },
        "panel_member": {
            f"round {panels[row.panel_id]} {row.role} {row.position}": _columns(row)
            async for row in _rows(session, PanelMemberRow, PanelMemberRow.panel_id.in_(panels))
        },
        "review": {
            f"round {row.round}": _columns(row)
            async for row in _rows(session, ReviewRow, ReviewRow.matter_id == matter_id)
        },
        "review_meeting": {
            f"round {row.round}": _columns(row)
            async for row in _rows(session, ReviewMeetingRow, ReviewMeetingRow.matter_id == matter_id)
        },
        "review_part": {
            f"round {row.round} invitation {row.position}": _columns(row)
            async for row in _rows(session, ReviewPartRow, ReviewPartRow.matter_id == matter_id)
        },
    }


async def _rows(session: Session, table: Any, where: Any) -> AsyncIterator[Any]:
    for row in await session.scalars(select(table).where(where)):
        yield row


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
