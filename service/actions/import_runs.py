"""The life of an import, whatever is imported: a file kept encrypted, a dry run, confirmed or discarded.

The acts of each kind (`service.actions.roster`, `service.actions.fact_import`) move a run from one state to the next;
the long work between is done by jobs and the command line.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from registry import has_odd_characters
from service.actions.act import Act, commit_to, same_version
from service.exchange import MOST_BYTES
from service.ids import new_id
from service.jobs import enqueue, job
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.roster import RosterRun, change_run, forget_file, hold_run, insert_run, load_run, stale_runs
from service.storage.session import Session

BASES: Final = ("statutory-duty", "consent", "contract", "other")
KEPT_DAYS: Final = 14
ROW_KEY: Final = re.compile(r"[^!]{0,40}![1-9][0-9]{0,6}")
_LONGEST_BASIS = 500
_LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class ImportKind:
    """What is imported.

    Attributes:
        subject: names it in the table of runs, in types of entries of the ledger.
        stream: begins the name of a run's stream.
        operation: asks for it in the access table.
        check_job, confirm_job: the jobs that read a file and that carry a dry run out.
        cites: the articles behind it.
    """

    subject: str
    stream: str
    operation: str
    check_job: str
    confirm_job: str
    cites: tuple[str, ...]

    def stream_of(self, run_id: UUID) -> str:
        """Return the stream of a run."""
        return f"{self.stream}:{run_id}"


ROSTER: Final = ImportKind("roster", "roster", "roster:import", "roster.check", "roster.confirm", ("A24",))
FACTS: Final = ImportKind("facts", "fact-import", "fact:import", "facts.check", "facts.confirm", ("A28.4",))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody brings.

    Attributes:
        name: of the file.
        content: its bytes; judged later, by content alone.
        basis: why these personal data may be held, one of `BASES`; stated once per import.
        basis_text: more about it; needed for `other`.
        starts_on: of a roster, first day of the term for rows that state none.
    """

    name: str
    content: bytes = field(repr=False)
    basis: str
    basis_text: str = ""
    starts_on: date | None = None


async def begin(
    act: Act, kind: ImportKind, upload: Upload, *, answers: Mapping[str, Any] | None = None, queue: bool
) -> UUID:
    """Keep a file encrypted until its run is closed, and have it read.

    Runs that waited for a person for two weeks are discarded on the way, so that no file is forgotten.

    Raises:
        Invalid: FIELD_REQUIRED, FIELD_NOT_A_CHOICE, FIELD_TOO_LONG, FIELD_HAS_CONTROLS, FILE_EMPTY, FILE_TOO_LARGE.
    """
    act.require(kind.operation)
    _check(upload)
    for run_id in await stale_runs(act.session, kind.subject, before=act.at - timedelta(days=KEPT_DAYS)):
        await close(act, kind, run_id, "discarded")
    run_id = new_id()
    basis_sha256, salt = commit_to(upload.basis_text)
    sealed = act.keys.encrypt(base64.b64encode(upload.content).decode(), about=file_place(run_id))
    file_sha256 = hashlib.sha256(upload.content).hexdigest()
    await insert_run(
        act.session,
        run_id,
        subject=kind.subject,
        account_id=act.viewer.account_id,
        file_name=upload.name[:_LONGEST_FILE_NAME],
        file_sha256=file_sha256,
        size=len(upload.content),
        sealed=sealed,
        basis=upload.basis,
        basis_text=upload.basis_text,
        basis_salt=salt,
        starts_on=upload.starts_on,
        answers=answers or {},
        at=act.at,
    )
    act.record(
        f"{kind.subject}.uploaded",
        stream=kind.stream_of(run_id),
        body={
            "file_sha256": file_sha256,
            "bytes": len(upload.content),
            "basis": upload.basis,
            "basis_sha256": basis_sha256,
        },
        cites=kind.cites,
        edition=act.edition.id,
    )
    if queue:
        await queue_job(act, run_id, kind.check_job)
    return run_id


