"""What happens to experts and may be ground for a case: noted as it happens, judged by the center, contestable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import Judgement, OccurrenceKind, RefusalReason, one_line, why_not_judged, why_not_reviewed
from service.actions.act import Act, commit_to, same_version
from service.actions.candidates import refusals_of
from service.actions.cases import lapse_case, open_case_for
from service.actions.own_affair import not_own
from service.actions.reason import REASON_MOST, reason_faults
from service.ids import new_id
from service.problems import Fault, Invalid, NotFound, Refusal, Refused
from service.storage.cases import hold_case, running_case
from service.storage.expert_writing import hold_expert, keep_text
from service.storage.occurrences import (
    HeldOccurrence,
    NewOccurrence,
    carriers_of,
    change_occurrence,
    hold_occurrence,
    load_occurrence,
    put_occurrence,
)

# The codes of an answer to an invitation in the words of the library.
REASONS: Final[Mapping[str, RefusalReason]] = {
    "ill": RefusalReason.ILLNESS,
    "family": RefusalReason.FAMILY,
    "duty": RefusalReason.DUTY_ELSEWHERE,
    "force-majeure": RefusalReason.FORCE_MAJEURE,
    "not-my-field": RefusalReason.OTHER_FIELD,
    "no-time": RefusalReason.NO_TIME,
    "unwilling": RefusalReason.UNWILLING,
    "unsaid": RefusalReason.NOT_SAID,
    "no-answer": RefusalReason.NO_ANSWER,
}


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A report about an expert, as typed; who reported is not kept.

    Attributes:
        happened_on: the day of what is reported.
        words: what is reported.
    """

    happened_on: date
    words: str


async def note_refusal(act: Act, expert_id: UUID, matter_id: UUID, *, code: str, version: int) -> None:
    """Note that an expert declined an invitation; the center says whether the reason is objective (A26.3).

    Args:
        act: who, when.
        expert_id: who declined.
        matter_id: the matter.
        code: of the answer, one of `workflow.OBJECTIVE`.
        version: of the matter after the answer, so that each refusal is noted once.
    """
    await _note(
        act,
        NewOccurrence(
            f"refusal:{matter_id}:{expert_id}:{version}",
            expert_id,
            OccurrenceKind.REFUSAL,
            act.on,
            refusal=REASONS[code],
            matter_id=matter_id,
        ),
    )


async def note_post_change(act: Act, expert_id: UUID, organisation_id: UUID, *, on: date, began: bool) -> None:
    """Note that the main work of an expert began or ended; the center says whether membership suffers (A26.1)."""
    key = f"post:{expert_id}:{organisation_id}:{'from' if began else 'to'}:{on.isoformat()}"
    await _note(act, NewOccurrence(key, expert_id, OccurrenceKind.POST_CHANGE, on, organisation_id=organisation_id))


async def report(act: Act, expert_id: UUID, entry: ReportEntry) -> UUID:
    """Enter a report that an expert misuses the title or harms the county (A28.3, A28.5); the center judges it.

    Raises:
        NotFound: when there is no such expert.
        Invalid: with every fault of the input.

    Source: A28.3, A28.5, A70.
    """
    act.require("occurrence:report")
    faults = reason_faults(act.policy, "words", entry.words)
    if entry.happened_on > act.on:
        faults.append(Fault("happened_on", "DAY_IN_FUTURE"))
    if faults:
        raise Invalid(faults)
    await hold_expert(act.session, expert_id)
    words = one_line(entry.words)
    key = f"report:{new_id()}"
    noted = await _note(act, NewOccurrence(key, expert_id, OccurrenceKind.REPORT, entry.happened_on, words=words))
    if noted is None:
        raise RuntimeError("a fresh report was noted before")
    return noted


async def judge_occurrence(act: Act, occurrence_id: UUID, judgement: Judgement, *, seen: int) -> UUID | None:
    """Say whether an occurrence opens a case; of a refusal that is whether its reason is not objective.

    Where a case about the expert runs already, the occurrence is added to it. Nothing here dismisses anybody.

    Returns:
        The case, None without one.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when a reason is too long or too short.
        Refused: CLASSIFICATION_WITHOUT_REASON; JUDGED_ALREADY; EXPERT_LEFT; OWN_AFFAIR.

    Source: A26.1, A26.3, A26.6, A70. Reading: U10.
    """
    act.require("occurrence:judge")
    held = await _held(act, occurrence_id, seen)
    not_own(act, [held.person_id])
    if judgement.reason.strip() and (faults := reason_faults(act.policy, "reason", judgement.reason)):
        raise Invalid(faults)
    refusals = refusals_of(act, why_not_judged(held.kind, judgement, refusal=held.refusal))
    if held.state != "waiting":
        refusals.append(Refusal("JUDGED_ALREADY"))
    if refusals:
        raise Refused(refusals)
    reason, case_id, opened = judgement.reason.strip(), None, False
    if judgement.opens:
        case_id = await _case_to_join(act, held.expert_id)
        if case_id is None:
            expert = await hold_expert(act.session, held.expert_id)
            case_id = await open_case_for(act, expert, held.kind.ground, evidence=reason, refusal=held.refusal)
            opened = True
    await change_occurrence(
        act.session,
        occurrence_id,
        state="case" if judgement.opens else "passed",
        reason=reason,
        judged_by=act.viewer.person_id,
        judged_on=act.on,
        case_id=case_id,
        opened=opened,
    )
    _record(act, held, "occurrence.judged", reason, opens=judgement.opens, case=case_id)
    return case_id


