"""What experts said about the material of an undertaking unit, over all its matters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from service.access import Viewer
from service.storage.matters import visible_to
from service.storage.rows.matters import MatterRow
from service.storage.rows.review import ReviewPartRow
from service.storage.session import Session
from workflow import RATED

FEWEST: Final = 3
"""From how many ratings on their means and words are shown: of fewer, everybody could tell whose they are."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What several experts said together; nobody is named.

    Attributes:
        count: how many said something.
        means: name -> mean in tenths (35 is 3.5), rounded half up; empty below `FEWEST`.
    """

    count: int
    means: Mapping[str, int]


def together(ratings: Iterable[Mapping[str, int]]) -> Rated:
    """Return what ratings come to together."""
    held = [one for one in ratings if one]
    if len(held) < FEWEST:
        return Rated(len(held), {})
    return Rated(
        len(held), {name: (sum(one[name] for one in held) * 20 + len(held)) // (2 * len(held)) for name in RATED}
    )


async def ratings_of_unit(session: Session, viewer: Viewer, unit_id: UUID) -> Rated:
    """Return what experts said about the material of a unit, in the matters that the viewer may know."""
    rows = await session.scalars(
        select(ReviewPartRow.rated)
        .join(MatterRow, MatterRow.id == ReviewPartRow.matter_id)
        .where(MatterRow.unit_id == unit_id, visible_to(viewer), ReviewPartRow.signed_on.is_not(None))
    )
    return together(rows)
