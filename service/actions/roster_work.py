"""The long parts of an import: read and compare a file, and carry a dry run out.

Each has three parts, so that no transaction is held across them: prepare (reads), the pure work (in a thread), settle
(writes, and refuses when the library moved in between). Jobs and the command line put them together.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from registry import Identity, State, Terms, comparable
from service.actions.act import Act
from service.actions.roster import file_place
from service.exchange import (
    Answers,
    Change,
    Column,
    Compared,
    Decision,
    FileRefused,
    Finding,
    Grid,
    KnownExpert,
    KnownOrganisation,
    Library,
    Outcome,
    Roster,
    compare,
    marked_workbook,
    read_file,
    read_roster,
    row_key,
)
from service.exchange.wording import say_finding
from service.ids import new_id
from service.keys import Keys
from service.locales import gettext
from service.pinyin import pinyin_of
from service.problems import NotFound
from service.storage.intake import (
    NewEmployment,
    NewExpert,
    NewOrganisation,
    NewTerm,
    insert_experts,
    insert_organisations,
)
from service.storage.roster import (
    HeldExpert,
    Holdings,
    RosterRun,
    change_run,
    forget_file,
    holdings,
    load_run,
    persons_by_hash,
    put_lines,
    seal_json,
    sealed_file,
    versions_now,
)
from service.storage.roster_writing import (
    ExpertChange,
    change_experts,
    insert_experts_of_known_persons,
    next_expert_numbers,
)
from service.storage.session import Session

Tell = Callable[[int, int], None]
"""Told how much is done and how much there is to do."""
_READING_SHARE: Final = 20
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the pure work needs: the run, its file, the library, the numbers of the edition."""

    run: RosterRun
    sealed: bytes = field(repr=False)
    held: Holdings
    terms: Terms
    keys: Keys


@dataclass(frozen=True, slots=True)
class DryRun:
    """What reading and comparing found; nothing is written yet.

    Attributes:
        roster: the file.
        compared: its rows against the library; empty while questions are open.
        asks: whether people should say what columns or words mean first.
        refused: why the file is not read at all, or None.
        plan_sha256: hash of everything that confirming would do.
    """

    roster: Roster | None = None
    compared: tuple[Compared, ...] = ()
    asks: bool = False
    refused: FileRefused | None = None
    plan_sha256: str = ""


async def prepare(session: Session, run_id: UUID, *, keys: Keys, terms: Terms, on: date) -> Prepared:
    """Read what the work needs.

    Raises:
        NotFound: when the run or its file is gone.
    """
    run = await load_run(session, run_id)
    sealed = await sealed_file(session, run_id)
    if run is None or sealed is None:
        raise NotFound(subject="roster", id=str(run_id))
    return Prepared(run, sealed, await holdings(session, keys, on=on), terms, keys)


def open_grids(prepared: Prepared) -> tuple[Grid, ...]:
    """Return the sheets of a run's file; blocks while a child process reads it.

    Raises:
        FileRefused: with the reason.
    """
    content = base64.b64decode(prepared.keys.decrypt(prepared.sealed, about=file_place(prepared.run.id)))
    return read_file(content)


