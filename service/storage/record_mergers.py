"""Two records that are one person: what moves from one to the other, and back.

What the library itself says (terms, work, absences, cases, declarations, candidates, notes, the account) moves, and
with it what the person has still to answer: invitations to sit in (`service.storage.merged_sittings`). What
was done on matters stays under the id that the ledger names there, and is read for both: a record of what happened is
never rewritten. Ties and work move with their record time, so that a check that looks back still gives that day's
answer.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from registry import RUNNING
from service.ids import new_id
from service.jobs.tables import OutboxRow
from service.problems import NotFound
from service.storage.expert_page import ExpertView
from service.storage.merged_sittings import MovedInvitation
from service.storage.past import keep_past
from service.storage.rows.accounts import AccountRow
from service.storage.rows.acts import NoteRow
from service.storage.rows.admission import AssessmentRow, CandidateRow
from service.storage.rows.cases import CaseRow, OccurrenceRow
from service.storage.rows.change_requests import ChangeRequestRow
from service.storage.rows.declarations import DeclarationRow, DeclaredTieRow
from service.storage.rows.facts import FactRow
from service.storage.rows.fees import ContractRow
from service.storage.rows.library import (
    AppointmentRow,
    AwayRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    PersonRow,
)
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.rows.mergers import RecordMergerRow
from service.storage.rows.sittings import SittingGuestRow
from service.storage.rows.staff import StaffRecusalRow
from service.storage.rows.terms import RenewalWishRow
from service.storage.session import Session

_OF_EXPERT: Final[Mapping[str, tuple[Any, Any]]] = {
    "appointment": (AppointmentRow, AppointmentRow.expert_id),
    "away": (AwayRow, AwayRow.expert_id),
    "case": (CaseRow, CaseRow.expert_id),
    "occurrence": (OccurrenceRow, OccurrenceRow.expert_id),
    "assessment": (AssessmentRow, AssessmentRow.expert_id),
    "candidate-expert": (CandidateRow, CandidateRow.expert_id),
    "renewal-wish": (RenewalWishRow, RenewalWishRow.expert_id),
    "change-request": (ChangeRequestRow, ChangeRequestRow.expert_id),
    "fee-contract": (ContractRow, ContractRow.expert_id),
    "note": (NoteRow, NoteRow.subject_id),
    "merged": (ExpertRow, ExpertRow.merged_into),
}
_OF_PERSON: Final[Mapping[str, tuple[Any, Any]]] = {
    "account": (AccountRow, AccountRow.person_id),
    "candidate": (CandidateRow, CandidateRow.person_id),
    "declaration": (DeclarationRow, DeclarationRow.person_id),
    "declared-tie": (DeclaredTieRow, DeclaredTieRow.person_id),
    "notice": (OutboxRow, OutboxRow.recipient_person_id),
    "employment": (EmploymentRow, EmploymentRow.person_id),
    # With the account goes what its holder may not see.
    "staff-recusal": (StaffRecusalRow, StaffRecusalRow.person_id),
}
# Handed over by `service.storage.merged_sittings`, as long as they are open.
_INVITED: Final = (SittingGuestRow, SittingGuestRow.expert_id)
MOVED: Final = (*_OF_EXPERT.values(), *_OF_PERSON.values(), _INVITED)
STAYS: Final = frozenset(
    {
        "certificate.confirmed_by",
        "certificate.person_id",
        "conflict_judgement.person_id",
        "draw.challenged_by",
        "draw.committed_by",
        "draw.first_by",
        "draw.made_by",
        "draw.typed_by",
        "draw.voided_by",
        "employment_past.person_id",
        "expert.person_id",
        "expert_field.expert_id",
        "material_read.person_id",
        "matter_party.person_id",
        "opinion_draft.person_id",
        "panel.approved_by",
        "panel.determined_by",
        "panel.proposed_by",
        "paper_opinion.person_id",
        "panel_change.in_id",
        "panel_change.out_id",
        "panel_lock.expert_id",
        "panel_member.expert_id",
        "pending_signature.person_id",
        "record_merger.gone_id",
        "record_merger.kept_id",
        "policy_version.drafted_person_id",
        "policy_version.settled_person_id",
        "reminder.person_id",
        "review_part.person_id",
        "signed_document.person_id",
    }
)
"""Columns that keep the id they have: what was done on matters, who did it, and rows of the record itself."""
IDENTITY: Final = ("identity_kind", "identity_hash", "identity_sealed", "identity_masked", "sex", "born_on")
"""Columns of a person that go with the identity number."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The two records: the one that stays and the one that goes."""

    kept_id: UUID
    kept_person: UUID
    gone_id: UUID
    gone_person: UUID


