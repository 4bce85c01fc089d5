"""Asking the members of a panel, and what they answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from service.access import Viewer
from service.access.sign_in import viewer_by_account
from service.actions.act import Act
from service.actions.conflict_checks import ACCEPTANCE, INVITATION, obstacles
from service.actions.declarations import declare_for_matter
from service.actions.links import SentLink, write_link
from service.actions.matter_stream import Texts, carry_out
from service.actions.occurrences import note_refusal
from service.actions.reason import REASON_MOST, reason_faults
from service.actions.reviewing import as_expert, as_staff, part_of
from service.jobs import notify
from service.problems import Fault, Invalid, NotFound
from service.storage.declarations import NONE
from service.storage.matters import clerks_of
from service.storage.residents import Residents
from service.storage.review import behind_link, expert_of_person, person_of_expert
from service.storage.session import Session
from workflow import (
    ACCEPTED,
    DECLINED,
    OBJECTIVE,
    RECUSED,
    AnswerInvitation,
    AskRelease,
    BrokenRule,
    Command,
    Invite,
    MatterState,
    Part,
    ReleaseMember,
    ReplaceMember,
    SeeInvitation,
)

ABSTRACT_LEAST: Final = 10
ABSTRACT_MOST: Final = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expert answers.

    Attributes:
        answer: `accepted`, `declined` or `recused`.
        code: why, coded.
        until_on: until when the expert cannot take part.
        note: what the expert says further, up to 500 characters.
        via: `self`, or `phone` or `letter` when the center enters it.
    """

    answer: str
    code: str = ""
    until_on: date | None = None
    note: str = ""
    via: str = "self"


async def invite(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    experts: Sequence[UUID],
    *,
    respond_by: date,
    abstract: str,
    seen: int,
) -> MatterState:
    """Ask members of the determined panel to take part; each gets a notice with a link of their own.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        experts: whom.
        respond_by: last day for the answer.
        abstract: what they learn about the matter before they accept; no secrets.
        seen: version of the matter.

    Raises:
        Invalid: when the abstract is missing, short or long.
        Refused: when no panel is determined, somebody is no member or was asked already, or an interest is known.

    Source: A28.4, A32.1.
    """
    state = await as_staff(act, matter_id, "review:invite", seen=seen)
    if faults := abstract_faults(abstract):
        raise Invalid(faults)
    texts = Texts()
    people = tuple([str(await person_of_expert(act.session, expert_id)) for expert_id in experts])
    command = Invite(people, respond_by, texts.commit(abstract.strip()))
    members = {member.person_id for member in state.panel.members} if state.panel else set()
    found = await obstacles(act, residents, matter_id, INVITATION, [one for one in people if one in members])
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts, found=found)
    for person in people:
        await send_link(act, matter_id, UUID(person), template="INVITATION", respond_by=respond_by)
    return after


async def see_invitation(act: Act, matter_id: UUID) -> None:
    """Note that the expert has opened the invitation; once."""
    _, part = await as_expert(act, matter_id, "review:answer")
    if part.seen_at is None:
        await carry_out(act, matter_id, SeeInvitation(part.person_id), seen=None)


async def answer_invitation(
    act: Act, residents: Residents, matter_id: UUID, answer: Answer, *, seen: int
) -> MatterState:
    """Accept, decline or withdraw; interests are looked up again before somebody accepts (A28.4).

    Raises:
        Invalid: when the note is too long.
        Refused: when it was answered already, the reason is none of the known ones, or an interest is known.
    """
    _, part = await as_expert(act, matter_id, "review:answer", seen=seen)
    found = await _before_accepting(act, residents, matter_id, part, answer)
    after = await _answer(act, matter_id, part.person_id, replace(answer, via="self"), found)
    if answer.answer == ACCEPTED:
        # The page says that accepting declares it; the declaration stands beside those of the center's own list.
        await declare_for_matter(act, matter_id, answer=NONE)
    return after


async def enter_answer(
    act: Act, residents: Residents, matter_id: UUID, expert_id: UUID, answer: Answer, *, seen: int
) -> MatterState:
    """Enter for the center what an expert said by telephone or letter, or that there was no answer."""
    state = await as_staff(act, matter_id, "review:enter-answer")
    part = await part_of(act, state, expert_id, seen=seen)
    if faults := reason_faults(act.policy, "note", answer.note):
        raise Invalid(faults)
    found = await _before_accepting(act, residents, matter_id, part, answer)
    return await _answer(act, matter_id, part.person_id, answer, found)


