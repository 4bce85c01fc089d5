"""How the demonstration county's past is acted out: each act by its person, on its day, in its own unit of work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from service.access import Viewer
from service.actions.act import Act
from service.clock import CHINA
from service.keys import Keys
from service.regulation import Edition, Policy
from service.settings import Settings
from service.storage.residents import Residents
from service.storage.session import Database, unit_of_work

T = TypeVar("T")

_OPENS = time(8, 30)


@dataclass(slots=True)
class Stage:
    """What the acts of a load share.

    Attributes:
        database: where the county is written.
        settings, keys, edition, policy: of the installation.
        residents: pool and ties, kept between acts.
        viewers: login -> who acts.
        ids: key of an organisation, expert or matter -> its id in the database.
        people: key of an expert -> id of the person.
    """

    database: Database
    settings: Settings
    keys: Keys
    edition: Edition
    policy: Policy
    residents: Residents = field(default_factory=Residents)
    viewers: dict[str, Viewer] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    _last: datetime | None = None

    def instant(self, day: date) -> datetime:
        """Return the next free instant of a day: half past eight in the morning, then three minutes later each time."""
        at = datetime.combine(day, _OPENS, CHINA).astimezone(UTC)
        if self._last is not None and at <= self._last:
            at = self._last + timedelta(minutes=3)
        self._last = at
        return at

    async def act(self, login: str, day: date, do: Callable[[Act], Awaitable[T]]) -> T:
        """Do one act as an account on a day; days must not go back."""
        at = self.instant(day)
        async with unit_of_work(self.database, at=at) as session:
            return await do(
                Act(
                    session=session,
                    viewer=self.viewers[login],
                    at=at,
                    keys=self.keys,
                    settings=self.settings,
                    edition=self.edition,
                    policy=self.policy,
                )
            )

    def keyed(self, key: str) -> UUID:
        """Return the id behind a key, of the person where the key is an expert's."""
        return self.people.get(key) or self.ids[key]
