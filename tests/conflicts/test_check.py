"""Each kind of tie and each boundary by hand: who is found, by which path, until when."""

from datetime import UTC, date, datetime

import pytest

from conflicts import (
    Confidence,
    ConflictGraph,
    FactRefused,
    Matter,
    NodeUnknown,
    Outcome,
    Party,
    Person,
    Role,
    outcomes,
)
from tests.conflicts.builders import MATTER, TODAY, a_fact, a_graph, a_policy, a_row, found, ties

DIRECT = a_row(id="direct", code="DIRECT_INTEREST", basis="A30")
FORMER = a_row(id="former", window=36)


@pytest.mark.rule("R28d", "R30a")
@pytest.mark.parametrize(
    ("fact", "row"),
    [
        pytest.param(a_fact("ann", "employment", "unit"), DIRECT, id="works for the unit"),
        pytest.param(a_fact("ann", "employment", "firm"), DIRECT, id="works for a party"),
        pytest.param(a_fact("ann", "control", "firm"), DIRECT | {"kind": "control"}, id="controls a party"),
    ],
)
def test_a_direct_interest_excludes_and_nobody_can_relax_it(fact, row) -> None:
    (finding,) = a_graph(fact).check(MATTER, policy=a_policy(row), as_of=TODAY)

    assert (finding.person, finding.outcome, finding.code, finding.cite, finding.never_relax) == (
        "ann",
        Outcome.EXCLUDED,
        "DIRECT_INTEREST",
        "A30",
        True,
    )


def test_a_person_who_is_a_party_has_a_path_of_no_ties() -> None:
    matter = Matter("m", (Party("unit", Role.UNIT), Party("ann")))

    (finding,) = a_graph().check(matter, policy=a_policy(DIRECT | {"kind": "self", "depth": 0}), as_of=TODAY)

    assert (finding.person, finding.party, finding.path, finding.clears_on) == ("ann", "ann", (), None)


@pytest.mark.parametrize(
    ("kind", "object_", "way"),
    [
        ("employment", "firm", True),
        ("side_post", "firm", True),
        ("directorship", "firm", True),
        ("shareholding", "firm", True),
        ("control", "firm", True),
        ("contract", "firm", True),
        ("dispute", "firm", True),
        ("co_project", "firm", True),
        ("drafting", "m", True),
        ("assessment", "m", True),
        ("consulting", "m", True),
    ],
)
def test_each_kind_of_own_tie_is_found_by_a_row_of_its_kind_and_by_no_other(kind: str, object_: str, way: bool) -> None:
    graph = a_graph(a_fact("ann", kind, object_))
    other = "employment" if kind != "employment" else "control"

    assert found(graph, a_policy(a_row(kind=kind))) == [("ann", "row", "excluded")]
    assert found(graph, a_policy(a_row(kind=other))) == []


@pytest.mark.parametrize("kind", ["kinship", "teacher_student", "co_project", "dispute", "contract"])
@pytest.mark.parametrize("ends", [("ann", "bob"), ("bob", "ann")], ids=["from ann", "to ann"])
def test_a_mutual_tie_binds_both_ends(kind: str, ends: tuple[str, str]) -> None:
    matter = Matter("m", (Party("bob"),))

    (finding,) = a_graph(a_fact(ends[0], kind, ends[1])).check(matter, policy=a_policy(a_row(kind=kind)), as_of=TODAY)

    assert (finding.person, finding.path[0].start, finding.path[0].end) == ("ann", "ann", "bob")
    assert finding.path[0].forward is (ends[0] == "ann")


def test_a_stated_view_is_never_a_conflict() -> None:
    rows = [a_row(id=kind, kind=kind) for kind in ("employment", "drafting", "consulting")]
    view = a_graph(a_fact("ann", "statement", "m"), a_fact("bob", "drafting", "m"))

    assert found(view, a_policy(*rows)) == [("bob", "drafting", "excluded")]


@pytest.mark.parametrize(
    ("severity", "outcome"), [("block", "excluded"), ("waiver", "restricted"), ("disclose", "disclosed")]
)
def test_the_severity_of_the_row_is_the_outcome(severity: str, outcome: str) -> None:
    graph = a_graph(a_fact("ann", "employment", "unit"))

    assert found(graph, a_policy(a_row(severity=severity))) == [("ann", "row", outcome)]


