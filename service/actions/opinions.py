"""Opinions: written by their authors alone, signed, amended as further versions, counted (A27.3, A31, A32.3)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from service.access import Viewer
from service.actions.act import Act, same_version
from service.actions.institutions import opinion_obstacles
from service.actions.matter_stream import Texts, carry_out
from service.actions.reason import reason_faults
from service.actions.reviewing import as_expert, as_staff, part_of
from service.actions.signatures import Made, Text, settle, wait_for_signature
from service.locales import say_day, say_when, translate
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, TextMovedOn
from service.settings import Settings
from service.storage.matter_rows import state_of
from service.storage.opinions import draft_of, keep_content, save_draft
from service.storage.organisations import organisation_name
from service.storage.paper import drop_paper
from service.storage.residents import Residents
from service.storage.review import brief_of, relations_in_review
from service.storage.session import Session
from service.storage.signatures import Pending
from workflow import CONCLUSIONS, CloseOpinions, MatterState, OpenOpinions, Part, SetAsideOpinion, SignOpinion

KIND: Final = "opinion"
SECTIONS: Final = ("necessity", "feasibility", "soundness", "risk", "dissent")
SECTION_MOST: Final = 4000
POINTS_MOST: Final = 40
POINT_MOST: Final = 800


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an expert writes.

    Attributes:
        necessity, feasibility, soundness, risk: on these, each may be empty.
        dissent: where the author differs from what is known of the others.
        points: numbered, each to be answered by the unit.
        conclusion: one of `workflow.CONCLUSIONS`, or empty in a draft.
    """

    necessity: str = ""
    feasibility: str = ""
    soundness: str = ""
    risk: str = ""
    dissent: str = ""
    points: tuple[str, ...] = ()
    conclusion: str = ""


async def write_draft(act: Act, matter_id: UUID, opinion: Opinion, *, seen: int) -> int:
    """Keep what the expert writes, and return its version; nobody else reads it.

    Raises:
        Stale: when another tab or device saved since.
        Invalid: when something is too long.
        Refused: when the expert takes no part, or the opinions are in.
    """
    state, part = await as_expert(act, matter_id, "review:work")
    if not part.active or state.review.closed or not part.material:
        raise Refused([Refusal("PART_ENDED", edition=state.edition, facts={"standing": part.standing(act.on)})])
    if faults := draft_faults(opinion):
        raise Invalid(faults)
    held = await draft_of(act.session, matter_id, act.viewer.person_id, state.round)
    same_version(seen, held.version, subject=f"opinion-draft:{matter_id}")
    return await save_draft(act.session, matter_id, act.viewer.person_id, state.round, content_of(opinion), at=act.at)


async def opinion_text(
    session: Session, viewer: Viewer, matter_id: UUID, *, settings: Settings, on: Any, seen: int | None = None
) -> Text:
    """Return the viewer's opinion as the document to sign, from the saved draft.

    Args:
        session: a reading session.
        viewer: the author.
        matter_id: the matter.
        settings: of the installation.
        on: the day that the document bears.
        seen: version of the draft that the author saw before signing; None for a print, which is read before it is.

    Raises:
        NotFound: when the viewer was not asked to take part.
        TextMovedOn: when another tab or device saved since.
        Invalid: when the draft is not complete.
    """
    if not await relations_in_review(session, viewer, matter_id):
        raise NotFound(subject="matter")
    state = await state_of(session, matter_id)
    draft = await draft_of(session, matter_id, viewer.person_id, state.round)
    if seen is not None and seen != draft.version:
        raise TextMovedOn(subject=KIND)
    opinion = opinion_of(draft.content)
    if faults := signing_faults(opinion):
        raise Invalid(faults)
    brief = await brief_of(session, matter_id, abstract="")
    part = state.review.part(str(viewer.person_id))
    institution = await organisation_name(session, UUID(part.institution)) if part and part.institution else None

    def say(code: str) -> str:
        return translate(code, "zh")

    return Text(
        kind=KIND,
        matter_id=matter_id,
        basis=_basis(draft.content, part),
        values={
            "title": say("OPINION_TITLE"),
            "issuer": f"{settings.county}{say('UNDERTAKING_ISSUER')}",
            "number": brief.number,
            "verify": f"{say('DOCUMENT_VERIFY')}{settings.base_url}/verify",
            "date": [on.year, on.month, on.day],
            "facts": [
                [say("UNDERTAKING_MATTER"), brief.title],
                [say("UNDERTAKING_UNIT"), brief.unit_name],
                [say("UNDERTAKING_EXPERT"), viewer.name],
                *([[say("OPINION_INSTITUTION"), institution]] if institution else []),
                [say("OPINION_CONCLUSION"), say(f"CONCLUSION_{opinion.conclusion.upper().replace('-', '_')}")],
                *_spoken(part),
            ],
            "sections": [
                [say(f"OPINION_{name.upper()}"), getattr(opinion, name)] for name in SECTIONS if getattr(opinion, name)
            ],
            "points_heading": say("OPINION_POINTS"),
            "points": list(opinion.points),
            "signed_by": say("OPINION_SIGNED_FOR" if institution else "OPINION_SIGNED_BY"),
            "name": viewer.name,
            "day": say_day(on, lang="zh"),
        },
        reason=say("OPINION_TITLE"),
    )


