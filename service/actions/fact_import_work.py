"""The long work of an import of ties: read a file, compare it with the record, carry a dry run out.

Reading and comparing hold no transaction and run in threads; only `settle_look` and `settle_import` write.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from conflicts import Confidence, Fact, Kind, NodeType, Origin
from service.access import Viewer
from service.actions.act import Act
from service.actions.dry_run import (
    Found,
    Tell,
    changes_json,
    columns_json,
    faulty_rows_marked,
    finding_json,
    hash_of,
    key_of,
    open_file,
    outcome_counts,
    store,
)
from service.actions.import_runs import FACTS
from service.exchange import (
    ComparedTie,
    FileRefused,
    Grid,
    Met,
    Outcome,
    TieColumn,
    TieFile,
    compare_ties,
    looks_like_json,
    read_file,
    read_tie_json,
    read_tie_table,
)
from service.exchange.wording import say_tie_finding
from service.ids import new_id
from service.keys import Keys
from service.pinyin import pinyin_of
from service.problems import NotFound
from service.storage.fact_import import (
    NewPerson,
    insert_people,
    ledger_head,
    moved_since,
    nodes_on_record,
    retire_versions,
    standing_rows,
    with_ties,
)
from service.storage.facts import add_facts
from service.storage.intake import NewOrganisation, insert_organisations
from service.storage.roster import (
    RosterRun,
    change_run,
    forget_file,
    hold_run,
    identity_place,
    load_run,
    seal_json,
    sealed_file,
)
from service.storage.session import Database, reading

_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Look(Found):
    """What reading a file of ties and comparing it with the record found.

    Attributes:
        run: as it stood.
        head: how many entries the ledger had when the record was read.
        file: as read; None when it was refused.
        compared: its ties against the record; empty while questions about columns are open.
    """

    run: RosterRun
    head: int = 0
    file: TieFile | None = None
    compared: tuple[ComparedTie, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of carrying a dry run out: `done`, `again` (something moved meanwhile), `moved` (look anew)."""

    outcome: str
    added: int = 0
    changed: int = 0


async def look(database: Database, run_id: UUID, *, viewer: Viewer, keys: Keys, tell: Tell) -> Look:
    """Read the file of a run and compare it with the record.

    Raises:
        NotFound: when the run or its file is gone.
    """
    async with reading(database) as session:
        run = await load_run(session, run_id)
        sealed = await sealed_file(session, run_id)
        head = await ledger_head(session)
        record = await nodes_on_record(session, viewer)
    if run is None or sealed is None or run.subject != FACTS.subject:
        raise NotFound(subject="roster", id=str(run_id))
    tell(10, _WHOLE)
    columns = {key: TieColumn(held) if held else None for key, held in run.answers.get("columns", {}).items()}
    try:
        file, grids = await asyncio.to_thread(_open, sealed, run_id, keys, columns)
    except FileRefused as refused:
        return Look(run, head, refused=refused)
    tell(40, _WHOLE)
    if not file.has_table:
        return Look(run, head, file, refused=FileRefused("FILE_HAS_NO_TIES"))
    asked = seal_json(keys, run_id, questions(file)) if file.open_columns else None
    if asked and not run.answers.get("answered"):
        return Look(run, head, file, asks=True, questions_sealed=asked)
    arguments: dict[str, Any] = {
        "key_of": key_of(keys),
        "source": run.answers["source"],
        "confidence": Confidence(run.answers["confidence"]),
        "answers": run.answers.get("names", {}),
    }
    met = await asyncio.to_thread(compare_ties, file.rows, record, **arguments)
    tell(60, _WHOLE)
    ids = {end.id for one in met for end in (one.subject, one.object) if end is not None and end.id}
    async with reading(database) as session:
        record = await with_ties(session, record, ids)
    compared = await asyncio.to_thread(compare_ties, file.rows, record, **arguments)
    tell(80, _WHOLE)
    lines = await asyncio.to_thread(_sealed_lines, keys, run_id, file, compared)
    return Look(
        run,
        head,
        file,
        compared,
        plan_sha256=plan_hash(compared),
        lines=lines,
        questions_sealed=asked,
        grids=grids,
    )


async def settle_look(act: Act, found: Look) -> None:
    """Store a dry run, unless somebody acted on the run in between; then their act stands."""
    await store(act, FACTS, found.run, found, counts(found))


