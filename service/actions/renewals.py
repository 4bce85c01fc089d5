"""Another term for experts: the three tests answered, a list for the county government, the expert's word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import (
    BatchKind,
    Broken,
    Record,
    Review,
    Stage,
    State,
    TitleLevel,
    why_no_wish,
    why_not_reappointed,
    why_not_yet,
)
from service.actions.act import Act, same_version
from service.actions.batches import make_batch
from service.actions.candidates import refusals_of
from service.actions.own_affair import not_own
from service.actions.reason import REASON_MOST, reason_faults
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.candidate_writing import NewCandidate, change_candidates, put_candidate, running_candidate
from service.storage.expert_writing import HeldExpert, hold_expert, hold_experts
from service.storage.records import records_of
from service.storage.renewals import (
    WishView,
    events_of,
    hold_assessment,
    put_assessment,
    put_contest,
    put_wish,
    term_starts,
    wishes_of,
)

RENEWAL: Final = "renewal"
"""The channel of a candidate who is an expert already."""
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class RenewalAnswer:
    """The three tests about one expert, as answered.

    Attributes:
        qualified, needed, eligible: assessment passed, work need, A25 still met.
        reason: why not, or what a thin assessment rests on.
    """

    expert_id: UUID
    qualified: bool
    needed: bool
    eligible: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WishEntry:
    """What an expert says about another term.

    Attributes:
        willing: whether one is wanted.
        confirmed: that what is kept is right, or a change is asked, and A25 is still met; needed of who is willing.
        statement: about the work of the term, in words.
    """

    willing: bool
    confirmed: bool = False
    statement: str = ""


async def say_wish(act: Act, expert_id: UUID, entry: WishEntry, *, seen: int) -> None:
    """Say whether one would like another term; said anew until the expert is on a list. It gives no right to one.

    Raises:
        NotFound: when it is somebody else, or who was never appointed.
        Stale: as everywhere.
        Invalid: DECLARATION_NEEDED where the willing confirm nothing, FIELD_TOO_LONG.
        Refused: WISH_TOO_EARLY before the first reminder, WISH_TOO_LATE; EXPERT_SUSPENDED, EXPERT_LEFT;
            APPLICATION_RUNNING once the expert is on the way to another term.

    Source: A24, A25.6.
    """
    held = await hold_expert(act.session, expert_id)
    if held.person_id != act.viewer.person_id:
        raise NotFound(subject="expert")
    act.require("renewal:wish", ("own",))
    same_version(seen, held.version, subject=f"expert:{expert_id}")
    words, faults = entry.statement.strip(), []
    if entry.willing and not entry.confirmed:
        faults.append(Fault("confirmed", "DECLARATION_NEEDED"))
    if len(words) > REASON_MOST:
        faults.append(Fault("statement", "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(words)}))
    if faults:
        raise Invalid(faults)
    days = max(act.policy.library.reminder_days)
    if refusals := refusals_of(act, why_no_wish(held.terms, on=act.on, days=days)) + await _not_open(act, held):
        raise Refused(refusals)
    term_id = await put_wish(act.session, expert_id, WishView(entry.willing, words, act.on))
    act.record(
        "renewal.wished",
        stream=f"expert:{expert_id}",
        body={"term": str(term_id), "willing": entry.willing, "confirmed": entry.confirmed},
        cites=("A24", "A25.6"),
        edition=act.edition.id,
    )


async def answer_renewals(
    act: Act, answers: Sequence[RenewalAnswer], *, common_reason: str = "", align_on: date | None = None
) -> UUID | None:
    """Answer the three tests about experts and put those who pass onto one list for the county government.

    Args:
        act: who, when.
        answers: at most 200, one per expert.
        common_reason: what the assessments rest on of whoever has fewer than three events.
        align_on: first day of everybody's term, None for the letter or the day after the last term.

    Returns:
        The list; None when nobody passed.

    Raises:
        NotFound: when there is no such expert.
        Invalid: with every fault: nobody named, a reason missing or too short.
        Refused: OWN_AFFAIR; RENEWAL_TOO_EARLY, RENEWAL_UNWANTED, EXPERT_SUSPENDED, EXPERT_LEFT, APPLICATION_RUNNING,
            with everybody they concern.

    Source: A24, A25. Reading: U7 (approved as a first appointment).
    """
    act.require("renewal:answer")
    if not answers:
        raise Invalid([Fault("experts", "FIELD_REQUIRED")])
    if len({one.expert_id for one in answers}) != len(answers) or len(answers) > _MOST:
        raise Invalid([Fault("experts", "LIST_TOO_LONG", {"most": _MOST})])
    events = await events_of(act.session, [one.expert_id for one in answers])
    experts = await hold_experts(act.session, [one.expert_id for one in answers])
    not_own(act, [one.person_id for one in experts.values()])
    reviews = {one.expert_id: _review(one, events, common_reason) for one in answers}
    if faults := _faults(act, answers, reviews, common_reason):
        raise Invalid(faults)
    wishes = await wishes_of(act.session, list(experts))
    broken = [
        refusal
        for one in answers
        if not _failed(act, reviews[one.expert_id])
        for refusal in await _against(act, experts[one.expert_id], wishes.get(one.expert_id))
    ]
    if broken:
        raise Refused(broken)
    starts = await term_starts(act.session, list(experts))
    records = await records_of(act.session, list(experts), on=act.on, since_on=starts)
    listed = []
    for one in answers:
        expert, review = experts[one.expert_id], reviews[one.expert_id]
        candidate_id = None
        if not _failed(act, review):
            candidate_id = await _candidate(act, expert)
            listed.append(candidate_id)
        reason = one.reason.strip() or (common_reason.strip() if review.reasoned else "")
        await _keep(act, expert, review, records[one.expert_id], reason, candidate_id)
    if not listed:
        return None
    return await make_batch(act, BatchKind.REAPPOINTMENT, align_on=align_on, candidates=listed)


async def contest_assessment(act: Act, assessment_id: UUID, *, text: str, seen: int) -> None:
    """Say something against one's own assessment; who approves sees it.

    Raises:
        NotFound: when it is somebody else's, or there is none.
        Stale: as everywhere.
        Invalid: when it is missing or too long.
        Refused: CONTESTED_ALREADY.

    Source: A24.
    """
    held = await hold_assessment(act.session, assessment_id)
    expert = await hold_expert(act.session, held.expert_id)
    if expert.person_id != act.viewer.person_id:
        raise NotFound(subject="assessment")
    act.require("assessment:contest", ("own",))
    same_version(seen, held.version, subject=f"assessment:{assessment_id}")
    words = text.strip()
    if not words or len(words) > REASON_MOST:
        code = "FIELD_TOO_LONG" if words else "FIELD_REQUIRED"
        raise Invalid([Fault("contest", code, {"most": REASON_MOST, "length": len(words)})])
    if held.contested_on is not None:
        raise Refused([Refusal("CONTESTED_ALREADY")])
    await put_contest(act.session, assessment_id, text=words, on=act.on)
    act.record(
        "assessment.contested",
        stream=f"expert:{held.expert_id}",
        body={"assessment": str(assessment_id)},
        cites=("A24",),
        edition=act.edition.id,
    )


def _failed(act: Act, review: Review) -> tuple[Broken, ...]:
    return why_not_reappointed(review, events_least=act.policy.library.assessment_events)


def _review(answer: RenewalAnswer, events: Mapping[UUID, int], common_reason: str) -> Review:
    count = events.get(answer.expert_id, 0)
    reasoned = bool(answer.reason.strip() or common_reason.strip())
    return Review(answer.qualified, answer.needed, answer.eligible, count, reasoned)


def _faults(
    act: Act, answers: Sequence[RenewalAnswer], reviews: Mapping[UUID, Review], common_reason: str
) -> list[Fault]:
    faults = []
    if common_reason.strip():
        faults += reason_faults(act.policy, "common_reason", common_reason)
    for one in answers:
        at, review = f"reason_{one.expert_id}", reviews[one.expert_id]
        refused = not (one.qualified and one.needed and one.eligible)
        if refused or one.reason.strip():
            faults += reason_faults(act.policy, at, one.reason)
        for rule in _failed(act, review):
            if rule.code == "ASSESSMENT_TOO_FEW":
                faults.append(Fault(at, rule.code, rule.facts))
    return faults


async def _against(act: Act, expert: HeldExpert, wish: WishView | None) -> list[Refusal]:
    """Return what stands against another term of an expert who passed the tests."""
    broken: list[Broken] = list(why_not_yet(expert.terms, on=act.on, days=act.policy.library.renewal_days))
    refusals = refusals_of(act, broken) + await _not_open(act, expert)
    if wish is not None and not wish.willing:
        refusals.append(act.edition.refusal("RENEWAL_UNWANTED"))
    if not expert.terms:
        refusals.append(act.edition.refusal("NOT_APPOINTED"))
    return refusals


async def _not_open(act: Act, expert: HeldExpert) -> list[Refusal]:
    """Return why nobody speaks of another term of an expert: under review, gone, or on the way to it already."""
    refusals = []
    if expert.state is State.SUSPENDED:
        refusals.append(act.edition.refusal("EXPERT_SUSPENDED"))
    elif expert.state is not State.ACTIVE:
        refusals.append(Refusal("EXPERT_LEFT", facts={"state": expert.state.value}))
    if await running_candidate(act.session, expert.person_id):
        refusals.append(Refusal("APPLICATION_RUNNING"))
    return refusals


async def _candidate(act: Act, expert: HeldExpert) -> UUID:
    """Make the expert a candidate for another term, checked by the center's answers."""
    candidate_id, number = await put_candidate(
        act.session,
        NewCandidate(
            person_id=expert.person_id,
            expert_id=expert.id,
            title=expert.title,
            title_level=TitleLevel(expert.title_level),
            fields=expert.fields,
            organisation_id=next(
                (job.organisation_id for job in expert.employments if job.main and not job.to_on), None
            ),
            post="",
            source=RENEWAL,
            source_note="",
            received_on=act.on,
        ),
        at=act.at,
    )
    await change_candidates(
        act.session,
        [candidate_id],
        stage=Stage.CHECKED.value,
        checked_on=act.on,
        checked_by=act.viewer.person_id,
    )
    act.record(
        "candidate.received",
        stream=f"candidate:{candidate_id}",
        body={"number": number, "person": str(expert.person_id), "source": RENEWAL},
        cites=("A24",),
        edition=act.edition.id,
    )
    return candidate_id


async def _keep(
    act: Act, expert: HeldExpert, review: Review, record: Record, reason: str, candidate_id: UUID | None
) -> None:
    assessment_id = await put_assessment(
        act.session,
        expert.id,
        qualified=review.qualified,
        needed=review.needed,
        eligible=review.eligible,
        events=review.events,
        record=record,
        term_ends_on=max(term.ends_on for term in expert.terms),
        reason=reason,
        candidate_id=candidate_id,
        by=act.viewer.person_id,
        on=act.on,
    )
    act.record(
        "expert.assessed",
        stream=f"expert:{expert.id}",
        body={
            "assessment": str(assessment_id),
            "events": review.events,
            "qualified": review.qualified,
            "needed": review.needed,
            "eligible": review.eligible,
        },
        cites=("A24", "A25"),
        edition=act.edition.id,
    )
