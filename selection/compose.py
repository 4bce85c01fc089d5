"""Composing the best panel: fair load first, then fit, then the tie keys of the seed; proven optimal."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import numpy as np

from selection.columns import PoolColumns, columns_of
from selection.faults import PanelProblemFault, PanelProblemFaults
from selection.kernel import Kernel, kernel_of
from selection.request import LARGEST_FIT, Candidate, PanelRequest
from selection.reserves import name_reserves
from selection.result import Objective, PanelResult, RuleVerdict
from selection.rules import Rule, Seated, add_seating, binds, locked_rules, rules_of, verdict_of
from selection.seating import seat_members

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from selection.solving import Budget, Choice


def compose_panel(
    request: PanelRequest,
    *,
    seed: str = "",
    locked_in: AbstractSet[str] = frozenset(),
    time_limit: float | None = None,
) -> PanelResult:
    """Compose the best panel, or say which rules cannot hold together.

    Minimise the sum of `2*service + 1` over the members; then minus the sum of `fit`; then the sum of the tie keys
    of the seed; should two panels still be equal, the smaller sorted list of ids. Subject to: `size` members, none
    excluded, all seats filled, every quota, cap and pair kept, the floor kept or waived, and the locked members in.

    Args:
        request: the problem.
        seed: of the tie keys; one request with one seed has one answer, on every machine.
        locked_in: ids that must be members; a blocking rule for one of them is at `/locked/n`, by id.
        time_limit: seconds after which to stop with the best panel found, None for no limit but the solver's work.

    Raises:
        PanelProblemFaults: when a locked id is no candidate.

    Example:
        >>> request = PanelRequest(1, (Candidate("e1", service=2), Candidate("e2", service=1)))
        >>> [member.id for member in compose_panel(request).members]
        ['e2']
    """
    from selection.solving import SOLVER, Budget

    pool = columns_of(request.candidates)
    refuse_unknown(locked_in, pool)
    budget = Budget.of(time_limit)
    rules = rules_of(request)
    choice, members = best_members(request, pool, budget, seed=seed, locked_in=locked_in, keep=frozenset())
    if choice.outcome == "infeasible":
        from selection.blocking import blocking_rules

        found = blocking_rules(request, pool, budget, locked_in=locked_in)
        return PanelResult(
            request,
            "infeasible",
            seed,
            blocking=found.rules,
            fewest_proven=found.fewest_proven,
            ways_out=found.ways_out,
            solver=SOLVER,
        )
    if not members:
        return PanelResult(request, "stopped", seed, solver=SOLVER)
    verdicts = tuple(verdict_of(rule, members) for rule in rules)
    _prove(verdicts, request, members, locked_in)
    reserves = name_reserves(request, pool, members, seed=seed)
    objective = objective_of(members)
    return PanelResult(
        request,
        "optimal" if choice.outcome == "optimal" else "feasible",
        seed,
        members=seat_members(members, request.seats),
        reserves=reserves,
        reserves_missing=request.reserves - len(reserves),
        objective=objective,
        bound=_bound(choice, objective, request.size),
        rules=verdicts,
        solver=SOLVER,
    )


def best_members(
    request: PanelRequest,
    pool: PoolColumns,
    budget: "Budget",
    *,
    seed: str,
    locked_in: AbstractSet[str],
    keep: AbstractSet[str],
) -> "tuple[Choice, tuple[Candidate, ...]]":
    """Return the best panel and how well it is proven; no members when none was found.

    Args:
        request: the problem.
        pool: its candidates.
        budget: what may be spent.
        seed: of the tie keys.
        locked_in: ids that must be members.
        keep: ids of whom as many as possible are to be members, before every other aim.
    """
    from selection.solving import Choice, Level, minimise_in_order

    rules = [rule for rule in (*rules_of(request), *locked_rules(locked_in)) if binds(rule)]
    kernel = kernel_of(request, pool, staying=locked_in | keep, seed=seed)
    if len(kernel.positions) < request.size:
        return Choice("infeasible"), ()
    candidates = [pool.candidates[position] for position in kernel.positions]
    model, member = _model(request, candidates, rules)
    choice = minimise_in_order(
        model,
        member,
        request.size,
        [Level(level) for level in _levels(pool, kernel, keep)],
        budget,
        names=[candidate.id for candidate in candidates],
    )
    return choice, tuple(one for one, taken in zip(candidates, choice.chosen, strict=False) if taken)


def objective_of(members: Sequence[Candidate]) -> Objective:
    """Return the objective of a panel."""
    return Objective(sum(2 * one.service + 1 for one in members), sum(one.fit for one in members))


def _model(
    request: PanelRequest, candidates: Sequence[Candidate], rules: Sequence[Rule]
) -> "tuple[cp_model.CpModel, list[cp_model.IntVar]]":
    from selection.model import Model

    model = Model()
    member = [model.new_bool_var("") for _ in candidates]
    model.add(sum(member) == request.size)
    positions = {candidate.id: position for position, candidate in enumerate(candidates)}
    seated = Seated(candidates, member, positions, add_seating(model, candidates, member, request.seats))
    for rule in rules:
        rule.add_to(model, seated, when=None)
    return model, member


def _levels(pool: PoolColumns, kernel: Kernel, keep: AbstractSet[str]) -> list[list[int]]:
    # What a candidate costs is a column of the pool: in a plan it differs from matter to matter.
    service, unfit = np.divmod(pool.cost[list(kernel.positions)], LARGEST_FIT + 1)
    levels = [(2 * service + 1).tolist(), unfit.tolist(), list(kernel.ties)]
    return [[int(pool.candidates[one].id not in keep) for one in kernel.positions], *levels] if keep else levels


def _bound(choice: "Choice", objective: Objective, size: int) -> Objective:
    """Return what no panel can be better than: for what is not proven, the solver's bound."""
    if choice.proven == 0:
        return Objective(min(choice.bound or 0, objective.service), LARGEST_FIT * size)
    if choice.proven == 1:
        unfit = LARGEST_FIT * size - objective.fit if choice.bound is None else choice.bound
        return Objective(objective.service, max(LARGEST_FIT * size - unfit, objective.fit))
    return objective


def refuse_unknown(locked_in: AbstractSet[str], pool: PoolColumns) -> None:
    """Refuse locked ids that no candidate has.

    Raises:
        PanelProblemFaults: with every such id, at `/locked/n`.
    """
    faults = [
        PanelProblemFault(f"/locked/{index}", "ID_UNKNOWN", {"id": one})
        for index, one in enumerate(sorted(locked_in))
        if one not in pool.positions
    ]
    if faults:
        raise PanelProblemFaults(faults)


def _prove(
    verdicts: Sequence[RuleVerdict], request: PanelRequest, members: Sequence[Candidate], locked_in: AbstractSet[str]
) -> None:
    """Hold the panel against every rule without the solver: what the solver says is never printed unproven."""
    ids = {member.id for member in members}
    broken = [verdict.at for verdict in verdicts if not verdict.kept and not verdict.waived]
    if broken or len(ids) != request.size or not locked_in <= ids or ids & request.excluded_ids:
        raise RuntimeError(f"the solver's panel does not keep the rules: {broken}")
