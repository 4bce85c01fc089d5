"""Writes the demonstration county into an empty database, through the acts that people do."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from conflicts import Kind
from service import ledger
from service.clock import CHINA, SystemClock
from service.demo import load_library as library
from service.demo import load_matters as matters
from service.demo.acting import Stage
from service.demo.county import County, demo_county
from service.demo.matters import DemoMatter, working_day
from service.demo.ties import DemoTie
from service.keys import Keys
from service.regulation import load_edition, load_policy
from service.settings import Settings
from service.storage.clear import clear
from service.storage.session import Database, reading, unit_of_work
from service.storage.settings import set_setting, setting

CLOCK: Final = "demo.clock"
"""The setting that moves the clock; it is written last, so that only a whole county has it."""
LOADING: Final = "demo.loading"
"""The setting that marks a county whose loading has begun."""

Tell = Callable[[int, int], None]
"""Told how many acts are done, and how many there are."""

_OPENED_ON = date(2025, 1, 2)
# Every expert hands in the yearly declaration in the first days of the year, and again before it runs out.
_DECLARED_ON: Final = (_OPENED_ON, date(2025, 12, 15))


@dataclass(frozen=True, slots=True)
class _Step:
    """One act of the county's past; steps run by day, and within a day by rank."""

    day: date
    rank: int
    do: Callable[[], Awaitable[None]]


async def load_when_empty(
    database: Database, settings: Settings, *, county: County | None = None, tell: Tell | None = None
) -> bool:
    """Load the demonstration county when the database is empty; return whether it was loaded.

    A load that was interrupted is begun again from the start. The county is the same on every machine; the time of the
    demonstration begins with this load (docs/adr/0005-demo-clock.md).

    Args:
        database: migrated.
        settings: of the installation; in production mode nothing is loaded.
        county: which; without it the one that every installation has.
        tell: told how far it is; without it a bar is drawn when a person watches.
    """
    if settings.mode == "production":
        return False
    async with reading(database) as session:
        began = await setting(session, LOADING) is not None
        whole = await setting(session, CLOCK) is not None
        head = await ledger.head(session)
    if whole or (head is not None and head.size > 0 and not began):
        return False
    if began:
        await clear(database)
    county = county or demo_county()
    if tell is not None:
        await load(database, settings, county, tell=tell)
    else:
        with _Bar() as bar:
            await load(database, settings, county, tell=bar.tell)
    return True


async def is_demonstration(database: Database) -> bool:
    """Return whether the database holds the demonstration county, whole or half loaded."""
    async with reading(database) as session:
        return await setting(session, CLOCK) is not None or await setting(session, LOADING) is not None


async def load(database: Database, settings: Settings, county: County, *, tell: Tell) -> None:
    """Write a county into an empty database: the library on one day, then its past day by day."""
    stage = Stage(
        database=database,
        settings=settings,
        keys=Keys.at(settings.var / "secrets.toml"),
        edition=load_edition(settings.edition, issued_on=settings.edition_issued_on),
        policy=load_policy(settings.policy),
    )
    async with unit_of_work(database, at=stage.instant(_OPENED_ON)) as session:
        await set_setting(session, LOADING, {"county": county.fingerprint()})
    steps = _steps(stage, county)
    for done, step in enumerate(steps):
        tell(done, len(steps))
        await step.do()
    starts_at = datetime.combine(county.today, time(9, 0), CHINA).astimezone(UTC)
    loaded_at = SystemClock().now()
    async with unit_of_work(database, at=starts_at) as session:
        await set_setting(session, CLOCK, {"starts_at": starts_at.isoformat(), "loaded_at": loaded_at.isoformat()})
    tell(len(steps), len(steps))


def _steps(stage: Stage, county: County) -> list[_Step]:
    """Return every act in the order of its day; the ledger of the county then reads like a diary."""
    steps = [
        _Step(_OPENED_ON, 0, partial(library.load_organisations, stage, county, _OPENED_ON)),
        _Step(_OPENED_ON, 1, partial(library.load_people, stage, county, _OPENED_ON)),
    ]
    steps += _tie_steps(stage, county)
    steps += [_Step(day, 2, partial(library.load_declarations, stage, county.experts, day)) for day in _DECLARED_ON]
    steps += [
        _Step(expert.standing.on, 5, partial(library.change_standing, stage, expert))
        for expert in county.experts
        if expert.standing is not None
    ]
    for matter in county.matters:
        steps += [_Step(day, rank, partial(act, stage, matter, day)) for day, rank, act in _acts(matter)]
    return sorted(steps, key=lambda step: (step.day, step.rank))


def _tie_steps(stage: Stage, county: County) -> list[_Step]:
    """Return when ties are stated: once they have begun, and those with a matter once the matter is there."""
    opened = {
        matter.key: (_OPENED_ON, 4) if matter.state == "recorded" else (matter.opened_on, 6)
        for matter in county.matters
    }
    stated: dict[tuple[date, int], list[DemoTie]] = {}
    for tie in county.ties:
        if tie.kind in (Kind.DRAFTING, Kind.CONSULTING):
            if tie.object in opened:
                stated.setdefault(opened[tie.object], []).append(tie)
        else:
            begun_on = max(_OPENED_ON, tie.from_on or _OPENED_ON)
            stated.setdefault((working_day(begun_on), 2), []).append(tie)
    return [_Step(day, rank, partial(library.load_ties, stage, ties, day)) for (day, rank), ties in stated.items()]


_Act = Callable[[Stage, DemoMatter, date], Awaitable[None]]


def _acts(matter: DemoMatter) -> list[tuple[date, int, _Act]]:
    """Return what happens in a matter: the day, the rank within the day, the act."""
    if matter.state == "recorded":
        return [(_OPENED_ON, 3, matters.record)]
    acts: list[tuple[date, int, _Act]] = [(matter.opened_on, 5, matters.open_)]
    if matter.proposed_on is not None:
        acts.append((matter.proposed_on, 7, matters.propose))
    if matter.determined_on is not None:
        if matter.changed:
            acts.append((matter.determined_on, 8, matters.change))
        acts.append((matter.determined_on, 9, matters.determine))
    if matter.ended_on is not None:
        acts.append((matter.ended_on, 7, matters.stop))
    return acts


class _Bar:
    """A progress bar on standard error, where a person watches; silent elsewhere."""

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress = Progress(
            TextColumn("示范县 · Demonstration County"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("", total=None)
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._progress.stop()

    def tell(self, done: int, total: int) -> None:
        """Draw how far it is."""
        self._progress.update(self._task, completed=done, total=total)
