"""The resident graph of ties: who is bound to whom, kept in memory and caught up from the ledger."""

from collections import defaultdict
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import select

from conflicts import (
    Alias,
    ConflictGraph,
    Fact,
    Kind,
    Organisation,
    Person,
    Policy,
    Upper,
    parse_policy,
    standing_facts,
)
from service.ledger.tables import EventRow, HeadRow
from service.regulation import load_policy
from service.storage.facts import fact_of
from service.storage.rows.facts import FactRow
from service.storage.rows.library import (
    EmploymentRow,
    OrganisationNameRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session

# Streams whose entries can change a tie.
_BINDING: Final = ("person:", "expert:", "organisation:", "fact:", "matter:")


@lru_cache(maxsize=8)
def conflict_policy(policy_id: str) -> Policy:
    """Return the conflict rows of a local policy, ready for the graph."""
    return parse_policy(policy_id, load_policy(policy_id).conflicts)


class ResidentTies:
    """The graph as of the ledger's `seq`."""

    def __init__(self) -> None:
        """Begin empty."""
        self.seq = -1
        self.graph = ConflictGraph()

    async def catch_up(self, session: Session) -> None:
        """Bring the graph to the ledger's present head; loads again when something that binds has moved."""
        size = await session.scalar(select(HeadRow.size)) or 0
        if size == self.seq:
            return
        moved = await session.scalars(
            select(EventRow.stream).where(EventRow.seq > self.seq, EventRow.seq <= size).distinct()
        )
        if self.seq < 0 or any(stream.startswith(_BINDING) for stream in moved):
            self.graph = await _load(session)
        self.seq = size


async def _load(session: Session) -> ConflictGraph:
    people = [
        Person(str(row.id), identified=row.identity_hash is not None, name=row.name)
        for row in await session.execute(select(PersonRow.id, PersonRow.identity_hash, PersonRow.name))
    ]
    aliases: dict[UUID, list[Alias]] = defaultdict(list)
    for name in await session.scalars(select(OrganisationNameRow).order_by(OrganisationNameRow.id)):
        aliases[name.organisation_id].append(Alias(name.name, name.to_on))
    parents: dict[UUID, list[Upper]] = defaultdict(list)
    for parent in await session.scalars(select(OrganisationParentRow).order_by(OrganisationParentRow.id)):
        parents[parent.organisation_id].append(Upper(str(parent.parent_id), parent.from_on, parent.to_on))
    organisations = [
        Organisation(
            str(row.id),
            row.name,
            row.credit_code or "",
            tuple(aliases.get(row.id, ())),
            tuple(parents.get(row.id, ())),
        )
        for row in await session.scalars(select(OrganisationRow).order_by(OrganisationRow.id))
    ]
    facts = [fact for organisation in organisations for fact in standing_facts(organisation)]
    facts += [_employment(row) for row in await session.scalars(select(EmploymentRow).order_by(EmploymentRow.id))]
    facts += [fact_of(row) for row in await session.scalars(select(FactRow).order_by(FactRow.known_at, FactRow.id))]
    return ConflictGraph(people, organisations, facts)


def _employment(row: EmploymentRow) -> Fact:
    return Fact(
        id=f"employment/{row.id}",
        subject=str(row.person_id),
        kind=Kind.EMPLOYMENT if row.kind == "main" else Kind.SIDE_POST,
        object=str(row.organisation_id),
        from_on=row.from_on,
        to_on=row.to_on,
        known_at=row.known_at,
    )
