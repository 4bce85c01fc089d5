"""What the acts of a draw share: the draw that stands, its record, its people."""

import hashlib
from typing import Any
from uuid import UUID

from selection import canonical_json
from selection.draw import (
    DrawRecord,
)
from service.actions.act import Act
from service.problems import NotFound
from service.storage.draws import (
    Record,
    StoredDraw,
    draws_of,
)
from service.storage.matters import load_matter, relations_to
from service.storage.residents import Residents
from service.storage.session import Session
from workflow import (
    Member,
    Reserve,
)


async def live_draw(session: Session, matter_id: UUID, state: str) -> StoredDraw:
    """Return the draw of a matter that stands in this state.

    Raises:
        NotFound: when there is none.
    """
    for draw in reversed(await draws_of(session, matter_id)):
        if draw.state == state:
            return draw
    raise NotFound(subject="draw")


async def require_for(act: Act, operation: str, matter_id: UUID) -> None:
    """Refuse who may not know the matter as if it were not there, and who may know but not act as forbidden."""
    await load_matter(act.session, act.viewer, matter_id)
    act.require(operation, await relations_to(act.session, act.viewer, matter_id))


def record_from(found: DrawRecord, act: Act) -> Record:
    """Return a record to be kept, with its hash."""
    value: dict[str, Any] = found.to_json()
    digest = hashlib.sha256(canonical_json(value).encode()).hexdigest()
    return Record(len(found.declines), digest, value, act.at)


def members_in(residents: Residents, draw: StoredDraw, found: DrawRecord) -> tuple[Member, ...]:
    """Return the panel of a record as persons with their seats."""
    return tuple(Member(person_of(residents, draw.people[one.id]), one.seat) for one in found.panel)


def waiting_in(residents: Residents, draw: StoredDraw, found: DrawRecord) -> tuple[Reserve, ...]:
    """Return the reserves who were not called and did not decline, in order."""
    gone = {one for decline in found.declines for one in (decline.id, decline.joins)}
    seats = {member.id for member in found.panel}
    return tuple(
        Reserve(
            person_of(residents, draw.people[reserve.id]),
            None,
            tuple(person_of(residents, draw.people[one]) for one in reserve.replaces if one in seats),
        )
        for reserve in found.reserves
        if reserve.id not in gone
    )


def person_of(residents: Residents, expert_id: UUID) -> str:
    """Return the id of an expert's person, as the stream has it."""
    expert = residents.pool.experts.get(expert_id)
    if expert is None:
        raise NotFound(subject="expert")
    return str(expert.person_id)
