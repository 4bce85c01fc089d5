"""Rules of how a panel comes about: composed, named by hand, drawn. The regulation leaves it open (A32.1)."""

from collections.abc import Mapping
from typing import ClassVar, Final

from workflow.command import (
    CHOICES,
    OPEN,
    ApproveDesignation,
    ChooseMode,
    DeterminePanel,
    ProposePanel,
)
from workflow.draw import CommitDraw
from workflow.panel import COMPOSED, DESIGNATED, DRAWN, MODES
from workflow.rules.rule import Attempt, Facts

# A list made by hand that is the engine's own counts as composed, so who may name may also compose.
_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    OPEN: MODES,
    COMPOSED: (COMPOSED,),
    DESIGNATED: (COMPOSED, DESIGNATED),
    DRAWN: (DRAWN,),
}


class ModeIsKnown:
    """The center lays down one of the modes that there are, or leaves it open."""

    code: ClassVar[str] = "MODE_UNKNOWN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ChooseMode]) -> Facts | None:
        """Return the breach when there is no such mode."""
        return None if attempt.command.mode in CHOICES else {}


class OtherModeIsReasoned:
    """Where the local policy lays a mode down, the center says why this matter takes another."""

    code: ClassVar[str] = "MODE_REASON_MISSING"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[ChooseMode]) -> Facts | None:
        """Return the mode of the policy."""
        policy, command = attempt.terms.panel_mode, attempt.command
        if policy in (OPEN, command.mode) or command.reason_sha256:
            return None
        return {"mode": policy}


class ModeIsAsChosen:
    """A panel comes about in the way that the center laid down for the matter, or the local policy for all."""

    code: ClassVar[str] = "MODE_NOT_AS_CHOSEN"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_MODE",)

    def broken_by(self, attempt: Attempt[ProposePanel | CommitDraw]) -> Facts | None:
        """Return the mode laid down, and the one of the proposal or draw."""
        chosen = attempt.state.mode or attempt.terms.panel_mode
        mode = DRAWN if isinstance(attempt.command, CommitDraw) else attempt.command.mode
        return None if mode in _ALLOWED[chosen] else {"chosen": chosen, "mode": mode}


class DesignationIsReasoned:
    """Whoever names people by hand says why these."""

    code: ClassVar[str] = "DESIGNATION_WITHOUT_REASON"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON", "PROPOSE_COMPOSED")

    def broken_by(self, attempt: Attempt[ProposePanel]) -> Facts | None:
        """Return how many are named."""
        command = attempt.command
        if command.mode != DESIGNATED or command.designation_sha256:
            return None
        return {"count": len(command.members)}


class IsDesignated:
    """Only a list made by hand, wholly or in part, is seconded."""

    code: ClassVar[str] = "NOT_DESIGNATED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ApproveDesignation]) -> Facts | None:
        """Return the breach when the proposal came about otherwise."""
        proposal = attempt.state.proposal
        return None if proposal is not None and proposal.by_hand else {}


class ApproverIsAnother:
    """Who named people by hand, or put them in or out, does not second the list."""

    code: ClassVar[str] = "SAME_PERSON_PROPOSED_AND_APPROVED"
    remedies: ClassVar[tuple[str, ...]] = ("LET_COLLEAGUE_APPROVE",)

    def broken_by(self, attempt: Attempt[ApproveDesignation]) -> Facts | None:
        """Return the breach when the two are one."""
        proposal = attempt.state.proposal
        return {} if proposal is not None and attempt.by.person_id in (proposal.proposed_by, *proposal.hands) else None


class DesignationIsApproved:
    """A list made by hand, wholly or in part, is seconded for the center before the center determines it."""

    code: ClassVar[str] = "DESIGNATION_NOT_APPROVED"
    remedies: ClassVar[tuple[str, ...]] = ("LET_COLLEAGUE_APPROVE",)

    def broken_by(self, attempt: Attempt[DeterminePanel]) -> Facts | None:
        """Return the breach when nobody has seconded it."""
        proposal = attempt.state.proposal
        if proposal is None or not proposal.by_hand:
            return None
        return None if proposal.approved_by else {}


class DeterminerIsNotApprover:
    """Who seconded a list made by hand does not determine it: three persons see it before it counts."""

    code: ClassVar[str] = "SAME_PERSON_APPROVED_AND_DETERMINED"
    remedies: ClassVar[tuple[str, ...]] = ("LET_COLLEAGUE_DETERMINE",)

    def broken_by(self, attempt: Attempt[DeterminePanel]) -> Facts | None:
        """Return the breach when the two are one."""
        proposal = attempt.state.proposal
        return {} if proposal is not None and proposal.approved_by == attempt.by.person_id else None
