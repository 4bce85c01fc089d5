"""From a state and a command to events, or to every rule that says no."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from workflow import event as kinds
from workflow.coding import (
    encode_changes,
    encode_flags,
    encode_members,
    encode_need,
    encode_parties,
    encode_reserves,
)
from workflow.command import (
    ApproveDesignation,
    Cancel,
    ChangeParties,
    ChangeProposal,
    ChooseMode,
    Command,
    ConfirmFlags,
    DeterminePanel,
    OpenCase,
    PassBack,
    PassOn,
    ProposePanel,
    RecordMatter,
    ReopenPanel,
    ReplaceMember,
    Resume,
    ReturnProposal,
    SetNeed,
    Suspend,
    WaiveFloor,
)
from workflow.draw import ChallengeDraw, CommitDraw, ContinueDraw, MakeDraw, UpholdDraw, VoidDraw
from workflow.draw_events import written_by
from workflow.event import Actor, Event
from workflow.judged import JUDGED
from workflow.matter import MatterState, floor_for
from workflow.panel import Proposal
from workflow.review.writing import Written, written
from workflow.rules import panel
from workflow.rules.rule import Attempt, BrokenRule, Rule
from workflow.steps import CASE_OPENED, EXPERT_NEED, GRAPHS, PANEL_DETERMINED, PANEL_PROPOSED
from workflow.terms import Rule as Row
from workflow.terms import Terms


class ActRefused(Exception):
    """The rules say no; nothing happened.

    Attributes:
        rules: every broken rule, in the order in which they were asked.
    """

    def __init__(self, rules: Sequence[BrokenRule]) -> None:
        """Keep every broken rule."""
        super().__init__(", ".join(rule.code for rule in rules))
        self.rules = tuple(rules)

    @property
    def code(self) -> str:
        """The first broken rule's code."""
        return self.rules[0].code

    @property
    def facts(self) -> Mapping[str, Any]:
        """The first broken rule's facts."""
        return self.rules[0].facts


def examine(
    state: MatterState,
    command: Command,
    *,
    by: Actor,
    on: date,
    terms: Terms,
    found: Iterable[BrokenRule] = (),
) -> tuple[BrokenRule, ...]:
    """Return every rule that the command would break; empty when it may be done. Nothing is recorded.

    Args:
        state: the matter as it stands.
        command: what is asked.
        by: who asks.
        on: the day, China Standard Time.
        terms: the edition the matter was stamped with; for a new one, the edition in force.
        found: what other packages found against it on the same facts: interests, lapsed terms, unfilled seats.
    """
    judged = JUDGED[type(command)]
    attempt = Attempt(state, command, by, on, terms)
    for gate in judged.gates:
        if gate.broken_by(attempt) is not None:
            return (_broken(gate, attempt),)
    asked = (*judged.order, *(rule for rule in judged.rules if rule.code in terms.rules))
    return (*(_broken(rule, attempt) for rule in asked if rule.broken_by(attempt) is not None), *found)


def decide(
    state: MatterState,
    command: Command,
    *,
    by: Actor,
    at: datetime,
    on: date,
    terms: Terms,
    found: Iterable[BrokenRule] = (),
) -> tuple[Event, ...]:
    """Return the events that the command brings about, to be appended in this order.

    Args:
        state: the matter as it stands.
        command: what is asked.
        by: who asks.
        at: the instant, aware, in UTC.
        on: the same instant's day in China Standard Time.
        terms: the edition the matter was stamped with; for a new one, the edition in force.
        found: what other packages found against it on the same facts; any of it refuses.

    Raises:
        ActRefused: with every broken rule.

    Source: A2, A3, A30, A31, A32.1, A72. Readings: U5, U6, U31.
    """
    if broken := examine(state, command, by=by, on=on, terms=terms, found=found):
        raise ActRefused(broken)
    graph = GRAPHS[state.graph if state.version else terms.graph]
    return tuple(
        Event(type_, step, graph.step(step).cites if step else (), body, by, at, on)
        for type_, step, body in _bodies(state, command, terms, at=at, on=on)
    )


