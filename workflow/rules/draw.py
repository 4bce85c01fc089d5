"""Rules of drawing by lot: commit first, seed later, one draw at a time. No article orders a draw."""

from typing import Any, ClassVar

from workflow.command import ProposePanel, ReplaceMember
from workflow.draw import DECLINE_CAUSES, VOID_CAUSES, ChallengeDraw, CommitDraw, ContinueDraw, MakeDraw, VoidDraw
from workflow.matter import MatterState
from workflow.panel import DRAWN
from workflow.rules.rule import Attempt, Facts


class NoProposalIsOpen:
    """A draw is committed before anything is proposed; an open proposal goes back to the unit first."""

    code: ClassVar[str] = "PROPOSAL_OPEN"
    remedies: ClassVar[tuple[str, ...]] = ("RETURN_PROPOSAL",)

    def broken_by(self, attempt: Attempt[CommitDraw]) -> Facts | None:
        """Return the breach when a proposal is open."""
        return None if attempt.state.proposal is None else {}


class NoDrawStands:
    """While a draw is committed or made, nothing changes on which it rests, and no other is committed."""

    code: ClassVar[str] = "DRAW_STANDS"
    remedies: ClassVar[tuple[str, ...]] = ("VOID_DRAW",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the number of the draw that stands."""
        draw = attempt.state.live_draw
        return None if draw is None else {"number": draw.number}


class NumberIsNext:
    """Draws of a round are numbered from 1 without gaps, so that none can be hidden."""

    code: ClassVar[str] = "DRAW_NUMBER_NOT_NEXT"
    remedies: ClassVar[tuple[str, ...]] = ("FREEZE_AGAIN",)

    def broken_by(self, attempt: Attempt[CommitDraw]) -> Facts | None:
        """Return the number of the commitment and the next one."""
        state = attempt.state
        next_ = 1 + sum(draw.round == state.open_round for draw in state.draws)
        number = attempt.command.number
        return None if number == next_ else {"number": number, "next": next_}


class RevealIsAhead:
    """The seed must not be known when the commitment is made, so it is read today at the earliest."""

    code: ClassVar[str] = "REVEAL_NOT_AHEAD"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_LATER_DAY",)

    def broken_by(self, attempt: Attempt[CommitDraw]) -> Facts | None:
        """Return the day named and today."""
        reveal_on = attempt.command.reveal_on
        return {"reveal_on": str(reveal_on), "on": str(attempt.on)} if reveal_on < attempt.on else None


class DrawIsOpen:
    """A seed is typed for a committed draw that was not made yet."""

    code: ClassVar[str] = "DRAW_NOT_COMMITTED"
    remedies: ClassVar[tuple[str, ...]] = ("COMMIT_DRAW",)

    def broken_by(self, attempt: Attempt[MakeDraw]) -> Facts | None:
        """Return the breach when no draw waits for its seed."""
        draw = attempt.state.live_draw
        return None if draw is not None and draw.status == "committed" else {}


class IsNotChallenged:
    """A challenged draw rests until a second person has voided it or let it stand."""

    code: ClassVar[str] = "DRAW_CHALLENGED"
    remedies: ClassVar[tuple[str, ...]] = ("DECIDE_CHALLENGE",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the cause of the challenge."""
        draw = attempt.state.live_draw
        return {"cause": draw.cause} if draw is not None and draw.challenged_by else None


class RevealDayHasCome:
    """The seed is typed on the day that the commitment names, or later."""

    code: ClassVar[str] = "REVEAL_TOO_EARLY"
    remedies: ClassVar[tuple[str, ...]] = ("WAIT_FOR_DAY",)

    def broken_by(self, attempt: Attempt[MakeDraw]) -> Facts | None:
        """Return the day named."""
        draw = attempt.state.live_draw
        if draw is None or attempt.on >= draw.reveal_on:
            return None
        return {"reveal_on": str(draw.reveal_on)}


class SeedIsTypedByTwo:
    """Two different persons type the seed."""

    code: ClassVar[str] = "SEED_TYPED_BY_ONE"
    remedies: ClassVar[tuple[str, ...]] = ("LET_SECOND_TYPE",)

    def broken_by(self, attempt: Attempt[MakeDraw]) -> Facts | None:
        """Return the breach when the two are one."""
        return {} if attempt.command.first_by == attempt.by.person_id else None


class DrawIsMade:
    """Only a draw that was made goes on."""

    code: ClassVar[str] = "DRAW_NOT_MADE"
    remedies: ClassVar[tuple[str, ...]] = ("MAKE_DRAW",)

    def broken_by(self, attempt: Attempt[ContinueDraw]) -> Facts | None:
        """Return the breach when there is none."""
        draw = attempt.state.live_draw
        return None if draw is not None and draw.status == "made" else {}


class DeclineCauseIsKnown:
    """Why somebody does not sit is one of a closed list."""

    code: ClassVar[str] = "DECLINE_CAUSE_UNKNOWN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ContinueDraw]) -> Facts | None:
        """Return the breach when it is none of them."""
        return None if attempt.command.cause in DECLINE_CAUSES else {}


class SomebodyJoins:
    """A member's place is filled by the draw; where nobody makes the panel valid again, the panel is made anew."""

    code: ClassVar[str] = "DRAW_EXHAUSTED"
    remedies: ClassVar[tuple[str, ...]] = ("VOID_DRAW", "REOPEN_PANEL")

    def broken_by(self, attempt: Attempt[ContinueDraw]) -> Facts | None:
        """Return how many stand in the draw when a member leaves and nobody joins."""
        draw, command = attempt.state.live_draw, attempt.command
        if draw is None or command.in_ is not None:
            return None
        sits = any(member.person_id == command.out for member in draw.members)
        return {"count": len(draw.members) - 1} if sits else None


class PanelIsAsDrawn:
    """The draw goes on in a determined panel only where that panel is still the drawn one."""

    code: ClassVar[str] = "PANEL_NOT_AS_DRAWN"
    remedies: ClassVar[tuple[str, ...]] = ("CHOOSE_RESERVE", "REOPEN_PANEL")

    def broken_by(self, attempt: Attempt[ContinueDraw]) -> Facts | None:
        """Return the breach when the panel was changed by hand."""
        state = attempt.state
        return None if state.panel is None or stands_as_drawn(state) else {}


class DrawGoesOn:
    """Whoever leaves a drawn panel is replaced by the draw, not by choice."""

    code: ClassVar[str] = "DRAWN_PANEL_GOES_ON_BY_DRAW"
    remedies: ClassVar[tuple[str, ...]] = ("CONTINUE_DRAW",)

    def broken_by(self, attempt: Attempt[ReplaceMember]) -> Facts | None:
        """Return the number of the draw."""
        draw = attempt.state.live_draw
        return {"number": draw.number} if draw is not None and stands_as_drawn(attempt.state) else None


class ProposalIsAsDrawn:
    """Where a draw stands, its panel is what is proposed; without one nothing is proposed as drawn."""

    code: ClassVar[str] = "PROPOSAL_NOT_AS_DRAWN"
    remedies: ClassVar[tuple[str, ...]] = ("PROPOSE_AS_DRAWN", "VOID_DRAW")

    def broken_by(self, attempt: Attempt[ProposePanel]) -> Facts | None:
        """Return the number of the draw that stands, 0 without one."""
        draw, command = attempt.state.live_draw, attempt.command
        if draw is None:
            return {"number": 0} if command.mode == DRAWN else None
        same = {member.person_id for member in draw.members} == {member.person_id for member in command.members}
        return None if draw.status == "made" and command.mode == DRAWN and same else {"number": draw.number}


class VoidCauseIsKnown:
    """A draw is voided for one of a closed list of causes; that somebody dislikes the result is none."""

    code: ClassVar[str] = "VOID_CAUSE_UNKNOWN"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[ChallengeDraw]) -> Facts | None:
        """Return the breach when it is none of them."""
        return None if attempt.command.cause in VOID_CAUSES else {}


