"""Passwords: what a good one is, changing one's own, and the one-time link for a lost one."""

import asyncio
import secrets
import unicodedata
from datetime import datetime
from typing import Final
from uuid import UUID

from service.access import sign_in as door
from service.access.viewer import SYSTEM_ADMINISTRATOR, Viewer
from service.actions.act import Act
from service.jobs import notify
from service.keys import Keys
from service.ledger import Event
from service.problems import Fault, Forbidden, Invalid, NotFound, TooMany
from service.settings import Settings
from service.storage import accounts
from service.storage.session import Database, Session, reading, unit_of_work

LEAST: Final = 10
MOST: Final = 128
# The short list of what guessing begins with here; length does the rest (NIST SP 800-63B, 3.1.1.2).
_COMMON: Final = ("password", "qwerty", "1qaz", "admin", "woaini", "iloveyou", "aa123456", "123456", "abc123", "111111")


def password_faults(password: str, *, login: str, at: str = "password") -> list[Fault]:
    """Return everything that is wrong with a new password: its length, and what is guessed first.

    Args:
        password: as typed.
        login: of the account it is for; must not be part of it.
        at: name of the field.
    """
    faults = []
    if len(password) < LEAST:
        faults.append(Fault(at, "PASSWORD_TOO_SHORT", {"least": LEAST, "length": len(password)}))
    if len(password) > MOST:
        faults.append(Fault(at, "PASSWORD_TOO_LONG", {"most": MOST}))
    plain = unicodedata.normalize("NFKC", password).casefold()
    if login and len(login) > 2 and login.casefold() in plain:
        faults.append(Fault(at, "PASSWORD_HAS_LOGIN"))
    rest = plain
    for common in _COMMON:
        rest = rest.replace(common, "")
    if len(plain) >= LEAST and (len(set(plain)) < 5 or len(rest) < 5):
        faults.append(Fault(at, "PASSWORD_COMMON"))
    return faults


async def hash_of(password: str) -> str:
    """Return the hash of a password; computed in a thread, outside any transaction: hashing is meant to be slow."""
    return await asyncio.to_thread(door.hash_password, password)


async def prepare_own_password(
    database: Database, keys: Keys, viewer: Viewer, *, old: str, new: str, again: str, at: datetime
) -> tuple[str, str]:
    """Check the old and the new password of the viewer and return both hashes: that which was stored, and the new.

    Raises:
        Invalid: with everything that is wrong.
        TooMany: when too many wrong old passwords were tried.
    """
    tries = [door.attempt_key(keys.identity, f"account:{viewer.account_id}")]
    async with reading(database) as session:
        account = await accounts.account(session, viewer.account_id)
        if account is None:
            raise NotFound(subject=str(viewer.account_id))
        if await door.too_many_attempts(session, tries, at=at):
            raise TooMany(minutes=15)
        stored = await accounts.password_hash_of(session, viewer.account_id)
    faults = password_faults(new, login=account.login, at="new")
    if new != again:
        faults.append(Fault("again", "PASSWORDS_DIFFER"))
    if not await asyncio.to_thread(door.password_matches, stored, old):
        async with unit_of_work(database, at=at) as session:
            await door.note_failed_attempt(session, tries, at=at)
        faults.insert(0, Fault("old", "PASSWORD_WRONG"))
    elif old == new:
        faults.append(Fault("new", "PASSWORD_SAME"))
    if faults:
        raise Invalid(faults)
    return stored, await hash_of(new)


async def change_own_password(act: Act, *, stored: str, fresh: str, device: str) -> str:
    """Set the viewer's password, end every sign-in of the account, and return the token of a new one.

    Args:
        act: whose account it is.
        stored: the hash that the old password was checked against.
        fresh: hash of the new password.
        device: what the browser says it is.

    Raises:
        Invalid: when the password was changed since the check.
    """
    act.require("password:change-own")
    account_id = act.viewer.account_id
    if await accounts.password_hash_of(act.session, account_id) != stored:
        raise Invalid([Fault("old", "PASSWORD_WRONG")])
    await accounts.change_account(act.session, account_id, password_hash=fresh, must_change_password=False)
    await door.end_sessions_of(act.session, account_id)
    act.record("account.password-changed", stream=f"account:{account_id}", body={})
    return await door.start_session(act.session, account_id, at=act.at, hours=act.settings.session_hours, device=device)


async def end_own_sign_ins(act: Act, digest: str = "") -> int:
    """End one other sign-in of the viewer by its digest, or all others; return how many ended.

    Raises:
        NotFound: when there is no sign-in of that digest.
    """
    act.require("session:end-own")
    account_id = act.viewer.account_id
    others = [
        found.digest
        for found in await accounts.sign_ins_of(act.session, account_id, at=act.at)
        if found.digest != act.viewer.session
    ]
    if digest and digest not in others:
        raise NotFound(subject="sign-in")
    ending = [digest] if digest else others
    for each in ending:
        await accounts.end_sign_in(act.session, account_id, each)
    if ending:
        act.record("account.signed-out-elsewhere", stream=f"account:{account_id}", body={"count": len(ending)})
    return len(ending)


