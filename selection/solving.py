"""The one way in which a model is solved: one worker, fixed parameters, exact in every comparison, within a budget."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final, Literal

from ortools.sat.python import cp_model

SOLVER: Final = f"OR-Tools CP-SAT {version('ortools')}"

# Work that the solver may do for one answer, in its own deterministic unit: about a second each, alike everywhere.
DEFAULT_WORK: Final = 120.0
# Small models are solved best as they stand; large ones need the solver's own reductions first.
_SMALL: Final = 1_500
# A sum of several aims stays below this, so that the solver adds it without overflow. The solver compares its bounds
# as floating-point numbers; only the last aim may be that large, for the search for other choices proves it again.
_LARGEST_SUM: Final = 2**58
_LARGEST_EXACT_SUM: Final = 2**52
# What a floating-point bound of the solver may be off by, relative.
_BOUND_SLACK: Final = 2.0**-50

Outcome = Literal["optimal", "feasible", "infeasible", "stopped"]


@dataclass(slots=True)
class Budget:
    """What is left of the time of one answer.

    Attributes:
        deadline: `time.monotonic()` at which to stop, None without a limit.
        work: deterministic work left.
    """

    deadline: float | None = None
    work: float = DEFAULT_WORK

    @classmethod
    def of(cls, time_limit: float | None) -> "Budget":
        """Return a budget that ends after so many seconds; without a limit only the work is bounded."""
        return cls(None if time_limit is None else time.monotonic() + time_limit)

    @property
    def seconds(self) -> float | None:
        """Seconds left, None without a limit."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left."""
        return self.work <= 0 or self.seconds == 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solve found.

    Attributes:
        outcome: `optimal` also for a solution found without an objective.
        chosen: the values of the variables asked about; empty without a solution.
        bound: proven lower bound of the objective.
        core: where it is infeasible under assumptions, indices of assumptions that cannot hold together.
    """

    outcome: Outcome
    chosen: tuple[int, ...] = ()
    bound: int = 0
    core: tuple[int, ...] = ()


def solve(
    model: cp_model.CpModel,
    variables: Sequence[cp_model.IntVar],
    budget: Budget,
    *,
    objective: Sequence[int] | None = None,
    in_order: bool = False,
    as_small: int | None = None,
) -> Answer:
    """Solve a model once.

    Args:
        model: the model; its objective is replaced.
        variables: whose values are wanted.
        budget: what may be spent; what was spent is taken off.
        objective: coefficients of `variables` to minimise, None to look for any solution.
        in_order: True to decide in the order of the model's decision strategy alone: then the solution found without
            an objective is the first in this order, whatever the solver learned on the way.
        as_small: how many variables the model counts as having, None for those asked about.
    """
    if budget.is_spent:
        return Answer("stopped")
    model.clear_objective()  # type: ignore[no-untyped-call]  # the method has no annotations
    if objective is not None:
        model.minimize(cp_model.LinearExpr.weighted_sum(variables, objective))
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.random_seed = 0
    parameters.catch_sigint_signal = False
    parameters.absolute_gap_limit = 0.0
    parameters.max_deterministic_time = budget.work
    if budget.seconds is not None:
        parameters.max_time_in_seconds = budget.seconds
    # Presolve may name a literal outside the assumptions, so it stays off where there are any.
    if (len(variables) if as_small is None else as_small) <= _SMALL or model.proto.assumptions:
        parameters.cp_model_presolve = False
        parameters.linearization_level = 2
    if in_order:
        parameters.search_branching = cp_model.FIXED_SEARCH
    status = solver.solve(model)
    budget.work -= solver.deterministic_time
    if status == cp_model.INFEASIBLE:
        return Answer("infeasible", core=tuple(solver.sufficient_assumptions_for_infeasibility()))
    if status == cp_model.MODEL_INVALID:
        raise RuntimeError(f"the model is invalid: {model.validate()}")
    lowest = solver.best_objective_bound if objective is not None else 0.0
    bound = int(lowest - abs(lowest) * _BOUND_SLACK - 1)
    if status == cp_model.UNKNOWN:
        return Answer("stopped", bound=bound)
    values = tuple(solver.value(variable) for variable in variables)
    return Answer("optimal" if status == cp_model.OPTIMAL else "feasible", values, bound)


@dataclass(frozen=True, slots=True)
class Level:
    """One aim of several in order: the sum over the chosen is to be small."""

    coefficients: Sequence[int]

    def sum_over(self, chosen: Sequence[int]) -> int:
        """Return the value of the aim, exact."""
        return sum(one for one, taken in zip(self.coefficients, chosen, strict=True) if taken)


@dataclass(frozen=True, slots=True)
class Choice:
    """The best choice for aims in order.

    Attributes:
        outcome: `optimal` with a proof that nothing is better in any aim.
        chosen: 0 or 1 by variable; empty when nothing was found.
        proven: how many of the aims are proven, from the first.
        bound: proven lower bound of the first aim that is not proven, None where none is.
    """

    outcome: Outcome
    chosen: tuple[int, ...] = ()
    proven: int = 0
    bound: int | None = None


def minimise_in_order(
    model: cp_model.CpModel,
    variables: Sequence[cp_model.IntVar],
    count: int,
    levels: Sequence[Level],
    budget: Budget,
    *,
    names: Sequence[str],
) -> Choice:
    """Choose exactly `count` variables so that each aim is least among the choices best in all aims before it.

    Among choices equal in all aims it is the one whose sorted names come first. Aims are put together into one solve
    while their weights fit into a machine word. Then every other choice as good in all aims is asked for, until
    there is none: that proves the choice by whole numbers alone.

    Args:
        model: with the constraint that `count` of the variables are 1; constraints are added to it.
        variables: 0/1 variables.
        count: how many are 1.
        levels: aims, the most important first, with coefficients of at least 0.
        budget: what may be spent.
        names: of the variables.
    """
    chosen: tuple[int, ...] = ()
    done = 0
    while done < len(levels):
        merged, taken = _merged(levels[done:], count)
        answer = solve(model, variables, budget, objective=merged)
        if answer.outcome == "infeasible":
            return Choice("infeasible")
        if answer.outcome == "stopped":
            return Choice("feasible" if chosen else "stopped", chosen, done)
        chosen = answer.chosen
        if answer.outcome == "feasible":
            weight = _weight_after(levels[done : done + taken], count)
            least = count * min(levels[done].coefficients, default=0)
            return Choice("feasible", chosen, done, max(answer.bound // weight, 0) + least)
        for level in levels[done : done + taken]:
            model.add(cp_model.LinearExpr.weighted_sum(variables, level.coefficients) <= level.sum_over(chosen))
        done += taken
    return _first_of_equals(model, variables, chosen, levels, budget, names)


def _first_of_equals(
    model: cp_model.CpModel,
    variables: Sequence[cp_model.IntVar],
    chosen: tuple[int, ...],
    levels: Sequence[Level],
    budget: Budget,
    names: Sequence[str],
) -> Choice:
    best = chosen
    while True:
        model.add(sum(one for one, taken in zip(variables, chosen, strict=True) if taken) <= sum(chosen) - 1)
        answer = solve(model, variables, budget)
        if answer.outcome == "infeasible":
            return Choice("optimal", best, len(levels))
        if answer.outcome == "stopped":
            return Choice("feasible", best, len(levels) - 1, levels[-1].sum_over(best))
        chosen = answer.chosen
        if _rank(chosen, levels, names) < _rank(best, levels, names):
            best = chosen


def _rank(chosen: Sequence[int], levels: Sequence[Level], names: Sequence[str]) -> tuple[list[int], list[str]]:
    return (
        [level.sum_over(chosen) for level in levels],
        sorted(name for name, taken in zip(names, chosen, strict=True) if taken),
    )


def _merged(levels: Sequence[Level], count: int) -> tuple[list[int], int]:
    """Return the coefficients of as many aims as fit into one sum, and how many these are."""
    merged = _shifted(levels[0])
    taken = 1
    for level in levels[1:]:
        shifted = _shifted(level)
        weight = _largest_sum(shifted, count) + 1
        together = [one * weight + other for one, other in zip(merged, shifted, strict=True)]
        limit = _LARGEST_SUM if taken + 1 == len(levels) else _LARGEST_EXACT_SUM
        if _largest_sum(together, count) >= limit:
            break
        merged, taken = together, taken + 1
    return merged, taken


def _weight_after(levels: Sequence[Level], count: int) -> int:
    weight = 1
    for level in levels[1:]:
        weight *= _largest_sum(_shifted(level), count) + 1
    return weight


def _shifted(level: Level) -> list[int]:
    # Exactly `count` are chosen, so a constant less on each changes every choice alike.
    least = min(level.coefficients, default=0)
    return [one - least for one in level.coefficients]


def _largest_sum(coefficients: Sequence[int], count: int) -> int:
    return sum(sorted(coefficients, reverse=True)[:count])
