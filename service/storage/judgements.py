"""What people decided about conflicts of interest, as stored: false alarms, waivers, recusals."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import aliased

from conflicts import Judgement, Outcome
from service.access import Viewer
from service.problems import NotFound
from service.storage.matters import visible_to
from service.storage.rows.judgements import ConflictJudgementRow, LastLookRow
from service.storage.rows.library import PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session

REAL: Final = "real"
FALSE_ALARM: Final = "false-alarm"
WAIVER: Final = "waiver"
VERDICTS: Final = (REAL, FALSE_ALARM, WAIVER)

ASKED: Final = "asked"
STANDING: Final = "standing"
REFUSED: Final = "refused"
LIFTED: Final = "lifted"

_OUTCOMES: Final = {FALSE_ALARM: Outcome.DISMISSED, WAIVER: Outcome.WAIVED}


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """One decision.

    Attributes:
        id: of it.
        matter_id, person_id: about whom, in which matter.
        policy_row, code, policy: the row, what it finds, and the version judged by; empty for a bare recusal.
        basis: `conflicts.basis_of` the finding.
        ties: its path as conflict-findings/1 has it, as it stood.
        as_of: the day judged.
        verdict: one of `VERDICTS`.
        state: `asked`, `standing`, `refused` or `lifted`.
        reason: as typed.
        publication: the text published with a waiver.
        by, at: who decided or asked, and when.
        by_person_id: the person, because the second of two persons must be another.
        settled_by, settled_at, settled_reason: who approved or refused; empty before.
        ended_by, ended_at, ended_reason: who lifted it; empty while it stands.
        version: for If-Match.
    """

    id: UUID
    matter_id: UUID
    person_id: UUID
    policy_row: str
    code: str
    policy: str
    basis: str
    ties: tuple[Mapping[str, Any], ...]
    as_of: date
    verdict: str
    state: str
    reason: str
    publication: str
    by: str
    by_person_id: UUID
    at: datetime
    settled_by: str
    settled_at: datetime | None
    settled_reason: str
    ended_by: str
    ended_at: datetime | None
    ended_reason: str
    version: int

    @property
    def counts(self) -> bool:
        """Whether it stands now."""
        return self.state == STANDING


@dataclass(frozen=True, slots=True)
class Decided:
    """What counts in one matter.

    Attributes:
        judgements: false alarms and waivers, for the check.
        recused: persons who were recused, whatever the check finds now.
    """

    judgements: tuple[Judgement, ...] = ()
    recused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WaitingWaiver:
    """A waiver that somebody asked for and another person settles."""

    judgement: StoredJudgement
    matter_title: str
    person_name: str


async def decided_in(
    session: Session, matters: Collection[UUID], *, known_at: datetime | None = None
) -> dict[UUID, Decided]:
    """Return matter -> what people decided there; a matter with nothing decided is left out.

    Args:
        session: a reading session or the unit of work.
        matters: which.
        known_at: as things stood at this instant; None means now.
    """
    row = ConflictJudgementRow
    wanted = select(row.matter_id, row.person_id, row.policy_row, row.basis, row.verdict).where(
        row.matter_id.in_(sorted(matters))
    )
    if known_at is None:
        wanted = wanted.where(row.state == STANDING)
    else:
        # A waiver counts from its approval, everything else from its own instant.
        since = func.coalesce(row.settled_at, row.at)
        wanted = wanted.where(
            row.state.in_((STANDING, LIFTED)),
            since <= known_at,
            or_(row.ended_at.is_(None), row.ended_at > known_at),
        )
    judgements: dict[UUID, list[Judgement]] = defaultdict(list)
    recused: dict[UUID, set[str]] = defaultdict(set)
    for matter_id, person_id, policy_row, basis, verdict in await session.execute(wanted):
        if verdict == REAL:
            recused[matter_id].add(str(person_id))
        else:
            judgements[matter_id].append(Judgement(str(person_id), policy_row, basis, _OUTCOMES[verdict]))
    return {
        matter_id: Decided(tuple(judgements.get(matter_id, ())), frozenset(recused.get(matter_id, ())))
        for matter_id in judgements.keys() | recused.keys()
    }


async def decided_about(session: Session, matter_id: UUID, *, known_at: datetime | None = None) -> Decided:
    """Return what people decided in one matter."""
    return (await decided_in(session, [matter_id], known_at=known_at)).get(matter_id, Decided())


async def judgements_of(
    session: Session, matter_id: UUID, person_id: UUID | None = None
) -> tuple[StoredJudgement, ...]:
    """Return every decision in a matter, or about one person in it, the newest first."""
    found = _whole().where(ConflictJudgementRow.matter_id == matter_id)
    if person_id is not None:
        found = found.where(ConflictJudgementRow.person_id == person_id)
    rows = await session.execute(found.order_by(ConflictJudgementRow.at.desc(), ConflictJudgementRow.id.desc()))
    return tuple(_stored(*row) for row in rows)


async def hold_judgement(session: Session, viewer: Viewer, judgement_id: UUID) -> StoredJudgement:
    """Return one decision for a change; who comes second waits for the first.

    Raises:
        NotFound: as for `load_judgement`.
    """
    await session.execute(
        select(ConflictJudgementRow.id).where(ConflictJudgementRow.id == judgement_id).with_for_update()
    )
    return await load_judgement(session, viewer, judgement_id)


async def load_judgement(session: Session, viewer: Viewer, judgement_id: UUID) -> StoredJudgement:
    """Return one decision.

    Raises:
        NotFound: when there is none, or the viewer may not know its matter.
    """
    found = (
        await session.execute(
            _whole()
            .join(MatterRow, MatterRow.id == ConflictJudgementRow.matter_id)
            .where(ConflictJudgementRow.id == judgement_id, visible_to(viewer))
        )
    ).first()
    if found is None:
        raise NotFound(subject="judgement")
    return _stored(*found)


async def waiting_waivers(session: Session, viewer: Viewer) -> tuple[WaitingWaiver, ...]:
    """Return the waivers asked for and not yet settled, in matters the viewer may see, the oldest first."""
    person = aliased(PersonRow)
    rows = await session.execute(
        _whole()
        .join(MatterRow, MatterRow.id == ConflictJudgementRow.matter_id)
        .join(person, person.id == ConflictJudgementRow.person_id)
        .add_columns(MatterRow.title, person.name)
        .where(ConflictJudgementRow.state == ASKED, visible_to(viewer))
        .order_by(ConflictJudgementRow.at)
    )
    return tuple(WaitingWaiver(_stored(*row[:4]), row[4], row[5]) for row in rows)


async def open_judgement(
    session: Session, matter_id: UUID, person_id: UUID, *, policy_row: str, basis: str
) -> StoredJudgement | None:
    """Return the decision that stands or is asked about a finding; there is at most one."""
    found = (
        await session.execute(
            _whole().where(
                ConflictJudgementRow.matter_id == matter_id,
                ConflictJudgementRow.person_id == person_id,
                ConflictJudgementRow.policy_row == policy_row,
                ConflictJudgementRow.basis == basis,
                ConflictJudgementRow.state.in_((ASKED, STANDING)),
            )
        )
    ).first()
    return None if found is None else _stored(*found)


async def add_judgement(session: Session, values: Mapping[str, Any]) -> None:
    """Insert a decision, by the names of its columns."""
    await session.execute(insert(ConflictJudgementRow).values(**values))


async def change_judgement(session: Session, judgement_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a decision, by the names of its columns; its version grows."""
    await session.execute(
        update(ConflictJudgementRow)
        .where(ConflictJudgementRow.id == judgement_id)
        .values(version=ConflictJudgementRow.version + 1, **values)
    )


