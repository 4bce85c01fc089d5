"""A matter as its stream of events tells it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from workflow.draw import Draw
from workflow.need import Need
from workflow.panel import Panel, Proposal, Waiver
from workflow.review.part import NO_REVIEW, Review
from workflow.steps import (
    CASE_OPENED,
    DECLARATIONS,
    EXPERT_DISPOSITION,
    EXPERT_NEED,
    GRAPHS,
    OPINIONS,
    PACKAGE_SENT,
    PANEL_DETERMINED,
    PANEL_PROPOSED,
    StepState,
    StepStatus,
)
from workflow.terms import Terms

Status = Literal["new", "opened", "need-set", "proposed", "determined", "suspended", "cancelled"]


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation or a person whose interests are at stake; exactly one of the two ids is set.

    `role` says how: `party`, `drafter` (commissioned to write the draft, A12p1), `beneficiary` ...
    """

    organisation_id: str | None = None
    person_id: str | None = None
    role: str = "party"


@dataclass(frozen=True, slots=True)
class MatterState:
    """Everything the rules ask about a matter; made by `fold`, never by hand.

    Attributes:
        version: number of events so far, the stream_seq of the last one.
        edition: edition the matter was stamped with; empty for one recorded from before the regulation.
        policy: local policy at opening; checks use the one of their day.
        graph: id of the step graph.
        kind: which item of A3 (`A3.1` to `A3.5`).
        unit_id: the undertaking unit.
        former_units: who had it before, where units merged, divided or were dissolved; oldest first.
        title_sha256: hash of the title.
        parties: who has interests at stake.
        parent_id: the matter whose decision this one adjusts (A2).
        need: what is asked of the panel.
        flags_proposed: the unit's flags (A31).
        flags_confirmed: the center's; None until it has confirmed.
        mode: how the panel is to come about, as the center laid down; empty where the local policy counts.
        waiver: the center's acceptance of a panel below the floor, if any.
        proposal: the open proposal.
        panel: the determined panel in force.
        review: the review of the panel in force.
        past_panels: panels of earlier rounds, oldest first.
        draws: every draw of every round, oldest first; nothing is forgotten.
        round: round of the open or last panel, 0 before the first.
        suspended: whether the matter rests.
        cancelled: whether it has ended without a decision.
        opened_on: first day.
        closed_on: day of the cancellation.
        people: persons who acted in it, or sat on its panel and left.
    """

    version: int = 0
    edition: str = ""
    policy: str = ""
    graph: str = "graph-0"
    kind: str = ""
    unit_id: str = ""
    former_units: tuple[str, ...] = ()
    title_sha256: str = ""
    parties: tuple[Party, ...] = ()
    parent_id: str | None = None
    need: Need | None = None
    flags_proposed: frozenset[str] = frozenset()
    flags_confirmed: frozenset[str] | None = None
    mode: str = ""
    waiver: Waiver | None = None
    proposal: Proposal | None = None
    panel: Panel | None = None
    review: Review = NO_REVIEW
    past_panels: tuple[Panel, ...] = ()
    draws: tuple[Draw, ...] = ()
    round: int = 0
    suspended: bool = False
    cancelled: bool = False
    opened_on: date | None = None
    closed_on: date | None = None
    people: frozenset[str] = frozenset()

    @property
    def status(self) -> Status:
        """How the matter stands, in one word."""
        if self.version == 0:
            return "new"
        if self.cancelled:
            return "cancelled"
        if self.suspended:
            return "suspended"
        if self.panel is not None:
            return "determined"
        if self.proposal is not None:
            return "proposed"
        return "opened" if self.need is None else "need-set"

    @property
    def step(self) -> str:
        """The id of the last step that is done, whether the matter rests or not; empty before it is opened."""
        done = [state.step.id for state in steps_of(self) if state.status == "done"]
        return done[-1] if done else ""

    @property
    def open_round(self) -> int:
        """The round of the panel in hand: the determined one, the proposed one, or the one to be proposed next.

        A proposal in the place of an open or returned one belongs to the same round; a reopening begins a new one.
        """
        opened = self.proposal is not None or self.round > len(self.past_panels)
        return self.round if opened else self.round + 1

    @property
    def live_draw(self) -> Draw | None:
        """The draw that stands in the open round, committed or made; None where there is none or it was voided."""
        last = self.draws[-1] if self.draws else None
        return None if last is None or last.round != self.open_round or last.status == "voided" else last

    @property
    def flags(self) -> frozenset[str]:
        """The flags that count today: the center's once it has confirmed, the unit's until then (U6)."""
        return self.flags_proposed if self.flags_confirmed is None else self.flags_confirmed

    @property
    def concerned(self) -> frozenset[str]:
        """Ids of the persons to be told when the matter is cancelled, suspended or resumed.

        Whoever acted in it, and the members of a determined panel. Persons who are only proposed, and reserves, have
        not been asked yet and are not told what becomes of a matter they do not know.
        """
        members = () if self.panel is None else self.panel.members
        return self.people | {member.person_id for member in members}


def floor_for(flags: frozenset[str], *, terms: Terms) -> int:
    """Return the least number of members: five, or nine for a complex matter, meaning one with any flag.

    Where the edition has switched the rule off, one member is enough.

    Source: A31. Reading: floors, not ranges (U5); flags proposed by the unit, confirmed by the center (U6).
    """
    if "PANEL_TOO_SMALL" not in terms.rules:
        return 1
    return terms.number("PANEL_TOO_SMALL", "complex_floor" if flags else "floor")


def steps_of(state: MatterState) -> tuple[StepState, ...]:
    """Return how every step of the matter's graph stands, in drawing order."""
    done = {
        CASE_OPENED: state.version > 0,
        EXPERT_NEED: state.need is not None,
        PANEL_PROPOSED: state.proposal is not None or state.panel is not None,
        PANEL_DETERMINED: state.panel is not None,
    }
    if state.panel is not None:
        done[EXPERT_NEED] = True
    done |= _review_done(state)
    states = []
    for step in GRAPHS[state.graph].steps:
        status: StepStatus
        if done[step.id]:
            status = "done"
        elif state.cancelled or state.suspended:
            status = "stopped"
        elif all(done[required] for required in step.requires):
            status = "now"
        else:
            status = "later"
        states.append(StepState(step, status, state.round))
    return tuple(states)


def _review_done(state: MatterState) -> dict[str, bool]:
    """Return which steps of the review are done: every member has undertaken; every member has the material."""
    members = () if state.panel is None else state.panel.members
    parts = [part for part in (state.review.part(member.person_id) for member in members) if part and part.active]
    all_here = bool(members) and len(parts) == len(members)
    return {
        DECLARATIONS: all_here and all(part.undertaking_sha256 for part in parts),
        PACKAGE_SENT: all_here and all(part.material for part in parts),
        OPINIONS: state.review.closed,
        EXPERT_DISPOSITION: state.review.filed,
    }
