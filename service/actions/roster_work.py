"""The dry run of an import: read a file and compare it with the library.

Three parts, so that no transaction is held across them: prepare (reads), the pure work (in a thread), settle (writes).
Jobs and the command line put them together. Carrying a dry run out is in `service.actions.roster_writing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from registry import State, Terms, comparable
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
from service.actions.import_runs import ROSTER
from service.exchange import (
    Answers,
    Column,
    Compared,
    Decision,
    FileRefused,
    Grid,
    KnownExpert,
    KnownOrganisation,
    Library,
    Roster,
    compare,
    read_file,
    read_roster,
    row_key,
)
from service.exchange.wording import say_finding
from service.keys import Keys
from service.problems import NotFound
from service.storage.roster import (
    Holdings,
    RosterRun,
    holdings,
    load_run,
    seal_json,
    sealed_file,
)
from service.storage.session import Session

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
class DryRun(Found):
    """What reading a roster and comparing it with the library found.

    Attributes:
        roster: the file.
        compared: its rows against the library; empty while questions are open.
    """

    roster: Roster | None = None
    compared: tuple[Compared, ...] = ()


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
    return read_file(open_file(prepared.keys, prepared.run.id, prepared.sealed))


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
    await store(act, ROSTER, prepared.run, found, counts(found))


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
    return hash_of(plan)


def counts(found: DryRun) -> dict[str, int]:
    """Return how many rows have each outcome, and how many warnings there are."""
    return outcome_counts(found.compared, found.roster.sheets if found.roster else ())


def questions(roster: Roster) -> dict[str, Any]:
    """Return what people are asked, as JSON."""
    return {
        "columns": columns_json(roster.open_columns),
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
                    "changes": changes_json(one.changes),
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


def errors_workbook(found: DryRun) -> bytes:
    """Return the rows with errors as a marked workbook with the same cells; pure, belongs in a thread."""
    sheets = found.roster.sheets if found.roster else ()
    return faulty_rows_marked(
        found.grids, found.compared, sheets, say=lambda finding: say_finding(finding.code, finding.facts)
    )
