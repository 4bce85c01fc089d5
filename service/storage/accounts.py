"""Accounts, their roles, sign-ins, one-time links and open work."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select, true, update

from service.access import ROLES
from service.access.viewer import SYSTEM_ADMINISTRATOR
from service.clock import day_of
from service.ids import new_id
from service.jobs.tables import JobRow, OutboxRow
from service.storage.entered_twice import one_of_its_kind
from service.storage.rows.accounts import AccountRoleRow, AccountRow, LoginSessionRow, RecoveryRow
from service.storage.rows.handovers import HandoverRow
from service.storage.rows.library import ExpertRow, OrganisationNameRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.rows.roster import RosterRunRow
from service.storage.session import Session

RECOVERY_FOR: Final = timedelta(minutes=30)
_CLOSED_MATTERS: Final = ("determined", "cancelled")
_OPEN_JOBS: Final = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as its administrator sees it.

    Attributes:
        id: the account.
        person_id: the person behind it.
        login: in small letters.
        name: the person's name.
        email: where notices go; may be empty.
        unit_id: the unit it works for, or None.
        unit_name: its present name, may be empty.
        roles: role codes in the order of `service.access.ROLES`.
        state: `active` or `closed`.
        has_password: whether anyone can sign in with it.
        demo: whether it belongs to the demonstration county.
        language: `zh` or `en`.
        created_at: when it was added.
        seen_at: when somebody last used it, None when nobody is signed in.
        version: counts its changes.
    """

    id: UUID
    person_id: UUID
    login: str
    name: str
    email: str
    unit_id: UUID | None
    unit_name: str
    roles: tuple[str, ...]
    state: str
    has_password: bool
    demo: bool
    language: str
    created_at: datetime
    seen_at: datetime | None
    version: int

    @property
    def active(self) -> bool:
        """Whether it is not closed."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in of an account.

    Attributes:
        digest: first 16 hex digits of the token's hash; names it without giving it away.
        created_at: when it began.
        seen_at: when it was last used, to five minutes.
        expires_at: when it ends at the latest.
        device: what the browser says it is.
    """

    digest: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    device: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of open work of an account.

    Attributes:
        kind: `matter`, `roster` (an import that is not closed) or `job`.
        id: the matter, import or job.
        title: number and title of a matter, file name of an import, kind of a job.
    """

    kind: str
    id: UUID
    title: str


async def accounts(session: Session, *, state: str = "", role: str = "") -> list[Account]:
    """Return accounts in the order of their logins, those of one state or role only when one is given."""
    wanted = _accounts().order_by(AccountRow.login)
    if state:
        wanted = wanted.where(AccountRow.state == state)
    if role:
        wanted = wanted.where(AccountRow.id.in_(select(AccountRoleRow.account_id).where(AccountRoleRow.role == role)))
    return await _read(session, wanted)


async def account(session: Session, account_id: UUID) -> Account | None:
    """Return an account, or None when there is none of that id."""
    found = await _read(session, _accounts().where(AccountRow.id == account_id))
    return found[0] if found else None


async def account_by_login(session: Session, login: str) -> Account | None:
    """Return an account by its login, active or closed, or None."""
    found = await _read(session, _accounts().where(AccountRow.login == login.strip().lower()))
    return found[0] if found else None


async def names_of(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return account id -> name of the person behind it, for those that exist."""
    found = await session.execute(
        select(AccountRow.id, PersonRow.name)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(AccountRow.id.in_(set(ids)))
    )
    return dict(found.tuples().all())


async def any_account(session: Session) -> bool:
    """Return whether there is an account other than those of the demonstration county."""
    return await session.scalar(select(AccountRow.id).where(~AccountRow.demo).limit(1)) is not None


async def administrators(session: Session) -> int:
    """Return how many active accounts of system administrators there are."""
    counted = (
        select(func.count())
        .select_from(AccountRow)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(AccountRow.state == "active", AccountRoleRow.role == SYSTEM_ADMINISTRATOR)
    )
    return await session.scalar(counted) or 0


async def active_logins(session: Session, logins: Iterable[str]) -> frozenset[str]:
    """Return those of these logins whose accounts stand and are active."""
    found = await session.scalars(
        select(AccountRow.login).where(AccountRow.login.in_(list(logins)), AccountRow.state == "active")
    )
    return frozenset(found)


