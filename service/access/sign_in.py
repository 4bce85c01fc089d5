"""Passwords and sign-ins.

A sign-in is an opaque token of 256 random bits in a cookie; the database keeps its SHA-256. A new token is made at
every sign-in and after a change of password or role; a token nobody issued is never adopted.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from service.access.viewer import Viewer
from service.ids import new_id
from service.storage.rows.accounts import AccountRoleRow, AccountRow, LoginAttemptRow, LoginSessionRow
from service.storage.rows.library import OrganisationRow, PersonRow

# OWASP's second recommendation for Argon2id (19 MiB, 2 passes): about 30 ms on a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_SEEN_EVERY = timedelta(minutes=5)
ATTEMPTS = 8
# A whole office may stand behind one address, so an address has more tries than a login.
ADDRESS_ATTEMPTS = 40
ATTEMPT_WINDOW = timedelta(minutes=15)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password; some 30 ms of CPU, so call it in a thread."""
    return _HASHER.hash(password)


def password_matches(stored: str, password: str) -> bool:
    """Return whether a password fits a stored hash; an empty or foreign hash fits nothing, in the same time."""
    try:
        return _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False


# A hash of a random password: verifying against it costs what a real account costs.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$lnV/37V2L5JolTNYvv10WQ$4zeoWdMaNtSe9wUyqTgnSoaD3gwADQoGBmdvMoYRwng"


def token_hash(token: str) -> str:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def start_session(
    session: AsyncSession, account_id: UUID, *, at: datetime, hours: int, device: str, matter_id: UUID | None = None
) -> str:
    """Make a new sign-in and return its token, which is shown to nobody else and kept nowhere.

    Args:
        session: the open unit of work.
        account_id: whose.
        at: now.
        hours: after which it ends.
        device: as the browser names itself.
        matter_id: the one matter it is good for, when it was made by a link without a password.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSessionRow(
            token_sha256=token_hash(token),
            account_id=account_id,
            created_at=at,
            seen_at=at,
            expires_at=at + timedelta(hours=hours),
            device=device[:120],
            matter_id=matter_id,
        )
    )
    return token


async def end_session(session: AsyncSession, token: str) -> None:
    """End one sign-in."""
    await session.execute(delete(LoginSessionRow).where(LoginSessionRow.token_sha256 == token_hash(token)))


async def end_sessions_of(session: AsyncSession, account_id: UUID, *, but: str | None = None) -> None:
    """End all sign-ins of an account, except the one whose token hash begins with `but`."""
    gone = delete(LoginSessionRow).where(LoginSessionRow.account_id == account_id)
    if but:
        gone = gone.where(~LoginSessionRow.token_sha256.startswith(but))
    await session.execute(gone)


async def viewer_of(session: AsyncSession, token: str, *, at: datetime) -> tuple[Viewer, bool] | None:
    """Return who is behind a token and whether the sign-in should be marked as seen; None when nobody is."""
    digest = token_hash(token)
    found = (
        await session.execute(
            select(LoginSessionRow.account_id, LoginSessionRow.seen_at, LoginSessionRow.matter_id).where(
                LoginSessionRow.token_sha256 == digest, LoginSessionRow.expires_at > at
            )
        )
    ).first()
    if found is None:
        return None
    viewer = await viewer_by_account(session, found[0], session_digest=digest[:16], only_matter=found[2])
    return None if viewer is None else (viewer, at - found[1] > _SEEN_EVERY)


async def mark_seen(session: AsyncSession, token: str, *, at: datetime) -> None:
    """Note that a sign-in is in use."""
    await session.execute(
        update(LoginSessionRow).where(LoginSessionRow.token_sha256 == token_hash(token)).values(seen_at=at)
    )


async def account_to_sign_in(session: AsyncSession, login: str, *, demo: bool) -> tuple[UUID, UUID, str] | None:
    """Return account id, person id and password hash of an active account, or None.

    Args:
        session: a reading session.
        login: as typed.
        demo: whether demonstration accounts, whose passwords are public, count.
    """
    allowed = true() if demo else AccountRow.demo.is_(False)
    found = (
        await session.execute(
            select(AccountRow.id, AccountRow.person_id, AccountRow.password_hash).where(
                AccountRow.login == login.strip().lower(), AccountRow.state == "active", allowed
            )
        )
    ).first()
    return None if found is None else (found[0], found[1], found[2])


def attempt_key(key: bytes, text: str) -> str:
    """Return the keyed hash under which failed tries of a login or an address are counted."""
    return hmac.new(key, f"attempt:{text.lower()}".encode(), hashlib.sha256).hexdigest()


async def too_many_attempts(session: AsyncSession, keys: list[str], *, at: datetime, most: int = ATTEMPTS) -> bool:
    """Return whether one of the keys has used up its `most` tries in the last fifteen minutes."""
    counts = await session.execute(
        select(LoginAttemptRow.key, func.count())
        .where(LoginAttemptRow.key.in_(keys), LoginAttemptRow.at > at - ATTEMPT_WINDOW)
        .group_by(LoginAttemptRow.key)
    )
    return any(count >= most for _, count in counts)


async def note_failed_attempt(session: AsyncSession, keys: list[str], *, at: datetime) -> None:
    """Count a failed try, and forget those that no longer matter."""
    await session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at <= at - ATTEMPT_WINDOW))
    session.add_all(LoginAttemptRow(id=new_id(), key=key, at=at) for key in keys)


async def forget_attempts(session: AsyncSession, keys: list[str]) -> None:
    """Forget the failed tries of these keys after a good sign-in."""
    await session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.key.in_(keys)))


async def viewer_by_login(session: AsyncSession, login: str) -> Viewer | None:
    """Return the viewer of an active account by its login, for the command line; None when there is none."""
    account_id = await session.scalar(
        select(AccountRow.id).where(AccountRow.login == login.strip().lower(), AccountRow.state == "active")
    )
    return None if account_id is None else await viewer_by_account(session, account_id)


async def viewer_by_account(
    session: AsyncSession, account_id: UUID, *, session_digest: str = "", only_matter: UUID | None = None
) -> Viewer | None:
    """Return the viewer of an active account, or None."""
    found = (
        await session.execute(
            select(AccountRow, PersonRow.name, OrganisationRow.name)
            .join(PersonRow, PersonRow.id == AccountRow.person_id)
            .outerjoin(OrganisationRow, OrganisationRow.id == AccountRow.unit_id)
            .where(AccountRow.id == account_id, AccountRow.state == "active")
        )
    ).first()
    if found is None:
        return None
    account, name, unit_name = found
    roles = await session.scalars(select(AccountRoleRow.role).where(AccountRoleRow.account_id == account.id))
    return Viewer(
        account_id=account.id,
        person_id=account.person_id,
        name=name,
        roles=frozenset(roles),
        unit_id=account.unit_id,
        unit_name=unit_name or "",
        session=session_digest,
        must_change_password=account.must_change_password,
        language=account.language,
        only_matter=only_matter,
    )