async def read_again(act: Act, kind: ImportKind, run_id: UUID, *, queue: bool, **values: Any) -> None:
    """Keep what people said about a file, and have it read again with it."""
    await change_run(act.session, run_id, state="checking", code="", **values)
    if queue:
        await queue_job(act, run_id, kind.check_job)


async def confirm(act: Act, kind: ImportKind, run_id: UUID, *, seen: int, queue: bool) -> None:
    """Have the dry run carried out; a run that is confirmed already stays as it is.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN, ROSTER_NOTHING_TO_DO.
    """
    act.require(kind.operation)
    run = await loaded(act, kind, run_id)
    if run.state in ("confirming", "confirmed"):
        return
    same_version(seen, run.version, subject="roster")
    refuse_unless(run, "checked")
    if not run.counts.get("new", 0) + run.counts.get("changed", 0):
        raise Refused([Refusal("ROSTER_NOTHING_TO_DO", facts={})])
    await change_run(act.session, run_id, state="confirming", code="")
    if queue:
        await queue_job(act, run_id, kind.confirm_job)


async def discard(act: Act, kind: ImportKind, run_id: UUID, *, seen: int) -> None:
    """Close a run without taking anything over; the file and its dry run are removed.

    A run that is being written can only be discarded when its job has failed.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
    """
    act.require(kind.operation)
    run = await loaded(act, kind, run_id)
    same_version(seen, run.version, subject="roster")
    work = await job(act.session, run.job_id) if run.job_id else None
    broken = run.state == "confirming" and work is not None and work.state in ("failed", "cancelled")
    refuse_unless(run, "checking", "asking", "checked", *(("confirming",) if broken else ()))
    await close(act, kind, run_id, "discarded")


def file_place(run_id: UUID) -> str:
    """Return the `about` under which a run's file is encrypted."""
    return f"roster:{run_id}:file"


async def close(act: Act, kind: ImportKind, run_id: UUID, state: str) -> None:
    """Close a run that did nothing; its file is removed."""
    await forget_file(act.session, run_id)
    await change_run(act.session, run_id, state=state, closed_at=act.at, questions_sealed=None, job_id=None)
    act.record(f"{kind.subject}.{state}", stream=kind.stream_of(run_id), body={})


async def queue_job(act: Act, run_id: UUID, job_kind: str) -> None:
    """Have a job work on a run."""
    job_id = await enqueue(
        act.session,
        job_kind,
        {"run": str(run_id), "session": act.viewer.session},
        run_at=act.at,
        account_id=act.viewer.account_id,
        max_attempts=3,
    )
    await change_run(act.session, run_id, job_id=job_id)


async def loaded(act: Act, kind: ImportKind, run_id: UUID) -> RosterRun:
    """Return a run of a kind for an act on it; who comes second waits for the first, and sees what that one did.

    Raises:
        NotFound: when there is none.
    """
    return _of(kind, run_id, await hold_run(act.session, run_id))


async def found_run(session: Session, kind: ImportKind, run_id: UUID) -> RosterRun:
    """Return a run of a kind to look at.

    Raises:
        NotFound: when there is none.
    """
    return _of(kind, run_id, await load_run(session, run_id))


async def open_run(act: Act, kind: ImportKind, run_id: UUID, seen: int, *states: str) -> RosterRun:
    """Return a run that is in one of some states, for an act on it.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
    """
    act.require(kind.operation)
    run = await loaded(act, kind, run_id)
    same_version(seen, run.version, subject="roster")
    refuse_unless(run, *states)
    return run


def refuse_unless(run: RosterRun, *states: str) -> None:
    """Refuse an act on a run that is in no such state.

    Raises:
        Refused: ROSTER_NOT_OPEN.
    """
    if run.state not in states:
        raise Refused([Refusal("ROSTER_NOT_OPEN", facts={"state": run.state})])


def _of(kind: ImportKind, run_id: UUID, run: RosterRun | None) -> RosterRun:
    if run is None or run.subject != kind.subject:
        raise NotFound(subject="roster", id=str(run_id))
    return run


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
