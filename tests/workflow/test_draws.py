"""Draws by lot: committed before the seed, typed by two, numbered without gaps, voided by two, never forgotten."""

from dataclasses import replace

import pytest

from tests.workflow.builders import (
    CENTER,
    CLERK,
    DAY,
    HEAD,
    a_need,
    a_proposal,
    events,
    later,
    members,
    proposed,
    refused,
    run,
    terms,
    with_need,
)
from workflow import (
    VOID_CAUSES,
    Actor,
    ChallengeDraw,
    Change,
    ChangeProposal,
    ChooseMode,
    CommitDraw,
    ConfirmFlags,
    ContinueDraw,
    DeterminePanel,
    MakeDraw,
    MatterState,
    Member,
    ReopenPanel,
    ReplaceMember,
    Reserve,
    ReturnProposal,
    SetNeed,
    UpholdDraw,
    VoidDraw,
    stands_as_drawn,
)

REASON = "a" * 64
WITNESS = Actor("person-witness", "audit")
DRAWN = members(5)
RESERVES = (Reserve("r1", None, ("p1", "p2")), Reserve("r2", None, ("p1",)))


def a_commitment(number: int = 1, **changes: object) -> CommitDraw:
    return replace(CommitDraw(number, "c" * 64, "d" * 64, DAY, DAY, 1, "w" * 64), **changes)


def a_making(**changes: object) -> MakeDraw:
    return replace(MakeDraw("person-center", "e" * 64, DRAWN, RESERVES), **changes)


def a_decline(out: str = "p1", in_: str | None = "r1", **changes: object) -> ContinueDraw:
    after = tuple(Member(in_ if one.person_id == out and in_ else one.person_id, one.seat) for one in DRAWN)
    waiting = tuple(one for one in RESERVES if one.person_id not in (out, in_))
    return replace(ContinueDraw(out, in_, "declined", REASON, "f" * 64, after, waiting), **changes)


def committed(**changes: object) -> MatterState:
    return run(with_need(), a_commitment(**changes), by=CENTER)


def made() -> MatterState:
    return run(committed(), a_making(), by=WITNESS)


def drawn_proposal() -> MatterState:
    return run(made(), a_proposal(mode="drawn"))


def determined() -> MatterState:
    state = run(drawn_proposal(), ConfirmFlags(frozenset()), by=CENTER)
    return run(state, DeterminePanel(), by=HEAD)


def voided(state: MatterState, cause: str = "data-wrong") -> MatterState:
    return run(run(state, ChallengeDraw(cause, REASON), by=CENTER), VoidDraw(), by=HEAD)


@pytest.mark.rule("R32a")
def test_a_drawn_panel_is_proposed_by_the_unit_and_determined_by_the_center() -> None:
    state = determined()

    assert (state.panel.proposed_by, state.panel.determined_by) == ("person-clerk", "person-head")
    assert state.panel.members == DRAWN
    assert stands_as_drawn(state)
    (draw,) = state.draws
    assert (draw.number, draw.status, draw.first_by, draw.made_by) == (1, "made", "person-center", "person-witness")


@pytest.mark.rule("R32a")
def test_the_center_does_not_determine_a_drawn_panel_that_it_entered_itself() -> None:
    entered = run(made(), a_proposal(mode="drawn", paper_sha256=REASON), by=CENTER)
    state = run(entered, ConfirmFlags(frozenset()), by=CENTER)

    assert refused(state, DeterminePanel(), by=CENTER) == ["SAME_PERSON_PROPOSED_AND_DETERMINED"]
    assert refused(state, DeterminePanel(), by=HEAD) == []


def test_only_the_center_commits_a_draw_and_only_where_nothing_is_proposed() -> None:
    assert refused(with_need(), a_commitment(), by=CLERK) == ["NOT_OF_CENTER"]
    assert refused(proposed(), a_commitment(), by=CENTER) == ["PROPOSAL_OPEN"]
    assert refused(with_need(), a_commitment(), by=CENTER) == []


def test_there_is_one_draw_at_a_time() -> None:
    assert refused(committed(), a_commitment(2), by=CENTER) == ["DRAW_STANDS"]
    assert refused(made(), a_commitment(2), by=CENTER) == ["DRAW_STANDS"]
    assert refused(voided(made()), a_commitment(2), by=CENTER) == []


@pytest.mark.parametrize(("number", "codes"), [(0, ["DRAW_NUMBER_NOT_NEXT"]), (1, []), (2, ["DRAW_NUMBER_NOT_NEXT"])])
def test_draws_are_numbered_from_one(number: int, codes: list[str]) -> None:
    assert refused(with_need(), a_commitment(number), by=CENTER) == codes


