"""From the events of a review to its state.

Bodies by type:
    expert.invited: person, respond_by, abstract_sha256
    invitation.seen: person
    invitation.accepted, invitation.declined, invitation.recused: person, code, objective, until_on, note_sha256, via
    release.asked, expert.released: person, reason_sha256
    undertaking.signed: person, document_sha256, how
    study.shortened: working_days, reason_sha256
    material.sent: version, items, change_sha256
    material.delivered: person, version, delivered_on, due_on, provisional
    urgency.recorded: reason_sha256
    opinion.spoken: person, conclusion, given_at, written_by, said_sha256, witness_sha256
    opinion.signed: person, version, document_sha256, points, conclusion, flags, how, received_on (of one on paper)
    institution-signer.named: person, organisation, contract_sha256
    paper-opinion.entered: person, document_sha256, points, conclusion, received_at, received_on
    paper-opinion.rejected: person, reason_sha256
    opinion.set-aside: person, reason_sha256
    opinions.opened: (nothing)
    opinions.closed: counted, floor, waived, reason_sha256
    point.answered: person, point, reasonable, adoption, reason_sha256
    disposition.filed: points, adopted, partly, not, already, out-of-scope
    disposition.replied: person, reply_sha256
    material.rated: person, scores, words_sha256
    review-form.chosen: form, other_sha256, flags
    meeting.set, meeting.moved: starts_at, ends_at, starts_on, place_sha256, agenda_sha256, leader, reason_sha256
    meeting.cancelled: reason_sha256
    meeting.held: present, leader, conclusion, minutes_sha256, joint_sha256, dissent, floor, flags
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from workflow.event import Event
from workflow.review import event as kinds
from workflow.review import meeting as meetings
from workflow.review.flag import OPINION_LATE, ORAL_MISMATCH, WRITTEN_OVERDUE
from workflow.review.meeting import Meeting
from workflow.review.part import OralOpinion, PaperOpinion, Part, PointAnswer, Review, SignedOpinion

ReviewChange = Callable[[Review, Event], Review]


def replaced(review: Review, person_id: str, *, on: date) -> Review:
    """Return the review after somebody else took a person's place on the panel."""
    return _with(
        review,
        person_id,
        lambda part: part if part.ended else replace(part, ended="replaced", left_on=part.leaving(on)),
    )


def _with(review: Review, person_id: str, change: Callable[[Part], Part]) -> Review:
    """Change the latest part of a person."""
    held = review.part(person_id)
    if held is None:
        return review
    changed = change(held)
    return replace(review, parts=tuple(changed if part is held else part for part in review.parts))


def _of_person(change: Callable[[Part, Event], Part]) -> ReviewChange:
    def apply(review: Review, event: Event) -> Review:
        return _with(review, event.body["person"], lambda part: replace(change(part, event), version=part.version + 1))

    return apply


def _invited(review: Review, event: Event) -> Review:
    body = event.body
    earlier = review.part(body["person"])
    part = Part(
        person_id=body["person"],
        invited_at=event.at,
        respond_by=date.fromisoformat(body["respond_by"]),
        version=1 if earlier is None else earlier.version + 1,
    )
    return replace(review, parts=(*review.parts, part), abstract_sha256=body["abstract_sha256"])


def _seen(review: Review, event: Event) -> Review:
    # Having looked changes nothing that anybody decides about: whoever answers from the same page is not out of date.
    return _with(review, event.body["person"], lambda part: replace(part, seen_at=part.seen_at or event.at))


def _answered(part: Part, event: Event) -> Part:
    body = event.body
    return replace(
        part,
        answer=event.type.partition(".")[2],
        code=body["code"],
        until_on=_day(body["until_on"]),
        via=body["via"],
        answered_on=event.on,
        left_on=part.leaving(event.on),
    )


def _release_asked(part: Part, event: Event) -> Part:  # noqa: ARG001 -- all changes are called alike
    return replace(part, release_asked=True)


def _released(part: Part, event: Event) -> Part:
    return replace(part, ended="released", left_on=part.leaving(event.on))


def _undertaken(part: Part, event: Event) -> Part:
    return replace(part, undertaking_sha256=event.body["document_sha256"])


def _shortened(review: Review, event: Event) -> Review:
    return replace(review, study_days=event.body["working_days"])


def _sent(review: Review, event: Event) -> Review:
    return replace(review, material=event.body["version"])


def _delivered(part: Part, event: Event) -> Part:
    body = event.body
    return replace(
        part,
        material=body["version"],
        delivered_on=date.fromisoformat(body["delivered_on"]),
        due_on=date.fromisoformat(body["due_on"]),
        provisional=body["provisional"],
    )


def _signer_named(part: Part, event: Event) -> Part:
    return replace(part, institution=event.body["organisation"])


def _urgent(review: Review, event: Event) -> Review:  # noqa: ARG001 -- all changes are called alike
    return replace(review, urgent=True)


def _spoken(part: Part, event: Event) -> Part:
    body = event.body
    oral = OralOpinion(
        conclusion=body["conclusion"],
        given_at=datetime.fromisoformat(body["given_at"]),
        written_by=datetime.fromisoformat(body["written_by"]),
        said_sha256=body["said_sha256"],
        witness_sha256=body["witness_sha256"],
    )
    return replace(part, oral=oral)


def _entered(part: Part, event: Event) -> Part:
    body = event.body
    paper = PaperOpinion(
        document_sha256=body["document_sha256"],
        points=body["points"],
        conclusion=body["conclusion"],
        received_at=datetime.fromisoformat(body["received_at"]),
        received_on=date.fromisoformat(body["received_on"]),
        entered_by=event.by.person_id,
    )
    return replace(part, paper=paper)


