"""Declarations of interest as stored and as people see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import aliased

from conflicts import Fact, Kind, Relation, valid_through
from service.access import Viewer
from service.problems import NotFound
from service.storage.facts import fact_of
from service.storage.matters import visible_to
from service.storage.roster import in_chunks
from service.storage.rows.accounts import AccountRow
from service.storage.rows.declarations import DeclarationRow, DeclaredTieRow
from service.storage.rows.facts import FactRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session

YEARLY: Final = "yearly"
MATTER: Final = "matter"
ORAL: Final = "oral"

COMPLETE: Final = "complete"
NONE: Final = "none"
INTEREST: Final = "interest"
RECUSE: Final = "recuse"
ANSWERS: Final = (NONE, INTEREST, RECUSE)

PENDING: Final = "pending"
_PER_QUERY: Final = 500


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declaration.

    Attributes:
        id: of it.
        person_id, person_name: who declares.
        expert_id: of the person, None for who is no expert.
        occasion: `yearly`, `matter` or `oral`.
        matter_id, matter_title: which matter; None and empty for a yearly one.
        answer: `complete` for a yearly one, else one of `ANSWERS`.
        text: what was said, as typed.
        way: `self`, `paper` or `oral`.
        made_on, at: the day it speaks of, and when it was entered.
        by: who entered it.
        ties: the facts declared with it, as they stood.
        decision: empty, `pending`, `recused` or `sits`.
        decided_reason: of the center.
        version: for If-Match.
    """

    id: UUID
    person_id: UUID
    person_name: str
    expert_id: UUID | None
    occasion: str
    matter_id: UUID | None
    matter_title: str
    answer: str
    text: str
    way: str
    made_on: date
    at: datetime
    by: str
    ties: tuple[Mapping[str, Any], ...]
    decision: str
    decided_reason: str
    version: int


@dataclass(frozen=True, slots=True)
class DeclaredTie:
    """A tie declared with a name. `state` is `open` until a person says whom the name means, or sets it aside."""

    id: UUID
    person_id: UUID
    person_name: str
    kind: Kind
    forward: bool
    other: str
    from_on: date | None
    to_on: date | None
    relation: Relation | None
    share: tuple[int, int] | None
    at: datetime
    state: str
    fact_id: UUID | None
    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class YearlyLine:
    """Where an expert stands with the yearly declaration; `made_on` is None when there is none."""

    expert_id: UUID
    person_id: UUID
    number: str
    name: str
    made_on: date | None
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class MatterToDeclare:
    """A matter on whose determined panel a person sits: what must be known to declare, and nothing more."""

    id: UUID
    title: str
    unit_name: str
    parties: tuple[str, ...]
    declared: str


async def yearly_of(session: Session, people: Collection[UUID]) -> dict[UUID, date]:
    """Return person -> day of the last yearly declaration; who has none is left out."""
    found: dict[UUID, date] = {}
    for chunk in in_chunks(people, _PER_QUERY):
        rows = await session.execute(
            select(DeclarationRow.person_id, func.max(DeclarationRow.made_on))
            .where(DeclarationRow.person_id.in_(chunk), DeclarationRow.occasion == YEARLY)
            .group_by(DeclarationRow.person_id)
        )
        found.update(rows.tuples().all())
    return found


async def without_valid(session: Session, people: Collection[UUID], *, on: date, months: int) -> frozenset[UUID]:
    """Return who of some people has no yearly declaration that is valid on a day."""
    made = await yearly_of(session, people)
    return frozenset(person for person in people if person not in made or valid_through(made[person], months) < on)


async def pending_in(session: Session, matter_id: UUID) -> frozenset[UUID]:
    """Return who declared an interest in a matter, or asked to be recused, that nobody has decided about."""
    rows = await session.scalars(
        select(DeclarationRow.person_id).where(
            DeclarationRow.matter_id == matter_id, DeclarationRow.decision == PENDING
        )
    )
    return frozenset(rows)


async def with_open_ties(session: Session) -> frozenset[UUID]:
    """Return who declared a tie by a name that nobody has settled."""
    return frozenset(
        await session.scalars(select(DeclaredTieRow.person_id).where(DeclaredTieRow.state == "open").distinct())
    )


async def yearly_lines(session: Session, *, months: int) -> tuple[YearlyLine, ...]:
    """Return where each active expert stands, those without a declaration first, then by the day it ends."""
    last = (
        select(DeclarationRow.person_id, func.max(DeclarationRow.made_on).label("made_on"))
        .where(DeclarationRow.occasion == YEARLY)
        .group_by(DeclarationRow.person_id)
        .subquery()
    )
    rows = await session.execute(
        select(ExpertRow.id, PersonRow.id, ExpertRow.number, PersonRow.name, last.c.made_on)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .outerjoin(last, last.c.person_id == PersonRow.id)
        .where(ExpertRow.state == "active")
    )
    lines = [
        YearlyLine(
            expert_id, person_id, number, name, made_on, None if made_on is None else valid_through(made_on, months)
        )
        for expert_id, person_id, number, name, made_on in rows
    ]
    return tuple(sorted(lines, key=lambda line: (line.made_on or date.min, line.number)))


