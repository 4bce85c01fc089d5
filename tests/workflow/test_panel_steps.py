from dataclasses import replace

import pytest

from tests.workflow.builders import (
    CENTER,
    CLERK,
    DAY,
    HEAD,
    STRANGER,
    a_need,
    a_proposal,
    determined,
    events,
    later,
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
    BrokenRule,
    Change,
    ChangeProposal,
    ConfirmFlags,
    DeterminePanel,
    Member,
    ReopenPanel,
    ReplaceMember,
    Reserve,
    ReturnProposal,
    SetNeed,
    WaiveFloor,
    examine,
    floor_for,
)

REASON = "a" * 64


@pytest.mark.rule("R31a", "R31b", "RF3")
@pytest.mark.parametrize(
    ("flags", "floor"),
    [((), 5), (("wide",), 9), (("disputed",), 9), (("complex",), 9), (("sensitive",), 9), (("wide", "complex"), 9)],
)
def test_floor_is_five_and_nine_with_any_flag(flags: tuple[str, ...], floor: int) -> None:
    assert floor_for(frozenset(flags), terms=terms()) == floor


@pytest.mark.rule("R31a", "R31b")
@pytest.mark.parametrize(
    ("flags", "count", "codes"),
    [
        ((), 4, ["PANEL_TOO_SMALL"]),
        ((), 5, []),
        ((), 9, []),
        (("complex",), 8, ["PANEL_TOO_SMALL"]),
        (("complex",), 9, []),
        (("complex",), 11, []),
    ],
    ids=["four", "five", "nine is not too many", "eight when complex", "nine when complex", "nine is not a cap"],
)
def test_panel_below_its_floor_is_not_proposed_without_a_reason(
    flags: tuple[str, ...], count: int, codes: list[str]
) -> None:
    assert refused(with_need(*flags), a_proposal(count)) == codes
    assert refused(with_need(*flags), a_proposal(count, waiver_asked_sha256=REASON)) == []


@pytest.mark.rule("R31a")
def test_refusal_tells_members_floor_and_what_is_missing() -> None:
    (broken,) = examine(with_need(), a_proposal(3), by=CLERK, on=DAY, terms=terms())

    assert broken == BrokenRule(
        "PANEL_TOO_SMALL",
        "A31",
        "generally",
        "center",
        {"count": 3, "min": 5, "missing": 2},
        ("ADD_MEMBERS", "ACCEPT_SMALLER_PANEL"),
    )


@pytest.mark.rule("R31a")
def test_small_panel_is_determined_only_with_the_centers_reason_and_says_so_for_ever() -> None:
    state = run(proposed(count=4, waiver_asked_sha256=REASON), ConfirmFlags(frozenset()), by=CENTER)

    assert refused(state, DeterminePanel(), by=CENTER) == ["PANEL_TOO_SMALL"]
    done = run(state, DeterminePanel(waiver_sha256=REASON), by=CENTER)
    assert (done.panel.floor, len(done.panel.members), done.panel.waived) == (5, 4, ("PANEL_TOO_SMALL",))
    assert (done.waiver.floor, done.waiver.size, done.waiver.person_id) == (5, 4, "person-center")


@pytest.mark.rule("R31a")
def test_waiver_accepted_before_the_determination_holds_for_that_size_and_more() -> None:
    waived = run(proposed(count=4, waiver_asked_sha256=REASON), WaiveFloor(4, REASON), by=CENTER)
    flagged = run(waived, ConfirmFlags(frozenset()), by=CENTER)

    assert run(flagged, DeterminePanel(), by=CENTER).panel.waived == ("PANEL_TOO_SMALL",)
    smaller = run(flagged, a_proposal(3, waiver_asked_sha256=REASON))
    assert refused(smaller, DeterminePanel(), by=CENTER) == ["PANEL_TOO_SMALL"]


