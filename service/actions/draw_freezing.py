"""Freezing the problem of a draw: who is in it under which number, and the fairest lottery over it.

In a draw people are numbers, in an order shuffled for this draw alone, and employers are letters with numbers: what is
published tells nobody who somebody is, and two draws cannot be laid side by side.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from selection import (
    Candidate,
    ExcludedRow,
    Lottery,
    PanelRequest,
    find_lottery,
    parse_lottery,
    parse_problem,
    problem_json,
    problem_sha256,
)
from service.actions.act import Act
from service.actions.assembly import Problem
from service.actions.matter_stream import refusals_of, stamped_edition, terms_of
from service.ids import new_id
from service.jobs import enqueue
from service.problems import Refusal, Refused, Remedy
from service.storage.draws import Draft, begin_draft, draft_of, drop_draft, finish_draft
from service.storage.matter_rows import state_of
from service.storage.matters import load_matter, relations_to
from service.storage.panels import locks_of
from service.storage.session import Session
from workflow import Actor, CommitDraw, MatterState, examine

FREEZE = "draw.freeze"
TIME_LIMIT = 300.0


@dataclass(frozen=True, slots=True)
class Frozen:
    """A problem with numbers in the place of people, and its lottery.

    Attributes:
        request: what is drawn from.
        people: number -> expert.
        library_sha256: hash of the problem with the library's own ids.
        lottery: the fairest lottery; None where there is none.
        answer: `lottery/1`, or the `panel-result/1` that says why there is none.
    """

    request: PanelRequest
    people: Mapping[str, UUID]
    library_sha256: str
    lottery: Lottery | None
    answer: Mapping[str, Any]

    @property
    def state(self) -> str:
        """What becomes of the draft: `ready`, `impossible` or `stopped`."""
        if self.lottery is not None:
            return "ready"
        return "impossible" if self.answer["status"] == "infeasible" else "stopped"


async def freeze_draw(act: Act, matter_id: UUID) -> UUID:
    """Have the problem of a matter frozen and its lottery computed by a job; an earlier draft falls.

    Returns:
        The job.

    Raises:
        Refused: when no draw could be committed now, or somebody is put in by hand.
    """
    await load_matter(act.session, act.viewer, matter_id)
    act.require("draw:run", await relations_to(act.session, act.viewer, matter_id))
    _hold_ready(act, await state_of(act.session, matter_id))
    if put_in := [lock for lock in await locks_of(act.session, matter_id) if lock.locked == "in"]:
        raise Refused(
            [Refusal("LOCKED_IN_BEFORE_DRAW", facts={"count": len(put_in)}, remedies=(Remedy("LIFT_LOCKS"),))]
        )
    draft_id = new_id()
    # The row of the draft names the job, the job names the draft.
    job_id = await enqueue(
        act.session,
        FREEZE,
        {"draft": str(draft_id), "matter": str(matter_id)},
        run_at=act.at,
        account_id=act.viewer.account_id,
    )
    await begin_draft(
        act.session, draft_id, matter_id, job_id=job_id, by_account_id=act.viewer.account_id, at=act.at, as_of=act.on
    )
    return job_id


async def discard_draft(act: Act, matter_id: UUID) -> None:
    """Forget a draft that was not committed; nothing was promised yet."""
    await load_matter(act.session, act.viewer, matter_id)
    act.require("draw:run", await relations_to(act.session, act.viewer, matter_id))
    await drop_draft(act.session, matter_id)


def compute(problem: Problem, *, time_limit: float = TIME_LIMIT) -> Frozen:
    """Number the people of a problem and find its lottery; pure work, to be run off the event loop."""
    people = sorted({*(one.id for one in problem.request.candidates), *problem.request.excluded_ids})
    secrets.SystemRandom().shuffle(people)
    request, numbers = veil(problem.request, people)
    found = find_lottery(request, time_limit=time_limit)
    return Frozen(
        request,
        {numbers[expert_id]: UUID(expert_id) for expert_id in people},
        problem_sha256(problem.request),
        found if isinstance(found, Lottery) else None,
        found.to_json(),
    )


def veil(request: PanelRequest, order: Sequence[str]) -> tuple[PanelRequest, dict[str, str]]:
    """Put numbers in the place of ids and employers, and leave out what the draw does not ask about.

    Args:
        request: with the library's ids.
        order: every id of the problem, shuffled; the first becomes number 1.

    Returns:
        the problem to be published, and id -> number. Of people who are excluded it holds the number and the reason.
    """
    width = max(3, len(str(len(order))))
    numbers = {one: str(place).zfill(width) for place, one in enumerate(order, 1)}
    employers: dict[str, str] = {}
    by_id = {candidate.id: candidate for candidate in request.candidates}
    candidates = []
    for one in order:
        candidate = by_id.get(one)
        if candidate is None or one in request.excluded_ids:
            continue
        attributes = dict(candidate.attributes)
        if "employer" in attributes:
            attributes["employer"] = employers.setdefault(attributes["employer"], f"U{len(employers) + 1}")
        candidates.append(Candidate(numbers[one], candidate.fields, attributes, candidate.service))
    excluded = sorted(
        (ExcludedRow(numbers[row.id], row.code, row.cite, row.never_relax) for row in request.excluded),
        key=lambda row: row.id,
    )
    return replace(request, candidates=tuple(candidates), excluded=tuple(excluded)), numbers


async def keep_frozen(session: Session, draft_id: UUID, frozen: Frozen) -> None:
    """Write a computed draft."""
    await finish_draft(
        session,
        draft_id,
        state=frozen.state,
        library_sha256=frozen.library_sha256,
        problem=problem_json(frozen.request),
        people=frozen.people,
        lottery=frozen.answer,
    )


async def ready_draft(session: Session, matter_id: UUID) -> Draft:
    """Return the draft of a matter that can be committed.

    Raises:
        Refused: when there is none, or it has no lottery.
    """
    draft = await draft_of(session, matter_id)
    if draft is None or draft.state != "ready":
        raise Refused([Refusal("DRAW_NOT_FROZEN", remedies=(Remedy("FREEZE_AGAIN"),))])
    return draft


def thawed(draft: Draft) -> tuple[PanelRequest, Lottery]:
    """Return the problem and the lottery of a ready draft; pure work, to be run off the event loop."""
    return parse_problem(draft.problem or {}), parse_lottery(draft.lottery or {})


def _hold_ready(act: Act, state: MatterState) -> None:
    """Refuse where a commitment would be refused whatever it held: nothing is computed in vain."""
    edition = stamped_edition(state, act.edition, act.settings)
    by = Actor(str(act.viewer.person_id), act.viewer.acting_role, None)
    number = 1 + sum(draw.round == state.open_round for draw in state.draws)
    broken = examine(
        state,
        CommitDraw(number, "", "", act.on, act.on, 1, ""),
        by=by,
        on=act.on,
        terms=terms_of(edition, act.policy),
    )
    if broken:
        raise Refused(refusals_of(broken, edition=edition))
