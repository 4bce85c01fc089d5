"""The staff's own conflicts of interest: what the ties hold against a clerk, and who keeps out of a matter.

The same graph and the same policy answer for staff as for experts, with what cannot be meant left out: a clerk's own
unit (its matters are the clerk's work), ranks of offices, earlier parts in drafting, and what is only disclosed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import aliased

from conflicts import Finding, Judgement, Kind, Matter, NodeType, Outcome, Policy, Role, Severity
from service.access import Viewer
from service.access.sign_in import viewer_by_account
from service.access.viewer import AUDIT, CENTER, CENTER_HEAD, MAYOR, OFFICE, UNIT
from service.clock import day_of
from service.problems import NotFound
from service.storage.facts import PARTS, matter_of
from service.storage.matters import RUNNING, visible_to
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.facts import FactRow
from service.storage.rows.library import EmploymentRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.rows.review import ReviewPartRow
from service.storage.rows.staff import StaffRecusalRow
from service.storage.session import Session
from service.storage.staff_bars import FOUND, LIFTED, barred_matters
from service.storage.ties import conflict_policy

STAFF: Final = frozenset({CENTER, CENTER_HEAD, UNIT, AUDIT, OFFICE, MAYOR})
_BARRING: Final = frozenset({Outcome.EXCLUDED, Outcome.RESTRICTED})
# Ties by which an organisation leads on to another; ranks of offices are left out, persons are not entered.
_ONWARD: Final = frozenset({Kind.SHAREHOLDING, Kind.CONTROL, Kind.SUCCESSION, Kind.CONTRACT, Kind.DISPUTE})


@dataclass(frozen=True, slots=True)
class Clerk:
    """An account of the staff, as the check needs it."""

    account_id: UUID
    person_id: UUID
    name: str
    unit_id: UUID | None
    center: bool


@dataclass(frozen=True, slots=True)
class Recusal:
    """A member of staff who keeps out of a matter.

    Attributes:
        id: of the record.
        matter_id, person_id, name: who, of which matter.
        ground: `declared`, `stated` or `found`.
        policy_row, basis: which finding, as `conflicts.basis_of` has it.
        reason: as typed.
        by: who recorded it.
        at: when.
        state: `standing`, `asked` (somebody asked to lift it) or `lifted`.
        asked_person_id, asked_by, asked_at, asked_reason: who asked to lift it, and why.
        lifted_by, lifted_at: who lifted it.
        version: for If-Match.
    """

    id: UUID
    matter_id: UUID
    person_id: UUID
    name: str
    ground: str
    policy_row: str
    basis: str
    reason: str
    by: str
    at: datetime
    state: str
    asked_person_id: UUID | None
    asked_by: str
    asked_at: datetime | None
    asked_reason: str
    lifted_by: str
    lifted_at: datetime | None
    version: int


@lru_cache(maxsize=8)
def staff_policy(policy: Policy) -> Policy:
    """Return the rows of a policy that hold for staff."""
    rows = tuple(
        row
        for row in policy.rows
        if row.severity is not Severity.DISCLOSE and row.roles != {Role.MATTER} and Kind.SUPERIOR not in row.through
    )
    return Policy(policy.version, rows)


async def with_found(session: Session, residents: Residents, viewer: Viewer, *, policy_id: str, at: datetime) -> Viewer:
    """Return the viewer with the matters from which the person's ties keep them out.

    Who has no tie but the work at the own unit costs one query; for everybody else the answer is kept until the
    ledger moves or the day changes.
    """
    if not STAFF & viewer.roles or not await _has_ties(session, viewer.person_id, viewer.unit_id):
        return viewer
    return replace(
        viewer,
        barred=await _kept_barred(
            session, residents, viewer.person_id, viewer.unit_id, policy_id=policy_id, day=day_of(at)
        ),
    )


async def _kept_barred(
    session: Session, residents: Residents, person_id: UUID, unit_id: UUID | None, *, policy_id: str, day: date
) -> frozenset[UUID]:
    current = await residents.current(session)
    key, stands = (person_id, unit_id), (current.ties.seq, day, policy_id)
    held = current.barred.get(key)
    if held is None or held[0] != stands:
        held = (stands, await _barred(session, current, person_id, unit_id, policy_id, day))
        current.barred[key] = held
    return held[1]


async def keeps_out(
    session: Session,
    residents: Residents,
    matter_id: UUID,
    account_id: UUID | None,
    person_id: UUID,
    *,
    policy_id: str,
    at: datetime,
) -> bool:
    """Return whether a person of the staff may not hear of a matter; who takes part in it as an expert may.

    Args:
        session: a reading session.
        residents: pool and ties.
        matter_id: the matter.
        account_id: the account that is told; None for every account of the person.
        person_id: the person.
        policy_id: local policy of the day.
        at: now.
    """
    part = select(ReviewPartRow.position).where(
        ReviewPartRow.matter_id == matter_id, ReviewPartRow.person_id == person_id
    )
    if await session.scalar(part.limit(1)) is not None:
        return False
    accounts = select(AccountRow.id).where(AccountRow.person_id == person_id, AccountRow.state == "active")
    for id_ in [account_id] if account_id is not None else list(await session.scalars(accounts)):
        viewer = await viewer_by_account(session, id_)
        if viewer is None or not STAFF & viewer.roles:
            continue
        viewer = await with_found(session, residents, viewer, policy_id=policy_id, at=at)
        if await barred_matters(session, viewer, among=matter_id):
            return True
    return False


async def _has_ties(session: Session, person_id: UUID, unit_id: UUID | None) -> bool:
    return bool(await session.scalar(select(_tied(literal(person_id), literal(unit_id, Uuid())))))


def _tied(person_id: Any, unit_id: Any) -> ColumnElement[bool]:
    """Return the condition under which a person has a tie beside the work at the own unit."""
    stated = exists().where(
        or_(FactRow.subject_id == person_id, FactRow.object_id == person_id), FactRow.retired_at.is_(None)
    )
    elsewhere = or_(unit_id.is_(None), EmploymentRow.organisation_id != unit_id)
    return or_(stated, exists().where(EmploymentRow.person_id == person_id, elsewhere))


async def unattended(
    session: Session, residents: Residents, viewer: Viewer, *, policy_id: str, day: date
) -> tuple[tuple[UUID, str], ...]:
    """Return (id, title) of the running matters that nobody looks after because whoever did keeps out.

    The center hears of its own side and of the units', a unit of its own side.
    """
    left = (
        select(StaffRecusalRow.id)
        .join(AccountRow, AccountRow.person_id == StaffRecusalRow.person_id)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(
            StaffRecusalRow.matter_id == MatterRow.id, StaffRecusalRow.ground != FOUND, StaffRecusalRow.state != LIFTED
        )
    )
    left_unit = left.where(AccountRoleRow.role == UNIT, AccountRow.unit_id == MatterRow.unit_id).exists()
    left_center = left.where(AccountRoleRow.role.in_((CENTER, CENTER_HEAD))).exists()
    rows = (
        await session.execute(
            select(
                MatterRow.id,
                MatterRow.title,
                MatterRow.unit_clerk_id,
                MatterRow.center_clerk_id,
                left_unit,
                left_center,
            )
            .where(MatterRow.state.in_(RUNNING), visible_to(viewer))
            .order_by(MatterRow.opened_on, MatterRow.id)
        )
    ).all()
    clerks = {id_ for row in rows for id_ in (row[2], row[3] if viewer.center else None) if id_ is not None}
    tied = await session.execute(
        select(AccountRow.id, AccountRow.person_id, AccountRow.unit_id).where(
            AccountRow.id.in_(clerks), _tied(AccountRow.person_id, AccountRow.unit_id)
        )
    )
    barred = {
        id_: await _kept_barred(session, residents, person_id, unit_id, policy_id=policy_id, day=day)
        for id_, person_id, unit_id in tied.all()
    }

    def gone(matter_id: UUID, account_id: UUID | None, recused: bool) -> bool:
        return recused if account_id is None else matter_id in barred.get(account_id, ())

    return tuple(
        (id_, title)
        for id_, title, at_unit, at_center, unit_left, center_left in rows
        if gone(id_, at_unit, unit_left) or (viewer.center and gone(id_, at_center, center_left))
    )


async def _barred(
    session: Session, residents: Residents, person_id: UUID, unit_id: UUID | None, policy_id: str, day: date
) -> frozenset[UUID]:
    """Check the person in every matter that has something within reach of the person's ties."""
    reach = {UUID(node) for node in _reach(residents, str(person_id)) if node != str(unit_id)}
    touched = await session.scalars(
        select(MatterRow.id).where(
            or_(
                MatterRow.unit_id.in_(reach),
                MatterRow.id.in_(
                    select(MatterPartyRow.matter_id).where(
                        or_(MatterPartyRow.organisation_id.in_(reach), MatterPartyRow.person_id.in_(reach)),
                        MatterPartyRow.role.not_in(PARTS),
                    )
                ),
            )
        )
    )
    found = set()
    lifted = await _lifted(session, {person_id})
    for matter_id in touched:
        if await _findings(session, residents, matter_id, [(person_id, unit_id)], policy_id, day, lifted):
            found.add(matter_id)
    return frozenset(found)


