"""The events that the commands of a review bring about."""

from datetime import UTC, date, datetime
from typing import Any

from workflow.clocks import hours_deadline
from workflow.matter import MatterState, floor_for
from workflow.review import event as kinds
from workflow.review import meeting as meetings
from workflow.review.command import (
    ADOPTIONS,
    AnswerInvitation,
    AnswerPoint,
    AskRelease,
    CloseOpinions,
    ConfirmPaper,
    DeliverMaterial,
    EnterPaper,
    FileDisposition,
    Invite,
    NameSigner,
    OpenOpinions,
    RateMaterial,
    RecordOral,
    RecordUrgency,
    RejectPaper,
    ReleaseMember,
    ReplyOnce,
    ReviewCommand,
    SeeInvitation,
    SendMaterial,
    SetAsideOpinion,
    ShortenStudy,
    SignOpinion,
    SignUndertaking,
)
from workflow.review.flag import OPINION_LATE, ORAL_MISMATCH, WRITTEN_OVERDUE
from workflow.review.meeting import OTHER, CancelMeeting, ChooseForm, HoldMeeting, SetMeeting
from workflow.review.part import OBJECTIVE
from workflow.steps import DECLARATIONS, EXPERT_DISPOSITION, EXPERT_NEED, OPINIONS, PACKAGE_SENT
from workflow.terms import Terms

Written = tuple[str, str, dict[str, Any]]


def written(state: MatterState, command: ReviewCommand, terms: Terms, *, at: datetime, on: date) -> list[Written]:
    """Return type, step and body of every event that a command brings about, in order."""
    match command:
        case Invite():
            return [(kinds.EXPERT_INVITED, DECLARATIONS, _invited(command, person)) for person in command.people]
        case SeeInvitation():
            return [(kinds.INVITATION_SEEN, DECLARATIONS, {"person": command.person_id})]
        case AnswerInvitation():
            return [(f"invitation.{command.answer}", DECLARATIONS, _answered(command))]
        case AskRelease():
            body = {"person": command.person_id, "reason_sha256": command.reason_sha256}
            return [(kinds.RELEASE_ASKED, DECLARATIONS, body)]
        case ReleaseMember():
            body = {"person": command.person_id, "reason_sha256": command.reason_sha256}
            return [(kinds.EXPERT_RELEASED, DECLARATIONS, body)]
        case SignUndertaking():
            body = {"person": command.person_id, "document_sha256": command.document_sha256, "how": command.how}
            return [(kinds.UNDERTAKING_SIGNED, DECLARATIONS, body)]
        case ShortenStudy():
            shortened = {"working_days": command.working_days, "reason_sha256": command.reason_sha256}
            return [(kinds.STUDY_SHORTENED, PACKAGE_SENT, shortened)]
        case SendMaterial():
            return [(kinds.MATERIAL_SENT, PACKAGE_SENT, _sent(state, command))]
        case DeliverMaterial():
            return [(kinds.MATERIAL_DELIVERED, PACKAGE_SENT, _delivered(state, command, on=on))]
        case SignOpinion():
            return [(kinds.OPINION_SIGNED, OPINIONS, _signed(state, command, at=at, on=on) | {"how": "key"})]
        case NameSigner():
            body = {"person": command.person_id, "organisation": command.organisation_id}
            return [(kinds.SIGNER_NAMED, OPINIONS, body | {"contract_sha256": command.contract_sha256})]
        case EnterPaper():
            return [(kinds.PAPER_ENTERED, OPINIONS, _entered(command))]
        case ConfirmPaper():
            return [(kinds.OPINION_SIGNED, OPINIONS, _confirmed(state, command))]
        case RejectPaper():
            body = {"person": command.person_id, "reason_sha256": command.reason_sha256}
            return [(kinds.PAPER_REJECTED, OPINIONS, body)]
        case RecordUrgency():
            return [(kinds.URGENCY_RECORDED, OPINIONS, {"reason_sha256": command.reason_sha256})]
        case RecordOral():
            return [(kinds.OPINION_SPOKEN, OPINIONS, _spoken(command, terms))]
        case SetAsideOpinion():
            body = {"person": command.person_id, "reason_sha256": command.reason_sha256}
            return [(kinds.OPINION_SET_ASIDE, OPINIONS, body)]
        case OpenOpinions():
            return [(kinds.OPINIONS_OPENED, OPINIONS, {})]
        case CloseOpinions():
            return [(kinds.OPINIONS_CLOSED, OPINIONS, _closed(state, command, terms))]
        case AnswerPoint():
            return [(kinds.POINT_ANSWERED, EXPERT_DISPOSITION, _point_answered(command))]
        case FileDisposition():
            return [(kinds.DISPOSITION_FILED, EXPERT_DISPOSITION, _filed(state))]
        case ChooseForm():
            flags = ["OTHER_FORM"] if command.form == OTHER else []
            chosen = {"form": command.form, "other_sha256": command.other_sha256, "flags": flags}
            return [(meetings.FORM_CHOSEN, EXPERT_NEED, chosen)]
        case SetMeeting():
            return [_meeting_set(state, command)]
        case CancelMeeting():
            return [(meetings.MEETING_CANCELLED, OPINIONS, {"reason_sha256": command.reason_sha256})]
        case HoldMeeting():
            return [(meetings.MEETING_HELD, OPINIONS, _held(state, command, terms))]
        case ReplyOnce():
            body = {"person": command.person_id, "reply_sha256": command.reply_sha256}
            return [(kinds.DISPOSITION_REPLIED, EXPERT_DISPOSITION, body)]
        case RateMaterial():
            rated = {"person": command.person_id, "scores": dict(command.scores), "words_sha256": command.words_sha256}
            return [(kinds.MATERIAL_RATED, OPINIONS, rated)]