def _broken(rule: Rule, attempt: Attempt[Any]) -> BrokenRule:
    row = attempt.terms.rules.get(rule.code, Row(force="house"))
    facts = rule.broken_by(attempt)
    return BrokenRule(rule.code, row.cite, row.force, row.override_by, facts or {}, rule.remedies)


def _bodies(state: MatterState, command: Command, terms: Terms, *, at: datetime, on: date) -> list[Written]:
    match command:
        case OpenCase():
            return [(kinds.MATTER_OPENED, CASE_OPENED, _opened(command, terms))]
        case RecordMatter():
            return [(kinds.MATTER_RECORDED, CASE_OPENED, _recorded(command))]
        case ChangeParties():
            return [(kinds.PARTIES_CHANGED, CASE_OPENED, {"parties": encode_parties(command.parties)})]
        case SetNeed():
            return _need_set(state, command)
        case ConfirmFlags():
            return [_flags_confirmed(command.flags, command.reason_sha256)]
        case WaiveFloor():
            return [_floor_waived(floor_for(state.flags, terms=terms), command.size, command.reason_sha256)]
        case ChooseMode():
            return [(kinds.MODE_CHOSEN, EXPERT_NEED, _mode_chosen(command))]
        case ApproveDesignation():
            return [(kinds.DESIGNATION_APPROVED, PANEL_PROPOSED, {"round": state.round})]
        case ProposePanel():
            return [(kinds.PANEL_PROPOSED, PANEL_PROPOSED, _proposed(state, command, terms))]
        case ChangeProposal():
            return [(kinds.PANEL_CHANGED, PANEL_PROPOSED, _changed(state, command))]
        case DeterminePanel():
            return _determined(state, command, terms)
        case ReturnProposal():
            return [_withdrawn(state, "returned", command.reason_sha256)]
        case ReplaceMember():
            return [(kinds.MEMBER_REPLACED, PANEL_DETERMINED, _replaced(command))]
        case ReopenPanel():
            body = {"round": state.round, "reason_sha256": command.reason_sha256}
            return [(kinds.PANEL_REOPENED, PANEL_DETERMINED, body)]
        case Cancel():
            return [(kinds.MATTER_CANCELLED, "", {"reason_sha256": command.reason_sha256})]
        case Suspend():
            return [(kinds.MATTER_SUSPENDED, "", {"reason_sha256": command.reason_sha256})]
        case Resume():
            return [(kinds.MATTER_RESUMED, "", {"reason_sha256": command.reason_sha256})]
        case PassOn() | PassBack():
            back = isinstance(command, PassBack)
            return [(kinds.MATTER_PASSED_BACK if back else kinds.MATTER_PASSED_ON, "", _passed(state, command))]
        case CommitDraw() | MakeDraw() | ContinueDraw() | ChallengeDraw() | VoidDraw() | UpholdDraw():
            return written_by(state, command)
        case _:
            return written(state, command, terms, at=at, on=on)


def _opened(command: OpenCase, terms: Terms) -> dict[str, Any]:
    return {
        "kind": command.kind,
        "unit": command.unit_id,
        "title_sha256": command.title_sha256,
        "parties": encode_parties(command.parties),
        "edition": terms.edition,
        "policy": terms.policy,
        "graph": terms.graph,
        "parent": command.parent_id,
        "copied_from": command.copied_from,
        "kind_reason_sha256": command.kind_reason_sha256,
    }


def _recorded(command: RecordMatter) -> dict[str, Any]:
    return {
        "kind": command.kind,
        "unit": command.unit_id,
        "title_sha256": command.title_sha256,
        "parties": encode_parties(command.parties),
        "flags": encode_flags(command.flags),
        "opened_on": command.opened_on.isoformat(),
        "determined_on": command.determined_on.isoformat(),
        "members": encode_members(command.members),
    }