def _reach(residents: Residents, person: str) -> set[str]:
    """Return what the ties of a person lead to, through kin and other persons and through owners."""
    graph = residents.ties.graph
    seen, edge = {person}, [person]
    for _ in range(6):
        following = []
        for node in edge:
            human = graph.node_type(node) is NodeType.PERSON
            for fact in graph.ties_of(node):
                other = fact.object if fact.subject == node else fact.subject
                if other not in seen and (human or (fact.kind in _ONWARD and graph.node_type(other) != "person")):
                    seen.add(other)
                    following.append(other)
        edge = following
    return seen


async def _findings(
    session: Session,
    residents: Residents,
    matter_id: UUID,
    people: Iterable[tuple[UUID, UUID | None]],
    policy_id: str,
    day: date,
    lifted: Mapping[tuple[UUID, UUID], Sequence[Judgement]],
) -> dict[UUID, Finding]:
    """Return person -> the strongest finding that keeps that person out of a matter."""
    matter = await matter_of(session, matter_id)
    policy = staff_policy(conflict_policy(policy_id))
    found: dict[UUID, Finding] = {}
    for person_id, unit_id in people:
        # Who carries on the work of a unit that is no more keeps out of it no more than of the own unit's.
        units = {party.id for party in matter.parties if party.role is Role.UNIT}
        own = units if str(unit_id) in units else {str(unit_id)}
        parties = tuple(party for party in matter.parties if party.id not in own)
        findings = residents.ties.graph.check(
            Matter(matter.id, parties),
            policy=policy,
            as_of=day,
            people=(str(person_id),),
            judgements=lifted.get((matter_id, person_id), ()),
        )
        # Staff need no identity number: an unidentified person is judged by the ties that are known.
        barring = [finding for finding in findings if finding.row is not None and finding.outcome in _BARRING]
        if barring:
            found[person_id] = barring[0]
    return found


