"""Candidates: receiving an application, what was found about each condition of A25, the first check, the way out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from registry import (
    ATTESTERS,
    CONFIDENTIAL,
    RULE_OF,
    RUNNING,
    Attester,
    Broken,
    Finding,
    Item,
    Outcome,
    Stage,
    State,
    one_line,
    why_not_eligible,
    why_not_received,
)
from service.actions.act import Act, commit_to, same_version
from service.actions.experts import (
    AboutExpert,
    WorkEntry,
    already_there,
    check_about,
    person_values,
    work_faults,
)
from service.actions.organisations import add_organisation
from service.actions.reason import REASON_MOST, reason_faults
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.storage.acts import note_read
from service.storage.candidate_writing import (
    Evidence,
    HeldCandidate,
    NewCandidate,
    change_candidates,
    hold_candidate,
    put_candidate,
    put_finding,
    put_person,
    running_candidate,
    sealed_evidence,
)
from service.storage.candidates import open_to
from service.storage.expert_writing import expert_with_identity, hold_expert, keep_text

NOTE_MOST: Final = 200
_LEFT: Final = frozenset({State.WITHDRAWN, State.DISMISSED})


@dataclass(frozen=True, slots=True)
class CandidateEntry:
    """An application, as typed.

    Attributes:
        about: the person; the identity number is required.
        work: the main employer, None where it is not known.
        source_note: what the channel rests on: the recommending organisation, the call, who invited.
    """

    about: AboutExpert
    work: WorkEntry | None = None
    source_note: str = ""


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """What was found about one condition, as typed.

    Attributes:
        item: one of `registry.Item`.
        outcome: one of `registry.Outcome`.
        attester: one of `registry.Attester`.
        attested_on: day of the attestation; None for today.
        until_on: last day on which it holds, None for no end.
        evidence: what it rests on; for an exception the reason. Of health nothing is kept but yes or no.
        flagged: discipline or liability is known that does not bar entry (`conduct` alone).
    """

    item: str
    outcome: str
    attester: str
    attested_on: date | None = None
    until_on: date | None = None
    evidence: str = field(default="", repr=False)
    flagged: bool = False


def refusals_of(act: Act, broken: Sequence[Broken], *, remedies: tuple[Remedy, ...] = ()) -> list[Refusal]:
    """Return broken rules of the library as refusals under the act's edition."""
    return [act.edition.refusal(one.code, one.facts, remedies=remedies) for one in broken]


async def receive_candidate(act: Act, entry: CandidateEntry) -> UUID:
    """Receive an application; the person is known by the identity number whatever the channel.

    Returns:
        The id of the candidate.

    Raises:
        Invalid: with every fault of the input.
        Refused: SOURCE_REQUIRED; EXPERT_ALREADY_THERE for who is appointed; STRUCK_OFF; APPLICATION_RUNNING.

    Source: A24, A70.
    """
    act.require("candidate:receive")
    checked, faults = check_about(act.keys, entry.about)
    if not entry.about.identity_number.strip():
        faults.append(Fault("identity_number", "FIELD_REQUIRED"))
    note = one_line(entry.source_note)
    if len(note) > NOTE_MOST:
        faults.append(Fault("source_note", "FIELD_TOO_LONG", {"most": NOTE_MOST, "length": len(note)}))
    faults += await work_faults(act, entry.work)
    if faults:
        raise Invalid(faults)
    if refusals := refusals_of(act, why_not_received(checked.source, note)):
        raise Refused(refusals)
    known = await expert_with_identity(act.session, checked.digest)
    expert_id, person_id = known if known is not None else (None, new_id())
    if expert_id is not None:
        await _may_come_back(act, expert_id)
    if known is None:
        await put_person(act.session, person_values(act, person_id, checked), at=act.at)
    elif running := await running_candidate(act.session, person_id):
        see = (Remedy("SEE_CANDIDATE", f"/candidates/{running}"),)
        raise Refused([Refusal("APPLICATION_RUNNING", remedies=see)])
    organisation_id = await unit_of(act, entry.work)
    candidate_id, number = await put_candidate(
        act.session,
        NewCandidate(
            person_id=person_id,
            expert_id=expert_id,
            title=checked.title,
            title_level=checked.title_level,
            fields=checked.fields,
            organisation_id=organisation_id,
            post=one_line(entry.work.post) if entry.work else "",
            source=checked.source,
            source_note=note,
            received_on=act.on,
        ),
        at=act.at,
    )
    act.record(
        "candidate.received",
        stream=f"candidate:{candidate_id}",
        body={"number": number, "person": str(person_id), "source": checked.source},
        cites=("A24",),
        edition=act.edition.id,
    )
    return candidate_id