def _invited(command: Invite, person: str) -> dict[str, Any]:
    return {
        "person": person,
        "respond_by": command.respond_by.isoformat(),
        "abstract_sha256": command.abstract_sha256,
    }


def _answered(command: AnswerInvitation) -> dict[str, Any]:
    return {
        "person": command.person_id,
        "code": command.code,
        "objective": OBJECTIVE.get(command.code),
        "until_on": None if command.until_on is None else command.until_on.isoformat(),
        "note_sha256": command.note_sha256,
        "via": command.via,
    }


def _sent(state: MatterState, command: SendMaterial) -> dict[str, Any]:
    return {
        "version": state.review.material + 1,
        "items": {item: list(files) for item, files in command.items.items()},
        "change_sha256": command.change_sha256,
    }


def _delivered(state: MatterState, command: DeliverMaterial, *, on: date) -> dict[str, Any]:
    part = state.review.part(command.person_id)
    kept = part is not None and part.delivered_on is not None and not command.restart
    return {
        "person": command.person_id,
        "version": state.review.material,
        "delivered_on": str(part.delivered_on if kept and part else on),
        "due_on": str(part.due_on if kept and part else command.due_on),
        "provisional": part.provisional if kept and part else command.provisional,
    }


def _spoken(command: RecordOral, terms: Terms) -> dict[str, Any]:
    hours = terms.number(WRITTEN_OVERDUE, "hours")
    return {
        "person": command.person_id,
        "conclusion": command.conclusion,
        "given_at": command.given_at.isoformat(),
        "written_by": hours_deadline(command.given_at, hours).isoformat(),
        "said_sha256": command.said_sha256,
        "witness_sha256": command.witness_sha256,
    }


def _signed(state: MatterState, command: SignOpinion, *, at: datetime, on: date) -> dict[str, Any]:
    part = state.review.part(command.person_id)
    former = None if part is None else part.opinion
    due_on = None if part is None else part.due_on
    oral = None if part is None else part.oral
    flags = {
        OPINION_LATE: former is None and due_on is not None and on > due_on,
        WRITTEN_OVERDUE: former is None and oral is not None and at > oral.written_by,
        ORAL_MISMATCH: oral is not None and command.conclusion != oral.conclusion,
    }
    return {
        "person": command.person_id,
        "version": 1 if former is None else former.version + 1,
        "document_sha256": command.document_sha256,
        "points": command.points,
        "conclusion": command.conclusion,
        "flags": [flag for flag, holds in flags.items() if holds],
    }


def _entered(command: EnterPaper) -> dict[str, Any]:
    return {
        "person": command.person_id,
        "document_sha256": command.document_sha256,
        "points": command.points,
        "conclusion": command.conclusion,
        "received_at": command.received_at.isoformat(),
        "received_on": command.received_on.isoformat(),
    }


def _confirmed(state: MatterState, command: ConfirmPaper) -> dict[str, Any]:
    part = state.review.part(command.person_id)
    if part is None or part.paper is None:
        raise RuntimeError("an opinion on paper was judged to wait, and there is none")
    paper = part.paper
    signed = SignOpinion(command.person_id, paper.document_sha256, paper.points, paper.conclusion)
    body = _signed(state, signed, at=paper.received_at, on=paper.received_on)
    return body | {"how": "paper", "received_on": paper.received_on.isoformat()}


def _closed(state: MatterState, command: CloseOpinions, terms: Terms) -> dict[str, Any]:
    floor, counted = floor_for(state.flags, terms=terms), len(state.review.counting)
    return {
        "counted": counted,
        "floor": floor,
        "waived": ["PANEL_TOO_SMALL"] if counted < floor else [],
        "reason_sha256": command.waiver_sha256 if counted < floor else "",
    }


def _point_answered(command: AnswerPoint) -> dict[str, Any]:
    return {
        "person": command.person_id,
        "point": command.point,
        "reasonable": command.reasonable,
        "adoption": command.adoption,
        "reason_sha256": command.reason_sha256,
    }


def _filed(state: MatterState) -> dict[str, Any]:
    answers = [answer for part in state.review.counting for answer in part.answers.values()]
    return {"points": len(answers)} | {
        adoption: sum(answer.adoption == adoption for answer in answers) for adoption in ADOPTIONS
    }


def _meeting_set(state: MatterState, command: SetMeeting) -> Written:
    held = state.review.meeting
    moved = held is not None and held.status == "set"
    body = {
        "starts_at": command.starts_at.astimezone(UTC).isoformat(),
        "ends_at": command.ends_at.astimezone(UTC).isoformat(),
        "starts_on": str(command.starts_on),
        "place_sha256": command.place_sha256,
        "agenda_sha256": command.agenda_sha256,
        "leader": command.leader_id,
        "reason_sha256": command.reason_sha256,
    }
    return (meetings.MEETING_MOVED if moved else meetings.MEETING_SET, OPINIONS, body)


def _held(state: MatterState, command: HoldMeeting, terms: Terms) -> dict[str, Any]:
    floor = floor_for(state.flags, terms=terms)
    named = state.review.meeting.leader_id if state.review.meeting else ""
    return {
        "present": list(command.present),
        "leader": command.leader_id or named,
        "conclusion": command.conclusion,
        "minutes_sha256": command.minutes_sha256,
        "joint_sha256": command.joint_sha256,
        "dissent": list(command.dissent),
        "floor": floor,
        "flags": ["PANEL_TOO_SMALL"] if len(command.present) < floor else [],
    }