async def anybody(session: Session) -> bool:
    """Return whether there is any account at all."""
    return await session.scalar(select(AccountRow.id).limit(1)) is not None


async def active_with(session: Session, role: str) -> list[UUID]:
    """Return the active accounts with a role."""
    return list(
        await session.scalars(
            select(AccountRow.id)
            .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
            .where(AccountRow.state == "active", AccountRoleRow.role == role)
            .order_by(AccountRow.login)
        )
    )


async def person_of_expert(session: Session, number: str) -> UUID | None:
    """Return the person behind an expert's number, or None."""
    person: UUID | None = await session.scalar(select(ExpertRow.person_id).where(ExpertRow.number == number))
    return person


async def units_to_choose(session: Session) -> list[tuple[UUID, str]]:
    """Return id and name of every organisation an account may work for, by pinyin: bodies of the county that exist."""
    found = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name)
        .where(OrganisationRow.kind != "company", OrganisationRow.ended_on.is_(None))
        .order_by(OrganisationRow.pinyin, OrganisationRow.name)
    )
    return [(unit_id, name) for unit_id, name in found]


async def units_called(session: Session, text: str) -> list[tuple[UUID, str]]:
    """Return id and name of the organisations with this name, other name or credit code."""
    other = select(OrganisationNameRow.organisation_id).where(OrganisationNameRow.name == text)
    found = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name)
        .where(
            or_(OrganisationRow.name == text, OrganisationRow.credit_code == text, OrganisationRow.id.in_(other)),
            one_of_its_kind(),
        )
        .order_by(OrganisationRow.name)
    )
    return [(unit_id, name) for unit_id, name in found]


async def unit_exists(session: Session, unit_id: UUID) -> bool:
    """Return whether there is an organisation of that id."""
    return await session.get(OrganisationRow, unit_id) is not None


async def insert_person(session: Session, *, name: str, pinyin: str, email: str, at: datetime) -> UUID:
    """Add a person who is known by name only, and return the id."""
    person_id = new_id()
    session.add(PersonRow(id=person_id, name=name, pinyin=pinyin, email=email, created_at=at))
    await session.flush()
    return person_id


async def set_email(session: Session, person_id: UUID, email: str) -> None:
    """Set where notices to a person go."""
    await session.execute(
        update(PersonRow).where(PersonRow.id == person_id).values(email=email, version=PersonRow.version + 1)
    )


async def insert_account(
    session: Session,
    *,
    person_id: UUID,
    login: str,
    roles: Iterable[str],
    unit_id: UUID | None,
    language: str,
    at: datetime,
    password_hash: str = "",
) -> UUID:
    """Add an account and return its id; without a password hash nobody can sign in with it yet."""
    account_id = new_id()
    session.add(
        AccountRow(
            id=account_id,
            person_id=person_id,
            login=login,
            password_hash=password_hash,
            unit_id=unit_id,
            language=language,
            created_at=at,
        )
    )
    await session.flush()
    session.add_all(AccountRoleRow(account_id=account_id, role=role) for role in roles)
    await session.flush()
    return account_id


async def set_roles(session: Session, account_id: UUID, roles: Sequence[str], unit_id: UUID | None) -> None:
    """Replace the roles and the unit of an account."""
    await session.execute(delete(AccountRoleRow).where(AccountRoleRow.account_id == account_id))
    await session.execute(insert(AccountRoleRow), [{"account_id": account_id, "role": role} for role in roles])
    await change_account(session, account_id, unit_id=unit_id)


async def change_account(session: Session, account_id: UUID, **values: Any) -> None:
    """Change columns of an account and count the change."""
    await session.execute(
        update(AccountRow).where(AccountRow.id == account_id).values(version=AccountRow.version + 1, **values)
    )


async def password_hash_of(session: Session, account_id: UUID) -> str:
    """Return the stored hash of an account's password; empty when it has none."""
    return await session.scalar(select(AccountRow.password_hash).where(AccountRow.id == account_id)) or ""


async def sign_ins_of(session: Session, account_id: UUID, *, at: datetime) -> list[SignIn]:
    """Return the sign-ins of an account that have not ended, the last used first."""
    rows = await session.scalars(
        select(LoginSessionRow)
        .where(LoginSessionRow.account_id == account_id, LoginSessionRow.expires_at > at)
        .order_by(LoginSessionRow.seen_at.desc())
    )
    return [SignIn(row.token_sha256[:16], row.created_at, row.seen_at, row.expires_at, row.device) for row in rows]


