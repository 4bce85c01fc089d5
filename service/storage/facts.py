"""Facts as stored, and what a matter is to the conflict check."""

from uuid import UUID

from sqlalchemy import select

from conflicts import Confidence, Fact, Kind, Matter, Origin, Party, Relation, Role, Stance
from service.problems import NotFound
from service.storage.rows.facts import FactRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.session import Session


def fact_of(row: FactRow) -> Fact:
    """Return a stored version of a fact as the value the graph holds."""
    return Fact(
        id=str(row.fact_id),
        subject=str(row.subject_id),
        kind=Kind(row.kind),
        object=str(row.object_id),
        from_on=row.from_on,
        to_on=row.to_on,
        origin=Origin(row.origin),
        source=row.source,
        confidence=Confidence(row.confidence),
        evidence=row.evidence,
        share=None if row.share_part is None or row.share_of is None else (row.share_part, row.share_of),
        relation=Relation(row.relation) if row.relation else None,
        stance=Stance(row.stance) if row.stance else None,
        known_at=row.known_at,
        retired_at=row.retired_at,
    )


async def matter_of(session: Session, matter_id: UUID) -> Matter:
    """Return a matter with its undertaking unit and its parties, as the conflict check sees it.

    Raises:
        NotFound: when there is no such matter.
    """
    unit_id = await session.scalar(select(MatterRow.unit_id).where(MatterRow.id == matter_id))
    if unit_id is None:
        raise NotFound(subject="matter")
    rows = await session.execute(
        select(MatterPartyRow.organisation_id, MatterPartyRow.person_id)
        .where(MatterPartyRow.matter_id == matter_id)
        .order_by(MatterPartyRow.id)
    )
    parties = {str(organisation_id or person_id) for organisation_id, person_id in rows} - {str(unit_id)}
    return Matter(str(matter_id), (Party(str(unit_id), Role.UNIT), *(Party(party) for party in sorted(parties))))
