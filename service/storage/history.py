"""The record of an expert or an organisation, page by page, with the names and texts that the ledger does not hold."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from service import ledger
from service.storage.rows.library import PersonRow
from service.storage.rows.texts import LibraryTextRow
from service.storage.session import Session

PER_PAGE: Final = 30
_DAYS: Final = frozenset({"born_on", "starts_on", "ends_on", "from_on", "to_on", "since_on"})


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of a record.

    Attributes:
        entry: place in the ledger, by which it is proved.
        seq: place in the stream, from 1.
        type: `subject.past_participle`.
        at: when.
        who: name of the person who acted.
        role: in which role.
        cites: articles behind it.
        body: what the ledger holds, its days as days.
        reason: the free text beside it; empty when there is none or it has been erased.
        values: what a correction changed, as (column, before, now), days as days; empty likewise.
    """

    entry: int
    seq: int
    type: str
    at: datetime
    who: str
    role: str
    cites: tuple[str, ...]
    body: Mapping[str, Any]
    reason: str
    values: tuple[tuple[str, str | date, str | date], ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """A page of a record, newest first; `before` asks for the next page, None on the last."""

    lines: tuple[HistoryLine, ...]
    before: int | None


async def history_of(session: Session, stream: str, *, before: int | None = None, most: int = PER_PAGE) -> History:
    """Return a page of a record.

    Args:
        session: a reading session.
        stream: `expert:<id>` or `organisation:<id>`; who may read it has been asked.
        before: only events before this place in the ledger; None for the newest.
        most: lines on a page.
    """
    entries = await ledger.page(session, stream=stream, before=before, most=most + 1)
    shown = entries[:most]
    values = [entry.value() for entry in shown]
    people = {UUID(value["actor"]["person"]) for value in values if value["actor"].get("person")}
    names = await _names(session, people)
    hashes = {value["body"].get(name) for value in values for name in ("reason_sha256", "values_sha256")} - {None}
    rows = await session.execute(
        select(LibraryTextRow.sha256, LibraryTextRow.text).where(
            LibraryTextRow.stream == stream, LibraryTextRow.sha256.in_(hashes)
        )
    )
    texts = dict(rows.tuples().all())
    lines = [
        HistoryLine(
            entry=entry.seq,
            seq=entry.stream_seq,
            type=entry.type,
            at=entry.at,
            who=names.get(value["actor"].get("person", ""), ""),
            role=value["actor"].get("role", ""),
            cites=tuple(value["cites"]),
            body={name: _read(name, held) for name, held in value["body"].items()},
            reason=texts.get(value["body"].get("reason_sha256", ""), ""),
            values=_values(texts.get(value["body"].get("values_sha256", ""), "")),
        )
        for entry, value in zip(shown, values, strict=True)
    ]
    return History(tuple(lines), shown[-1].seq if len(entries) > most else None)


def _read(name: str, held: Any) -> Any:
    """Return what a column holds; a day is written `2026-03-01`, or is empty where there is none."""
    return date.fromisoformat(held) if name in _DAYS and held else held


def _values(text: str) -> tuple[tuple[str, str | date, str | date], ...]:
    """Return the pairs that a correction kept; what has been erased says nothing."""
    if not text:
        return ()
    return tuple(
        (name, _read(name, before), _read(name, now)) for name, (before, now) in json.loads(text)["values"].items()
    )


async def _names(session: Session, people: set[UUID]) -> dict[str, str]:
    rows = await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    return {str(person_id): name for person_id, name in rows}
