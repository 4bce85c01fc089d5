"""Matters as people see them: the list, one matter, its history. What a viewer may not know is left out in SQL."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, text, true, update
from sqlalchemy.orm import aliased

from service import ledger
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow, MatterTextRow, PanelRow
from service.storage.session import Session
from service.storage.staff_bars import barred
from workflow import Need, decode_need

STATES: Final = ("opened", "need-set", "proposed", "determined", "suspended", "cancelled")
RUNNING: Final = ("opened", "need-set", "proposed", "suspended")
PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PartyView:
    """Somebody whose interests a matter touches; `kind` is `organisation` or `person`."""

    id: UUID
    kind: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter in the list.

    Attributes:
        id: the matter.
        number: such as `2026-014`.
        title: as typed.
        unit_id: the undertaking unit.
        unit_name: its present name.
        state: one of `STATES`.
        step: id of the last step that is done.
        flags: the flags that count.
        flags_confirmed: whether the center has confirmed them.
        size: members asked for, None before there is a need.
        opened_on: first day.
        determined_on: day of the panel in force, None before.
        recorded: whether it was entered afterwards, from before the regulation.
    """

    id: UUID
    number: str
    title: str
    unit_id: UUID
    unit_name: str
    state: str
    step: str
    flags: tuple[str, ...]
    flags_confirmed: bool
    size: int | None
    opened_on: date
    determined_on: date | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class MatterList:
    """One page of the list, with counts by state over all that the search found in any state."""

    lines: tuple[MatterLine, ...]
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MatterView:
    """One matter.

    Attributes:
        id, number, title, unit_id, unit_name, state, step, opened_on, closed_on, edition: as in the list.
        flags_proposed: the unit's flags.
        flags_confirmed: the center's, None before.
        need: None before it is set.
        unit_clerk: who looks after it at the unit, empty when nobody does.
        center_clerk: who does at the center.
        parties: in the order of their names.
        version: its last stream_seq.
    """

    id: UUID
    number: str
    title: str
    unit_id: UUID
    unit_name: str
    state: str
    step: str
    flags_proposed: tuple[str, ...]
    flags_confirmed: tuple[str, ...] | None
    need: Need | None
    unit_clerk: str
    center_clerk: str
    parties: tuple[PartyView, ...]
    opened_on: date
    closed_on: date | None
    edition: str
    version: int

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that count: the center's once it has confirmed."""
        return self.flags_proposed if self.flags_confirmed is None else self.flags_confirmed

    @property
    def recorded(self) -> bool:
        """Whether it was entered afterwards, from before the regulation."""
        return not self.edition


@dataclass(frozen=True, slots=True)
class PastNeed:
    """A matter whose need can be copied."""

    id: UUID
    number: str
    title: str
    need: Need
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One event of a matter's life.

    Attributes:
        seq: place in the matter's stream, from 1.
        type: `subject.past_participle`.
        at: when.
        who: name of the person who acted.
        role: in which role.
        step: step it belongs to.
        cites: articles behind it.
        body: what the ledger holds.
        reason: the free text beside it, empty when there is none or it has been erased.
    """

    seq: int
    type: str
    at: datetime
    who: str
    role: str
    step: str
    cites: tuple[str, ...]
    body: Mapping[str, Any]
    reason: str


async def relations_to(session: Session, viewer: Viewer, matter_id: UUID) -> frozenset[str]:
    """Return how a viewer stands to a matter: `same-unit`, `assigned`, `conflicted`; empty when there is none."""
    row = await session.get(MatterRow, matter_id)
    if row is None:
        return frozenset()
    relations = set()
    if viewer.unit_id is not None and await session.scalar(
        select(MatterRow.id).where(MatterRow.id == matter_id, of_unit(viewer.unit_id))
    ):
        relations.add("same-unit")
    if viewer.account_id in (row.unit_clerk_id, row.center_clerk_id):
        relations.add("assigned")
    if await session.scalar(select(MatterRow.id).where(MatterRow.id == matter_id, barred(viewer, MatterRow.id))):
        relations.add("conflicted")
    return frozenset(relations)


async def load_matter(session: Session, viewer: Viewer, matter_id: UUID) -> MatterView:
    """Return a matter.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    unit_clerk, center_clerk = aliased(AccountRow), aliased(AccountRow)
    unit_person, center_person = aliased(PersonRow), aliased(PersonRow)
    found = (
        await session.execute(
            select(MatterRow, OrganisationRow.name, unit_person.name, center_person.name)
            .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
            .outerjoin(unit_clerk, unit_clerk.id == MatterRow.unit_clerk_id)
            .outerjoin(unit_person, unit_person.id == unit_clerk.person_id)
            .outerjoin(center_clerk, center_clerk.id == MatterRow.center_clerk_id)
            .outerjoin(center_person, center_person.id == center_clerk.person_id)
            .where(MatterRow.id == matter_id, visible_to(viewer))
        )
    ).first()
    if found is None:
        raise NotFound(subject="matter")
    row, unit_name, unit_clerk_name, center_clerk_name = found
    return MatterView(
        id=row.id,
        number=row.number,
        title=row.title,
        unit_id=row.unit_id,
        unit_name=unit_name,
        state=row.state,
        step=row.step,
        flags_proposed=tuple(row.flags_proposed),
        flags_confirmed=None if row.flags_confirmed is None else tuple(row.flags_confirmed),
        need=decode_need(row.need) if row.need else None,
        unit_clerk=unit_clerk_name or "",
        center_clerk=center_clerk_name or "",
        parties=await parties_of(session, matter_id),
        opened_on=row.opened_on,
        closed_on=row.closed_on,
        edition=row.edition,
        version=row.version,
    )


