"""A county of 2,000 experts with planted ties and planted non-ties, judged by the shipped policy.

Every sure conflict is found with its own rule, and nobody who only looks tied is found at all.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conflicts import (
    Alias,
    Confidence,
    ConflictGraph,
    Fact,
    Finding,
    Kind,
    Matter,
    Organisation,
    Outcome,
    Party,
    Person,
    Relation,
    Role,
    Stance,
    outcomes,
    parse_policy,
)
from service.regulation import load_policy

TODAY = date(2026, 11, 23)
WINDOW_ENDS_TODAY = date(2023, 11, 23)
DAY = timedelta(days=1)
EXPERTS, EACH = 2_000, 20
POLICY = parse_policy("changli-local-1", load_policy("changli-local-1").conflicts)
MATTER = Matter("matter", (Party("bureau", Role.UNIT), Party("firm"), Party("owner-person")))
OUT, WAIVER, TELL = Outcome.EXCLUDED, Outcome.RESTRICTED, Outcome.DISCLOSED


@dataclass
class County:
    """People, organisations and ties in the making; `tie` numbers them."""

    people: list[Person] = field(default_factory=list)
    organisations: list[Organisation] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def tie(self, subject: str, kind: Kind, object_: str, **more: Any) -> None:
        if kind is Kind.KINSHIP:
            more.setdefault("relation", Relation.COLLATERAL_BLOOD)
        self.facts.append(Fact(f"f{len(self.facts):05}", subject, kind, object_, **more))

    def somebody(self) -> str:
        self.people.append(Person(f"relative-{len(self.people):05}", identified=True, name="李伟"))
        return self.people[-1].id

    def somewhere(self, name: str = "") -> str:
        self.organisations.append(Organisation(f"org-{len(self.organisations):05}", name))
        return self.organisations[-1].id


Plant = Callable[[County, str], None]


def own(kind: Kind, object_: str, **more: Any) -> Plant:
    return lambda county, person: county.tie(person, kind, object_, **more)


def through(own_kind: Kind, kind: Kind, object_: str, *, person_between: bool = False, **more: Any) -> Plant:
    """Plant a tie to somebody or some organisation of their own, and from there to the object."""

    def plant(county: County, person: str) -> None:
        between = county.somebody() if person_between else county.somewhere()
        county.tie(person, own_kind, between)
        county.tie(between, kind, object_, **more)

    return plant


SURE: dict[str, tuple[Plant, str, Outcome]] = {
    "works for the unit": (own(Kind.EMPLOYMENT, "bureau"), "DIRECT_INTEREST", OUT),
    "works for a party": (own(Kind.EMPLOYMENT, "firm"), "DIRECT_INTEREST", OUT),
    "works for what became the unit": (own(Kind.EMPLOYMENT, "merged"), "DIRECT_INTEREST", OUT),
    "leaves a party today": (own(Kind.EMPLOYMENT, "firm", to_on=TODAY), "DIRECT_INTEREST", OUT),
    "side post": (own(Kind.SIDE_POST, "firm"), "DIRECT_INTEREST", OUT),
    "director": (own(Kind.DIRECTORSHIP, "firm"), "DIRECT_INTEREST", OUT),
    "shareholder": (own(Kind.SHAREHOLDING, "firm", share=(1, 1000)), "DIRECT_INTEREST", OUT),
    "controller": (own(Kind.CONTROL, "firm"), "DIRECT_INTEREST", OUT),
    "left, window ends today": (
        own(Kind.EMPLOYMENT, "firm", to_on=WINDOW_ENDS_TODAY), "FORMER_EMPLOYER", WAIVER,
    ),
    "former director": (own(Kind.DIRECTORSHIP, "firm", to_on=WINDOW_ENDS_TODAY), "FORMER_DIRECTOR", OUT),
    "superior unit": (own(Kind.EMPLOYMENT, "city"), "SUPERIOR_OR_SUBORDINATE", WAIVER),
    "subordinate unit": (own(Kind.EMPLOYMENT, "station"), "SUPERIOR_OR_SUBORDINATE", WAIVER),
    "owner of a party": (own(Kind.EMPLOYMENT, "holding"), "EMPLOYER_GROUP", WAIVER),
    "kin of a party": (own(Kind.KINSHIP, "owner-person"), "KIN_OF_PARTY", OUT),
    "kin of a director": (
        through(Kind.KINSHIP, Kind.DIRECTORSHIP, "firm", person_between=True), "KIN_OF_OWNER", OUT,
    ),
    "kin works there": (through(Kind.KINSHIP, Kind.EMPLOYMENT, "firm", person_between=True), "KIN_EMPLOYED", WAIVER),
    "teacher of a party": (own(Kind.TEACHER_STUDENT, "owner-person"), "TEACHER_OR_STUDENT", WAIVER),
    "teacher of a director": (
        through(Kind.TEACHER_STUDENT, Kind.DIRECTORSHIP, "firm", person_between=True), "TEACHER_OR_STUDENT", TELL,
    ),
    "joint project": (own(Kind.CO_PROJECT, "firm", to_on=WINDOW_ENDS_TODAY), "JOINT_PROJECT", TELL),
    "paid": (own(Kind.CONTRACT, "firm", to_on=WINDOW_ENDS_TODAY), "PAID_WORK", WAIVER),
    "employer paid": (through(Kind.EMPLOYMENT, Kind.CONTRACT, "firm"), "EMPLOYER_PAID", TELL),
    "dispute": (own(Kind.DISPUTE, "firm"), "IN_DISPUTE", OUT),
    "employer in dispute": (through(Kind.EMPLOYMENT, Kind.DISPUTE, "firm"), "EMPLOYER_IN_DISPUTE", WAIVER),
    "drafted it": (own(Kind.DRAFTING, "matter", to_on=date(2001, 1, 1)), "DRAFTED_IT", WAIVER),
    "assessed it": (own(Kind.ASSESSMENT, "matter"), "ASSESSED_IT", WAIVER),
    "advised on it": (own(Kind.CONSULTING, "matter"), "ADVISED_ON_IT", WAIVER),
    "employer drafted it": (through(Kind.EMPLOYMENT, Kind.DRAFTING, "matter"), "EMPLOYER_TOOK_PART", WAIVER),
}  # fmt: skip

NO_TIES: dict[str, Plant] = {
    "left a day too early": own(Kind.EMPLOYMENT, "firm", to_on=WINDOW_ENDS_TODAY - DAY),
    "begins tomorrow": own(Kind.EMPLOYMENT, "firm", from_on=TODAY + DAY),
    "paid a day too early": own(Kind.CONTRACT, "firm", to_on=WINDOW_ENDS_TODAY - DAY),
    "only a hint": own(Kind.DIRECTORSHIP, "firm", confidence=Confidence.HINT),
    "withdrawn as wrong": own(Kind.DIRECTORSHIP, "firm", retired_at=datetime(2026, 1, 1, tzinfo=UTC)),
    "works for a bureau beside the unit": own(Kind.EMPLOYMENT, "bureau-beside"),
    "works for a sister of the party": own(Kind.EMPLOYMENT, "sister"),
    "employer holds a little": through(Kind.EMPLOYMENT, Kind.SHAREHOLDING, "firm", share=(24, 100)),
    "firm of the same name": own(Kind.EMPLOYMENT, "namesake-firm"),
    "firm of the old name": own(Kind.EMPLOYMENT, "bearer-of-the-old-name"),
    "said a view": own(Kind.STATEMENT, "matter", stance=Stance.AGAINST),
    "paid by the owner of a party": own(Kind.CONTRACT, "holding"),
    "teacher of an employee": through(Kind.TEACHER_STUDENT, Kind.EMPLOYMENT, "firm", person_between=True),
    "kin of the kin of a party": through(Kind.KINSHIP, Kind.KINSHIP, "owner-person", person_between=True),
    "drafted another matter": own(Kind.DRAFTING, "another-matter"),
    "nothing at all": lambda _county, _person: None,
}


@pytest.fixture(scope="module")
def county() -> tuple[dict[str, str], dict[str, Finding], dict[str, Outcome]]:
    """Return expert -> what was planted, expert -> strongest finding, expert -> outcome."""
    dice = random.Random(20261123)
    county = County()
    names = ("bureau", "bureau-beside", "city", "station", "merged", "holding", "sister", "bearer-of-the-old-name")
    county.organisations += [Organisation(name) for name in names]
    county.organisations += [
        Organisation("firm", "清源水务有限公司", aliases=(Alias("清源公司", date(2020, 1, 1)),)),
        Organisation("namesake-firm", "清源水务有限公司"),
    ]
    county.people.append(Person("owner-person", name="李伟"))
    for subject, kind, object_ in (
        ("bureau", Kind.SUPERIOR, "city"),
        ("bureau-beside", Kind.SUPERIOR, "city"),
        ("station", Kind.SUPERIOR, "bureau"),
        ("merged", Kind.SUCCESSION, "bureau"),
        ("holding", Kind.CONTROL, "firm"),
        ("holding", Kind.CONTROL, "sister"),
        ("sister", Kind.SHAREHOLDING, "holding"),  # a cycle of holdings
    ):
        more = {"share": (1, 100)} if kind is Kind.SHAREHOLDING else {}
        county.tie(subject, kind, object_, **more)
    planted: dict[str, str] = {}
    experts = [f"expert-{number:04}" for number in range(EXPERTS)]
    dice.shuffle(experts)
    county.people += [Person(expert, name=dice.choice(("王芳", "李伟", "张敏"))) for expert in experts]
    free = iter(experts)
    for name, plant in [(name, plant) for name, (plant, _, _) in SURE.items()] + list(NO_TIES.items()):
        for _ in range(EACH):
            expert = next(free)
            planted[expert] = name
            plant(county, expert)
    background = list(free)
    places = [county.somewhere() for _ in range(80)]
    for expert in background:
        planted[expert] = "nothing at all"
        county.tie(expert, Kind.EMPLOYMENT, dice.choice(places))
        county.tie(expert, Kind.CONTRACT, dice.choice(places), to_on=TODAY - dice.randrange(2_000) * DAY)
        friend = dice.choice(background)
        if friend != expert:
            county.tie(expert, dice.choice((Kind.TEACHER_STUDENT, Kind.CO_PROJECT, Kind.KINSHIP)), friend)
    dice.shuffle(county.facts)

    graph = ConflictGraph(county.people, county.organisations, county.facts)
    findings = [found for found in graph.check(MATTER, policy=POLICY, as_of=TODAY) if found.person in planted]
    strongest: dict[str, Finding] = {}
    for finding in findings:
        strongest.setdefault(finding.person, finding)
    return planted, strongest, outcomes(findings)


@pytest.mark.rule("R28d", "R30a", "R12a")
@pytest.mark.parametrize("name", SURE)
def test_every_planted_conflict_is_found_by_its_own_rule(county, name: str) -> None:
    planted, strongest, outcome = county
    _, code, expected = SURE[name]

    experts = [expert for expert, what in planted.items() if what == name]
    assert len(experts) == EACH
    assert {(strongest[expert].code, outcome[expert]) for expert in experts if expert in strongest} == {
        (code, expected)
    }
    assert all(expert in strongest for expert in experts)


@pytest.mark.parametrize("name", NO_TIES)
def test_no_planted_non_tie_is_found(county, name: str) -> None:
    planted, strongest, _ = county

    experts = [expert for expert, what in planted.items() if what == name]
    assert len(experts) >= EACH
    assert {expert: strongest[expert].code for expert in experts if expert in strongest} == {}