async def end_sign_in(session: Session, account_id: UUID, digest: str) -> bool:
    """End one sign-in of an account by the first digits of its hash; return whether there was one."""
    gone = await session.execute(
        delete(LoginSessionRow).where(
            LoginSessionRow.account_id == account_id, func.substr(LoginSessionRow.token_sha256, 1, 16) == digest
        )
    )
    return bool(getattr(gone, "rowcount", 0))


async def add_recovery(
    session: Session, account_id: UUID, token_sha256: str, *, issued_by: UUID | None, at: datetime
) -> None:
    """Keep a one-time link; earlier ones of the account end."""
    await session.execute(
        update(RecoveryRow)
        .where(RecoveryRow.account_id == account_id, RecoveryRow.used_at.is_(None))
        .values(used_at=at)
    )
    session.add(
        RecoveryRow(
            token_sha256=token_sha256,
            account_id=account_id,
            issued_by=issued_by,
            created_at=at,
            expires_at=at + RECOVERY_FOR,
        )
    )
    await session.flush()


async def links_asked(session: Session, administrator_id: UUID) -> list[tuple[UUID, str, date]]:
    """Return (account, name, day) of who asked an administrator for a link and got none since, oldest first."""
    rows = await session.execute(
        select(OutboxRow.params, OutboxRow.created_at)
        .where(OutboxRow.recipient_account_id == administrator_id, OutboxRow.template == "LINK_ASKED")
        .order_by(OutboxRow.created_at)
    )
    asked = {UUID(params["account_id"]): at for params, at in rows.tuples()}
    latest = (
        select(RecoveryRow.account_id, func.max(RecoveryRow.created_at).label("at"))
        .group_by(RecoveryRow.account_id)
        .subquery()
    )
    people = await session.execute(
        select(AccountRow.id, PersonRow.name, latest.c.at)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .outerjoin(latest, latest.c.account_id == AccountRow.id)
        .where(AccountRow.id.in_(asked), AccountRow.state == "active")
    )
    waiting = [(row[0], row[1]) for row in people if row[2] is None or row[2] < asked[row[0]]]
    return [(account, name, day_of(asked[account])) for account, name in sorted(waiting, key=lambda one: asked[one[0]])]


async def account_to_recover(session: Session, token_sha256: str, *, at: datetime) -> UUID | None:
    """Return the active account behind a one-time link that is neither used nor over; None otherwise."""
    found: UUID | None = await session.scalar(
        select(RecoveryRow.account_id)
        .join(AccountRow, AccountRow.id == RecoveryRow.account_id)
        .where(
            RecoveryRow.token_sha256 == token_sha256,
            RecoveryRow.used_at.is_(None),
            RecoveryRow.expires_at > at,
            AccountRow.state == "active",
        )
    )
    return found


async def use_recovery(session: Session, token_sha256: str, *, at: datetime) -> bool:
    """Use up a one-time link; False when somebody else was first."""
    used = await session.execute(
        update(RecoveryRow)
        .where(RecoveryRow.token_sha256 == token_sha256, RecoveryRow.used_at.is_(None), RecoveryRow.expires_at > at)
        .values(used_at=at)
    )
    return bool(getattr(used, "rowcount", 0))


async def open_work_of(session: Session, account_id: UUID) -> list[Piece]:
    """Return the open work of an account: matters it looks after, its unclosed imports, jobs it waits for."""
    matters = await session.execute(
        select(MatterRow.id, MatterRow.number, MatterRow.title)
        .where(or_(MatterRow.unit_clerk_id == account_id, MatterRow.center_clerk_id == account_id))
        .where(MatterRow.state.not_in(_CLOSED_MATTERS))
        .order_by(MatterRow.number)
    )
    rosters = await session.execute(
        select(RosterRunRow.id, RosterRunRow.file_name).where(_open_rosters(account_id)).order_by(RosterRunRow.id)
    )
    jobs = await session.execute(select(JobRow.id, JobRow.kind).where(_waiting_jobs(account_id)).order_by(JobRow.id))
    return [
        *(Piece("matter", matter_id, f"{number} {title}") for matter_id, number, title in matters),
        *(Piece("roster", run_id, name) for run_id, name in rosters),
        *(Piece("job", job_id, kind) for job_id, kind in jobs),
    ]


