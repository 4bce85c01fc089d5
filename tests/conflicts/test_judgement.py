"""What people decide about findings: what it covers, what it never covers, and when it falls."""

from dataclasses import replace
from datetime import date

import pytest

from conflicts import Confidence, Finding, Judgement, Outcome, basis_of, may_be_judged
from tests.conflicts.builders import MATTER, TODAY, a_fact, a_graph, a_policy, a_row

KIN = a_row(id="kin", kind="kinship", severity="waiver", through=["directorship", "employment"])
PAID = a_row(id="paid", kind="contract", severity="disclose", window=36)
LAW = a_row(id="law", code="DIRECT_INTEREST", basis="A30")
HOUSE = a_row(id="house", kind="dispute", severity="block", window=36)


def decided(finding: Finding, outcome: Outcome = Outcome.DISMISSED) -> Judgement:
    return Judgement(finding.person, finding.row_id, basis_of(finding), outcome)


def outcomes_of(graph, policy, *judgements: Judgement, as_of: date = TODAY) -> list[tuple[str, str, Outcome]]:
    found = graph.check(MATTER, policy=policy, as_of=as_of, judgements=judgements)
    return [(finding.person, finding.row_id, finding.outcome) for finding in found]


@pytest.mark.rule("R28d")
def test_a_false_alarm_stays_away_until_its_tie_changes() -> None:
    fact = a_fact("ann", "contract", "firm", from_on=date(2025, 1, 1), to_on=date(2026, 1, 1))
    policy = a_policy(PAID)
    (finding,) = a_graph(fact).check(MATTER, policy=policy, as_of=TODAY)
    dismissed = decided(finding)

    assert outcomes_of(a_graph(fact), policy, dismissed) == [("ann", "paid", Outcome.DISMISSED)]
    assert outcomes_of(a_graph(fact), policy, dismissed, as_of=date(2028, 1, 1)) == [("ann", "paid", Outcome.DISMISSED)]
    for changed in (
        replace(fact, to_on=date(2026, 1, 2)),
        replace(fact, confidence=Confidence.LIKELY),
        replace(fact, id="stated anew"),
    ):
        assert outcomes_of(a_graph(changed), policy, dismissed) == [("ann", "paid", Outcome.DISCLOSED)]


def test_a_judgement_is_about_one_person_and_one_row() -> None:
    graph = a_graph(a_fact("ann", "contract", "firm"), a_fact("bob", "contract", "firm"))
    policy = a_policy(PAID, PAID | {"id": "paid again", "severity": "waiver"})
    first = graph.check(MATTER, policy=policy, as_of=TODAY)[0]

    assert outcomes_of(graph, policy, decided(first)) == [
        ("ann", "paid again", Outcome.DISMISSED),
        ("bob", "paid again", Outcome.RESTRICTED),
    ]
    assert outcomes_of(graph, policy, replace(decided(first), row_id="paid")) == [
        ("ann", "paid again", Outcome.RESTRICTED),
        ("bob", "paid again", Outcome.RESTRICTED),
    ]


@pytest.mark.rule("R28d")
def test_a_judged_path_hides_no_other_path_of_the_row() -> None:
    spouse, director = a_fact("ann", "kinship", "bob"), a_fact("bob", "directorship", "firm")
    other, works = a_fact("ann", "kinship", "cai"), a_fact("cai", "employment", "unit", to_on=date(2026, 12, 31))
    policy = a_policy(KIN)
    (by_bob,) = a_graph(spouse, director).check(MATTER, policy=policy, as_of=TODAY)
    (by_cai,) = a_graph(other, works).check(MATTER, policy=policy, as_of=TODAY)
    both = a_graph(spouse, director, other, works)

    (left,) = both.check(MATTER, policy=policy, as_of=TODAY, judgements=[decided(by_bob)])
    assert (left.outcome, left.path, left.clears_on) == (Outcome.RESTRICTED, by_cai.path, date(2027, 1, 1))
    all_judged = [decided(by_bob), decided(by_cai, Outcome.WAIVED)]
    assert outcomes_of(both, policy, *all_judged) == [("ann", "kin", Outcome.WAIVED)]
    assert both.free_from(MATTER, "ann", policy=policy, as_of=TODAY, judgements=all_judged) == TODAY


@pytest.mark.rule("R30a")
@pytest.mark.parametrize(
    ("row", "kind", "outcome", "allowed"),
    [
        pytest.param(LAW, "employment", Outcome.DISMISSED, False, id="no false alarm of a direct interest"),
        pytest.param(LAW, "employment", Outcome.WAIVED, False, id="no waiver of a direct interest"),
        pytest.param(HOUSE, "dispute", Outcome.DISMISSED, True, id="a block of local policy may be a false alarm"),
        pytest.param(HOUSE, "dispute", Outcome.WAIVED, False, id="a block of local policy is never waived"),
        pytest.param(PAID, "contract", Outcome.WAIVED, False, id="what is only disclosed needs no waiver"),
        pytest.param(PAID | {"severity": "waiver"}, "contract", Outcome.WAIVED, True, id="a waiver where policy asks"),
    ],
)
def test_what_may_be_decided_about_a_finding(row, kind: str, outcome: Outcome, allowed: bool) -> None:
    graph, policy = a_graph(a_fact("ann", kind, "firm")), a_policy(row)
    (finding,) = graph.check(MATTER, policy=policy, as_of=TODAY)

    assert may_be_judged(finding, outcome) is allowed
    expected = outcome if allowed else finding.outcome
    assert outcomes_of(graph, policy, decided(finding, outcome)) == [("ann", row["id"], expected)]
