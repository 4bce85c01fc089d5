"""Organisations as people see them: the list, one of them, and those that typed words may mean."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from service.access import Viewer, may
from service.problems import NotFound
from service.storage.entered_twice import one_of_its_kind
from service.storage.matters import visible_to
from service.storage.reorganisation import ReorganisationView, reorganisations_of
from service.storage.rows.library import (
    EmploymentRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.session import Session

PER_PAGE: Final = 50
KINDS: Final = (
    "government",
    "bureau",
    "institution",
    "hospital",
    "university",
    "school",
    "institute",
    "law_firm",
    "company",
    "association",
    "other",
)
NAME_KINDS: Final = ("alias", "former")
_MOST_SHOWN = 200
_MOST_MATTERS = 20
# A chain of parents longer than this is not a county's.
_MOST_LEVELS = 50


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation in the list.

    Attributes:
        other_names: short and former names.
        parent: what it belongs to on the day; empty when nothing is known.
        experts: experts who work there on the day; None when the viewer may not know.
        ended_on: last day, where others took its place.
    """

    id: UUID
    name: str
    kind: str
    region: str
    credit_code: str
    other_names: tuple[str, ...]
    parent: str
    experts: int | None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationList:
    """One page of organisations, with counts by kind over all that the words find."""

    lines: tuple[OrganisationLine, ...]
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OtherNameView:
    """A short or former name; both days inclusive, None open."""

    id: UUID
    name: str
    kind: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class ParentView:
    """What an organisation belongs to, or who belongs to it; both days inclusive, None open."""

    id: UUID
    organisation_id: UUID
    name: str
    from_on: date | None
    to_on: date | None

    def holds(self, on: date) -> bool:
        """Return whether it holds on the day."""
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class PersonThere:
    """An expert who works or worked there."""

    expert_id: UUID
    number: str
    name: str
    post: str
    main: bool
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class MatterThere:
    """A matter in which the organisation is the unit (`role` is `unit`) or a party."""

    id: UUID
    number: str
    title: str
    state: str
    role: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One organisation.

    Attributes:
        names: other names, present ones first.
        parents: what it belongs to and belonged to, latest first.
        chain: what it belongs to on the day, nearest first, up to the top.
        children: what belongs to it on the day.
        people: experts there, present ones first; empty for who may not see experts.
        people_total: how many there are, `people` being cut at 200.
        matters: newest first, of those that the viewer may know.
        matters_total: how many there are.
        ended_on: last day, where others took its place; None while it exists.
        reorganisations: what became of it and what it took over, the latest day first.
    """

    id: UUID
    name: str
    credit_code: str
    kind: str
    region: str
    is_county_government: bool
    names: tuple[OtherNameView, ...]
    parents: tuple[ParentView, ...]
    chain: tuple[ParentView, ...]
    children: tuple[ParentView, ...]
    people: tuple[PersonThere, ...]
    people_total: int
    matters: tuple[MatterThere, ...]
    matters_total: int
    ended_on: date | None
    reorganisations: tuple[ReorganisationView, ...]
    version: int

    @property
    def renamed_from(self) -> str:
        """The name before the last dated rename, which can be taken back; empty without one."""
        former = [(name.to_on, name.name) for name in self.names if name.kind == "former" and name.to_on]
        return max(former)[1] if former else ""


@dataclass(frozen=True, slots=True)
class OrganisationChoice:
    """An organisation that typed words may mean, with what tells it from others of that name."""

    id: UUID
    name: str
    credit_code: str
    other_names: tuple[str, ...]
    parent: str
    ended_on: date | None = None


def has_words(words: str) -> list[ColumnElement[bool]]:
    """Return the conditions under which an organisation's names, their sound or its credit code hold every word."""
    return [_named(word) for word in words.split()]