def _passed(state: MatterState, command: PassOn | PassBack) -> dict[str, Any]:
    return {"unit": command.unit_id, "before": state.unit_id, "reorganisation": command.reorganisation_id}


def _need_set(state: MatterState, command: SetNeed) -> list[Written]:
    written: list[Written] = [
        (kinds.NEED_SET, EXPERT_NEED, encode_need(command.need) | {"flags": encode_flags(command.flags)})
    ]
    if state.proposal is not None:
        written.append(_withdrawn(state, "need-changed", ""))
    return written


def _flags_confirmed(flags: frozenset[str], reason_sha256: str) -> Written:
    return (kinds.FLAGS_CONFIRMED, EXPERT_NEED, {"flags": encode_flags(flags), "reason_sha256": reason_sha256})


def _floor_waived(floor: int, size: int, reason_sha256: str) -> Written:
    body = {"floor": floor, "size": size, "reason_sha256": reason_sha256}
    return (kinds.FLOOR_WAIVED, PANEL_DETERMINED, body)


def _proposed(state: MatterState, command: ProposePanel, terms: Terms) -> dict[str, Any]:
    return {
        "round": state.open_round,
        "members": encode_members(command.members),
        "reserves": encode_reserves(command.reserves),
        "as_of": command.as_of.isoformat(),
        "mode": command.mode,
        "problem_sha256": command.problem_sha256,
        "floor": floor_for(state.flags, terms=terms),
        "waiver_asked_sha256": command.waiver_asked_sha256,
        "paper_sha256": command.paper_sha256,
        "designation_sha256": command.designation_sha256,
        "hands": list(command.hands),
    }


def _mode_chosen(command: ChooseMode) -> dict[str, Any]:
    return {"mode": command.mode, "reason_sha256": command.reason_sha256}


def _changed(state: MatterState, command: ChangeProposal) -> dict[str, Any]:
    # What one made by hand and another changed is the work of both.
    before = _open_proposal(state).hands if command.hands else ()
    return {
        "members": encode_members(command.members),
        "reserves": encode_reserves(command.reserves),
        "changes": encode_changes(command.changes),
        "as_of": command.as_of.isoformat(),
        "problem_sha256": command.problem_sha256,
        "hands": list(dict.fromkeys((*before, *command.hands))),
    }


def _determined(state: MatterState, command: DeterminePanel, terms: Terms) -> list[Written]:
    proposal = _open_proposal(state)
    written: list[Written] = []
    flags = state.flags
    if command.confirm_flags is not None and command.confirm_flags != state.flags_confirmed:
        flags = command.confirm_flags
        written.append(_flags_confirmed(flags, command.flags_reason_sha256))
    floor, size = floor_for(flags, terms=terms), len(proposal.members)
    small = size < floor
    if small and command.waiver_sha256:
        written.append(_floor_waived(floor, size, command.waiver_sha256))
    body = {
        "round": proposal.round,
        "members": encode_members(proposal.members),
        "reserves": encode_reserves(proposal.reserves),
        "as_of": proposal.as_of.isoformat(),
        "floor": floor,
        "waived": [panel.PanelFloor.code] if small else [],
        "problem_sha256": proposal.problem_sha256,
    }
    written.append((kinds.PANEL_DETERMINED, PANEL_DETERMINED, body))
    return written


def _withdrawn(state: MatterState, cause: str, reason_sha256: str) -> Written:
    body = {"round": _open_proposal(state).round, "cause": cause, "reason_sha256": reason_sha256}
    return (kinds.PANEL_WITHDRAWN, PANEL_PROPOSED, body)


def _open_proposal(state: MatterState) -> Proposal:
    if state.proposal is None:
        raise RuntimeError("the step before was judged done, and there is no proposal")
    return state.proposal


def _replaced(command: ReplaceMember) -> dict[str, Any]:
    return {
        "out": command.out,
        "in": command.in_,
        "cause": command.cause,
        "reason_sha256": command.reason_sha256,
    }
