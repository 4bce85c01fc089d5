"""From a matter's events to its state. Events are facts: folding judges nothing.

Bodies by type:
    matter.opened: kind, unit, title_sha256, parties, policy, edition, graph, parent, copied_from, kind_reason_sha256
    matter.recorded: kind, unit, title_sha256, parties, flags, opened_on, determined_on, members
    parties.changed: parties
    need.set: size, seats, quotas, reserves, flags
    flags.confirmed: flags, reason_sha256
    floor.waived: floor, size, reason_sha256
    panel-mode.chosen: mode, reason_sha256
    panel.proposed: round, members, reserves, as_of, mode, problem_sha256, floor, waiver_asked_sha256, paper_sha256,
        designation_sha256, hands
    designation.approved: round
    panel.changed: members, reserves, changes, as_of, problem_sha256, hands
    panel.withdrawn: round, cause, reason_sha256
    panel.determined: round, members, reserves, as_of, floor, waived, problem_sha256
    panel.reopened: round, reason_sha256
    member.replaced: out, in, cause, reason_sha256
    matter.cancelled, matter.suspended, matter.resumed: reason_sha256
    matter.passed-on, matter.passed-back: unit, before, reorganisation

Those of the review stand in `workflow.review.fold`.
    draw.*: see `workflow.draw_events`
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from workflow import draw_events
from workflow import event as kinds
from workflow.coding import decode_changes, decode_members, decode_need, decode_parties, decode_reserves
from workflow.event import Event
from workflow.matter import MatterState
from workflow.panel import Member, Panel, Proposal, Waiver
from workflow.review.fold import CHANGES as REVIEW_CHANGES
from workflow.review.fold import replaced as replaced_in_review
from workflow.review.part import NO_REVIEW


class StreamUnreadable(RuntimeError):
    """A stream holds an event that this version of the software does not know."""


def fold(events: Iterable[Event], start: MatterState | None = None) -> MatterState:
    """Return the state after the events, in order.

    Args:
        events: of one matter, in the order of its stream.
        start: the state before the first of them; None for the beginning of the stream.

    Raises:
        StreamUnreadable: on an unknown type of event.
    """
    state = start or MatterState()
    for event in events:
        version = state.version + 1
        if event.type in REVIEW_CHANGES:
            state = replace(state, review=REVIEW_CHANGES[event.type](state.review, event))
        elif event.type in _CHANGES:
            state = _CHANGES[event.type](state, event)
        else:
            raise StreamUnreadable(f"event {version} of the stream is {event.type!r}")
        state = replace(state, version=version, people=state.people | {event.by.person_id})
    return state


def _opened(state: MatterState, event: Event) -> MatterState:
    body = event.body
    return replace(
        state,
        edition=body["edition"],
        policy=body["policy"],
        graph=body["graph"],
        kind=body["kind"],
        unit_id=body["unit"],
        title_sha256=body["title_sha256"],
        parties=decode_parties(body["parties"]),
        parent_id=body["parent"],
        opened_on=event.on,
    )


def _recorded(state: MatterState, event: Event) -> MatterState:
    body = event.body
    flags = frozenset(body["flags"])
    panel = Panel(
        round=0,
        members=decode_members(body["members"]),
        reserves=(),
        proposed_by="",
        determined_by=event.by.person_id,
        determined_on=date.fromisoformat(body["determined_on"]),
        floor=0,
    )
    return replace(
        state,
        kind=body["kind"],
        unit_id=body["unit"],
        title_sha256=body["title_sha256"],
        parties=decode_parties(body["parties"]),
        flags_proposed=flags,
        flags_confirmed=flags,
        panel=panel,
        opened_on=date.fromisoformat(body["opened_on"]),
    )


def _parties_changed(state: MatterState, event: Event) -> MatterState:
    return replace(state, parties=decode_parties(event.body["parties"]))


def _need_set(state: MatterState, event: Event) -> MatterState:
    flags = frozenset(event.body["flags"])
    confirmed = state.flags_confirmed if flags == state.flags_proposed else None
    return replace(state, need=decode_need(event.body), flags_proposed=flags, flags_confirmed=confirmed)


def _flags_confirmed(state: MatterState, event: Event) -> MatterState:
    return replace(state, flags_confirmed=frozenset(event.body["flags"]))


def _floor_waived(state: MatterState, event: Event) -> MatterState:
    body = event.body
    return replace(state, waiver=Waiver(body["floor"], body["size"], body["reason_sha256"], event.by.person_id))


def _mode_chosen(state: MatterState, event: Event) -> MatterState:
    return replace(state, mode=event.body["mode"])


def _proposed(state: MatterState, event: Event) -> MatterState:
    body = event.body
    proposal = Proposal(
        round=body["round"],
        members=decode_members(body["members"]),
        reserves=decode_reserves(body["reserves"]),
        proposed_by=event.by.person_id,
        proposed_on=event.on,
        as_of=date.fromisoformat(body["as_of"]),
        mode=body["mode"],
        problem_sha256=body["problem_sha256"],
        floor=body["floor"],
        waiver_asked_sha256=body["waiver_asked_sha256"],
        # Streams from before lists made by hand were seconded lack it.
        designation_sha256=body.get("designation_sha256", ""),
        # Streams from before panels made by hand in part were seconded lack it.
        hands=tuple(body.get("hands", ())),
    )
    return replace(state, proposal=proposal, round=body["round"])


def _changed(state: MatterState, event: Event) -> MatterState:
    if state.proposal is None:
        raise StreamUnreadable("a panel was changed before one was proposed")
    body = event.body
    proposal = replace(
        state.proposal,
        members=decode_members(body["members"]),
        reserves=decode_reserves(body["reserves"]),
        as_of=date.fromisoformat(body["as_of"]),
        problem_sha256=body["problem_sha256"],
        changes=state.proposal.changes + decode_changes(body["changes"]),
        approved_by="",
        hands=tuple(body.get("hands", ())),
    )
    return replace(state, proposal=proposal)


def _approved(state: MatterState, event: Event) -> MatterState:
    if state.proposal is None:
        raise StreamUnreadable("a list was seconded before one was proposed")
    return replace(state, proposal=replace(state.proposal, approved_by=event.by.person_id))


def _withdrawn(state: MatterState, event: Event) -> MatterState:  # noqa: ARG001 -- all changes are called alike
    return replace(state, proposal=None)


def _determined(state: MatterState, event: Event) -> MatterState:
    if state.proposal is None:
        raise StreamUnreadable("a panel was determined before one was proposed")
    body = event.body
    panel = Panel(
        round=body["round"],
        members=decode_members(body["members"]),
        reserves=decode_reserves(body["reserves"]),
        proposed_by=state.proposal.proposed_by,
        determined_by=event.by.person_id,
        determined_on=event.on,
        floor=body["floor"],
        waived=tuple(body["waived"]),
        approved_by=state.proposal.approved_by,
        hands=state.proposal.hands,
    )
    return replace(state, panel=panel)


def _reopened(state: MatterState, event: Event) -> MatterState:  # noqa: ARG001 -- all changes are called alike
    past = state.past_panels if state.panel is None else (*state.past_panels, state.panel)
    return replace(state, proposal=None, panel=None, past_panels=past, waiver=None, review=NO_REVIEW)


def _replaced(state: MatterState, event: Event) -> MatterState:
    if state.panel is None:
        raise StreamUnreadable("a member was replaced before a panel was determined")
    body = event.body
    members = tuple(
        Member(body["in"], member.seat) if member.person_id == body["out"] else member for member in state.panel.members
    )
    # The newcomer sits in the place of who left: whoever could stand in for the one can for the other.
    left = tuple(
        replace(
            reserve,
            replaces=tuple(body["in"] if person == body["out"] else person for person in reserve.replaces),
        )
        for reserve in state.panel.reserves
        if reserve.person_id != body["in"]
    )
    # Who left is still to be told what becomes of the matter.
    return replace(
        state,
        panel=replace(state.panel, members=members, reserves=left),
        review=replaced_in_review(state.review, body["out"], on=event.on),
        people=state.people | {body["out"]},
    )


def _cancelled(state: MatterState, event: Event) -> MatterState:
    return replace(state, cancelled=True, closed_on=event.on)


def _passed_on(state: MatterState, event: Event) -> MatterState:
    """Who worked at the unit that began the matter stays tied to it, whoever carries it on."""
    former = tuple(unit for unit in (*state.former_units, event.body["before"]) if unit != event.body["unit"])
    return replace(state, unit_id=event.body["unit"], former_units=tuple(dict.fromkeys(former)))


def _passed_back(state: MatterState, event: Event) -> MatterState:
    """The unit that had the matter by mistake leaves no trace in whose matter it is."""
    former = tuple(unit for unit in state.former_units if unit != event.body["unit"])
    return replace(state, unit_id=event.body["unit"], former_units=former)


def _suspended(state: MatterState, event: Event) -> MatterState:  # noqa: ARG001 -- all changes are called alike
    return replace(state, suspended=True)


def _resumed(state: MatterState, event: Event) -> MatterState:  # noqa: ARG001 -- all changes are called alike
    return replace(state, suspended=False)


_CHANGES: Final[Mapping[str, Callable[[MatterState, Event], MatterState]]] = {
    kinds.MATTER_OPENED: _opened,
    kinds.MATTER_RECORDED: _recorded,
    kinds.MATTER_CANCELLED: _cancelled,
    kinds.MATTER_SUSPENDED: _suspended,
    kinds.MATTER_RESUMED: _resumed,
    kinds.MATTER_PASSED_ON: _passed_on,
    kinds.MATTER_PASSED_BACK: _passed_back,
    kinds.PARTIES_CHANGED: _parties_changed,
    kinds.NEED_SET: _need_set,
    kinds.FLAGS_CONFIRMED: _flags_confirmed,
    kinds.FLOOR_WAIVED: _floor_waived,
    kinds.MODE_CHOSEN: _mode_chosen,
    kinds.PANEL_PROPOSED: _proposed,
    kinds.PANEL_CHANGED: _changed,
    kinds.PANEL_WITHDRAWN: _withdrawn,
    kinds.DESIGNATION_APPROVED: _approved,
    kinds.PANEL_DETERMINED: _determined,
    kinds.PANEL_REOPENED: _reopened,
    kinds.MEMBER_REPLACED: _replaced,
    **draw_events.CHANGES,
}
