"""What people ask for in a matter. Texts they type are named by their hashes; an empty hash means none was given."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from workflow.draw import ChallengeDraw, CommitDraw, ContinueDraw, MakeDraw, UpholdDraw, VoidDraw
from workflow.matter import Party
from workflow.need import Need
from workflow.panel import COMPOSED, MODES, Change, Member, Reserve
from workflow.review.command import ReviewCommand

KINDS: Final = ("A3.1", "A3.2", "A3.3", "A3.4", "A3.5")
"""The five kinds of matter, by item of A3."""

IN_SCOPE: Final = "in-scope"
SCOPES: Final = (IN_SCOPE, "emergency", "internal", "secret", "department")
"""Answers to the screening: in scope, the three exclusions of A3p2, and what a department decides itself (A3p4)."""

OPEN: Final = "open"
CHOICES: Final = (OPEN, *MODES)
"""What the center may lay down for a matter: any mode, or one of them. The regulation leaves it open (A32.1)."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a matter.

    Attributes:
        kind: which item of A3.
        unit_id: the undertaking unit.
        title_sha256: hash of the title.
        parties: whose interests are at stake.
        scope: answer to the screening.
        kind_reason_sha256: for A3.5, why the matter is major.
        adjusts: whether it changes an earlier decision (A2).
        parent_id: that earlier matter.
        copied_from: the past matter whose need was copied, if any.
    """

    kind: str
    unit_id: str
    title_sha256: str
    parties: tuple[Party, ...] = ()
    scope: str = IN_SCOPE
    kind_reason_sha256: str = ""
    adjusts: bool = False
    parent_id: str | None = None
    copied_from: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeParties:
    """Say anew whose interests are at stake."""

    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class SetNeed:
    """Say what the panel must be, and which flags of A31 the unit sees; an open proposal falls."""

    need: Need
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ConfirmFlags:
    """The center's flags; a reason where they differ from the unit's."""

    flags: frozenset[str]
    reason_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ChooseMode:
    """Lay down how the panel of this matter is to come about, in place of what the local policy says.

    Attributes:
        mode: one of `CHOICES`.
        reason_sha256: why it is not the way of the local policy.
    """

    mode: str
    reason_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ProposePanel:
    """The unit's panel.

    Attributes:
        members: distinct persons, in order.
        reserves: distinct persons outside the panel, in order.
        as_of: the day whose facts were checked.
        problem_sha256: hash of the panel problem, empty for a list made by hand.
        mode: one of `MODES`.
        waiver_asked_sha256: the unit's reason for a panel below the floor.
        paper_sha256: reference of the unit's letter, when the center enters the proposal for it.
        designation_sha256: for a list made by hand, why these people.
        hands: persons of the center whose locks the panel was composed under, each with its reason.
    """

    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]
    as_of: date
    problem_sha256: str = ""
    mode: str = COMPOSED
    waiver_asked_sha256: str = ""
    paper_sha256: str = ""
    designation_sha256: str = ""
    hands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApproveDesignation:
    """Second a list made by hand, wholly or in part, for the center; nobody who made it, nor who determines it."""


@dataclass(frozen=True, slots=True)
class ChangeProposal:
    """The center's panel in place of the proposed one; each difference has a change with its reason.

    Attributes:
        members, reserves, as_of, problem_sha256: as of a proposal.
        changes: who goes, who comes, why.
        hands: persons of the center who made it what it is: whoever changes it, and whose locks stand. Empty when it
            is the engine's own again, made without anybody's hand.
    """

    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]
    changes: tuple[Change, ...]
    as_of: date
    problem_sha256: str = ""
    hands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaiveFloor:
    """Accept a panel of `size` members below the floor."""

    size: int
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class DeterminePanel:
    """Determine the proposed panel.

    Attributes:
        confirm_flags: flags confirmed in the same act, None when they stand already.
        flags_reason_sha256: the reason where they differ from the unit's.
        waiver_sha256: the reason for which the center accepts a panel below the floor in the same act.
    """

    confirm_flags: frozenset[str] | None = None
    flags_reason_sha256: str = ""
    waiver_sha256: str = ""


@dataclass(frozen=True, slots=True)
class ReturnProposal:
    """Send the proposal back to the unit."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class ReplaceMember:
    """Put a named reserve in the place of a member who drops out.

    Attributes:
        out: the member.
        in_: the reserve, one of whose `replaces` is the member.
        cause: one of `CAUSES`.
        reason_sha256: hash of the reason.
    """

    out: str
    in_: str
    cause: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class ReopenPanel:
    """Undo the determination, so that the unit proposes anew in the next round."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the matter without a decision."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Suspend:
    """Let the matter rest."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with a resting matter."""

    reason_sha256: str


@dataclass(frozen=True, slots=True)
class PassOn:
    """Let another unit carry the matter on, because it took the place of the undertaking unit.

    Attributes:
        unit_id: the unit that carries it on.
        reorganisation_id: the merger, division or dissolution by which it does.
    """

    unit_id: str
    reorganisation_id: str


@dataclass(frozen=True, slots=True)
class PassBack:
    """Give the matter back to the unit that had it, because the reorganisation was entered by mistake."""

    unit_id: str
    reorganisation_id: str


@dataclass(frozen=True, slots=True)
class RecordMatter:
    """Enter a matter and its panel from before the regulation, as it was.

    Attributes:
        unit_id: the undertaking unit.
        title_sha256: hash of the title.
        opened_on: first day.
        determined_on: day the panel was fixed.
        members: who sat on it.
        parties: whose interests were at stake.
        flags: what is known of it today.
        kind: which item of A3 it would be.
    """

    unit_id: str
    title_sha256: str
    opened_on: date
    determined_on: date
    members: tuple[Member, ...]
    parties: tuple[Party, ...] = ()
    flags: frozenset[str] = frozenset()
    kind: str = "A3.5"


Command = (
    OpenCase
    | ChangeParties
    | SetNeed
    | ConfirmFlags
    | ChooseMode
    | ProposePanel
    | ApproveDesignation
    | ChangeProposal
    | WaiveFloor
    | DeterminePanel
    | ReturnProposal
    | ReplaceMember
    | ReopenPanel
    | Cancel
    | Suspend
    | Resume
    | PassOn
    | PassBack
    | RecordMatter
    | ReviewCommand
    | CommitDraw
    | MakeDraw
    | ContinueDraw
    | ChallengeDraw
    | VoidDraw
    | UpholdDraw
)