def test_draws_are_numbered_without_gaps_and_a_voided_one_keeps_its_number() -> None:
    state = voided(committed())

    assert refused(state, a_commitment(1), by=CENTER) == ["DRAW_NUMBER_NOT_NEXT"]
    again = run(state, a_commitment(2), by=CENTER)
    assert [(draw.number, draw.status) for draw in again.draws] == [(1, "voided"), (2, "committed")]


def test_a_new_round_begins_with_draw_one_and_keeps_those_before() -> None:
    state = run(determined(), ReopenPanel(REASON), by=CENTER)

    again = run(state, a_commitment(1), by=CENTER)

    assert [(draw.round, draw.number) for draw in again.draws] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("days", "codes"), [(-1, ["REVEAL_NOT_AHEAD"]), (0, []), (1, [])], ids=["yesterday", "today", "tomorrow"]
)
def test_the_seed_is_read_today_at_the_earliest(days: int, codes: list[str]) -> None:
    assert refused(with_need(), a_commitment(reveal_on=later(days)), by=CENTER) == codes


def test_the_seed_is_typed_on_the_day_named_and_not_before() -> None:
    state = committed(reveal_on=later(3))

    assert refused(state, a_making(), by=WITNESS, on=later(2)) == ["REVEAL_TOO_EARLY"]
    assert refused(state, a_making(), by=WITNESS, on=later(3)) == []


def test_two_persons_type_the_seed() -> None:
    assert refused(committed(), a_making(), by=CENTER) == ["SEED_TYPED_BY_ONE"]
    assert refused(committed(), a_making(), by=HEAD) == []


def test_a_seed_is_typed_once_and_only_for_a_committed_draw() -> None:
    assert refused(with_need(), a_making(), by=WITNESS) == ["DRAW_NOT_COMMITTED"]
    assert refused(made(), a_making(), by=WITNESS) == ["DRAW_NOT_COMMITTED"]


def test_while_a_draw_stands_need_and_mode_stay() -> None:
    for state in (committed(), made()):
        assert refused(state, SetNeed(a_need(9))) == ["DRAW_STANDS"]
        assert refused(state, ChooseMode("composed"), by=CENTER) == ["DRAW_STANDS"]
    assert refused(voided(made()), SetNeed(a_need(9))) == []


def test_what_was_drawn_is_proposed_and_nothing_else() -> None:
    assert refused(committed(), a_proposal(mode="drawn")) == ["PROPOSAL_NOT_AS_DRAWN"]
    assert refused(made(), a_proposal(mode="composed")) == ["PROPOSAL_NOT_AS_DRAWN"]
    other = a_proposal(mode="drawn", members=members(5, start=2))
    assert refused(made(), other) == ["PROPOSAL_NOT_AS_DRAWN"]
    assert refused(with_need(), a_proposal(mode="drawn")) == ["PROPOSAL_NOT_AS_DRAWN"]
    assert refused(made(), a_proposal(mode="drawn")) == []


def test_a_drawn_panel_changed_by_hand_bears_a_reason_and_is_the_drawn_one_no_more() -> None:
    state = drawn_proposal()
    bare = ChangeProposal(members(5, start=2), (), (Change("p1", "p6", ""),), DAY)

    assert refused(state, bare, by=CENTER) == ["CHANGE_WITHOUT_REASON"]
    changed = run(state, replace(bare, changes=(Change("p1", "p6", REASON),)), by=CENTER)
    assert (stands_as_drawn(state), stands_as_drawn(changed)) == (True, False)
    done = run(run(changed, ConfirmFlags(frozenset()), by=CENTER), DeterminePanel(), by=HEAD)
    assert refused(done, a_decline(), by=CENTER) == ["PANEL_NOT_AS_DRAWN"]


def test_who_declines_is_replaced_by_the_same_draw_and_the_proposal_falls() -> None:
    state = run(drawn_proposal(), a_decline(), by=CENTER)

    assert state.proposal is None
    assert [member.person_id for member in state.live_draw.members] == ["r1", "p2", "p3", "p4", "p5"]
    assert (state.live_draw.declined, state.live_draw.record_sha256) == (("p1",), "f" * 64)
    kinds = [event.type for event in events(drawn_proposal(), a_decline(), by=CENTER)]
    assert kinds == ["draw.continued", "panel.withdrawn"]
    again = run(state, a_proposal(mode="drawn", members=state.live_draw.members, reserves=()))
    assert again.round == 1


def test_a_member_who_leaves_a_determined_panel_is_replaced_by_the_draw_and_not_by_choice() -> None:
    state = determined()

    assert refused(state, ReplaceMember("p1", "r1", "declined", REASON), by=CENTER) == ["DRAWN_PANEL_GOES_ON_BY_DRAW"]
    after = run(state, a_decline(), by=CENTER)
    assert [member.person_id for member in after.panel.members] == ["r1", "p2", "p3", "p4", "p5"]
    assert [reserve.person_id for reserve in after.panel.reserves] == []
    assert stands_as_drawn(after)


