"""Roster imports: runs, their files and dry runs, and the library as an import compares with it."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from registry import Appointment, ExpertField
from service.keys import Keys
from service.storage.entered_twice import one_of_its_kind
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.roster import RosterFileRow, RosterLineRow, RosterRunRow
from service.storage.session import Session

T = TypeVar("T")
LINES_PER_PAGE: Final = 50
OPEN_STATES: Final = ("checking", "asking", "checked", "confirming")


@dataclass(frozen=True, slots=True)
class RosterRun:
    """One import of a roster.

    Attributes:
        id: the run.
        subject: what is imported, `roster` or `facts`.
        state: `checking`, `asking` (about columns and words), `checked` (the dry run stands), `confirming`,
            `confirmed`, `discarded` or `refused`.
        account_id: who uploaded the file.
        by: that person's name.
        file_name: as uploaded.
        file_sha256: of the file.
        size: bytes of the file.
        basis: code of the basis for holding the personal data.
        basis_text: what was written about it.
        starts_on: first day of the term for rows that state none.
        answers: what people said about columns, words and hints.
        counts: rows by outcome, findings by severity.
        plan_sha256: hash of what confirming would do.
        code: why the file was refused, or what a person should know; empty otherwise.
        facts: parameters of that sentence.
        job_id: the job that works on it.
        created_at: when it was uploaded.
        closed_at: when it was confirmed, discarded or refused.
        version: changes with every act on it.
    """

    id: UUID
    subject: str
    state: str
    account_id: UUID
    by: str
    file_name: str
    file_sha256: str
    size: int
    basis: str
    basis_text: str
    starts_on: date | None
    answers: Mapping[str, Any]
    counts: Mapping[str, int]
    plan_sha256: str
    code: str
    facts: Mapping[str, Any]
    job_id: UUID | None
    created_at: datetime
    closed_at: datetime | None
    version: int

    @property
    def open(self) -> bool:
        """Return whether something can still be done with it."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Line:
    """What the dry run found about one row: its place in the file's order, its outcome, and the rest as JSON."""

    position: int
    outcome: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldOrganisation:
    """An organisation with every name it has or had."""

    id: UUID
    name: str
    other_names: tuple[str, ...]
    credit_code: str


@dataclass(frozen=True, slots=True)
class HeldExpert:
    """An expert as an import compares with one; `phone` is open text and leaves no log."""

    id: UUID
    person_id: UUID
    identity_hash: str
    expert_version: int
    person_version: int
    name: str
    sex: str
    born_on: date | None
    employment_id: UUID | None
    unit_id: UUID | None
    post: str
    title: str
    title_level: str
    fields: tuple[ExpertField, ...]
    phone: str = field(repr=False)
    email: str
    terms: tuple[Appointment, ...]
    source: str
    state: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """The whole library at the moment of one read."""

    experts: tuple[HeldExpert, ...]
    organisations: tuple[HeldOrganisation, ...]


async def insert_run(
    session: Session,
    run_id: UUID,
    *,
    subject: str,
    account_id: UUID,
    file_name: str,
    file_sha256: str,
    size: int,
    sealed: bytes,
    basis: str,
    basis_text: str,
    basis_salt: bytes,
    starts_on: date | None,
    answers: Mapping[str, Any],
    at: datetime,
) -> None:
    """Add a run with its encrypted file; it begins as `checking`."""
    session.add(
        RosterRunRow(
            id=run_id,
            subject=subject,
            state="checking",
            account_id=account_id,
            file_name=file_name,
            file_sha256=file_sha256,
            size=size,
            basis=basis,
            basis_text=basis_text,
            basis_salt=basis_salt,
            starts_on=starts_on,
            answers=dict(answers),
            counts={},
            facts={},
            created_at=at,
        )
    )
    await session.flush()
    session.add(RosterFileRow(run_id=run_id, sealed=sealed))
    await session.flush()


async def load_run(session: Session, run_id: UUID) -> RosterRun | None:
    """Return a run, or None."""
    found = await _runs(session, RosterRunRow.id == run_id, most=1)
    return found[0] if found else None


async def hold_run(session: Session, run_id: UUID) -> RosterRun | None:
    """Return a run for an act on it, or None; who comes second waits for the first."""
    await session.execute(select(RosterRunRow.id).where(RosterRunRow.id == run_id).with_for_update())
    return await load_run(session, run_id)


async def newest_runs(session: Session, subject: str = "roster", *, most: int = 30) -> list[RosterRun]:
    """Return the newest runs of a subject, whoever began them."""
    return await _runs(session, RosterRunRow.subject == subject, most=most)