async def prepare_opinion(act: Act, matter_id: UUID, pending: Pending) -> None:
    """Keep the prepared opinion until its author signs it."""
    state, part = await as_expert(act, matter_id, "review:work")
    if not part.active or state.review.closed:
        raise Refused([Refusal("PART_ENDED", edition=state.edition, facts={"standing": part.standing(act.on)})])
    await wait_for_signature(act, pending)


async def sign_opinion(act: Act, residents: Residents, matter_id: UUID, made: Made | None) -> MatterState:
    """File the signed opinion; a further one is a further version, and the former stays in the file.

    Raises:
        NotFound, Stale, Refused: see `service.actions.signatures.settle`.
        Refused: when the expert takes no part, nothing was delivered, the opinions are in, or an interest is known.

    Source: A27.3, A28.1, A32.3.
    """
    state, part = await as_expert(act, matter_id, "review:work")
    draft = await draft_of(act.session, matter_id, act.viewer.person_id, state.round)
    opinion = opinion_of(draft.content)
    version = 1 if part.opinion is None else part.opinion.version + 1
    signed, document_id = await settle(
        act,
        made,
        kind=KIND,
        matter_id=matter_id,
        basis=_basis(draft.content, part),
        round_=state.round,
        version=version,
    )
    await keep_content(act.session, document_id, draft.content)
    await drop_paper(act.session, matter_id, act.viewer.person_id, state.round)
    command = SignOpinion(part.person_id, signed.sha256, len(opinion.points), opinion.conclusion)
    found = await opinion_obstacles(act, residents, matter_id, part)
    return await carry_out(act, matter_id, command, seen=None, found=found)


async def set_aside_opinion(act: Act, matter_id: UUID, expert_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Let a signed opinion not count because of an interest found later; it stays in the file (U40)."""
    state = await as_staff(act, matter_id, "review:judge-opinions")
    part = await part_of(act, state, expert_id, seen=seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = SetAsideOpinion(part.person_id, texts.commit(reason.strip()))
    return await carry_out(act, matter_id, command, seen=None, texts=texts)


async def open_opinions(act: Act, matter_id: UUID) -> MatterState:
    """Let those who have signed read each other's opinions."""
    await as_staff(act, matter_id, "review:judge-opinions")
    return await carry_out(act, matter_id, OpenOpinions(), seen=None)


async def close_opinions(act: Act, matter_id: UUID, *, reason: str = "") -> MatterState:
    """State that the opinions are in: five, or nine, signed ones, or fewer with the center's reason (A31; U4)."""
    await as_staff(act, matter_id, "review:judge-opinions")
    if reason.strip() and (faults := reason_faults(act.policy, "close_reason", reason)):
        raise Invalid(faults)
    texts = Texts()
    return await carry_out(act, matter_id, CloseOpinions(texts.commit(reason.strip())), seen=None, texts=texts)


def opinion_of(content: Mapping[str, Any]) -> Opinion:
    """Return what `content_of` stored."""
    values = {name: str(content.get(name, "")) for name in (*SECTIONS, "conclusion")}
    return Opinion(**values, points=tuple(content.get("points", ())))


def draft_faults(opinion: Opinion) -> list[Fault]:
    """Return what keeps an opinion from being saved: only what is too long."""
    faults = [
        Fault(name, "FIELD_TOO_LONG", {"most": SECTION_MOST, "length": len(getattr(opinion, name))})
        for name in SECTIONS
        if len(getattr(opinion, name)) > SECTION_MOST
    ]
    if len(opinion.points) > POINTS_MOST:
        faults.append(Fault("points", "POINTS_TOO_MANY", {"most": POINTS_MOST}))
    if any(len(point) > POINT_MOST for point in opinion.points):
        faults.append(Fault("points", "POINT_TOO_LONG", {"most": POINT_MOST}))
    return faults


def signing_faults(opinion: Opinion) -> list[Fault]:
    """Return what keeps an opinion from being signed."""
    faults = draft_faults(opinion)
    if opinion.conclusion not in CONCLUSIONS:
        faults.append(Fault("conclusion", "FIELD_REQUIRED"))
    if not opinion.points:
        faults.append(Fault("points", "POINTS_MISSING"))
    return faults


def _spoken(part: Part | None) -> list[list[str]]:
    """Return the line by which a written opinion names the oral one that it follows (A32.3)."""
    if part is None or part.oral is None:
        return []
    said = translate(
        "OPINION_SPOKEN_AT",
        "zh",
        when=say_when(part.oral.given_at, lang="zh"),
        conclusion=translate(f"CONCLUSION_{part.oral.conclusion.upper().replace('-', '_')}", "zh"),
    )
    return [[translate("OPINION_SPOKEN", "zh"), said]]


def content_of(opinion: Opinion) -> dict[str, Any]:
    """Return an opinion as it is stored."""
    return asdict(opinion) | {"points": list(opinion.points)}


def _basis(content: Mapping[str, Any], part: Part | None) -> str:
    """Return what changes whenever the document would be another one."""
    held = {
        "content": dict(content),
        "institution": part.institution if part else "",
        "spoken": _spoken(part),
    }
    return hashlib.sha256(json.dumps(held, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
