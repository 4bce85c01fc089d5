"""Lists for approval: put together and put forward by the center, decided by who may, then the letters."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from registry import (
    Approval,
    Approver,
    BatchKind,
    Broken,
    Listed,
    Stage,
    State,
    approver_of,
    needs_answer,
    one_line,
    term_by_letter,
    why_no_letter,
    why_not_approved,
    why_not_proposed,
    why_overlapping,
)
from service.access import MAYOR, OFFICE
from service.actions.act import Act, commit_to, same_version
from service.actions.candidates import refusals_of
from service.actions.experts import terms_of
from service.actions.own_affair import not_own
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.batches import (
    HeldBatch,
    NewLetter,
    hold_batch,
    next_letter_number,
    put_batch,
    put_letter,
)
from service.storage.candidate_writing import (
    HeldCandidate,
    change_candidates,
    hold_candidate,
    hold_listed,
    raise_batch,
)
from service.storage.expert_writing import hold_expert, keep_text, put_state
from service.storage.newcomers import enter_library, renew_particulars

_NUMBER_MOST: Final = 60
_LISTED_MOST: Final = 200
_LONGEST_AHEAD: Final = timedelta(days=366)
# Letters people copy by hand: no 0 and O, no 1 and I.
_CODE_SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH: Final = 12
# Who was struck off, or is under review, gets no letter whatever was approved before.
_BARRED: Final = {State.STRUCK_OFF: "STRUCK_OFF", State.SUSPENDED: "EXPERT_SUSPENDED"}

RECORDS: Final[Mapping[str, Approver]] = {OFFICE: Approver.COUNTY_GOVERNMENT, MAYOR: Approver.DIRECTOR}
"""Whose decision a role enters: the office for the county government, the mayor as the committee's director."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a list, as typed.

    Attributes:
        number: of the document of approval.
        on: its date.
        refused: candidate -> reason, for those who are not approved.
        answers: candidate -> answer to known discipline or liability (U8).
    """

    number: str
    on: date
    refused: Mapping[UUID, str] = field(default_factory=dict)
    answers: Mapping[UUID, str] = field(default_factory=dict)


async def make_batch(act: Act, kind: str, *, align_on: date | None = None, candidates: Sequence[UUID] = ()) -> UUID:
    """Open a list for approval, with the first people on it.

    Args:
        act: who, when.
        kind: one of `registry.BatchKind`.
        align_on: first day of everybody's term, None for the day of each letter.
        candidates: who passed the first check and comes onto the list at once.

    Raises:
        Invalid: when the kind is none, or the day lies more than a year ahead.
        Refused: as `put_on_batch`.

    Source: A24, A26. Readings: U7, U9 (terms aligned to a batch).
    """
    act.require("batch:make")
    if kind not in set(BatchKind):
        raise Invalid([Fault("kind", "FIELD_NOT_A_CHOICE" if kind else "FIELD_REQUIRED")])
    if align_on is not None and align_on > act.on + _LONGEST_AHEAD:
        raise Invalid([Fault("align_on", "TOO_FAR_AHEAD")])
    batch_id = await put_batch(act.session, BatchKind(kind), align_on=align_on, on=act.on, at=act.at)
    act.record(
        "batch.made",
        stream=f"batch:{batch_id}",
        body={"kind": kind, "align_on": align_on.isoformat() if align_on else None},
        cites=("A26",) if kind == BatchKind.ADDITION else ("A24",),
        edition=act.edition.id,
    )
    if candidates:
        await _put_on(act, await hold_batch(act.session, batch_id), candidates)
    return batch_id


async def put_on_batch(act: Act, batch_id: UUID, candidates: Sequence[UUID], *, seen: int) -> None:
    """Put people onto an open list.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when nobody is named, or the list would grow beyond 200.
        Refused: BATCH_NOT_OPEN; NOT_FIRST_CHECKED; ON_A_LIST.

    Source: A24.
    """
    held = await _held(act, "batch:make", batch_id, seen)
    _open(held)
    await _put_on(act, held, candidates)


async def take_off_batch(act: Act, batch_id: UUID, candidate_id: UUID, *, seen: int) -> None:
    """Take somebody off an open list; the first check stands.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the candidate is not on the list.
        Refused: BATCH_NOT_OPEN.
    """
    held = await _held(act, "batch:make", batch_id, seen)
    _open(held)
    candidate = await hold_candidate(act.session, candidate_id)
    if candidate.batch_id != batch_id:
        raise Invalid([Fault("candidate", "FIELD_NOT_A_CHOICE")])
    await change_candidates(act.session, [candidate_id], batch_id=None)
    await raise_batch(act.session, batch_id)
    act.record("batch.shortened", stream=f"batch:{batch_id}", body={"candidate": str(candidate_id)})


async def propose_batch(act: Act, batch_id: UUID, *, seen: int) -> None:
    """Put a list forward for approval; from now on nobody comes onto it or off it.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: BATCH_NOT_OPEN; BATCH_EMPTY; NOT_FIRST_CHECKED.

    Source: A24, A26.
    """
    held = await _held(act, "batch:make", batch_id, seen)
    _open(held)
    people = await hold_listed(act.session, batch_id)
    if not people:
        raise Refused([Refusal("BATCH_EMPTY")])
    if broken := {one for person in people for one in _codes(why_not_proposed(person.checked_on))}:
        raise Refused(refusals_of(act, [Broken(code) for code in sorted(broken)]))
    await change_candidates(act.session, [one.id for one in people], stage=Stage.PROPOSED.value)
    await raise_batch(act.session, batch_id, state="proposed", proposed_by=act.viewer.person_id, proposed_on=act.on)
    act.record(
        "batch.proposed",
        stream=f"batch:{batch_id}",
        body={"candidates": [str(one.id) for one in people]},
        cites=("A26",) if held.kind is BatchKind.ADDITION else ("A24",),
        edition=act.edition.id,
    )


async def decide_batch(act: Act, batch_id: UUID, decision: Decision, *, seen: int) -> None:
    """Enter what the county government, or the committee's director, decided about a list.

    The office enters for the county government, the mayor decides as director; the center enters neither. Who is not
    approved needs a reason, which the applicant sees; known discipline needs an answer.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input.
        Refused: NOT_APPROVED_BY_GOVERNMENT or DIRECTOR_APPROVAL_MISSING for the wrong approver;
            APPROVED_BEFORE_CHECK; DISCIPLINE_NOT_ANSWERED; BATCH_NOT_PROPOSED; OWN_LIST; OWN_AFFAIR.

    Source: A24, A26. Readings: U7, U8.
    """
    held = await _held(act, "batch:decide", batch_id, seen)
    people = await hold_listed(act.session, batch_id)
    not_own(act, [one.person_id for one in people])
    faults = _decision_faults(act, held, people, decision)
    if faults:
        raise Invalid(faults)
    refusals = []
    if held.state != "proposed":
        raise Refused([Refusal("BATCH_NOT_PROPOSED", facts={"state": held.state})])
    if held.proposed_by == act.viewer.person_id:
        refusals.append(Refusal("OWN_LIST"))
    approval = Approval(_records(act, held.kind), one_line(decision.number), decision.on)
    approved = [one for one in people if one.id not in decision.refused]
    listed = [
        Listed(str(one.id), one.checked_on, needs_answer(one.findings), bool(decision.answers.get(one.id, "").strip()))
        for one in approved
    ]
    refusals += refusals_of(
        act, why_not_approved(held.kind, approval, listed, reappointed_by=act.policy.library.reappointed_by)
    )
    if refusals:
        raise Refused(refusals)
    if approved:
        await change_candidates(act.session, [one.id for one in approved], stage=Stage.APPROVED.value)
    for one in people:
        if one.id in decision.refused:
            await _refuse(act, one, decision.refused[one.id])
        elif answer := decision.answers.get(one.id, "").strip():
            _keep(act, f"candidate:{one.id}", "candidate.answered", answer, ("A25.5",))
    await raise_batch(
        act.session,
        batch_id,
        state="decided",
        approver=approval.by.value,
        approval_number=approval.number,
        approved_on=approval.on,
        decided_by=act.viewer.person_id,
        decided_at=act.at,
    )
    stream = f"batch:{batch_id}"
    digest, salt = commit_to(approval.number)
    keep_text(act.session, stream, sha256=digest, salt=salt, text=approval.number)
    act.record(
        "batch.decided",
        stream=stream,
        body={
            "document_sha256": digest,
            "approver": approval.by.value,
            "approved_on": approval.on.isoformat(),
            "approved": [str(one.id) for one in approved],
            "refused": sorted(str(one) for one in decision.refused),
        },
        cites=("A26",) if held.kind is BatchKind.ADDITION else ("A24",),
        edition=act.edition.id,
    )


async def issue_letters(act: Act, batch_id: UUID, *, letter_on: date, seen: int) -> int:
    """Issue a letter to everybody on a list who is approved and has none; each begins a term of the edition's length.

    Returns:
        How many letters.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the day is still to come.
        Refused: LETTER_BEFORE_APPROVAL; NO_LETTER_WAITS; STRUCK_OFF; TERMS_OVERLAP.

    Source: A24. Reading: U9.
    """
    held = await _held(act, "letter:issue", batch_id, seen)
    if letter_on > act.on:
        raise Invalid([Fault("letter_on", "DAY_IN_FUTURE")])
    broken = why_no_letter(held.approval, letter_on=letter_on)
    if broken or held.approval is None:
        raise Refused(refusals_of(act, broken))
    waiting = [one for one in await hold_listed(act.session, batch_id) if one.stage is Stage.APPROVED]
    if not waiting:
        raise Refused([Refusal("NO_LETTER_WAITS")])
    for one in waiting:
        await _issue(act, held, held.approval, one, letter_on)
    return len(waiting)


async def _issue(act: Act, batch: HeldBatch, approval: Approval, candidate: HeldCandidate, letter_on: date) -> None:
    expert = None if candidate.expert_id is None else await hold_expert(act.session, candidate.expert_id)
    standing = () if expert is None else expert.terms
    if expert is not None and expert.state in _BARRED:
        see = (Remedy("SEE_EXPERT", f"/experts/{expert.id}"),)
        raise Refused([act.edition.refusal(_BARRED[expert.state], remedies=see)])
    term = term_by_letter(letter_on, terms=terms_of(act), align_on=batch.align_on, standing=standing)
    if broken := why_overlapping(term, standing):
        raise Refused(refusals_of(act, broken))
    if expert is None:
        expert_id = await enter_library(act.session, candidate, at=act.at)
    else:
        expert_id = expert.id
        await renew_particulars(act.session, expert, candidate, at=act.at)
        if expert.state is not State.ACTIVE:
            await put_state(act.session, expert.id, State.ACTIVE, since_on=None)
    number = await next_letter_number(act.session, f"{act.settings.county[:1]}决聘〔{letter_on.year}〕")
    code = "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))
    letter = NewLetter(candidate.id, expert_id, term, code, letter_on)
    term_id = await put_letter(act.session, letter, batch_id=batch.id, approval=approval, number=number, at=act.at)
    await change_candidates(act.session, [candidate.id], stage=Stage.APPOINTED.value, expert_id=expert_id)
    act.record(
        "letter.issued",
        stream=f"expert:{expert_id}",
        body={
            "candidate": str(candidate.id),
            "batch": str(batch.id),
            "term": str(term_id),
            "letter_on": letter_on.isoformat(),
            "starts_on": term.starts_on.isoformat(),
            "ends_on": term.ends_on.isoformat(),
            "approver": approval.by.value,
            "approved_on": approval.on.isoformat(),
        },
        cites=("A24", "A26") if batch.kind is BatchKind.ADDITION else ("A24",),
        edition=act.edition.id,
    )


async def _put_on(act: Act, held: HeldBatch, candidates: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(candidates))
    if not wanted:
        raise Invalid([Fault("candidates", "FIELD_REQUIRED")])
    already = len(await hold_listed(act.session, held.id))
    if already + len(wanted) > _LISTED_MOST:
        raise Invalid([Fault("candidates", "LIST_TOO_LONG", {"most": _LISTED_MOST})])
    for candidate_id in wanted:
        candidate = await hold_candidate(act.session, candidate_id)
        if broken := why_not_proposed(candidate.checked_on):
            raise Refused(refusals_of(act, broken))
        if candidate.batch_id is not None or candidate.stage is not Stage.CHECKED:
            raise Refused([Refusal("ON_A_LIST", facts={"stage": candidate.stage.value})])
        if (candidate.source == "renewal") != (held.kind is BatchKind.REAPPOINTMENT):
            # Another approver decides about another term than about an addition (U7).
            raise Refused([Refusal("LIST_OF_OTHER_KIND")])
    await change_candidates(act.session, wanted, batch_id=held.id)
    await raise_batch(act.session, held.id)
    act.record("batch.lengthened", stream=f"batch:{held.id}", body={"candidates": [str(one) for one in wanted]})


def _decision_faults(act: Act, held: HeldBatch, people: Sequence[HeldCandidate], decision: Decision) -> list[Fault]:
    faults = []
    number = one_line(decision.number)
    if not number:
        faults.append(Fault("number", "FIELD_REQUIRED"))
    elif len(number) > _NUMBER_MOST:
        faults.append(Fault("number", "FIELD_TOO_LONG", {"most": _NUMBER_MOST, "length": len(number)}))
    if decision.on > act.on:
        faults.append(Fault("on", "DAY_IN_FUTURE"))
    elif held.proposed_on is not None and decision.on < held.proposed_on:
        faults.append(Fault("on", "DECIDED_BEFORE_PROPOSED"))
    known = {one.id for one in people}
    if set(decision.refused) - known or set(decision.answers) - known:
        faults.append(Fault("refused", "FIELD_NOT_A_CHOICE"))
    for candidate_id, reason in decision.refused.items():
        faults += reason_faults(act.policy, f"reason_{candidate_id}", reason)
    for candidate_id, answer in decision.answers.items():
        if answer.strip():
            faults += reason_faults(act.policy, f"answer_{candidate_id}", answer)
    return faults


def _records(act: Act, kind: BatchKind) -> Approver:
    """Return whose decision the viewer enters: the one that the list needs where the roles allow it."""
    approvers = [approver for role, approver in RECORDS.items() if role in act.viewer.roles]
    needed = approver_of(kind, reappointed_by=act.policy.library.reappointed_by)
    return needed if needed in approvers else approvers[0]


async def _refuse(act: Act, candidate: HeldCandidate, reason: str) -> None:
    await change_candidates(act.session, [candidate.id], stage=Stage.REJECTED.value)
    _keep(act, f"candidate:{candidate.id}", "candidate.refused", reason.strip(), ("A24",))


def _keep(act: Act, stream: str, type_: str, text: str, cites: tuple[str, ...]) -> None:
    digest, salt = commit_to(text)
    keep_text(act.session, stream, sha256=digest, salt=salt, text=text)
    act.record(type_, stream=stream, body={"reason_sha256": digest}, cites=cites, edition=act.edition.id)


def _codes(broken: Sequence[Broken]) -> list[str]:
    return [one.code for one in broken]


def _open(held: HeldBatch) -> None:
    if held.state != "open":
        raise Refused([Refusal("BATCH_NOT_OPEN", facts={"state": held.state})])


async def _held(act: Act, operation: str, batch_id: UUID, seen: int) -> HeldBatch:
    act.require(operation)
    held = await hold_batch(act.session, batch_id)
    same_version(seen, held.version, subject=f"batch:{batch_id}")
    return held
