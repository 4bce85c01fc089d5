"""Rules of inviting, undertaking and material in an expert review. Source: A27, A28, A30, A32."""

from typing import Any, ClassVar

from workflow.review.command import (
    ITEMS,
    AnswerInvitation,
    DeliverMaterial,
    Invite,
    ReleaseMember,
    SendMaterial,
    ShortenStudy,
    SignUndertaking,
)
from workflow.review.part import ACCEPTED, ANSWERS, DECLINED, GROUNDS, OBJECTIVE, RECUSED, VIA, Part
from workflow.rules.rule import Attempt, Facts
from workflow.steps import DECLARATIONS, GRAPHS


class ReviewIsInGraph:
    """A matter of an earlier graph ends with the determination; its review is done outside of the service."""

    code: ClassVar[str] = "REVIEW_NOT_IN_GRAPH"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the graph."""
        graph = attempt.state.graph
        return None if GRAPHS[graph].has(DECLARATIONS) else {"graph": graph}


class InvitedAreMembers:
    """Only members of the determined panel are asked, each once while the question is open (A32.1)."""

    code: ClassVar[str] = "NOT_TO_BE_INVITED"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_MEMBERS",)

    def broken_by(self, attempt: Attempt[Invite]) -> Facts | None:
        """Return how many of them are no members, and how many were asked already."""
        state, people = attempt.state, attempt.command.people
        members = {member.person_id for member in state.panel.members} if state.panel else set()
        strangers = len(set(people) - members)
        asked = [part for part in map(state.review.part, people) if part is not None and (part.open or part.active)]
        again = len(asked) + len(people) - len(set(people))
        return {"strangers": strangers, "again": again} if strangers or again or not people else None


class ResponseDayIsAhead:
    """Who is asked has at least the present day to answer."""

    code: ClassVar[str] = "RESPONSE_DAY_PAST"
    remedies: ClassVar[tuple[str, ...]] = ("CHANGE_DAY",)

    def broken_by(self, attempt: Attempt[Invite]) -> Facts | None:
        """Return the day."""
        day = attempt.command.respond_by
        return {"respond_by": str(day)} if day < attempt.on else None


class AbstractIsGiven:
    """Who is asked learns what the matter is about, so that withdrawal is decided before any secret is seen (A28.4)."""

    code: ClassVar[str] = "ABSTRACT_MISSING"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_ABSTRACT",)

    def broken_by(self, attempt: Attempt[Invite]) -> Facts | None:
        """Return the breach when there is none."""
        return None if attempt.command.abstract_sha256 else {}


class IsInvited:
    """Only who was asked takes part."""

    code: ClassVar[str] = "NOT_INVITED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the person was not asked in this round."""
        return None if part_in(attempt) is not None else {}


class IsOwnPart:
    """A part is the person's own; the center enters what came by telephone, by letter or on paper."""

    code: ClassVar[str] = "NOT_OWN_PART"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the role of who acts."""
        by, command = attempt.by, attempt.command
        if isinstance(command, AnswerInvitation) and command.via != "self":
            return None if by.center and command.via in VIA else {"role": by.role}
        if isinstance(command, SignUndertaking) and command.how == "paper":
            return None if by.center else {"role": by.role}
        return None if by.person_id == command.person_id else {"role": by.role}


class AnswerIsOpen:
    """An invitation is answered once; withdrawing because of an interest stays open to the end (A28.4)."""

    code: ClassVar[str] = "INVITATION_ANSWERED"
    remedies: ClassVar[tuple[str, ...]] = ("ASK_RELEASE",)

    def broken_by(self, attempt: Attempt[AnswerInvitation]) -> Facts | None:
        """Return how the part stands."""
        part = part_in(attempt)
        if part is None or part.open or (part.active and attempt.command.answer == RECUSED):
            return None
        return {"standing": part.standing(attempt.on)}


class AnswerIsCoded:
    """Why somebody cannot take part, or withdraws, is one of the known reasons (A26.3, A28.4)."""

    code: ClassVar[str] = "ANSWER_NOT_CODED"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_REASON",)

    def broken_by(self, attempt: Attempt[AnswerInvitation]) -> Facts | None:
        """Return the answer."""
        command = attempt.command
        known = {ACCEPTED: ("",), DECLINED: tuple(OBJECTIVE), RECUSED: GROUNDS}.get(command.answer, ())
        if command.answer not in ANSWERS or command.code not in known:
            return {"answer": command.answer}
        # That somebody did not answer is for the center to say.
        return {"answer": command.answer} if command.code == "no-answer" and command.via == "self" else None


class TakesPart:
    """Who was let go, replaced, declined or withdrew has no further part, and no access (A28.4)."""

    code: ClassVar[str] = "PART_ENDED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return how the part stands."""
        part = part_in(attempt)
        return None if part is None or part.active else {"standing": part.standing(attempt.on)}