async def declarations_of(session: Session, person_id: UUID) -> tuple[Declaration, ...]:
    """Return a person's declarations, the newest first."""
    rows = await session.execute(
        _whole()
        .where(DeclarationRow.person_id == person_id)
        .order_by(DeclarationRow.made_on.desc(), DeclarationRow.at.desc())
    )
    return tuple(_declaration(*row) for row in rows)


async def declarations_in(session: Session, matter_id: UUID) -> tuple[Declaration, ...]:
    """Return the declarations made in a matter, the newest first."""
    rows = await session.execute(
        _whole().where(DeclarationRow.matter_id == matter_id).order_by(DeclarationRow.at.desc())
    )
    return tuple(_declaration(*row) for row in rows)


async def recent_declarations(session: Session, viewer: Viewer, *, most: int = 20) -> tuple[Declaration, ...]:
    """Return the newest declarations that people made themselves or aloud, and every one that waits for a decision.

    A declaration in a matter the viewer may not see is left out.
    """
    told = or_(DeclarationRow.matter_id.is_(None), MatterRow.id.in_(select(MatterRow.id).where(visible_to(viewer))))
    rows = await session.execute(
        _whole()
        .where(told, or_(DeclarationRow.decision == PENDING, DeclarationRow.way != "paper"))
        .order_by(DeclarationRow.decision != PENDING, DeclarationRow.at.desc())
        .limit(most)
    )
    return tuple(_declaration(*row) for row in rows)


async def load_declaration(session: Session, viewer: Viewer, declaration_id: UUID) -> Declaration:
    """Return one declaration.

    Raises:
        NotFound: when there is none, or the viewer may not know its matter.
    """
    told = or_(DeclarationRow.matter_id.is_(None), MatterRow.id.in_(select(MatterRow.id).where(visible_to(viewer))))
    found = (await session.execute(_whole().where(DeclarationRow.id == declaration_id, told))).first()
    if found is None:
        raise NotFound(subject="declaration")
    return _declaration(*found)