async def issue_link(act: Act, account_id: UUID, *, send: bool) -> str:
    """Make a one-time link for an account and return the token that ends it; earlier links of the account end.

    The system administrator hands it over in person or has it sent; it is kept nowhere but as a hash.

    Raises:
        NotFound: when there is no such active account.
        Invalid: when it is to be sent and the person has no mail address.
    """
    act.require("account:recover")
    account = await accounts.account(act.session, account_id)
    if account is None or not account.active:
        raise NotFound(subject=str(account_id))
    if send and not account.email:
        raise Invalid([Fault("send", "MAIL_NO_ADDRESS")])
    token = secrets.token_urlsafe(32)
    await accounts.add_recovery(
        act.session, account_id, door.token_hash(token), issued_by=act.viewer.account_id, at=act.at
    )
    if send:
        await _send(act.session, act.keys, account_id, token, at=act.at)
    act.record("account.link-issued", stream=f"account:{account_id}", body={"sent": send})
    return token


async def issue_link_to_administrator(session: Session, account_id: UUID, *, at: datetime) -> str:
    """Make a one-time link for a system administrator on behalf of whoever runs the machine; return its token.

    The way back in when the last system administrator has lost the password. Accounts with business rights get their
    links from a system administrator, so that running the machine alone opens no business.

    Raises:
        NotFound: when there is no such active account.
        Forbidden: when it is not a system administrator's.
    """
    account = await accounts.account(session, account_id)
    if account is None or not account.active:
        raise NotFound(subject=str(account_id))
    if SYSTEM_ADMINISTRATOR not in account.roles:
        raise Forbidden(operation="account:recover")
    token = secrets.token_urlsafe(32)
    await accounts.add_recovery(session, account_id, door.token_hash(token), issued_by=None, at=at)
    session.info["events"].append(
        Event(
            type="account.link-issued",
            stream=f"account:{account_id}",
            body={"sent": False, "operator": True},
            actor={"id": "", "role": "operator"},
        )
    )
    return token


async def ask_for_link(
    database: Database, settings: Settings, keys: Keys, *, login: str, address: str, at: datetime
) -> None:
    """Send a one-time link to whoever lost a password; nobody learns from the answer whether the account exists.

    Where no mail address is known, the system administrators are told instead, and help by another way.

    Raises:
        TooMany: after eight requests for one login or forty from one address within fifteen minutes.
    """
    tries = [
        door.attempt_key(keys.identity, f"recover:{login.strip()}"),
        door.attempt_key(keys.identity, f"recover-address:{address}"),
    ]
    token = secrets.token_urlsafe(32)
    async with unit_of_work(database, at=at) as session:
        if await door.too_many_attempts(session, tries[:1], at=at) or await door.too_many_attempts(
            session, tries[1:], at=at, most=door.ADDRESS_ATTEMPTS
        ):
            raise TooMany(minutes=15)
        await door.note_failed_attempt(session, tries, at=at)
        account = await accounts.account_by_login(session, login)
        if account is None or not account.active:
            return
        if account.email or not settings.smtp_url:
            await accounts.add_recovery(session, account.id, door.token_hash(token), issued_by=None, at=at)
            await _send(session, keys, account.id, token, at=at)
        else:
            for administrator in await accounts.active_with(session, SYSTEM_ADMINISTRATOR):
                await notify(
                    session,
                    "LINK_ASKED",
                    key=f"link-asked:{account.id}:{administrator}:{at:%Y%m%dT%H}",
                    at=at,
                    account_id=administrator,
                    params={"account_id": str(account.id), "path": f"/accounts/{account.id}"},
                )
        session.info["events"].append(
            Event(type="account.link-asked", stream=f"account:{account.id}", body={}, actor={"id": "", "role": ""})
        )


async def account_of_link(database: Database, token: str, *, at: datetime) -> accounts.Account | None:
    """Return the account that a one-time link is for; None when it was used, is over, or never was."""
    async with reading(database) as session:
        account_id = await accounts.account_to_recover(session, door.token_hash(token), at=at)
        return None if account_id is None else await accounts.account(session, account_id)


async def set_password_by_link(database: Database, token: str, *, new: str, again: str, at: datetime) -> None:
    """Set a new password by a one-time link: the link is used up and every sign-in of the account ends.

    Raises:
        Invalid: with everything that is wrong with the new password.
        NotFound: when the link was used, is over, or never was.
    """
    account = await account_of_link(database, token, at=at)
    if account is None:
        raise NotFound(subject="link")
    faults = password_faults(new, login=account.login, at="new")
    if new != again:
        faults.append(Fault("again", "PASSWORDS_DIFFER"))
    if faults:
        raise Invalid(faults)
    fresh = await hash_of(new)
    async with unit_of_work(database, at=at) as session:
        if not await accounts.use_recovery(session, door.token_hash(token), at=at):
            raise NotFound(subject="link")
        await accounts.change_account(session, account.id, password_hash=fresh, must_change_password=False)
        await door.end_sessions_of(session, account.id)
        session.info["events"].append(
            Event(
                type="account.password-set",
                stream=f"account:{account.id}",
                body={},
                actor={"id": str(account.id), "person": str(account.person_id), "role": ""},
            )
        )


async def _send(session: Session, keys: Keys, account_id: UUID, token: str, *, at: datetime) -> None:
    key = f"link:{door.token_hash(token)[:32]}"
    await notify(
        session,
        "LINK",
        key=key,
        at=at,
        account_id=account_id,
        params={"path": "/recover/", "minutes": int(accounts.RECOVERY_FOR.total_seconds() // 60)},
        secret=keys.encrypt(token, about=key),
    )
