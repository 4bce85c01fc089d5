"""Rules of good order: what can be asked of a matter in the state in which it is. No article says them."""

from typing import Any, ClassVar

from workflow.command import ChangeProposal, ProposePanel, RecordMatter, ReplaceMember
from workflow.matter import steps_of
from workflow.rules.rule import Attempt, Facts


class IsNew:
    """A matter is opened once."""

    code: ClassVar[str] = "MATTER_ALREADY_OPEN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the stream has begun."""
        return {} if attempt.state.version > 0 else None


class IsOpened:
    """Nothing happens in a matter before it is opened."""

    code: ClassVar[str] = "MATTER_NOT_OPEN"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the stream is empty."""
        return {} if attempt.state.version == 0 else None


class IsNotCancelled:
    """A cancelled matter stays as it is."""

    code: ClassVar[str] = "MATTER_CANCELLED"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the day of the cancellation."""
        state = attempt.state
        return {"closed_on": str(state.closed_on)} if state.cancelled else None


class IsNotSuspended:
    """A resting matter is resumed before anything else happens in it; it may still be cancelled."""

    code: ClassVar[str] = "MATTER_SUSPENDED"
    remedies: ClassVar[tuple[str, ...]] = ("RESUME_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the matter rests."""
        return {} if attempt.state.suspended else None


class IsSuspended:
    """Only a resting matter can be resumed."""

    code: ClassVar[str] = "MATTER_NOT_SUSPENDED"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the matter does not rest."""
        return None if attempt.state.suspended else {}


class IsUnderEdition:
    """A matter recorded from before the regulation holds what was; nothing is proposed or determined in it."""

    code: ClassVar[str] = "MATTER_RECORDED_ONLY"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the matter bears no edition."""
        return {} if attempt.state.version > 0 and not attempt.state.edition else None


class StepIsReady:
    """A step is done when the steps before it are."""

    code: ClassVar[str] = "STEP_NOT_READY"
    remedies: ClassVar[tuple[str, ...]] = ("DO_EARLIER_STEP",)

    def __init__(self, step: str) -> None:
        """Ask about this step."""
        self._step = step

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the step and the first one that is missing before it."""
        done = {state.step.id: state.status == "done" for state in steps_of(attempt.state)}
        wanted = next(state.step for state in steps_of(attempt.state) if state.step.id == self._step)
        missing = [required for required in wanted.requires if not done[required]]
        return {"step": self._step, "missing": missing[0]} if missing else None


class PanelIsOpen:
    """What was determined stays until the center reopens the panel."""

    code: ClassVar[str] = "PANEL_FIXED"
    remedies: ClassVar[tuple[str, ...]] = ("REOPEN_PANEL",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the day of the determination."""
        panel = attempt.state.panel
        return {"determined_on": str(panel.determined_on)} if panel is not None else None


class ReasonIsGiven:
    """An act that undoes others' work bears a reason."""

    code: ClassVar[str] = "REASON_MISSING"
    remedies: ClassVar[tuple[str, ...]] = ("GIVE_REASON",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when the reason's hash is empty."""
        return None if attempt.command.reason_sha256 else {}


class MembersAreDistinct:
    """A person holds one place: one seat, or one reserve."""

    code: ClassVar[str] = "MEMBER_TWICE"
    remedies: ClassVar[tuple[str, ...]] = ("CHANGE_MEMBERS",)

    def broken_by(self, attempt: Attempt[ProposePanel | ChangeProposal | RecordMatter]) -> Facts | None:
        """Return how many names come again."""
        command = attempt.command
        people = [member.person_id for member in command.members]
        if not isinstance(command, RecordMatter):
            people += [reserve.person_id for reserve in command.reserves]
        again = len(people) - len(set(people))
        return {"again": again} if again else None


class HasMembers:
    """A panel has members."""

    code: ClassVar[str] = "PANEL_EMPTY"
    remedies: ClassVar[tuple[str, ...]] = ("CHANGE_MEMBERS",)

    def broken_by(self, attempt: Attempt[ProposePanel | ChangeProposal | RecordMatter]) -> Facts | None:
        """Return the breach when the list is empty."""
        return None if attempt.command.members else {}


class ReserveIsNamed:
    """Only who was determined as a reserve for a member may take that member's place without a new proposal."""

    code: ClassVar[str] = "RESERVE_NOT_NAMED"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_RESERVE", "REOPEN_PANEL")

    def broken_by(self, attempt: Attempt[ReplaceMember]) -> Facts | None:
        """Return the breach when the one is no member or the other no reserve for that place."""
        panel, command = attempt.state.panel, attempt.command
        if panel is None:
            return None
        sits = any(member.person_id == command.out for member in panel.members)
        named = any(reserve.person_id == command.in_ and command.out in reserve.replaces for reserve in panel.reserves)
        return None if sits and named else {"member": sits, "reserve": named}


class RecordedFromBefore:
    """Only what happened before the edition was issued is recorded afterwards; later matters run through the steps."""

    code: ClassVar[str] = "RECORD_NOT_FROM_BEFORE"
    remedies: ClassVar[tuple[str, ...]] = ("OPEN_MATTER",)

    def broken_by(self, attempt: Attempt[RecordMatter]) -> Facts | None:
        """Return the days when the panel was fixed on or after the day of issue, or before the matter began."""
        command, issued_on = attempt.command, attempt.terms.issued_on
        if command.opened_on <= command.determined_on < issued_on:
            return None
        return {
            "opened_on": str(command.opened_on),
            "determined_on": str(command.determined_on),
            "issued_on": str(issued_on),
        }
