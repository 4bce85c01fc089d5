"""What people decide about a panel: locks, the unit's proposal, the center's changes, the determination."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from selection import PanelCheck, check_panel, compose_panel, problem_json, problem_sha256
from selection import Reserve as NamedReserve
from service.access import may
from service.actions.act import Act, same_version
from service.actions.assembly import Problem, listing, pose
from service.actions.conflict_checks import CHANGE, DETERMINATION, PROPOSAL, note_check, people_on
from service.actions.declarations import declarations_missing
from service.actions.matter_stream import Texts, carry_out, stamped_edition, terms_of
from service.actions.reason import reason_faults
from service.problems import Fault, Invalid, NotFound, Refusal, Refused, Remedy
from service.regulation import Edition, Policy
from service.settings import Settings
from service.storage.declarations import pending_in, with_open_ties
from service.storage.facts import matter_of
from service.storage.judgements import decided_about
from service.storage.matter_rows import state_of
from service.storage.matters import relations_to
from service.storage.panels import (
    Lock,
    StoredPanel,
    add_changes,
    lift_lock,
    locks_of,
    panels_of,
    set_lock,
    set_panel_state,
)
from service.storage.residents import Residents
from service.storage.session import Session
from workflow import (
    COMPOSED,
    DESIGNATED,
    BrokenRule,
    Change,
    ChangeProposal,
    DeterminePanel,
    MatterState,
    Member,
    Need,
    ProposePanel,
    Reserve,
    ReturnProposal,
    floor_for,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A panel as somebody chose it, checked against a problem.

    Attributes:
        members: experts, each once.
        check: what `check_list` found about them.
        problem_sha256: the problem they were checked against.
        reserves: the engine's reserves for these members, or those drawn.
        mode: `composed` when the list is the engine's own, `drawn` when a draw gave it, else `designated`.
    """

    members: tuple[UUID, ...]
    check: PanelCheck
    problem_sha256: str
    reserves: tuple[NamedReserve, ...] = ()
    mode: str = COMPOSED


async def lock_expert(act: Act, matter_id: UUID, expert_id: UUID, *, locked: str, reason: str) -> None:
    """Keep an expert in or out by hand; kept over re-composition until it is lifted.

    Raises:
        Invalid: when the reason is missing, too short or too long, or the lock is neither `in` nor `out`.
        NotFound: when the matter or the expert is not there.
    """
    act.require("panel:lock", await relations_to(act.session, act.viewer, matter_id))
    faults = []
    if locked not in ("in", "out"):
        faults.append(Fault("locked", "FIELD_NOT_A_CHOICE"))
    faults += reason_faults(act.policy, "reason", reason)
    if faults:
        raise Invalid(faults)
    state = await state_of(act.session, matter_id)
    _open_for_panel(state)
    await set_lock(
        act.session,
        matter_id,
        expert_id,
        locked=locked,
        reason=reason.strip(),
        by_account_id=act.viewer.account_id,
        at=act.at,
    )
    act.record(
        "panel-lock.set",
        stream=f"panel-locks:{matter_id}",
        body={"expert": str(expert_id), "locked": locked},
        edition=state.edition,
    )


async def unlock_expert(act: Act, matter_id: UUID, expert_id: UUID) -> None:
    """Lift a lock.

    Raises:
        NotFound: when there is none.
    """
    act.require("panel:lock", await relations_to(act.session, act.viewer, matter_id))
    if not await lift_lock(act.session, matter_id, expert_id):
        raise NotFound(subject="lock")
    act.record("panel-lock.lifted", stream=f"panel-locks:{matter_id}", body={"expert": str(expert_id)})


async def prepare(
    session: Session,
    residents: Residents,
    matter_id: UUID,
    *,
    settings: Settings,
    edition: Edition,
    policy: Policy,
    on: date,
    need: Need | None = None,
) -> tuple[MatterState, Problem]:
    """Read a matter, the library and the ties, and make the panel problem as of a day; writes nothing.

    Args:
        session: a reading session or the unit of work that settles.
        residents: pool and ties; caught up with the session.
        matter_id: the matter.
        settings, edition, policy: of the installation; a matter keeps the edition it was stamped with.
        on: the day.
        need: another need than the matter's, to try out.

    Raises:
        NotFound: when there is no such matter.
    """
    state = await state_of(session, matter_id)
    current = await residents.current(session)
    stamped = stamped_edition(state, edition, settings)
    decided = await decided_about(session, matter_id)
    findings = current.ties.graph.check(
        await matter_of(session, matter_id),
        policy=policy.table,
        as_of=on,
        judgements=decided.judgements,
    )
    locks = await locks_of(session, matter_id)
    problem = await asyncio.to_thread(
        pose,
        current.pool,
        matter_id,
        state,
        findings,
        locks,
        edition=stamped,
        policy=policy,
        county_code=settings.county_code,
        as_of=on,
        floor=floor_for(state.flags, terms=terms_of(stamped, policy)),
        need=need,
        recused=decided.recused,
        declared=await pending_in(session, matter_id),
        unsettled=await with_open_ties(session),
    )
    return state, problem


