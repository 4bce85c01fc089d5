"""What the ties hold against a member of the staff: the matters that are not theirs to see, without any record.

The same graph and the same policy answer for staff as for experts, with what cannot be meant left out: a clerk's own
unit (its matters are the clerk's work), ranks of offices, earlier parts in drafting, and what is only disclosed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, exists, literal, or_, select

from conflicts import Finding, Judgement, Kind, Matter, Outcome, Policy, Role, Severity
from service.access import Viewer
from service.access.sign_in import viewer_by_account
from service.access.viewer import AUDIT, CENTER, CENTER_HEAD, MAYOR, OFFICE, UNIT
from service.clock import day_of
from service.storage.facts import PARTS, matters_of, merged_people
from service.storage.matters import RUNNING, visible_to
from service.storage.policies import conflict_policy
from service.storage.residents import Bar, Residents
from service.storage.roster import in_chunks
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.facts import FactRow
from service.storage.rows.library import EmploymentRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.rows.review import ReviewPartRow
from service.storage.rows.staff import StaffRecusalRow
from service.storage.session import Session
from service.storage.staff import Clerk
from service.storage.staff_bars import FOUND, LIFTED, barred_matters

STAFF: Final = frozenset({CENTER, CENTER_HEAD, UNIT, AUDIT, OFFICE, MAYOR})
_BARRING: Final = frozenset({Outcome.EXCLUDED, Outcome.RESTRICTED})
_PER_QUERY: Final = 500


@lru_cache(maxsize=8)
def staff_policy(policy: Policy) -> Policy:
    """Return the rows of a policy that hold for staff."""
    rows = tuple(
        row
        for row in policy.rows
        if row.severity is not Severity.DISCLOSE and row.roles != {Role.MATTER} and Kind.SUPERIOR not in row.through
    )
    return Policy(policy.version, rows)


async def on_staff(session: Session, person_id: UUID) -> bool:
    """Return whether a person works with matters as staff too, under whatever account."""
    account = (
        select(AccountRow.id)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(AccountRow.person_id == person_id, AccountRow.state == "active", AccountRoleRow.role.in_(STAFF))
    )
    return await session.scalar(account.limit(1)) is not None


async def with_found(session: Session, residents: Residents, viewer: Viewer, *, policy_id: str, at: datetime) -> Viewer:
    """Return the viewer with the matters from which the person's ties keep them out, and the ties that do.

    Who has no tie but the work at the own unit costs one query; for everybody else the answer is kept until ties,
    parties or what was lifted move, or the day changes.
    """
    if not STAFF & viewer.roles or not await _has_ties(session, viewer.person_id, viewer.unit_id):
        return viewer
    bar = await _bar(session, residents, viewer.person_id, viewer.unit_id, policy_id=policy_id, day=day_of(at))
    return replace(viewer, barred=bar.matters, barring=bar.ties)


async def _bar(
    session: Session, residents: Residents, person_id: UUID, unit_id: UUID | None, *, policy_id: str, day: date
) -> Bar:
    current = await residents.current(session)
    key, stands = (person_id, unit_id), (current.ties.moves, day, policy_id)
    held = current.bars.get(key)
    if held is None or held[0] != stands:
        held = (stands, await _work_out(session, current, person_id, unit_id, policy_id, day))
        current.bars[key] = held
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
    bars = {
        id_: await _bar(session, residents, person_id, unit_id, policy_id=policy_id, day=day)
        for id_, person_id, unit_id in tied.all()
    }

    def gone(matter_id: UUID, account_id: UUID | None, recused: bool) -> bool:
        return recused if account_id is None else account_id in bars and matter_id in bars[account_id].matters

    return tuple(
        (id_, title)
        for id_, title, at_unit, at_center, unit_left, center_left in rows
        if gone(id_, at_unit, unit_left) or (viewer.center and gone(id_, at_center, center_left))
    )


async def _work_out(
    session: Session, residents: Residents, person_id: UUID, unit_id: UUID | None, policy_id: str, day: date
) -> Bar:
    """Check the person in every matter that has something within reach of the person's ties."""
    policy = staff_policy(await conflict_policy(session, policy_id))
    reached = {UUID(node) for node in residents.ties.graph.reach(str(person_id), policy=policy)} - {unit_id}
    # A matter may still name the record that went into another one.
    reached |= {gone for gone, kept in (await merged_people(session)).items() if kept in reached}
    touched: set[UUID] = set()
    for nodes in in_chunks(reached, _PER_QUERY):
        party = or_(MatterPartyRow.organisation_id.in_(nodes), MatterPartyRow.person_id.in_(nodes))
        touched.update(
            await session.scalars(
                select(MatterRow.id)
                .where(or_(MatterRow.id.in_(nodes), MatterRow.unit_id.in_(nodes)))
                .union(select(MatterPartyRow.matter_id).where(party, MatterPartyRow.role.not_in(PARTS)))
            )
        )
    lifted = await _lifted(session, {person_id})
    matters: set[UUID] = set()
    ties: set[str] = set()
    for matter_id, matter in (await matters_of(session, touched)).items():
        against = _against(residents, matter, person_id, unit_id, policy, day, lifted.get((matter_id, person_id), ()))
        if against:
            matters.add(matter_id)
            ties.update(step.fact.id for finding in against for step in finding.path)
    return Bar(frozenset(matters), frozenset(ties))


def _against(
    residents: Residents,
    matter: Matter,
    person_id: UUID,
    unit_id: UUID | None,
    policy: Policy,
    day: date,
    lifted: Iterable[Judgement],
) -> list[Finding]:
    """Return what keeps a person out of a matter, the strongest first."""
    # Who carries on the work of a unit that is no more keeps out of it no more than of the own unit's.
    units = {party.id for party in matter.parties if party.role is Role.UNIT}
    own = units if str(unit_id) in units else {str(unit_id)}
    findings = residents.ties.graph.check(
        Matter(matter.id, tuple(party for party in matter.parties if party.id not in own)),
        policy=policy,
        as_of=day,
        people=(str(person_id),),
        judgements=lifted,
    )
    # Staff need no identity number: an unidentified person is judged by the ties that are known.
    return [finding for finding in findings if finding.row is not None and finding.outcome in _BARRING]


async def found_among(
    session: Session, residents: Residents, matter_id: UUID, clerks: Iterable[Clerk], *, policy_id: str, day: date
) -> dict[UUID, Finding]:
    """Return person -> the strongest finding of the clerks whom their ties keep out of a matter."""
    tied = [one for one in clerks if await _has_ties(session, one.person_id, one.unit_id)]
    if not tied:
        return {}
    lifted = await _lifted(session, {one.person_id for one in tied})
    current = await residents.current(session)
    policy = staff_policy(await conflict_policy(session, policy_id))
    found: dict[UUID, Finding] = {}
    for matter in (await matters_of(session, [matter_id])).values():
        for one in tied:
            about = lifted.get((matter_id, one.person_id), ())
            if against := _against(current, matter, one.person_id, one.unit_id, policy, day, about):
                found[one.person_id] = against[0]
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
