"""Looking ahead: panels for all open matters at once, and the coming years under one policy or another.

Both only compute: nobody is proposed, nothing is recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from registry import monthly_strip
from selection import Candidate
from selection.plan import Matter, PlanRequest
from service.actions.act import Act
from service.actions.assembly import Problem
from service.actions.panels import prepare
from service.jobs import Job, enqueue, newest_job, request_cancel
from service.problems import Fault, Invalid, NotFound
from service.storage.pool import Pool
from service.storage.residents import Residents
from service.storage.session import Session

SIMULATE: Final = "panels.simulate"
PLAN: Final = "panels.plan"
MONTHS_MOST: Final = 60
# A lock is for one matter as it is; the matters of the coming years are other ones.
_OF_THE_DAY: Final = frozenset({"LOCKED_OUT"})


async def begin_simulation(act: Act, *, months: int) -> UUID:
    """Queue a simulation of the coming months, unless one is under way; return its job.

    Raises:
        Invalid: when the months are not 1 to 60.
    """
    act.require("ahead:run")
    if not 1 <= months <= MONTHS_MOST:
        raise Invalid([Fault("months", "FIELD_NOT_A_NUMBER", {"least": 1, "most": MONTHS_MOST})])
    return await _begin(act, SIMULATE, {"months": months})


async def begin_plan(act: Act, *, resume: bool) -> UUID:
    """Queue a plan for all open matters, unless one is under way; return its job.

    Args:
        act: who, when.
        resume: whether to go on from the last plan, where that was stopped.
    """
    act.require("ahead:run")
    earlier = await newest_job(act.session, PLAN)
    return await _begin(act, PLAN, {"resume": str(earlier.id)} if resume and earlier is not None else {})


async def stop_job(act: Act, kind: str) -> None:
    """Ask what computes to stop; a plan keeps what it has.

    Raises:
        NotFound: when nothing of the kind is under way.
    """
    act.require("ahead:run")
    running = await newest_job(act.session, kind)
    if running is None or not await request_cancel(act.session, running.id, at=act.at):
        raise NotFound(subject="job")


async def pose_all(
    session: Session, residents: Residents, matters: Sequence[UUID], **law: Any
) -> Mapping[UUID, Problem]:
    """Make the panel problem of each matter as of one day; `law` is what `prepare` takes."""
    return {matter: (await prepare(session, residents, matter, **law))[1] for matter in matters}


def plan_of(problems: Mapping[UUID, Problem], *, expected: bool) -> PlanRequest:
    """Make one plan of many problems over the same library; pure work, to be run off the event loop.

    Args:
        problems: by matter.
        expected: whether they stand for matters to come: what was locked by hand and the floor of the past fall away.
    """
    pool: dict[str, Candidate] = {}
    matters = []
    for matter, problem in problems.items():
        request = problem.request
        for one in request.candidates:
            # The panel of the matter itself is no other duty of anybody, so that service differs by matter.
            if one.id not in pool or pool[one.id].service < one.service:
                pool[one.id] = replace(one, fit=0)
        matters.append(
            Matter(
                id=str(matter),
                size=request.size,
                seats=request.seats,
                quotas=request.quotas,
                caps=request.caps,
                apart=request.apart,
                floor=None if expected else request.floor,
                excluded=tuple(row for row in request.excluded if not (expected and row.code in _OF_THE_DAY)),
                fit={one.id: one.fit for one in request.candidates},
            )
        )
    return PlanRequest(tuple(pool.values()), tuple(matters))


def past_of(pool: Pool, request: PlanRequest, *, on: date, months: int) -> Mapping[str, tuple[int, ...]]:
    """Return candidate -> for each panel of the window how many months ago it was; 0 is the present month."""
    found = {}
    for entry in pool.experts.values():
        if str(entry.id) not in request.pool.positions:
            continue
        strip = monthly_strip([duty.duty for duty in entry.duties], as_of=on, months=months)
        ago = tuple(back for back, month in enumerate(reversed(strip)) for _ in range(month.count))
        if ago:
            found[str(entry.id)] = ago
    return found


async def _begin(act: Act, kind: str, payload: Mapping[str, Any]) -> UUID:
    running: Job | None = await newest_job(act.session, kind)
    if running is not None and not running.ended:
        return running.id
    return await enqueue(act.session, kind, payload, run_at=act.at, account_id=act.viewer.account_id, max_attempts=2)
