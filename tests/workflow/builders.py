"""Matters that are valid by default; a test states only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from workflow import (
    Actor,
    ActRefused,
    Cancel,
    Command,
    ConfirmFlags,
    DeterminePanel,
    Event,
    MatterState,
    Member,
    Need,
    OpenCase,
    Party,
    ProposePanel,
    Reserve,
    Resume,
    Rule,
    Seat,
    SetNeed,
    Suspend,
    Terms,
    decide,
    fold,
)

DAY = date(2026, 9, 14)
UNIT = "unit-water"
CLERK = Actor("person-clerk", "unit", UNIT)
CENTER = Actor("person-center", "center")
HEAD = Actor("person-head", "center-head")
STRANGER = Actor("person-stranger", "unit", "unit-schools")

RULES = {
    "EDITION_NOT_IN_FORCE": Rule("A72"),
    "OUT_OF_SCOPE": Rule("A3p2"),
    "DEPARTMENT_LEVEL": Rule("A3p4"),
    "MATTER_TYPE_REQUIRED": Rule("A3"),
    "TYPE_REASON_REQUIRED": Rule("A3.5"),
    "ADJUSTMENT_WITHOUT_PARENT": Rule("A2"),
    "UNIT_NOT_NAMED": Rule("A10p2"),
    "PANEL_TOO_SMALL": Rule("A31", "generally", "center", {"floor": 5, "complex_floor": 9}),
    "FLAGS_NOT_CONFIRMED": Rule("A31"),
    "FLAGS_REASON_MISSING": Rule("A31"),
    "PROPOSER_NOT_OF_UNIT": Rule("A32.1"),
    "NOT_OF_CENTER": Rule("A32.1"),
    "SAME_PERSON_PROPOSED_AND_DETERMINED": Rule("A32.1"),
    "CHANGE_WITHOUT_REASON": Rule("A32.1"),
    "PANEL_NOT_DETERMINED": Rule("A32.1"),
}


def terms(**changes: Any) -> Terms:
    values: dict[str, Any] = {
        "edition": "trial-1",
        "policy": "local-1",
        "graph": "graph-0",
        "issued_on": date(2025, 1, 1),
        "valid_until": date(2026, 12, 31),
        "rules": RULES,
    }
    return Terms(**(values | changes))


def run(
    state: MatterState,
    *commands: Command,
    by: Actor = CLERK,
    on: date = DAY,
    terms: Terms = terms(),  # noqa: B008 -- a frozen value
) -> MatterState:
    """Return the state after commands that are allowed."""
    for command in commands:
        state = fold(decide(state, command, by=by, at=at(on), on=on, terms=terms), state)
    return state


def events(
    state: MatterState,
    command: Command,
    *,
    by: Actor = CLERK,
    on: date = DAY,
    terms: Terms = terms(),  # noqa: B008
) -> tuple[Event, ...]:
    return decide(state, command, by=by, at=at(on), on=on, terms=terms)


def refused(
    state: MatterState,
    command: Command,
    *,
    by: Actor = CLERK,
    on: date = DAY,
    terms: Terms = terms(),  # noqa: B008
    **more: Any,
) -> list[str]:
    """Return the codes that refuse a command; empty when it is allowed."""
    try:
        decide(state, command, by=by, at=at(on), on=on, terms=terms, **more)
    except ActRefused as refusal:
        return [rule.code for rule in refusal.rules]
    return []


def at(on: date) -> datetime:
    return datetime.combine(on, time(1), UTC)


def members(count: int, start: int = 1) -> tuple[Member, ...]:
    return tuple(Member(f"p{number}", None) for number in range(start, start + count))


def an_opening(**changes: Any) -> OpenCase:
    return OpenCase(
        **{"kind": "A3.4", "unit_id": UNIT, "title_sha256": "t" * 64, "parties": (Party("company-1"),)} | changes
    )


def a_need(size: int = 5, **changes: Any) -> Need:
    return Need(**{"size": size, "seats": (Seat("570", 2),), "reserves": 1} | changes)


def a_proposal(count: int = 5, **changes: Any) -> ProposePanel:
    values: dict[str, Any] = {
        "members": members(count),
        "reserves": (Reserve("r1", None, ("p1", "p2")),),
        "as_of": DAY,
        "problem_sha256": "f" * 64,
    }
    return ProposePanel(**(values | changes))


def opened(**changes: Any) -> MatterState:
    return run(MatterState(), an_opening(**changes))


def with_need(*flags: str, size: int = 5) -> MatterState:
    return run(opened(), SetNeed(a_need(size), frozenset(flags)))


def proposed(*flags: str, count: int = 5, **changes: Any) -> MatterState:
    return run(with_need(*flags), a_proposal(count, **changes))


def determined(*flags: str, count: int = 5) -> MatterState:
    state = run(proposed(*flags, count=count), ConfirmFlags(frozenset(flags)), by=CENTER)
    return run(state, DeterminePanel(), by=CENTER)


def suspended(state: MatterState) -> MatterState:
    return run(state, Suspend("r" * 64))


def resumed(state: MatterState) -> MatterState:
    return run(state, Resume("r" * 64))


def cancelled(state: MatterState) -> MatterState:
    return run(state, Cancel("r" * 64))


def later(days: int) -> date:
    return DAY + timedelta(days=days)