def _rejected(part: Part, event: Event) -> Part:  # noqa: ARG001 -- all changes are called alike
    return replace(part, paper=None)


def _signed(part: Part, event: Event) -> Part:
    body, former = event.body, part.opinion
    opinion = SignedOpinion(
        version=body["version"],
        document_sha256=body["document_sha256"],
        points=body["points"],
        conclusion=body["conclusion"],
        signed_on=(_day(body.get("received_on")) or event.on) if former is None else former.signed_on,
        how=body.get("how", "key"),
        late=OPINION_LATE in body["flags"] if former is None else former.late,
        overdue=WRITTEN_OVERDUE in body["flags"] if former is None else former.overdue,
        differs=ORAL_MISMATCH in body["flags"],
    )
    # Another text makes other points: the answers to the former version are no longer answers.
    # What was entered from paper before has given way to it.
    return replace(part, opinion=opinion, answers={}, paper=None)


def _set_aside(part: Part, event: Event) -> Part:  # noqa: ARG001 -- all changes are called alike
    return replace(part, set_aside=True)


def _opened(review: Review, event: Event) -> Review:  # noqa: ARG001 -- all changes are called alike
    return replace(review, opened=True)


def _closed(review: Review, event: Event) -> Review:  # noqa: ARG001 -- all changes are called alike
    return replace(review, closed=True)


def _point_answered(part: Part, event: Event) -> Part:
    body = event.body
    answer = PointAnswer(body["reasonable"], body["adoption"], body["reason_sha256"])
    return replace(part, answers={**part.answers, body["point"]: answer})


def _filed(review: Review, event: Event) -> Review:  # noqa: ARG001 -- all changes are called alike
    return replace(review, filed=True)


def _rated(review: Review, event: Event) -> Review:
    # Nothing waits for it: whoever acts on the same part is not out of date.
    body = event.body
    rated = {"rated": dict(body["scores"]), "rated_sha256": body["words_sha256"]}
    return _with(review, body["person"], lambda part: replace(part, **rated))


def _replied(part: Part, event: Event) -> Part:  # noqa: ARG001 -- all changes are called alike
    return replace(part, replied=True)


def _form_chosen(review: Review, event: Event) -> Review:
    return replace(review, form=event.body["form"], other_sha256=event.body["other_sha256"])


def _meeting_set(review: Review, event: Event) -> Review:
    body = event.body
    moves = review.meeting.moves + 1 if event.type == meetings.MEETING_MOVED and review.meeting else 0
    meeting = Meeting(
        starts_at=datetime.fromisoformat(body["starts_at"]),
        ends_at=datetime.fromisoformat(body["ends_at"]),
        starts_on=date.fromisoformat(body["starts_on"]),
        place_sha256=body["place_sha256"],
        agenda_sha256=body["agenda_sha256"],
        leader_id=body["leader"],
        moves=moves,
    )
    return replace(review, meeting=meeting)


def _meeting_cancelled(review: Review, event: Event) -> Review:  # noqa: ARG001 -- all changes are called alike
    return review if review.meeting is None else replace(review, meeting=replace(review.meeting, status="cancelled"))


def _meeting_held(review: Review, event: Event) -> Review:
    body = event.body
    if review.meeting is None:
        return review
    held = replace(
        review.meeting,
        status="held",
        present=tuple(body["present"]),
        # Meetings entered before it was asked were led by whom the plan named.
        leader_id=body.get("leader", review.meeting.leader_id),
        conclusion=body["conclusion"],
        minutes_sha256=body["minutes_sha256"],
        joint_sha256=body["joint_sha256"],
        dissent=tuple(body["dissent"]),
        small=bool(body["flags"]),
    )
    return replace(review, meeting=held)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


CHANGES: Final[Mapping[str, ReviewChange]] = {
    kinds.EXPERT_INVITED: _invited,
    kinds.INVITATION_SEEN: _seen,
    kinds.INVITATION_ACCEPTED: _of_person(_answered),
    kinds.INVITATION_DECLINED: _of_person(_answered),
    kinds.INVITATION_RECUSED: _of_person(_answered),
    kinds.RELEASE_ASKED: _of_person(_release_asked),
    kinds.EXPERT_RELEASED: _of_person(_released),
    kinds.UNDERTAKING_SIGNED: _of_person(_undertaken),
    kinds.STUDY_SHORTENED: _shortened,
    kinds.MATERIAL_SENT: _sent,
    kinds.MATERIAL_DELIVERED: _of_person(_delivered),
    kinds.URGENCY_RECORDED: _urgent,
    kinds.OPINION_SPOKEN: _of_person(_spoken),
    kinds.OPINION_SIGNED: _of_person(_signed),
    kinds.SIGNER_NAMED: _of_person(_signer_named),
    kinds.PAPER_ENTERED: _of_person(_entered),
    kinds.PAPER_REJECTED: _of_person(_rejected),
    kinds.OPINION_SET_ASIDE: _of_person(_set_aside),
    kinds.OPINIONS_OPENED: _opened,
    kinds.OPINIONS_CLOSED: _closed,
    kinds.POINT_ANSWERED: _of_person(_point_answered),
    kinds.DISPOSITION_FILED: _filed,
    kinds.DISPOSITION_REPLIED: _of_person(_replied),
    kinds.MATERIAL_RATED: _rated,
    meetings.FORM_CHOSEN: _form_chosen,
    meetings.MEETING_SET: _meeting_set,
    meetings.MEETING_MOVED: _meeting_set,
    meetings.MEETING_CANCELLED: _meeting_cancelled,
    meetings.MEETING_HELD: _meeting_held,
}