def check_list(problem: Problem, members: Sequence[UUID], *, seed: str) -> PanelCheck:
    """Judge a list of experts against a problem, and find the smallest repair; pure work, off the event loop.

    The floor is left to the workflow, because only there a recorded reason can be accepted.
    """
    request = replace(listing(problem, members), floor=None)
    return check_panel(request, [str(expert_id) for expert_id in members], seed=seed, locked_in=problem.locked_in)


def choose_from(problem: Problem, members: tuple[UUID, ...], *, seed: str) -> Chosen:
    """Check a list of members and name reserves for it; pure work, off the event loop."""
    check = check_list(problem, members, seed=seed)
    composed = compose_panel(problem.request, seed=seed, locked_in=problem.locked_in)
    own = {UUID(member.id) for member in composed.members} == set(members)
    reserves = composed.reserves
    if not own:
        reserves = ()
        if check.status == "kept":
            # With every member locked in the one panel is this list: the answer names its reserves.
            kept = frozenset(str(member) for member in members)
            reserves = compose_panel(problem.request, seed=seed, locked_in=kept).reserves
    return Chosen(members, check, problem_sha256(problem.request), reserves, COMPOSED if own else DESIGNATED)


async def propose_panel(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    chosen: Chosen,
    *,
    seen: int,
    smaller_reason: str = "",
    paper: str = "",
    designation: str = "",
) -> MatterState:
    """Propose a panel for the unit (A32.1).

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        chosen: the panel, checked.
        seen: version of the matter.
        smaller_reason: the unit's reason for a panel below the floor (A31).
        paper: reference of the unit's letter, when the center enters its proposal.
        designation: for a list made by hand, why these people.

    Raises:
        Refused: when rules of the workflow or of the composition say no, or the library moved since the check.
    """
    act.require("panel:propose", await relations_to(act.session, act.viewer, matter_id))
    if designation.strip() and (faults := reason_faults(act.policy, "designation", designation)):
        raise Invalid(faults)
    problem = await _as_checked(act, residents, matter_id, chosen, seen=seen)
    texts = Texts()
    command = ProposePanel(
        members=_members(residents, chosen),
        reserves=_reserves(residents, chosen),
        as_of=act.on,
        problem_sha256=chosen.problem_sha256,
        mode=chosen.mode,
        waiver_asked_sha256=texts.commit(smaller_reason.strip()),
        paper_sha256=texts.commit(paper.strip()),
        designation_sha256=texts.commit(designation.strip()) if chosen.mode == DESIGNATED else "",
        hands=_hands(await locks_of(act.session, matter_id)),
    )
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts, found=_broken(act, chosen))
    await _keep_problem(act, matter_id, problem, chosen)
    await note_check(act, residents, matter_id, PROPOSAL, people_on(command))
    return after


async def change_proposal(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    chosen: Chosen,
    *,
    seen: int,
    reasons: Sequence[tuple[UUID | None, UUID | None, str]],
) -> MatterState:
    """Put the center's panel in the place of the proposed one; every person who comes or goes has a reason (A32.1).

    What is exchanged by hand waits for a second person of the center, as a list named by hand does.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        chosen: the panel the center wants, checked.
        seen: version of the matter.
        reasons: who leaves, who comes, why; one of the two may be None.
    """
    act.require("panel:change")
    problem = await _as_checked(act, residents, matter_id, chosen, seen=seen)
    texts = Texts()
    locks = await locks_of(act.session, matter_id)
    command = ChangeProposal(
        members=_members(residents, chosen),
        reserves=_reserves(residents, chosen),
        changes=tuple(
            Change(
                None if out is None else _person(residents, out),
                None if in_ is None else _person(residents, in_),
                texts.commit(reason.strip()),
            )
            for out, in_, reason in reasons
        ),
        as_of=act.on,
        problem_sha256=chosen.problem_sha256,
        # The engine's own panel, made without anybody's lock, is nobody's handiwork whatever stood before.
        hands=(str(act.viewer.person_id), *_hands(locks)) if locks or chosen.mode == DESIGNATED else (),
    )
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts, found=_broken(act, chosen))
    panel = await _keep_problem(act, matter_id, problem, chosen)
    await note_check(act, residents, matter_id, CHANGE, people_on(command))
    await add_changes(act.session, panel.id, reasons, by_account_id=act.viewer.account_id, at=act.at)
    return after


