"""Importing a roster: upload, answers about columns and words, decisions about hints, confirm or discard.

The long parts (reading the file, comparing, writing) are in `service.actions.roster_work`; these acts only move a run
from one state to the next.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from registry import has_odd_characters, is_field_code
from service.actions.act import Act, commit_to, same_version
from service.exchange import MOST_BYTES, Column, Decision
from service.ids import new_id
from service.jobs import enqueue, job
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.roster import RosterRun, change_run, forget_file, insert_run, load_run, questions_of, stale_runs

BASES: Final = ("statutory-duty", "consent", "contract", "other")
CHECK_JOB: Final = "roster.check"
CONFIRM_JOB: Final = "roster.confirm"
KEPT_DAYS: Final = 14
_ROW_KEY: Final = re.compile(r"[^!]{0,40}![1-9][0-9]{0,6}")
_LONGEST_BASIS = 500
_LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody brings.

    Attributes:
        name: of the file.
        content: its bytes; judged later, by content alone.
        basis: why these personal data may be held, one of `BASES`; stated once per import.
        basis_text: more about it; needed for `other`.
        starts_on: first day of the term for rows that state none.
    """

    name: str
    content: bytes = field(repr=False)
    basis: str
    basis_text: str = ""
    starts_on: date | None = None


async def start_import(act: Act, upload: Upload, *, queue: bool = True) -> UUID:
    """Keep a file encrypted until its run is closed, and have it read; nothing of the library changes.

    Runs that waited for a person for two weeks are discarded on the way, so that no file is forgotten.

    Args:
        act: who, when.
        upload: the file and its basis.
        queue: whether a job reads it; the command line reads it itself.

    Raises:
        Invalid: FIELD_REQUIRED, FIELD_NOT_A_CHOICE, FIELD_TOO_LONG, FILE_EMPTY, FILE_TOO_LARGE.

    Source: A24; the basis is asked for because the law on personal information asks for one.
    """
    act.require("roster:import")
    _check(upload)
    for run_id in await stale_runs(act.session, before=act.at - timedelta(days=KEPT_DAYS)):
        await _close(act, run_id, "discarded")
    run_id = new_id()
    basis_sha256, salt = commit_to(upload.basis_text)
    sealed = act.keys.encrypt(base64.b64encode(upload.content).decode(), about=file_place(run_id))
    await insert_run(
        act.session,
        run_id,
        account_id=act.viewer.account_id,
        file_name=upload.name[:_LONGEST_FILE_NAME],
        file_sha256=hashlib.sha256(upload.content).hexdigest(),
        size=len(upload.content),
        sealed=sealed,
        basis=upload.basis,
        basis_text=upload.basis_text,
        basis_salt=salt,
        starts_on=upload.starts_on,
        at=act.at,
    )
    act.record(
        "roster.uploaded",
        stream=f"roster:{run_id}",
        body={
            "file_sha256": hashlib.sha256(upload.content).hexdigest(),
            "bytes": len(upload.content),
            "basis": upload.basis,
            "basis_sha256": basis_sha256,
        },
        cites=("A24",),
        edition=act.edition.id,
    )
    if queue:
        await _queue(act, run_id, CHECK_JOB)
    return run_id


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
    run = await _open_run(act, run_id, seen, "asking", "checked")
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
    await change_run(act.session, run_id, state="checking", answers=answers, code="", questions_sealed=None)
    if queue:
        await _queue(act, run_id, CHECK_JOB)


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
    run = await _open_run(act, run_id, seen, "checked")
    allowed = {decision.value for decision in Decision}
    faults = [
        Fault(f"decision:{key}", "FIELD_NOT_A_CHOICE")
        for key, said in decisions.items()
        if said not in allowed or not _ROW_KEY.fullmatch(key) or has_odd_characters(key)
    ]
    if faults:
        raise Invalid(faults)
    answers = dict(run.answers) | {"hints": dict(run.answers.get("hints", {})) | dict(decisions)}
    await change_run(act.session, run_id, state="checking", answers=answers, code="")
    if queue:
        await _queue(act, run_id, CHECK_JOB)


