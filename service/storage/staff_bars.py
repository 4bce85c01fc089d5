"""What keeps a member of the staff out of a matter: the one condition that every list, count and page asks for.

Three things do: the person is party to it or had a part in it, sits on its panel, or keeps out of it by a recusal.
What the check finds in the ties is worked out when somebody signs in or asks (`service.storage.staff`) and stands in
`Viewer.barred`.
"""

from collections.abc import Collection
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from service.access import Viewer
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow, PanelMemberRow, PanelRow
from service.storage.rows.staff import StaffRecusalRow
from service.storage.session import Session

STANDING: Final = "standing"
ASKED: Final = "asked"
LIFTED: Final = "lifted"
DECLARED: Final = "declared"
STATED: Final = "stated"
FOUND: Final = "found"


def barred(viewer: Viewer, matter_id: Any) -> ColumnElement[bool]:
    """Return the condition under which a matter is not there for a viewer, whatever the roles.

    Args:
        viewer: who looks.
        matter_id: the column that holds the matter's id.
    """
    condition = _barring(matter_id, viewer.person_id)
    return or_(condition, matter_id.in_(viewer.barred)) if viewer.barred else condition


def _barring(matter_id: Any, person: Any) -> ColumnElement[bool]:
    """Return the condition under which a person keeps out of a matter, what the check finds aside."""
    party, recusal, expert, panel, member = _tables()
    sits = (
        select(member.panel_id)
        .join(panel, panel.id == member.panel_id)
        .join(expert, expert.id == member.expert_id)
        .where(
            panel.matter_id == matter_id,
            panel.state.in_(("proposed", "determined")),
            member.role == "member",
            expert.person_id == person,
        )
    )
    return or_(
        exists().where(party.matter_id == matter_id, party.person_id == person),
        exists().where(
            recusal.matter_id == matter_id,
            recusal.person_id == person,
            recusal.ground != FOUND,
            recusal.state != LIFTED,
        ),
        sits.exists(),
    )


@cache
def _tables() -> tuple[Any, ...]:
    """Return the tables under names of their own: a statement that asks this may hold the same ones.

    Made once: naming every column anew took longer than the answer.
    """
    return tuple(
        aliased(row, name=f"bar_{row.__tablename__}")
        for row in (MatterPartyRow, StaffRecusalRow, ExpertRow, PanelRow, PanelMemberRow)
    )


async def barred_people(session: Session, matter_id: UUID, people: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these persons keep out of a matter by a recusal, as a party or as a member of its panel."""
    wanted = select(PersonRow.id).where(PersonRow.id.in_(people), _barring(matter_id, PersonRow.id))
    return frozenset(await session.scalars(wanted))


async def barred_matters(session: Session, viewer: Viewer, *, among: UUID | None = None) -> frozenset[str]:
    """Return the ids of the matters that are not there for a viewer, as they stand in the ledger; mostly none.

    Args:
        session: a reading session.
        viewer: who looks.
        among: ask about this matter only.
    """
    wanted = select(MatterRow.id).where(barred(viewer, MatterRow.id))
    if among is not None:
        wanted = wanted.where(MatterRow.id == among)
    return frozenset(str(id_) for id_ in await session.scalars(wanted))
