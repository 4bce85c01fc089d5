"""What a person's ties lead to holds every party a check could name; who is one body, and since when."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts import Matter, Party, Role
from tests.conflicts.builders import TODAY, a_fact, a_graph, a_policy, a_row
from tests.conflicts.test_against_brute_force import START, a_county, counties


@settings(max_examples=200, deadline=None)
@given(county=counties(12), day=st.integers(0, 120))
def test_whatever_a_check_finds_lies_within_reach(county, day) -> None:
    known, policy, matter = county
    graph = a_county(known)

    findings = graph.check(matter, policy=policy, as_of=START + timedelta(days=day))

    assert [f for f in findings if f.row is not None and f.party not in graph.reach(f.person, policy=policy)] == []


def test_a_person_who_owns_the_employer_is_within_reach() -> None:
    group = a_row(through=["control"], depth=2)
    graph = a_graph(a_fact("ann", "employment", "firm"), a_fact("bob", "control", "firm"))
    matter = Matter("m", (Party("unit", Role.UNIT), Party("bob")))

    (finding,) = graph.check(matter, policy=a_policy(group), as_of=TODAY, people=("ann",))

    assert (finding.party, graph.reach("ann", policy=a_policy(group))) == ("bob", {"ann", "firm", "bob"})


def test_reach_stops_where_no_row_goes_on() -> None:
    graph = a_graph(
        a_fact("ann", "employment", "firm"), a_fact("bob", "employment", "firm"), a_fact("ann", "kinship", "cai")
    )

    assert graph.reach("ann", policy=a_policy(a_row())) == {"ann", "firm"}


@pytest.mark.rule("R64a")
@pytest.mark.parametrize(
    ("body", "one"),
    [
        pytest.param("old", {"old", "unit"}, id="the old name with the new one"),
        pytest.param("unit", {"old", "unit"}, id="the new name with the old one"),
        pytest.param("school", {"school", "daughter", "mother"}, id="one half with what it comes from"),
        pytest.param("daughter", {"school", "daughter", "mother", "firm"}, id="the divided one with both halves"),
        pytest.param("firm", {"firm", "daughter"}, id="the other half, not its sister"),
        pytest.param("mother", {"school", "daughter", "mother"}, id="what a half became"),
        pytest.param("great", {"great"}, id="nobody else's"),
    ],
)
def test_one_body_is_who_has_a_successor_in_common(body, one) -> None:
    graph = a_graph(
        a_fact("old", "succession", "unit"),
        a_fact("daughter", "succession", "school"),
        a_fact("daughter", "succession", "firm"),
        a_fact("school", "succession", "mother"),
    )

    assert graph.same_body(body, as_of=TODAY) == one


@pytest.mark.rule("R64a")
def test_a_merger_counts_from_its_first_day_on() -> None:
    graph = a_graph(
        a_fact("old", "succession", "unit", from_on=date(2026, 12, 1)), a_fact("firm", "succession", "unit")
    )

    days = (date(2026, 11, 30), date(2026, 12, 1))
    assert [graph.same_body("old", as_of=day) for day in days] == [{"old"}, {"old", "unit", "firm"}]
