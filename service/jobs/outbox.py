"""The outbox: notices are rows written with the act they tell of, and jobs deliver them at least once."""

import asyncio
import http.client
import smtplib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from service.ids import new_id
from service.jobs import mail, sms
from service.jobs.mail import Letter, NoAddress
from service.jobs.queue import enqueue
from service.jobs.tables import OutboxRow
from service.jobs.wording import wording_of, words_of
from service.jobs.worker import Handler, JobContext
from service.keys import Keys
from service.problems import NotFound
from service.storage.policies import policy_in_force
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import reading, unit_of_work
from service.storage.staff_found import keeps_out

DELIVER: Final = "outbox.deliver"
_TRIES: Final = 8
_MOBILE_DIGITS: Final = 11
_UNDELIVERED: Final = (NoAddress, OSError, smtplib.SMTPException, http.client.HTTPException, sms.SmsRefused)


async def notify(
    session: AsyncSession,
    template: str,
    *,
    key: str,
    at: datetime,
    account_id: UUID | None = None,
    person_id: UUID | None = None,
    params: Mapping[str, Any] | None = None,
    secret: bytes | None = None,
    language: str = "",
    channel: str = "mail",
) -> UUID:
    """Write a notice in the transaction of the act it tells of; with the same key it is written once.

    Args:
        session: the open unit of work.
        template: code `X`; the catalogues hold its subject as `MAIL_X_SUBJECT` and its text as `MAIL_X_BODY`.
        key: names the occasion and the recipient, such as `handover:<id>:<account>`; ASCII.
        at: the instant of the act.
        account_id: the recipient's account, or
        person_id: the recipient, who may have no account.
        params: ids, codes, numbers, days and paths for the text. `matter_id`, `account_id`, `person_id` and
            `organisation_id` become `%(matter)s`, `%(account)s`, `%(person)s` and `%(organisation)s` when it is
            delivered, a `path` becomes `%(link)s`.
        secret: sealed by `Keys.encrypt(..., about=key)`, becomes the end of the link; removed once delivered.
        language: `zh` or `en`; empty for the recipient's own.
        channel: `mail` goes by mail, or by short message to who has no mail address; `letter` and `phone` are
            delivered by people and only kept here.

    Raises:
        ValueError: when there is no recipient.
    """
    if account_id is None and person_id is None:
        raise ValueError("a notice needs a recipient")
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    notice_id = new_id()
    statement = make(OutboxRow).values(
        id=notice_id,
        key=key,
        recipient_account_id=account_id,
        recipient_person_id=person_id,
        matter_id=UUID(params["matter_id"]) if params and "matter_id" in params else None,
        channel=channel,
        template=template,
        params=dict(params or {}),
        secret=secret,
        language=language,
        state="waiting",
        attempts=0,
        problem="",
        created_at=at,
    )
    written = await session.scalar(statement.on_conflict_do_nothing().returning(OutboxRow.id))
    if written is None:
        return (await session.scalars(select(OutboxRow.id).where(OutboxRow.key == key))).one()
    if channel != "mail":
        return notice_id
    await enqueue(
        session, DELIVER, {"id": str(notice_id)}, run_at=at, key=f"{DELIVER}:{notice_id}", max_attempts=_TRIES
    )
    return notice_id


def deliverer(keys: Keys, residents: Residents) -> Handler:
    """Return the handler that delivers one notice, unless the recipient keeps out of the matter it tells of."""

    async def deliver(context: JobContext, payload: Mapping[str, Any]) -> None:
        notice_id, settings = UUID(payload["id"]), context.settings
        async with reading(context.database) as session:
            policy = await policy_in_force(session, settings.policy, on=context.clock.today())
            silent = await _silent(session, notice_id, residents, policy_id=policy.id, at=context.clock.now())
            found = None if silent else await _letter(session, notice_id, keys, base_url=settings.base_url)
        if silent:
            async with unit_of_work(context.database, at=context.clock.now()) as session:
                values = {"state": "withheld", "secret": None, "problem": "RECIPIENT_KEEPS_OUT"}
                await session.execute(update(OutboxRow).where(OutboxRow.id == notice_id).values(**values))
        if found is None:
            return
        letter, mobile = found
        channel = "sms" if not letter.address and mobile and settings.sms_url else "mail"
        try:
            if channel == "sms":
                await asyncio.to_thread(sms.send, letter, mobile, settings.sms_url)
            elif settings.smtp_url:
                await asyncio.to_thread(mail.send, letter, settings)
            else:
                await asyncio.to_thread(mail.write_file, letter, settings)
        except _UNDELIVERED as fault:
            hopeless = isinstance(fault, NoAddress) or context.attempt >= _TRIES
            await _note_failure(context, notice_id, fault, channel, hopeless=hopeless)
            if isinstance(fault, NoAddress):
                return
            raise
        at = context.clock.now()
        done = {"state": "delivered", "delivered_at": at, "secret": None, "problem": "", "channel": channel}
        async with unit_of_work(context.database, at=at) as session:
            await session.execute(
                update(OutboxRow).where(OutboxRow.id == notice_id).values(**done, attempts=OutboxRow.attempts + 1)
            )

    return deliver


