"""What people ask for in a review. Texts they type are named by their hashes; an empty hash means none was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from workflow.review.meeting import CancelMeeting, ChooseForm, HoldMeeting, SetMeeting

ITEMS: Final = ("draft", "explanation", "focus", "related")
"""The four things that experts are given (A32.2): draft, explanation, focus of the review, related material."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Ask members of the determined panel to take part.

    Attributes:
        people: whom.
        respond_by: last day for the answer.
        abstract_sha256: hash of what they are told about the matter before they accept.
    """

    people: tuple[str, ...]
    respond_by: date
    abstract_sha256: str


@dataclass(frozen=True, slots=True)
class SeeInvitation:
    """Note that the person invited has opened the invitation."""

    person_id: str


@dataclass(frozen=True, slots=True)
class AnswerInvitation:
    """Accept, say that one cannot, or ask to withdraw (A28.4); withdrawing is also open to who has accepted.

    Attributes:
        person_id: who answers.
        answer: `accepted`, `declined` or `recused`.
        code: why, from `OBJECTIVE` or `GROUNDS`.
        until_on: until when the person cannot take part.
        note_sha256: what the person said further.
        via: `self`, or `phone` or `letter` when the center enters it.
    """

    person_id: str
    answer: str
    code: str = ""
    until_on: date | None = None
    note_sha256: str = ""
    via: str = "self"


@dataclass(frozen=True, slots=True)
class AskRelease:
    """Ask to be let go after having accepted."""

    person_id: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class ReleaseMember:
    """Let a person go, whether asked for or not; the center then calls a reserve."""

    person_id: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class SignUndertaking:
    """Undertake to keep secrets (A28.2); the document is signed, with a key or on paper, which the center enters."""

    person_id: str
    document_sha256: str
    how: str = "key"


@dataclass(frozen=True, slots=True)
class ShortenStudy:
    """Accept fewer working days for study than generally (A32.2)."""

    working_days: int
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class SendMaterial:
    """Put the material together as a new version.

    Attributes:
        items: item of A32.2 -> hashes of its files; every item has at least one.
        change_sha256: what changed since the version before; empty for the first.
    """

    items: Mapping[str, tuple[str, ...]]
    change_sha256: str = ""


@dataclass(frozen=True, slots=True)
class DeliverMaterial:
    """Deliver the present version to a person; the time for study counts from the first complete delivery.

    Attributes:
        person_id: to whom.
        due_on: last day for the opinion.
        earliest_on: first day on which the working days for study have passed, by the calendar of the day.
        provisional: whether a day past the published calendar was counted.
        restart: whether a further version gives the time anew.
    """

    person_id: str
    due_on: date
    earliest_on: date
    provisional: bool = False
    restart: bool = True


CONCLUSIONS: Final = ("agree", "agree-with-changes", "disagree")
"""What an opinion comes to: feasible as it is, feasible with changes, not feasible."""

ADOPTIONS: Final = ("adopted", "partly", "not", "already", "out-of-scope")
"""What the unit does with a point (A32.4)."""

REASONABLE: Final = ("yes", "partly", "no")
"""Whether the unit finds a point reasonable; a reasonable one is adopted (A32.4)."""


@dataclass(frozen=True, slots=True)
class SignOpinion:
    """File a signed written opinion (A32.3); a further one is a further version, the former stays.

    Attributes:
        person_id: the author.
        document_sha256: the signed document.
        points: how many numbered points it makes, each to be answered.
        conclusion: what it comes to.
    """

    person_id: str
    document_sha256: str
    points: int
    conclusion: str


@dataclass(frozen=True, slots=True)
class RecordUrgency:
    """Record that this review is urgent, so that an opinion may first be given by word of mouth (A32.3)."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class RecordOral:
    """Record for the center an opinion given by word of mouth; the written one follows within 24 hours (A32.3).

    Attributes:
        person_id: who gave it.
        conclusion: what it came to.
        given_at: when it was given; the hours run from here, through nights and holidays.
        said_sha256: what was said.
        witness_sha256: who else heard it.
    """

    person_id: str
    conclusion: str
    given_at: datetime
    said_sha256: str
    witness_sha256: str


