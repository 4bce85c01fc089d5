"""The dry run of an import: read a file and compare it with the library.

Three parts, so that no transaction is held across them: prepare (reads), the pure work (in a thread), settle (writes).
Jobs and the command line put them together. Carrying a dry run out is in `service.actions.roster_writing`.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from registry import Identity, State, Terms, comparable
from service.actions.act import Act
from service.actions.import_runs import file_place
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
from service.keys import Keys
from service.locales import gettext
from service.problems import NotFound
from service.storage.roster import (
    Holdings,
    RosterRun,
    change_run,
    forget_file,
    holdings,
    load_run,
    put_lines,
    seal_json,
    sealed_file,
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
        lines: the rows as they are stored for the pages: position, outcome, encrypted body.
        questions_sealed: what is asked, encrypted; None when nothing is.
        grids: the sheets as read.
    """

    roster: Roster | None = None
    compared: tuple[Compared, ...] = ()
    asks: bool = False
    refused: FileRefused | None = None
    plan_sha256: str = ""
    lines: tuple[tuple[int, str, bytes], ...] = ()
    questions_sealed: bytes | None = None
    grids: tuple[Grid, ...] = ()


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
    asked = None
    if roster.open_columns or roster.open_words:
        asked = seal_json(prepared.keys, prepared.run.id, questions(roster))
    if asked and not answers.get("answered"):
        return DryRun(roster, asks=True, questions_sealed=asked)
    decisions = {key: Decision(said) for key, said in answers.get("hints", {}).items()}
    compared = compare(roster.rows, library_of(prepared.held), key_of=key_of(prepared.keys), decisions=decisions)
    tell(90, _WHOLE)
    lines = tuple(
        (position, outcome, seal_json(prepared.keys, prepared.run.id, body))
        for position, (outcome, body) in enumerate(_lines(roster, compared), start=1)
    )
    return DryRun(roster, compared, plan_sha256=plan_hash(compared), lines=lines, questions_sealed=asked, grids=grids)


async def settle_dry_run(act: Act, prepared: Prepared, found: DryRun) -> None:
    """Store what the dry run found, unless somebody acted on the run in between; then their act stands."""
    run_id = prepared.run.id
    values: dict[str, Any] = {
        "state": "asking" if found.asks else "checked",
        "counts": {} if found.asks or found.refused else counts(found),
        "plan_sha256": found.plan_sha256,
        "questions_sealed": found.questions_sealed,
        "code": "",
        "facts": {},
    }
    if found.refused is not None:
        values |= {
            "state": "refused",
            "code": found.refused.code,
            "facts": dict(found.refused.facts),
            "closed_at": act.at,
        }
    if not await change_run(act.session, run_id, seen=prepared.run.version, **values):
        return
    if found.refused is not None:
        await forget_file(act.session, run_id)
        act.record("roster.refused", stream=f"roster:{run_id}", body={"code": found.refused.code})
    else:
        await put_lines(act.session, run_id, found.lines)


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


def _lines(roster: Roster, compared: Sequence[Compared]) -> list[tuple[str, dict[str, Any]]]:
    lines = []
    for one in compared:
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
    lines += [("sheet", finding_json(finding)) for sheet in roster.sheets for finding in sheet.findings]
    return lines


def _change_json(change: Change) -> dict[str, str]:
    return {"column": change.column.value, "before": change.before, "after": change.after}


def key_of(keys: Keys) -> Callable[[Identity], str]:
    """Return the function that turns an identity into the keyed hash a person is known by."""
    return lambda identity: keys.identity_hash(identity.kind.value, identity.number)


def errors_workbook(found: DryRun) -> bytes:
    """Return the rows with errors as a marked workbook with the same cells; pure, belongs in a thread."""
    roster = found.roster
    sheets = roster.sheets if roster else ()
    return marked_workbook(
        found.grids,
        [one.row for one in found.compared if one.outcome is Outcome.ERROR],
        {sheet.name: range(sheet.layout.heading_row, sheet.layout.first_row) for sheet in sheets if sheet.layout},
        say=lambda finding: say_finding(finding.code, finding.facts),
        column_title=gettext("问题说明"),
    )
