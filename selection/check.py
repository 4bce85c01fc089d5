"""Checking a list of names: every rule it keeps or breaks, and the fewest exchanges that make it a valid panel."""

import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from selection.columns import PoolColumns, columns_of
from selection.compose import best_members, refuse_unknown
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.request import Candidate, PanelRequest
from selection.result import Exchange, Member, PanelCheck, RuleVerdict
from selection.rules import exclusions_of, rules_of, verdict_of
from selection.seating import seat_members


def check_panel(
    request: PanelRequest,
    ids: Iterable[str],
    *,
    seed: str = "",
    locked_in: AbstractSet[str] = frozenset(),
    time_limit: float | None = None,
) -> PanelCheck:
    """Check a list of names against a request, and repair it.

    The repair puts in the fewest members that make the list a valid panel of the right size; of several such panels
    it is the best by the objective of `compose_panel`.

    Args:
        request: the problem.
        ids: the list; its order does not matter.
        seed: of the tie keys.
        locked_in: ids that the repaired panel must hold; somebody locked in and not on the list is put in.
        time_limit: seconds for the repair, None for no limit but the solver's work.

    Raises:
        PanelProblemFaults: when an id is no candidate, or is on the list twice; places are `/panel/n`.

    Example:
        >>> request = PanelRequest(1, (Candidate("e1", service=2), Candidate("e2")), floor=FloorRow(1))
        >>> check_panel(request, ["e1"]).status
        'kept'
    """
    pool = columns_of(request.candidates)
    refuse_unknown(locked_in, pool)
    members = members_of(ids, pool)
    verdicts = (
        _size_verdict(request, members),
        *(verdict_of(rule, members) for rule in rules_of(request)),
        *(verdict_of(rule, members) for rule in exclusions_of(request)),
    )
    seated = seat_members(members, request.seats)
    on_list = {member.id for member in members}
    if all(verdict.kept or verdict.waived for verdict in verdicts) and locked_in <= on_list:
        return PanelCheck(request, "kept", seated, verdicts, exchanges=(), repaired=seated, seed=seed)
    return _repaired(request, pool, members, verdicts, seed=seed, locked_in=locked_in, time_limit=time_limit)


def _repaired(
    request: PanelRequest,
    pool: PoolColumns,
    members: Sequence[Candidate],
    verdicts: tuple[RuleVerdict, ...],
    *,
    seed: str,
    locked_in: AbstractSet[str],
    time_limit: float | None,
) -> PanelCheck:
    from selection.blocking import blocking_rules
    from selection.solving import SOLVER, Budget

    broken = any(not verdict.kept and not verdict.waived for verdict in verdicts)
    before = seat_members(members, request.seats)
    budget = Budget.of(time_limit)
    keep = frozenset(member.id for member in members)
    choice, repaired = best_members(request, pool, budget, seed=seed, locked_in=locked_in, keep=keep)
    after = seat_members(repaired, request.seats)
    blocking = blocking_rules(request, pool, budget, locked_in=locked_in) if choice.outcome == "infeasible" else None
    return PanelCheck(
        request,
        "broken" if broken else "kept",
        before,
        verdicts,
        exchanges=paired_exchanges(before, after) if repaired else None,
        repaired=after,
        repair=choice.outcome,
        blocking=blocking.rules if blocking else (),
        ways_out=blocking.ways_out if blocking else (),
        seed=seed,
        solver=SOLVER,
    )


def members_of(ids: Iterable[str], pool: PoolColumns) -> tuple[Candidate, ...]:
    """Return the candidates of a list of ids; every unknown or repeated one is a fault at `/panel/n`."""
    faults: list[PanelProblemFault] = []
    found: dict[str, Candidate] = {}
    for index, given in enumerate(ids):
        one = unicodedata.normalize("NFC", given)
        if one not in pool.positions:
            faults.append(PanelProblemFault(f"/panel/{index}", "ID_UNKNOWN", {"id": one}))
        elif one in found:
            faults.append(PanelProblemFault(f"/panel/{index}", "ID_REPEATED", {"id": one}))
        else:
            found[one] = pool.candidates[pool.positions[one]]
    if faults:
        raise PanelProblemFaults(faults)
    return tuple(found.values())


def _size_verdict(request: PanelRequest, members: Sequence[Candidate]) -> RuleVerdict:
    facts = {"size": request.size, "count": len(members)}
    return RuleVerdict("PANEL_SIZE", "", "/size", len(members) == request.size, facts=facts)


def paired_exchanges(before: Sequence[Member], after: Sequence[Member]) -> tuple[Exchange, ...]:
    """Pair who leaves with who joins: first those who give and take a seat of one field, then the others by id."""
    stays = {member.id for member in before} & {member.id for member in after}
    leaving = [member for member in before if member.id not in stays]
    joining = [member for member in after if member.id not in stays]
    found: list[Exchange] = []
    for member in tuple(leaving):
        partner = next((one for one in joining if one.seat == member.seat), None)
        if partner is not None:
            found.append(Exchange(member.id, partner.id))
            leaving.remove(member)
            joining.remove(partner)
    rest = zip_longest(sorted(one.id for one in leaving), sorted(one.id for one in joining))
    return (*found, *(Exchange(out, come) for out, come in rest))
