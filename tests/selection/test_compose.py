"""Composing, on cases a reader can check by hand."""

from dataclasses import replace

import pytest

from selection import (
    ApartRow,
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    Member,
    Objective,
    PanelProblemFaults,
    PanelRequest,
    PoolColumns,
    QuotaRow,
    Reserve,
    SeatRow,
    Waiver,
    compose_panel,
)
from tests.selection.builders import expert, tie_key


def ids(request: PanelRequest, **options: object) -> list[str]:
    return sorted(member.id for member in compose_panel(request, **options).members)


def test_less_service_outweighs_any_fit() -> None:
    # Nine members with fit 100 and one service more are worse than nine with fit 0: the aims are taken in order.
    busy = [expert(f"b{one}", service=1, fit=100) for one in range(9)]
    idle = [expert(f"a{one}") for one in range(9)]

    result = compose_panel(PanelRequest(9, (*busy, *idle)))

    assert result.objective == Objective(service=9, fit=0)
    assert result.bound == result.objective


def test_fit_decides_among_equal_service() -> None:
    assert ids(PanelRequest(2, (expert("a", fit=10), expert("b", fit=30), expert("c", fit=20)))) == ["b", "c"]


def test_the_seed_decides_among_equals_and_nothing_else_does() -> None:
    candidates = tuple(expert(f"e{one}") for one in range(8))

    for seed in ("", "a", "b", "专家"):
        expected = sorted((one.id for one in candidates), key=lambda one: tie_key(seed, one))[:3]
        assert ids(PanelRequest(3, candidates), seed=seed) == sorted(expected)


def test_of_two_panels_with_one_tie_key_the_smaller_list_wins() -> None:
    # These two ids have the same 40 bits with the empty seed; both orders are tried.
    twins = (expert("e537448"), expert("e1318172"))
    assert tie_key("", "e537448") == tie_key("", "e1318172")

    assert ids(PanelRequest(1, twins)) == ["e1318172"]
    # Kept apart, both reach the solver, whose first find may be either.
    apart = PanelRequest(1, twins, apart=(ApartRow("e537448", "e1318172"),))
    assert ids(apart) == ["e1318172"]


def test_seats_are_printed_in_file_order_with_the_first_seating() -> None:
    request = PanelRequest(
        4,
        (expert("a", "820", "570"), expert("b", "570"), expert("c", "110"), expert("d", "820")),
        seats=(SeatRow("570"), SeatRow("820")),
    )

    # a may sit at both; 570 comes first, so a sits there only because d can take 820.
    assert compose_panel(request).members == (Member("a", "570"), Member("d", "820"), Member("b"), Member("c"))


def test_all_rules_hold_together() -> None:
    request = PanelRequest(
        3,
        (
            expert("a", "570", employer="o1", region="in"),
            expert("b", "570", employer="o1", region="out", service=1),
            expert("c", "820", employer="o1", region="in"),
            expert("d", "820", employer="o2", region="in", service=1),
            expert("e", employer="o3", region="out", service=2),
        ),
        seats=(SeatRow("570"), SeatRow("820")),
        quotas=(QuotaRow("region", "out", 1),),
        caps=(CapRow("employer", 1),),
        floor=FloorRow(3, cite="A31"),
    )

    # a and c share an employer; d is cheaper than losing a; e brings the region: 1 + 3 + 5.
    result = compose_panel(request)
    assert ([member.id for member in result.members], result.objective) == (["a", "d", "e"], Objective(9, 0))
    assert [verdict.at for verdict in result.rules if verdict.kept] == [
        "/seats/0",
        "/seats/1",
        "/quotas/0",
        "/caps/0",
        "/floor",
    ]


def test_reserves_are_named_in_turn_for_fields_and_open_seats() -> None:
    request = PanelRequest(
        3,
        (
            expert("a", "570"),
            expert("b", "820"),
            expert("c"),
            expert("r1", "570", service=1),
            expert("r2", "820", service=2),
            expert("r3", "570", service=3),
            expert("x", service=4),
        ),
        seats=(SeatRow("570"), SeatRow("820")),
        reserves=5,
    )

    result = compose_panel(request)

    assert result.reserves == (
        Reserve("r1", "570", ("a",)),
        Reserve("r2", "820", ("b",)),
        Reserve("r3", None, ("c",)),
        Reserve("x", None, ("c",)),
    )
    assert result.reserves_missing == 1


def test_excluded_wins_over_the_candidate_row() -> None:
    request = PanelRequest(1, (expert("a"), expert("b", service=9)), excluded=(ExcludedRow("a"), ExcludedRow("z")))

    assert ids(request) == ["b"]


