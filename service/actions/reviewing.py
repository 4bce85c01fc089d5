"""What every act of a review begins with: who may do it, and how the matter stands."""

from uuid import UUID

from service.actions.act import Act, same_version
from service.problems import NotFound
from service.storage.matter_rows import state_of
from service.storage.matters import load_matter, relations_to
from service.storage.review import hold_matter, person_of_expert, relations_in_review
from workflow import MatterState, Part


async def as_expert(act: Act, matter_id: UUID, operation: str, *, seen: int | None = None) -> tuple[MatterState, Part]:
    """Return the matter and the viewer's own part in its review.

    Args:
        act: who, when.
        matter_id: the matter.
        operation: row of the access table.
        seen: version of the part that the person saw; None for an act on nothing that others change.

    Raises:
        NotFound: when the viewer was not asked; nothing tells whether there is such a matter.
        Stale: when the part moved since it was seen.
    """
    await hold_matter(act.session, matter_id)
    relations = await relations_in_review(act.session, act.viewer, matter_id)
    if not relations:
        raise NotFound(subject="matter")
    act.require(operation, relations)
    state = await state_of(act.session, matter_id)
    part = state.review.part(str(act.viewer.person_id))
    if part is None:
        raise NotFound(subject="matter")
    if seen is not None:
        same_version(seen, part.version, subject=f"review:{matter_id}")
    return state, part


async def as_staff(act: Act, matter_id: UUID, operation: str, *, seen: int | None = None) -> MatterState:
    """Return the matter for an act of the center or the unit.

    Args:
        act: who, when.
        matter_id: the matter.
        operation: row of the access table.
        seen: version of the matter that the person saw; None where another version was compared.

    Raises:
        NotFound: when the viewer may not know the matter.
        Stale: when it moved since it was seen.
    """
    await hold_matter(act.session, matter_id)
    await load_matter(act.session, act.viewer, matter_id)
    act.require(operation, await relations_to(act.session, act.viewer, matter_id))
    state = await state_of(act.session, matter_id)
    if seen is not None:
        same_version(seen, state.version, subject=f"matter:{matter_id}")
    return state


async def part_of(act: Act, state: MatterState, expert_id: UUID, *, seen: int) -> Part:
    """Return the part of an expert, for an act of the center on it.

    Raises:
        NotFound: when the expert was not asked in this round.
        Stale: when the part moved since it was seen.
    """
    part = state.review.part(str(await person_of_expert(act.session, expert_id)))
    if part is None:
        raise NotFound(subject="expert")
    same_version(seen, part.version, subject=f"review-part:{expert_id}")
    return part