async def ask_release(act: Act, matter_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Ask to be let go after having accepted; the center decides."""
    _, part = await as_expert(act, matter_id, "review:answer", seen=seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = AskRelease(part.person_id, texts.commit(reason.strip()))
    after = await carry_out(act, matter_id, command, seen=None, texts=texts)
    await _tell_clerks(act, matter_id, "RELEASE_ASKED", part.person_id, after.version)
    return after


async def release(act: Act, matter_id: UUID, expert_id: UUID, *, reason: str, seen: int) -> MatterState:
    """Let an expert go; access ends at once."""
    state = await as_staff(act, matter_id, "review:release")
    part = await part_of(act, state, expert_id, seen=seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    command = ReleaseMember(part.person_id, texts.commit(reason.strip()))
    after = await carry_out(act, matter_id, command, seen=None, texts=texts)
    await _tell_released(act, matter_id, part.person_id, after.version)
    return after


async def call_reserve(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    out_id: UUID,
    in_id: UUID,
    *,
    reason: str,
    respond_by: date,
    seen: int,
) -> MatterState:
    """Put a reserve in the place of a member who does not take part, and ask the reserve in the same act.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        out_id: the expert who leaves.
        in_id: the reserve, named for this place.
        reason: why.
        respond_by: last day for the reserve's answer.
        seen: version of the leaving expert's part.

    Raises:
        Refused: when the one is no member or the other no reserve for the place, or has an interest by now.

    Source: A31, A32.1.
    """
    state = await as_staff(act, matter_id, "review:release")
    part = await part_of(act, state, out_id, seen=seen)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    newcomer = str(await person_of_expert(act.session, in_id))
    texts = Texts()
    command = ReplaceMember(part.person_id, newcomer, cause_of(part, act.on), texts.commit(reason.strip()))
    then: list[Command] = [Invite((newcomer,), respond_by, state.review.abstract_sha256)]
    found = await obstacles(act, residents, matter_id, INVITATION, [newcomer])
    after = await carry_out(act, matter_id, command, seen=None, texts=texts, found=found, then=then)
    await tell_of_change(act, matter_id, part, newcomer, respond_by=respond_by, version=after.version)
    return after


async def tell_of_change(
    act: Act, matter_id: UUID, left: Part | None, newcomer: str, *, respond_by: date, version: int
) -> None:
    """Invite who came in, and tell who left without having said so."""
    await send_link(act, matter_id, UUID(newcomer), template="INVITATION", respond_by=respond_by)
    if left is not None and (left.open or left.active):
        await _tell_released(act, matter_id, left.person_id, version)


def cause_of(part: Part, on: date) -> str:
    """Return why somebody leaves, as one of `CAUSES`, from how the part stands on a day."""
    if part.ended == "released":
        return "released"
    if part.answer == DECLINED:
        return "declined-objective" if OBJECTIVE.get(part.code, False) else "declined"
    if part.answer == RECUSED:
        return "recused"
    return "late" if part.unanswered(on) or part.standing(on) == "late" else "left-library"


async def guest_of(session: Session, token: str, *, at: datetime) -> tuple[Viewer, UUID]:
    """Return who comes by a link, as a viewer of that one matter, and the matter.

    Raises:
        NotFound: when the link is wrong, has expired, or its account is closed.
    """
    account_id, matter_id = await behind_link(session, hashlib.sha256(token.encode()).hexdigest(), at=at)
    viewer = await viewer_by_account(session, account_id, session_digest="link", only_matter=matter_id)
    if viewer is None:
        raise NotFound(subject="link")
    return viewer, matter_id


async def send_link(act: Act, matter_id: UUID, person_id: UUID, *, template: str, respond_by: date) -> None:
    """Write a notice with a fresh link to the review; former links of the person to this matter end."""
    sent = await write_link(act.session, act.keys, matter_id, person_id, template=template, at=act.at, day=respond_by)
    note_account(act, sent)


def note_account(act: Act, sent: SentLink) -> None:
    """Record the account without a password that a link was the first to need."""
    if sent.fresh:
        body = {"roles": ["expert"], "by": "invitation"}
        act.record("account.added", stream=f"account:{sent.account_id}", body=body)


def abstract_faults(abstract: str) -> list[Fault]:
    """Return the faults of what is told about a matter before acceptance."""
    length = len(abstract.strip())
    if not length:
        return [Fault("abstract", "FIELD_REQUIRED")]
    if length < ABSTRACT_LEAST:
        return [Fault("abstract", "FIELD_TOO_SHORT", {"least": ABSTRACT_LEAST, "length": length})]
    if length > ABSTRACT_MOST:
        return [Fault("abstract", "FIELD_TOO_LONG", {"most": ABSTRACT_MOST, "length": length})]
    return []


async def _answer(
    act: Act, matter_id: UUID, person_id: str, answer: Answer, found: Sequence[BrokenRule]
) -> MatterState:
    if len(answer.note.strip()) > REASON_MOST:
        raise Invalid([Fault("note", "FIELD_TOO_LONG", {"most": REASON_MOST, "length": len(answer.note.strip())})])
    texts = Texts()
    command = AnswerInvitation(
        person_id,
        answer.answer,
        "" if answer.answer == ACCEPTED else answer.code,
        answer.until_on,
        texts.commit(answer.note.strip()),
        answer.via,
    )
    after = await carry_out(act, matter_id, command, seen=None, texts=texts, found=found)
    if answer.answer == DECLINED:
        expert_id = await expert_of_person(act.session, UUID(person_id))
        await note_refusal(act, expert_id, matter_id, code=answer.code, version=after.version)
    if answer.answer != ACCEPTED:
        await _tell_clerks(act, matter_id, f"EXPERT_{answer.answer.upper()}", person_id, after.version)
    return after


async def _before_accepting(
    act: Act, residents: Residents, matter_id: UUID, part: Part, answer: Answer
) -> tuple[BrokenRule, ...]:
    if answer.answer != ACCEPTED:
        return ()
    return await obstacles(act, residents, matter_id, ACCEPTANCE, [part.person_id])


async def _tell_clerks(act: Act, matter_id: UUID, template: str, person_id: str, version: int) -> None:
    """Tell who looks after the matter at the center; without anybody, it stands on the board of the center."""
    for account_id in await clerks_of(act.session, matter_id):
        await notify(
            act.session,
            template,
            key=f"{template.lower()}:{matter_id}:{version}:{account_id}",
            at=act.at,
            account_id=account_id,
            params={"matter_id": str(matter_id), "person_id": person_id, "path": f"/matters/{matter_id}/review"},
        )


async def _tell_released(act: Act, matter_id: UUID, person_id: str, version: int) -> None:
    await notify(
        act.session,
        "EXPERT_RELEASED",
        key=f"released:{matter_id}:{person_id}:{version}",
        at=act.at,
        person_id=UUID(person_id),
        params={"matter_id": str(matter_id)},
    )