async def contest_occurrence(act: Act, occurrence_id: UUID, *, text: str, seen: int) -> None:
    """Say against the judgement that one's reason was objective, or that there is no ground for a case.

    Raises:
        NotFound: when it is somebody else's.
        Stale: as everywhere.
        Invalid: when it is missing or too long.
        Refused: NOTHING_TO_CONTEST; CONTESTED_ALREADY.

    Source: A26.3. Reading: U10.
    """
    view = await load_occurrence(act.session, act.viewer, occurrence_id)
    if not view.own:
        raise NotFound(subject="occurrence")
    act.require("occurrence:contest", ("own",))
    held = await _held(act, occurrence_id, seen)
    words = text.strip()
    if not words or len(words) > REASON_MOST:
        code = "FIELD_TOO_LONG" if words else "FIELD_REQUIRED"
        raise Invalid([Fault("contest", code, {"most": REASON_MOST, "length": len(words)})])
    if held.state != "case":
        raise Refused([Refusal("NOTHING_TO_CONTEST")])
    if held.contested_on is not None:
        raise Refused([Refusal("CONTESTED_ALREADY")])
    await change_occurrence(act.session, occurrence_id, contested=words, contested_on=act.on)
    _record(act, held, "occurrence.contested", words)


async def review_occurrence(act: Act, occurrence_id: UUID, *, stands: bool, reason: str, seen: int) -> None:
    """Settle what the expert says against a judgement: another person of the center than who judged.

    When the judgement falls, the occurrence counts no more. A case that was opened for it lapses, unless another
    occurrence carries it: one of its ground lets it go on as it is; for one of another ground a case of that ground
    takes its place, on which the expert is heard anew.

    Raises:
        NotFound, Stale: as everywhere.
        Invalid: when the reason is missing or too short.
        Refused: SAME_PERSON_CLASSIFIED; OWN_AFFAIR; NOTHING_TO_REVIEW; CASE_CLOSED when the case would lapse and the
            director has decided it.

    Source: A26.3. Reading: U10.
    """
    act.require("occurrence:judge")
    held = await _held(act, occurrence_id, seen)
    not_own(act, [held.person_id])
    if faults := reason_faults(act.policy, "review_reason", reason):
        raise Invalid(faults)
    refusals = refusals_of(act, why_not_reviewed(judged_by=str(held.judged_by), reviewed_by=str(act.viewer.person_id)))
    if held.contested_on is None or held.reviewed_on is not None:
        refusals.append(Refusal("NOTHING_TO_REVIEW"))
    if refusals:
        raise Refused(refusals)
    if not stands and held.case_id is not None:
        await _let_fall(act, held, held.case_id)
    await change_occurrence(
        act.session,
        occurrence_id,
        state="case" if stands else "passed",
        review_reason=reason.strip(),
        reviewed_by=act.viewer.person_id,
        reviewed_on=act.on,
    )
    _record(act, held, "occurrence.reviewed", reason.strip(), stands=stands)


async def _case_to_join(act: Act, expert_id: UUID) -> UUID | None:
    """Return the case that runs about an expert, held so that it does not lapse while something joins it."""
    case_id = await running_case(act.session, expert_id)
    if case_id is None or (await hold_case(act.session, case_id)).state == "closed":
        return None
    return case_id


async def _let_fall(act: Act, held: HeldOccurrence, case_id: UUID) -> None:
    """Let a case lapse that rests on nothing but an occurrence that falls; what else was judged keeps its case."""
    case = await hold_case(act.session, case_id)
    carriers = await carriers_of(act.session, case_id)
    others = [one for one in carriers if one.id != held.id and not one.falls]
    entered_by_hand = not any(one.opened for one in carriers)
    if entered_by_hand or any(one.kind.ground is case.ground for one in others):
        return
    await lapse_case(act, case_id)
    if not others:
        return
    first = others[0]
    expert = await hold_expert(act.session, held.expert_id)
    new_id = await open_case_for(act, expert, first.kind.ground, evidence=first.reason, refusal=first.refusal)
    for one in others:
        await change_occurrence(act.session, one.id, case_id=new_id, opened=one.id == first.id)


async def _note(act: Act, new: NewOccurrence) -> UUID | None:
    noted = await put_occurrence(act.session, new, at=act.at)
    if noted is not None:
        act.record(
            "occurrence.noted",
            stream=f"occurrence:{noted}",
            body={"expert": str(new.expert_id), "kind": new.kind.value, "happened_on": new.happened_on.isoformat()},
            cites=("A70",) if new.kind is OccurrenceKind.REPORT else ("A26",),
            edition=act.edition.id,
        )
    return noted


def _record(act: Act, held: HeldOccurrence, type_: str, text: str, **more: bool | UUID | None) -> None:
    digest = None
    stream = f"occurrence:{held.id}"
    if text:
        digest, salt = commit_to(text)
        keep_text(act.session, stream, sha256=digest, salt=salt, text=text)
    body = {name: str(value) if isinstance(value, UUID) else value for name, value in more.items()}
    act.record(
        type_,
        stream=stream,
        body=body | {"reason_sha256": digest},
        cites=("A70",) if held.kind is OccurrenceKind.REPORT else ("A26",),
        edition=act.edition.id,
    )


async def _held(act: Act, occurrence_id: UUID, seen: int) -> HeldOccurrence:
    await load_occurrence(act.session, act.viewer, occurrence_id)
    held = await hold_occurrence(act.session, occurrence_id)
    same_version(seen, held.version, subject=f"occurrence:{occurrence_id}")
    return held