async def last_look(session: Session, account_id: UUID, place: str) -> datetime | None:
    """Return until when an account has looked through an inbox; None when never."""
    at: datetime | None = await session.scalar(
        select(LastLookRow.at).where(LastLookRow.account_id == account_id, LastLookRow.place == place)
    )
    return at


async def note_look(session: Session, account_id: UUID, place: str, *, at: datetime) -> None:
    """Note that an account has looked through an inbox."""
    await session.merge(LastLookRow(account_id=account_id, place=place, at=at))


def _whole() -> Any:
    by, settled, ended = aliased(PersonRow), aliased(PersonRow), aliased(PersonRow)
    return (
        select(ConflictJudgementRow, by.name, settled.name, ended.name)
        .join(by, by.id == ConflictJudgementRow.by_person_id)
        .outerjoin(settled, settled.id == ConflictJudgementRow.settled_person_id)
        .outerjoin(ended, ended.id == ConflictJudgementRow.ended_person_id)
    )


def _stored(row: ConflictJudgementRow, by: str, settled_by: str | None, ended_by: str | None) -> StoredJudgement:
    ties: Sequence[Mapping[str, Any]] = row.ties
    return StoredJudgement(
        id=row.id,
        matter_id=row.matter_id,
        person_id=row.person_id,
        policy_row=row.policy_row,
        code=row.code,
        policy=row.policy,
        basis=row.basis,
        ties=tuple(ties),
        as_of=row.as_of,
        verdict=row.verdict,
        state=row.state,
        reason=row.reason,
        publication=row.publication,
        by=by,
        by_person_id=row.by_person_id,
        at=row.at,
        settled_by=settled_by or "",
        settled_at=row.settled_at,
        settled_reason=row.settled_reason,
        ended_by=ended_by or "",
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        version=row.version,
    )
