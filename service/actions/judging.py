"""What people decide about a finding: it is real, it is a false alarm, it is waived; and how that is taken back.

What the regulation blocks (A30) nobody decides away: there the tie itself is corrected. A waiver is asked for by one
person and settled by another; a recusal is recorded by one person and lifted by another.
"""

import unicodedata
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from conflicts import Finding, NodeType, Outcome, basis_of, finding_json, may_be_judged
from service.actions.act import Act, commit_to, same_version
from service.actions.reason import reason_faults
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.storage.facts import matter_of
from service.storage.judgements import (
    ASKED,
    FALSE_ALARM,
    LIFTED,
    REAL,
    REFUSED,
    STANDING,
    WAIVER,
    StoredJudgement,
    add_judgement,
    change_judgement,
    decided_about,
    hold_judgement,
    note_look,
    open_judgement,
)
from service.storage.matters import load_matter
from service.storage.residents import Residents

INBOX: Final = "conflicts"


@dataclass(frozen=True, slots=True)
class Subject:
    """The finding that is judged, as the person saw it.

    Attributes:
        matter_id, person_id: whom, in which matter.
        policy_row: id of the row; empty for a recusal that rests on no finding.
        basis: `conflicts.basis_of` what was shown. Something else there now is refused: people judge what they saw.
    """

    matter_id: UUID
    person_id: UUID
    policy_row: str = ""
    basis: str = ""


async def recuse(act: Act, residents: Residents, subject: Subject, *, reason: str = "") -> UUID:
    """Record that a person is recused from a matter (A28.4); returns the id of the record.

    A finding that is real needs no words of its own: its path is kept. A recusal without a finding needs a reason.

    Raises:
        Invalid: when a reason is needed and missing, or too long.
        NotFound: when there is no such matter or person.
        Refused: ALREADY_RECUSED; FINDING_MOVED when what was seen is there no more.

    Source: A28.4. Reading: U11.
    """
    act.require("conflict:judge")
    finding = await _seen(act, residents, subject)
    text = _text(reason)
    if finding is None or text:
        _check_reason(act, text)
    if str(subject.person_id) in (await decided_about(act.session, subject.matter_id)).recused:
        raise Refused([Refusal("ALREADY_RECUSED", cite="A28.4")])
    standing = await open_judgement(
        act.session, subject.matter_id, subject.person_id, policy_row=subject.policy_row, basis=subject.basis
    )
    if standing is not None:
        await _end(act, standing, "")
    return await _write(act, subject, finding, REAL, STANDING, text)


async def dismiss(act: Act, residents: Residents, subject: Subject, *, reason: str) -> UUID:
    """Judge a finding to be a false alarm, until one of its ties changes; returns the id of the record.

    Raises:
        Invalid: when the reason is missing, too short or too long.
        NotFound: when there is no such matter or person.
        Refused: CONFLICT_NOT_RELAXED for what the regulation blocks; FINDING_MOVED; FINDING_JUDGED.

    Source: A28.4, A30.
    """
    act.require("conflict:judge")
    _check_reason(act, _text(reason))
    finding = await _to_judge(act, residents, subject, Outcome.DISMISSED)
    return await _write(act, subject, finding, FALSE_ALARM, STANDING, _text(reason))


async def ask_waiver(act: Act, residents: Residents, subject: Subject, *, reason: str, publication: str) -> UUID:
    """Ask that a person may sit in spite of a finding; another person settles it. Returns the id of the record.

    Args:
        act: who, when.
        residents: pool and ties.
        subject: the finding.
        reason: why, for the record.
        publication: the text that is published with the waiver; no private facts.

    Raises:
        Invalid: when a text is missing, too short or too long.
        NotFound: when there is no such matter or person.
        Refused: CONFLICT_NOT_RELAXED where the policy asks for no waiver or the regulation blocks; FINDING_MOVED;
            FINDING_JUDGED.

    Source: A28.4, A30. Reading: U11.
    """
    act.require("conflict:judge")
    faults = reason_faults(act.policy, "reason", _text(reason))
    faults += reason_faults(act.policy, "publication", _text(publication))
    if faults:
        raise Invalid(faults)
    finding = await _to_judge(act, residents, subject, Outcome.WAIVED)
    return await _write(act, subject, finding, WAIVER, ASKED, _text(reason), publication=_text(publication))


