"""Whatever people ask for in whatever order, what is recorded keeps the rules."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflow.builders import CENTER, CLERK, DAY, HEAD, a_need, an_opening, at, members, terms
from workflow import (
    Actor,
    ActRefused,
    Cancel,
    Command,
    ConfirmFlags,
    DeterminePanel,
    Event,
    MatterState,
    ProposePanel,
    ReopenPanel,
    Resume,
    ReturnProposal,
    SetNeed,
    Suspend,
    WaiveFloor,
    decide,
    fold,
)

REASON = "a" * 64
# The center's clerk also works at the unit: one person, two roles.
BOTH = Actor(CENTER.person_id, "unit", CLERK.unit_id)

flags = st.frozensets(st.sampled_from(["wide", "disputed"]), max_size=2)
reasons = st.sampled_from(["", REASON])
proposals = st.builds(
    lambda count, asked, paper: ProposePanel(members(count), (), DAY, waiver_asked_sha256=asked, paper_sha256=paper),
    st.integers(0, 10),
    reasons,
    reasons,
)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(SetNeed, st.just(a_need()), flags),
    st.builds(ConfirmFlags, flags, reasons),
    proposals,
    proposals,
    st.builds(WaiveFloor, st.integers(0, 9), reasons),
    st.builds(DeterminePanel, st.one_of(st.none(), flags), reasons, reasons),
    st.builds(DeterminePanel, flags, st.just(REASON), reasons),
    st.builds(ReturnProposal, reasons),
    st.builds(ReopenPanel, reasons),
    st.builds(Suspend, reasons),
    st.builds(Resume, reasons),
    st.builds(Cancel, st.just("")),
)
people = st.sampled_from([CLERK, CENTER, HEAD, BOTH])


def walk(asked: list[tuple[Command, Actor]]) -> tuple[list[Event], list[MatterState]]:
    state = fold(decide(MatterState(), an_opening(), by=CLERK, at=at(DAY), on=DAY, terms=terms()))
    written: list[Event] = []
    states = [state]
    for command, by in asked:
        try:
            events = decide(state, command, by=by, at=at(DAY), on=DAY, terms=terms())
        except ActRefused:
            continue
        state = fold(events, state)
        written += events
        states.append(state)
    return written, states


@given(st.lists(st.tuples(commands, people), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_order_of_acts_breaks_the_rules_of_the_panel(asked: list[tuple[Command, Actor]]) -> None:
    written, states = walk(asked)

    for state in states:
        panel = state.panel
        if panel is None:
            continue
        assert panel.proposed_by != panel.determined_by
        assert state.flags_confirmed is not None
        floor = 9 if state.flags_confirmed else 5
        assert panel.floor == floor
        assert (len(panel.members) < floor) == (panel.waived == ("PANEL_TOO_SMALL",))
    assert all(event.by in (CENTER, HEAD) for event in written if event.type in CENTERS_OWN)
    assert [state.round for state in states] == sorted(state.round for state in states)


CENTERS_OWN = {"flags.confirmed", "floor.waived", "panel.determined", "panel.reopened"}