@pytest.mark.rule("R31b")
def test_flags_confirmed_later_raise_the_floor_of_a_proposal_made_before() -> None:
    state = run(proposed(count=5), ConfirmFlags(frozenset({"disputed"}), REASON), by=CENTER)

    assert refused(state, DeterminePanel(), by=CENTER) == ["PANEL_TOO_SMALL"]


@pytest.mark.rule("R31b")
def test_waiver_for_five_does_not_reach_up_to_nine() -> None:
    state = run(proposed(count=4, waiver_asked_sha256=REASON), WaiveFloor(4, REASON), by=CENTER)
    state = run(state, ConfirmFlags(frozenset({"wide"}), REASON), by=CENTER)

    assert refused(state, DeterminePanel(), by=CENTER) == ["PANEL_TOO_SMALL"]


@pytest.mark.rule("R31a")
@pytest.mark.parametrize(("size", "codes"), [(4, []), (5, ["WAIVER_NOT_NEEDED"]), (0, ["WAIVER_NOT_NEEDED"])])
def test_panel_that_reaches_the_floor_needs_no_waiver(size: int, codes: list[str]) -> None:
    assert refused(with_need(), WaiveFloor(size, REASON), by=CENTER) == codes


@pytest.mark.rule("R31a", "R31b")
def test_center_alone_accepts_a_smaller_panel_and_gives_a_reason() -> None:
    assert refused(with_need(), WaiveFloor(4, REASON), by=CLERK) == ["NOT_OF_CENTER"]
    assert refused(with_need(), WaiveFloor(4, ""), by=CENTER) == ["REASON_MISSING"]


@pytest.mark.rule("R31b")
def test_panel_is_not_determined_before_the_center_confirmed_the_flags() -> None:
    assert refused(proposed(), DeterminePanel(), by=CENTER) == ["FLAGS_NOT_CONFIRMED"]
    assert refused(proposed(), DeterminePanel(confirm_flags=frozenset()), by=CENTER) == []


@pytest.mark.rule("R31b")
def test_flags_are_confirmed_and_the_panel_determined_in_one_act() -> None:
    written = events(proposed("wide", count=9), DeterminePanel(confirm_flags=frozenset({"wide"})), by=CENTER)

    assert [event.type for event in written] == ["flags.confirmed", "panel.determined"]


@pytest.mark.rule("R31b")
def test_center_that_sees_other_flags_says_why() -> None:
    state = with_need("wide")

    assert refused(state, ConfirmFlags(frozenset()), by=CENTER) == ["FLAGS_REASON_MISSING"]
    assert refused(state, ConfirmFlags(frozenset({"wide"})), by=CENTER) == []
    changed = run(state, ConfirmFlags(frozenset(), REASON), by=CENTER)
    assert (changed.flags_proposed, changed.flags_confirmed, changed.flags) == (
        frozenset({"wide"}),
        frozenset(),
        frozenset(),
    )


@pytest.mark.rule("R31b")
def test_unit_cannot_confirm_its_own_flags() -> None:
    assert refused(with_need("wide"), ConfirmFlags(frozenset({"wide"})), by=CLERK) == ["NOT_OF_CENTER"]


@pytest.mark.rule("R31b")
def test_other_flags_of_the_unit_await_a_new_confirmation_and_the_same_do_not() -> None:
    state = run(with_need("wide"), ConfirmFlags(frozenset({"wide"})), by=CENTER)

    assert run(state, SetNeed(a_need(9), frozenset({"wide"}))).flags_confirmed == frozenset({"wide"})
    assert run(state, SetNeed(a_need(9), frozenset({"disputed"}))).flags_confirmed is None


@pytest.mark.rule("R32a")
def test_undertaking_unit_proposes_and_no_other() -> None:
    state = with_need()

    assert refused(state, a_proposal(), by=CLERK) == []
    assert refused(state, a_proposal(), by=STRANGER) == ["PROPOSER_NOT_OF_UNIT"]
    assert refused(state, a_proposal(), by=Actor("person-x", "expert")) == ["PROPOSER_NOT_OF_UNIT"]