@pytest.mark.parametrize(
    ("as_of", "caught"),
    [
        pytest.param(date(2019, 12, 31), False, id="the day before it began"),
        pytest.param(date(2020, 1, 1), True, id="the day it began"),
        pytest.param(date(2023, 11, 23), True, id="its last day"),
        pytest.param(date(2026, 11, 22), True, id="the day before the anniversary"),
        pytest.param(date(2026, 11, 23), True, id="the anniversary"),
        pytest.param(date(2026, 11, 24), False, id="the day after the anniversary"),
    ],
)
def test_a_window_of_three_years_holds_through_the_anniversary(as_of: date, caught: bool) -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", from_on=date(2020, 1, 1), to_on=date(2023, 11, 23)))

    findings = graph.check(MATTER, policy=a_policy(FORMER), as_of=as_of)

    assert [finding.clears_on for finding in findings] == [date(2026, 11, 24)] * caught


def test_a_window_after_a_leap_day_ends_on_28_february() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", to_on=date(2024, 2, 29)))

    (finding,) = graph.check(MATTER, policy=a_policy(FORMER), as_of=date(2027, 2, 28))

    assert finding.clears_on == date(2027, 3, 1)
    assert found(graph, a_policy(FORMER), as_of=date(2027, 3, 1)) == []


def test_a_current_tie_without_an_end_clears_on_no_known_day_and_tells_since_when() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", from_on=date(2020, 1, 1)))

    (finding,) = graph.check(MATTER, policy=a_policy(), as_of=TODAY)

    assert (finding.since_on, finding.clears_on) == (date(2020, 1, 1), None)


def test_a_stronger_finding_on_the_same_tie_says_it_once() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit"))

    assert found(graph, a_policy(FORMER, DIRECT)) == [("ann", "direct", "excluded")]


def test_a_weaker_finding_that_lasts_longer_is_kept() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", to_on=date(2026, 12, 31)))

    findings = graph.check(MATTER, policy=a_policy(FORMER | {"severity": "waiver"}, DIRECT), as_of=TODAY)

    assert [(finding.row_id, finding.clears_on) for finding in findings] == [
        ("direct", date(2027, 1, 1)),
        ("former", date(2030, 1, 1)),
    ]


def test_a_finding_clears_when_the_last_of_its_paths_does() -> None:
    graph = a_graph(
        a_fact("ann", "employment", "unit", to_on=date(2024, 1, 1)),
        a_fact("ann", "employment", "firm", to_on=date(2025, 6, 30)),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(FORMER), as_of=TODAY)

    assert (ties(finding), finding.clears_on) == (["ann employment firm"], date(2028, 7, 1))


SUPERIOR = a_row(id="superior", through=["superior"], depth=3, roles=["unit"])


def test_the_employer_may_be_superior_or_subordinate_to_the_unit_two_steps_away_and_no_further() -> None:
    chain = [
        a_fact("unit", "superior", "mother"),
        a_fact("mother", "superior", "grandmother"),
        a_fact("grandmother", "superior", "great"),
        a_fact("daughter", "superior", "unit"),
    ]
    graph = a_graph(
        *chain,
        a_fact("ann", "employment", "grandmother"),
        a_fact("bob", "employment", "great"),
        a_fact("cai", "employment", "daughter"),
    )

    findings = graph.check(MATTER, policy=a_policy(SUPERIOR), as_of=TODAY)

    assert [(finding.person, ties(finding)) for finding in findings] == [
        ("ann", ["ann employment grandmother", "mother superior grandmother", "unit superior mother"]),
        ("cai", ["cai employment daughter", "daughter superior unit"]),
    ]


def test_two_units_under_one_superior_are_not_tied_by_it() -> None:
    graph = a_graph(
        a_fact("unit", "superior", "mother"),
        a_fact("school", "superior", "mother"),
        a_fact("ann", "employment", "school"),
        a_fact("bob", "employment", "mother"),
    )

    assert found(graph, a_policy(SUPERIOR)) == [("bob", "superior", "excluded")]


def test_the_superior_of_a_party_that_is_not_the_unit_does_not_count() -> None:
    graph = a_graph(a_fact("firm", "superior", "mother"), a_fact("ann", "employment", "mother"))

    assert found(graph, a_policy(SUPERIOR)) == []
    assert found(graph, a_policy(SUPERIOR | {"roles": []})) == [("ann", "superior", "excluded")]


def test_a_former_superior_does_not_count() -> None:
    ended = a_fact("unit", "superior", "mother", to_on=date(2026, 11, 22))
    graph = a_graph(ended, a_fact("ann", "employment", "mother"))

    assert found(graph, a_policy(SUPERIOR), as_of=date(2026, 11, 22)) == [("ann", "superior", "excluded")]
    assert found(graph, a_policy(SUPERIOR), as_of=date(2026, 11, 23)) == []


