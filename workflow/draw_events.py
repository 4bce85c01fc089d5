"""Events of draws: what a command brings about, and what becomes of the state.

Bodies by type:
    draw.committed: round, number, commitment_sha256, problem_sha256, as_of, reveal_on, sources, witnesses_sha256
    draw.made: round, number, commitment_sha256, record_sha256, first_by, members, reserves
    draw.continued: round, number, out, in, cause, reason_sha256, record_sha256, members, reserves
    draw.challenged: round, number, cause, reason_sha256
    draw.voided: round, number, cause
    draw.upheld: round, number, reason_sha256
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from workflow import event as kinds
from workflow.coding import decode_members, decode_reserves, encode_members, encode_reserves
from workflow.draw import ChallengeDraw, CommitDraw, ContinueDraw, Draw, MakeDraw, UpholdDraw, VoidDraw
from workflow.event import Event
from workflow.matter import MatterState
from workflow.steps import PANEL_DETERMINED, PANEL_PROPOSED

DrawCommand = CommitDraw | MakeDraw | ContinueDraw | ChallengeDraw | VoidDraw | UpholdDraw
Written = tuple[str, str, dict[str, Any]]


def written_by(state: MatterState, command: DrawCommand) -> list[Written]:
    """Return type, step and body of the events that a command about a draw brings about, in order."""
    match command:
        case CommitDraw():
            return [(kinds.DRAW_COMMITTED, PANEL_PROPOSED, _committed(state, command))]
        case MakeDraw():
            body = _named(state) | {
                "commitment_sha256": _live(state).commitment_sha256,
                "record_sha256": command.record_sha256,
                "first_by": command.first_by,
                "members": encode_members(command.members),
                "reserves": encode_reserves(command.reserves),
            }
            return [(kinds.DRAW_MADE, PANEL_PROPOSED, body)]
        case ContinueDraw():
            return _continued(state, command)
        case ChallengeDraw():
            body = _named(state) | {"cause": command.cause, "reason_sha256": command.reason_sha256}
            return [(kinds.DRAW_CHALLENGED, PANEL_PROPOSED, body)]
        case UpholdDraw():
            return [(kinds.DRAW_UPHELD, PANEL_PROPOSED, _named(state) | {"reason_sha256": command.reason_sha256})]
        case VoidDraw():
            voided = [(kinds.DRAW_VOIDED, PANEL_PROPOSED, _named(state) | {"cause": _live(state).cause})]
            return voided + _withdrawal(state, "draw-voided")


def _committed(state: MatterState, command: CommitDraw) -> dict[str, Any]:
    return {
        "round": state.open_round,
        "number": command.number,
        "commitment_sha256": command.commitment_sha256,
        "problem_sha256": command.problem_sha256,
        "as_of": command.as_of.isoformat(),
        "reveal_on": command.reveal_on.isoformat(),
        "sources": command.sources,
        "witnesses_sha256": command.witnesses_sha256,
    }


def _continued(state: MatterState, command: ContinueDraw) -> list[Written]:
    body = _named(state) | {
        "out": command.out,
        "in": command.in_,
        "cause": command.cause,
        "reason_sha256": command.reason_sha256,
        "record_sha256": command.record_sha256,
        "members": encode_members(command.members),
        "reserves": encode_reserves(command.reserves),
    }
    written: list[Written] = [(kinds.DRAW_CONTINUED, PANEL_PROPOSED, body)]
    if state.panel is None:
        return written + _withdrawal(state, "draw-continued")
    if command.in_ is not None:
        replaced = {
            "out": command.out,
            "in": command.in_,
            "cause": command.cause,
            "reason_sha256": command.reason_sha256,
        }
        written.append((kinds.MEMBER_REPLACED, PANEL_DETERMINED, replaced))
    return written


def _withdrawal(state: MatterState, cause: str) -> list[Written]:
    """Let an open proposal fall that rests on the draw as it was."""
    if state.proposal is None or state.panel is not None:
        return []
    body = {"round": state.proposal.round, "cause": cause, "reason_sha256": ""}
    return [(kinds.PANEL_WITHDRAWN, PANEL_PROPOSED, body)]


def _named(state: MatterState) -> dict[str, Any]:
    draw = _live(state)
    return {"round": draw.round, "number": draw.number}


def _live(state: MatterState) -> Draw:
    draw = state.live_draw
    if draw is None:
        raise RuntimeError("an event of a draw that no draw was committed for")
    return draw


def committed(state: MatterState, event: Event) -> MatterState:
    """Add a draw."""
    body = event.body
    draw = Draw(
        round=body["round"],
        number=body["number"],
        commitment_sha256=body["commitment_sha256"],
        problem_sha256=body["problem_sha256"],
        as_of=date.fromisoformat(body["as_of"]),
        reveal_on=date.fromisoformat(body["reveal_on"]),
        committed_by=event.by.person_id,
    )
    return replace(state, draws=(*state.draws, draw))


def made(state: MatterState, event: Event) -> MatterState:
    """Keep what was drawn."""
    return _changed(
        state,
        event,
        status="made",
        record_sha256=event.body["record_sha256"],
        first_by=event.body["first_by"],
        made_by=event.by.person_id,
        members=decode_members(event.body["members"]),
        reserves=decode_reserves(event.body["reserves"]),
    )


def continued(state: MatterState, event: Event) -> MatterState:
    """Keep who declined and who stands in the draw now; a reserve who declined leaves a determined panel too."""
    body = event.body
    after = _changed(
        state,
        event,
        record_sha256=body["record_sha256"],
        members=decode_members(body["members"]),
        reserves=decode_reserves(body["reserves"]),
        declined=(*_draw_of(state, event).declined, body["out"]),
    )
    if after.panel is None:
        return after
    waiting = tuple(reserve for reserve in after.panel.reserves if reserve.person_id != body["out"])
    return replace(after, panel=replace(after.panel, reserves=waiting))


def challenged(state: MatterState, event: Event) -> MatterState:
    """Keep who asks that the draw be voided, and why."""
    return _changed(state, event, challenged_by=event.by.person_id, cause=event.body["cause"])


def upheld(state: MatterState, event: Event) -> MatterState:
    """Let the draw stand."""
    return _changed(state, event, challenged_by="", cause="")


def voided(state: MatterState, event: Event) -> MatterState:
    """Void the draw; it stays."""
    return _changed(state, event, status="voided", voided_by=event.by.person_id)


def _draw_of(state: MatterState, event: Event) -> Draw:
    named = (event.body["round"], event.body["number"])
    return next(draw for draw in state.draws if (draw.round, draw.number) == named)


def _changed(state: MatterState, event: Event, **changes: Any) -> MatterState:
    old = _draw_of(state, event)
    return replace(state, draws=tuple(replace(draw, **changes) if draw is old else draw for draw in state.draws))


CHANGES: Final[Mapping[str, Callable[[MatterState, Event], MatterState]]] = {
    kinds.DRAW_COMMITTED: committed,
    kinds.DRAW_MADE: made,
    kinds.DRAW_CONTINUED: continued,
    kinds.DRAW_CHALLENGED: challenged,
    kinds.DRAW_UPHELD: upheld,
    kinds.DRAW_VOIDED: voided,
}
