"""What another local policy would change: the open matters checked twice, under the policy in force and the one tried.

Nothing is kept and nobody is told; what the regulation itself blocks is not for the county to change and stays.
"""

import asyncio
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from conflicts import Policy, Shift, compare
from service.access import Viewer
from service.storage.conflict_inbox import OpenMatter, open_matters
from service.storage.facts import matter_of
from service.storage.judgements import Decided, decided_in
from service.storage.matters import visible_to
from service.storage.pool import PoolExpert
from service.storage.residents import Residents
from service.storage.rows.matters import MatterRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class MatterTrial:
    """An open matter in which somebody would stand otherwise; those on its panel first."""

    matter: OpenMatter
    shifts: tuple[tuple[PoolExpert, Shift], ...]

    @property
    def on_panel(self) -> int:
        """How many of them are members of the panel."""
        return sum(self.matter.seats.get(shift.person) == "member" for _, shift in self.shifts)


async def try_policy(
    session: Session, viewer: Viewer, residents: Residents, *, now: Policy, tried: Policy, day: date
) -> tuple[MatterTrial, ...]:
    """Return the open matters for the viewer in which an expert would stand otherwise, panels concerned first.

    Args:
        session: a reading session.
        viewer: who asks.
        residents: pool and ties.
        now: the policy in force.
        tried: the other one.
        day: judged.
    """
    current = await residents.current(session)
    matters = await open_matters(session, day=day)
    shown = set(await session.scalars(select(MatterRow.id).where(MatterRow.id.in_(matters), visible_to(viewer))))
    decided = await decided_in(session, shown)
    pool, graph = current.pool, current.ties.graph
    found: list[MatterTrial] = []
    for matter_id in shown:
        matter, judgements = matters[matter_id], decided.get(matter_id, Decided()).judgements
        checked = await matter_of(session, matter_id)
        before, after = (
            graph.check(checked, policy=policy, as_of=day, judgements=judgements) for policy in (now, tried)
        )
        shifts = [
            (pool.experts[expert_id], shift)
            for shift in compare(before, after)
            if (expert_id := pool.by_person.get(UUID(shift.person))) is not None
            and shift.outcomes[0] is not shift.outcomes[1]
        ]
        shifts.sort(key=lambda one: (one[1].person not in matter.seats, one[0].name, one[0].number))
        if shifts:
            found.append(MatterTrial(matter, tuple(shifts)))
        await asyncio.sleep(0)  # others may answer between two matters
    return tuple(sorted(found, key=lambda one: (-one.on_panel, -len(one.shifts), one.matter.number)))
