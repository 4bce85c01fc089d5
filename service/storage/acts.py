"""Idempotency keys, refusals and confidential reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from service.ids import new_id
from service.problems import InFlight, KeyReused, Refusal
from service.storage.rows.acts import IdempotencyRow, ReadRow, RefusalRow
from service.storage.session import Database, Session, unit_of_work

KEPT_FOR = timedelta(days=30)
# After this long without an end, the process that ran an act is taken to be dead and the key may be tried again.
ABANDONED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to an act, kept so that a repeat gets the same."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


async def claim_key(database: Database, account: str, key: str, digest: str, *, at: datetime) -> Answer | None:
    """Claim an idempotency key; return the kept answer when the act was done already.

    Raises:
        KeyReused: when the key came before with another content.
        InFlight: when the same act is running.
    """
    try:
        async with unit_of_work(database, at=at) as session:
            await session.execute(
                insert(IdempotencyRow).values(account=account, key=key, digest=digest, state="running", claimed_at=at)
            )
    except IntegrityError:
        async with unit_of_work(database, at=at) as session:
            row = await session.get(IdempotencyRow, (account, key), with_for_update=True)
            if row is None:
                raise InFlight from None
            if row.digest != digest:
                raise KeyReused from None
            if row.state == "done":
                return Answer(row.status or 200, [(name, value) for name, value in row.headers or []], row.body or b"")
            if at - row.claimed_at < ABANDONED_AFTER:
                raise InFlight from None
            row.claimed_at = at
    return None


async def keep_answer(session: Session, account: str, key: str, answer: Answer) -> None:
    """Keep the answer of an act, in the transaction of its effect."""
    await session.execute(
        update(IdempotencyRow)
        .where(IdempotencyRow.account == account, IdempotencyRow.key == key)
        .values(state="done", status=answer.status, headers=[list(pair) for pair in answer.headers], body=answer.body)
    )


async def release_key(database: Database, account: str, key: str, *, at: datetime) -> None:
    """Free a key whose act was not done, so that a corrected form may use it again."""
    async with unit_of_work(database, at=at) as session:
        await session.execute(
            delete(IdempotencyRow).where(
                IdempotencyRow.account == account, IdempotencyRow.key == key, IdempotencyRow.state == "running"
            )
        )


async def forget_old_keys(session: Session, *, at: datetime) -> None:
    """Delete keys older than thirty days."""
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.claimed_at < at - KEPT_FOR))


async def keep_refusal(
    database: Database,
    refusals: Sequence[Refusal],
    *,
    at: datetime,
    account_id: UUID | None,
    operation: str,
    subject: str,
) -> None:
    """Keep a refused act, in a transaction of its own: the act's was rolled back."""
    async with unit_of_work(database, at=at) as session:
        session.add(
            RefusalRow(
                id=new_id(),
                at=at,
                account_id=account_id,
                operation=operation,
                subject=subject,
                refusals=[refusal.to_json() for refusal in refusals],
            )
        )


async def note_reads(
    session: Session, *, at: datetime, account_id: UUID, reads: Sequence[tuple[str, str]], reason: str
) -> None:
    """Note that someone read something confidential about many at once: (what, subject) of each."""
    rows = [
        {"id": new_id(), "at": at, "account_id": account_id, "what": what, "subject": subject, "reason": reason}
        for what, subject in reads
    ]
    for start in range(0, len(rows), 500):
        await session.execute(insert(ReadRow), rows[start : start + 500])


def note_read(session: Session, *, at: datetime, account_id: UUID, what: str, subject: str, reason: str) -> None:
    """Note that someone read something confidential, and why."""
    session.add(ReadRow(id=new_id(), at=at, account_id=account_id, what=what, subject=subject, reason=reason))