@dataclass(frozen=True, slots=True)
class NameSigner:
    """Commission an institution whose opinion a named member of the panel writes and signs (A7p7, A32.3).

    Attributes:
        person_id: who signs for it and answers for it; empty where nobody was named.
        organisation_id: the institution.
        contract_sha256: the contract's number, empty where there is none (A29; U32).
    """

    person_id: str
    organisation_id: str
    contract_sha256: str = ""


@dataclass(frozen=True, slots=True)
class EnterPaper:
    """Enter for the center an opinion signed on paper; it counts when a second person has compared it with its scan.

    Attributes:
        person_id: who signed it.
        document_sha256: the scan.
        points: how many numbered points it makes.
        conclusion: what it comes to.
        received_at: when it reached the center: what is in time is decided by this.
        received_on: the same instant's day in China Standard Time.
    """

    person_id: str
    document_sha256: str
    points: int
    conclusion: str
    received_at: datetime
    received_on: date


@dataclass(frozen=True, slots=True)
class ConfirmPaper:
    """Say that what was entered of an opinion on paper is what its scan says."""

    person_id: str


@dataclass(frozen=True, slots=True)
class RejectPaper:
    """Say that what was entered of an opinion on paper is wrong, so that it is entered anew."""

    person_id: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class SetAsideOpinion:
    """Let a signed opinion not count, because of an interest found later; it stays in the file (U40)."""

    person_id: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class OpenOpinions:
    """Let those who have signed read each other's opinions."""


@dataclass(frozen=True, slots=True)
class CloseOpinions:
    """State that the opinions are in; the floor is asked again, over signed written ones (A31)."""

    waiver_sha256: str = ""


@dataclass(frozen=True, slots=True)
class AnswerPoint:
    """Say what becomes of one point of an opinion (A32.4).

    Attributes:
        person_id: whose opinion.
        point: from 1.
        reasonable: whether the unit finds it reasonable.
        adoption: what is done with it.
        reason_sha256: why; needed unless it is adopted.
    """

    person_id: str
    point: int
    reasonable: str
    adoption: str
    reason_sha256: str = ""


@dataclass(frozen=True, slots=True)
class FileDisposition:
    """File the answers to all points."""


@dataclass(frozen=True, slots=True)
class ReplyOnce:
    """Reply to the answers to one's own points, once."""

    person_id: str
    reply_sha256: str


RATED: Final = ("complete", "clear", "grounded")
"""What an expert says about the unit's material: all there, easy to follow, statements borne out; 1 to 5 each."""


@dataclass(frozen=True, slots=True)
class RateMaterial:
    """Say what one's material was like, once; nothing waits for it.

    Attributes:
        person_id: who received it.
        scores: name -> 1 (poor) to 5 (good), each of `RATED`.
        words_sha256: what else there is to say; empty for nothing.
    """

    person_id: str
    scores: Mapping[str, int]
    words_sha256: str = ""


ReviewCommand = (
    Invite
    | SeeInvitation
    | AnswerInvitation
    | AskRelease
    | ReleaseMember
    | SignUndertaking
    | ShortenStudy
    | SendMaterial
    | DeliverMaterial
    | SignOpinion
    | RecordUrgency
    | RecordOral
    | NameSigner
    | EnterPaper
    | ConfirmPaper
    | RejectPaper
    | SetAsideOpinion
    | OpenOpinions
    | CloseOpinions
    | AnswerPoint
    | FileDisposition
    | ReplyOnce
    | RateMaterial
    | ChooseForm
    | SetMeeting
    | CancelMeeting
    | HoldMeeting
)