@pytest.mark.rule("R32a")
def test_center_enters_a_proposal_only_from_the_units_letter() -> None:
    state = with_need()

    assert refused(state, a_proposal(), by=CENTER) == ["PROPOSER_NOT_OF_UNIT"]
    assert refused(state, a_proposal(paper_sha256=REASON), by=CENTER) == []


@pytest.mark.rule("R32a")
def test_person_who_proposed_does_not_determine_whatever_the_role() -> None:
    entered = run(with_need(), a_proposal(paper_sha256=REASON), by=CENTER)
    confirmed = run(entered, ConfirmFlags(frozenset()), by=CENTER)

    assert refused(confirmed, DeterminePanel(), by=CENTER) == ["SAME_PERSON_PROPOSED_AND_DETERMINED"]
    assert refused(confirmed, DeterminePanel(), by=replace(CENTER, role="center-head")) == [
        "SAME_PERSON_PROPOSED_AND_DETERMINED"
    ]
    assert refused(confirmed, DeterminePanel(), by=HEAD) == []


@pytest.mark.rule("R32a")
def test_unit_does_not_determine() -> None:
    colleague = Actor("person-colleague", "unit", "unit-water")

    assert refused(proposed(), DeterminePanel(confirm_flags=frozenset()), by=colleague) == ["NOT_OF_CENTER"]


@pytest.mark.rule("R32a")
def test_both_lists_are_kept_when_the_center_changes_the_proposal() -> None:
    changed = (*members(4), Member("p9"))
    command = ChangeProposal(changed, (), (Change("p5", "p9", REASON),), DAY)

    state = run(proposed(), command, by=CENTER)

    assert [member.person_id for member in state.proposal.members] == ["p1", "p2", "p3", "p4", "p9"]
    assert state.proposal.changes == (Change("p5", "p9", REASON),)
    assert state.proposal.proposed_by == "person-clerk"


@pytest.mark.rule("R32a")
@pytest.mark.parametrize(
    ("after", "changes", "codes"),
    [
        ((*members(4), Member("p9")), (), ["CHANGE_WITHOUT_REASON"]),
        ((*members(4), Member("p9")), (Change("p5", "p9", ""),), ["CHANGE_WITHOUT_REASON"]),
        ((*members(4), Member("p9")), (Change("p5", None, REASON),), ["CHANGE_WITHOUT_REASON"]),
        ((*members(4), Member("p9")), (Change("p4", "p9", REASON),), ["CHANGE_WITHOUT_REASON"]),
        ((*members(4), Member("p9")), (Change("p5", None, REASON), Change(None, "p9", REASON)), []),
        (members(6), (Change(None, "p6", REASON),), []),
        (members(5), (), []),
    ],
    ids=[
        "no change named",
        "no reason",
        "the newcomer unexplained",
        "the wrong one named",
        "one out and one in",
        "an addition",
        "the same list",
    ],
)
def test_every_difference_from_the_proposal_has_a_reason(
    after: tuple[Member, ...], changes: tuple[Change, ...], codes: list[str]
) -> None:
    assert refused(proposed(), ChangeProposal(after, (), changes, DAY), by=CENTER) == codes


def test_proposal_needs_a_need_first() -> None:
    assert refused(opened(), a_proposal()) == ["STEP_NOT_READY"]
    assert refused(with_need(), DeterminePanel(), by=CENTER) == ["STEP_NOT_READY"]
    assert refused(opened(), ConfirmFlags(frozenset()), by=CENTER) == ["STEP_NOT_READY"]


