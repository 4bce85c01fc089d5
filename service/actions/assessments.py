"""Assessing experts during a term, whenever the center sees reason to or once a year; and what becomes of objections.

What the work came to is computed; the center adds its judgement. The expert sees both and can contest them, and
somebody other than the assessor settles that. Whether another term follows is asked anew when the term ends (A24).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry import Broken, State, why_not_used
from service.actions.act import Act, same_version
from service.actions.own_affair import not_own
from service.actions.reason import reason_faults
from service.jobs import notify
from service.problems import Fault, Invalid, Refusal, Refused
from service.storage.assessments import numbers_of, put_settlement
from service.storage.expert_writing import HeldExpert, hold_expert, hold_experts
from service.storage.records import records_of
from service.storage.renewals import events_of, hold_assessment, put_assessment, term_starts

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """The center's judgement of one expert.

    Attributes:
        reason: why not; or what it rests on of who was on few panels.
    """

    expert_id: UUID
    qualified: bool
    reason: str = ""


async def assess(act: Act, judged: Sequence[Judged], *, common_reason: str = "") -> tuple[UUID, ...]:
    """Say of experts in office whether their work is up to what the library needs; each is told.

    Args:
        act: who, when.
        judged: at most 200, one per expert.
        common_reason: what the judgement rests on of whoever was on too few panels and has no reason of the own.

    Returns:
        The assessments, in the same order.

    Raises:
        NotFound: when there is no such expert.
        Invalid: with every fault: nobody named, a reason missing or too short, too few panels without one.
        Refused: OWN_AFFAIR; NOT_IN_TERM with everybody whose term does not run.

    Source: A24 (the assessment that another term needs rests on them).
    """
    act.require("assessment:make")
    ids = [one.expert_id for one in judged]
    if not ids:
        raise Invalid([Fault("experts", "FIELD_REQUIRED")])
    if len(set(ids)) != len(ids) or len(ids) > MOST:
        raise Invalid([Fault("experts", "LIST_TOO_LONG", {"most": MOST})])
    experts = await hold_experts(act.session, ids)
    not_own(act, [one.person_id for one in experts.values()])
    events = await events_of(act.session, ids)
    reasons = {one.expert_id: _reason(act, one, events, common_reason) for one in judged}
    if faults := _faults(act, judged, events, reasons, common_reason):
        raise Invalid(faults)
    if idle := [one for one in experts.values() if not _in_term(act, one)]:
        numbers = await numbers_of(act.session, [one.id for one in idle])
        raise Refused([Refusal("NOT_IN_TERM", facts={"expert": numbers[one.id]}) for one in idle])
    records = await records_of(act.session, ids, on=act.on, since_on=await term_starts(act.session, ids))
    made = []
    for one in judged:
        expert, count = experts[one.expert_id], events.get(one.expert_id, 0)
        assessment_id = await put_assessment(
            act.session,
            expert.id,
            qualified=one.qualified,
            events=count,
            record=records[expert.id],
            term_ends_on=max(term.ends_on for term in expert.terms if term.starts_on <= act.on),
            reason=reasons[expert.id],
            by=act.viewer.person_id,
            on=act.on,
        )
        act.record(
            "expert.assessed",
            stream=f"expert:{expert.id}",
            body={"assessment": str(assessment_id), "events": count, "qualified": one.qualified},
            cites=("A24",),
            edition=act.edition.id,
        )
        await notify(
            act.session,
            "ASSESSED",
            key=f"assessed:{assessment_id}",
            at=act.at,
            person_id=expert.person_id,
            params={"path": "/my"},
        )
        made.append(assessment_id)
    return tuple(made)


async def settle_contest(act: Act, assessment_id: UUID, *, stands: bool, reason: str, seen: int) -> None:
    """Settle what an expert says against an assessment: it stands, or counts no more. The expert is told.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: OWN_AFFAIR; NOT_CONTESTED; SETTLED_ALREADY; ASSESSOR_SETTLES for whoever made it; CONTEST_WITH_APPROVER
            for one that belongs to a list for another term, which whoever approves the list weighs.
    """
    act.require("assessment:settle")
    held = await hold_assessment(act.session, assessment_id)
    expert = await hold_expert(act.session, held.expert_id)
    not_own(act, [expert.person_id])
    same_version(seen, held.version, subject=f"assessment:{assessment_id}")
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    against = (
        (Refusal("CONTEST_WITH_APPROVER"), not held.in_term),
        (Refusal("NOT_CONTESTED"), held.contested_on is None),
        (Refusal("SETTLED_ALREADY"), held.settled != ""),
        (Refusal("ASSESSOR_SETTLES"), held.assessor_id == act.viewer.person_id),
    )
    if refusals := [refusal for refusal, broken in against if broken]:
        raise Refused(refusals)
    await put_settlement(
        act.session, assessment_id, stands=stands, reason=reason.strip(), by=act.viewer.person_id, on=act.on
    )
    act.record(
        "assessment.settled",
        stream=f"expert:{held.expert_id}",
        body={"assessment": str(assessment_id), "stands": stands},
        cites=("A24",),
        edition=act.edition.id,
    )
    await notify(
        act.session,
        "ASSESSMENT_SETTLED",
        key=f"assessment-settled:{assessment_id}",
        at=act.at,
        person_id=expert.person_id,
        params={"path": "/my"},
    )


def _in_term(act: Act, expert: HeldExpert) -> bool:
    in_office = expert.state in (State.ACTIVE, State.SUSPENDED)
    return in_office and any(term.starts_on <= act.on <= term.ends_on for term in expert.terms)


def _reason(act: Act, one: Judged, events: Mapping[UUID, int], common_reason: str) -> str:
    few = why_not_used(events.get(one.expert_id, 0), reasoned=False, events_least=_least(act))
    return one.reason.strip() or (common_reason.strip() if few else "")


def _faults(
    act: Act,
    judged: Sequence[Judged],
    events: Mapping[UUID, int],
    reasons: Mapping[UUID, str],
    common_reason: str,
) -> list[Fault]:
    faults = reason_faults(act.policy, "common_reason", common_reason) if common_reason.strip() else []
    for one in judged:
        at = f"reason_{one.expert_id}"
        if one.reason.strip() or not one.qualified:
            faults += reason_faults(act.policy, at, one.reason)
        thin: tuple[Broken, ...] = why_not_used(
            events.get(one.expert_id, 0), reasoned=bool(reasons[one.expert_id]), events_least=_least(act)
        )
        faults += [Fault(at, rule.code, rule.facts) for rule in thin]
    return faults


def _least(act: Act) -> int:
    return act.policy.library.assessment_events