GROUP = a_row(id="group", through=["control", "shareholding"], depth=3, min_share=[1, 2])


@pytest.mark.parametrize(
    ("holding", "caught"),
    [
        pytest.param(a_fact("firm", "control", "school"), True, id="the party controls the employer"),
        pytest.param(a_fact("school", "control", "firm"), True, id="the employer controls the party"),
        pytest.param(a_fact("firm", "shareholding", "school", share=(1, 2)), True, id="half is enough"),
        pytest.param(a_fact("firm", "shareholding", "school", share=(49, 100)), False, id="49 of 100 is not"),
        pytest.param(a_fact("firm", "shareholding", "school"), True, id="an unknown share counts"),
    ],
)
def test_an_employer_in_the_partys_group_counts_from_the_share_of_the_row(holding, caught: bool) -> None:
    graph = a_graph(holding, a_fact("ann", "employment", "school"))

    assert found(graph, a_policy(GROUP)) == [("ann", "group", "excluded")] * caught


def test_a_cycle_of_holdings_is_walked_once() -> None:
    ring = ["firm", "school", "mother"]
    graph = a_graph(
        *(a_fact(one, "control", other) for one, other in zip(ring, [*ring[1:], ring[0]], strict=True)),
        a_fact("ann", "employment", "school"),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(GROUP), as_of=TODAY)

    assert ties(finding) == ["ann employment school", "firm control school"]
    assert [ties(path) for path in graph.paths(MATTER, "ann", policy=a_policy(GROUP), as_of=TODAY)] == [
        ["ann employment school", "firm control school"],
        ["ann employment school", "school control mother", "mother control firm"],
    ]


def test_the_spouse_of_somebody_who_leads_a_party_is_found_through_both_ties() -> None:
    row = a_row(id="kin", kind="kinship", through=["directorship"])
    graph = a_graph(
        a_fact("bob", "kinship", "ann"),
        a_fact("bob", "directorship", "firm", to_on=date(2026, 12, 31)),
        a_fact("cai", "kinship", "ann"),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(row), as_of=TODAY)

    assert (finding.person, ties(finding), finding.clears_on) == (
        "ann",
        ["bob kinship ann", "bob directorship firm"],
        date(2027, 1, 1),
    )
    assert [(step.start, step.end) for step in finding.path] == [("ann", "bob"), ("bob", "firm")]


@pytest.mark.rule("R12a")
def test_who_drafted_the_matter_and_whose_employer_did_are_found_for_ever() -> None:
    rows = [
        a_row(id="own", kind="drafting", window="forever"),
        a_row(id="employer", through=["drafting"], through_window="forever", severity="waiver"),
    ]
    graph = a_graph(
        a_fact("ann", "drafting", "m", to_on=date(2001, 1, 1)),
        a_fact("school", "drafting", "m", to_on=date(2001, 1, 1)),
        a_fact("bob", "employment", "school"),
    )

    findings = graph.check(MATTER, policy=a_policy(*rows), as_of=TODAY)

    assert [(f.person, f.row_id, f.outcome.value, f.party, f.clears_on) for f in findings] == [
        ("ann", "own", "excluded", "m", None),
        ("bob", "employer", "restricted", "m", None),
    ]
    assert graph.check(Matter("other", MATTER.parties), policy=a_policy(*rows), as_of=TODAY) == ()


def test_a_post_at_a_unit_whose_place_the_party_took_counts_as_a_post_at_the_party() -> None:
    merged = a_fact("old", "succession", "unit", from_on=date(2025, 1, 1))
    graph = a_graph(merged, a_fact("ann", "employment", "old"))

    (finding,) = graph.check(MATTER, policy=a_policy(), as_of=TODAY)

    assert ties(finding) == ["ann employment old", "old succession unit"]
    assert found(graph, a_policy(), as_of=date(2024, 12, 31)) == []


def test_the_two_halves_of_a_divided_unit_are_not_one_another() -> None:
    graph = a_graph(
        a_fact("old", "succession", "unit"),
        a_fact("old", "succession", "school"),
        a_fact("ann", "employment", "school"),
        a_fact("bob", "employment", "old"),
    )

    assert found(graph, a_policy()) == [("bob", "row", "excluded")]


def test_a_matter_opened_under_the_old_unit_reaches_those_of_its_successor() -> None:
    graph = a_graph(
        a_fact("unit", "succession", "mother"),
        a_fact("old", "succession", "mother"),
        a_fact("ann", "employment", "mother"),
        a_fact("bob", "employment", "old"),
    )

    assert found(graph, a_policy()) == [("ann", "row", "excluded"), ("bob", "row", "excluded")]