async def list_organisations(
    session: Session,
    viewer: Viewer,
    *,
    on: date,
    words: str = "",
    kind: str = "",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> OrganisationList:
    """Return a page of organisations by the sound of their names.

    Args:
        session: a reading session.
        viewer: who looks.
        on: the day on which parents and experts are counted.
        words: each must be part of a name, of its sound, or of the credit code.
        kind: one of `KINDS`; empty means all.
        page: from 1.
        per_page: lines on a page.
    """
    conditions = has_words(words)
    counted = await session.execute(
        select(OrganisationRow.kind, func.count()).where(*conditions).group_by(OrganisationRow.kind)
    )
    counts: dict[str, int] = dict(counted.tuples().all())
    if kind:
        conditions.append(OrganisationRow.kind == kind)
    rows = list(
        await session.scalars(
            select(OrganisationRow)
            .where(*conditions)
            .order_by(OrganisationRow.pinyin, OrganisationRow.name, OrganisationRow.id)
            .limit(per_page)
            .offset((page - 1) * per_page)
        )
    )
    ids = [row.id for row in rows]
    names, parents = await _names_of(session, ids), await _parents_on(session, ids, on=on)
    experts = await _experts_at(session, ids, on=on) if may(viewer, "expert:list") else None
    return OrganisationList(
        lines=tuple(
            OrganisationLine(
                id=row.id,
                name=row.name,
                kind=row.kind,
                region=row.region,
                credit_code=row.credit_code or "",
                other_names=names.get(row.id, ()),
                parent=parents.get(row.id, ""),
                experts=None if experts is None else experts.get(row.id, 0),
                ended_on=row.ended_on,
            )
            for row in rows
        ),
        total=counts.get(kind, 0) if kind else sum(counts.values()),
        counts=counts,
    )


async def load_organisation(session: Session, viewer: Viewer, organisation_id: UUID, *, on: date) -> OrganisationView:
    """Return an organisation as of a day.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(OrganisationRow, organisation_id)
    if row is None or not may(viewer, "organisation:see"):
        raise NotFound(subject="organisation")
    parents = await _ties(session, OrganisationParentRow.parent_id, OrganisationParentRow.organisation_id, row.id)
    children = await _ties(session, OrganisationParentRow.organisation_id, OrganisationParentRow.parent_id, row.id)
    people, people_total = await _people(session, viewer, row.id, on=on)
    matters, matters_total = await _matters(session, viewer, row.id)
    return OrganisationView(
        id=row.id,
        name=row.name,
        credit_code=row.credit_code or "",
        kind=row.kind,
        region=row.region,
        is_county_government=row.is_county_government,
        names=await _other_names(session, row.id),
        parents=tuple(sorted(parents, key=lambda tie: (tie.from_on or date.min, tie.id), reverse=True)),
        chain=await _chain(session, row.id, on=on),
        children=tuple(sorted((tie for tie in children if tie.holds(on)), key=lambda tie: tie.name)),
        people=people,
        people_total=people_total,
        matters=matters,
        matters_total=matters_total,
        ended_on=row.ended_on,
        reorganisations=await reorganisations_of(session, row.id),
        version=row.version,
    )


async def find_organisations(
    session: Session, words: str, *, on: date, most: int = 8
) -> tuple[tuple[OrganisationChoice, ...], int]:
    """Return the organisations that typed words may mean, nearest first, those that exist before those that ended."""
    sought = words.strip()
    if not sought:
        return (), 0
    conditions = [*has_words(sought), one_of_its_kind()]
    total = await session.scalar(select(func.count()).select_from(OrganisationRow).where(*conditions)) or 0
    rows = list(
        await session.scalars(
            select(OrganisationRow)
            .where(*conditions)
            .order_by(
                OrganisationRow.ended_on.is_not(None),
                OrganisationRow.name != sought,
                ~OrganisationRow.name.startswith(sought, autoescape=True),
                func.length(OrganisationRow.name),
                OrganisationRow.pinyin,
                OrganisationRow.id,
            )
            .limit(most)
        )
    )
    ids = [row.id for row in rows]
    names, parents = await _names_of(session, ids), await _parents_on(session, ids, on=on)
    choices = tuple(
        OrganisationChoice(
            row.id, row.name, row.credit_code or "", names.get(row.id, ()), parents.get(row.id, ""), row.ended_on
        )
        for row in rows
    )
    return choices, total


async def organisation_name(session: Session, organisation_id: UUID) -> str | None:
    """Return the present name, None when there is no such organisation."""
    name: str | None = await session.scalar(select(OrganisationRow.name).where(OrganisationRow.id == organisation_id))
    return name


async def present_names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Return id -> present name of organisations, ids as a matter's stream holds them; empty ones are passed over."""
    wanted = [UUID(held) for held in ids if held]
    rows = await session.execute(select(OrganisationRow.id, OrganisationRow.name).where(OrganisationRow.id.in_(wanted)))
    return {str(held): name for held, name in rows}


async def with_name_or_code(session: Session, name: str, credit_code: str) -> tuple[UUID | None, UUID | None]:
    """Return the organisation that has the name now, and the one that has the credit code."""
    named = await session.scalar(
        select(OrganisationRow.id).where(OrganisationRow.name == name).order_by(OrganisationRow.id).limit(1)
    )
    coded = None
    if credit_code:
        coded = await session.scalar(select(OrganisationRow.id).where(OrganisationRow.credit_code == credit_code))
    return named, coded


def _named(word: str) -> ColumnElement[bool]:
    hits = [
        OrganisationRow.name.contains(word, autoescape=True),
        exists().where(
            OrganisationNameRow.organisation_id == OrganisationRow.id,
            OrganisationNameRow.name.contains(word, autoescape=True),
        ),
    ]
    if word.isascii():
        hits += [
            OrganisationRow.pinyin.contains(word.lower(), autoescape=True),
            OrganisationRow.credit_code.startswith(word.upper(), autoescape=True),
        ]
    return or_(*hits)


def _holds(on: date) -> ColumnElement[bool]:
    return and_(
        or_(OrganisationParentRow.from_on.is_(None), OrganisationParentRow.from_on <= on),
        or_(OrganisationParentRow.to_on.is_(None), OrganisationParentRow.to_on >= on),
    )


async def _names_of(session: Session, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    names: dict[UUID, list[str]] = defaultdict(list)
    rows = await session.execute(
        select(OrganisationNameRow.organisation_id, OrganisationNameRow.name)
        .where(OrganisationNameRow.organisation_id.in_(ids))
        .order_by(OrganisationNameRow.kind, OrganisationNameRow.name)
    )
    for organisation_id, name in rows:
        names[organisation_id].append(name)
    return {organisation_id: tuple(held) for organisation_id, held in names.items()}


async def _parents_on(session: Session, ids: Collection[UUID], *, on: date) -> dict[UUID, str]:
    rows = await session.execute(
        select(OrganisationParentRow.organisation_id, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == OrganisationParentRow.parent_id)
        .where(OrganisationParentRow.organisation_id.in_(ids), _holds(on))
        .order_by(OrganisationParentRow.id)
    )
    return dict(rows.tuples().all())


async def _experts_at(session: Session, ids: Collection[UUID], *, on: date) -> dict[UUID, int]:
    rows = await session.execute(
        select(EmploymentRow.organisation_id, func.count(func.distinct(ExpertRow.id)))
        .join(ExpertRow, ExpertRow.person_id == EmploymentRow.person_id)
        .where(
            EmploymentRow.organisation_id.in_(ids),
            or_(EmploymentRow.from_on.is_(None), EmploymentRow.from_on <= on),
            or_(EmploymentRow.to_on.is_(None), EmploymentRow.to_on >= on),
        )
        .group_by(EmploymentRow.organisation_id)
    )
    return dict(rows.tuples().all())


async def _other_names(session: Session, organisation_id: UUID) -> tuple[OtherNameView, ...]:
    rows = await session.scalars(
        select(OrganisationNameRow)
        .where(OrganisationNameRow.organisation_id == organisation_id)
        .order_by(OrganisationNameRow.kind, OrganisationNameRow.to_on.desc(), OrganisationNameRow.name)
    )
    return tuple(OtherNameView(row.id, row.name, row.kind, row.from_on, row.to_on) for row in rows)


async def _ties(session: Session, shown: Any, held: Any, organisation_id: UUID) -> list[ParentView]:
    rows = await session.execute(
        select(OrganisationParentRow, OrganisationRow.id, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == shown)
        .where(held == organisation_id)
    )
    return [ParentView(row.id, other_id, name, row.from_on, row.to_on) for row, other_id, name in rows]


async def _chain(session: Session, organisation_id: UUID, *, on: date) -> tuple[ParentView, ...]:
    chain: list[ParentView] = []
    seen = {organisation_id}
    current = organisation_id
    while len(chain) < _MOST_LEVELS:
        ties = await _ties(session, OrganisationParentRow.parent_id, OrganisationParentRow.organisation_id, current)
        upper = next((tie for tie in ties if tie.holds(on) and tie.organisation_id not in seen), None)
        if upper is None:
            break
        chain.append(upper)
        seen.add(upper.organisation_id)
        current = upper.organisation_id
    return tuple(chain)


async def _people(
    session: Session, viewer: Viewer, organisation_id: UUID, *, on: date
) -> tuple[tuple[PersonThere, ...], int]:
    if not may(viewer, "expert:list"):
        return (), 0
    there = EmploymentRow.organisation_id == organisation_id
    total = await session.scalar(
        select(func.count())
        .select_from(EmploymentRow)
        .join(ExpertRow, ExpertRow.person_id == EmploymentRow.person_id)
        .where(there)
    )
    gone = and_(EmploymentRow.to_on.is_not(None), EmploymentRow.to_on < on)
    rows = await session.execute(
        select(ExpertRow.id, ExpertRow.number, PersonRow.name, EmploymentRow)
        .join(PersonRow, PersonRow.id == EmploymentRow.person_id)
        .join(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(there)
        .order_by(gone, PersonRow.pinyin, ExpertRow.number, EmploymentRow.id)
        .limit(_MOST_SHOWN)
    )
    people = tuple(
        PersonThere(expert_id, number, name, work.post, work.kind == "main", work.from_on, work.to_on)
        for expert_id, number, name, work in rows
    )
    return people, total or 0


async def _matters(session: Session, viewer: Viewer, organisation_id: UUID) -> tuple[tuple[MatterThere, ...], int]:
    party = (
        select(MatterPartyRow.role)
        .where(MatterPartyRow.matter_id == MatterRow.id, MatterPartyRow.organisation_id == organisation_id)
        .order_by(MatterPartyRow.role)
        .limit(1)
        .correlate(MatterRow)
        .scalar_subquery()
    )
    touched = and_(
        visible_to(viewer),
        or_(
            MatterRow.unit_id == organisation_id,
            exists().where(MatterPartyRow.matter_id == MatterRow.id, MatterPartyRow.organisation_id == organisation_id),
        ),
    )
    total = await session.scalar(select(func.count()).select_from(MatterRow).where(touched)) or 0
    rows = await session.execute(
        select(MatterRow, party)
        .where(touched)
        .order_by(MatterRow.opened_on.desc(), MatterRow.number.desc())
        .limit(_MOST_MATTERS)
    )
    matters = tuple(
        MatterThere(
            row.id,
            row.number,
            row.title,
            row.state,
            "unit" if row.unit_id == organisation_id else role,
            row.opened_on,
        )
        for row, role in rows
    )
    return matters, total
