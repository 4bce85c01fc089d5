"""Cancelling, suspending, resuming; the state in one word; who is to be told; the steps as they are drawn."""

import pytest

from tests.workflow.builders import (
    CENTER,
    CLERK,
    DAY,
    HEAD,
    a_need,
    a_proposal,
    an_opening,
    cancelled,
    determined,
    events,
    later,
    opened,
    proposed,
    refused,
    resumed,
    run,
    suspended,
    with_need,
)
from workflow import (
    GRAPH_0,
    Cancel,
    ChangeParties,
    MatterState,
    Party,
    Resume,
    SetNeed,
    StreamUnreadable,
    Suspend,
    fold,
    steps_of,
)
from workflow.event import Event

REASON = "a" * 64


def statuses(state: MatterState) -> list[tuple[str, str]]:
    return [(one.step.id, one.status) for one in steps_of(state)]


def test_status_follows_the_steps() -> None:
    states = [MatterState(), opened(), with_need(), proposed(), determined()]

    assert [(state.status, state.step) for state in states] == [
        ("new", ""),
        ("opened", "case_opened"),
        ("need-set", "expert_need"),
        ("proposed", "panel_proposed"),
        ("determined", "panel_determined"),
    ]


def test_suspended_matter_only_goes_on_or_ends() -> None:
    state = suspended(proposed())

    assert state.status == "suspended"
    assert refused(state, SetNeed(a_need())) == ["MATTER_SUSPENDED"]
    assert refused(state, Suspend(REASON)) == ["MATTER_SUSPENDED"]
    assert refused(state, Resume(REASON)) == []
    assert refused(state, Cancel(REASON)) == []


def test_resumed_matter_stands_where_it_stood() -> None:
    before = proposed()

    after = resumed(suspended(before))

    assert (after.status, after.proposal, after.version) == ("proposed", before.proposal, before.version + 2)


def test_matter_that_does_not_rest_is_not_resumed() -> None:
    assert refused(proposed(), Resume(REASON)) == ["MATTER_NOT_SUSPENDED"]


def test_cancelled_matter_stays_as_it_is() -> None:
    state = run(proposed(), Cancel(REASON), on=later(3))

    assert (state.status, state.closed_on) == ("cancelled", later(3))
    for command in (Cancel(REASON), Resume(REASON), SetNeed(a_need()), Suspend(REASON)):
        assert refused(state, command) == ["MATTER_CANCELLED"]


@pytest.mark.parametrize("command", [Cancel(""), Suspend("")])
def test_ending_and_resting_need_a_reason(command: Cancel | Suspend) -> None:
    assert refused(proposed(), command) == ["REASON_MISSING"]
    assert refused(suspended(proposed()), Resume("")) == ["REASON_MISSING"]


def test_everyone_who_acted_or_sits_is_concerned_and_nobody_who_was_not_asked() -> None:
    assert determined().concerned == frozenset({"person-clerk", "person-center", "p1", "p2", "p3", "p4", "p5"})
    assert proposed().concerned == frozenset({"person-clerk"})


def test_parties_are_said_anew_at_any_time_before_the_end() -> None:
    for state in (opened(), proposed(), determined()):
        assert run(state, ChangeParties((Party("company-2"),))).parties == (Party("company-2"),)
    assert refused(cancelled(opened()), ChangeParties(())) == ["MATTER_CANCELLED"]


def test_steps_are_drawn_as_done_now_and_later() -> None:
    assert statuses(opened()) == [
        ("case_opened", "done"),
        ("expert_need", "now"),
        ("panel_proposed", "later"),
        ("panel_determined", "later"),
    ]
    assert statuses(determined()) == [
        ("case_opened", "done"),
        ("expert_need", "done"),
        ("panel_proposed", "done"),
        ("panel_determined", "done"),
    ]


def test_steps_of_a_resting_or_ended_matter_are_stopped() -> None:
    expected = [
        ("case_opened", "done"),
        ("expert_need", "done"),
        ("panel_proposed", "stopped"),
        ("panel_determined", "stopped"),
    ]

    assert statuses(suspended(with_need())) == expected
    assert statuses(cancelled(with_need())) == expected


def test_graph_knows_what_rests_on_a_step() -> None:
    assert GRAPH_0.downstream("expert_need") == ("panel_proposed", "panel_determined")
    assert GRAPH_0.downstream("panel_determined") == ()


def test_folding_in_two_parts_is_folding_at_once() -> None:
    state = MatterState()
    written: list[Event] = []
    for command, by in (
        (an_opening(), CLERK),
        (SetNeed(a_need()), CLERK),
        (a_proposal(), CLERK),
        (Suspend(REASON), HEAD),
        (Resume(REASON), CENTER),
    ):
        new = events(state, command, by=by)
        written += new
        state = fold(new, state)

    assert fold(written) == state == fold(written[2:], fold(written[:2]))


def test_unknown_event_is_not_passed_over() -> None:
    strange = Event("matter.painted", "", (), {}, CLERK, events(MatterState(), an_opening())[0].at, DAY)

    with pytest.raises(StreamUnreadable, match=r"event 2 of the stream is 'matter.painted'"):
        fold([strange], opened())