class CanBeReleased:
    """Let go is who takes part or was asked and has not answered yet."""

    code: ClassVar[str] = "NOT_TO_BE_RELEASED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ReleaseMember]) -> Facts | None:
        """Return how the part stands."""
        part = part_in(attempt)
        return None if part is None or part.active or part.open else {"standing": part.standing(attempt.on)}


class UndertakingIsNew:
    """An undertaking is signed once for a panel."""

    code: ClassVar[str] = "UNDERTAKING_SIGNED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[SignUndertaking]) -> Facts | None:
        """Return the breach when there is one already."""
        part = part_in(attempt)
        return {} if part is not None and part.undertaking_sha256 else None


class HasUndertaken:
    """No material is opened before the undertaking is signed (A28.2). Once for every panel: our choice."""

    code: ClassVar[str] = "NO_UNDERTAKING"
    remedies: ClassVar[tuple[str, ...]] = ("SIGN_UNDERTAKING",)

    def broken_by(self, attempt: Attempt[DeliverMaterial]) -> Facts | None:
        """Return the breach when it is missing."""
        part = part_in(attempt)
        return None if part is not None and part.undertaking_sha256 else {}


class PackageIsComplete:
    """Experts get draft, explanation, focus and related material, all four (A32.2)."""

    code: ClassVar[str] = "PACKAGE_INCOMPLETE"
    remedies: ClassVar[tuple[str, ...]] = ("ADD_MATERIAL",)

    def broken_by(self, attempt: Attempt[SendMaterial]) -> Facts | None:
        """Return what is missing."""
        missing = [item for item in ITEMS if not attempt.command.items.get(item)]
        return {"missing": missing} if missing else None


class ChangeIsSaid:
    """A further version says what changed."""

    code: ClassVar[str] = "CHANGE_NOT_SAID"
    remedies: ClassVar[tuple[str, ...]] = ("SAY_CHANGE",)

    def broken_by(self, attempt: Attempt[SendMaterial]) -> Facts | None:
        """Return the version that would be replaced."""
        held = attempt.state.review.material
        return {"version": held} if held and not attempt.command.change_sha256 else None


class MaterialIsThere:
    """The time for study does not begin before the material is there (A27.1)."""

    code: ClassVar[str] = "MATERIAL_NOT_PROVIDED"
    remedies: ClassVar[tuple[str, ...]] = ("SEND_MATERIAL",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when none was sent."""
        return None if attempt.state.review.material else {}


class StudyTimeIsEnough:
    """Generally at least five working days for study, from the complete delivery to this expert (A32.2).

    Fewer only when the center accepted a reason before; the number then counts for the whole panel.
    """

    code: ClassVar[str] = "STUDY_TIME_TOO_SHORT"
    remedies: ClassVar[tuple[str, ...]] = ("CHANGE_DAY", "ACCEPT_SHORTER_STUDY")

    def broken_by(self, attempt: Attempt[DeliverMaterial]) -> Facts | None:
        """Return the day asked for, and the first that is long enough."""
        command = attempt.command
        if command.due_on >= command.earliest_on:
            return None
        return {"due_on": str(command.due_on), "earliest_on": str(command.earliest_on)}


class StudyIsShorter:
    """What the center accepts is at least one working day, and fewer than generally."""

    code: ClassVar[str] = "STUDY_DAYS_UNFIT"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ShortenStudy]) -> Facts | None:
        """Return the days asked for and those that are general."""
        most = attempt.terms.number(StudyTimeIsEnough.code, "working_days")
        days = attempt.command.working_days
        return None if 1 <= days < most else {"days": days, "most": most}


def part_in(attempt: Attempt[Any]) -> Part | None:
    """Return the part of whom the command is about."""
    part: Part | None = attempt.state.review.part(attempt.command.person_id)
    return part
