"""Open calls for experts, as anyone may see them, and writing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from registry import CallPeriod
from service.ids import new_id
from service.problems import NotFound
from service.storage.candidate_writing import next_yearly
from service.storage.rows.intake import ApplicationRow, OpenCallRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class CallView:
    """An open call; both days inclusive.

    Attributes:
        fields: codes that are wanted; empty for all.
        applications: how many came, for the center's eyes.
    """

    id: UUID
    number: str
    title: str
    text: str
    fields: tuple[str, ...]
    opens_on: date
    closes_on: date
    applications: int
    version: int

    @property
    def period(self) -> CallPeriod:
        """When applications are taken."""
        return CallPeriod(self.opens_on, self.closes_on)


async def list_calls(session: Session, *, open_on: date | None = None) -> tuple[CallView, ...]:
    """Return the calls, that which closes last first; only those open on a day when one is given."""
    wanted = select(OpenCallRow, _count()).order_by(OpenCallRow.closes_on.desc(), OpenCallRow.number.desc())
    if open_on is not None:
        wanted = wanted.where(OpenCallRow.opens_on <= open_on, OpenCallRow.closes_on >= open_on)
    return tuple(_view(row, count) for row, count in await session.execute(wanted.limit(100)))


async def load_call(session: Session, number: str) -> CallView:
    """Return the call of a number.

    Raises:
        NotFound: when there is none.
    """
    found = (await session.execute(select(OpenCallRow, _count()).where(OpenCallRow.number == number))).first()
    if found is None:
        raise NotFound(subject="call")
    return _view(*found)


async def hold_call(session: Session, call_id: UUID) -> CallView:
    """Load a call for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(OpenCallRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="call")
    return _view(row, 0)


async def put_call(
    session: Session,
    *,
    title: str,
    text: str,
    fields: Sequence[str],
    period: CallPeriod,
    by: UUID,
    on: date,
    at: datetime,
) -> tuple[UUID, str]:
    """Write a call; returns id and number."""
    call_id = new_id()
    number = await next_yearly(session, OpenCallRow.number, f"ZJ{on.year}-", digits=2)
    session.add(
        OpenCallRow(
            id=call_id,
            number=number,
            title=title,
            text=text,
            fields=list(fields),
            opens_on=period.opens_on,
            closes_on=period.closes_on,
            created_by=by,
            created_at=at,
        )
    )
    await session.flush()
    return call_id, number


async def change_call(session: Session, call_id: UUID, **values: Any) -> None:
    """Write columns of a call and raise its version."""
    await session.execute(
        update(OpenCallRow).where(OpenCallRow.id == call_id).values(version=OpenCallRow.version + 1, **values)
    )


def _count() -> Any:
    return select(func.count()).where(ApplicationRow.call_id == OpenCallRow.id).correlate(OpenCallRow).scalar_subquery()


def _view(row: OpenCallRow, applications: int) -> CallView:
    return CallView(
        id=row.id,
        number=row.number,
        title=row.title,
        text=row.text,
        fields=tuple(row.fields),
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        applications=applications,
        version=row.version,
    )