async def list_matters(
    session: Session,
    viewer: Viewer,
    *,
    words: str = "",
    states: Sequence[str] = (),
    unit_id: UUID | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> MatterList:
    """Return a page of the matters that the viewer may see, newest first.

    Args:
        session: a reading session.
        viewer: who looks.
        words: every word must stand in the title, its pinyin or the number.
        states: none means all.
        unit_id: one undertaking unit only.
        page: from 1.
        per_page: lines on a page.
    """
    found = [visible_to(viewer), *_has_words(words)]
    if unit_id is not None:
        found.append(MatterRow.unit_id == unit_id)
    counted = await session.execute(select(MatterRow.state, func.count()).where(*found).group_by(MatterRow.state))
    counts: dict[str, int] = dict(counted.tuples().all())
    wanted = _lines().where(*found)
    if states:
        wanted = wanted.where(MatterRow.state.in_(states))
    rows = await session.execute(
        wanted.order_by(MatterRow.opened_on.desc(), MatterRow.number.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return MatterList(
        lines=tuple(_line(*row) for row in rows),
        total=sum(count for state, count in counts.items() if not states or state in states),
        counts=counts,
    )


async def matter_named(session: Session, viewer: Viewer, text: str) -> UUID:
    """Return the matter that bears a number, or has an id, among those that the viewer may see.

    Raises:
        NotFound: when there is none.
    """
    meant = MatterRow.number == text
    with suppress(ValueError):  # most often it is no id
        meant = or_(meant, MatterRow.id == UUID(text))
    found = await session.scalar(select(MatterRow.id).where(meant, visible_to(viewer)))
    if found is None:
        raise NotFound(subject="matter")
    return found


async def past_needs(session: Session, viewer: Viewer, *, most: int = 100) -> tuple[PastNeed, ...]:
    """Return the newest matters with a need that the viewer may see, to copy from."""
    rows = await session.scalars(
        select(MatterRow)
        .where(visible_to(viewer), MatterRow.edition != "", MatterRow.state != "opened")
        .order_by(MatterRow.opened_on.desc(), MatterRow.number.desc())
        .limit(most)
    )
    return tuple(_past_need(row) for row in rows if row.need)


async def past_need(session: Session, viewer: Viewer, matter_id: UUID) -> PastNeed:
    """Return the need of one matter.

    Raises:
        NotFound: when there is no such matter, it has no need, or the viewer may not know it.
    """
    row = await session.scalar(select(MatterRow).where(MatterRow.id == matter_id, visible_to(viewer)))
    if row is None or not row.need:
        raise NotFound(subject="matter")
    return _past_need(row)


async def history_of(session: Session, matter_id: UUID) -> tuple[HistoryLine, ...]:
    """Return the life of a matter, newest first, with the names and texts that the ledger does not hold.

    Who rated the material is promised not to be told: such entries stay in the ledger alone.
    """
    entries = [one for one in await ledger.stream(session, f"matter:{matter_id}") if one.type != "material.rated"]
    values = [entry.value() for entry in entries]
    people = {UUID(value["actor"]["person"]) for value in values}
    names = dict(
        (await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))).tuples().all()
    )
    texts = dict(
        (
            await session.execute(
                select(MatterTextRow.sha256, MatterTextRow.text).where(MatterTextRow.matter_id == matter_id)
            )
        )
        .tuples()
        .all()
    )
    lines = [
        HistoryLine(
            seq=entry.stream_seq,
            type=entry.type,
            at=entry.at,
            who=names.get(UUID(value["actor"]["person"]), ""),
            role=value["actor"]["role"],
            step=value["step"],
            cites=tuple(value["cites"]),
            body=value["body"],
            reason=texts.get(value["body"].get("reason_sha256", ""), ""),
        )
        for entry, value in zip(entries, values, strict=True)
    ]
    return tuple(reversed(lines))


async def note_clerk(session: Session, matter_id: UUID, viewer: Viewer) -> None:
    """Let the first who acts in a matter for the center, or for its unit, look after it there."""
    if viewer.center:
        column = MatterRow.center_clerk_id
    elif viewer.unit_id is not None:
        column = MatterRow.unit_clerk_id
    else:
        return
    await session.execute(
        update(MatterRow).where(MatterRow.id == matter_id, column.is_(None)).values({column: viewer.account_id})
    )


async def clerks_of(session: Session, matter_id: UUID) -> tuple[UUID, ...]:
    """Return the account that looks after a matter at the center; empty when none does yet."""
    account_id = await session.scalar(select(MatterRow.center_clerk_id).where(MatterRow.id == matter_id))
    return () if account_id is None else (account_id,)


async def next_number(session: Session, *, year: int) -> str:
    """Return the next number of a year, such as `2026-014`; to be called in the unit of work that uses it."""
    if session.get_bind().dialect.name == "postgresql":
        # Two who open matters at once wait for each other; on SQLite the unit of work does that already.
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('matter.number'))"))
    prefix = f"{year}-"
    last = await session.scalar(
        select(MatterRow.number)
        .where(MatterRow.number.startswith(prefix))
        .order_by(func.length(MatterRow.number).desc(), MatterRow.number.desc())
        .limit(1)
    )
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:03d}"


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition under which a matter is there for a viewer.

    The center and the audit see all, a unit its own, nobody a matter in which they have an interest themselves.
    """
    return and_(_open_to(viewer), ~barred(viewer, MatterRow.id))


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    if may(viewer, "matter:see"):
        return true()
    return false() if viewer.unit_id is None else of_unit(viewer.unit_id)


def of_unit(unit_id: UUID) -> ColumnElement[bool]:
    """Return the condition under which a matter is a unit's: its own, or in the files it keeps for one that is no more.

    An open matter passes on to the successor itself; a finished one stays under the name of who finished it.
    """
    kept = aliased(OrganisationRow)
    return or_(
        MatterRow.unit_id == unit_id, exists().where(kept.id == MatterRow.unit_id, kept.files_with_id == unit_id)
    )


def _has_words(words: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            MatterRow.title.contains(word, autoescape=True),
            MatterRow.pinyin.contains(word.lower(), autoescape=True),
            MatterRow.number.contains(word, autoescape=True),
        )
        for word in words.split()
    ]


def _lines() -> Select[tuple[MatterRow, str, date | None]]:
    determined_on = (
        select(func.max(PanelRow.determined_on))
        .where(PanelRow.matter_id == MatterRow.id, PanelRow.state == "determined")
        .scalar_subquery()
    )
    return select(MatterRow, OrganisationRow.name, determined_on).join(
        OrganisationRow, OrganisationRow.id == MatterRow.unit_id
    )


def _line(row: MatterRow, unit_name: str, determined_on: date | None) -> MatterLine:
    confirmed = row.flags_confirmed is not None
    return MatterLine(
        id=row.id,
        number=row.number,
        title=row.title,
        unit_id=row.unit_id,
        unit_name=unit_name,
        state=row.state,
        step=row.step,
        flags=tuple((row.flags_confirmed if confirmed else row.flags_proposed) or ()),
        flags_confirmed=confirmed,
        size=row.need.get("size") if row.need else None,
        opened_on=row.opened_on,
        determined_on=determined_on,
        recorded=not row.edition,
    )


def _past_need(row: MatterRow) -> PastNeed:
    flags = row.flags_proposed if row.flags_confirmed is None else row.flags_confirmed
    return PastNeed(row.id, row.number, row.title, decode_need(row.need), tuple(flags))


async def parties_of(session: Session, matter_id: UUID) -> tuple[PartyView, ...]:
    """Return whose interests a matter touches, in the order of their roles and names."""
    rows = await session.execute(
        select(MatterPartyRow, func.coalesce(OrganisationRow.name, PersonRow.name, ""))
        .outerjoin(OrganisationRow, OrganisationRow.id == MatterPartyRow.organisation_id)
        .outerjoin(PersonRow, PersonRow.id == MatterPartyRow.person_id)
        .where(MatterPartyRow.matter_id == matter_id)
    )
    parties = [
        PartyView(
            id=row.organisation_id or row.person_id,
            kind="organisation" if row.organisation_id else "person",
            name=name,
            role=row.role,
        )
        for row, name in rows
    ]
    return tuple(sorted(parties, key=lambda party: (party.role, party.name, str(party.id))))


async def who_tends(session: Session, matter_id: UUID) -> frozenset[UUID]:
    """Return the persons who look after a matter: the clerks it has, and all of the center while none there has it."""
    of_center = select(AccountRoleRow.account_id).where(AccountRoleRow.role.in_(("center", "center-head")))
    looks_after = or_(
        AccountRow.id.in_((MatterRow.unit_clerk_id, MatterRow.center_clerk_id)),
        and_(MatterRow.center_clerk_id.is_(None), AccountRow.id.in_(of_center)),
    )
    people = select(AccountRow.person_id).join(MatterRow, looks_after)
    return frozenset(await session.scalars(people.where(MatterRow.id == matter_id, AccountRow.state == "active")))
