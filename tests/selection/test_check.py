"""Checking a list of names, on cases a reader can check by hand."""

import pytest

from selection import (
    ApartRow,
    CapRow,
    Exchange,
    ExcludedRow,
    PanelProblemFaults,
    PanelRequest,
    SeatRow,
    check_panel,
)
from tests.selection.builders import expert

REQUEST = PanelRequest(
    3,
    (
        expert("a", "570", employer="x"),
        expert("b", "820", employer="x"),
        expert("c", "820", employer="y", service=1),
        expert("d", employer="z"),
        expert("e", employer="w", service=2),
        expert("f", "820"),
    ),
    seats=(SeatRow("570"), SeatRow("820")),
    caps=(CapRow("employer", 1),),
    apart=(ApartRow("d", "e"),),
    excluded=(ExcludedRow("f", "CONFLICT_FOUND", "A28.4", never_relax=True),),
)


def test_a_valid_list_is_kept_as_it_is() -> None:
    check = check_panel(REQUEST, ["e", "c", "a"])

    assert (check.status, check.exchanges, check.broken) == ("kept", (), ())
    assert [(member.id, member.seat) for member in check.members] == [("a", "570"), ("c", "820"), ("e", None)]


@pytest.mark.parametrize(
    ("names", "broken", "exchanges"),
    [
        pytest.param("abd", ["/caps/0"], (Exchange("b", "c"),), id="one employer twice"),
        pytest.param("afd", ["/excluded/0"], (Exchange("f", "c"),), id="an excluded member"),
        pytest.param("ac", ["/size"], (Exchange(None, "d"),), id="one too few"),
        pytest.param("acde", ["/size", "/apart/0"], (Exchange("e", None),), id="one too many, and a pair"),
        pytest.param(
            "bde",
            ["/seats/0", "/apart/0"],
            (Exchange("b", "c"), Exchange("e", "a")),
            id="two must come: b shares with a",
        ),
    ],
)
def test_a_broken_list_is_repaired_with_the_fewest_new_members(
    names: str, broken: list[str], exchanges: tuple[Exchange, ...]
) -> None:
    check = check_panel(REQUEST, names)

    assert (check.status, check.repair) == ("broken", "optimal")
    assert [verdict.at for verdict in check.broken] == broken
    assert check.exchanges == exchanges


def test_where_no_panel_exists_the_check_says_why() -> None:
    request = PanelRequest(1, (expert("a"),), seats=(SeatRow("570"),))

    check = check_panel(request, ["a"])

    assert (check.status, check.repair, check.exchanges) == ("broken", "infeasible", None)
    assert [rule.at for rule in check.blocking] == ["/seats/0"]
    assert check.to_json()["blocking"][0]["at"] == "/seats/0"


def test_strangers_and_repeated_names_are_faults() -> None:
    with pytest.raises(PanelProblemFaults) as refused:
        check_panel(REQUEST, ["a", "zz", "a"])

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("/panel/1", "ID_UNKNOWN"),
        ("/panel/2", "ID_REPEATED"),
    ]


def test_a_locked_member_who_is_not_on_a_valid_list_is_put_in() -> None:
    check = check_panel(REQUEST, ["a", "c", "d"], locked_in=frozenset({"e"}))

    assert (check.status, check.exchanges) == ("kept", (Exchange("d", "e"),))
