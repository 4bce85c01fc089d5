"""Draws by lot as stored: the draw, its commitment, its records, and a draft before it is committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from service import ledger
from service.storage.rows.draws import DrawDraftRow, DrawRecordRow, DrawRow
from service.storage.rows.library import PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a draw.

    Attributes:
        position: 0 as drawn, 1 after the first decline, and so on.
        sha256: hash of its RFC 8785 form.
        value: `draw-record/1`.
        at: when it came about.
    """

    position: int
    sha256: str
    value: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """A draw with everything that is kept of it.

    Attributes:
        id: its public name.
        matter_id, round, number: which draw of which panel.
        state: `committed`, `made` or `voided`.
        commitment_sha256, problem_sha256, record_sha256: as the ledger has them.
        as_of: day whose facts were frozen.
        reveal_on: first day for the seed.
        committer, first, maker, challenger, voider: names of the persons, empty where there is none.
        challenged_by, typed_by: persons, for the two-person rules of a page.
        committed_at, made_at, challenged_at, voided_at, typed_at: instants, None where it has not happened.
        cause: why it was challenged or voided.
        commitment: `commitment/1`.
        people: number in the draw -> expert.
        witnesses: names, as typed.
        title_public: whether the public page may say what the matter is.
        typed: what was typed first and waits for the second person: one text a source.
        records: oldest first; empty before the draw is made.
    """

    id: UUID
    matter_id: UUID
    round: int
    number: int
    state: str
    commitment_sha256: str
    problem_sha256: str
    record_sha256: str
    as_of: date
    reveal_on: date
    committer: str
    committed_at: datetime | None
    first: str
    maker: str
    made_at: datetime | None
    challenger: str
    challenged_by: UUID | None
    challenged_at: datetime | None
    cause: str
    voider: str
    voided_at: datetime | None
    commitment: Mapping[str, Any]
    people: Mapping[str, UUID]
    witnesses: tuple[str, ...]
    title_public: bool
    typed_by: UUID | None
    typed_at: datetime | None
    typed: tuple[Any, ...] | None
    records: tuple[Record, ...]

    @property
    def record(self) -> Mapping[str, Any] | None:
        """The record in force, None before the draw is made."""
        return self.records[-1].value if self.records else None

    @property
    def numbers(self) -> Mapping[UUID, str]:
        """Expert -> number in the draw."""
        return {expert_id: number for number, expert_id in self.people.items()}


@dataclass(frozen=True, slots=True)
class Draft:
    """A frozen problem, and its lottery once that is computed.

    Attributes:
        id, matter_id: which.
        job_id: the job that computes.
        at: when it was frozen.
        as_of: day whose facts it holds.
        state: `computing`, `ready`, `impossible` or `stopped`.
        library_sha256: hash of the problem with the library's own ids: what must not move before the commitment.
        problem: `panel-problem/1` with the numbers of the draw in the place of ids.
        people: number -> expert.
        lottery: `lottery/1` when it is ready, `panel-result/1` when it is impossible, None before.
    """

    id: UUID
    matter_id: UUID
    job_id: UUID | None
    at: datetime
    as_of: date
    state: str
    library_sha256: str
    problem: Mapping[str, Any] | None
    people: Mapping[str, UUID]
    lottery: Mapping[str, Any] | None


async def draws_of(session: Session, matter_id: UUID) -> tuple[StoredDraw, ...]:
    """Return every draw of a matter, oldest first."""
    rows = list(
        await session.scalars(
            select(DrawRow).where(DrawRow.matter_id == matter_id).order_by(DrawRow.round, DrawRow.number)
        )
    )
    return await _whole(session, rows)


async def draw_of(session: Session, draw_id: UUID) -> StoredDraw | None:
    """Return one draw, or None."""
    found = await _whole(session, list(await session.scalars(select(DrawRow).where(DrawRow.id == draw_id))))
    return found[0] if found else None


async def keep_commitment(
    session: Session,
    matter_id: UUID,
    round_: int,
    number: int,
    *,
    commitment: Mapping[str, Any],
    people: Mapping[str, UUID],
    witnesses: Sequence[str],
    title_public: bool,
) -> UUID:
    """Keep what was committed beside the projected row, and return the draw's id."""
    row = await session.scalar(
        select(DrawRow).where(DrawRow.matter_id == matter_id, DrawRow.round == round_, DrawRow.number == number)
    )
    if row is None:
        raise RuntimeError("a draw was committed and its row was not written")
    row.commitment = dict(commitment)
    row.people = {one: str(expert_id) for one, expert_id in people.items()}
    row.witnesses = list(witnesses)
    row.title_public = title_public
    await session.flush()
    return row.id


async def keep_record(session: Session, draw_id: UUID, record: Record) -> None:
    """Add a record of a draw."""
    session.add(
        DrawRecordRow(
            draw_id=draw_id, position=record.position, sha256=record.sha256, record=dict(record.value), at=record.at
        )
    )
    await session.flush()