async def determine_panel(
    act: Act,
    residents: Residents,
    matter_id: UUID,
    chosen: Chosen,
    *,
    seen: int,
    flags: frozenset[str] | None = None,
    flags_reason: str = "",
    smaller_reason: str = "",
) -> MatterState:
    """Determine the proposed panel for the center (A32.1); never by the person who proposed it.

    Args:
        act: who, when.
        residents: pool and ties.
        matter_id: the matter.
        chosen: the proposed members, checked again as of today.
        seen: version of the matter.
        flags: flags confirmed in the same act; None leaves them as confirmed before.
        flags_reason: why they differ from the unit's.
        smaller_reason: why the center accepts a panel below the floor.
    """
    act.require("panel:determine")
    await _as_checked(act, residents, matter_id, chosen, seen=seen)
    texts = Texts()
    command = DeterminePanel(
        confirm_flags=flags,
        flags_reason_sha256=texts.commit(flags_reason.strip()),
        waiver_sha256=texts.commit(smaller_reason.strip()),
    )
    found = (*_broken(act, chosen), *await declarations_missing(act, chosen.members))
    after = await carry_out(act, matter_id, command, seen=seen, texts=texts, found=found)
    if after.panel is not None:
        await note_check(act, residents, matter_id, DETERMINATION, people_on(after.panel))
    return after


async def return_proposal(act: Act, matter_id: UUID, *, seen: int, reason: str) -> MatterState:
    """Send the proposal back to the unit, with a reason."""
    act.require("panel:change")
    if faults := reason_faults(act.policy, "reason", reason):
        raise Invalid(faults)
    texts = Texts()
    return await carry_out(
        act, matter_id, ReturnProposal(reason_sha256=texts.commit(reason.strip())), seen=seen, texts=texts
    )


def _open_for_panel(state: MatterState) -> None:
    if state.status in ("determined", "cancelled", "suspended"):
        raise Refused([Refusal("PANEL_CLOSED", facts={"state": state.status})])
    if state.live_draw is not None:
        number = state.live_draw.number
        raise Refused([Refusal("DRAW_STANDS", facts={"number": number}, remedies=(Remedy("VOID_DRAW"),))])


async def _as_checked(act: Act, residents: Residents, matter_id: UUID, chosen: Chosen, *, seen: int) -> Problem:
    """Make the problem again in this unit of work, and refuse when it is not the one the list was checked against."""
    state, problem = await prepare(
        act.session,
        residents,
        matter_id,
        settings=act.settings,
        edition=act.edition,
        policy=act.policy,
        on=act.on,
    )
    same_version(seen, state.version, subject=f"matter:{matter_id}")
    if await asyncio.to_thread(problem_sha256, problem.request) != chosen.problem_sha256:
        raise Refused([Refusal("LIBRARY_MOVED", edition=act.edition.id)])
    return problem


def broken_by(check: PanelCheck, *, reasons: bool = True) -> tuple[BrokenRule, ...]:
    """Return what the list breaks, as broken rules.

    Args:
        check: of the list.
        reasons: whether the reader may know why somebody is not suitable; others learn only that somebody is not.
    """
    broken = [rule for rule in check.rules if not rule.kept and not rule.waived]
    personal = [] if reasons else [rule for rule in broken if rule.at.startswith("/excluded/")]
    said = tuple(
        BrokenRule(code=rule.code, cite=rule.cite, facts=dict(rule.facts), remedies=("REPAIR_LIST",))
        for rule in broken
        if rule not in personal
    )
    return (*said, BrokenRule("NOT_SUITABLE", "", remedies=("REPAIR_LIST",))) if personal else said


def _broken(act: Act, chosen: Chosen) -> tuple[BrokenRule, ...]:
    return broken_by(chosen.check, reasons=may(act.viewer, "panel:see-reasons"))


def _hands(locks: Sequence[Lock]) -> tuple[str, ...]:
    """Return the persons of the center who keep somebody in or out by hand."""
    return tuple(dict.fromkeys(str(lock.hand) for lock in locks if lock.hand is not None))


def _members(residents: Residents, chosen: Chosen) -> tuple[Member, ...]:
    seats = {member.id: member.seat for member in chosen.check.members}
    return tuple(Member(_person(residents, expert_id), seats.get(str(expert_id))) for expert_id in chosen.members)


def _reserves(residents: Residents, chosen: Chosen) -> tuple[Reserve, ...]:
    return tuple(
        Reserve(
            _person(residents, UUID(reserve.id)),
            reserve.seat,
            tuple(_person(residents, UUID(expert_id)) for expert_id in reserve.replaces),
        )
        for reserve in chosen.reserves
    )


def _person(residents: Residents, expert_id: UUID) -> str:
    expert = residents.pool.experts.get(expert_id)
    if expert is None:
        raise NotFound(subject="expert")
    return str(expert.person_id)


async def _keep_problem(act: Act, matter_id: UUID, problem: Problem, chosen: Chosen) -> StoredPanel:
    """Keep the problem and what was checked beside the panel, so that it can be computed again by anyone."""
    panel = (await panels_of(act.session, matter_id))[-1]
    await set_panel_state(
        act.session,
        panel.id,
        problem=await asyncio.to_thread(problem_json, problem.request),
        result=chosen.check.to_json(),
        policy=act.policy.id,
    )
    return panel
