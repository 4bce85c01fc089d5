"""The list of experts: what is sought, one page of it, and how many stand how. What is sought is said once, here."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, not_, or_, select, true
from sqlalchemy.orm import aliased

from registry import DOMAINS, ExpertField, MonthCount, State, Status, TitleLevel
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.expert_service import served_by, strip_of
from service.storage.organisations import has_words as organisation_has_words
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session

PER_PAGE: Final = 50
SORTS: Final = ("name", "number", "level", "ends")
_LEFT: Final = (State.SUSPENDED, State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF, State.MERGED)
# Fewer letters than this are the beginning of a name's sound; more may stand anywhere in it.
_ANYWHERE_FROM = 4


@dataclass(frozen=True, slots=True)
class Sought:
    """What experts are sought by; everything holds together, empty values do not narrow.

    Attributes:
        words: each must be part of the name, its sound or initials, or begin the number. Personal: never in an address.
        identity_hash: keyed hash of an identity number.
        field: the beginning of a field code, or a local domain.
        unit: words about a present employer.
        status: one of `registry.Status`.
        level: one of `registry.TitleLevel`.
        ending: appointed now, and the last term ends within this many days.
        unidentified: only persons without a checked identity number.
    """

    words: str = ""
    identity_hash: str = ""
    field: str = ""
    unit: str = ""
    status: str = ""
    level: str = ""
    ending: int = 0
    unidentified: bool = False

    @property
    def of_persons(self) -> bool:
        """Whether something of the person is asked, and not of the expert alone."""
        return bool(self.words or self.identity_hash or self.unidentified)


@dataclass(frozen=True, slots=True)
class Work:
    """Present work of an expert; `main` is False for side posts."""

    organisation_id: UUID
    name: str
    post: str
    main: bool


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """An expert in the list.

    Attributes:
        id, number, name, title, title_level: of the expert.
        identified: whether an identity number was checked.
        status: how the expert stands on the day.
        fields: main field first.
        works: present employers, main first.
        ends_on: last day of the last term, None without one.
        months: panels by month, oldest first.
        service: panels that count on the day.
    """

    id: UUID
    number: str
    name: str
    title: str
    title_level: str
    identified: bool
    status: Status
    fields: tuple[ExpertField, ...]
    works: tuple[Work, ...]
    ends_on: date | None
    months: tuple[MonthCount, ...]
    service: int


@dataclass(frozen=True, slots=True)
class ExpertList:
    """One page of experts.

    Attributes:
        lines: in the order asked for.
        total: how many were found.
        counts: how many stand how, over all that was sought apart from the status.
    """

    lines: tuple[ExpertLine, ...]
    total: int
    counts: Mapping[str, int]


async def list_experts(
    session: Session,
    viewer: Viewer,
    sought: Sought,
    *,
    on: date,
    sort: str = "name",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> ExpertList:
    """Return a page of experts, with counts by status.

    Args:
        session: a reading session.
        viewer: who looks; who may not list experts finds nobody.
        sought: what by.
        on: the day on which people stand as they do.
        sort: one of `SORTS`, with a hyphen before it for downwards.
        page: from 1.
        per_page: lines on a page.
    """
    conditions = [_open_to(viewer), *_conditions(sought, on)]
    counts = await _counts(session, conditions, on, of_persons=sought.of_persons)
    conditions.append(_of_status(sought, on))
    # A record that went into another one is found only by asking for such.
    others = sum(count for code, count in counts.items() if code != Status.MERGED)
    total = counts.get(sought.status, 0) if sought.status else others
    lines: tuple[ExpertLine, ...] = ()
    if total > (page - 1) * per_page:
        # First who stands on the page, then what is said about those: the sort carries nothing but ids.
        ids = (
            select(ExpertRow.id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(*conditions)
            .order_by(*_order(sort))
            .limit(per_page)
            .offset((page - 1) * per_page)
        )
        wanted = _lines(on).where(ExpertRow.id.in_(ids)).order_by(*_order(sort))
        lines = await _fill(session, viewer, (await session.execute(wanted)).all(), on)
    return ExpertList(lines, total, counts)


def narrowed(viewer: Viewer, sought: Sought, *, on: date) -> list[ColumnElement[bool]]:
    """Return the conditions on experts and persons under which somebody is found."""
    return [_open_to(viewer), *_conditions(sought, on), _of_status(sought, on)]


async def expert_numbered(session: Session, number: str) -> UUID:
    """Return the expert of a number as typed.

    Raises:
        NotFound: when there is none.
    """
    found: UUID | None = await session.scalar(select(ExpertRow.id).where(ExpertRow.number == number.strip().upper()))
    if found is None:
        raise NotFound(subject="expert")
    return found


def stands(status: str, on: date) -> ColumnElement[bool]:
    """Return the condition under which an expert stands so on a day: `registry.status_of` in SQL.

    Raises:
        ValueError: when it is no status.
    """
    decided = or_(ExpertRow.state_since_on.is_(None), ExpertRow.state_since_on <= on)
    wanted = Status(status)
    if wanted.value in _LEFT:
        return and_(ExpertRow.state == wanted.value, decided)
    in_office = or_(ExpertRow.state == State.ACTIVE.value, not_(decided))
    if wanted is Status.NOT_APPOINTED:
        return and_(in_office, ~_has_term())
    if wanted is Status.APPOINTED:
        return and_(in_office, _has_term(_covers(on)))
    if wanted is Status.LAPSED:
        return and_(in_office, ~_has_term(_covers(on)), _has_term(AppointmentRow.ends_on < on))
    return and_(
        in_office,
        ~_has_term(_covers(on)),
        ~_has_term(AppointmentRow.ends_on < on),
        _has_term(AppointmentRow.starts_on > on),
    )


def has_name(words: str) -> list[ColumnElement[bool]]:
    """Return the conditions under which a person's name, its sound or the expert's number holds every word."""
    return [_named(word) for word in words.split()]


async def fields_of(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, tuple[ExpertField, ...]]:
    """Return the fields of experts, main field first, the others by code."""
    fields: dict[UUID, list[ExpertField]] = defaultdict(list)
    rows = await session.execute(
        select(ExpertFieldRow.expert_id, ExpertFieldRow.code, ExpertFieldRow.main)
        .where(ExpertFieldRow.expert_id.in_(expert_ids))
        .order_by(ExpertFieldRow.main.desc(), ExpertFieldRow.code)
    )
    for expert_id, code, main in rows:
        fields[expert_id].append(ExpertField(code, main))
    return {expert_id: tuple(held) for expert_id, held in fields.items()}


async def works_of(session: Session, person_ids: Collection[UUID], *, on: date) -> Mapping[UUID, tuple[Work, ...]]:
    """Return where persons work on a day, main employer first."""
    works: dict[UUID, list[Work]] = defaultdict(list)
    rows = await session.execute(
        select(
            EmploymentRow.person_id, OrganisationRow.id, OrganisationRow.name, EmploymentRow.post, EmploymentRow.kind
        )
        .join(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
        .where(EmploymentRow.person_id.in_(person_ids), lasts(on))
        .order_by(EmploymentRow.kind, EmploymentRow.from_on.desc(), EmploymentRow.id)
    )
    for person_id, organisation_id, name, post, kind in rows:
        works[person_id].append(Work(organisation_id, name, post, kind == "main"))
    return {person_id: tuple(held) for person_id, held in works.items()}


def lasts(on: date) -> ColumnElement[bool]:
    """Return the condition under which an employment lasts on a day; open ends count as long ago and still."""
    return and_(
        or_(EmploymentRow.from_on.is_(None), EmploymentRow.from_on <= on),
        or_(EmploymentRow.to_on.is_(None), EmploymentRow.to_on >= on),
    )


def in_field(need: str) -> ColumnElement[bool]:
    """Return the condition under which an expert can be sought under a code: `registry.covers` in SQL."""
    if need in DOMAINS:
        codes = or_(ExpertFieldRow.code == need, *(_begins(code) for code in DOMAINS[need].codes))
    else:
        domains = [domain.code for domain in DOMAINS.values() if any(code.startswith(need) for code in domain.codes)]
        codes = or_(_begins(need), ExpertFieldRow.code.in_(domains) if domains else false())
    return ExpertRow.id.in_(select(ExpertFieldRow.expert_id).where(codes))


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    return true() if may(viewer, "expert:list") else false()


def _of_status(sought: Sought, on: date) -> ColumnElement[bool]:
    return stands(sought.status, on) if sought.status else ExpertRow.state != State.MERGED.value


def _led_to(identity_hash: str) -> ColumnElement[bool]:
    """Return whose the number is, and whom it leads to when that record went into another one."""
    gone = aliased(ExpertRow)
    led = select(gone.merged_into).join(PersonRow, PersonRow.id == gone.person_id)
    into = led.where(PersonRow.identity_hash == identity_hash, gone.merged_into.is_not(None)).correlate(None)
    return or_(PersonRow.identity_hash == identity_hash, ExpertRow.id.in_(into))


def _conditions(sought: Sought, on: date) -> list[ColumnElement[bool]]:
    conditions = has_name(sought.words)
    if sought.identity_hash:
        conditions.append(_led_to(sought.identity_hash))
    if sought.field:
        conditions.append(in_field(sought.field))
    if sought.unit:
        there = select(OrganisationRow.id).where(*organisation_has_words(sought.unit))
        conditions.append(
            ExpertRow.person_id.in_(
                select(EmploymentRow.person_id).where(EmploymentRow.organisation_id.in_(there), lasts(on))
            )
        )
    if sought.level:
        conditions.append(ExpertRow.title_level == sought.level)
    if sought.ending:
        conditions += [
            stands(Status.APPOINTED, on),
            ~_has_term(AppointmentRow.ends_on > on + timedelta(days=sought.ending)),
        ]
    if sought.unidentified:
        conditions.append(PersonRow.identity_hash.is_(None))
    return conditions


async def _counts(
    session: Session, conditions: Sequence[ColumnElement[bool]], on: date, *, of_persons: bool
) -> dict[str, int]:
    decided = or_(ExpertRow.state_since_on.is_(None), ExpertRow.state_since_on <= on)
    status = _status(decided, on)
    query = select(status, func.count()).select_from(ExpertRow)
    if of_persons:
        query = query.join(PersonRow, PersonRow.id == ExpertRow.person_id)
    rows = await session.execute(query.where(*conditions).group_by(status))
    return {str(code): number for code, number in rows}


def _status(decided: ColumnElement[bool], on: date) -> ColumnElement[Any]:
    return case(
        (and_(ExpertRow.state != State.ACTIVE.value, decided), ExpertRow.state),
        (_has_term(_covers(on)), literal(Status.APPOINTED.value)),
        (_has_term(AppointmentRow.ends_on < on), literal(Status.LAPSED.value)),
        (_has_term(), literal(Status.NOT_YET.value)),
        else_=literal(Status.NOT_APPOINTED.value),
    )


def _lines(on: date) -> Select[Any]:
    decided = or_(ExpertRow.state_since_on.is_(None), ExpertRow.state_since_on <= on)
    return select(
        ExpertRow.id,
        ExpertRow.person_id,
        ExpertRow.number,
        PersonRow.name,
        ExpertRow.title,
        ExpertRow.title_level,
        PersonRow.identity_hash.is_not(None),
        _status(decided, on),
        _last_day(),
    ).join(PersonRow, PersonRow.id == ExpertRow.person_id)


async def _fill(session: Session, viewer: Viewer, rows: Sequence[Any], on: date) -> tuple[ExpertLine, ...]:
    """Load what belongs to the experts of one page, in three queries however many they are."""
    ids = [row[0] for row in rows]
    fields = await fields_of(session, ids)
    works = await works_of(session, [row[1] for row in rows], on=on)
    served = await served_by(session, viewer, ids, as_of=on)
    lines = []
    for expert_id, person_id, number, name, title, level, identified, status, ends_on in rows:
        months, service = strip_of(served.get(expert_id, ()), as_of=on)
        lines.append(
            ExpertLine(
                id=expert_id,
                number=number,
                name=name,
                title=title,
                title_level=level,
                identified=identified,
                status=Status(status),
                fields=fields.get(expert_id, ()),
                works=works.get(person_id, ()),
                ends_on=ends_on,
                months=months,
                service=service,
            )
        )
    return tuple(lines)


def _order(sort: str) -> list[ColumnElement[Any]]:
    key = sort.removeprefix("-")
    first: list[ColumnElement[Any]] = [PersonRow.pinyin.expression]
    if key == "number":
        first = [func.length(ExpertRow.number)]  # ZJ9999 before ZJ10000
    elif key == "level":
        ranks = {level.value: rank for rank, level in enumerate(TitleLevel)}
        first.insert(0, case(ranks, value=ExpertRow.title_level, else_=len(ranks)))
    elif key == "ends":
        first.insert(0, func.coalesce(_last_day(), date(1, 1, 1)))
    columns = [*first, ExpertRow.number.expression]
    return [column.desc() for column in columns] if sort.startswith("-") else columns


def _last_day() -> ColumnElement[Any]:
    return (
        select(func.max(AppointmentRow.ends_on))
        .where(AppointmentRow.expert_id == ExpertRow.id)
        .correlate(ExpertRow)
        .scalar_subquery()
    )


def _has_term(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(AppointmentRow.expert_id == ExpertRow.id, *conditions).correlate(ExpertRow)


def _covers(on: date) -> ColumnElement[bool]:
    return and_(AppointmentRow.starts_on <= on, AppointmentRow.ends_on >= on)


def _begins(prefix: str) -> ColumnElement[bool]:
    # A range and not LIKE, so that the index serves; codes are digits and capitals.
    return and_(ExpertFieldRow.code >= prefix, ExpertFieldRow.code < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _named(word: str) -> ColumnElement[bool]:
    sound = word.lower()
    hits = [
        PersonRow.name.contains(word, autoescape=True),
        ExpertRow.number.startswith(word.upper(), autoescape=True),
    ]
    if sound.isascii():
        # The column holds the full spelling, a blank, the initials.
        hits += [
            PersonRow.pinyin.startswith(sound, autoescape=True),
            PersonRow.pinyin.contains(f" {sound}", autoescape=True),
        ]
        if len(sound) >= _ANYWHERE_FROM:
            hits.append(PersonRow.pinyin.contains(sound, autoescape=True))
    return or_(*hits)