async def settle_waiver(act: Act, judgement_id: UUID, *, approved: bool, reason: str, seen: int) -> StoredJudgement:
    """Approve or refuse a waiver that another person asked for.

    Args:
        act: who, when.
        judgement_id: the waiver.
        approved: whether the person may sit.
        reason: needed for a refusal, welcome for an approval.
        seen: version that was seen.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: SAME_PERSON_ASKED_AND_APPROVED; JUDGEMENT_CLOSED when it was settled before.

    Source: A30. Reading: U11.
    """
    act.require("conflict:approve")
    held = await _held(act, judgement_id, seen)
    text = _text(reason)
    if not approved or text:
        _check_reason(act, text)
    broken = []
    if held.verdict != WAIVER or held.state != ASKED:
        broken.append(Refusal("JUDGEMENT_CLOSED", facts={"state": held.state}))
    elif held.by_person_id == act.viewer.person_id:
        broken.append(Refusal("SAME_PERSON_ASKED_AND_APPROVED", remedies=(Remedy("ANOTHER_PERSON_SETTLES"),)))
    if broken:
        raise Refused(broken)
    settled = {"settled_person_id": act.viewer.person_id, "settled_at": act.at, "settled_reason": text}
    await change_judgement(act.session, held.id, {"state": STANDING if approved else REFUSED} | settled)
    _record(act, "conflict.waived" if approved else "conflict.waiver-refused", held)
    return held


async def lift(act: Act, judgement_id: UUID, *, reason: str, seen: int) -> StoredJudgement:
    """Take back a decision: the finding counts again; a recused person may be asked again. Returns it as it stood.

    Raises:
        NotFound, Stale, Invalid: as everywhere.
        Refused: SAME_PERSON_RECUSED_AND_LIFTED, because a recusal takes two persons to undo; JUDGEMENT_CLOSED when it
            does not stand.

    Source: A28.4.
    """
    act.require("conflict:judge")
    held = await _held(act, judgement_id, seen)
    _check_reason(act, _text(reason))
    broken = []
    if held.state not in (ASKED, STANDING):
        broken.append(Refusal("JUDGEMENT_CLOSED", facts={"state": held.state}))
    elif held.verdict == REAL and held.by_person_id == act.viewer.person_id:
        broken.append(Refusal("SAME_PERSON_RECUSED_AND_LIFTED", remedies=(Remedy("ANOTHER_PERSON_LIFTS"),)))
    if broken:
        raise Refused(broken)
    await _end(act, held, _text(reason))
    return held


async def note_inbox(act: Act) -> None:
    """Note that the viewer has looked through the inbox of findings: what comes later is new."""
    act.require("conflict:judge")
    await note_look(act.session, act.viewer.account_id, INBOX, at=act.at)


async def _seen(act: Act, residents: Residents, subject: Subject) -> Finding | None:
    """Return the finding that was seen, as it stands now; None for a recusal without one."""
    await load_matter(act.session, act.viewer, subject.matter_id)
    graph = (await residents.current(act.session)).ties.graph
    person = str(subject.person_id)
    if graph.node_type(person) is not NodeType.PERSON:
        raise NotFound(subject="person")
    if not subject.policy_row:
        return None
    decided = await decided_about(act.session, subject.matter_id)
    findings = graph.check(
        await matter_of(act.session, subject.matter_id),
        policy=act.policy.table,
        as_of=act.on,
        people=(person,),
        judgements=decided.judgements,
    )
    for finding in findings:
        if finding.row_id == subject.policy_row and basis_of(finding) == subject.basis:
            return finding
    raise Refused([Refusal("FINDING_MOVED", remedies=(Remedy("LOOK_AGAIN"),))])


