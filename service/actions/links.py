"""Links by which experts enter the review of one matter without a password: fresh ones, sent with a notice."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from service.jobs import notify
from service.keys import Keys
from service.storage.review import account_for, add_link
from service.storage.session import Session

LINK_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link that was sent.

    Attributes:
        notice_id: the notice that bears it.
        account_id: the account that it opens.
        fresh: whether that account was made for it.
        token: the end of the address; kept nowhere, only its hash.
    """

    notice_id: UUID
    account_id: UUID
    fresh: bool
    token: str


async def write_link(
    session: Session,
    keys: Keys,
    matter_id: UUID,
    person_id: UUID,
    *,
    template: str,
    at: datetime,
    day: date | None = None,
    channel: str = "mail",
    params: Mapping[str, Any] | None = None,
) -> SentLink:
    """Write a notice with a fresh link; former links of the person to this matter end.

    Args:
        session: the open unit of work.
        keys: the installation's secrets.
        matter_id: the matter it opens.
        person_id: for whom.
        template: code of the notice.
        at: the instant of the act.
        day: the day that the notice speaks of.
        channel: `mail`, or `letter` when it is printed.
        params: what else the notice says.
    """
    account_id, fresh = await account_for(session, person_id, at=at)
    token = secrets.token_urlsafe(32)
    digest = hashlib.sha256(token.encode()).hexdigest()
    await add_link(
        session, digest, matter_id=matter_id, account_id=account_id, at=at, expires_at=at + timedelta(days=LINK_DAYS)
    )
    key = f"{template.lower()}:{matter_id}:{account_id}:{digest[:12]}"
    said = {"matter_id": str(matter_id), "path": "/i/", **(params or {})}
    if day is not None:
        said["day"] = day.isoformat()
    notice_id = await notify(
        session,
        template,
        key=key,
        at=at,
        account_id=account_id,
        params=said,
        secret=keys.encrypt(token, about=key),
        channel=channel,
    )
    return SentLink(notice_id, account_id, fresh, token)
