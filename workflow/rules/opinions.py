"""Rules of the opinions of an expert review and of what becomes of their points. Source: A27, A28, A31, A32."""

from typing import Any, ClassVar

from workflow.matter import floor_for
from workflow.review.command import (
    ADOPTIONS,
    CONCLUSIONS,
    RATED,
    REASONABLE,
    AnswerPoint,
    CloseOpinions,
    ConfirmPaper,
    EnterPaper,
    FileDisposition,
    NameSigner,
    RateMaterial,
    RecordOral,
    ReplyOnce,
    SignOpinion,
)
from workflow.rules.review import MaterialIsThere, part_in
from workflow.rules.rule import Attempt, Facts
from workflow.steps import GRAPHS, OPINIONS


class OpinionsAreInGraph:
    """A matter of an earlier graph ends before the opinions; they are handled outside of the service."""

    code: ClassVar[str] = "OPINIONS_NOT_IN_GRAPH"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the graph."""
        graph = attempt.state.graph
        return None if GRAPHS[graph].has(OPINIONS) else {"graph": graph}


class OpinionIsTheAuthors:
    """Nobody but its author files or changes an opinion, neither unit nor center (A27.3)."""

    code: ClassVar[str] = "OPINION_IMMUTABLE"
    remedies: ClassVar[tuple[str, ...]] = ("LET_AUTHOR_AMEND",)

    def broken_by(self, attempt: Attempt[SignOpinion]) -> Facts | None:
        """Return the role of who tries."""
        return None if attempt.by.person_id == attempt.command.person_id else {"role": attempt.by.role}


class OpinionIsSigned:
    """An opinion is a signed document with a conclusion and at least one point (A32.3)."""

    code: ClassVar[str] = "UNSIGNED_OPINION"
    remedies: ClassVar[tuple[str, ...]] = ("SIGN_OPINION",)

    def broken_by(self, attempt: Attempt[SignOpinion]) -> Facts | None:
        """Return what is missing."""
        command = attempt.command
        if command.document_sha256 and command.points >= 1 and command.conclusion in CONCLUSIONS:
            return None
        return {"signed": bool(command.document_sha256), "points": command.points}


class MaterialWasDelivered:
    """An opinion rests on the material: it is not asked for before that was delivered to the person (A27.1)."""

    code: ClassVar[str] = MaterialIsThere.code
    remedies: ClassVar[tuple[str, ...]] = ("SEND_MATERIAL",)

    def broken_by(self, attempt: Attempt[SignOpinion]) -> Facts | None:
        """Return the breach when it was not."""
        part = part_in(attempt)
        return None if part is not None and part.material else {}


class OpinionsAreOpen:
    """After the center has stated that the opinions are in, none is filed or changed."""

    code: ClassVar[str] = "OPINIONS_CLOSED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when they are closed."""
        return {} if attempt.state.review.closed else None


class UrgencyIsRecorded:
    """An opinion may first be spoken only where the center recorded that it is urgent (A32.3)."""

    code: ClassVar[str] = "ORAL_WITHOUT_URGENCY"
    remedies: ClassVar[tuple[str, ...]] = ("RECORD_URGENCY",)

    def broken_by(self, attempt: Attempt[RecordOral]) -> Facts | None:
        """Return the breach when it is not."""
        return None if attempt.state.review.urgent else {}


class NotUrgentYet:
    """Urgency is recorded once for a panel."""

    code: ClassVar[str] = "URGENCY_IS_RECORDED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when it is recorded."""
        return {} if attempt.state.review.urgent else None


class NothingIsGivenYet:
    """One opinion is spoken once, before the written one: a later word must not move its hours.

    An opinion on paper that waits for the second person is given too.
    """

    code: ClassVar[str] = "OPINION_IS_GIVEN"
    remedies: ClassVar[tuple[str, ...]] = ("LET_AUTHOR_AMEND",)

    def broken_by(self, attempt: Attempt[RecordOral]) -> Facts | None:
        """Return the breach when there is an opinion of any kind."""
        part = part_in(attempt)
        return {} if part is not None and (part.oral or part.opinion or part.paper) else None


