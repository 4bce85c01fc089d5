"""What the dry runs of all imports share: opening a run's file, what is kept of a dry run, the JSON for the pages."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry import Identity
from service.actions.act import Act
from service.actions.import_runs import ImportKind, file_place
from service.exchange import (
    Change,
    Compared,
    ComparedTie,
    FileRefused,
    Finding,
    Grid,
    OpenColumn,
    Outcome,
    RosterSheet,
    TieChange,
    TieSheet,
    marked_workbook,
)
from service.keys import Keys
from service.locales import gettext
from service.storage.roster import RosterRun, change_run, forget_file, put_lines

Tell = Callable[[int, int], None]
"""Told how much is done and how much there is to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a dry run of any kind came to; nothing is written yet.

    Attributes:
        asks: whether people should say what columns or words mean first.
        refused: why the file is not read at all, or None.
        plan_sha256: hash of everything that confirming would do.
        lines: what is stored for the pages: position, outcome, encrypted body.
        questions_sealed: what is asked, encrypted; None when nothing is.
        grids: the sheets as read; none for a file by format.
    """

    asks: bool = False
    refused: FileRefused | None = None
    plan_sha256: str = ""
    lines: tuple[tuple[int, str, bytes], ...] = ()
    questions_sealed: bytes | None = None
    grids: tuple[Grid, ...] = ()


def open_file(keys: Keys, run_id: UUID, sealed: bytes) -> bytes:
    """Return the bytes of a run's file."""
    return base64.b64decode(keys.decrypt(sealed, about=file_place(run_id)))


async def store(act: Act, kind: ImportKind, run: RosterRun, found: Found, counts: dict[str, int]) -> None:
    """Store what a dry run found, unless somebody acted on the run in between; then their act stands."""
    refused = found.refused
    values: dict[str, Any] = {
        "state": "refused" if refused else "asking" if found.asks else "checked",
        "counts": {} if found.asks or refused else counts,
        "plan_sha256": found.plan_sha256,
        "questions_sealed": found.questions_sealed,
        "code": refused.code if refused else "",
        "facts": dict(refused.facts) if refused else {},
        "closed_at": act.at if refused else None,
    }
    if not await change_run(act.session, run.id, seen=run.version, **values):
        return
    if refused is not None:
        await forget_file(act.session, run.id)
        act.record(f"{kind.subject}.refused", stream=kind.stream_of(run.id), body={"code": refused.code})
    else:
        await put_lines(act.session, run.id, found.lines)


def outcome_counts(
    compared: Sequence[Compared | ComparedTie], sheets: Iterable[RosterSheet | TieSheet]
) -> dict[str, int]:
    """Return how many rows have each outcome, how many have warnings, and how much there is to say about sheets."""
    result = Counter(one.outcome.value for one in compared)
    warned = sum(any(finding.severity.value == "warning" for finding in one.row.findings) for one in compared)
    sheet = sum(len(one.findings) for one in sheets)
    return {**{outcome.value: result[outcome.value] for outcome in Outcome}, "warned": warned, "sheet": sheet}


def hash_of(rows: object) -> str:
    """Return the hash of a value as JSON, for plans and for what the ledger knows of what was written."""
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def columns_json(columns: Iterable[OpenColumn[Any]]) -> list[dict[str, Any]]:
    """Return the columns that people are asked about, as JSON."""
    return [
        {
            "key": column.key,
            "sheet": column.sheet,
            "letters": column.letters,
            "heading": column.heading,
            "samples": list(column.samples),
            "guess": column.guess.value if column.guess else "",
        }
        for column in columns
    ]


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "facts": {name: list(fact) if isinstance(fact, tuple) else fact for name, fact in finding.facts.items()},
    }


def changes_json(changes: Iterable[Change | TieChange]) -> list[dict[str, str]]:
    """Return changes as JSON."""
    return [{"column": change.column.value, "before": change.before, "after": change.after} for change in changes]


def key_of(keys: Keys) -> Callable[[Identity], str]:
    """Return the function that turns an identity into the keyed hash a person is known by."""
    return lambda identity: keys.identity_hash(identity.kind.value, identity.number)


def faulty_rows_marked(
    grids: Sequence[Grid],
    compared: Sequence[Compared | ComparedTie],
    sheets: Iterable[RosterSheet | TieSheet],
    *,
    say: Callable[[Finding], str],
) -> bytes:
    """Return the rows with errors as a marked workbook with the same cells; pure, belongs in a thread."""
    return marked_workbook(
        grids,
        [one.row for one in compared if one.outcome is Outcome.ERROR],
        {sheet.name: range(sheet.layout.heading_row, sheet.layout.first_row) for sheet in sheets if sheet.layout},
        say=say,
        column_title=gettext("问题说明"),
    )
