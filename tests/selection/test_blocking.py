"""Why there is no panel, on cases a reader can check by hand."""

import pytest

from selection import ApartRow, CapRow, ExcludedRow, PanelRequest, QuotaRow, SeatRow, compose_panel
from tests.selection.builders import expert


def blocking(request: PanelRequest) -> list[str]:
    return [rule.at for rule in compose_panel(request).blocking]


HYDROLOGY = PanelRequest(
    2,
    (expert("a", "570", employer="x"), expert("b", "570", employer="x"), expert("c", "820"), expert("d")),
    seats=(SeatRow("570", 2),),
    caps=(CapRow("employer", 1),),
)


def test_two_experts_of_one_employer_are_said_in_counts() -> None:
    result = compose_panel(HYDROLOGY)

    assert [(rule.at, dict(rule.facts)) for rule in result.blocking] == [
        ("/seats/0", {"field": "570", "count": 2, "eligible": 2, "excluded": 0, "different": {"employer": 1}}),
        ("/caps/0", {"attribute": "employer", "max": 1}),
    ]
    assert [(way.code, way.facts.get("count"), way.facts.get("possible")) for way in result.ways_out] == [
        ("ADD_CANDIDATES", 1, None),
        ("FEWER_SEATS", 2, 1),
        ("RAISE_CAP", None, 2),
    ]


def test_the_row_that_blocks_alone_is_named_alone() -> None:
    assert blocking(PanelRequest(2, HYDROLOGY.candidates, (SeatRow("110"), SeatRow("820")), (), HYDROLOGY.caps)) == [
        "/seats/0"
    ]


def test_of_several_smallest_sets_the_first_in_file_order_is_named() -> None:
    request = PanelRequest(1, (expert("a", region="in"),), (SeatRow("110"),), (QuotaRow("region", "out", 1),))

    assert blocking(request) == ["/seats/0"]


def test_too_few_candidates_have_no_row_to_blame() -> None:
    result = compose_panel(PanelRequest(3, (expert("a"), expert("b"))))

    assert (result.status, result.blocking) == ("infeasible", ())
    assert [(way.code, way.facts["count"]) for way in result.ways_out] == [("ADD_CANDIDATES", 1)]


def test_direct_interest_is_neither_blamed_nor_lifted() -> None:
    candidates = (expert("a", "570"), expert("b"))
    interest = PanelRequest(1, candidates, (SeatRow("570"),), excluded=(ExcludedRow("a", never_relax=True),))
    relaxable = PanelRequest(1, candidates, (SeatRow("570"),), excluded=(ExcludedRow("a", "TERM_ENDED", "A24"),))

    assert blocking(interest) == ["/seats/0"]
    assert [way.code for way in compose_panel(interest).ways_out] == ["ADD_CANDIDATES", "FEWER_SEATS"]
    assert blocking(relaxable) == ["/seats/0", "/excluded/0"]
    lifted = compose_panel(relaxable).ways_out[-1]
    assert (lifted.code, lifted.facts) == (
        "LIFT_EXCLUSION",
        {"exclusion": "TERM_ENDED", "cite": "A24", "count": 1, "of": 1, "ids": ["a"]},
    )


def test_pairs_that_leave_only_one_are_all_named() -> None:
    pairs = (ApartRow("a", "b"), ApartRow("b", "a"), ApartRow("a", "c"), ApartRow("b", "c"))

    # The second pair repeats the first.
    assert blocking(PanelRequest(2, (expert("a"), expert("b"), expert("c")), apart=pairs)) == [
        "/apart/0",
        "/apart/2",
        "/apart/3",
    ]


def test_a_quota_that_needs_both_bounds_is_one_row() -> None:
    candidates = (expert("a", r="o"), expert("b", r="o"), expert("c", r="i"), expert("d", r="i"))
    pairs = tuple(ApartRow(one, other) for one in "ab" for other in "cd")

    result = compose_panel(PanelRequest(2, candidates, quotas=(QuotaRow("r", "o", 1, 1),), apart=pairs))

    # Both or none of a, b may sit: with one row the count is 0 or 2, and the quota asks for 1.
    assert [rule.at for rule in result.blocking] == ["/quotas/0", *(f"/apart/{index}" for index in range(4))]


def test_many_exclusions_alike_are_blamed_as_many_as_needed() -> None:
    candidates = tuple(expert(f"e{one:02}", "570") for one in range(40))
    excluded = tuple(ExcludedRow(one.id) for one in candidates[1:])

    # Two sit if any one exclusion is lifted, so all 39 are needed, and the seats.
    result = compose_panel(PanelRequest(2, (*candidates, expert("x")), (SeatRow("570", 2),), excluded=excluded))
    assert [rule.at for rule in result.blocking] == ["/seats/0", *(f"/excluded/{index}" for index in range(39))]
    assert result.ways_out[-1].facts["of"] == 39


def test_many_exclusions_of_many_employers_are_all_blamed_and_proven() -> None:
    # 150 who could sit beside the one who may, of 100 employers; without any one of these rows two could sit.
    candidates = tuple(expert(f"e{one:03}", "570", employer=f"o{one % 100}") for one in range(150))
    same = (expert("free", "570", employer="x"), expert("also", "570", employer="x"))
    request = PanelRequest(
        2,
        (*candidates, *same),
        (SeatRow("570", 2),),
        caps=(CapRow("employer", 1),),
        excluded=tuple(ExcludedRow(one.id, "TERM_ENDED", "A24") for one in candidates),
    )

    result = compose_panel(request)

    # Only the two of one employer are left, so the cap is to blame and the seats are not.
    assert [rule.at for rule in result.blocking] == ["/caps/0", *(f"/excluded/{index}" for index in range(150))]
    assert result.fewest_proven
    assert result.ways_out[-1].facts["of"] == 150


def test_where_the_fewest_are_too_hard_to_find_every_row_named_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = tuple(expert(f"e{one:02}", employer=f"o{one % 7}") for one in range(30))
    request = PanelRequest(
        4, candidates, caps=(CapRow("employer", 1),), excluded=tuple(ExcludedRow(one.id) for one in candidates[3:])
    )
    # No work allowed for the fewest: what is left is the solver's own set, made minimal.
    monkeypatch.setattr("selection.blocking._WORK", 0.0)

    result = compose_panel(request)

    assert (result.status, result.fewest_proven, result.to_json()["x-fewest-proven"]) == ("infeasible", False, False)
    named = [int(rule.at.rpartition("/")[2]) for rule in result.blocking if rule.at.startswith("/excluded/")]
    caps = request.caps if "/caps/0" in blocking(request) else ()
    alone = PanelRequest(4, candidates, caps=caps, excluded=tuple(request.excluded[index] for index in named))
    assert compose_panel(alone).status == "infeasible"
    for spared in named:
        rest = tuple(request.excluded[index] for index in named if index != spared)
        assert compose_panel(PanelRequest(4, candidates, caps=caps, excluded=rest)).status == "optimal"