async def settle_import(act: Act, found: Look) -> Settled:
    """Write what the dry run promised, in this unit of work, and close the run.

    When the record moved, so that a row would now do something else than what was shown, nothing is written: the new
    dry run is stored, and the person looks again.
    """
    act.require(FACTS.operation)
    run = await hold_run(act.session, found.run.id)
    if run is None or run.state != "confirming":
        return Settled("moved")
    if found.plan_sha256 != run.plan_sha256:
        await settle_look(act, replace(found, run=run))
        await change_run(act.session, run.id, state="checked", code="ROSTER_LIBRARY_MOVED")
        return Settled("moved")
    if await moved_since(act.session, found.head):
        return Settled("again")
    people, organisations = await asyncio.to_thread(_newcomers, act.keys, found.compared)
    await insert_people(act.session, list(people.values()), at=act.at)
    await insert_organisations(act.session, list(organisations.values()), at=act.at)
    for organisation in organisations.values():
        act.record(
            "organisation.added", stream=f"organisation:{organisation.id}", body={"kind": "other", "source": "facts"}
        )
    ids = {token: str(person.id) for token, person in people.items()}
    ids |= {token: str(organisation.id) for token, organisation in organisations.items()}
    written, changed = await _versions(act, found.compared, ids)
    await add_facts(act.session, written, import_id=run.id)
    await forget_file(act.session, run.id)
    await change_run(
        act.session, run.id, state="confirmed", closed_at=act.at, code="", questions_sealed=None, job_id=None
    )
    act.record(
        "facts.imported",
        stream=FACTS.stream_of(run.id),
        body={
            "plan_sha256": run.plan_sha256,
            "file_sha256": run.file_sha256,
            "basis": run.basis,
            "added": len(written) - changed,
            "changed": changed,
            "people": len(people),
            "organisations": len(organisations),
            "rows_sha256": rows_hash(fact for _, fact, _, _ in written),
        },
        cites=FACTS.cites,
        edition=act.edition.id,
    )
    return Settled("done", len(written) - changed, changed)


def rows_hash(facts: Any) -> str:
    """Return the hash by which the ledger knows every version that an import wrote, in the order of their ids."""
    rows = sorted(
        [
            fact.id,
            fact.kind.value,
            fact.subject,
            fact.object,
            str(fact.from_on or ""),
            str(fact.to_on or ""),
            fact.confidence.value,
            "" if fact.share is None else f"{fact.share[0]}/{fact.share[1]}",
            "" if fact.relation is None else fact.relation.value,
            "" if fact.stance is None else fact.stance.value,
        ]
        for fact in facts
    )
    return hash_of(rows)


def plan_hash(compared: tuple[ComparedTie, ...]) -> str:
    """Return the hash of what confirming would do: every tie with its ends, and the version it was compared with."""
    plan = [
        [
            one.row.key,
            one.outcome,
            one.subject.key if one.subject else "",
            one.object.key if one.object else "",
            one.fact_id,
            one.version,
            [[change.column, change.before, change.after] for change in one.changes],
        ]
        for one in compared
    ]
    return hash_of(plan)


def counts(found: Look) -> dict[str, int]:
    """Return how many ties have each outcome, how many warnings there are, and whether the file is a table."""
    counted = outcome_counts(found.compared, found.file.sheets if found.file else ())
    return counted | {"table": int(bool(found.grids))}


def questions(file: TieFile) -> dict[str, Any]:
    """Return what people are asked about columns, as JSON."""
    return {"columns": columns_json(file.open_columns), "words": []}


def errors_workbook(found: Look) -> bytes:
    """Return the ties with errors as a marked workbook with the same cells; pure, belongs in a thread."""
    sheets = found.file.sheets if found.file else ()
    return faulty_rows_marked(
        found.grids,
        found.compared,
        sheets,
        say=lambda finding: say_tie_finding(finding.code, finding.facts, finding.cell),
    )


def _open(
    sealed: bytes, run_id: UUID, keys: Keys, columns: Mapping[str, TieColumn | None]
) -> tuple[TieFile, tuple[Grid, ...]]:
    content = open_file(keys, run_id, sealed)
    if looks_like_json(content):
        return read_tie_json(content), ()
    grids = read_file(content)
    return read_tie_table(grids, columns=columns), grids