async def _to_judge(act: Act, residents: Residents, subject: Subject, outcome: Outcome) -> Finding:
    finding = await _seen(act, residents, subject)
    if finding is None:
        raise Invalid([Fault("row", "FIELD_REQUIRED")])
    if not may_be_judged(finding, outcome):
        raise Refused([_not_relaxed(act, finding)])
    standing = await open_judgement(
        act.session, subject.matter_id, subject.person_id, policy_row=subject.policy_row, basis=subject.basis
    )
    if standing is not None:
        raise Refused([Refusal("FINDING_JUDGED", facts={"verdict": standing.verdict})])
    return finding


def _not_relaxed(act: Act, finding: Finding) -> Refusal:
    remedies = (Remedy("CORRECT_THE_TIE"), Remedy("CHOOSE_ANOTHER_EXPERT"))
    return Refusal(
        "CONFLICT_NOT_RELAXED",
        cite=finding.cite,
        edition=act.edition.id,
        facts={"found": finding.code},
        remedies=remedies,
    )


async def _held(act: Act, judgement_id: UUID, seen: int) -> StoredJudgement:
    held = await hold_judgement(act.session, act.viewer, judgement_id)
    same_version(seen, held.version, subject=f"judgement:{judgement_id}")
    return held


async def _write(
    act: Act, subject: Subject, finding: Finding | None, verdict: str, state: str, reason: str, *, publication: str = ""
) -> UUID:
    judgement_id = new_id()
    digest, salt = commit_to(reason)
    values: dict[str, Any] = {
        "id": judgement_id,
        "matter_id": subject.matter_id,
        "person_id": subject.person_id,
        "policy_row": subject.policy_row,
        "code": "" if finding is None else finding.code,
        "policy": act.policy.id,
        "basis": subject.basis,
        "ties": [] if finding is None else finding_json(finding)["path"],
        "as_of": act.on,
        "verdict": verdict,
        "state": state,
        "reason": reason,
        "reason_salt": salt,
        "publication": publication,
        "by_account_id": act.viewer.account_id,
        "by_person_id": act.viewer.person_id,
        "at": act.at,
    }
    await add_judgement(act.session, values | {"settled_reason": "", "ended_reason": "", "version": 1})
    held = await hold_judgement(act.session, act.viewer, judgement_id)
    _record(act, _EVENTS[verdict], held, reason_sha256=digest)
    return judgement_id


_EVENTS: Final = {REAL: "conflict.recused", FALSE_ALARM: "conflict.dismissed", WAIVER: "conflict.waiver-asked"}


async def _end(act: Act, held: StoredJudgement, reason: str) -> None:
    ended = {"state": LIFTED, "ended_person_id": act.viewer.person_id, "ended_at": act.at, "ended_reason": reason}
    await change_judgement(act.session, held.id, ended)
    _record(act, "conflict.judgement-lifted", held)


def _record(act: Act, type_: str, held: StoredJudgement, *, reason_sha256: str = "") -> None:
    body: dict[str, Any] = {
        "judgement": str(held.id),
        "matter": str(held.matter_id),
        "person": str(held.person_id),
        "row": held.policy_row,
        "found": held.code,
        "policy": held.policy,
        "basis": held.basis,
        "as_of": held.as_of.isoformat(),
    }
    if reason_sha256:
        body["reason_sha256"] = reason_sha256
    act.record(type_, stream=f"conflicts:{held.matter_id}", body=body, cites=["A28.4"], edition=act.edition.id)


def _text(typed: str) -> str:
    return unicodedata.normalize("NFC", typed).strip()


def _check_reason(act: Act, text: str) -> None:
    if faults := reason_faults(act.policy, "reason", text):
        raise Invalid(faults)