async def confirm_import(act: Act, run_id: UUID, *, seen: int, queue: bool = True) -> None:
    """Have the dry run carried out; a run that is confirmed already stays as it is.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN, ROSTER_NOTHING_TO_DO.
    """
    act.require("roster:import")
    run = await _loaded(act, run_id)
    if run.state in ("confirming", "confirmed"):
        return
    same_version(seen, run.version, subject="roster")
    _refuse_unless(run, "checked")
    if not run.counts.get("new", 0) + run.counts.get("changed", 0):
        raise Refused([Refusal("ROSTER_NOTHING_TO_DO", facts={})])
    await change_run(act.session, run_id, state="confirming", code="")
    if queue:
        await _queue(act, run_id, CONFIRM_JOB)


async def discard_import(act: Act, run_id: UUID, *, seen: int) -> None:
    """Close a run without taking anything over; the file and its dry run are removed.

    A run that is being written can only be discarded when its job has failed.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
    """
    act.require("roster:import")
    run = await _loaded(act, run_id)
    same_version(seen, run.version, subject="roster")
    work = await job(act.session, run.job_id) if run.job_id else None
    broken = run.state == "confirming" and work is not None and work.state in ("failed", "cancelled")
    _refuse_unless(run, "checking", "asking", "checked", *(("confirming",) if broken else ()))
    await _close(act, run_id, "discarded")


def file_place(run_id: UUID) -> str:
    """Return the `about` under which a run's file is encrypted."""
    return f"roster:{run_id}:file"


async def _close(act: Act, run_id: UUID, state: str) -> None:
    await forget_file(act.session, run_id)
    await change_run(act.session, run_id, state=state, closed_at=act.at, questions_sealed=None, job_id=None)
    act.record(f"roster.{state}", stream=f"roster:{run_id}", body={})


async def _queue(act: Act, run_id: UUID, kind: str) -> None:
    job_id = await enqueue(
        act.session,
        kind,
        {"run": str(run_id), "session": act.viewer.session},
        run_at=act.at,
        account_id=act.viewer.account_id,
        max_attempts=3,
    )
    await change_run(act.session, run_id, job_id=job_id)


async def _loaded(act: Act, run_id: UUID) -> RosterRun:
    run = await load_run(act.session, run_id)
    if run is None:
        raise NotFound(subject="roster", id=str(run_id))
    return run


async def _open_run(act: Act, run_id: UUID, seen: int, *states: str) -> RosterRun:
    act.require("roster:import")
    run = await _loaded(act, run_id)
    same_version(seen, run.version, subject="roster")
    _refuse_unless(run, *states)
    return run


def _refuse_unless(run: RosterRun, *states: str) -> None:
    if run.state not in states:
        raise Refused([Refusal("ROSTER_NOT_OPEN", facts={"state": run.state})])


def _check(upload: Upload) -> None:
    faults = []
    if not upload.content:
        faults.append(Fault("file", "FILE_EMPTY"))
    if len(upload.content) > MOST_BYTES:
        faults.append(Fault("file", "FILE_TOO_LARGE", {"megabytes": MOST_BYTES // 1024 // 1024}))
    faults += [
        Fault(at, "FIELD_HAS_CONTROLS")
        for at, text in (("name", upload.name), ("basis_text", upload.basis_text))
        if has_odd_characters(text)
    ]
    if upload.basis not in BASES:
        faults.append(Fault("basis", "FIELD_NOT_A_CHOICE" if upload.basis else "FIELD_REQUIRED"))
    if upload.basis == "other" and not upload.basis_text.strip():
        faults.append(Fault("basis_text", "FIELD_REQUIRED"))
    if len(upload.basis_text) > _LONGEST_BASIS:
        faults.append(Fault("basis_text", "FIELD_TOO_LONG", {"most": _LONGEST_BASIS, "length": len(upload.basis_text)}))
    if faults:
        raise Invalid(faults)
