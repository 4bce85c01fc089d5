"""Renewing archive time stamps: a further stamp over a signed document long before the last one loses its worth."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from service.signing import ALONE, Authority, ListUnreadable, Outside
from service.storage.session import Database, reading, unit_of_work
from service.storage.signatures import document_bytes, put_stamped, stamped_before
from service.storage.signing import revocations

RENEW_AFTER: Final = timedelta(days=730)
"""An algorithm that is sound today is not sound for ever, and the stamping certificate ends: two years is early."""

ROUND_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a round did.

    Attributes:
        done: documents with a further stamp.
        unfit: documents whose bytes cannot be stamped any more; people must look at them.
        stopped: code of why the round ended early, empty when it did not; the rest waits for the next.
    """

    done: int
    unfit: tuple[UUID, ...]
    stopped: str = ""


async def renew_stamps(
    database: Database,
    authority: Authority,
    *,
    at: datetime,
    older_than: timedelta = RENEW_AFTER,
    most: int = ROUND_MOST,
    outside: Outside = ALONE,
) -> Renewed:
    """Stamp the documents whose last stamp is the oldest; two processes at once stamp a document once.

    What was signed stays as it is: a stamp is added behind it.

    Args:
        database: opened for a moment a document, never while it is stamped.
        authority: the center.
        at: now.
        older_than: age of the last stamp from which on a document is due.
        most: documents in this round.
        outside: further authorities, and the time-stamp server where there is one.
    """
    from service.signing.documents import NotRenewable
    from service.signing.stamping import StampFailed

    done, unfit = 0, []
    async with reading(database) as session:
        due = await stamped_before(session, at - older_than)
        if not due:
            return Renewed(0, ())
        listed = authority.revocation_list(await revocations(session), at=at, number=int(at.timestamp()))
    for document_id, stamped_at in due:
        if done == most:
            break
        async with reading(database) as session:
            _, pdf = await document_bytes(session, document_id)
        try:
            stamped = await asyncio.to_thread(_stamped, pdf, authority, outside, listed, at)
        except NotRenewable:
            unfit.append(document_id)
            continue
        except StampFailed as fault:
            return Renewed(done, tuple(unfit), fault.code)
        except ListUnreadable:
            return Renewed(done, tuple(unfit), "LIST_UNREADABLE")
        async with unit_of_work(database, at=at) as session:
            done += await put_stamped(session, document_id, stamped, stamped_at=stamped_at, at=at)
    return Renewed(done, tuple(unfit))


def _stamped(pdf: bytes, authority: Authority, outside: Outside, listed: bytes, at: datetime) -> bytes:
    from service.signing.documents import renew

    return asyncio.run(renew(pdf, authority, revocations=listed, at=at, outside=outside))
