"""Draws by lot in a matter: what was committed, what came out, who declined, what was voided. Nothing is forgotten."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from workflow.panel import CAUSES, Member, Reserve

DrawStatus = Literal["committed", "made", "voided"]

VOID_CAUSES: Final = ("source-failed", "seed-mistyped", "data-wrong", "need-changed", "ceremony-broken")
"""Why a draw may be voided: a source showed nothing, its value was mistyped, the frozen facts were wrong, the need
changed, the ceremony was not kept. That somebody dislikes the result is none of them."""

DECLINE_CAUSES: Final = (*CAUSES, "ineligible")
"""Why somebody drawn does not sit; `ineligible` is what today's check of interests and standing found."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw.

    Attributes:
        round: round of the panel that is drawn.
        number: 1 for the first draw of the round, one more for each, without gaps.
        commitment_sha256: hash of the commitment, fixed before the seed was known.
        problem_sha256: hash of the frozen problem within it.
        as_of: the day whose facts were frozen.
        reveal_on: first day on which the seed may be typed.
        committed_by: the person who committed.
        status: `committed` until the seed is typed, then `made`; `voided` for ever once it was.
        record_sha256: hash of the record as it stands, declines included.
        first_by: who typed the seed first.
        made_by: who typed it second, and so made the draw.
        members: the panel as it stands, after the declines.
        reserves: who waits, in the order in which they are called.
        declined: who declined, in order.
        challenged_by: who asks that it be voided, empty when nobody does.
        cause: one of `VOID_CAUSES`, of the challenge or of the voiding.
        voided_by: the second person, who voided it.
    """

    round: int
    number: int
    commitment_sha256: str
    problem_sha256: str
    as_of: date
    reveal_on: date
    committed_by: str
    status: DrawStatus = "committed"
    record_sha256: str = ""
    first_by: str = ""
    made_by: str = ""
    members: tuple[Member, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    declined: tuple[str, ...] = ()
    challenged_by: str = ""
    cause: str = ""
    voided_by: str = ""


@dataclass(frozen=True, slots=True)
class CommitDraw:
    """Fix everything that decides a draw before its seed exists.

    Attributes:
        number: the number of the draw that stands in the commitment.
        commitment_sha256: hash of the commitment.
        problem_sha256: hash of the frozen problem.
        as_of: the day whose facts were frozen.
        reveal_on: first day on which the seed may be typed.
        sources: how many sources the seed comes from.
        witnesses_sha256: hash of the witnesses' names.
    """

    number: int
    commitment_sha256: str
    problem_sha256: str
    as_of: date
    reveal_on: date
    sources: int
    witnesses_sha256: str


@dataclass(frozen=True, slots=True)
class MakeDraw:
    """Draw with the seed that two persons typed alike; the second of them acts.

    Attributes:
        first_by: who typed it first.
        record_sha256: hash of the record.
        members: the panel drawn.
        reserves: drawn after it, in order.
    """

    first_by: str
    record_sha256: str
    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]


@dataclass(frozen=True, slots=True)
class ContinueDraw:
    """Go on with the same draw where somebody drawn does not sit; never a new draw.

    Attributes:
        out: member or reserve who does not.
        in_: who joins by the draw; None for a reserve, and where nobody can.
        cause: one of `DECLINE_CAUSES`.
        reason_sha256: hash of the reason.
        record_sha256: hash of the record with this decline.
        members: the panel then.
        reserves: who waits then.
    """

    out: str
    in_: str | None
    cause: str
    reason_sha256: str
    record_sha256: str
    members: tuple[Member, ...]
    reserves: tuple[Reserve, ...]


@dataclass(frozen=True, slots=True)
class ChallengeDraw:
    """Ask that a draw be voided; until a second person decides, it rests."""

    cause: str
    reason_sha256: str


@dataclass(frozen=True, slots=True)
class VoidDraw:
    """Void a challenged draw; never by the person who asked."""


@dataclass(frozen=True, slots=True)
class UpholdDraw:
    """Let a challenged draw stand."""

    reason_sha256: str
