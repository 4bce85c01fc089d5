"""Accounts: adding, changing roles, closing, and handing over a colleague's open work.

The system administrator looks after accounts and has no business right: what an account may do follows from its
roles, and whoever gives a role of the center is seen doing so by the center's head.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.access import ROLES
from service.access import sign_in as door
from service.access.viewer import AUDIT, CENTER, CENTER_HEAD, EXPERT, SYSTEM_ADMINISTRATOR, UNIT, Viewer
from service.actions.act import Act, commit_to, same_version
from service.jobs import notify
from service.ledger import Event
from service.pinyin import pinyin_of
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.storage import accounts
from service.storage.accounts import Account, Piece
from service.storage.session import Session

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_EMAIL: Final = re.compile(r"[^@\s,;<>\"()]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
# Who watches, or holds the keys of the house, does nothing else with the same account.
ALONE: Final = {SYSTEM_ADMINISTRATOR: "ADMINISTRATOR_STANDS_ALONE", AUDIT: "AUDIT_STANDS_ALONE"}
_NAME_MOST: Final = 60
_REASON_MOST: Final = 500
_CENTER: Final = frozenset({CENTER, CENTER_HEAD})


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is said about an account that is to be added.

    Attributes:
        login: what is typed at sign-in: small letters, digits, dot, hyphen, underscore; 2 to 32 of them.
        name: the person's name; not needed when the person is known by `same_person_as` or `expert_number`.
        roles: at least one role code.
        unit_id: the unit it works for; needed for the role `unit`.
        email: where notices go; may be empty.
        same_person_as: login of another account of the same person, so that two-person rules see one person.
        expert_number: number of the expert who the person is; needed for the role `expert`.
        language: `zh` or `en`.
    """

    login: str
    name: str
    roles: tuple[str, ...]
    unit_id: UUID | None = None
    email: str = ""
    same_person_as: str = ""
    expert_number: str = ""
    language: str = "zh"


async def add_account(act: Act, entry: NewAccount) -> UUID:
    """Add an account, with which nobody can sign in before a one-time link was used (see `issue_link`).

    Raises:
        Invalid: with everything that is wrong with the entry.
    """
    act.require("account:add")
    account_id = await _insert(act.session, entry, at=act.at)
    act.record(
        "account.added",
        stream=f"account:{account_id}",
        body={"roles": sorted(entry.roles), "unit_id": str(entry.unit_id) if entry.unit_id else None},
    )
    await _tell_heads(act, account_id, before=(), after=entry.roles)
    return account_id


async def add_first_administrator(
    session: Session, *, login: str, name: str, email: str, password_hash: str, at: datetime
) -> UUID:
    """Add the first system administrator of an installation, who then adds everybody else.

    Raises:
        Refused: when there is a system administrator already.
        Invalid: with everything that is wrong with the entry.
    """
    if await accounts.any_account(session):
        raise Refused([Refusal("ACCOUNTS_ALREADY_THERE", remedies=(Remedy("ASK_ADMINISTRATOR"),))])
    entry = NewAccount(login=login, name=name, roles=(SYSTEM_ADMINISTRATOR,), email=email)
    account_id = await _insert(session, entry, at=at, password_hash=password_hash)
    session.info["events"].append(
        Event(
            type="account.added",
            stream=f"account:{account_id}",
            body={"roles": [SYSTEM_ADMINISTRATOR], "unit_id": None, "first": True},
            actor={"id": "", "role": ""},
        )
    )
    return account_id


