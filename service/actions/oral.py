"""Opinions given by word of mouth in urgency, taken down by the center before a witness (A32.3)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from service.actions.act import Act
from service.actions.institutions import opinion_obstacles
from service.actions.invitations import send_link
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import reason_faults
from service.actions.reviewing import as_staff, part_of
from service.clock import day_of
from service.problems import Fault, Invalid
from service.storage.residents import Residents
from service.storage.review import participants
from workflow import CONCLUSIONS, MatterState, Part, RecordOral, RecordUrgency

SAID_LEAST: Final = 10
SAID_MOST: Final = 2000
WITNESS_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an expert said, as the center took it down.

    Attributes:
        conclusion: one of `workflow.CONCLUSIONS`.
        given_at: when it was said, aware; the hours for the written opinion run from here.
        said: what was said, 10 to 2000 characters.
        witness: name and post of somebody else who heard it.
    """

    conclusion: str
    given_at: datetime
    said: str
    witness: str


async def record_urgency(act: Act, matter_id: UUID, *, reason: str) -> MatterState:
    """Record that a review is urgent, so that its opinions may first be spoken; it stays visible (A32.3)."""
    await as_staff(act, matter_id, "review:record-oral")
    if faults := reason_faults(act.policy, "urgency", reason):
        raise Invalid(faults)
    texts = Texts()
    return await carry_out(act, matter_id, RecordUrgency(texts.commit(reason.strip())), seen=None, texts=texts)


async def record_oral(
    act: Act, residents: Residents, matter_id: UUID, expert_id: UUID, spoken: Spoken, *, seen: int
) -> MatterState:
    """Take down an opinion given by word of mouth; its author is told until when the written one must be signed.

    Raises:
        Invalid: when something is missing, the instant is ahead of now or before the material came, or the witness is
            the expert or who takes it down.
        Refused: ORAL_WITHOUT_URGENCY; when there is an opinion already; an interest that is known by now, as when the
            written opinion is signed.

    Source: A28.4, A32.3. Reading: U4.
    """
    state = await as_staff(act, matter_id, "review:record-oral")
    part = await part_of(act, state, expert_id, seen=seen)
    person_id = UUID(part.person_id)
    author = (await participants(act.session, [person_id]))[person_id].name
    if faults := _faults(act, part, spoken, author=author):
        raise Invalid(faults)
    texts = Texts()
    command = RecordOral(
        part.person_id,
        spoken.conclusion,
        spoken.given_at.astimezone(UTC),
        texts.commit(spoken.said.strip()),
        texts.commit(spoken.witness.strip()),
    )
    found = await opinion_obstacles(act, residents, matter_id, part)
    after = await carry_out(act, matter_id, command, seen=None, texts=texts, found=found)
    now = after.review.part(part.person_id)
    if now is not None and now.to_write is not None:
        due_on = day_of(now.to_write.written_by)
        await send_link(act, matter_id, person_id, template="ORAL_RECORDED", respond_by=due_on)
    return after


def _faults(act: Act, part: Part, spoken: Spoken, *, author: str) -> list[Fault]:
    faults = [] if spoken.conclusion in CONCLUSIONS else [Fault("oral_conclusion", "CHOICE_REQUIRED")]
    if spoken.given_at > act.at:
        faults.append(Fault("given_on", "INSTANT_AHEAD"))
    elif part.delivered_on is not None and day_of(spoken.given_at) < part.delivered_on:
        faults.append(Fault("given_on", "ORAL_BEFORE_MATERIAL", {"delivered_on": str(part.delivered_on)}))
    length = len(spoken.said.strip())
    if length < SAID_LEAST:
        faults.append(Fault("said", "FIELD_TOO_SHORT", {"least": SAID_LEAST, "length": length}))
    elif length > SAID_MOST:
        faults.append(Fault("said", "FIELD_TOO_LONG", {"most": SAID_MOST, "length": length}))
    witness = spoken.witness.strip()
    if not witness:
        faults.append(Fault("witness", "FIELD_REQUIRED"))
    elif len(witness) > WITNESS_MOST:
        faults.append(Fault("witness", "FIELD_TOO_LONG", {"most": WITNESS_MOST, "length": len(witness)}))
    elif witness in (author, act.viewer.name):
        # Two people of one name are told apart by the post, which stands beside the name.
        faults.append(Fault("witness", "WITNESS_IS_PARTY"))
    return faults
