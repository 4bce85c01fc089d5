"""How a panel comes about: laid down by the center or the policy; a list made by hand is seen by three persons."""

import pytest

from tests.workflow.builders import (
    CENTER,
    CLERK,
    HEAD,
    a_proposal,
    members,
    opened,
    proposed,
    refused,
    run,
    terms,
    with_need,
)
from workflow import (
    Actor,
    ApproveDesignation,
    Change,
    ChangeProposal,
    ChooseMode,
    ConfirmFlags,
    DeterminePanel,
)

REASON = "a" * 64
BY_HAND = {"mode": "designated", "designation_sha256": REASON}
DEPUTY = Actor("person-deputy", "center")


def designated(**changes: object):
    return run(proposed(**(BY_HAND | changes)), ConfirmFlags(frozenset()), by=CENTER)


@pytest.mark.rule("R32a")
def test_a_list_made_by_hand_needs_its_reasons_and_a_composed_one_none() -> None:
    assert refused(with_need(), a_proposal(mode="designated")) == ["DESIGNATION_WITHOUT_REASON"]
    assert refused(with_need(), a_proposal(**BY_HAND)) == []
    assert refused(with_need(), a_proposal(mode="composed")) == []


@pytest.mark.rule("R32a")
def test_three_persons_propose_second_and_determine_a_list_made_by_hand() -> None:
    state = designated()

    assert refused(state, DeterminePanel(), by=CENTER) == ["DESIGNATION_NOT_APPROVED"]
    seconded = run(state, ApproveDesignation(), by=HEAD)
    assert refused(seconded, DeterminePanel(), by=HEAD) == ["SAME_PERSON_APPROVED_AND_DETERMINED"]
    done = run(seconded, DeterminePanel(), by=CENTER)
    assert (done.panel.proposed_by, done.panel.approved_by, done.panel.determined_by) == (
        "person-clerk",
        "person-head",
        "person-center",
    )


def test_who_named_the_people_does_not_second_the_list() -> None:
    entered = run(with_need(), a_proposal(**BY_HAND, paper_sha256=REASON), by=CENTER)

    assert refused(entered, ApproveDesignation(), by=CENTER) == ["SAME_PERSON_PROPOSED_AND_APPROVED"]
    assert refused(entered, ApproveDesignation(), by=HEAD) == []


def test_only_the_center_seconds_and_only_lists_made_by_hand() -> None:
    assert refused(designated(), ApproveDesignation(), by=Actor("person-other", "unit", "unit-water")) == [
        "NOT_OF_CENTER"
    ]
    assert refused(proposed(), ApproveDesignation(), by=CENTER) == ["NOT_DESIGNATED"]
    assert refused(with_need(), ApproveDesignation(), by=CENTER) == ["STEP_NOT_READY"]


def test_a_list_that_changed_after_it_was_seconded_is_seconded_anew() -> None:
    seconded = run(designated(), ApproveDesignation(), by=HEAD)
    change = ChangeProposal(members(5, start=2), (), (Change("p1", "p6", REASON),), seconded.proposal.as_of)

    changed = run(seconded, change, by=CENTER)

    assert (seconded.proposal.approved_by, changed.proposal.approved_by) == ("person-head", "")
    assert refused(changed, DeterminePanel(), by=CENTER) == ["DESIGNATION_NOT_APPROVED"]
    again = run(changed, ApproveDesignation(), by=DEPUTY)
    assert refused(again, DeterminePanel(), by=CENTER) == []


def changed_by_center():
    state = run(proposed(), ConfirmFlags(frozenset()), by=CENTER)
    change, hands = Change("p1", "p6", REASON), ("person-center",)
    return run(state, ChangeProposal(members(5, start=2), (), (change,), state.proposal.as_of, hands=hands), by=CENTER)


def changed_back(state, *hands: str):
    back = Change("p6", "p1", REASON)
    return run(state, ChangeProposal(members(5), (), (back,), state.proposal.as_of, hands=hands), by=HEAD)


