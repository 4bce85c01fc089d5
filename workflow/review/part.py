"""One person's part in the review of a panel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, get_args

from workflow.review.meeting import WRITTEN, Meeting

ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
RECUSED: Final = "recused"
ANSWERS: Final = (ACCEPTED, DECLINED, RECUSED)

OBJECTIVE: Final[Mapping[str, bool]] = {
    "ill": True,
    "family": True,
    "duty": True,
    "force-majeure": True,
    "not-my-field": True,
    "no-time": False,
    "unwilling": False,
    "unsaid": False,
    "no-answer": False,
}
"""Why somebody cannot take part, and whether the reason is an objective one: only the others count under A26.3."""

GROUNDS: Final = ("own-interest", "employer", "kin", "teacher-or-colleague", "took-part", "other")
"""Grounds on which somebody asks to withdraw (A28.4)."""

VIA: Final = ("self", "phone", "letter")
"""How an answer came: given by the expert in the service, or by telephone or letter and entered by the center."""

Standing = Literal[
    "invited", "seen", "accepted", "declined", "recused", "released", "replaced", "working", "submitted", "late",
    "set-aside",
]  # fmt: skip
STANDINGS: Final[tuple[str, ...]] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class OralOpinion:
    """An opinion given by word of mouth in urgency; it does not count before the written one is signed (A32.3, U4).

    Attributes:
        conclusion: what it came to.
        given_at: when it was given.
        written_by: last instant for the written one.
        said_sha256: what was said, as the center took it down.
        witness_sha256: who else heard it.
    """

    conclusion: str
    given_at: datetime
    written_by: datetime
    said_sha256: str
    witness_sha256: str


@dataclass(frozen=True, slots=True)
class PaperOpinion:
    """An opinion signed on paper that was entered and waits for a second person.

    Attributes:
        document_sha256: the scan.
        points: how many numbered points it makes.
        conclusion: what it comes to.
        received_at, received_on: when it reached the center.
        entered_by: the person who entered it.
    """

    document_sha256: str
    points: int
    conclusion: str
    received_at: datetime
    received_on: date
    entered_by: str


@dataclass(frozen=True, slots=True)
class SignedOpinion:
    """A signed written opinion, the latest version.

    Attributes:
        version: from 1; earlier versions stay in the file.
        document_sha256: the signed document.
        points: how many numbered points it makes.
        conclusion: what it comes to.
        how: `key`, or `paper` for a scan that two persons compared.
        signed_on: day of the first version; of one on paper, when it reached the center.
        late: whether that came after the day it was due.
        overdue: whether the first version came after the hours that an oral opinion leaves (A32.3).
        differs: whether the latest version comes to another conclusion than the oral one did.
    """

    version: int
    document_sha256: str
    points: int
    conclusion: str
    signed_on: date
    how: str = "key"
    late: bool = False
    overdue: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True)
class PointAnswer:
    """What the unit does with one point.

    Attributes:
        reasonable: `yes`, `partly` or `no`.
        adoption: `adopted`, `partly`, `not`, `already` or `out-of-scope`.
        reason_sha256: why.
    """

    reasonable: str
    adoption: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a person was asked, answered and did.

    Attributes:
        person_id: the person.
        invited_at: the instant of the invitation.
        respond_by: last day for the answer.
        version: number of events about this person so far, without the looks.
        seen_at: when the person first opened the invitation, None before.
        answer: `accepted`, `declined`, `recused`, or empty.
        code: why the person declined (`OBJECTIVE`) or withdrew (`GROUNDS`), empty for an acceptance.
        until_on: until when the person cannot take part, if said.
        via: how the answer came.
        answered_on: day of the answer.
        release_asked: whether the person asked to be let go after having accepted.
        ended: `released` or `replaced`, or empty; an answer other than acceptance ends a part too.
        left_on: day on which the person, having accepted, was let go, replaced or withdrew; None for who did not.
        undertaking_sha256: the signed undertaking, empty before.
        material: version of the material last delivered to the person, 0 before.
        delivered_on: the day from which the time for study counts, None before the complete material was delivered.
        due_on: last day for the opinion, None before.
        provisional: whether a day past the published calendar was counted.
        institution: the institution for which the person signs, empty where for nobody but oneself.
        oral: the opinion given by word of mouth, None where there was none.
        paper: what was entered from paper and waits for a second person, None where nothing waits.
        opinion: the signed opinion, None before.
        set_aside: whether it does not count (U40).
        answers: point -> what the unit does with it, for the latest version of the opinion.
        replied: whether the author has replied to the answers.
        rated: what the author says about the material, name -> 1 to 5; empty before.
        rated_sha256: in words; empty for none.
    """

    person_id: str
    invited_at: datetime
    respond_by: date
    version: int = 1
    seen_at: datetime | None = None
    answer: str = ""
    code: str = ""
    until_on: date | None = None
    via: str = ""
    answered_on: date | None = None
    release_asked: bool = False
    ended: str = ""
    left_on: date | None = None
    undertaking_sha256: str = ""
    material: int = 0
    delivered_on: date | None = None
    due_on: date | None = None
    provisional: bool = False
    institution: str = ""
    oral: OralOpinion | None = None
    paper: PaperOpinion | None = None
    opinion: SignedOpinion | None = None
    set_aside: bool = False
    answers: Mapping[int, PointAnswer] = field(default_factory=dict)
    replied: bool = False
    rated: Mapping[str, int] = field(default_factory=dict)
    rated_sha256: str = ""

    @property
    def counts(self) -> bool:
        """Whether a signed written opinion of this person counts toward the floor (U4)."""
        return self.active and self.opinion is not None and not self.set_aside

    @property
    def to_write(self) -> OralOpinion | None:
        """The oral opinion that still lacks its written one, None when nothing is owed."""
        return self.oral if self.active and self.opinion is None else None

    @property
    def open_points(self) -> int:
        """How many points of a counting opinion have no answer yet."""
        if not self.counts or self.opinion is None:
            return 0
        return self.opinion.points - len(self.answers)

    @property
    def open(self) -> bool:
        """Whether the person was asked and can still answer."""
        return not self.answer and not self.ended

    @property
    def active(self) -> bool:
        """Whether the person takes part: accepted, and neither let go nor replaced since."""
        return self.answer == ACCEPTED and not self.ended

    def took_part_on(self, day: date) -> bool:
        """Return whether the person takes part, or left on a day or after it."""
        return self.active or (self.left_on is not None and self.left_on >= day)

    def leaving(self, on: date) -> date | None:
        """Return when the person left: on this day for who takes part, else as before."""
        return on if self.active else self.left_on

    def standing(self, on: date) -> Standing:
        """Return how the part stands on a day, in one word of the list that all screens share."""
        if self.ended in ("released", "replaced"):
            return "released" if self.ended == "released" else "replaced"
        if self.answer in (DECLINED, RECUSED):
            return "declined" if self.answer == DECLINED else "recused"
        if self.set_aside:
            return "set-aside"
        if self.opinion is not None:
            return "submitted"
        if self.due_on is not None:
            return "working" if on <= self.due_on else "late"
        if self.answer:
            return "accepted"
        return "invited" if self.seen_at is None else "seen"

    def unanswered(self, on: date) -> bool:
        """Return whether the day for the answer has passed without one."""
        return self.open and on > self.respond_by