async def change_roles(
    act: Act, account_id: UUID, *, roles: Sequence[str], unit_id: UUID | None, email: str, seen: int
) -> None:
    """Set roles, unit and mail address of an account; when its rights change, all its sign-ins end.

    Raises:
        NotFound: when there is no such account.
        Stale: when it changed since it was seen.
        Invalid: with everything that is wrong with the entry.
        Refused: when it is the administrator's own account, or would leave no system administrator.
    """
    act.require("account:change")
    account = await _account(act, account_id, seen)
    faults = _role_faults(roles, unit_id) + _email_faults(email)
    if unit_id is not None and not await accounts.unit_exists(act.session, unit_id):
        faults.append(Fault("unit_id", "UNIT_UNKNOWN"))
    if EXPERT in roles and EXPERT not in account.roles:
        faults.append(Fault("roles", "EXPERT_NEEDS_NEW_ACCOUNT"))
    if faults:
        raise Invalid(faults)
    if email != account.email:
        await accounts.set_email(act.session, account.person_id, email)
    after = tuple(role for role in ROLES if role in roles)
    if (after, unit_id) == (account.roles, account.unit_id):
        await accounts.change_account(act.session, account_id)
        return
    refusals = _keep_one_administrator(account, await accounts.administrators(act.session), stays=after)
    if account_id == act.viewer.account_id:
        refusals.append(Refusal("OWN_ROLES", remedies=(Remedy("ASK_OTHER_ADMINISTRATOR"),)))
    if refusals:
        raise Refused(refusals)
    await accounts.set_roles(act.session, account_id, after, unit_id)
    await door.end_sessions_of(act.session, account_id)
    act.record(
        "account.roles-changed",
        stream=f"account:{account_id}",
        body={
            "before": list(account.roles),
            "after": list(after),
            "unit_id": str(unit_id) if unit_id else None,
        },
    )
    await _tell_heads(act, account_id, before=account.roles, after=after)


async def close_account(act: Act, account_id: UUID, *, seen: int) -> None:
    """Close an account: nobody can sign in with it any more, what it did stays.

    Raises:
        NotFound: when there is no such account.
        Stale: when it changed since it was seen.
        Refused: when it is the administrator's own, the last of a system administrator, or has open work.
    """
    act.require("account:change")
    account = await _account(act, account_id, seen)
    refusals = _keep_one_administrator(account, await accounts.administrators(act.session), stays=())
    if account_id == act.viewer.account_id:
        refusals.append(Refusal("OWN_ACCOUNT", remedies=(Remedy("ASK_OTHER_ADMINISTRATOR"),)))
    if pieces := await accounts.open_work_of(act.session, account_id):
        refusals.append(
            Refusal(
                "OPEN_WORK_REMAINS",
                facts={"count": len(pieces)},
                remedies=(Remedy("HAND_OVER_FIRST", f"/accounts/hand-over?from={account_id}"),),
            )
        )
    if refusals:
        raise Refused(refusals)
    await accounts.change_account(act.session, account_id, state="closed")
    await door.end_sessions_of(act.session, account_id)
    act.record("account.closed", stream=f"account:{account_id}", body={})


async def reopen_account(act: Act, account_id: UUID, *, seen: int) -> None:
    """Open a closed account again, without a password: a one-time link sets a new one.

    Raises:
        NotFound: when there is no such account.
        Stale: when it changed since it was seen.
    """
    act.require("account:change")
    account = await _account(act, account_id, seen)
    if account.active:
        return
    await accounts.change_account(act.session, account_id, state="active", password_hash="")
    act.record("account.reopened", stream=f"account:{account_id}", body={})
    await _tell_heads(act, account_id, before=(), after=account.roles)


async def choose_own_language(act: Act, language: str) -> None:
    """Set the language in which the viewer's notices are written."""
    act.require("account:change-own")
    if language not in ("zh", "en"):
        raise Invalid([Fault("language", "FIELD_NOT_A_CHOICE")])
    await accounts.change_account(act.session, act.viewer.account_id, language=language)