def _sealed_lines(
    keys: Keys, run_id: UUID, file: TieFile, compared: tuple[ComparedTie, ...]
) -> tuple[tuple[int, str, bytes], ...]:
    lines: list[tuple[str, dict[str, Any]]] = [(one.outcome.value, _line(one)) for one in compared]
    lines += [("sheet", finding_json(finding)) for sheet in file.sheets for finding in sheet.findings]
    asked: dict[str, dict[str, Any]] = {}
    for one in compared:
        for question in one.questions:
            body = asked.setdefault(
                question.key,
                {
                    "key": question.key,
                    "name": question.name,
                    "types": sorted(question.types),
                    "said": question.said,
                    "meant": [
                        {"id": node.id, "name": node.name, "detail": node.detail, "type": node.type.value}
                        for node in question.meant
                    ],
                    "sheet": one.row.sheet,
                    "row": one.row.number,
                    "cell": one.row.subject.cell if question.key.endswith(":subject") else one.row.object.cell,
                    "count": 0,
                },
            )
            body["count"] += 1
    lines += [("question", body) for body in asked.values()]
    return tuple(
        (position, outcome, seal_json(keys, run_id, body)) for position, (outcome, body) in enumerate(lines, start=1)
    )


def _line(one: ComparedTie) -> dict[str, Any]:
    row = one.row
    return {
        "key": row.key,
        "sheet": row.sheet,
        "row": row.number,
        "place": row.place,
        "subject": one.subject.name if one.subject else row.subject.name,
        "object": one.object.name if one.object else row.object.name,
        "matter": one.object.id if one.object and one.object.type is NodeType.MATTER else "",
        "kind": row.kind.value if row.kind else "",
        "relation": row.relation.value if row.relation else "",
        "share": f"{row.share[0]}/{row.share[1]}" if row.share else "",
        "span": f"{row.from_on or ''}/{row.to_on or ''}",
        "source": one.source,
        "confidence": one.confidence.value,
        "fact_id": one.fact_id,
        "changes": changes_json(one.changes),
        "findings": [finding_json(finding) for finding in row.findings],
    }


def _newcomers(
    keys: Keys, compared: tuple[ComparedTie, ...]
) -> tuple[dict[str, NewPerson], dict[str, NewOrganisation]]:
    """Return the persons and organisations that come with the ties, by token; seals numbers and spells names."""
    people: dict[str, NewPerson] = {}
    organisations: dict[str, NewOrganisation] = {}
    for one in compared:
        if one.outcome is not Outcome.NEW:
            continue
        for met in (one.subject, one.object):
            if met is None or met.id or met.token in people or met.token in organisations:
                continue
            if met.type is NodeType.ORGANISATION:
                code = met.credit_code or None
                organisations[met.token] = NewOrganisation(new_id(), met.name, pinyin_of(met.name), code, "other", "")
            else:
                people[met.token] = _new_person(keys, met)
    return people, organisations


def _new_person(keys: Keys, met: Met) -> NewPerson:
    person_id, identity = new_id(), met.identity
    if identity is None:
        return NewPerson(person_id, met.name, pinyin_of(met.name))
    return NewPerson(
        person_id,
        met.name,
        pinyin_of(met.name),
        identity.kind.value,
        keys.identity_hash(identity.kind.value, identity.number),
        keys.encrypt(identity.number, about=identity_place(person_id)),
        identity.masked,
        identity.sex.value if identity.sex else "",
    )


async def _versions(
    act: Act, compared: tuple[ComparedTie, ...], ids: Mapping[str, str]
) -> tuple[list[tuple[UUID, Fact, NodeType, NodeType]], int]:
    """Return the versions to write, and how many of them take another's place; those are retired."""
    wanted = [UUID(one.fact_id) for one in compared if one.outcome is Outcome.CHANGED]
    standing = await standing_rows(act.session, wanted)
    retired, written = [], []
    for one in compared:
        if one.outcome not in (Outcome.NEW, Outcome.CHANGED) or one.subject is None or one.object is None:
            continue
        fact_id, at, evidence = str(new_id()), act.at, one.row.evidence
        if one.outcome is Outcome.CHANGED:
            row = standing[UUID(one.fact_id)]
            fact_id, at = one.fact_id, max(act.at, row.known_at + timedelta(microseconds=1))
            evidence = evidence or row.evidence
            retired.append((row.id, at))
        fact = Fact(
            id=fact_id,
            subject=one.subject.id or ids[one.subject.token],
            kind=one.row.kind or Kind.EMPLOYMENT,
            object=one.object.id or ids[one.object.token],
            from_on=one.row.from_on,
            to_on=one.row.to_on,
            origin=Origin.IMPORTED,
            source=one.source,
            confidence=one.confidence,
            evidence=evidence,
            share=one.row.share,
            relation=one.row.relation,
            stance=one.row.stance,
            known_at=at,
        )
        written.append((new_id(), fact, one.subject.type, one.object.type))
    await retire_versions(act.session, retired, why="replaced")
    return written, len(retired)