async def add_declarations(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert declarations, by the names of their columns."""
    for chunk in in_chunks(rows, _PER_QUERY):
        await session.execute(insert(DeclarationRow), [dict(row) for row in chunk])


async def change_declaration(session: Session, declaration_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a declaration, by the names of its columns; its version grows."""
    await session.execute(
        update(DeclarationRow)
        .where(DeclarationRow.id == declaration_id)
        .values(version=DeclarationRow.version + 1, **values)
    )


async def declared_facts(session: Session, people: Collection[UUID]) -> dict[UUID, list[Fact]]:
    """Return person -> the standing facts that they declared themselves, whichever end they are."""
    found: dict[UUID, list[Fact]] = {person: [] for person in people}
    for chunk in in_chunks(people, _PER_QUERY):
        rows = await session.scalars(
            select(FactRow)
            .where(
                or_(FactRow.subject_id.in_(chunk), FactRow.object_id.in_(chunk)),
                FactRow.retired_at.is_(None),
                FactRow.origin == "declared",
            )
            .order_by(FactRow.kind, FactRow.from_on, FactRow.fact_id)
        )
        for row in rows:
            for end in (row.subject_id, row.object_id):
                if end in found:
                    found[end].append(fact_of(row))
    return found


def facts_of_declaration(declaration: Declaration) -> tuple[Fact, ...]:
    """Return the facts of a declaration as they stood when it was made."""
    return tuple(
        Fact(
            id=tie["fact"],
            subject=tie["subject"],
            kind=Kind(tie["kind"]),
            object=tie["object"],
            from_on=None if tie["from_on"] is None else date.fromisoformat(tie["from_on"]),
            to_on=None if tie["to_on"] is None else date.fromisoformat(tie["to_on"]),
            share=None if tie["share"] is None else (tie["share"][0], tie["share"][1]),
            relation=None if tie["relation"] is None else Relation(tie["relation"]),
        )
        for tie in declaration.ties
    )


async def open_declared_ties(session: Session, person_id: UUID | None = None) -> tuple[DeclaredTie, ...]:
    """Return the ties declared by a name that wait to be settled, of everybody or of one person, the oldest first."""
    found = _ties().where(DeclaredTieRow.state == "open")
    if person_id is not None:
        found = found.where(DeclaredTieRow.person_id == person_id)
    return tuple(_tie(*row) for row in await session.execute(found.order_by(DeclaredTieRow.at, DeclaredTieRow.id)))


async def load_declared_tie(session: Session, tie_id: UUID, *, for_change: bool = False) -> DeclaredTie:
    """Return one tie declared by a name.

    Raises:
        NotFound: when there is none.
    """
    if for_change:
        await session.execute(select(DeclaredTieRow.id).where(DeclaredTieRow.id == tie_id).with_for_update())
    found = (await session.execute(_ties().where(DeclaredTieRow.id == tie_id))).first()
    if found is None:
        raise NotFound(subject="declared tie")
    return _tie(*found)


async def add_declared_tie(session: Session, values: Mapping[str, Any]) -> None:
    """Insert a tie declared by a name, by the names of its columns."""
    await session.execute(insert(DeclaredTieRow).values(**values))


async def change_declared_tie(session: Session, tie_id: UUID, values: Mapping[str, Any]) -> None:
    """Change one, by the names of its columns; its version grows."""
    await session.execute(
        update(DeclaredTieRow).where(DeclaredTieRow.id == tie_id).values(version=DeclaredTieRow.version + 1, **values)
    )


async def matters_to_declare(session: Session, person_id: UUID) -> tuple[MatterToDeclare, ...]:
    """Return the matters on whose determined panel a person sits, with the last answer given there (empty: none)."""
    rows = await session.execute(
        select(MatterRow.id, MatterRow.title, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .join(PanelRow, PanelRow.matter_id == MatterRow.id)
        .join(PanelMemberRow, PanelMemberRow.panel_id == PanelRow.id)
        .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
        .where(
            ExpertRow.person_id == person_id,
            PanelMemberRow.role == "member",
            PanelRow.state == "determined",
            MatterRow.state == "determined",
            MatterRow.edition != "",
        )
        .order_by(PanelRow.determined_on.desc(), MatterRow.number)
    )
    matters = rows.all()
    parties: dict[UUID, list[str]] = {}
    ids = [matter_id for matter_id, _, _ in matters]
    given = await session.execute(
        select(DeclarationRow.matter_id, DeclarationRow.answer)
        .where(DeclarationRow.matter_id.in_(ids), DeclarationRow.person_id == person_id)
        .order_by(DeclarationRow.at)
    )
    answers = dict(given.tuples().all())  # the last one stays
    for matter_id, name in await session.execute(
        select(MatterPartyRow.matter_id, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == MatterPartyRow.organisation_id)
        .where(MatterPartyRow.matter_id.in_(ids), MatterPartyRow.role == "party")
        .order_by(OrganisationRow.name)
    ):
        parties.setdefault(matter_id, []).append(name)
    return tuple(
        MatterToDeclare(id_, title, unit, tuple(parties.get(id_, ())), answers.get(id_, ""))
        for id_, title, unit in matters
    )


async def experts_on(session: Session, matter_id: UUID) -> tuple[tuple[UUID, UUID, str, str], ...]:
    """Return (expert, person, name, role) of the panel proposed or determined, members first, in their order."""
    rows = await session.execute(
        select(ExpertRow.id, PersonRow.id, PersonRow.name, PanelMemberRow.role)
        .join(PanelMemberRow, PanelMemberRow.expert_id == ExpertRow.id)
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(PanelRow.matter_id == matter_id, PanelRow.state.in_(("proposed", "determined")))
        .order_by(PanelMemberRow.role, PanelMemberRow.position)
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


async def people_of(session: Session, experts: Collection[UUID]) -> dict[UUID, UUID]:
    """Return expert -> person of those experts that there are."""
    found: dict[UUID, UUID] = {}
    for chunk in in_chunks(experts, _PER_QUERY):
        rows = await session.execute(select(ExpertRow.id, ExpertRow.person_id).where(ExpertRow.id.in_(chunk)))
        found.update(rows.tuples().all())
    return found


def _whole() -> Any:
    person, by = aliased(PersonRow), aliased(PersonRow)
    return (
        select(DeclarationRow, person.name, ExpertRow.id, MatterRow.title, by.name)
        .join(person, person.id == DeclarationRow.person_id)
        .join(AccountRow, AccountRow.id == DeclarationRow.by_account_id)
        .join(by, by.id == AccountRow.person_id)
        .outerjoin(ExpertRow, ExpertRow.person_id == DeclarationRow.person_id)
        .outerjoin(MatterRow, MatterRow.id == DeclarationRow.matter_id)
    )


def _declaration(row: DeclarationRow, name: str, expert_id: UUID | None, title: str | None, by: str) -> Declaration:
    return Declaration(
        id=row.id,
        person_id=row.person_id,
        person_name=name,
        expert_id=expert_id,
        occasion=row.occasion,
        matter_id=row.matter_id,
        matter_title=title or "",
        answer=row.answer,
        text=row.text,
        way=row.way,
        made_on=row.made_on,
        at=row.at,
        by=by,
        ties=tuple(row.ties),
        decision=row.decision,
        decided_reason=row.decided_reason,
        version=row.version,
    )


def _ties() -> Any:
    return select(DeclaredTieRow, PersonRow.name).join(PersonRow, PersonRow.id == DeclaredTieRow.person_id)


def _tie(row: DeclaredTieRow, name: str) -> DeclaredTie:
    return DeclaredTie(
        id=row.id,
        person_id=row.person_id,
        person_name=name,
        kind=Kind(row.kind),
        forward=row.forward,
        other=row.other,
        from_on=row.from_on,
        to_on=row.to_on,
        relation=Relation(row.relation) if row.relation else None,
        share=None if row.share_part is None or row.share_of is None else (row.share_part, row.share_of),
        at=row.at,
        state=row.state,
        fact_id=row.fact_id,
        reason=row.reason,
        version=row.version,
    )
