"""Committing a draw: from then on everything that decides it is fixed, and its hash is public."""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from selection import PanelProblemFaults, problem_sha256
from selection.draw import (
    Commitment,
    Source,
    commit,
)
from service.actions.act import Act
from service.actions.assembly import Problem
from service.actions.draw_freezing import ready_draft, thawed
from service.actions.draw_people import require_for
from service.actions.matter_stream import Texts, carry_out
from service.actions.panels import prepare
from service.problems import Fault, Invalid, Refusal, Refused, Remedy
from service.storage.draws import (
    Draft,
    StoredDraw,
    draws_of,
    drop_draft,
    keep_commitment,
)
from service.storage.matter_rows import state_of
from service.storage.residents import Residents
from service.storage.session import Session
from workflow import (
    CommitDraw,
    MatterState,
)

WITNESSES_MOST = 20


@dataclass(frozen=True, slots=True)
class Committing:
    """What the center enters to commit a draw.

    Attributes:
        sources: where the seed will come from, at least one.
        reveal_on: first day on which the seed may be typed.
        witnesses: names of those who watch, at least one.
        title_public: whether the public page may say what the matter is.
    """

    sources: tuple[Source, ...]
    reveal_on: date
    witnesses: tuple[str, ...]
    title_public: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """A commitment made from a draft, not recorded yet."""

    draft: Draft
    entered: Committing
    commitment: Commitment


async def build_commitment(session: Session, matter_id: UUID, matter_number: str, entered: Committing) -> Built:
    """Make the commitment of the matter's draft; writes nothing, and hashes off the event loop.

    Raises:
        Invalid: with every fault of what was entered.
        Refused: when nothing is frozen.
    """
    faults = _entry_faults(entered)
    draft = await ready_draft(session, matter_id)
    state = await state_of(session, matter_id)
    number = 1 + sum(draw.round == state.open_round for draw in state.draws)

    def make() -> Commitment:
        request, lottery = thawed(draft)
        return commit(
            request,
            lottery,
            sources=entered.sources,
            matter=matter_number,
            panel=state.open_round,
            draw=number,
            reveal_on=entered.reveal_on,
        )

    try:
        commitment = await asyncio.to_thread(make)
    except PanelProblemFaults as found:
        raise Invalid([*faults, *_faults_of(found, "sources")]) from None
    if faults:
        raise Invalid(faults)
    return Built(draft, entered, commitment)


async def commit_draw(act: Act, residents: Residents, matter_id: UUID, built: Built, *, seen: int) -> StoredDraw:
    """Commit a draw: from now on everything that decides it is fixed, and its hash is public.

    Raises:
        Refused: when the library moved since it was frozen, or a rule says no.
    """
    await require_for(act, "draw:run", matter_id)
    _, problem = await _prepare(act, residents, matter_id)
    if await asyncio.to_thread(problem_sha256, problem.request) != built.draft.library_sha256:
        raise Refused([Refusal("LIBRARY_MOVED", remedies=(Remedy("FREEZE_AGAIN"),))])
    texts = Texts()
    value = built.commitment.value
    command = CommitDraw(
        number=value["draw"],
        commitment_sha256=built.commitment.sha256,
        problem_sha256=value["problem_sha256"],
        as_of=built.draft.as_of,
        reveal_on=built.entered.reveal_on,
        sources=len(built.commitment.sources),
        witnesses_sha256=texts.commit("\n".join(built.entered.witnesses)),
    )
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts)
    await keep_commitment(
        act.session,
        matter_id,
        after.draws[-1].round,
        after.draws[-1].number,
        commitment=value,
        people=built.draft.people,
        witnesses=built.entered.witnesses,
        title_public=built.entered.title_public,
    )
    await drop_draft(act.session, matter_id)
    return (await draws_of(act.session, matter_id))[-1]


async def _prepare(act: Act, residents: Residents, matter_id: UUID) -> tuple[MatterState, Problem]:
    return await prepare(
        act.session,
        residents,
        matter_id,
        settings=act.settings,
        edition=act.edition,
        policy=act.policy,
        on=act.on,
    )


def _entry_faults(entered: Committing) -> list[Fault]:
    faults = []
    if not entered.witnesses:
        faults.append(Fault("witnesses", "FIELD_REQUIRED"))
    if len(entered.witnesses) > WITNESSES_MOST:
        faults.append(Fault("witnesses", "WITNESSES_TOO_MANY", {"most": WITNESSES_MOST}))
    return faults


def _faults_of(found: PanelProblemFaults, at: str) -> list[Fault]:
    return [Fault(at, "SOURCE_UNFIT", {"place": fault.at, "why": fault.says}) for fault in found.faults]