@dataclass(frozen=True, slots=True)
class Moved:
    """What a merger moved: ids only, nothing personal.

    Attributes:
        rows: name of the table -> ids of its rows that moved.
        facts: ties restated, with the end that was the other person: `subject`, `object`, `both` for a tie between the
            two, which is withdrawn.
        fields: codes that the kept record did not have.
        filled: columns of the kept record that were empty and took the other's value.
        numbers_swapped: whether the identity number came from the other record.
        state, since_on: of the record that went, before.
        kept_state, kept_since_on: of the record that stays, before.
        invitations: to sit in on meetings whose attendance was not entered; none in mergers from before they moved.
    """

    rows: Mapping[str, list[str]]
    facts: list[list[str]]
    fields: list[str]
    filled: list[str]
    numbers_swapped: bool
    state: str
    since_on: str | None
    kept_state: str
    kept_since_on: str | None
    invitations: list[MovedInvitation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeldMerger:
    """A merger as an act finds it."""

    id: UUID
    ends: Ends
    moved: Moved
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stands against a merger.

    Attributes:
        serving: matters in which the record that goes sits on a panel that is not finished.
        both_in: the same kind of thing runs for both: `case`, `candidate`.
        overlapping: terms of the record that goes which share a day with one of the other; they stay where they are.
    """

    serving: tuple[UUID, ...] = ()
    both_in: tuple[str, ...] = ()
    overlapping: tuple[UUID, ...] = ()


def ends_of(kept: ExpertView, gone: ExpertView) -> Ends:
    """Return two experts as the ends of a merger."""
    return Ends(kept.id, kept.person_id, gone.id, gone.person_id)


async def hindrance_of(session: Session, ends: Ends) -> Hindrance:
    """Return what stands against merging two records."""
    serving = await session.scalars(
        select(PanelRow.matter_id)
        .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
        .join(MatterRow, MatterRow.id == PanelRow.matter_id)
        .where(
            PanelMemberRow.expert_id == ends.gone_id,
            PanelRow.state.in_(("proposed", "determined")),
            MatterRow.closed_on.is_(None),
            MatterRow.state != "cancelled",
        )
        .distinct()
        .order_by(PanelRow.matter_id)
    )
    both = []
    for name, row, column, pair in (
        ("case", CaseRow, CaseRow.expert_id, (ends.kept_id, ends.gone_id)),
        ("candidate", CandidateRow, CandidateRow.person_id, (ends.kept_person, ends.gone_person)),
    ):
        runs = CaseRow.state != "closed" if row is CaseRow else CandidateRow.stage.in_(RUNNING)
        found = set(await session.scalars(select(column).where(column.in_(pair), runs)))
        if len(found) == 2:
            both.append(name)
    mine, other = AppointmentRow.__table__.alias("mine"), AppointmentRow.__table__.alias("other")
    overlapping = await session.scalars(
        select(mine.c.id)
        .where(
            mine.c.expert_id == ends.gone_id,
            select(other.c.id)
            .where(
                other.c.expert_id == ends.kept_id,
                other.c.starts_on <= mine.c.ends_on,
                other.c.ends_on >= mine.c.starts_on,
            )
            .exists(),
        )
        .order_by(mine.c.starts_on)
    )
    return Hindrance(tuple(serving), tuple(both), tuple(overlapping))


async def move_rows(session: Session, ends: Ends, *, at: datetime, without: Collection[UUID]) -> dict[str, list[str]]:
    """Hand what the library says about one record to the other; return the ids that moved.

    Args:
        session: the unit of work.
        ends: the two records.
        at: the instant of the act.
        without: rows that stay.
    """
    moved = {}
    for names, kept, gone in (
        (_OF_EXPERT, ends.kept_id, ends.gone_id),
        (_OF_PERSON, ends.kept_person, ends.gone_person),
    ):
        for name, (row, column) in names.items():
            mine = select(row.id).where(column == gone, *_besides(row, kept))
            ids = [id_ for id_ in await session.scalars(mine) if id_ not in without]
            if ids:
                await _hand(session, name, ids, kept, at=at)
                moved[name] = [str(id_) for id_ in ids]
    return moved


async def move_rows_back(session: Session, ends: Ends, moved: Moved, *, at: datetime) -> None:
    """Hand back what had moved; what has gone meanwhile, or belongs to somebody else by now, is left alone."""
    for name, texts in moved.rows.items():
        of_expert = name in _OF_EXPERT
        row, column = _OF_EXPERT[name] if of_expert else _OF_PERSON[name]
        kept, gone = (ends.kept_id, ends.gone_id) if of_expert else (ends.kept_person, ends.gone_person)
        ids = await session.scalars(select(row.id).where(row.id.in_([UUID(text) for text in texts]), column == kept))
        await _hand(session, name, list(ids), gone, at=at)


async def restate_facts(session: Session, ends: Ends, *, at: datetime) -> list[list[str]]:
    """State the standing ties of one person as the other's; a tie between the two is withdrawn. Returns what was."""
    gone, kept = ends.gone_person, ends.kept_person
    rows = list(
        await session.scalars(
            select(FactRow)
            .where(FactRow.retired_at.is_(None), or_(FactRow.subject_id == gone, FactRow.object_id == gone))
            .order_by(FactRow.id)
        )
    )
    done = []
    for row in rows:
        end = "subject" if row.subject_id == gone else "object"
        if {row.subject_id, row.object_id} == {gone, kept}:
            row.retired_at, row.retired_why = max(at, _after(row)), "withdrawn"
            done.append([str(row.fact_id), "both"])
            continue
        _restate(session, row, end, kept, at)
        done.append([str(row.fact_id), end])
    await session.flush()
    return done


async def restate_facts_back(session: Session, ends: Ends, facts: Collection[list[str]], *, at: datetime) -> None:
    """State ties again as they were; a tie that was withdrawn or changed to somebody else meanwhile stays so."""
    for fact_id, end in facts:
        newest = await session.scalar(
            select(FactRow).where(FactRow.fact_id == UUID(fact_id)).order_by(FactRow.known_at.desc()).limit(1)
        )
        if newest is None:
            continue
        if end == "both":
            _copy(session, newest, known_at=max(at, _after(newest), newest.retired_at or at))
        elif newest.retired_at is None and getattr(newest, f"{end}_id") == ends.kept_person:
            _restate(session, newest, end, ends.gone_person, at)
    await session.flush()


async def add_fields(session: Session, ends: Ends) -> list[str]:
    """Give the kept record the fields that only the other has; a main field only where it has none."""
    held = {row.code: row.main for row in await session.scalars(_fields(ends.kept_id))}
    others = [row for row in await session.scalars(_fields(ends.gone_id)) if row.code not in held]
    for row in others:
        main = row.main and not any(held.values())
        session.add(ExpertFieldRow(expert_id=ends.kept_id, code=row.code, main=main))
    await session.flush()
    return [row.code for row in others]


async def drop_fields(session: Session, expert_id: UUID, codes: Collection[str]) -> None:
    """Take fields away again."""
    for row in await session.scalars(_fields(expert_id)):
        if row.code in codes:
            await session.delete(row)
    await session.flush()


async def set_columns(
    session: Session, expert_id: UUID, *, expert: Mapping[str, Any], person: Mapping[str, Any]
) -> None:
    """Write columns of an expert and the person, and raise the version."""
    person_id = await session.scalar(select(ExpertRow.person_id).where(ExpertRow.id == expert_id))
    await session.execute(
        update(ExpertRow).where(ExpertRow.id == expert_id).values(version=ExpertRow.version + 1, **expert)
    )
    if person:
        await session.execute(update(PersonRow).where(PersonRow.id == person_id).values(**person))


async def person_columns(session: Session, person_id: UUID) -> dict[str, Any]:
    """Return the columns of a person that a merger may touch; sealed values stay sealed.

    Raises:
        NotFound: when there is no such person.
    """
    row = await session.get(PersonRow, person_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="person")
    return {name: getattr(row, name) for name in (*IDENTITY, "phone_sealed", "phone_masked", "email")}


async def add_merger(session: Session, held: HeldMerger, *, changes: Mapping[str, Any], by: UUID) -> None:
    """Write a merger."""
    await session.execute(
        insert(RecordMergerRow).values(
            id=held.id,
            kept_id=held.ends.kept_id,
            gone_id=held.ends.gone_id,
            changes=dict(changes),
            at=held.at,
            by_account_id=by,
        )
    )


async def hold_merger(session: Session, merger_id: UUID) -> HeldMerger:
    """Load a merger for an act.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(RecordMergerRow, merger_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="merger")
    people = dict(
        (
            await session.execute(
                select(ExpertRow.id, ExpertRow.person_id).where(ExpertRow.id.in_((row.kept_id, row.gone_id)))
            )
        )
        .tuples()
        .all()
    )
    ends = Ends(row.kept_id, people[row.kept_id], row.gone_id, people[row.gone_id])
    invitations = [MovedInvitation(**one) for one in row.changes.get("invitations", ())]
    moved = Moved(**(row.changes | {"invitations": invitations}))
    return HeldMerger(row.id, ends, moved, row.at, row.undone_at)


async def later_merger(session: Session, held: HeldMerger) -> UUID | None:
    """Return a standing merger entered after this one that touches one of its records."""
    both = (held.ends.kept_id, held.ends.gone_id)
    found: UUID | None = await session.scalar(
        select(RecordMergerRow.id)
        .where(
            RecordMergerRow.undone_at.is_(None),
            RecordMergerRow.id > held.id,
            or_(RecordMergerRow.kept_id.in_(both), RecordMergerRow.gone_id.in_(both)),
        )
        .limit(1)
    )
    return found


async def set_merger_undone(session: Session, merger_id: UUID, *, at: datetime) -> None:
    """Note that a merger was taken back."""
    await session.execute(update(RecordMergerRow).where(RecordMergerRow.id == merger_id).values(undone_at=at))


def _besides(row: Any, kept: UUID) -> tuple[ColumnElement[bool], ...]:
    """Return what else holds of the rows of a table that move to a person or expert."""
    if row is NoteRow:
        return (NoteRow.subject_kind == "expert",)
    if row is StaffRecusalRow:
        # Nobody asks to lift, or lifts, a recusal of their own; and one of a kind is open in a matter.
        twin = aliased(StaffRecusalRow)
        same = (twin.matter_id, twin.policy_row, twin.basis)
        twins = select(twin.id).where(
            twin.person_id == kept,
            tuple_(*same) == tuple_(StaffRecusalRow.matter_id, StaffRecusalRow.policy_row, StaffRecusalRow.basis),
        )
        by_another = [
            or_(column.is_(None), column != kept)
            for column in (StaffRecusalRow.asked_person_id, StaffRecusalRow.lifted_person_id)
        ]
        return (~twins.exists(), *by_another)
    return ()


async def _hand(session: Session, name: str, ids: list[UUID], to: UUID, *, at: datetime) -> None:
    row, column = _OF_EXPERT.get(name) or _OF_PERSON[name]
    values: dict[str, Any] = {column.key: to}
    if row is EmploymentRow:
        await keep_past(session, ids, at=at)
        values["known_at"] = at
    await session.execute(update(row).where(row.id.in_(ids)).values(**values))


def _restate(session: Session, row: FactRow, end: str, to: UUID, at: datetime) -> None:
    instant = max(at, _after(row))
    row.retired_at, row.retired_why = instant, "ended"
    _copy(session, row, known_at=instant, **{f"{end}_id": to})


def _copy(session: Session, row: FactRow, **values: Any) -> None:
    same = {column.key: getattr(row, column.key) for column in FactRow.__table__.columns}
    fresh = {"id": new_id(), "retired_at": None, "retired_why": "", "reason": "", "reason_salt": None}
    session.add(FactRow(**{**same, **fresh, **values}))


def _after(row: FactRow) -> datetime:
    return row.known_at + timedelta(microseconds=1)


def _fields(expert_id: UUID) -> Any:
    return select(ExpertFieldRow).where(ExpertFieldRow.expert_id == expert_id).order_by(ExpertFieldRow.code)