def dry_run(prepared: Prepared, *, tell: Tell) -> DryRun:
    """Read the file and compare it with the library; pure apart from the child process, belongs in a thread."""
    try:
        grids = open_grids(prepared)
    except FileRefused as refused:
        return DryRun(refused=refused)
    tell(_READING_SHARE, _WHOLE)
    answers = prepared.run.answers
    roster = read_roster(
        grids,
        terms=prepared.terms,
        answers=Answers(
            columns={key: Column(held) if held else None for key, held in answers.get("columns", {}).items()},
            words=answers.get("words", {}),
            starts_on=prepared.run.starts_on,
        ),
        progress=lambda done, total: tell(_READING_SHARE + 60 * done // max(total, 1), _WHOLE),
    )
    if not roster.has_table:
        return DryRun(roster, refused=FileRefused("FILE_HAS_NO_ROSTER"))
    if (roster.open_columns or roster.open_words) and not answers.get("answered"):
        return DryRun(roster, asks=True)
    decisions = {key: Decision(said) for key, said in answers.get("hints", {}).items()}
    compared = compare(roster.rows, library_of(prepared.held), key_of=_key_of(prepared.keys), decisions=decisions)
    tell(90, _WHOLE)
    return DryRun(roster, compared, plan_sha256=plan_hash(compared))


async def settle_dry_run(act: Act, prepared: Prepared, found: DryRun) -> None:
    """Store what the dry run found, unless somebody acted on the run in between; then their act stands."""
    run_id, keys = prepared.run.id, act.keys
    values: dict[str, Any] = {
        "counts": {},
        "plan_sha256": found.plan_sha256,
        "code": "",
        "facts": {},
        "questions_sealed": None,
    }
    lines: list[tuple[int, str, bytes]] = []
    if found.refused is not None:
        values |= {
            "state": "refused",
            "code": found.refused.code,
            "facts": dict(found.refused.facts),
            "closed_at": act.at,
        }
        act.record("roster.refused", stream=f"roster:{run_id}", body={"code": found.refused.code})
    elif found.roster is not None:
        if found.roster.open_columns or found.roster.open_words:
            values["questions_sealed"] = seal_json(keys, run_id, questions(found.roster))
        values["state"] = "asking" if found.asks else "checked"
        if not found.asks:
            values["counts"] = counts(found)
            lines = [
                (position, outcome, seal_json(keys, run_id, body))
                for position, (outcome, body) in enumerate(_lines(found), start=1)
            ]
    if not await change_run(act.session, run_id, seen=prepared.run.version, **values):
        return
    if found.refused is not None:
        await forget_file(act.session, run_id)
    elif not found.asks:
        await put_lines(act.session, run_id, lines)


async def settle_import(act: Act, prepared: Prepared, found: DryRun) -> bool:
    """Write what the dry run promised, in this unit of work, and close the run; return whether it was written.

    When the library moved, so that a row would now do something else than what was shown, nothing is written: the new
    dry run is stored, and the person looks again.
    """
    act.require("roster:import")
    run = await load_run(act.session, prepared.run.id)
    if run is None or run.state != "confirming":
        return False
    if found.plan_sha256 != run.plan_sha256 or await _moved(act.session, prepared, found):
        moved = Prepared(run, prepared.sealed, prepared.held, prepared.terms, prepared.keys)
        await settle_dry_run(act, moved, found)
        await change_run(act.session, run.id, state="checked", code="ROSTER_LIBRARY_MOVED")
        return False
    organisations = await _add_organisations(act, found)
    added = await _add_experts(act, found, organisations)
    changed = await _change_experts(act, prepared, found, organisations)
    await forget_file(act.session, run.id)
    await change_run(
        act.session, run.id, state="confirmed", closed_at=act.at, code="", questions_sealed=None, job_id=None
    )
    act.record(
        "roster.confirmed",
        stream=f"roster:{run.id}",
        body={
            "plan_sha256": run.plan_sha256,
            "file_sha256": run.file_sha256,
            "basis": run.basis,
            "added": added,
            "changed": changed,
            "organisations": len(organisations),
        },
        cites=("A24", "A26"),
        edition=act.edition.id,
    )
    return True


def library_of(held: Holdings) -> Library:
    """Return the library in the form in which rosters are compared with it."""
    return Library(
        tuple(
            KnownExpert(
                id=str(expert.id),
                person_key=expert.identity_hash,
                version=f"{expert.expert_version}.{expert.person_version}",
                name=expert.name,
                sex=expert.sex,
                born_on=expert.born_on,
                unit_id=str(expert.unit_id) if expert.unit_id else "",
                post=expert.post,
                title=expert.title,
                title_level=expert.title_level or "none",
                fields=expert.fields,
                phone=expert.phone,
                email=expert.email,
                terms=expert.terms,
                source=expert.source,
                state=State(expert.state),
            )
            for expert in held.experts
        ),
        tuple(
            KnownOrganisation(str(known.id), known.name, known.other_names, known.credit_code)
            for known in held.organisations
        ),
    )


def plan_hash(compared: tuple[Compared, ...]) -> str:
    """Return the hash of what confirming would do: every row with its outcome and the version it was compared with."""
    plan = [
        [
            row_key(one.row),
            one.outcome,
            one.expert_id,
            one.version,
            one.unit_id,
            [change.column for change in one.changes],
        ]
        for one in compared
    ]
    return hashlib.sha256(json.dumps(plan, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def counts(found: DryRun) -> dict[str, int]:
    """Return how many rows have each outcome, and how many warnings there are."""
    result = Counter(one.outcome.value for one in found.compared)
    warned = sum(any(finding.severity.value == "warning" for finding in one.row.findings) for one in found.compared)
    sheet = sum(len(one.findings) for one in found.roster.sheets) if found.roster else 0
    return {**{outcome.value: result[outcome.value] for outcome in Outcome}, "warned": warned, "sheet": sheet}


def questions(roster: Roster) -> dict[str, Any]:
    """Return what people are asked, as JSON."""
    return {
        "columns": [
            {
                "key": column.key,
                "sheet": column.sheet,
                "letters": column.letters,
                "heading": column.heading,
                "samples": list(column.samples),
                "guess": column.guess.value if column.guess else "",
            }
            for column in roster.open_columns
        ],
        "words": [
            {
                "key": comparable(word.text),
                "text": word.text,
                "count": word.count,
                "suggestions": list(word.suggestions),
            }
            for word in roster.open_words
        ],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "facts": {name: list(fact) if isinstance(fact, tuple) else fact for name, fact in finding.facts.items()},
    }


def _lines(found: DryRun) -> list[tuple[str, dict[str, Any]]]:
    lines = []
    for one in found.compared:
        row = one.row
        lines.append(
            (
                one.outcome.value,
                {
                    "key": row_key(row),
                    "sheet": row.sheet,
                    "row": row.number,
                    "name": row.name,
                    "identity": row.identity.masked if row.identity else "",
                    "unit": row.unit,
                    "title": row.title,
                    "fields": [held.code for held in row.fields],
                    "term": [row.term.starts_on.isoformat(), row.term.ends_on.isoformat()] if row.term else [],
                    "expert_id": one.expert_id,
                    "changes": [_change_json(change) for change in one.changes],
                    "findings": [finding_json(finding) for finding in row.findings],
                    "hints": [
                        {
                            "expert_id": hint.expert_id,
                            "cell": hint.cell,
                            "same_unit": hint.same_unit,
                            "identified": hint.identified,
                        }
                        for hint in one.hints
                    ],
                },
            )
        )
    if found.roster:
        lines += [("sheet", finding_json(finding)) for sheet in found.roster.sheets for finding in sheet.findings]
    return lines


def _change_json(change: Change) -> dict[str, str]:
    return {"column": change.column.value, "before": change.before, "after": change.after}


def _key_of(keys: Keys) -> Callable[[Identity], str]:
    return lambda identity: keys.identity_hash(identity.kind.value, identity.number)


async def _moved(session: Session, prepared: Prepared, found: DryRun) -> bool:
    """Return whether somebody wrote between the reading and this transaction what the plan stands on."""
    held = {str(expert.id): expert for expert in prepared.held.experts}
    touched = [held[one.expert_id] for one in found.compared if one.outcome is Outcome.CHANGED]
    now = await versions_now(session, [expert.id for expert in touched])
    if any(now.get(expert.id) != (expert.expert_version, expert.person_version) for expert in touched):
        return True
    key_of = _key_of(prepared.keys)
    fresh = [key_of(one.row.identity) for one in found.compared if one.outcome is Outcome.NEW and one.row.identity]
    known = await persons_by_hash(session, fresh)
    return any(is_expert for _, is_expert in known.values())


async def _add_organisations(act: Act, found: DryRun) -> dict[str, UUID]:
    """Write the units that the library does not know; return comparable name -> id."""
    ids: dict[str, UUID] = {}
    rows: dict[str, NewOrganisation] = {}
    for one in found.compared:
        row = one.row
        if one.unit_id or not row.unit or one.outcome not in (Outcome.NEW, Outcome.CHANGED):
            continue
        key = comparable(row.unit)
        if key not in ids:
            ids[key] = new_id()
            rows[key] = NewOrganisation(ids[key], row.unit, pinyin_of(row.unit), row.credit_code or None, "other", "")
    await insert_organisations(act.session, list(rows.values()), at=act.at)
    for organisation in rows.values():
        act.record(
            "organisation.added", stream=f"organisation:{organisation.id}", body={"kind": "other", "source": "roster"}
        )
    return ids


async def _add_experts(act: Act, found: DryRun, organisations: Mapping[str, UUID]) -> int:
    fresh = [one for one in found.compared if one.outcome is Outcome.NEW]
    numbers = await next_expert_numbers(act.session, len(fresh))
    entries = [_new_expert(act, one, number, organisations) for one, number in zip(fresh, numbers, strict=True)]
    hashes = [entry.identity_hash for entry in entries if entry.identity_hash]
    known = {digest: person_id for digest, (person_id, _) in (await persons_by_hash(act.session, hashes)).items()}
    strangers = [entry for entry in entries if entry.identity_hash not in known]
    others = [replace(e, person_id=known[e.identity_hash]) for e in entries if e.identity_hash in known]
    await insert_experts(act.session, strangers, at=act.at)
    await insert_experts_of_known_persons(act.session, others, at=act.at)
    for entry in (*strangers, *others):
        act.record(
            "expert.added",
            stream=f"expert:{entry.id}",
            body={
                "person": str(entry.person_id),
                "identified": entry.identity_hash is not None,
                "source": entry.source,
                "fields": [held.code for held in entry.fields],
                "terms": [[term.starts_on.isoformat(), term.ends_on.isoformat()] for term in entry.terms],
            },
            cites=("A24",),
            edition=act.edition.id,
        )
    return len(entries)


def _new_expert(act: Act, one: Compared, number: str, organisations: Mapping[str, UUID]) -> NewExpert:
    row, person_id, keys = one.row, new_id(), act.keys
    unit_id = UUID(one.unit_id) if one.unit_id else organisations.get(comparable(row.unit))
    identity, phone = row.identity, row.phone
    return NewExpert(
        id=new_id(),
        person_id=person_id,
        number=number,
        name=row.name,
        pinyin=pinyin_of(row.name),
        identity_kind=identity.kind.value if identity else "",
        identity_hash=keys.identity_hash(identity.kind.value, identity.number) if identity else None,
        identity_sealed=keys.encrypt(identity.number, about=f"person:{person_id}:identity") if identity else None,
        identity_masked=identity.masked if identity else "",
        sex=row.sex,
        born_on=row.born_on,
        phone_sealed=keys.encrypt(phone.number, about=f"person:{person_id}:phone") if phone else None,
        phone_masked=phone.masked if phone else "",
        email=row.email,
        title=row.title,
        title_level=row.title_level.value,
        source=row.source,
        fields=row.fields,
        terms=(NewTerm(row.term.starts_on, row.term.ends_on, row.term.letter_number),) if row.term else (),
        employments=(NewEmployment(unit_id, True, row.post, None, None),) if unit_id else (),
    )


async def _change_experts(act: Act, prepared: Prepared, found: DryRun, organisations: Mapping[str, UUID]) -> int:
    held = {str(expert.id): expert for expert in prepared.held.experts}
    changes = [
        _change_of(act, held[one.expert_id], one, organisations)
        for one in found.compared
        if one.outcome is Outcome.CHANGED
    ]
    await change_experts(act.session, changes, at=act.at)
    for change in changes:
        act.record(
            "expert.changed",
            stream=f"expert:{change.expert_id}",
            body={"columns": sorted(change.columns), "source": "roster"},
            cites=("A26",) if "term" in change.columns else (),
            edition=act.edition.id,
        )
    return len(changes)


def _change_of(act: Act, held: HeldExpert, one: Compared, organisations: Mapping[str, UUID]) -> ExpertChange:
    row, columns = one.row, {change.column for change in one.changes}
    person: dict[str, Any] = {}
    expert: dict[str, Any] = {}
    if Column.NAME in columns:
        person |= {"name": row.name, "pinyin": pinyin_of(row.name)}
    if Column.SEX in columns:
        person["sex"] = row.sex
    if Column.BORN_ON in columns:
        person["born_on"] = row.born_on
    if Column.EMAIL in columns:
        person["email"] = row.email
    if Column.PHONE in columns and row.phone:
        person["phone_sealed"] = act.keys.encrypt(row.phone.number, about=f"person:{held.person_id}:phone")
        person["phone_masked"] = row.phone.masked
    if Column.IDENTITY in columns and (identity := row.identity):
        person |= {
            "identity_kind": identity.kind.value,
            "identity_hash": act.keys.identity_hash(identity.kind.value, identity.number),
            "identity_sealed": act.keys.encrypt(identity.number, about=f"person:{held.person_id}:identity"),
            "identity_masked": identity.masked,
        }
    if columns & {Column.TITLE, Column.TITLE_LEVEL}:
        expert |= {"title": row.title, "title_level": row.title_level.value}
    if Column.SOURCE in columns:
        expert["source"] = row.source
    unit_id = UUID(one.unit_id) if one.unit_id else organisations.get(comparable(row.unit))
    moved = Column.UNIT in columns and unit_id is not None
    return ExpertChange(
        expert_id=held.id,
        person_id=held.person_id,
        columns=frozenset(column.value for column in columns),
        person=person,
        expert=expert,
        fields=row.fields if Column.FIELDS in columns else None,
        term=row.term if Column.TERM in columns else None,
        employment_id=held.employment_id,
        ends_on=act.on - timedelta(days=1) if moved else None,
        new_unit_id=unit_id if moved else None,
        starts_on=act.on,
        post=row.post if moved or Column.POST in columns else None,
    )


def errors_workbook(prepared: Prepared, found: DryRun) -> bytes:
    """Return the rows with errors as a marked workbook with the same cells; pure, belongs in a thread."""
    roster = found.roster
    sheets = roster.sheets if roster else ()
    return marked_workbook(
        open_grids(prepared),
        [one.row for one in found.compared if one.outcome is Outcome.ERROR],
        {sheet.name: range(sheet.layout.heading_row, sheet.layout.first_row) for sheet in sheets if sheet.layout},
        say=lambda finding: say_finding(finding.code, finding.facts),
        column_title=gettext("问题说明"),
    )
