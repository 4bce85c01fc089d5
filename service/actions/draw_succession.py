"""Going on with a draw when somebody does not sit, and what is proposed of it."""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from selection import PanelProblemFaults, problem_sha256
from selection import Reserve as NamedReserve
from selection.draw import (
    DrawRecord,
    SourceValue,
    draw_panel,
    parse_commitment,
)
from service.actions.act import Act
from service.actions.assembly import Problem
from service.actions.draw_people import live_draw, members_in, person_of, record_from, require_for, waiting_in
from service.actions.invitations import cause_of, tell_of_change
from service.actions.matter_stream import Texts, carry_out
from service.actions.panels import Chosen, broken_by, check_list
from service.actions.reason import reason_faults
from service.actions.reviewing import as_staff, part_of
from service.problems import Fault, Invalid, NotFound
from service.storage.draws import (
    StoredDraw,
    keep_record,
)
from service.storage.matter_rows import state_of
from service.storage.residents import Residents
from service.storage.session import Session
from workflow import (
    DRAWN,
    BrokenRule,
    Command,
    ContinueDraw,
    Invite,
    MatterState,
)


@dataclass(frozen=True, slots=True)
class Succession:
    """How a draw goes on when somebody does not sit.

    Attributes:
        draw: the draw as it was read.
        steps: who leaves, who joins (None: a reserve left, or nobody can), and the record then. After the first, those
            whom the draw called and today's check of interests and standing excludes.
        problem: the panel problem as of today.
    """

    draw: StoredDraw
    steps: tuple[tuple[UUID, UUID | None, DrawRecord], ...]
    problem: Problem


async def find_succession(session: Session, matter_id: UUID, out: UUID, problem: Problem) -> Succession:
    """Find who joins by the same draw; writes nothing, and draws off the event loop.

    Raises:
        NotFound: when no draw was made, or the expert does not stand in it.
    """
    draw = await live_draw(session, matter_id, "made")
    if out not in draw.numbers or draw.record is None:
        raise NotFound(subject="expert")
    commitment = await asyncio.to_thread(parse_commitment, draw.commitment)
    values = tuple(SourceValue(row["name"], row["value"], row.get("signature")) for row in draw.record["sources"])
    declined = [row["id"] for row in draw.record["declines"]]
    steps = []
    leaves = draw.numbers[out]
    while True:
        declined.append(leaves)
        try:
            record = await asyncio.to_thread(draw_panel, commitment, values, declined=tuple(declined))
        except PanelProblemFaults:
            raise NotFound(subject="expert") from None
        joins = record.declines[-1].joins
        comes = None if joins is None else draw.people[joins]
        steps.append((draw.people[leaves], comes, record))
        if joins is None or str(comes) not in problem.request.excluded_ids:
            return Succession(draw, tuple(steps), problem)
        leaves = joins


async def continue_draw(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    succession: Succession,
    *,
    cause: str,
    reason: str,
    seen: int | None,
    respond_by: date | None = None,
) -> MatterState:
    """Let the draw go on after somebody declined or may not sit; in a determined panel the joiner sits at once.

    Where the members were asked to take part already, the joiner is asked in the same act.

    Args:
        act: who, when.
        residents: the library.
        matter_id: the matter.
        succession: who leaves and who joins.
        cause: one of `DECLINE_CAUSES`.
        reason: why, in words.
        seen: version of the matter that the person saw; None where another version was compared.
        respond_by: last day for the joiner's answer, once the members were asked.

    Raises:
        Invalid: when the reason is missing or too short, or the day for the answer is missing.
        Refused: when nobody can join, the new panel breaks a rule today, or a rule of draws says no.
    """
    await require_for(act, "draw:run", matter_id)
    state = await state_of(act.session, matter_id)
    draw = succession.draw
    left, joined = person_of(residents, succession.steps[0][0]), _joined(residents, succession)
    asks = joined is not None and state.panel is not None and bool(state.review.parts)
    faults = reason_faults(act.policy, "reason", reason)
    if asks and respond_by is None:
        faults.append(Fault("respond_by", "FIELD_REQUIRED"))
    if faults:
        raise Invalid(faults)
    texts = Texts()
    reason_sha256 = texts.commit(reason.strip())
    commands: list[Command] = []
    records = []
    for place, (out, in_, found) in enumerate(succession.steps):
        record = record_from(found, act)
        records.append(record)
        commands.append(
            ContinueDraw(
                out=person_of(residents, out),
                in_=None if in_ is None else person_of(residents, in_),
                cause=cause if place == 0 else "ineligible",
                reason_sha256=reason_sha256,
                record_sha256=record.sha256,
                members=members_in(residents, draw, found),
                reserves=waiting_in(residents, draw, found),
            )
        )
    found_now: tuple[BrokenRule, ...] = ()
    if state.panel is not None:
        last = succession.steps[-1][2]
        members = [draw.people[member.id] for member in last.panel]
        check = await asyncio.to_thread(check_list, succession.problem, members, seed=str(matter_id))
        found_now = broken_by(check)
    if asks and joined and respond_by:
        commands.append(Invite((joined,), respond_by, state.review.abstract_sha256))
    after = await carry_out(act, matter_id, commands[0], seen=seen, texts=texts, found=found_now, then=commands[1:])
    for record in records:
        await keep_record(act.session, draw.id, record)
    if asks and joined and respond_by:
        part = state.review.part(left)
        await tell_of_change(act, matter_id, part, joined, respond_by=respond_by, version=after.version)
    return after


async def call_by_draw(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    succession: Succession,
    *,
    reason: str,
    respond_by: date,
    seen: int,
) -> MatterState:
    """Replace a member of a drawn panel who does not take part: the same draw goes on, and who joins is asked at once.

    Args:
        act: who, when.
        residents: the library.
        matter_id: the matter.
        succession: who leaves and who joins.
        reason: why.
        respond_by: last day for the joiner's answer.
        seen: version of the leaving expert's part.

    Raises:
        Invalid: when the reason is missing or too short.
        Refused: as for `continue_draw`.
        Stale: when the part moved since it was seen.

    Source: A31, A32.1.
    """
    state = await as_staff(act, matter_id, "review:release")
    part = await part_of(act, state, succession.steps[0][0], seen=seen)
    return await continue_draw(
        act,
        residents,
        matter_id,
        succession,
        cause=cause_of(part, act.on),
        reason=reason,
        seen=None,
        respond_by=respond_by,
    )


def _joined(residents: Residents, succession: Succession) -> str | None:
    joins = succession.steps[-1][1]
    return None if joins is None else person_of(residents, joins)


def choose_drawn(problem: Problem, draw: StoredDraw, *, seed: str) -> Chosen:
    """Check the drawn panel against a problem as of today; pure work, off the event loop."""
    record = draw.record or {"panel": (), "reserves": (), "declines": ()}
    members = tuple(draw.people[row["id"]] for row in record["panel"])
    gone = {one for row in record["declines"] for one in (row["id"], row["joins"])}
    sitting = {row["id"] for row in record["panel"]}
    reserves = tuple(
        NamedReserve(
            str(draw.people[row["id"]]), None, tuple(str(draw.people[one]) for one in row["replaces"] if one in sitting)
        )
        for row in record["reserves"]
        if row["id"] not in gone
    )
    check = check_list(problem, members, seed=seed)
    return Chosen(members, check, problem_sha256(problem.request), reserves, DRAWN)