def test_person_holds_one_place() -> None:
    twice = (*members(4), Member("p1"))

    assert refused(with_need(), a_proposal(members=twice)) == ["MEMBER_TWICE"]
    assert refused(with_need(), a_proposal(reserves=(Reserve("p1"),))) == ["MEMBER_TWICE"]
    assert refused(with_need(), a_proposal(members=())) == ["PANEL_EMPTY", "PANEL_TOO_SMALL"]


def test_what_other_packages_found_refuses_beside_our_own_rules() -> None:
    interest = BrokenRule("DIRECT_INTEREST", "A30", facts={"person": "p1"})

    assert refused(with_need(), a_proposal(4), found=[interest]) == ["PANEL_TOO_SMALL", "DIRECT_INTEREST"]


def test_new_need_lets_the_open_proposal_fall() -> None:
    written = events(proposed(), SetNeed(a_need(7)))

    assert [(event.type, event.body.get("cause")) for event in written] == [
        ("need.set", None),
        ("panel.withdrawn", "need-changed"),
    ]
    assert run(proposed(), SetNeed(a_need(7))).status == "need-set"


def test_need_is_fixed_once_the_panel_is_determined() -> None:
    assert refused(determined(), SetNeed(a_need(7))) == ["PANEL_FIXED"]
    assert refused(determined(), a_proposal()) == ["PANEL_FIXED"]
    assert refused(determined(), DeterminePanel(), by=HEAD) == ["PANEL_FIXED"]


def test_returned_proposal_is_made_again_in_the_same_round() -> None:
    assert refused(proposed(), ReturnProposal(""), by=CENTER) == ["REASON_MISSING"]
    returned = run(proposed(), ReturnProposal(REASON), by=CENTER)

    assert (returned.status, returned.round) == ("need-set", 1)
    assert run(returned, a_proposal()).proposal.round == 1


@pytest.mark.rule("R32a")
def test_named_reserve_takes_the_place_of_a_member_who_drops_out() -> None:
    state = run(determined(), ReplaceMember("p2", "r1", "declined-objective", REASON), by=CENTER)

    assert [member.person_id for member in state.panel.members] == ["p1", "r1", "p3", "p4", "p5"]
    assert state.panel.reserves == ()
    assert "p2" in state.concerned


@pytest.mark.rule("R32a")
@pytest.mark.parametrize(("out", "in_"), [("p3", "r1"), ("p1", "p9"), ("p9", "r1")])
def test_nobody_else_comes_in_without_a_new_proposal(out: str, in_: str) -> None:
    assert refused(determined(), ReplaceMember(out, in_, "declined", REASON), by=CENTER) == ["RESERVE_NOT_NAMED"]


def test_second_reserve_can_follow_the_first_into_the_same_place() -> None:
    reserves = (Reserve("r1", None, ("p1",)), Reserve("r2", None, ("p1",)))
    state = run(proposed(reserves=reserves), DeterminePanel(confirm_flags=frozenset()), by=CENTER)

    state = run(state, ReplaceMember("p1", "r1", "declined", REASON), by=CENTER)
    state = run(state, ReplaceMember("r1", "r2", "recused", REASON), by=CENTER)

    assert state.panel.members[0].person_id == "r2"


@pytest.mark.rule("R32a")
def test_replacement_and_reopening_need_a_determined_panel() -> None:
    assert refused(proposed(), ReplaceMember("p1", "r1", "declined", REASON), by=CENTER) == ["PANEL_NOT_DETERMINED"]
    assert refused(proposed(), ReopenPanel(REASON), by=CENTER) == ["PANEL_NOT_DETERMINED"]


def test_reopened_panel_begins_a_new_round_and_the_old_one_stays_readable() -> None:
    reopened = run(determined(), ReopenPanel(REASON), by=CENTER, on=later(1))

    assert (reopened.status, reopened.panel, len(reopened.past_panels)) == ("need-set", None, 1)
    again = run(reopened, a_proposal(6), on=later(2))
    assert (again.round, again.proposal.round, again.past_panels[0].round) == (2, 2, 1)