async def keep_typed(
    session: Session, draw_id: UUID, typed: Sequence[Any] | None, *, by: UUID | None, at: datetime | None
) -> None:
    """Keep what was typed first until a second person has typed it; None forgets it."""
    await session.execute(
        update(DrawRow)
        .where(DrawRow.id == draw_id)
        .values(typed=None if typed is None else list(typed), typed_by=by, typed_at=at)
    )


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A draw in the public list; the matter is named by its number."""

    id: UUID
    matter: str
    round: int
    number: int
    state: str
    commitment_sha256: str
    committed_at: datetime | None
    made_at: datetime | None


async def newest_draws(session: Session, *, most: int) -> list[PublicLine]:
    """Return the newest draws of all matters, voided ones too; whole commitments are not read."""
    rows = await session.execute(
        select(
            DrawRow.id,
            MatterRow.number,
            DrawRow.round,
            DrawRow.number,
            DrawRow.state,
            DrawRow.commitment_sha256,
            DrawRow.committed_at,
            DrawRow.made_at,
        )
        .join(MatterRow, MatterRow.id == DrawRow.matter_id)
        .order_by(DrawRow.committed_at.desc(), DrawRow.id.desc())
        .limit(most)
    )
    return [PublicLine(*row) for row in rows]


async def title_for_public(session: Session, matter_id: UUID) -> str:
    """Return the title of a matter whose draw was committed with leave to say it."""
    return await session.scalar(select(MatterRow.title).where(MatterRow.id == matter_id)) or ""


async def committed_at_seq(session: Session, matter_id: UUID, commitment_sha256: str) -> tuple[int, bool]:
    """Return the place of a commitment in the ledger, 0 when it is not there, and whether a checkpoint covers it."""
    for entry in await ledger.stream(session, f"matter:{matter_id}"):
        if entry.type == "draw.committed" and entry.value()["body"]["commitment_sha256"] == commitment_sha256:
            return entry.seq, await ledger.newest_checkpoint(session, covering=entry.seq) is not None
    return 0, False


async def draft_of(session: Session, matter_id: UUID) -> Draft | None:
    """Return the draft of a matter, or None."""
    row = await session.scalar(
        select(DrawDraftRow).where(DrawDraftRow.matter_id == matter_id).execution_options(populate_existing=True)
    )
    if row is None:
        return None
    return Draft(
        id=row.id,
        matter_id=row.matter_id,
        job_id=row.job_id,
        at=row.at,
        as_of=row.as_of,
        state=row.state,
        library_sha256=row.library_sha256,
        problem=row.problem,
        people={number: UUID(expert_id) for number, expert_id in (row.people or {}).items()},
        lottery=row.lottery,
    )


async def draft_work(session: Session, matter_id: UUID) -> tuple[str, UUID | None] | None:
    """Return the state of a matter's draft and the job that computes it, without the draft; None without one."""
    row = (
        await session.execute(
            select(DrawDraftRow.state, DrawDraftRow.job_id).where(DrawDraftRow.matter_id == matter_id)
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def begin_draft(
    session: Session, draft_id: UUID, matter_id: UUID, *, job_id: UUID, by_account_id: UUID, at: datetime, as_of: date
) -> None:
    """Begin a draft in the place of an earlier one."""
    await drop_draft(session, matter_id)
    session.add(
        DrawDraftRow(
            id=draft_id,
            matter_id=matter_id,
            job_id=job_id,
            by_account_id=by_account_id,
            at=at,
            as_of=as_of,
            state="computing",
            library_sha256="",
        )
    )
    await session.flush()


async def finish_draft(
    session: Session,
    draft_id: UUID,
    *,
    state: str,
    library_sha256: str,
    problem: Mapping[str, Any],
    people: Mapping[str, UUID],
    lottery: Mapping[str, Any],
) -> None:
    """Write what was computed, once: numbers that somebody saw stay; a draft dropped in the meantime stays dropped."""
    await session.execute(
        update(DrawDraftRow)
        .where(DrawDraftRow.id == draft_id, DrawDraftRow.state == "computing")
        .values(
            state=state,
            library_sha256=library_sha256,
            problem=dict(problem),
            people={number: str(expert_id) for number, expert_id in people.items()},
            lottery=dict(lottery),
        )
    )


async def drop_draft(session: Session, matter_id: UUID) -> None:
    """Forget the draft of a matter."""
    await session.execute(delete(DrawDraftRow).where(DrawDraftRow.matter_id == matter_id))


async def _whole(session: Session, rows: Sequence[DrawRow]) -> tuple[StoredDraw, ...]:
    records: dict[UUID, list[Record]] = {row.id: [] for row in rows}
    for record in await session.scalars(
        select(DrawRecordRow).where(DrawRecordRow.draw_id.in_(records)).order_by(DrawRecordRow.position)
    ):
        records[record.draw_id].append(Record(record.position, record.sha256, record.record, record.at))
    people = {
        person
        for row in rows
        for person in (row.committed_by, row.first_by, row.made_by, row.challenged_by, row.voided_by)
        if person is not None
    }
    found = await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))
    names = dict(found.tuples().all())

    def name(person: UUID | None) -> str:
        return names.get(person, "") if person else ""

    return tuple(
        StoredDraw(
            id=row.id,
            matter_id=row.matter_id,
            round=row.round,
            number=row.number,
            state=row.state,
            commitment_sha256=row.commitment_sha256,
            problem_sha256=row.problem_sha256,
            record_sha256=row.record_sha256,
            as_of=row.as_of,
            reveal_on=row.reveal_on,
            committer=name(row.committed_by),
            committed_at=row.committed_at,
            first=name(row.first_by),
            maker=name(row.made_by),
            made_at=row.made_at,
            challenger=name(row.challenged_by),
            challenged_by=row.challenged_by,
            challenged_at=row.challenged_at,
            cause=row.cause,
            voider=name(row.voided_by),
            voided_at=row.voided_at,
            commitment=row.commitment or {},
            people={number: UUID(expert_id) for number, expert_id in (row.people or {}).items()},
            witnesses=tuple(row.witnesses),
            title_public=row.title_public,
            typed_by=row.typed_by,
            typed_at=row.typed_at,
            typed=None if row.typed is None else tuple(row.typed),
            records=tuple(records[row.id]),
        )
        for row in rows
    )
