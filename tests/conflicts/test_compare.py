"""What differs between two checks."""

from datetime import UTC, date, datetime

from conflicts import Finding, Outcome, Policy, compare
from tests.conflicts.builders import MATTER, TODAY, a_fact, a_graph, a_policy, a_row

PAID = a_row(id="paid", kind="contract", severity="waiver", window=36)
KIN = a_row(id="kin", kind="kinship", severity="disclose", through=["directorship"])


def check(graph, policy: Policy, **kw) -> tuple[Finding, ...]:
    return graph.check(MATTER, policy=policy, as_of=TODAY, **kw)


def shifts(before, after) -> list[tuple[str, Outcome, Outcome]]:
    return [(shift.person, *shift.outcomes) for shift in compare(before, after)]


def test_what_became_known_and_what_was_withdrawn_are_told_apart() -> None:
    graph = a_graph(a_fact("ann", "contract", "firm"), a_fact("bob", "contract", "firm"))
    policy = a_policy(PAID)
    before = check(graph, policy)

    graph.withdraw("bob contract firm", at=datetime(2026, 1, 1, tzinfo=UTC))
    graph.add(a_fact("cai", "contract", "unit", known_at=datetime(2026, 2, 1, tzinfo=UTC)))

    assert shifts(before, check(graph, policy)) == [
        ("bob", Outcome.RESTRICTED, Outcome.CLEAR),
        ("cai", Outcome.CLEAR, Outcome.RESTRICTED),
    ]
    assert shifts(check(graph, policy, known_at=datetime(2025, 12, 1, tzinfo=UTC)), before) == []


def test_another_policy_that_says_the_same_is_no_difference() -> None:
    graph = a_graph(a_fact("ann", "contract", "firm", to_on=date(2024, 11, 23)))

    same = check(graph, a_policy(PAID | {"window": 24}))
    other = check(graph, a_policy(PAID | {"window": 23}))
    assert shifts(check(graph, a_policy(PAID)), same) == []
    assert shifts(same, other) == [("ann", Outcome.RESTRICTED, Outcome.CLEAR)]


def test_strongest_finding_of_each_is_compared() -> None:
    graph = a_graph(
        a_fact("ann", "contract", "firm"), a_fact("ann", "kinship", "bob"), a_fact("bob", "directorship", "firm")
    )

    assert shifts(check(graph, a_policy(PAID, KIN)), check(graph, a_policy(PAID))) == []
    assert shifts(check(graph, a_policy(PAID, KIN)), check(graph, a_policy(KIN))) == [
        ("ann", Outcome.RESTRICTED, Outcome.DISCLOSED)
    ]