async def _lifted(session: Session, people: Collection[UUID]) -> dict[tuple[UUID, UUID], list[Judgement]]:
    """Return (matter, person) -> what two persons lifted of the findings against staff."""
    rows = await session.scalars(
        select(StaffRecusalRow).where(
            StaffRecusalRow.person_id.in_(people), StaffRecusalRow.ground == FOUND, StaffRecusalRow.state == LIFTED
        )
    )
    found: dict[tuple[UUID, UUID], list[Judgement]] = defaultdict(list)
    for row in rows:
        # What the regulation blocks stays: `conflicts.may_be_judged` passes over a judgement about it.
        lifted = Judgement(str(row.person_id), row.policy_row, row.basis, Outcome.DISMISSED)
        found[row.matter_id, row.person_id].append(lifted)
    return found


async def clerks_for(session: Session, matter_id: UUID) -> tuple[Clerk, ...]:
    """Return the active accounts that may work on a matter by their roles: the center's and its unit's, by name."""
    unit_id = await session.scalar(select(MatterRow.unit_id).where(MatterRow.id == matter_id))
    rows = await session.execute(
        select(AccountRow.id, AccountRow.person_id, PersonRow.name, AccountRow.unit_id, func.max(AccountRoleRow.role))
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(
            AccountRow.state == "active",
            or_(
                AccountRoleRow.role.in_((CENTER, CENTER_HEAD)),
                (AccountRoleRow.role == UNIT) & (AccountRow.unit_id == unit_id),
            ),
        )
        .group_by(AccountRow.id, AccountRow.person_id, PersonRow.name, PersonRow.pinyin, AccountRow.unit_id)
        .order_by(PersonRow.pinyin, AccountRow.id)
    )
    return tuple(Clerk(id_, person_id, name, unit, role != UNIT) for id_, person_id, name, unit, role in rows)


async def found_among(
    session: Session, residents: Residents, matter_id: UUID, clerks: Iterable[Clerk], *, policy_id: str, day: date
) -> dict[UUID, Finding]:
    """Return person -> finding of the clerks whom their ties keep out of a matter."""
    tied = [one for one in clerks if await _has_ties(session, one.person_id, one.unit_id)]
    if not tied:
        return {}
    lifted = await _lifted(session, {one.person_id for one in tied})
    people = [(one.person_id, one.unit_id) for one in tied]
    current = await residents.current(session)
    return await _findings(session, current, matter_id, people, policy_id, day, lifted)


