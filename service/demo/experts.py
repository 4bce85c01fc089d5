"""The three hundred experts of the demonstration county: who they are, where they work, how long they are appointed."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from service.demo.accounts import DEMO_ACCOUNTS, LIAISON_ACCOUNTS
from service.demo.identity import CITY_CODE, COUNTY_CODE, Numbers
from service.demo.names import Names
from service.demo.organisations import DemoOrganisation
from service.demo.professions import DEPUTY_SENIOR, INTERMEDIATE, POSTS, PROFESSIONS, SENIOR, TITLES, Profession

TODAY = date(2026, 9, 14)

_FIRST_BATCH = (date(2023, 6, 1), date(2028, 5, 31))
_BEFORE_FIRST_BATCH = (date(2018, 6, 1), date(2023, 5, 31))
_SECOND_BATCH = (date(2025, 3, 1), date(2030, 2, 28))
_LAPSED = (date(2020, 9, 1), date(2025, 8, 31))
_ENDS_WITHIN_30_DAYS = (date(2021, 10, 9), date(2026, 10, 8))
_ENDS_WITHIN_90_DAYS = (date(2021, 12, 1), date(2026, 11, 30))
_ENDS_WITHIN_180_DAYS = (date(2022, 3, 1), date(2027, 2, 28))
_NOT_YET = (date(2026, 10, 1), date(2031, 9, 30))
_SOURCES = ("self", "organisation", "organisation", "invited", "open-call")


@dataclass(frozen=True, slots=True)
class DemoEmployment:
    """Work at an organisation, from a day to a day (inclusive) or still; `main` is false for side posts."""

    organisation: str
    post: str
    from_on: date
    to_on: date | None = None
    main: bool = True


@dataclass(frozen=True, slots=True)
class DemoTerm:
    """A term in the library; both days belong to it."""

    starts_on: date
    ends_on: date
    letter_no: str


@dataclass(frozen=True, slots=True)
class DemoStanding:
    """What changed an appointment before its end.

    Attributes:
        kind: `suspended`, `withdrawn`, `dismissed` or `struck-off`.
        on: the first day on which it holds.
        article: item of the regulation that was the reason, such as `A26.2`.
        reason: the center's words.
    """

    kind: str
    on: date
    article: str
    reason: str


@dataclass(frozen=True, slots=True)
class DemoExpert:
    """One expert; `id_number` is empty for the one whose identity nobody has established."""

    key: str
    name: str
    female: bool
    id_number: str
    born_on: date
    phone: str
    education: str
    profession: str
    title: str
    title_level: str
    titled_on: date
    main_field: str
    further_fields: tuple[str, ...]
    employments: tuple[DemoEmployment, ...]
    terms: tuple[DemoTerm, ...]
    source: str
    region_code: str
    standing: DemoStanding | None = None

    def employer_on(self, on: date) -> str | None:
        """Return the key of the main employer on a day, or None."""
        for employment in self.employments:
            if employment.main and employment.from_on <= on and (employment.to_on is None or on <= employment.to_on):
                return employment.organisation
        return None

    def serves_on(self, on: date) -> bool:
        """Return whether the expert is identified, appointed and not suspended on a day."""
        appointed = any(term.starts_on <= on <= term.ends_on for term in self.terms)
        return appointed and bool(self.id_number) and (self.standing is None or on < self.standing.on)


def demo_experts(random: Random, organisations: tuple[DemoOrganisation, ...]) -> tuple[DemoExpert, ...]:
    """Return the experts, `e001` to `e300`; the state of `random` decides everything."""
    names = Names(random, {account.name for account in (*DEMO_ACCOUNTS, *LIAISON_ACCOUNTS)})
    numbers = Numbers(random)
    kinds = {organisation.key: organisation.kind for organisation in organisations}
    outside = {organisation.key for organisation in organisations if organisation.region_code == CITY_CODE}
    experts: list[DemoExpert] = []
    for profession in PROFESSIONS:
        for position in range(profession.count):
            key = f"e{len(experts) + 1:03d}"
            female = random.random() < 0.36
            name = names.name(female=female)
            here = profession.employers[position % len(profession.employers)]
            experts.append(_expert(key, name, profession, here, random, numbers, kinds, outside, female=female))
    return _with_particulars(_with_terms(experts, random), random)


def _expert(
    key: str,
    name: str,
    profession: Profession,
    here: str,
    random: Random,
    numbers: Numbers,
    kinds: dict[str, str],
    outside: set[str],
    *,
    female: bool,
) -> DemoExpert:
    born_on = date(1964, 1, 1) + timedelta(days=random.randrange(24 * 365))
    age = TODAY.year - born_on.year
    level = random.choices((SENIOR, DEPUTY_SENIOR, INTERMEDIATE), (4 if age >= 48 else 1, 6, 2 if age < 45 else 0))[0]
    employments = _employments(profession, here, born_on, level, random, kinds)
    employer = employments[-1].organisation
    series = "university" if kinds[employer] == "university" else profession.series
    earliest = {SENIOR: 40, DEPUTY_SENIOR: 33, INTERMEDIATE: 28}[level]
    titled_year = min(born_on.year + earliest + random.randrange(6), TODAY.year - 1)
    further = random.sample(profession.further, k=min(len(profession.further), random.choice((1, 2, 2, 3))))
    if random.random() < 0.25:
        further.append(profession.domain)
    area = CITY_CODE if employer in outside else COUNTY_CODE
    return DemoExpert(
        key=key,
        name=name,
        female=female,
        id_number=numbers.id_number(born_on, female=female, area=area),
        born_on=born_on,
        phone=numbers.phone(),
        education=random.choices(("大学本科", "硕士研究生", "博士研究生"), _EDUCATION[kinds[employer] == "university"])[
            0
        ],
        profession=profession.name,
        title=TITLES[series][level],
        title_level=level,
        titled_on=date(titled_year, 12, 1),
        main_field=random.choice(profession.main),
        further_fields=tuple(sorted(further)),
        employments=employments,
        terms=(),
        source=random.choice(_SOURCES),
        region_code=area,
    )


_EDUCATION = {True: (1, 4, 5), False: (6, 4, 1)}


def _employments(
    profession: Profession, here: str, born_on: date, level: str, random: Random, kinds: dict[str, str]
) -> tuple[DemoEmployment, ...]:
    """Return former employers first, then the present one; each begins the day after the one before has ended."""
    begins = date(born_on.year + 22 + random.randrange(4), 7, 1)
    others = sorted(set(profession.employers) - {here})
    work: list[DemoEmployment] = []
    if others and random.random() < 0.4:
        former = random.choice(others)
        # A third of the moves lie within three years, so that windows after an employment have something to bite on.
        first, last = (2023, 2026) if random.random() < 0.33 else (begins.year + 3, 2022)
        moved_on = date(random.randint(min(first, last), last), random.randint(1, 8), 1)
        if moved_on > begins + timedelta(days=700):
            work.append(
                DemoEmployment(former, _post(kinds[former], INTERMEDIATE, random), begins, moved_on - timedelta(days=1))
            )
            begins = moved_on
    work.append(DemoEmployment(here, _post(kinds[here], level, random), begins))
    return tuple(work)


def _post(kind: str, level: str, random: Random) -> str:
    """Return a post that goes with a level of title: the lists run from the highest post to the lowest."""
    posts = POSTS[kind]
    return random.choice({SENIOR: posts[:3], DEPUTY_SENIOR: posts[1:], INTERMEDIATE: posts[-2:]}[level])


def _with_terms(experts: list[DemoExpert], random: Random) -> list[DemoExpert]:
    """Give every expert a term; the order in which letters were numbered is the order of the list."""
    spans = (
        [_LAPSED] * 16
        + [_ENDS_WITHIN_30_DAYS] * 7
        + [_ENDS_WITHIN_90_DAYS] * 11
        + [_ENDS_WITHIN_180_DAYS] * 18
        + [_NOT_YET] * 2
        + [_SECOND_BATCH] * 86
    )
    spans += [_FIRST_BATCH] * (len(experts) - len(spans))
    random.shuffle(spans)
    signs_in = next(int(account.expert[1:]) - 1 for account in DEMO_ACCOUNTS if account.expert)
    spans[signs_in] = _FIRST_BATCH
    issued: dict[int, int] = {}
    appointed = []
    for expert, span in zip(experts, spans, strict=True):
        terms = [span]
        if span == _FIRST_BATCH and expert.born_on.year < 1976 and random.random() < 0.5:
            terms.insert(0, _BEFORE_FIRST_BATCH)
        letters = []
        for starts_on, ends_on in terms:
            issued[starts_on.year] = issued.get(starts_on.year, 0) + 1
            letters.append(DemoTerm(starts_on, ends_on, f"示决聘〔{starts_on.year}〕{issued[starts_on.year]:03d}号"))
        appointed.append(replace(expert, terms=tuple(letters)))
    return appointed


_STANDINGS = (
    DemoStanding("suspended", date(2026, 6, 1), "A26.2", "因病长期休养，暂停参加论证"),
    DemoStanding("suspended", date(2026, 4, 20), "A26.1", "赴外地学习一年，不能继续担任"),
    DemoStanding("suspended", date(2026, 8, 3), "A26.6", "执业资格证书到期，换证期间暂停"),
    DemoStanding("suspended", date(2026, 7, 6), "A26.4", "有关事项正在核实，核实期间暂停"),
    DemoStanding("withdrawn", date(2025, 11, 3), "A26.5", "本人书面申请退出，不再参加论证"),
    DemoStanding("dismissed", date(2025, 9, 15), "A26.1", "调离本地区，不再适宜继续担任"),
    DemoStanding("struck-off", date(2026, 1, 12), "A70", "泄露论证中知悉的未公开信息，造成严重后果"),
)


def _with_particulars(experts: list[DemoExpert], random: Random) -> tuple[DemoExpert, ...]:
    """Add what makes a library untidy: standings, retirements, side posts, namesakes, one person without a number."""
    signs_in = {account.expert: account.name for account in DEMO_ACCOUNTS if account.expert}
    for index, expert in enumerate(experts):
        if expert.key in signs_in:
            experts[index] = replace(expert, name=signs_in[expert.key])
    current = [
        index
        for index, expert in enumerate(experts)
        if expert.terms[-1].starts_on in (_FIRST_BATCH[0], _SECOND_BATCH[0]) and expert.key not in signs_in
    ]
    chosen = random.sample(current, k=len(_STANDINGS) + 1 + 8 + 26 + 4)
    for standing in _STANDINGS:
        index = chosen.pop()
        experts[index] = replace(experts[index], standing=standing)
    index = chosen.pop()
    experts[index] = replace(experts[index], id_number="")
    for _ in range(8):
        _retire(experts, chosen.pop(), random)
    for _ in range(26):
        _add_side_post(experts, chosen.pop(), random)
    while chosen:
        first, second = chosen.pop(), chosen.pop()
        experts[second] = replace(experts[second], name=experts[first].name, female=experts[second].female)
    return tuple(experts)


def _retire(experts: list[DemoExpert], index: int, random: Random) -> None:
    """End the present employment of an expert in the last four years."""
    *before, last = experts[index].employments
    ended_on = date(random.randint(2022, 2026), random.randint(1, 8), 28)
    if ended_on > last.from_on:
        experts[index] = replace(experts[index], employments=(*before, replace(last, to_on=ended_on)))


_SIDE_POSTS = (
    ("jihaidaxue", "兼职教授"),
    ("ligong", "校外导师"),
    ("nongkexueyuan", "产业导师"),
    ("lvyuan", "技术顾问"),
    ("chengtou", "外部董事"),
    ("reli", "技术顾问"),
    ("shuiliyuan", "特聘专家"),
    ("zhongheng", "评审顾问"),
)


def _add_side_post(experts: list[DemoExpert], index: int, random: Random) -> None:
    expert = experts[index]
    employer = expert.employments[-1].organisation
    usual = next(profession.employers for profession in PROFESSIONS if profession.name == expert.profession)
    places = [row for row in _SIDE_POSTS if row[0] in usual and row[0] != employer]
    if not places:
        return
    where, post = random.choice(places)
    begins = date(random.randint(2019, 2024), random.choice((1, 3, 9)), 1)
    ends = date(2025, random.randint(1, 12), 28) if random.random() < 0.25 else None
    side = DemoEmployment(where, post, begins, ends, main=False)
    experts[index] = replace(expert, employments=(*expert.employments, side))
