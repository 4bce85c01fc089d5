"""Having a draw voided: one person asks for a cause of the closed list, another decides."""

from uuid import UUID

from service.actions.act import Act
from service.actions.draw_people import require_for
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import reason_faults
from service.problems import Invalid
from workflow import (
    ChallengeDraw,
    MatterState,
    UpholdDraw,
    VoidDraw,
)


async def challenge_draw(act: Act, matter_id: UUID, *, cause: str, reason: str, seen: int) -> MatterState:
    """Ask that a draw be voided, for a cause of the closed list; a second person decides."""
    await require_for(act, "draw:run", matter_id)
    if faults := reason_faults(act.policy, "void_reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = ChallengeDraw(cause, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=seen, texts=texts)


async def void_draw(act: Act, matter_id: UUID, *, seen: int) -> MatterState:
    """Void a challenged draw; it stays visible with its number."""
    await require_for(act, "draw:run", matter_id)
    return await carry_out(act, matter_id, VoidDraw(), seen=seen)


async def uphold_draw(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Let a challenged draw stand."""
    await require_for(act, "draw:run", matter_id)
    if faults := reason_faults(act.policy, "uphold_reason", reason):
        raise Invalid(faults)
    texts = Texts()
    return await carry_out(act, matter_id, UpholdDraw(texts.commit(reason.strip())), seen=seen, texts=texts)