class SpokenIsWritten:
    """The opinions are not in while one was spoken and never written: it must follow (A32.3)."""

    code: ClassVar[str] = "ORAL_NOT_WRITTEN"
    remedies: ClassVar[tuple[str, ...]] = ("REMIND_EXPERT", "RELEASE_EXPERT")

    def broken_by(self, attempt: Attempt[CloseOpinions]) -> Facts | None:
        """Return how many are missing."""
        missing = sum(part.to_write is not None for part in attempt.state.review.parts)
        return {"missing": missing} if missing else None


class SignerIsNamed:
    """The opinion of an institution is signed by a named person of it, who answers for it (A32.3). Reading: U4."""

    code: ClassVar[str] = "INSTITUTION_WITHOUT_SIGNER"
    remedies: ClassVar[tuple[str, ...]] = ("NAME_SIGNER",)

    def broken_by(self, attempt: Attempt[NameSigner]) -> Facts | None:
        """Return the breach when nobody is named."""
        return None if attempt.command.person_id else {}


class InstitutionIsNoParty:
    """An institution whose own matter it is gives no opinion on it (A30): neither the unit nor a party."""

    code: ClassVar[str] = "INSTITUTION_IS_PARTY"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_INSTITUTION",)

    def broken_by(self, attempt: Attempt[NameSigner]) -> Facts | None:
        """Return the breach when it is one of them."""
        state, organisation = attempt.state, attempt.command.organisation_id
        own = {state.unit_id, *state.former_units, *(party.organisation_id for party in state.parties)}
        return {} if organisation in own else None


class NoPaperWaits:
    """One opinion of a person at a time waits for the second person."""

    code: ClassVar[str] = "PAPER_WAITS"
    remedies: ClassVar[tuple[str, ...]] = ("CONFIRM_PAPER",)

    def broken_by(self, attempt: Attempt[EnterPaper]) -> Facts | None:
        """Return the breach when one waits."""
        part = part_in(attempt)
        return {} if part is not None and part.paper else None


class PaperWaits:
    """Compared is what was entered."""

    code: ClassVar[str] = "NO_PAPER_WAITS"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when nothing waits."""
        part = part_in(attempt)
        return None if part is not None and part.paper else {}


class SecondPersonConfirms:
    """What one person took from paper another compares with the scan; our choice."""

    code: ClassVar[str] = "PAPER_NEEDS_SECOND_PERSON"
    remedies: ClassVar[tuple[str, ...]] = ("ASK_COLLEAGUE",)

    def broken_by(self, attempt: Attempt[ConfirmPaper]) -> Facts | None:
        """Return the breach when it is the same person."""
        part = part_in(attempt)
        return {} if part is not None and part.paper and part.paper.entered_by == attempt.by.person_id else None


class PaperIsConfirmed:
    """The opinions are not in while one on paper waits for the second person."""

    code: ClassVar[str] = "PAPER_UNCONFIRMED"
    remedies: ClassVar[tuple[str, ...]] = ("CONFIRM_PAPER",)

    def broken_by(self, attempt: Attempt[CloseOpinions]) -> Facts | None:
        """Return how many wait."""
        waiting = sum(part.active and part.paper is not None for part in attempt.state.review.parts)
        return {"waiting": waiting} if waiting else None


class OpinionCounts:
    """Only an opinion that was signed and counts is set aside or answered."""

    code: ClassVar[str] = "NO_OPINION"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when there is none."""
        part = part_in(attempt)
        return None if part is not None and part.counts else {}


