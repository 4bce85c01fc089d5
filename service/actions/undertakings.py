"""The undertaking to keep secrets, signed before any material is opened (A28.2)."""

import hashlib
from datetime import date
from uuid import UUID

from service.access import Viewer
from service.actions.act import Act
from service.actions.invitations import send_link
from service.actions.material import study_until
from service.actions.matter_stream import carry_out
from service.actions.reviewing import as_expert, as_staff, part_of
from service.actions.signatures import Made, Text, settle, wait_for_signature
from service.locales import say_day, translate
from service.problems import NotFound, Refusal, Refused
from service.settings import Settings
from service.storage.matter_rows import state_of
from service.storage.review import brief_of, relations_in_review
from service.storage.session import Session
from service.storage.signatures import Pending, add_document
from workflow import Command, DeliverMaterial, MatterState, SignUndertaking

KIND = "undertaking"
PARAGRAPHS = 4


async def undertaking_text(session: Session, viewer: Viewer, matter_id: UUID, *, settings: Settings, on: date) -> Text:
    """Return the undertaking of the viewer for a matter, always in Chinese: it is the document that counts.

    Raises:
        NotFound: when the viewer was not asked to take part.
    """
    if not await relations_in_review(session, viewer, matter_id):
        raise NotFound(subject="matter")
    state = await state_of(session, matter_id)
    brief = await brief_of(session, matter_id, abstract="")

    def say(code: str) -> str:
        return translate(code, "zh")

    return Text(
        kind=KIND,
        matter_id=matter_id,
        basis=_basis(state),
        values={
            "title": say("UNDERTAKING_TITLE"),
            "issuer": f"{settings.county}{say('UNDERTAKING_ISSUER')}",
            "number": brief.number,
            "verify": f"{say('DOCUMENT_VERIFY')}{settings.base_url}/verify",
            "date": [on.year, on.month, on.day],
            "facts": [
                [say("UNDERTAKING_MATTER"), brief.title],
                [say("UNDERTAKING_UNIT"), brief.unit_name],
                [say("UNDERTAKING_EXPERT"), viewer.name],
            ],
            "paragraphs": [say(f"UNDERTAKING_{number}") for number in range(1, PARAGRAPHS + 1)],
            "signed_by": say("UNDERTAKING_SIGNED_BY"),
            "name": viewer.name,
            "day": say_day(on, lang="zh"),
        },
        reason=say("UNDERTAKING_TITLE"),
    )


async def prepare_undertaking(act: Act, matter_id: UUID, pending: Pending) -> None:
    """Keep the prepared undertaking until the expert signs it."""
    state, part = await as_expert(act, matter_id, "review:work")
    if part.undertaking_sha256 or not part.active or state.cancelled:
        code = "UNDERTAKING_SIGNED" if part.undertaking_sha256 else "PART_ENDED"
        raise Refused([Refusal(code, edition=state.edition)])
    await wait_for_signature(act, pending)


async def sign_undertaking(act: Act, matter_id: UUID, made: Made | None) -> MatterState:
    """Sign the undertaking; material that was sent already is delivered in the same act, and the time begins (A32.2).

    Raises:
        NotFound, Stale, Refused: see `service.actions.signatures.settle`.
        Refused: when the expert takes no part, or has undertaken already.
    """
    state, part = await as_expert(act, matter_id, "review:work")
    signed, _ = await settle(
        act, made, kind=KIND, matter_id=matter_id, basis=_basis(state), round_=state.round, version=1
    )
    return await _undertake(act, matter_id, SignUndertaking(part.person_id, signed.sha256), state)


async def enter_undertaking(act: Act, matter_id: UUID, expert_id: UUID, scan: bytes, *, seen: int) -> MatterState:
    """Enter for the center an undertaking that the expert signed on paper, with its scan.

    Args:
        act: who, when.
        matter_id: the matter.
        expert_id: who signed.
        scan: a PDF that `service.documents.material.examine` took.
        seen: version of the expert's part.
    """
    state = await as_staff(act, matter_id, "review:enter-answer")
    part = await part_of(act, state, expert_id, seen=seen)
    digest = hashlib.sha256(scan).hexdigest()
    await add_document(
        act.session,
        kind=KIND,
        matter_id=matter_id,
        person_id=UUID(part.person_id),
        round_=state.round,
        version=1,
        how="paper",
        pdf=scan,
        sha256=digest,
        serial="",
        at=act.at,
    )
    return await _undertake(act, matter_id, SignUndertaking(part.person_id, digest, how="paper"), state)


async def _undertake(act: Act, matter_id: UUID, command: SignUndertaking, state: MatterState) -> MatterState:
    """Note the undertaking; material that was sent already is delivered in the same act."""
    then: list[Command] = []
    if state.review.material:
        earliest = study_until(act, state, act.on)
        then.append(DeliverMaterial(command.person_id, earliest.on, earliest.on, earliest.provisional))
    after = await carry_out(act, matter_id, command, seen=None, then=then)
    now = after.review.part(command.person_id)
    if then and now is not None and now.due_on is not None:
        await send_link(act, matter_id, UUID(command.person_id), template="MATERIAL_SENT", respond_by=now.due_on)
    return after


def _basis(state: MatterState) -> str:
    return f"round-{state.round}"