def test_a_reserve_who_declines_waits_no_more_in_a_determined_panel() -> None:
    state = run(determined(), a_decline("r1", None, members=DRAWN), by=CENTER)

    assert [member.person_id for member in state.panel.members] == ["p1", "p2", "p3", "p4", "p5"]
    assert state.panel.reserves == ()


def test_a_member_leaves_only_where_somebody_joins_and_for_a_cause_of_the_list() -> None:
    assert refused(made(), a_decline(in_=None), by=CENTER) == ["DRAW_EXHAUSTED"]
    assert refused(made(), a_decline(cause="disliked"), by=CENTER) == ["DECLINE_CAUSE_UNKNOWN"]
    assert refused(made(), a_decline(cause="ineligible"), by=CENTER) == []
    assert refused(made(), a_decline(reason_sha256=""), by=CENTER) == ["REASON_MISSING"]
    assert refused(made(), a_decline(), by=CLERK) == ["NOT_OF_CENTER"]
    assert refused(committed(), a_decline(), by=CENTER) == ["DRAW_NOT_MADE"]


@pytest.mark.parametrize("cause", VOID_CAUSES)
def test_a_draw_is_voided_for_a_cause_of_the_list_by_a_second_person(cause: str) -> None:
    state = run(made(), ChallengeDraw(cause, REASON), by=CENTER)

    assert refused(state, VoidDraw(), by=CENTER) == ["SAME_PERSON_CHALLENGED_AND_VOIDED"]
    done = run(state, VoidDraw(), by=HEAD)
    (draw,) = done.draws
    assert (draw.status, draw.cause, draw.challenged_by, draw.voided_by) == (
        "voided",
        cause,
        "person-center",
        "person-head",
    )
    assert draw.members == DRAWN


def test_that_somebody_dislikes_the_result_is_no_cause() -> None:
    assert refused(made(), ChallengeDraw("result-disliked", REASON), by=CENTER) == ["VOID_CAUSE_UNKNOWN"]
    assert refused(made(), ChallengeDraw("data-wrong", ""), by=CENTER) == ["REASON_MISSING"]
    assert refused(with_need(), ChallengeDraw("data-wrong", REASON), by=CENTER) == ["NO_DRAW_STANDS"]


def test_a_challenged_draw_rests_until_it_is_voided_or_upheld() -> None:
    resting = run(committed(), ChallengeDraw("data-wrong", REASON), by=CENTER)
    shown = run(drawn_proposal(), ChallengeDraw("ceremony-broken", REASON), by=CENTER)
    flagged = run(shown, ConfirmFlags(frozenset()), by=CENTER)

    assert refused(resting, a_making(), by=WITNESS) == ["DRAW_CHALLENGED"]
    assert refused(flagged, DeterminePanel(), by=HEAD) == ["DRAW_CHALLENGED"]
    assert refused(resting, ChallengeDraw("need-changed", REASON), by=HEAD) == ["DRAW_CHALLENGED"]
    upheld = run(resting, UpholdDraw(REASON), by=HEAD)
    assert refused(upheld, a_making(), by=WITNESS) == []
    assert refused(upheld, VoidDraw(), by=HEAD) == ["DRAW_NOT_CHALLENGED"]


def test_a_proposal_falls_with_its_voided_draw() -> None:
    state = voided(drawn_proposal())

    assert (state.proposal, state.live_draw) == (None, None)


def test_a_determined_panel_keeps_its_draw_until_it_is_reopened() -> None:
    assert refused(determined(), ChallengeDraw("data-wrong", REASON), by=CENTER) == ["PANEL_FIXED"]


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [("open", []), ("drawn", []), ("composed", ["MODE_NOT_AS_CHOSEN"]), ("designated", ["MODE_NOT_AS_CHOSEN"])],
)
def test_a_draw_is_committed_where_drawing_is_laid_down_or_left_open(chosen: str, codes: list[str]) -> None:
    assert refused(with_need(), a_commitment(), by=CENTER, terms=terms(panel_mode=chosen)) == codes
    assert refused(run(with_need(), ChooseMode(chosen), by=CENTER), a_commitment(), by=CENTER) == codes


def test_where_drawing_is_laid_down_nothing_else_is_proposed() -> None:
    state = run(with_need(), ChooseMode("drawn"), by=CENTER)

    assert refused(state, a_proposal()) == ["MODE_NOT_AS_CHOSEN"]


def test_a_returned_drawn_proposal_is_proposed_again_as_drawn() -> None:
    returned = run(drawn_proposal(), ReturnProposal(REASON), by=CENTER)

    assert refused(returned, a_proposal()) == ["PROPOSAL_NOT_AS_DRAWN"]
    assert refused(returned, a_proposal(mode="drawn")) == []