class EnoughOpinions:
    """Generally five, or nine, experts with a signed written opinion (A31). Reading: U4.

    Invitations do not count, nor opinions set aside (U40). With fewer the center calls a reserve, or accepts a reason.
    """

    code: ClassVar[str] = "PANEL_TOO_SMALL"
    remedies: ClassVar[tuple[str, ...]] = ("CALL_RESERVE", "ACCEPT_SMALLER_PANEL")

    def broken_by(self, attempt: Attempt[CloseOpinions]) -> Facts | None:
        """Return opinions, floor and how many are missing."""
        counted, floor = len(attempt.state.review.counting), floor_for(attempt.state.flags, terms=attempt.terms)
        if counted >= floor or (counted and attempt.command.waiver_sha256):
            return None
        return {"count": counted, "min": floor, "missing": floor - counted}


class OpinionsAreIn:
    """The unit answers when the opinions are in."""

    code: ClassVar[str] = "OPINIONS_NOT_IN"
    remedies: ClassVar[tuple[str, ...]] = ("CLOSE_OPINIONS",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when they are not."""
        return None if attempt.state.review.closed else {}


class NotFiledYet:
    """Answers that were filed stay."""

    code: ClassVar[str] = "DISPOSITION_IS_FILED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when they are filed."""
        return {} if attempt.state.review.filed else None


class PointIsThere:
    """An answer is for a point of the opinion, and says one of the known things."""

    code: ClassVar[str] = "POINT_UNKNOWN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[AnswerPoint]) -> Facts | None:
        """Return the point."""
        part, command = part_in(attempt), attempt.command
        most = 0 if part is None or part.opinion is None else part.opinion.points
        known = command.adoption in ADOPTIONS and command.reasonable in REASONABLE
        return None if known and 1 <= command.point <= most else {"point": command.point}


class ReasonableIsAdopted:
    """A point that the unit finds reasonable is adopted: the article leaves no choice (A32.4)."""

    code: ClassVar[str] = "REASONABLE_NOT_ADOPTED"
    remedies: ClassVar[tuple[str, ...]] = ("ADOPT_POINT", "SAY_NOT_REASONABLE")

    def broken_by(self, attempt: Attempt[AnswerPoint]) -> Facts | None:
        """Return the point."""
        command = attempt.command
        short = {"yes": ("not", "partly"), "partly": ("not",)}.get(command.reasonable, ())
        return {"point": command.point} if command.adoption in short else None


class AnswerIsReasoned:
    """What is not adopted as it stands is answered with a reason (A32.4)."""

    code: ClassVar[str] = "DISPOSITION_WITHOUT_REASON"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[AnswerPoint]) -> Facts | None:
        """Return the point."""
        command = attempt.command
        return None if command.adoption == "adopted" or command.reason_sha256 else {"point": command.point}


class EveryPointIsAnswered:
    """Nothing is filed while a point of a counting opinion has no answer (A32.4)."""

    code: ClassVar[str] = "OPINION_WITHOUT_DISPOSITION"
    remedies: ClassVar[tuple[str, ...]] = ("ANSWER_POINTS",)

    def broken_by(self, attempt: Attempt[FileDisposition]) -> Facts | None:
        """Return how many points are open."""
        open_points = sum(part.open_points for part in attempt.state.review.counting)
        return {"open": open_points} if open_points else None


class RatingIsOpen:
    """Who has signed an opinion says once what the material was like: 1 to 5 on each point, no other."""

    code: ClassVar[str] = "RATING_NOT_OPEN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[RateMaterial]) -> Facts | None:
        """Return whether there is an opinion, and whether it was said before."""
        part, scores = part_in(attempt), attempt.command.scores
        signed, said = part is not None and part.opinion is not None, part is not None and bool(part.rated)
        whole = set(scores) == set(RATED) and all(1 <= score <= 5 for score in scores.values())
        return None if signed and not said and whole else {"signed": signed, "said": said}


class ReplyIsOpen:
    """The author replies once, after the answers are filed."""

    code: ClassVar[str] = "REPLY_NOT_OPEN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ReplyOnce]) -> Facts | None:
        """Return whether they are filed, and whether there was a reply."""
        part, filed = part_in(attempt), attempt.state.review.filed
        open_ = filed and part is not None and part.counts and not part.replied and attempt.command.reply_sha256
        return None if open_ else {"filed": filed}
