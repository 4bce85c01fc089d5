"""What an expert says about the material of a review, once; nothing waits for it."""

from collections.abc import Mapping
from uuid import UUID

from service.actions.act import Act
from service.actions.matter_stream import Texts, carry_out
from service.actions.reviewing import as_expert
from workflow import MatterState, RateMaterial


async def rate_material(act: Act, matter_id: UUID, scores: Mapping[str, int], *, words: str = "") -> MatterState:
    """Say what one's material was like: 1 to 5 on each point, and in words.

    Raises:
        NotFound: when the viewer was not asked to take part.
        Refused: RATING_NOT_OPEN before the own opinion is signed, a second time, or with other points or numbers.
    """
    _, part = await as_expert(act, matter_id, "review:work")
    texts = Texts()
    command = RateMaterial(part.person_id, dict(scores), texts.commit(words.strip()))
    return await carry_out(act, matter_id, command, seen=None, texts=texts)