async def hand_over_work(act: Act, *, from_id: UUID, to_id: UUID, reason: str) -> int:
    """Hand all open work of one account to another that can do it; both are told. Return how many pieces went.

    The center's head hands over within the center; the system administrator everywhere.

    Raises:
        NotFound: when one of the accounts is not there, or not the viewer's to hand over.
        Invalid: when the reason is missing or too long.
        Refused: when the other account is closed, the same, of another unit, or has not the roles for it.
    """
    act.require("account:hand-over")
    giver, taker = await accounts.account(act.session, from_id), await accounts.account(act.session, to_id)
    if giver is None or taker is None or not may_hand_over(act.viewer, giver):
        raise NotFound(subject=str(from_id if giver is None else to_id))
    reason = unicodedata.normalize("NFC", reason).strip()
    if not reason:
        raise Invalid([Fault("reason", "FIELD_REQUIRED")])
    if len(reason) > _REASON_MOST:
        raise Invalid([Fault("reason", "FIELD_TOO_LONG", {"most": _REASON_MOST, "length": len(reason)})])
    pieces = await accounts.open_work_of(act.session, from_id)
    if refusals := handover_refusals(giver, taker, pieces):
        raise Refused(refusals)
    digest, salt = commit_to(reason)
    await accounts.hand_over(act.session, from_id, to_id)
    handover_id = await accounts.keep_handover(
        act.session,
        from_id=from_id,
        to_id=to_id,
        by_id=act.viewer.account_id,
        at=act.at,
        reason=reason,
        reason_sha256=digest,
        salt=salt,
        pieces=len(pieces),
    )
    act.record(
        "work.handed-over",
        stream=f"account:{from_id}",
        body={
            "handover_id": str(handover_id),
            "to": str(to_id),
            "matters": [str(piece.id) for piece in pieces if piece.kind == "matter"],
            "rosters": [str(piece.id) for piece in pieces if piece.kind == "roster"],
            "jobs": [str(piece.id) for piece in pieces if piece.kind == "job"],
            "reason": digest,
        },
    )
    for account, template, other in (
        (giver, "WORK_HANDED_ON", taker),
        (taker, "WORK_TAKEN_OVER", giver),
    ):
        await notify(
            act.session,
            template,
            key=f"handover:{handover_id}:{account.id}",
            at=act.at,
            account_id=account.id,
            params={"account_id": str(other.id), "count": len(pieces), "path": "/matters"},
        )
    return len(pieces)


def may_hand_over(viewer: Viewer, giver: Account) -> bool:
    """Return whether the viewer may hand over this account's work: the center's head only within the center."""
    return SYSTEM_ADMINISTRATOR in viewer.roles or bool(_CENTER & set(giver.roles))


def handover_refusals(giver: Account, taker: Account, pieces: Sequence[Piece]) -> list[Refusal]:
    """Return every rule against handing one account's open work to another."""
    refusals = []
    if giver.id == taker.id:
        refusals.append(Refusal("HANDOVER_TO_SELF"))
    if not taker.active:
        refusals.append(Refusal("HANDOVER_TO_CLOSED"))
    if not pieces:
        refusals.append(Refusal("HANDOVER_OF_NOTHING"))
    if _CENTER & set(giver.roles):
        if not _CENTER & set(taker.roles):
            refusals.append(Refusal("HANDOVER_OUT_OF_CENTER"))
    elif UNIT not in taker.roles or giver.unit_id != taker.unit_id:
        refusals.append(Refusal("HANDOVER_OUT_OF_UNIT"))
    return refusals


