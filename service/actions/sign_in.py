"""Signing in and out."""

import asyncio
from datetime import datetime

from service.access import sign_in as door
from service.keys import Keys
from service.ledger import Event
from service.problems import Fault, Invalid, TooMany
from service.settings import Settings
from service.storage.session import Database, reading, unit_of_work


async def sign_in(
    database: Database,
    settings: Settings,
    keys: Keys,
    *,
    login: str,
    password: str,
    address: str,
    device: str,
    at: datetime,
) -> str:
    """Check a password and return the token of a new sign-in.

    The same answer, in the same time, for an unknown login and a wrong password. After eight failed tries for one
    login, or forty from one address, within fifteen minutes nothing is checked any more.

    Raises:
        Invalid: when login and password do not fit.
        TooMany: when the tries are used up.
    """
    attempts = [door.attempt_key(keys.identity, login), door.attempt_key(keys.identity, f"address:{address}")]
    async with reading(database) as session:
        if await door.too_many_attempts(session, attempts[:1], at=at) or await door.too_many_attempts(
            session, attempts[1:], at=at, most=door.ADDRESS_ATTEMPTS
        ):
            raise TooMany(minutes=15)
        account = await door.account_to_sign_in(session, login, demo=settings.mode == "demo")
    stored = account[2] if account else ""
    # Outside any transaction and off the event loop: hashing is meant to be slow.
    fits = await asyncio.to_thread(door.password_matches, stored, password)
    if account is None or not fits:
        async with unit_of_work(database, at=at) as session:
            await door.note_failed_attempt(session, attempts, at=at)
        raise Invalid([Fault("password", "SIGN_IN_WRONG")])
    account_id, person_id, _ = account
    async with unit_of_work(database, at=at) as session:
        await door.forget_attempts(session, attempts[:1])
        token = await door.start_session(session, account_id, at=at, hours=settings.session_hours, device=device)
        session.info["events"].append(
            Event(
                type="account.signed-in",
                stream=f"account:{account_id}",
                expect=None,
                actor={
                    "id": str(account_id),
                    "person": str(person_id),
                    "role": "",
                    "session": door.token_hash(token)[:16],
                },
                cites=(),
                edition="",
                step="",
                body={},
            )
        )
    return token


async def sign_out(database: Database, *, token: str, at: datetime) -> None:
    """End a sign-in."""
    async with unit_of_work(database, at=at) as session:
        await door.end_session(session, token)