@pytest.mark.rule("R31a")
def test_four_experts_need_a_recorded_reason() -> None:
    four = PanelRequest(4, tuple(expert(f"e{one}") for one in range(6)), floor=FloorRow(5, cite="A31"))

    refused = compose_panel(four)
    assert (refused.status, [(rule.code, rule.cite, rule.at) for rule in refused.blocking]) == (
        "infeasible",
        [("PANEL_TOO_SMALL", "A31", "/floor")],
    )
    assert [way.code for way in refused.ways_out] == ["RAISE_SIZE", "WAIVE_FLOOR"]

    waived = compose_panel(replace(four, floor=FloorRow(5, cite="A31", waiver=Waiver("center", "0" * 64))))
    assert (waived.status, [(rule.kept, rule.waived) for rule in waived.rules]) == ("optimal", [(False, True)])


@pytest.mark.rule("R31b")
@pytest.mark.parametrize(("size", "status"), [(8, "infeasible"), (9, "optimal"), (11, "optimal")])
def test_a_complex_matter_needs_nine_and_nine_is_no_limit(size: int, status: str) -> None:
    request = PanelRequest(size, tuple(expert(f"e{one}") for one in range(12)), floor=FloorRow(9, cite="A31"))

    assert compose_panel(request).status == status


def test_locked_members_are_in_whatever_they_cost() -> None:
    request = PanelRequest(2, (expert("a"), expert("b"), expert("c", service=5)))

    assert ids(request, locked_in=frozenset({"c"}))[1] == "c"


def test_a_locked_member_who_is_excluded_is_named_as_blocking() -> None:
    request = PanelRequest(1, (expert("a"), expert("b")), excluded=(ExcludedRow("a", "LOCKED_OUT"),))

    result = compose_panel(request, locked_in=frozenset({"a"}))

    assert [(rule.at, rule.code) for rule in result.blocking] == [
        ("/excluded/0", "LOCKED_OUT"),
        ("/locked/0", "LOCKED_IN"),
    ]
    assert [way.code for way in result.ways_out] == ["UNLOCK", "LIFT_EXCLUSION"]


def test_a_direct_interest_of_a_locked_member_is_never_offered() -> None:
    request = PanelRequest(1, (expert("a"), expert("b")), excluded=(ExcludedRow("a", never_relax=True),))

    result = compose_panel(request, locked_in=frozenset({"a"}))

    assert [rule.at for rule in result.blocking] == ["/locked/0"]
    assert [way.code for way in result.ways_out] == ["UNLOCK"]


def test_a_locked_stranger_is_a_fault() -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        compose_panel(PanelRequest(1, (expert("a"),)), locked_in=frozenset({"z"}))

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [("/locked/0", "ID_UNKNOWN")]


def test_one_pool_answers_many_requests() -> None:
    pool = PoolColumns.of(expert(f"e{one}", "570" if one % 2 else "820", fit=one) for one in range(20))

    first = compose_panel(PanelRequest(2, pool, seats=(SeatRow("570", 2),)))
    second = compose_panel(PanelRequest(2, pool, seats=(SeatRow("820", 2),)))

    assert [member.id for member in first.members] == ["e17", "e19"]
    assert [member.id for member in second.members] == ["e16", "e18"]


def test_a_pool_with_faults_is_refused() -> None:
    with pytest.raises(PanelProblemFaults):
        PoolColumns.of([expert("a"), expert("a")])


def test_a_panel_of_a_thousand_is_composed() -> None:
    candidates = tuple(expert(f"e{one:04}", "570" if one % 3 else "820", service=one % 5) for one in range(2_000))
    request = PanelRequest(1_000, candidates, seats=(SeatRow("570", 500), SeatRow("820", 300)))

    # The cheapest thousand: all of service 0 and 1, and 200 of service 2; every third is of field 820.
    assert compose_panel(request).objective == Objective(400 * 1 + 400 * 3 + 200 * 5, 0)


def test_a_limit_that_is_over_at_once_stops_with_nothing() -> None:
    result = compose_panel(PanelRequest(1, (expert("a"), expert("b"))), time_limit=1e-9)

    assert (result.status, result.members, result.to_json()["status"]) == ("stopped", (), "stopped")


def test_everybody_alike_is_no_trouble() -> None:
    candidates = tuple(Candidate(f"e{one}") for one in range(5_000))

    expected = sorted((one.id for one in candidates), key=lambda one: tie_key("s", one))[:9]
    assert ids(PanelRequest(9, candidates), seed="s") == sorted(expected)
