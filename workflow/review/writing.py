"""The events that the commands of a review bring about."""

from datetime import date
from typing import Any

from workflow.matter import MatterState
from workflow.review import event as kinds
from workflow.review.command import (
    AnswerInvitation,
    AskRelease,
    DeliverMaterial,
    Invite,
    ReleaseMember,
    ReviewCommand,
    SeeInvitation,
    SendMaterial,
    ShortenStudy,
    SignUndertaking,
)
from workflow.review.part import OBJECTIVE
from workflow.steps import DECLARATIONS, PACKAGE_SENT

Written = tuple[str, str, dict[str, Any]]


def written(state: MatterState, command: ReviewCommand, *, on: date) -> list[Written]:
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