class DrawIsThere:
    """Only a draw that stands is challenged."""

    code: ClassVar[str] = "NO_DRAW_STANDS"
    remedies: ClassVar[tuple[str, ...]] = ()

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when none does."""
        return None if attempt.state.live_draw is not None else {}


class IsChallenged:
    """A second person decides about a challenge that somebody made."""

    code: ClassVar[str] = "DRAW_NOT_CHALLENGED"
    remedies: ClassVar[tuple[str, ...]] = ("CHALLENGE_DRAW",)

    def broken_by(self, attempt: Attempt[Any]) -> Facts | None:
        """Return the breach when nobody did."""
        draw = attempt.state.live_draw
        return None if draw is not None and draw.challenged_by else {}


class VoiderIsAnother:
    """Who asks that a draw be voided does not void it."""

    code: ClassVar[str] = "SAME_PERSON_CHALLENGED_AND_VOIDED"
    remedies: ClassVar[tuple[str, ...]] = ("LET_COLLEAGUE_VOID",)

    def broken_by(self, attempt: Attempt[VoidDraw]) -> Facts | None:
        """Return the breach when the two are one."""
        draw = attempt.state.live_draw
        return {} if draw is not None and draw.challenged_by == attempt.by.person_id else None


def stands_as_drawn(state: MatterState) -> bool:
    """Return whether the determined panel, or else the open proposal, is exactly what the draw gives."""
    draw, held = state.live_draw, state.panel or state.proposal
    if draw is None or held is None or draw.status != "made":
        return False
    return {member.person_id for member in draw.members} == {member.person_id for member in held.members}