@dataclass(frozen=True, slots=True)
class Review:
    """The review of the panel in force.

    Attributes:
        parts: in the order of the invitations; who left stays in the list.
        material: version of the material, 0 before the first delivery.
        abstract_sha256: hash of what was last told about the matter before acceptance, empty before.
        opened: whether those who have signed may read each other's opinions.
        closed: whether the center has stated that the opinions are in.
        filed: whether the unit has filed the answers to all points.
        form: how experts are heard (A7p7); by written consultation until another form is named.
        other_sha256: what another form than the named ones is.
        meeting: the review meeting, None before one was set.
        study_days: working days for study when the center accepted fewer than generally, else None.
        urgent: whether the center recorded that it is urgent, so that an opinion may first be spoken.
    """

    parts: tuple[Part, ...] = ()
    material: int = 0
    abstract_sha256: str = ""
    study_days: int | None = None
    urgent: bool = False
    opened: bool = False
    closed: bool = False
    filed: bool = False
    form: str = WRITTEN
    other_sha256: str = ""
    meeting: Meeting | None = None

    def part(self, person_id: str) -> Part | None:
        """Return the latest part of a person, or None."""
        return next((part for part in reversed(self.parts) if part.person_id == person_id), None)

    @property
    def active(self) -> tuple[Part, ...]:
        """The parts of those who take part."""
        return tuple(part for part in self.parts if part.active)

    @property
    def counting(self) -> tuple[Part, ...]:
        """The parts whose signed written opinion counts: what the floor is asked about (U4)."""
        return tuple(part for part in self.parts if part.counts)


NO_REVIEW: Final = Review()
"""What a matter has before anyone was invited."""
