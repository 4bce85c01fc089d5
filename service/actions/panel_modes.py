"""How a panel comes about: what the center lays down for a matter, and the second look at a list made by hand."""

from uuid import UUID

from service.actions.act import Act
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import reason_faults
from service.problems import Invalid
from service.storage.matters import load_matter, relations_to
from workflow import ApproveDesignation, ChooseMode, MatterState


async def choose_mode(act: Act, matter_id: UUID, mode: str, *, reason: str, seen: int) -> MatterState:
    """Lay down for a matter how its panel comes about, in place of what the local policy says.

    Args:
        act: who, when.
        matter_id: the matter.
        mode: one of `workflow.CHOICES`.
        reason: needed where the local policy lays down another mode.
        seen: version of the matter.

    Source: A32.1 says who proposes and who determines, and leaves the way open.
    """
    await _require(act, "panel:choose-mode", matter_id)
    if reason.strip() and (faults := reason_faults(act.policy, "mode_reason", reason)):
        raise Invalid(faults)
    texts = Texts()
    command = ChooseMode(mode, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=seen, texts=texts)


async def approve_designation(act: Act, matter_id: UUID, *, seen: int) -> MatterState:
    """Second a list made by hand for the center; the person neither proposed it nor determines it."""
    await _require(act, "panel:approve", matter_id)
    return await carry_out(act, matter_id, ApproveDesignation(), seen=seen)


async def _require(act: Act, operation: str, matter_id: UUID) -> None:
    """Refuse who may not know the matter as if it were not there, and who may know but not act as forbidden."""
    await load_matter(act.session, act.viewer, matter_id)
    act.require(operation, await relations_to(act.session, act.viewer, matter_id))
