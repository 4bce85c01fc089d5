"""What the policy reaches from one node, for the picture: kinds, directions, windows, bounds."""

from datetime import date

import pytest

from conflicts import ConflictGraph, Fact, Kind, Organisation, Person, Relation, look_around, parse_policy

TODAY = date(2026, 11, 23)
PEOPLE = [Person(name) for name in ("ana", "kin", "boss")]
BODIES = [Organisation(name) for name in ("firm", "holding", "sister", "heir", "far")]
POLICY = parse_policy(
    "test",
    [
        {"id": "own", "code": "OWN", "kind": "employment", "severity": "waiver"},
        {"id": "group", "code": "GROUP", "kind": "employment", "severity": "waiver", "depth": 3,
         "through": ["shareholding"], "through_window": 12},
        {"id": "kin", "code": "KIN", "kind": "kinship", "severity": "block", "depth": 2, "through": ["employment"]},
    ],
)  # fmt: skip


def around(*facts: Fact, node: str = "ana", most: int = 30, each: int = 6) -> list[tuple[str, int, str]]:
    graph = ConflictGraph(PEOPLE, BODIES, facts)
    found = look_around(
        graph.ties_of, node, is_person=node in {"ana", "kin", "boss"}, policy=POLICY, as_of=TODAY, most=most, each=each
    )
    return [(one.end, one.depth, one.state) for one in found.reached]


def a_tie(number: int, subject: str, kind: Kind, object_: str, **more: object) -> Fact:
    return Fact(f"f{number}", subject, kind, object_, **more)  # type: ignore[arg-type]


JOB = a_tie(1, "ana", Kind.EMPLOYMENT, "firm")
OWNER = a_tie(2, "holding", Kind.SHAREHOLDING, "firm")
SISTER = a_tie(3, "holding", Kind.SHAREHOLDING, "sister")
TOP = a_tie(4, "far", Kind.SHAREHOLDING, "holding")


def test_owners_are_followed_up_and_not_down_again() -> None:
    assert around(JOB, OWNER, SISTER, TOP) == [("firm", 1, "now"), ("holding", 2, "now"), ("far", 3, "now")]


def test_only_kinds_that_a_row_goes_through_are_followed() -> None:
    paid = a_tie(5, "firm", Kind.CONTRACT, "far")
    marriage = a_tie(6, "ana", Kind.KINSHIP, "kin", relation=Relation.SPOUSE)
    work = a_tie(7, "kin", Kind.EMPLOYMENT, "far")

    assert around(JOB, paid) == [("firm", 1, "now")]
    assert around(marriage, work, TOP) == [("kin", 1, "now"), ("far", 2, "now")]


@pytest.mark.parametrize(
    ("ends", "seen"),
    [(date(2025, 11, 23), True), (date(2025, 11, 22), False)],
    ids=["window ends today", "a day before"],
)
def test_further_tie_is_seen_while_its_window_lasts(ends: date, seen: bool) -> None:
    owner = a_tie(2, "holding", Kind.SHAREHOLDING, "firm", to_on=ends)

    assert (("holding", 2, "past") in around(JOB, owner)) == seen


def test_own_ties_are_seen_whatever_their_days_and_nothing_follows_from_those_that_do_not_stand() -> None:
    left = a_tie(1, "ana", Kind.EMPLOYMENT, "firm", to_on=date(2001, 1, 1))
    coming = a_tie(8, "ana", Kind.SIDE_POST, "far", from_on=date(2027, 1, 1))

    assert around(left, coming, OWNER) == [("firm", 1, "past"), ("far", 1, "future")]


def test_circle_of_holdings_comes_to_an_end() -> None:
    assert around(JOB, OWNER, a_tie(9, "firm", Kind.SHAREHOLDING, "holding")) == [
        ("firm", 1, "now"),
        ("holding", 2, "now"),
    ]


def test_successor_is_followed_without_a_row() -> None:
    assert around(JOB, a_tie(10, "firm", Kind.SUCCESSION, "heir")) == [("firm", 1, "now"), ("heir", 2, "now")]


def test_what_lies_beyond_the_bounds_is_counted() -> None:
    posts = [a_tie(20 + n, "ana", Kind.SIDE_POST, name) for n, name in enumerate(("firm", "far", "sister"))]
    graph = ConflictGraph(PEOPLE, BODIES, posts)

    found = look_around(graph.ties_of, "ana", is_person=True, policy=POLICY, as_of=TODAY, most=2, each=1)
    assert (len(found.reached), found.left_out) == (2, 1)


def test_from_an_organisation_every_kind_is_followed_that_a_row_goes_through() -> None:
    assert around(OWNER, TOP, SISTER, node="firm") == [("holding", 1, "now"), ("far", 2, "now")]