def test_a_hint_waits_for_a_person_to_settle_it() -> None:
    hint = a_fact("ann", "employment", "unit", confidence=Confidence.HINT)
    likely = a_fact("bob", "employment", "unit", confidence=Confidence.LIKELY)

    (finding,) = a_graph(hint, likely).check(MATTER, policy=a_policy(), as_of=TODAY)

    assert (finding.person, finding.confidence) == ("bob", Confidence.LIKELY)


def test_of_two_paths_of_one_length_the_surer_explains() -> None:
    graph = a_graph(
        a_fact("ann", "employment", "firm", id="a", confidence=Confidence.LIKELY),
        a_fact("ann", "employment", "unit", id="b"),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(), as_of=TODAY)

    assert ties(finding) == ["b"]


def test_an_unidentified_person_is_excluded_whatever_is_known_of_him() -> None:
    graph = a_graph()
    graph.put_person(Person("dan", identified=False))

    (finding,) = graph.check(MATTER, policy=a_policy(), as_of=TODAY)

    assert (finding.person, finding.code, finding.outcome, finding.never_relax) == (
        "dan",
        "PERSON_UNIDENTIFIED",
        Outcome.EXCLUDED,
        True,
    )
    graph.put_person(Person("dan"))
    assert graph.check(MATTER, policy=a_policy(), as_of=TODAY) == ()


def test_somebody_asked_for_and_unknown_is_excluded_as_unidentified() -> None:
    asked = a_graph().check(MATTER, policy=a_policy(), as_of=TODAY, people=["nobody", "ann"])

    assert [(finding.person, finding.code) for finding in asked] == [("nobody", "PERSON_UNIDENTIFIED")]


def test_only_those_asked_for_are_reported() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit"), a_fact("bob", "employment", "unit"))

    assert found(graph, a_policy(), people={"bob", "cai"}) == [("bob", "row", "excluded")]


def test_a_party_that_the_graph_does_not_hold_stops_the_check() -> None:
    with pytest.raises(NodeUnknown) as unknown:
        a_graph().check(Matter("m", (Party("stranger"),)), policy=a_policy(), as_of=TODAY)

    assert unknown.value.facts == {"matter": "m", "party": "stranger"}


def test_findings_stand_by_person_and_the_strongest_first() -> None:
    graph = a_graph(
        a_fact("bob", "employment", "unit"),
        a_fact("ann", "contract", "firm"),
        a_fact("ann", "dispute", "firm"),
    )
    rows = [
        a_row(id="paid", kind="contract", severity="disclose"),
        a_row(id="dispute", kind="dispute"),
        a_row(id="direct", code="DIRECT_INTEREST", basis="A30"),
    ]

    assert found(graph, a_policy(*rows)) == [
        ("ann", "dispute", "excluded"),
        ("ann", "paid", "disclosed"),
        ("bob", "direct", "excluded"),
    ]
    assert outcomes(graph.check(MATTER, policy=a_policy(*rows), as_of=TODAY)) == {
        "ann": Outcome.EXCLUDED,
        "bob": Outcome.EXCLUDED,
    }


def test_a_person_who_moves_from_one_post_of_a_party_to_another_is_not_free_between() -> None:
    graph = a_graph(
        a_fact("ann", "employment", "unit", to_on=date(2026, 12, 31)),
        a_fact("ann", "employment", "firm", from_on=date(2027, 1, 1), to_on=date(2028, 6, 30)),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(), as_of=TODAY)

    assert finding.clears_on == date(2027, 1, 1)
    assert graph.free_from(MATTER, "ann", policy=a_policy(), as_of=TODAY) == date(2028, 7, 1)
    assert graph.free_from(MATTER, "bob", policy=a_policy(), as_of=TODAY) == TODAY


def test_who_holds_an_open_post_is_free_on_no_known_day() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit"))

    assert graph.free_from(MATTER, "ann", policy=a_policy(), as_of=TODAY) is None


MONDAY = datetime(2026, 11, 16, 1, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 1, tzinfo=UTC)


def test_a_check_sees_what_was_known_then() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", id="f", known_at=MONDAY))
    graph.replace(a_fact("ann", "employment", "unit", id="f", to_on=date(2020, 1, 1), known_at=TUESDAY))

    assert found(graph, a_policy(), known_at=MONDAY.replace(hour=0)) == []
    assert found(graph, a_policy(), known_at=MONDAY) == [("ann", "row", "excluded")]
    assert found(graph, a_policy(), known_at=TUESDAY) == []
    assert found(graph, a_policy()) == []