async def told_of(session: AsyncSession, matter_id: UUID, templates: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Return who was told of the acts on a matter: version of the matter -> names, in their order.

    The keys of such notices are `template:matter:version:person`; their unique index answers each prefix by a range.
    """
    starts = [f"{template.lower()}:{matter_id}:" for template in templates]
    rows = await session.execute(
        select(OutboxRow.key, PersonRow.name)
        .join(PersonRow, PersonRow.id == OutboxRow.recipient_person_id)
        .where(or_(*(OutboxRow.key.between(start, f"{start}~") for start in starts)))
        .order_by(PersonRow.pinyin, PersonRow.id)
    )
    told: dict[int, tuple[str, ...]] = {}
    for key, name in rows:
        version = int(key.split(":")[2])
        told[version] = (*told.get(version, ()), name)
    return told


async def _silent(
    session: AsyncSession, notice_id: UUID, residents: Residents, *, policy_id: str, at: datetime
) -> bool:
    """Return whether a notice about a matter waits for somebody of the staff who keeps out of that matter."""
    row = await session.get(OutboxRow, notice_id)
    if row is None or row.state != "waiting" or "matter_id" not in row.params:
        return False
    account_id, person_id = row.recipient_account_id, row.recipient_person_id
    if account_id is not None:
        person_id = (await session.get_one(AccountRow, account_id)).person_id
    return person_id is not None and await keeps_out(
        session, residents, UUID(row.params["matter_id"]), account_id, person_id, policy_id=policy_id, at=at
    )


async def _letter(session: AsyncSession, notice_id: UUID, keys: Keys, *, base_url: str) -> tuple[Letter, str] | None:
    """Render a notice, with the recipient's mobile number or an empty text; None once it was delivered or withheld."""
    row = await session.get(OutboxRow, notice_id)
    if row is None:
        raise NotFound(subject=str(notice_id))
    if row.state in ("delivered", "withheld"):
        return None
    language, person_id = row.language, row.recipient_person_id
    if row.recipient_account_id is not None:
        account = await session.get_one(AccountRow, row.recipient_account_id)
        language, person_id = language or account.language, account.person_id
    person = await session.get_one(PersonRow, person_id)
    language = language or "zh"
    words = await words_of(session, row.params, language)
    secret = keys.decrypt(row.secret, about=row.key) if row.secret else ""
    words["name"] = person.name
    words["link"] = f"{base_url}{row.params.get('path', '')}{secret}"
    guest = row.recipient_account_id is None and not await _signs_in(session, person.id)
    said = await wording_of(session, row.template, language, words, guest=guest)
    number = keys.decrypt(person.phone_sealed, about=f"person:{person.id}:phone") if person.phone_sealed else ""
    letter = Letter(
        key=row.key,
        name=person.name,
        address=person.email,
        subject=said.subject,
        body=said.body,
        at=row.created_at,
        language=language,
        short=said.short,
    )
    return letter, number if number.isdigit() and len(number) == _MOBILE_DIGITS else ""


async def _signs_in(session: AsyncSession, person_id: UUID) -> bool:
    """Return whether a person has an account with a password; links alone are no way to sign in."""
    held = await session.scalar(
        select(func.count())
        .select_from(AccountRow)
        .where(AccountRow.person_id == person_id, AccountRow.state == "active", AccountRow.password_hash != "")
    )
    return bool(held)


async def _note_failure(
    context: JobContext, notice_id: UUID, fault: Exception, channel: str, *, hopeless: bool
) -> None:
    code = "SMS_NOT_SENT" if channel == "sms" else "MAIL_NOT_SENT"
    if isinstance(fault, NoAddress):
        code = "MAIL_NO_ADDRESS"
    async with unit_of_work(context.database, at=context.clock.now()) as session:
        await session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == notice_id)
            .values(attempts=OutboxRow.attempts + 1, problem=code, state="failed" if hopeless else "waiting")
        )
