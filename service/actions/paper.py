"""Opinions signed on paper: scanned, entered by one person of the center, compared by another (A32.3)."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from service.actions.act import Act
from service.actions.institutions import opinion_obstacles
from service.actions.invitations import send_link
from service.actions.matter_stream import Texts, carry_out
from service.actions.opinions import KIND, Opinion, content_of, signing_faults
from service.actions.reason import reason_faults
from service.actions.reviewing import as_staff, part_of
from service.clock import day_of
from service.problems import Fault, Invalid
from service.storage.opinions import keep_content
from service.storage.paper import drop_paper, keep_paper, paper_of
from service.storage.residents import Residents
from service.storage.signatures import add_document
from workflow import ConfirmPaper, EnterPaper, MatterState, RejectPaper


@dataclass(frozen=True, slots=True)
class OnPaper:
    """An opinion on paper as it is entered.

    Attributes:
        opinion: its points and conclusion, copied from it.
        received_at: when it reached the center, aware: this decides what is in time.
        scan: a PDF that `service.documents.scan.as_document` made.
    """

    opinion: Opinion
    received_at: datetime
    scan: bytes


async def enter_paper(act: Act, matter_id: UUID, expert_id: UUID, paper: OnPaper, *, seen: int) -> MatterState:
    """Enter an opinion that an expert signed on paper; it does not count before a second person confirms it.

    Raises:
        Invalid: when conclusion or points are missing, or the instant is ahead of now or before the material came.
        Refused: when the expert takes no part, nothing was delivered, or one waits already.

    Source: A32.3.
    """
    state = await as_staff(act, matter_id, "review:enter-paper")
    part = await part_of(act, state, expert_id, seen=seen)
    faults = signing_faults(paper.opinion)
    if paper.received_at > act.at:
        faults.append(Fault("received_on", "INSTANT_AHEAD"))
    elif part.delivered_on is not None and day_of(paper.received_at) < part.delivered_on:
        faults.append(Fault("received_on", "ORAL_BEFORE_MATERIAL", {"delivered_on": str(part.delivered_on)}))
    if faults:
        raise Invalid(faults)
    await keep_paper(
        act.session,
        matter_id,
        UUID(part.person_id),
        state.round,
        content=content_of(paper.opinion),
        scan=paper.scan,
        at=act.at,
    )
    command = EnterPaper(
        part.person_id,
        hashlib.sha256(paper.scan).hexdigest(),
        len(paper.opinion.points),
        paper.opinion.conclusion,
        paper.received_at.astimezone(UTC),
        day_of(paper.received_at),
    )
    return await carry_out(act, matter_id, command, seen=None)


async def confirm_paper(act: Act, residents: Residents, matter_id: UUID, expert_id: UUID, *, seen: int) -> MatterState:
    """Say that what was entered is what the scan says; from then on the opinion counts, and its author is told.

    Raises:
        Refused: PAPER_NEEDS_SECOND_PERSON for who entered it; NO_PAPER_WAITS; an interest that is known by now.
    """
    state = await as_staff(act, matter_id, "review:enter-paper")
    part = await part_of(act, state, expert_id, seen=seen)
    found = await opinion_obstacles(act, residents, matter_id, part)
    after = await carry_out(act, matter_id, ConfirmPaper(part.person_id), seen=None, found=found)
    now = after.review.part(part.person_id)
    if now is None or now.opinion is None:
        raise RuntimeError("an opinion was confirmed and is not there")
    person_id = UUID(part.person_id)
    paper = await paper_of(act.session, matter_id, person_id, state.round)
    document_id = await add_document(
        act.session,
        kind=KIND,
        matter_id=matter_id,
        person_id=person_id,
        round_=state.round,
        version=now.opinion.version,
        how="paper",
        pdf=paper.scan,
        sha256=now.opinion.document_sha256,
        serial="",
        at=act.at,
    )
    await keep_content(act.session, document_id, paper.content)
    await drop_paper(act.session, matter_id, person_id, state.round)
    await send_link(act, matter_id, person_id, template="PAPER_TAKEN", respond_by=now.opinion.signed_on)
    return after


async def reject_paper(act: Act, matter_id: UUID, expert_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Say that what was entered is wrong; it is entered anew."""
    state = await as_staff(act, matter_id, "review:enter-paper")
    part = await part_of(act, state, expert_id, seen=seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = RejectPaper(part.person_id, texts.commit(reason.strip()))
    after = await carry_out(act, matter_id, command, seen=None, texts=texts)
    await drop_paper(act.session, matter_id, UUID(part.person_id), state.round)
    return after
