"""The smallest set of rows that meets every demand, first in order among the smallest."""

from collections.abc import Mapping, Sequence

from selection.model import Model
from selection.solving import Budget, solve

# At least so many rows of one of these groups: group -> least number. Met by any one of its parts.
Demand = Mapping[int, int]


def smallest(
    groups: Sequence[Sequence[int]], demands: Sequence[Demand], budget: Budget, *, first: bool
) -> list[int] | None:
    """Choose the fewest rows so that every demand is met.

    Rows of a group can stand in for one another, so that of each group the first so many are chosen.

    Args:
        groups: rows by group, in order; a row that nothing can stand in for is a group of its own.
        demands: each met when, for one of its groups, at least so many rows are chosen.
        budget: what may be spent.
        first: whether of several choices the one first in order is wanted; that takes many more solves.

    Returns:
        the rows in order, None when the budget ran out.
    """
    model = Model()
    asked = sorted({group for demand in demands for group in demand})
    number = {group: model.new_int_var(0, len(groups[group]), "") for group in asked}
    for demand in demands:
        parts = []
        for group, least in demand.items():
            part = model.new_bool_var("")
            model.add(number[group] >= least).only_enforce_if(part)
            parts.append(part)
        model.add_bool_or(parts)
    variables = [number[group] for group in asked]
    answer = solve(model, variables, budget, objective=[1] * len(variables))
    if answer.outcome != "optimal":
        return None
    model.add(sum(variables) == sum(answer.chosen))
    counts = dict(zip(asked, answer.chosen, strict=True))
    settled = dict.fromkeys(asked, 0) if first else counts
    closed: set[int] = set()
    for _, group in sorted((row, holder) for holder in asked for row in groups[holder]) if first else ():
        if group in closed:
            continue
        # A row is taken when a smallest choice holds all rows taken so far and this one.
        least = settled[group] + 1
        domain = model.proto.variables[number[group].index].domain
        domain[0] = least
        if counts[group] < least:
            trial = solve(model, variables, budget)
            if trial.outcome == "infeasible":
                domain[0] = domain[1] = least - 1
                closed.add(group)
                continue
            if trial.outcome != "optimal":
                return None
            counts = dict(zip(asked, trial.chosen, strict=True))
        settled[group] = least
    return sorted(row for group in asked for row in groups[group][: settled[group]])
