"""Replacing a member: the others stay wherever that is possible, and the answer is that of the solver."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelProblemFaults,
    PanelRequest,
    QuotaRow,
    SeatRow,
    compose_panel,
    replace_member,
)
from tests.selection.builders import expert, panels, rank, requests


def best_after(request: PanelRequest, before: Sequence[str], leaves: str, seed: str) -> list[str] | None:
    """By trying every panel: most members stay, then the objective."""
    without = replace(request, excluded=(*(row for row in request.excluded if row.id != leaves), ExcludedRow(leaves)))
    found = [
        (len(set(before) - {one.id for one in members}), *rank(members, seed), [one.id for one in members])
        for members in panels(without)
    ]
    return sorted(min(found)[-1]) if found else None


@settings(max_examples=150, deadline=None)
@given(requests(), st.data())
def test_a_replacement_is_the_best_of_all_panels_that_keep_most_members(
    request: PanelRequest, data: st.DataObject
) -> None:
    ids = [one.id for one in request.candidates]
    valid = [[one.id for one in members] for members in panels(request)]
    # Of a list that was never valid, too, most members stay.
    before = data.draw(st.sampled_from(valid)) if valid else ids[: request.size]
    leaves = data.draw(st.sampled_from(before))

    found = replace_member(request, before, leaves, seed="s")

    assert (sorted(one.id for one in found.after) or None) == best_after(request, before, leaves, "s")
    assert found.status == ("optimal" if found.after else "infeasible")


@pytest.mark.parametrize("seed", ["", "2026"])
def test_a_replacement_equals_the_solver_with_the_others_fixed(seed: str) -> None:
    fields = ("110", "570", "820")
    request = PanelRequest(
        5,
        tuple(
            Candidate(
                f"e{one:03}",
                (fields[one % 3], fields[one // 3 % 3]),
                {"employer": f"o{one % 23}", "region": "out" if one % 4 == 0 else "in"},
                one % 3,
                one * 37 % 101,
            )
            for one in range(300)
        ),
        seats=(SeatRow("570", 2), SeatRow("82")),
        quotas=(QuotaRow("region", "out", 1, 2),),
        caps=(CapRow("employer", 1),),
        excluded=tuple(ExcludedRow(f"e{one:03}") for one in range(0, 300, 7)),
        floor=FloorRow(5),
    )
    panel = [member.id for member in compose_panel(request, seed=seed).members]
    for leaves in panel:
        others = frozenset(panel) - {leaves}
        without = replace(request, excluded=(*request.excluded, ExcludedRow(leaves)))

        found = replace_member(request, panel, leaves, seed=seed)

        solved = compose_panel(without, seed=seed, locked_in=others)
        assert sorted(one.id for one in found.after) == sorted(member.id for member in solved.members)
        assert [(one.leaves == leaves, len(found.exchanges)) for one in found.exchanges] == [(True, 1)]


POOL = (
    expert("a", "570", employer="x", region="out"),
    expert("b", "570", "820", employer="y"),
    expert("c", "820", employer="z"),
    expert("d", "820", employer="y", service=1),
    expert("e", "570", employer="w", service=2),
)


def after(request: PanelRequest, before: str, leaves: str) -> list[str]:
    return sorted(one.id for one in replace_member(request, list(before), leaves).after)


def test_others_move_to_other_seats_when_that_lets_somebody_in() -> None:
    request = PanelRequest(2, POOL, seats=(SeatRow("570"), SeatRow("820")))

    # b sat on 820 while a had 570; with a gone b takes 570, and c, who is of 820 only, may come.
    assert after(request, "ab", "a") == ["b", "c"]


def test_who_would_break_a_cap_does_not_come() -> None:
    request = PanelRequest(2, POOL, seats=(SeatRow("820"),), caps=(CapRow("employer", 1),))

    assert after(request, "bc", "c") == ["a", "b"]
    assert after(replace(request, candidates=POOL[1:]), "bc", "c") == ["b", "e"]
    assert after(replace(request, candidates=POOL[1:], caps=(CapRow("employer", 2),)), "bc", "c") == ["b", "d"]


@pytest.mark.parametrize(
    ("quota", "expected"),
    [(QuotaRow("region", "out", 1), "ac"), (QuotaRow("region", "out", 0, 0), "cd"), (QuotaRow("region", "out"), "ac")],
    ids=["needs one", "allows none", "allows any"],
)
def test_a_quota_says_who_may_come(quota: QuotaRow, expected: str) -> None:
    request = PanelRequest(2, [one for one in POOL if one.id != "e"], quotas=(quota,))

    assert after(request, "bc", "b") == list(expected)


def test_a_pair_kept_apart_keeps_out() -> None:
    request = PanelRequest(1 + 1, POOL, apart=(ApartRow("c", "a"),))

    assert after(request, "bc", "b") == ["c", "d"]


def test_where_nobody_can_come_alone_the_fewest_others_leave_too() -> None:
    request = PanelRequest(2, POOL[1:], seats=(SeatRow("820", 2),), caps=(CapRow("employer", 1),))

    # With c gone b and d are left for 820, and they have one employer.
    found = replace_member(request, ["b", "c"], "c")
    assert (found.status, found.after) == ("infeasible", ())
    assert [rule.at for rule in found.blocking] == ["/seats/0", "/caps/0"]

    wider = replace(request, candidates=(*POOL[1:], expert("f", "820", employer="v", service=9)))
    assert after(wider, "bc", "c") == ["b", "f"]
    both = replace(wider, apart=(ApartRow("b", "f"),))
    assert [(one.leaves, one.joins) for one in replace_member(both, ["b", "c"], "c").exchanges] == [
        ("b", "d"),
        ("c", "f"),
    ]


def test_who_leaves_does_not_come_back_and_is_never_offered() -> None:
    request = PanelRequest(1, (expert("a", "570"), expert("b")), seats=(SeatRow("570"),))

    found = replace_member(request, ["a"], "a")

    assert found.status == "infeasible"
    assert [way.code for way in found.ways_out] == ["ADD_CANDIDATES", "FEWER_SEATS"]


def test_a_time_limit_stops_the_search_of_further_exchanges() -> None:
    request = PanelRequest(1, (expert("a", "570"), expert("b")), seats=(SeatRow("570"),))

    assert replace_member(request, ["a"], "a", time_limit=1e-9).status == "infeasible"
    # Too few candidates are no question for the solver; with enough of them it is asked, and has no time.
    wider = replace(request, candidates=(*request.candidates, expert("c")), size=2, seats=(SeatRow("570"),))
    assert replace_member(wider, ["a", "b"], "a", time_limit=1e-9).status == "stopped"


@pytest.mark.parametrize(
    ("ids", "leaves", "at"),
    [(["a", "x"], "a", "/panel/1"), (["a", "a"], "a", "/panel/1"), (["a", "b"], "c", "/leaves")],
    ids=["a stranger", "twice", "not on the panel"],
)
def test_faults_of_the_question_are_named(ids: list[str], leaves: str, at: str) -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        replace_member(PanelRequest(2, POOL), ids, leaves)

    assert [fault.at for fault in refused.value.faults] == [at]