async def open_work_counts(session: Session) -> dict[UUID, int]:
    """Return account id -> number of pieces of its open work; accounts without any are left out."""
    unit, center = MatterRow.unit_clerk_id, MatterRow.center_clerk_id
    open_matters = MatterRow.state.not_in(_CLOSED_MATTERS)
    twice = func.coalesce(unit != center, true())
    counts: dict[UUID, int] = {}
    for wanted in (
        select(unit, func.count()).where(unit.is_not(None), open_matters).group_by(unit),
        select(center, func.count()).where(center.is_not(None), open_matters, twice).group_by(center),
        select(RosterRunRow.account_id, func.count())
        .where(RosterRunRow.closed_at.is_(None))
        .group_by(RosterRunRow.account_id),
        select(JobRow.account_id, func.count())
        .where(JobRow.account_id.is_not(None), JobRow.state.in_(_OPEN_JOBS))
        .group_by(JobRow.account_id),
    ):
        for account_id, count in await session.execute(wanted):
            counts[account_id] = counts.get(account_id, 0) + count
    return counts


async def hand_over(session: Session, from_id: UUID, to_id: UUID) -> None:
    """Put another account in the place of one wherever its open work names it."""
    for column in (MatterRow.unit_clerk_id, MatterRow.center_clerk_id):
        await session.execute(
            update(MatterRow).where(column == from_id, MatterRow.state.not_in(_CLOSED_MATTERS)).values({column: to_id})
        )
    await session.execute(
        update(RosterRunRow).where(_open_rosters(from_id)).values(account_id=to_id, version=RosterRunRow.version + 1)
    )
    await session.execute(update(JobRow).where(_waiting_jobs(from_id)).values(account_id=to_id))


async def keep_handover(
    session: Session,
    *,
    from_id: UUID,
    to_id: UUID,
    by_id: UUID,
    at: datetime,
    reason: str,
    reason_sha256: str,
    salt: bytes,
    pieces: int,
) -> UUID:
    """Keep who took over whose work and why, and return the id."""
    handover_id = new_id()
    session.add(
        HandoverRow(
            id=handover_id,
            from_account_id=from_id,
            to_account_id=to_id,
            by_account_id=by_id,
            at=at,
            reason=reason,
            reason_sha256=reason_sha256,
            salt=salt,
            pieces=pieces,
        )
    )
    await session.flush()
    return handover_id


def _open_rosters(account_id: UUID) -> ColumnElement[bool]:
    return (RosterRunRow.account_id == account_id) & RosterRunRow.closed_at.is_(None)


def _waiting_jobs(account_id: UUID) -> ColumnElement[bool]:
    return (JobRow.account_id == account_id) & JobRow.state.in_(_OPEN_JOBS)


def _accounts() -> Select[Any]:
    seen = (
        select(func.max(LoginSessionRow.seen_at))
        .where(LoginSessionRow.account_id == AccountRow.id)
        .correlate(AccountRow)
        .scalar_subquery()
    )
    return (
        select(AccountRow, PersonRow.name, PersonRow.email, OrganisationRow.name, seen)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .outerjoin(OrganisationRow, OrganisationRow.id == AccountRow.unit_id)
    )


async def _read(session: Session, wanted: Select[Any]) -> list[Account]:
    rows = (await session.execute(wanted.execution_options(populate_existing=True))).all()
    roles: dict[UUID, set[str]] = {}
    ids = [row[0].id for row in rows]
    for start in range(0, len(ids), 500):
        for account_id, role in await session.execute(
            select(AccountRoleRow.account_id, AccountRoleRow.role).where(
                AccountRoleRow.account_id.in_(ids[start : start + 500])
            )
        ):
            roles.setdefault(account_id, set()).add(role)
    return [
        Account(
            id=row.id,
            person_id=row.person_id,
            login=row.login,
            name=name,
            email=email,
            unit_id=row.unit_id,
            unit_name=unit_name or "",
            roles=tuple(role for role in ROLES if role in roles.get(row.id, ())),
            state=row.state,
            has_password=bool(row.password_hash),
            demo=row.demo,
            language=row.language,
            created_at=row.created_at,
            seen_at=seen_at,
            version=row.version,
        )
        for row, name, email, unit_name, seen_at in rows
    ]
