"""The matters of the demonstration county as values: what was needed, when, and what became of it."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

import chinese_calendar

from service.demo.agenda import OPEN, PAST, Line
from service.demo.experts import DemoExpert
from service.demo.organisations import DemoOrganisation, top_parents

ISSUED_ON = date(2025, 1, 1)

_HISTORY = 9
_HISTORY_FROM, _HISTORY_EVERY = date(2024, 9, 18), timedelta(days=10)
_RUNS_FROM, _RUNS_UNTIL = date(2025, 1, 2), date(2026, 8, 17)
_CHANGE_REASON = "该专家已确认外出，无法在规定时间内研读材料"
# Rows of the past agenda, counted from 0, that did not run to their end.
_ENDED_EARLY = {
    26: ("cancelled", "资金来源发生变化，报经批准后不再列入本年度决策事项"),
    53: ("suspended", "等待上级价格主管部门出台新的成本监审办法"),
}
_OPEN_DAYS: tuple[tuple[date, date | None, date | None], ...] = (
    (date(2026, 8, 24), date(2026, 9, 2), date(2026, 9, 7)),
    (date(2026, 8, 27), date(2026, 9, 10), None),
    (date(2026, 9, 3), None, None),
    (date(2026, 9, 10), None, None),
    (date(2026, 9, 11), None, None),
)


@dataclass(frozen=True, slots=True)
class DemoSeat:
    """So many experts of one field."""

    field: str
    count: int


@dataclass(frozen=True, slots=True)
class DemoMatter:
    """One matter.

    Attributes:
        key: `m01` and on, in the order of opening.
        title: in Chinese.
        kind: which item of A3 it is, such as `A3.4`.
        unit: key of the organisation that brings it forward.
        seats: the fields needed; together at most `size`.
        size: the number of experts of the panel, 5 or 9.
        flags: of `wide`, `disputed`, `complex`, `sensitive`.
        parties: keys of organisations whose interests are at stake, besides the unit.
        drafters: keys of organisations that drafted or assessed it.
        state: `recorded` (history from before the edition), `determined`, `proposed`, `need-set`, `opened`,
            `cancelled` or `suspended`.
        opened_on, proposed_on, determined_on: working days, each not before the one to its left; None when the
            matter has not come that far.
        ended_on: the day on which it was cancelled or suspended.
        members: keys of the experts of a recorded panel; empty for matters whose panel is composed when loading.
        changed: whether the center replaces one member of the unit's proposal, with `reason`.
        reason: why the center changed the proposal, or why the matter was cancelled or suspended.
    """

    key: str
    title: str
    kind: str
    unit: str
    seats: tuple[DemoSeat, ...]
    size: int
    flags: tuple[str, ...]
    parties: tuple[str, ...]
    drafters: tuple[str, ...]
    state: str
    opened_on: date
    proposed_on: date | None = None
    determined_on: date | None = None
    ended_on: date | None = None
    members: tuple[str, ...] = ()
    changed: bool = False
    reason: str = ""


def demo_matters(
    random: Random, organisations: tuple[DemoOrganisation, ...], experts: tuple[DemoExpert, ...]
) -> tuple[DemoMatter, ...]:
    """Return sixty past matters and five open ones, in the order of opening."""
    past = [_past(position, line, random) for position, line in enumerate(PAST)]
    tops = top_parents(organisations)
    served: Counter[str] = Counter()
    for position in range(_HISTORY):
        past[position] = _with_members(past[position], experts, tops, served, random)
    opened = [
        replace(_matter(len(PAST) + position, line, days[0]), state=state, proposed_on=days[1], determined_on=days[2])
        for position, ((line, state), days) in enumerate(zip(OPEN, _OPEN_DAYS, strict=True))
    ]
    return (*past, *opened)


def working_day(day: date, *, after: int = 0) -> date:
    """Return `day`, or the next working day when it is none, then `after` working days later."""
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    for _ in range(after):
        day += timedelta(days=1)
        while not chinese_calendar.is_workday(day):
            day += timedelta(days=1)
    return day


def _past(position: int, line: Line, random: Random) -> DemoMatter:
    if position < _HISTORY:
        day = _HISTORY_FROM + position * _HISTORY_EVERY
    else:
        day = _RUNS_FROM + (position - _HISTORY) * (_RUNS_UNTIL - _RUNS_FROM) / (len(PAST) - _HISTORY - 1)
    matter = _matter(position, line, working_day(day))
    proposed_on = working_day(matter.opened_on, after=random.randint(2, 6))
    determined_on = working_day(proposed_on, after=random.randint(1, 4))
    changed = random.random() < 0.15
    if position in _ENDED_EARLY:
        state, reason = _ENDED_EARLY[position]
        return replace(matter, state=state, reason=reason, ended_on=proposed_on)
    if position < _HISTORY:
        return replace(matter, state="recorded", proposed_on=proposed_on, determined_on=determined_on)
    return replace(
        matter,
        state="determined",
        proposed_on=proposed_on,
        determined_on=determined_on,
        changed=changed,
        reason=_CHANGE_REASON if changed else "",
    )


def _matter(position: int, line: Line, opened_on: date) -> DemoMatter:
    unit, title, seats, flags, parties, drafters = line
    return DemoMatter(
        key=f"m{position + 1:02d}",
        title=title,
        kind=_kind(title),
        unit=unit,
        seats=tuple(_seat(word) for word in seats.split()),
        size=9 if flags else 5,
        flags=_words(flags),
        parties=_words(parties),
        drafters=_words(drafters),
        state="opened",
        opened_on=opened_on,
    )


def _kind(title: str) -> str:
    """Return the item of A3: protection of resources and culture, plan, public construction, else public policy."""
    if "保护" in title or "生态修复" in title:
        return "A3.3"
    if "规划" in title:
        return "A3.2"
    return "A3.4" if title.endswith(("工程", "项目")) else "A3.1"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _seat(word: str) -> DemoSeat:
    field, _, count = word.partition("x")
    return DemoSeat(field, int(count or 1))


def _with_members(
    matter: DemoMatter,
    experts: tuple[DemoExpert, ...],
    tops: dict[str, str],
    served: Counter[str],
    random: Random,
) -> DemoMatter:
    """Name a panel as the center did by hand: no house concerned, turns taken, one a house if it can be."""
    on = matter.determined_on or matter.opened_on
    concerned = {tops[key] for key in (matter.unit, *matter.parties, *matter.drafters)}
    houses: set[str] = set()
    members: list[str] = []
    seats = [seat.field for seat in matter.seats for _ in range(seat.count)]
    for field in seats + [""] * (matter.size - len(seats)):
        free = [
            # An expert of another field takes the seat only when the field has nobody left.
            (
                not _covers(expert, field),
                tops[employer] in houses,
                served[expert.key],
                random.random(),
                expert.key,
                tops[employer],
            )
            for expert in experts
            if expert.serves_on(on)
            and expert.key not in members
            and (employer := expert.employer_on(on)) is not None
            and tops[employer] not in concerned
        ]
        *_, key, house = min(free)
        houses.add(house)
        served[key] += 1
        members.append(key)
    return replace(matter, members=tuple(members))


def _covers(expert: DemoExpert, field: str) -> bool:
    return any(code.startswith(field) for code in (expert.main_field, *expert.further_fields))