@pytest.mark.rule("R32a")
def test_what_the_center_changed_by_hand_waits_for_a_second_person() -> None:
    state = changed_by_center()

    assert refused(state, DeterminePanel(), by=CENTER) == ["DESIGNATION_NOT_APPROVED"]
    assert refused(state, DeterminePanel(), by=HEAD) == ["DESIGNATION_NOT_APPROVED"]
    assert refused(state, ApproveDesignation(), by=CENTER) == ["SAME_PERSON_PROPOSED_AND_APPROVED"]
    seconded = run(state, ApproveDesignation(), by=HEAD)
    assert refused(seconded, DeterminePanel(), by=HEAD) == ["SAME_PERSON_APPROVED_AND_DETERMINED"]
    done = run(seconded, DeterminePanel(), by=CENTER)
    assert (done.panel.hands, done.panel.approved_by) == (("person-center",), "person-head")


def test_what_two_persons_changed_is_seconded_by_a_third() -> None:
    again = changed_back(run(changed_by_center(), ApproveDesignation(), by=HEAD), "person-head")

    assert (again.proposal.hands, again.proposal.approved_by) == (("person-center", "person-head"), "")
    for one in (CENTER, HEAD):
        assert refused(again, ApproveDesignation(), by=one) == ["SAME_PERSON_PROPOSED_AND_APPROVED"]
    assert refused(again, ApproveDesignation(), by=DEPUTY) == []


def test_the_engines_own_panel_in_place_of_another_needs_no_second_person() -> None:
    state = changed_back(changed_by_center())

    assert (state.proposal.by_hand, refused(state, DeterminePanel(), by=CENTER)) == (False, [])
    assert refused(state, ApproveDesignation(), by=HEAD) == ["NOT_DESIGNATED"]


def test_a_panel_composed_under_a_lock_of_the_center_waits_for_a_second_person_too() -> None:
    state = run(proposed(hands=("person-center",)), ConfirmFlags(frozenset()), by=CENTER)

    assert refused(state, DeterminePanel(), by=CENTER) == ["DESIGNATION_NOT_APPROVED"]
    assert refused(state, ApproveDesignation(), by=CENTER) == ["SAME_PERSON_PROPOSED_AND_APPROVED"]
    assert refused(run(state, ApproveDesignation(), by=HEAD), DeterminePanel(), by=CENTER) == []


@pytest.mark.parametrize(
    ("chosen", "mode", "codes"),
    [
        ("open", "composed", []),
        ("open", "designated", []),
        ("composed", "composed", []),
        ("composed", "designated", ["MODE_NOT_AS_CHOSEN"]),
        ("designated", "designated", []),
        ("designated", "composed", []),
    ],
    ids=lambda value: str(value),
)
def test_a_panel_comes_about_as_laid_down(chosen: str, mode: str, codes: list[str]) -> None:
    proposal = a_proposal(mode=mode, designation_sha256=REASON if mode == "designated" else "")
    by_center = run(with_need(), ChooseMode(chosen), by=CENTER)

    assert refused(by_center, proposal) == codes
    assert refused(with_need(), proposal, terms=terms(panel_mode=chosen)) == codes


def test_what_the_center_lays_down_for_a_matter_goes_before_the_policy_and_says_why() -> None:
    strict = terms(panel_mode="composed")

    assert refused(with_need(), ChooseMode("designated"), by=CENTER, terms=strict) == ["MODE_REASON_MISSING"]
    assert refused(with_need(), ChooseMode("composed"), by=CENTER, terms=strict) == []
    assert refused(with_need(), ChooseMode("designated"), by=CENTER) == []
    state = run(with_need(), ChooseMode("designated", REASON), by=CENTER, terms=strict)
    assert refused(state, a_proposal(**BY_HAND), terms=strict) == []


def test_only_the_center_lays_down_a_mode_and_only_one_there_is() -> None:
    assert refused(opened(), ChooseMode("composed"), by=CLERK) == ["NOT_OF_CENTER"]
    assert refused(opened(), ChooseMode("by-seniority"), by=CENTER) == ["MODE_UNKNOWN"]
