"""What the unit does with every point of the opinions, with reasons; the author may reply once (A32.4)."""

from uuid import UUID

from service.actions.act import Act
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import REASON_MOST, reason_faults
from service.actions.reviewing import as_expert, as_staff, part_of
from service.problems import Fault, Invalid
from workflow import AnswerPoint, FileDisposition, MatterState, ReplyOnce


async def answer_point(
    act: Act, matter_id: UUID, expert_id: UUID, point: int, *, reasonable: str, adoption: str, reason: str, seen: int
) -> MatterState:
    """Say what becomes of one point; a later answer takes the place of an earlier one until all is filed.

    Args:
        act: who, when.
        matter_id: the matter.
        expert_id: whose opinion.
        point: from 1.
        reasonable: `yes`, `partly` or `no`.
        adoption: `adopted`, `partly`, `not`, `already` or `out-of-scope`.
        reason: why; needed unless it is adopted.
        seen: version of the expert's part.

    Raises:
        Refused: REASONABLE_NOT_ADOPTED, DISPOSITION_WITHOUT_REASON, or when the opinions are not in.

    Source: A32.4.
    """
    state = await as_staff(act, matter_id, "review:answer-points")
    part = await part_of(act, state, expert_id, seen=seen)
    if len(reason.strip()) > REASON_MOST:
        raise Invalid([Fault("reason", "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(reason.strip())})])
    texts = Texts()
    command = AnswerPoint(part.person_id, point, reasonable, adoption, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=None, texts=texts)


async def file_disposition(act: Act, matter_id: UUID) -> MatterState:
    """File the answers to all points; refused while one is open (A32.4)."""
    await as_staff(act, matter_id, "review:answer-points")
    return await carry_out(act, matter_id, FileDisposition(), seen=None)


async def reply_once(act: Act, matter_id: UUID, *, reply: str, seen: int) -> MatterState:
    """Reply to the answers to one's own points, once, after they are filed."""
    _, part = await as_expert(act, matter_id, "review:work", seen=seen)
    if faults := reason_faults(act.policy, "reply", reply):
        raise Invalid(faults)
    texts = Texts()
    return await carry_out(
        act, matter_id, ReplyOnce(part.person_id, texts.commit(reply.strip())), seen=None, texts=texts
    )