async def stale_runs(session: Session, subject: str, *, before: datetime) -> list[UUID]:
    """Hold and return the open runs of a subject that began before an instant and wait for a person.

    One that somebody acts on at this moment does not wait and is left out.
    """
    found = await session.scalars(
        select(RosterRunRow.id)
        .where(
            RosterRunRow.subject == subject,
            RosterRunRow.state.in_(("asking", "checked")),
            RosterRunRow.created_at < before,
        )
        .with_for_update(skip_locked=True)
    )
    return list(found)


async def change_run(session: Session, run_id: UUID, *, seen: int | None = None, **values: Any) -> bool:
    """Set columns of a run and raise its version; return False when `seen` is not its version any more."""
    statement = update(RosterRunRow).where(RosterRunRow.id == run_id)
    if seen is not None:
        statement = statement.where(RosterRunRow.version == seen)
    outcome = await session.execute(statement.values(version=RosterRunRow.version + 1, **values))
    return bool(getattr(outcome, "rowcount", 0))


async def forget_file(session: Session, run_id: UUID) -> None:
    """Remove the file and the dry run of a run that is closed."""
    await session.execute(delete(RosterLineRow).where(RosterLineRow.run_id == run_id))
    await session.execute(delete(RosterFileRow).where(RosterFileRow.run_id == run_id))


async def sealed_file(session: Session, run_id: UUID) -> bytes | None:
    """Return the encrypted file of an open run, or None."""
    sealed: bytes | None = await session.scalar(select(RosterFileRow.sealed).where(RosterFileRow.run_id == run_id))
    return sealed


async def questions_of(session: Session, keys: Keys, run_id: UUID) -> Mapping[str, Any]:
    """Return what is asked about columns and words; empty when nothing is."""
    sealed = await session.scalar(select(RosterRunRow.questions_sealed).where(RosterRunRow.id == run_id))
    return json.loads(keys.decrypt(sealed, about=_about(run_id))) if sealed else {}


def seal_json(keys: Keys, run_id: UUID, body: object) -> bytes:
    """Return a value of a run encrypted: dry runs hold names and numbers."""
    return keys.encrypt(json.dumps(body, ensure_ascii=False, separators=(",", ":")), about=_about(run_id))


async def put_lines(session: Session, run_id: UUID, lines: Iterable[tuple[int, str, bytes]]) -> None:
    """Replace the dry run: position, outcome and sealed body of every line."""
    await session.execute(delete(RosterLineRow).where(RosterLineRow.run_id == run_id))
    for chunk in in_chunks(lines, 2_000):
        await session.execute(
            insert(RosterLineRow),
            [{"run_id": run_id, "position": at, "outcome": outcome, "sealed": body} for at, outcome, body in chunk],
        )


async def lines_page(session: Session, keys: Keys, run_id: UUID, outcome: str, page: int) -> tuple[list[Line], int]:
    """Return one page of lines of an outcome, counted from 1, and how many lines there are in all."""
    mine = (RosterLineRow.run_id == run_id, RosterLineRow.outcome == outcome)
    total = await session.scalar(select(func.count()).select_from(RosterLineRow).where(*mine)) or 0
    rows = await session.execute(
        select(RosterLineRow.position, RosterLineRow.sealed)
        .where(*mine)
        .order_by(RosterLineRow.position)
        .offset((page - 1) * LINES_PER_PAGE)
        .limit(LINES_PER_PAGE)
    )
    about = _about(run_id)
    return [Line(at, outcome, json.loads(keys.decrypt(sealed, about=about))) for at, sealed in rows], total


async def holdings(session: Session, keys: Keys, *, on: date) -> Holdings:
    """Return the whole library as an import compares with it; a handful of queries, whatever its size.

    Args:
        session: where to read.
        keys: open the telephone numbers.
        on: the day whose main employments count.
    """
    fields: dict[UUID, list[ExpertField]] = defaultdict(list)
    for expert_id, code, main in await session.execute(
        select(ExpertFieldRow.expert_id, ExpertFieldRow.code, ExpertFieldRow.main)
    ):
        fields[expert_id].append(ExpertField(code, main))
    terms: dict[UUID, list[Appointment]] = defaultdict(list)
    for expert_id, *term in await session.execute(
        select(AppointmentRow.expert_id, AppointmentRow.starts_on, AppointmentRow.ends_on, AppointmentRow.letter_number)
    ):
        terms[expert_id].append(Appointment(*term))
    jobs: dict[UUID, tuple[UUID, UUID, str]] = {}
    current = (
        select(EmploymentRow.person_id, EmploymentRow.id, EmploymentRow.organisation_id, EmploymentRow.post)
        .where(EmploymentRow.kind == "main", (EmploymentRow.to_on.is_(None)) | (EmploymentRow.to_on >= on))
        .order_by(EmploymentRow.from_on.nulls_first(), EmploymentRow.id)
    )
    for person_id, employment_id, organisation_id, post in await session.execute(current):
        jobs[person_id] = (employment_id, organisation_id, post)
    experts = []
    for expert, person in await session.execute(
        select(ExpertRow, PersonRow).join(PersonRow, PersonRow.id == ExpertRow.person_id).order_by(ExpertRow.id)
    ):
        employment_id, unit_id, post = jobs.get(person.id, (None, None, ""))
        experts.append(
            HeldExpert(
                id=expert.id,
                person_id=person.id,
                identity_hash=person.identity_hash or "",
                expert_version=expert.version,
                person_version=person.version,
                name=person.name,
                sex=person.sex,
                born_on=person.born_on,
                employment_id=employment_id,
                unit_id=unit_id,
                post=post,
                title=expert.title,
                title_level=expert.title_level,
                fields=tuple(fields.get(expert.id, ())),
                phone=keys.decrypt(person.phone_sealed, about=phone_place(person.id)) if person.phone_sealed else "",
                email=person.email,
                terms=tuple(sorted(terms.get(expert.id, ()))),
                source=expert.source,
                state=expert.state,
            )
        )
    return Holdings(tuple(experts), await _organisations(session))