async def recusals_of(session: Session, matter_id: UUID) -> tuple[Recusal, ...]:
    """Return every recusal of staff that was recorded in a matter, the newest first."""
    rows = await session.execute(
        _whole().where(StaffRecusalRow.matter_id == matter_id).order_by(StaffRecusalRow.at.desc(), StaffRecusalRow.id)
    )
    return tuple(_recusal(*row) for row in rows)


async def load_recusal(session: Session, viewer: Viewer, recusal_id: UUID) -> Recusal:
    """Return a recusal.

    Raises:
        NotFound: when there is none, or the viewer may not know of its matter.
    """
    return await _one_recusal(session, _visible_recusal(viewer, recusal_id))


async def hold_recusal(session: Session, viewer: Viewer, recusal_id: UUID) -> Recusal:
    """Return a recusal, held for a change until the unit of work ends; a reading session cannot hold (`load_recusal`).

    Raises:
        NotFound: as for `load_recusal`.
    """
    return await _one_recusal(session, _visible_recusal(viewer, recusal_id).with_for_update(of=StaffRecusalRow))


def _visible_recusal(viewer: Viewer, recusal_id: UUID) -> Any:
    return (
        _whole()
        .join(MatterRow, MatterRow.id == StaffRecusalRow.matter_id)
        .where(StaffRecusalRow.id == recusal_id, visible_to(viewer))
    )


async def _one_recusal(session: Session, wanted: Any) -> Recusal:
    found = (await session.execute(wanted)).first()
    if found is None:
        raise NotFound(subject="recusal")
    return _recusal(*found)


async def open_recusal(
    session: Session, matter_id: UUID, person_id: UUID, *, policy_row: str = "", basis: str = ""
) -> bool:
    """Return whether such a recusal stands, or is asked to be lifted."""
    found = await session.scalar(
        select(StaffRecusalRow.id).where(
            StaffRecusalRow.matter_id == matter_id,
            StaffRecusalRow.person_id == person_id,
            StaffRecusalRow.policy_row == policy_row,
            StaffRecusalRow.basis == basis,
            StaffRecusalRow.state != LIFTED,
        )
    )
    return found is not None


async def add_recusal(session: Session, values: Mapping[str, Any]) -> None:
    """Insert a recusal, by the names of its columns."""
    await session.execute(insert(StaffRecusalRow).values(**values))


async def change_recusal(session: Session, recusal_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a recusal, by the names of its columns; its version grows."""
    await session.execute(
        update(StaffRecusalRow)
        .where(StaffRecusalRow.id == recusal_id)
        .values(version=StaffRecusalRow.version + 1, **values)
    )


async def name_clerk(session: Session, matter_id: UUID, account_id: UUID | None, *, center: bool) -> None:
    """Let an account look after a matter, at the center or at its unit; None leaves the place empty."""
    column = MatterRow.center_clerk_id if center else MatterRow.unit_clerk_id
    await session.execute(update(MatterRow).where(MatterRow.id == matter_id).values({column: account_id}))


async def tended_by(session: Session, matter_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Return the accounts that look after a matter: at its unit, at the center."""
    row = (
        await session.execute(
            select(MatterRow.unit_clerk_id, MatterRow.center_clerk_id).where(MatterRow.id == matter_id)
        )
    ).one()
    return row[0], row[1]


def _whole() -> Any:
    by, asked, lifted, about = (aliased(PersonRow) for _ in range(4))
    return (
        select(StaffRecusalRow, about.name, by.name, asked.name, lifted.name)
        .join(about, about.id == StaffRecusalRow.person_id)
        .join(by, by.id == StaffRecusalRow.by_person_id)
        .outerjoin(asked, asked.id == StaffRecusalRow.asked_person_id)
        .outerjoin(lifted, lifted.id == StaffRecusalRow.lifted_person_id)
    )


def _recusal(row: StaffRecusalRow, name: str, by: str, asked_by: str | None, lifted_by: str | None) -> Recusal:
    return Recusal(
        id=row.id,
        matter_id=row.matter_id,
        person_id=row.person_id,
        name=name,
        ground=row.ground,
        policy_row=row.policy_row,
        basis=row.basis,
        reason=row.reason,
        by=by,
        at=row.at,
        state=row.state,
        asked_person_id=row.asked_person_id,
        asked_by=asked_by or "",
        asked_at=row.asked_at,
        asked_reason=row.asked_reason,
        lifted_by=lifted_by or "",
        lifted_at=row.lifted_at,
        version=row.version,
    )