async def record_findings(act: Act, candidate_id: UUID, entries: Sequence[FindingEntry], *, seen: int) -> None:
    """Record what was found about conditions of A25, each in the place of what was found before.

    Evidence about conduct is sealed; of health nothing is kept but yes or no.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: with every fault of the input at `<field>_<item>`; a senior title needs no finding.
        Refused: CHECK_CLOSED or ON_A_LIST once the candidate is past the first check.

    Source: A25. Reading: U8.
    """
    held = await held_candidate(act, "candidate:check", candidate_id, seen)
    read = [_read(act, held, entry) for entry in entries]
    faults = [fault for _, found in read for fault in found]
    if not entries:
        faults.append(Fault("item", "FIELD_REQUIRED"))
    if len({entry.item for entry in entries}) != len(entries):
        faults.append(Fault("item", "FIELD_TWICE"))
    if faults:
        raise Invalid(faults)
    still_at(held, Stage.RECEIVED)
    for entry, (finding, _) in zip(entries, read, strict=True):
        if finding is not None:
            await record_finding(act, candidate_id, finding, entry.evidence.strip())


async def record_finding(act: Act, candidate_id: UUID, finding: Finding, words: str) -> None:
    """Write a checked finding with the words about it; those about conduct are sealed."""
    sealed = None
    if finding.item in CONFIDENTIAL:
        sealed = act.keys.encrypt(words, about=f"candidate:{candidate_id}:{finding.item}") if words else None
        words = ""
    await put_finding(act.session, candidate_id, Evidence(finding, words, sealed), by=act.viewer.person_id, at=act.at)
    act.record(
        "finding.recorded",
        stream=f"candidate:{candidate_id}",
        body={
            "item": finding.item.value,
            # What was found about conduct and health is not for everybody who reads the record.
            "outcome": "" if finding.item in CONFIDENTIAL else finding.outcome.value,
            "attester": finding.attester.value,
            "attested_on": finding.attested_on.isoformat(),
        },
        cites=(act.edition.rule(RULE_OF[finding.item]).cite,),
        edition=act.edition.id,
    )


async def pass_first_check(act: Act, candidate_id: UUID, *, seen: int) -> None:
    """Pass the center's first check; every condition of A25 is answered for and met.

    Raises:
        NotFound, Stale: as everywhere.
        Refused: with every condition that stands against the candidate; CHECK_CLOSED.

    Source: A24, A25.
    """
    held = await held_candidate(act, "candidate:check", candidate_id, seen)
    still_at(held, Stage.RECEIVED)
    broken = why_not_eligible(
        held.findings, title_level=held.title_level, recommended=held.source == "organisation", on=act.on
    )
    if broken:
        raise Refused(refusals_of(act, broken))
    await change_candidates(
        act.session,
        [candidate_id],
        stage=Stage.CHECKED.value,
        checked_on=act.on,
        checked_by=act.viewer.person_id,
    )
    act.record(
        "candidate.checked",
        stream=f"candidate:{candidate_id}",
        body={"person": str(held.person_id)},
        cites=("A24", "A25"),
        edition=act.edition.id,
    )


async def reject_candidate(act: Act, candidate_id: UUID, *, reason: str, seen: int) -> None:
    """Reject an application; the applicant is told the reason.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: CHECK_CLOSED when the candidate is on a list already.

    Source: A24.
    """
    await _close(act, candidate_id, Stage.REJECTED, "candidate.rejected", reason=reason, seen=seen)


async def withdraw_candidate(act: Act, candidate_id: UUID, *, reason: str, seen: int) -> None:
    """Enter that an applicant no longer wants to come.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: CHECK_CLOSED when the candidate is on a list already.

    Source: A25.6.
    """
    await _close(act, candidate_id, Stage.WITHDRAWN, "candidate.withdrawn", reason=reason, seen=seen)


@dataclass(frozen=True, slots=True)
class Confidential:
    """What was found about a confidential condition, with the words about it; of health there are none."""

    finding: Finding
    words: str


async def read_confidential(
    act: Act, candidate_id: UUID, items: Sequence[str], *, reason: str
) -> tuple[Confidential, ...]:
    """Return what was found about conduct or health; each look is noted with its reason, whoever looks.

    Raises:
        NotFound: when there is no such candidate.
        Invalid: when the reason is missing or too short, or nobody has answered yet.

    Source: A25.5, A25.6.
    """
    act.require("candidate:read-evidence")
    held = await hold_candidate(act.session, candidate_id)
    if not open_to(act.viewer, held.stage, held.batch_id):
        raise NotFound(subject="candidate")
    faults = reason_faults(act.policy, "reason", reason)
    if not items or set(items) - {one.value for one in CONFIDENTIAL}:
        raise Invalid([*faults, Fault("item", "FIELD_NOT_A_CHOICE")])
    found = [one for one in held.findings if one.item.value in items]
    if not found:
        faults.append(Fault("item", "NOTHING_KEPT"))
    if faults:
        raise Invalid(faults)
    read = []
    for one in found:
        note_read(
            act.session,
            at=act.at,
            account_id=act.viewer.account_id,
            what=f"evidence-{one.item}",
            subject=f"candidate:{candidate_id}",
            reason=one_line(reason),
        )
        sealed = await sealed_evidence(act.session, candidate_id, one.item)
        words = act.keys.decrypt(sealed, about=f"candidate:{candidate_id}:{one.item}") if sealed else ""
        read.append(Confidential(one, words))
    return tuple(read)