async def _insert(session: Session, entry: NewAccount, *, at: datetime, password_hash: str = "") -> UUID:
    login = entry.login.strip().lower()
    name = unicodedata.normalize("NFC", entry.name).strip()
    faults = _role_faults(entry.roles, entry.unit_id) + _email_faults(entry.email)
    if not _LOGIN.fullmatch(login):
        faults.append(Fault("login", "LOGIN_INVALID"))
    elif await accounts.account_by_login(session, login) is not None:
        faults.append(Fault("login", "LOGIN_TAKEN"))
    if entry.language not in ("zh", "en"):
        faults.append(Fault("language", "FIELD_NOT_A_CHOICE"))
    if entry.unit_id is not None and not await accounts.unit_exists(session, entry.unit_id):
        faults.append(Fault("unit_id", "UNIT_UNKNOWN"))
    person_id = await _person(session, entry, faults)
    if person_id is None and not name:
        faults.append(Fault("name", "FIELD_REQUIRED"))
    if len(name) > _NAME_MOST:
        faults.append(Fault("name", "FIELD_TOO_LONG", {"most": _NAME_MOST, "length": len(name)}))
    if faults:
        raise Invalid(faults)
    if person_id is None:
        person_id = await accounts.insert_person(
            session, name=name, pinyin=pinyin_of(name), email=entry.email.strip(), at=at
        )
    elif entry.email:
        await accounts.set_email(session, person_id, entry.email.strip())
    return await accounts.insert_account(
        session,
        person_id=person_id,
        login=login,
        roles=[role for role in ROLES if role in entry.roles],
        unit_id=entry.unit_id,
        language=entry.language,
        at=at,
        password_hash=password_hash,
    )


async def _person(session: Session, entry: NewAccount, faults: list[Fault]) -> UUID | None:
    """Return the person that the entry points to; None for a new one."""
    found: UUID | None = None
    if entry.same_person_as:
        other = await accounts.account_by_login(session, entry.same_person_as)
        if other is None:
            faults.append(Fault("same_person_as", "LOGIN_UNKNOWN"))
        else:
            found = other.person_id
    if entry.expert_number:
        expert = await accounts.person_of_expert(session, entry.expert_number.strip())
        if expert is None:
            faults.append(Fault("expert_number", "EXPERT_UNKNOWN"))
        elif found not in (None, expert):
            faults.append(Fault("expert_number", "TWO_PERSONS"))
        else:
            found = expert
    elif EXPERT in entry.roles:
        faults.append(Fault("expert_number", "EXPERT_NUMBER_NEEDED"))
    return found


def _role_faults(roles: Sequence[str], unit_id: UUID | None) -> list[Fault]:
    faults = []
    if not roles:
        faults.append(Fault("roles", "ROLES_NEEDED"))
    if set(roles) - set(ROLES):
        faults.append(Fault("roles", "FIELD_NOT_A_CHOICE"))
    if len(set(roles)) > 1:
        faults += [Fault("roles", code) for role, code in ALONE.items() if role in roles]
    if UNIT in roles and unit_id is None:
        faults.append(Fault("unit_id", "UNIT_NEEDED"))
    return faults


def _email_faults(email: str) -> list[Fault]:
    return [] if not email.strip() or _EMAIL.fullmatch(email.strip()) else [Fault("email", "EMAIL_INVALID")]


def _keep_one_administrator(account: Account, administrators: int, *, stays: Sequence[str]) -> list[Refusal]:
    leaves = account.active and SYSTEM_ADMINISTRATOR in account.roles and SYSTEM_ADMINISTRATOR not in stays
    if not leaves or administrators > 1:
        return []
    return [Refusal("LAST_ADMINISTRATOR", remedies=(Remedy("ADD_ADMINISTRATOR_FIRST", "/accounts/new"),))]


async def _account(act: Act, account_id: UUID, seen: int) -> Account:
    account = await accounts.account(act.session, account_id)
    if account is None:
        raise NotFound(subject=str(account_id))
    same_version(seen, account.version, subject=f"account:{account_id}")
    return account


async def _tell_heads(act: Act, account_id: UUID, *, before: Sequence[str], after: Sequence[str]) -> None:
    """Tell the center's heads that an account was given a role of the center: it opens the library and the panels."""
    given = _CENTER & (set(after) - set(before))
    if not given:
        return
    for head in await accounts.active_with(act.session, CENTER_HEAD):
        if head != account_id:
            await notify(
                act.session,
                "ROLE_GIVEN",
                key=f"role-given:{account_id}:{head}:{act.at:%Y%m%dT%H%M%S%f}",
                at=act.at,
                account_id=head,
                params={"account_id": str(account_id)},
            )
