"""Typing the seed of a draw: two persons, who must agree; the second time makes the draw."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from selection import PanelProblemFaults
from selection.draw import (
    DrawRecord,
    SourceValue,
    draw_panel,
    parse_commitment,
    read_value,
)
from service.actions.act import Act
from service.actions.draw_people import live_draw, members_in, record_from, require_for, waiting_in
from service.actions.matter_stream import carry_out
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.draws import (
    StoredDraw,
    committed_at_seq,
    keep_record,
    keep_typed,
)
from service.storage.matter_rows import state_of
from service.storage.residents import Residents
from service.storage.session import Session
from workflow import (
    MakeDraw,
    MatterState,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed for the sources of a draw, read, and the draw it makes when it is the second time.

    Attributes:
        draw: the draw as it was read.
        values: one for each source.
        record: what comes out, when another person has typed the same before; None otherwise.
    """

    draw: StoredDraw
    values: tuple[SourceValue, ...]
    record: DrawRecord | None


async def read_typed(
    session: Session, matter_id: UUID, person_id: UUID, texts: Sequence[str], signatures: Sequence[str] = ()
) -> Typed:
    """Read what was typed, and draw when it is what another person typed before; writes nothing.

    Args:
        session: reading.
        matter_id: the matter.
        person_id: who typed.
        texts: one for each source, in the order of the commitment.
        signatures: of drand rounds, in the places of their sources; empty texts elsewhere.

    Raises:
        Invalid: when a text cannot be what its source shows.
        NotFound: when no draw waits for a seed.
    """
    draw = await live_draw(session, matter_id, "committed")
    commitment = await asyncio.to_thread(parse_commitment, draw.commitment)
    values, faults = [], []
    for place, source in enumerate(commitment.sources):
        text = texts[place] if place < len(texts) else ""
        signature = signatures[place] if place < len(signatures) else ""
        try:
            values.append(read_value(source, text, signature=signature or None))
        except PanelProblemFaults:
            faults.append(Fault(f"value-{place}", "SEED_NOT_OF_SOURCE" if text.strip() else "FIELD_REQUIRED"))
    if faults:
        raise Invalid(faults)
    record = None
    if _second(draw, person_id) and _same(draw, values):
        record = await asyncio.to_thread(draw_panel, commitment, values)
    return Typed(draw, tuple(values), record)


async def type_seed(act: Act, residents: Residents, matter_id: UUID, typed: Typed, *, seen: int) -> MatterState:
    """Keep what the first person typed, or make the draw when the second typed the same.

    Returns:
        The state; its draw is `made` after the second time.

    Raises:
        Refused: when the two differ, when the commitment is not sealed by a signed checkpoint yet, or a rule says no.
    """
    await require_for(act, "draw:type-seed", matter_id)
    state = await state_of(act.session, matter_id)
    draw = await live_draw(act.session, matter_id, "committed")
    await _hold_sealed(act, matter_id)
    if not _second(draw, act.viewer.person_id):
        await keep_typed(
            act.session, draw.id, [value.to_json() for value in typed.values], by=act.viewer.person_id, at=act.at
        )
        act.record(
            "draw-seed.typed",
            stream=f"draw-seeds:{matter_id}",
            body={"round": draw.round, "number": draw.number},
            edition=state.edition,
        )
        return state
    if not _same(draw, typed.values):
        count = sum(held != value.to_json() for held, value in zip(draw.typed or (), typed.values, strict=True))
        raise Refused([Refusal("SEEDS_DIFFER", facts={"count": count}, remedies=(Remedy("TYPE_AGAIN"),))])
    if typed.record is None:
        raise Refused([Refusal("SEED_MOVED", remedies=(Remedy("TYPE_AGAIN"),))])
    record = record_from(typed.record, act)
    command = MakeDraw(
        first_by=str(draw.typed_by),
        record_sha256=record.sha256,
        members=members_in(residents, draw, typed.record),
        reserves=waiting_in(residents, draw, typed.record),
    )
    after = await carry_out(act, matter_id, command, seen=seen)
    await keep_typed(act.session, draw.id, None, by=None, at=None)
    await keep_record(act.session, draw.id, record)
    return after


async def start_seed_again(act: Act, matter_id: UUID) -> None:
    """Forget what the first person typed, so that both type it anew."""
    await require_for(act, "draw:run", matter_id)
    draw = await live_draw(act.session, matter_id, "committed")
    await keep_typed(act.session, draw.id, None, by=None, at=None)
    act.record(
        "draw-seed.forgotten",
        stream=f"draw-seeds:{matter_id}",
        body={"round": draw.round, "number": draw.number},
    )


async def _hold_sealed(act: Act, matter_id: UUID) -> None:
    draw = await live_draw(act.session, matter_id, "committed")
    _, sealed = await committed_at_seq(act.session, matter_id, draw.commitment_sha256)
    if not sealed:
        raise Refused([Refusal("DRAW_NOT_SEALED", remedies=(Remedy("WAIT_A_MOMENT"),))])


def _second(draw: StoredDraw, person_id: UUID) -> bool:
    return draw.typed_by is not None and draw.typed_by != person_id


def _same(draw: StoredDraw, values: Sequence[SourceValue]) -> bool:
    return list(draw.typed or ()) == [value.to_json() for value in values]
