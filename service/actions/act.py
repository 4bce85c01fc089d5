"""The setting in which one act happens: who, when, under which edition, in which unit of work."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.access import Viewer, require
from service.clock import day_of
from service.keys import Keys
from service.ledger import Event
from service.problems import Stale
from service.regulation import Edition, Policy
from service.settings import Settings
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Act:
    """One person's act inside one unit of work; nothing below it commits.

    Attributes:
        session: the open unit of work.
        viewer: who acts.
        at: the instant, the same for all that the act writes.
        keys: the installation's secrets.
        settings: the installation's settings.
        edition: the edition of the regulation in force.
        policy: the county's local policy in force.
    """

    session: Session
    viewer: Viewer
    at: datetime
    keys: Keys
    settings: Settings
    edition: Edition
    policy: Policy

    @property
    def on(self) -> date:
        """The day of the act in China Standard Time."""
        return day_of(self.at)

    def require(self, operation: str, relations: Iterable[str] = ()) -> None:
        """Refuse unless the viewer may do the operation (see `service.access`)."""
        require(self.viewer, operation, relations)

    def record(
        self,
        type_: str,
        *,
        stream: str,
        body: Mapping[str, Any],
        cites: Iterable[str] = (),
        edition: str = "",
        step: str = "",
        expect: int | None = None,
    ) -> None:
        """Note an event; it is appended to the ledger when the unit of work ends.

        Args:
            type_: `subject.past_participle`.
            stream: whose record it belongs to, such as `expert:<id>` or `matter:<id>`.
            body: ids, codes, counts and hashes; never personal data or free text.
            cites: the articles behind the act.
            edition: edition that was applied, for acts that rules govern.
            step: step of the life of a matter.
            expect: `stream_seq` the event must get; another one means that someone else was first.
        """
        self.session.info["events"].append(
            Event(
                type=type_,
                stream=stream,
                expect=expect,
                actor={
                    "id": str(self.viewer.account_id),
                    "person": str(self.viewer.person_id),
                    "role": self.viewer.acting_role,
                    "session": self.viewer.session,
                },
                cites=tuple(cites),
                edition=edition,
                step=step,
                body=dict(body),
            )
        )


def same_version(seen: int, now: int, *, subject: str) -> None:
    """Refuse an act on something that changed since it was read.

    Raises:
        Stale: when the versions differ.
    """
    if seen != now:
        raise Stale(subject=subject, seen=seen, now=now)


def commit_to(text: str) -> tuple[str, bytes]:
    """Return the salted hash by which the ledger knows a free text, and the salt.

    The salt keeps a short text from being guessed from its hash; the text and the salt live in a row that can be
    erased without breaking the record.
    """
    salt = os.urandom(32)
    return hashlib.sha256(b"\x02" + salt + text.encode()).hexdigest(), salt
