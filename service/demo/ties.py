"""What ties the people and organisations of the demonstration county to one another, so that recusal has its cases.

Employments and parents stand with the experts and organisations; here is everything else.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from conflicts import Kind, Relation
from service.demo.experts import TODAY, DemoExpert
from service.demo.matters import DemoMatter

DECLARATION: Final = "年度利益声明"
"""The source of what experts said themselves."""

_COMPANIES: Final = ("chengtou", "reli", "lvyuan", "zhongheng", "shuiliyuan", "guihuayuan", "jiaotongyuan")
_ACADEMIC: Final = ("jihaidaxue", "ligong", "nongkexueyuan")


@dataclass(frozen=True, slots=True)
class DemoTie:
    """One dated tie between two keys: of experts (`e001`), organisations (`reli`) or matters (`m63`).

    Attributes:
        key: `t001` and on.
        kind: what it is; who is subject and who object is said at `conflicts.Kind`.
        from_on, to_on: both inclusive; None means since always, or still.
        relation: for kinship.
        share: part held, for shareholdings, as an integer pair.
        source: where the center has it from, in its words.
    """

    key: str
    subject: str
    kind: Kind
    object: str
    from_on: date | None
    to_on: date | None
    relation: Relation | None
    share: tuple[int, int] | None
    source: str


class _Ties:
    """Collects ties; of two between the same ends the first stands."""

    def __init__(self) -> None:
        self.made: list[DemoTie] = []
        self._ends: set[frozenset[str]] = set()

    def add(
        self,
        subject: str,
        kind: Kind,
        object_: str,
        *,
        from_on: date | None = None,
        to_on: date | None = None,
        relation: Relation | None = None,
        share: tuple[int, int] | None = None,
        source: str = DECLARATION,
    ) -> bool:
        """Add a tie unless its ends are tied already or are one; return whether it was added."""
        ends = frozenset((subject, object_))
        if len(ends) == 1 or ends in self._ends:
            return False
        self._ends.add(ends)
        key = f"t{len(self.made) + 1:03d}"
        self.made.append(DemoTie(key, subject, kind, object_, from_on, to_on, relation, share, source))
        return True


def demo_ties(random: Random, experts: tuple[DemoExpert, ...], matters: tuple[DemoMatter, ...]) -> tuple[DemoTie, ...]:
    """Return the ties, in an order that never changes; no two have the same two ends."""
    ties = _Ties()
    _between_organisations(ties)
    _with_companies(ties, experts, random)
    _between_people(ties, experts, random)
    _with_matters(ties, experts, matters, random)
    return tuple(ties.made)


def _between_organisations(ties: _Ties) -> None:
    for county, city in (("shuili", "shishuili"), ("nongye", "shinongye")):
        ties.add(county, Kind.SUPERIOR, city, from_on=date(2002, 1, 1), source="机构编制文件")
    registry = "企业信用信息公示"
    ties.add("zhengfu", Kind.CONTROL, "chengtou", from_on=date(2011, 4, 18), source=registry)
    ties.add("chengtou", Kind.SHAREHOLDING, "reli", from_on=date(2016, 5, 10), share=(65, 100), source=registry)
    ties.add("lvyuan", Kind.SHAREHOLDING, "zhongheng", from_on=date(2018, 9, 3), share=(30, 100), source=registry)
    ties.add("ligong", Kind.SHAREHOLDING, "lvyuan", from_on=date(2015, 6, 1), share=(20, 100), source=registry)
    ties.add("reli", Kind.CONTRACT, "guihuayuan", from_on=date(2024, 3, 1), to_on=date(2025, 2, 28), source="合同备案")
    ties.add(
        "chengtou", Kind.DISPUTE, "jiaotongyuan", from_on=date(2024, 7, 8), to_on=date(2025, 10, 17), source="裁判文书"
    )


def _with_companies(ties: _Ties, experts: tuple[DemoExpert, ...], random: Random) -> None:
    academic = [expert for expert in experts if expert.employments[0].organisation in _ACADEMIC]
    for expert in random.sample(academic, k=10):
        begins = _month(random, 2017, 2023)
        ends = _month(random, 2024, 2025) - timedelta(days=1) if random.random() < 0.4 else None
        ties.add(
            expert.key,
            Kind.DIRECTORSHIP,
            random.choice(_COMPANIES),
            from_on=begins,
            to_on=ends,
            source="企业信用信息公示",
        )
    for expert in random.sample(experts, k=14):
        share = (random.choice((1, 2, 5, 8, 12, 30)), 100)
        company = random.choice(_COMPANIES[2:])
        ties.add(
            expert.key,
            Kind.SHAREHOLDING,
            company,
            from_on=_month(random, 2014, 2024),
            share=share,
            source="个人有关事项申报",
        )
    for expert in random.sample(experts, k=22):
        begins = _month(random, 2021, 2025)
        ties.add(
            expert.key,
            Kind.CONTRACT,
            random.choice(_COMPANIES),
            from_on=begins,
            to_on=begins + timedelta(days=random.choice((180, 365, 540))),
            source="专项研究合同",
        )
    for expert in random.sample(experts, k=4):
        ties.add(
            expert.key, Kind.DISPUTE, random.choice(_COMPANIES), from_on=_month(random, 2023, 2025), source="裁判文书"
        )


def _between_people(ties: _Ties, experts: tuple[DemoExpert, ...], random: Random) -> None:
    wanted = {Relation.SPOUSE: 6, Relation.COLLATERAL_BLOOD: 8, Relation.IN_LAW: 4}
    kin: set[str] = set()
    while any(wanted.values()):
        one, other = random.sample(experts, k=2)
        gap = abs((one.born_on - other.born_on).days) / 365
        if one.key in kin or other.key in kin or gap > 10:
            continue
        if one.female != other.female and wanted[Relation.SPOUSE]:
            relation = Relation.SPOUSE
        elif one.name[0] == other.name[0] and wanted[Relation.COLLATERAL_BLOOD]:
            relation = Relation.COLLATERAL_BLOOD
        elif one.name[0] != other.name[0] and wanted[Relation.IN_LAW]:
            relation = Relation.IN_LAW
        else:
            continue
        kin.update((one.key, other.key))
        wanted[relation] -= ties.add(one.key, Kind.KINSHIP, other.key, relation=relation)
    teachers = [expert for expert in experts if "教授" in expert.title and expert.born_on.year < 1972]
    for teacher in random.sample(teachers, k=min(18, len(teachers))):
        students = [
            expert
            for expert in experts
            if expert.profession == teacher.profession and expert.born_on.year >= teacher.born_on.year + 10
        ]
        if students:
            student = random.choice(students)
            began_on = date(student.born_on.year + 22, 9, 1)
            ties.add(teacher.key, Kind.TEACHER_STUDENT, student.key, from_on=began_on)
    for _ in range(12):
        one, other = random.sample(experts, k=2)
        begins = _month(random, 2022, 2025)
        ties.add(one.key, Kind.CO_PROJECT, other.key, from_on=begins, to_on=min(begins + timedelta(days=700), TODAY))


def _with_matters(
    ties: _Ties, experts: tuple[DemoExpert, ...], matters: tuple[DemoMatter, ...], random: Random
) -> None:
    for matter in matters:
        for drafter in matter.drafters:
            ties.add(
                drafter, Kind.DRAFTING, matter.key, from_on=matter.opened_on - timedelta(days=120), source="委托合同"
            )
    for matter in matters:
        if matter.state in ("need-set", "proposed", "opened"):
            wanted = {seat.field for seat in matter.seats}
            fitting = [expert for expert in experts if expert.main_field[:3] in wanted and expert.serves_on(TODAY)]
            adviser, author = random.sample(fitting, k=2)
            ties.add(
                adviser.key,
                Kind.CONSULTING,
                matter.key,
                from_on=matter.opened_on - timedelta(days=90),
                source="咨询记录",
            )
            ties.add(
                author.key, Kind.DRAFTING, matter.key, from_on=matter.opened_on - timedelta(days=60), source="委托合同"
            )


def _month(random: Random, first: int, last: int) -> date:
    return date(random.randint(first, last), random.randint(1, 12), 1)
