"""Importing ties: upload, what columns hold, who bare names mean, confirm or discard, take one import back.

The long parts (reading the file, comparing, writing) are in `service.actions.fact_import_work`.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from conflicts import Confidence, NodeType
from registry import has_odd_characters
from service.actions.act import Act, commit_to, same_version
from service.actions.facts import REASON_LEAST, REASON_MOST, SOURCE_MOST, left_to_another
from service.actions.import_runs import (
    FACTS,
    Upload,
    begin,
    confirm,
    discard,
    loaded,
    open_run,
    read_again,
    refuse_unless,
)
from service.exchange import TieColumn
from service.problems import Fault, Invalid
from service.storage.fact_import import after, imported_by, put_back, withdraw_versions
from service.storage.facts import nodes
from service.storage.roster import change_run, questions_of
from service.storage.staff_bars import barred_matters

SKIP: Final = "skip"
NEW: Final = "new"
_LONGEST_KEY: Final = 300


async def start_fact_import(
    act: Act, upload: Upload, *, source: str, confidence: str = Confidence.SURE.value, queue: bool = True
) -> UUID:
    """Keep a file of ties encrypted until its run is closed, and have it read; no tie is stated yet.

    Args:
        act: who, when.
        upload: the file and its basis.
        source: who says so, for rows that do not; the same source changes what it said before.
        confidence: how sure ties are whose rows do not say.
        queue: whether a job reads it; the command line reads it itself.

    Raises:
        Invalid: as `service.actions.import_runs.begin`; FIELD_REQUIRED, FIELD_TOO_LONG, FIELD_NOT_A_CHOICE.

    Source: A28.4.
    """
    text = unicodedata.normalize("NFC", source).strip()
    faults = []
    if not text or has_odd_characters(text):
        faults.append(Fault("source", "FIELD_HAS_CONTROLS" if text else "FIELD_REQUIRED"))
    if len(text) > SOURCE_MOST:
        faults.append(Fault("source", "FIELD_TOO_LONG", {"most": SOURCE_MOST, "length": len(text)}))
    if confidence not in list(Confidence):
        faults.append(Fault("confidence", "FIELD_NOT_A_CHOICE"))
    if faults:
        raise Invalid(faults)
    return await begin(act, FACTS, upload, answers={"source": text, "confidence": confidence}, queue=queue)


async def answer_columns(act: Act, run_id: UUID, columns: Mapping[str, str], *, seen: int, queue: bool = True) -> None:
    """Keep what unrecognised columns hold, and have the file read again with it.

    Args:
        act: who, when.
        run_id: the run.
        columns: key of a column to what it holds; an empty text leaves the column out.
        seen: version of the run that was answered.
        queue: as for `start_fact_import`.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
        Invalid: FIELD_NOT_A_CHOICE, COLUMN_TWICE.
    """
    run = await open_run(act, FACTS, run_id, seen, "asking", "checked")
    asked = await questions_of(act.session, act.keys, run_id)
    known = {column["key"] for column in asked.get("columns", ())} | set(run.answers.get("columns", ()))
    chosen = [held for held in columns.values() if held and held != TieColumn.NOT_KEPT]
    faults = [
        Fault(f"column:{key}", "FIELD_NOT_A_CHOICE" if strange else "COLUMN_TWICE")
        for key, held in columns.items()
        if (strange := key not in known or (held and held not in TieColumn.__members__.values()))
        or chosen.count(held) > 1
    ]
    if faults:
        raise Invalid(faults)
    answers: dict[str, Any] = dict(run.answers) | {
        "columns": dict(run.answers.get("columns", {})) | dict(columns),
        "answered": True,
    }
    await read_again(act, FACTS, run_id, queue=queue, answers=answers, questions_sealed=None)


async def settle_names(act: Act, run_id: UUID, meant: Mapping[str, str], *, seen: int, queue: bool = True) -> None:
    """Keep whom or what bare names mean, and have the file compared again with it.

    Args:
        act: who, when.
        run_id: the run.
        meant: key of a question to `skip`, `new`, or the id of the person or organisation that is meant.
        seen: version of the run that was looked at.
        queue: as for `start_fact_import`.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
        Invalid: FIELD_NOT_A_CHOICE.
    """
    run = await open_run(act, FACTS, run_id, seen, "checked")
    ids = {key: _id(said) for key, said in meant.items() if said not in (SKIP, NEW)}
    found = await nodes(act.session, {id_ for id_ in ids.values() if id_ is not None})
    faults = [
        Fault(f"meant:{key}", "FIELD_NOT_A_CHOICE")
        for key in meant
        if len(key) > _LONGEST_KEY
        or has_odd_characters(key)
        or (key in ids and ((node := found.get(ids[key] or run_id)) is None or node.type is NodeType.MATTER))
    ]
    if faults:
        raise Invalid(faults)
    answers = dict(run.answers) | {"names": dict(run.answers.get("names", {})) | dict(meant)}
    await read_again(act, FACTS, run_id, queue=queue, answers=answers)


async def confirm_fact_import(act: Act, run_id: UUID, *, seen: int, queue: bool = True) -> None:
    """Have the dry run carried out; a run that is confirmed already stays as it is.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN, ROSTER_NOTHING_TO_DO.
    """
    await confirm(act, FACTS, run_id, seen=seen, queue=queue)


async def discard_fact_import(act: Act, run_id: UUID, *, seen: int) -> None:
    """Close a run without taking anything over; the file and its dry run are removed.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN.
    """
    await discard(act, FACTS, run_id, seen=seen)


async def take_back_import(act: Act, run_id: UUID, *, reason: str, seen: int) -> tuple[int, int]:
    """Withdraw what came with one import and still stands; what it had changed stands again as it was before.

    What somebody changed or withdrew since stays as it is. Persons and organisations that came with it stay: others
    may name them by now. Nothing is erased; the answer of any past day stays what it was.

    Args:
        act: who, when.
        run_id: the run.
        reason: 4 to 500 characters; the ledger knows its salted hash.
        seen: version of the run that was looked at.

    Returns:
        How many ties were withdrawn or put back, and how many stay because they were changed since.

    Raises:
        NotFound, Stale, Refused: ROSTER_NOT_OPEN; OWN_RECUSAL when a tie of the viewer's own, or one by which or
            to a matter of which the viewer keeps out, is among them: another person takes the import back.
        Invalid: REASON_LENGTH.

    Source: A28.4.
    """
    act.require(FACTS.operation)
    run = await loaded(act, FACTS, run_id)
    same_version(seen, run.version, subject="roster")
    refuse_unless(run, "confirmed")
    text = unicodedata.normalize("NFC", reason).strip()
    if not REASON_LEAST <= len(text) <= REASON_MOST:
        raise Invalid([Fault("reason", "REASON_LENGTH", {"least": REASON_LEAST, "most": REASON_MOST})])
    standing, changed = await imported_by(act.session, run_id)
    own = {str(act.viewer.person_id), *await barred_matters(act.session, act.viewer)}
    if any(
        one.fact.id in act.viewer.barring or not own.isdisjoint((one.fact.subject, one.fact.object)) for one in standing
    ):
        raise left_to_another()
    digest, salt = commit_to(text)
    instants: dict[str, datetime] = {one.fact.id: after(one.fact, act.at) for one in standing}
    await withdraw_versions(
        act.session, [(one.row_id, instants[one.fact.id]) for one in standing], reason=text, salt=salt
    )
    former = [(one.before, instants[one.fact.id]) for one in standing if one.before is not None]
    await put_back(act.session, former)
    await change_run(
        act.session,
        run_id,
        state="withdrawn",
        counts=dict(run.counts) | {"withdrawn": len(standing) - len(former), "restored": len(former), "kept": changed},
    )
    act.record(
        "facts.withdrawn",
        stream=FACTS.stream_of(run_id),
        body={
            "withdrawn": len(standing) - len(former),
            "restored": len(former),
            "kept": changed,
            "reason_sha256": digest,
        },
        cites=FACTS.cites,
    )
    return len(standing), changed


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
