"""Rules of the panel's making: who proposes, who determines, how many. Source: A31, A32.1."""

from typing import Any, ClassVar

from workflow.command import ChangeProposal, ConfirmFlags, DeterminePanel, ProposePanel, WaiveFloor
from workflow.matter import floor_for
from workflow.rules.rule import Attempt, Facts


class ProposedByUnit:
    """The undertaking unit proposes the panel (A32.1).

    The center may enter a proposal that the unit made on paper, naming the letter.
    """

    code: ClassVar[str] = "PROPOSER_NOT_OF_UNIT"
    remedies: ClassVar[tuple[str, ...]] = ("LET_UNIT_PROPOSE", "NAME_UNITS_LETTER")

    def broken_by(self, attempt: Attempt[ProposePanel]) -> Facts | None:
        """Return the role of who proposes."""
        by = attempt.by
        if by.center:
            return None if attempt.command.paper_sha256 else {"role": by.role}
        return None if by.unit_id is not None and by.unit_id == attempt.state.unit_id else {"role": by.role}


class DoneByCenter:
    """The center confirms the flags, accepts a smaller panel and determines (A31, A32.1; U6)."""

    code: ClassVar[str] = "NOT_OF_CENTER"
    remedies: ClassVar[tuple[str, ...]] = ("LET_CENTER_ACT",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the role of who acts."""
        return None if attempt.by.center else {"role": attempt.by.role}


class TwoPersons:
    """Who proposed a panel does not determine it: two persons, whatever accounts and roles they hold (A32.1)."""

    code: ClassVar[str] = "SAME_PERSON_PROPOSED_AND_DETERMINED"
    remedies: ClassVar[tuple[str, ...]] = ("LET_COLLEAGUE_DETERMINE",)

    def broken_by(self, attempt: Attempt[DeterminePanel]) -> Facts | None:
        """Return the breach when the two are one."""
        proposal = attempt.state.proposal
        return {} if proposal is not None and proposal.proposed_by == attempt.by.person_id else None


class FlagsAreConfirmed:
    """The floor stands on flags that the center has confirmed, before or with the determination (A31; U6)."""

    code: ClassVar[str] = "FLAGS_NOT_CONFIRMED"
    remedies: ClassVar[tuple[str, ...]] = ("CONFIRM_FLAGS",)

    def broken_by(self, attempt: Attempt[DeterminePanel]) -> Facts | None:
        """Return how many flags the unit proposed."""
        if attempt.state.flags_confirmed is not None or attempt.command.confirm_flags is not None:
            return None
        return {"flags": len(attempt.state.flags_proposed)}


class OtherFlagsAreReasoned:
    """The center says why it sees the matter otherwise than the unit; both views are kept (A31; U6)."""

    code: ClassVar[str] = "FLAGS_REASON_MISSING"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[ConfirmFlags | DeterminePanel]) -> Facts | None:
        """Return how many flags differ."""
        command = attempt.command
        if isinstance(command, ConfirmFlags):
            flags, reason = command.flags, command.reason_sha256
        elif command.confirm_flags is not None:
            flags, reason = command.confirm_flags, command.flags_reason_sha256
        else:
            return None
        differing = flags ^ attempt.state.flags_proposed
        return {"differing": len(differing)} if differing and not reason else None


class PanelFloor:
    """Generally at least five members, nine for a complex matter (A31).

    A floor and not a range (U5). At the proposal the unit's reason for fewer suffices; at the determination the
    center must have accepted one, for the floor that counts then: flags confirmed later can raise it.
    """

    code: ClassVar[str] = "PANEL_TOO_SMALL"
    remedies: ClassVar[tuple[str, ...]] = ("ADD_MEMBERS", "ACCEPT_SMALLER_PANEL")

    def broken_by(self, attempt: Attempt[ProposePanel | DeterminePanel]) -> Facts | None:
        """Return members, floor and how many are missing."""
        state, command = attempt.state, attempt.command
        if isinstance(command, ProposePanel):
            size, flags = len(command.members), state.flags
            asked = bool(command.waiver_asked_sha256)
        else:
            size = len(state.proposal.members) if state.proposal is not None else 0
            flags = state.flags if command.confirm_flags is None else command.confirm_flags
            asked = bool(command.waiver_sha256)
        floor = floor_for(flags, terms=attempt.terms)
        waiver = state.waiver
        accepted = waiver is not None and waiver.floor >= floor and waiver.size <= size
        if size >= floor or asked or accepted:
            return None
        return {"count": size, "min": floor, "missing": floor - size}


class WaiverIsNeeded:
    """A panel that reaches the floor needs no acceptance."""

    code: ClassVar[str] = "WAIVER_NOT_NEEDED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[WaiveFloor]) -> Facts | None:
        """Return members and floor."""
        floor = floor_for(attempt.state.flags, terms=attempt.terms)
        size = attempt.command.size
        return None if 1 <= size < floor else {"members": size, "floor": floor}


class ChangesAreReasoned:
    """What the center changes in the unit's proposal is kept, each change with its reason (A32.1)."""

    code: ClassVar[str] = "CHANGE_WITHOUT_REASON"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[ChangeProposal]) -> Facts | None:
        """Return how many persons come or go without a reason, or are named in a change and do neither."""
        proposal, command = attempt.state.proposal, attempt.command
        if proposal is None:
            return None
        before = {member.person_id for member in proposal.members}
        after = {member.person_id for member in command.members}
        reasoned = [change for change in command.changes if change.reason_sha256]
        out = {change.out for change in reasoned if change.out is not None}
        in_ = {change.in_ for change in reasoned if change.in_ is not None}
        unexplained = len((before - after) ^ out) + len((after - before) ^ in_)
        without = len(command.changes) - len(reasoned)
        return {"unexplained": unexplained, "without": without} if unexplained or without else None


class PanelIsDetermined:
    """Later steps rest on a determined panel (A32.1)."""

    code: ClassVar[str] = "PANEL_NOT_DETERMINED"
    remedies: ClassVar[tuple[str, ...]] = ("DETERMINE_PANEL",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when there is none."""
        return None if attempt.state.panel is not None else {}
