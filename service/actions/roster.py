"""Importing a roster: upload, answers about columns and words, decisions about hints, confirm or discard.

The long parts (reading the file, comparing, writing) are in `service.actions.roster_work`; these acts only move a run
from one state to the next.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry import has_odd_characters, is_field_code
from service.actions.act import Act
from service.actions.import_runs import ROSTER, ROW_KEY, Upload, begin, confirm, discard, open_run, read_again
from service.exchange import Column, Decision
from service.problems import Fault, Invalid
from service.storage.roster import questions_of


async def start_import(act: Act, upload: Upload, *, queue: bool = True) -> UUID:
    """Keep a file encrypted until its run is closed, and have it read; nothing of the library changes.

    Args:
        act: who, when.
        upload: the file and its basis.
        queue: whether a job reads it; the command line reads it itself.

    Raises:
        Invalid: as `service.actions.import_runs.begin`.

    Source: A24; the basis is asked for because the law on personal information asks for one.
    """
    return await begin(act, ROSTER, upload, queue=queue)


async def answer_questions(
    act: Act,
    run_id: UUID,
    *,
    columns: Mapping[str, str],
    words: Mapping[str, str],
    seen: int,
    queue: bool = True,
) -> None:
    """Keep what columns and field words mean, and have the file read again with it.

    Args:
        act: who, when.
        run_id: the run.
        columns: key of a column to what it holds; an empty text leaves the column out.
        words: comparable form of a word to a field code; an empty text leaves the word out.
        seen: version of the run that was answered.
        queue: as for `start_import`.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
        Invalid: FIELD_NOT_A_CHOICE for what was not asked or cannot be chosen, FIELD_CODE_UNKNOWN, COLUMN_TWICE.
    """
    run = await open_run(act, ROSTER, run_id, seen, "asking", "checked")
    asked = await questions_of(act.session, act.keys, run_id)
    known = {column["key"] for column in asked.get("columns", ())} | set(run.answers.get("columns", ()))
    spoken = {word["key"] for word in asked.get("words", ())} | set(run.answers.get("words", ()))
    faults = [
        Fault(f"column:{key}", "FIELD_NOT_A_CHOICE")
        for key, held in columns.items()
        if key not in known or (held and held not in Column.__members__.values())
    ]
    faults += [Fault(f"word:{word}", "FIELD_NOT_A_CHOICE") for word in words if word not in spoken]
    chosen = [held for held in columns.values() if held and held != Column.NOT_KEPT]
    faults += [Fault(f"column:{key}", "COLUMN_TWICE") for key, held in columns.items() if chosen.count(held) > 1]
    faults += [
        Fault(f"word:{word}", "FIELD_CODE_UNKNOWN", {"code": code})
        for word, code in words.items()
        if word in spoken and code and not is_field_code(code)
    ]
    if faults:
        raise Invalid(faults)
    answers: dict[str, Any] = dict(run.answers) | {
        "columns": dict(run.answers.get("columns", {})) | dict(columns),
        "words": dict(run.answers.get("words", {})) | {word: code for word, code in words.items() if code},
        "answered": True,
    }
    await read_again(act, ROSTER, run_id, queue=queue, answers=answers, questions_sealed=None)


async def decide_hints(act: Act, run_id: UUID, decisions: Mapping[str, str], *, seen: int, queue: bool = True) -> None:
    """Keep what people said about possible duplicates, and have the file compared again with it.

    Args:
        act: who, when.
        run_id: the run.
        decisions: sheet and row (`row_key`) to `skip`, `new` or `same`.
        seen: version of the run that was looked at.
        queue: as for `start_import`.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
        Invalid: FIELD_NOT_A_CHOICE.
    """
    run = await open_run(act, ROSTER, run_id, seen, "checked")
    allowed = {decision.value for decision in Decision}
    faults = [
        Fault(f"decision:{key}", "FIELD_NOT_A_CHOICE")
        for key, said in decisions.items()
        if said not in allowed or not ROW_KEY.fullmatch(key) or has_odd_characters(key)
    ]
    if faults:
        raise Invalid(faults)
    answers = dict(run.answers) | {"hints": dict(run.answers.get("hints", {})) | dict(decisions)}
    await read_again(act, ROSTER, run_id, queue=queue, answers=answers)


async def confirm_import(act: Act, run_id: UUID, *, seen: int, queue: bool = True) -> None:
    """Have the dry run carried out; a run that is confirmed already stays as it is.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN, ROSTER_NOTHING_TO_DO.
    """
    await confirm(act, ROSTER, run_id, seen=seen, queue=queue)


async def discard_import(act: Act, run_id: UUID, *, seen: int) -> None:
    """Close a run without taking anything over; the file and its dry run are removed.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
    """
    await discard(act, ROSTER, run_id, seen=seen)
