"""A review of five experts who have the material, with every rule of a review on."""

from datetime import UTC, datetime
from typing import Any

from tests.workflow.builders import CENTER, CLERK, DAY, RULES, a_need, a_proposal, an_opening, terms
from workflow import (
    Actor,
    ActRefused,
    AnswerInvitation,
    Command,
    ConfirmFlags,
    DeliverMaterial,
    DeterminePanel,
    Invite,
    MatterState,
    Rule,
    SendMaterial,
    SetNeed,
    SignOpinion,
    SignUndertaking,
    decide,
    fold,
)

REVIEW_RULES = RULES | {
    "NO_UNDERTAKING": Rule("A28.2"),
    "MATERIAL_NOT_PROVIDED": Rule("A27.1"),
    "PACKAGE_INCOMPLETE": Rule("A32.2"),
    "STUDY_TIME_TOO_SHORT": Rule("A32.2", "generally", "center", {"working_days": 5}),
    "OPINION_IMMUTABLE": Rule("A27.3"),
    "UNSIGNED_OPINION": Rule("A32.3"),
    "ORAL_WITHOUT_URGENCY": Rule("A32.3"),
    "ORAL_NOT_WRITTEN": Rule("A32.3"),
    "WRITTEN_OVERDUE": Rule("A32.3", "duty", None, {"hours": 24}),
    "OPINION_LATE": Rule("A28.1", "duty"),
}
TERMS = terms(graph="graph-2", rules=REVIEW_RULES)
NOON = datetime(2026, 9, 14, 4, tzinfo=UTC)
DUE = DAY.replace(day=21)
ITEMS = dict.fromkeys(("draft", "explanation", "focus", "related"), ("f" * 64,))


def expert(number: int = 1) -> Actor:
    return Actor(f"p{number}", "expert")


def do(state: MatterState, command: Command, *, by: Actor = CENTER, at: datetime = NOON) -> MatterState:
    """Return the state after a command that is allowed."""
    return fold(decide(state, command, by=by, at=at, on=at.date(), terms=TERMS), state)


def refusals(state: MatterState, command: Command, *, by: Actor = CENTER, at: datetime = NOON) -> list[str]:
    """Return the codes that refuse a command; empty when it is allowed."""
    try:
        decide(state, command, by=by, at=at, on=at.date(), terms=TERMS)
    except ActRefused as refused:
        return [rule.code for rule in refused.rules]
    return []


def an_opinion(number: int = 1, **changes: Any) -> SignOpinion:
    values: dict[str, Any] = {"document_sha256": "d" * 64, "points": 2, "conclusion": "agree"}
    return SignOpinion(f"p{number}", **(values | changes))


def a_review() -> MatterState:
    """Return a matter whose five experts have accepted, undertaken and got the material, due on 21 September."""
    state = do(MatterState(), an_opening(), by=CLERK)
    state = do(state, SetNeed(a_need()), by=CLERK)
    state = do(state, a_proposal(), by=CLERK)
    people = tuple(f"p{number}" for number in range(1, 6))
    for command in (ConfirmFlags(frozenset()), DeterminePanel(), Invite(people, DAY, "a" * 64)):
        state = do(state, command)
    for number, person in enumerate(people, 1):
        state = do(state, AnswerInvitation(person, "accepted"), by=expert(number))
        state = do(state, SignUndertaking(person, "u" * 64), by=expert(number))
    state = do(state, SendMaterial(ITEMS), by=CLERK)
    for person in people:
        state = do(state, DeliverMaterial(person, DUE, DUE), by=CLERK)
    return state
