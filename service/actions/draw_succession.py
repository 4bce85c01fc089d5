"""Going on with a draw when somebody does not sit, and what is proposed of it."""

import asyncio
from dataclasses import dataclass
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
from service.actions.matter_stream import Texts, carry_out
from service.actions.panels import Chosen, broken_by, check_list
from service.actions.reason import reason_faults
from service.problems import Invalid, NotFound
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
    ContinueDraw,
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
    act: Act, residents: Residents, matter_id: UUID, succession: Succession, *, cause: str, reason: str, seen: int
) -> MatterState:
    """Let the draw go on after somebody declined or may not sit; in a determined panel the joiner sits at once.

    Raises:
        Invalid: when the reason is missing or too short.
        Refused: when nobody can join, the new panel breaks a rule today, or a rule of draws says no.
    """
    await require_for(act, "draw:run", matter_id)
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    state = await state_of(act.session, matter_id)
    draw = succession.draw
    texts = Texts()
    reason_sha256 = texts.commit(reason.strip())
    commands, records = [], []
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
    after = await carry_out(act, matter_id, commands[0], seen=seen, texts=texts, found=found_now, then=commands[1:])
    for record in records:
        await keep_record(act.session, draw.id, record)
    return after


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