async def _may_come_back(act: Act, expert_id: UUID) -> None:
    """Refuse who is an expert with a term to come or running, and who was struck off.

    Who withdrew, was dismissed, or whose terms are over, may apply again.
    """
    expert = await hold_expert(act.session, expert_id)
    if expert.state is State.STRUCK_OFF:
        raise await already_there(act, expert_id)
    if expert.state is State.SUSPENDED:
        raise Refused(
            [act.edition.refusal("EXPERT_SUSPENDED", remedies=(Remedy("SEE_EXPERT", f"/experts/{expert_id}"),))]
        )
    if expert.state not in _LEFT and any(term.ends_on >= act.on for term in expert.terms):
        raise await already_there(act, expert_id)


async def unit_of(act: Act, work: WorkEntry | None) -> UUID | None:
    """Return the organisation that an entry about work names, adding it where it is new; None without one."""
    if work is None:
        return None
    if work.organisation_id is not None:
        return work.organisation_id
    if work.new is None:
        return None
    return await add_organisation(act, work.new, at="new_unit_")


def _read(act: Act, held: HeldCandidate, entry: FindingEntry) -> tuple[Finding | None, list[Fault]]:
    if entry.item not in set(Item):
        return None, [Fault("item", "FIELD_NOT_A_CHOICE")]
    item = Item(entry.item)
    faults: list[Fault] = []

    def fault(at: str, code: str, **facts: object) -> None:
        faults.append(Fault(f"{at}_{item}", code, facts))

    if item is Item.STANDING and held.title_level.is_senior:
        fault("outcome", "TITLE_ANSWERS")
    if entry.outcome not in set(Outcome):
        fault("outcome", "FIELD_NOT_A_CHOICE" if entry.outcome else "FIELD_REQUIRED")
    elif entry.outcome == Outcome.EXCEPTION and item is not Item.STANDING:
        fault("outcome", "NO_EXCEPTION")
    if entry.attester not in {one.value for one in ATTESTERS[item]}:
        fault("attester", "ATTESTER_UNFIT" if entry.attester in set(Attester) else "FIELD_REQUIRED")
    on = entry.attested_on or act.on
    if on > act.on:
        fault("attested_on", "DAY_IN_FUTURE")
    if entry.until_on is not None and entry.until_on < on:
        fault("until_on", "END_BEFORE_START")
    if entry.flagged and item is not Item.CONDUCT:
        fault("flagged", "FIELD_NOT_A_CHOICE")
    faults += _evidence_faults(act, item, entry)
    if faults:
        return None, faults
    found = Finding(item, Outcome(entry.outcome), Attester(entry.attester), on, entry.until_on, entry.flagged)
    return found, []


def _evidence_faults(act: Act, item: Item, entry: FindingEntry) -> list[Fault]:
    words, at = entry.evidence.strip(), f"evidence_{item}"
    if entry.outcome == Outcome.EXCEPTION:
        return reason_faults(act.policy, at, words)
    if item is Item.HEALTH:
        return [Fault(at, "HEALTH_YES_OR_NO")] if words else []
    if len(words) > REASON_MOST:
        return [Fault(at, "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(words)})]
    # Reputation, known discipline and what is not met say what they rest on; the rest may.
    if not words and (item is Item.STANDING or entry.flagged or entry.outcome == Outcome.NOT_MET):
        return [Fault(at, "FIELD_REQUIRED")]
    return []


async def _close(act: Act, candidate_id: UUID, stage: Stage, type_: str, *, reason: str, seen: int) -> None:
    held = await held_candidate(act, "candidate:check", candidate_id, seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    still_at(held, Stage.RECEIVED, Stage.CHECKED)
    stream = f"candidate:{candidate_id}"
    digest, salt = commit_to(reason.strip())
    keep_text(act.session, stream, sha256=digest, salt=salt, text=reason.strip())
    await change_candidates(act.session, [candidate_id], stage=stage.value, batch_id=None)
    act.record(type_, stream=stream, body={"reason_sha256": digest}, cites=("A24",), edition=act.edition.id)


def still_at(held: HeldCandidate, *stages: Stage) -> None:
    """Refuse an act for which the candidate has come too far, or who stands on a list."""
    facts = {"stage": held.stage.value}
    if held.batch_id is not None and held.stage in RUNNING:
        raise Refused([Refusal("ON_A_LIST", facts=facts)])
    if held.stage not in stages:
        raise Refused([Refusal("CHECK_CLOSED", facts=facts)])


async def held_candidate(act: Act, operation: str, candidate_id: UUID, seen: int) -> HeldCandidate:
    """Hold a candidate for an act of the first check, at the version that was seen."""
    act.require(operation)
    held = await hold_candidate(act.session, candidate_id)
    same_version(seen, held.version, subject=f"candidate:{candidate_id}")
    return held
