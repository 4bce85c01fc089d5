"""The setting of an act by somebody without an account: an applicant, or a person who confirms by a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.access import sign_in as door
from service.clock import day_of
from service.keys import Keys
from service.ledger import Event
from service.problems import TooMany
from service.regulation import Edition
from service.storage.session import Database, Session, reading, unit_of_work

APPLICANT = "applicant"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor's act inside one unit of work; nothing below it commits.

    Attributes:
        session: the open unit of work.
        at: the instant.
        keys: the installation's secrets.
        edition: the edition of the regulation in force.
    """

    session: Session
    at: datetime
    keys: Keys
    edition: Edition

    @property
    def on(self) -> date:
        """The day of the act in China Standard Time."""
        return day_of(self.at)

    def record(self, type_: str, *, stream: str, body: Mapping[str, Any], cites: Iterable[str] = ()) -> None:
        """Note an event of somebody without an account; see `Act.record`."""
        self.session.info["events"].append(
            Event(
                type=type_,
                stream=stream,
                expect=None,
                actor={"id": "", "role": APPLICANT},
                cites=tuple(cites),
                edition=self.edition.id if cites else "",
                step="",
                body=dict(body),
            )
        )


async def count_try(database: Database, keys: Keys, names: Mapping[str, int], *, at: datetime) -> None:
    """Count one try under each name, unless one of them has used up its tries of fifteen minutes.

    Args:
        database: where tries are counted.
        keys: names are kept as keyed hashes only.
        names: what is counted, such as `apply:<address>`, and how many tries it has.
        at: now.

    Raises:
        TooMany: when one has none left; nothing is counted then.
    """
    counted = {door.attempt_key(keys.identity, name): most for name, most in names.items()}
    async with reading(database) as session:
        for key, most in counted.items():
            if await door.too_many_attempts(session, [key], at=at, most=most):
                raise TooMany(minutes=15)
    async with unit_of_work(database, at=at) as session:
        await door.note_failed_attempt(session, list(counted), at=at)