def test_a_withdrawn_fact_no_longer_counts_and_is_still_known_of_before() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", id="f", known_at=MONDAY))
    graph.withdraw("f", at=TUESDAY)

    assert found(graph, a_policy()) == []
    assert found(graph, a_policy(), known_at=MONDAY) == [("ann", "row", "excluded")]
    assert graph.ties_of("ann") == ()
    assert [fact.retired_at for fact in graph.ties_of("ann", known_at=MONDAY)] == [TUESDAY]


def test_a_withdrawn_fact_can_be_stated_again() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", id="f", known_at=MONDAY))
    graph.withdraw("f", at=TUESDAY)
    graph.add(a_fact("ann", "employment", "unit", id="f", known_at=TUESDAY))

    assert found(graph, a_policy()) == [("ann", "row", "excluded")]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda graph: graph.add(a_fact("ann", "employment", "unit", id="f")), "FACT_KNOWN"),
        (lambda graph: graph.add(a_fact("unit", "employment", "ann")), "ENDS_MISMATCHED"),
        (lambda graph: graph.add(a_fact("ann", "employment", "nowhere")), "ENDS_MISMATCHED"),
        (lambda graph: graph.replace(a_fact("ann", "employment", "unit", id="f")), "INSTANT_MISSING"),
        (lambda graph: graph.replace(a_fact("ann", "employment", "unit", known_at=TUESDAY)), "FACT_UNKNOWN"),
        (lambda graph: graph.withdraw("f", at=MONDAY), "RETIRED_BEFORE_KNOWN"),
        (lambda graph: graph.withdraw("g", at=TUESDAY), "FACT_UNKNOWN"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_leaves_the_graph_as_it_was(act, code: str) -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", id="f", known_at=MONDAY))

    with pytest.raises(FactRefused) as refused:
        act(graph)

    assert refused.value.code == code
    assert found(graph, a_policy()) == [("ann", "row", "excluded")]


def test_a_cache_follows_its_source_fact_by_fact() -> None:
    graph = a_graph(a_fact("ann", "employment", "unit", id="f"), a_fact("bob", "employment", "unit", id="g"))

    graph.restate("f", [a_fact("ann", "employment", "firm", id="f", known_at=TUESDAY)])
    assert [(fact.object, fact.known_at) for fact in graph.ties_of("ann")] == [("firm", TUESDAY)]

    graph.restate("f", [])
    assert (graph.ties_of("ann"), found(graph, a_policy())) == ((), [("bob", "row", "excluded")])

    with pytest.raises(FactRefused):
        graph.restate("g", [a_fact("bob", "employment", "nowhere", id="g")])
    assert found(graph, a_policy()) == [("bob", "row", "excluded")]


def test_the_ties_of_a_node_are_listed_by_kind_and_start() -> None:
    graph = a_graph(
        a_fact("ann", "kinship", "bob"),
        a_fact("ann", "employment", "unit", from_on=date(2020, 1, 1)),
        a_fact("ann", "employment", "firm", from_on=date(2010, 1, 1), to_on=date(2019, 12, 31)),
    )

    assert [fact.id for fact in graph.ties_of("ann")] == [
        "ann employment firm",
        "ann employment unit",
        "ann kinship bob",
    ]


def test_an_empty_graph_finds_nobody() -> None:
    assert ConflictGraph().check(Matter("m"), policy=a_policy(), as_of=TODAY) == ()


def test_a_longer_chain_that_lasts_longer_decides_when_the_finding_clears() -> None:
    graph = a_graph(
        a_fact("firm", "control", "mother", to_on=date(2026, 12, 31)),
        a_fact("firm", "control", "school"),
        a_fact("school", "control", "mother"),
        a_fact("mother", "control", "daughter"),
        a_fact("ann", "employment", "daughter"),
    )

    (finding,) = graph.check(MATTER, policy=a_policy(GROUP | {"depth": 4}), as_of=TODAY)

    assert (len(finding.path), finding.clears_on) == (3, None)


def test_every_path_is_found_and_a_succession_costs_no_depth() -> None:
    graph = a_graph(
        a_fact("old", "succession", "unit"),
        a_fact("ann", "employment", "old"),
        a_fact("ann", "employment", "firm"),
    )

    paths = graph.paths(MATTER, "ann", policy=a_policy(FORMER, DIRECT), as_of=TODAY)

    assert [(path.row_id, ties(path)) for path in paths] == [
        ("direct", ["ann employment firm"]),
        ("direct", ["ann employment old", "old succession unit"]),
    ]