async def versions_now(session: Session, expert_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return the versions of experts and their persons, in batches."""
    found: dict[UUID, tuple[int, int]] = {}
    for chunk in in_chunks(expert_ids, 500):
        rows = await session.execute(
            select(ExpertRow.id, ExpertRow.version, PersonRow.version)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(ExpertRow.id.in_(chunk))
        )
        found.update({expert_id: (version, person) for expert_id, version, person in rows})
    return found


async def persons_by_hash(session: Session, hashes: Sequence[str]) -> dict[str, tuple[UUID, bool]]:
    """Return who is known under identity hashes: hash -> person, and whether the person is an expert already."""
    found: dict[str, tuple[UUID, bool]] = {}
    for chunk in in_chunks(hashes, 500):
        rows = await session.execute(
            select(PersonRow.identity_hash, PersonRow.id, ExpertRow.id)
            .outerjoin(ExpertRow, ExpertRow.person_id == PersonRow.id)
            .where(PersonRow.identity_hash.in_(chunk))
        )
        found.update({known: (person_id, expert_id is not None) for known, person_id, expert_id in rows if known})
    return found


async def organisations_known(session: Session, names: Sequence[str], codes: Sequence[str]) -> bool:
    """Return whether an organisation bears one of the names or credit codes."""
    for column, wanted in ((OrganisationRow.name, names), (OrganisationRow.credit_code, codes)):
        for chunk in in_chunks(wanted, 500):
            if await session.scalar(select(OrganisationRow.id).where(column.in_(chunk)).limit(1)) is not None:
                return True
    return False


def in_chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`, so that no statement has more parameters than a database takes."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def identity_place(person_id: UUID) -> str:
    """Return the `about` under which a person's identity number is encrypted."""
    return f"person:{person_id}:identity"


def phone_place(person_id: UUID) -> str:
    """Return the `about` under which a person's telephone number is encrypted."""
    return f"person:{person_id}:phone"


def _about(run_id: UUID) -> str:
    return f"roster:{run_id}"


async def _organisations(session: Session) -> tuple[HeldOrganisation, ...]:
    names: dict[UUID, list[str]] = defaultdict(list)
    for organisation_id, name in await session.execute(
        select(OrganisationNameRow.organisation_id, OrganisationNameRow.name)
    ):
        names[organisation_id].append(name)
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name, OrganisationRow.credit_code).where(one_of_its_kind())
    )
    return tuple(
        HeldOrganisation(organisation_id, name, tuple(names.get(organisation_id, ())), code or "")
        for organisation_id, name, code in rows
    )


async def _runs(session: Session, *conditions: Any, most: int) -> list[RosterRun]:
    rows = await session.execute(
        select(RosterRunRow, PersonRow.name)
        .join(AccountRow, AccountRow.id == RosterRunRow.account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(*conditions)
        .order_by(RosterRunRow.created_at.desc(), RosterRunRow.id.desc())
        .limit(most)
        .execution_options(populate_existing=True)
    )
    return [
        RosterRun(
            id=row.id,
            subject=row.subject,
            state=row.state,
            account_id=row.account_id,
            by=name,
            file_name=row.file_name,
            file_sha256=row.file_sha256,
            size=row.size,
            basis=row.basis,
            basis_text=row.basis_text,
            starts_on=row.starts_on,
            answers=row.answers,
            counts=row.counts,
            plan_sha256=row.plan_sha256,
            code=row.code,
            facts=row.facts,
            job_id=row.job_id,
            created_at=row.created_at,
            closed_at=row.closed_at,
            version=row.version,
        )
        for row, name in rows
    ]
