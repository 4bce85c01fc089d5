"""Acts out the matters of the demonstration county: history is recorded, the rest runs as it would have run."""

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from selection import Reserve, compose_panel, problem_sha256
from service.actions.act import Act
from service.actions.assembly import Problem
from service.actions.matters import (
    Opening,
    PartyEntry,
    Record,
    cancel_matter,
    open_matter,
    record_matter,
    suspend_matter,
)
from service.actions.panel_modes import approve_designation
from service.actions.panels import Chosen, change_proposal, check_list, determine_panel, prepare, propose_panel
from service.demo.accounts import DEMO_ACCOUNTS, LIAISON_ACCOUNTS
from service.demo.acting import Stage
from service.demo.matters import DemoMatter
from service.storage.panels import panels_of
from service.storage.session import reading
from workflow import COMPOSED, DESIGNATED, MatterState, Need, Seat

CLERK, HEAD = "center", "head"
RESERVES = 2

_CLERK_OF = {account.unit: account.login for account in (*LIAISON_ACCOUNTS, *DEMO_ACCOUNTS) if "unit" in account.roles}


class PanelMissing(RuntimeError):
    """A matter of the demonstration county has no panel: its data no longer fit the policy."""


async def record(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Enter a matter from before the edition as history."""
    seats: list[str | None] = [seat.field for seat in matter.seats for _ in range(seat.count)]
    seats += [None] * (matter.size - len(seats))
    entry = Record(
        title=matter.title,
        unit_id=stage.ids[matter.unit],
        kind=matter.kind,
        opened_on=matter.opened_on,
        determined_on=matter.determined_on or matter.opened_on,
        members=tuple(zip((stage.people[key] for key in matter.members), seats, strict=True)),
        parties=_parties(stage, matter),
        flags=frozenset(matter.flags),
    )
    stage.ids[matter.key] = await stage.act(CLERK, day, lambda act: record_matter(act, entry))


async def open_(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Open a matter as its unit, with its need unless it has none yet."""
    need = Need(
        size=matter.size,
        seats=tuple(Seat(seat.field, seat.count) for seat in matter.seats),
        reserves=RESERVES,
    )
    opening = Opening(
        title=matter.title,
        unit_id=stage.ids[matter.unit],
        kind=matter.kind,
        parties=_parties(stage, matter),
        need=None if matter.state == "opened" else need,
        flags=frozenset(matter.flags),
    )
    stage.ids[matter.key] = await stage.act(_CLERK_OF[matter.unit], day, lambda act: open_matter(act, opening))


async def propose(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Compose the best panel of the day and propose it as the unit."""
    state, problem = await _problem(stage, matter, day)
    chosen = await asyncio.to_thread(_compose, problem, matter.key)

    async def act(act: Act) -> MatterState:
        return await propose_panel(act, stage.residents, stage.ids[matter.key], chosen, seen=state.version)

    await stage.act(_CLERK_OF[matter.unit], day, act)


async def change(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Put a reserve in the place of a member for the center, with the reason."""
    state, problem = await _problem(stage, matter, day)
    chosen, out, comes = await asyncio.to_thread(_exchange, problem, matter.key, await _proposed(stage, matter))

    async def act(act: Act) -> MatterState:
        return await change_proposal(
            act,
            stage.residents,
            stage.ids[matter.key],
            chosen,
            seen=state.version,
            reasons=[(out, comes, matter.reason)],
        )

    await stage.act(CLERK, day, act)


async def determine(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Determine the proposed panel for the center, which confirms the flags in the same act.

    The head does, or seconds what the clerk changed by hand and leaves the determination to the clerk.
    """
    who = HEAD
    if matter.changed:
        who = CLERK
        changed, _ = await _problem(stage, matter, day)
        await stage.act(HEAD, day, lambda act: approve_designation(act, stage.ids[matter.key], seen=changed.version))
    state, problem = await _problem(stage, matter, day)
    chosen = await asyncio.to_thread(_check, problem, matter.key, await _proposed(stage, matter))
    flags = frozenset(matter.flags)

    async def act(act: Act) -> MatterState:
        return await determine_panel(
            act, stage.residents, stage.ids[matter.key], chosen, seen=state.version, flags=flags
        )

    await stage.act(who, day, act)


async def stop(stage: Stage, matter: DemoMatter, day: date) -> None:
    """Cancel a matter, or let it rest, as its unit."""
    state, _ = await _problem(stage, matter, day)
    stopping = cancel_matter if matter.state == "cancelled" else suspend_matter

    async def act(act: Act) -> MatterState:
        return await stopping(act, stage.ids[matter.key], reason=matter.reason, seen=state.version)

    await stage.act(_CLERK_OF[matter.unit], day, act)


async def _problem(stage: Stage, matter: DemoMatter, day: date) -> tuple[MatterState, Problem]:
    async with reading(stage.database) as session:
        return await prepare(
            session,
            stage.residents,
            stage.ids[matter.key],
            settings=stage.settings,
            edition=stage.edition,
            policy=stage.policy,
            on=day,
        )


async def _proposed(stage: Stage, matter: DemoMatter) -> tuple[UUID, ...]:
    async with reading(stage.database) as session:
        panel = (await panels_of(session, stage.ids[matter.key]))[-1]
    return tuple(seat.expert_id for seat in panel.members)


def _compose(problem: Problem, key: str) -> Chosen:
    result = compose_panel(problem.request, seed=key, locked_in=problem.locked_in)
    if not result.members:
        raise PanelMissing(key, [row.at for row in result.blocking])
    return _check(problem, key, tuple(UUID(member.id) for member in result.members), result.reserves)


def _exchange(problem: Problem, key: str, before: tuple[UUID, ...]) -> tuple[Chosen, UUID, UUID]:
    """Return the list with one member exchanged for somebody free who leaves it valid: who goes, who comes."""
    free = sorted(
        standing.entry.number
        for standing in problem.standings.values()
        if standing.zone == "free" and standing.id not in before
    )
    by_number = {standing.entry.number: standing.id for standing in problem.standings.values()}
    for comes in (by_number[number] for number in free):
        for out in before:
            members = tuple(comes if member == out else member for member in before)
            if check_list(problem, members, seed=key).status == "kept":
                kept = frozenset(str(member) for member in members)
                named = compose_panel(problem.request, seed=key, locked_in=kept)
                return _check(problem, key, members, named.reserves, mode=DESIGNATED), out, comes
    raise PanelMissing(key, ["exchange"])


def _check(
    problem: Problem, key: str, members: tuple[UUID, ...], reserves: Sequence[Reserve] = (), *, mode: str = COMPOSED
) -> Chosen:
    check = check_list(problem, members, seed=key)
    return Chosen(members, check, problem_sha256(problem.request), tuple(reserves), mode)


def _parties(stage: Stage, matter: DemoMatter) -> tuple[PartyEntry, ...]:
    return tuple(PartyEntry(organisation_id=stage.ids[key]) for key in matter.parties)
